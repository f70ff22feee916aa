use super::goals::{Goals, bit};
use super::joint_state::{JointState, PowerOn};
use super::request::check_ready;
use super::{ArmSnapshot, GoalId, MoveEnd, MoveError, MoveOutcome, PowerError, Readiness, ValidMove};
use crate::motion::{JointMotion, Planner};
use crate::robot::Robot;
use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

/// The arm: what every joint does, and which goal it does it for.
#[derive(Debug)]
pub struct Arm {
    pub(super) robot: Arc<Robot>,
    power_on: PowerOn,
    pub(super) joints: Vec<JointState>,
    goals: Goals,
    planner: Planner,
    emergency_stop: bool,
    /// Goals that ended since the last tick.
    pub(super) ended: Vec<(GoalId, MoveOutcome)>,
    /// Something that a snapshot shows has changed since the last tick.
    pub(super) changed: bool,
    pub(super) last_tick: Duration,
    seq: u64,
}

impl Arm {
    /// An arm that is off. `initial` tells the positions that are known, in the robot's order; what is missing is unknown.
    pub fn new(robot: Arc<Robot>, initial: &[Option<f64>], power_on: PowerOn) -> Self {
        let known = initial.iter().copied().chain(std::iter::repeat(None));
        let joints = robot.joints.iter().zip(known).map(|(joint, position)| JointState {
            motion: position.map(|position| JointMotion::new(joint.limits, position)),
            powered: false,
            fresh: false,
            stopping: false,
            told_powered: false,
            lost: false,
            goal_id: None,
            message: Cow::Borrowed(if position.is_some() { "powered off" } else { "position unknown" }),
        });
        let joints = joints.collect();
        Self {
            robot,
            power_on,
            joints,
            goals: Goals::default(),
            planner: Planner::new(),
            emergency_stop: false,
            ended: Vec::new(),
            changed: false,
            last_tick: Duration::ZERO,
            seq: 0,
        }
    }

    /// What [`super::validate`] has to know.
    pub fn readiness(&self) -> Readiness {
        let refused = |joint: &JointState| joint.motion.is_none() && self.power_on == PowerOn::Refuse;
        let unknown = self.joints.iter().enumerate().filter(|(_, joint)| refused(joint));
        let unknown = unknown.fold(0, |set, (index, _)| set | bit(index));
        Readiness { emergency_stop: self.emergency_stop, unknown }
    }

    /// Starts a goal; all its joints set out in the next tick. If it cannot start, it ends as [`MoveEnd::Refused`].
    pub fn start(&mut self, valid: &ValidMove, id: GoalId) {
        if let Some(error) = check_ready(&self.robot, self.readiness(), valid) {
            let positions = self.positions(valid.joints());
            let end =
                if error == MoveError::EmergencyStop { MoveEnd::EmergencyStop } else { MoveEnd::Refused };
            self.ended.push((id, MoveOutcome { end, positions, message: error.to_string() }));
            return;
        }
        self.preempt(valid, &format!("goal {id}"));
        self.goals.add(id, valid.joints().collect());
        self.set_out(valid, Some(id));
    }

    /// Goes to positions without being a goal; preempts the goals that have these joints.
    pub fn set(&mut self, valid: &ValidMove) -> Result<(), MoveError> {
        if let Some(error) = check_ready(&self.robot, self.readiness(), valid) {
            return Err(error);
        }
        self.preempt(valid, "a newer command");
        self.set_out(valid, None);
        Ok(())
    }

    /// Slows the goal's joints down; the goal ends as [`MoveEnd::Canceled`] when they hold. Ended goals stay as they are.
    pub fn cancel(&mut self, id: GoalId) {
        let Some(goal) = self.goals.get_mut(id) else { return };
        goal.ending.get_or_insert(MoveEnd::Canceled);
        self.slow_down(|joint| joint.goal_id == Some(id));
    }

    /// Slows everything down; goals end as [`MoveEnd::Stopped`] when their joints hold.
    pub fn stop(&mut self) {
        for goal in self.goals.iter_mut() {
            goal.ending.get_or_insert(MoveEnd::Stopped);
        }
        self.slow_down(|_| true);
    }

    /// Powers all joints where they are, or none. Joints that would jump stay off and are named.
    pub fn power(&mut self, on: bool) -> Result<(), PowerError> {
        if !on {
            self.end_all(MoveEnd::PoweredOff, "powered off");
            self.joints.iter_mut().for_each(|joint| joint.powered = false);
            return Ok(());
        }
        if self.emergency_stop {
            return Err(PowerError::EmergencyStop);
        }
        let refused: Vec<_> = (0..self.joints.len()).filter(|&index| !self.power_joint(index)).collect();
        if refused.is_empty() {
            return Ok(());
        }
        let joints = refused.into_iter().map(|index| self.robot.joints[index].name.clone()).collect();
        Err(PowerError::PositionUnknown { joints })
    }

    /// Latches the emergency stop: every motion ends and every servo goes limp. Or releases it: nothing moves or is powered by
    /// that alone.
    pub fn emergency_stop(&mut self, on: bool) {
        if on {
            self.end_all(MoveEnd::EmergencyStop, "emergency stop");
            self.joints.iter_mut().for_each(|joint| joint.powered = false);
        } else if self.emergency_stop {
            self.tell_all("emergency stop released");
        }
        self.emergency_stop = on;
        self.changed = true;
    }

    /// Ends every goal and freezes every setpoint, for a reason outside the arm such as a bus that fails.
    pub fn end_all(&mut self, end: MoveEnd, reason: &str) {
        self.joints.iter_mut().filter_map(|joint| joint.motion.as_mut()).for_each(JointMotion::freeze);
        while let Some(goal) = self.goals.take_any() {
            self.finish(goal.id, &goal.joints, end, reason.to_owned());
        }
        for joint in &mut self.joints {
            joint.stopping = false;
            joint.fresh = false;
        }
        self.tell_all(reason);
    }

    /// Whether a joint is slowing down because of a stop or a cancel.
    pub fn is_stopping(&self) -> bool {
        self.joints.iter().any(|joint| joint.stopping)
    }

    /// Whether any joint gets pulses.
    pub fn is_powered(&self) -> bool {
        self.joints.iter().any(|joint| joint.powered)
    }

    /// How often the motion library had no answer.
    pub fn planner_fallbacks(&self) -> u64 {
        self.planner.fallbacks()
    }

    /// The arm as of the last tick.
    pub fn snapshot(&mut self) -> ArmSnapshot {
        self.seq += 1;
        ArmSnapshot {
            seq: self.seq,
            stamp: self.last_tick,
            powered: self.is_powered(),
            moving: self.is_moving(),
            emergency_stop: self.emergency_stop,
            joints: self.joints.iter().map(JointState::show).collect(),
        }
    }

    /// Takes out the goals whose joints all hold.
    pub(super) fn finish_done(&mut self) {
        while let Some(goal) = self.goals.take_done() {
            let end = goal.ending.unwrap_or(MoveEnd::Reached);
            self.finish(goal.id, &goal.joints, end, end.text().to_owned());
        }
    }

    /// The joint has come to rest.
    pub(super) fn arrived(&mut self, index: usize) {
        let joint = &mut self.joints[index];
        let stopped = std::mem::take(&mut joint.stopping);
        let goal = joint.goal_id.and_then(|id| self.goals.get_mut(id));
        let end = goal.and_then(|goal| {
            goal.pending &= !bit(index);
            goal.ending
        });
        let default = if stopped { MoveEnd::Stopped } else { MoveEnd::Reached };
        joint.message = Cow::Borrowed(end.unwrap_or(default).text());
    }

    fn set_out(&mut self, valid: &ValidMove, id: Option<GoalId>) {
        for goal in valid.goals() {
            self.power_joint(goal.joint);
            let joint = &mut self.joints[goal.joint];
            let Some(motion) = joint.motion.as_mut() else { continue };
            joint.fresh |= !motion.is_moving();
            motion.go_to(goal.position, goal.speed, goal.profile, &mut self.planner);
            joint.stopping = false;
            joint.goal_id = id;
            joint.message = Cow::Borrowed("");
        }
        self.changed = true;
    }

    /// Ends the goals that have joints of `valid`. Their other joints slow down; a goal that was already slowing down ends
    /// as it was going to.
    fn preempt(&mut self, valid: &ValidMove, by: &str) {
        for index in valid.joints() {
            let Some(goal) = self.joints[index].goal_id.and_then(|id| self.goals.take(id)) else { continue };
            let end = goal.ending.unwrap_or(MoveEnd::Preempted);
            let message = format!("{end}: {by} took {}", self.robot.joints[index].name);
            self.finish(goal.id, &goal.joints, end, message);
            for &other in &goal.joints {
                self.joints[other].slow_down();
            }
        }
    }

    /// Tells how the goal ended and lets its joints go.
    fn finish(&mut self, id: GoalId, joints: &[usize], end: MoveEnd, message: String) {
        let positions = self.positions(joints.iter().copied());
        self.ended.push((id, MoveOutcome { end, positions, message }));
        for joint in self.joints.iter_mut().filter(|joint| joint.goal_id == Some(id)) {
            joint.goal_id = None;
        }
        self.changed = true;
    }

    fn slow_down(&mut self, which: impl Fn(&JointState) -> bool) {
        self.joints.iter_mut().filter(|joint| which(joint)).for_each(JointState::slow_down);
        self.changed = true;
    }

    /// False if the joint stays off because nobody knows where it is.
    fn power_joint(&mut self, index: usize) -> bool {
        let (joint, robot) = (&mut self.joints[index], &self.robot.joints[index]);
        if joint.motion.is_none() && self.power_on == PowerOn::Home {
            joint.motion = Some(JointMotion::new(robot.limits, robot.home));
        }
        if joint.motion.is_some() && !joint.powered {
            joint.powered = true;
            joint.message = Cow::Borrowed("");
            self.changed = true;
        }
        joint.powered
    }

    fn tell_all(&mut self, message: &str) {
        for joint in self.joints.iter_mut().filter(|joint| joint.motion.is_some()) {
            joint.message = Cow::Owned(message.to_owned());
        }
        self.changed = true;
    }

    fn positions(&self, joints: impl Iterator<Item = usize>) -> Vec<(usize, f64)> {
        joints.filter_map(|index| Some((index, self.joints[index].position()?))).collect()
    }
}
