/// How long it takes from the first pulse to one in every frame, s.
const DURATION: f64 = 2.0;

/// A servo's frame, s: it looks at one pulse in each.
const FRAME: f64 = 0.02;

/// The share of frames that carry a pulse at the beginning.
const LEAST: f64 = 0.1;

/// The way home of a servo that stands nobody knows where.
///
/// A hobby servo drives its motor for about a frame after each pulse. So pulses in few frames make it creep, and in ever
/// more make it arrive: a slow ramp in pulse duty, as nobody knows from where to where it would have to be planned.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct SoftStart {
    elapsed: f64,
    /// Frames' worth of pulses that are due; a whole one is sent.
    due: f64,
    frame: Option<f64>,
    pulse: bool,
}

impl SoftStart {
    /// Time goes on by `step` seconds. Whether there are pulses now.
    pub(super) fn advance(&mut self, step: f64) -> bool {
        self.elapsed += step;
        // A tick may be shorter or longer than a frame; either way one decision lasts at least a frame.
        let frame = (self.elapsed / FRAME + 1e-9).floor();
        if self.frame != Some(frame) {
            self.frame = Some(frame);
            self.due += LEAST + (1.0 - LEAST) * (self.elapsed / DURATION).min(1.0);
            self.pulse = self.due >= 1.0;
            self.due -= f64::from(u8::from(self.pulse));
        }
        self.pulse
    }

    /// Whether every frame has carried a pulse for long enough.
    pub(super) fn is_over(&self) -> bool {
        self.elapsed >= DURATION
    }

    /// Seconds until it is over.
    pub(super) fn remaining(&self) -> f64 {
        (DURATION - self.elapsed).max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pulses(step: f64) -> Vec<bool> {
        let mut start = SoftStart::default();
        let mut pulses = Vec::new();
        while !start.is_over() {
            pulses.push(start.advance(step));
        }
        pulses
    }

    #[test]
    fn pulses_come_ever_more_often() {
        let pulses = pulses(0.02);
        let quarters: Vec<usize> =
            pulses.chunks(25).take(4).map(|quarter| quarter.iter().filter(|pulse| **pulse).count()).collect();
        assert!(quarters.windows(2).all(|pair| pair[0] < pair[1]), "{quarters:?}");
        assert!(quarters[0] <= 6 && quarters[3] >= 20, "{quarters:?}");
        assert!(!pulses[0], "the first frame is empty");
    }

    #[test]
    fn a_frame_has_pulses_or_not_however_often_it_is_looked_at() {
        let pulses = pulses(0.005);
        assert!(
            pulses[3..].chunks(4).all(|frame| frame.iter().all(|pulse| *pulse == frame[0])),
            "{pulses:?}"
        );
    }
}
