//! `steve watch`: the joints live. A table that renews itself on a terminal, else a line a sample.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};

use super::Session;
use super::args::typed;
use super::connection::Setup;
use super::failure::Failure;
use super::robot::Sought;
use super::status::Status;

/// `joint_states` come once a second at least: after this long without any there is something to say.
const SILENCE: Duration = Duration::from_secs(3);

/// What `watch` takes.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// How often a second, at most
    #[arg(long, value_name = "HZ", default_value = "10", value_parser = rate)]
    rate: f64,
    /// End after so many samples instead of with Ctrl-C
    #[arg(long, value_name = "N")]
    count: Option<u64>,
}

fn rate(text: &str) -> Result<f64, String> {
    let text = typed(text)?;
    match text.parse() {
        Ok(rate) if (0.1..=50.0).contains(&rate) => Ok(rate),
        _ => Err(format!("{text} is no rate from 0.1 to 50 Hz")),
    }
}

/// Shows them until Ctrl-C, which is the ordinary end of it.
pub(super) async fn run(args: &Args, session: &Session) -> Result<(), Failure> {
    let mut setup = Setup::new(session)?;
    let sought = Sought::create(&mut setup)?;
    let mut connection = setup.connect()?;
    let mut robot = sought.find(&mut connection).await?;
    let screen = session.console.is_watched().then(screen);
    let watching = async {
        let mut clock = interval(Duration::from_secs_f64(1.0 / args.rate));
        clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut left = args.count;
        let mut heard = Instant::now();
        while left != Some(0) {
            clock.tick().await;
            if timeout(SILENCE, robot.next_joint_state()).await.is_err() {
                let silence = format!("nothing heard for {} s", heard.elapsed().as_secs());
                match &screen {
                    Some(screen) => screen.set_prefix(format!("{silence}\n")),
                    None => session.console.note(&silence),
                }
                continue;
            }
            heard = Instant::now();
            let status = Status::new(&robot.state(), robot.joint_state().as_ref(), &robot.kinds);
            match &screen {
                Some(screen) => {
                    screen.set_prefix("");
                    screen.set_message(status.to_string());
                }
                None if session.console.is_json() => session.console.tell(&status)?,
                None => session.console.line(&status.line())?,
            }
            left = left.map(|left| left - 1);
        }
        Ok(())
    };
    let outcome = tokio::select! {
        outcome = connection.while_spinning(watching) => outcome?,
        () = session.interrupt.token().cancelled() => Ok(()),
    };
    if let Some(screen) = screen {
        // What was seen last stays.
        screen.abandon();
    }
    outcome
}

/// A place on stdout that shows the newest table.
fn screen() -> ProgressBar {
    let style =
        ProgressStyle::with_template("{prefix}{msg}").unwrap_or_else(|_| ProgressStyle::default_spinner());
    ProgressBar::with_draw_target(None, ProgressDrawTarget::stdout()).with_style(style)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_that_makes_no_sense_is_refused() {
        assert_eq!(rate("10"), Ok(10.0));
        for wrong in ["0", "-1", "1000", "NaN", "fast", ""] {
            assert!(rate(wrong).is_err(), "{wrong}");
        }
    }
}
