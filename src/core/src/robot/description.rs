//! From a YAML tree to a robot. Everything is looked at, whatever was wrong before it.

use super::board;
use super::faults::{DescriptionErrors, Faults};
use super::field::{Field, Fields};
use super::keys::{self, Keys};
use super::servo;
use super::yaml::{self, Value};
use super::{Board, Joint, JointKind, Limits, MAX_JOINTS, Robot};

/// A simulated servo is this much faster than its joint may move, unless the file says otherwise.
const SLEW_RATE_BY_VELOCITY: f64 = 1.5;

pub(super) fn read(text: &str, file_name: &str) -> Result<Robot, DescriptionErrors> {
    let mut faults = Faults::default();
    let robot = match yaml::parse(text) {
        Ok(Value::Empty) => {
            faults.add("", &[], "the file is empty; a mapping of `name` and `joints` is needed");
            None
        }
        Ok(value) => read_robot(&Field::root(&value, keys::DESCRIPTION), &mut faults),
        Err(fault) => {
            return Err(DescriptionErrors { file_name: file_name.to_owned(), faults: vec![fault] });
        }
    };
    match robot {
        Some(robot) if faults.is_empty() => Ok(robot),
        _ => Err(faults.locate(text, file_name)),
    }
}

fn read_robot(root: &Field<'_>, faults: &mut Faults) -> Option<Robot> {
    let fields = root.fields(&keys::ROBOT, |_| None, faults)?;
    let name = fields.get("name").and_then(|field| read_name(field, faults));
    let board = board::read(fields.get("pca9685"), faults);
    let joints = fields.get("joints").and_then(|field| read_joints(field, board, faults));
    Some(Robot { name: name?.to_owned(), joints: joints?, board: board? })
}

fn read_joints(field: &Field<'_>, board: Option<Board>, faults: &mut Faults) -> Option<Vec<Joint>> {
    let mut items = field.items(keys::JOINT, faults)?;
    if items.is_empty() || items.len() > MAX_JOINTS {
        field.fault(faults, format!("{} joints, 1 to {MAX_JOINTS} are allowed", items.len()));
        items.truncate(MAX_JOINTS);
    }
    let read: Vec<_> = items.iter().map(|item| read_joint(item, board, faults)).collect();
    refuse_doubled(read.iter().map(|joint| joint.name.as_ref()), faults);
    refuse_doubled(read.iter().map(|joint| joint.channel.as_ref()), faults);
    refuse_doubled(read.iter().map(|joint| joint.gpio_pin.as_ref()), faults);
    read.into_iter().map(|joint| joint.joint).collect()
}

/// A joint, or as much of it as could be read.
struct ReadJoint<'v> {
    name: Option<(&'v str, Field<'v>)>,
    channel: Option<(u8, Field<'v>)>,
    gpio_pin: Option<(u8, Field<'v>)>,
    joint: Option<Joint>,
}

fn read_joint<'v>(item: &Field<'v>, board: Option<Board>, faults: &mut Faults) -> ReadJoint<'v> {
    let kind = kind_of(item.value);
    let keys = Keys::of(kind);
    let Some(fields) = item.fields(&keys.all(), |name| keys.counterpart(name), faults) else {
        return ReadJoint { name: None, channel: None, gpio_pin: None, joint: None };
    };
    let name = fields.get("name").and_then(|field| Some((read_name(field, faults)?, field.clone())));
    if let Some(field) = fields.get("type") {
        let known = field.text(faults).is_none_or(|text| text == kind.as_str());
        if !known {
            field.refuse::<()>(faults);
        }
    }
    let mut socket = |name, greatest| {
        fields.get(name).and_then(|field| Some((field.whole_in(0..=greatest, faults)?, field.clone())))
    };
    let channel = socket("channel", 15);
    let gpio_pin = socket("gpio_pin", 27);
    let travel = read_travel(&fields, keys, faults);
    let home = read_home(&fields, keys, travel, faults);
    let mut rate =
        |name, greatest| fields.get(name).and_then(|field| field.number_in(0.001..=greatest, faults));
    let velocity = rate(keys.velocity.name, 1e3);
    let acceleration = rate(keys.acceleration.name, 1e6);
    let jerk = rate(keys.jerk.name, 1e9);
    let slew_rate = match fields.get(keys.slew_rate.name) {
        Some(_) => rate(keys.slew_rate.name, 1e3),
        None => velocity.map(|velocity| velocity * SLEW_RATE_BY_VELOCITY),
    };
    let calibration = servo::read_calibration(&fields, kind, travel, faults);
    if let (Some(board), Some(_), Some(pulse_us)) = (board, &calibration, fields.get("pulse_us")) {
        board::refuse_too_long(board, pulse_us, faults);
    }
    let joint = || {
        let (lower, upper) = travel?;
        Some(Joint {
            name: name.as_ref()?.0.to_owned(),
            kind,
            limits: Limits {
                lower: kind.file_to_si(lower),
                upper: kind.file_to_si(upper),
                velocity: velocity?,
                acceleration: acceleration?,
                jerk: jerk?,
            },
            home: kind.file_to_si(home?),
            channel: channel.as_ref()?.0,
            gpio_pin: gpio_pin.as_ref().map(|(pin, _)| *pin),
            calibration: calibration?,
            slew_rate: slew_rate?,
        })
    };
    let joint = joint();
    ReadJoint { name, channel, gpio_pin, joint }
}

/// The joint's kind; where `type` does not tell, the names of the other keys do, so that a wrong type is one fault.
fn kind_of(joint: &Value) -> JointKind {
    let Value::Mapping(entries) = joint else { return JointKind::Revolute };
    let is = |value: &Value, text: &str| matches!(value, Value::Text(found) if found == text);
    for kind in [JointKind::Revolute, JointKind::Prismatic] {
        if entries.iter().any(|(key, value)| is(key, "type") && is(value, kind.as_str())) {
            return kind;
        }
    }
    let lengths = Keys::of(JointKind::Prismatic);
    let in_metres = |key: &Value| is(key, lengths.travel.name) || is(key, lengths.map.name);
    if entries.iter().any(|(key, _)| in_metres(key)) { JointKind::Prismatic } else { JointKind::Revolute }
}

fn read_name<'v>(field: &Field<'v>, faults: &mut Faults) -> Option<&'v str> {
    let name = field.text(faults)?;
    if keys::is_name(name) { Some(name) } else { field.refuse(faults) }
}

/// The travel in the file's unit, which messages show.
fn read_travel(fields: &Fields<'_>, keys: &Keys, faults: &mut Faults) -> Option<(f64, f64)> {
    let field = fields.get(keys.travel.name)?;
    let (lower, upper) = field.pair(faults)?;
    let allowed = -keys.farthest..=keys.farthest;
    if !allowed.contains(&lower) || !allowed.contains(&upper) {
        return field.refuse(faults);
    }
    if lower >= upper {
        field.fault(faults, format!("{} is reversed or empty: the lower end comes first", field.value));
        return None;
    }
    Some((lower, upper))
}

fn read_home(
    fields: &Fields<'_>,
    keys: &Keys,
    travel: Option<(f64, f64)>,
    faults: &mut Faults,
) -> Option<f64> {
    let field = fields.get(keys.home.name)?;
    let home = field.number_in(-keys.farthest..=keys.farthest, faults)?;
    match travel {
        Some((lower, upper)) if home < lower || home > upper => {
            field.fault(faults, format!("{home} is outside the travel of {lower} to {upper} {}", keys.unit));
            None
        }
        _ => Some(home),
    }
}

/// Notes every value that an earlier joint already has.
fn refuse_doubled<'a, 'v: 'a, T: PartialEq + 'a>(
    values: impl Iterator<Item = Option<&'a (T, Field<'v>)>>,
    faults: &mut Faults,
) {
    let mut earlier: Vec<&(T, Field<'v>)> = Vec::new();
    for value in values.flatten() {
        match earlier.iter().find(|(other, _)| *other == value.0) {
            Some((_, other)) => value.1.fault(faults, format!("{} is already {}", value.1.value, other.path)),
            None => earlier.push(value),
        }
    }
}
