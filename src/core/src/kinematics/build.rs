//! From the URDF's elements to the tree, and which of the robot's joints moves what.

use std::collections::HashMap;

use nalgebra::{Isometry3, Vector3};

use super::urdf::{Description, JointElement};
use super::{Kind, Kinematics, Link, Motion, UrdfError};
use crate::robot::{Joint, JointKind, Robot};

/// By joint: its element. By link: the joint that carries it.
type Joints<'a> = HashMap<&'a str, &'a JointElement>;

pub(super) fn kinematics(description: &Description, robot: &Robot) -> Result<Kinematics, UrdfError> {
    let joints = joints_by_name(description)?;
    for joint in &robot.joints {
        check_joint(joint, &joints)?;
    }
    let root = root(description)?;
    let still = Motion {
        kind: Kind::Fixed,
        axis: Vector3::x_axis(),
        joint: None,
        multiplier: 1.0,
        offset: 0.0,
        mimic: false,
    };
    let mut links = vec![Link {
        name: root.to_owned(),
        parent: None,
        joint: String::new(),
        origin: Isometry3::identity(),
        motion: still,
    }];
    // Breadth first: a link comes after the one that carries it.
    let mut next = 0;
    while let Some(parent) = links.get(next).map(|link| link.name.clone()) {
        for element in description.joints.iter().filter(|joint| joint.parent == parent) {
            links.push(Link {
                name: element.child.clone(),
                parent: Some(next),
                joint: element.name.clone(),
                origin: element.origin,
                motion: motion(element, &joints, robot)?,
            });
        }
        next += 1;
    }
    // A link has one carrier at most, so that those not reached carry each other in a ring.
    match description.links.iter().find(|link| links.iter().all(|reached| reached.name != link.name)) {
        Some(lost) => Err(UrdfError::Loop { link: lost.name.clone() }),
        None => Ok(Kinematics { links, joints: robot.joints.len() }),
    }
}

fn joints_by_name(description: &Description) -> Result<Joints<'_>, UrdfError> {
    let mut joints = HashMap::new();
    for element in &description.joints {
        if joints.insert(element.name.as_str(), element).is_some() {
            return Err(UrdfError::Twice { line: element.line, what: "joint", name: element.name.clone() });
        }
    }
    Ok(joints)
}

/// The robot's joint is there, of its kind, and moves by itself.
fn check_joint(joint: &Joint, joints: &Joints<'_>) -> Result<(), UrdfError> {
    let Some(element) = joints.get(joint.name.as_str()) else {
        let mut known: Vec<_> =
            joints.values().filter(|element| element.kind != "fixed").map(|element| &*element.name).collect();
        known.sort_unstable();
        let known = if known.is_empty() { "none that moves".to_owned() } else { known.join(", ") };
        return Err(UrdfError::NoJoint { joint: joint.name.clone(), known });
    };
    let found = match (element.kind.as_str(), joint.kind) {
        _ if element.mimic.is_some() => "a mimic",
        // A continuous joint is a revolute one without limits; the robot's description has them.
        ("revolute" | "continuous", JointKind::Revolute) | ("prismatic", JointKind::Prismatic) => {
            return Ok(());
        }
        (other, _) => other,
    };
    let wanted = joint.kind.as_str();
    Err(UrdfError::Kind { line: element.line, joint: joint.name.clone(), found: found.to_owned(), wanted })
}

/// The one link that no joint carries.
fn root(description: &Description) -> Result<&str, UrdfError> {
    let mut links = HashMap::new();
    for link in &description.links {
        if links.insert(link.name.as_str(), false).is_some() {
            return Err(UrdfError::Twice { line: link.line, what: "link", name: link.name.clone() });
        }
    }
    for joint in &description.joints {
        let unknown = |name: &str| UrdfError::Unknown {
            line: joint.line,
            joint: joint.name.clone(),
            what: "link",
            name: name.to_owned(),
        };
        if !links.contains_key(joint.parent.as_str()) {
            return Err(unknown(&joint.parent));
        }
        let carried = links.get_mut(joint.child.as_str()).ok_or_else(|| unknown(&joint.child))?;
        if std::mem::replace(carried, true) {
            let name = joint.child.clone();
            return Err(UrdfError::Twice { line: joint.line, what: "a joint to link", name });
        }
    }
    let mut free = description
        .links
        .iter()
        .map(|link| link.name.as_str())
        .filter(|name| links.get(name) == Some(&false));
    match (free.next(), free.next()) {
        (None, _) => Err(UrdfError::NoRoot),
        (Some(root), None) => Ok(root),
        (Some(first), Some(second)) => {
            Err(UrdfError::TwoRoots { first: first.to_owned(), second: second.to_owned() })
        }
    }
}

/// What moves the joint: follows its `mimic` to the joint that leads.
fn motion(element: &JointElement, joints: &Joints<'_>, robot: &Robot) -> Result<Motion, UrdfError> {
    let kind = match element.kind.as_str() {
        "revolute" | "continuous" => Kind::Moving(JointKind::Revolute),
        "prismatic" => Kind::Moving(JointKind::Prismatic),
        // No servo turns a floating or planar joint: such a one stays where it is.
        "fixed" | "floating" | "planar" => Kind::Fixed,
        other => {
            return Err(UrdfError::Value {
                line: element.line,
                field: "type",
                value: other.to_owned(),
                allowed: "revolute, continuous, prismatic, fixed, floating or planar",
            });
        }
    };
    let (mut leader, mut multiplier, mut offset) = (element, 1.0, 0.0);
    for _ in 0..=joints.len() {
        let Some(mimic) = &leader.mimic else {
            return Ok(Motion {
                kind,
                axis: element.axis,
                joint: robot.joint_index(&leader.name).filter(|_| kind != Kind::Fixed),
                multiplier,
                offset,
                mimic: element.mimic.is_some(),
            });
        };
        offset += multiplier * mimic.offset;
        multiplier *= mimic.multiplier;
        leader = joints.get(mimic.joint.as_str()).ok_or_else(|| UrdfError::Unknown {
            line: element.line,
            joint: leader.name.clone(),
            what: "joint",
            name: mimic.joint.clone(),
        })?;
    }
    Err(UrdfError::MimicLoop { joint: element.name.clone() })
}
