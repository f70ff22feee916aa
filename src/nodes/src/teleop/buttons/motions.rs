//! Named motions: sent off, and how they ended goes to the log.
//!
//! Through the services of the action and not through r2r's client of it, which subscribes to everybody's feedback and keeps
//! something of every goal that is refused.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use r2r::action_msgs::msg::GoalInfo;
use r2r::action_msgs::srv::CancelGoal;
use r2r::shaky_steve::action::PlayMotion;
use r2r::unique_identifier_msgs::msg::UUID;
use r2r::{GoalStatus, WrappedActionTypeSupport as ActionType};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use uuid::Uuid;

use super::turns::Turns;
use super::{ANSWER, Tasks, dropped, warn};
use crate::error::NodeError;
use crate::spin::Spinner;
use crate::teleop::NAME;
use crate::teleop::era::Era;
use crate::teleop::server::Server;

/// As many motions as are followed to their end at once; those beyond play all the same.
const FOLLOWED: usize = 8;
/// As many motions can be ended: the newest ones, those before them were most likely overtaken.
const ENDED: usize = 16;
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

    /// Ends every motion that was begun here and still plays; those of others go on.
    pub(super) fn cancel(self: &Arc<Self>, tasks: &Tasks) {
        let playing = self.playing().clone();
        if playing.is_empty() {
            return;
        }
        self.cancel_goal.seek();
        let own = self.clone();
        tasks.spawn(async move {
            futures::future::join_all(playing.into_iter().map(|id| own.end(id))).await;
        });
    }

    async fn end(&self, id: UUID) {
        // No stamp: this goal alone.
        let goal_info = GoalInfo { goal_id: id, ..GoalInfo::default() };
        if let Err(error) = self.cancel_goal.ask(CancelGoal::Request { goal_info }, ANSWER).await {
            warn(&error);
        }
    }

    fn playing(&self) -> MutexGuard<'_, Vec<UUID>> {
        self.playing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn see_through(&self, name: String, id: &UUID, era: &Era, place: OwnedSemaphorePermit) {
        let Some(turn) = self.turns.next(place).await else { return dropped(self.send_goal.name()) };
        let goal = PlayMotion::Goal { name: name.clone(), speed_scale: 0.0 };
        let request = Motion::make_goal_request_msg(id.clone(), goal);
        match self
            .send_goal
            .ask_in(Some(era), request, ANSWER)
            .await
            .map(Motion::destructure_goal_response_msg)
        {
            Ok((true, _)) => log::info!(target: NAME, "motion {name} plays"),
            Ok((false, _)) => {
                log::warn!(target: NAME, "motion {name} is refused: the arm's log says why");
                return;
            }
            Err(error) => return warn(&error),
        }
        {
            let mut playing = self.playing();
            playing.push(id.clone());
            let spare = playing.len().saturating_sub(ENDED);
            playing.drain(..spare);
        }
        drop(turn);
        if !era.lasts() {
            // It ended while the arm was answering: what ends the others did not know of this one.
            self.end(id.clone()).await;
        }
        let Ok(_followed) = self.followed.try_acquire() else { return };
        let request = Motion::make_result_request_msg(id.clone());
        let ended = self.get_result.ask(request, LONGEST).await;
        self.playing().retain(|playing| playing != id);
        match ended.map(Motion::destructure_result_response_msg) {
            Ok((status, result)) if status == GoalStatus::Succeeded.to_rcl() => {
                log::info!(target: NAME, "motion {name}: {}", result.message);
            }
            Ok((_, result)) => log::warn!(target: NAME, "motion {name} ended early: {}", result.message),
            Err(error) => warn(&error),
        }
    }
}
