use super::Axes;
use thiserror::Error;

/// The device's counts that are full deflection.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FullScale(f64);

/// No full scale.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
#[error("full_scale: {0} is not allowed; 1 to 1000000 counts")]
pub struct ScaleError(f64);

impl FullScale {
    /// `counts` of the device are 1; from 1 to 1000000. The `spacenav` package takes 512; a SpaceNavigator gives about 350.
    pub fn new(counts: f64) -> Result<Self, ScaleError> {
        if (1.0..=1e6).contains(&counts) { Ok(Self(counts)) } else { Err(ScaleError(counts)) }
    }

    /// Counts to -1..1. What is beyond full scale is full scale.
    pub fn axes(self, counts: &[i32; 6]) -> Axes {
        counts.map(|count| (f64::from(count) / self.0).clamp(-1.0, 1.0))
    }
}

/// The axes as the `spacenav` package publishes them: linear x y z, angular x y z in REP-103's frame (x forward, y left,
/// z up). Its x is the device's z, its y the device's -x, its z the device's y; rotations alike.
pub fn spacenav_axes(axes: &Axes) -> [f64; 6] {
    let [x, y, z, rx, ry, rz] = *axes;
    // 0 - x, as -x of a centred axis is -0.
    [z, 0.0 - x, y, rz, 0.0 - rx, ry]
}
