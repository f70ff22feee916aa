//! Every fault does to a bus what it says.
#![allow(clippy::unwrap_used, unreachable_pub, reason = "a panic here is a failing test")]

mod common;

use common::{TestBus, pulse, robot, sim};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use steve_drivers::backend::BackendOptions;
use steve_drivers::faulty::{Fault, FaultSwitch, Faulty, Injected, STUCK_FOR};
use steve_drivers::servo_bus::{BusFault, ChannelOutput, Output, ServoBus};
use steve_drivers::sim::SimServos;

const NOW: Duration = Duration::ZERO;
const PAN: u8 = 7;

fn pan(us: f64) -> [ChannelOutput; 1] {
    [ChannelOutput { channel: PAN, output: pulse(us) }]
}

/// A bus that works, and what came through to it.
fn faulty() -> (Faulty<TestBus>, FaultSwitch, TestBus) {
    let bus = TestBus::default();
    let faulty = Faulty::new(bus.clone());
    let switch = faulty.switch();
    (faulty, switch, bus)
}

#[test]
fn without_a_fault_everything_comes_through() {
    let (mut faulty, switch, bus) = faulty();
    faulty.write(NOW, &pan(1500.0)).unwrap();
    faulty.check(NOW).unwrap();
    faulty.reset(NOW).unwrap();
    assert_eq!((faulty.name(), bus.last()), ("test", pan(1500.0).to_vec()));
    assert_eq!((switch.fault(), switch.injected()), (Fault::None, Injected::default()));
}

#[test]
fn without_an_acknowledge_every_call_fails_and_has_no_effect() {
    let (mut faulty, switch, bus) = faulty();
    switch.set(Fault::Nak);
    let calls = [faulty.write(NOW, &pan(1500.0)), faulty.check(NOW), faulty.reset(NOW)];
    for error in calls.map(Result::unwrap_err) {
        assert_eq!((error.fault, error.to_string().as_str()), (BusFault::Transfer, "test: no acknowledge"));
    }
    assert_eq!((bus.writes(), switch.injected().failures), (0, 3));
    switch.set(Fault::None);
    faulty.write(NOW, &pan(1500.0)).unwrap();
    assert_eq!(bus.writes(), 1);
}

#[test]
fn a_stuck_bus_fails_after_a_time_that_can_be_virtual() {
    static SLEPT_MS: AtomicU64 = AtomicU64::new(0);
    let count = |time: Duration| {
        SLEPT_MS.fetch_add(u64::try_from(time.as_millis()).unwrap(), Ordering::SeqCst);
    };
    let mut faulty = Faulty::new(TestBus::default()).stuck_for(STUCK_FOR, count);
    faulty.switch().set(Fault::Stuck);
    let calls = [faulty.write(NOW, &pan(1500.0)), faulty.check(NOW), faulty.reset(NOW)];
    for error in calls.map(Result::unwrap_err) {
        assert_eq!((error.fault, error.reason.as_str()), (BusFault::Transfer, "bus stuck: time-out"));
    }
    assert_eq!((SLEPT_MS.load(Ordering::SeqCst), faulty.switch().injected().failures), (30, 3));
}

#[test]
fn a_chip_that_restarts_goes_limp_and_acknowledges_without_effect_until_it_is_set_up_anew() {
    let servos = SimServos::at_home(&robot());
    let probe = servos.probe();
    let mut faulty = Faulty::new(servos);
    let switch = faulty.switch();
    faulty.write(NOW, &pan(1750.0)).unwrap();
    assert_eq!(probe.powered(), [true, false]);
    switch.set(Fault::ChipReset);
    faulty.write(NOW, &pan(1800.0)).unwrap();
    assert_eq!(probe.powered(), [false, false], "the outputs went on");
    faulty.write(NOW, &pan(1900.0)).unwrap();
    assert_eq!(probe.powered(), [false, false], "a sleeping chip made pulses");
    assert_eq!(faulty.check(NOW).unwrap_err().fault, BusFault::ChipReset);
    assert_eq!((switch.fault(), switch.asleep()), (Fault::ChipReset, true));
    faulty.reset(NOW).unwrap();
    assert_eq!((switch.fault(), switch.asleep()), (Fault::None, false));
    faulty.check(NOW).unwrap();
    assert_eq!(probe.powered(), [false, false], "setting up makes pulses");
    faulty.write(NOW, &pan(1750.0)).unwrap();
    assert_eq!(probe.powered(), [true, false]);
    assert_eq!(switch.injected(), Injected { failures: 0, resets: 1, swallowed: 2 });
}

#[test]
fn a_check_finds_a_restart_of_an_idle_chip() {
    let (mut faulty, switch, bus) = faulty();
    faulty.write(NOW, &pan(1500.0)).unwrap();
    switch.set(Fault::ChipReset);
    assert_eq!(faulty.check(NOW).unwrap_err().fault, BusFault::ChipReset);
    assert_eq!(bus.last(), [ChannelOutput { channel: PAN, output: Output::Off }]);
}

#[test]
fn switching_the_fault_off_gives_a_chip_no_settings() {
    let (mut faulty, switch, bus) = faulty();
    switch.set(Fault::ChipReset);
    faulty.write(NOW, &pan(1500.0)).unwrap();
    let writes = bus.writes();
    switch.set(Fault::Nak);
    faulty.reset(NOW).unwrap_err();
    switch.set(Fault::None);
    faulty.write(NOW, &pan(1500.0)).unwrap();
    assert_eq!((bus.writes(), switch.asleep()), (writes, true));
    assert_eq!(faulty.check(NOW).unwrap_err().fault, BusFault::ChipReset);
    faulty.reset(NOW).unwrap();
    faulty.check(NOW).unwrap();
}

#[test]
fn every_third_write_fails_in_turns_without_and_with_effect() {
    let (mut faulty, switch, bus) = faulty();
    switch.set(Fault::EveryNth(3));
    let mut seen = Vec::new();
    for write in 1..=7_u32 {
        let before = bus.writes();
        let worked = faulty.write(NOW, &pan(1500.0)).is_ok();
        seen.push((write, worked, bus.writes() > before));
        faulty.check(NOW).unwrap();
    }
    let expected = [
        (1, true, true),
        (2, true, true),
        (3, false, false),
        (4, true, true),
        (5, true, true),
        (6, false, true),
        (7, true, true),
    ];
    assert_eq!(seen, expected);
    assert_eq!(switch.injected().failures, 2);
    switch.set(Fault::EveryNth(0));
    faulty.write(NOW, &pan(1500.0)).unwrap();
}

#[test]
fn a_script_is_played_call_by_call_and_then_the_bus_works() {
    let (mut faulty, switch, bus) = faulty();
    switch.play([(Fault::Nak, 2), (Fault::Stuck, 0), (Fault::None, 1), (Fault::ChipReset, 2)]);
    faulty.write(NOW, &pan(1500.0)).unwrap_err();
    faulty.check(NOW).unwrap_err();
    faulty.write(NOW, &pan(1500.0)).unwrap();
    let writes = bus.writes();
    faulty.write(NOW, &pan(1600.0)).unwrap();
    assert_eq!((bus.writes(), bus.last()[0].output), (writes + 1, Output::Off));
    // Set up within the same step of the script, it does not restart a second time.
    faulty.reset(NOW).unwrap();
    faulty.write(NOW, &pan(1700.0)).unwrap();
    assert_eq!((switch.fault(), bus.last()), (Fault::None, pan(1700.0).to_vec()));
    assert_eq!(switch.injected(), Injected { failures: 2, resets: 1, swallowed: 1 });
}

#[test]
fn faults_have_names() {
    for name in ["none", "nak", "stuck", "reset", "every_third"] {
        assert_eq!(name.parse::<Fault>().unwrap().to_string(), name);
    }
    assert_eq!(Fault::EveryNth(5).to_string(), "every_5");
    assert_eq!(
        "fire".parse::<Fault>().unwrap_err().to_string(),
        "`fire`; allowed are none, nak, stuck, reset, every_third"
    );
}

#[test]
fn the_simulation_has_a_fault_switch() {
    let mut backend = sim(&BackendOptions::default());
    backend.faults.unwrap().set(Fault::Nak);
    backend.bus.write(NOW, &pan(1500.0)).unwrap_err();
    assert_eq!(backend.probe.unwrap().powered(), [false, false]);
}
