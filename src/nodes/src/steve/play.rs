//! `steve play`: a named motion, and waits.

use std::fmt;

use indicatif::{ProgressBar, ProgressStyle};
use r2r::GoalStatus;
use r2r::shaky_steve::action::PlayMotion;
use serde::Serialize;

use super::Session;
use super::args::typed;
use super::connection::Setup;
use super::failure::Failure;
use super::goal::{self, NoResult};
use super::reasons::Reasons;
use super::robot::Sought;

/// The action.
const PLAY_MOTION: &str = "arm/play_motion";

/// What `play` takes.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The motion's name, as in config/motions.yaml: wake_up, sleep, high_five, point_up
    motion: String,
    /// How fast: 0.5 is half as fast, 2 twice, as far as the limits allow
    #[arg(long, value_parser = typed, default_value = "1")]
    speed_scale: String,
}

/// How it ended.
#[derive(Debug, Serialize)]
struct Played {
    success: bool,
    motion: String,
    outcome: &'static str,
    message: String,
}

impl fmt::Display for Played {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { motion, outcome, message, .. } = self;
        match *outcome {
            "done" => write!(f, "{motion} is done"),
            _ => write!(f, "{motion} {outcome}: {message}"),
        }
    }
}

/// Carries it out.
pub(super) async fn run(args: &Args, session: &Session) -> Result<(), Failure> {
    let speed_scale = args.speed_scale.parse().map_err(|_| {
        Failure::Usage(format!("--speed-scale: {} is no number; allowed are 0.01 to 10", args.speed_scale))
    })?;
    let mut setup = Setup::new(session)?;
    let sought = Sought::create(&mut setup)?;
    let mut reasons = Reasons::subscribe(&mut setup)?;
    let client = setup.action::<PlayMotion::Action>(PLAY_MOTION)?;
    let mut connection = setup.connect()?;
    sought.find(&mut connection).await?.check_may_move()?;
    let failure = |error| Failure::ros(format!("looking for {PLAY_MOTION}"), error);
    let available = r2r::Node::is_available(&client).map_err(failure)?;
    connection.find(PLAY_MOTION, available).await?.map_err(failure)?;

    let bar = if session.console.shows_progress() { ProgressBar::new(1000) } else { ProgressBar::hidden() };
    if let Ok(style) = ProgressStyle::with_template("{msg:12} {bar:40} {percent:>3} %") {
        bar.set_style(style);
    }
    bar.set_message(args.motion.clone());
    let show = |feedback: &PlayMotion::Feedback| {
        // A share of 1000: nothing is lost that could be seen.
        bar.set_position((feedback.progress.clamp(0.0, 1.0) * 1000.0) as u64);
    };
    let goal = PlayMotion::Goal { name: args.motion.clone(), speed_scale };
    let work = goal::see_through(&client, goal, session.interrupt.token(), show);
    let ended = connection.while_spinning(work).await?;
    bar.finish_and_clear();

    let (code, outcome, message) = match ended {
        Ok((GoalStatus::Succeeded, result)) => (0, "done", result.message),
        Ok((GoalStatus::Canceled, result)) => {
            let by_us = session.interrupt.token().is_cancelled();
            (if by_us { session.interrupt.exit_code() } else { 1 }, "cancelled", result.message)
        }
        Ok((_, result)) => (1, "aborted", result.message),
        Err(NoResult::Lost(message)) => (3, "lost", message),
        Err(NoResult::Refused) => {
            let why = reasons.next("goal rejected:", 1).await.pop();
            (1, "refused", why.unwrap_or_else(|| "the robot's log says why".to_owned()))
        }
    };
    let played = Played { success: code == 0, motion: args.motion.clone(), outcome, message };
    if code == 0 {
        return session.console.tell(&played);
    }
    // How it ended counts more than whether somebody read it.
    let _ = session.console.tell_badly(&played);
    Err(Failure::Said(code))
}
