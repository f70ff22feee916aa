//! Servos that behave like hobby servos without being there.
//!
//! A horn turns towards its pulse no faster than its slew rate and stays where it is without pulses. Time is handed in
//! with every write, so the same writes give the same horns. As on a real bus, nothing is read back; a [`SimProbe`] is a
//! pair of eyes on the horns, for diagnostics and tests.

use crate::servo_bus::{BusError, BusFault, ChannelOutput, Output, ServoBus};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use steve_core::calibration::{Calibration, PULSE_RANGE_US};
use steve_core::robot::{Joint, Robot};

#[derive(Debug, Clone)]
struct Servo {
    channel: u8,
    calibration: Calibration,
    slew_rate: f64,
    travel: (f64, f64),
    horn: f64,
    /// Where the pulse wants the horn; none without pulses.
    wanted: Option<f64>,
}

impl Servo {
    fn new(joint: &Joint, horn: f64) -> Self {
        Self {
            channel: joint.channel,
            calibration: joint.calibration.clone(),
            slew_rate: joint.slew_rate,
            travel: (joint.limits.lower, joint.limits.upper),
            horn,
            wanted: None,
        }
    }

    fn horn_after(&self, seconds: f64) -> f64 {
        let reach = self.slew_rate * seconds;
        self.wanted.map_or(self.horn, |wanted| wanted.clamp(self.horn - reach, self.horn + reach))
    }
}

#[derive(Debug)]
struct Servos {
    servos: Vec<Servo>,
    now: Duration,
}

impl Servos {
    fn go_on(&mut self, now: Duration) {
        let seconds = now.saturating_sub(self.now).as_secs_f64();
        for servo in &mut self.servos {
            servo.horn = servo.horn_after(seconds);
        }
        self.now = self.now.max(now);
    }
}

/// A simulated bus.
#[derive(Debug)]
pub struct SimServos {
    shared: Arc<Mutex<Servos>>,
}

impl SimServos {
    /// Every joint at its home position, limp.
    pub fn at_home(robot: &Robot) -> Self {
        Self::new(robot.joints.iter().map(|joint| Servo::new(joint, joint.home)).collect())
    }

    /// Every joint somewhere in its travel, limp; the same seed gives the same places.
    pub fn anywhere(robot: &Robot, seed: u64) -> Self {
        let mut state = seed;
        let servos = robot.joints.iter().map(|joint| {
            let share = splitmix(&mut state);
            Servo::new(joint, joint.limits.lower + (joint.limits.upper - joint.limits.lower) * share)
        });
        Self::new(servos.collect())
    }

    /// Every joint where it was left, rad or m, and somewhere in its travel where nobody knows; limp.
    pub fn left(robot: &Robot, known: &[Option<f64>], seed: u64) -> Self {
        let servos = Self::anywhere(robot, seed);
        for (servo, known) in lock(&servos.shared).servos.iter_mut().zip(known) {
            if let Some(position) = known {
                servo.horn = position.clamp(servo.travel.0, servo.travel.1);
            }
        }
        servos
    }

    /// Eyes on the horns.
    pub fn probe(&self) -> SimProbe {
        SimProbe { shared: Arc::clone(&self.shared) }
    }

    fn new(servos: Vec<Servo>) -> Self {
        Self { shared: Arc::new(Mutex::new(Servos { servos, now: Duration::ZERO })) }
    }
}

impl ServoBus for SimServos {
    fn name(&self) -> &'static str {
        "sim"
    }

    fn write(&mut self, now: Duration, outputs: &[ChannelOutput]) -> Result<(), BusError> {
        let mut state = lock(&self.shared);
        state.go_on(now);
        for &ChannelOutput { channel, output } in outputs {
            let Some(servo) = state.servos.iter_mut().find(|servo| servo.channel == channel) else {
                return Err(error(format!("no servo on channel {channel}")));
            };
            servo.wanted = match output {
                Output::Off => None,
                Output::Pulse { us } if (PULSE_RANGE_US.0..=PULSE_RANGE_US.1).contains(&us) => {
                    Some(servo.calibration.position(us))
                }
                Output::Pulse { us } => {
                    return Err(error(format!("pulse of {us} us on channel {channel} would break a servo")));
                }
            };
        }
        Ok(())
    }

    fn reset(&mut self, now: Duration) -> Result<(), BusError> {
        let mut state = lock(&self.shared);
        state.go_on(now);
        state.servos.iter_mut().for_each(|servo| servo.wanted = None);
        Ok(())
    }
}

/// Eyes on simulated horns, and a hand that can turn them while they are limp.
#[derive(Debug, Clone)]
pub struct SimProbe {
    shared: Arc<Mutex<Servos>>,
}

impl SimProbe {
    /// Where the horns were at the last write, rad or m, in the robot's order.
    pub fn positions(&self) -> Vec<f64> {
        lock(&self.shared).servos.iter().map(|servo| servo.horn).collect()
    }

    /// Where the horns are at `now`, on the clock of the writes, if nothing more is written.
    pub fn positions_at(&self, now: Duration) -> Vec<f64> {
        let state = lock(&self.shared);
        let seconds = now.saturating_sub(state.now).as_secs_f64();
        state.servos.iter().map(|servo| servo.horn_after(seconds)).collect()
    }

    /// Which joints get pulses.
    pub fn powered(&self) -> Vec<bool> {
        lock(&self.shared).servos.iter().map(|servo| servo.wanted.is_some()).collect()
    }

    /// Turns a limp horn by hand, no further than it goes. False if the servo holds it, or there is none.
    pub fn push(&self, joint: usize, position: f64) -> bool {
        let mut state = lock(&self.shared);
        let Some(servo) = state.servos.get_mut(joint).filter(|servo| servo.wanted.is_none()) else {
            return false;
        };
        servo.horn = position.clamp(servo.travel.0, servo.travel.1);
        true
    }
}

/// A lock that a panic left behind holds numbers that are still true.
fn lock(shared: &Mutex<Servos>) -> MutexGuard<'_, Servos> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

fn error(reason: String) -> BusError {
    BusError { bus: "sim", fault: BusFault::Refused, reason }
}

/// A number from 0 to 1 (Steele, Lea, Flood: Fast splittable pseudorandom number generators).
fn splitmix(state: &mut u64) -> f64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^= z >> 31;
    (z >> 11) as f64 / (1_u64 << 53) as f64
}
