use super::joint_state::JointState;
use super::{Arm, GoalId, MoveOutcome};
use std::time::Duration;

/// Time goes on by no more than this many periods, and at least [`LEAST_PATIENCE`], in one tick. After a longer gap (a
/// debugger, a machine that slept) the motion goes on from where it was instead of leaping to where it would be.
const PATIENCE_PERIODS: u32 = 5;

/// See [`PATIENCE_PERIODS`].
const LEAST_PATIENCE: Duration = Duration::from_millis(100);

/// What a servo gets.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Output {
    /// No pulses: limp.
    Off,
    /// Pulses.
    Pulse {
        /// Their width.
        us: f64,
    },
}

/// What one tick brought. Made once and used again, so that a tick allocates nothing unless a goal ends.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Tick {
    /// (joint index, output) of every joint that moves, or whose power came or went.
    pub outputs: Vec<(usize, Output)>,
    /// Goals that ended.
    pub ended: Vec<(GoalId, MoveOutcome)>,
    /// A new snapshot differs from the one before.
    pub changed: bool,
}

impl Arm {
    /// Lets time go on to `now` and tells what to write. `period` is the usual time between ticks.
    ///
    /// Joints that start from rest begin their way here, so the first output of a joint is where it already is.
    pub fn tick(&mut self, now: Duration, period: Duration, tick: &mut Tick) {
        let patience = (period * PATIENCE_PERIODS).max(LEAST_PATIENCE);
        let step = now.saturating_sub(self.last_tick).min(patience).as_secs_f64();
        self.last_tick = self.last_tick.max(now);
        tick.outputs.clear();
        tick.ended.clear();
        tick.changed = std::mem::take(&mut self.changed);
        for index in 0..self.joints.len() {
            let joint = &mut self.joints[index];
            // A setpoint that was lost on the bus is sent again before the joint goes on: no leap when the bus is back.
            let waits = std::mem::take(&mut joint.fresh) || joint.lost;
            let step = if waits { 0.0 } else { step };
            let was_moving = joint.is_moving();
            if let Some(motion) = joint.motion.as_mut() {
                motion.advance(step);
            }
            let arrived = was_moving && !joint.is_moving();
            let unwritten = joint.unwritten();
            joint.told_powered = joint.powered;
            joint.lost = false;
            if unwritten || (was_moving && joint.powered) {
                tick.outputs.push((index, self.output(index)));
            }
            if arrived {
                self.arrived(index);
            }
            tick.changed |= was_moving;
        }
        self.finish_done();
        tick.changed |= std::mem::take(&mut self.changed);
        tick.ended.append(&mut self.ended);
    }

    /// Whether another tick has anything to do.
    pub fn needs_tick(&self) -> bool {
        let busy = self.is_moving() || self.joints.iter().any(JointState::unwritten);
        busy || self.has_news()
    }

    /// Whether another tick has something to tell.
    pub fn has_news(&self) -> bool {
        self.changed || !self.ended.is_empty()
    }

    /// The outputs of this tick did not reach the servos: the next tick has them again, and their joints wait for it.
    pub fn write_failed(&mut self, tick: &Tick) {
        for &(index, _) in &tick.outputs {
            self.joints[index].lost = true;
        }
    }

    /// Whether any joint is on its way.
    pub fn is_moving(&self) -> bool {
        self.joints.iter().any(JointState::is_moving)
    }

    /// The time of the last tick.
    pub fn now(&self) -> Duration {
        self.last_tick
    }

    fn output(&self, index: usize) -> Output {
        let joint = &self.joints[index];
        match joint.position() {
            Some(position) if joint.powered => {
                Output::Pulse { us: self.robot.joints[index].calibration.pulse_us(position) }
            }
            _ => Output::Off,
        }
    }
}
