//! The way to where the arm may go limp, at the node's end.

use std::time::Duration;

use steve_core::motions::{Motion, SpeedScale};
use steve_drivers::motion_player::{self, MotionEnd};
use steve_drivers::servo_thread::ServoHandle;

use super::NAME;
use super::hardware::Open;
use crate::error::NodeError;
use crate::parameters::Parameters;

/// How long parking may take; then the servos go limp where they are.
pub(super) const PATIENCE: Duration = Duration::from_secs(8);

/// Who asked for something while the arm was parked gets an answer within this time, before the node leaves.
const LAST_ANSWERS: Duration = Duration::from_millis(100);

/// Nobody likes to wait for a robot that was told to end.
const SPEED: f64 = 2.0;

/// The motion that parks the arm, if that is wanted.
///
/// # Errors
/// There is no such motion.
pub(super) fn wanted(parameters: &Parameters, open: &Open) -> Result<Option<Motion>, NodeError> {
    if parameters.text("on_shutdown") != "park" {
        return Ok(None);
    }
    let motion = open.motions.get(&parameters.text("park_motion"));
    let unknown =
        |error| NodeError::Configuration(format!("park_motion: {error}; on_shutdown `park` needs one"));
    motion.cloned().map(Some).map_err(unknown)
}

/// Plays it, unless the servos are limp already: then nothing shall move at the end. `servos` is a handle for
/// parking: nobody else may move the arm any more, but stop, power off and the emergency stop end the way.
pub(super) async fn park(servos: &ServoHandle, motion: &Motion) {
    if !servos.snapshots().borrow().powered {
        return;
    }
    log::info!(target: NAME, "parking: {}", motion.name());
    let scale = SpeedScale::new(SPEED).unwrap_or_default();
    let cancel = tokio::time::sleep(PATIENCE);
    match motion_player::play(servos, motion, scale, cancel, |_| {}).await {
        MotionEnd::Done => {}
        MotionEnd::Canceled => {
            log::warn!(target: NAME, "parking took too long: the servos go limp where they are");
        }
        MotionEnd::Failed { reason, .. } => {
            log::warn!(target: NAME, "not parked, the servos go limp where they are: {reason}");
        }
    }
    tokio::time::sleep(LAST_ANSWERS).await;
}
