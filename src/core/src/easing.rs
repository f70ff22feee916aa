//! The shapes of a timed move: the thirty easing functions of <https://easings.net> and `linear`, by snake-case name.
//!
//! The formulas are the crate `easer`'s, in f64 so that a speed can be had from the difference of two values; the
//! tests hold them against those of easings.net.

use std::f64::consts::{FRAC_PI_2, LN_2};
use std::fmt;
use std::str::FromStr;

use easer::functions::{Back, Bounce, Circ, Cubic, Easing as _, Elastic, Expo, Quad, Quart, Quint, Sine};
use thiserror::Error;

/// Maps progress in time to progress on the way. Starts at 0 and ends at 1 exactly.
///
/// `back` and `elastic` leave 0..=1 in between, so the position has to be clamped to the travel. `expo` and `elastic`
/// jump by about a thousandth of the way at their gentle end, as their formulas on easings.net do.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Easing(usize);

/// One row of the table.
struct Curve {
    name: &'static str,
    value: fn(f64) -> f64,
    max_slope: f64,
}

/// No easing has that name.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "unknown easing `{name}`{}; known are linear, and in_, out_ or in_out_ with sine, quad, cubic, quart, quint, expo, \
     circ, back, elastic or bounce",
    did_you_mean(*.suggestion)
)]
pub struct UnknownEasing {
    /// What was asked for.
    pub name: String,
    /// The name that was probably meant.
    pub suggestion: Option<&'static str>,
}

fn did_you_mean(suggestion: Option<&str>) -> String {
    suggestion.map(|name| format!(", did you mean `{name}`?")).unwrap_or_default()
}

impl Easing {
    /// Constant speed.
    pub const LINEAR: Self = Self(0);

    /// Half a cosine: gentle at both ends.
    pub const IN_OUT_SINE: Self = Self(3);

    /// All names, `linear` first.
    pub const NAMES: [&'static str; 31] = {
        let mut names = [""; 31];
        let mut index = 0;
        while index < names.len() {
            names[index] = CURVES[index].name;
            index += 1;
        }
        names
    };

    /// Every easing, in the order of [`Self::NAMES`].
    pub fn all() -> impl Iterator<Item = Self> {
        (0..CURVES.len()).map(Self)
    }

    /// The name as on easings.net, in snake case and without `ease_`.
    pub fn name(self) -> &'static str {
        CURVES[self.0].name
    }

    /// The share of the way at a share of the time. Progress is clamped to 0..=1, not a number counts as 0.
    pub fn value(self, progress: f64) -> f64 {
        if progress >= 1.0 {
            1.0
        } else if progress > 0.0 {
            (CURVES[self.0].value)(progress)
        } else {
            0.0
        }
    }

    /// The steepest slope of [`Self::value`]: the peak speed of a move is this times its mean speed.
    /// Infinite for the `circ` family, whose quarter circles start or end upright.
    pub fn max_slope(self) -> f64 {
        CURVES[self.0].max_slope
    }
}

impl fmt::Debug for Easing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Easing({})", self.name())
    }
}

impl fmt::Display for Easing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Easing {
    type Err = UnknownEasing;

    fn from_str(name: &str) -> Result<Self, UnknownEasing> {
        let index = CURVES.iter().position(|curve| curve.name == name);
        index.map(Self).ok_or_else(|| UnknownEasing {
            name: name.to_owned(),
            suggestion: crate::suggest::nearest(name, Self::NAMES),
        })
    }
}

// The steepest slopes, from the formulas' derivatives; a test measures them again.
const EXPO: f64 = 10.0 * LN_2;
const BACK: f64 = 1.70158 + 3.0;
const BACK_IN_OUT: f64 = 1.70158 * 1.525 + 3.0;
const ELASTIC: f64 = 15.387255317;
const ELASTIC_IN_OUT: f64 = 10.115732311;

/// `easer` takes Penner's arguments: time, start, change, duration.
macro_rules! curve {
    ($name:literal, $family:ident::$ends:ident, $max_slope:expr) => {
        Curve { name: $name, value: |t| $family::$ends(t, 0.0, 1.0, 1.0), max_slope: $max_slope }
    };
}

const CURVES: [Curve; 31] = [
    Curve { name: "linear", value: |t| t, max_slope: 1.0 },
    curve!("in_sine", Sine::ease_in, FRAC_PI_2),
    curve!("out_sine", Sine::ease_out, FRAC_PI_2),
    curve!("in_out_sine", Sine::ease_in_out, FRAC_PI_2),
    curve!("in_quad", Quad::ease_in, 2.0),
    curve!("out_quad", Quad::ease_out, 2.0),
    curve!("in_out_quad", Quad::ease_in_out, 2.0),
    curve!("in_cubic", Cubic::ease_in, 3.0),
    curve!("out_cubic", Cubic::ease_out, 3.0),
    curve!("in_out_cubic", Cubic::ease_in_out, 3.0),
    curve!("in_quart", Quart::ease_in, 4.0),
    curve!("out_quart", Quart::ease_out, 4.0),
    curve!("in_out_quart", Quart::ease_in_out, 4.0),
    curve!("in_quint", Quint::ease_in, 5.0),
    curve!("out_quint", Quint::ease_out, 5.0),
    curve!("in_out_quint", Quint::ease_in_out, 5.0),
    curve!("in_expo", Expo::ease_in, EXPO),
    curve!("out_expo", Expo::ease_out, EXPO),
    curve!("in_out_expo", Expo::ease_in_out, EXPO),
    curve!("in_circ", Circ::ease_in, f64::INFINITY),
    curve!("out_circ", Circ::ease_out, f64::INFINITY),
    curve!("in_out_circ", Circ::ease_in_out, f64::INFINITY),
    curve!("in_back", Back::ease_in, BACK),
    curve!("out_back", Back::ease_out, BACK),
    curve!("in_out_back", Back::ease_in_out, BACK_IN_OUT),
    curve!("in_elastic", Elastic::ease_in, ELASTIC),
    curve!("out_elastic", Elastic::ease_out, ELASTIC),
    curve!("in_out_elastic", Elastic::ease_in_out, ELASTIC_IN_OUT),
    curve!("in_bounce", Bounce::ease_in, 5.5),
    curve!("out_bounce", Bounce::ease_out, 5.5),
    curve!("in_out_bounce", Bounce::ease_in_out, 5.5),
];
