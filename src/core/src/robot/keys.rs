//! The fields of a description file, and what may stand in each. The unit is part of the name.

use super::JointKind;
use super::field::Key;

pub(super) const ROBOT: [Key; 3] = [
    required("name", NAME),
    required("joints", "a list of 1 to 16 joints"),
    optional("pca9685", "a mapping of some of bus, address, frequency_hz, oscillator_hz"),
];

/// Of the board. Its chip makes 24 to 1526 Hz, but servos do not take that.
pub(super) const BOARD: [Key; 4] = [
    optional("bus", "a whole number from 0 to 255"),
    optional("address", "a whole number from 0x40 to 0x77, other than 0x70"),
    optional("frequency_hz", "a frequency from 40 to 400 Hz, which servos take"),
    optional("oscillator_hz", "a frequency from 23000000 to 27000000 Hz"),
];

/// What an item of `joints` is.
pub(super) const JOINT: &str = "a mapping of a joint's fields";
/// What a value of `map_deg` or `map_m` is.
pub(super) const FRACTION: &str = "a fraction from 0 to 1";

/// What the whole file is.
pub(super) const DESCRIPTION: &str = "a mapping of the fields `name` and `joints`";

/// What [`is_name`] takes.
pub(crate) const NAME: &str =
    "a name of lower-case letters, digits and single underscores that starts with a letter (at most 64)";

const VELOCITY_RAD: &str = "a speed from 0.001 to 1000 rad/s";
const VELOCITY_M: &str = "a speed from 0.001 to 1000 m/s";

/// The keys whose names depend on the kind of joint.
#[derive(Debug)]
pub(super) struct Keys {
    pub(super) travel: Key,
    pub(super) home: Key,
    pub(super) velocity: Key,
    pub(super) acceleration: Key,
    pub(super) jerk: Key,
    pub(super) slew_rate: Key,
    pub(super) map: Key,
    /// The unit of positions in the file.
    pub(super) unit: &'static str,
    /// The greatest position that is believed, in that unit: beyond it, the unit was mistaken.
    pub(super) farthest: f64,
}

const REVOLUTE: Keys = Keys {
    travel: required("travel_deg", "two angles from -3600 to 3600 deg, the lower one first"),
    home: required("home_deg", "an angle within the travel"),
    velocity: required("velocity_rad_s", VELOCITY_RAD),
    acceleration: required("acceleration_rad_s2", "an acceleration from 0.001 to 1000000 rad/s²"),
    jerk: required("jerk_rad_s3", "a jerk from 0.001 to 1000000000 rad/s³"),
    slew_rate: optional("slew_rate_rad_s", VELOCITY_RAD),
    map: required("map_deg", "a mapping of 2 or more angles to fractions, such as {-90: 0.05, 90: 0.95}"),
    unit: "deg",
    farthest: 3600.0,
};

const PRISMATIC: Keys = Keys {
    travel: required("travel_m", "two lengths from -5 to 5 m, the lower one first"),
    home: required("home_m", "a length within the travel"),
    velocity: required("velocity_m_s", VELOCITY_M),
    acceleration: required("acceleration_m_s2", "an acceleration from 0.001 to 1000000 m/s²"),
    jerk: required("jerk_m_s3", "a jerk from 0.001 to 1000000000 m/s³"),
    slew_rate: optional("slew_rate_m_s", VELOCITY_M),
    map: required("map_m", "a mapping of 2 or more lengths to fractions, such as {0: 0.05, 0.03: 0.95}"),
    unit: "m",
    farthest: 5.0,
};

const fn required(name: &'static str, allowed: &'static str) -> Key {
    Key { name, allowed, required: true }
}

const fn optional(name: &'static str, allowed: &'static str) -> Key {
    Key { name, allowed, required: false }
}

/// Whether this may be the name of a robot, a joint or a motion.
pub(crate) fn is_name(name: &str) -> bool {
    let plain = name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    plain && name.starts_with(|c: char| c.is_ascii_lowercase()) && !name.contains("__") && name.len() <= 64
}

impl Keys {
    pub(super) fn of(kind: JointKind) -> &'static Self {
        match kind {
            JointKind::Revolute => &REVOLUTE,
            JointKind::Prismatic => &PRISMATIC,
        }
    }

    /// Every field of a joint of this kind.
    pub(super) fn all(&self) -> [Key; 13] {
        [
            required("name", NAME),
            required("type", "revolute or prismatic"),
            self.travel,
            self.home,
            self.velocity,
            self.acceleration,
            self.jerk,
            self.slew_rate,
            required("channel", "a whole number from 0 to 15"),
            optional("gpio_pin", "a whole number from 0 to 27"),
            required("pulse_us", "two pulse widths from 400 to 2700 us, the lesser one first"),
            required("usable", "two fractions from 0 to 1, the lower one first"),
            self.map,
        ]
    }

    /// The key of this kind of joint that says what `name` says of the other kind.
    pub(super) fn counterpart(&self, name: &str) -> Option<&'static str> {
        let other = if self.unit == REVOLUTE.unit { &PRISMATIC } else { &REVOLUTE };
        let index = other.all().iter().position(|key| key.name == name)?;
        Some(self.all()[index].name)
    }
}
