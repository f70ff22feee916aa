//! The arm, stepped by hand: no clock, no waiting.

use super::*;
use crate::calibration::Calibration;
use crate::robot::{Board, Joint, JointKind, Limits, Robot};
use std::sync::Arc;
use std::time::Duration;

mod follow;
mod goals;
mod guarding;
mod jog;
mod power;
mod safety;
mod validation;

const PERIOD: Duration = Duration::from_millis(20);

/// Three joints: a base, an elbow that bends to one side only, a clamp in metres.
pub(super) fn robot() -> Arc<Robot> {
    let revolute = Limits { lower: -1.5, upper: 1.5, velocity: 5.0, acceleration: 40.0, jerk: 1000.0 };
    let elbow = Limits { lower: -1.0, upper: 0.5, ..revolute };
    let clamp = Limits { lower: 0.0, upper: 0.03, velocity: 0.1, acceleration: 1.0, jerk: 25.0 };
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
        joint("base", JointKind::Revolute, revolute, 0),
        joint("elbow", JointKind::Revolute, elbow, 4),
        joint("clamp", JointKind::Prismatic, clamp, 1),
    ];
    Arc::new(Robot { name: "test".to_owned(), joints, board: Board::default() })
}

/// An arm and the clock of its test.
struct Bench {
    arm: Arm,
    now: Duration,
    tick: Tick,
    ended: Vec<(GoalId, MoveOutcome)>,
}

impl Bench {
    /// Everything at home, and off.
    fn new() -> Self {
        Self::with(&[Some(0.0); 3], PowerOn::Refuse)
    }

    fn with(initial: &[Option<f64>], power_on: PowerOn) -> Self {
        Self::with_options(initial, ArmOptions { power_on, ..ArmOptions::default() })
    }

    fn with_options(initial: &[Option<f64>], options: ArmOptions) -> Self {
        let arm = Arm::new(robot(), initial, options);
        let mut bench = Self { arm, now: Duration::ZERO, tick: Tick::default(), ended: Vec::new() };
        // The first tick only tells how it is at the start.
        bench.tick();
        bench
    }

    fn valid(&self, request: &MoveRequest) -> ValidMove {
        validate(&robot(), self.arm.readiness(), request).unwrap()
    }

    fn start(&mut self, id: u64, joint: &str, position: f64, speed: f64) {
        let valid = self.valid(&MoveRequest::one(joint, position, speed, ""));
        self.arm.start(&valid, GoalId(id));
    }

    fn set(&mut self, joint: &str, position: f64) {
        let valid = self.valid(&MoveRequest::positions([(joint, position)]));
        self.arm.set(&valid).unwrap();
    }

    /// One period later: what is written.
    fn tick(&mut self) -> Vec<(usize, Output)> {
        self.tick_that(true)
    }

    /// One period later, with a bus that works or does not: what is written.
    fn tick_that(&mut self, works: bool) -> Vec<(usize, Output)> {
        self.now += PERIOD;
        self.arm.tick(self.now, PERIOD, &mut self.tick);
        let works = works || self.tick.outputs.is_empty();
        self.arm.written(works, &mut self.tick);
        self.ended.append(&mut self.tick.ended);
        self.tick.outputs.clone()
    }

    fn ticks(&mut self, count: usize) {
        for _ in 0..count {
            self.tick();
        }
    }

    /// Until nothing is left to do; how many ticks that took.
    fn settle(&mut self) -> usize {
        let taken = (0..5000).find(|_| {
            let idle = !self.arm.needs_tick();
            if !idle {
                self.tick();
            }
            idle
        });
        taken.expect("the arm never comes to rest")
    }

    fn position(&mut self, joint: usize) -> f64 {
        self.arm.snapshot().joints[joint].position.unwrap()
    }

    fn outcome(&self, id: u64) -> &MoveOutcome {
        let mut ended = self.ended.iter().filter(|(ended, _)| *ended == GoalId(id));
        let outcome = &ended.next().expect("the goal has not ended").1;
        assert!(ended.next().is_none(), "goal {id} ended twice");
        outcome
    }

    fn has_ended(&self, id: u64) -> bool {
        self.ended.iter().any(|(ended, _)| *ended == GoalId(id))
    }
}

fn pulse(joint: usize, position: f64) -> Output {
    Output::Pulse { us: robot().joints[joint].calibration.pulse_us(position) }
}
