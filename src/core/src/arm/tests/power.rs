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

#[test]
fn with_the_policy_home_an_unknown_joint_is_powered_at_home() {
    let mut bench = Bench::with(&[None; 3], PowerOn::Home);
    assert_eq!(bench.arm.snapshot().joints[0].position, None);
    bench.start(1, "base", 0.5, 0.0);
    assert_eq!(bench.tick(), [(0, pulse(0, 0.0))]);
    bench.arm.power(true).unwrap();
    bench.settle();
    assert_eq!(bench.outcome(1).end, MoveEnd::Reached);
    assert!(bench.arm.snapshot().joints.iter().all(|joint| joint.powered && joint.position.is_some()));
}

#[test]
fn a_position_that_was_remembered_outside_the_travel_counts_as_its_end() {
    let mut bench = Bench::with(&[Some(9.0), Some(0.0), Some(0.0)], PowerOn::Refuse);
    assert_eq!(bench.position(0), 1.5);
}

#[test]
fn what_a_failed_write_lost_is_written_again() {
    let mut bench = Bench::new();
    bench.start(1, "base", 0.1, 0.0);
    while !bench.has_ended(1) {
        bench.tick();
    }
    let Bench { arm, tick, .. } = &mut bench;
    arm.write_failed(tick);
    assert!(bench.arm.needs_tick());
    assert_eq!(bench.tick(), [(0, pulse(0, 0.1))]);
    bench.arm.power(false).unwrap();
    bench.tick();
    let Bench { arm, tick, .. } = &mut bench;
    arm.write_failed(tick);
    assert_eq!(bench.tick(), [(0, Output::Off)]);
    assert_eq!(bench.tick(), []);
}

#[test]
fn a_joint_whose_setpoint_was_lost_waits_for_the_bus_and_does_not_leap() {
    let mut bench = Bench::new();
    bench.start(1, "base", 1.0, 1.0);
    bench.ticks(20);
    let lost = bench.tick();
    for _ in 0..5 {
        let Bench { arm, tick, .. } = &mut bench;
        arm.write_failed(tick);
        assert_eq!(bench.tick(), lost);
    }
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
