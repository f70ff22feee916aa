//! The chip on a bus of this machine, `/dev/spidevB.S`.

use crate::leds::{LedBus, LedError, LedOptions};

/// Opens the bus, and turns the LEDs off.
///
/// # Errors
/// No bus, no right to use it, another driver that has it: in words that say what to do.
pub fn open(options: &LedOptions) -> Result<Box<dyn LedBus>, LedError> {
    let _ = options;
    Err(LedError::Open { backend: super::NAME, reason: "not yet".to_owned() })
}
