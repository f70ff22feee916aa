//! A process for the tests of the plumbing: the real arm, and a node `fragile`, both of which panic on request.
//!
//! * topic `fragile/panic_arm` (std_msgs/Empty): the arm's task panics; its servo thread must go on.
//! * topic `fragile/panic_spin` (std_msgs/Empty): fragile's spinning thread panics.
//! * service `fragile/die` (std_srvs/Trigger): the request's task panics.
//! * action `fragile/move` (MoveServo): joint `panic` panics, `forever` runs until it is cancelled, `stubborn` never ends at all.
//! * topic `fragile/panic_leds` (std_msgs/Empty): the task of the real LEDs panics; they are hosted with argument `--leds` only.
//! * argument `--stuck`: a node beside them, before the LEDs, never lets go of its hardware.
//! * topic `fragile/hang` (std_msgs/Empty): the runtime's thread hangs, so that nothing ends in an orderly way.

#![expect(clippy::panic, reason = "panicking on request is what it is for")]

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use r2r::QosProfile;
use r2r::shaky_steve::action::MoveServo;
use r2r::std_msgs::msg::Empty;
use r2r::std_srvs::srv::Trigger;
use steve_nodes::action::{ActionServer, EndWanted, Goal, Options, Outcome};
use steve_nodes::error::NodeError;
use steve_nodes::host::{self, Node, NodeContext};
use steve_nodes::ros_args::SplitArgs;
use steve_nodes::service::serve;
use steve_nodes::spin::Spinner;
use steve_nodes::{arm, leds, logging};
use tokio::sync::Notify;

fn main() -> ExitCode {
    let args = SplitArgs::of_process();
    let (panic_arm, panic_leds) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let mut nodes = vec![fragile_on(arm::node(), &panic_arm)];
    if args.own.iter().any(|arg| arg == "--stuck") {
        nodes.push(stuck());
    }
    if args.own.iter().any(|arg| arg == "--leds") {
        nodes.push(fragile_on(leds::node(), &panic_leds));
    }
    nodes.push(Node {
        name: "fragile",
        start: Box::new(move |context| {
            let panics = [("~/panic_arm", panic_arm.clone()), ("~/panic_leds", panic_leds.clone())];
            Box::pin(run(context, panics))
        }),
        finish: Arc::new(|| {}),
    });
    host::run(&args, nodes)
}

/// A node whose bus hangs at the end.
fn stuck() -> Node {
    Node {
        name: "stuck",
        start: Box::new(|context| {
            Box::pin(async move {
                context.shutdown.cancelled().await;
                Ok(())
            })
        }),
        finish: Arc::new(|| {
            loop {
                std::thread::sleep(Duration::from_secs(60));
            }
        }),
    }
}

/// The node, whose task panics when it is notified.
fn fragile_on(mut node: Node, panic: &Arc<Notify>) -> Node {
    let (name, start, notify) = (node.name, node.start, panic.clone());
    node.start = Box::new(move |context| {
        let (run, notify) = (start(context), notify.clone());
        Box::pin(async move {
            tokio::select! {
                result = run => result,
                () = notify.notified() => panic!("the {name} panics as asked"),
            }
        })
    });
    node
}

async fn run(context: NodeContext, panics: [(&'static str, Arc<Notify>); 2]) -> Result<(), NodeError> {
    let ending = context.shutdown.child_token();
    let _end = ending.clone().drop_guard();
    let mut spinner = Spinner::create(context.ros.clone(), "fragile")?;
    let _rosout = logging::attach(&mut spinner, "fragile")?;
    for (topic, panic) in panics {
        spinner.subscribe(topic, QosProfile::default(), move |_: Empty| panic.notify_one())?;
    }
    spinner
        .subscribe("~/panic_spin", QosProfile::default(), |_: Empty| panic!("spinning panics as asked"))?;
    let hang = Arc::new(Notify::new());
    let hangs = hang.clone();
    spinner.subscribe("~/hang", QosProfile::default(), move |_: Empty| hang.notify_one())?;
    let died = || Trigger::Response { success: false, message: "its task died".into() };
    serve::<Trigger::Service, _>(&mut spinner, &context.runtime, "~/die", died, |_| async {
        panic!("the request's task panics as asked")
    })?;
    let options = Options {
        name: "~/move",
        node: "fragile",
        result_timeout: Duration::from_secs(5),
        runtime: context.runtime.clone(),
        shutdown: ending.clone(),
    };
    let moves = ActionServer::<MoveServo::Action>::create(
        &mut spinner,
        options,
        |goal| Ok(goal.joint.clone()),
        execute,
    )?;
    let (mut spinning, _moves) = (spinner.start(context.ros.clone())?, moves);
    tokio::select! {
        error = spinning.failure() => Err(error),
        () = hangs.notified() => {
            log::info!(target: "fragile", "the runtime hangs as asked");
            loop { std::thread::sleep(Duration::from_secs(60)) }
        }
        () = context.shutdown.cancelled() => Ok(()),
    }
}

async fn execute(joint: String, goal: Goal<MoveServo::Action>) -> Outcome<MoveServo::Result> {
    match joint.as_str() {
        "panic" => panic!("the goal panics as asked"),
        "stubborn" => std::future::pending().await,
        "forever" => {
            let result = MoveServo::Result::default();
            match goal.end_wanted().await {
                EndWanted::Canceled => Outcome::Canceled(result),
                EndWanted::NodeEnds => Outcome::Aborted(result),
            }
        }
        _ => Outcome::Succeeded(MoveServo::Result::default()),
    }
}
