use thiserror::Error;

use super::{AxisMap, Mode, read};
use crate::motions::Motions;
use crate::robot::{DescriptionErrors, Robot};
use crate::suggest;

/// The profiles of a mapping file.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Profiles {
    pub(super) profiles: Vec<Profile>,
}

/// What the axes and buttons of one kind of device do.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    /// Lower-case letters, digits and single underscores.
    pub name: String,
    /// Where its messages (`sensor_msgs/Joy`) come from.
    pub topic: String,
    /// The mode to begin with; one that the profile has axes for, if it has any.
    pub start_mode: Mode,
    /// The button that has to be held for anything to move.
    pub dead_man: Option<usize>,
    /// The joints that axes move, no joint twice.
    pub joints: Vec<JointAxis>,
    /// The axes that move the hand.
    pub cartesian: Option<HandAxes>,
    /// The buttons by number, none twice; a number that a device does not have is never pressed.
    pub buttons: Vec<(usize, ButtonAction)>,
}

/// A joint that an axis moves.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct JointAxis {
    /// The joint's index.
    pub joint: usize,
    /// By which axis, how fast.
    pub axis: AxisMap,
}

/// The axes that move the hand; at least one.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct HandAxes {
    /// Forward, left, up; m/s.
    pub linear: [Option<AxisMap>; 3],
    /// Pitch, + up, and yaw, + right; rad/s.
    pub turning: [Option<AxisMap>; 2],
}

/// What a button does when it is pressed.
#[derive(Debug, Clone, PartialEq)]
pub enum ButtonAction {
    /// Plays a motion.
    Motion(String),
    /// Moves a joint, while it is held and perhaps afterwards.
    Grip(GripMap),
    /// Ends every motion.
    Stop,
    /// Emergency stop.
    EmergencyStop,
    /// Releases the emergency stop.
    ReleaseEmergencyStop,
    /// Power on or off, whichever it is not.
    Power,
    /// Listens for an utterance.
    Listen,
    /// The other mode.
    Mode,
}

/// A joint that a button moves, such as the clamp.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GripMap {
    /// The joint's index; no axis moves it.
    pub joint: usize,
    /// Velocity while the button is held, rad/s or m/s, not 0.
    pub held: f64,
    /// Velocity when it is let go of, until the end of the travel; 0 = it stays.
    pub released: f64,
}

/// There is no such profile.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("profile: no `{name}`{}; there are {}", did_you_mean(suggestion.as_deref()), known.join(", "))]
pub struct UnknownProfile {
    /// What was asked for.
    pub name: String,
    /// What was probably meant.
    pub suggestion: Option<String>,
    /// What there is.
    pub known: Vec<String>,
}

fn did_you_mean(suggestion: Option<&str>) -> String {
    suggestion.map(|name| format!(", did you mean `{name}`?")).unwrap_or_default()
}

impl Profiles {
    /// Reads a file such as `config/teleop.yaml`, which documents every field. `file_name` is for messages. Names of motions
    /// are only checked where the motions are given.
    ///
    /// # Errors
    /// Everything that is wrong in it, at once.
    pub fn from_yaml(
        text: &str,
        file_name: &str,
        robot: &Robot,
        motions: Option<&Motions>,
    ) -> Result<Self, DescriptionErrors> {
        read::read(text, file_name, robot, motions)
    }

    /// The profile called `name`.
    ///
    /// # Errors
    /// There is none; it tells which there are.
    pub fn get(&self, name: &str) -> Result<&Profile, UnknownProfile> {
        self.profile(name).ok_or_else(|| UnknownProfile {
            name: name.to_owned(),
            suggestion: suggest::nearest(name, self.names()).map(ToOwned::to_owned),
            known: self.names().map(ToOwned::to_owned).collect(),
        })
    }

    /// The profile called `name`, if there is one.
    pub fn profile(&self, name: &str) -> Option<&Profile> {
        self.profiles.iter().find(|profile| profile.name == name)
    }

    /// All names, in the order of the file; at least one.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.profiles.iter().map(|profile| profile.name.as_str())
    }
}

impl Profile {
    /// So many axes a message has to have: those of both modes.
    pub fn axes_needed(&self) -> usize {
        let joints = self.joints.iter().map(|joint| joint.axis);
        joints.chain(self.hand_axes()).map(|axis| axis.axis + 1).max().unwrap_or(0)
    }

    /// The axes that move something in `mode`.
    pub(super) fn axes(&self, mode: Mode) -> Vec<AxisMap> {
        match mode {
            Mode::Joint => self.joints.iter().map(|joint| joint.axis).collect(),
            Mode::Cartesian => self.hand_axes().collect(),
        }
    }

    fn hand_axes(&self) -> impl Iterator<Item = AxisMap> + '_ {
        self.cartesian.iter().flat_map(|hand| hand.linear.into_iter().chain(hand.turning).flatten())
    }
}
