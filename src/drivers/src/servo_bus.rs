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

/// What kind of thing went wrong on a bus.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BusFault {
    /// The transfer failed: nobody acknowledged it, or it took too long. It may work the next time.
    Transfer,
    /// The chip answers, but has forgotten how it was set up: [`ServoBus::reset`] has to come first.
    ChipReset,
    /// The driver itself refused an output that would do harm.
    Refused,
}

/// A write that did not, or may not have, reached the servos.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{bus}: {reason}")]
pub struct BusError {
    /// The bus's name.
    pub bus: &'static str,
    /// What kind of fault it is.
    pub fault: BusFault,
    /// What went wrong.
    pub reason: String,
}

/// Servos on a bus. RC servos give no feedback, so no position can be read.
///
/// No call may block for longer than about a tick (20 ms): the servo thread waits for it.
pub trait ServoBus: Send {
    /// The backend's name, for people.
    fn name(&self) -> &'static str;

    /// Sends the outputs of one tick, all at once. Channels that are left out go on as they are. `now` is the time of the
    /// tick on the caller's clock, which never goes back; real buses do not need it, simulated ones do.
    fn write(&mut self, now: Duration, outputs: &[ChannelOutput]) -> Result<(), BusError>;

    /// Looks whether the hardware still is as it was set up; [`BusFault::ChipReset`] if it has forgotten that.
    fn check(&mut self, now: Duration) -> Result<(), BusError> {
        let _ = now;
        Ok(())
    }

    /// Sets the hardware up anew, with every output off. Outputs that shall go on have to be written again afterwards.
    fn reset(&mut self, now: Duration) -> Result<(), BusError> {
        let _ = now;
        Ok(())
    }
}
