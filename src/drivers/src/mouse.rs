//! The 3D mouse and the registry of its sources: one row a source.

mod places;
mod sim;
mod spacenavd;

use sim::Sim;
use spacenavd::Spacenavd;
use std::path::PathBuf;
use steve_core::mouse::{DeviceInfo, FullScale, MouseEvent, ScaleError, SimOptions, SimOptionsError};
use thiserror::Error;

/// What sources may want to know.
#[derive(Debug, Clone, PartialEq)]
pub struct MouseOptions {
    /// spacenavd's socket. None: `$SPNAV_SOCKET`, then `socket = …` in `/etc/spnavrc`, then `/var/run/spnav.sock`, as libspnav
    /// does; the first that listens.
    pub socket: Option<PathBuf>,
    /// The device's counts that are full deflection; see [`FullScale`].
    pub full_scale: f64,
    /// The simulated device.
    pub sim: SimOptions,
}

impl Default for MouseOptions {
    /// Full scale as the `spacenav` package has it.
    fn default() -> Self {
        Self { socket: None, full_scale: 512.0, sim: SimOptions::default() }
    }
}

/// Why there is no mouse.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum MouseError {
    /// No row of that name.
    #[error("source: no `{name}`; there is {}", names().collect::<Vec<_>>().join(", "))]
    Unknown {
        /// The name that was asked for.
        name: String,
    },
    /// The full scale is none.
    #[error(transparent)]
    Scale(#[from] ScaleError),
    /// No such simulated device.
    #[error(transparent)]
    Sim(#[from] SimOptionsError),
}

/// How a mouse is.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MouseStatus {
    /// There is a connection to the daemon.
    pub connected: bool,
    /// The device that is there.
    pub device: Option<DeviceInfo>,
    /// The daemon's protocol, 0 or 1, once it is known.
    pub protocol: Option<u8>,
    /// Events given out.
    pub events: u64,
    /// How many times a connection that was lost came back.
    pub reconnects: u64,
    /// Packets that made no sense and were skipped.
    pub malformed: u64,
    /// Events that were lost because they were not taken in time.
    pub lost: u64,
    /// How often this process was so late that the daemon may have dropped events; what was held was let go then.
    pub late: u64,
    /// What went wrong last, even if it is well now.
    pub last_error: Option<String>,
}

/// A 3D mouse.
#[derive(Debug)]
pub struct Mouse {
    source: Source,
    events: u64,
}

#[derive(Debug)]
enum Source {
    Spacenavd(Spacenavd),
    Sim(Sim),
}

impl From<Source> for Mouse {
    fn from(source: Source) -> Self {
        Self { source, events: 0 }
    }
}

impl Mouse {
    /// The next event; pending while nothing happens. Dropping the future loses nothing.
    ///
    /// Connects by itself, again and again. At the loss of device or daemon comes the device that is gone; what was held is
    /// held no more. Needs a tokio runtime with time and I/O.
    pub async fn next(&mut self) -> MouseEvent {
        let event = match &mut self.source {
            Source::Spacenavd(spacenavd) => spacenavd.next().await,
            Source::Sim(sim) => sim.next().await,
        };
        self.events += 1;
        event
    }

    /// How it is.
    pub fn status(&self) -> MouseStatus {
        let status = match &self.source {
            Source::Spacenavd(spacenavd) => spacenavd.status(),
            Source::Sim(sim) => sim.status(),
        };
        MouseStatus { events: self.events, ..status }
    }
}

type Open = fn(&MouseOptions) -> Result<Mouse, MouseError>;

/// One row a source.
const SOURCES: &[(&str, Open)] = &[("spacenavd", open_spacenavd), ("sim", open_sim)];

/// The names of the sources.
pub fn names() -> impl Iterator<Item = &'static str> {
    SOURCES.iter().map(|&(name, _)| name)
}

/// Opens the source called `source`. It never fails because there is no daemon: it waits for one.
#[expect(clippy::needless_pass_by_value, reason = "the options of one mouse are its own")]
pub fn open(source: &str, options: MouseOptions) -> Result<Mouse, MouseError> {
    let row = SOURCES.iter().find(|row| row.0 == source);
    let (_, open) = row.ok_or_else(|| MouseError::Unknown { name: source.to_owned() })?;
    open(&options)
}

fn open_spacenavd(options: &MouseOptions) -> Result<Mouse, MouseError> {
    let scale = FullScale::new(options.full_scale)?;
    Ok(Source::Spacenavd(Spacenavd::new(options.socket.clone(), scale)).into())
}

fn open_sim(options: &MouseOptions) -> Result<Mouse, MouseError> {
    options.sim.validate()?;
    Ok(Source::Sim(Sim::new(options.sim)).into())
}
