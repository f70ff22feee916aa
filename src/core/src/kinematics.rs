//! Forward kinematics from a URDF: where every link is when the joints are where they are.
//!
//! Frames, axes and `rpy` as the URDF defines them (<http://wiki.ros.org/urdf/XML>); poses are in the root link's frame,
//! for Steve `base_link`: x forward, y left, z up, z = 0 on the desk. m and rad.

mod build;
mod fault;
pub(crate) mod urdf;

use nalgebra::{Isometry3, Matrix6xX, Point3, Translation3, Unit, UnitQuaternion, Vector3};

pub use fault::UrdfError;
use urdf::Collision;

use crate::robot::{JointKind, Robot};

/// The links of a robot as a tree, moved by the robot's joints.
///
/// A link is named by its index in hot paths: 0 is the root, and a link comes after the one that carries it.
#[derive(Debug, Clone, PartialEq)]
pub struct Kinematics {
    links: Vec<Link>,
    joints: usize,
}

/// A link and the joint that carries it.
#[derive(Debug, Clone, PartialEq)]
struct Link {
    name: String,
    /// None: the root.
    parent: Option<usize>,
    /// The joint's name; empty for the root.
    joint: String,
    /// The joint's frame in the parent's, at 0.
    origin: Isometry3<f64>,
    motion: Motion,
}

/// How a link moves in the one that carries it: by `multiplier * position + offset` along or around `axis`.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Motion {
    kind: Kind,
    axis: Unit<Vector3<f64>>,
    /// The robot's joint; None: one that no servo moves, which stays at `offset`.
    joint: Option<usize>,
    multiplier: f64,
    offset: f64,
    /// Follows another joint, as a finger does.
    mimic: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Fixed,
    Moving(JointKind),
}

/// Where a link's joint is, and which way it turns or slides, in the root's frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Axis {
    /// The robot's joint.
    pub joint: usize,
    /// Angle around the axis, or way along it.
    pub kind: JointKind,
    /// A point of the axis, m.
    pub origin: Point3<f64>,
    /// Positive as the joint's position is.
    pub direction: Unit<Vector3<f64>>,
    /// rad (m) of this motion for each rad (m) of the joint's position: 1, or what `mimic` says.
    pub multiplier: f64,
}

impl Kinematics {
    /// Reads a URDF. Joints that are not `robot`'s stay at 0, except those that mimic one of its.
    ///
    /// # Errors
    /// No XML, not one tree, a number missing or not finite, a joint of `robot` that is missing or of another kind.
    pub fn from_urdf(text: &str, robot: &Robot) -> Result<Self, UrdfError> {
        build::kinematics(&urdf::Description::read(text)?, robot)
    }

    /// The same, and the collision shapes of each link, by its index.
    pub(crate) fn with_collisions(
        text: &str,
        robot: &Robot,
    ) -> Result<(Self, Vec<Vec<Collision>>), UrdfError> {
        let description = urdf::Description::read(text)?;
        let kinematics = build::kinematics(&description, robot)?;
        let mut collisions = vec![Vec::new(); kinematics.links.len()];
        for element in description.links {
            if let Some(at) = kinematics.link_index(&element.name).and_then(|link| collisions.get_mut(link)) {
                *at = element.collisions;
            }
        }
        Ok((kinematics, collisions))
    }

    /// How many links there are; each index below is one.
    pub fn link_count(&self) -> usize {
        self.links.len()
    }

    /// The index of the link called `name`.
    pub fn link_index(&self, name: &str) -> Option<usize> {
        self.links.iter().position(|link| link.name == name)
    }

    /// The name of a link.
    pub fn link_name(&self, link: usize) -> Option<&str> {
        self.links.get(link).map(|link| link.name.as_str())
    }

    /// The link that carries a link; None for the root, and for an index that is no link.
    pub fn parent(&self, link: usize) -> Option<usize> {
        self.links.get(link)?.parent
    }

    /// The link that the robot's joint moves: its frame is the joint's.
    pub fn link_of_joint(&self, joint: usize) -> Option<usize> {
        self.links.iter().position(|link| link.motion.joint == Some(joint) && !link.motion.mimic)
    }

    /// The frame of the link called `link` in the root's, for `positions` in the robot's order (rad, m). None: no such
    /// link, or not as many positions as the robot has joints.
    pub fn pose(&self, link: &str, positions: &[f64]) -> Option<Isometry3<f64>> {
        if positions.len() != self.joints {
            return None;
        }
        let mut at = self.links.iter().find(|other| other.name == link)?;
        let mut pose = at.frame(positions);
        while let Some(parent) = at.parent.and_then(|parent| self.links.get(parent)) {
            pose = parent.frame(positions) * pose;
            at = parent;
        }
        Some(pose)
    }

    /// The frames of all links in the root's, by index, into a buffer that can be used again: from the second call on
    /// nothing is allocated. A position that is missing counts as 0.
    pub fn poses(&self, positions: &[f64], frames: &mut Vec<Isometry3<f64>>) {
        frames.clear();
        for link in &self.links {
            let local = link.frame(positions);
            let frame =
                link.parent.and_then(|parent| frames.get(parent)).map_or(local, |parent| parent * local);
            frames.push(frame);
        }
    }

    /// The axes that move a link, from itself to the root; `frames` from [`poses`](Self::poses). Joints that no servo
    /// moves are left out. Two motions of one joint are two axes.
    pub fn axes(&self, link: usize, frames: &[Isometry3<f64>]) -> impl Iterator<Item = Axis> {
        let path = std::iter::successors(Some(link), |&link| self.parent(link));
        path.filter_map(|index| {
            let (link, frame) = (self.links.get(index)?, frames.get(index)?);
            let (Kind::Moving(kind), Some(joint)) = (link.motion.kind, link.motion.joint) else {
                return None;
            };
            Some(Axis {
                joint,
                kind,
                origin: frame.translation.vector.into(),
                // The motion leaves its own axis as it is, so that the moved frame tells it as well.
                direction: Unit::new_unchecked(frame.rotation * link.motion.axis.into_inner()),
                multiplier: link.motion.multiplier,
            })
        })
    }

    /// How a link's frame moves with each joint: a column a joint of the robot; rows velocity x y z (m/s), then turning
    /// x y z (rad/s), in the root's frame, for 1 rad/s (m/s) of the joint. `frames` from [`poses`](Self::poses).
    pub fn jacobian(&self, link: usize, frames: &[Isometry3<f64>]) -> Matrix6xX<f64> {
        let mut jacobian = Matrix6xX::zeros(self.joints);
        let Some(point) = frames.get(link).map(|frame| frame.translation.vector) else { return jacobian };
        for axis in self.axes(link, frames) {
            let along = axis.direction.into_inner() * axis.multiplier;
            let (velocity, turning) = match axis.kind {
                JointKind::Revolute => (along.cross(&(point - axis.origin.coords)), along),
                JointKind::Prismatic => (along, Vector3::zeros()),
            };
            let mut column = jacobian.column_mut(axis.joint);
            for row in 0..3 {
                column[row] += velocity[row];
                column[row + 3] += turning[row];
            }
        }
        jacobian
    }

    /// How many revolute joints of the robot a link hangs behind, those that mimic not counted.
    pub(crate) fn hinges_before(&self, link: usize) -> usize {
        let path = std::iter::successors(Some(link), |&link| self.parent(link));
        path.filter(|&link| self.is_hinge(link)).count()
    }

    /// How far a point of a ball on a link can at most go for each rad (m) of each joint of `robot`, m. What carries `beside`
    /// too is left out: that is how the ball moves as seen from there, but for what moves `beside` itself.
    pub(crate) fn levers(
        &self,
        robot: &Robot,
        link: usize,
        (centre, radius): (Point3<f64>, f64),
        beside: Option<usize>,
    ) -> Vec<f64> {
        let up = |link| std::iter::successors(Some(link), |&link| self.parent(link));
        let travel = |joint: Option<usize>| {
            let limits = joint.and_then(|joint| robot.joints.get(joint)).map(|joint| joint.limits);
            limits.map_or(0.0, |limits| limits.lower.abs().max(limits.upper.abs()))
        };
        let mut levers = vec![0.0; self.joints];
        // What hangs at `point` of the link's frame is no farther than `radius` from it.
        let (mut point, mut radius) = (centre.coords, radius);
        for index in
            up(link).take_while(|&index| beside.is_none_or(|beside| !up(beside).any(|at| at == index)))
        {
            let Some(Link { origin, motion, .. }) = self.links.get(index) else { break };
            let lever = match motion.kind {
                Kind::Fixed => {
                    point = (origin * Point3::from(point)).coords;
                    continue;
                }
                Kind::Moving(JointKind::Revolute) => radius + motion.axis.cross(&point).norm(),
                Kind::Moving(JointKind::Prismatic) => 1.0,
            };
            if let Some(lever_of_joint) = motion.joint.and_then(|joint| levers.get_mut(joint)) {
                *lever_of_joint += lever * motion.multiplier.abs();
            }
            if motion.kind == Kind::Moving(JointKind::Prismatic) {
                radius += motion.multiplier.abs() * travel(motion.joint) + motion.offset.abs();
            }
            radius += point.norm();
            point = origin.translation.vector;
        }
        levers
    }

    /// Whether a link is carried by a revolute joint of the robot.
    pub(crate) fn is_hinge(&self, link: usize) -> bool {
        self.links.get(link).is_some_and(|Link { motion, .. }| {
            motion.kind == Kind::Moving(JointKind::Revolute) && motion.joint.is_some() && !motion.mimic
        })
    }

    /// Where a link's frame is in the one that carries it, at 0.
    pub(crate) fn origin(&self, link: usize) -> Option<Vector3<f64>> {
        self.links.get(link).map(|link| link.origin.translation.vector)
    }

    /// The name of the joint that carries a link.
    pub(crate) fn joint_name(&self, link: usize) -> &str {
        self.links.get(link).map_or("", |link| &link.joint)
    }
}

impl Link {
    /// Its frame in the one that carries it.
    fn frame(&self, positions: &[f64]) -> Isometry3<f64> {
        let Motion { kind, axis, joint, multiplier, offset, .. } = self.motion;
        let position = joint.and_then(|joint| positions.get(joint)).copied().unwrap_or(0.0);
        let way = multiplier * position + offset;
        match kind {
            Kind::Fixed => self.origin,
            Kind::Moving(JointKind::Revolute) => self.origin * UnitQuaternion::from_axis_angle(&axis, way),
            Kind::Moving(JointKind::Prismatic) => self.origin * Translation3::from(axis.into_inner() * way),
        }
    }
}
