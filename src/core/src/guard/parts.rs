//! What of a robot is arm and what is torso.

use std::sync::Arc;

use nalgebra::{Isometry3, Point3, Vector3};

use super::solid::Solid;
use super::{GuardError, TORSO_SLACK};
use crate::kinematics::Kinematics;
use crate::kinematics::urdf::Collision;
use crate::robot::Robot;

/// Shapes centred within this from a joint's axis are the joint's, m.
const AT_JOINT: f64 = 1e-3;

/// Hinges in a row up to and with the elbow.
const ELBOW: usize = 3;

#[derive(Debug)]
pub(super) struct Bodies {
    /// From the shoulder outwards.
    pub(super) arm: Vec<Part>,
    pub(super) torso: Vec<Obstacle>,
    /// How far a point of the arm goes at most for each rad (m) of each joint, m.
    levers: Vec<f64>,
}

/// What of the arm has one name: a hand is palm and fingers.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) name: Arc<str>,
    limbs: Vec<Limb>,
}

/// What of a part is on one link.
#[derive(Debug)]
struct Limb {
    link: usize,
    /// For the desk.
    solids: Vec<Solid>,
    /// For the torso; none: not tested.
    skins: Vec<Skin>,
    ball: Ball,
}

/// The surface of a solid, as points.
#[derive(Debug)]
struct Skin {
    ball: Ball,
    points: Vec<Point3<f64>>,
}

/// A link of the torso.
#[derive(Debug)]
pub(super) struct Obstacle {
    pub(super) link: usize,
    solids: Vec<Solid>,
    ball: Ball,
    /// How much nearer a part can get for each rad (m) of each joint, m.
    levers: Vec<f64>,
}

/// A ball around something, to see soon that it is far away.
#[derive(Debug, Clone, Copy)]
struct Ball {
    centre: Point3<f64>,
    radius: f64,
}

impl Bodies {
    /// `collisions` by link.
    pub(super) fn of(
        kinematics: &Kinematics,
        collisions: &[Vec<Collision>],
        robot: &Robot,
    ) -> Result<Self, GuardError> {
        let links = 0..kinematics.link_count();
        let most = links.clone().map(|link| kinematics.hinges_before(link)).max().unwrap_or(0);
        if most < ELBOW {
            return Err(GuardError::NoElbow { hinges: most });
        }
        let mut bodies = Self { arm: Vec::new(), torso: Vec::new(), levers: Vec::new() };
        for link in links {
            let solids = solids(kinematics, collisions, link)?;
            let hinges = kinematics.hinges_before(link);
            if hinges + 1 < ELBOW {
                if !solids.is_empty() {
                    let ball = Ball::around(&solids);
                    let solids = solids.into_iter().map(|solid| solid.shrunk(TORSO_SLACK)).collect();
                    bodies.torso.push(Obstacle { link, solids, ball, levers: Vec::new() });
                }
                continue;
            }
            if hinges == ELBOW
                && kinematics.is_hinge(link)
                && let Some((name, limb)) = elbow(kinematics, collisions, link)?
            {
                bodies.add(name, limb);
            }
            if hinges >= ELBOW {
                bodies.add(name(kinematics, link), Limb::of(link, solids));
            }
        }
        bodies.measure(kinematics, robot);
        Ok(bodies)
    }

    fn measure(&mut self, kinematics: &Kinematics, robot: &Robot) {
        let levers =
            |link, ball: &Ball, beside| kinematics.levers(robot, link, (ball.centre, ball.radius), beside);
        let limbs = || self.arm.iter().flat_map(|part| &part.limbs);
        self.levers = most(limbs().map(|limb| levers(limb.link, &limb.ball, None)));
        for obstacle in &mut self.torso {
            obstacle.levers = most(limbs().map(|limb| {
                let towards = levers(limb.link, &limb.ball, Some(obstacle.link));
                let against = levers(obstacle.link, &obstacle.ball, Some(limb.link));
                towards.iter().zip(against).map(|(towards, against)| towards + against).collect()
            }));
        }
    }

    /// No point of the arm goes farther than this on the straight way between two poses, m.
    pub(super) fn way(&self, from: &[f64], to: &[f64]) -> f64 {
        way(&self.levers, from, to)
    }

    fn add(&mut self, name: String, limb: Limb) {
        match self.arm.iter_mut().find(|part| *part.name == name) {
            Some(part) => part.limbs.push(limb),
            None => self.arm.push(Part { name: name.into(), limbs: vec![limb] }),
        }
    }
}

impl Part {
    /// Height of its lowest point above the desk. `frames` has one for each link, as everywhere here.
    pub(super) fn height(&self, frames: &[Isometry3<f64>]) -> f64 {
        self.limbs.iter().map(|limb| limb.height(&frames[limb.link])).fold(f64::INFINITY, lower)
    }

    /// How far it is from the obstacle, m: 0 if a point of it is inside, infinite if it is more than `most`.
    /// `from_root` leads into the obstacle's frame.
    pub(super) fn gap(
        &self,
        obstacle: &Obstacle,
        from_root: &Isometry3<f64>,
        frames: &[Isometry3<f64>],
        most: f64,
    ) -> f64 {
        let gaps = self.limbs.iter().map(|limb| limb.gap(obstacle, from_root, &frames[limb.link], most));
        gaps.fold(f64::INFINITY, f64::min)
    }
}

impl Obstacle {
    /// No part gets nearer by more than this on the straight way between two poses, m.
    pub(super) fn way(&self, from: &[f64], to: &[f64]) -> f64 {
        way(&self.levers, from, to)
    }
}

impl Limb {
    fn of(link: usize, mut solids: Vec<Solid>) -> Self {
        if solids.is_empty() {
            solids.push(Solid::point(Vector3::zeros()));
        }
        let skins = solids.iter().map(|solid| Skin {
            ball: Ball { centre: solid.centre.into(), radius: solid.radius() },
            points: solid.surface(),
        });
        Self { link, skins: skins.collect(), ball: Ball::around(&solids), solids }
    }

    fn height(&self, frame: &Isometry3<f64>) -> f64 {
        let up = frame.rotation.inverse() * Vector3::z();
        let lowest = self.solids.iter().map(|solid| solid.lowest(&up)).fold(f64::INFINITY, lower);
        frame.translation.vector.z + lowest
    }

    /// `from_root` leads into the obstacle's frame, `frame` is the limb's.
    fn gap(&self, obstacle: &Obstacle, from_root: &Isometry3<f64>, frame: &Isometry3<f64>, most: f64) -> f64 {
        let ball = Ball { centre: from_root * (frame * self.ball.centre), radius: self.ball.radius + most };
        let mut gap = f64::INFINITY;
        if self.skins.is_empty() || !ball.meets(&obstacle.ball) {
            return gap;
        }
        let to_obstacle = from_root * frame;
        for skin in &self.skins {
            let centre = (to_obstacle * skin.ball.centre).coords;
            for solid in &obstacle.solids {
                // Only what may be nearer than what was found.
                if solid.distance(&centre) > skin.ball.radius + most.min(gap) {
                    continue;
                }
                for point in &skin.points {
                    let distance = solid.distance(&(to_obstacle * point).coords);
                    if distance <= 0.0 {
                        return 0.0;
                    }
                    gap = gap.min(distance);
                }
            }
        }
        if gap <= most { gap } else { f64::INFINITY }
    }
}

impl Ball {
    fn around(solids: &[Solid]) -> Self {
        let count = solids.len().max(1) as f64;
        let centre = solids.iter().map(|solid| solid.centre).sum::<Vector3<f64>>() / count;
        let reach = solids.iter().map(|solid| (solid.centre - centre).norm() + solid.radius());
        Self { centre: centre.into(), radius: reach.fold(0.0, f64::max) }
    }

    fn meets(&self, other: &Self) -> bool {
        (self.centre - other.centre).norm() < self.radius + other.radius
    }
}

/// By joint, the most of any of them.
fn most(levers: impl Iterator<Item = Vec<f64>>) -> Vec<f64> {
    let most =
        |one: Vec<f64>, other: Vec<f64>| one.iter().zip(other).map(|(one, other)| one.max(other)).collect();
    levers.reduce(most).unwrap_or_default()
}

fn way(levers: &[f64], from: &[f64], to: &[f64]) -> f64 {
    let turns = from.iter().zip(to).map(|(from, to)| (to - from).abs());
    levers.iter().zip(turns).map(|(lever, turn)| lever * turn).sum()
}

fn solids(
    kinematics: &Kinematics,
    collisions: &[Vec<Collision>],
    link: usize,
) -> Result<Vec<Solid>, GuardError> {
    let name = || kinematics.link_name(link).unwrap_or_default().to_owned();
    let all = collisions.get(link).into_iter().flatten();
    all.map(|collision| Solid::of(collision).ok_or_else(|| GuardError::Shape { link: name() })).collect()
}

/// The upper arm's end: the axis of the elbow, which moves `forearm`, and what is built around it. Not tested against
/// the torso, as the forearm begins at the same place.
fn elbow(
    kinematics: &Kinematics,
    collisions: &[Vec<Collision>],
    forearm: usize,
) -> Result<Option<(String, Limb)>, GuardError> {
    let (Some(upper_arm), Some(at)) = (kinematics.parent(forearm), kinematics.origin(forearm)) else {
        return Ok(None);
    };
    let mut solids = solids(kinematics, collisions, upper_arm)?;
    solids.retain(|solid| (solid.centre - at).norm() < AT_JOINT);
    solids.push(Solid::point(at));
    let name = kinematics.joint_name(forearm);
    let name = people(name.strip_suffix("_joint").unwrap_or(name));
    let limb = Limb { link: upper_arm, skins: Vec::new(), ball: Ball::around(&solids), solids };
    Ok(Some((name, limb)))
}

/// `hand` from the last hinge on, else the link's name: `forearm_link` is the forearm.
fn name(kinematics: &Kinematics, link: usize) -> String {
    let behind = |other: usize| {
        std::iter::successors(kinematics.parent(other), |&at| kinematics.parent(at)).any(|at| at == link)
    };
    let last = (0..kinematics.link_count()).all(|other| !kinematics.is_hinge(other) || !behind(other));
    let name = kinematics.link_name(link).unwrap_or_default();
    if last { "hand".to_owned() } else { people(name.strip_suffix("_link").unwrap_or(name)) }
}

/// The lower one. A NaN comes through, which `f64::min` drops: it has to be refused.
fn lower(one: f64, other: f64) -> f64 {
    if one.is_nan() || one < other { one } else { other }
}

fn people(name: &str) -> String {
    name.replace('_', " ")
}
