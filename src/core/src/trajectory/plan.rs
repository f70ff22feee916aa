use super::Course;
use super::TrajectoryError;
use super::piece::{Degree, Piece};
use crate::motion::Setpoint;
use crate::robot::Limits;
use std::sync::Arc;

/// What one joint shall do.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct JointPlan {
    pub(super) name: String,
    pub(super) unit: &'static str,
    /// Its state at each of [`Plan::times`].
    pub(super) knots: Vec<Setpoint>,
    pub(super) path_tolerance: Option<f64>,
    pub(super) goal_tolerance: Option<f64>,
}

/// What every point of a trajectory carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Carried {
    Positions,
    Velocities,
    Accelerations,
}

impl Carried {
    pub(super) fn degree(self) -> Degree {
        match self {
            Self::Positions | Self::Velocities => Degree::Cubic,
            Self::Accelerations => Degree::Quintic,
        }
    }
}

/// A trajectory from the last point that is not in the future (or else the first) to the last.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Plan {
    pub(super) carried: Carried,
    /// Seconds from now; only the first may be negative. At least one.
    pub(super) times: Vec<f64>,
    /// The index of `times[0]` in the request.
    pub(super) dropped: usize,
    /// The index in `times` of the first point that lies in the future; their number if there is none.
    pub(super) first: usize,
    pub(super) joints: Vec<usize>,
    pub(super) plans: Vec<JointPlan>,
    pub(super) goal_time_tolerance: Option<f64>,
}

impl Plan {
    /// The way between two states of a joint.
    pub(super) fn piece(&self, from: Setpoint, to: Setpoint, duration: f64) -> Piece {
        Piece::new(self.carried.degree(), from, to, duration)
    }
}

/// A trajectory that passed [`crate::trajectory::validate_trajectory`]. Clones share it.
#[derive(Debug, Clone, PartialEq)]
pub struct ValidTrajectory {
    pub(super) plan: Arc<Plan>,
}

impl ValidTrajectory {
    /// The indices of its joints in the robot, in the order of the request.
    pub fn joints(&self) -> &[usize] {
        &self.plan.joints
    }

    /// Seconds from now (when it was validated) to the last point.
    pub fn duration(&self) -> f64 {
        self.plan.times.last().map_or(0.0, |&end| end.max(0.0))
    }

    /// The way of joint `joints()[k]` that begins now, where the joint is and as fast as it moves: `from`. It joins the
    /// first point that lies in the future, as the controller of ros2_controllers does; points in the past are left out.
    /// Allocates nothing.
    ///
    /// A trajectory may begin with the state that the client last saw the joint in, at time 0. Then the joint has to be
    /// within 1 % of its travel, and what it moves in 0.1 s, of it. If it is near, but the next point is too soon to be
    /// joined in time, the way is the one that was asked for, and [`Course::next`] closes the gap as fast as the joint can.
    ///
    /// # Errors
    /// If the first piece would be faster than the limits or leave the travel, or if the first point is now and the joint
    /// elsewhere.
    ///
    /// # Panics
    /// If there is no joint `k`.
    pub fn course(&self, k: usize, from: Setpoint, limits: &Limits) -> Result<Course, TrajectoryError> {
        Course::begin(&self.plan, k, from, limits)
    }

    /// How far joint `joints()[k]` may be off on the way, rad or m.
    pub fn path_tolerance(&self, k: usize) -> Option<f64> {
        self.plan.plans[k].path_tolerance
    }

    /// How far joint `joints()[k]` may be off at the end, rad or m.
    pub fn goal_tolerance(&self, k: usize) -> Option<f64> {
        self.plan.plans[k].goal_tolerance
    }

    /// How much later than planned the joints may arrive, s.
    pub fn goal_time_tolerance(&self) -> Option<f64> {
        self.plan.goal_time_tolerance
    }
}
