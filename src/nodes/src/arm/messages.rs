//! Snapshot of the servo thread -> messages.

use r2r::sensor_msgs::msg::JointState;
use r2r::shaky_steve::msg::{ArmState, ServoState};
use steve_core::arm::{ArmSnapshot, JointSnapshot};
use steve_core::robot::Robot;

use crate::time;

/// Setpoints of the joints whose position is known; RC servos report nothing, so there is no effort and nothing measured.
pub(super) fn joint_state(robot: &Robot, snapshot: &ArmSnapshot) -> JointState {
    let mut message = JointState { header: time::header_now(""), ..Default::default() };
    for (joint, now) in robot.joints.iter().zip(&snapshot.joints) {
        if let Some(position) = now.position {
            message.name.push(joint.name.clone());
            message.position.push(position);
            message.velocity.push(now.velocity);
        }
    }
    message
}

pub(super) fn arm_state(robot: &Robot, snapshot: &ArmSnapshot) -> ArmState {
    ArmState {
        header: time::header_now(""),
        powered: snapshot.powered,
        moving: snapshot.moving,
        emergency_stop: snapshot.emergency_stop,
        joints: robot
            .joints
            .iter()
            .zip(&snapshot.joints)
            .map(|(joint, now)| servo_state(&joint.name, now))
            .collect(),
    }
}

/// An unknown position or goal is NaN: no number would be true.
fn servo_state(name: &str, now: &JointSnapshot) -> ServoState {
    ServoState {
        name: name.to_owned(),
        powered: now.powered,
        position_known: now.position.is_some(),
        position: now.position.unwrap_or(f64::NAN),
        goal: now.goal.unwrap_or(f64::NAN),
        moving: now.moving,
        message: now.message.clone().into_owned(),
    }
}

/// Whether `~/state` has to be published again. A position on its way is no change: `joint_states` has it.
pub(super) fn differs(old: &ArmSnapshot, new: &ArmSnapshot) -> bool {
    let of_arm = |s: &ArmSnapshot| (s.powered, s.moving, s.emergency_stop);
    let joint_differs = |(old, new): (&JointSnapshot, &JointSnapshot)| {
        old.powered != new.powered
            || old.moving != new.moving
            || old.goal != new.goal
            || old.message != new.message
            || old.position.is_some() != new.position.is_some()
            || (!new.moving && old.position != new.position)
    };
    of_arm(old) != of_arm(new) || old.joints.iter().zip(&new.joints).any(joint_differs)
}
