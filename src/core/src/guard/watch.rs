//! One path under watch.

use std::sync::Arc;

use nalgebra::Isometry3;

use super::parts::Bodies;
use super::{Contact, Inner, Rule};

/// How far below the rule's height is still on it, m: a path that ends on the desk is sampled a little beside its end.
const DESK_TOLERANCE: f64 = 1e-4;

/// How far below its height at the start a part may be computed, m. Less than [`DESK_TOLERANCE`], so that a path
/// made of many short ones, as in jogging, does not creep.
const ROUNDING: f64 = 1e-7;

/// Near to something, a straight way is cut in halves so many times: into eighths.
const HALVINGS: usize = 3;

/// One path under watch. A pose takes about a microsecond and no memory.
#[derive(Debug)]
pub struct Watch<'a> {
    guard: &'a Inner,
    rule: Rule,
    /// By part of the arm.
    parts: Vec<Bound>,
    /// How far the last pose's parts are above where they have to stay, the least of them, m.
    spare: f64,
    /// Of the pose at the end of a straight way, and of those between; used again for each.
    looks: [Look; HALVINGS + 1],
    /// A pose between two others.
    pose: Vec<f64>,
}

/// A straight way.
#[derive(Debug, Clone, Copy)]
struct Way<'a> {
    from: &'a [f64],
    to: &'a [f64],
}

/// To nowhere.
const NO_WAY: Way<'_> = Way { from: &[], to: &[] };

/// A piece of a straight way.
#[derive(Debug, Clone, Copy)]
struct Piece {
    /// Where it begins, as a share of the whole.
    begin: f64,
    /// Which look is of its end.
    look: usize,
    /// How many times the whole was cut in halves.
    halvings: usize,
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

/// Where a pose has everything.
#[derive(Debug, Default)]
struct Look {
    /// By link.
    frames: Vec<Isometry3<f64>>,
    /// Of the lowest point, by part of the arm, m.
    heights: Vec<f64>,
    /// To the torso, obstacle by obstacle, by part of the arm, m.
    gaps: Vec<f64>,
}

impl Look {
    /// Gaps are measured as far as something could be touched on that share of a way; 0: only touched or not.
    fn at(&mut self, Inner { kinematics, bodies }: &Inner, positions: &[f64], way: Way<'_>, share: f64) {
        kinematics.poses(positions, &mut self.frames);
        self.heights.clear();
        self.heights.extend(bodies.arm.iter().map(|part| part.height(&self.frames)));
        self.gaps.clear();
        for obstacle in &bodies.torso {
            let most = share * obstacle.way(way.from, way.to);
            let from_root = self.frames[obstacle.link].inverse();
            let gaps = bodies.arm.iter().map(|part| part.gap(obstacle, &from_root, &self.frames, most));
            self.gaps.extend(gaps);
        }
    }

    /// Whether a part is in the torso.
    fn is_in(&self, part: usize) -> bool {
        self.gaps.iter().skip(part).step_by(self.heights.len().max(1)).any(|&gap| gap <= 0.0)
    }

    /// Whether a part could touch the torso on that share of a way.
    fn may_touch(&self, bodies: &Bodies, way: Way<'_>, share: f64) -> bool {
        let gaps = self.gaps.chunks(self.heights.len().max(1));
        bodies.torso.iter().zip(gaps).any(|(obstacle, gaps)| {
            let near = share * obstacle.way(way.from, way.to);
            gaps.iter().any(|&gap| gap <= near)
        })
    }
}

impl<'a> Watch<'a> {
    /// How many more poses a piece of the path takes at most that is looked at closely.
    const MORE: usize = (1 << HALVINGS) - 1;

    pub(super) fn new(guard: &'a Inner, rule: Rule, start: &[f64]) -> Self {
        let mut looks: [Look; HALVINGS + 1] = Default::default();
        looks[0].at(guard, start, NO_WAY, 0.0);
        let parts = looks[0].heights.iter().enumerate().map(|(part, &height)| Bound {
            allowed: rule.height.min(height),
            floor: (rule.height - DESK_TOLERANCE).min(height - ROUNDING),
            leaving: looks[0].is_in(part),
        });
        let parts = parts.collect();
        // Where it starts is as low as it may be, or lower: what comes next is looked at closely.
        Self { parts, spare: 0.0, guard, rule, looks, pose: Vec::new() }
    }

    /// As [`Self::pass`], for the straight way from the pose passed last to this one, all joints together: also where it
    /// would touch something between the two. Where nothing is near it costs one pose; else up to eight, the fewer the
    /// farther things are.
    ///
    /// # Errors
    /// As [`Self::pass`].
    pub fn pass_straight(&mut self, from: &[f64], to: &[f64]) -> Result<(), Contact> {
        let mut more = usize::MAX;
        self.pass_straight_within(from, to, &mut more)
    }

    /// The same while `more` poses are left to be looked at between those passed, of which it takes its share; if they may
    /// not suffice, as [`Self::pass`].
    pub(crate) fn pass_straight_within(
        &mut self,
        from: &[f64],
        to: &[f64],
        more: &mut usize,
    ) -> Result<(), Contact> {
        if *more < Self::MORE {
            return self.pass(to);
        }
        let way = Way { from, to };
        self.looks[0].at(self.guard, to, way, 1.0);
        self.pass_piece(way, Piece { begin: 0.0, look: 0, halvings: 0 }, more)
    }

    fn pass_piece(&mut self, way: Way<'_>, piece: Piece, more: &mut usize) -> Result<(), Contact> {
        let Piece { begin, look, halvings } = piece;
        let share = 0.5_f64.powi(halvings as i32);
        if halvings == HALVINGS {
            return self.judge(look);
        }
        if !self.is_near(way, look, share) {
            self.judge_height(look)?;
            // What is that far away is out of the torso, wherever it was at the start.
            self.parts.iter_mut().for_each(|part| part.leaving = false);
            return Ok(());
        }
        let halvings = halvings + 1;
        let middle = begin + share / 2.0;
        self.pose.clear();
        self.pose.extend(way.from.iter().zip(way.to).map(|(from, to)| from + middle * (to - from)));
        self.looks[halvings].at(self.guard, &self.pose, way, share / 2.0);
        *more = more.saturating_sub(1);
        self.pass_piece(way, Piece { begin, look: halvings, halvings }, more)?;
        self.pass_piece(way, Piece { begin: middle, look, halvings }, more)
    }

    /// Whether something could be touched on a piece of the way, this share of the whole, from the last pose to the one of
    /// this look.
    fn is_near(&self, way: Way<'_>, look: usize, share: f64) -> bool {
        let Self { guard: Inner { bodies, .. }, parts, spare, looks, .. } = self;
        let look = &looks[look];
        let turn: f64 = way.from.iter().zip(way.to).map(|(from, to)| (to - from).abs()).sum();
        // None sags below the line from its start to its end more than an arc of that length and turn, or twice that where
        // it slides as well.
        let sag = bodies.way(way.from, way.to) * turn / 4.0 * share * share;
        *spare < sag
            || look.heights.iter().zip(parts).any(|(height, bound)| height - bound.floor < sag)
            || look.may_touch(bodies, way, share)
    }

    /// The next pose of the path: in the robot's order, rad and m; a position that is missing counts as 0.
    ///
    /// # Errors
    /// What the pose would touch; of several parts that are too low, the one that is so most. A position that is not
    /// finite puts the arm below the desk.
    pub fn pass(&mut self, positions: &[f64]) -> Result<(), Contact> {
        self.looks[0].at(self.guard, positions, NO_WAY, 0.0);
        self.judge(0)
    }

    /// What the pose of this look touches.
    fn judge(&mut self, look: usize) -> Result<(), Contact> {
        self.judge_height(look)?;
        let Self { guard, parts, looks, .. } = self;
        for ((index, part), bound) in guard.bodies.arm.iter().enumerate().zip(parts) {
            let inside = looks[look].is_in(index);
            if inside && !bound.leaving {
                return Err(Contact::Torso { part: Arc::clone(&part.name) });
            }
            bound.leaving = inside;
        }
        Ok(())
    }

    fn judge_height(&mut self, look: usize) -> Result<(), Contact> {
        let Self { guard, rule, parts, spare, looks, .. } = self;
        let floor = rule.height - DESK_TOLERANCE;
        let mut deepest = 0.0;
        let mut contact = None;
        *spare = f64::INFINITY;
        for ((part, &height), bound) in guard.bodies.arm.iter().zip(&looks[look].heights).zip(parts) {
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
        contact.map_or(Ok(()), |(part, height, allowed)| {
            Err(Contact::Desk { part: Arc::clone(&part.name), height, allowed })
        })
    }
}
