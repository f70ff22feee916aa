use super::{Axes, Held, MouseEvent};
use std::time::Duration;
use thiserror::Error;

/// The shortest period of a simulated device.
const MIN_PERIOD: Duration = Duration::from_micros(100);

/// The longest.
const MAX_PERIOD: Duration = Duration::from_secs(3600);

/// The furthest that an axis goes within a period.
const STEP: f64 = 0.3;

/// A device that is not there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SimOptions {
    /// It may have an event this often; 100 us to an hour.
    pub period: Duration,
    /// How likely it has one in each period, 0..1.
    pub probability: f64,
    /// The same seed gives the same events.
    pub seed: u64,
}

impl Default for SimOptions {
    /// Ten times a second somebody may touch it; half of the times nobody does.
    fn default() -> Self {
        Self { period: Duration::from_millis(100), probability: 0.5, seed: 0 }
    }
}

/// Why there cannot be such a device.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum SimOptionsError {
    /// The period is too short or too long.
    #[error("sim_period: {} s is not allowed; 0.0001 to 3600 s", .0.as_secs_f64())]
    Period(Duration),
    /// The probability is none.
    #[error("sim_probability: {0} is not allowed; 0 to 1")]
    Probability(f64),
}

impl SimOptions {
    /// There can be such a device.
    pub fn validate(&self) -> Result<(), SimOptionsError> {
        if !(MIN_PERIOD..=MAX_PERIOD).contains(&self.period) {
            return Err(SimOptionsError::Period(self.period));
        }
        if !(0.0..=1.0).contains(&self.probability) {
            return Err(SimOptionsError::Probability(self.probability));
        }
        Ok(())
    }
}

/// Somebody plays with a 3D mouse of two buttons: the puck wanders, snaps back to its centre, buttons go down and up.
#[derive(Debug, Clone)]
pub struct SimMouse {
    options: SimOptions,
    random: fastrand::Rng,
    held: Held,
}

impl SimMouse {
    /// How many buttons it has.
    pub const BUTTONS: u32 = 2;

    /// Centred, nothing pressed. A probability that is none is taken as never.
    pub fn new(mut options: SimOptions) -> Self {
        if options.probability.is_nan() {
            options.probability = 0.0;
        }
        Self { options, random: fastrand::Rng::with_seed(options.seed), held: Held::default() }
    }

    /// How long a period is.
    pub fn period(&self) -> Duration {
        self.options.period
    }

    /// A period passes. What happened in it, if anything did.
    pub fn step(&mut self) -> Option<MouseEvent> {
        // It is below 1: a probability of 1 is always, 0 never.
        if self.random.f64() >= self.options.probability {
            return None;
        }
        let event = match self.random.u8(0..10) {
            0..7 => MouseEvent::Motion { axes: self.wander() },
            7 => MouseEvent::Motion { axes: Axes::default() },
            _ => {
                let button = self.random.u32(0..Self::BUTTONS);
                MouseEvent::Button { button, pressed: !self.held.pressed(button) }
            }
        };
        self.held.see(&event);
        Some(event)
    }

    fn wander(&mut self) -> Axes {
        let random = &mut self.random;
        self.held.axes().map(|axis| (axis + STEP * (2.0 * random.f64() - 1.0)).clamp(-1.0, 1.0))
    }
}
