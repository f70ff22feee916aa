//! Named motions: sent off, and how they ended goes to the log.
//!
//! Through the services of the action and not through r2r's client of it, which subscribes to everybody's feedback and keeps
//! something of every goal that is refused.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::future::join_all;
use r2r::action_msgs::msg::GoalInfo;
use r2r::action_msgs::srv::CancelGoal;
use r2r::shaky_steve::action::PlayMotion;
use r2r::unique_identifier_msgs::msg::UUID;
use r2r::{GoalStatus, WrappedActionTypeSupport as ActionType};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::sleep;
use uuid::Uuid;

use super::turns::{Turn, Turns};
use super::{ANSWER, Tasks, dropped, warn};
use crate::error::NodeError;
use crate::spin::Spinner;
use crate::teleop::NAME;
use crate::teleop::era::Era;
use crate::teleop::server::{NoAnswer, Server};

/// As many motions as are followed to their end at once; those beyond play all the same.
const FOLLOWED: usize = 8;
/// As many motions can be ended: the newest ones, those before them were most likely overtaken.
const ENDED: usize = 16;
/// A cancel that has no answer by then is asked for once more: the arm answers within a tick.
const CANCEL_EVERY: Duration = Duration::from_millis(200);
/// So many times, 2 s in all.
const CANCELS: usize = 10;
/// action_msgs/srv/CancelGoal's.
const UNKNOWN_GOAL_ID: i8 = 2;
/// An arm that has not answered by then never will.
const LATE: Duration = Duration::from_secs(60);
/// A motion is over by then, or nobody wants to know.
const LONGEST: Duration = Duration::from_secs(3600);

type Motion = PlayMotion::Action;

/// The action's services.
pub(super) struct Motions {
    send_goal: Server<<Motion as ActionType>::SendGoal>,
    get_result: Server<<Motion as ActionType>::GetResult>,
    cancel_goal: Server<CancelGoal::Service>,
    /// The goals that may still be played, oldest first.
    playing: Mutex<Vec<UUID>>,
    /// One goal is sent at a time.
    turns: Turns,
    followed: Semaphore,
}

impl Motions {
    pub(super) fn create(spinner: &mut Spinner) -> Result<Self, NodeError> {
        Ok(Self {
            send_goal: Server::create(spinner, "arm/play_motion/_action/send_goal")?,
            get_result: Server::create(spinner, "arm/play_motion/_action/get_result")?,
            cancel_goal: Server::create(spinner, "arm/play_motion/_action/cancel_goal")?,
            playing: Mutex::default(),
            turns: Turns::default(),
            followed: Semaphore::new(FOLLOWED),
        })
    }

    /// Plays a motion, if that can be asked for before the era ends.
    pub(super) fn play(self: &Arc<Self>, tasks: &Tasks, era: Era, name: String) {
        let Some(place) = self.turns.queue() else { return dropped(self.send_goal.name()) };
        self.send_goal.seek();
        let own = self.clone();
        let id = UUID { uuid: Uuid::new_v4().as_bytes().to_vec() };
        tasks.spawn(async move { own.see_through(name, &id, &era, place).await });
    }

    /// Ends every motion that was begun here and may still play; those of others go on.
    pub(super) fn cancel(self: &Arc<Self>, tasks: &Tasks) {
        if self.playing().is_empty() {
            return;
        }
        let own = self.clone();
        tasks.spawn(async move { own.end_all().await });
    }

    /// The same, to be waited for.
    pub(super) async fn end_all(&self) {
        let playing = self.playing().clone();
        join_all(playing.into_iter().map(|id| self.end(id))).await;
    }

    /// Asks for the end of one until the arm knows of it, a few times: an answer may be lost, and what asks for the motion and
    /// what ends it may overtake each other.
    async fn end(&self, id: UUID) {
        let mut failure = None;
        for _ in 0..CANCELS {
            // No stamp: this goal alone.
            let goal_info = GoalInfo { goal_id: id.clone(), ..GoalInfo::default() };
            let request = CancelGoal::Request { goal_info };
            match self.cancel_goal.ask_at_once(request, CANCEL_EVERY).await {
                Ok(answer) if answer.return_code != UNKNOWN_GOAL_ID => return self.forget(&id),
                // The arm has refused it.
                Ok(_) if !self.playing().contains(&id) => return,
                Ok(_) => {
                    failure = None;
                    sleep(CANCEL_EVERY).await;
                }
                Err(error) => failure = Some(error),
            }
        }
        if let Some(error) = failure {
            log::warn!(target: NAME, "a motion may not have ended: asked {CANCELS} times, {error}");
        }
    }

    fn playing(&self) -> MutexGuard<'_, Vec<UUID>> {
        self.playing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on it may play.
    fn note(&self, id: &UUID) {
        let mut playing = self.playing();
        playing.push(id.clone());
        let spare = playing.len().saturating_sub(ENDED);
        playing.drain(..spare);
    }

    fn forget(&self, id: &UUID) {
        self.playing().retain(|playing| playing != id);
    }

    async fn see_through(&self, name: String, id: &UUID, era: &Era, place: OwnedSemaphorePermit) {
        let Some(turn) = self.turns.next(place).await else { return dropped(self.send_goal.name()) };
        // Before it is sent, for what ends it may come before the answer.
        self.note(id);
        match self.ask_for(&name, id, era, turn).await {
            Some(true) => log::info!(target: NAME, "motion {name} plays"),
            Some(false) => {
                self.forget(id);
                return;
            }
            // Nobody knows; it goes on to be ended with the others.
            None => return,
        }
        if !era.lasts() {
            // It ended while the arm was answering, which may not have known of this one when the others were ended.
            self.end(id.clone()).await;
        }
        let Ok(_followed) = self.followed.try_acquire() else { return };
        let request = Motion::make_result_request_msg(id.clone());
        let ended = self.get_result.ask(request, LONGEST).await;
        self.forget(id);
        match ended.map(Motion::destructure_result_response_msg) {
            Ok((status, result)) if status == GoalStatus::Succeeded.to_rcl() => {
                log::info!(target: NAME, "motion {name}: {}", result.message);
            }
            Ok((_, result)) => log::warn!(target: NAME, "motion {name} ended early: {}", result.message),
            Err(error) => warn(&error),
        }
    }

    /// Whether the arm plays it; None where it does not tell, and may play it all the same.
    async fn ask_for(&self, name: &str, id: &UUID, era: &Era, turn: Turn) -> Option<bool> {
        let goal = PlayMotion::Goal { name: name.to_owned(), speed_scale: 0.0 };
        let request = Motion::make_goal_request_msg(id.clone(), goal);
        let mut answer = match self.send_goal.send_in(Some(era), request).await {
            Ok(answer) => answer,
            Err(error) => {
                warn(&error);
                return Some(false);
            }
        };
        let first = self.send_goal.within(ANSWER, &mut answer).await;
        drop(turn);
        let accepted = match first {
            Err(error @ NoAnswer::Silent { .. }) => {
                warn(&error);
                // Nobody expects it to begin any more, should the arm have heard of it, or hear of it yet.
                self.end(id.clone()).await;
                let _waits = self.followed.try_acquire().ok()?;
                let late = self.send_goal.within(LATE, answer).await.ok()?;
                self.end(id.clone()).await;
                late
            }
            Err(error) => {
                warn(&error);
                return None;
            }
            Ok(answer) => answer,
        };
        let (accepted, _) = Motion::destructure_goal_response_msg(accepted);
        if !accepted {
            log::warn!(target: NAME, "motion {name} is refused: the arm's log says why");
        }
        Some(accepted)
    }
}
