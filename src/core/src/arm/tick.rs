use super::joint_state::JointState;
use super::soft_start::SoftStart;
use super::{Arm, GoalId, MoveOutcome};
use std::borrow::Cow;
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

/// What one tick brought. Made once and used again.
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
    /// Lets time go on to `now` and tells what to write. `period` is the usual time between ticks. What came of the write has
    /// to be told by [`Self::written`].
    ///
    /// Joints that start from rest begin their way here, so the first output of a joint is where it already is.
    pub fn tick(&mut self, now: Duration, period: Duration, tick: &mut Tick) {
        self.period = period.as_secs_f64();
        let patience = (period * PATIENCE_PERIODS).max(LEAST_PATIENCE);
        let step = now.saturating_sub(self.last_tick).min(patience).as_secs_f64();
        self.last_tick = self.last_tick.max(now);
        self.rest_since = self.rest_since.min(self.last_tick);
        self.end_idleness();
        self.end_jogs();
        let was_moving: Vec<bool> = self.joints.iter().map(JointState::is_moving).collect();
        self.advance(step);
        self.check_tolerances();
        tick.outputs.clear();
        tick.ended.clear();
        for (index, was_moving) in was_moving.into_iter().enumerate() {
            let creeps = self.creep(index, step);
            let joint = &mut self.joints[index];
            let unwritten = joint.unwritten();
            joint.told_powered = joint.powered;
            joint.lost = false;
            if was_moving {
                self.rest_since = self.last_tick;
                self.changed = true;
            }
            match creeps {
                Some(pulse) => {
                    tick.outputs.push((index, if pulse { self.output(index) } else { Output::Off }));
                }
                None if unwritten || (was_moving && self.joints[index].powered) => {
                    tick.outputs.push((index, self.output(index)));
                }
                None => {}
            }
        }
        tick.changed = self.changed;
    }

    /// Tells what came of the write of the last tick's outputs: goals end when their servos know. If it failed, the next tick
    /// has the outputs again, and their joints wait for it.
    pub fn written(&mut self, worked: bool, tick: &mut Tick) {
        if worked {
            for index in 0..self.joints.len() {
                if self.joints[index].arrived {
                    self.arrived(index);
                }
            }
            self.finish_done();
        } else {
            for &(index, _) in &tick.outputs {
                self.joints[index].lost = true;
            }
        }
        tick.ended.append(&mut self.ended);
        tick.changed |= std::mem::take(&mut self.changed);
    }

    /// The hardware has lost everything: the outputs of all joints, as they are now.
    pub fn all_outputs(&mut self, tick: &mut Tick) {
        tick.outputs.clear();
        for index in 0..self.joints.len() {
            let joint = &mut self.joints[index];
            joint.told_powered = joint.powered;
            let output = if joint.soft_start.is_some() { Output::Off } else { self.output(index) };
            tick.outputs.push((index, output));
        }
    }

    /// Whether another tick has anything to do.
    pub fn needs_tick(&self) -> bool {
        let busy = self.is_moving() || self.joints.iter().any(|joint| joint.unwritten() || joint.arrived);
        busy || self.has_news()
    }

    /// Whether another tick has something to tell.
    pub fn has_news(&self) -> bool {
        self.changed || !self.ended.is_empty()
    }

    /// Whether any joint is on its way.
    pub fn is_moving(&self) -> bool {
        self.joints.iter().any(JointState::is_moving)
    }

    /// The time of the last tick.
    pub fn now(&self) -> Duration {
        self.last_tick
    }

    /// Joints that jog come to rest when they have not been told to go on.
    fn end_jogs(&mut self) {
        for joint in &mut self.joints {
            if joint.jog_until.is_some_and(|until| until <= self.last_tick) {
                joint.slow_down(Cow::Borrowed("holds, as no newer command came"));
                self.changed = true;
            }
        }
    }

    /// One tick of a joint's slow way home: whether it has pulses now; none if it is not on such a way.
    fn creep(&mut self, index: usize, step: f64) -> Option<bool> {
        let joint = &mut self.joints[index];
        let pulse = joint.soft_start.as_mut()?.advance(step);
        if joint.soft_start.as_ref().is_some_and(SoftStart::is_over) {
            joint.soft_start = None;
            joint.fresh = true;
            joint.message = Cow::Borrowed(if joint.is_moving() { "" } else { "reached" });
        }
        Some(pulse)
    }

    fn output(&self, index: usize) -> Output {
        let joint = &self.joints[index];
        match &joint.motion {
            Some(motion) if joint.powered => {
                let position = motion.setpoint().position;
                Output::Pulse { us: self.robot.joints[index].calibration.pulse_us(position) }
            }
            _ => Output::Off,
        }
    }
}
