//! From a YAML tree to profiles. Everything is looked at, whatever was wrong before it.

use super::keys;
use super::read_button::read_buttons;
use super::{AxisMap, ButtonAction, HandAxes, JointAxis, Mode, Profile, Profiles};
use crate::motions::Motions;
use crate::robot::faults::Faults;
use crate::robot::field::{Field, Fields, Named};
use crate::robot::keys::{NAME, is_name};
use crate::robot::yaml::{self, Value};
use crate::robot::{DescriptionErrors, JointKind, Robot};
use crate::suggest;

pub(super) fn read(
    text: &str,
    file_name: &str,
    robot: &Robot,
    motions: Option<&Motions>,
) -> Result<Profiles, DescriptionErrors> {
    let mut faults = Faults::default();
    let profiles = match yaml::parse(text) {
        Ok(Value::Empty) => {
            faults.add("", &[], "the file is empty; a mapping of names to profiles is needed");
            None
        }
        Ok(value) => read_profiles(&Field::root(&value, keys::FILE), robot, motions, &mut faults),
        Err(fault) => {
            return Err(DescriptionErrors { file_name: file_name.to_owned(), faults: vec![fault] });
        }
    };
    match profiles {
        Some(profiles) if faults.is_empty() => Ok(Profiles { profiles }),
        _ => Err(faults.locate(text, file_name)),
    }
}

fn read_profiles(
    root: &Field<'_>,
    robot: &Robot,
    motions: Option<&Motions>,
    faults: &mut Faults,
) -> Option<Vec<Profile>> {
    let named = root.named(faults)?;
    if named.is_empty() {
        root.fault(faults, "no profiles, at least 1 is needed");
    }
    let read: Vec<_> = named.into_iter().map(|entry| read_profile(entry, robot, motions, faults)).collect();
    read.into_iter().collect()
}

fn read_profile(
    entry: Named<'_>,
    robot: &Robot,
    motions: Option<&Motions>,
    faults: &mut Faults,
) -> Option<Profile> {
    let Named { name, key, value } = entry;
    if !is_name(&name) {
        key.fault(faults, format!("`{name}` is not {NAME}"));
    }
    let fields = value.allowing(keys::PROFILE).fields(&keys::PROFILE_KEYS, |_| None, faults)?;
    let topic = fields.get("topic").and_then(|field| read_topic(field, faults));
    let defaults = (read_dead_zone(&fields, 0.1, faults), read_full(&fields, 1.0, faults));
    // What is wrong with these was noted; the axes are checked beside something harmless.
    let axes = AxisReader { defaults: (defaults.0.unwrap_or(0.1), defaults.1.unwrap_or(1.0)) };
    let dead_man = read_or(&fields, "dead_man", None, |field| {
        field.whole_in(0..=255, faults).map(|number| Some(usize::from(number)))
    });
    let joints = read_or(&fields, "joints", Vec::new(), |field| axes.joints(field, robot, faults));
    let cartesian = read_or(&fields, "cartesian", None, |field| axes.hand(field, faults).map(Some));
    let buttons =
        read_or(&fields, "buttons", Vec::new(), |field| read_buttons(field, robot, motions, faults));
    let start_mode = read_start_mode(&fields, faults);
    if ["joints", "cartesian", "buttons"].iter().all(|name| fields.get(name).is_none()) {
        key.fault(faults, "does nothing: one of `joints`, `cartesian` and `buttons` is needed");
    }
    if let (Some(buttons), Some(joints)) = (&buttons, &joints) {
        let entries = fields.get("buttons").and_then(|field| field.named(&mut Faults::default()));
        for (entry, (number, action)) in entries.iter().flatten().zip(buttons) {
            refuse_clash(entry, *number, action, dead_man.flatten(), joints, &fields, faults);
        }
    }
    Some(Profile {
        name,
        topic: topic?,
        start_mode: start_mode?,
        dead_man: dead_man?,
        joints: joints?,
        cartesian: cartesian?,
        buttons: buttons?,
    })
}

/// The field of this name, or what holds where there is none.
fn read_or<'v, T>(
    fields: &Fields<'v>,
    name: &str,
    absent: T,
    read: impl FnOnce(&Field<'v>) -> Option<T>,
) -> Option<T> {
    fields.get(name).map_or(Some(absent), read)
}

/// What a button must not do beside the rest of its profile.
fn refuse_clash(
    entry: &Named<'_>,
    number: usize,
    action: &ButtonAction,
    dead_man: Option<usize>,
    joints: &[JointAxis],
    fields: &Fields<'_>,
    faults: &mut Faults,
) {
    if dead_man == Some(number) {
        entry.key.fault(faults, "this button is `dead_man` already");
    }
    match action {
        ButtonAction::Grip(grip) if joints.iter().any(|axis| axis.joint == grip.joint) => {
            entry.key.fault(faults, "moves a joint that an axis moves already, see `joints`");
        }
        ButtonAction::Mode if fields.get("joints").is_none() || fields.get("cartesian").is_none() => {
            entry.key.fault(faults, "`mode` needs both `joints` and `cartesian` in the profile");
        }
        _ => {}
    }
}

/// A ROS name, relative, absolute or private; what ROS itself takes is a little less.
fn read_topic(field: &Field<'_>, faults: &mut Faults) -> Option<String> {
    let topic = field.text(faults)?;
    let plain = topic.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '/' | '~'));
    let begins = topic.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '_' | '/' | '~'));
    if plain && begins && topic.len() <= 200 && !topic.ends_with('/') && !topic.contains("//") {
        Some(topic.to_owned())
    } else {
        field.refuse(faults)
    }
}

/// The mode that the profile has axes for, joint before Cartesian, unless it says which.
fn read_start_mode(fields: &Fields<'_>, faults: &mut Faults) -> Option<Mode> {
    let Some(field) = fields.get("start_mode") else {
        let joint = fields.get("joints").is_some() || fields.get("cartesian").is_none();
        return Some(if joint { Mode::Joint } else { Mode::Cartesian });
    };
    let modes = [(Mode::Joint, "joints"), (Mode::Cartesian, "cartesian")];
    let text = field.text(faults)?;
    let Some((mode, axes)) = modes.into_iter().find(|(mode, _)| mode.as_str() == text) else {
        return field.refuse_word(modes.map(|(mode, _)| mode.as_str()), faults);
    };
    if fields.get(axes).is_none() {
        field.fault(faults, format!("`{text}` needs `{axes}` in the profile"));
        return None;
    }
    Some(mode)
}

fn read_dead_zone(fields: &Fields<'_>, absent: f64, faults: &mut Faults) -> Option<f64> {
    read_or(fields, "dead_zone", absent, |field| field.number_in(0.0..=0.9, faults))
}

fn read_full(fields: &Fields<'_>, absent: f64, faults: &mut Faults) -> Option<f64> {
    read_or(fields, "full", absent, |field| field.number_in(0.01..=1.0, faults))
}

/// A speed with a sign; 0 is none.
pub(super) fn read_speed(field: &Field<'_>, faults: &mut Faults) -> Option<f64> {
    match *field.value {
        Value::Number(number) if (0.001..=1000.0).contains(&number.abs()) => Some(number),
        _ => field.refuse(faults),
    }
}

/// The joint called so, by index.
pub(super) fn find_joint(name: &str, at: &Field<'_>, robot: &Robot, faults: &mut Faults) -> Option<usize> {
    let index = robot.joint_index(name);
    if index.is_none() {
        let names = || robot.joints.iter().map(|joint| joint.name.as_str());
        let message = match suggest::nearest(name, names()) {
            Some(meant) => format!("unknown joint, did you mean `{meant}`?"),
            None => format!("unknown joint; this robot has {}", names().collect::<Vec<_>>().join(", ")),
        };
        at.fault(faults, message);
    }
    index
}

/// Reads the axes of one profile.
struct AxisReader {
    /// Dead zone and full value of axes that do not say it.
    defaults: (f64, f64),
}

impl AxisReader {
    fn joints(&self, field: &Field<'_>, robot: &Robot, faults: &mut Faults) -> Option<Vec<JointAxis>> {
        let entries = field.named(faults)?;
        if entries.is_empty() {
            field.fault(faults, "no joints, at least 1 is needed");
        }
        let read = |entry: &Named<'_>| {
            let joint = find_joint(&entry.name, &entry.key, robot, faults)?;
            let axis = self.axis(&entry.value, robot.joints[joint].kind, faults)?;
            Some(JointAxis { joint, axis })
        };
        let read: Vec<_> = entries.iter().map(read).collect();
        read.into_iter().collect()
    }

    fn hand(&self, field: &Field<'_>, faults: &mut Faults) -> Option<HandAxes> {
        let fields = field.fields(&keys::HAND, |_| None, faults)?;
        let mut read =
            |name, kind| read_or(&fields, name, None, |field| self.axis(field, kind, faults).map(Some));
        let linear = ["x", "y", "z"].map(|name| read(name, JointKind::Prismatic));
        let turning = ["pitch", "yaw"].map(|name| read(name, JointKind::Revolute));
        let [x, y, z] = linear;
        let [pitch, yaw] = turning;
        let hand = HandAxes { linear: [x?, y?, z?], turning: [pitch?, yaw?] };
        if hand == HandAxes::default() {
            field.fault(faults, "no axes, at least 1 of x, y, z, pitch, yaw is needed");
        }
        Some(hand)
    }

    fn axis(&self, field: &Field<'_>, kind: JointKind, faults: &mut Faults) -> Option<AxisMap> {
        let fields = field.allowing(keys::AXIS).fields(&keys::axis(kind), |_| None, faults)?;
        let axis = fields.get("axis").and_then(|field| field.whole_in(0..=255, faults));
        let scale = fields.get("scale").and_then(|field| read_speed(field, faults));
        let dead_zone = read_dead_zone(&fields, self.defaults.0, faults);
        let full = read_full(&fields, self.defaults.1, faults);
        Some(AxisMap { axis: usize::from(axis?), scale: scale?, dead_zone: dead_zone?, full: full? })
    }
}
