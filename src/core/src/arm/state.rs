use super::goals::{Ending, Goals, bit};
use super::joint_state::{JointState, UNKNOWN};
use super::plan::{Departure, Motions};
use super::request::check_ready;
use super::{
    ArmOptions, ArmSnapshot, GoalId, Guarding, MoveEnd, MoveError, MoveOutcome, PowerOn, Readiness, ValidJog,
    ValidMove,
};
use crate::motion::{JointMotion, Planner};
use crate::robot::Robot;
use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

/// The time between ticks before the first tick tells it, s.
const USUAL_PERIOD: f64 = 0.02;

/// The arm: what every joint does, and which goal it does it for.
#[derive(Debug)]
pub struct Arm {
    pub(super) robot: Arc<Robot>,
    pub(super) options: ArmOptions,
    pub(super) joints: Vec<JointState>,
    pub(super) goals: Goals,
    planner: Planner,
    pub(super) emergency_stop: bool,
    /// Goals that ended since the last tick.
    pub(super) ended: Vec<(GoalId, MoveOutcome)>,
    /// Something that a snapshot shows has changed since the last tick.
    pub(super) changed: bool,
    pub(super) last_tick: Duration,
    /// Since when nothing has moved or been powered.
    pub(super) rest_since: Duration,
    pub(super) guarding: Option<Guarding>,
    /// How everything comes to rest from where the last tick left it, as was looked at then.
    pub(super) brake: Option<Motions>,
    /// The usual time between ticks, s.
    pub(super) period: f64,
    seq: u64,
}

impl Arm {
    /// An arm that is off. `initial` tells the positions that are known, in the robot's order; what is missing is unknown.
    pub fn new(robot: Arc<Robot>, initial: &[Option<f64>], options: ArmOptions) -> Self {
        let known = initial.iter().copied().chain(std::iter::repeat(None));
        let joints = robot.joints.iter().zip(known).map(|(joint, position)| {
            JointState::new(position.map(|position| JointMotion::new(joint.limits, position)))
        });
        let joints = joints.collect();
        Self {
            robot,
            options,
            joints,
            goals: Goals::default(),
            planner: Planner::new(),
            emergency_stop: false,
            ended: Vec::new(),
            changed: false,
            last_tick: Duration::ZERO,
            rest_since: Duration::ZERO,
            guarding: None,
            brake: None,
            period: USUAL_PERIOD,
            seq: 0,
        }
    }

    /// What [`super::validate`] has to know.
    pub fn readiness(&self) -> Readiness {
        let refused = |joint: &JointState| joint.motion.is_none() && self.options.power_on == PowerOn::Refuse;
        let unknown = self.joints.iter().enumerate().filter(|(_, joint)| refused(joint));
        let unknown = unknown.fold(0, |set, (index, _)| set | bit(index));
        Readiness { emergency_stop: self.emergency_stop, unknown }
    }

    /// Starts a goal; all its joints set out in the next tick. If it cannot start, it ends as [`MoveEnd::Refused`].
    pub fn start(&mut self, valid: &ValidMove, id: GoalId) {
        self.start_departure(Departure::Move(valid), id);
    }

    pub(super) fn start_departure(&mut self, departure: Departure<'_>, id: GoalId) {
        match self.planned(departure) {
            Ok(motions) => {
                self.preempt(&departure.joints(), &format!("goal {id}"));
                self.depart(motions, departure, Some(id));
                self.goals.add(id, departure);
            }
            Err(error) => self.refuse(id, departure, &error),
        }
    }

    /// Goes to positions without being a goal; preempts the goals that have these joints.
    ///
    /// # Errors
    /// What forbids it now.
    pub fn set(&mut self, valid: &ValidMove) -> Result<(), MoveError> {
        self.go(Departure::Move(valid))
    }

    /// Goes on at velocities until `until` on the clock of the ticks, then comes to rest; preempts the goals that have these
    /// joints.
    ///
    /// # Errors
    /// What forbids it now.
    pub fn jog(&mut self, valid: &ValidJog, until: Duration) -> Result<(), MoveError> {
        check_ready(&self.robot, self.readiness(), valid.joints())?;
        let valid = self.unblocked(valid);
        if valid.velocities.is_empty() {
            return Ok(());
        }
        self.go(Departure::Jog(&valid))?;
        for &(joint, velocity) in &valid.velocities {
            self.joints[joint].jog_until = Some(until);
            if velocity == 0.0 {
                self.joints[joint].slow_down(Cow::Borrowed("reached"));
            }
            self.say_where_it_rests(joint);
        }
        Ok(())
    }

    /// The joints of a jog that the guard lets begin; the others say why they rest.
    fn unblocked(&mut self, valid: &ValidJog) -> ValidJog {
        let mut jogs = self.motions();
        let goals = vec![None; self.joints.len()];
        let set_out = Departure::Jog(valid).set_out(&self.robot, &goals, &mut jogs, &mut self.planner);
        let mut free = valid.clone();
        free.velocities.retain(|&(joint, _)| {
            let contact = set_out.as_ref().ok().and_then(|()| self.jog_would_touch(joint, &jogs));
            let message = contact.as_ref().map(|contact| format!("guard: {contact}"));
            if let Some(message) = message.filter(|message| self.joints[joint].message != *message) {
                self.joints[joint].message = Cow::Owned(message);
                self.changed = true;
            }
            contact.is_none()
        });
        free
    }

    /// Slows the goal's joints down; the goal ends as [`MoveEnd::Canceled`] when they hold. Ended goals stay as they are.
    pub fn cancel(&mut self, id: GoalId) {
        self.end_goal(id, MoveEnd::Canceled.into());
    }

    /// Slows everything down; goals end as [`MoveEnd::Stopped`] when their joints hold.
    pub fn stop(&mut self) {
        self.stop_all(&MoveEnd::Stopped.into());
    }

    /// Whether a joint is slowing down because of a stop or a cancel.
    pub fn is_stopping(&self) -> bool {
        self.joints.iter().any(|joint| joint.stopping.is_some())
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
            motions: self.motions(),
        }
    }

    /// The motions of all joints.
    pub(super) fn motions(&self) -> Motions {
        self.joints.iter().map(|joint| joint.motion.clone()).collect()
    }

    /// The motions of all joints if these set out now.
    fn planned(&mut self, departure: Departure<'_>) -> Result<Motions, MoveError> {
        check_ready(&self.robot, self.readiness(), departure.joints().into_iter())?;
        let mut motions = self.motions();
        let goals: Vec<_> = self.joints.iter().map(|joint| joint.goal_id).collect();
        departure.set_out(&self.robot, &goals, &mut motions, &mut self.planner)?;
        self.check_departure(departure, &motions)?;
        Ok(motions)
    }

    pub(super) fn go(&mut self, departure: Departure<'_>) -> Result<(), MoveError> {
        let motions = self.planned(departure)?;
        let joints = departure.joints();
        self.preempt(&joints, "a newer command");
        self.depart(motions, departure, None);
        Ok(())
    }

    fn depart(&mut self, mut motions: Motions, departure: Departure<'_>, id: Option<GoalId>) {
        let joints = departure.joints();
        // Who is to arrive with a joint that moves already cannot wait for the next tick.
        let at_once = departure.is_together() && joints.iter().any(|&index| self.joints[index].is_moving());
        for &index in &joints {
            let was_powered = self.joints[index].powered;
            self.power_joint(index);
            let joint = &mut self.joints[index];
            let waits = !at_once || !was_powered;
            joint.fresh |= waits && !joint.is_moving();
            joint.motion = motions[index].take();
            (joint.stopping, joint.arrived, joint.jog_until) = (None, false, None);
            (joint.goal_id, joint.unguarded) = (id, departure.is_unguarded());
            if joint.soft_start.is_none() {
                joint.message = Cow::Borrowed("");
            }
        }
        self.changed = true;
    }

    /// A joint that was told to go where it is, or further than it can, says so.
    fn say_where_it_rests(&mut self, index: usize) {
        let joint = &mut self.joints[index];
        if !joint.is_moving() {
            joint.message = joint.rests_because();
        }
    }

    fn refuse(&mut self, id: GoalId, departure: Departure<'_>, error: &MoveError) {
        let positions = self.positions(departure.joints().into_iter());
        let end = match error {
            MoveError::EmergencyStop => MoveEnd::EmergencyStop,
            MoveError::Guard(_) => MoveEnd::Guard,
            _ => MoveEnd::Refused,
        };
        self.ended.push((id, MoveOutcome { end, positions, message: error.to_string() }));
    }

    pub(super) fn positions(&self, joints: impl Iterator<Item = usize>) -> Vec<(usize, f64)> {
        joints.filter_map(|index| Some((index, self.joints[index].position()?))).collect()
    }

    /// Says something of every joint whose position is known.
    pub(super) fn tell_all(&mut self, message: &str) {
        for joint in self.joints.iter_mut().filter(|joint| joint.message != UNKNOWN) {
            joint.message = Cow::Owned(message.to_owned());
        }
        self.changed = true;
    }

    /// Ends every goal, and brings every joint to rest.
    pub(super) fn stop_all(&mut self, ending: &Ending) {
        for goal in self.goals.iter_mut() {
            goal.ending.get_or_insert_with(|| ending.clone());
        }
        self.joints.iter_mut().for_each(|joint| joint.slow_down(Cow::Owned(ending.reason.clone())));
        self.changed = true;
    }
}
