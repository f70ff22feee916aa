//! Node `arm`: joint states out, goals in; the motion itself is the servo thread's.
//!
//! A goal is validated on the spinning thread and goes straight into the servo thread's mailbox; setpoints never cross DDS.

mod carry_out;
mod command;
#[cfg(control_msgs)]
mod follow_joint_trajectory;
#[cfg_attr(not(control_msgs), allow(dead_code, reason = "compiled and tested without its action"))]
mod gripper_cmd;
pub(crate) mod hardware;
mod joint_trajectory;
mod messages;
mod move_servo;
mod publish;
mod switches;
#[cfg_attr(not(control_msgs), allow(dead_code, reason = "compiled and tested without its action"))]
mod trajectory;

use std::sync::Arc;
use std::time::Duration;

use r2r::QosProfile;
use r2r::diagnostic_msgs::msg::DiagnosticArray;
use r2r::sensor_msgs::msg::JointState;
use r2r::shaky_steve::msg::ArmState;
use steve_drivers::servo_thread::ServoHandle;
use tokio_util::sync::CancellationToken;

use crate::NodeInfo;
use crate::action::{Options, Servers};
use crate::error::NodeError;
use crate::host::{self, NodeContext};
use crate::logging;
use crate::parameters::{Kind, Parameters, Spec};
use crate::spin::Spinner;

use hardware::Hardware;

/// Name of the node, its logger and its executable.
pub const NAME: &str = "arm";

/// The node, as `bringup` and the executable `arm` find it.
pub const INFO: NodeInfo = NodeInfo { name: NAME, parameters: PARAMETERS, make: node };

/// How long goals may take to end when the node does: a smooth stop takes a few ticks.
const FAREWELL: Duration = Duration::from_millis(700);

/// The node's parameters.
pub const PARAMETERS: &[Spec] = &[
    Spec {
        name: "robot",
        kind: Kind::Text(""),
        unit: "",
        read_only: true,
        description: "Path of the robot's description; empty: `config/steve.yaml` as installed.",
    },
    Spec {
        name: "backend",
        kind: Kind::Choice(&["sim"]),
        unit: "",
        read_only: true,
        description: "What drives the servos; `sim` behaves like hobby servos on any machine.",
    },
    Spec {
        name: "sim_start",
        kind: Kind::Choice(&["home", "unknown"]),
        unit: "",
        read_only: true,
        description: "Where simulated servos start: at home, or somewhere that nobody knows, as on the real robot.",
    },
    Spec {
        name: "sim_seed",
        kind: Kind::Integer { default: 0, min: 0, max: i64::MAX },
        unit: "",
        read_only: true,
        description: "Seed of the unknown start.",
    },
    Spec {
        name: "update_rate",
        kind: Kind::Number { default: 50.0, min: 1.0, max: 200.0 },
        unit: "Hz",
        read_only: true,
        description: "Setpoints a second while a joint moves; hobby servos take 50.",
    },
    Spec {
        name: "state_rate",
        kind: Kind::Number { default: 50.0, min: 1.0, max: 200.0 },
        unit: "Hz",
        read_only: false,
        description: "Messages a second on `joint_states`.",
    },
    Spec {
        name: "feedback_rate",
        kind: Kind::Number { default: 20.0, min: 1.0, max: 200.0 },
        unit: "Hz",
        read_only: false,
        description: "Feedback messages a second of a goal; taken for the next goal.",
    },
    Spec {
        name: "result_timeout",
        kind: Kind::Number { default: 10.0, min: 0.0, max: 3600.0 },
        unit: "s",
        read_only: true,
        description: "How long a goal's result can be asked for after its end.",
    },
    Spec {
        name: "power_on",
        kind: Kind::Choice(&["refuse", "home"]),
        unit: "",
        read_only: true,
        description: "What powering a joint does whose position nobody knows: refuse, or send it home, which may jump.",
    },
    Spec {
        name: "on_shutdown",
        kind: Kind::Choice(&["off", "hold"]),
        unit: "",
        read_only: true,
        description: "What becomes of the servos when the node ends.",
    },
];

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
    let servos = hardware.open(&parameters)?;

    let joint_states = spinner.publisher::<JointState>("joint_states", QosProfile::default())?;
    let latched = QosProfile::default().keep_last(1).reliable().transient_local();
    let state = spinner.publisher::<ArmState>("~/state", latched)?;
    let diagnostics = spinner.publisher::<DiagnosticArray>("/diagnostics", QosProfile::default())?;
    command::subscribe(&mut spinner, servos.clone())?;
    joint_trajectory::subscribe(&mut spinner, servos.clone())?;
    switches::serve_all(&mut spinner, &context.runtime, &servos)?;
    let actions = serve_actions(&mut spinner, &context, &ending, &parameters, &servos)?;

    // Dropped in reverse order, after a panic too: first what answers clients and logs, then the node.
    let (mut spinning, rosout, actions) = (spinner.start(context.ros.clone())?, rosout, actions);
    log::info!(
        target: NAME,
        "{} is ready: {} joints on backend {}",
        servos.robot().name,
        servos.robot().joints.len(),
        parameters.text("backend")
    );
    let result = tokio::select! {
        error = spinning.failure() => Err(error),
        error = hardware::failure(&servos) => Err(error),
        () = publish::joint_states(joint_states, &servos, &parameters) => Ok(()),
        () = publish::state(state, &servos) => Ok(()),
        () = publish::diagnostics(diagnostics, &servos, hardware.probe(), &parameters) => Ok(()),
        () = context.shutdown.cancelled() => Ok(()),
    };
    // Clients hear how their goals ended before the node leaves the graph.
    ending.cancel();
    if tokio::time::timeout(FAREWELL, actions.all_ended()).await.is_err() {
        log::warn!(target: NAME, "{} goals had not ended when the node did", actions.active());
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
    servos: &ServoHandle,
) -> Result<Servers, NodeError> {
    let options = |name| Options {
        name,
        node: NAME,
        result_timeout: Duration::from_secs_f64(parameters.number("result_timeout")),
        runtime: context.runtime.clone(),
        shutdown: ending.clone(),
    };
    let mut servers = Servers::default();
    servers.add(move_servo::serve(spinner, options("~/move_servo"), parameters, servos)?);
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
