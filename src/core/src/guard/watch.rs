//! One path under watch.

use std::sync::Arc;

use nalgebra::Isometry3;

use super::{Contact, Inner, Rule};

/// How far below the rule's height is still on it, m: a path that ends on the desk is sampled a little beside its end.
const DESK_TOLERANCE: f64 = 1e-4;

/// How far below its height at the start a part may be computed, m. Less than [`DESK_TOLERANCE`], so that a path
/// made of many short ones, as in jogging, does not creep.
const ROUNDING: f64 = 1e-7;

/// Near to something, a straight way is looked at in so many pieces.
const PIECES: u8 = 8;

/// One path under watch. A pose takes about a microsecond and no memory.
#[derive(Debug)]
pub struct Watch<'a> {
    guard: &'a Inner,
    rule: Rule,
    /// By part of the arm.
    parts: Vec<Bound>,
    /// How far the last pose's parts are above where they have to stay, the least of them, m.
    spare: f64,
    /// Of the links, used again for each pose.
    frames: Vec<Isometry3<f64>>,
}

/// What is asked of a part.
#[derive(Debug)]
struct Bound {
    /// Told as what is allowed, m.
    allowed: f64,
    /// With tolerance, m.
    floor: f64,
    /// Was in the torso at the start, and has not been out of it yet.
    leaving: bool,
}

impl<'a> Watch<'a> {
    pub(super) fn new(guard: &'a Inner, rule: Rule, start: &[f64]) -> Self {
        let mut frames = Vec::with_capacity(guard.kinematics.link_count());
        guard.kinematics.poses(start, &mut frames);
        let parts = guard.bodies.arm.iter().map(|part| {
            let height = part.height(&frames);
            Bound {
                allowed: rule.height.min(height),
                floor: (rule.height - DESK_TOLERANCE).min(height - ROUNDING),
                leaving: part.is_in(&guard.bodies.torso, &frames, 0.0),
            }
        });
        // Where it starts is as low as it may be, or lower: what comes next is looked at closely.
        Self { parts: parts.collect(), spare: 0.0, guard, rule, frames }
    }

    /// As [`Self::pass`], for the straight way from the pose passed last to this one, all joints together: also where it
    /// would touch something between the two. Costs as much as one pose where nothing is near.
    ///
    /// # Errors
    /// As [`Self::pass`].
    pub fn pass_straight(&mut self, from: &[f64], to: &[f64]) -> Result<(), Contact> {
        let turn: f64 = from.iter().zip(to).map(|(from, to)| (to - from).abs()).sum();
        if !self.is_near(to, turn) {
            return self.pass(to);
        }
        let mut between = Vec::with_capacity(to.len());
        for piece in 1..PIECES {
            let share = f64::from(piece) / f64::from(PIECES);
            between.clear();
            between.extend(from.iter().zip(to).map(|(from, to)| from + share * (to - from)));
            self.pass(&between)?;
        }
        self.pass(to)
    }

    /// Whether something could be touched on the straight way from the last pose to this one, which the joints take turning
    /// by `turn` in all.
    fn is_near(&mut self, to: &[f64], turn: f64) -> bool {
        let Self { guard, parts, frames, spare, .. } = self;
        let bodies = &guard.bodies;
        guard.kinematics.poses(to, frames);
        // No point goes farther; and none sags below the line from its start to its end more than an arc of that radius.
        let way = bodies.reach * turn;
        let sag = way * turn / 8.0;
        *spare < sag
            || bodies.arm.iter().zip(parts).any(|(part, bound)| part.height(frames) - bound.floor < sag)
            || bodies.arm.iter().any(|part| part.is_in(&bodies.torso, frames, way))
    }

    /// The next pose of the path: in the robot's order, rad and m; a position that is missing counts as 0.
    ///
    /// # Errors
    /// What the pose would touch; of several parts that are too low, the one that is so most. A position that is not
    /// finite puts the arm below the desk.
    pub fn pass(&mut self, positions: &[f64]) -> Result<(), Contact> {
        let Self { guard, rule, parts, spare, frames } = self;
        let floor = rule.height - DESK_TOLERANCE;
        guard.kinematics.poses(positions, frames);
        let arm = &guard.bodies.arm;
        let mut deepest = 0.0;
        let mut contact = None;
        *spare = f64::INFINITY;
        for (part, bound) in arm.iter().zip(parts.iter_mut()) {
            let height = part.height(frames);
            let short = bound.floor - height;
            if short > deepest || short.is_nan() {
                deepest = if short.is_nan() { f64::INFINITY } else { short };
                contact = Some((part, height, bound.allowed));
            } else if short <= 0.0 && bound.floor < floor {
                // It is on its way out, and what it has risen it has to keep.
                bound.floor = bound.floor.max(floor.min(height - ROUNDING));
                bound.allowed = bound.allowed.max(rule.height.min(height));
            }
            *spare = spare.min(height - bound.floor);
        }
        if let Some((part, height, allowed)) = contact {
            return Err(Contact::Desk { part: Arc::clone(&part.name), height, allowed });
        }
        for (part, bound) in arm.iter().zip(parts) {
            let inside = part.is_in(&guard.bodies.torso, frames, 0.0);
            if inside && !bound.leaving {
                return Err(Contact::Torso { part: Arc::clone(&part.name) });
            }
            bound.leaving = inside;
        }
        Ok(())
    }
}
