//! Node `teleop`: a 3D mouse or a game pad (`sensor_msgs/Joy`) moves the arm, its buttons play motions and more.
//!
//! The mapping is the core's ([`steve_core::teleop`]) and the motion the arm's: what goes between is velocities on
//! `arm/command`, while something is deflected and no longer.

mod buttons;
mod diagnostics;
mod era;
mod hand;
mod input;
mod parameters;
mod positions;
mod server;
mod setup;
mod solver;

use std::sync::Arc;
use std::time::Duration;

use r2r::QosProfile;
use r2r::diagnostic_msgs::msg::DiagnosticArray;
use r2r::sensor_msgs::msg::{JointState, Joy};
use r2r::shaky_steve::msg::{ArmState, MouseEvent};
use steve_core::teleop::{Options, Profile, Teleop};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::NodeInfo;
use crate::error::NodeError;
use crate::host::{self, NodeContext};
use crate::logging;
use crate::parameters::Parameters;
use crate::ros_args::SplitArgs;
use crate::spin::Spinner;
use crate::topic_name::{self, Place};

use buttons::Buttons;
use hand::Hand;
use input::Input;
use setup::Setup;

pub use parameters::PARAMETERS;

/// Name of the node, its logger and its executable.
pub const NAME: &str = "teleop";

/// The node, as `bringup` and the executable `teleop` find it.
pub const INFO: NodeInfo = NodeInfo { name: NAME, parameters: PARAMETERS, make: node };

/// Few, for only the newest counts, but more than one, so that a press and its release both come through.
const JOY_QUEUE: usize = 10;

/// So long the node stays for the end of the motions that its buttons began: the arm answers within a tick.
const LAST_WORDS: Duration = Duration::from_millis(300);

/// What the node `mouse` publishes axes and buttons on.
const MOUSE: &str = "spacenav/joy";

/// Motions are events too: a device that goes must not be lost among them.
const EVENT_QUEUE: usize = 100;

/// The node, to be hosted.
pub fn node() -> host::Node {
    host::Node { name: NAME, start: Box::new(|context| Box::pin(run(context))), finish: Arc::new(|| {}) }
}

/// Runs the node until it is told to end.
///
/// # Errors
/// A bad parameter or file, a fault of ROS.
async fn run(context: NodeContext) -> Result<(), NodeError> {
    // Whatever ends this run, a panic too, ends what buttons have begun.
    let ending = context.shutdown.child_token();
    let _end = ending.clone().drop_guard();

    let mut spinner = Spinner::create(context.ros.clone(), NAME)?;
    let rosout = logging::attach(&mut spinner, NAME)?;
    let parameters = Parameters::declare(&mut spinner, NAME, PARAMETERS, crate::is_parameter_of_any_node)?;
    let setup = Setup::read(&parameters)?;
    let diagnostics = spinner.publisher::<DiagnosticArray>("/diagnostics", QosProfile::default())?;
    let latched = QosProfile::default().keep_last(1).reliable().transient_local();
    let arm = spinner.follow::<ArmState>("arm/state", latched)?;
    let profile = setup.profile.clone();
    let hand = match &profile {
        Some(profile) => Some(connect(&mut spinner, &context, &ending, &parameters, setup, profile)?),
        None => None,
    };

    // Dropped in reverse order, after a panic too: first what logs, then the node.
    let (mut spinning, rosout) = (spinner.start(context.ros.clone())?, rosout);
    if let Some(profile) = &profile {
        let mode = profile.start_mode.as_str();
        log::info!(target: NAME, "profile {} on {}, {mode} mode", profile.name, profile.topic);
    }
    let at_work = hand.as_deref().zip(profile.as_ref());
    let repeat = async {
        match &hand {
            Some(hand) => {
                tokio::join!(
                    hand.repeat(),
                    hand.follow(arm),
                    positions::follow(context.ros.clone(), hand.clone())
                );
            }
            None => std::future::pending().await,
        }
    };
    let result = tokio::select! {
        error = spinning.failure() => Err(error),
        () = diagnostics::publish(diagnostics, at_work) => Ok(()),
        () = repeat => Ok(()),
        () = context.shutdown.cancelled() => Ok(()),
    };
    if let Some(hand) = &hand {
        // An arm that ends too answers nobody.
        let _ = timeout(LAST_WORDS, hand.let_go()).await;
    }
    ending.cancel();
    drop(rosout);
    drop(spinning);
    result
}

/// Publisher and subscriptions, with the mapping between them.
fn connect(
    spinner: &mut Spinner,
    context: &NodeContext,
    ending: &CancellationToken,
    parameters: &Parameters,
    setup: Setup,
    profile: &Profile,
) -> Result<Arc<Hand>, NodeError> {
    let Setup { robot, solver, .. } = setup;
    let timeout = Duration::from_secs_f64(parameters.number("joy_timeout"));
    let publisher = spinner.publisher::<JointState>("arm/command", QosProfile::default())?;
    let joints = robot.joints.iter().map(|joint| joint.name.clone()).collect();
    let options = Options { timeout, rate_hz: parameters.number("command_rate") };
    let buttons = Buttons::create(spinner, context.runtime.clone(), ending.clone())?;
    let hand = Arc::new(Hand::new(
        Teleop::new(profile.clone(), robot, options),
        solver,
        joints,
        publisher,
        buttons,
        Input::new(timeout),
        parameters.flag("check_stamps"),
    ));

    let own = hand.clone();
    // Best effort takes what reliable publishers send as well, and never waits for a message that was lost: the next is newer.
    let newest = QosProfile::default().keep_last(JOY_QUEUE).best_effort();
    spinner.subscribe(&profile.topic, newest, move |message: Joy| own.joy(&message))?;
    if is_same_topic(spinner, &profile.topic, MOUSE)? {
        // Axes and buttons alone do not tell a device that is gone from a hand that lets go.
        let own = hand.clone();
        let reliable = QosProfile::default().keep_last(EVENT_QUEUE).reliable();
        spinner.subscribe("mouse/events", reliable, move |message: MouseEvent| own.mouse(&message))?;
    }
    Ok(hand)
}

/// Whether two names mean the same topic for this node, in its namespace and with its remappings.
fn is_same_topic(spinner: &mut Spinner, one: &str, other: &str) -> Result<bool, NodeError> {
    let failed = |error| NodeError::ros("reading the node's name", error);
    let node = spinner.node().name().map_err(failed)?;
    let namespace = spinner.node().namespace().map_err(failed)?;
    let (place, args) = (Place { node: &node, namespace: &namespace }, SplitArgs::of_process());
    Ok(topic_name::resolve(one, place, &args) == topic_name::resolve(other, place, &args))
}
