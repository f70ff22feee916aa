//! Jerk-limited motion in closed form: stops, and ways to a goal that pass through a cruising speed without acceleration.
//! Not always the fastest way, but there always is one.

use super::{Path, Setpoint};
use crate::robot::Limits;

/// Halvings of the cruising speed: more than a double has bits.
const HALVINGS: usize = 80;

/// The rates that a path keeps to: limits without the travel.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rates {
    pub(super) velocity: f64,
    pub(super) acceleration: f64,
    pub(super) jerk: f64,
}

impl Rates {
    /// The joint's limits with `speed` as velocity limit; 0 and what is faster than the joint mean the joint's.
    pub(super) fn new(limits: &Limits, speed: f64) -> Self {
        let velocity = if speed > 0.0 { speed.min(limits.velocity) } else { limits.velocity };
        Self { velocity, acceleration: limits.acceleration, jerk: limits.jerk }
    }
}

/// Comes to rest in the shortest time.
pub(super) fn stop(from: Setpoint, rates: &Rates) -> Path {
    let mut path = Path::from(from);
    change_velocity(&mut path, 0.0, rates);
    path
}

/// Comes to rest inside the travel whatever it takes: at a constant deceleration, the joint's own or a greater one. Only a
/// named easing, which knows no acceleration limit, can bring a joint so fast so near to the end of its travel.
pub(super) fn firm_stop(from: Setpoint, limits: &Limits) -> Path {
    let speed = from.velocity.abs();
    let end = if from.velocity > 0.0 { limits.upper } else { limits.lower };
    let room = (end - from.position).abs();
    let mut path = Path::from(Setpoint { acceleration: 0.0, ..from });
    if speed * speed <= f64::EPSILON * room.max(f64::EPSILON) || room <= f64::EPSILON {
        return Path::from(Setpoint::rest(from.position));
    }
    let deceleration = limits.acceleration.max(speed * speed / (2.0 * room));
    path.step_acceleration(-deceleration.copysign(from.velocity));
    path.push(speed / deceleration, 0.0);
    path.settle(path.end().position.clamp(limits.lower, limits.upper));
    path
}

/// Goes on to `goal` and rests there: from the path's end to a cruising speed, along it, and from it to rest.
pub(super) fn go_on_to(path: &mut Path, goal: f64, rates: &Rates) {
    let way = |speed: f64| {
        let mut way = *path;
        change_velocity(&mut way, speed, rates);
        way
    };
    let landing = |speed: f64| {
        let mut way = way(speed);
        change_velocity(&mut way, 0.0, rates);
        way.end().position - goal
    };
    // The landing moves continuously with the cruising speed: a way exists between two that miss on different sides.
    let (mut low, mut high) = (-rates.velocity, rates.velocity);
    let (short_at_low, short_at_high) = (-landing(low), -landing(high));
    if short_at_high >= 0.0 {
        *path = way(high);
        path.push(short_at_high / high, 0.0);
    } else if short_at_low <= 0.0 {
        *path = way(low);
        path.push(short_at_low / low, 0.0);
    } else {
        for _ in 0..HALVINGS {
            let middle = f64::midpoint(low, high);
            if landing(middle) < 0.0 {
                low = middle;
            } else {
                high = middle;
            }
        }
        *path = way(low);
    }
    change_velocity(path, 0.0, rates);
    path.settle(goal);
}

/// Goes on to another velocity, without acceleration at its end, in the shortest time.
fn change_velocity(path: &mut Path, velocity: f64, rates: &Rates) {
    let Rates { acceleration: limit, jerk, .. } = *rates;
    let mut state = path.end();
    let if_let_go = state.velocity + state.acceleration * state.acceleration.abs() / (2.0 * jerk);
    // Solved for a gain in velocity; a loss is its mirror image.
    let sign = if velocity < if_let_go { -1.0 } else { 1.0 };
    let excess = (sign * state.acceleration - limit) / jerk;
    if excess > 0.0 {
        path.push(excess, -sign * jerk);
        state = path.end();
    }
    let gain = sign * (velocity - state.velocity);
    let present = sign * state.acceleration;
    let peak = (jerk * gain + present * present / 2.0).max(0.0).sqrt();
    let held = if peak > limit {
        (gain - (2.0 * limit * limit - present * present) / (2.0 * jerk)) / limit
    } else {
        0.0
    };
    let peak = peak.min(limit);
    path.push(((peak - present) / jerk).max(0.0), sign * jerk);
    path.push(held.max(0.0), 0.0);
    path.push(peak / jerk, -sign * jerk);
    path.level(velocity);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LIMITS: Limits =
        Limits { lower: -1.5, upper: 1.5, velocity: 5.0, acceleration: 40.0, jerk: 1000.0 };

    prop_compose! {
        fn state()(position in -1.5..1.5, velocity in -5.0..5.0, acceleration in -60.0..60.0) -> Setpoint {
            Setpoint { position, velocity, acceleration }
        }
    }

    proptest! {
        #[test]
        fn a_stop_ends_at_rest_within_the_limits(from in state()) {
            let path = stop(from, &Rates::new(&LIMITS, 0.0));
            prop_assert!(path.end().velocity.abs() < 1e-9);
            prop_assert!(path.end().acceleration.abs() < 1e-9);
            prop_assert!(path.bounds().acceleration <= from.acceleration.abs().max(40.0) + 1e-9);
            prop_assert!(path.duration() < 0.5);
        }

        #[test]
        fn a_way_ends_at_its_goal_within_the_limits(from in state(), goal in -1.5..1.5, speed in 0.05..5.0) {
            let rates = Rates::new(&LIMITS, speed);
            let mut path = Path::from(from);
            go_on_to(&mut path, goal, &rates);
            prop_assert_eq!(path.end(), Setpoint::rest(goal));
            let before_the_end = path.at(path.duration() - 1e-9);
            prop_assert!((before_the_end.position - goal).abs() < 1e-7);
            prop_assert!(before_the_end.velocity.abs() < 1e-5);
            prop_assert!(path.bounds().acceleration <= from.acceleration.abs().max(40.0) + 1e-9);
        }

        #[test]
        fn a_firm_stop_stays_inside_the_travel(position in -1.5..=1.5, velocity in -5.0..5.0) {
            let path = firm_stop(Setpoint { position, velocity, acceleration: 0.0 }, &LIMITS);
            let bounds = path.bounds();
            prop_assert!(bounds.lower >= LIMITS.lower - 1e-12 && bounds.upper <= LIMITS.upper + 1e-12);
            prop_assert_eq!(path.end().velocity, 0.0);
            prop_assert!(bounds.speed <= velocity.abs() + 1e-9);
        }
    }

    #[test]
    fn a_firm_stop_at_the_very_end_of_the_travel_stays_there() {
        let path = firm_stop(Setpoint { position: 1.5, velocity: 5.0, acceleration: 0.0 }, &LIMITS);
        assert_eq!((path.end(), path.duration()), (Setpoint::rest(1.5), 0.0));
    }
}
