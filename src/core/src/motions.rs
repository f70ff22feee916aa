//! Named motions: sequences of moves, waits, repeats, saves and restores, read from a file such as `config/motions.yaml`.
//!
//! [`Motions::from_yaml`] checks everything at load, against the robot; a [`Motion`] that exists can be played.
//! [`Player`] goes through its steps and tells what to do; whoever does it has the clock and the arm.

/// Which fields a step has, and what may stand in each.
mod keys;
/// From the file to motions.
mod read;
/// From the file to a step.
mod read_step;
/// From the file to a joint's target.
mod read_target;

/// Going through the steps.
mod player;
/// How fast a motion is played.
mod speed_scale;

pub use player::{Action, Player, Progress};
pub use speed_scale::{BadSpeedScale, SpeedScale};

use crate::arm::MoveRequest;
use crate::robot::{DescriptionErrors, Robot};
use crate::suggest;
use thiserror::Error;

/// The motions of a file.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Motions {
    motions: Vec<Motion>,
}

/// A motion that was checked: every joint exists and every position is within its travel.
#[derive(Debug, Clone, PartialEq)]
pub struct Motion {
    name: String,
    description: String,
    guarded: bool,
    steps: Vec<Step>,
}

/// A step of a motion, in SI units, as it is at speed scale 1.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// Joints set out together.
    Move {
        /// Where to, and how.
        request: MoveRequest,
        /// The next step comes when all of them are there, not at once.
        wait: bool,
    },
    /// Time goes by.
    Wait {
        /// 0 to 3600 s.
        seconds: f64,
    },
    /// The same steps again and again.
    Repeat {
        /// 1 to 1000.
        times: u16,
        /// At least one.
        steps: Vec<Step>,
    },
    /// Remembers where every joint of the motion is.
    Save {
        /// Under which name.
        name: String,
    },
    /// Every joint of the motion goes back to where it was, and the next step comes when they are there.
    Restore {
        /// What was saved earlier.
        name: String,
        /// rad/s or m/s; 0 = as fast as the limits allow.
        speed: f64,
        /// An easing's name; empty = smooth.
        easing: String,
        /// They arrive at the same time.
        together: bool,
    },
    /// When everything that the motion started has ended, the whole arm goes limp.
    PowerOff,
}

/// There is no such motion.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("name: no motion `{name}`{}; {}", did_you_mean(suggestion.as_deref()), there_are(known))]
pub struct UnknownMotion {
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

fn there_are(known: &[String]) -> String {
    if known.is_empty() { "there are none".to_owned() } else { format!("there are {}", known.join(", ")) }
}

impl Motions {
    /// Reads a file such as `config/motions.yaml`, which documents every field. `file_name` is for messages.
    ///
    /// # Errors
    /// Everything that is wrong in it, at once.
    pub fn from_yaml(text: &str, file_name: &str, robot: &Robot) -> Result<Self, DescriptionErrors> {
        read::read(text, file_name, robot)
    }

    /// The motion called `name`.
    pub fn get(&self, name: &str) -> Result<&Motion, UnknownMotion> {
        self.iter().find(|motion| motion.name == name).ok_or_else(|| UnknownMotion {
            name: name.to_owned(),
            suggestion: suggest::nearest(name, self.names()).map(ToOwned::to_owned),
            known: self.names().map(ToOwned::to_owned).collect(),
        })
    }

    /// All names, in the order of the file.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.motions.iter().map(Motion::name)
    }

    /// All motions, in the order of the file.
    pub fn iter(&self) -> impl Iterator<Item = &Motion> {
        self.motions.iter()
    }
}

impl Motion {
    /// Lower-case letters, digits and single underscores.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it is, for people; may be empty.
    pub fn description(&self) -> &str {
        &self.description
    }

    /// Whether the guard against desk and torso watches its moves. Its requests say so too.
    pub fn guarded(&self) -> bool {
        self.guarded
    }

    /// At least one.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }
}
