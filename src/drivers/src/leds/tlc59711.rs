//! The TLC59711: a chip that drives twelve LED channels with constant current, on SPI.
//!
//! "Data sheet" is TI's SBVS181A, revised July 2012. [`Tlc59711Leds`] works on any `embedded-hal` bus; [`open`] gives it
//! the one of the machine. LED i is at OUTRi, OUTGi and OUTBi.
//!
//! The chip has no select and no latch pin. It takes what it was sent when its clock has rested for eight periods of itself
//! (data sheet, "Register and data latch configuration"), so a frame has to be one transfer without a pause, and the bus is
//! the chip's alone: it would listen to whatever else is sent there. There is no way back either, so a chip that is not
//! there is not noticed.

mod frame;
mod linux;

pub use frame::{FRAME_BYTES, frame};
pub use linux::open;

use super::{LEDS, LedBus, LedFault, Levels};
use crate::hardware_lock::HardwareLock;
use embedded_hal::spi::SpiBus;
use std::fmt;
use std::ops::RangeInclusive;
use std::time::Duration;

const NAME: &str = "tlc59711";

/// Allowed clocks, Hz. Greatest: the data rate of the data sheet's first page. Least: a frame takes 22 ms.
pub const SPI_HZ: RangeInclusive<u32> = 10_000..=10_000_000;

const OFF: Levels = [[0; 3]; LEDS];

/// An SPI error in words that help to put it right.
pub type Explain<E> = Box<dyn Fn(&E) -> String + Send>;

/// The LEDs of a TLC59711.
pub struct Tlc59711Leds<SPI: SpiBus> {
    spi: SPI,
    rest: Duration,
    explain: Explain<SPI::Error>,
    /// They may be on.
    lit: bool,
    /// Held as long as the bus is.
    _lock: Option<HardwareLock>,
}
