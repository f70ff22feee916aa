//! The emergency stop: asked for until somebody answers.

use std::sync::Arc;
use std::time::{Duration, Instant};

use r2r::std_srvs::srv::SetBool;
use tokio::sync::watch;
use tokio::time::sleep;

use super::{Tasks, told, warn};
use crate::error::NodeError;
use crate::logging::Throttle;
use crate::spin::Spinner;
use crate::teleop::NAME;
use crate::teleop::server::Server;

/// How long one request may take before the next is sent: the arm answers within a tick.
const PATIENCE: Duration = Duration::from_millis(500);
/// Between two requests.
const PAUSE: Duration = Duration::from_millis(100);
/// How often it is said that nobody answers.
const COMPLAINT: Duration = Duration::from_secs(5);

/// The service's client, and what was wished for last.
pub(super) struct EmergencyStop {
    server: Arc<Server<SetBool::Service>>,
    /// Counted, so that the same wish once more is another one.
    wish: watch::Sender<(bool, u64)>,
}

impl EmergencyStop {
    pub(super) fn create(spinner: &mut Spinner, tasks: &Tasks) -> Result<Self, NodeError> {
        let server = Arc::new(Server::create(spinner, "arm/emergency_stop")?);
        let (wish, wishes) = watch::channel((false, 0));
        tasks.spawn(serve(server.clone(), wishes));
        Ok(Self { server, wish })
    }

    /// Latches it, or releases it.
    pub(super) fn set(&self, on: bool) {
        let word = if on { "latch it" } else { "release it" };
        log::warn!(target: NAME, "emergency stop: asking the arm to {word}");
        self.server.seek();
        self.wish.send_modify(|(wish, count)| {
            *wish = on;
            *count += 1;
        });
    }
}

/// A wish that is overtaken by a newer one is given up, a release at once. A release is tried once: nobody may be surprised by it later.
async fn serve(server: Arc<Server<SetBool::Service>>, mut wishes: watch::Receiver<(bool, u64)>) {
    while wishes.changed().await.is_ok() {
        let mut throttle = Throttle::new(COMPLAINT);
        loop {
            let (on, _) = *wishes.borrow_and_update();
            let asked = server.ask(SetBool::Request { data: on }, PATIENCE);
            let answer = tokio::select! {
                answer = asked => answer,
                // The other way round there is no haste.
                _ = wishes.wait_for(|(newer, _)| *newer), if !on => continue,
            };
            match answer {
                Ok(SetBool::Response { success, message }) => {
                    told(if on { "emergency stop" } else { "release" }, success, &message);
                    break;
                }
                Err(error) if on => {
                    let again = format_args!("emergency stop, asked for again and again: {error}");
                    throttle.warn(Instant::now(), NAME, &again);
                }
                Err(error) => {
                    warn(&error);
                    break;
                }
            }
            tokio::select! {
                () = sleep(PAUSE) => {}
                _ = wishes.changed() => {}
            }
        }
    }
}
