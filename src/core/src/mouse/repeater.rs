use super::{Held, MAX_BUTTONS, MouseEvent, spacenav_axes};
use std::time::Duration;

/// Repeating more often than this helps nobody, Hz.
const MAX_RATE_HZ: f64 = 1000.0;

/// Less often than once a year is never; and a point in time so far ahead exists on every clock.
const LONGEST_PERIOD: Duration = Duration::from_secs(31_536_000);

/// At least as many buttons as the `spacenav` package publishes.
const MIN_BUTTONS: usize = 2;

/// What goes out on `spacenav/*`.
#[derive(Debug, Clone, PartialEq)]
pub struct Joy {
    /// Linear x y z, angular x y z, each -1..1; see [`spacenav_axes`].
    pub axes: [f64; 6],
    /// Which buttons are down; at least two, and as many as the device has or as were ever seen.
    pub buttons: Vec<bool>,
}

/// Decides what goes out on `spacenav/*` and when: on every event, what is held again and again, zero once.
///
/// A held button counts as held: who follows it (a clamp that closes while it is down) has to know that it is not the device
/// that is gone.
#[derive(Debug, Clone)]
pub struct Repeater {
    /// None: what is held is not repeated.
    period: Option<Duration>,
    held: Held,
    buttons: usize,
    /// What went out last; what is repeated is never far from it.
    last: Option<Joy>,
    /// When what is held is repeated.
    next: Option<Duration>,
}

impl Repeater {
    /// Repeats a held deflection or button `rate_hz` times a second, at most a thousand times; never if that is 0 (or no rate at all).
    pub fn new(rate_hz: f64) -> Self {
        Self { period: period(rate_hz), held: Held::default(), buttons: MIN_BUTTONS, last: None, next: None }
    }

    /// From the next message on it repeats at this rate, Hz; see [`Self::new`].
    pub fn set_rate(&mut self, rate_hz: f64) {
        self.period = period(rate_hz);
        if self.period.is_none() {
            self.next = None;
        } else if self.held.any() && self.next.is_none() {
            // At once: how long ago the last one was is not known here.
            self.next = Some(Duration::ZERO);
        }
    }

    /// The device has so many buttons. Fewer than were there before changes nothing.
    pub fn set_buttons(&mut self, buttons: u32) {
        self.buttons = self.buttons.max(buttons.min(MAX_BUTTONS) as usize);
    }

    /// What goes out because of an event; none if nothing changes for those who listen.
    pub fn event(&mut self, now: Duration, event: &MouseEvent) -> Option<Joy> {
        if let MouseEvent::Button { button, .. } = event {
            if *button >= MAX_BUTTONS {
                return None;
            }
            self.buttons = self.buttons.max(*button as usize + 1);
        }
        self.held.see(event);
        if matches!(event, MouseEvent::Device { connected: true, .. }) && !self.held.any() {
            // Nothing was told of this one: that it is centred is news.
            self.last = None;
        }
        let joy = self.joy();
        let known = self.last.as_ref() == Some(&joy);
        let goes_out = match event {
            // A device that says again and again that it is centred says nothing.
            MouseEvent::Motion { .. } => !known || self.held.deflected(),
            MouseEvent::Button { .. } => true,
            // With it goes what it held.
            MouseEvent::Device { connected: false, .. } => !known && self.last.is_some(),
            MouseEvent::Device { connected: true, .. } => false,
        };
        if goes_out { Some(self.send(now, joy, now)) } else { None }
    }

    /// What is held once more, when it is due.
    pub fn poll(&mut self, now: Duration) -> Option<Joy> {
        let due = self.next.filter(|&due| due <= now)?;
        Some(self.send(now, self.joy(), due))
    }

    /// When [`Self::poll`] has something to send; none while nothing is held.
    pub fn due(&self) -> Option<Duration> {
        self.next
    }

    fn joy(&self) -> Joy {
        let buttons = (0..self.buttons as u32).map(|button| self.held.pressed(button)).collect();
        Joy { axes: spacenav_axes(self.held.axes()), buttons }
    }

    /// It goes out at `now`, and was to go out at `due`: a late poll does not make the rate slower, and nothing is made up for.
    fn send(&mut self, now: Duration, joy: Joy, due: Duration) -> Joy {
        let period = self.period.filter(|_| self.held.any());
        self.next = period.map(|period| if due + period > now { due + period } else { now + period });
        self.last = Some(joy.clone());
        joy
    }
}

fn period(rate_hz: f64) -> Option<Duration> {
    (rate_hz.is_finite() && rate_hz > 0.0).then(|| {
        let period = Duration::try_from_secs_f64(1.0 / rate_hz.min(MAX_RATE_HZ));
        period.map_or(LONGEST_PERIOD, |period| period.min(LONGEST_PERIOD))
    })
}
