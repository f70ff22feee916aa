//! What all goals of the arm have in common once they are accepted: feedback, cancel, and the end.

use std::pin::pin;
use std::time::Duration;

use steve_core::arm::{ArmSnapshot, MoveEnd, MoveOutcome};
use steve_drivers::servo_thread::{Move, ServoHandle};
use tokio::time::{MissedTickBehavior, interval};

use super::NAME;
use crate::action::{EndWanted, Outcome};

/// Sees a motion through to its end, and has `tell` give feedback on the way.
pub(super) async fn see_through(
    servos: &ServoHandle,
    mut motion: Move,
    end_wanted: impl Future<Output = EndWanted>,
    feedback_period: Duration,
    tell: impl Fn(&ArmSnapshot),
) -> MoveOutcome {
    let mut feedback = interval(feedback_period);
    feedback.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut end_wanted = pin!(end_wanted);
    let mut wanted = None;
    let mut outcome = loop {
        tokio::select! {
            // The end comes before feedback that is due at the same time.
            biased;
            outcome = &mut motion => break outcome,
            why = &mut end_wanted, if wanted.is_none() => {
                wanted = Some(why);
                motion.cancel();
            }
            _ = feedback.tick() => {
                // Not borrowed while it is published: the servo thread would wait.
                let now = servos.snapshots().borrow().clone();
                tell(&now);
            }
        }
    };
    // The servo thread was asked to cancel, but no client was the one who asked.
    if outcome.end == MoveEnd::Canceled && wanted != Some(EndWanted::Canceled) {
        outcome.end = MoveEnd::ShutDown;
        outcome.message = "the node ends".into();
    }
    outcome
}

/// What the client of `action` hears of a motion that has ended. An abort is logged, with its reason.
pub(super) fn told<R>(action: &str, end: MoveEnd, reason: &str, result: R) -> Outcome<R> {
    match end {
        MoveEnd::Reached => Outcome::Succeeded(result),
        MoveEnd::Canceled => Outcome::Canceled(result),
        _ => {
            log::info!(target: NAME, "{action}: goal aborted: {reason}");
            Outcome::Aborted(result)
        }
    }
}
