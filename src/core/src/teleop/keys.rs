//! The fields of a mapping file, and what may stand in each.

use crate::robot::JointKind;
use crate::robot::field::Key;

pub(super) const FILE: &str = "a mapping of names to profiles";
pub(super) const PROFILE: &str = "a mapping of a profile's fields";
pub(super) const BUTTON: &str = "a button's number from 0 to 255";

pub(super) const PROFILE_KEYS: [Key; 8] = [
    required("topic", "the name of a topic, such as spacenav/joy"),
    optional("full", FULL),
    optional("dead_zone", DEAD_ZONE),
    optional("start_mode", "`joint` or `cartesian`"),
    optional("dead_man", BUTTON),
    optional("joints", "a mapping of joints to axes"),
    optional("cartesian", "a mapping of some of x, y, z, pitch, yaw to axes"),
    optional("buttons", "a mapping of button numbers to what they do"),
];

/// What an axis is.
pub(super) const AXIS: &str =
    "an axis, such as {axis: 2, scale: 1.5}, with `dead_zone` and `full` where they are its own";

const FULL: &str = "a value of the axis from 0.01 to 1";
const DEAD_ZONE: &str = "a share of full deflection from 0 to 0.9";
const SCALE_RAD: &str = "a speed from 0.001 to 1000 rad/s, or its negative";
const SCALE_M: &str = "a speed from 0.001 to 1000 m/s, or its negative";

/// The fields of an axis that moves something of this kind.
pub(super) const fn axis(kind: JointKind) -> [Key; 4] {
    [
        required("axis", "an axis' number from 0 to 255"),
        required("scale", speed(kind)),
        optional("dead_zone", DEAD_ZONE),
        optional("full", FULL),
    ]
}

/// The fields of a joint that a button moves.
pub(super) const fn grip(kind: JointKind) -> [Key; 3] {
    let released = match kind {
        JointKind::Revolute => "0, a speed from 0.001 to 1000 rad/s, or its negative",
        JointKind::Prismatic => "0, a speed from 0.001 to 1000 m/s, or its negative",
    };
    [required("joint", "the name of a joint"), required("held", speed(kind)), optional("released", released)]
}

const fn speed(kind: JointKind) -> &'static str {
    match kind {
        JointKind::Revolute => SCALE_RAD,
        JointKind::Prismatic => SCALE_M,
    }
}

/// The ways that the hand goes and turns, the keys of `cartesian`.
pub(super) const HAND: [Key; 5] = [
    optional("x", AXIS),
    optional("y", AXIS),
    optional("z", AXIS),
    optional("pitch", AXIS),
    optional("yaw", AXIS),
];

const fn required(name: &'static str, allowed: &'static str) -> Key {
    Key { name, allowed, required: true }
}

const fn optional(name: &'static str, allowed: &'static str) -> Key {
    Key { name, allowed, required: false }
}
