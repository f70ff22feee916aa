use super::soft_start::SoftStart;
use super::{GoalId, JointSnapshot};
use crate::motion::{JointMotion, TravelEnd};
use std::borrow::Cow;
use std::time::Duration;

/// One joint's part of the state.
#[derive(Debug)]
pub(super) struct JointState {
    /// None while the position is unknown.
    pub(super) motion: Option<JointMotion>,
    pub(super) powered: bool,
    /// It is on its slow way home from nobody knows where; only afterwards `motion` is true.
    pub(super) soft_start: Option<SoftStart>,
    /// It started from rest since the last tick: its time begins with the next one.
    pub(super) fresh: bool,
    /// What it does, a goal or a command, is exempt from the guard.
    pub(super) unguarded: bool,
    /// It slows down to hold, and why.
    pub(super) stopping: Option<Cow<'static, str>>,
    /// It came to rest in a tick whose outputs are not written yet.
    pub(super) arrived: bool,
    /// When jogging ends unless it is told again.
    pub(super) jog_until: Option<Duration>,
    /// What the last tick told the servo about power.
    pub(super) told_powered: bool,
    /// The last write of its output failed.
    pub(super) lost: bool,
    pub(super) goal_id: Option<GoalId>,
    pub(super) message: Cow<'static, str>,
}

impl JointState {
    /// Off, at `motion`'s position if that is known.
    pub(super) fn new(motion: Option<JointMotion>) -> Self {
        let message = Cow::Borrowed(if motion.is_some() { "powered off" } else { UNKNOWN });
        Self {
            motion,
            powered: false,
            soft_start: None,
            fresh: false,
            unguarded: false,
            stopping: None,
            arrived: false,
            jog_until: None,
            told_powered: false,
            lost: false,
            goal_id: None,
            message,
        }
    }

    /// On its way, or about to be known.
    pub(super) fn is_moving(&self) -> bool {
        self.soft_start.is_some() || self.motion.as_ref().is_some_and(JointMotion::is_moving)
    }

    /// On a way that it knows the beginning of.
    pub(super) fn is_on_its_way(&self) -> bool {
        self.soft_start.is_none() && self.is_moving()
    }

    /// It is exempt from the guard: until its goal ends, or until it has come to rest after a command.
    pub(super) fn is_unguarded(&self) -> bool {
        self.unguarded && (self.goal_id.is_some() || self.is_moving())
    }

    /// The setpoint, if it is known where the joint is.
    pub(super) fn position(&self) -> Option<f64> {
        self.motion.as_ref().filter(|_| self.soft_start.is_none()).map(|motion| motion.setpoint().position)
    }

    /// Its output has to be written though it may not move.
    pub(super) fn unwritten(&self) -> bool {
        self.lost || self.powered != self.told_powered
    }

    /// Comes to rest as soon as the limits allow; `why` is what it then says.
    pub(super) fn slow_down(&mut self, why: Cow<'static, str>) {
        self.jog_until = None;
        if self.soft_start.is_some() {
            self.let_go(why);
            self.arrived = true;
        } else if let Some(motion) = self.motion.as_mut().filter(|motion| motion.is_moving()) {
            motion.stop();
            self.stopping = Some(why);
        }
    }

    /// Limp. What was on its way home stands nobody knows where.
    pub(super) fn let_go(&mut self, why: Cow<'static, str>) {
        self.powered = false;
        if self.soft_start.take().is_some() {
            self.motion = None;
        }
        self.freeze();
        self.message = if self.motion.is_some() { why } else { Cow::Borrowed(UNKNOWN) };
    }

    /// Holds at once, whatever its velocity.
    pub(super) fn freeze(&mut self) {
        if let Some(motion) = &mut self.motion {
            motion.freeze();
        }
        (self.fresh, self.arrived, self.stopping, self.jog_until) = (false, false, None, None);
    }

    /// Whether the next tick finds it where it is: it has just set out, or its last setpoint has to be sent again.
    pub(super) fn waits(&self) -> bool {
        self.fresh || self.lost
    }

    /// Time goes on. A setpoint that was lost on the bus is sent again before the joint goes on: no leap when the bus is back.
    pub(super) fn advance(&mut self, step: f64) {
        if self.soft_start.is_some() {
            return;
        }
        let fresh = std::mem::take(&mut self.fresh);
        let was_moving = self.is_moving();
        if let Some(motion) = &mut self.motion {
            motion.advance(if fresh || self.lost { 0.0 } else { step });
            if self.lost && !fresh {
                motion.fall_behind(step);
            }
        }
        self.arrived |= was_moving && !self.is_moving();
    }

    /// Why it rests, for people.
    pub(super) fn rests_because(&mut self) -> Cow<'static, str> {
        let stopped = self.stopping.take();
        let end = self.motion.as_ref().and_then(JointMotion::resting_end);
        let jogged = self.jog_until.take().is_some();
        stopped.unwrap_or(Cow::Borrowed(match end {
            Some(TravelEnd::Lower) if jogged => "at its lower limit",
            Some(TravelEnd::Upper) if jogged => "at its upper limit",
            _ => "reached",
        }))
    }

    pub(super) fn show(&self) -> JointSnapshot {
        let motion = self.motion.as_ref().filter(|_| self.soft_start.is_none());
        let setpoint = motion.map(JointMotion::setpoint);
        let desired = motion.map(JointMotion::desired);
        JointSnapshot {
            powered: self.powered,
            position: setpoint.map(|setpoint| setpoint.position),
            velocity: setpoint.map_or(0.0, |setpoint| setpoint.velocity),
            desired: desired.map(|desired| desired.position),
            desired_velocity: desired.map_or(0.0, |desired| desired.velocity),
            goal: motion.and_then(JointMotion::goal),
            goal_id: self.goal_id,
            moving: self.is_moving(),
            message: self.message.clone(),
            progress: motion.map_or(0.0, JointMotion::progress),
            remaining: self.soft_start.as_ref().map_or(0.0, SoftStart::remaining)
                + motion.map_or(0.0, JointMotion::remaining),
        }
    }
}

/// What a joint says whose position is not known.
pub(super) const UNKNOWN: &str = "position unknown";
