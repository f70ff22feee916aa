//! Four RGB LEDs: the trait that they are written through, and the registry of what they may be, one row a backend.

mod sim;
pub mod tlc59711;

pub use sim::{LedProbe, SimLeds};

use thiserror::Error;

pub use steve_core::leds::{LEDS, Levels};

/// Four RGB LEDs.
///
/// No call may block for longer than a few milliseconds. What is dropped turns its LEDs off, if it can.
pub trait LedBus: Send {
    /// The backend's name, for people.
    fn name(&self) -> &'static str;

    /// Shows these levels, all at once, until the next write. All 0 turns everything off.
    ///
    /// # Errors
    /// They did not, or may not have, reached the LEDs. The next write may work.
    fn write(&mut self, levels: &Levels) -> Result<(), LedFault>;
}

/// A write that did not, or may not have, reached the LEDs.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{bus}: {reason}")]
pub struct LedFault {
    /// The bus's name.
    pub bus: &'static str,
    /// What went wrong, and what to do.
    pub reason: String,
}

/// What backends may want to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LedOptions {
    /// The B of `/dev/spidevB.S`, 0 to 6.
    pub spi_bus: u8,
    /// The S of `/dev/spidevB.S`, 0 to 15. The chip has no select: it listens whichever it is.
    pub spi_select: u8,
    /// The clock, Hz, from [`tlc59711::SPI_HZ`]'s least to its greatest.
    pub spi_hz: u32,
}

impl Default for LedOptions {
    /// The Pi's first bus, at a clock that long wires can stand.
    fn default() -> Self {
        Self { spi_bus: 0, spi_select: 0, spi_hz: 1_000_000 }
    }
}

/// Why there are no LEDs.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum LedError {
    /// No row of that name.
    #[error("backend: no `{name}`; there is {}", names().collect::<Vec<_>>().join(", "))]
    Unknown {
        /// The name that was asked for.
        name: String,
    },
    /// An option is out of range.
    #[error("{field}: {value}; allowed are {least} to {greatest}")]
    Option {
        /// The option's name.
        field: &'static str,
        /// Its value.
        value: u32,
        /// The least allowed.
        least: u32,
        /// The greatest allowed.
        greatest: u32,
    },
    /// The backend exists but cannot be opened.
    #[error("{backend}: {reason}")]
    Open {
        /// Its name.
        backend: &'static str,
        /// What is missing, and what to do.
        reason: String,
    },
}

type Open = fn(&LedOptions) -> Result<Box<dyn LedBus>, LedError>;

/// One row a backend.
const BACKENDS: &[(&str, Open)] = &[("sim", |_| Ok(Box::new(SimLeds::new()))), ("tlc59711", tlc59711::open)];

/// The names of the backends.
pub fn names() -> impl Iterator<Item = &'static str> {
    BACKENDS.iter().map(|&(name, _)| name)
}

/// Opens the backend called `name`, all LEDs off.
///
/// # Errors
/// There is no such backend, an option is out of range, or the hardware cannot be had.
pub fn open(name: &str, options: &LedOptions) -> Result<Box<dyn LedBus>, LedError> {
    let row = BACKENDS.iter().find(|row| row.0 == name);
    let (_, open) = row.ok_or_else(|| LedError::Unknown { name: name.to_owned() })?;
    open(options)
}
