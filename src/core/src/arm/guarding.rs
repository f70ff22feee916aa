use super::goals::Ending;
use super::plan::{Departure, Motions};
use super::{Arm, ArmSnapshot, MoveError};
use super::{GoalId, MoveEnd, ValidMove};
use crate::guard::{Contact, Guard, Rule, Watch};
use crate::motion::{JointMotion, Planner};
use crate::robot::Robot;
use crate::trajectory::ValidTrajectory;
use std::borrow::Cow;

/// A path is looked at this often, s: at full speed all joints together move the hand by a few millimetres.
const STEP: f64 = 0.005;

/// A braking joint, and one in a tick that came late, is looked at this often, s.
const BRAKE_STEP: f64 = 0.01;

/// On a path that lasts long, no more poses than this are looked at, shared by the joints that arrive one after the other.
/// It is slow, or the runtime check has it.
const MOST_POSES: usize = 4000;

/// The same on the servo thread, which has a tick to keep.
const MOST_POSES_IN_A_TICK: usize = 400;

/// A jog from rest that would touch something this soon does not begin, s: it would begin again with every command.
const JOG_AHEAD: f64 = 0.04;

/// No brake lasts longer than this many steps.
const MOST_BRAKE_STEPS: usize = 500;

/// The guard against desk and torso, switched on.
#[derive(Debug, Clone)]
pub struct Guarding {
    /// Knows the robot's measures.
    pub guard: Guard,
    /// What it allows.
    pub rule: Rule,
}

/// The pose of joints in motion; what is unknown is taken to be at home.
fn pose(robot: &Robot, motions: &Motions, pose: &mut Vec<f64>) {
    pose.clear();
    let joints = robot.joints.iter().zip(motions);
    pose.extend(joints.map(|(joint, motion)| motion.as_ref().map_or(joint.home, |m| m.setpoint().position)));
}

/// Lets time go on until all of them rest, and watches every pose. Of several poses that are too low the lowest is told: the
/// first of them says little of where the way leads.
fn ride(
    robot: &Robot,
    motions: &mut Motions,
    watch: &mut Watch<'_>,
    step: f64,
    most: usize,
) -> Result<(), Contact> {
    let mut now = Vec::with_capacity(motions.len());
    let mut worst: Option<Contact> = None;
    for _ in 0..most {
        let mut moving = false;
        for motion in motions.iter_mut().flatten() {
            motion.advance(step);
            moving |= motion.is_moving();
        }
        pose(robot, motions, &mut now);
        if let Err(contact) = watch.pass(&now) {
            worst = Some(worst.map_or(contact.clone(), |worst| lower(worst, contact)));
        }
        if !moving {
            break;
        }
    }
    worst.map_or(Ok(()), Err)
}

/// The one of two contacts that is the lower above, or below, the desk; the first if they are not both with the desk.
fn lower(first: Contact, second: Contact) -> Contact {
    match (&first, &second) {
        (Contact::Desk { height, .. }, Contact::Desk { height: other, .. }) if other < height => second,
        _ => first,
    }
}

impl Guarding {
    /// Whether the way of all joints from here to where they rest touches nothing.
    fn check_path(
        &self,
        robot: &Robot,
        mut motions: Motions,
        from: &Motions,
        most: usize,
    ) -> Result<(), Contact> {
        let mut start = Vec::new();
        pose(robot, from, &mut start);
        let mut watch = self.guard.watch(self.rule, &start);
        // A jog beside it goes on nobody knows how long; it is watched on the way.
        motions.iter_mut().flatten().filter(|motion| motion.is_jogging()).for_each(JointMotion::stop);
        let mut arrivals: Vec<f64> = motions.iter().flatten().map(JointMotion::remaining).collect();
        arrivals.retain(|&arrival| arrival > 0.0);
        arrivals.sort_by(f64::total_cmp);
        let share = (most / arrivals.len().max(1)).max(1);
        let mut now = 0.0;
        // A quick joint beside one that crawls for minutes is looked at as closely as if it went alone.
        for arrival in arrivals {
            let poses = ((arrival - now) / STEP).ceil().min(share as f64);
            if poses >= 1.0 {
                ride(robot, &mut motions, &mut watch, (arrival - now) / poses, poses as usize)?;
                now = arrival;
            }
        }
        // Roundings, and eased ways that the limits make longer.
        ride(robot, &mut motions, &mut watch, STEP, most / 2)
    }

    /// Whether the joints, having come from `from` in `step` seconds, touched nothing and can still come to rest without.
    fn check_brake(
        &self,
        robot: &Robot,
        from: &Motions,
        mut motions: Motions,
        step: f64,
    ) -> Result<(), Contact> {
        let mut start = Vec::new();
        pose(robot, from, &mut start);
        let mut watch = self.guard.watch(self.rule, &start);
        let mut now = Vec::new();
        pose(robot, &motions, &mut now);
        // In a tick that came late the servos go a long way at once, each straight to its new place.
        let poses = (step / BRAKE_STEP).ceil().max(1.0);
        let mut between = Vec::with_capacity(now.len());
        for k in 1..=poses as usize {
            let share = k as f64 / poses;
            between.clear();
            between.extend(start.iter().zip(&now).map(|(from, to)| from + share * (to - from)));
            watch.pass(&between)?;
        }
        motions.iter_mut().flatten().for_each(JointMotion::stop);
        ride(robot, &mut motions, &mut watch, BRAKE_STEP, MOST_BRAKE_STEPS)
    }
}

/// Looks ahead, on any thread, whether a move would touch desk or torso if it started from `snapshot`.
///
/// # Errors
/// The contact, or that the trajectory does not fit to where the joints are.
pub fn foresee_move(
    robot: &Robot,
    guarding: Option<&Guarding>,
    snapshot: &ArmSnapshot,
    valid: &ValidMove,
) -> Result<(), MoveError> {
    foresee(robot, guarding, snapshot, Departure::Move(valid))
}

/// As [`foresee_move`], for a trajectory.
///
/// # Errors
/// The contact, or that the trajectory does not fit to where the joints are.
pub fn foresee_trajectory(
    robot: &Robot,
    guarding: Option<&Guarding>,
    snapshot: &ArmSnapshot,
    valid: &ValidTrajectory,
) -> Result<(), MoveError> {
    foresee(robot, guarding, snapshot, Departure::Follow(valid))
}

fn foresee(
    robot: &Robot,
    guarding: Option<&Guarding>,
    snapshot: &ArmSnapshot,
    departure: Departure<'_>,
) -> Result<(), MoveError> {
    if snapshot.motions.len() != robot.joints.len() {
        return Ok(());
    }
    let goals: Vec<Option<GoalId>> = snapshot.joints.iter().map(|joint| joint.goal_id).collect();
    let mut motions = snapshot.motions.clone();
    departure.set_out(robot, &goals, &mut motions, &mut Planner::new())?;
    let guarding = guarding.filter(|_| !departure.is_unguarded());
    guarding.map_or(Ok(()), |guarding| {
        guarding.check_path(robot, motions, &snapshot.motions, MOST_POSES).map_err(MoveError::Guard)
    })
}

impl Arm {
    /// Switches the guard against desk and torso on, with a rule, or off.
    pub fn set_guarding(&mut self, guarding: Option<Guarding>) {
        self.guarding = guarding;
    }

    /// Whether `motions` may begin, which `departure` has led to.
    pub(super) fn check_departure(
        &self,
        departure: Departure<'_>,
        motions: &Motions,
    ) -> Result<(), MoveError> {
        let exempt = !departure.has_path() || departure.is_unguarded();
        let Some(guarding) = self.guarding.as_ref().filter(|_| !exempt) else { return Ok(()) };
        let checked =
            guarding.check_path(&self.robot, motions.clone(), &self.motions(), MOST_POSES_IN_A_TICK);
        checked.map_err(MoveError::Guard)
    }

    /// What a joint that rests would touch if it began to jog.
    pub(super) fn jog_would_touch(&self, joint: usize, jogs: &Motions) -> Option<Contact> {
        let guarding = self.guarding.as_ref().filter(|_| !self.joints[joint].is_moving())?;
        let before = self.motions();
        let mut motions = before.clone();
        motions[joint].clone_from(&jogs[joint]);
        for motion in motions.iter_mut().flatten() {
            motion.advance(JOG_AHEAD);
        }
        guarding.check_brake(&self.robot, &before, motions, JOG_AHEAD).err()
    }

    /// Lets all joints go on by `step` seconds, unless they could then no longer come to rest before desk or torso. In that
    /// case those come to rest from here that have to: one that jogs, all that jog, or everything, of which a tick before it
    /// was seen that it can. What is exempt from the guard goes on.
    pub(super) fn advance(&mut self, step: f64) {
        let guarded: Vec<usize> = (0..self.joints.len())
            .filter(|&joint| self.joints[joint].is_on_its_way() && !self.joints[joint].is_unguarded())
            .collect();
        let guarding = self.guarding.as_ref().filter(|_| !guarded.is_empty());
        let contact = guarding.and_then(|guarding| self.touches(guarding, &[], step));
        if let (Some(contact), Some(guarding)) = (contact, guarding) {
            let jogs =
                |&joint: &usize| self.joints[joint].motion.as_ref().is_some_and(JointMotion::is_jogging);
            let jogging: Vec<usize> = guarded.iter().copied().filter(jogs).collect();
            let one = jogging.iter().map(std::slice::from_ref);
            let fewest = one.chain([&jogging[..]]).find(|stop| self.touches(guarding, stop, step).is_none());
            let stop = fewest.map_or(guarded, <[usize]>::to_vec);
            self.stop_these(&stop, &Ending { end: MoveEnd::Guard, reason: format!("guard: {contact}") });
        }
        self.joints.iter_mut().for_each(|joint| joint.advance(step));
    }

    /// What is touched if these joints begin to brake now, and all do a tick later.
    fn touches(&self, guarding: &Guarding, stop: &[usize], step: f64) -> Option<Contact> {
        let before = self.motions();
        let mut after = before.clone();
        for (index, (motion, joint)) in after.iter_mut().zip(&self.joints).enumerate() {
            let Some(motion) = motion else { continue };
            if stop.contains(&index) {
                motion.stop();
            }
            motion.advance(if joint.waits() { 0.0 } else { step });
        }
        guarding.check_brake(&self.robot, &before, after, step).err()
    }

    fn stop_these(&mut self, joints: &[usize], ending: &Ending) {
        for &joint in joints {
            match self.joints[joint].goal_id {
                Some(goal) => self.end_goal(goal, ending.clone()),
                None => self.joints[joint].slow_down(Cow::Owned(ending.reason.clone())),
            }
        }
        self.changed = true;
    }
}
