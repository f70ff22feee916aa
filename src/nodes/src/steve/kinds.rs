//! Which joints turn and which slide. No message says it: the robot's description does, where this machine has it.

use std::collections::HashMap;
use std::path::Path;

use steve_core::robot::{JointKind, Robot};

use crate::files::installed;

/// The kinds of joints, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Kinds(HashMap<String, JointKind>);

impl Kinds {
    /// Those of the description that the arm says it uses: a path, or empty for the installed one. The arm may run on another
    /// machine, so a file that cannot be read is nothing to complain about.
    pub(super) fn load(path: &str) -> Self {
        let found = if path.is_empty() {
            installed("config/steve.yaml").ok()
        } else {
            Some(Path::new(path).to_owned())
        };
        let robot = found.and_then(|path| {
            let text = std::fs::read_to_string(&path).ok()?;
            Robot::from_yaml(&text, &path.display().to_string()).ok()
        });
        let joints = robot.map(|robot| robot.joints).unwrap_or_default();
        Self(joints.into_iter().map(|joint| (joint.name, joint.kind)).collect())
    }

    /// The joint's kind, if it is known.
    pub(super) fn of(&self, joint: &str) -> Option<JointKind> {
        self.0.get(joint).copied()
    }
}

impl<'a> FromIterator<(&'a str, JointKind)> for Kinds {
    fn from_iter<I: IntoIterator<Item = (&'a str, JointKind)>>(kinds: I) -> Self {
        Self(kinds.into_iter().map(|(joint, kind)| (joint.to_owned(), kind)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kinds_are_those_of_the_description() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../config/steve.yaml");
        let kinds = Kinds::load(file);
        assert_eq!(kinds.of("torso"), Some(JointKind::Revolute));
        assert_eq!(kinds.of("clamp"), Some(JointKind::Prismatic));
        assert_eq!(kinds.of("tail"), None);
    }

    #[test]
    fn without_a_description_nothing_is_known() {
        assert_eq!(Kinds::load("/on/another/machine.yaml"), Kinds::default());
    }
}
