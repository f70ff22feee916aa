//! `~/move_servo`: one joint, with speed and easing.

use std::time::Duration;

use r2r::shaky_steve::action::MoveServo;
use steve_core::arm::{GoalId, MoveEnd, MoveOutcome, MoveRequest, ValidMove};
use steve_drivers::servo_thread::ServoHandle;
use tokio::runtime::Handle;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::NAME;
use crate::action::{ActionServer, EndWanted, Goal, Options, Outcome};
use crate::error::NodeError;
use crate::parameters::Parameters;
use crate::spin::Spinner;

type Action = MoveServo::Action;

pub(super) fn serve(
    spinner: &mut Spinner,
    runtime: &Handle,
    ending: &CancellationToken,
    parameters: &Parameters,
    servos: &ServoHandle,
) -> Result<ActionServer<Action>, NodeError> {
    let options = Options {
        name: "~/move_servo",
        node: NAME,
        result_timeout: Duration::from_secs_f64(parameters.number("result_timeout")),
        runtime: runtime.clone(),
        shutdown: ending.clone(),
    };
    let (judge, mover, parameters) = (servos.clone(), servos.clone(), parameters.clone());
    ActionServer::create(
        spinner,
        options,
        move |goal: &MoveServo::Goal| {
            let request =
                MoveRequest::one(goal.joint.clone(), goal.position, goal.speed, goal.easing.clone());
            judge.validate(&request).map_err(|error| error.to_string())
        },
        move |valid, goal| {
            let period = Duration::from_secs_f64(1.0 / parameters.number("feedback_rate"));
            carry_out(mover.clone(), valid, goal, period)
        },
    )
}

/// Starts the move at once; the future sees it through to its end.
fn carry_out(
    servos: ServoHandle,
    valid: ValidMove,
    goal: Goal<Action>,
    feedback_period: Duration,
) -> impl Future<Output = Outcome<MoveServo::Result>> + Send {
    let mut motion = servos.move_joints(valid);
    let id = motion.id;
    async move {
        let mut feedback = interval(feedback_period);
        feedback.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let mut wanted = None;
        let outcome = loop {
            tokio::select! {
                // The end comes before feedback that is due at the same time.
                biased;
                outcome = &mut motion => break outcome,
                why = goal.end_wanted(), if wanted.is_none() => {
                    wanted = Some(why);
                    servos.cancel(id);
                }
                _ = feedback.tick() => tell(&servos, id, &goal),
            }
        };
        outcome_of(outcome, wanted)
    }
}

fn tell(servos: &ServoHandle, id: GoalId, goal: &Goal<Action>) {
    // None: the servo thread has not begun yet, or has just ended.
    if let Some(progress) = servos.snapshots().borrow().progress(id) {
        goal.feedback(MoveServo::Feedback {
            position: progress.position,
            progress: progress.progress,
            remaining: progress.remaining,
        });
    }
}

fn outcome_of(outcome: MoveOutcome, wanted: Option<EndWanted>) -> Outcome<MoveServo::Result> {
    let position = outcome.position().unwrap_or(f64::NAN);
    let mut result = MoveServo::Result { position, message: outcome.message };
    match (outcome.end, wanted) {
        (MoveEnd::Reached, _) => return Outcome::Succeeded(result),
        (MoveEnd::Canceled, Some(EndWanted::Canceled)) => return Outcome::Canceled(result),
        // The servo thread was asked to cancel, but no client was the one who asked.
        (MoveEnd::Canceled, _) => result.message = "the node ends".into(),
        _ => {}
    }
    log::info!(target: NAME, "~/move_servo: goal aborted: {}", result.message);
    Outcome::Aborted(result)
}
