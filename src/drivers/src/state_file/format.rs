use super::at_rest;
use serde::{Deserialize, Serialize};
use std::io;
use steve_core::arm::{ArmSnapshot, JointSnapshot};
use steve_core::robot::{Joint, Robot};
use steve_core::units::format_position;
use thiserror::Error;

/// Of the file's layout.
const VERSION: u64 = 1;

/// A robot of sixteen joints takes less than 3 kB.
pub(super) const MAX_BYTES: u64 = 64 * 1024;

/// A position whose pulse is now another one by more than this, us, is not where the horn is. Hobby servos do not act on
/// less: their dead band is 2 to 8 us.
const SAME_PULSE_US: f64 = 5.0;

/// Why a file is not taken.
#[derive(Debug, Error)]
pub(super) enum Bad {
    #[error("it is longer than {MAX_BYTES} bytes")]
    TooLong,
    #[error("it is damaged: {0}")]
    Damaged(#[from] serde_json::Error),
    #[error("it is damaged: {0}")]
    Nonsense(String),
    #[error("its version is {0}, this program knows version {VERSION}")]
    Version(u64),
    #[error("it is of the robot `{found}`, this is `{robot}`")]
    Robot { found: String, robot: String },
    #[error("it is of the hardware `{found}`, this is `{hardware}`")]
    Hardware { found: String, hardware: String },
}

/// What every version has.
#[derive(Deserialize)]
struct Head {
    version: u64,
}

#[derive(Serialize, Deserialize)]
struct Document {
    version: u64,
    robot: String,
    hardware: String,
    joints: Vec<Entry>,
}

#[derive(Serialize, Deserialize)]
struct Entry {
    name: String,
    /// rad or m; null while it is unknown, as it is in motion.
    position: Option<f64>,
    /// What the servo was sent there, us.
    pulse_us: Option<f64>,
    moving: bool,
}

/// What a file told.
#[derive(Debug)]
pub(super) struct Remembered {
    /// What it says, in the robot's order.
    pub(super) on_disk: Vec<Option<f64>>,
    /// What of it holds.
    pub(super) known: Vec<Option<f64>>,
    /// Why the rest does not.
    pub(super) doubts: Vec<String>,
}

impl Remembered {
    pub(super) fn nothing(robot: &Robot) -> Self {
        let nothing = vec![None; robot.joints.len()];
        Self { on_disk: nothing.clone(), known: nothing, doubts: Vec::new() }
    }
}

/// Reads a file of `robot` on `hardware`.
pub(super) fn read(bytes: &[u8], robot: &Robot, hardware: &str) -> Result<Remembered, Bad> {
    if bytes.len() as u64 > MAX_BYTES {
        return Err(Bad::TooLong);
    }
    // Another version may look quite different, which is no damage.
    let Head { version } = serde_json::from_slice(bytes)?;
    if version != VERSION {
        return Err(Bad::Version(version));
    }
    let document: Document = serde_json::from_slice(bytes)?;
    if document.robot != robot.name {
        return Err(Bad::Robot { found: document.robot, robot: robot.name.clone() });
    }
    if document.hardware != hardware {
        return Err(Bad::Hardware { found: document.hardware, hardware: hardware.to_owned() });
    }
    judge(&document.joints, robot)
}

fn judge(entries: &[Entry], robot: &Robot) -> Result<Remembered, Bad> {
    let mut remembered = Remembered::nothing(robot);
    for (index, entry) in entries.iter().enumerate() {
        if entries[..index].iter().any(|other| other.name == entry.name) {
            return Err(Bad::Nonsense(format!("joint `{}` is there twice", entry.name)));
        }
        if entry.position.is_some() != entry.pulse_us.is_some() || (entry.moving && entry.position.is_some())
        {
            let name = &entry.name;
            return Err(Bad::Nonsense(format!("joint `{name}`: position, pulse_us and moving disagree")));
        }
        if robot.joint_index(&entry.name).is_none() {
            remembered.doubts.push(format!("`{}` is no joint of this robot any more", entry.name));
        }
    }
    for (index, joint) in robot.joints.iter().enumerate() {
        let Some(entry) = entries.iter().find(|entry| entry.name == joint.name) else {
            remembered.doubts.push(format!("the position of `{}` is unknown: it is new", joint.name));
            continue;
        };
        remembered.on_disk[index] = entry.position;
        match position(entry, joint) {
            Ok(position) => remembered.known[index] = position,
            Err(doubt) => {
                remembered.doubts.push(format!("the position of `{}` is unknown: {doubt}", joint.name));
            }
        }
    }
    Ok(remembered)
}

/// Where the joint is, if that is known; why it is not, if it was or could have been.
fn position(entry: &Entry, joint: &Joint) -> Result<Option<f64>, String> {
    if entry.moving {
        return Err("it was moving when the program ended".to_owned());
    }
    let (Some(position), Some(then)) = (entry.position, entry.pulse_us) else { return Ok(None) };
    let (lower, upper) = (joint.limits.lower, joint.limits.upper);
    let shown = |position| format_position(position, joint.kind);
    if !(lower..=upper).contains(&position) {
        let (position, lower, upper) = (shown(position), shown(lower), shown(upper));
        return Err(format!("{position} was remembered, its travel is {lower} to {upper}"));
    }
    let now = joint.calibration.pulse_us(position);
    if (now - then).abs() > SAME_PULSE_US {
        let position = shown(position);
        return Err(format!("its calibration has changed, {position} was {then:.0} us and is {now:.0} us"));
    }
    Ok(Some(position))
}

/// The file's text.
pub(super) fn write(robot: &Robot, hardware: &str, snapshot: &ArmSnapshot) -> io::Result<Vec<u8>> {
    let entry = |(joint, now): (&Joint, &JointSnapshot)| {
        let position = at_rest(now);
        let pulse_us = position.map(|position| joint.calibration.pulse_us(position));
        Entry { name: joint.name.clone(), position, pulse_us, moving: now.moving }
    };
    let document = Document {
        version: VERSION,
        robot: robot.name.clone(),
        hardware: hardware.to_owned(),
        joints: robot.joints.iter().zip(&snapshot.joints).map(entry).collect(),
    };
    let mut text = serde_json::to_vec_pretty(&document)?;
    text.push(b'\n');
    Ok(text)
}
