//! Forward kinematics from a URDF: where every link is when the joints are where they are.

/// Why a URDF cannot be used.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum UrdfError {
    /// Not XML.
    #[error("not XML: {0}")]
    Xml(String),
}
