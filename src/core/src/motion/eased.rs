use super::{Path, Setpoint};
use crate::easing::Easing;
use crate::robot::Limits;

/// Some curves (`in_circ`, `out_circ`) have an endless slope at one end. It is taken for this many times the mean speed,
/// and the step limiter rounds the rest off.
const STEEPEST: f64 = 4.0;

/// A named easing from where the joint is to a goal.
///
/// Its time is distance over speed, as the original robot had it, stretched so that the steepest part of the curve stays
/// within the joint's velocity limit. Most curves know no acceleration limit: `linear` starts and stops at full speed.
/// What is left of an earlier motion comes to rest under the curve, so that even this start has no step in velocity
/// beyond the curve's own.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Eased {
    easing: Easing,
    /// Where the curve starts: where the earlier motion would come to rest.
    start: f64,
    goal: f64,
    duration: f64,
    earlier: Path,
}

impl Eased {
    /// `earlier` is how the joint would stop from where it is; `speed` 0 = as fast as the limits allow.
    pub fn new(easing: Easing, earlier: Path, goal: f64, speed: f64, limits: &Limits) -> Self {
        let start = earlier.end().position;
        let distance = (goal - start).abs();
        let slope = easing.max_slope();
        let slope = if slope.is_finite() { slope.max(1.0) } else { STEEPEST };
        let fastest = distance * slope / limits.velocity;
        let duration = if speed > 0.0 { (distance / speed).max(fastest) } else { fastest };
        Self { easing, start, goal, duration, earlier }
    }

    /// Seconds from start to end, unless the step limiter takes longer.
    pub fn duration(&self) -> f64 {
        self.duration.max(self.earlier.duration())
    }

    /// The goal.
    pub fn goal(&self) -> f64 {
        self.goal
    }

    /// The next setpoint, `step` seconds after `last` and `elapsed` seconds after the start: as near to the curve as the
    /// velocity limit and the travel allow.
    pub fn next(&self, last: Setpoint, elapsed: f64, step: f64, limits: &Limits) -> Setpoint {
        if step <= 0.0 {
            return last;
        }
        let reach = limits.velocity * step;
        let wanted = self.curve(elapsed).clamp(limits.lower, limits.upper);
        let position = wanted.clamp(last.position - reach, last.position + reach);
        Setpoint { position, velocity: (position - last.position) / step, acceleration: 0.0 }
    }

    fn curve(&self, elapsed: f64) -> f64 {
        if elapsed >= self.duration() {
            return self.goal;
        }
        let progress = if self.duration > 0.0 { (elapsed / self.duration).min(1.0) } else { 1.0 };
        let leftover = self.earlier.at(elapsed).position - self.start;
        self.start + (self.goal - self.start) * self.easing.value(progress) + leftover
    }
}
