//! The motion of one joint: from where it is to where it shall be, within the joint's limits, sampled at any time.
//!
//! * A goal without an easing is reached as fast as velocity, acceleration and jerk allow
//!   ([`crate::motion::Planner`]). A new goal or a stop in mid-motion goes on from the present position, velocity and
//!   acceleration.
//! * A goal with an easing follows that curve in a given time, as the original robot did, but never faster than the
//!   joint may go and never outside its travel ([`crate::motion::Eased`]).
//!
//! Whatever happens, the position has no step, and no setpoint lies outside the travel.

/// Curves by their easings.net name, cut to what the joint can do.
mod eased;
/// What moves one joint now.
mod joint_motion;
/// Stretches of constant jerk.
mod path;
/// The fastest way to a goal.
mod planner;
/// The same in closed form, for when the library has no answer.
mod ramps;
#[cfg(test)]
mod tests;

pub use eased::Eased;
pub use joint_motion::{JointMotion, TravelEnd};
pub use path::{Bounds, Path};
pub use planner::Planner;

use crate::easing::Easing;

/// Where a joint shall be at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Setpoint {
    /// rad or m.
    pub position: f64,
    /// rad/s or m/s.
    pub velocity: f64,
    /// rad/s² or m/s².
    pub acceleration: f64,
}

impl Setpoint {
    /// At rest at `position`.
    pub fn rest(position: f64) -> Self {
        Self { position, ..Self::default() }
    }
}

/// The shape of a move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Profile {
    /// As fast as speed, acceleration and jerk allow.
    #[default]
    Smooth,
    /// A named curve; its time is the distance over the speed.
    Eased(Easing),
}
