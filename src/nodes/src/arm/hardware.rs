//! The servo thread, which outlives a restart of the node.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use steve_core::robot::Robot;
use steve_drivers::backend::{self, BackendOptions, Start};
use steve_drivers::servo_thread::{Options, ServoHandle, ServoThread};
use steve_drivers::sim::SimProbe;

use super::NAME;
use crate::error::NodeError;
use crate::parameters::Parameters;

/// The running servo thread, once there is one.
#[derive(Default)]
pub(super) struct Hardware {
    open: Mutex<Option<Open>>,
}

struct Open {
    servos: ServoHandle,
    thread: ServoThread,
    probe: Option<SimProbe>,
}

impl Hardware {
    /// The handle of the servo thread, which is started the first time.
    pub(super) fn open(&self, parameters: &Parameters) -> Result<ServoHandle, NodeError> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(open) = open.as_ref() {
            return Ok(open.servos.clone());
        }
        let robot = Arc::new(load(&parameters.text("robot"))?);
        let start = if parameters.text("sim_start") == "unknown" { Start::Unknown } else { Start::Home };
        let seed = u64::try_from(parameters.integer("sim_seed")).unwrap_or(0);
        let options = BackendOptions { start, seed, ..BackendOptions::default() };
        let backend = backend::open(&parameters.text("backend"), &robot, &options)
            .map_err(|error| NodeError::Configuration(error.to_string()))?;
        let probe = backend.probe.clone();
        let options = Options {
            update_rate_hz: parameters.number("update_rate"),
            power_on: choice(parameters, "power_on")?,
            on_shutdown: choice(parameters, "on_shutdown")?,
        };
        let (servos, thread) = ServoThread::spawn(robot, backend, options)
            .map_err(|error| NodeError::Hardware(error.to_string()))?;
        *open = Some(Open { servos: servos.clone(), thread, probe });
        Ok(servos)
    }

    /// What the simulated servos really do, if they are simulated.
    pub(super) fn probe(&self) -> Option<SimProbe> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).as_ref().and_then(|open| open.probe.clone())
    }

    /// Ends the servo thread as `on_shutdown` says; nothing to do the second time.
    pub(super) fn close(&self) {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(Open { thread, .. }) = open
            && let Err(fault) = thread.shutdown()
        {
            log::error!(target: NAME, "the servo thread ended badly: {fault}");
        }
    }
}

/// A choice that the parameter table has checked, as the driver's type.
fn choice<T>(parameters: &Parameters, name: &str) -> Result<T, NodeError>
where
    T: std::str::FromStr,
    T::Err: std::fmt::Display,
{
    parameters.text(name).parse().map_err(|error| NodeError::Configuration(format!("{name}: {error}")))
}

/// Waits until the servo thread has failed for good.
pub(super) async fn failure(servos: &ServoHandle) -> NodeError {
    let mut look = tokio::time::interval(Duration::from_millis(200));
    loop {
        look.tick().await;
        if let Some(fault) = servos.fault() {
            return NodeError::Hardware(format!("the servo thread died: {fault}"));
        }
    }
}

fn load(path: &str) -> Result<Robot, NodeError> {
    let path = if path.is_empty() { installed("config/steve.yaml")? } else { PathBuf::from(path) };
    let text = std::fs::read_to_string(&path).map_err(|error| {
        NodeError::Configuration(format!("robot: cannot read {}: {error}", path.display()))
    })?;
    let robot = Robot::from_yaml(&text, &path.display().to_string())
        .map_err(|faults| NodeError::Configuration(format!("robot description refused:\n{faults}")))?;
    log::info!(target: NAME, "robot description: {}", path.display());
    Ok(robot)
}

/// A file of the package's share folder: beside this executable's `lib/shaky_steve`, else where ament finds the package.
pub(crate) fn installed(file: &str) -> Result<PathBuf, NodeError> {
    let beside =
        std::env::current_exe().ok().and_then(|exe| Some(exe.parent()?.parent()?.parent()?.to_owned()));
    let ament = std::env::var("AMENT_PREFIX_PATH").unwrap_or_default();
    let mut places: Vec<PathBuf> = beside
        .into_iter()
        .chain(ament.split(':').filter(|prefix| !prefix.is_empty()).map(PathBuf::from))
        .collect();
    for place in &mut places {
        place.push("share/shaky_steve");
        place.push(file);
    }
    let found = places.iter().find(|place| place.is_file()).cloned();
    found.ok_or_else(|| {
        let places: Vec<String> = places.iter().map(|place| place.display().to_string()).collect();
        NodeError::Configuration(format!(
            "robot: {file} is in none of {}; give its path in the parameter robot",
            places.join(", ")
        ))
    })
}
