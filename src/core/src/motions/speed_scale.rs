use thiserror::Error;

const LEAST: f64 = 0.01;
const GREATEST: f64 = 10.0;

/// The factor on a motion's speeds, 0.01 to 10; its waits are divided by it. The joints' limits hold at any scale.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SpeedScale(f64);

/// Not a speed scale.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
#[error("speed_scale: {0}; allowed are {LEAST} to {GREATEST}, and 0 for 1")]
pub struct BadSpeedScale(pub f64);

impl SpeedScale {
    /// From a goal's `speed_scale`, where 0 is 1.
    pub fn new(scale: f64) -> Result<Self, BadSpeedScale> {
        if scale == 0.0 {
            Ok(Self::default())
        } else if (LEAST..=GREATEST).contains(&scale) {
            Ok(Self(scale))
        } else {
            Err(BadSpeedScale(scale))
        }
    }

    /// The factor.
    pub fn factor(self) -> f64 {
        self.0
    }
}

impl Default for SpeedScale {
    /// The speeds as they are in the file.
    fn default() -> Self {
        Self(1.0)
    }
}
