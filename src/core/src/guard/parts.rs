//! What of a robot is arm and what is torso.

use std::sync::Arc;

use nalgebra::{Isometry3, Point3, Vector3};

use super::solid::Solid;
use super::{GuardError, TORSO_SLACK};
use crate::kinematics::Kinematics;
use crate::kinematics::urdf::Collision;

/// Shapes centred within this from a joint's axis are the joint's, m.
const AT_JOINT: f64 = 1e-3;

/// Hinges in a row up to and with the elbow.
const ELBOW: usize = 3;

#[derive(Debug)]
pub(super) struct Bodies {
    /// From the shoulder outwards.
    pub(super) arm: Vec<Part>,
    pub(super) torso: Vec<Obstacle>,
    /// No point of the arm goes farther than this in m while the joints turn by 1 rad, or slide by 1 m, together.
    pub(super) reach: f64,
}

/// The least of [`Bodies::reach`]: a joint that slides by 1 m does so.
const LEAST_REACH: f64 = 1.0;

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
}

/// A ball around something, to see soon that it is far away.
#[derive(Debug, Clone, Copy)]
struct Ball {
    centre: Point3<f64>,
    radius: f64,
}

impl Bodies {
    /// `collisions` by link.
    pub(super) fn of(kinematics: &Kinematics, collisions: &[Vec<Collision>]) -> Result<Self, GuardError> {
        let links = 0..kinematics.link_count();
        let most = links.clone().map(|link| kinematics.hinges_before(link)).max().unwrap_or(0);
        if most < ELBOW {
            return Err(GuardError::NoElbow { hinges: most });
        }
        let mut bodies = Self { arm: Vec::new(), torso: Vec::new(), reach: LEAST_REACH };
        for link in links {
            let solids = solids(kinematics, collisions, link)?;
            let hinges = kinematics.hinges_before(link);
            if hinges + 1 < ELBOW {
                if !solids.is_empty() {
                    let ball = Ball::around(&solids);
                    let solids = solids.into_iter().map(|solid| solid.shrunk(TORSO_SLACK)).collect();
                    bodies.torso.push(Obstacle { link, solids, ball });
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
                let limb = Limb::of(link, solids);
                let size = limb.ball.centre.coords.norm() + limb.ball.radius;
                bodies.reach = bodies.reach.max(kinematics.reach(link) + size);
                bodies.add(name(kinematics, link), limb);
            }
        }
        Ok(bodies)
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

    /// Whether a point of it is in the torso or no farther than `near` from it, m.
    pub(super) fn is_in(&self, torso: &[Obstacle], frames: &[Isometry3<f64>], near: f64) -> bool {
        torso.iter().any(|obstacle| {
            let from_root = frames[obstacle.link].inverse();
            self.limbs.iter().any(|limb| limb.is_in(obstacle, &from_root, &frames[limb.link], near))
        })
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
    fn is_in(
        &self,
        obstacle: &Obstacle,
        from_root: &Isometry3<f64>,
        frame: &Isometry3<f64>,
        near: f64,
    ) -> bool {
        let ball = Ball { centre: from_root * (frame * self.ball.centre), radius: self.ball.radius + near };
        if self.skins.is_empty() || !ball.meets(&obstacle.ball) {
            return false;
        }
        let to_obstacle = from_root * frame;
        self.skins.iter().any(|skin| {
            let centre = (to_obstacle * skin.ball.centre).coords;
            let reach = skin.ball.radius + near;
            obstacle.solids.iter().filter(|solid| solid.distance(&centre) <= reach).any(|solid| {
                let mut points = skin.points.iter();
                points.any(|point| solid.distance(&(to_obstacle * point).coords) <= near)
            })
        })
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
