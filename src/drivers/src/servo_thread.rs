//! The one thread that owns the bus and the arm. Everything else has a [`ServoHandle`] and never waits for it.
//!
//! While anything moves the thread ticks on an absolute clock: it takes the commands that came, samples every joint at the
//! true time and writes all of them at once. Late by more than a period, it leaves ticks out instead of catching up. Idle,
//! it sleeps until a command comes and writes nothing.

/// Time that does not jump.
mod clock;
/// What everything else holds.
mod handle;
/// Faults of the bus, short and long.
mod health;
/// Commands on their way to the thread.
mod mailbox;
/// What the thread and its handles share.
mod shared;
/// Numbers for diagnostics.
mod stats;
/// What the thread does.
mod worker;

pub use handle::{Awake, Gone, Move, ServoHandle};
pub use shared::Interruption;
pub use stats::Stats;

use crate::backend::Backend;
use clock::Clock;
use mailbox::Command;
use shared::Shared;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use steve_core::arm::{Arm, ArmOptions, PowerOn};
use steve_core::robot::Robot;
use thiserror::Error;
use tokio::sync::watch;
use worker::Worker;

/// How long [`ServoThread::shutdown`] waits for a bus that hangs.
const SHUTDOWN_PATIENCE: Duration = Duration::from_secs(2);

/// What shutting down does to powered servos.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum OnShutdown {
    /// Limp.
    #[default]
    Off,
    /// They keep the last pulse, if the bus keeps it up by itself.
    Hold,
}

/// How the thread works.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Options {
    /// Ticks a second while anything moves, 1 to 200. A PCA9685 at 50 Hz gains nothing above 50.
    pub update_rate_hz: f64,
    /// What powering a joint does whose position nobody knows.
    pub power_on: PowerOn,
    /// What shutting down does.
    pub on_shutdown: OnShutdown,
    /// At rest for so long, the servos are powered off; none = never.
    pub idle_timeout: Option<Duration>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            update_rate_hz: 50.0,
            power_on: PowerOn::default(),
            on_shutdown: OnShutdown::default(),
            idle_timeout: None,
        }
    }
}

/// Why there is no thread.
#[derive(Debug, Error)]
pub enum SpawnError {
    /// The rate is outside 1 to 200 Hz.
    #[error("update_rate: {0} Hz; allowed are 1 to 200 Hz")]
    UpdateRate(f64),
    /// The system gives no thread.
    #[error("servo thread: {0}")]
    Thread(#[from] std::io::Error),
}

/// How the thread failed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ThreadFault {
    /// It panicked. The servos were turned off if the bus could still do that.
    #[error("servo thread: {0}")]
    Panicked(String),
    /// The bus does not come back from a write; the servos may still be powered.
    #[error("servo thread: the bus hangs")]
    Hangs,
}

/// The thread itself. Shutting it down, or dropping it, applies `on_shutdown`.
#[derive(Debug)]
pub struct ServoThread {
    shared: Arc<Shared>,
    join: Option<JoinHandle<()>>,
}

impl ServoThread {
    /// Starts the thread. It sends nothing until it is told to.
    pub fn spawn(
        robot: Arc<Robot>,
        backend: Backend,
        options: Options,
    ) -> Result<(ServoHandle, Self), SpawnError> {
        let rate = options.update_rate_hz;
        if !(1.0..=200.0).contains(&rate) {
            return Err(SpawnError::UpdateRate(rate));
        }
        let mut arm = Arm::new(
            Arc::clone(&robot),
            &backend.initial,
            ArmOptions { power_on: options.power_on, idle_timeout: options.idle_timeout },
        );
        let (snapshots, receiver) = watch::channel(Arc::new(arm.snapshot()));
        let shared = Arc::new(Shared::new(robot, Clock::start(), receiver, arm.readiness()));
        let worker = Worker::new(Arc::clone(&shared), arm, options, snapshots);
        let mut bus = backend.bus;
        let thread = std::thread::Builder::new().name("servo".to_owned());
        let join = thread.spawn(move || worker.run_to_the_end(bus.as_mut()))?;
        Ok((ServoHandle::new(Arc::clone(&shared)), Self { shared, join: Some(join) }))
    }

    /// Ends every goal, turns the servos off or leaves them holding, and ends the thread.
    pub fn shutdown(mut self) -> Result<(), ThreadFault> {
        self.end()
    }

    fn end(&mut self) -> Result<(), ThreadFault> {
        let Some(join) = self.join.take() else { return Ok(()) };
        self.shared.mailbox.post(Command::ShutDown).ok();
        // A thread cannot be joined with a time-out; it is at most a tick away unless the bus hangs.
        let deadline = Instant::now() + SHUTDOWN_PATIENCE;
        while !join.is_finished() {
            if Instant::now() > deadline {
                return Err(ThreadFault::Hangs);
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        let died = join.join().is_err();
        match self.shared.fault() {
            Some(reason) => Err(ThreadFault::Panicked(reason)),
            None if died => Err(ThreadFault::Panicked("died for an unknown reason".to_owned())),
            None => Ok(()),
        }
    }
}

impl Drop for ServoThread {
    fn drop(&mut self) {
        if let Err(fault) = self.end() {
            log::error!("{fault}");
        }
    }
}
