use super::error::{Leg, TrajectoryError};
use super::knots;
use super::piece::Piece;
use super::plan::{Carried, JointPlan, Plan};
use super::{LATE, NEAR, SHORTEST};
use crate::motion::Setpoint;
use crate::robot::Limits;
use std::sync::Arc;

/// A limit that is reached is exceeded by a rounding.
const ROUNDING: f64 = 1.0 + 1e-6;

/// The way of one joint through a trajectory. Clones share the points.
#[derive(Debug, Clone, PartialEq)]
pub struct Course {
    plan: Arc<Plan>,
    /// Which of the plan's joints.
    k: usize,
    /// Where it begins, at time 0.
    start: Setpoint,
    /// The state at the first point in the future: if no point carries velocities, it depends on where the joint comes
    /// from.
    join: Setpoint,
}

impl Course {
    pub(super) fn begin(
        plan: &Arc<Plan>,
        k: usize,
        from: Setpoint,
        limits: &Limits,
    ) -> Result<Self, TrajectoryError> {
        let planned = planned_now(plan, &plan.plans[k].knots);
        let near =
            planned.filter(|planned| (planned.position - from.position).abs() <= reach_of(from, limits));
        if let (Some(planned), None) = (planned, near)
            && plan.times[0] >= -SHORTEST
        {
            return Err(elsewhere(plan, k, planned, from, limits));
        }
        let course = Self::new(plan, k, from);
        let Err(error) = course.check(limits) else { return Ok(course) };
        // The next point is too soon to be joined from here, but the way there is near.
        let start = near.map(|planned| match plan.carried {
            Carried::Positions => Setpoint { position: planned.position, ..from },
            Carried::Velocities | Carried::Accelerations => planned,
        });
        let beside = start.map(|start| Self::new(plan, k, start));
        beside.filter(|course| course.check(limits).is_ok()).ok_or(error)
    }

    fn new(plan: &Arc<Plan>, k: usize, start: Setpoint) -> Self {
        let knots = &plan.plans[k].knots;
        let mut join = knots.get(plan.first).copied().unwrap_or(start);
        if let (Carried::Positions, 0, Some(next)) = (plan.carried, plan.first, knots.get(1)) {
            let before = (plan.times[0], join.position - start.position);
            let after = (plan.times[1] - plan.times[0], next.position - join.position);
            join.velocity = knots::velocity(before, after);
        }
        Self { plan: Arc::clone(plan), k, start, join }
    }

    /// Checks the pieces that were not known before: to the first point, and if no point carries velocities, the next.
    fn check(&self, limits: &Limits) -> Result<(), TrajectoryError> {
        let (plan, own) = (&*self.plan, self.own());
        let first = plan.first;
        let Some(&time) = plan.times.get(first) else { return Ok(()) };
        let leg =
            |to: usize, from_now| Leg { to: plan.dropped + to, from_now, joint: &own.name, unit: own.unit };
        let piece = plan.piece(self.start, self.join, time);
        TrajectoryError::check_piece(&piece, limits, leg(first, true))?;
        match own.knots.get(first + 1) {
            Some(&next) if plan.carried == Carried::Positions => {
                let piece = plan.piece(self.join, next, plan.times[first + 1] - time);
                TrajectoryError::check_piece(&piece, limits, leg(first + 1, false))
            }
            _ => Ok(()),
        }
    }

    fn own(&self) -> &JointPlan {
        &self.plan.plans[self.k]
    }

    /// The state `elapsed` seconds after the start: before it the first, from the end on at rest at the goal. Finds its
    /// piece in as many steps as the logarithm of the number of points, and allocates nothing.
    pub fn at(&self, elapsed: f64) -> Setpoint {
        // Also for a time that is not a number.
        let elapsed = elapsed.max(0.0);
        let (plan, knots) = (&*self.plan, &self.own().knots);
        // The first point in the future that is not reached yet.
        let next = plan.first + plan.times[plan.first..].partition_point(|&time| time <= elapsed);
        if next >= plan.times.len() {
            return Setpoint::rest(self.goal());
        }
        let (piece, begun): (Piece, f64) = if next == plan.first {
            (plan.piece(self.start, self.join, plan.times[next]), 0.0)
        } else {
            let begun = plan.times[next - 1];
            let from = if next - 1 == plan.first { self.join } else { knots[next - 1] };
            (plan.piece(from, knots[next], plan.times[next] - begun), begun)
        };
        piece.at(elapsed - begun)
    }

    /// Seconds from the start to the last point.
    pub fn duration(&self) -> f64 {
        self.plan.times.last().map_or(0.0, |&end| end.max(0.0))
    }

    /// The last position.
    pub fn goal(&self) -> f64 {
        self.own().knots.last().map_or(self.start.position, |last| last.position)
    }

    /// The next setpoint, `step` seconds after `last` and `elapsed` seconds after the start: as near to the way as the
    /// velocity limit and the travel allow. After a late start or a lost tick it catches up without a jump.
    pub fn next(&self, last: Setpoint, elapsed: f64, step: f64, limits: &Limits) -> Setpoint {
        if step.is_nan() || step <= 0.0 {
            return last;
        }
        let wanted = self.at(elapsed);
        let reach = limits.velocity * step * ROUNDING;
        let inside = wanted.position.clamp(limits.lower, limits.upper);
        let position = inside.clamp(last.position - reach, last.position + reach);
        if position == wanted.position {
            let velocity = wanted.velocity.clamp(-limits.velocity, limits.velocity);
            return Setpoint { velocity, ..wanted };
        }
        let velocity = ((position - last.position) / step).clamp(-limits.velocity, limits.velocity);
        Setpoint { position, velocity, acceleration: 0.0 }
    }
}

/// Where the client meant the joint to be now, if a point lies in the past or is now.
fn planned_now(plan: &Plan, knots: &[Setpoint]) -> Option<Setpoint> {
    let before = plan.first.checked_sub(1)?;
    let (&from, begun) = (knots.get(before)?, plan.times[before]);
    match knots.get(plan.first) {
        Some(&to) => Some(plan.piece(from, to, plan.times[plan.first] - begun).at(-begun)),
        None => Some(from),
    }
}

/// How far from the joint a trajectory may begin.
fn reach_of(from: Setpoint, limits: &Limits) -> f64 {
    NEAR * (limits.upper - limits.lower) + LATE * from.velocity.abs()
}

fn elsewhere(plan: &Plan, k: usize, planned: Setpoint, from: Setpoint, limits: &Limits) -> TrajectoryError {
    let JointPlan { name, unit, .. } = &plan.plans[k];
    TrajectoryError::StartsElsewhere {
        field: format!("points[{}].positions[{k}] ({name})", plan.dropped),
        position: planned.position,
        present: from.position,
        allowed: reach_of(from, limits),
        unit,
    }
}
