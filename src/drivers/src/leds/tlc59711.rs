//! The TLC59711: a chip that drives twelve LED channels with constant current, on SPI.
//!
//! "Data sheet" is TI's SBVS181A, revised July 2012; that of the TLC5971, which takes the same frames, tells more of how to
//! send them (section 9.2.2.3, "How to control the TLC5971"). [`Tlc59711Leds`] works on any `embedded-hal` bus; [`open`] gives it
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

use super::{LEDS, LedBus, LedError, LedFault, LedOptions, Levels};
use crate::hardware_lock::HardwareLock;
use embedded_hal::spi::SpiBus;
use std::fmt;
use std::ops::RangeInclusive;
use std::time::Duration;

const NAME: &str = "tlc59711";

/// The greatest numbers of bus and select that rppal has names for.
const MAX_BUS: u32 = 6;
const MAX_SELECT: u32 = 15;

/// Allowed clocks, Hz. Greatest: the data rate on the data sheet's first page. Least: a frame takes 2.2 ms.
pub const SPI_HZ: RangeInclusive<u32> = 100_000..=10_000_000;

/// How many periods the clock has to rest until the chip has taken a frame and is ready for the next: eight, and as many
/// again to be sure.
const REST_PERIODS: u32 = 16;
/// The same at clocks so fast that the chip takes its own time, 1.34 us by the data sheet.
const LEAST_REST: Duration = Duration::from_micros(3);

const OFF: Levels = [[0; 3]; LEDS];

/// An SPI error in words that help to put it right.
pub type Explain<E> = fn(&LedOptions, &E) -> String;

/// The LEDs of a TLC59711. They go off when this is dropped: a write of zeros that blanks the outputs too.
pub struct Tlc59711Leds<SPI: SpiBus> {
    spi: SPI,
    options: LedOptions,
    explain: Explain<SPI::Error>,
    /// They may be on.
    lit: bool,
    /// Held as long as the bus is.
    _lock: Option<HardwareLock>,
}

impl<SPI: SpiBus> fmt::Debug for Tlc59711Leds<SPI> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tlc59711Leds").field("options", &self.options).finish_non_exhaustive()
    }
}

impl<SPI: SpiBus> Tlc59711Leds<SPI> {
    /// Turns the LEDs off: a driver that was killed leaves them on. `spi` is in mode 0 and as fast as `options` say;
    /// `lock` is held until the LEDs are dropped.
    ///
    /// # Errors
    /// An option that is out of range; a transfer that failed.
    pub fn new(
        spi: SPI,
        options: &LedOptions,
        explain: Explain<SPI::Error>,
        lock: Option<HardwareLock>,
    ) -> Result<Self, LedError> {
        check(options)?;
        let mut leds = Self { spi, options: *options, explain, lit: true, _lock: lock };
        leds.send(&OFF).map_err(|LedFault { bus, reason }| LedError::Open { backend: bus, reason })?;
        Ok(leds)
    }

    fn send(&mut self, levels: &Levels) -> Result<(), LedFault> {
        // A transfer that failed may have shown something.
        self.lit = true;
        let sent = self.spi.write(&frame(levels)).and_then(|()| self.spi.flush());
        std::thread::sleep(rest(self.options.spi_hz));
        sent.map_err(|error| LedFault { bus: NAME, reason: (self.explain)(&self.options, &error) })?;
        self.lit = *levels != OFF;
        Ok(())
    }
}

impl<SPI: SpiBus + Send> LedBus for Tlc59711Leds<SPI> {
    fn name(&self) -> &'static str {
        NAME
    }

    fn write(&mut self, levels: &Levels) -> Result<(), LedFault> {
        self.send(levels)
    }
}

impl<SPI: SpiBus> Drop for Tlc59711Leds<SPI> {
    fn drop(&mut self) {
        if self.lit
            && let Err(fault) = self.send(&OFF)
        {
            // Not louder: where a bus fails, its owner has just been told so, and tries again and again.
            log::debug!("the LEDs may still be on: {fault}");
        }
    }
}

/// How long the clock is left at rest after a frame.
fn rest(spi_hz: u32) -> Duration {
    (Duration::from_secs(u64::from(REST_PERIODS)) / spi_hz.max(1)).max(LEAST_REST)
}

fn check(options: &LedOptions) -> Result<(), LedError> {
    let LedOptions { spi_bus, spi_select, spi_hz } = *options;
    let (least_hz, greatest_hz) = SPI_HZ.into_inner();
    for (field, value, least, greatest) in [
        ("spi_bus", u32::from(spi_bus), 0, MAX_BUS),
        ("spi_select", u32::from(spi_select), 0, MAX_SELECT),
        ("spi_hz", spi_hz, least_hz, greatest_hz),
    ] {
        if !(least..=greatest).contains(&value) {
            return Err(LedError::Option { field, value, least, greatest });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::rest;
    use std::time::Duration;

    #[test]
    fn the_clock_rests_for_more_than_eight_periods_and_never_too_short() {
        assert_eq!(rest(100_000), Duration::from_micros(160));
        assert_eq!(rest(1_000_000), Duration::from_micros(16));
        assert_eq!(rest(10_000_000), Duration::from_micros(3));
    }
}
