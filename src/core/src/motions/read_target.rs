use super::keys::{Place, TargetKeys};
use crate::arm::JointMove;
use crate::easing::{Easing, UnknownEasing};
use crate::robot::faults::Faults;
use crate::robot::field::{Field, Fields, Named};
use crate::robot::yaml::Value;
use crate::robot::{Joint, Robot};
use crate::suggest;

/// A speed and an easing.
type Manner = (f64, String);

/// The mapping of joints to where they go. `defaults` holds for those that do not say it themselves.
pub(super) fn read_targets(
    field: &Field<'_>,
    robot: &Robot,
    defaults: &Manner,
    faults: &mut Faults,
) -> Option<Vec<JointMove>> {
    let entries = field.named(faults)?;
    if entries.is_empty() {
        field.fault(faults, "no joints, at least 1 is needed");
        return None;
    }
    let read: Vec<_> = entries.iter().map(|entry| read_target(entry, robot, defaults, faults)).collect();
    read.into_iter().collect()
}

fn read_target(
    entry: &Named<'_>,
    robot: &Robot,
    defaults: &Manner,
    faults: &mut Faults,
) -> Option<JointMove> {
    let Some(index) = robot.joint_index(&entry.name) else {
        entry.key.fault(faults, unknown_joint(&entry.name, robot));
        return None;
    };
    let joint = &robot.joints[index];
    let keys = TargetKeys::of(joint.kind);
    let position_alone = matches!(entry.value.value, Value::Number(_) | Value::Text(_));
    let (position, speed, easing) = if position_alone {
        let position = read_position(&entry.value.allowing(keys.all[0].allowed), joint, keys, faults);
        (position, Some(defaults.0), Some(defaults.1.clone()))
    } else {
        let fields = entry.value.allowing(keys.target).fields(&keys.all, |_| None, faults)?;
        let position = fields.get("to").and_then(|field| read_position(field, joint, keys, faults));
        let speed = match fields.get("speed") {
            Some(_) => read_speed(&fields, faults),
            None => Some(defaults.0),
        };
        let easing = match fields.get("easing") {
            Some(_) => read_easing(&fields, faults),
            None => Some(defaults.1.clone()),
        };
        (position, speed, easing)
    };
    Some(JointMove { joint: entry.name.clone(), position: position?, speed: speed?, easing: easing? })
}

fn unknown_joint(name: &str, robot: &Robot) -> String {
    let names = || robot.joints.iter().map(|joint| joint.name.as_str());
    match suggest::nearest(name, names()) {
        Some(meant) => format!("unknown joint, did you mean `{meant}`?"),
        None => format!("unknown joint; this robot has {}", names().collect::<Vec<_>>().join(", ")),
    }
}

/// A position in rad or m.
fn read_position(field: &Field<'_>, joint: &Joint, keys: &TargetKeys, faults: &mut Faults) -> Option<f64> {
    let limits = &joint.limits;
    match field.value {
        Value::Number(number) if number.is_finite() => {
            let position = joint.kind.file_to_si(*number);
            if (limits.lower..=limits.upper).contains(&position) {
                return Some(position);
            }
            let (lower, upper) = (as_in_file(limits.lower, keys), as_in_file(limits.upper, keys));
            let unit = keys.unit;
            field.fault(faults, format!("{number} is outside the travel of {lower} to {upper} {unit}"));
            None
        }
        Value::Text(text) => match keys.words.iter().find(|(word, _)| word == text) {
            Some((_, Place::Lower)) => Some(limits.lower),
            Some((_, Place::Upper)) => Some(limits.upper),
            Some((_, Place::Home)) => Some(joint.home),
            None => field.refuse_word(keys.words.iter().map(|(word, _)| *word), faults),
        },
        _ => field.refuse(faults),
    }
}

/// A position in rad or m as the robot's file has it, without the roundings of the way there and back.
fn as_in_file(position: f64, keys: &TargetKeys) -> f64 {
    let position = if keys.unit == "deg" { position.to_degrees() } else { position };
    (position * 1e9).round() / 1e9
}

/// `speed`; 0, as fast as the limits allow, where there is none.
pub(super) fn read_speed(fields: &Fields<'_>, faults: &mut Faults) -> Option<f64> {
    fields.get("speed").map_or(Some(0.0), |field| field.number_in(0.001..=1000.0, faults))
}

/// `easing`; empty, smooth, where there is none.
pub(super) fn read_easing(fields: &Fields<'_>, faults: &mut Faults) -> Option<String> {
    let Some(field) = fields.get("easing") else { return Some(String::new()) };
    let name = field.text(faults)?;
    let easing: Result<Easing, UnknownEasing> = name.parse();
    match easing {
        Ok(easing) => Some(easing.name().to_owned()),
        Err(error) => {
            field.fault(faults, error.to_string());
            None
        }
    }
}
