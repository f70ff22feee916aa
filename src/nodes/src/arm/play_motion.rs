//! `~/play_motion`: a named motion from the configuration.

use std::sync::{Arc, OnceLock};

use r2r::shaky_steve::action::PlayMotion;
use steve_core::motions::{Motion, Progress, SpeedScale};
use steve_drivers::motion_player::{self, MotionEnd};
use steve_drivers::servo_thread::ServoHandle;

use super::NAME;
use super::hardware::Open;
use crate::action::{ActionServer, EndWanted, Goal, Options, Outcome};
use crate::error::NodeError;
use crate::spin::Spinner;

type Action = PlayMotion::Action;

/// A motion that may be played.
struct Wanted {
    motion: Motion,
    scale: SpeedScale,
}

pub(super) fn serve(
    spinner: &mut Spinner,
    options: Options<'_>,
    open: &Open,
) -> Result<ActionServer<Action>, NodeError> {
    let (servos, motions) = (open.servos.clone(), Arc::clone(&open.motions));
    let player = servos.clone();
    ActionServer::create(
        spinner,
        options,
        move |goal: &PlayMotion::Goal| {
            servos.check_may_move().map_err(|error| error.to_string())?;
            let motion = motions.get(&goal.name).map_err(|error| error.to_string())?.clone();
            let scale = SpeedScale::new(goal.speed_scale).map_err(|error| error.to_string())?;
            Ok(Wanted { motion, scale })
        },
        move |wanted, goal| play(player.clone(), wanted, goal),
    )
}

async fn play(servos: ServoHandle, wanted: Wanted, goal: Goal<Action>) -> Outcome<PlayMotion::Result> {
    let why = OnceLock::new();
    let cancel = async {
        // Asked once.
        let _ = why.set(goal.end_wanted().await);
    };
    let tell = |Progress { step, steps, fraction }: Progress| {
        goal.feedback(PlayMotion::Feedback { step, steps, progress: fraction });
    };
    let end = motion_player::play(&servos, &wanted.motion, wanted.scale, cancel, tell).await;
    let result = PlayMotion::Result { success: end == MotionEnd::Done, message: end.to_string() };
    match end {
        MotionEnd::Done => Outcome::Succeeded(result),
        MotionEnd::Canceled if why.get() == Some(&EndWanted::Canceled) => Outcome::Canceled(result),
        MotionEnd::Canceled => {
            Outcome::Aborted(PlayMotion::Result { message: "the node ends".into(), ..result })
        }
        MotionEnd::Failed { .. } => {
            log::info!(target: NAME, "~/play_motion: {} aborted: {}", wanted.motion.name(), result.message);
            Outcome::Aborted(result)
        }
    }
}
