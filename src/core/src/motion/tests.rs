//! Whatever is asked of a joint and whenever: it keeps its limits and its travel, and its position has no step.

use super::*;
use crate::robot::Limits;
use proptest::prelude::*;

const TORSO: Limits = Limits { lower: -1.5, upper: 1.5, velocity: 5.0, acceleration: 40.0, jerk: 1000.0 };

/// Something that is asked of a joint, and how many seconds it is then left alone.
#[derive(Debug, Clone)]
enum Ask {
    Smooth { goal: f64, speed: f64, wait: f64 },
    Eased { goal: f64, speed: f64, easing: Easing, wait: f64 },
    Stop { wait: f64 },
}

fn limits() -> impl Strategy<Value = Limits> {
    // From a clamp in metres to a fast joint in radians, soft or stiff.
    (0.01..3.0_f64, 0.02..8.0_f64, 2.0..30.0_f64, 5.0..60.0_f64).prop_map(|(half, velocity, a, j)| Limits {
        lower: -half,
        upper: half * 0.7,
        velocity,
        acceleration: velocity * a,
        jerk: velocity * a * j,
    })
}

fn speed() -> impl Strategy<Value = f64> {
    prop_oneof![Just(0.0), 0.01..1.0, 1.0..10.0]
}

/// A share of the travel, its ends more often than chance has them.
fn share() -> impl Strategy<Value = f64> {
    prop_oneof![Just(0.0), Just(1.0), 0.0..=1.0]
}

fn smooth() -> impl Strategy<Value = Ask> {
    prop_oneof![
        4 => (share(), speed(), 0.0..0.6).prop_map(|(goal, speed, wait)| Ask::Smooth { goal, speed, wait }),
        1 => (0.0..0.3).prop_map(|wait| Ask::Stop { wait }),
    ]
}

fn any() -> impl Strategy<Value = Ask> {
    let easings: Vec<_> = Easing::all().collect();
    let eased = (share(), speed(), prop::sample::select(easings), 0.0..0.6);
    prop_oneof![
        smooth(),
        eased.prop_map(|(goal, speed, easing, wait)| Ask::Eased { goal, speed, easing, wait }),
    ]
}

struct Ride {
    limits: Limits,
    motion: JointMotion,
    planner: Planner,
    period: f64,
}

impl Ride {
    fn new(limits: Limits, start: f64, period: f64) -> Self {
        let position = limits.lower + (limits.upper - limits.lower) * start;
        Self { limits, motion: JointMotion::new(limits, position), planner: Planner::new(), period }
    }

    fn ask(&mut self, ask: &Ask) -> f64 {
        let place = |share: f64| self.limits.lower + (self.limits.upper - self.limits.lower) * share;
        match *ask {
            Ask::Smooth { goal, speed, wait } => {
                self.motion.go_to(
                    place(goal),
                    speed * self.limits.velocity,
                    Profile::Smooth,
                    &mut self.planner,
                );
                wait
            }
            Ask::Eased { goal, speed, easing, wait } => {
                let profile = Profile::Eased(easing);
                self.motion.go_to(place(goal), speed * self.limits.velocity, profile, &mut self.planner);
                wait
            }
            Ask::Stop { wait } => {
                self.motion.stop();
                wait
            }
        }
    }

    /// Goes on for `seconds`, handing every pair of neighbouring setpoints to `check`.
    fn go_on(
        &mut self,
        seconds: f64,
        check: &mut impl FnMut(&Limits, Setpoint, Setpoint) -> Result<(), TestCaseError>,
    ) -> Result<(), TestCaseError> {
        let mut left = seconds;
        while left > 0.0 {
            let before = self.motion.setpoint();
            let after = self.motion.advance(self.period);
            check(&self.limits, before, after)?;
            left -= self.period;
        }
        Ok(())
    }

    fn finish(
        &mut self,
        mut check: impl FnMut(&Limits, Setpoint, Setpoint) -> Result<(), TestCaseError>,
    ) -> Result<(), TestCaseError> {
        // More than once, since the limiter delays the end of a curve that is endlessly steep there.
        for _ in 0..3 {
            self.go_on(self.motion.remaining() + 2.0 * self.period, &mut check)?;
        }
        prop_assert!(!self.motion.is_moving());
        prop_assert_eq!(self.motion.setpoint(), Setpoint::rest(self.motion.goal().unwrap()));
        Ok(())
    }
}

/// What holds for every motion.
fn no_leap(limits: &Limits, period: f64, before: Setpoint, after: Setpoint) -> Result<(), TestCaseError> {
    prop_assert!((limits.lower..=limits.upper).contains(&after.position), "{after:?} outside {limits:?}");
    let reach = limits.velocity * period * (1.0 + 1e-6) + 1e-6;
    let step = (after.position - before.position).abs();
    prop_assert!(step <= reach, "step of {step} from {before:?} to {after:?}");
    prop_assert!(after.velocity.abs() <= limits.velocity * (1.0 + 1e-6));
    Ok(())
}

/// What holds for motions without an easing.
fn soft(limits: &Limits, period: f64, before: Setpoint, after: Setpoint) -> Result<(), TestCaseError> {
    no_leap(limits, period, before, after)?;
    let tolerance = 1.0 + 1e-5;
    prop_assert!(after.acceleration.abs() <= limits.acceleration * tolerance, "{after:?}");
    let gain = (after.velocity - before.velocity).abs();
    prop_assert!(gain <= limits.acceleration * period * tolerance + 1e-5, "{before:?} to {after:?}");
    let surge = (after.acceleration - before.acceleration).abs();
    prop_assert!(surge <= limits.jerk * period * tolerance + 1e-4, "{before:?} to {after:?}");
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn smooth_motion_keeps_all_limits_whatever_is_asked_in_mid_motion(
        limits in limits(), start in share(), period in 0.005..0.05, asks in prop::collection::vec(smooth(), 1..8),
    ) {
        let mut ride = Ride::new(limits, start, period);
        for ask in &asks {
            let wait = ride.ask(ask);
            ride.go_on(wait, &mut |limits, before, after| soft(limits, period, before, after))?;
        }
        ride.finish(|limits, before, after| soft(limits, period, before, after))?;
    }

    #[test]
    fn no_motion_leaps_or_leaves_the_travel_whatever_is_asked_in_mid_motion(
        limits in limits(), start in share(), period in 0.005..0.05, asks in prop::collection::vec(any(), 1..8),
    ) {
        let mut ride = Ride::new(limits, start, period);
        for ask in &asks {
            let wait = ride.ask(ask);
            ride.go_on(wait, &mut |limits, before, after| no_leap(limits, period, before, after))?;
        }
        ride.finish(|limits, before, after| no_leap(limits, period, before, after))?;
    }

    #[test]
    fn a_slower_goal_in_mid_motion_slows_down_first_and_then_keeps_its_speed(
        limits in limits(), wait in 0.01..0.5, share in 0.05..0.8,
    ) {
        let period = 0.01;
        let mut ride = Ride::new(limits, 0.0, period);
        ride.ask(&Ask::Smooth { goal: 1.0, speed: 0.0, wait });
        ride.go_on(wait, &mut |limits, before, after| soft(limits, period, before, after))?;
        let speed = limits.velocity * share;
        ride.ask(&Ask::Smooth { goal: 1.0, speed: share, wait });
        let mut reached = false;
        ride.finish(|limits, before, after| {
            reached |= before.velocity.abs() <= speed && before.acceleration <= 0.0;
            prop_assert!(!reached || after.velocity.abs() <= speed * (1.0 + 1e-5), "{after:?} faster than {speed}");
            soft(limits, period, before, after)
        })?;
    }

    #[test]
    fn a_stop_holds_soon_and_near(limits in limits(), wait in 0.0..1.0) {
        let mut ride = Ride::new(limits, 0.0, 0.01);
        ride.ask(&Ask::Smooth { goal: 1.0, speed: 0.0, wait });
        ride.go_on(wait, &mut |_, _, _| Ok(()))?;
        let (from, goal) = (ride.motion.setpoint(), ride.motion.goal().unwrap());
        ride.motion.stop();
        let longest = limits.velocity / limits.acceleration + 2.0 * limits.acceleration / limits.jerk;
        prop_assert!(ride.motion.remaining() <= longest + 1e-9);
        ride.finish(|limits, before, after| soft(limits, 0.01, before, after))?;
        prop_assert!(ride.motion.setpoint().position >= from.position - 1e-9);
        prop_assert!(ride.motion.setpoint().position <= goal + 1e-6);
    }

    #[test]
    fn rounding_of_time_does_not_change_where_a_motion_ends(period in 0.001..0.3, goal in share()) {
        let mut ride = Ride::new(TORSO, 0.3, period);
        ride.ask(&Ask::Smooth { goal, speed: 0.4, wait: 0.0 });
        ride.finish(|limits, before, after| no_leap(limits, period, before, after))?;
        prop_assert_eq!(ride.motion.setpoint().position, TORSO.lower + (TORSO.upper - TORSO.lower) * goal);
    }
}

#[test]
fn a_new_goal_during_a_firm_stop_keeps_the_velocity_limit() {
    let limits = Limits { lower: -1.5, upper: 1.1, velocity: 2.3, acceleration: 48.0, jerk: 480.0 };
    let mut ride = Ride::new(limits, 0.9, 0.01);
    ride.ask(&Ask::Eased { goal: 1.0, speed: 1.0, easing: "linear".parse().unwrap(), wait: 0.0 });
    while ride.motion.setpoint().position < 1.06 {
        ride.motion.advance(0.01);
    }
    for _ in 0..2 {
        // Braking within its limits would take the joint past the end of its travel.
        ride.ask(&Ask::Smooth { goal: 0.0, speed: 0.0, wait: 0.0 });
        let setpoint = ride.motion.advance(0.01);
        assert!(setpoint.acceleration < -limits.acceleration, "{setpoint:?}");
    }
    ride.ask(&Ask::Smooth { goal: 0.0, speed: 0.0, wait: 0.0 });
    ride.finish(|limits, before, after| no_leap(limits, 0.01, before, after)).unwrap();
}
