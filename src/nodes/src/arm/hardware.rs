//! The servo thread, which outlives a restart of the node.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use steve_core::guard::Guard;
use steve_core::motions::Motions;
use steve_core::robot::Robot;
use steve_drivers::backend::{self, BackendError, BackendOptions, Start};
use steve_drivers::faulty::FaultSwitch;
use steve_drivers::servo_thread::{OnShutdown, Options, ServoHandle, ServoThread};
use steve_drivers::sim::SimProbe;
use steve_drivers::state_file::{self, Keeper, StateFile, StateFileError};

use super::NAME;
use crate::error::NodeError;
use crate::files;
use crate::parameters::Parameters;

/// The running servo thread, once there is one.
#[derive(Default)]
pub(super) struct Hardware {
    running: Mutex<Option<Running>>,
}

struct Running {
    open: Open,
    thread: ServoThread,
    keeper: Option<Keeper>,
}

/// What the node works with.
#[derive(Clone)]
pub(super) struct Open {
    pub(super) servos: ServoHandle,
    /// What simulated servos really do.
    pub(super) probe: Option<SimProbe>,
    /// Faults of a simulated bus.
    pub(super) faults: Option<FaultSwitch>,
    pub(super) motions: Arc<Motions>,
    /// None where the robot's measures are not known.
    pub(super) guard: Option<Guard>,
}

impl Hardware {
    /// The servo thread and what belongs to it; started the first time.
    pub(super) fn open(&self, parameters: &Parameters) -> Result<Open, NodeError> {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(running) = running.as_ref() {
            return Ok(running.open.clone());
        }
        let robot = Arc::new(files::robot(NAME, &parameters.text("robot"))?);
        let motions = Arc::new(files::motions(NAME, &parameters.text("motions"), &robot)?);
        let guard = files::guard(NAME, &parameters.text("urdf"), &robot)?;
        let options = Options {
            update_rate_hz: parameters.number("update_rate"),
            power_on: choice(parameters, "power_on")?,
            on_shutdown: match parameters.text("on_shutdown").as_str() {
                "hold" => OnShutdown::Hold,
                // Parked or not, they go limp at the end.
                _ => OnShutdown::Off,
            },
            idle_timeout: Some(Duration::from_secs_f64(parameters.number("idle_timeout")))
                .filter(|timeout| !timeout.is_zero()),
        };
        let (memory, remembered) = remember(parameters, &robot)?;
        let start = if parameters.text("sim_start") == "unknown" { Start::Unknown } else { Start::Home };
        let seed = u64::try_from(parameters.integer("sim_seed")).unwrap_or(0);
        let backend =
            backend::open(&parameters.text("backend"), &robot, &BackendOptions { start, seed, remembered })
                .map_err(|error| match error {
                BackendError::Open { .. } => NodeError::Hardware(error.to_string()),
                _ => NodeError::Configuration(error.to_string()),
            })?;
        let (probe, faults) = (backend.probe.clone(), backend.faults.clone());
        let (servos, thread) = ServoThread::spawn(robot, backend, options)
            .map_err(|error| NodeError::Hardware(error.to_string()))?;
        let keeper = memory.and_then(|memory| {
            let keeper = Keeper::spawn(memory, &servos);
            keeper.inspect_err(|error| log::warn!(target: NAME, "positions are not remembered: {error}")).ok()
        });
        let open = Open { servos, probe, faults, motions, guard };
        *running = Some(Running { open: open.clone(), thread, keeper });
        Ok(open)
    }

    /// Ends the servo thread as `on_shutdown` says, and then remembers where it left the joints; nothing to do the second time.
    pub(super) fn close(&self) {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(Running { thread, keeper, .. }) = running {
            if let Err(fault) = thread.shutdown() {
                log::error!(target: NAME, "the servo thread ended badly: {fault}");
            }
            if let Some(keeper) = keeper {
                keeper.finish();
            }
        }
    }
}

/// The file that remembers positions, and what it remembers.
fn remember(
    parameters: &Parameters,
    robot: &Robot,
) -> Result<(Option<StateFile>, Vec<Option<f64>>), NodeError> {
    let (path, backend) = (parameters.text("state_file"), parameters.text("backend"));
    let path = match (path.as_str(), backend.as_str()) {
        ("none", _) | ("", "sim") => return Ok((None, Vec::new())),
        ("", _) => state_file::default_path(&robot.name),
        (path, _) => Some(files::path_of(path)),
    };
    let Some(path) = path else {
        log::warn!(target: NAME, "positions are not remembered: neither HOME nor state_file is set");
        return Ok((None, Vec::new()));
    };
    match StateFile::open(&path, robot, &hardware_id(&backend, robot)) {
        Ok((file, remembered)) => {
            let known = remembered.iter().flatten().count();
            log::info!(target: NAME, "{} remembers {known} of {} joints", path.display(), robot.joints.len());
            Ok((Some(file), remembered))
        }
        // Somebody else drives this robot.
        Err(error @ StateFileError::InUse { .. }) => Err(NodeError::Hardware(format!("state_file: {error}"))),
        Err(error) => {
            log::warn!(target: NAME, "positions are not remembered: {error}");
            Ok((None, Vec::new()))
        }
    }
}

/// What tells one robot's servos from another's.
fn hardware_id(backend: &str, robot: &Robot) -> String {
    match backend {
        "pca9685" => format!("pca9685 on i2c-{}, address 0x{:02x}", robot.board.bus, robot.board.address),
        other => other.to_owned(),
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
