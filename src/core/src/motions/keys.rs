//! The fields of a motions file, and what may stand in each.

use crate::robot::JointKind;
use crate::robot::field::Key;

pub(super) const FILE: &str = "a mapping of names to motions";
pub(super) const MOTION: &str = "a mapping of the fields `description`, `guard` and `steps`";
pub(super) const STEP: &str = "a step, such as {wait: 0.5}";

pub(super) const MOTION_KEYS: [Key; 3] = [
    optional("description", "a text"),
    optional("guard", "true or false"),
    required("steps", "a list of steps"),
];

/// What a step does: the key that every step has one of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Start,
    Move,
    Wait,
    Repeat,
    Save,
    Restore,
    Power,
}

const SPEED: Key = optional("speed", SPEED_TEXT);
const SPEED_TEXT: &str = "a speed from 0.001 to 1000 rad/s, of a prismatic joint m/s";
const EASING: Key = optional("easing", "the name of an easing");
const TOGETHER: Key = optional("together", "true or false");
const TARGETS: &str = "a mapping of joints to where they go";

const START_KEYS: [Key; 4] = [required("start", TARGETS), SPEED, EASING, TOGETHER];
const MOVE_KEYS: [Key; 4] = [required("move", TARGETS), SPEED, EASING, TOGETHER];
const WAIT_KEYS: [Key; 1] = [required("wait", "a time from 0 to 3600 s")];
const REPEAT_KEYS: [Key; 2] =
    [required("repeat", "a whole number of times from 1 to 1000"), required("steps", "a list of steps")];
const SAVE_KEYS: [Key; 1] = [required("save", crate::robot::keys::NAME)];
const RESTORE_KEYS: [Key; 4] =
    [required("restore", "the name of an earlier `save`"), SPEED, EASING, TOGETHER];
const POWER_KEYS: [Key; 1] = [required("power", "`off`; it comes on by itself when a joint moves")];

impl Kind {
    pub(super) const ALL: [Self; 7] =
        [Self::Start, Self::Move, Self::Wait, Self::Repeat, Self::Save, Self::Restore, Self::Power];

    /// The key.
    pub(super) fn name(self) -> &'static str {
        self.keys()[0].name
    }

    /// All that may stand in a step of this kind, [`Self::name`] first.
    pub(super) fn keys(self) -> &'static [Key] {
        match self {
            Self::Start => &START_KEYS,
            Self::Move => &MOVE_KEYS,
            Self::Wait => &WAIT_KEYS,
            Self::Repeat => &REPEAT_KEYS,
            Self::Save => &SAVE_KEYS,
            Self::Restore => &RESTORE_KEYS,
            Self::Power => &POWER_KEYS,
        }
    }
}

/// How the target of one kind of joint is written.
#[derive(Debug)]
pub(super) struct TargetKeys {
    /// The mapping `{to: …, speed: …, easing: …}`.
    pub(super) all: [Key; 3],
    /// What a target is that is neither a position nor such a mapping.
    pub(super) target: &'static str,
    /// Words for positions.
    pub(super) words: &'static [(&'static str, Place)],
    /// The unit of positions in the file.
    pub(super) unit: &'static str,
}

/// A position that has a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Lower,
    Upper,
    Home,
}

const REVOLUTE: TargetKeys = TargetKeys {
    all: [
        required("to", "an angle in degrees, `upper`, `lower` or `home`"),
        optional("speed", "a speed from 0.001 to 1000 rad/s"),
        EASING,
    ],
    target: "an angle in degrees, `upper`, `lower` or `home`, nor a mapping of `to`, `speed` and `easing`",
    words: &[("upper", Place::Upper), ("lower", Place::Lower), ("home", Place::Home)],
    unit: "deg",
};

const PRISMATIC: TargetKeys = TargetKeys {
    all: [
        required("to", "a length in metres, `open`, `closed`, `upper`, `lower` or `home`"),
        optional("speed", "a speed from 0.001 to 1000 m/s"),
        EASING,
    ],
    target: "a length in metres, `open`, `closed`, `upper`, `lower` or `home`, nor a mapping of `to`, `speed` and `easing`",
    words: &[
        ("open", Place::Upper),
        ("closed", Place::Lower),
        ("upper", Place::Upper),
        ("lower", Place::Lower),
        ("home", Place::Home),
    ],
    unit: "m",
};

impl TargetKeys {
    pub(super) fn of(kind: JointKind) -> &'static Self {
        match kind {
            JointKind::Revolute => &REVOLUTE,
            JointKind::Prismatic => &PRISMATIC,
        }
    }
}

const fn required(name: &'static str, allowed: &'static str) -> Key {
    Key { name, allowed, required: true }
}

const fn optional(name: &'static str, allowed: &'static str) -> Key {
    Key { name, allowed, required: false }
}
