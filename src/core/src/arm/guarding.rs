use super::plan::{Departure, Motions};
use super::{Arm, ArmSnapshot, MoveError};
use super::{GoalId, ValidMove};
use crate::guard::{Contact, Guard, Rule, Watch};
use crate::motion::{JointMotion, Planner};
use crate::robot::Robot;
use crate::trajectory::ValidTrajectory;

/// A path is looked at this often, s: at full speed all joints together move the hand by a few millimetres.
const STEP: f64 = 0.005;

/// No more poses than this are looked at before a departure, those between two of them among them. A path that lasts long
/// is looked at less often, and less of it closely: it is slow, or the runtime check has it.
const MOST_POSES: usize = 6000;

/// The same on the servo thread, which has a tick to keep.
const MOST_POSES_IN_A_TICK: usize = 600;

/// The guard against desk and torso, switched on.
#[derive(Debug, Clone)]
pub struct Guarding {
    /// Knows the robot's measures.
    pub guard: Guard,
    /// What it allows.
    pub rule: Rule,
}

/// The pose of joints in motion; what is unknown is taken to be at home.
pub(super) fn pose(robot: &Robot, motions: &Motions, pose: &mut Vec<f64>) {
    pose.clear();
    let joints = robot.joints.iter().zip(motions);
    pose.extend(joints.map(|(joint, motion)| motion.as_ref().map_or(joint.home, |m| m.setpoint().position)));
}

/// Lets time go on until all of them rest, for at most `poses` steps, and watches every pose, closely while `more` poses
/// last. Of several poses that are too low the lowest is told: the
/// first of them says little of where the way leads.
fn ride(
    robot: &Robot,
    motions: &mut Motions,
    watch: &mut Watch<'_>,
    step: f64,
    poses: usize,
    more: &mut usize,
) -> Result<(), Contact> {
    let (mut last, mut now) = (Vec::with_capacity(motions.len()), Vec::with_capacity(motions.len()));
    pose(robot, motions, &mut now);
    let mut worst: Option<Contact> = None;
    for _ in 0..poses {
        let mut moving = false;
        for motion in motions.iter_mut().flatten() {
            motion.advance(step);
            moving |= motion.is_moving();
        }
        std::mem::swap(&mut last, &mut now);
        pose(robot, motions, &mut now);
        if let Err(contact) = watch.pass_straight_within(&last, &now, more) {
            worst = Some(worst.map_or(contact.clone(), |worst| lower(worst, contact)));
        }
        if !moving {
            break;
        }
    }
    worst.map_or(Ok(()), Err)
}

/// The one of two contacts that is the lower above, or below, the desk; the first if they are not both with the desk.
pub(super) fn lower(first: Contact, second: Contact) -> Contact {
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
        // Two thirds for the way, shared by the joints that arrive one after the other: a quick one beside one that crawls
        // for minutes is looked at as closely as if it went alone.
        let share = (most * 2 / 3 / arrivals.len().max(1)).max(1);
        let (mut now, mut legs, mut left) = (0.0, Vec::with_capacity(arrivals.len()), most);
        for arrival in arrivals {
            let poses = ((arrival - now) / STEP).ceil().min(share as f64);
            if poses >= 1.0 {
                legs.push(((arrival - now) / poses, poses as usize));
                left = left.saturating_sub(poses as usize);
                now = arrival;
            }
        }
        // What comes after the last arrival keeps half of the last third.
        let after = most / 6;
        let mut more = left.saturating_sub(after);
        for (step, poses) in legs {
            ride(robot, &mut motions, &mut watch, step, poses, &mut more)?;
        }
        // Roundings, and eased ways that the limits make longer.
        let poses = (more + after).min(most / 3);
        more = (more + after) - poses;
        ride(robot, &mut motions, &mut watch, STEP, poses, &mut more)
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
}
