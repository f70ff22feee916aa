//! Guard against the desk and the torso: a path is refused where it would put the elbow or what hangs behind it below
//! a height, or into the robot's own body. Steve's hand can reach both; his servos do not feel it.
//!
//! Everything is derived from the URDF's collision shapes, so that another robot needs no code:
//! - the arm is what hangs behind three or more of the robot's revolute joints (torso, shoulder, elbow): the elbow's axis and
//!   every link from there on. A link without a shape counts as the point where its frame is. The upper arm always
//!   touches its shoulder and ends in the elbow; it is no part itself;
//! - the torso is every link behind one revolute joint or none, where it turns with it;
//! - the desk is the plane z = 0 of the root link's frame.
//!
//! A robot without an elbow has no guard ([`GuardError::NoElbow`]).

mod parts;
mod solid;
mod watch;

use std::fmt;
use std::sync::Arc;

pub use watch::Watch;

use crate::kinematics::{Kinematics, UrdfError};
use crate::robot::Robot;
use parts::Bodies;

/// How deep a part may seem to be in the torso, m. Shapes are simpler than the robot and its gears have play: by the model
/// Steve's wrist touches the torso at an elbow position that was measured on the robot.
pub const TORSO_SLACK: f64 = 0.005;

/// Watches paths. Cheap to clone, and may be used from any thread.
#[derive(Debug, Clone)]
pub struct Guard(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    kinematics: Kinematics,
    bodies: Bodies,
}

/// What is asked of a path.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Rule {
    /// How high elbow and hand have to stay, in m above the desk; less than 0 is below it. Default 0. NaN asks for
    /// nothing but not to get lower than at the start.
    pub height: f64,
}

/// Why there is no guard for a robot.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum GuardError {
    /// The URDF cannot be used.
    #[error(transparent)]
    Urdf(#[from] UrdfError),
    /// No arm that could be guarded.
    #[error(
        "no arm to guard: it takes 3 revolute joints one behind the other (torso, shoulder, elbow), this robot has {hinges}"
    )]
    NoElbow {
        /// The most of the robot's revolute joints that are one behind the other.
        hinges: usize,
    },
    /// A collision shape that this guard does not know. Left out, the guard would promise what it does not keep.
    #[error("the guard knows collision shapes of box, cylinder and sphere, link `{link}` has another")]
    Shape {
        /// The link.
        link: String,
    },
}

/// What a pose would touch.
#[derive(Debug, Clone, PartialEq)]
pub enum Contact {
    /// A part lower than allowed.
    Desk {
        /// The part, as people call it: `elbow`, `forearm`, `wrist`, `hand`, or the link's name.
        part: Arc<str>,
        /// Height of its lowest point above the desk, m; less than 0 is below.
        height: f64,
        /// The least that was allowed, m: the rule's height, or the part's on the path before if that was lower.
        allowed: f64,
    },
    /// A part in the robot's own body, deeper than [`TORSO_SLACK`].
    Torso {
        /// The part, as people call it.
        part: Arc<str>,
    },
}

impl fmt::Display for Contact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Desk { part, height, allowed } if *height < 0.0 => {
                write!(f, "the {part} would come to {} mm below the desk", millimetres(-height))?;
                if *allowed > 0.0 {
                    write!(f, ", {} mm above it are asked for", millimetres(*allowed))?;
                }
                Ok(())
            }
            Self::Desk { part, height, allowed } => {
                let (height, allowed) = (millimetres(*height), millimetres(*allowed));
                write!(f, "the {part} would come to {height} mm above the desk, {allowed} mm are asked for")
            }
            Self::Torso { part } => write!(f, "the {part} would go into the torso"),
        }
    }
}

impl std::error::Error for Contact {}

/// To a tenth.
fn millimetres(metres: f64) -> f64 {
    (metres * 1e4).round() / 10.0
}

impl Guard {
    /// A guard for `robot`, with the measures of the URDF `text`.
    ///
    /// # Errors
    /// A URDF that cannot be used, a robot without an elbow, a collision shape that is not known.
    pub fn from_urdf(text: &str, robot: &Robot) -> Result<Self, GuardError> {
        let (kinematics, collisions) = Kinematics::with_collisions(text, robot)?;
        let bodies = Bodies::of(&kinematics, &collisions, robot)?;
        Ok(Self(Arc::new(Inner { kinematics, bodies })))
    }

    /// The kinematics that it works with.
    pub fn kinematics(&self) -> &Kinematics {
        &self.0.kinematics
    }

    /// Watches one path. `start` is the pose it begins in: in the robot's order, rad and m; a position that is missing
    /// counts as 0.
    ///
    /// A path may lead out of where it must not lead in: a part that is too low at the start may rise and not sink again,
    /// and a part that is in the torso may move until it has been out of it once.
    pub fn watch(&self, rule: Rule, start: &[f64]) -> Watch<'_> {
        Watch::new(&self.0, rule, start)
    }
}
