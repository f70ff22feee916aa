//! Trajectories: several joints through given points at given times, as `trajectory_msgs/JointTrajectory` and
//! `control_msgs/FollowJointTrajectory` ask for them. The model is the joint_trajectory_controller of ros2_controllers.
//!
//! [`crate::trajectory::validate_trajectory`] answers what can be known without the arm. Then each joint gets its
//! [`crate::trajectory::Course`] from where it is at that moment, and as fast as it moves: so a trajectory that replaces
//! another in mid-flight goes on from it.
//!
//! * Points with velocities are joined by cubics, those with accelerations too by quintics.
//! * Points with nothing but positions are joined by cubics with velocities chosen so that the joint does not swing past
//!   a point (PCHIP). The controller of ros2_controllers joins them by straight lines instead: a step
//!   in velocity at each point, and from rest and to rest, which a servo answers with a jerk. Points that lie on one line
//!   at even speed come out as that line here too.
//!
//! Acceleration and jerk are not checked. Clients write times and positions with few digits, and in a short piece a
//! rounding of the position by 1e-6 is an acceleration of hundreds. Velocity and travel are checked, and kept whatever
//! happens.

/// The way of one joint.
mod course;
/// Why a trajectory is refused.
mod error;
/// Velocities for points that carry none.
mod knots;
/// One polynomial between two points.
mod piece;
/// A trajectory that passed validation.
mod plan;
/// What a client asks for.
mod request;
#[cfg(test)]
mod tests;
/// The checks, field by field.
mod validate;

pub use course::Course;
pub use error::TrajectoryError;
pub use plan::ValidTrajectory;
pub use request::{JointTolerance, TrajectoryPoint, TrajectoryRequest, is_stop};
pub use validate::{MAX_DURATION, MAX_POINTS, validate_trajectory};

/// The result codes of `control_msgs/action/FollowJointTrajectory`.
pub mod code {
    /// Every point was reached.
    pub const SUCCESSFUL: i32 = 0;
    /// The request makes no sense.
    pub const INVALID_GOAL: i32 = -1;
    /// A joint is unknown or named twice.
    pub const INVALID_JOINTS: i32 = -2;
    /// It would already be over.
    pub const OLD_HEADER_TIMESTAMP: i32 = -3;
    /// A joint was too far from where it should have been on the way.
    pub const PATH_TOLERANCE_VIOLATED: i32 = -4;
    /// A joint was too far from the last point at the end.
    pub const GOAL_TOLERANCE_VIOLATED: i32 = -5;
}

/// A position this share of the travel outside is the limit itself, written with few digits (1.5708 for 90 degrees).
const ROUNDING: f64 = 1e-4;

/// A speed this many times the limit is the limit itself: clients compute with rounded limits, and their times are rounded.
const SPEED_ROUNDING: f64 = 1.0 + 1e-3;

/// A piece has to last this long, s: ROS times have nanoseconds, and positions divided by less are but rounding.
const SHORTEST: f64 = 1e-6;

/// A trajectory may begin this share of the travel away from where the joint is.
const NEAR: f64 = 0.01;

/// ... and as far as the joint goes in this time, s: the client saw it where it was then.
const LATE: f64 = 0.1;
