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
    /// `earlier` is how the joint would stop from where it is; `speed` 0 = as fast as the limits allow; it takes `at_least`
    /// so many seconds.
    pub fn new(easing: Easing, earlier: Path, goal: f64, speed: f64, at_least: f64, limits: &Limits) -> Self {
        let start = earlier.end().position;
        let distance = (goal - start).abs();
        let fastest = distance / Self::fastest(easing, limits);
        let duration = if speed > 0.0 { (distance / speed).max(fastest) } else { fastest }.max(at_least);
        Self { easing, start, goal, duration, earlier }
    }

    /// The greatest mean speed, rad/s or m/s, at which the curve's steepest part keeps the velocity limit.
    pub fn fastest(easing: Easing, limits: &Limits) -> f64 {
        let slope = easing.max_slope();
        let slope = if slope.is_finite() { slope.max(1.0) } else { STEEPEST };
        limits.velocity / slope
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

#[cfg(test)]
mod tests {
    use super::super::{JointMotion, Planner, Profile, Setpoint};
    use crate::easing::Easing;
    use crate::robot::Limits;

    const TORSO: Limits = Limits { lower: -1.5, upper: 1.5, velocity: 5.0, acceleration: 40.0, jerk: 1000.0 };

    #[test]
    fn every_easing_takes_distance_over_speed_and_ends_at_its_goal_exactly() {
        for easing in Easing::all() {
            let mut motion = JointMotion::new(TORSO, -1.0);
            motion.go_to(1.0, 0.2, Profile::Eased(easing), &mut Planner::new());
            assert!((motion.remaining() - 10.0).abs() < 1e-9, "{easing} takes {} s", motion.remaining());
            let ticks = (1..1000).find(|_| {
                motion.advance(0.02);
                !motion.is_moving()
            });
            assert_eq!(motion.setpoint(), Setpoint::rest(1.0), "{easing}");
            // The limiter may need a little longer where a curve is endlessly steep at its end.
            assert!((499..=530).contains(&ticks.unwrap()), "{easing} took {ticks:?} ticks");
        }
    }

    #[test]
    fn an_easing_with_speed_0_is_stretched_to_the_velocity_limit() {
        for easing in Easing::all().filter(|easing| easing.max_slope().is_finite()) {
            let mut motion = JointMotion::new(TORSO, -1.5);
            motion.go_to(1.5, 0.0, Profile::Eased(easing), &mut Planner::new());
            let fastest = 3.0 * easing.max_slope() / TORSO.velocity;
            assert!((motion.remaining() - fastest).abs() < 1e-6, "{easing}");
        }
    }

    #[test]
    fn easings_that_overshoot_are_cut_at_the_end_of_the_travel() {
        for name in ["out_back", "in_back", "in_out_elastic", "out_elastic"] {
            let mut motion = JointMotion::new(TORSO, TORSO.lower);
            motion.go_to(TORSO.upper, 1.0, Profile::Eased(name.parse().unwrap()), &mut Planner::new());
            while motion.is_moving() {
                let position = motion.advance(0.01).position;
                assert!((TORSO.lower..=TORSO.upper).contains(&position), "{name} at {position}");
            }
        }
    }

    #[test]
    fn an_easing_that_takes_over_in_mid_motion_has_no_step_in_velocity() {
        let mut planner = Planner::new();
        let mut motion = JointMotion::new(TORSO, 0.0);
        motion.go_to(1.5, 2.0, Profile::Smooth, &mut planner);
        for _ in 0..20 {
            motion.advance(0.02);
        }
        let before = motion.setpoint();
        assert!(before.velocity > 1.9);
        motion.go_to(-1.0, 1.0, Profile::Eased("in_out_sine".parse().unwrap()), &mut planner);
        let after = motion.advance(0.001);
        assert!((after.velocity - before.velocity).abs() < 0.05, "{before:?} to {after:?}");
    }
}
