use super::*;

#[test]
fn the_first_goal_powers_its_joint_where_it_stands() {
    let mut bench = Bench::with(&[Some(0.3), Some(0.0), Some(0.0)], PowerOn::Refuse);
    assert!(!bench.arm.is_powered());
    bench.start(1, "base", 1.0, 0.0);
    assert_eq!(bench.tick(), [(0, pulse(0, 0.3))]);
    let joints = bench.arm.snapshot().joints;
    assert_eq!([joints[0].powered, joints[1].powered, joints[2].powered], [true, false, false]);
}

#[test]
fn power_on_moves_nothing() {
    let mut bench = Bench::with(&[Some(0.3), Some(-0.2), Some(0.01)], PowerOn::Refuse);
    bench.arm.power(true).unwrap();
    assert_eq!(bench.tick(), [(0, pulse(0, 0.3)), (1, pulse(1, -0.2)), (2, pulse(2, 0.01))]);
    assert_eq!(bench.tick(), []);
    bench.arm.power(true).unwrap();
    assert_eq!(bench.tick(), [], "power that is on is not written again");
}

#[test]
fn power_off_in_mid_motion_ends_the_goal_and_lets_go() {
    let mut bench = Bench::new();
    bench.start(1, "base", 1.0, 0.5);
    bench.ticks(20);
    let before = bench.position(0);
    bench.arm.power(false).unwrap();
    assert_eq!(bench.tick(), [(0, Output::Off)], "joints that are off are not written");
    let outcome = bench.outcome(1);
    assert_eq!((outcome.end, outcome.message.as_str()), (MoveEnd::PoweredOff, "powered off"));
    assert_eq!(bench.tick(), []);
    let base = bench.arm.snapshot().joints[0].clone();
    assert_eq!((base.position, base.powered, base.moving, base.velocity), (Some(before), false, false, 0.0));
    bench.arm.power(true).unwrap();
    assert_eq!(bench.tick()[0], (0, pulse(0, before)), "power comes back where it went");
}

#[test]
fn a_joint_at_an_unknown_position_stays_off_and_is_named() {
    let mut bench = Bench::with(&[Some(0.3), None], PowerOn::Refuse);
    let error = bench.arm.power(true).unwrap_err();
    assert_eq!(error, PowerError::PositionUnknown { joints: vec!["elbow".to_owned(), "clamp".to_owned()] });
    assert!(error.to_string().contains("elbow, clamp"), "{error}");
    assert_eq!(bench.tick(), [(0, pulse(0, 0.3))]);
    let joints = bench.arm.snapshot().joints;
    assert_eq!((joints[1].position, joints[1].message.as_ref()), (None, "position unknown"));
}

fn is_pulse(output: Output) -> bool {
    matches!(output, Output::Pulse { .. })
}

#[test]
fn with_the_policy_home_an_unknown_joint_creeps_home_and_then_moves() {
    let mut bench = Bench::with(&[None; 3], PowerOn::Home);
    bench.start(1, "base", 0.5, 0.0);
    let first: Vec<bool> = (0..50).map(|_| is_pulse(bench.tick()[0].1)).collect();
    let pulses = first.iter().filter(|pulse| **pulse).count();
    assert!((5..25).contains(&pulses), "{pulses} of the first 50 frames had pulses");
    let joint = bench.arm.snapshot().joints[0].clone();
    assert_eq!((joint.position, joint.moving, joint.powered), (None, true, true));
    assert!(joint.message.contains("home slowly"), "{}", joint.message);
    let creeping: Vec<_> = (0..49).flat_map(|_| bench.tick()).collect();
    assert!(
        creeping.iter().all(|(joint, output)| *joint == 0 && [pulse(0, 0.0), Output::Off].contains(output))
    );
    bench.arm.power(true).unwrap();
    bench.settle();
    assert_eq!(bench.outcome(1).end, MoveEnd::Reached);
    assert!(bench.arm.snapshot().joints.iter().all(|joint| joint.powered && joint.position.is_some()));
}

#[test]
fn a_joint_that_is_stopped_on_its_slow_way_home_goes_limp_and_stays_unknown() {
    let ways: [fn(&mut Arm); 4] = [
        Arm::stop,
        |arm| arm.cancel(GoalId(1)),
        |arm| arm.emergency_stop(true),
        |arm| arm.power(false).unwrap(),
    ];
    for (index, way) in ways.iter().enumerate() {
        let mut bench = Bench::with(&[None; 3], PowerOn::Home);
        bench.start(1, "base", 0.5, 0.0);
        bench.ticks(60);
        way(&mut bench.arm);
        assert_eq!(bench.tick(), [(0, Output::Off)], "way {index}");
        assert_eq!(bench.tick(), [], "way {index}");
        let joint = bench.arm.snapshot().joints[0].clone();
        assert_eq!(
            (joint.position, joint.powered, joint.message.as_ref()),
            (None, false, "position unknown")
        );
        assert!(bench.has_ended(1), "way {index}");
    }
}

#[test]
fn at_rest_for_the_idle_timeout_the_servos_go_limp_and_say_why() {
    let options = ArmOptions { idle_timeout: Some(Duration::from_secs(10)), ..ArmOptions::default() };
    let mut bench = Bench::with_options(&[Some(0.0); 3], options);
    assert_eq!(bench.arm.idle_at(), None, "what is off does not idle");
    bench.start(1, "base", 0.2, 0.0);
    assert_eq!(bench.arm.idle_at(), None, "what moves does not idle");
    bench.settle();
    let at = bench.arm.idle_at().unwrap();
    assert_eq!(at, bench.now + Duration::from_secs(10));
    bench.now = at - PERIOD * 2;
    assert_eq!(bench.tick(), []);
    assert_eq!(bench.tick(), [(0, Output::Off)]);
    let base = bench.arm.snapshot().joints[0].clone();
    assert_eq!((base.position, base.powered), (Some(0.2), false));
    assert_eq!(base.message, "powered off after 10 s at rest");
    bench.start(2, "base", 0.3, 0.0);
    assert_eq!(bench.tick(), [(0, pulse(0, 0.2))], "the next goal powers it where it is");
}

#[test]
fn power_after_a_long_rest_starts_the_idle_timeout_anew() {
    let options = ArmOptions { idle_timeout: Some(Duration::from_secs(10)), ..ArmOptions::default() };
    let mut bench = Bench::with_options(&[Some(0.0); 3], options);
    // No tick in between: an arm at rest is not ticked.
    bench.now += Duration::from_secs(60);
    bench.arm.power(true).unwrap();
    assert_eq!(bench.tick()[0], (0, pulse(0, 0.0)));
    assert_eq!(bench.arm.idle_at(), Some(bench.now + Duration::from_secs(10)));
}

#[test]
fn a_position_that_was_remembered_outside_the_travel_counts_as_its_end() {
    let mut bench = Bench::with(&[Some(9.0), Some(0.0), Some(0.0)], PowerOn::Refuse);
    assert_eq!(bench.position(0), 1.5);
}

#[test]
fn what_a_failed_write_lost_is_written_again() {
    let mut bench = Bench::new();
    bench.arm.power(true).unwrap();
    let lost = bench.tick_that(false);
    assert_eq!(lost.len(), 3);
    assert!(bench.arm.needs_tick());
    assert_eq!(bench.tick(), lost);
    bench.arm.power(false).unwrap();
    bench.tick_that(false);
    assert_eq!(bench.tick(), [(0, Output::Off), (1, Output::Off), (2, Output::Off)]);
    assert_eq!(bench.tick(), []);
}

#[test]
fn a_goal_is_reached_only_when_its_last_setpoint_was_written() {
    let mut bench = Bench::new();
    bench.start(1, "base", 0.1, 0.0);
    while bench.arm.snapshot().joints[0].remaining > PERIOD.as_secs_f64() {
        bench.tick();
    }
    for _ in 0..3 {
        assert_eq!(bench.tick_that(false), [(0, pulse(0, 0.1))]);
        assert!(!bench.has_ended(1) && bench.arm.needs_tick());
    }
    bench.tick();
    assert_eq!(bench.outcome(1).end, MoveEnd::Reached);
}

#[test]
fn a_joint_whose_setpoint_was_lost_waits_for_the_bus_and_does_not_leap() {
    let mut bench = Bench::new();
    bench.start(1, "base", 1.0, 1.0);
    bench.ticks(20);
    let lost = bench.tick_that(false);
    for _ in 0..5 {
        assert_eq!(bench.tick_that(false), lost);
    }
    assert_eq!(bench.tick(), lost);
    let before = bench.position(0);
    bench.tick();
    assert!((bench.position(0) - before - 0.02).abs() < 1e-9);
    bench.settle();
    assert_eq!(bench.outcome(1).end, MoveEnd::Reached);
}

#[test]
fn power_on_policies_have_names() {
    for policy in [PowerOn::Refuse, PowerOn::Home] {
        assert_eq!(policy.to_string().parse(), Ok(policy));
    }
    assert_eq!("on".parse::<PowerOn>().unwrap_err().to_string(), "`on`; allowed are refuse, home");
}
