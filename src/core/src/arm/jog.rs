use super::request::{check_ready, find_joint, unit};
use super::{MoveError, Readiness};
use crate::robot::Robot;

/// Joints to go on at a velocity each until they are told otherwise.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct JogRequest {
    /// Joint's name and velocity, rad/s or m/s; faster than the joint = as fast as the joint; 0 = come to rest.
    pub velocities: Vec<(String, f64)>,
}

/// A jog that passed [`validate_jog`]: at least one joint, none twice.
#[derive(Debug, Clone, PartialEq)]
pub struct ValidJog {
    /// Joint's index and velocity, not faster than the joint may go.
    pub(super) velocities: Vec<(usize, f64)>,
}

impl ValidJog {
    /// The joints' indices, in the order of the request.
    pub fn joints(&self) -> impl Iterator<Item = usize> + '_ {
        self.velocities.iter().map(|&(joint, _)| joint)
    }
}

/// As [`super::validate`], for a jog.
///
/// # Errors
/// What is wrong with it, or forbids it now.
pub fn validate_jog(robot: &Robot, ready: Readiness, request: &JogRequest) -> Result<ValidJog, MoveError> {
    if request.velocities.is_empty() {
        return Err(MoveError::Empty);
    }
    let mut velocities: Vec<(usize, f64)> =
        Vec::with_capacity(request.velocities.len().min(robot.joints.len()));
    for (name, velocity) in &request.velocities {
        let index = find_joint(robot, name)?;
        let joint = &robot.joints[index];
        if velocities.iter().any(|&(earlier, _)| earlier == index) {
            return Err(MoveError::DoubledJoint { joint: name.clone() });
        }
        if !velocity.is_finite() {
            let joint_name = name.clone();
            return Err(MoveError::BadVelocity { joint: joint_name, velocity: *velocity, unit: unit(joint) });
        }
        let fastest = joint.limits.velocity;
        velocities.push((index, velocity.clamp(-fastest, fastest)));
    }
    check_ready(robot, ready, velocities.iter().map(|&(joint, _)| joint))?;
    Ok(ValidJog { velocities })
}
