//! Steve before his desk.

use super::*;
use crate::guard::{Contact, Guard, Rule};
use crate::trajectory::{TrajectoryPoint, TrajectoryRequest, ValidTrajectory, validate_trajectory};
use std::sync::LazyLock;

mod ahead;
mod on_the_way;
mod properties;

const HOME: [f64; 6] = [0.0; 6];
const DESK: Rule = Rule { height: 0.0 };
const NAMES: [&str; 6] = ["torso", "shoulder", "elbow", "wrist_ud", "wrist_lr", "clamp"];
const SHOULDER: usize = 1;
const ELBOW: usize = 2;
const WRIST: usize = 3;
const WRIST_LR: usize = 4;

fn robot() -> Arc<Robot> {
    static ROBOT: LazyLock<Arc<Robot>> = LazyLock::new(|| {
        let text = include_str!("../../../../../config/steve.yaml");
        Arc::new(Robot::from_yaml(text, "steve.yaml").unwrap())
    });
    Arc::clone(&ROBOT)
}

fn guard() -> Guard {
    static GUARD: LazyLock<Guard> =
        LazyLock::new(|| Guard::from_urdf(include_str!("../../../../../urdf/steve.urdf"), &robot()).unwrap());
    GUARD.clone()
}

/// Shoulder, elbow and the wrist's bend in degrees.
fn pose(shoulder: f64, elbow: f64, wrist: f64) -> [f64; 6] {
    [0.0, shoulder.to_radians(), elbow.to_radians(), wrist.to_radians(), 0.0, 0.0]
}

fn to(positions: &[(usize, f64)]) -> MoveRequest {
    MoveRequest::positions(positions.iter().map(|&(joint, degrees)| (NAMES[joint], degrees.to_radians())))
}

/// In degrees, at rad/s.
fn slowly(joint: usize, degrees: f64, speed: f64) -> MoveRequest {
    MoveRequest::one(NAMES[joint], degrees.to_radians(), speed, "")
}

fn unguarded(request: MoveRequest) -> MoveRequest {
    MoveRequest { unguarded: true, ..request }
}

fn valid(request: &MoveRequest) -> ValidMove {
    validate(&robot(), Readiness::default(), request).unwrap()
}

/// The same but for which pose of the way was looked at.
#[track_caller]
fn assert_same(found: &Result<(), MoveError>, foreseen: &Result<(), MoveError>) {
    let both_guard = matches!((found, foreseen), (Err(MoveError::Guard(_)), Err(MoveError::Guard(_))));
    assert!(both_guard || found == foreseen, "{found:?}, foreseen was {foreseen:?}");
}

/// Through points, times and degrees.
fn trajectory(joints: &[usize], points: &[(f64, &[f64])]) -> ValidTrajectory {
    let point = |&(time_from_start, degrees): &(f64, &[f64])| TrajectoryPoint {
        positions: degrees.iter().map(|degrees| degrees.to_radians()).collect(),
        time_from_start,
        ..TrajectoryPoint::default()
    };
    let request = TrajectoryRequest {
        joints: joints.iter().map(|&joint| NAMES[joint].to_owned()).collect(),
        points: points.iter().map(point).collect(),
        ..TrajectoryRequest::default()
    };
    validate_trajectory(&robot(), &request).unwrap()
}

/// An arm of Steve's measures, with the guard on.
struct Steve {
    bench: Bench,
    rule: Rule,
    /// The last tick's pose.
    at: Vec<f64>,
}

impl Steve {
    fn at(pose: [f64; 6], rule: Rule) -> Self {
        let mut arm = Arm::new(robot(), &pose.map(Some), ArmOptions::default());
        arm.set_guarding(Some(Guarding { guard: guard(), rule }));
        let bench = Bench { arm, now: Duration::ZERO, tick: Tick::default(), ended: Vec::new() };
        Self { bench, rule, at: pose.to_vec() }
    }

    fn home() -> Self {
        Self::at(HOME, DESK)
    }

    fn start(&mut self, id: u64, request: &MoveRequest) {
        self.bench.arm.start(&valid(request), GoalId(id));
    }

    fn jog(&mut self, joint: usize, velocity: f64) {
        let request = JogRequest { velocities: vec![(NAMES[joint].to_owned(), velocity)] };
        let valid = validate_jog(&robot(), self.bench.arm.readiness(), &request).unwrap();
        self.bench.arm.jog(&valid, self.bench.now + Duration::from_millis(250)).unwrap();
    }

    /// One tick, `late` later than usual: the contact that it brought, if any, also between its pose and the one before.
    fn late_tick(&mut self, late: Duration) -> Result<(), Contact> {
        self.bench.now += late;
        self.bench.tick();
        let now: Vec<f64> =
            self.bench.arm.snapshot().joints.iter().map(|joint| joint.position.unwrap()).collect();
        let before = std::mem::replace(&mut self.at, now);
        let guard = guard();
        let mut watch = guard.watch(self.rule, &before);
        for share in [0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 1.0] {
            let between: Vec<f64> =
                before.iter().zip(&self.at).map(|(from, to)| from + share * (to - from)).collect();
            watch.pass(&between)?;
        }
        Ok(())
    }

    /// Touches nothing.
    #[track_caller]
    fn tick(&mut self) {
        self.late_tick(Duration::ZERO).unwrap();
    }

    #[track_caller]
    fn ticks(&mut self, count: usize) {
        (0..count).for_each(|_| self.tick());
    }

    /// Until nothing is left to do, and touches nothing.
    #[track_caller]
    fn settle(&mut self) {
        for _ in 0..5000 {
            if !self.bench.arm.needs_tick() {
                return;
            }
            self.tick();
        }
        panic!("the arm never comes to rest");
    }

    fn degrees(&self, joint: usize) -> f64 {
        self.at[joint].to_degrees()
    }

    fn message(&mut self, joint: usize) -> String {
        self.bench.arm.snapshot().joints[joint].message.to_string()
    }

    /// Whether the pose is free whatever was before.
    fn is_free(&self) -> bool {
        guard().watch(self.rule, &HOME).pass(&self.at).is_ok()
    }

    #[track_caller]
    fn assert_ended(&self, id: u64, end: MoveEnd) {
        let outcome = self.bench.outcome(id);
        assert_eq!(outcome.end, end, "{}", outcome.message);
    }

    /// Refused by the guard, ahead and by the arm alike.
    #[track_caller]
    fn assert_refused(&mut self, request: &MoveRequest) -> String {
        let guarding = Guarding { guard: guard(), rule: self.rule };
        let snapshot = self.bench.arm.snapshot();
        let foreseen = foresee_move(&robot(), Some(&guarding), &snapshot, &valid(request));
        assert!(matches!(foreseen, Err(MoveError::Guard(_))), "{foreseen:?}");
        assert_same(&self.bench.arm.set(&valid(request)), &foreseen);
        foreseen.unwrap_err().to_string()
    }
}
