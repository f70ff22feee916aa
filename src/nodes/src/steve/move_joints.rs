//! `steve move`: joints to positions, together, and waits.

use futures::future::join_all;
use r2r::shaky_steve::action::MoveServo;
use steve_core::easing::Easing;

use super::Session;
use super::args::typed;
use super::bars::Bars;
use super::connection::Setup;
use super::failure::Failure;
use super::goal::{self, End};
use super::reasons::{self, Reasons};
use super::report::Report;
use super::robot::{Robot, Sought};
use super::targets::{self, Resolved, Target};
use super::units;

/// The action.
const MOVE_SERVO: &str = "arm/move_servo";

/// What `move` takes.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Joints and positions in turn, as `torso 45deg clamp 20mm`: units deg, rad, mm and m; `inf` and `-inf` are the ends of
    /// the travel
    #[arg(required = true, num_args = 1.., value_name = "JOINT POSITION", value_parser = typed)]
    pub(super) targets: Vec<String>,
    /// Mean speed: rad/s or m/s, or with a unit as in 30deg/s; 0 is as fast as the limits allow
    #[arg(long, value_parser = typed, default_value = "0")]
    speed: String,
    /// Shape of the move by its easings.net name, such as linear or in_out_sine; without one it is smooth
    #[arg(long, hide_possible_values = true, value_parser = clap::builder::PossibleValuesParser::new(Easing::NAMES))]
    easing: Option<String>,
}

/// Carries it out.
pub(super) async fn run(args: &Args, session: &Session) -> Result<(), Failure> {
    let targets = targets::pairs(&args.targets)?;
    units::speed(&args.speed, None).map_err(Failure::Usage)?;

    let mut setup = Setup::new(session)?;
    let sought = Sought::create(&mut setup)?;
    let mut reasons = Reasons::subscribe(&mut setup)?;
    let client = setup.action::<MoveServo::Action>(MOVE_SERVO)?;
    let mut connection = setup.connect()?;
    let robot = sought.find(&mut connection).await?;
    let (targets, goals) = goals(args, &targets, &robot)?;
    robot.check_may_move()?;
    let failure = |error| Failure::ros(format!("looking for {MOVE_SERVO}"), error);
    let available = r2r::Node::is_available(&client).map_err(failure)?;
    connection.find(MOVE_SERVO, available).await?.map_err(failure)?;

    let bars =
        Bars::new(session.console.shows_progress(), targets.iter().map(|target| (target.joint, target.kind)));
    // Ctrl-C cancels them all; so does a joint that is refused, for they were to move together.
    let cancel = session.interrupt.token().child_token();
    let carry_out = |(index, goal): (usize, MoveServo::Goal)| {
        let (client, cancel, bars) = (&client, &cancel, &bars);
        async move {
            let ended = goal::carry_out(client, goal, cancel, |feedback| bars.show(index, feedback)).await;
            match ended.end {
                End::Reached => bars.fill(index, ended.position),
                End::Refused => cancel.cancel(),
                End::Cancelled | End::Aborted | End::Lost => {}
            }
            ended
        }
    };
    let work = join_all(goals.into_iter().enumerate().map(carry_out));
    let mut ended = connection.while_spinning(work).await?;
    bars.clear();

    let refused = ended.iter().filter(|ended| ended.end == End::Refused).count();
    let mut why = if refused > 0 { reasons.next("goal rejected:", refused).await } else { Vec::new() };
    for (target, ended) in targets.iter().zip(&mut ended).filter(|(_, ended)| ended.end == End::Refused) {
        ended.message = reasons::of_joint(&mut why, target.joint)
            .unwrap_or_else(|| "the robot's log says why".to_owned());
    }
    let report =
        Report::new(targets.iter().zip(ended).map(|(target, ended)| (target.joint, target.kind, ended)));
    let by_us = session.interrupt.token().is_cancelled().then(|| session.interrupt.exit_code());
    let code = report.exit_code(by_us);
    let is_fine = code == 0 || Some(code) == by_us;
    let told = if is_fine { session.console.tell(&report) } else { session.console.tell_badly(&report) };
    // How the move ended counts more than whether somebody read it.
    if code == 0 { told } else { Err(Failure::Said(code)) }
}

/// A goal a joint.
fn goals<'a>(
    args: &Args,
    targets: &[Target<'a>],
    robot: &Robot,
) -> Result<(Vec<Resolved<'a>>, Vec<MoveServo::Goal>), Failure> {
    let targets = targets::resolve(targets, &robot.names(), &robot.kinds)?;
    let goal = |target: &Resolved<'_>| {
        Ok(MoveServo::Goal {
            joint: target.joint.to_owned(),
            position: target.position,
            speed: units::speed(&args.speed, target.kind)
                .map_err(|error| Failure::Usage(format!("speed of {}: {error}", target.joint)))?,
            easing: args.easing.clone().unwrap_or_default(),
        })
    };
    let goals = targets.iter().map(goal).collect::<Result<_, Failure>>()?;
    Ok((targets, goals))
}
