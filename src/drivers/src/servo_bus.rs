//! A bus with servos on it: up to sixteen channels that take pulse widths or nothing.

use std::time::Duration;
use thiserror::Error;

pub use steve_core::arm::Output;

/// What one channel gets.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChannelOutput {
    /// The PWM channel, 0..=15.
    pub channel: u8,
    /// Pulses, or none.
    pub output: Output,
}

/// A write that did not, or may not have, reached the servos.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{bus}: {reason}")]
pub struct BusError {
    /// The bus's name.
    pub bus: &'static str,
    /// What went wrong.
    pub reason: String,
}

/// Servos on a bus. RC servos give no feedback, so there is nothing to read.
pub trait ServoBus: Send {
    /// The backend's name, for people.
    fn name(&self) -> &'static str;

    /// Sends the outputs of one tick, all at once. Channels that are left out go on as they are. `now` is the time of the
    /// tick on the caller's clock, which never goes back; real buses do not need it, simulated ones do.
    fn write(&mut self, now: Duration, outputs: &[ChannelOutput]) -> Result<(), BusError>;
}
