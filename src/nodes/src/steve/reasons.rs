//! Why the arm refused something. An action's rejection and a topic carry no reason: the arm logs it, so it is on `/rosout`.

use std::time::Duration;

use r2r::QosProfile;
use r2r::rcl_interfaces::msg::Log;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};

use super::connection::Setup;
use super::failure::Failure;

/// The log goes by way of a queue, so it may come after the rejection.
const LATER: Duration = Duration::from_millis(500);

/// What the arm logged as a warning or worse since it was found.
pub(super) struct Reasons {
    lines: mpsc::UnboundedReceiver<String>,
}

impl Reasons {
    /// Starts to listen.
    ///
    /// # Errors
    /// When ROS refuses the subscription.
    pub(super) fn subscribe(setup: &mut Setup<'_>) -> Result<Self, Failure> {
        let (sender, lines) = mpsc::unbounded_channel();
        // Volatile: what was logged before we came is not about us.
        setup.spinner().subscribe(
            "/rosout",
            QosProfile::default().keep_last(100).reliable(),
            move |line: Log| {
                if line.level >= Log::WARN as u8 && (line.name == "arm" || line.name.ends_with(".arm")) {
                    // Nobody asks any more: nothing to keep.
                    let _ = sender.send(line.msg);
                }
            },
        )?;
        Ok(Self { lines })
    }

    /// The next reasons that stand behind `mark`: `count` of them, or as many as come.
    pub(super) async fn next(&mut self, mark: &str, count: usize) -> Vec<String> {
        let until = Instant::now() + LATER;
        let mut reasons = Vec::new();
        while reasons.len() < count {
            match timeout_at(until, self.lines.recv()).await {
                Ok(Some(line)) => reasons.extend(after(&line, mark).map(ToOwned::to_owned)),
                Ok(None) | Err(_) => break,
            }
        }
        reasons
    }
}

fn after<'a>(line: &'a str, mark: &str) -> Option<&'a str> {
    line.split_once(mark).map(|(_, reason)| reason.trim())
}

/// Takes the reason that names the joint out of the reasons, else the first.
pub(super) fn of_joint(reasons: &mut Vec<String>, joint: &str) -> Option<String> {
    let names_it =
        |reason: &String| reason.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == joint);
    let index = reasons.iter().position(names_it).unwrap_or(0);
    (index < reasons.len()).then(|| reasons.remove(index))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_stands_behind_the_mark() {
        let line = "~/move_servo: goal rejected: position of torso: 3.0000 rad is outside";
        assert_eq!(after(line, "goal rejected:"), Some("position of torso: 3.0000 rad is outside"));
        assert_eq!(after("the servo thread died", "goal rejected:"), None);
    }

    #[test]
    fn each_joint_gets_its_own_reason() {
        let mut reasons =
            ["speed of wrist_ud: too low", "position of torso: too high"].map(str::to_owned).to_vec();
        assert_eq!(of_joint(&mut reasons, "torso").unwrap(), "position of torso: too high");
        assert_eq!(of_joint(&mut reasons, "wrist").unwrap(), "speed of wrist_ud: too low");
        assert_eq!(of_joint(&mut reasons, "torso"), None);
    }
}
