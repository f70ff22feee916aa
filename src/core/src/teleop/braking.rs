use std::time::Duration;

use crate::robot::Limits;

/// From the last message to rest.
pub const RESTS_WITHIN: Duration = Duration::from_millis(250);

/// Until the arm carries out what it is told: its update rate's tick.
const TICK: Duration = Duration::from_millis(20);

/// The same limits, with a velocity from which the joint is at rest [`RESTS_WITHIN`] after the last message, if its loss is
/// noticed after `timeout`. Where there is no time for that the velocity is the joint's own: whoever waits so long for
/// messages has given that up.
pub(super) fn in_time(limits: &Limits, timeout: Duration) -> Limits {
    let time = RESTS_WITHIN.saturating_sub(timeout).saturating_sub(TICK).as_secs_f64();
    // Braking takes v / a, and a / j more to begin and end softly; a little less where a is not reached.
    let fastest = limits.acceleration * (time - limits.acceleration / limits.jerk);
    let velocity = if fastest > 0.0 { limits.velocity.min(fastest) } else { limits.velocity };
    Limits { velocity, ..*limits }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TORSO: Limits = Limits { lower: -1.5, upper: 1.5, velocity: 5.0, acceleration: 40.0, jerk: 1000.0 };

    fn fastest(limits: Limits, milliseconds: u64) -> f64 {
        in_time(&limits, Duration::from_millis(milliseconds)).velocity
    }

    #[test]
    fn a_joint_is_as_fast_as_it_can_brake_from_in_the_time_that_is_left() {
        assert!((fastest(TORSO, 100) - 3.6).abs() < 1e-9);
        assert!((fastest(TORSO, 50) - 5.0).abs() < 1e-9, "not beyond its own limit");
        assert!((fastest(TORSO, 180) - 0.4).abs() < 1e-9);
    }

    #[test]
    fn with_no_time_left_its_own_limit_is_all_that_counts() {
        for milliseconds in [190, 200, 230, 1000, 100_000] {
            assert!((fastest(TORSO, milliseconds) - 5.0).abs() < 1e-9, "{milliseconds} ms");
        }
    }

    #[test]
    fn only_the_velocity_changes() {
        let limits = in_time(&TORSO, Duration::from_millis(100));
        assert_eq!(Limits { velocity: TORSO.velocity, ..limits }, TORSO);
    }
}
