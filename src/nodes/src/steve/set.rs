//! `steve set`: joints to positions as fast as they can, without waiting for them.

use std::fmt;
use std::time::Duration;

use r2r::QosProfile;
use r2r::sensor_msgs::msg::JointState;
use r2r::shaky_steve::msg::ArmState;
use serde::Serialize;
use tokio::time::{sleep, timeout};

use super::Session;
use super::args::typed;
use super::connection::Setup;
use super::failure::Failure;
use super::reasons::Reasons;
use super::robot::Sought;
use super::targets::{self, Resolved};
use super::units::show_position;
use crate::time;

/// The topic.
const COMMAND: &str = "arm/command";
/// How long the arm may take to show in its state that it took the command.
const TAKEN: Duration = Duration::from_millis(500);
/// A message that changes nothing does not show; it needs a moment to go out all the same.
const GOES_OUT: Duration = Duration::from_millis(50);

/// What `set` takes.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Joints and positions in turn, as `torso 45deg clamp 20mm`: units deg, rad, mm and m
    #[arg(required = true, num_args = 1.., value_name = "JOINT POSITION", value_parser = typed)]
    targets: Vec<String>,
}

/// What was sent.
#[derive(Debug, Serialize)]
struct Sent {
    success: bool,
    joints: Vec<SentJoint>,
}

#[derive(Debug, Serialize)]
struct SentJoint {
    joint: String,
    /// rad or m.
    goal: f64,
    #[serde(skip)]
    shown: String,
}

impl fmt::Display for Sent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, SentJoint { joint, shown, .. }) in self.joints.iter().enumerate() {
            let line = if index == 0 { "" } else { "\n" };
            write!(f, "{line}{joint} goes to {shown}")?;
        }
        Ok(())
    }
}

/// Carries it out.
pub(super) async fn run(args: &Args, session: &Session) -> Result<(), Failure> {
    let targets = targets::pairs(&args.targets)?;
    let mut setup = Setup::new(session)?;
    let sought = Sought::create(&mut setup)?;
    let mut reasons = Reasons::subscribe(&mut setup)?;
    let command = setup.spinner().publisher::<JointState>(COMMAND, QosProfile::default())?;
    let mut connection = setup.connect()?;
    let mut robot = sought.find(&mut connection).await?;
    let targets = targets::resolve(&targets, &robot.names(), &robot.kinds)?;
    if let Some(endless) = targets.iter().find(|target| target.position.is_infinite()) {
        return Err(Failure::Usage(format!(
            "position of {}: only `steve move` goes to inf and -inf",
            endless.joint
        )));
    }
    robot.check_may_move()?;
    let failure = |error| Failure::ros(format!("publishing {COMMAND}"), error);
    let listened_to = command.wait_for_inter_process_subscribers().map_err(failure)?;
    connection.find(&format!("subscriber of {COMMAND}"), listened_to).await?.map_err(failure)?;

    let message = JointState {
        header: time::header_now(""),
        name: targets.iter().map(|target| target.joint.to_owned()).collect(),
        position: targets.iter().map(|target| target.position).collect(),
        ..Default::default()
    };
    let taken = async {
        // Twice, should a recorder that listens as well have been found before the arm.
        for _ in 0..2 {
            command.publish(&message).map_err(failure)?;
            sleep(GOES_OUT).await;
            if timeout(TAKEN, robot.wait_for_state(|state| is_taken(state, &targets))).await.is_ok() {
                return Ok(());
            }
        }
        let why = reasons.next("command refused:", 1).await.pop();
        Err(Failure::Refused(why.unwrap_or_else(|| "the robot did not take it; its log says why".to_owned())))
    };
    connection.until_interrupted(taken).await??;
    let sent = |target: &Resolved<'_>| SentJoint {
        joint: target.joint.to_owned(),
        goal: target.position,
        shown: show_position(target.position, target.kind),
    };
    session.console.tell(&Sent { success: true, joints: targets.iter().map(sent).collect() })
}

/// Whether every joint is powered and its goal is what was asked for.
fn is_taken(state: &ArmState, targets: &[Resolved<'_>]) -> bool {
    targets.iter().all(|target| {
        // The arm takes a position a little outside of the travel for the limit itself.
        let tolerance = (target.position.abs() * 1e-3).max(1e-5);
        let is_it = |joint: &r2r::shaky_steve::msg::ServoState| {
            joint.name == target.joint && joint.powered && (joint.goal - target.position).abs() <= tolerance
        };
        state.joints.iter().any(is_it)
    })
}

#[cfg(test)]
mod tests {
    use r2r::shaky_steve::msg::ServoState;

    use super::*;

    fn state(powered: bool, goal: f64) -> ArmState {
        let joint = ServoState { name: "torso".into(), powered, goal, ..Default::default() };
        ArmState { joints: vec![joint], ..Default::default() }
    }

    #[test]
    fn a_command_is_taken_when_the_powered_joint_has_it_for_its_goal() {
        let targets = [Resolved { joint: "torso", position: 0.5, kind: None }];
        assert!(is_taken(&state(true, 0.5), &targets));
        assert!(!is_taken(&state(false, 0.5), &targets));
        assert!(!is_taken(&state(true, 0.51), &targets));
        assert!(!is_taken(&state(true, f64::NAN), &targets));
        assert!(!is_taken(&ArmState::default(), &targets));
    }
}
