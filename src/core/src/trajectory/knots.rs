//! Velocities at points that carry none: those of the monotone cubic of Fritsch and Butland (1984), known as PCHIP.
//!
//! Between two points the joint never goes beyond either, and it stands for a moment where it turns back. The velocity at
//! a point depends on its two neighbours only.

use crate::motion::Setpoint;

/// At rest at the first and the last point, and a smooth way through those between.
pub(super) fn join(times: &[f64], knots: &mut [Setpoint]) {
    for i in 1..knots.len().saturating_sub(1) {
        let before = (times[i] - times[i - 1], knots[i].position - knots[i - 1].position);
        let after = (times[i + 1] - times[i], knots[i + 1].position - knots[i].position);
        knots[i].velocity = velocity(before, after);
    }
}

/// The velocity at a point, from the time and the way that lead to it and those that lead on: a weighted harmonic mean
/// of both slopes, 0 where the way turns back. It is at most three times the lesser slope, which keeps a cubic monotone.
pub(super) fn velocity((time, way): (f64, f64), (next_time, next_way): (f64, f64)) -> f64 {
    let (slope, next_slope) = (way / time, next_way / next_time);
    if slope * next_slope <= 0.0 {
        return 0.0;
    }
    let weight = time + 2.0 * next_time;
    let next_weight = 2.0 * time + next_time;
    // The longer neighbour's slope counts less: its cubic has room to bend.
    (weight + next_weight) / (next_weight / slope + weight / next_slope)
}
