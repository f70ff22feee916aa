//! Why a robot's hand cannot be moved in space.

use crate::kinematics::UrdfError;

/// Why there is no Cartesian mode for a robot. Its joints can still be moved one by one.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CartesianError {
    /// The URDF cannot be used.
    #[error(transparent)]
    Urdf(#[from] UrdfError),
    /// The link is not there.
    #[error("no hand to move in space: the URDF has no link `{link}`")]
    NoLink {
        /// The link.
        link: String,
    },
    /// The link stands still whatever the joints do.
    #[error("no hand to move in space: none of the robot's joints moves link `{link}`")]
    Still {
        /// The link.
        link: String,
    },
}
