//! Steve's hand driven at 50 Hz, as teleop does, and how it then moved.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used)] // Each test uses some of it; helpers may unwrap as tests do.

use std::sync::LazyLock;

use nalgebra::{Isometry3, Vector3};
use steve_core::cartesian::{Cartesian, HAND_LINK, HandTwist, Hold, Step};
use steve_core::kinematics::Kinematics;
use steve_core::robot::Robot;

pub const STEVE: &str = include_str!("../../../../config/steve.yaml");
pub const URDF: &str = include_str!("../../../../urdf/steve.urdf");

pub const PERIOD: f64 = 0.02;
pub const TORSO: usize = 0;
pub const SHOULDER: usize = 1;
pub const ELBOW: usize = 2;
pub const WRIST_UD: usize = 3;
pub const WRIST_LR: usize = 4;
pub const CLAMP: usize = 5;

pub static ROBOT: LazyLock<Robot> = LazyLock::new(|| Robot::from_yaml(STEVE, "steve.yaml").unwrap());
pub static KINEMATICS: LazyLock<Kinematics> = LazyLock::new(|| Kinematics::from_urdf(URDF, &ROBOT).unwrap());
pub static CARTESIAN: LazyLock<Cartesian> = LazyLock::new(|| Cartesian::from_urdf(URDF, &ROBOT).unwrap());

/// Degrees, clamp closed.
pub fn pose(degrees: [f64; 5]) -> [f64; 6] {
    let [torso, shoulder, elbow, wrist_ud, wrist_lr] = degrees.map(f64::to_radians);
    [torso, shoulder, elbow, wrist_ud, wrist_lr, 0.0]
}

pub fn linear(x: f64, y: f64, z: f64) -> HandTwist {
    HandTwist { linear: [x, y, z], turning: [0.0; 2] }
}

pub fn turning(up: f64, right: f64) -> HandTwist {
    HandTwist { linear: [0.0; 3], turning: [up, right] }
}

pub fn hand(positions: &[f64]) -> Isometry3<f64> {
    KINEMATICS.pose(HAND_LINK, positions).unwrap()
}

pub fn place(positions: &[f64]) -> Vector3<f64> {
    hand(positions).translation.vector
}

/// Where the hand points.
pub fn direction(positions: &[f64]) -> Vector3<f64> {
    hand(positions).rotation * Vector3::x()
}

pub fn step(positions: &[f64], twist: &HandTwist) -> Step {
    CARTESIAN.velocities(positions, twist)
}

pub fn after(positions: &[f64; 6], velocities: &[f64], time: f64) -> [f64; 6] {
    std::array::from_fn(|joint| positions[joint] + velocities[joint] * time)
}

/// The hand's velocity and what its direction turns up and right, from differences of its pose.
pub fn difference(positions: &[f64; 6], velocities: &[f64]) -> (Vector3<f64>, [f64; 2]) {
    const TIME: f64 = 1e-6;
    let (before, behind) =
        (after(positions, velocities, -TIME / 2.0), after(positions, velocities, TIME / 2.0));
    let turned = (direction(&behind) - direction(&before)) / TIME;
    let rotation = hand(positions).rotation;
    let (up, right) = (rotation * Vector3::z(), rotation * -Vector3::y());
    ((place(&behind) - place(&before)) / TIME, [turned.dot(&up), turned.dot(&right)])
}

pub struct Drive {
    /// One more than steps.
    pub path: Vec<[f64; 6]>,
    pub steps: Vec<Step>,
}

pub fn drive(start: [f64; 6], twist: &HandTwist, seconds: f64) -> Drive {
    drive_with(&CARTESIAN, start, twist, seconds)
}

pub fn drive_with(cartesian: &Cartesian, start: [f64; 6], twist: &HandTwist, seconds: f64) -> Drive {
    let mut drive = Drive { path: vec![start], steps: Vec::new() };
    for _ in 0..(seconds / PERIOD).round() as usize {
        let at = *drive.path.last().unwrap();
        let step = cartesian.velocities(&at, twist);
        drive.path.push(after(&at, &step.velocities, PERIOD));
        drive.steps.push(step);
    }
    drive
}

impl Drive {
    pub fn end(&self) -> [f64; 6] {
        *self.path.last().unwrap()
    }

    /// Up to the first step that something holds back, or that is for part of the wish.
    pub fn while_free(mut self) -> Self {
        let free = self.steps.iter().take_while(|step| step.held == Hold::Free && step.scale > 0.999).count();
        self.steps.truncate(free);
        self.path.truncate(free + 1);
        self
    }

    pub fn seconds(&self) -> f64 {
        self.steps.len() as f64 * PERIOD
    }

    /// The greatest of all joints' speeds, rad/s.
    pub fn fastest(&self) -> f64 {
        self.steps.iter().flat_map(|step| &step.velocities).fold(0.0, |most, speed| speed.abs().max(most))
    }

    /// The greatest change of a joint's velocity from one period to the next, rad/s.
    pub fn jump(&self) -> f64 {
        let pairs = self.steps.windows(2).flat_map(|pair| pair[0].velocities.iter().zip(&pair[1].velocities));
        pairs.fold(0.0, |most, (one, next)| (one - next).abs().max(most))
    }

    pub fn way(&self) -> Vector3<f64> {
        place(&self.end()) - place(&self.path[0])
    }

    /// How far the hand comes off the straight line along `twist`, m.
    pub fn aside(&self, twist: &HandTwist) -> f64 {
        let along = Vector3::from(twist.linear).normalize();
        let from = place(&self.path[0]);
        let aside = self.path.iter().map(|at| {
            let way = place(at) - from;
            (way - along * along.dot(&way)).norm()
        });
        aside.fold(0.0, f64::max)
    }

    /// How far its direction is off the first one, rad.
    pub fn turned(&self) -> f64 {
        let from = direction(&self.path[0]);
        self.path.iter().map(|at| direction(at).angle(&from)).fold(0.0, f64::max)
    }
}
