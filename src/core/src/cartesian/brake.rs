//! How fast a joint may go so that it can stop before the end of its travel.

use crate::robot::Limits;

/// How long a velocity may be gone on with before one comes that knows where it led, s: three periods of 50 Hz, for a
/// position that comes by a topic is one or two periods old.
const REACTION: f64 = 0.06;

/// The greatest speeds, rad/s or m/s, down and up from `position`, not negative; 0 beyond the end.
///
/// Braking from v with acceleration a and jerk j takes at most v² / 2a + v a / 2j (exactly that from v >= a² / j on). With
/// the reaction's way before it this is to fit into what is left; solved for v.
pub(super) fn speeds(limits: &Limits, position: f64) -> (f64, f64) {
    let speed = |left: f64| {
        let Limits { lower, upper, acceleration, jerk, .. } = *limits;
        let left = left.max(0.0).min(upper - lower);
        let delay = REACTION + acceleration / (2.0 * jerk);
        // (root(delay² + 2 left / a) - delay) a, without the difference of two near numbers.
        2.0 * left / ((delay * delay + 2.0 * left / acceleration).sqrt() + delay)
    };
    (speed(position - limits.lower), speed(limits.upper - position))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits =
        Limits { lower: -1.0, upper: 0.5, velocity: 5.0, acceleration: 40.0, jerk: 1000.0 };

    #[test]
    fn what_is_left_is_enough_to_react_and_stop() {
        for position in [-1.0, -0.999_999, -0.9, 0.0, 0.4, 0.499, 0.5] {
            let (down, up) = speeds(&LIMITS, position);
            for (speed, left) in [(down, position + 1.0), (up, 0.5 - position)] {
                let way = speed * REACTION + speed * speed / 80.0 + speed * 40.0 / 2000.0;
                assert!((way - left).abs() < 1e-12, "{way} m of {left} m at {speed}");
            }
        }
    }

    #[test]
    fn beyond_the_end_only_the_way_back_is_open() {
        assert_eq!(speeds(&LIMITS, 0.7).1, 0.0);
        assert!(speeds(&LIMITS, 0.7).0 > 1.0);
        assert_eq!(speeds(&LIMITS, -7.0).0, 0.0);
        // Out of all reason: as from the other end.
        assert_eq!(speeds(&LIMITS, -1e308), (0.0, speeds(&LIMITS, -1.0).1));
    }
}
