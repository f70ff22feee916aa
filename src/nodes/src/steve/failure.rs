//! How it can go wrong, and the exit code of that.

use thiserror::Error;

use crate::error::NodeError;

/// Exit code of a command line that makes no sense.
pub(super) const USAGE: u8 = 2;

/// Why `steve` did not do what was asked.
#[derive(Debug, Error)]
pub(super) enum Failure {
    /// What was typed makes no sense for this robot.
    #[error("{0}")]
    Usage(String),
    /// The robot would not, or could not.
    #[error("{0}")]
    Refused(String),
    /// No robot, or it stopped answering.
    #[error("{0}")]
    NoRobot(String),
    /// A signal, before anything was done that there would be more to say about.
    #[error("interrupted")]
    Interrupted(u8),
    /// ROS failed.
    #[error(transparent)]
    Node(#[from] NodeError),
    /// It is told already, and this is the exit code.
    #[error("")]
    Said(u8),
}

impl Failure {
    /// As the help tells it.
    pub(super) fn exit_code(&self) -> u8 {
        match self {
            Self::Refused(_) => 1,
            Self::Usage(_) => USAGE,
            Self::NoRobot(_) => 3,
            Self::Node(error) => error.exit_code(),
            Self::Interrupted(code) | Self::Said(code) => *code,
        }
    }

    /// An error of ROS, with what was being done.
    pub(super) fn ros(what: impl Into<String>, source: r2r::Error) -> Self {
        NodeError::ros(what, source).into()
    }
}
