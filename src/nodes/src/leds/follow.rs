//! What arm and speech say they are doing; nothing, when they are not there.

use r2r::QosProfile;
use r2r::shaky_steve::msg::{ArmState, SpeechState};
use steve_core::leds::{ArmStatus, SpeechStatus, Status};
use tokio::sync::watch;

use crate::error::NodeError;
use crate::spin::Spinner;

/// Their newest states.
pub(super) struct Followed {
    arm: watch::Receiver<Option<ArmState>>,
    speech: watch::Receiver<Option<SpeechState>>,
}

impl Followed {
    pub(super) fn subscribe(spinner: &mut Spinner, latched: QosProfile) -> Result<Self, NodeError> {
        let arm = spinner.follow("arm/state", latched.clone())?;
        let speech = spinner.follow("speech/state", latched)?;
        Ok(Self { arm, speech })
    }

    /// Wakes up at each change. May be given up and called again.
    pub(super) async fn changed(&mut self) {
        let ended = tokio::select! {
            changed = self.arm.changed() => changed.is_err(),
            changed = self.speech.changed() => changed.is_err(),
        };
        if ended {
            // The senders live on the spinning thread; that it ended is told elsewhere.
            std::future::pending::<()>().await;
        }
    }

    pub(super) fn status(&mut self) -> Status {
        Status {
            arm: self.arm.borrow_and_update().as_ref().map(|state| ArmStatus {
                powered: state.powered,
                moving: state.moving,
                emergency_stop: state.emergency_stop,
            }),
            speech: self.speech.borrow_and_update().as_ref().map(|state| SpeechStatus {
                listening: state.listening,
                voice_activity: state.voice_activity,
            }),
        }
    }
}
