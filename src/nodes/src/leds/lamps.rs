//! The thread that writes to the LEDs, which outlives a restart of the node.
//!
//! A write is blocking: 0.1 ms on a bus that works, for ever on one that hangs, and then nothing else of the process may wait
//! for it. The runtime's pool for blocking work would, at its end.

use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use steve_core::leds::Levels;
use steve_drivers::leds::{self, LedBus, LedOptions};

use super::NAME;
use crate::error::NodeError;
use crate::parameters::Parameters;

/// How long after a failure the LEDs are tried again.
const RETRY: Duration = Duration::from_secs(5);
/// How long the end waits for the last write; the watchdog leaves all nodes together half a second.
const LAST_WRITE: Duration = Duration::from_millis(250);

/// The running thread, once there is one.
#[derive(Default)]
pub(super) struct Lamps {
    running: Mutex<Option<Running>>,
}

struct Running {
    lamp: Lamp,
    /// Tells whether the lights are off, when the thread has ended.
    ended: Receiver<bool>,
}

/// How the LEDs are.
#[derive(Debug, Clone, Default)]
pub(super) struct Report {
    pub(super) writes: u64,
    pub(super) errors: u64,
    pub(super) last_error: Option<String>,
    /// What is wrong at present.
    pub(super) fault: Option<String>,
}

/// Opens the LEDs, or tells why they are not there.
type Open = Box<dyn FnMut() -> Result<Box<dyn LedBus>, String> + Send>;

/// What the LEDs are to show, and how they are.
#[derive(Clone, Default)]
pub(super) struct Lamp {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    wish: Mutex<Wish>,
    news: Condvar,
    report: Mutex<Report>,
}

#[derive(Default)]
struct Wish {
    levels: Levels,
    /// Not written yet. The first write is wanted by the first wish only: a node that restarts leaves the lights as they are.
    fresh: bool,
    end: bool,
}

impl Lamps {
    /// The LEDs; their thread is started the first time.
    pub(super) fn open(&self, parameters: &Parameters) -> Result<Lamp, NodeError> {
        // The table's ranges fit the types.
        let small = |name| u8::try_from(parameters.integer(name)).unwrap_or_default();
        let options = LedOptions {
            spi_bus: small("spi_bus"),
            spi_select: small("spi_select"),
            spi_hz: u32::try_from(parameters.integer("spi_hz")).unwrap_or_default(),
        };
        let backend = parameters.text("backend");
        let open = move || leds::open(&backend, &options).map_err(|error| error.to_string());
        self.start(Box::new(open), RETRY)
    }

    fn start(&self, open: Open, retry: Duration) -> Result<Lamp, NodeError> {
        let mut running = lock(&self.running);
        if let Some(running) = running.as_ref() {
            return Ok(running.lamp.clone());
        }
        let lamp = Lamp::default();
        let (tell, ended) = channel();
        let worker = Worker { lamp: lamp.clone(), open, retry, bus: None, complained: false };
        std::thread::Builder::new()
            .name("leds".into())
            .spawn(move || {
                // Nobody waits any more when it took too long.
                let _ = tell.send(worker.run());
            })
            .map_err(|source| NodeError::Thread { name: "leds".into(), source })?;
        *running = Some(Running { lamp: lamp.clone(), ended });
        Ok(lamp)
    }

    /// Puts the lights out and ends the thread; nothing to do the second time.
    pub(super) fn close(&self) {
        let Some(Running { lamp, ended }) = lock(&self.running).take() else { return };
        lock(&lamp.shared.wish).end = true;
        lamp.shared.news.notify_one();
        match ended.recv_timeout(LAST_WRITE) {
            Ok(true) => log::info!(target: NAME, "the LEDs are off"),
            // Why has been said.
            Ok(false) if lamp.report().writes > 0 => log::warn!(target: NAME, "the LEDs may still be on"),
            Ok(false) => {}
            Err(_) => log::error!(target: NAME, "the LEDs' bus hangs: they stay as they are"),
        }
    }
}

impl Lamp {
    /// Writes `levels`, unless they are there already. Does not wait.
    pub(super) fn show(&self, levels: Levels) {
        let mut wish = lock(&self.shared.wish);
        if wish.levels == levels {
            return;
        }
        wish.levels = levels;
        wish.fresh = true;
        drop(wish);
        self.shared.news.notify_one();
    }

    fn failed(&self, error: &str) {
        let mut report = lock(&self.shared.report);
        report.errors += 1;
        report.last_error = Some(error.to_owned());
    }

    pub(super) fn report(&self) -> Report {
        lock(&self.shared.report).clone()
    }
}

struct Worker {
    lamp: Lamp,
    open: Open,
    retry: Duration,
    bus: Option<Box<dyn LedBus>>,
    /// Said once until they work again.
    complained: bool,
}

impl Worker {
    /// Writes what is wished until the end; whether the lights are off then.
    fn run(mut self) -> bool {
        // The chip keeps what it was told last, by whomever: what nobody asked for does not stay lit.
        let mut wanted = Some((Levels::default(), false));
        while let Some((levels, end)) = wanted {
            let retry = if self.write(&levels) { None } else { Some(Instant::now() + self.retry) };
            if end {
                return retry.is_none();
            }
            wanted = Some(self.next(retry));
        }
        false
    }

    /// The next levels to write, and whether they are the last.
    fn next(&self, retry: Option<Instant>) -> (Levels, bool) {
        let shared = &self.lamp.shared;
        let mut wish = lock(&shared.wish);
        loop {
            if wish.end {
                return (Levels::default(), true);
            }
            match retry.map(|retry| retry.saturating_duration_since(Instant::now())) {
                None if wish.fresh => break,
                None => wish = shared.news.wait(wish).unwrap_or_else(PoisonError::into_inner),
                Some(Duration::ZERO) => break,
                Some(left) => {
                    let waited = shared.news.wait_timeout(wish, left);
                    wish = waited.unwrap_or_else(PoisonError::into_inner).0;
                }
            }
        }
        wish.fresh = false;
        (wish.levels, false)
    }

    /// Whether they are written. What fails twice is closed and said once.
    fn write(&mut self, levels: &Levels) -> bool {
        let mut outcome = self.try_write(levels);
        if let (Err(error), Some(_)) = (&outcome, &self.bus) {
            // A disturbance on the wires is over by now; a bus that is given up puts the lights out until the next try.
            self.lamp.failed(error);
            outcome = self.try_write(levels);
        }
        let mut report = lock(&self.lamp.shared.report);
        match outcome {
            Ok(()) => {
                report.writes += 1;
                report.fault = None;
                if std::mem::take(&mut self.complained) {
                    log::info!(target: NAME, "the LEDs work again");
                }
                true
            }
            Err(error) => {
                report.fault = Some(error.clone());
                drop(report);
                self.lamp.failed(&error);
                self.bus = None;
                if !std::mem::replace(&mut self.complained, true) {
                    let seconds = self.retry.as_secs();
                    log::error!(target: NAME, "the LEDs cannot be reached: {error}; tried again every {seconds} s");
                }
                false
            }
        }
    }

    fn try_write(&mut self, levels: &Levels) -> Result<(), String> {
        let bus = match &mut self.bus {
            Some(bus) => bus,
            none => none.insert((self.open)()?),
        };
        bus.write(levels).map_err(|fault| fault.to_string())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
