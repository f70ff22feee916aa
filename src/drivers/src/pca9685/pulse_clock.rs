//! How the chip measures pulses: a divided oscillator counts 4096 ticks a period.

use thiserror::Error;

/// Ticks a period: the counters have 12 bits (data sheet, section 7.3.3).
const TICKS: f64 = 4096.0;

/// The PRE_SCALE register's range (data sheet, section 7.3.5): 1526 to 24 Hz at 25 MHz.
const PRESCALE: (f64, f64) = (3.0, 255.0);

/// A frequency that the chip cannot make.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
#[error(
    "frequency_hz: {frequency_hz} is not possible with an oscillator of {oscillator_hz} Hz: {} to {} Hz are",
    (.oscillator_hz / TICKS / (PRESCALE.1 + 1.0)).ceil(),
    (.oscillator_hz / TICKS / (PRESCALE.0 + 1.0)).floor()
)]
pub struct FrequencyError {
    /// What was asked for, Hz.
    pub frequency_hz: f64,
    /// What the oscillator does, Hz.
    pub oscillator_hz: f64,
}

/// The chip's clock as it is set up.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PulseClock {
    prescale: u8,
    oscillator_hz: f64,
}

impl PulseClock {
    /// The clock nearest to `frequency_hz` pulses a second.
    pub fn new(frequency_hz: f64, oscillator_hz: f64) -> Result<Self, FrequencyError> {
        // Data sheet, section 7.3.5, equation 1.
        let prescale = (oscillator_hz / (TICKS * frequency_hz)).round() - 1.0;
        if (PRESCALE.0..=PRESCALE.1).contains(&prescale) {
            Ok(Self { prescale: prescale as u8, oscillator_hz })
        } else {
            Err(FrequencyError { frequency_hz, oscillator_hz })
        }
    }

    /// What belongs into the PRE_SCALE register.
    pub fn prescale(self) -> u8 {
        self.prescale
    }

    /// Pulses a second as they really come, Hz: the divider has steps.
    pub fn frequency_hz(self) -> f64 {
        1e6 / (self.us_per_tick() * TICKS)
    }

    /// The length of `ticks`, us.
    pub fn us(self, ticks: u16) -> f64 {
        f64::from(ticks) * self.us_per_tick()
    }

    /// The ticks nearest to `us`; none for a pulse that has no length or would not end within the period.
    pub fn ticks(self, us: f64) -> Option<u16> {
        let ticks = (us / self.us_per_tick()).round();
        (1.0..TICKS).contains(&ticks).then_some(ticks as u16)
    }

    fn us_per_tick(self) -> f64 {
        1e6 * (f64::from(self.prescale) + 1.0) / self.oscillator_hz
    }
}
