use std::time::Duration;

/// A fault that lasts longer than this is no glitch: goals are aborted and the servos go limp.
const PATIENCE: Duration = Duration::from_millis(250);

/// A fault is not believed to last before it was seen so often, however slow the ticks are.
const FAILURES_AT_LEAST: u32 = 3;

/// Nothing being written, the hardware is looked at this often: a chip that was reset makes no pulses.
const LOOK_PERIOD: Duration = Duration::from_secs(1);

/// Given up, the bus is tried again this often.
const RETRY_PERIOD: Duration = Duration::from_millis(100);

/// What is known of the bus's health.
#[derive(Debug, Default)]
pub(super) struct Health {
    failures: u32,
    failing_since: Option<Duration>,
    given_up: bool,
    last_look: Option<Duration>,
}

impl Health {
    /// When the hardware has to be looked at even if there is nothing to write.
    pub(super) fn next_look(&self) -> Duration {
        let period = match (self.given_up, self.failing_since) {
            (true, _) => RETRY_PERIOD,
            (false, Some(_)) => Duration::ZERO,
            (false, None) => LOOK_PERIOD,
        };
        self.last_look.map_or(Duration::ZERO, |last| last + period)
    }

    pub(super) fn looked(&mut self, now: Duration) {
        self.last_look = Some(now);
    }

    /// It worked: how often it had failed in a row.
    pub(super) fn worked(&mut self) -> u32 {
        (self.failing_since, self.given_up) = (None, false);
        std::mem::take(&mut self.failures)
    }

    /// It failed: how often in a row.
    pub(super) fn failed(&mut self, now: Duration) -> u32 {
        self.failing_since.get_or_insert(now);
        self.failures = self.failures.saturating_add(1);
        self.failures
    }

    /// Whether this is the moment to give up.
    pub(super) fn gives_up(&mut self, now: Duration) -> bool {
        let lasts = self.failing_since.is_some_and(|since| now.saturating_sub(since) >= PATIENCE);
        let gives_up = lasts && self.failures >= FAILURES_AT_LEAST && !self.given_up;
        self.given_up |= gives_up;
        gives_up
    }

    /// It failed the last time.
    pub(super) fn is_failing(&self) -> bool {
        self.failing_since.is_some()
    }

    pub(super) fn has_given_up(&self) -> bool {
        self.given_up
    }
}
