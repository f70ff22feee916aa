//! What is known of the input device: whether it is heard, what was wrong with its messages, what became of them.

use std::fmt::Display;
use std::mem::{Discriminant, discriminant};
use std::time::{Duration, Instant};

use steve_core::teleop::{Mode, Notice};

use super::NAME;
use crate::logging::Throttle;

/// How often a refused message is worth a line: an input device repeats it.
const COMPLAINT: Duration = Duration::from_secs(1);
/// How often a notice is: it comes once for each time that a hand tries, and hands are not quicker than this.
const NOTICE: Duration = Duration::from_millis(200);

/// The input device.
#[derive(Debug)]
pub(super) struct Input {
    timeout: Duration,
    /// When the last good message was made.
    heard: Option<Duration>,
    /// It is gone, fell silent with something deflected or held, or what comes from it is too old.
    lost: bool,
    /// The newest message was refused.
    refuses: bool,
    messages: u64,
    refused: u64,
    losses: u64,
    sent: u64,
    last_refusal: String,
    refusals: Throttle,
    notices: Vec<(Discriminant<Notice>, Throttle)>,
}

/// How the input device is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Freshness {
    /// No good message yet.
    NeverHeard,
    /// The last message is good.
    Fresh,
    /// It has nothing to say, and nothing is deflected.
    AtRest,
    /// It is gone, fell silent with something deflected or held, or what comes from it is too old.
    Stale,
    /// The newest message was refused.
    Refused,
}

/// What diagnostics tell.
#[derive(Debug)]
pub(super) struct Figures {
    pub(super) freshness: Freshness,
    pub(super) age: Option<Duration>,
    pub(super) mode: Mode,
    pub(super) arm: bool,
    /// How far the hand's last wish could be met; None: joint mode alone.
    pub(super) held: Option<String>,
    pub(super) messages: u64,
    pub(super) refused: u64,
    pub(super) last_refusal: String,
    pub(super) losses: u64,
    pub(super) sent: u64,
}

impl Input {
    /// Messages are good for `timeout`.
    pub(super) fn new(timeout: Duration) -> Self {
        Self {
            timeout,
            heard: None,
            lost: false,
            refuses: false,
            messages: 0,
            refused: 0,
            losses: 0,
            sent: 0,
            last_refusal: String::new(),
            refusals: Throttle::new(COMPLAINT),
            notices: Vec::new(),
        }
    }

    /// A message that makes sense, `age` old. One that is too old is a loss, which a notice tells.
    pub(super) fn heard(&mut self, now: Duration, age: Duration) {
        self.messages += 1;
        self.refuses = false;
        if age > self.timeout {
            self.lost = true;
            return;
        }
        if std::mem::take(&mut self.lost) {
            log::info!(target: NAME, "input is back");
        }
        self.heard = Some(now.saturating_sub(age));
    }

    /// A message that is not carried out.
    pub(super) fn refused(&mut self, reason: &dyn Display) {
        self.refused += 1;
        self.refuses = true;
        self.last_refusal = reason.to_string();
        self.refusals.warn(Instant::now(), NAME, &format_args!("Joy message refused: {reason}"));
    }

    /// Something that the person at the device should know.
    pub(super) fn notice(&mut self, notice: &Notice) {
        if matches!(notice, Notice::Lost { .. } | Notice::Stale { .. } | Notice::Gone) {
            self.lost = true;
            self.losses += 1;
        }
        let kind = discriminant(notice);
        let index = match self.notices.iter().position(|(known, _)| *known == kind) {
            Some(index) => index,
            None => {
                self.notices.push((kind, Throttle::new(NOTICE)));
                self.notices.len() - 1
            }
        };
        self.notices[index].1.warn(Instant::now(), NAME, notice);
    }

    /// Velocities went out.
    pub(super) fn sent(&mut self) {
        self.sent += 1;
    }

    pub(super) fn figures(&self, now: Duration, mode: Mode, arm: bool, held: Option<String>) -> Figures {
        let age = self.heard.map(|heard| now.saturating_sub(heard));
        let freshness = match age {
            _ if self.refuses => Freshness::Refused,
            _ if self.lost => Freshness::Stale,
            None => Freshness::NeverHeard,
            Some(age) if age < self.timeout => Freshness::Fresh,
            Some(_) => Freshness::AtRest,
        };
        Figures {
            freshness,
            age,
            mode,
            arm,
            held,
            messages: self.messages,
            refused: self.refused,
            last_refusal: self.last_refusal.clone(),
            losses: self.losses,
            sent: self.sent,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIMEOUT: Duration = Duration::from_millis(100);

    fn freshness(input: &Input, milliseconds: u64) -> Freshness {
        input.figures(Duration::from_millis(milliseconds), Mode::Joint, true, None).freshness
    }

    #[test]
    fn input_is_fresh_then_at_rest_and_stale_only_after_a_loss() {
        let mut input = Input::new(TIMEOUT);
        assert_eq!(freshness(&input, 0), Freshness::NeverHeard);
        input.heard(Duration::from_millis(1000), Duration::ZERO);
        assert_eq!(freshness(&input, 1099), Freshness::Fresh);
        assert_eq!(freshness(&input, 1200), Freshness::AtRest);
        input.notice(&Notice::Lost { timeout: TIMEOUT });
        assert_eq!(freshness(&input, 1200), Freshness::Stale);
        input.heard(Duration::from_millis(2000), Duration::ZERO);
        assert_eq!(freshness(&input, 2000), Freshness::Fresh);
    }

    #[test]
    fn messages_that_are_too_old_do_not_bring_the_input_back() {
        let mut input = Input::new(TIMEOUT);
        input.heard(Duration::from_millis(5000), Duration::from_millis(3000));
        assert_eq!(freshness(&input, 5000), Freshness::Stale);
        assert!(input.figures(Duration::from_millis(5000), Mode::Joint, true, None).age.is_none());
        input.heard(Duration::from_millis(5100), TIMEOUT);
        assert_eq!(freshness(&input, 5000), Freshness::Fresh);
        input.heard(Duration::from_millis(5200), Duration::from_millis(3000));
        assert_eq!(freshness(&input, 5200), Freshness::Stale);
    }

    #[test]
    fn refusals_are_counted_and_the_last_one_is_told() {
        let mut input = Input::new(TIMEOUT);
        input.refused(&"axes: 2 of them");
        input.refused(&"axes[0]: NaN");
        let figures = input.figures(Duration::ZERO, Mode::Joint, true, None);
        assert_eq!((figures.refused, figures.last_refusal.as_str()), (2, "axes[0]: NaN"));
        assert_eq!(figures.freshness, Freshness::Refused);
        input.heard(Duration::ZERO, Duration::ZERO);
        assert_eq!(freshness(&input, 0), Freshness::Fresh, "until a good one");
    }
}
