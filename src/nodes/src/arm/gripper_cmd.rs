//! `~/gripper_cmd`: the clamp as any gripper, control_msgs/GripperCommand.
//!
//! `position` is the width of the opening in m. `max_effort` is not looked at: a hobby servo has no torque control. Nor does
//! it measure anything, so `position` in feedback and result is the setpoint, `effort` is 0 and `stalled` is never true.

use steve_core::arm::MoveRequest;

/// The joint that grips; a robot without it has no such action.
pub(super) const JOINT: &str = "clamp";

/// The command as a request: as fast as the limits allow, smoothly.
fn request(position: f64) -> Result<MoveRequest, String> {
    // Infinity means "as far as it goes" to MoveServo; those who write to any gripper know nothing of that.
    if !position.is_finite() {
        return Err(format!("command.position: {position} is no finite number"));
    }
    Ok(MoveRequest::one(JOINT, position, 0.0, ""))
}

#[cfg(control_msgs)]
pub(super) use server::serve;

#[cfg(control_msgs)]
mod server {
    use std::time::Duration;

    use r2r::control_msgs::action::GripperCommand;
    use steve_core::arm::{MoveOutcome, ValidMove};
    use steve_drivers::servo_thread::ServoHandle;

    use super::super::carry_out::{see_through, told};
    use crate::action::{ActionServer, Goal, Options, Outcome};
    use crate::error::NodeError;
    use crate::parameters::Parameters;
    use crate::spin::Spinner;

    type Action = GripperCommand::Action;

    pub(in crate::arm) fn serve(
        spinner: &mut Spinner,
        options: Options<'_>,
        parameters: &Parameters,
        servos: &ServoHandle,
    ) -> Result<ActionServer<Action>, NodeError> {
        let (judge, mover, parameters) = (servos.clone(), servos.clone(), parameters.clone());
        ActionServer::create(
            spinner,
            options,
            move |goal: &GripperCommand::Goal| {
                let request = super::request(goal.command.position)?;
                judge.validate(&request).map_err(|error| error.to_string())
            },
            move |valid, goal| {
                let period = Duration::from_secs_f64(1.0 / parameters.number("feedback_rate"));
                carry_out(mover.clone(), valid, goal, period)
            },
        )
    }

    /// Starts the move at once; the future sees it through to its end.
    fn carry_out(
        servos: ServoHandle,
        valid: ValidMove,
        goal: Goal<Action>,
        feedback_period: Duration,
    ) -> impl Future<Output = Outcome<GripperCommand::Result>> + Send {
        let motion = servos.move_joints(valid);
        let id = motion.id;
        async move {
            let tell = |snapshot: &steve_core::arm::ArmSnapshot| {
                if let Some(progress) = snapshot.progress(id) {
                    let position = progress.position;
                    goal.feedback(GripperCommand::Feedback { position, ..Default::default() });
                }
            };
            let outcome = see_through(&servos, motion, goal.end_wanted(), feedback_period, tell).await;
            let result = result(&outcome);
            told("~/gripper_cmd", outcome.end, &outcome.message, result)
        }
    }

    fn result(outcome: &MoveOutcome) -> GripperCommand::Result {
        GripperCommand::Result {
            position: outcome.position().unwrap_or(f64::NAN),
            effort: 0.0,
            stalled: false,
            reached_goal: outcome.end.succeeded(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_width_is_asked_of_the_clamp_as_fast_as_it_goes() {
        assert_eq!(request(0.02), Ok(MoveRequest::one("clamp", 0.02, 0.0, "")));
    }

    #[test]
    fn what_is_no_finite_width_is_refused() {
        for position in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert!(request(position).unwrap_err().starts_with("command.position: "));
        }
    }
}
