//! Messages of trajectories <-> the core's. What needs no control_msgs is here, so that it is compiled and tested where
//! that package is missing, too.

use std::time::SystemTime;

use r2r::trajectory_msgs::msg::{JointTrajectory, JointTrajectoryPoint};
use steve_core::arm::{ArmSnapshot, GoalId, JointSnapshot, MoveEnd};
use steve_core::trajectory::{TrajectoryPoint, TrajectoryRequest, code};

use crate::time;

/// The message, which came `now`, as a request without tolerances.
pub(super) fn request(message: &JointTrajectory, now: SystemTime) -> TrajectoryRequest {
    let stamp = &message.header.stamp;
    let is_now = stamp.sec == 0 && stamp.nanosec == 0;
    TrajectoryRequest {
        joints: message.joint_names.clone(),
        points: message.points.iter().map(point).collect(),
        start_in: if is_now { 0.0 } else { time::seconds_until(stamp, now) },
        ..Default::default()
    }
}

fn point(message: &JointTrajectoryPoint) -> TrajectoryPoint {
    TrajectoryPoint {
        positions: message.positions.clone(),
        velocities: message.velocities.clone(),
        accelerations: message.accelerations.clone(),
        effort: message.effort.clone(),
        time_from_start: time::seconds(&message.time_from_start),
    }
}

/// A refusal for the log, where people see the code: a client whose goal is rejected gets neither.
pub(super) fn refusal(code: i32, reason: &dyn std::fmt::Display) -> String {
    let name = match code {
        code::INVALID_JOINTS => "INVALID_JOINTS",
        code::OLD_HEADER_TIMESTAMP => "OLD_HEADER_TIMESTAMP",
        _ => "INVALID_GOAL",
    };
    format!("{name}: {reason}")
}

/// The result code of a trajectory that was accepted. The action has none for "something else got in its way"; the
/// joint_trajectory_controller of ros2_controllers takes INVALID_GOAL for that, and 0 for a cancel.
pub(super) fn error_code(end: MoveEnd) -> i32 {
    match end {
        MoveEnd::Reached | MoveEnd::Canceled => code::SUCCESSFUL,
        MoveEnd::PathTolerance => code::PATH_TOLERANCE_VIOLATED,
        MoveEnd::GoalTolerance => code::GOAL_TOLERANCE_VIOLATED,
        _ => code::INVALID_GOAL,
    }
}

/// That nothing is asked of joints with several degrees of freedom, which this arm has not.
pub(super) fn no_multi_dof(lists: &[(&str, usize)]) -> Result<(), String> {
    match lists.iter().find(|(_, length)| *length > 0) {
        None => Ok(()),
        Some((field, length)) => Err(refusal(
            code::INVALID_GOAL,
            &format_args!("{field}: {length} given; allowed are none, every joint has one degree of freedom"),
        )),
    }
}

/// Where the joints of a trajectory should be, where they are, and the difference.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tracking {
    /// Where the trajectory wants them at this moment.
    pub(super) desired: JointTrajectoryPoint,
    /// Their setpoints: a hobby servo measures nothing.
    pub(super) actual: JointTrajectoryPoint,
    /// `desired` - `actual`.
    pub(super) error: JointTrajectoryPoint,
}

/// How the goal's `joints` do, `time_from_start` seconds after the trajectory's start. None: it has not begun in the servo
/// thread yet, or has just ended.
pub(super) fn tracking(
    snapshot: &ArmSnapshot,
    goal: GoalId,
    joints: &[usize],
    time_from_start: f64,
) -> Option<Tracking> {
    let joints: Vec<&JointSnapshot> = joints
        .iter()
        .map(|&joint| snapshot.joints.get(joint).filter(|joint| joint.goal_id == Some(goal)))
        .collect::<Option<_>>()?;
    let points = |position: &dyn Fn(&JointSnapshot) -> Option<f64>,
                  velocity: &dyn Fn(&JointSnapshot) -> f64| {
        Some(JointTrajectoryPoint {
            positions: joints.iter().map(|joint| position(joint)).collect::<Option<_>>()?,
            velocities: joints.iter().map(|joint| velocity(joint)).collect(),
            time_from_start: time::duration(time_from_start),
            ..Default::default()
        })
    };
    Some(Tracking {
        desired: points(&|joint| joint.desired, &|joint| joint.desired_velocity)?,
        actual: points(&|joint| joint.position, &|joint| joint.velocity)?,
        error: points(&|joint| Some(joint.desired? - joint.position?), &|joint| {
            joint.desired_velocity - joint.velocity
        })?,
    })
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use r2r::builtin_interfaces::msg::{Duration as RosDuration, Time};
    use r2r::std_msgs::msg::Header;

    use super::*;

    fn message(stamp: Time) -> JointTrajectory {
        JointTrajectory {
            header: Header { stamp, ..Default::default() },
            joint_names: vec!["elbow".into(), "torso".into()],
            points: vec![JointTrajectoryPoint {
                positions: vec![0.1, 0.2],
                velocities: vec![0.3, 0.4],
                accelerations: vec![0.5, 0.6],
                effort: vec![7.0],
                time_from_start: RosDuration { sec: 1, nanosec: 250_000_000 },
            }],
        }
    }

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    #[test]
    fn every_field_of_a_message_reaches_the_core() {
        let request = request(&message(Time::default()), at(1000));
        assert_eq!(request.joints, ["elbow", "torso"]);
        let expected = TrajectoryPoint {
            positions: vec![0.1, 0.2],
            velocities: vec![0.3, 0.4],
            accelerations: vec![0.5, 0.6],
            effort: vec![7.0],
            time_from_start: 1.25,
        };
        assert_eq!(request.points, [expected]);
    }

    #[test]
    fn a_stamp_of_zero_is_now_and_any_other_is_that_moment() {
        let start_in = |sec, nanosec| request(&message(Time { sec, nanosec }), at(1000)).start_in;
        assert_eq!(start_in(0, 0), 0.0);
        assert_eq!(start_in(1002, 500_000_000), 2.5);
        assert_eq!(start_in(999, 500_000_000), -0.5);
        assert_eq!(start_in(0, 1), -1000.0 + 1e-9);
    }

    #[test]
    fn a_refusal_names_the_code() {
        assert_eq!(refusal(code::INVALID_JOINTS, &"why"), "INVALID_JOINTS: why");
        assert_eq!(refusal(code::OLD_HEADER_TIMESTAMP, &"why"), "OLD_HEADER_TIMESTAMP: why");
        assert_eq!(refusal(code::INVALID_GOAL, &"why"), "INVALID_GOAL: why");
    }

    #[test]
    fn every_end_has_the_code_that_the_action_has_for_it() {
        use MoveEnd::*;
        assert_eq!([Reached, Canceled].map(error_code), [0, 0]);
        assert_eq!([PathTolerance, GoalTolerance].map(error_code), [-4, -5]);
        for end in [Preempted, Stopped, PoweredOff, EmergencyStop, Refused, BusFault, ShutDown] {
            assert_eq!(error_code(end), -1, "{end}");
        }
    }

    #[test]
    fn what_asks_for_several_degrees_of_freedom_is_refused_by_its_name() {
        assert_eq!(no_multi_dof(&[("a", 0), ("b", 0)]), Ok(()));
        let reason = no_multi_dof(&[("a", 0), ("multi_dof_trajectory", 2)]).unwrap_err();
        assert!(reason.starts_with("INVALID_GOAL: multi_dof_trajectory: 2 given"), "{reason}");
    }

    fn snapshot() -> ArmSnapshot {
        let joint = |position, velocity, desired, desired_velocity| JointSnapshot {
            position: Some(position),
            velocity,
            desired: Some(desired),
            desired_velocity,
            goal_id: Some(GoalId(7)),
            ..Default::default()
        };
        ArmSnapshot {
            joints: vec![joint(1.0, 0.5, 1.0, 0.5), joint(2.0, 0.0, 2.5, 0.25), JointSnapshot::default()],
            ..Default::default()
        }
    }

    #[test]
    fn tracking_is_in_the_order_of_the_goals_joints_and_tells_what_is_missing() {
        let told = tracking(&snapshot(), GoalId(7), &[1, 0], 1.5).unwrap();
        let point = |positions: [f64; 2], velocities: [f64; 2]| JointTrajectoryPoint {
            positions: positions.to_vec(),
            velocities: velocities.to_vec(),
            time_from_start: RosDuration { sec: 1, nanosec: 500_000_000 },
            ..Default::default()
        };
        assert_eq!(told.desired, point([2.5, 1.0], [0.25, 0.5]));
        assert_eq!(told.actual, point([2.0, 1.0], [0.0, 0.5]));
        assert_eq!(told.error, point([0.5, 0.0], [0.25, 0.0]));
    }

    #[test]
    fn nothing_is_told_of_joints_that_another_goal_has() {
        assert_eq!(tracking(&snapshot(), GoalId(8), &[0], 0.0), None);
        assert_eq!(tracking(&snapshot(), GoalId(7), &[0, 2], 0.0), None);
        assert_eq!(tracking(&snapshot(), GoalId(7), &[9], 0.0), None);
    }
}
