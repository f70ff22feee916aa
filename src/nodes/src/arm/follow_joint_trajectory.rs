//! `~/follow_joint_trajectory`: a trajectory with tolerances, feedback and result, control_msgs/FollowJointTrajectory.
//!
//! As the joint_trajectory_controller of ros2_controllers with `allow_partial_joints_goal`. A hobby servo measures nothing:
//! `actual` is the setpoint, which differs from `desired` where the limits do not let it follow, and so do the tolerances.

use std::time::{Duration, SystemTime};

use r2r::control_msgs::action::FollowJointTrajectory;
use r2r::control_msgs::msg::JointTolerance as ToleranceMessage;
use steve_core::arm::{ArmSnapshot, MoveOutcome};
use steve_core::trajectory::{JointTolerance, TrajectoryRequest, ValidTrajectory};
use steve_drivers::servo_thread::ServoHandle;

use super::carry_out::{see_through, told};
use super::trajectory::{self, Tracking};
use crate::action::{ActionServer, Goal, Options, Outcome};
use crate::error::NodeError;
use crate::parameters::Parameters;
use crate::spin::Spinner;
use crate::time;

type Action = FollowJointTrajectory::Action;

/// An accepted goal.
struct Accepted {
    trajectory: ValidTrajectory,
    /// As the client ordered them.
    joint_names: Vec<String>,
    /// When the trajectory starts, on the servo thread's clock in seconds; may lie before that clock began.
    start: f64,
}

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
        move |goal: &FollowJointTrajectory::Goal| {
            let request = request(goal, SystemTime::now())?;
            match judge.validate_trajectory(&request) {
                Ok(trajectory) => Ok(Accepted {
                    trajectory,
                    start: judge.elapsed().as_secs_f64() + request.start_in,
                    joint_names: request.joints,
                }),
                Err(refused) => Err(trajectory::refusal(refused.code(), &refused)),
            }
        },
        move |accepted, goal| {
            let period = Duration::from_secs_f64(1.0 / parameters.number("feedback_rate"));
            carry_out(mover.clone(), accepted, goal, period)
        },
    )
}

fn request(goal: &FollowJointTrajectory::Goal, now: SystemTime) -> Result<TrajectoryRequest, String> {
    let multi_dof = &goal.multi_dof_trajectory;
    trajectory::no_multi_dof(&[
        ("multi_dof_trajectory.joint_names", multi_dof.joint_names.len()),
        ("multi_dof_trajectory.points", multi_dof.points.len()),
        ("component_path_tolerance", goal.component_path_tolerance.len()),
        ("component_goal_tolerance", goal.component_goal_tolerance.len()),
    ])?;
    Ok(TrajectoryRequest {
        path_tolerance: goal.path_tolerance.iter().map(tolerance).collect(),
        goal_tolerance: goal.goal_tolerance.iter().map(tolerance).collect(),
        goal_time_tolerance: time::seconds(&goal.goal_time_tolerance),
        ..trajectory::request(&goal.trajectory, now)
    })
}

fn tolerance(message: &ToleranceMessage) -> JointTolerance {
    JointTolerance {
        joint: message.name.clone(),
        position: message.position,
        velocity: message.velocity,
        acceleration: message.acceleration,
    }
}

/// Starts the trajectory at once; the future sees it through to its end.
fn carry_out(
    servos: ServoHandle,
    accepted: Accepted,
    goal: Goal<Action>,
    feedback_period: Duration,
) -> impl Future<Output = Outcome<FollowJointTrajectory::Result>> + Send {
    let Accepted { trajectory, joint_names, start } = accepted;
    let joints = trajectory.joints().to_vec();
    let motion = servos.follow(trajectory);
    let id = motion.id;
    async move {
        let tell = |snapshot: &ArmSnapshot| {
            let time_from_start = servos.elapsed().as_secs_f64() - start;
            if let Some(tracking) = trajectory::tracking(snapshot, id, &joints, time_from_start) {
                goal.feedback(feedback(&joint_names, tracking));
            }
        };
        let outcome = see_through(&servos, motion, goal.end_wanted(), feedback_period, tell).await;
        let result = result(&outcome);
        told("~/follow_joint_trajectory", outcome.end, &outcome.message, result)
    }
}

fn feedback(joint_names: &[String], tracking: Tracking) -> FollowJointTrajectory::Feedback {
    let Tracking { desired, actual, error } = tracking;
    FollowJointTrajectory::Feedback {
        header: time::header_now(""),
        joint_names: joint_names.to_vec(),
        desired,
        actual,
        error,
        ..Default::default()
    }
}

fn result(outcome: &MoveOutcome) -> FollowJointTrajectory::Result {
    FollowJointTrajectory::Result {
        error_code: trajectory::error_code(outcome.end),
        error_string: outcome.message.clone(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use steve_core::trajectory::code;

    use super::*;

    #[test]
    fn tolerances_and_the_leeway_reach_the_core() {
        let tolerance = |name: &str, position| ToleranceMessage {
            name: name.into(),
            position,
            velocity: 2.0,
            acceleration: 3.0,
        };
        let goal = FollowJointTrajectory::Goal {
            path_tolerance: vec![tolerance("torso", 0.1)],
            goal_tolerance: vec![tolerance("elbow", -1.0)],
            goal_time_tolerance: time::duration(0.5),
            ..Default::default()
        };
        let expected = |joint: &str, position| JointTolerance {
            joint: joint.into(),
            position,
            velocity: 2.0,
            acceleration: 3.0,
        };
        let request = request(&goal, UNIX_EPOCH).unwrap();
        assert_eq!(request.path_tolerance, [expected("torso", 0.1)]);
        assert_eq!(request.goal_tolerance, [expected("elbow", -1.0)]);
        assert_eq!(request.goal_time_tolerance, 0.5);
    }

    #[test]
    fn the_codes_of_the_core_are_those_of_the_message() {
        type Codes = FollowJointTrajectory::Result;
        let codes = [
            (code::SUCCESSFUL, Codes::SUCCESSFUL as i32),
            (code::INVALID_GOAL, Codes::INVALID_GOAL as i32),
            (code::INVALID_JOINTS, Codes::INVALID_JOINTS as i32),
            (code::OLD_HEADER_TIMESTAMP, Codes::OLD_HEADER_TIMESTAMP as i32),
            (code::PATH_TOLERANCE_VIOLATED, Codes::PATH_TOLERANCE_VIOLATED as i32),
            (code::GOAL_TOLERANCE_VIOLATED, Codes::GOAL_TOLERANCE_VIOLATED as i32),
        ];
        for (of_core, of_message) in codes {
            assert_eq!(of_core, of_message);
        }
    }

    #[test]
    fn what_asks_for_several_degrees_of_freedom_is_refused() {
        let refused = |change: &dyn Fn(&mut FollowJointTrajectory::Goal)| {
            let mut goal = FollowJointTrajectory::Goal::default();
            change(&mut goal);
            request(&goal, UNIX_EPOCH).unwrap_err()
        };
        let reason = refused(&|goal| goal.multi_dof_trajectory.joint_names.push("base".into()));
        assert!(reason.starts_with("INVALID_GOAL: multi_dof_trajectory.joint_names"), "{reason}");
        let reason = refused(&|goal| goal.multi_dof_trajectory.points.push(Default::default()));
        assert!(reason.contains("multi_dof_trajectory.points"), "{reason}");
        let reason = refused(&|goal| goal.component_path_tolerance.push(Default::default()));
        assert!(reason.contains("component_path_tolerance"), "{reason}");
        let reason = refused(&|goal| goal.component_goal_tolerance.push(Default::default()));
        assert!(reason.contains("component_goal_tolerance"), "{reason}");
    }
}
