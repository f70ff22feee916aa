//! Node `mouse`: a 3D mouse's events on `~/events`, and what the ROS package `spacenav` publishes, so that its users can switch.
//!
//! One task waits for the mouse and publishes by itself: nothing stands between a packet and its topic, and nothing is done
//! while nothing happens.

mod diagnostics;
mod parameters;
mod publish;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use r2r::builtin_interfaces::msg::Time;
use steve_core::mouse::{Held, Joy, MouseEvent, Repeater, SimOptions};
use steve_drivers::mouse::{self as driver, Mouse, MouseOptions};
use tokio::task::consume_budget;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};

use crate::NodeInfo;
use crate::error::NodeError;
use crate::host::{self, NodeContext};
use crate::logging;
use crate::parameters::Parameters;
use crate::spin::Spinner;
use crate::time;

use diagnostics::Health;
use publish::Publishers;

pub use parameters::PARAMETERS;

/// Name of the node, its logger and its executable.
pub const NAME: &str = "mouse";

/// The node, as `bringup` and the executable `mouse` find it.
pub const INFO: NodeInfo = NodeInfo { name: NAME, parameters: PARAMETERS, make: node };

/// The node, to be hosted.
pub fn node() -> host::Node {
    host::Node {
        name: NAME,
        start: Box::new(|context| Box::pin(run(context))),
        // The connection to the daemon ends with the run.
        finish: Arc::new(|| {}),
    }
}

/// Runs the node until it is told to end.
///
/// # Errors
/// A bad parameter, a fault of ROS.
async fn run(context: NodeContext) -> Result<(), NodeError> {
    let mut spinner = Spinner::create(context.ros.clone(), NAME)?;
    let rosout = logging::attach(&mut spinner, NAME)?;
    let parameters = Parameters::declare(&mut spinner, NAME, PARAMETERS, crate::is_parameter_of_any_node)?;
    let publishers = Publishers::create(&mut spinner, &parameters)?;
    let source = parameters.text("source");
    let health = Health::create(&mut spinner, &source)?;
    let mouse = driver::open(&source, options(&parameters))
        .map_err(|error| NodeError::Configuration(error.to_string()))?;

    // Dropped in reverse order, after a panic too: first what logs, then the node.
    let (mut spinning, rosout) = (spinner.start(context.ros.clone())?, rosout);
    if source == "sim" {
        log::warn!(target: NAME, "source is sim: this mouse moves by itself, and so does whatever listens to it");
    }
    log::info!(target: NAME, "ready: events of {source}");
    let repeater = Repeater::new(parameters.number("autorepeat_rate"));
    let mut node = Node { mouse, repeater, publishers, started: Instant::now(), held: Held::default() };
    let result = tokio::select! {
        error = spinning.failure() => Err(error),
        () = node.work(&parameters, health) => Ok(()),
        () = context.shutdown.cancelled() => Ok(()),
    };
    node.let_go();
    drop(rosout);
    drop(spinning);
    result
}

fn options(parameters: &Parameters) -> MouseOptions {
    let socket = parameters.text("socket");
    MouseOptions {
        socket: (!socket.is_empty()).then(|| PathBuf::from(socket)),
        full_scale: parameters.number("full_scale"),
        sim: SimOptions {
            period: Duration::from_secs_f64(parameters.number("sim_period")),
            probability: parameters.number("sim_probability"),
            seed: parameters.integer("sim_seed").unsigned_abs(),
        },
    }
}

struct Node {
    mouse: Mouse,
    repeater: Repeater,
    publishers: Publishers,
    started: Instant,
    /// By what went out on `~/events`.
    held: Held,
}

impl Node {
    /// Publishes what the mouse does; ends only with the node.
    async fn work(&mut self, parameters: &Parameters, mut health: Health) {
        let mut changes = parameters.changes();
        let mut clock = interval(Duration::from_secs(1));
        clock.set_missed_tick_behavior(MissedTickBehavior::Skip);
        loop {
            let due = self.repeater.due().map(|due| self.started + due);
            tokio::select! {
                event = self.mouse.next() => {
                    self.event(&event);
                    // A mouse that never pauses leaves the others of this thread their turn, and the end its own.
                    consume_budget().await;
                }
                () = until(due) => {
                    if let Some(joy) = self.repeater.poll(self.started.elapsed()) {
                        // Zero is said once, also while a button is held.
                        self.publish(&time::now(), &joy, joy.axes.iter().any(|axis| *axis != 0.0));
                    }
                }
                _ = clock.tick() => health.publish(&self.mouse.status()),
                changed = changes.changed() => {
                    // The sender lives in `parameters`.
                    if changed.is_ok() {
                        self.repeater.set_rate(parameters.number("autorepeat_rate"));
                        self.publishers.follow(parameters);
                    }
                }
            }
        }
    }

    fn event(&mut self, event: &MouseEvent) {
        // One stamp for all: what is let go because a device is gone is not newer than the news of that.
        let stamp = time::now();
        if let MouseEvent::Device { connected, .. } = event {
            if let Some(device) = self.mouse.status().device.filter(|_| *connected) {
                self.repeater.set_buttons(device.buttons);
            }
            // Whoever follows the mouse hears first that no hand has let go.
            self.tell(&stamp, event);
            self.follow(&stamp, event);
        } else {
            // What moves robots goes first.
            self.follow(&stamp, event);
            self.tell(&stamp, event);
        }
    }

    /// `~/events`, where what a device held that goes is let go before.
    fn tell(&mut self, stamp: &Time, event: &MouseEvent) {
        if matches!(event, MouseEvent::Device { connected: false, .. }) {
            for event in self.held.let_go() {
                self.publishers.event(stamp, &event);
            }
        }
        self.held.see(event);
        self.publishers.event(stamp, event);
    }

    /// `spacenav/*`.
    fn follow(&mut self, stamp: &Time, event: &MouseEvent) {
        if let Some(joy) = self.repeater.event(self.started.elapsed(), event) {
            self.publish(stamp, &joy, !matches!(event, MouseEvent::Button { .. }));
        }
    }

    /// `moved`: not a button alone, which is none of a twist's business.
    fn publish(&self, stamp: &Time, joy: &Joy, moved: bool) {
        self.publishers.joy(stamp, joy);
        if moved {
            self.publishers.motion(stamp, joy);
        }
    }

    /// The node ends: what follows the mouse comes to rest, as when the mouse goes.
    fn let_go(&mut self) {
        if let Some(device) = self.mouse.status().device {
            self.event(&MouseEvent::Device { name: device.name, connected: false });
        }
    }
}

/// Waits until then, or for ever.
async fn until(due: Option<Instant>) {
    match due {
        Some(due) => sleep_until(due).await,
        None => std::future::pending().await,
    }
}
