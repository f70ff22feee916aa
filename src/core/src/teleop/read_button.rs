//! What the buttons of a profile do: a word, or a mapping of one field.

use super::keys;
use super::read::{find_joint, read_speed};
use super::{ButtonAction, GripMap};
use crate::motions::Motions;
use crate::robot::faults::Faults;
use crate::robot::field::{Field, Key, Named};
use crate::robot::yaml::Value;
use crate::robot::{JointKind, Robot};

const ACTION: &str = "stop, emergency_stop, release_emergency_stop, power, listen, mode, {motion: NAME} or {clamp: {joint: NAME, held: SPEED, released: SPEED}}";

const WORDS: [(&str, ButtonAction); 6] = [
    ("stop", ButtonAction::Stop),
    ("emergency_stop", ButtonAction::EmergencyStop),
    ("release_emergency_stop", ButtonAction::ReleaseEmergencyStop),
    ("power", ButtonAction::Power),
    ("listen", ButtonAction::Listen),
    ("mode", ButtonAction::Mode),
];

const MAPPING: [Key; 2] = [
    Key { name: "motion", allowed: "the name of a motion", required: false },
    Key { name: "clamp", allowed: "a mapping of `joint`, `held` and `released`", required: false },
];

pub(super) fn read_buttons(
    field: &Field<'_>,
    robot: &Robot,
    motions: Option<&Motions>,
    faults: &mut Faults,
) -> Option<Vec<(usize, ButtonAction)>> {
    let entries = field.named(faults)?;
    let read = |entry: &Named<'_>| {
        let number = entry.name.parse::<u8>().ok().filter(|number| number.to_string() == entry.name);
        if number.is_none() {
            entry.key.fault(faults, format!("`{}` is not {}", entry.name, keys::BUTTON));
        }
        let action = read_action(&entry.value.allowing(ACTION), robot, motions, faults);
        Some((usize::from(number?), action?))
    };
    let read: Vec<_> = entries.iter().map(read).collect();
    read.into_iter().collect()
}

fn read_action(
    field: &Field<'_>,
    robot: &Robot,
    motions: Option<&Motions>,
    faults: &mut Faults,
) -> Option<ButtonAction> {
    if let Value::Text(text) = field.value {
        return match WORDS.into_iter().find(|(word, _)| word == text) {
            Some((_, action)) => Some(action),
            None => field.refuse_word(WORDS.iter().map(|(word, _)| *word), faults),
        };
    }
    let fields = field.fields(&MAPPING, |_| None, faults)?;
    match (fields.get("motion"), fields.get("clamp")) {
        (Some(motion), None) => read_motion(motion, motions, faults),
        (None, Some(grip)) => read_grip(grip, robot, faults),
        (Some(_), Some(grip)) => {
            grip.fault(faults, "`clamp` beside `motion`: a button does one thing");
            None
        }
        // An unknown field was noted.
        (None, None) => match field.value {
            Value::Mapping(entries) if !entries.is_empty() => None,
            _ => field.refuse(faults),
        },
    }
}

fn read_motion(field: &Field<'_>, motions: Option<&Motions>, faults: &mut Faults) -> Option<ButtonAction> {
    let name = field.text(faults)?;
    if let Some(error) = motions.and_then(|motions| motions.get(name).err()) {
        field.fault(faults, error.to_string().trim_start_matches("name: "));
        return None;
    }
    Some(ButtonAction::Motion(name.to_owned()))
}

fn read_grip(field: &Field<'_>, robot: &Robot, faults: &mut Faults) -> Option<ButtonAction> {
    let fields = field.fields(&keys::grip(kind_of(field, robot)), |_| None, faults)?;
    let joint = fields.get("joint").and_then(|field| {
        let name = field.text(faults)?;
        find_joint(name, field, robot, faults)
    });
    let held = fields.get("held").and_then(|field| read_speed(field, faults));
    let released = match fields.get("released") {
        Some(field) if matches!(*field.value, Value::Number(number) if number == 0.0) => Some(0.0),
        Some(field) => read_speed(field, faults),
        None => Some(0.0),
    };
    Some(ButtonAction::Grip(GripMap { joint: joint?, held: held?, released: released? }))
}

/// The kind of the joint that is named in this mapping, for the units in messages.
fn kind_of(field: &Field<'_>, robot: &Robot) -> JointKind {
    let Value::Mapping(entries) = field.value else { return JointKind::Prismatic };
    let is_joint = |key: &Value| matches!(key, Value::Text(key) if key == "joint");
    let name = entries.iter().find(|(key, _)| is_joint(key)).map(|(_, name)| name);
    let joint = match name {
        Some(Value::Text(name)) => robot.joint_index(name).map(|index| &robot.joints[index]),
        _ => None,
    };
    joint.map_or(JointKind::Prismatic, |joint| joint.kind)
}
