//! Joints and positions on the command line: `torso 45deg clamp 20mm`.

use steve_core::robot::JointKind;
use steve_core::suggest::nearest;

use super::failure::Failure;
use super::kinds::Kinds;
use super::units;

/// A joint and the position that was typed for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target<'a> {
    pub(super) joint: &'a str,
    pub(super) position: &'a str,
}

/// A target that this robot has.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Resolved<'a> {
    pub(super) joint: &'a str,
    /// rad or m; infinite for an end of the travel.
    pub(super) position: f64,
    pub(super) kind: Option<JointKind>,
}

/// Pairs the words of the command line. What needs no robot to be seen as wrong is refused here.
///
/// # Errors
/// A joint without a position or named twice, or a position that is none of any joint.
pub(super) fn pairs(words: &[String]) -> Result<Vec<Target<'_>>, Failure> {
    let mut targets: Vec<Target<'_>> = Vec::with_capacity(words.len() / 2);
    for pair in words.chunks(2) {
        let [joint, position] = pair else {
            return Err(Failure::Usage(format!(
                "`{}` has no position; give joints and positions in turn, such as torso 45deg",
                pair[0]
            )));
        };
        if targets.iter().any(|earlier| earlier.joint == joint) {
            return Err(Failure::Usage(format!("{joint} is named twice")));
        }
        units::position(position, None)
            .map_err(|error| Failure::Usage(format!("position of {joint}: {error}")))?;
        targets.push(Target { joint, position });
    }
    Ok(targets)
}

/// Finds the joints on the robot and reads the positions in their units.
///
/// # Errors
/// A joint that the robot does not have, or a unit of the other kind of joint.
pub(super) fn resolve<'a>(
    targets: &[Target<'a>],
    names: &[String],
    kinds: &Kinds,
) -> Result<Vec<Resolved<'a>>, Failure> {
    let resolve_one = |target: &Target<'a>| {
        if !names.iter().any(|name| name == target.joint) {
            return Err(Failure::Usage(unknown_joint(target.joint, names)));
        }
        let position = units::position(target.position, kinds.of(target.joint))
            .map_err(|error| Failure::Usage(format!("position of {}: {error}", target.joint)))?;
        let kind = kinds.of(target.joint).or(position.kind);
        Ok(Resolved { joint: target.joint, position: position.value, kind })
    };
    targets.iter().map(resolve_one).collect()
}

fn unknown_joint(typed: &str, names: &[String]) -> String {
    let meant = nearest(typed, names.iter().map(String::as_str));
    let meant = meant.map(|name| format!("; did you mean {name}?")).unwrap_or_default();
    let stop = if meant.is_empty() { "." } else { "" };
    format!("no joint {typed}{meant}{stop} There are {}", names.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split_whitespace().map(ToOwned::to_owned).collect()
    }

    fn resolved(text: &str) -> Result<Vec<(String, f64)>, String> {
        let kinds = Kinds::from_iter([("torso", JointKind::Revolute), ("clamp", JointKind::Prismatic)]);
        let words = words(text);
        let targets = pairs(&words).map_err(|error| error.to_string())?;
        let names = ["torso", "clamp", "lift"].map(str::to_owned);
        let resolved = resolve(&targets, &names, &kinds).map_err(|error| error.to_string())?;
        Ok(resolved.into_iter().map(|target| (target.joint.to_owned(), target.position)).collect())
    }

    #[test]
    fn each_joint_gets_its_position_in_si_units() {
        let targets = resolved("torso -0.5rad clamp 20mm lift 1m").unwrap();
        assert_eq!(targets, [("torso".into(), -0.5), ("clamp".into(), 0.02), ("lift".into(), 1.0)]);
        assert_eq!(resolved("torso inf").unwrap()[0].1, f64::INFINITY);
    }

    #[test]
    fn a_mistyped_joint_is_refused_with_the_one_that_was_meant_and_all_there_are() {
        assert_eq!(
            resolved("tosro 45deg").unwrap_err(),
            "no joint tosro; did you mean torso? There are torso, clamp, lift"
        );
        assert_eq!(resolved("gripper 1mm").unwrap_err(), "no joint gripper. There are torso, clamp, lift");
    }

    #[test]
    fn a_joint_without_position_or_named_twice_is_refused() {
        assert!(resolved("torso 45deg clamp").unwrap_err().contains("`clamp` has no position"));
        assert!(resolved("torso 45deg torso 10deg").unwrap_err().contains("torso is named twice"));
    }

    #[test]
    fn a_wrong_unit_is_refused_with_the_joint_and_its_units() {
        let error = resolved("clamp 45deg").unwrap_err();
        assert!(error.starts_with("position of clamp: ") && error.contains("mm and m"), "{error}");
        assert!(resolved("torso 45").unwrap_err().contains("has no unit"));
    }
}
