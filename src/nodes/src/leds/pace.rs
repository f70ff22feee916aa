//! How soon to look again at what animates: a breath of six seconds needs no 100 samples a second to look smooth, and each of
//! them wakes the processor up.

use std::time::Duration;

use steve_core::leds::Frame;

/// Colours that differ by less than this between two samples do not seem to jump: a step of a screen.
const STEP: f64 = 1.0 / 255.0;
/// The longest pause, unless the greatest rate asks for a longer one: what speeds up is noticed within it.
const LONGEST: Duration = Duration::from_millis(40);
/// The same in periods.
const SLOWEST: u32 = 4;

/// How long to pause from one sample to the next.
#[derive(Debug)]
pub(super) struct Pace {
    last: Frame,
    periods: u32,
}

impl Default for Pace {
    fn default() -> Self {
        Self { last: Frame::default(), periods: 1 }
    }
}

impl Pace {
    /// How long after a sample that showed `frame` the next one is due; `period` is that of the greatest rate.
    pub(super) fn after(&mut self, frame: &Frame, period: Duration) -> Duration {
        let channels = frame.leds.iter().flatten().zip(self.last.leds.iter().flatten());
        let change = channels.map(|(now, last)| (now - last).abs()).fold(0.0, f64::max);
        self.last = *frame;
        if change > 1.5 * STEP {
            self.periods = if change > 3.0 * STEP { 1 } else { (self.periods / 2).max(1) };
        } else if change < 0.7 * STEP {
            self.periods = (self.periods * 2).min(SLOWEST);
        }
        (period * self.periods).min(LONGEST.max(period))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PERIOD: Duration = Duration::from_millis(10);

    /// The pause in periods that `speed`, in steps of a screen a period, comes to rest at, at 100 Hz.
    fn pace_at(speed: f64) -> u32 {
        let (mut pace, mut value, mut periods) = (Pace::default(), 0.0, 1);
        for _ in 0..20 {
            value += speed * STEP * f64::from(periods);
            let mut frame = Frame::default();
            frame.leds[2][1] = value;
            periods = pace.after(&frame, PERIOD).div_duration_f64(PERIOD) as u32;
        }
        periods
    }

    #[test]
    fn what_is_quick_is_looked_at_every_period_and_what_is_slow_seldom() {
        assert_eq!(pace_at(0.0), 4);
        assert_eq!(pace_at(0.2), 4);
        assert_eq!(pace_at(0.5), 2);
        assert_eq!(pace_at(1.0), 1);
        assert_eq!(pace_at(20.0), 1);
    }

    #[test]
    fn what_speeds_up_is_followed_at_once() {
        let mut pace = Pace::default();
        let dark = Frame::default();
        assert_eq!([0; 3].map(|_| pace.after(&dark, PERIOD)), [2, 4, 4].map(|periods| PERIOD * periods));
        let mut bright = dark;
        bright.leds[0][0] = 0.1;
        assert_eq!(pace.after(&bright, PERIOD), PERIOD);
    }

    #[test]
    fn a_pause_is_40_ms_at_most_or_what_the_rate_asks_for() {
        for (period, longest) in [(10, 40), (15, 40), (25, 40), (40, 40), (200, 200), (1000, 1000)] {
            let mut pace = Pace::default();
            let pauses = [0; 5].map(|_| pace.after(&Frame::default(), Duration::from_millis(period)));
            assert_eq!(pauses[4], Duration::from_millis(longest), "{period} ms");
        }
    }
}
