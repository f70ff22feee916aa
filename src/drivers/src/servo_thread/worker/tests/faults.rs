use super::*;
use steve_core::arm::JogRequest;

/// One tick at 1 rad/s, and a rounding.
const STEP: f64 = 0.02 + 1e-9;

/// Pan on its way to 0.95 at 1 rad/s, long enough to be as fast as that.
fn on_its_way() -> (Bench, GoalId) {
    let mut bench = Bench::new();
    let id = bench.go("pan", 0.95, 1.0);
    bench.run(ms(300));
    assert!(bench.position(0) > HOME + 0.2);
    (bench, id)
}

/// The same, and when it was there.
fn reached(mut bench: Bench, id: GoalId) -> (Bench, Duration) {
    while !bench.has_ended(id) {
        bench.run(PERIOD);
        assert!(bench.now < ms(10_000), "the goal does not end");
    }
    let outcome = bench.outcome(id);
    assert_eq!(outcome.end, MoveEnd::Reached, "{}", outcome.message);
    bench.run(ms(300));
    assert!((bench.last[0].1 - 0.95).abs() < 1e-9);
    assert!((bench.probe.positions_at(bench.now)[0] - 0.95).abs() < 1e-9, "the horn is there too");
    let arrived = bench.last[0].0;
    (bench, arrived)
}

fn undisturbed() -> Duration {
    let (bench, id) = on_its_way();
    reached(bench, id).1
}

#[test]
fn a_short_nak_is_ridden_out_without_a_jump() {
    let (mut bench, id) = on_its_way();
    bench.switch.set(Fault::Nak);
    bench.run(ms(200));
    assert_eq!(bench.handle.stats().bus_errors_in_a_row, 10);
    bench.switch.set(Fault::None);
    let (bench, arrived) = reached(bench, id);
    assert!(bench.greatest_step(0, Duration::ZERO) <= STEP, "the first pulse after the fault does not leap");
    assert_eq!(arrived, undisturbed() + ms(200), "it arrives later by the fault");
    let stats = bench.handle.stats();
    assert_eq!((stats.bus_errors, stats.bus_errors_in_a_row, stats.faults, stats.resets), (10, 0, 0, 0));
}

#[test]
fn every_third_write_failing_slows_a_move_and_nothing_else() {
    let (mut bench, id) = on_its_way();
    bench.switch.set(Fault::EveryNth(3));
    bench.run(ms(150));
    let (bench, arrived) = reached(bench, id);
    assert!(bench.greatest_step(0, Duration::ZERO) <= STEP);
    let rest = (undisturbed() - ms(300)).as_secs_f64();
    let slowed = (arrived - ms(300)).as_secs_f64();
    assert!((1.3..1.7).contains(&(slowed / rest)), "{rest} s became {slowed} s");
    let stats = bench.handle.stats();
    assert_eq!((stats.faults, stats.resets, stats.given_up), (0, 0, false));
    assert!(stats.bus_errors >= 10);
}

#[test]
fn a_stuck_bus_costs_every_tick_one_time_out_and_is_ridden_out() {
    let (mut bench, id) = on_its_way();
    let (ticks, before) = (bench.ticks, bench.switch.injected().failures);
    bench.switch.set(Fault::Stuck);
    bench.run(ms(200));
    let (ticks, failures) = (bench.ticks - ticks, bench.switch.injected().failures - before);
    assert_eq!((ticks, failures), (10, 10));
    bench.switch.set(Fault::None);
    let (bench, _) = reached(bench, id);
    assert!(bench.greatest_step(0, Duration::ZERO) <= STEP);
}

#[test]
fn a_bus_that_is_stuck_for_long_is_tried_ten_times_a_second_and_no_more() {
    let (mut bench, id) = on_its_way();
    bench.switch.set(Fault::Stuck);
    bench.run(ms(400));
    assert_eq!(bench.outcome(id).end, MoveEnd::BusFault);
    let before = bench.switch.injected().failures;
    bench.run(ms(2000));
    let failures = bench.switch.injected().failures - before;
    assert!((19..=21).contains(&failures), "{failures} calls in 2 s");
}

#[test]
fn a_chip_that_resets_in_mid_motion_is_set_up_anew_and_goes_on_from_where_it_was() {
    let (mut bench, id) = on_its_way();
    bench.power(true);
    bench.run(PERIOD);
    let (at, tilt) = (bench.now, bench.position(1));
    bench.switch.set(Fault::ChipReset);
    bench.run(PERIOD);
    assert_eq!((bench.switch.injected().resets, bench.bus.set_up), (1, 1), "it is seen in the next tick");
    assert_eq!(bench.switch.injected().swallowed, 0, "nothing was written to a chip without settings");
    assert_eq!(bench.probe.powered(), [true, true], "who holds gets its pulse back too");
    let (time, position) = bench.last[1];
    assert!(time > at && (position - tilt).abs() < 1e-9);
    let (bench, arrived) = reached(bench, id);
    assert!(bench.greatest_step(0, at - PERIOD) <= STEP);
    assert_eq!(arrived, undisturbed(), "it costs no time");
    let stats = bench.handle.stats();
    assert_eq!((stats.resets, stats.bus_errors, stats.faults), (1, 0, 0));
}

#[test]
fn a_chip_that_resets_between_look_and_write_is_seen_in_the_next_tick() {
    let (mut bench, id) = on_its_way();
    bench.switch.play([(Fault::None, 1), (Fault::ChipReset, 1)]);
    bench.run(PERIOD);
    assert_eq!((bench.switch.injected().swallowed, bench.switch.asleep()), (1, true));
    bench.run(PERIOD);
    assert!(!bench.switch.asleep());
    assert_eq!(bench.probe.powered(), [true, false]);
    let (bench, _) = reached(bench, id);
    assert!(bench.greatest_step(0, Duration::ZERO) <= 2.0 * STEP);
}

#[test]
fn a_chip_whose_setting_up_fails_is_set_up_again_and_every_output_comes_back() {
    let mut bench = Bench::new();
    bench.power(true);
    bench.run(ms(100));
    // Look: asleep; set up: fails. Look: asleep; set up: works; write: fails.
    let works = (Fault::None, 1);
    bench.switch.play([(Fault::ChipReset, 1), (Fault::Nak, 1), works, works, (Fault::Nak, 1)]);
    bench.run(ms(1200));
    assert_eq!(bench.bus.set_up, 2);
    assert_eq!(bench.probe.powered(), [true, true]);
    assert_eq!([bench.last[0].1, bench.last[1].1], [HOME, HOME]);
}

#[test]
fn a_long_fault_aborts_the_goals_with_the_reason_and_the_servos_go_limp_when_the_bus_is_back() {
    let (mut bench, id) = on_its_way();
    let tilt = bench.go("tilt", 0.9, 0.1);
    bench.run(ms(100));
    bench.switch.set(Fault::Nak);
    bench.run(ms(240));
    assert!(!bench.has_ended(id) && !bench.handle.stats().given_up, "not yet");
    bench.run(ms(60));
    for id in [id, tilt] {
        let outcome = bench.outcome(id);
        assert_eq!(outcome.end, MoveEnd::BusFault);
        assert_eq!(outcome.message, "bus fault: sim: no acknowledge");
    }
    assert_eq!(bench.outcome(id).position(), Some(bench.position(0)));
    assert_eq!(bench.message(0), "bus fault: sim: no acknowledge");
    let stats = bench.handle.stats();
    assert_eq!((stats.faults, stats.given_up), (1, true));
    bench.run(ms(2000));
    assert_eq!(bench.probe.powered(), [true, true], "nobody can tell them");
    assert_eq!(bench.handle.stats().faults, 1);
    bench.switch.set(Fault::None);
    bench.run(ms(120));
    assert_eq!(bench.probe.powered(), [false, false]);
    let stats = bench.handle.stats();
    assert_eq!((stats.given_up, stats.bus_errors_in_a_row, stats.resets), (false, 0, 1));
}

#[test]
fn after_a_long_fault_the_next_goal_starts_at_the_held_position() {
    for asleep in [false, true] {
        let (mut bench, _) = on_its_way();
        if asleep {
            bench.switch.play([(Fault::None, 1), (Fault::ChipReset, 1), (Fault::Nak, u32::MAX)]);
        } else {
            bench.switch.set(Fault::Nak);
        }
        bench.run(ms(600));
        let held = bench.position(0);
        let pulses = bench.pulses.len();
        bench.switch.set(Fault::None);
        // Before the worker would look by itself: the goal must not go to a chip that nobody has set up.
        let id = bench.go("pan", 0.95, 1.0);
        bench.run(ms(1));
        assert_eq!(bench.bus.set_up, 1, "set up before anything is written");
        let [(_, 0, position)] = bench.pulses[pulses..] else { panic!("one pulse, for one joint") };
        assert!((position - held).abs() < 1e-9, "{position} instead of {held}");
        let (bench, _) = reached(bench, id);
        assert!(bench.greatest_step(0, Duration::ZERO) <= if asleep { 2.0 * STEP } else { STEP });
    }
}

#[test]
fn a_goal_while_the_bus_is_given_up_ends_with_the_reason_at_once() {
    let (mut bench, _) = on_its_way();
    bench.switch.set(Fault::Nak);
    bench.run(ms(600));
    let held = bench.position(0);
    let id = bench.go("pan", -0.9, 0.0);
    bench.power(true);
    bench.run(ms(1));
    let error = PowerError::Bus { reason: "sim: no acknowledge".to_owned() };
    assert_eq!(bench.answers, [("on", Err(error))]);
    assert_eq!(bench.outcome(id).end, MoveEnd::BusFault);
    bench.switch.set(Fault::None);
    bench.run(ms(1000));
    assert_eq!(bench.probe.powered(), [false, false], "what failed does not happen later");
    assert_eq!(bench.position(0), held);
}

#[test]
fn emergency_stop_while_the_bus_fails_is_answered_with_the_fault_and_taken_as_soon_as_it_works() {
    for fault in [Fault::Nak, Fault::Stuck] {
        for long in [0, 1000] {
            let (mut bench, id) = on_its_way();
            bench.switch.set(fault);
            bench.run(ms(60 + long));
            bench.emergency_stop(true);
            bench.run(PERIOD);
            let end = if long > 0 { MoveEnd::BusFault } else { MoveEnd::EmergencyStop };
            assert_eq!(bench.outcome(id).end, end);
            assert!(bench.handle.snapshots().borrow().emergency_stop);
            let refused = bench.handle.validate(&MoveRequest::one("pan", 0.0, 0.0, ""));
            assert!(refused.is_err(), "it is latched though the bus fails");
            assert_eq!(bench.probe.powered(), [true, false]);
            bench.run(ms(100));
            bench.switch.set(Fault::None);
            let patience = if long > 0 { ms(100) } else { PERIOD };
            bench.run(patience);
            assert_eq!(bench.probe.powered(), [false, false], "{fault} {long}");
            bench.emergency_stop(false);
            bench.run(ms(500));
            assert_eq!(bench.probe.powered(), [false, false]);
        }
    }
}

#[test]
fn the_answer_to_an_emergency_stop_tells_of_the_fault() {
    let (mut bench, _) = on_its_way();
    bench.switch.set(Fault::Nak);
    bench.emergency_stop(true);
    bench.tick();
    let [("emergency", Err(PowerError::Bus { reason }))] = &bench.answers[..] else {
        panic!("{:?}", bench.answers);
    };
    assert_eq!(reason, "sim: no acknowledge");
    bench.switch.set(Fault::None);
    bench.emergency_stop(true);
    bench.tick();
    assert_eq!(bench.answers, [("emergency", Ok(()))]);
}

#[test]
fn a_stop_while_the_bus_fails_is_answered_when_everything_holds_or_the_bus_is_given_up() {
    for long in [false, true] {
        let (mut bench, id) = on_its_way();
        bench.switch.set(Fault::Nak);
        bench.stop();
        bench.run(ms(200));
        assert_eq!(bench.asked.len(), 1, "it does not hold yet");
        if !long {
            bench.switch.set(Fault::None);
        }
        bench.run(ms(300));
        assert!(bench.asked.is_empty());
        assert_eq!(bench.outcome(id).end, if long { MoveEnd::BusFault } else { MoveEnd::Stopped });
    }
}

#[test]
fn a_jog_that_times_out_while_the_bus_fails_does_not_go_on_afterwards() {
    let mut bench = Bench::new();
    let jog = JogRequest { velocities: vec![("pan".to_owned(), 0.5)] };
    bench.handle.jog(bench.handle.validate_jog(&jog).unwrap(), ms(300));
    bench.posted = true;
    bench.run(ms(200));
    let before = bench.position(0);
    bench.switch.set(Fault::Nak);
    bench.run(ms(200));
    bench.switch.set(Fault::None);
    bench.run(ms(500));
    assert!(bench.position(0) - before < 0.03, "{before} to {}", bench.position(0));
    assert_eq!(bench.message(0), "holds, as no newer command came");
}
