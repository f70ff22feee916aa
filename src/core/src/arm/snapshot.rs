use super::GoalId;
use crate::motion::JointMotion;
use std::borrow::Cow;
use std::time::Duration;

/// The arm at one moment.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ArmSnapshot {
    /// Counts up with every snapshot.
    pub seq: u64,
    /// When it was sampled, on the clock that is handed in.
    pub stamp: Duration,
    /// Any joint is powered.
    pub powered: bool,
    /// Any joint is moving.
    pub moving: bool,
    /// The emergency stop is latched.
    pub emergency_stop: bool,
    /// In the robot's order.
    pub joints: Vec<JointSnapshot>,
    /// How every joint goes on from here; none where the position is unknown. Lets a request be judged on any thread.
    pub motions: Vec<Option<JointMotion>>,
}

/// One joint at one moment.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct JointSnapshot {
    /// It gets pulses.
    pub powered: bool,
    /// The setpoint, rad or m; none while it is unknown.
    pub position: Option<f64>,
    /// The setpoint's velocity, rad/s or m/s.
    pub velocity: f64,
    /// Where the joint should be by now, rad or m: the setpoint, unless it falls behind a trajectory.
    pub desired: Option<f64>,
    /// The velocity that it should have by now, rad/s or m/s.
    pub desired_velocity: f64,
    /// Where it goes or went last; after a stop, where it holds. None while the position is unknown.
    pub goal: Option<f64>,
    /// The goal that has the joint until all joints of that goal have arrived.
    pub goal_id: Option<GoalId>,
    /// On its way.
    pub moving: bool,
    /// Why it is not moving; empty while it is.
    pub message: Cow<'static, str>,
    /// Share of the time to the goal that is over, 0 to 1.
    pub progress: f64,
    /// Seconds until it arrives.
    pub remaining: f64,
}

/// How far a goal is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MoveProgress {
    /// The setpoint of its first joint in the robot's order, rad or m.
    pub position: f64,
    /// Of the joint that is behind the others, 0 to 1.
    pub progress: f64,
    /// Seconds until the last joint arrives.
    pub remaining: f64,
}

impl ArmSnapshot {
    /// How far the goal is; none if it has no joint (not started, or ended).
    pub fn progress(&self, id: GoalId) -> Option<MoveProgress> {
        let joints = self.joints.iter().filter(|joint| joint.goal_id == Some(id));
        joints.fold(None, |whole, joint| {
            let whole = whole.unwrap_or(MoveProgress {
                position: joint.position.unwrap_or_default(),
                progress: 1.0,
                remaining: 0.0,
            });
            Some(MoveProgress {
                position: whole.position,
                progress: whole.progress.min(joint.progress),
                remaining: whole.remaining.max(joint.remaining),
            })
        })
    }
}
