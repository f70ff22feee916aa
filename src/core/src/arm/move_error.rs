use crate::guard::Contact;
use crate::trajectory::{TrajectoryError, code};
use thiserror::Error;

/// Why a request is refused. Messages name the field, its value and what is allowed.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum MoveError {
    /// Nothing is asked for.
    #[error("joint: none given")]
    Empty,
    /// The robot has no such joint.
    #[error("joint: no `{joint}`; this robot has {}", known.join(", "))]
    UnknownJoint {
        /// The name in the request.
        joint: String,
        /// The names there are.
        known: Vec<String>,
    },
    /// A joint is named twice in one request.
    #[error("joint: `{joint}` is named twice")]
    DoubledJoint {
        /// The joint's name.
        joint: String,
    },
    /// The position is not a number.
    #[error("position of {joint}: not a number; allowed are {lower:.4} to {upper:.4} {unit}, .inf and -.inf")]
    NotANumber {
        /// The joint's name.
        joint: String,
        /// Least position.
        lower: f64,
        /// Greatest position.
        upper: f64,
        /// "rad" or "m".
        unit: &'static str,
    },
    /// The position lies outside the travel.
    #[error(
        "position of {joint}: {position:.4} {unit} is outside the travel of {lower:.4} to {upper:.4} {unit}"
    )]
    OutsideTravel {
        /// The joint's name.
        joint: String,
        /// The position asked for.
        position: f64,
        /// Least position.
        lower: f64,
        /// Greatest position.
        upper: f64,
        /// "rad" or "m".
        unit: &'static str,
    },
    /// The speed is negative or not a number.
    #[error("speed of {joint}: {speed} {unit}/s; allowed is 0 (as fast as the limits allow) and greater")]
    BadSpeed {
        /// The joint's name.
        joint: String,
        /// The speed asked for.
        speed: f64,
        /// "rad" or "m".
        unit: &'static str,
    },
    /// The velocity of a jog is not a finite number.
    #[error("velocity of {joint}: {velocity} is no finite number of {unit}/s")]
    BadVelocity {
        /// The joint's name.
        joint: String,
        /// The velocity asked for.
        velocity: f64,
        /// "rad" or "m".
        unit: &'static str,
    },
    /// There is no such easing.
    #[error("easing of {joint}: {reason}")]
    UnknownEasing {
        /// The joint's name.
        joint: String,
        /// Which easing, and what there is instead.
        reason: String,
    },
    /// The joint cannot be powered without a jump.
    #[error("joint: position of `{joint}` is unknown, so it cannot move without a jump; see `power_on`")]
    PositionUnknown {
        /// The joint's name.
        joint: String,
    },
    /// The trajectory is wrong, or does not fit to where the joints are.
    #[error(transparent)]
    Trajectory(#[from] TrajectoryError),
    /// Its path would lead into the desk or the torso.
    #[error("guard: {0}")]
    Guard(Contact),
    /// The arm is being parked.
    #[error("the node ends: nothing moves any more but the way to where the arm may go limp")]
    Ending,
    /// The emergency stop is latched.
    #[error("emergency stop is on; release it first")]
    EmergencyStop,
}

impl MoveError {
    /// The result code of control_msgs/FollowJointTrajectory for it.
    pub fn code(&self) -> i32 {
        match self {
            Self::Trajectory(error) => error.code(),
            Self::UnknownJoint { .. } | Self::DoubledJoint { .. } => code::INVALID_JOINTS,
            _ => code::INVALID_GOAL,
        }
    }
}
