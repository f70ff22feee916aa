//! Node `leds`: layers of light in, four RGB LEDs and their picture out; blending and effects are steve_core's.
//!
//! A task samples the layers, only while something animates or changes; a thread of its own writes to the hardware.

mod follow;
mod lamps;
mod layers;
mod messages;
mod pace;
mod parameters;
mod publish;
mod requests;
mod show;

use std::sync::Arc;

use r2r::QosProfile;
use r2r::diagnostic_msgs::msg::DiagnosticArray;
use r2r::shaky_steve::msg::LedState;
use r2r::visualization_msgs::msg::MarkerArray;

use crate::NodeInfo;
use crate::error::NodeError;
use crate::host::{self, NodeContext};
use crate::logging;
use crate::parameters::Parameters;
use crate::spin::Spinner;

use follow::Followed;
use lamps::Lamps;
use layers::Layers;
use publish::{Markers, State};
use show::Show;

pub use parameters::PARAMETERS;

/// Name of the node, its logger and its executable.
pub const NAME: &str = "leds";

/// The node, as `bringup` and the executable `leds` find it.
pub const INFO: NodeInfo = NodeInfo { name: NAME, parameters: PARAMETERS, make: node };

/// The node, to be hosted.
pub fn node() -> host::Node {
    let lamps = Arc::new(Lamps::default());
    let finish = lamps.clone();
    host::Node {
        name: NAME,
        start: Box::new(move |context| Box::pin(run(context, lamps.clone()))),
        finish: Arc::new(move || finish.close()),
    }
}

/// Runs the node until it is told to end. `lamps` outlive a restart.
///
/// # Errors
/// A bad parameter, a fault of ROS. LEDs that cannot be reached are none: the robot works without them.
async fn run(context: NodeContext, lamps: Arc<Lamps>) -> Result<(), NodeError> {
    let mut spinner = Spinner::create(context.ros.clone(), NAME)?;
    let rosout = logging::attach(&mut spinner, NAME)?;
    let parameters = Parameters::declare(&mut spinner, NAME, PARAMETERS, crate::is_parameter_of_any_node)?;
    let lamps = lamps.open(&parameters)?;
    let layers = Arc::new(Layers::default());

    let latched = || QosProfile::default().keep_last(1).reliable().transient_local();
    let state = spinner.publisher::<LedState>("~/state", latched())?;
    // Not latched: without a subscriber nothing is published there, and what was last would be long past.
    let markers = spinner.publisher::<MarkerArray>("~/markers", QosProfile::default())?;
    let diagnostics = spinner.publisher::<DiagnosticArray>("/diagnostics", QosProfile::default())?;
    let followed = Followed::subscribe(&mut spinner, latched())?;
    requests::subscribe(&mut spinner, layers.clone())?;
    requests::serve_clear(&mut spinner, layers.clone())?;

    // Dropped in reverse order, after a panic too: first what logs, then the node.
    let (mut spinning, rosout) = (spinner.start(context.ros.clone())?, rosout);
    log::info!(target: NAME, "ready: 4 LEDs, backend {}", parameters.text("backend"));
    let mut show =
        Show::new(layers.clone(), &parameters, lamps.clone(), State::new(state), Markers::new(markers));
    let result = tokio::select! {
        error = spinning.failure() => Err(error),
        () = show.run(followed) => Ok(()),
        () = publish::diagnostics(diagnostics, &lamps, &layers, &parameters) => Ok(()),
        () = context.shutdown.cancelled() => Ok(()),
    };
    show.go_dark();
    drop(rosout);
    drop(spinning);
    result
}
