//! Servos at pins that keep a record.
#![allow(clippy::unwrap_used, unreachable_pub, reason = "a panic here is a failing test")]

mod common;

use common::{pulse, robot};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use steve_core::robot::Robot;
use steve_drivers::backend::{self, BackendError, BackendOptions};
use steve_drivers::gpio::{GpioServos, PulsePin};
use steve_drivers::servo_bus::{BusFault, ChannelOutput, Output, ServoBus};

/// Pin, period and pulse in us, as they were set.
type Record = Arc<Mutex<Vec<(u8, u128, Option<u128>)>>>;

struct Pin {
    number: u8,
    record: Record,
    broken: bool,
}

impl PulsePin for Pin {
    fn set(&mut self, period: Duration, pulse: Option<Duration>) -> Result<(), String> {
        if self.broken {
            return Err("burnt".to_owned());
        }
        let set = (self.number, period.as_micros(), pulse.map(|pulse| pulse.as_micros()));
        self.record.lock().unwrap().push(set);
        Ok(())
    }
}

/// Pan (channel 7) at pin 12, tilt (channel 2) at pin 13.
fn with_pins() -> Robot {
    let mut robot = Robot::clone(&robot());
    robot.joints[0].gpio_pin = Some(12);
    robot.joints[1].gpio_pin = Some(13);
    robot
}

fn servos(broken: bool) -> (GpioServos<Pin>, Record) {
    let record = Record::default();
    let pin = |number| Ok(Pin { number, record: Arc::clone(&record), broken });
    (GpioServos::new(&with_pins(), pin, None).unwrap(), record)
}

fn out(channel: u8, output: Output) -> ChannelOutput {
    ChannelOutput { channel, output }
}

#[test]
fn no_pin_makes_pulses_before_it_is_told_to() {
    let (servos, record) = servos(false);
    assert_eq!(servos.name(), "gpio");
    assert!(record.lock().unwrap().is_empty());
}

#[test]
fn a_joint_gets_its_pulses_at_its_pin() {
    let (mut servos, record) = servos(false);
    let outputs = [out(2, pulse(1500.0)), out(7, pulse(400.0)), out(2, Output::Off)];
    servos.write(Duration::ZERO, &outputs).unwrap();
    let expected = [(13, 20_000, Some(1500)), (12, 20_000, Some(400)), (13, 20_000, None)];
    assert_eq!(*record.lock().unwrap(), expected);
}

#[test]
fn at_the_end_every_pin_is_off() {
    let (mut servos, record) = servos(false);
    servos.write(Duration::ZERO, &[out(2, pulse(1500.0)), out(7, pulse(1500.0))]).unwrap();
    record.lock().unwrap().clear();
    drop(servos);
    assert_eq!(*record.lock().unwrap(), [(12, 20_000, None), (13, 20_000, None)]);
}

#[test]
fn pulses_that_break_servos_and_unknown_channels_are_refused_and_nothing_is_set() {
    let (mut servos, record) = servos(false);
    for us in [0.0, -1.0, 399.0, 2701.0, f64::NAN, f64::INFINITY] {
        let error = servos.write(Duration::ZERO, &[out(7, pulse(1500.0)), out(2, pulse(us))]).unwrap_err();
        assert_eq!((error.bus, error.fault), ("gpio", BusFault::Refused), "{us}");
    }
    let error = servos.write(Duration::ZERO, &[out(7, pulse(1500.0)), out(3, Output::Off)]).unwrap_err();
    assert_eq!((error.fault, error.reason.as_str()), (BusFault::Refused, "no servo on channel 3"));
    assert!(record.lock().unwrap().is_empty());
}

#[test]
fn a_pin_that_fails_is_a_fault_of_the_transfer() {
    let (mut servos, _) = servos(true);
    let error = servos.write(Duration::ZERO, &[out(7, pulse(1500.0))]).unwrap_err();
    assert_eq!((error.fault, error.reason.as_str()), (BusFault::Transfer, "channel 7: burnt"));
}

#[test]
fn joints_without_a_pin_are_named_and_no_pin_is_opened() {
    let mut robot = with_pins();
    robot.joints[1].gpio_pin = None;
    let open = |_| -> Result<Pin, String> { unreachable!("no pin is opened") };
    let error = GpioServos::new(&robot, open, None).unwrap_err();
    assert!(error.ends_with("missing at tilt"), "{error}");
    // The same on any machine, Raspberry Pi or not.
    let error = backend::open("gpio", &robot, &BackendOptions::default()).unwrap_err();
    assert!(
        matches!(&error, BackendError::Open { backend: "gpio", reason } if reason.contains("tilt")),
        "{error}"
    );
}

#[test]
fn a_pin_that_cannot_be_opened_is_told() {
    let taken = |_| -> Result<Pin, String> { Err("pin 12 is taken".to_owned()) };
    assert_eq!(GpioServos::new(&with_pins(), taken, None).unwrap_err(), "pin 12 is taken");
}
