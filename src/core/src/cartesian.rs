//! The hand moved in space: for a wish of the hand, the joint velocities that do it now (resolved rate).
//!
//! Steve has five joints for it, so a wish has five numbers: the hand's velocity, and its turning up and to the right. It
//! cannot roll by itself. How it behaves:
//! - What is not wished to turn keeps pointing where it points: pushed aside, the hand goes aside and does not swing round.
//! - Position comes before direction. Where both cannot be had, because a joint is at the end of its travel or the arm would
//!   have to whip, the direction gives way, and does not come back by itself.
//! - Where the hand can hardly move in the wished direction it slows down, and rests where it cannot at all. The way stays
//!   straight: a hand at the end of its reach does not slide along it.
//! - A joint slows down before its end so that it can stop there; the others take over what they can. Back always works.
//! - No joint is faster than its limit: the whole wish gets slower.
//! - Velocities are continuous in positions and wish: damped least squares and bounds, no switching.

mod brake;
mod error;
mod solve;
mod task;

use nalgebra::{DVector, Vector2, Vector3};

pub use error::CartesianError;

use crate::kinematics::Kinematics;
use crate::robot::{JointKind, Limits, Robot};
use solve::{Bounds, Solution};
use task::{Free, Task};

/// The link that a wish is about, unless another is named: between the finger tips.
pub const HAND_LINK: &str = "gripper_tip";

/// A wish is cut to this, reaches/s and rad/s: no arm is as fast, and squares of it are finite.
const FASTEST: f64 = 1e3;

/// What a rad counts in how much of a wish is done, in reaches.
const TURNING: f64 = 0.3;

/// With less than this share of a wish done, what goes aside is not told against what is done: it stops anyway.
const SOME: f64 = 0.01;

/// Less than this share of a wish is not all of it.
const WHOLE: f64 = 0.99;

/// How the hand is wished to move.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct HandTwist {
    /// Velocity x y z of the hand's link in the root link's frame (Steve: `base_link`, x forward, y left, z up), m/s.
    pub linear: [f64; 3],
    /// Pitch, + up, around the hand's own horizontal axis (-y of its link); yaw, + right as `wrist_lr`, around its own
    /// vertical axis (-z of its link); rad/s. 0 keeps the direction that the hand points in.
    pub turning: [f64; 2],
}

/// What the joints are to do now.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Velocities in the robot's order, rad/s or m/s, within each joint's limit; 0 for joints that take no part, such as
    /// the clamp.
    pub velocities: Vec<f64>,
    /// The share of the wish that is done, 0 to 1; 1 for no wish.
    pub scale: f64,
    /// What holds the hand back.
    pub held: Hold,
}

/// What holds the hand back, beyond the joints' speed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// Nothing.
    Free,
    /// The joint of this index is at the end of its travel, or slows down before it: it does not do its part of the wish.
    /// The others do what they can.
    Limit(usize),
    /// The arm can hardly move in the wished direction from here, whatever its joints do.
    Singular,
}

/// Answers joint velocities for wishes of one robot's hand. It keeps no state: the same positions and the same wish get the
/// same answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Cartesian {
    kinematics: Kinematics,
    link: usize,
    /// Of all the robot's joints.
    limits: Vec<Limits>,
    /// The joints that move the link, ascending.
    joints: Vec<usize>,
    /// What of each of these counts as 1: 1 rad, or the reach.
    units: Vec<f64>,
    /// How far the link can be from the first of the joints at most, m, greater than 0.
    reach: f64,
}

impl Cartesian {
    /// For the link [`HAND_LINK`] of `robot`, with the measures of the URDF `text`.
    ///
    /// # Errors
    /// As [`for_link`](Self::for_link).
    pub fn from_urdf(text: &str, robot: &Robot) -> Result<Self, CartesianError> {
        Self::for_link(text, robot, HAND_LINK)
    }

    /// The same for another link.
    ///
    /// # Errors
    /// A URDF that cannot be used, no such link, or one that no joint of the robot moves.
    pub fn for_link(text: &str, robot: &Robot, link: &str) -> Result<Self, CartesianError> {
        let kinematics = Kinematics::from_urdf(text, robot)?;
        let Some(index) = kinematics.link_index(link) else {
            return Err(CartesianError::NoLink { link: link.to_owned() });
        };
        let mut frames = Vec::new();
        kinematics.poses(&[], &mut frames);
        let mut axes: Vec<_> = kinematics.axes(index, &frames).collect();
        axes.sort_by_key(|axis| axis.joint);
        axes.dedup_by_key(|axis| axis.joint);
        if axes.is_empty() {
            return Err(CartesianError::Still { link: link.to_owned() });
        }
        let joints: Vec<usize> = axes.iter().map(|axis| axis.joint).collect();
        let limits: Vec<Limits> = robot.joints.iter().map(|joint| joint.limits).collect();
        let reach = reach(&kinematics, index, robot);
        let units = axes.iter().map(|axis| match axis.kind {
            JointKind::Revolute => 1.0,
            JointKind::Prismatic => reach,
        });
        Ok(Self { units: units.collect(), kinematics, link: index, limits, joints, reach })
    }

    /// The joints that take part: those that move the hand's link, by index, ascending.
    pub fn joints(&self) -> &[usize] {
        &self.joints
    }

    /// The joint velocities that do `twist` when the joints are at `positions` (rad, m, in the robot's order).
    ///
    /// A number that is not finite (of a joint that takes part, or of the wish) or not as many positions as joints: all
    /// velocities are 0, `scale` is 0.
    pub fn velocities(&self, positions: &[f64], twist: &HandTwist) -> Step {
        let numbers = || twist.linear.iter().chain(&twist.turning);
        if numbers().all(|&number| number == 0.0) {
            return self.still(1.0);
        }
        let known = |&joint: &usize| positions.get(joint).is_some_and(|position| position.is_finite());
        let usable = positions.len() == self.limits.len()
            && self.joints.iter().all(known)
            && numbers().all(|number| number.is_finite());
        if !usable {
            return self.still(0.0);
        }
        self.step(positions, twist).unwrap_or_else(|| self.still(0.0))
    }

    fn still(&self, scale: f64) -> Step {
        Step { velocities: vec![0.0; self.limits.len()], scale, held: Hold::Free }
    }

    /// `None` where positions are so great that their sums are not finite.
    fn step(&self, positions: &[f64], twist: &HandTwist) -> Option<Step> {
        let wish = Wish::new(twist, self.reach);
        let task = self.task(positions)?;
        let Free { x, h } = task.free(&wish.linear, &wish.turning)?;
        // Too fast for a joint: the whole wish gets smaller before the bounds are looked at, so that they do not bend it.
        let slower = self.share_of_speed(&x);
        let Solution { x, held } = solve::nearest(h, x * slower, &self.bounds(positions))?;
        let Done { share, aside } = wish.done(&task, &(&x / slower));
        let factor = fade(share, aside) * self.share_of_speed(&x);
        let mut velocities = vec![0.0; self.limits.len()];
        for ((&joint, unit), x) in self.joints.iter().zip(&self.units).zip(x.iter()) {
            let fastest = self.limits.get(joint)?.velocity;
            // -0 is no velocity to send.
            *velocities.get_mut(joint)? = (x * unit * factor).clamp(-fastest, fastest) + 0.0;
        }
        let held = match held.and_then(|at| self.joints.get(at)) {
            Some(&joint) => Hold::Limit(joint),
            None if share < WHOLE => Hold::Singular,
            None => Hold::Free,
        };
        Some(Step { velocities, scale: (share * slower * factor * wish.part).clamp(0.0, 1.0), held })
    }

    fn task(&self, positions: &[f64]) -> Option<Task> {
        let mut frames = Vec::with_capacity(self.kinematics.link_count());
        self.kinematics.poses(positions, &mut frames);
        let hand = frames.get(self.link)?.rotation;
        let (up, right) = (hand * -Vector3::y(), hand * -Vector3::z());
        let jacobian = self.kinematics.jacobian(self.link, &frames);
        Task::new(&jacobian, &self.joints, &self.units, self.reach, up, right)
    }

    /// What part of `x` is not too fast for any joint, more than 0.
    fn share_of_speed(&self, x: &DVector<f64>) -> f64 {
        let joints = self.joints.iter().filter_map(|&joint| self.limits.get(joint)).zip(&self.units);
        joints.zip(x.iter()).fold(1.0, |share: f64, ((limits, unit), x)| {
            let fastest = limits.velocity / unit;
            if x.abs() * share > fastest { fastest / x.abs() } else { share }
        })
    }

    fn bounds(&self, positions: &[f64]) -> Bounds {
        let (mut lower, mut upper) = (Vec::new(), Vec::new());
        for (&joint, unit) in self.joints.iter().zip(&self.units) {
            let speeds = match (self.limits.get(joint), positions.get(joint)) {
                (Some(limits), Some(&position)) => brake::speeds(limits, position),
                _ => (0.0, 0.0),
            };
            lower.push(-speeds.0 / unit);
            upper.push(speeds.1 / unit);
        }
        Bounds { lower, upper }
    }
}

/// A wish without units.
struct Wish {
    /// reaches/s.
    linear: Vector3<f64>,
    /// rad/s.
    turning: Vector2<f64>,
    /// What part of the wish this is.
    part: f64,
}

impl Wish {
    fn new(twist: &HandTwist, reach: f64) -> Self {
        let (linear, turning) = (Vector3::from(twist.linear) / reach, Vector2::from(twist.turning));
        let greatest = linear.amax().max(turning.amax());
        let part = if greatest > FASTEST { FASTEST / greatest } else { 1.0 };
        Self { linear: linear * part, turning: turning * part, part }
    }

    fn done(&self, task: &Task, x: &DVector<f64>) -> Done {
        let (velocity, turning) = (&task.linear * x, &task.turning * x);
        let linear = velocity.dot(&self.linear).clamp(0.0, self.linear.norm_squared());
        let turning = turning.dot(&self.turning).clamp(0.0, self.turning.norm_squared());
        let weight = TURNING * TURNING;
        let whole = self.linear.norm_squared() + weight * self.turning.norm_squared();
        let share = (linear + weight * turning) / whole;
        let part = linear / self.linear.norm_squared();
        // What is along it, as far as it was wished: so that a hair of a wish is as none.
        let beside = velocity - self.linear * if part.is_finite() { part } else { 0.0 };
        let aside = beside.norm() / (share.max(SOME) * whole.sqrt());
        // A wish so small that its square is 0 is done or not, nobody sees it.
        if whole > 0.0 && share > 0.0 && aside.is_finite() {
            Done { share, aside }
        } else {
            Done { share: 0.0, aside: 0.0 }
        }
    }
}

/// What comes of a wish.
struct Done {
    /// The part of it that the joints do, 0 to 1.
    share: f64,
    /// How fast the hand goes aside, where 1 is as fast as it does what is wished.
    aside: f64,
}

/// How far the link can be from the first joint that moves it: the sum of the lengths between them, and of what slides.
fn reach(kinematics: &Kinematics, link: usize, robot: &Robot) -> f64 {
    let mut frames = Vec::new();
    kinematics.poses(&[], &mut frames);
    let sliding: f64 = kinematics
        .axes(link, &frames)
        .filter(|axis| axis.kind == JointKind::Prismatic)
        .filter_map(|axis| Some((robot.joints.get(axis.joint)?.limits, axis.multiplier)))
        .map(|(limits, multiplier)| (limits.upper - limits.lower) * multiplier.abs())
        .sum();
    let first = kinematics.axes(link, &frames).last();
    let base = first.and_then(|axis| kinematics.link_of_joint(axis.joint)).unwrap_or(0);
    let path = std::iter::successors(Some(link), |&link| kinematics.parent(link));
    let lengths = path.take_while(|&link| link != base).filter_map(|link| kinematics.origin(link));
    let reach = lengths.map(|origin| origin.norm()).sum::<f64>() + sliding;
    // All axes go through the link: any length will do, it only turns.
    if reach > 1e-6 && reach.is_finite() { reach } else { 1.0 }
}

/// How much of an answer is given. Nothing if it does less than 0.1 % of the wish, all from 1 % on: at the end of its reach a
/// hand rests. Nothing if it leads as far aside as along, all up to 0.3 (17 deg): where the way is not free it does not
/// go somewhere else instead.
fn fade(share: f64, aside: f64) -> f64 {
    smooth((share - 0.001) / 0.009) * smooth((1.0 - aside) / 0.7)
}

/// 0 up to 0, 1 from 1 on, with slope 0 there.
fn smooth(part: f64) -> f64 {
    let part = part.clamp(0.0, 1.0);
    part * part * (3.0 - 2.0 * part)
}
