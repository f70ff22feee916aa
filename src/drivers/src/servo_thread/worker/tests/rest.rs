use super::*;
use steve_core::arm::JogRequest;

/// Both joints powered at home, at rest.
fn holding(options: ArmOptions) -> Bench {
    let mut bench = Bench::with(options);
    bench.power(true);
    bench.run(ms(100));
    assert_eq!(bench.probe.powered(), [true, true]);
    bench
}

/// Not a whole number of looks: the worker has to wake for it.
fn for_a_while() -> ArmOptions {
    ArmOptions { idle_timeout: Some(ms(10_300)), ..ArmOptions::default() }
}

#[test]
fn at_rest_the_hardware_is_looked_at_once_a_second_and_nothing_is_written() {
    let mut bench = holding(ArmOptions::default());
    let (calls, pulses) = (bench.bus.calls, bench.pulses.len());
    let look = bench.worker.health.next_look();
    assert_eq!(bench.worker.rests_until(), Some(look));
    assert!(look > bench.now && look <= bench.now + Duration::from_secs(1));
    bench.run(Duration::from_secs(10));
    assert_eq!((bench.bus.calls - calls, bench.pulses.len()), (10, pulses));
}

#[test]
fn a_reset_while_idle_is_seen_within_a_second_and_the_held_pulse_comes_back() {
    let mut bench = holding(ArmOptions::default());
    let id = bench.go("pan", 0.6, 0.0);
    bench.run(ms(1500));
    assert_eq!(bench.outcome(id).end, MoveEnd::Reached);
    bench.switch.set(Fault::ChipReset);
    bench.run(Duration::from_secs(1));
    assert_eq!((bench.bus.set_up, bench.switch.asleep()), (1, false));
    assert_eq!(bench.probe.powered(), [true, true]);
    assert!((bench.last[0].1 - 0.6).abs() < 1e-9 && (bench.last[1].1 - HOME).abs() < 1e-9);
    assert!(bench.last.iter().all(|(time, _)| *time >= bench.now - Duration::from_secs(1)));
}

#[test]
fn a_reset_of_an_arm_that_is_off_powers_nothing() {
    let mut bench = holding(ArmOptions::default());
    bench.power(false);
    bench.run(ms(100));
    let pulses = bench.pulses.len();
    bench.switch.set(Fault::ChipReset);
    bench.run(ms(1100));
    assert_eq!((bench.bus.set_up, bench.probe.powered()), (1, vec![false, false]));
    assert_eq!(bench.pulses.len(), pulses);
}

#[test]
fn a_bus_that_fails_while_nothing_moves_is_tried_once_a_tick_and_given_up_later() {
    let mut bench = holding(ArmOptions::default());
    bench.switch.set(Fault::Nak);
    bench.run(bench.worker.health.next_look() - bench.now);
    let before = bench.ticks;
    assert_eq!(bench.handle.stats().bus_errors_in_a_row, 1);
    bench.run(ms(200));
    assert_eq!(bench.ticks - before, 10);
    assert!(!bench.handle.stats().given_up);
    bench.run(ms(100));
    let stats = bench.handle.stats();
    assert_eq!((stats.given_up, stats.faults), (true, 1));
    bench.switch.set(Fault::None);
    bench.run(ms(100));
    assert_eq!(bench.probe.powered(), [false, false], "limp, as after every long fault");
    assert!(!bench.handle.stats().given_up);
}

#[test]
fn a_short_fault_while_nothing_moves_changes_nothing() {
    let mut bench = holding(ArmOptions::default());
    bench.switch.set(Fault::Nak);
    bench.run(bench.worker.health.next_look() - bench.now + ms(100));
    bench.switch.set(Fault::None);
    let pulses = bench.pulses.len();
    bench.run(Duration::from_secs(3));
    assert_eq!((bench.probe.powered(), bench.pulses.len()), (vec![true, true], pulses));
    assert_eq!(bench.handle.stats().bus_errors_in_a_row, 0);
}

#[test]
fn at_rest_for_the_idle_timeout_the_worker_wakes_and_powers_off() {
    let mut bench = holding(for_a_while());
    let at = bench.worker.arm.idle_at().unwrap();
    bench.run(at - bench.now - ms(1));
    assert_eq!(bench.probe.powered(), [true, true]);
    bench.run(ms(1));
    assert_eq!(bench.probe.powered(), [false, false]);
    assert_eq!(bench.message(0), "powered off after 10.3 s at rest");
    let id = bench.go("pan", 0.5, 0.0);
    bench.run(Duration::from_secs(2));
    assert_eq!(bench.outcome(id).end, MoveEnd::Reached);
}

#[test]
fn a_power_off_at_rest_that_the_bus_does_not_take_is_repeated() {
    let mut bench = holding(for_a_while());
    let at = bench.worker.arm.idle_at().unwrap();
    bench.run(at - bench.now - ms(1));
    bench.switch.set(Fault::Nak);
    bench.run(ms(101));
    assert_eq!(bench.probe.powered(), [true, true]);
    bench.switch.set(Fault::None);
    bench.run(PERIOD);
    assert_eq!(bench.probe.powered(), [false, false]);
}

#[test]
fn a_jog_without_a_newer_command_comes_to_rest() {
    let mut bench = Bench::new();
    let jog = JogRequest { velocities: vec![("pan".to_owned(), 0.5)] };
    for _ in 0..4 {
        bench.handle.jog(bench.handle.validate_jog(&jog).unwrap(), ms(150));
        bench.posted = true;
        bench.run(ms(100));
        assert!(bench.worker.arm.is_moving());
    }
    bench.run(ms(200));
    assert!(!bench.worker.arm.is_moving());
    assert!((0.2..0.24).contains(&(bench.position(0) - HOME)), "{}", bench.position(0));
    assert_eq!(bench.message(0), "holds, as no newer command came");
}

#[test]
fn an_emergency_stop_takes_the_power_off_though_release_and_power_come_with_it() {
    let mut bench = Bench::new();
    bench.power(true);
    bench.run(PERIOD);
    assert!(bench.probe.powered().iter().all(|powered| *powered));
    bench.emergency_stop(true);
    bench.emergency_stop(false);
    bench.power(true);
    bench.tick();
    assert_eq!(bench.answers, [("emergency", Ok(()))]);
    assert!(!bench.probe.powered().contains(&true), "the servos were told to go limp");
    bench.run(PERIOD);
    assert!(bench.probe.powered().iter().all(|powered| *powered), "what came after it is done after it");
}
