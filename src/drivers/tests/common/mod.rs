//! A small robot, and buses that keep a record or fail on command.
#![allow(dead_code, reason = "every test binary uses its own part")]
#![allow(clippy::panic, reason = "a bus that panics")]

pub mod place;

use std::sync::{Arc, Mutex};
use std::time::Duration;
use steve_core::calibration::Calibration;
use steve_core::robot::{Board, Joint, JointKind, Limits, Robot};
use steve_drivers::backend::{Backend, BackendOptions};
use steve_drivers::servo_bus::{BusError, BusFault, ChannelOutput, Output, ServoBus};
use steve_drivers::servo_thread::{Options, ServoHandle, ServoThread};

/// Pan and tilt. Channels are not in the order of the joints.
pub fn robot() -> Arc<Robot> {
    let limits = Limits { lower: -1.0, upper: 1.0, velocity: 5.0, acceleration: 40.0, jerk: 1000.0 };
    let joint = |name: &str, channel| Joint {
        name: name.to_owned(),
        kind: JointKind::Revolute,
        limits,
        home: 0.25,
        channel,
        gpio_pin: None,
        calibration: Calibration::new((500.0, 2500.0), (0.0, 1.0), &[(-1.0, 0.0), (1.0, 1.0)]).unwrap(),
        slew_rate: 4.0,
    };
    let joints = vec![joint("pan", 7), joint("tilt", 2)];
    Arc::new(Robot { name: "pan-tilt".to_owned(), joints, board: Board::default() })
}

/// What a [`TestBus`] was told, and what it shall do.
#[derive(Debug, Default)]
pub struct Script {
    pub writes: Vec<(Duration, Vec<ChannelOutput>)>,
    /// This many writes fail from now on.
    pub failures: usize,
    /// The next write panics.
    pub panics: bool,
    /// A write does not come back.
    pub hangs: bool,
    /// One has come that does not come back.
    pub hanging: bool,
    /// A write takes this long.
    pub delay: Duration,
}

/// A bus that keeps a record.
#[derive(Debug, Clone, Default)]
pub struct TestBus(pub Arc<Mutex<Script>>);

impl TestBus {
    pub fn script<T>(&self, with: impl FnOnce(&mut Script) -> T) -> T {
        with(&mut self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }

    pub fn writes(&self) -> usize {
        self.script(|script| script.writes.len())
    }

    pub fn last(&self) -> Vec<ChannelOutput> {
        self.script(|script| script.writes.last().map(|(_, outputs)| outputs.clone()).unwrap_or_default())
    }

    pub fn backend(&self) -> Backend {
        Backend { bus: Box::new(self.clone()), initial: vec![Some(0.25); 2], probe: None, faults: None }
    }
}

impl ServoBus for TestBus {
    fn name(&self) -> &'static str {
        "test"
    }

    fn write(&mut self, now: Duration, outputs: &[ChannelOutput]) -> Result<(), BusError> {
        std::thread::sleep(self.script(|script| script.delay));
        while self.script(|script| {
            script.hanging = script.hangs;
            script.hangs
        }) {
            std::thread::sleep(Duration::from_millis(1));
        }
        self.script(|script| {
            if std::mem::take(&mut script.panics) {
                panic!("the bus is on fire");
            }
            if script.failures > 0 {
                script.failures -= 1;
                return Err(BusError {
                    bus: "test",
                    fault: BusFault::Transfer,
                    reason: "no acknowledge".to_owned(),
                });
            }
            script.writes.push((now, outputs.to_vec()));
            Ok(())
        })
    }
}

pub fn spawn(bus: &TestBus, options: Options) -> (ServoHandle, ServoThread) {
    ServoThread::spawn(robot(), bus.backend(), options).unwrap()
}

/// Fast ticks, for short tests.
pub fn fast() -> Options {
    Options { update_rate_hz: 200.0, ..Options::default() }
}

pub fn sim(options: &BackendOptions) -> Backend {
    steve_drivers::backend::open("sim", &robot(), options).unwrap()
}

pub fn pulse(us: f64) -> Output {
    Output::Pulse { us }
}
