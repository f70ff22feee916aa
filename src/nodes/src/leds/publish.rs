//! What the node publishes by itself: `~/state`, `~/markers`, `/diagnostics`. Nobody pays for what nobody looks at.

use std::time::{Duration, Instant};

use r2r::Publisher;
use r2r::WrappedTypesupport;
use r2r::diagnostic_msgs::msg::DiagnosticArray;
use r2r::shaky_steve::msg::LedState;
use r2r::visualization_msgs::msg::MarkerArray;
use steve_core::leds::{Frame, Look};
use tokio::time::{MissedTickBehavior, interval};

use super::NAME;
use super::lamps::Lamp;
use super::layers::Layers;
use super::messages::{self, Steps};
use crate::diagnostics::{Level, Status, array};
use crate::parameters::Parameters;

/// `~/state` is latched, and a lamp that breathes is another one every moment: for those who come later once in this time is
/// enough, for they get the next moment too.
const UNSEEN: Duration = Duration::from_secs(1);
/// The least time between two messages of markers: rviz draws 30 times a second.
const MARKERS: Duration = Duration::from_millis(40);
/// The most: rviz gets only what is published after it came.
const REPEAT: Duration = Duration::from_millis(900);

/// `~/state`, published when what is seen changes.
pub(super) struct State {
    publisher: Publisher<LedState>,
    told: Option<Told>,
    at: Instant,
}

/// A message of `~/state`.
struct Told {
    frame: Frame,
    layers: Vec<String>,
    /// More was to come.
    animates: bool,
}

impl Told {
    /// Whether this says what is seen now. Where something comes to rest, the last word is exact.
    fn says(&self, frame: &Frame, layers: &[String], animates: bool) -> bool {
        let comes_to_rest = self.animates && !animates && self.frame != *frame;
        !comes_to_rest && messages::steps(&self.frame) == messages::steps(frame) && self.layers == layers
    }
}

impl State {
    pub(super) fn new(publisher: Publisher<LedState>) -> Self {
        Self { publisher, told: None, at: Instant::now() }
    }

    pub(super) fn show(&mut self, frame: &Frame, layers: &[String], animates: bool, now: Instant) {
        if let Some(told) = &mut self.told {
            if told.says(frame, layers, animates) {
                told.animates = animates;
                return;
            }
            let only_moves = animates && told.layers == layers;
            if only_moves && now.duration_since(self.at) < UNSEEN && !is_seen(&self.publisher) {
                return;
            }
        }
        report("~/state", self.publisher.publish(&messages::led_state(frame, layers)));
        self.told = Some(Told { frame: *frame, layers: layers.to_vec(), animates });
        self.at = now;
    }
}

/// `~/markers`, published while somebody looks: when the colours change, and again and again.
pub(super) struct Markers {
    publisher: Publisher<MarkerArray>,
    /// Colours, and the look that dims them.
    told: Option<(Steps, Look)>,
    /// Whether the colours have changed since.
    stale: bool,
    at: Instant,
}

impl Markers {
    pub(super) fn new(publisher: Publisher<MarkerArray>) -> Self {
        Self { publisher, told: None, stale: true, at: Instant::now() }
    }

    /// Shows the colours, if it is time to.
    pub(super) fn show(&mut self, frame: &Frame, look: &Look, now: Instant) {
        self.stale |= self.told != Some((messages::steps(frame), *look));
        if now >= self.due() {
            self.tell(frame, look, now);
        }
    }

    /// Shows the colours, if anybody looks.
    pub(super) fn tell(&mut self, frame: &Frame, look: &Look, now: Instant) {
        if is_seen(&self.publisher) {
            report("~/markers", self.publisher.publish(&messages::markers(frame, look)));
        }
        self.told = Some((messages::steps(frame), *look));
        self.stale = false;
        self.at = now;
    }

    /// When to show them next at the latest.
    pub(super) fn due(&self) -> Instant {
        self.at + if self.stale { MARKERS } else { REPEAT }
    }
}

pub(super) async fn diagnostics(
    publisher: Publisher<DiagnosticArray>,
    lamp: &Lamp,
    layers: &Layers,
    parameters: &Parameters,
) {
    let mut clock = interval(Duration::from_secs(1));
    clock.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let backend = parameters.text("backend");
    loop {
        clock.tick().await;
        let report_of = lamp.report();
        let status = Status::new(NAME, "lamps")
            .value("backend", &backend)
            .value("writes", report_of.writes)
            .value("errors", report_of.errors)
            .value("layers", layers.names().join(", "))
            .value("last error", report_of.last_error.as_deref().unwrap_or("none"));
        let status = match report_of.fault {
            Some(fault) => status.summary(Level::Error, fault),
            None => status,
        };
        report("/diagnostics", publisher.publish(&array(&backend, vec![status])));
    }
}

/// Whether anybody subscribes; when that cannot be told, it is assumed.
fn is_seen<M: WrappedTypesupport + 'static>(publisher: &Publisher<M>) -> bool {
    publisher.get_inter_process_subscription_count().map_or(true, |count| count > 0)
}

fn report(topic: &str, outcome: r2r::Result<()>) {
    if let Err(error) = outcome {
        log::debug!(target: NAME, "{topic} could not be published: {error}");
    }
}
