/// How an axis becomes a speed. Built by reading a mapping file, which keeps the ranges.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AxisMap {
    /// Its place in a message's `axes`, 0 to 255.
    pub axis: usize,
    /// The speed at full deflection, rad/s or m/s, not 0; negative: against the axis.
    pub scale: f64,
    /// The share of full deflection, 0 to 0.9, up to which nothing moves; from there the speed rises from 0.
    pub dead_zone: f64,
    /// The axis' value at full deflection, 0.01 to 1.
    pub full: f64,
}

/// Up to this share an axis counts as centred whatever its dead zone: few come back to 0 exactly.
const CENTRED: f64 = 0.05;

impl AxisMap {
    /// The speed for the axis' value in `axes`; beyond full deflection as at full deflection; 0 where there is no such axis.
    pub fn speed(&self, axes: &[f64]) -> f64 {
        let share = self.share(axes);
        let beyond = ((share.abs() - self.dead_zone) / (1.0 - self.dead_zone)).clamp(0.0, 1.0);
        beyond.copysign(share) * self.scale
    }

    /// Whether the axis moves nothing, and may begin to.
    pub fn is_centred(&self, axes: &[f64]) -> bool {
        self.share(axes).abs() <= self.dead_zone.max(CENTRED)
    }

    /// -1 to 1.
    fn share(&self, axes: &[f64]) -> f64 {
        let value = axes.get(self.axis).copied().filter(|value| value.is_finite()).unwrap_or(0.0);
        (value / self.full).clamp(-1.0, 1.0)
    }
}
