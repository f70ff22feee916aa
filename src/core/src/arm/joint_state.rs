use super::{GoalId, JointSnapshot};
use crate::motion::JointMotion;
use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// What powering a joint does whose position nobody knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum PowerOn {
    /// It stays off: it would jump.
    #[default]
    Refuse,
    /// It is powered at its home position, to which it may jump.
    Home,
}

/// No such policy.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{0}`; allowed are refuse, home")]
pub struct UnknownPowerOn(String);

impl FromStr for PowerOn {
    type Err = UnknownPowerOn;

    fn from_str(name: &str) -> Result<Self, UnknownPowerOn> {
        match name {
            "refuse" => Ok(Self::Refuse),
            "home" => Ok(Self::Home),
            _ => Err(UnknownPowerOn(name.to_owned())),
        }
    }
}

impl fmt::Display for PowerOn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Refuse => "refuse",
            Self::Home => "home",
        })
    }
}

/// One joint's part of the state.
#[derive(Debug)]
pub(super) struct JointState {
    /// None while the position is unknown.
    pub(super) motion: Option<JointMotion>,
    pub(super) powered: bool,
    /// It started from rest since the last tick: its time begins with the next one.
    pub(super) fresh: bool,
    /// It slows down to hold.
    pub(super) stopping: bool,
    /// What the last tick told the servo about power.
    pub(super) told_powered: bool,
    /// The last write of its output failed.
    pub(super) lost: bool,
    pub(super) goal_id: Option<GoalId>,
    pub(super) message: Cow<'static, str>,
}

impl JointState {
    pub(super) fn is_moving(&self) -> bool {
        self.motion.as_ref().is_some_and(JointMotion::is_moving)
    }

    pub(super) fn position(&self) -> Option<f64> {
        self.motion.as_ref().map(|motion| motion.setpoint().position)
    }

    /// Its output has to be written though it may not move.
    pub(super) fn unwritten(&self) -> bool {
        self.lost || self.powered != self.told_powered
    }

    pub(super) fn slow_down(&mut self) {
        if let Some(motion) = self.motion.as_mut().filter(|motion| motion.is_moving()) {
            motion.stop();
            self.stopping = true;
        }
    }

    pub(super) fn show(&self) -> JointSnapshot {
        let motion = self.motion.as_ref();
        JointSnapshot {
            powered: self.powered,
            position: self.position(),
            velocity: motion.map_or(0.0, |motion| motion.setpoint().velocity),
            goal: motion.and_then(JointMotion::goal),
            goal_id: self.goal_id,
            moving: self.is_moving(),
            message: self.message.clone(),
            progress: motion.map_or(0.0, JointMotion::progress),
            remaining: motion.map_or(0.0, JointMotion::remaining),
        }
    }
}
