//! How soon to look again at what animates: a breath of six seconds needs no 100 samples a second to look smooth, and each of
//! them wakes the processor up.

use steve_core::leds::Frame;

/// Colours that differ by less than this between two samples do not seem to jump: a step of a screen.
const STEP: f64 = 1.0 / 255.0;
/// The longest pause, in periods of the greatest rate: what speeds up is noticed within it.
const SLOWEST: u32 = 4;

/// Periods from one sample to the next.
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
    /// The periods until the next sample, after one that showed `frame`.
    pub(super) fn after(&mut self, frame: &Frame) -> u32 {
        let channels = frame.leds.iter().flatten().zip(self.last.leds.iter().flatten());
        let change = channels.map(|(now, last)| (now - last).abs()).fold(0.0, f64::max);
        self.last = *frame;
        if change > 1.5 * STEP {
            self.periods = if change > 3.0 * STEP { 1 } else { (self.periods / 2).max(1) };
        } else if change < 0.7 * STEP {
            self.periods = (self.periods * 2).min(SLOWEST);
        }
        self.periods
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The greatest pace that `speed`, in steps of a screen a period, comes to rest at.
    fn pace_at(speed: f64) -> u32 {
        let (mut pace, mut value, mut periods) = (Pace::default(), 0.0, 1);
        for _ in 0..20 {
            value += speed * STEP * f64::from(periods);
            let mut frame = Frame::default();
            frame.leds[2][1] = value;
            periods = pace.after(&frame);
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
        assert_eq!([pace.after(&dark), pace.after(&dark), pace.after(&dark)], [2, 4, 4]);
        let mut bright = dark;
        bright.leds[0][0] = 0.1;
        assert_eq!(pace.after(&bright), 1);
    }
}
