//! Trajectories: what is refused and why, and where a joint is at any time.

use super::*;
use crate::calibration::Calibration;
use crate::motion::Setpoint;
use crate::robot::{Board, Joint, JointKind, Limits, Robot};

mod blends;
mod interpolation;
mod pieces;
mod properties;
mod rejection;
mod times;

const BASE: Limits = Limits { lower: -1.5, upper: 1.5, velocity: 5.0, acceleration: 40.0, jerk: 1000.0 };
const ELBOW: Limits = Limits { lower: -1.0, upper: 0.5, ..BASE };
const CLAMP: Limits = Limits { lower: 0.0, upper: 0.03, velocity: 0.1, acceleration: 1.0, jerk: 25.0 };

fn robot() -> Robot {
    let joint = |name: &str, kind, limits: Limits, channel| Joint {
        name: name.to_owned(),
        kind,
        limits,
        home: 0.0,
        channel,
        gpio_pin: None,
        calibration: Calibration::new(
            (500.0, 2500.0),
            (0.0, 1.0),
            &[(limits.lower, 0.0), (limits.upper, 1.0)],
        )
        .unwrap(),
        slew_rate: 6.0,
    };
    let joints = vec![
        joint("base", JointKind::Revolute, BASE, 0),
        joint("elbow", JointKind::Revolute, ELBOW, 4),
        joint("clamp", JointKind::Prismatic, CLAMP, 1),
    ];
    Robot { name: "test".to_owned(), joints, board: Board::default() }
}

fn point(time_from_start: f64, positions: &[f64]) -> TrajectoryPoint {
    TrajectoryPoint { time_from_start, positions: positions.to_vec(), ..TrajectoryPoint::default() }
}

/// Time and position of the base.
fn base(points: &[(f64, f64)]) -> TrajectoryRequest {
    request(&["base"], points.iter().map(|&(time, position)| point(time, &[position])).collect())
}

/// Time, position and velocity of the base.
fn base_moving(points: &[(f64, f64, f64)]) -> TrajectoryRequest {
    let points = points.iter().map(|&(time, position, velocity)| TrajectoryPoint {
        velocities: vec![velocity],
        ..point(time, &[position])
    });
    request(&["base"], points.collect())
}

/// Time, position, velocity and acceleration of the base.
fn base_accelerating(points: &[(f64, f64, f64, f64)]) -> TrajectoryRequest {
    let points = points.iter().map(|&(time, position, velocity, acceleration)| TrajectoryPoint {
        velocities: vec![velocity],
        accelerations: vec![acceleration],
        ..point(time, &[position])
    });
    request(&["base"], points.collect())
}

fn request(joints: &[&str], points: Vec<TrajectoryPoint>) -> TrajectoryRequest {
    let joints = joints.iter().map(|&joint| joint.to_owned()).collect();
    TrajectoryRequest { joints, points, ..TrajectoryRequest::default() }
}

fn valid(request: &TrajectoryRequest) -> ValidTrajectory {
    validate_trajectory(&robot(), request).unwrap()
}

/// The course of the base from rest at `position`.
fn course(request: &TrajectoryRequest, position: f64) -> Course {
    valid(request).course(0, Setpoint::rest(position), &BASE).unwrap()
}

#[track_caller]
fn assert_near(actual: f64, expected: f64) {
    assert!((actual - expected).abs() < 1e-9, "{actual} instead of {expected}");
}

#[track_caller]
fn assert_state(actual: Setpoint, position: f64, velocity: f64, acceleration: f64) {
    assert_near(actual.position, position);
    assert_near(actual.velocity, velocity);
    assert_near(actual.acceleration, acceleration);
}
