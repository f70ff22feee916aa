//! Joint position to pulse width and back, as it was measured on the robot.
//!
//! A servo takes pulses of a range (`pulse_us`), of which the mechanics allow a part (`usable`, fractions of the range).
//! The map says at which fraction of that part the joint stands where: points in between are interpolated.

use thiserror::Error;

/// Pulse widths that hobby servos understand, us. A description outside is refused: it is a typing mistake or breaks gears.
pub const PULSE_RANGE_US: (f64, f64) = (400.0, 2700.0);

/// Greatest position that a map may hold, rad or m. Beyond it a unit was mistaken, and sums lose their precision.
const MAX_POSITION: f64 = 1e6;

/// What a fault is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CalibrationField {
    /// The pulse range.
    PulseUs,
    /// The usable part of it.
    Usable,
    /// The map as a whole.
    Map,
    /// One point of the map, counted from 0.
    Point(usize),
}

/// Why a calibration is refused. Messages name the value and what is allowed, not the field.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum CalibrationError {
    /// The pulse range leaves [`PULSE_RANGE_US`].
    #[error("{0} is outside {lo} to {hi} us", lo = PULSE_RANGE_US.0, hi = PULSE_RANGE_US.1)]
    PulseOutside(f64),
    /// The pulse range is empty or reversed.
    #[error("[{0}, {1}] is reversed or empty: the least pulse comes first")]
    PulseReversed(f64, f64),
    /// A fraction of the pulse range leaves 0 to 1.
    #[error("{0} is outside 0 to 1")]
    UsableOutside(f64),
    /// The usable part is empty or reversed.
    #[error("[{0}, {1}] is reversed or empty: the lower end comes first")]
    UsableReversed(f64, f64),
    /// Fewer than two points.
    #[error("too few points ({0}), at least 2 are needed")]
    TooFewPoints(usize),
    /// A position that is no number or absurdly far.
    #[error("{position} is no position")]
    NoPosition {
        /// Which point.
        point: usize,
        /// Its position, rad or m.
        position: f64,
    },
    /// Positions have to ascend.
    #[error("its position does not lie above that of the point before it")]
    PositionsDoNotAscend {
        /// Which point.
        point: usize,
    },
    /// A fraction of the usable part leaves 0 to 1.
    #[error("fraction {fraction} is outside 0 to 1")]
    FractionOutside {
        /// Which point.
        point: usize,
        /// Its fraction.
        fraction: f64,
    },
    /// The fractions have to keep rising or keep falling, or a pulse would mean two positions.
    #[error(
        "fraction {fraction} after {before}: the map is not monotonic, fractions have to keep rising or keep falling"
    )]
    NotMonotonic {
        /// Which point.
        point: usize,
        /// Its fraction.
        fraction: f64,
        /// The fraction of the point before it.
        before: f64,
    },
}

impl CalibrationError {
    /// What the fault is about.
    pub fn field(&self) -> CalibrationField {
        match *self {
            Self::PulseOutside(_) | Self::PulseReversed(..) => CalibrationField::PulseUs,
            Self::UsableOutside(_) | Self::UsableReversed(..) => CalibrationField::Usable,
            Self::TooFewPoints(_) => CalibrationField::Map,
            Self::NoPosition { point, .. }
            | Self::PositionsDoNotAscend { point }
            | Self::FractionOutside { point, .. }
            | Self::NotMonotonic { point, .. } => CalibrationField::Point(point),
        }
    }
}

/// Position to pulse width of one joint.
#[derive(Debug, Clone, PartialEq)]
pub struct Calibration {
    /// (position in rad or m, pulse width in us): positions ascend, pulses rise or fall throughout.
    points: Vec<(f64, f64)>,
}

impl Calibration {
    /// A calibration from the pulse range in us, the usable part of that range in fractions, and the map from position
    /// (rad or m, ascending) to fraction of the usable part. All faults are reported at once.
    pub fn new(
        pulse_us: (f64, f64),
        usable: (f64, f64),
        map: &[(f64, f64)],
    ) -> Result<Self, Vec<CalibrationError>> {
        let mut faults = Vec::new();
        check_pulse_range(pulse_us, &mut faults);
        check_usable(usable, &mut faults);
        check_map(map, &mut faults);
        if !faults.is_empty() {
            return Err(faults);
        }
        let pulse_of = |fraction: f64| {
            let of_range = usable.0 + (usable.1 - usable.0) * fraction;
            (pulse_us.0 + (pulse_us.1 - pulse_us.0) * of_range).clamp(pulse_us.0, pulse_us.1)
        };
        let points: Vec<_> = map.iter().map(|&(position, fraction)| (position, pulse_of(fraction))).collect();
        // Fractions that differ by less than a float can tell after the conversion.
        let same = points.windows(2).position(|pair| pair[0].1 == pair[1].1);
        match same {
            None => Ok(Self { points }),
            Some(index) => Err(vec![not_monotonic(map, index + 1)]),
        }
    }

    /// Least and greatest position of the map, rad or m.
    pub fn travel(&self) -> (f64, f64) {
        (self.first().0, self.last().0)
    }

    /// Least and greatest pulse width that [`Self::pulse_us`] ever gives.
    pub fn pulse_range_us(&self) -> (f64, f64) {
        let (a, b) = (self.first().1, self.last().1);
        (a.min(b), a.max(b))
    }

    /// The pulse width that brings the joint to `position` (rad or m); positions beyond the travel give its end.
    /// Not a number gives the middle of the travel: no caller passes one on, and no servo may ever see one.
    pub fn pulse_us(&self, position: f64) -> f64 {
        let (lower, upper) = self.travel();
        let position =
            if position.is_nan() { f64::midpoint(lower, upper) } else { position.clamp(lower, upper) };
        let above = self.points.partition_point(|point| point.0 < position);
        let (from, to) = self.segment(above);
        interpolate(position, from, to)
    }

    /// The position (rad or m) at which a pulse width holds the joint: the inverse of [`Self::pulse_us`].
    /// Pulses beyond the map give the nearer end, not a number the middle.
    pub fn position(&self, pulse_us: f64) -> f64 {
        let (least, greatest) = self.pulse_range_us();
        let pulse =
            if pulse_us.is_nan() { f64::midpoint(least, greatest) } else { pulse_us.clamp(least, greatest) };
        let rising = self.first().1 < self.last().1;
        let above =
            self.points.partition_point(|point| if rising { point.1 < pulse } else { point.1 > pulse });
        let (from, to) = self.segment(above);
        interpolate(pulse, (from.1, from.0), (to.1, to.0))
    }

    /// The two points between which the value lies that point `above` is the first not to lie below.
    fn segment(&self, above: usize) -> ((f64, f64), (f64, f64)) {
        let upper = above.clamp(1, self.points.len() - 1);
        (self.points[upper - 1], self.points[upper])
    }

    // `new` leaves no map with fewer than two points.
    fn first(&self) -> (f64, f64) {
        self.points[0]
    }

    fn last(&self) -> (f64, f64) {
        self.points[self.points.len() - 1]
    }
}

/// `x` carried from the line's first coordinate to its second; never beyond the ends.
fn interpolate(x: f64, from: (f64, f64), to: (f64, f64)) -> f64 {
    let share = ((x - from.0) / (to.0 - from.0)).clamp(0.0, 1.0);
    let y = from.1 + (to.1 - from.1) * share;
    y.clamp(from.1.min(to.1), from.1.max(to.1))
}

fn check_pulse_range((least, greatest): (f64, f64), faults: &mut Vec<CalibrationError>) {
    let allowed = PULSE_RANGE_US.0..=PULSE_RANGE_US.1;
    let outside = [least, greatest].into_iter().filter(|pulse| !allowed.contains(pulse));
    faults.extend(outside.map(CalibrationError::PulseOutside));
    if least >= greatest {
        faults.push(CalibrationError::PulseReversed(least, greatest));
    }
}

fn check_usable((from, to): (f64, f64), faults: &mut Vec<CalibrationError>) {
    let outside = [from, to].into_iter().filter(|fraction| !(0.0..=1.0).contains(fraction));
    faults.extend(outside.map(CalibrationError::UsableOutside));
    if from >= to {
        faults.push(CalibrationError::UsableReversed(from, to));
    }
}

fn check_map(map: &[(f64, f64)], faults: &mut Vec<CalibrationError>) {
    if map.len() < 2 {
        faults.push(CalibrationError::TooFewPoints(map.len()));
    }
    for (point, &(position, fraction)) in map.iter().enumerate() {
        if !position.is_finite() || position.abs() > MAX_POSITION {
            faults.push(CalibrationError::NoPosition { point, position });
        }
        if !(0.0..=1.0).contains(&fraction) {
            faults.push(CalibrationError::FractionOutside { point, fraction });
        }
    }
    // The direction is that of the first step that has one.
    let rising = map.windows(2).find(|pair| pair[0].1 != pair[1].1).is_none_or(|pair| pair[0].1 < pair[1].1);
    for (index, pair) in map.windows(2).enumerate() {
        if pair[0].0 >= pair[1].0 {
            faults.push(CalibrationError::PositionsDoNotAscend { point: index + 1 });
        }
        let goes_on = if rising { pair[0].1 < pair[1].1 } else { pair[0].1 > pair[1].1 };
        if !goes_on && !pair[0].1.is_nan() && !pair[1].1.is_nan() {
            faults.push(not_monotonic(map, index + 1));
        }
    }
}

fn not_monotonic(map: &[(f64, f64)], point: usize) -> CalibrationError {
    CalibrationError::NotMonotonic { point, fraction: map[point].1, before: map[point - 1].1 }
}
