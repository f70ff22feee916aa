use super::soft_start::SoftStart;
use super::{Arm, MoveEnd, PowerError, PowerOn};
use crate::motion::JointMotion;
use std::borrow::Cow;
use std::time::Duration;

impl Arm {
    /// Powers all joints where they are, or none. Joints that would jump stay off and are named.
    ///
    /// # Errors
    /// The emergency stop, or the joints that stay off.
    pub fn power(&mut self, on: bool) -> Result<(), PowerError> {
        if !on {
            self.power_off(MoveEnd::PoweredOff, "powered off");
            return Ok(());
        }
        if self.emergency_stop {
            return Err(PowerError::EmergencyStop);
        }
        // Rest begins with the next tick; the last one may be long ago.
        self.rest_since = Duration::MAX;
        let refused: Vec<_> = (0..self.joints.len()).filter(|&index| !self.power_joint(index)).collect();
        if refused.is_empty() {
            return Ok(());
        }
        let joints = refused.into_iter().map(|index| self.robot.joints[index].name.clone()).collect();
        Err(PowerError::PositionUnknown { joints })
    }

    /// Ends every goal as `end` and makes every servo limp.
    pub fn power_off(&mut self, end: MoveEnd, reason: &str) {
        self.end_all(end, reason);
        for joint in &mut self.joints {
            joint.let_go(Cow::Owned(reason.to_owned()));
        }
    }

    /// Latches the emergency stop: every motion ends and every servo goes limp. Or releases it: nothing moves or is powered by
    /// that alone.
    pub fn emergency_stop(&mut self, on: bool) {
        if on {
            self.power_off(MoveEnd::EmergencyStop, "emergency stop");
        } else if self.emergency_stop {
            self.tell_all("emergency stop released");
        }
        self.emergency_stop = on;
        self.changed = true;
    }

    /// When the servos are powered off because nothing happens; none if they stay as they are.
    pub fn idle_at(&self) -> Option<Duration> {
        let timeout = self.options.idle_timeout?;
        let idle = self.is_powered() && !self.is_moving();
        idle.then(|| self.rest_since.saturating_add(timeout))
    }

    /// Something is under way though nothing moves: rest has not begun.
    pub fn keep_awake(&mut self, now: Duration) {
        self.rest_since = now;
    }

    /// At rest for too long, the servos are powered off.
    pub(super) fn end_idleness(&mut self) {
        if let Some(at) = self.idle_at().filter(|&at| at <= self.last_tick) {
            let rest = at.saturating_sub(self.rest_since);
            self.power_off(
                MoveEnd::PoweredOff,
                &format!("powered off after {} s at rest", rest.as_secs_f64()),
            );
        }
    }

    /// False if the joint stays off because nobody knows where it is.
    pub(super) fn power_joint(&mut self, index: usize) -> bool {
        let (joint, robot) = (&mut self.joints[index], &self.robot.joints[index]);
        if joint.motion.is_none() && self.options.power_on == PowerOn::Home {
            joint.motion = Some(JointMotion::new(robot.limits, robot.home));
            joint.soft_start = Some(SoftStart::default());
            joint.message = Cow::Borrowed("goes home slowly, as its position is unknown");
            joint.powered = true;
        } else if joint.motion.is_some() && !joint.powered {
            joint.powered = true;
            joint.message = Cow::Borrowed("");
        }
        self.changed = true;
        joint.powered
    }
}
