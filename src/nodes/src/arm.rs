//! Node `arm`: joint states out, goals in; the motion itself is the servo thread's.
//!
//! A goal is validated on the spinning thread and goes straight into the servo thread's mailbox; setpoints never cross DDS.

mod carry_out;
mod command;
#[cfg(control_msgs)]
mod follow_joint_trajectory;
#[cfg_attr(not(control_msgs), allow(dead_code, reason = "compiled and tested without its action"))]
mod gripper_cmd;
mod hardware;
mod joint_trajectory;
mod messages;
mod move_servo;
mod parameters;
mod park;
mod play_motion;
mod publish;
mod settings;
mod switches;
#[cfg_attr(not(control_msgs), allow(dead_code, reason = "compiled and tested without its action"))]
mod trajectory;

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use r2r::QosProfile;
use r2r::diagnostic_msgs::msg::DiagnosticArray;
use r2r::sensor_msgs::msg::JointState;
use r2r::shaky_steve::msg::ArmState;
use tokio_util::sync::CancellationToken;

use crate::NodeInfo;
use crate::action::{Options, Servers};
use crate::error::NodeError;
use crate::host::{self, NodeContext};
use crate::logging;
use crate::parameters::Parameters;
use crate::spin::Spinner;

use hardware::{Hardware, Open};

pub use parameters::PARAMETERS;

/// Name of the node, its logger and its executable.
pub const NAME: &str = "arm";

/// The node, as `bringup` and the executable `arm` find it.
pub const INFO: NodeInfo = NodeInfo { name: NAME, parameters: PARAMETERS, make: node };

/// How long goals may take to end when the node does: a smooth stop takes a few ticks.
const FAREWELL: Duration = Duration::from_millis(700);

/// The node, to be hosted.
pub fn node() -> host::Node {
    let hardware = Arc::new(Hardware::default());
    let finish = hardware.clone();
    host::Node {
        name: NAME,
        start: Box::new(move |context| Box::pin(run(context, hardware.clone()))),
        finish: Arc::new(move || finish.close()),
    }
}

/// Runs the node until it is told to end. `hardware` outlives a restart.
///
/// # Errors
/// A bad parameter or robot description, a fault of ROS or of the servo thread.
async fn run(context: NodeContext, hardware: Arc<Hardware>) -> Result<(), NodeError> {
    // Whatever ends this run, a panic too, ends its goals.
    let ending = context.shutdown.child_token();
    let _end = ending.clone().drop_guard();

    let mut spinner = Spinner::create(context.ros.clone(), NAME)?;
    let rosout = logging::attach(&mut spinner, NAME)?;
    let parameters = Parameters::declare(&mut spinner, NAME, PARAMETERS, crate::is_parameter_of_any_node)?;
    let open = hardware.open(&parameters)?;
    let servos = open.servos.clone();
    settings::apply(&parameters, &open);
    let parks = park::wanted(&parameters, &open)?;
    if parks.is_some() {
        context.patience.extend(park::PATIENCE);
    }

    let joint_states = spinner.publisher::<JointState>("joint_states", QosProfile::default())?;
    let latched = QosProfile::default().keep_last(1).reliable().transient_local();
    let state = spinner.publisher::<ArmState>("~/state", latched)?;
    let diagnostics = spinner.publisher::<DiagnosticArray>("/diagnostics", QosProfile::default())?;
    command::subscribe(&mut spinner, servos.clone(), parameters.clone())?;
    joint_trajectory::subscribe(&mut spinner, servos.clone())?;
    switches::serve_all(&mut spinner, &context.runtime, &servos)?;
    let actions = serve_actions(&mut spinner, &context, &ending, &parameters, &open)?;

    // Dropped in reverse order, after a panic too: first what answers clients and logs, then the node.
    let (mut spinning, rosout, actions) = (spinner.start(context.ros.clone())?, rosout, actions);
    log::info!(
        target: NAME,
        "{} is ready: {} joints on backend {}",
        servos.robot().name,
        servos.robot().joints.len(),
        parameters.text("backend")
    );
    let mut publishing = pin!(async {
        tokio::join!(
            publish::joint_states(joint_states, &servos, &parameters),
            publish::state(state, &servos),
            publish::diagnostics(diagnostics, &open, &parameters),
        );
    });
    let result = tokio::select! {
        error = spinning.failure() => Err(error),
        error = hardware::failure(&servos) => Err(error),
        () = &mut publishing => Ok(()),
        () = context.shutdown.cancelled() => Ok(()),
    };
    // Clients hear how their goals ended before the node leaves the graph.
    ending.cancel();
    let parks = parks.filter(|_| result.is_ok()).map(|motion| (servos.for_parking(), motion));
    if tokio::time::timeout(FAREWELL, actions.all_ended()).await.is_err() {
        log::warn!(target: NAME, "{} goals had not ended when the node did", actions.active());
    }
    if let Some((servos, motion)) = parks {
        tokio::select! {
            () = park::park(&servos, &motion) => {}
            () = &mut publishing => {}
        }
    }
    drop(actions);
    drop(rosout);
    drop(spinning);
    result
}

fn serve_actions(
    spinner: &mut Spinner,
    context: &NodeContext,
    ending: &CancellationToken,
    parameters: &Parameters,
    open: &Open,
) -> Result<Servers, NodeError> {
    let servos = &open.servos;
    let options = |name| Options {
        name,
        node: NAME,
        result_timeout: Duration::from_secs_f64(parameters.number("result_timeout")),
        runtime: context.runtime.clone(),
        shutdown: ending.clone(),
    };
    let mut servers = Servers::default();
    servers.add(move_servo::serve(spinner, options("~/move_servo"), parameters, servos)?);
    servers.add(play_motion::serve(spinner, options("~/play_motion"), open)?);
    #[cfg(control_msgs)]
    servers.add(follow_joint_trajectory::serve(
        spinner,
        options("~/follow_joint_trajectory"),
        parameters,
        servos,
    )?);
    #[cfg(control_msgs)]
    if servos.robot().joint_index(gripper_cmd::JOINT).is_some() {
        servers.add(gripper_cmd::serve(spinner, options("~/gripper_cmd"), parameters, servos)?);
    }
    Ok(servers)
}
