use super::*;

#[test]
fn a_goal_ends_reached_at_its_position_in_the_tick_that_writes_it() {
    let mut bench = Bench::new();
    bench.start(1, "base", 1.0, 0.5);
    let mut last = Vec::new();
    while !bench.has_ended(1) {
        last = bench.tick();
    }
    assert_eq!(last, [(0, pulse(0, 1.0))]);
    let outcome = bench.outcome(1);
    assert_eq!(
        (outcome.end, outcome.position(), outcome.message.as_str()),
        (MoveEnd::Reached, Some(1.0), "reached")
    );
    let seconds = bench.now.as_secs_f64();
    assert!((2.0..2.3).contains(&seconds), "1 rad at 0.5 rad/s took {seconds} s");
}

#[test]
fn idle_nothing_is_written() {
    let mut bench = Bench::new();
    assert!(!bench.arm.needs_tick());
    bench.start(1, "base", 0.2, 0.0);
    bench.settle();
    assert!(!bench.arm.needs_tick());
    assert_eq!(bench.tick(), []);
    assert!(!bench.tick.changed);
}

#[test]
fn all_moving_joints_are_written_in_one_tick_and_no_others() {
    let mut bench = Bench::new();
    let valid = bench.valid(&MoveRequest::positions([("base", 1.0), ("clamp", 0.02)]));
    bench.arm.start(&valid, GoalId(1));
    let joints =
        |outputs: Vec<(usize, Output)>| outputs.into_iter().map(|(joint, _)| joint).collect::<Vec<_>>();
    assert_eq!(joints(bench.tick()), [0, 2]);
    assert_eq!(joints(bench.tick()), [0, 2]);
}

#[test]
fn joints_of_one_request_start_in_the_same_tick_and_end_together() {
    let mut bench = Bench::new();
    let valid = bench.valid(&MoveRequest::positions([("elbow", 0.3), ("base", 1.4)]));
    bench.arm.start(&valid, GoalId(1));
    bench.ticks(3);
    let joints = bench.arm.snapshot().joints;
    assert!(joints[0].velocity > 0.0 && joints[1].velocity > 0.0);
    bench.settle();
    assert_eq!(bench.outcome(1).positions, [(1, 0.3), (0, 1.4)]);
    assert_eq!(bench.outcome(1).position(), Some(0.3));
}

#[test]
fn a_newer_goal_preempts_the_older_on_its_joint_only() {
    let mut bench = Bench::new();
    bench.start(1, "base", 1.0, 0.5);
    bench.start(2, "clamp", 0.02, 0.01);
    bench.ticks(20);
    let before = bench.arm.snapshot().joints[0].clone();
    bench.start(3, "base", -1.0, 0.5);
    bench.tick();
    let outcome = bench.outcome(1);
    assert_eq!((outcome.end, outcome.position()), (MoveEnd::Preempted, before.position));
    assert_eq!(outcome.message, "preempted: goal 3 took base");
    let after = bench.arm.snapshot().joints[0].clone();
    assert!((after.position.unwrap() - before.position.unwrap()).abs() < 0.011, "a step in position");
    assert!((after.velocity - before.velocity).abs() <= 40.0 * 0.02 + 1e-9, "a step in velocity");
    bench.settle();
    assert_eq!(bench.outcome(2).end, MoveEnd::Reached);
    assert_eq!(bench.outcome(3).position(), Some(-1.0));
}

#[test]
fn the_other_joints_of_a_preempted_goal_hold_instead_of_going_on() {
    let mut bench = Bench::new();
    let valid = bench.valid(&MoveRequest::positions([("base", 1.4), ("elbow", -0.9)]));
    bench.arm.start(&valid, GoalId(1));
    bench.ticks(6);
    bench.start(2, "base", 0.0, 0.0);
    bench.settle();
    assert_eq!(bench.outcome(1).end, MoveEnd::Preempted);
    assert!(bench.position(1) > -0.8, "the elbow went on");
    let elbow = bench.arm.snapshot().joints[1].clone();
    assert_eq!((elbow.goal, elbow.goal_id, elbow.message.as_ref()), (elbow.position, None, "stopped"));
}

#[test]
fn a_command_preempts_a_goal_and_is_itself_no_goal() {
    let mut bench = Bench::new();
    bench.start(1, "base", 1.0, 0.1);
    bench.ticks(10);
    bench.set("base", -0.5);
    bench.settle();
    assert_eq!(bench.outcome(1).message, "preempted: a newer command took base");
    assert_eq!(bench.position(0), -0.5);
    assert_eq!(bench.ended.len(), 1);
}

#[test]
fn a_canceled_goal_slows_down_at_once_and_ends_where_it_holds() {
    let mut bench = Bench::new();
    bench.start(1, "base", 1.4, 3.0);
    bench.ticks(15);
    let (before, speed) = (bench.position(0), bench.arm.snapshot().joints[0].velocity);
    assert!(speed > 2.9);
    bench.arm.cancel(GoalId(1));
    bench.tick();
    assert!(bench.arm.snapshot().joints[0].velocity < speed, "it does not slow down in the next tick");
    assert!(!bench.has_ended(1), "it ends before it holds");
    bench.settle();
    let outcome = bench.outcome(1).clone();
    assert_eq!(outcome.end, MoveEnd::Canceled);
    let held = bench.position(0);
    assert_eq!(outcome.position(), Some(held));
    assert!(held > before && held < before + 0.3, "from {before} to {held}");
    assert_eq!(bench.arm.snapshot().joints[0].message, "canceled");
}

#[test]
fn a_cancel_of_a_goal_that_has_ended_or_never_was_does_nothing() {
    let mut bench = Bench::new();
    bench.start(1, "base", 0.5, 0.0);
    bench.settle();
    bench.start(2, "base", 1.0, 0.0);
    bench.arm.cancel(GoalId(1));
    bench.arm.cancel(GoalId(99));
    bench.settle();
    assert_eq!(bench.outcome(2).end, MoveEnd::Reached);
}

#[test]
fn a_goal_taken_over_while_it_cancels_ends_canceled() {
    let mut bench = Bench::new();
    bench.start(1, "base", 1.4, 3.0);
    bench.ticks(15);
    bench.arm.cancel(GoalId(1));
    bench.tick();
    bench.start(2, "base", 0.0, 0.0);
    bench.settle();
    assert_eq!(bench.outcome(1).end, MoveEnd::Canceled);
    assert_eq!(bench.outcome(2).end, MoveEnd::Reached);
}

#[test]
fn a_goal_where_the_joint_already_is_ends_in_the_first_tick() {
    let mut bench = Bench::new();
    bench.start(1, "base", 0.0, 0.0);
    assert_eq!(bench.tick(), [(0, pulse(0, 0.0))]);
    assert_eq!(bench.outcome(1).end, MoveEnd::Reached);
}

#[test]
fn progress_is_that_of_the_joint_that_is_behind() {
    let mut bench = Bench::new();
    let valid = bench.valid(&MoveRequest {
        moves: vec![
            JointMove { joint: "base".to_owned(), position: 1.0, speed: 0.5, ..JointMove::default() },
            JointMove { joint: "elbow".to_owned(), position: 0.1, speed: 0.5, ..JointMove::default() },
        ],
        ..MoveRequest::default()
    });
    bench.arm.start(&valid, GoalId(1));
    bench.ticks(50);
    let snapshot = bench.arm.snapshot();
    let progress = snapshot.progress(GoalId(1)).unwrap();
    assert_eq!(progress.progress, snapshot.joints[0].progress);
    assert!(
        (0.3..0.6).contains(&progress.progress) && (0.9..1.2).contains(&progress.remaining),
        "{progress:?}"
    );
    assert_eq!(snapshot.joints[1].progress, 1.0);
    assert_eq!(snapshot.progress(GoalId(2)), None);
}

#[test]
fn nothing_grows_with_the_number_of_goals() {
    let mut bench = Bench::new();
    for id in 0..10_000 {
        bench.start(id, "base", if id % 2 == 0 { 0.5 } else { -0.5 }, 0.0);
        if id % 7 == 0 {
            bench.tick();
        }
    }
    bench.settle();
    assert_eq!(bench.ended.len(), 10_000);
    assert!(bench.arm.ended.is_empty() && bench.arm.ended.capacity() < 64);
}

#[test]
fn after_a_gap_in_time_the_motion_goes_on_instead_of_leaping() {
    let mut bench = Bench::new();
    bench.start(1, "base", 1.4, 0.5);
    bench.ticks(25);
    let before = bench.position(0);
    bench.now += Duration::from_secs(60);
    bench.tick();
    assert!(bench.position(0) - before < 0.06);
    bench.settle();
    assert_eq!(bench.outcome(1).position(), Some(1.4));
}
