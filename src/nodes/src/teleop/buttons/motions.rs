//! Named motions: sent off, and how they ended goes to the log.
//!
//! Through the services of the action and not through r2r's client of it, which subscribes to everybody's feedback and keeps
//! something of every goal that is refused.

use std::sync::Arc;
use std::time::Duration;

use r2r::shaky_steve::action::PlayMotion;
use r2r::unique_identifier_msgs::msg::UUID;
use r2r::{GoalStatus, WrappedActionTypeSupport as ActionType};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use uuid::Uuid;

use super::turns::Turns;
use super::{ANSWER, Tasks, warn};
use crate::error::NodeError;
use crate::spin::Spinner;
use crate::teleop::NAME;
use crate::teleop::server::Server;

/// As many motions as are followed to their end at once; those beyond play all the same.
const FOLLOWED: usize = 8;
/// A motion is over by then, or nobody wants to know.
const LONGEST: Duration = Duration::from_secs(3600);

type Motion = PlayMotion::Action;

/// The action's services.
pub(super) struct Motions {
    send_goal: Server<<Motion as ActionType>::SendGoal>,
    get_result: Server<<Motion as ActionType>::GetResult>,
    /// One goal is sent at a time.
    turns: Turns,
    followed: Semaphore,
}

impl Motions {
    pub(super) fn create(spinner: &mut Spinner) -> Result<Self, NodeError> {
        Ok(Self {
            send_goal: Server::create(spinner, "arm/play_motion/_action/send_goal")?,
            get_result: Server::create(spinner, "arm/play_motion/_action/get_result")?,
            turns: Turns::default(),
            followed: Semaphore::new(FOLLOWED),
        })
    }

    /// Plays a motion.
    pub(super) fn play(self: &Arc<Self>, tasks: &Tasks, name: String) {
        let Some(place) = self.turns.queue() else { return };
        self.send_goal.seek();
        let own = self.clone();
        tasks.spawn(async move { own.see_through(name, place).await });
    }

    async fn see_through(&self, name: String, place: OwnedSemaphorePermit) {
        let Some(turn) = self.turns.next(place).await else { return };
        let id = UUID { uuid: Uuid::new_v4().as_bytes().to_vec() };
        let goal = PlayMotion::Goal { name: name.clone(), speed_scale: 0.0 };
        let request = Motion::make_goal_request_msg(id.clone(), goal);
        match self.send_goal.ask(request, ANSWER).await.map(Motion::destructure_goal_response_msg) {
            Ok((true, _)) => log::info!(target: NAME, "motion {name} plays"),
            Ok((false, _)) => {
                log::warn!(target: NAME, "motion {name} is refused: the arm's log says why");
                return;
            }
            Err(error) => return warn(&error),
        }
        drop(turn);
        let Ok(_followed) = self.followed.try_acquire() else { return };
        let request = Motion::make_result_request_msg(id);
        match self.get_result.ask(request, LONGEST).await.map(Motion::destructure_result_response_msg) {
            Ok((status, result)) if status == GoalStatus::Succeeded.to_rcl() => {
                log::info!(target: NAME, "motion {name}: {}", result.message);
            }
            Ok((_, result)) => log::warn!(target: NAME, "motion {name} ended early: {}", result.message),
            Err(error) => warn(&error),
        }
    }
}
