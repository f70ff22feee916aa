//! The bytes that the PCA9685 gets, against its data sheet (NXP PCA9685, Rev. 4).
#![allow(clippy::unwrap_used, clippy::panic, reason = "a panic here is a failing test")]

use embedded_hal::i2c::{ErrorKind, NoAcknowledgeSource};
use embedded_hal_mock::eh1::i2c::{Mock, Transaction};
use proptest::prelude::*;
use std::time::Duration;
use steve_core::robot::{Board, Robot};
use steve_drivers::pca9685::{Pca9685Servos, PulseClock};
use steve_drivers::servo_bus::{BusError, BusFault, ChannelOutput, Output, ServoBus};

const STEVE: &str = include_str!("../../../config/steve.yaml");
const NOW: Duration = Duration::ZERO;
const NAK: ErrorKind = ErrorKind::NoAcknowledge(NoAcknowledgeSource::Address);

fn steve() -> Robot {
    Robot::from_yaml(STEVE, "steve.yaml").unwrap()
}

fn explain(board: &Board, error: &ErrorKind) -> String {
    format!("{:#04x}: {error}", board.address)
}

fn write(bytes: &[u8]) -> Transaction {
    Transaction::write(0x40, bytes.to_vec())
}

fn read(register: u8, value: u8) -> Transaction {
    Transaction::write_read(0x40, vec![register], vec![value])
}

/// Everything that is sent to set the board up.
fn init(prescale: u8) -> Vec<Transaction> {
    vec![
        write(&[0xFD, 0x10]),       // ALL_LED_OFF_H: all fully off
        write(&[0x00, 0x11]),       // MODE1: SLEEP, ALLCALL as after power-up
        write(&[0xFE, prescale]),   // PRE_SCALE
        write(&[0x01, 0x04]),       // MODE2: OUTDRV, OCH = 0, INVRT = 0
        write(&[0x00, 0x10]),       // MODE1: SLEEP, no ALLCALL
        write(&[0x00, 0x30]),       // MODE1: SLEEP, AI
        write(&[0xFC, 0x00, 0x10]), // ALL_LED_OFF_L, ALL_LED_OFF_H
        write(&[0x00, 0x20]),       // MODE1: AI, awake; RESTART is written as 0
        read(0x00, 0x20),
        read(0xFE, prescale),
    ]
}

/// Steve's servos on a bus that knows what comes.
struct Bench {
    bus: Mock,
    servos: Pca9685Servos<Mock>,
}

impl Bench {
    fn new() -> Self {
        let bus = Mock::new(&init(121));
        let servos = Pca9685Servos::new(bus.clone(), &steve(), explain, None).unwrap();
        Self { bus, servos }
    }

    /// Expects these and no other transfers of what `act` does.
    fn expect<T>(&mut self, transfers: &[Transaction], act: impl FnOnce(&mut Pca9685Servos<Mock>) -> T) -> T {
        self.bus.update_expectations(transfers);
        let result = act(&mut self.servos);
        self.bus.done();
        result
    }

    fn write(&mut self, transfers: &[Transaction], outputs: &[ChannelOutput]) -> Result<(), BusError> {
        self.expect(transfers, |servos| servos.write(NOW, outputs))
    }
}

fn pulse(channel: u8, us: f64) -> ChannelOutput {
    ChannelOutput { channel, output: Output::Pulse { us } }
}

fn off(channel: u8) -> ChannelOutput {
    ChannelOutput { channel, output: Output::Off }
}

fn with_board(board: Board) -> Robot {
    Robot { board, ..steve() }
}

#[test]
fn all_outputs_are_fully_off_before_anything_else_is_sent() {
    let mut bench = Bench::new();
    bench.bus.done();
    assert_eq!(bench.servos.name(), "pca9685");
    assert_eq!(bench.servos.clock().prescale(), 121);
}

#[test]
fn six_joints_are_one_transfer_in_the_order_of_their_channels() {
    // 1500 us are 307.3 ticks of 4.88 us; 1e6 * 122 / 25e6 = 4.88.
    let burst = [
        0x06, // LED0_ON_L
        0, 0, 0x5E, 0x00, // 460 us: 94
        0, 0, 0x00, 0x02, // 2500 us: 512
        0, 0, 0x00, 0x10, // off
        0, 0, 0x33, 0x01, // 1500 us: 307
        0, 0, 0x9A, 0x00, // 750 us: 154
        0, 0, 0xCD, 0x00, // 1000 us: 205
    ];
    let mut bench = Bench::new();
    let outputs =
        [pulse(0, 460.0), pulse(5, 1000.0), pulse(4, 750.0), pulse(3, 1500.0), off(2), pulse(1, 2500.0)];
    bench.write(&[write(&burst)], &outputs).unwrap();
}

#[test]
fn one_joint_is_one_short_transfer() {
    let mut bench = Bench::new();
    bench.write(&[write(&[0x1A, 0, 0, 0x33, 0x01])], &[pulse(5, 1500.0)]).unwrap();
}

#[test]
fn no_pulses_are_the_full_off_bit_and_no_pulse_of_no_length() {
    let mut bench = Bench::new();
    bench.write(&[write(&[0x12, 0, 0, 0, 0x10])], &[off(3)]).unwrap();
}

#[test]
fn nothing_to_write_is_no_transfer() {
    Bench::new().write(&[], &[]).unwrap();
}

#[test]
fn channels_far_apart_are_a_transfer_each() {
    let mut bench = Bench::new();
    let transfers = [write(&[0x06, 0, 0, 0x33, 0x01]), write(&[0x16, 0, 0, 0xCD, 0x00, 0, 0, 0xCD, 0x00])];
    bench.write(&transfers, &[pulse(5, 1000.0), pulse(0, 1500.0), pulse(4, 1000.0)]).unwrap();
}

#[test]
fn a_gap_of_two_channels_is_bridged_with_what_they_have() {
    let mut bench = Bench::new();
    bench.write(&[write(&[0x0A, 0, 0, 0x00, 0x02])], &[pulse(1, 2500.0)]).unwrap();
    let burst = [0x06, 0, 0, 0x33, 0x01, 0, 0, 0x00, 0x02, 0, 0, 0, 0x10, 0, 0, 0xCD, 0x00];
    bench.write(&[write(&burst)], &[pulse(0, 1500.0), pulse(3, 1000.0)]).unwrap();
}

#[test]
fn a_failed_write_is_a_fault_of_the_transfer_and_the_next_one_works() {
    let mut bench = Bench::new();
    let burst = [0x06, 0, 0, 0x33, 0x01];
    let error = bench.write(&[write(&burst).with_error(NAK)], &[pulse(0, 1500.0)]).unwrap_err();
    assert_eq!((error.bus, error.fault), ("pca9685", BusFault::Transfer));
    assert!(error.reason.starts_with("0x40: "), "{error}");
    bench.write(&[write(&burst)], &[pulse(0, 1500.0)]).unwrap();
}

/// An output that was to be switched off and may or may not be is not switched on again by its neighbours.
#[test]
fn what_a_failed_write_held_is_not_known_and_not_sent_again_by_others() {
    let mut bench = Bench::new();
    bench.write(&[write(&[0x0A, 0, 0, 0x33, 0x01])], &[pulse(1, 1500.0)]).unwrap();
    bench.write(&[write(&[0x0A, 0, 0, 0, 0x10]).with_error(NAK)], &[off(1)]).unwrap_err();
    let apart = [write(&[0x06, 0, 0, 0xCD, 0x00]), write(&[0x0E, 0, 0, 0xCD, 0x00])];
    bench.write(&apart, &[pulse(0, 1000.0), pulse(2, 1000.0)]).unwrap();
    bench.write(&[write(&[0x0A, 0, 0, 0, 0x10])], &[off(1)]).unwrap();
    let bridged = [0x06, 0, 0, 0xCD, 0x00, 0, 0, 0, 0x10, 0, 0, 0xCD, 0x00];
    bench.write(&[write(&bridged)], &[pulse(0, 1000.0), pulse(2, 1000.0)]).unwrap();
}

#[test]
fn after_the_first_failure_no_other_transfer_waits_for_the_same_time_out() {
    let mut bench = Bench::new();
    let first = write(&[0x06, 0, 0, 0x33, 0x01]).with_error(ErrorKind::Other);
    bench.write(&[first], &[pulse(0, 1500.0), pulse(5, 1500.0)]).unwrap_err();
}

#[test]
fn pulses_that_break_servos_are_refused_and_nothing_is_sent() {
    let mut bench = Bench::new();
    for us in [0.0, -1.0, 399.9, 2700.1, 1e9, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let error = bench.write(&[], &[pulse(0, 1500.0), pulse(1, us)]).unwrap_err();
        assert_eq!(error.fault, BusFault::Refused, "{us}");
        assert!(error.reason.contains("400 to 2700 us"), "{error}");
    }
}

#[test]
fn a_channel_without_a_servo_is_refused() {
    let mut bench = Bench::new();
    for channel in [6, 15, 16, 255] {
        for output in [pulse(channel, 1500.0), off(channel)] {
            let error = bench.write(&[], &[output]).unwrap_err();
            assert_eq!(
                (error.fault, error.reason),
                (BusFault::Refused, format!("no servo on channel {channel}"))
            );
        }
    }
}

#[test]
fn a_board_as_it_was_set_up_is_two_reads() {
    let mut bench = Bench::new();
    bench.expect(&[read(0x00, 0x20), read(0xFE, 121)], |servos| servos.check(NOW)).unwrap();
    // The chip sets RESTART by itself.
    bench.expect(&[read(0x00, 0xA0), read(0xFE, 121)], |servos| servos.check(NOW)).unwrap();
}

#[test]
fn a_board_that_started_anew_is_recognised_and_set_up_again() {
    let mut bench = Bench::new();
    bench.write(&[write(&[0x0A, 0, 0, 0x33, 0x01])], &[pulse(1, 1500.0)]).unwrap();
    // What power-up leaves: MODE1 0x11, PRE_SCALE 0x1E (data sheet, sections 7.3.1 and 7.3.5).
    let error = bench.expect(&[read(0x00, 0x11), read(0xFE, 0x1E)], |servos| servos.check(NOW)).unwrap_err();
    assert_eq!(error.fault, BusFault::ChipReset);
    assert!(error.reason.contains("started anew"), "{error}");
    bench.expect(&init(121), |servos| servos.reset(NOW)).unwrap();
    // The pulse of before is gone from the bridge too.
    let bridged = [0x06, 0, 0, 0xCD, 0x00, 0, 0, 0, 0x10, 0, 0, 0xCD, 0x00];
    bench.write(&[write(&bridged)], &[pulse(0, 1000.0), pulse(2, 1000.0)]).unwrap();
}

#[test]
fn a_frequency_that_someone_else_changed_is_a_board_to_set_up_again() {
    let mut bench = Bench::new();
    let error = bench.expect(&[read(0x00, 0x20), read(0xFE, 30)], |servos| servos.check(NOW)).unwrap_err();
    assert_eq!(error.fault, BusFault::ChipReset);
}

#[test]
fn a_check_that_nobody_answers_is_a_fault_of_the_transfer() {
    let mut bench = Bench::new();
    let error = bench.expect(&[read(0x00, 0).with_error(NAK)], |servos| servos.check(NOW)).unwrap_err();
    assert_eq!(error.fault, BusFault::Transfer);
}

#[test]
fn a_reset_that_breaks_off_leaves_nothing_known() {
    let mut bench = Bench::new();
    let mut broken = init(121);
    broken.truncate(3);
    broken[2] = broken[2].clone().with_error(NAK);
    let error = bench.expect(&broken, |servos| servos.reset(NOW)).unwrap_err();
    assert_eq!(error.fault, BusFault::Transfer);
    let apart = [write(&[0x06, 0, 0, 0xCD, 0x00]), write(&[0x0E, 0, 0, 0xCD, 0x00])];
    bench.write(&apart, &[pulse(0, 1000.0), pulse(2, 1000.0)]).unwrap();
}

#[test]
fn a_board_that_does_not_answer_is_not_opened() {
    let mut bus = Mock::new(&[write(&[0xFD, 0x10]).with_error(NAK)]);
    let error = Pca9685Servos::new(bus.clone(), &steve(), explain, None).unwrap_err();
    assert_eq!(error.fault, BusFault::Transfer);
    bus.done();
}

#[test]
fn another_chip_at_the_address_is_not_taken_for_the_board() {
    let mut transfers = init(121);
    transfers[8] = read(0x00, 0x39);
    let mut bus = Mock::new(&transfers);
    let error = Pca9685Servos::new(bus.clone(), &steve(), explain, None).unwrap_err();
    assert!(error.reason.contains("no PCA9685"), "{error}");
    bus.done();
}

#[test]
fn a_calibrated_oscillator_changes_the_prescale_and_every_pulse() {
    // 26.5e6 / (4096 * 50) = 129.4; a tick is 1e6 * 129 / 26.5e6 = 4.868 us: 2450 us are 503.3.
    let mut bus = Mock::new(&init(128));
    let robot = with_board(Board { oscillator_hz: 26.5e6, ..Board::default() });
    let mut servos = Pca9685Servos::new(bus.clone(), &robot, explain, None).unwrap();
    bus.update_expectations(&[write(&[0x06, 0, 0, 0xF7, 0x01])]);
    servos.write(NOW, &[pulse(0, 2450.0)]).unwrap();
    bus.done();
}

#[test]
fn the_prescale_is_that_of_the_data_sheet_and_within_its_limits() {
    for (frequency, oscillator, prescale) in [
        (50.0, 25e6, 121),
        (200.0, 25e6, 30),
        (24.0, 25e6, 253),
        (1526.0, 25e6, 3),
        (50.0, 23e6, 111),
        (40.0, 27e6, 164),
    ] {
        let clock = PulseClock::new(frequency, oscillator).unwrap();
        assert_eq!(clock.prescale(), prescale, "{frequency} Hz at {oscillator} Hz");
    }
    for frequency in [0.0, -50.0, 23.0, 2000.0, f64::NAN, f64::INFINITY] {
        let error = PulseClock::new(frequency, 25e6).unwrap_err().to_string();
        assert!(error.contains("24 to 1525 Hz are"), "{error}");
    }
}

#[test]
fn a_frequency_that_the_chip_cannot_make_is_refused_before_anything_is_sent() {
    let mut bus = Mock::new(&[]);
    let robot = with_board(Board { frequency_hz: 2000.0, ..Board::default() });
    let error = Pca9685Servos::new(bus.clone(), &robot, explain, None).unwrap_err();
    assert_eq!(error.fault, BusFault::Refused);
    bus.done();
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_pulse_is_at_most_half_a_tick_off(
        us in 400.0..=2700.0_f64,
        frequency in 40.0..=350.0_f64,
        oscillator in 23e6..=27e6_f64,
    ) {
        let clock = PulseClock::new(frequency, oscillator).unwrap();
        let ticks = clock.ticks(us).unwrap();
        let tick = oscillator.recip() * 1e6 * (f64::from(clock.prescale()) + 1.0);
        prop_assert!((clock.us(ticks) - us).abs() <= tick / 2.0 + 1e-9, "{} ticks of {} us", ticks, tick);
        prop_assert!((f64::from(ticks) * tick - us).abs() <= tick / 2.0 + 1e-9);
        prop_assert!((clock.frequency_hz() - 1e6 / (tick * 4096.0)).abs() < 1e-6);
    }

    /// What the robot's file allows fits, whatever the divider makes of the frequency.
    #[test]
    fn a_pulse_of_95_percent_of_the_period_fits(
        frequency in 40.0..=400.0_f64,
        oscillator in 23e6..=27e6_f64,
    ) {
        let clock = PulseClock::new(frequency, oscillator).unwrap();
        prop_assert!(clock.ticks(1e6 / frequency * 0.95).is_some());
    }
}
