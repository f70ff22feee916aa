//! Where the joints are on their way, which only Cartesian mode asks for, and a clamp that a button moves.
//!
//! Fifty messages a second cost nine times as much as all the rest of this node at rest, and r2r cannot take a subscription
//! back. So they come to a node of their own that is there while they are wanted.

use std::sync::Arc;
use std::time::Duration;

use r2r::QosProfile;
use r2r::sensor_msgs::msg::JointState;
use tokio::time::{sleep, timeout};

use super::NAME;
use super::hand::Hand;
use crate::error::NodeError;
use crate::spin::{Spinner, Spinning};

/// ROS hides names with an underscore in front.
const HELPER: &str = "_teleop_positions";
/// For so long they go on to come when nobody wants them any more: who opens the clamp may close it soon.
const LINGER: Duration = Duration::from_secs(3);
/// After a failure.
const PAUSE: Duration = Duration::from_secs(1);

/// Listens while it is wanted; ends only with the node.
pub(super) async fn follow(context: r2r::Context, hand: Arc<Hand>) {
    let mut wanted = hand.wants_positions();
    loop {
        // The sender is the hand's, which is held here.
        if wanted.wait_for(|wanted| *wanted).await.is_err() {
            return std::future::pending().await;
        }
        let (own, ros) = (hand.clone(), context.clone());
        let mut spinning = match blocking(move || listen(ros, own)).await {
            Some(Ok(spinning)) => spinning,
            Some(Err(error)) => {
                log::warn!(target: NAME, "joint_states cannot be heard: {error}");
                sleep(PAUSE).await;
                continue;
            }
            None => return std::future::pending().await,
        };
        let unwanted = async {
            loop {
                let _ = wanted.wait_for(|wanted| !*wanted).await;
                if timeout(LINGER, wanted.wait_for(|wanted| *wanted)).await.is_err() {
                    break;
                }
            }
        };
        tokio::select! {
            () = unwanted => {}
            error = spinning.failure() => {
                log::warn!(target: NAME, "joint_states are heard no more: {error}");
                sleep(PAUSE).await;
            }
        }
        // Its thread may be waiting.
        blocking(move || drop(spinning)).await;
    }
}

fn listen(context: r2r::Context, hand: Arc<Hand>) -> Result<Spinning, NodeError> {
    let mut spinner = Spinner::create(context.clone(), HELPER)?;
    let newest = QosProfile::default().keep_last(1).best_effort();
    spinner.subscribe("joint_states", newest, move |message: JointState| hand.joint_states(&message))?;
    spinner.start(context)
}

/// What waits, on a thread for it. None when it panicked.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    tokio::task::spawn_blocking(work).await.ok()
}
