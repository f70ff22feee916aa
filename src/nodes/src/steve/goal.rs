//! One goal of an action, from its request to its end.

use std::pin::pin;
use std::time::Duration;

use futures::StreamExt;
use r2r::shaky_steve::action::MoveServo;
use r2r::{ActionClient, GoalStatus, WrappedActionTypeSupport as ActionType};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

use super::connection::ANSWER;

/// The arm sends feedback at least once a second: after this long without any it has gone.
const SILENCE: Duration = Duration::from_secs(3);

/// How a goal ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// The joint is where it was sent.
    Reached,
    /// It was cancelled and holds.
    Cancelled,
    /// Preempted, stopped, powered off.
    Aborted,
    /// It never started.
    Refused,
    /// The robot stopped answering.
    Lost,
}

/// The end of a goal.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Ended {
    pub(super) end: End,
    /// Where the joint stopped, rad or m; NaN if nobody knows.
    pub(super) position: f64,
    /// How it ended, for people.
    pub(super) message: String,
}

impl Ended {
    fn without_result(end: End, message: impl Into<String>) -> Self {
        Self { end, position: f64::NAN, message: message.into() }
    }

    fn with_result(status: GoalStatus, result: MoveServo::Result) -> Self {
        let MoveServo::Result { position, message } = result;
        let end = match status {
            GoalStatus::Succeeded => End::Reached,
            GoalStatus::Canceled => End::Cancelled,
            GoalStatus::Aborted => End::Aborted,
            // The answer of a server that has forgotten the goal: it was started anew.
            _ => return Self::without_result(End::Lost, "the robot no longer knows the goal"),
        };
        Self { end, position, message }
    }
}

/// Sends a goal of `move_servo` and sees it through. `cancel` cancels it; `tell` gets its feedback.
pub(super) async fn carry_out(
    client: &ActionClient<MoveServo::Action>,
    goal: MoveServo::Goal,
    cancel: &CancellationToken,
    tell: impl FnMut(&MoveServo::Feedback),
) -> Ended {
    match see_through(client, goal, cancel, tell).await {
        Ok((status, result)) => Ended::with_result(status, result),
        Err(NoResult::Refused) => Ended::without_result(End::Refused, ""),
        Err(NoResult::Lost(message)) => Ended::without_result(End::Lost, message),
    }
}

/// Why there is no result.
#[derive(Debug)]
pub(super) enum NoResult {
    /// It never started.
    Refused,
    /// The robot stopped answering.
    Lost(String),
}

/// Sends a goal and sees it through. `cancel` cancels it; `tell` gets its feedback.
pub(super) async fn see_through<A: ActionType + 'static>(
    client: &ActionClient<A>,
    goal: A::Goal,
    cancel: &CancellationToken,
    mut tell: impl FnMut(&A::Feedback),
) -> Result<(GoalStatus, A::Result), NoResult> {
    let lost = |message: String| Err(NoResult::Lost(message));
    let request = match client.send_goal_request(goal) {
        Ok(request) => request,
        Err(error) => return lost(format!("the goal could not be sent: {error}")),
    };
    let (handle, result, mut feedback) = match timeout(ANSWER, request).await {
        Ok(Ok(accepted)) => accepted,
        Ok(Err(r2r::Error::RCL_RET_ACTION_GOAL_REJECTED)) => return Err(NoResult::Refused),
        Ok(Err(error)) => return lost(format!("the goal could not be sent: {error}")),
        Err(_) => return lost(format!("no answer to the goal within {} s", ANSWER.as_secs())),
    };
    let mut result = pin!(result);
    let mut cancelling = false;
    let mut heard = Instant::now();
    loop {
        tokio::select! {
            biased;
            ended = &mut result => return ended.or_else(|error| lost(error.to_string())),
            () = cancel.cancelled(), if !cancelling => {
                cancelling = true;
                // Whether it was taken shows in the result.
                if let Err(error) = handle.cancel() {
                    return lost(format!("the goal could not be cancelled, the joint may still be moving: {error}"));
                }
            }
            Some(feedback) = feedback.next() => {
                heard = Instant::now();
                tell(&feedback);
            }
            () = sleep_until(heard + SILENCE) => {
                return lost(format!("no news for {} s; the joint may still be moving", SILENCE.as_secs()));
            }
        }
    }
}
