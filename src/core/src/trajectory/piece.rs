use super::{ROUNDING, SPEED_ROUNDING};
use crate::motion::Setpoint;
use crate::robot::Limits;

/// Halvings after which a root is as exact as matters: the extreme beside it is off by the square of 1e-12.
const HALVINGS: usize = 40;

/// Beyond this a coefficient comes from nonsense, such as an acceleration of 1e300, and sums of it may overflow.
const HUGE: f64 = 1e100;

/// What a piece takes from the states at its ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Degree {
    /// Position and velocity.
    Cubic,
    /// Acceleration too.
    Quintic,
}

/// The polynomial between two states. Its variable is the share of the duration, 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Piece {
    from: Setpoint,
    to: Setpoint,
    duration: f64,
    degree: Degree,
    /// Position less that of the start, by rising powers.
    c: [f64; 6],
}

/// How far and how fast a piece goes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Extremes {
    pub(super) lower: f64,
    pub(super) upper: f64,
    pub(super) speed: f64,
}

/// What a piece does that the joint cannot.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Fault {
    /// It reaches this speed.
    Fast(f64),
    /// It goes to this position.
    Outside(f64),
}

impl Piece {
    /// From one state to another in `duration` seconds, greater than 0.
    pub(super) fn new(degree: Degree, from: Setpoint, to: Setpoint, duration: f64) -> Self {
        let way = to.position - from.position;
        let (v0, v1) = (from.velocity * duration, to.velocity * duration);
        let c = match degree {
            Degree::Cubic => [0.0, v0, 3.0 * way - 2.0 * v0 - v1, -2.0 * way + v0 + v1, 0.0, 0.0],
            Degree::Quintic => {
                let (a0, a1) =
                    (from.acceleration * duration * duration, to.acceleration * duration * duration);
                [
                    0.0,
                    v0,
                    0.5 * a0,
                    10.0 * way - 6.0 * v0 - 4.0 * v1 - 1.5 * a0 + 0.5 * a1,
                    -15.0 * way + 8.0 * v0 + 7.0 * v1 + 1.5 * a0 - a1,
                    6.0 * way - 3.0 * (v0 + v1) - 0.5 * (a0 - a1),
                ]
            }
        };
        Self { from, to, duration, degree, c }
    }

    /// The state `time` seconds after the start; before it that of the start, after the end that of the end.
    pub(super) fn at(&self, time: f64) -> Setpoint {
        let share = (time / self.duration).clamp(0.0, 1.0);
        let (velocity, acceleration) = (derivative(&self.c), derivative(&derivative(&self.c)));
        Setpoint {
            position: self.position(share),
            velocity: value(&velocity, share) / self.duration,
            acceleration: value(&acceleration, share) / (self.duration * self.duration),
        }
    }

    fn position(&self, share: f64) -> f64 {
        self.from.position + value(&self.c, share)
    }

    /// What of it the joint cannot do, if anything.
    pub(super) fn fault(&self, limits: &Limits) -> Option<Fault> {
        let mut numbers = self.c.iter().chain([&self.from.position]);
        if numbers.any(|number| number.is_nan() || number.abs() > HUGE) {
            return Some(Fault::Fast(f64::INFINITY));
        }
        let outside = ROUNDING * (limits.upper - limits.lower);
        let (lower, upper) = (limits.lower - outside, limits.upper + outside);
        let fastest = limits.velocity * SPEED_ROUNDING;
        let fits = |e: &Extremes| e.lower >= lower && e.upper <= upper && e.speed <= fastest;
        // Nearly every piece passes here, and no root has to be found.
        if fits(&self.hull()) {
            return None;
        }
        let extremes = self.extremes();
        if fits(&extremes) {
            None
        } else if extremes.lower < lower {
            Some(Fault::Outside(extremes.lower))
        } else if extremes.upper > upper {
            Some(Fault::Outside(extremes.upper))
        } else {
            Some(Fault::Fast(extremes.speed))
        }
    }

    /// Bounds that the piece keeps, though it may not reach them: a polynomial stays within its Bézier points, and its
    /// velocity within their differences.
    pub(super) fn hull(&self) -> Extremes {
        let (p0, p1) = (self.from.position, self.to.position);
        let (v0, v1) = (self.from.velocity * self.duration, self.to.velocity * self.duration);
        match self.degree {
            Degree::Cubic => self.hull_of(&[p0, p0 + v0 / 3.0, p1 - v1 / 3.0, p1]),
            Degree::Quintic => {
                let square = self.duration * self.duration / 20.0;
                let (a0, a1) = (self.from.acceleration * square, self.to.acceleration * square);
                let (b2, b3) = (p0 + 0.4 * v0 + a0, p1 - 0.4 * v1 + a1);
                self.hull_of(&[p0, p0 + v0 / 5.0, b2, b3, p1 - v1 / 5.0, p1])
            }
        }
    }

    fn hull_of<const N: usize>(&self, points: &[f64; N]) -> Extremes {
        let scale = (N - 1) as f64 / self.duration;
        Extremes {
            lower: points.iter().copied().fold(f64::INFINITY, f64::min),
            upper: points.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            speed: points.windows(2).map(|pair| (pair[1] - pair[0]).abs() * scale).fold(0.0, f64::max),
        }
    }

    /// The extremes, found where velocity and acceleration pass zero and not by sampling.
    pub(super) fn extremes(&self) -> Extremes {
        let velocity = derivative(&self.c);
        let acceleration = derivative(&velocity);
        let jerk = derivative(&acceleration);
        let snap = derivative(&jerk);
        // Between two neighbouring extremes of a polynomial lies at most one of its roots.
        let snaps = Roots::between(&snap, &Roots::default());
        let jerks = Roots::between(&jerk, &snaps);
        let accelerations = Roots::between(&acceleration, &jerks);
        let velocities = Roots::between(&velocity, &accelerations);
        let mut extremes = Extremes { lower: f64::INFINITY, upper: f64::NEG_INFINITY, speed: 0.0 };
        for share in [0.0, 1.0].into_iter().chain(velocities.iter()) {
            let position = self.position(share);
            extremes.lower = extremes.lower.min(position);
            extremes.upper = extremes.upper.max(position);
        }
        for share in [0.0, 1.0].into_iter().chain(accelerations.iter()) {
            extremes.speed = extremes.speed.max(value(&velocity, share).abs() / self.duration);
        }
        extremes
    }
}

fn value(c: &[f64; 6], share: f64) -> f64 {
    c.iter().rev().fold(0.0, |sum, c| sum * share + c)
}

fn derivative(c: &[f64; 6]) -> [f64; 6] {
    [c[1], 2.0 * c[2], 3.0 * c[3], 4.0 * c[4], 5.0 * c[5], 0.0]
}

/// Up to five roots between 0 and 1, rising.
#[derive(Debug, Clone, Copy, Default)]
struct Roots {
    roots: [f64; 5],
    count: usize,
}

impl Roots {
    /// The roots of a polynomial that has its extremes at `extremes`. A root that it only touches may be missed: there
    /// the polynomial of which it is the derivative has no extreme.
    fn between(c: &[f64; 6], extremes: &Self) -> Self {
        let mut found = Self::default();
        let mut left = 0.0;
        for right in extremes.iter().chain([1.0]) {
            if let Some(root) = bisect(c, left, right)
                && let Some(slot) = found.roots.get_mut(found.count)
            {
                *slot = root;
                found.count += 1;
            }
            left = right;
        }
        found
    }

    fn iter(&self) -> impl Iterator<Item = f64> + '_ {
        self.roots[..self.count].iter().copied()
    }
}

fn bisect(c: &[f64; 6], mut left: f64, mut right: f64) -> Option<f64> {
    let rising = value(c, right) > 0.0;
    if (value(c, left) > 0.0) == rising {
        return None;
    }
    for _ in 0..HALVINGS {
        let middle = 0.5 * (left + right);
        if (value(c, middle) > 0.0) == rising { right = middle } else { left = middle }
    }
    Some(0.5 * (left + right))
}
