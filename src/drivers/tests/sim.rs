//! Simulated servos behave like hobby servos.
#![allow(clippy::unwrap_used, unreachable_pub, reason = "a panic here is a failing test")]

mod common;

use common::{pulse, robot, sim};
use std::time::Duration;
use steve_core::robot::Robot;
use steve_drivers::backend::{self, BackendOptions, Start};
use steve_drivers::servo_bus::{ChannelOutput, Output, ServoBus};
use steve_drivers::sim::SimServos;

const PAN: u8 = 7;

fn at(seconds: f64) -> Duration {
    Duration::from_secs_f64(seconds)
}

fn pan(output: Output) -> [ChannelOutput; 1] {
    [ChannelOutput { channel: PAN, output }]
}

#[test]
fn a_horn_turns_no_faster_than_its_slew_rate_and_stops_at_its_pulse() {
    let mut servos = SimServos::at_home(&robot());
    let probe = servos.probe();
    servos.write(at(1.0), &pan(pulse(2500.0))).unwrap();
    assert_eq!(probe.positions_at(at(1.0)), [0.25, 0.25]);
    assert!((probe.positions_at(at(1.1))[0] - 0.65).abs() < 1e-9);
    assert_eq!(probe.positions_at(at(9.0)), [1.0, 0.25]);
}

#[test]
fn without_pulses_a_servo_is_limp_and_stays_where_it_was_left() {
    let mut servos = SimServos::at_home(&robot());
    let probe = servos.probe();
    servos.write(at(0.0), &pan(pulse(2500.0))).unwrap();
    assert!(!probe.push(0, -1.0), "a powered servo gave way");
    servos.write(at(0.1), &pan(Output::Off)).unwrap();
    let left = probe.positions()[0];
    assert!((left - 0.65).abs() < 1e-9);
    assert_eq!(probe.positions_at(at(5.0))[0], left);
    assert_eq!(probe.powered(), [false, false]);
    assert!(probe.push(0, -5.0));
    assert_eq!(probe.positions()[0], -1.0);
}

#[test]
fn set_up_anew_every_servo_is_limp_where_it_was() {
    let mut servos = SimServos::at_home(&robot());
    let probe = servos.probe();
    servos.write(at(0.0), &pan(pulse(2500.0))).unwrap();
    servos.reset(at(0.1)).unwrap();
    assert_eq!(probe.powered(), [false, false]);
    assert!((probe.positions_at(at(5.0))[0] - 0.65).abs() < 1e-9);
}

#[test]
fn the_same_writes_give_the_same_horns() {
    let run = || {
        let options = BackendOptions { start: Start::Unknown, seed: 42, ..BackendOptions::default() };
        let mut backend = sim(&options);
        for tick in 0..50 {
            let us = 1500.0 + 400.0 * f64::from(tick % 7);
            backend.bus.write(at(f64::from(tick) * 0.013), &pan(pulse(us.min(2500.0)))).unwrap();
        }
        backend.probe.unwrap().positions()
    };
    assert_eq!(run(), run());
}

#[test]
fn a_start_at_home_is_known_and_an_unknown_start_is_anywhere() {
    assert_eq!(sim(&BackendOptions::default()).initial, [Some(0.25); 2]);
    let unknown = |seed| sim(&BackendOptions { start: Start::Unknown, seed, ..BackendOptions::default() });
    assert_eq!(unknown(1).initial, [None; 2]);
    let horns = unknown(1).probe.unwrap().positions();
    assert_ne!(horns, unknown(2).probe.unwrap().positions());
    assert!(horns.iter().all(|horn| (-1.0..=1.0).contains(horn)));
}

#[test]
fn a_remembered_joint_stands_where_it_was_left_unless_all_start_at_home() {
    let remembered = vec![None, Some(-0.5)];
    let left = sim(&BackendOptions { start: Start::Unknown, seed: 1, remembered: remembered.clone() });
    assert_eq!(left.initial, remembered);
    assert_eq!(left.probe.unwrap().positions()[1], -0.5);
    let home = sim(&BackendOptions { remembered, ..BackendOptions::default() });
    assert_eq!(home.initial, [Some(0.25); 2]);
    assert_eq!(home.probe.unwrap().positions(), [0.25; 2]);
}

#[test]
fn a_channel_without_a_servo_and_a_pulse_out_of_range_are_errors() {
    let mut servos = SimServos::at_home(&robot());
    let error = servos.write(at(0.0), &[ChannelOutput { channel: 5, output: pulse(1500.0) }]).unwrap_err();
    assert_eq!(error.to_string(), "sim: no servo on channel 5");
    for us in [0.0, 399.0, 2701.0, f64::NAN] {
        servos.write(at(0.0), &pan(pulse(us))).unwrap_err();
    }
}

/// On any machine: no board has an I2C bus of that number.
#[test]
fn real_servos_that_are_not_there_are_an_error_and_no_simulation() {
    let mut robot = Robot::clone(&robot());
    robot.board.bus = 255;
    let error = backend::open("pca9685", &robot, &BackendOptions::default()).unwrap_err().to_string();
    assert!(error.starts_with("pca9685: there is no /dev/i2c-255: switch I2C on"), "{error}");
}

#[test]
fn an_unknown_backend_is_refused_with_those_there_are() {
    let error = backend::open("pca9686", &robot(), &BackendOptions::default()).unwrap_err();
    assert_eq!(error.to_string(), "backend: no `pca9686`; there is sim, pca9685, gpio");
    assert_eq!(backend::names().collect::<Vec<_>>(), ["sim", "pca9685", "gpio"]);
    assert_eq!(
        "anywhere".parse::<Start>().unwrap_err().to_string(),
        "start: `anywhere`; allowed are home, unknown"
    );
}
