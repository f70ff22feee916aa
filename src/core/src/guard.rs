//! Guard against the desk and the torso: a path is refused where it would put the elbow or what hangs behind it below
//! a height, or into the robot's own body.

use std::sync::Arc;

use crate::kinematics::UrdfError;
use crate::robot::Robot;

/// Watches paths. Cheap to clone, and may be used from any thread.
#[derive(Debug, Clone)]
pub struct Guard(Arc<()>);

/// What is asked of a path.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Rule {
    /// How high elbow and hand have to stay, in m above the desk, which is where the root link's z is 0. Default 0.
    pub height: f64,
}

/// Why there is no guard for a robot.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum GuardError {
    /// The URDF cannot be used.
    #[error(transparent)]
    Urdf(#[from] UrdfError),
    /// No arm that could be guarded: a torso, a shoulder and an elbow turn one behind the other.
    #[error(
        "no arm to guard: {hinges} revolute joints of the robot stand one behind the other, it takes 3 or more (torso, shoulder, elbow)"
    )]
    NoElbow {
        /// The most that stand one behind the other.
        hinges: usize,
    },
}

/// What a pose would touch.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Contact {
    /// Lower than allowed.
    #[error("the {part} would come to {height} m")]
    Desk {
        /// The part's name, for people: `elbow`, `hand`.
        part: Arc<str>,
        /// Height of its lowest point above the desk, m; less than 0 is below.
        height: f64,
        /// The least height allowed, m: the rule's, or where the part was at the start if that was lower.
        allowed: f64,
    },
    /// In the robot's own body.
    #[error("the {part} would go into the torso")]
    Torso {
        /// The part's name, for people.
        part: Arc<str>,
    },
}

impl Guard {
    /// A guard for `robot`, with the measures of the URDF `text`.
    ///
    /// # Errors
    /// A URDF that cannot be used, or a robot without an elbow.
    pub fn from_urdf(_text: &str, _robot: &Robot) -> Result<Self, GuardError> {
        Ok(Self(Arc::new(())))
    }

    /// Watches one path. `start` is the pose it begins in, in the robot's order, rad and m.
    pub fn watch(&self, rule: Rule, _start: &[f64]) -> Watch<'_> {
        Watch { _guard: self, _rule: rule }
    }
}

/// One path under watch.
#[derive(Debug)]
pub struct Watch<'a> {
    _guard: &'a Guard,
    _rule: Rule,
}

impl Watch<'_> {
    /// The next pose of the path, in the robot's order, rad and m.
    ///
    /// # Errors
    /// What the pose would touch.
    pub fn pass(&mut self, _positions: &[f64]) -> Result<(), Contact> {
        Ok(())
    }
}
