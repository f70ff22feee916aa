//! The registry of servo buses: one row a backend.

use crate::faulty::{FaultSwitch, Faulty};
use crate::servo_bus::ServoBus;
use crate::sim::{SimProbe, SimServos};
use crate::{gpio, pca9685};
use std::fmt;
use std::str::FromStr;
use steve_core::robot::Robot;
use thiserror::Error;

/// What is known of the joints at the start of a simulation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Start {
    /// They stand at their home positions, and that is known.
    #[default]
    Home,
    /// They stand anywhere, as on a real robot that was switched on.
    Unknown,
}

impl FromStr for Start {
    type Err = BackendError;

    fn from_str(name: &str) -> Result<Self, BackendError> {
        match name {
            "home" => Ok(Self::Home),
            "unknown" => Ok(Self::Unknown),
            _ => Err(BackendError::UnknownStart(name.to_owned())),
        }
    }
}

impl fmt::Display for Start {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Home => "home",
            Self::Unknown => "unknown",
        })
    }
}

/// What backends may want to know beside the robot.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct BackendOptions {
    /// Of the simulation.
    pub start: Start,
    /// Seed of the positions of [`Start::Unknown`].
    pub seed: u64,
    /// Where the joints were left, rad or m, in the robot's order; none where nobody knows. Empty: nobody knows anything.
    /// [`Start::Home`] does not look at it; real servos do.
    pub remembered: Vec<Option<f64>>,
}

/// Why there is no bus.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum BackendError {
    /// No row of that name.
    #[error("backend: no `{name}`; there is {}", names().collect::<Vec<_>>().join(", "))]
    Unknown {
        /// The name that was asked for.
        name: String,
    },
    /// No such start.
    #[error("start: `{0}`; allowed are home, unknown")]
    UnknownStart(String),
    /// The backend exists but cannot be opened.
    #[error("{backend}: {reason}")]
    Open {
        /// Its name.
        backend: &'static str,
        /// What is missing, and what to do.
        reason: String,
    },
}

/// A bus that is open, and what it knows.
pub struct Backend {
    /// The bus.
    pub bus: Box<dyn ServoBus>,
    /// Where the joints are, where that is known, rad or m.
    pub initial: Vec<Option<f64>>,
    /// A look at simulated servos.
    pub probe: Option<SimProbe>,
    /// Throws the faults of a simulated bus.
    pub faults: Option<FaultSwitch>,
}

impl fmt::Debug for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Backend").field("bus", &self.bus.name()).field("initial", &self.initial).finish()
    }
}

impl Backend {
    /// Servos that are really there. They tell nothing, so only what is remembered of the joints is known.
    pub(crate) fn real(bus: impl ServoBus + 'static, robot: &Robot, options: &BackendOptions) -> Self {
        Self { bus: Box::new(bus), initial: remembered(robot, options), probe: None, faults: None }
    }
}

/// Where each joint was left, none where nobody knows.
fn remembered(robot: &Robot, options: &BackendOptions) -> Vec<Option<f64>> {
    let told = options.remembered.iter().map(|known| known.filter(|position| position.is_finite()));
    told.chain(std::iter::repeat(None)).take(robot.joints.len()).collect()
}

type Open = fn(&Robot, &BackendOptions) -> Result<Backend, BackendError>;

/// One row a backend.
const BACKENDS: &[(&str, Open)] = &[("sim", open_sim), ("pca9685", pca9685::open), ("gpio", gpio::open)];

/// The names of the backends.
pub fn names() -> impl Iterator<Item = &'static str> {
    BACKENDS.iter().map(|&(name, _)| name)
}

/// Opens the backend called `name` for `robot`.
pub fn open(name: &str, robot: &Robot, options: &BackendOptions) -> Result<Backend, BackendError> {
    let row = BACKENDS.iter().find(|row| row.0 == name);
    let (_, open) = row.ok_or_else(|| BackendError::Unknown { name: name.to_owned() })?;
    open(robot, options)
}

#[expect(clippy::unnecessary_wraps, reason = "a row of the registry; hardware can fail to open")]
fn open_sim(robot: &Robot, options: &BackendOptions) -> Result<Backend, BackendError> {
    let (servos, initial) = match options.start {
        Start::Home => {
            (SimServos::at_home(robot), robot.joints.iter().map(|joint| Some(joint.home)).collect())
        }
        Start::Unknown => {
            let known = remembered(robot, options);
            (SimServos::left(robot, &known, options.seed), known)
        }
    };
    let probe = servos.probe();
    let bus = Faulty::new(servos);
    Ok(Backend { probe: Some(probe), faults: Some(bus.switch()), bus: Box::new(bus), initial })
}
