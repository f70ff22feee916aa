use std::time::Duration;

use crate::robot::Limits;

/// From the last message to rest.
pub const RESTS_WITHIN: Duration = Duration::from_millis(250);

/// Until the arm carries out what it is told: its update rate's tick.
const TICK: Duration = Duration::from_millis(20);

/// The same limits, with a velocity from which the joint is at rest [`RESTS_WITHIN`] after the last message, if its loss is
/// noticed after `timeout`. Where there is no time for that the velocity is the joint's own: whoever waits so long for
/// messages has given that up.
///
/// From rest to a velocity v, or back, takes T = v / a + a / j (less where a is not reached). If the zero comes at a time m after
/// the start,
/// - m >= T: the joint goes at v, and T later it rests.
/// - v / a <= m <= T: its acceleration fades by then. Nothing brakes sooner than when that has come to its end, T after the
///   start, so it rests 2 T after the start. The later the zero came, the sooner after it: at most 2 T - v / a = T + a / j.
/// - m <= v / a: a / j go by until it does not get faster any more, and then it is not as fast as v: sooner than T + a / j.
///
/// The zero comes `timeout` after a last message that is not older than the start, and both the start and the zero are
/// carried out up to a tick late. So the longest time from the last message to rest is a tick, T, and T once more: but that at least
/// `timeout` (it goes at v) and at most `timeout + a / j`.
///
/// A joint that is turned round, or let go of and pushed on, may come to the last message with more of its acceleration
/// before it than one that starts, and rests up to `timeout + a / j - T` later than promised, a few hundredths of a second.
pub(super) fn in_time(limits: &Limits, timeout: Duration) -> Limits {
    let left = RESTS_WITHIN.saturating_sub(TICK);
    let at_speed = left.saturating_sub(timeout).as_secs_f64();
    let softness = limits.acceleration / limits.jerk;
    // The greatest T for which T + T.clamp(timeout, timeout + softness) is what is left.
    let longest = (left.as_secs_f64() / 2.0).max(at_speed - softness).min(at_speed);
    let fastest = limits.acceleration * (longest - softness);
    let velocity = if fastest > 0.0 { limits.velocity.min(fastest) } else { limits.velocity };
    Limits { velocity, ..*limits }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::motion::{JointMotion, Planner};

    const TORSO: Limits = Limits { lower: -1.5, upper: 1.5, velocity: 5.0, acceleration: 40.0, jerk: 1000.0 };

    fn fastest(limits: Limits, milliseconds: u64) -> f64 {
        in_time(&limits, Duration::from_millis(milliseconds)).velocity
    }

    #[test]
    fn a_joint_is_as_fast_as_it_can_brake_from_in_the_time_that_is_left() {
        assert!((fastest(TORSO, 100) - 3.0).abs() < 1e-9, "let go of while it still gets faster");
        assert!((fastest(TORSO, 60) - 3.6).abs() < 1e-9);
        assert!((fastest(TORSO, 150) - 1.6).abs() < 1e-9, "let go of at full speed");
        let slow = Limits { velocity: 2.0, ..TORSO };
        assert!((fastest(slow, 100) - 2.0).abs() < 1e-9, "not beyond its own limit");
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

    /// Seconds from the last message to rest, at worst. From `before`, with the speed that is the greatest with a timeout of
    /// `milliseconds`, the joint turns to the greatest speed the other way; the last message comes `last` after that.
    fn rests_after(milliseconds: u64, before: f64, last: f64) -> f64 {
        let fastest = fastest(TORSO, milliseconds);
        let (timeout, tick) = (milliseconds as f64 / 1e3, TICK.as_secs_f64());
        let mut planner = Planner::new();
        let mut worst = 0.0_f64;
        // Either command may be carried out late.
        for (start, end) in [(0.0, 0.0), (tick, 0.0), (0.0, tick), (tick, tick)] {
            let mut joint = JointMotion::new(Limits { lower: -10.0, upper: 10.0, ..TORSO }, 0.0);
            joint.jog(before * fastest, &mut planner);
            joint.advance(if before == 0.0 { 0.0 } else { 0.5 });
            joint.jog(fastest, &mut planner);
            joint.advance(timeout + last + end - start);
            joint.stop();
            worst = worst.max(timeout + end + joint.remaining());
        }
        worst
    }

    #[test]
    fn wherever_on_its_way_to_full_speed_the_input_is_lost_the_joint_rests_in_time() {
        for timeout in [50, 60, 80, 100, 120, 150, 180] {
            let times = (0..100).map(|step| rests_after(timeout, 0.0, f64::from(step) * 0.005));
            let worst = times.fold(0.0, f64::max);
            assert!(worst <= RESTS_WITHIN.as_secs_f64() + 1e-6, "{worst} s with {timeout} ms");
            assert!(
                worst > RESTS_WITHIN.as_secs_f64() - 0.03,
                "no slower than it has to be: {worst} s with {timeout} ms"
            );
        }
    }

    #[test]
    fn a_joint_that_is_turned_round_just_before_rests_a_little_later() {
        let times = (0..100).map(|step| rests_after(100, -1.0, f64::from(step) * 0.005));
        let worst = times.fold(0.0, f64::max);
        assert!((0.25..=0.275 + 1e-6).contains(&worst), "{worst} s, as docs/teleop.md tells");
    }
}
