//! The task that samples the layers and hands what they show to the LEDs and to the graph.

use std::sync::Arc;
use std::time::{Duration, Instant};

use steve_core::leds::{Frame, Look, Status, Wake};
use tokio::sync::watch;
use tokio::task::yield_now;
use tokio::time::sleep_until;

use super::follow::Followed;
use super::lamps::Lamp;
use super::layers::{Layers, Sample};
use super::pace::Pace;
use super::publish::{Markers, State};
use crate::parameters::Parameters;

/// What shows the layers.
pub(super) struct Show {
    layers: Arc<Layers>,
    parameters: Parameters,
    changes: watch::Receiver<u64>,
    settings: Settings,
    lamp: Lamp,
    state: State,
    markers: Markers,
    pace: Pace,
}

/// The parameters that can be set while the node runs.
struct Settings {
    look: Look,
    /// At least this long from one sample to the next.
    period: Duration,
    status: bool,
}

impl Settings {
    fn read(parameters: &Parameters) -> Self {
        Self {
            look: Look { gamma: parameters.number("gamma"), brightness: parameters.number("brightness") },
            period: Duration::from_secs_f64(1.0 / parameters.number("rate")),
            status: parameters.flag("status"),
        }
    }
}

impl Show {
    pub(super) fn new(
        layers: Arc<Layers>,
        parameters: &Parameters,
        lamp: Lamp,
        state: State,
        markers: Markers,
    ) -> Self {
        Self {
            layers,
            parameters: parameters.clone(),
            changes: parameters.changes(),
            settings: Settings::read(parameters),
            lamp,
            state,
            markers,
            pace: Pace::default(),
        }
    }

    /// Shows them; ends only with the node.
    pub(super) async fn run(&mut self, mut followed: Followed) {
        loop {
            if self.changes.has_changed().unwrap_or(false) {
                self.changes.mark_unchanged();
                self.settings = Settings::read(&self.parameters);
            }
            let status = if self.settings.status { followed.status() } else { Status::default() };
            self.layers.set_status(status);
            let began = Instant::now();
            let sample = self.layers.sample();
            self.hand_out(&sample, began);
            let next = began + self.settings.period;
            // Each frame: what animates again after a rest is compared with what was seen last.
            let soon = began + self.pace.after(&sample.frame, self.settings.period);
            let due = match sample.wake {
                Wake::Animating { until } => {
                    Some(until.map_or(soon, |until| self.layers.at(until).min(soon)))
                }
                Wake::At(time) => Some(self.layers.at(time)),
                Wake::Never => None,
            };
            if due.is_none_or(|due| due > next) {
                self.wait(&mut followed, due).await;
            }
            // However many ask: what comes meanwhile is in the next sample. A sleep until what is past lasts up to 1 ms.
            if Instant::now() < next {
                sleep_until(next.into()).await;
            } else {
                // On a machine that is always late, others have their turn all the same.
                yield_now().await;
            }
        }
    }

    /// Waits until there may be something else to show: `due` at the latest.
    async fn wait(&mut self, followed: &mut Followed, due: Option<Instant>) {
        let markers_due = self.markers.due();
        let due = due.map_or(markers_due, |due| due.min(markers_due));
        tokio::select! {
            () = sleep_until(due.into()) => {}
            () = self.layers.changed() => {}
            () = followed.changed() => {}
            changed = self.changes.changed() => {
                // The sender lives in `parameters`.
                if changed.is_ok() {
                    self.settings = Settings::read(&self.parameters);
                }
            }
        }
    }

    fn hand_out(&mut self, sample: &Sample, now: Instant) {
        self.lamp.show(self.settings.look.levels(&sample.frame));
        let animates = matches!(sample.wake, Wake::Animating { .. });
        self.state.show(&sample.frame, &sample.names, animates, now);
        self.markers.show(&sample.frame, &self.settings.look, now);
    }

    /// The last word: the lights go out with the node.
    pub(super) fn go_dark(&mut self) {
        let now = Instant::now();
        self.state.show(&Frame::default(), &[], false, now);
        self.markers.tell(&Frame::default(), &self.settings.look, now);
    }
}
