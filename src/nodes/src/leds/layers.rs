//! The layers, between those who ask and the task that shows them.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use steve_core::leds::{Change, Compositor, Frame, LayerError, LayerRequest, Status, Wake, validate};
use tokio::sync::Notify;

/// The compositor, its clock, and news of it.
pub(super) struct Layers {
    compositor: Mutex<Compositor>,
    start: Instant,
    changed: Notify,
}

/// What the layers show at one moment.
pub(super) struct Sample {
    pub(super) frame: Frame,
    /// Names of the layers in force, lowest first.
    pub(super) names: Vec<String>,
    pub(super) wake: Wake,
}

impl Default for Layers {
    fn default() -> Self {
        Self { compositor: Mutex::new(Compositor::new()), start: Instant::now(), changed: Notify::new() }
    }
}

impl Layers {
    /// Adds, replaces or removes a layer.
    pub(super) fn ask(&self, request: &LayerRequest) -> Result<(), LayerError> {
        let change = validate(request)?;
        let now = self.now();
        match change {
            Change::Set(layer) => self.lock().set(now, layer)?,
            Change::Remove(name) => {
                self.lock().remove(now, &name);
            }
        }
        self.changed.notify_one();
        Ok(())
    }

    /// Removes all but the status layers; how many there were.
    pub(super) fn clear(&self) -> usize {
        let gone = self.lock().clear(self.now());
        self.changed.notify_one();
        gone
    }

    pub(super) fn set_status(&self, status: Status) {
        self.lock().set_status(self.now(), status);
    }

    /// What they show now.
    pub(super) fn sample(&self) -> Sample {
        let now = self.now();
        let compositor = self.lock();
        Sample { frame: compositor.sample(now), names: compositor.layers(now), wake: compositor.wake(now) }
    }

    /// Names of the layers in force, lowest first.
    pub(super) fn names(&self) -> Vec<String> {
        self.lock().layers(self.now())
    }

    /// Waits for a change by [`Layers::ask`] or [`Layers::clear`], also one before the call. For one waiter.
    pub(super) async fn changed(&self) {
        self.changed.notified().await;
    }

    /// That moment of the layers' clock.
    pub(super) fn at(&self, time: Duration) -> Instant {
        self.start.checked_add(time).unwrap_or_else(|| Instant::now() + Duration::from_secs(3600))
    }

    fn now(&self) -> Duration {
        self.start.elapsed()
    }

    fn lock(&self) -> MutexGuard<'_, Compositor> {
        self.compositor.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
