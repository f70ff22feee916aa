//! `~/move_servo`: one joint, with speed and easing.

use std::time::Duration;

use r2r::shaky_steve::action::MoveServo;
use steve_core::arm::{ArmSnapshot, GoalId, MoveRequest, ValidMove};
use steve_drivers::servo_thread::ServoHandle;

use super::carry_out::{see_through, told};
use crate::action::{ActionServer, Goal, Options, Outcome};
use crate::error::NodeError;
use crate::parameters::Parameters;
use crate::spin::Spinner;

type Action = MoveServo::Action;

pub(super) fn serve(
    spinner: &mut Spinner,
    options: Options<'_>,
    parameters: &Parameters,
    servos: &ServoHandle,
) -> Result<ActionServer<Action>, NodeError> {
    let (judge, mover, parameters) = (servos.clone(), servos.clone(), parameters.clone());
    ActionServer::create(
        spinner,
        options,
        move |goal: &MoveServo::Goal| {
            let request =
                MoveRequest::one(goal.joint.clone(), goal.position, goal.speed, goal.easing.clone());
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
) -> impl Future<Output = Outcome<MoveServo::Result>> + Send {
    let motion = servos.move_joints(valid);
    let id = motion.id;
    async move {
        let tell = |snapshot: &ArmSnapshot| tell(snapshot, id, &goal);
        let outcome = see_through(&servos, motion, goal.end_wanted(), feedback_period, tell).await;
        let position = outcome.position().unwrap_or(f64::NAN);
        let result = MoveServo::Result { position, message: outcome.message.clone() };
        told("~/move_servo", outcome.end, &outcome.message, result)
    }
}

fn tell(snapshot: &ArmSnapshot, id: GoalId, goal: &Goal<Action>) {
    // None: the servo thread has not begun yet, or has just ended.
    if let Some(progress) = snapshot.progress(id) {
        goal.feedback(MoveServo::Feedback {
            position: progress.position,
            progress: progress.progress,
            remaining: progress.remaining,
        });
    }
}
