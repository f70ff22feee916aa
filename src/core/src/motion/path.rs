use super::Setpoint;

/// A brake of two stretches and a profile of seven, after a firm stop.
const MAX_STRETCHES: usize = 12;

/// A time within which a stretch is left out: shorter than any clock tick, and it would only add rounding.
const SHORTEST: f64 = 1e-12;

#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Stretch {
    duration: f64,
    start: Setpoint,
    jerk: f64,
}

/// A motion of up to twelve stretches of constant jerk. Small and `Copy`: a joint holds its own.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Path {
    stretches: [Stretch; MAX_STRETCHES],
    count: usize,
    end: Setpoint,
    duration: f64,
}

/// The extremes of a [`Path`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// Least position.
    pub lower: f64,
    /// Greatest position.
    pub upper: f64,
    /// Greatest speed.
    pub speed: f64,
    /// Greatest magnitude of the acceleration.
    pub acceleration: f64,
    /// Greatest magnitude of the jerk.
    pub jerk: f64,
}

impl Path {
    /// A path without length that begins, and so far ends, at `start`.
    pub fn from(start: Setpoint) -> Self {
        Self { stretches: [Stretch::default(); MAX_STRETCHES], count: 0, end: start, duration: 0.0 }
    }

    /// Goes on for `duration` seconds with a constant jerk. False if there is no room left or the numbers make no sense;
    /// the path is then as before.
    pub fn push(&mut self, duration: f64, jerk: f64) -> bool {
        if !(duration.is_finite() && jerk.is_finite() && duration >= 0.0) {
            return false;
        }
        if duration < SHORTEST {
            return true;
        }
        let Some(slot) = self.stretches.get_mut(self.count) else { return false };
        *slot = Stretch { duration, start: self.end, jerk };
        self.count += 1;
        self.end = sample(slot, duration);
        self.duration += duration;
        true
    }

    /// Says that the path now goes on at `velocity` without acceleration, from which it is a rounding away. At a crawl a
    /// motion takes so long that an acceleration of 1e-11 would carry it off.
    pub(super) fn level(&mut self, velocity: f64) {
        self.end = Setpoint { velocity, acceleration: 0.0, ..self.end };
    }

    /// Sets the acceleration from here on: a step in it, which only a firm stop needs.
    pub(super) fn step_acceleration(&mut self, acceleration: f64) {
        self.end.acceleration = acceleration;
    }

    /// Says that the path ends at rest at `position`, from which it is a rounding away.
    pub(super) fn settle(&mut self, position: f64) {
        self.end = Setpoint::rest(position);
    }

    /// The state at `time` seconds after the start; before it the first, after the end the last.
    pub fn at(&self, time: f64) -> Setpoint {
        let mut left = time.max(0.0);
        for stretch in &self.stretches[..self.count] {
            if left < stretch.duration {
                return sample(stretch, left);
            }
            left -= stretch.duration;
        }
        self.end
    }

    /// The last state.
    pub fn end(&self) -> Setpoint {
        self.end
    }

    /// Seconds from start to end.
    pub fn duration(&self) -> f64 {
        self.duration
    }

    /// The extremes over the whole path, found where velocity or acceleration pass zero and not by sampling.
    pub fn bounds(&self) -> Bounds {
        let mut bounds = Bounds {
            lower: self.end.position,
            upper: self.end.position,
            speed: self.end.velocity.abs(),
            acceleration: self.end.acceleration.abs(),
            jerk: 0.0,
        };
        for stretch in &self.stretches[..self.count] {
            let Stretch { duration, start, jerk } = *stretch;
            bounds.jerk = bounds.jerk.max(jerk.abs());
            bounds.include(start);
            bounds.include(sample(stretch, duration));
            let apex = -start.acceleration / jerk;
            bounds.include_at(stretch, apex);
            // velocity = v + a t + j t²/2 passes zero
            let root = (start.acceleration * start.acceleration - 2.0 * jerk * start.velocity).sqrt();
            bounds.include_at(stretch, apex + root / jerk);
            bounds.include_at(stretch, apex - root / jerk);
            if jerk == 0.0 {
                bounds.include_at(stretch, -start.velocity / start.acceleration);
            }
        }
        bounds
    }
}

impl Bounds {
    fn include(&mut self, state: Setpoint) {
        self.lower = self.lower.min(state.position);
        self.upper = self.upper.max(state.position);
        self.speed = self.speed.max(state.velocity.abs());
        self.acceleration = self.acceleration.max(state.acceleration.abs());
    }

    /// Times that lie outside the stretch, or do not exist (not a number), are left out.
    fn include_at(&mut self, stretch: &Stretch, time: f64) {
        if time > 0.0 && time < stretch.duration {
            self.include(sample(stretch, time));
        }
    }
}

fn sample(stretch: &Stretch, t: f64) -> Setpoint {
    let Setpoint { position, velocity, acceleration } = stretch.start;
    let jerk = stretch.jerk;
    Setpoint {
        position: position + t * (velocity + t * (acceleration / 2.0 + t * jerk / 6.0)),
        velocity: velocity + t * (acceleration + t * jerk / 2.0),
        acceleration: acceleration + t * jerk,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn up_and_down() -> Path {
        let mut path = Path::from(Setpoint { position: 1.0, velocity: -1.0, acceleration: 0.0 });
        for (duration, jerk) in [(1.0, 2.0), (1.5, -2.0), (0.5, 0.0)] {
            assert!(path.push(duration, jerk));
        }
        path
    }

    #[test]
    fn sampling_between_stretches_has_no_step() {
        let path = up_and_down();
        for joint in [1.0, 2.5] {
            let (before, after) = (path.at(joint - 1e-9), path.at(joint + 1e-9));
            assert!((before.position - after.position).abs() < 1e-8);
            assert!((before.velocity - after.velocity).abs() < 1e-8);
            assert!((before.acceleration - after.acceleration).abs() < 1e-8);
        }
        assert_eq!(path.at(path.duration()), path.end());
        assert_eq!(path.at(99.0), path.end());
    }

    #[test]
    fn bounds_hold_every_sample_and_are_reached() {
        let path = up_and_down();
        let bounds = path.bounds();
        let samples: Vec<_> = (0..=30_000).map(|i| path.at(f64::from(i) * 1e-4)).collect();
        let least = samples.iter().map(|s| s.position).fold(f64::INFINITY, f64::min);
        let most = samples.iter().map(|s| s.position).fold(f64::NEG_INFINITY, f64::max);
        let fastest = samples.iter().map(|s| s.velocity.abs()).fold(0.0, f64::max);
        assert!((bounds.lower - least).abs() < 1e-6 && (bounds.upper - most).abs() < 1e-6);
        assert!((bounds.speed - fastest).abs() < 1e-6);
    }

    #[test]
    fn nonsense_is_not_pushed() {
        let mut path = up_and_down();
        let before = path;
        assert!(!path.push(f64::NAN, 0.0) && !path.push(-1.0, 0.0) && !path.push(1.0, f64::INFINITY));
        assert_eq!(path, before);
    }

    #[test]
    fn a_full_path_takes_no_more() {
        let mut path = Path::from(Setpoint::default());
        let taken = (0..20).filter(|_| path.push(0.1, 0.1)).count();
        assert_eq!(taken, MAX_STRETCHES);
    }
}
