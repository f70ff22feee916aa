//! Listening: one press begins it, the next one ends it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use r2r::shaky_steve::srv::Listen;
use r2r::std_srvs::srv::Trigger;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::{ANSWER, Tasks, told, warn};
use crate::error::NodeError;
use crate::spin::Spinner;
use crate::teleop::NAME;
use crate::teleop::server::Server;

/// An utterance, and what it takes to recognise it, is over after this long.
const UTTERANCE: Duration = Duration::from_secs(120);
/// How long an answer may take once `speech/stop` was asked for.
const LAST_ANSWER: Duration = Duration::from_secs(2);

/// The clients, and how far the last press has come.
pub(super) struct Listening {
    listen: Server<Listen::Service>,
    stop: Server<Trigger::Service>,
    stage: Mutex<Stage>,
}

enum Stage {
    Idle,
    /// `speech/listen` has not answered yet; the token gives it up.
    Listens(CancellationToken),
    /// `speech/stop` was asked for.
    Ends,
}

impl Listening {
    pub(super) fn create(spinner: &mut Spinner) -> Result<Self, NodeError> {
        Ok(Self {
            listen: Server::create(spinner, "speech/listen")?,
            stop: Server::create(spinner, "speech/stop")?,
            stage: Mutex::new(Stage::Idle),
        })
    }

    pub(super) fn press(self: &Arc<Self>, tasks: &Tasks) {
        let own = self.clone();
        let mut stage = self.stage.lock().unwrap_or_else(PoisonError::into_inner);
        match &*stage {
            Stage::Idle => {
                self.listen.seek();
                let given_up = CancellationToken::new();
                *stage = Stage::Listens(given_up.clone());
                tasks.spawn(async move {
                    given_up.run_until_cancelled(own.listen()).await;
                    *own.stage.lock().unwrap_or_else(PoisonError::into_inner) = Stage::Idle;
                });
            }
            Stage::Listens(give_up) => {
                self.stop.seek();
                let give_up = give_up.clone();
                *stage = Stage::Ends;
                tasks.spawn(async move {
                    own.stop().await;
                    sleep(LAST_ANSWER).await;
                    give_up.cancel();
                });
            }
            Stage::Ends => log::debug!(target: NAME, "listening ends already"),
        }
    }

    async fn listen(&self) {
        log::info!(target: NAME, "listening");
        // 0: until the time is over that speech was configured with.
        match self.listen.ask(Listen::Request { timeout: 0.0 }, UTTERANCE).await {
            Ok(Listen::Response { success: true, text, .. }) => log::info!(target: NAME, "heard: {text:?}"),
            Ok(Listen::Response { message, .. }) => log::info!(target: NAME, "heard nothing: {message}"),
            Err(error) => warn(&error),
        }
    }

    async fn stop(&self) {
        match self.stop.ask(Trigger::Request {}, ANSWER).await {
            Ok(Trigger::Response { success, message }) => told("end of listening", success, &message),
            Err(error) => warn(&error),
        }
    }
}
