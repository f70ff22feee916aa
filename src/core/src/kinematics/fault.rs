//! What can be wrong with a URDF.

/// Why a URDF cannot be used. Lines count from 1.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum UrdfError {
    /// Not XML, or cut off.
    #[error("the URDF is not XML: {reason}")]
    Xml {
        /// What the parser says, with the place.
        reason: String,
    },
    /// The root element is another.
    #[error("the URDF is to be a <robot>, this is a <{found}>")]
    NotARobot {
        /// The root element.
        found: String,
    },
    /// An element or attribute that has to be there.
    #[error("URDF line {line}: <{element}> lacks {missing}")]
    Missing {
        /// Where.
        line: u32,
        /// The element.
        element: String,
        /// What it lacks.
        missing: &'static str,
    },
    /// Not as many finite numbers as there have to be, or none of the allowed ones.
    #[error("URDF line {line}: {field}=\"{value}\" has to be {allowed}")]
    Value {
        /// Where.
        line: u32,
        /// The attribute.
        field: &'static str,
        /// What stands there.
        value: String,
        /// What may stand there.
        allowed: &'static str,
    },
    /// A joint or link twice, or a link that two joints carry.
    #[error("URDF line {line}: {what} `{name}` is there twice")]
    Twice {
        /// Where the second is.
        line: u32,
        /// `joint`, `link`, or `a joint to link`.
        what: &'static str,
        /// Its name.
        name: String,
    },
    /// A joint's parent or child is no link, or its `mimic` no joint.
    #[error("URDF line {line}: joint `{joint}` speaks of {what} `{name}`, which is not there")]
    Unknown {
        /// Where.
        line: u32,
        /// The joint.
        joint: String,
        /// `link` or `joint`.
        what: &'static str,
        /// What it names.
        name: String,
    },
    /// No link, or none that no joint carries.
    #[error("the URDF has no root: a link that no joint carries")]
    NoRoot,
    /// More than one link that no joint carries.
    #[error("the URDF is no one tree: both link `{first}` and link `{second}` are carried by no joint")]
    TwoRoots {
        /// One of them.
        first: String,
        /// Another.
        second: String,
    },
    /// A link that carries itself.
    #[error("the URDF has a loop: link `{link}` is carried by itself")]
    Loop {
        /// A link of the loop.
        link: String,
    },
    /// Joints that mimic each other in a ring.
    #[error("the URDF has a loop: joint `{joint}` mimics itself")]
    MimicLoop {
        /// A joint of the ring.
        joint: String,
    },
    /// A joint of the robot is missing.
    #[error("the URDF has no joint `{joint}`, which the robot has; it has {known}")]
    NoJoint {
        /// The robot's joint.
        joint: String,
        /// The moving joints that the URDF has.
        known: String,
    },
    /// A joint of the robot is of another kind, or follows another.
    #[error("URDF line {line}: joint `{joint}` is {found}, the robot's is {wanted}")]
    Kind {
        /// Where.
        line: u32,
        /// The robot's joint.
        joint: String,
        /// Its kind in the URDF: its `type`, or `a mimic`.
        found: String,
        /// Its kind in the robot's description.
        wanted: &'static str,
    },
}
