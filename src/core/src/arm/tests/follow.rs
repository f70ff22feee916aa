use super::*;
use crate::trajectory::{
    JointTolerance, TrajectoryError, TrajectoryPoint, TrajectoryRequest, ValidTrajectory, validate_trajectory,
};

/// Time and positions.
fn request(joints: &[&str], points: &[(f64, &[f64])]) -> TrajectoryRequest {
    let point = |&(time_from_start, positions): &(f64, &[f64])| TrajectoryPoint {
        positions: positions.to_vec(),
        time_from_start,
        ..TrajectoryPoint::default()
    };
    TrajectoryRequest {
        joints: joints.iter().map(|&joint| joint.to_owned()).collect(),
        points: points.iter().map(point).collect(),
        ..TrajectoryRequest::default()
    }
}

fn within(joint: &str, position: f64) -> JointTolerance {
    JointTolerance { joint: joint.to_owned(), position, ..JointTolerance::default() }
}

/// The base to 1 rad in a second, and the elbow back and forth.
fn both() -> TrajectoryRequest {
    request(&["base", "elbow"], &[(0.5, &[0.5, -0.4]), (1.0, &[1.0, 0.2])])
}

fn valid(request: &TrajectoryRequest) -> ValidTrajectory {
    validate_trajectory(&robot(), request).unwrap()
}

impl Bench {
    fn follow(&mut self, id: u64, request: &TrajectoryRequest) {
        self.arm.start_following(&valid(request), GoalId(id));
    }

    fn lost_ticks(&mut self, count: usize) {
        for _ in 0..count {
            self.tick_that(false);
        }
    }

    fn joints(&mut self) -> Vec<JointSnapshot> {
        self.arm.snapshot().joints
    }
}

#[test]
fn a_trajectory_of_some_joints_leaves_the_others_alone() {
    let mut bench = Bench::new();
    bench.start(1, "clamp", 0.02, 0.01);
    bench.ticks(10);
    bench.follow(2, &both());
    bench.settle();
    assert_eq!((bench.outcome(1).end, bench.outcome(2).end), (MoveEnd::Reached, MoveEnd::Reached));
    let mut idle = Bench::new();
    idle.follow(1, &both());
    for _ in 0..40 {
        assert!(idle.tick().iter().all(|&(joint, _)| joint != 2));
    }
    assert!(!idle.joints()[2].powered);
}

#[test]
fn a_trajectory_passes_its_points_in_time_and_ends_reached_in_the_tick_that_writes_the_last() {
    let mut bench = Bench::new();
    bench.follow(1, &both());
    // The first tick writes where the joints are.
    assert_eq!(bench.tick(), [(0, pulse(0, 0.0)), (1, pulse(1, 0.0))]);
    bench.ticks(25);
    let joints = bench.joints();
    assert!((joints[0].position.unwrap() - 0.5).abs() < 1e-9, "{:?}", joints[0].position);
    assert!((joints[1].position.unwrap() + 0.4).abs() < 1e-9, "{:?}", joints[1].position);
    assert_eq!(
        (joints[0].goal, joints[0].goal_id, joints[0].desired),
        (Some(1.0), Some(GoalId(1)), joints[0].position)
    );
    bench.ticks(24);
    assert!(!bench.has_ended(1));
    assert_eq!(bench.tick(), [(0, pulse(0, 1.0)), (1, pulse(1, 0.2))]);
    let outcome = bench.outcome(1);
    assert_eq!(
        (outcome.end, outcome.positions.as_slice()),
        (MoveEnd::Reached, [(0, 1.0), (1, 0.2)].as_slice())
    );
    assert!(!bench.arm.needs_tick());
}

#[test]
fn a_trajectory_that_replaces_another_in_mid_flight_goes_on_from_it() {
    let mut bench = Bench::new();
    bench.follow(1, &both());
    bench.ticks(20);
    let before = bench.joints();
    bench.follow(2, &request(&["base", "elbow"], &[(0.6, &[-0.5, 0.0]), (1.2, &[-1.0, -0.5])]));
    bench.tick();
    assert_eq!(bench.outcome(1).end, MoveEnd::Preempted);
    let after = bench.joints();
    for (before, after) in before.iter().zip(&after).take(2) {
        let moved = after.position.unwrap() - before.position.unwrap();
        assert!((moved - before.velocity * 0.02).abs() < 0.01, "a step in position: {before:?} {after:?}");
        assert!((after.velocity - before.velocity).abs() < 0.7, "a step in velocity: {before:?} {after:?}");
    }
    assert!(before[0].velocity > 0.9, "it was on its way");
    bench.settle();
    assert_eq!(bench.outcome(2).positions, [(0, -1.0), (1, -0.5)]);
}

#[test]
fn a_canceled_trajectory_slows_down_within_the_limits_and_holds() {
    let mut bench = Bench::new();
    bench.follow(1, &both());
    bench.ticks(38);
    let mut before = bench.joints();
    bench.arm.cancel(GoalId(1));
    while !bench.has_ended(1) {
        bench.tick();
        let after = bench.joints();
        for (before, after) in before.iter().zip(&after) {
            assert!((after.velocity - before.velocity).abs() <= 40.0 * 0.02 + 1e-6, "{before:?} {after:?}");
        }
        before = after;
    }
    assert_eq!(bench.outcome(1).end, MoveEnd::Canceled);
    let held = bench.joints();
    assert!(held[0].position.unwrap() < 0.95 && held[0].goal == held[0].position);
    assert_eq!((held[0].desired, held[0].message.as_ref()), (held[0].position, "canceled"));
    assert_eq!(bench.tick(), []);
}

#[test]
fn what_is_lost_on_the_bus_lets_desired_run_ahead_and_the_trajectory_arrive_late() {
    let mut bench = Bench::new();
    bench.follow(1, &both());
    bench.ticks(20);
    let before = bench.joints();
    bench.lost_ticks(5);
    bench.tick();
    let joints = bench.joints();
    // What was lost first is written last: a tick is under way while it is not known yet.
    let behind = joints[0].desired.unwrap() - joints[0].position.unwrap();
    assert!((0.08..0.15).contains(&behind), "{behind} behind at 1 rad/s");
    assert!(joints[0].position.unwrap() - before[0].position.unwrap() < 0.045);
    assert!(joints[0].desired_velocity > 0.9);
    while !bench.has_ended(1) {
        bench.tick();
    }
    let late = bench.now.as_secs_f64() - (2.0 * 0.02 + 1.0);
    assert!((0.08..0.13).contains(&late), "{late} s late");
    assert_eq!(bench.outcome(1).positions, [(0, 1.0), (1, 0.2)]);
}

#[test]
fn a_joint_that_falls_too_far_behind_ends_the_trajectory_and_everything_holds() {
    let mut bench = Bench::new();
    bench.follow(1, &TrajectoryRequest { path_tolerance: vec![within("base", 0.05)], ..both() });
    bench.ticks(20);
    bench.lost_ticks(2);
    bench.tick();
    assert!(!bench.arm.is_stopping(), "0.04 rad behind are allowed");
    bench.lost_ticks(3);
    bench.settle();
    let outcome = bench.outcome(1).clone();
    assert_eq!(outcome.end, MoveEnd::PathTolerance);
    assert!(outcome.message.starts_with("path tolerance of base: 0.0"), "{}", outcome.message);
    assert!(outcome.message.ends_with(" behind, 0.0500 are allowed"), "{}", outcome.message);
    let joints = bench.joints();
    assert!(joints[0].position.unwrap() < 0.7 && joints[1].position.unwrap() < 0.1);
    assert_eq!(outcome.positions, [(0, joints[0].position.unwrap()), (1, joints[1].position.unwrap())]);
    assert_eq!(joints[0].message, outcome.message);
    assert_eq!(bench.tick(), []);
}

#[test]
fn a_tolerance_of_one_joint_is_not_that_of_another() {
    let mut bench = Bench::new();
    let generous = vec![within("elbow", 0.9), within("clamp", 1e-9)];
    bench.follow(1, &TrajectoryRequest { path_tolerance: generous, ..both() });
    bench.ticks(20);
    bench.lost_ticks(5);
    bench.settle();
    assert_eq!(bench.outcome(1).end, MoveEnd::Reached);
    let mut bench = Bench::new();
    bench.follow(1, &TrajectoryRequest { path_tolerance: vec![within("elbow", 0.001)], ..both() });
    bench.ticks(20);
    bench.lost_ticks(5);
    bench.settle();
    let message = &bench.outcome(1).message;
    assert!(message.starts_with("path tolerance of elbow: "), "{message}");
}

#[test]
fn who_is_too_far_from_its_goal_too_late_ends_by_goal_tolerance() {
    let strict = TrajectoryRequest {
        goal_tolerance: vec![within("base", 0.001), within("elbow", 0.001)],
        goal_time_tolerance: 0.05,
        ..both()
    };
    let mut bench = Bench::new();
    bench.follow(1, &strict);
    bench.ticks(20);
    bench.lost_ticks(6);
    bench.settle();
    let outcome = bench.outcome(1).clone();
    assert_eq!(outcome.end, MoveEnd::GoalTolerance);
    assert!(outcome.message.starts_with("goal tolerance of base: 0."), "{}", outcome.message);
    assert!(
        outcome.message.contains(" away 0.0") && outcome.message.ends_with(" s after its time"),
        "{}",
        outcome.message
    );
    assert!(bench.joints()[0].position.unwrap() < 0.9999);
}

#[test]
fn who_is_near_enough_or_soon_enough_is_not_ended_by_goal_tolerance() {
    let near = TrajectoryRequest {
        goal_tolerance: vec![within("base", 0.3), within("elbow", 0.3)],
        goal_time_tolerance: 0.05,
        ..both()
    };
    let soon = TrajectoryRequest {
        goal_tolerance: vec![within("base", 0.001), within("elbow", 0.001)],
        goal_time_tolerance: 0.2,
        ..both()
    };
    let timeless = TrajectoryRequest { goal_time_tolerance: 0.0, ..soon.clone() };
    for request in [near, soon, timeless] {
        let mut bench = Bench::new();
        bench.follow(1, &request);
        bench.ticks(20);
        bench.lost_ticks(6);
        bench.settle();
        assert_eq!(bench.outcome(1).end, MoveEnd::Reached);
    }
}

#[test]
fn a_trajectory_whose_start_no_longer_fits_is_refused_and_nothing_moves() {
    let mut bench = Bench::new();
    let begins = request(&["elbow", "base"], &[(0.0, &[0.0, 0.0]), (1.0, &[-0.5, 1.0])]);
    let begins = valid(&begins);
    bench.set("base", 0.4);
    bench.settle();
    bench.start(1, "elbow", -0.3, 0.2);
    bench.ticks(3);
    bench.arm.start_following(&begins, GoalId(2));
    assert!(matches!(
        bench.arm.follow(&begins),
        Err(MoveError::Trajectory(TrajectoryError::StartsElsewhere { position: 0.0, present: 0.4, .. }))
    ));
    bench.settle();
    assert_eq!(bench.outcome(2).end, MoveEnd::Refused);
    assert!(
        bench.outcome(2).message.contains("points[0].positions[1] (base)"),
        "{}",
        bench.outcome(2).message
    );
    assert_eq!(bench.outcome(1).end, MoveEnd::Reached, "what went on went on");
    assert_eq!(bench.position(0), 0.4);
    assert!(!bench.joints()[2].powered);
}

#[test]
fn a_trajectory_starts_near_where_it_was_asked_to_and_ends_exactly_where_it_was_asked_to() {
    let mut bench = Bench::new();
    let begins = request(&["base"], &[(0.0, &[0.02]), (1.0, &[1.0])]);
    bench.follow(1, &begins);
    bench.settle();
    assert_eq!(bench.outcome(1).positions, [(0, 1.0)]);
}

#[test]
fn emergency_stop_ends_a_trajectory_at_once_and_refuses_another() {
    let mut bench = Bench::new();
    bench.follow(1, &both());
    bench.ticks(20);
    let before = bench.position(0);
    bench.arm.emergency_stop(true);
    bench.follow(2, &both());
    assert_eq!(bench.arm.follow(&valid(&both())), Err(MoveError::EmergencyStop));
    assert_eq!(bench.tick(), [(0, Output::Off), (1, Output::Off)]);
    assert_eq!(
        (bench.outcome(1).end, bench.outcome(2).end),
        (MoveEnd::EmergencyStop, MoveEnd::EmergencyStop)
    );
    assert_eq!(bench.position(0), before);
}

#[test]
fn a_trajectory_of_a_joint_whose_position_is_unknown_is_refused() {
    let mut bench = Bench::with(&[Some(0.0), None, Some(0.0)], PowerOn::Refuse);
    bench.follow(1, &both());
    assert_eq!(bench.tick(), []);
    let outcome = bench.outcome(1);
    assert_eq!((outcome.end, outcome.positions.as_slice()), (MoveEnd::Refused, [(0, 0.0)].as_slice()));
    assert!(outcome.message.contains("position of `elbow` is unknown"), "{}", outcome.message);
    assert!(!bench.arm.is_powered());
}

#[test]
fn a_move_that_takes_one_joint_ends_the_whole_trajectory_and_its_other_joints_hold() {
    let mut bench = Bench::new();
    bench.follow(1, &both());
    bench.ticks(20);
    bench.start(2, "elbow", -0.9, 0.0);
    bench.tick();
    assert_eq!(bench.outcome(1).end, MoveEnd::Preempted);
    assert_eq!(bench.outcome(1).message, "preempted: goal 2 took elbow");
    bench.settle();
    assert_eq!(bench.outcome(2).end, MoveEnd::Reached);
    let base = bench.joints()[0].clone();
    assert!(base.position.unwrap() < 0.6, "the base went on to {:?}", base.position);
    assert_eq!((base.goal, base.message.as_ref()), (base.position, "preempted: goal 2 took elbow"));
}

#[test]
fn a_trajectory_takes_one_joint_of_a_move_and_the_moves_others_hold() {
    let mut bench = Bench::new();
    let all = bench.valid(&MoveRequest::positions([("base", 1.4), ("elbow", -0.9), ("clamp", 0.03)]));
    bench.arm.start(&all, GoalId(1));
    bench.ticks(6);
    bench.follow(2, &both());
    bench.settle();
    assert_eq!(bench.outcome(1).end, MoveEnd::Preempted);
    assert_eq!(bench.outcome(2).positions, [(0, 1.0), (1, 0.2)]);
    assert!(bench.position(2) < 0.02);
}

#[test]
fn a_trajectory_without_being_a_goal_preempts_goals_and_ends_none() {
    let mut bench = Bench::new();
    bench.start(1, "base", -1.0, 0.3);
    bench.ticks(10);
    bench.arm.follow(&valid(&both())).unwrap();
    bench.settle();
    assert_eq!(bench.outcome(1).message, "preempted: a newer command took base");
    assert_eq!((bench.position(0), bench.position(1), bench.ended.len()), (1.0, 0.2, 1));
}

#[test]
fn whether_a_trajectory_fits_can_be_foreseen() {
    let mut bench = Bench::new();
    bench.set("base", 0.4);
    bench.settle();
    let (fits, not) = (valid(&both()), valid(&request(&["base"], &[(0.0, &[0.0]), (1.0, &[1.0])])));
    let snapshot = bench.arm.snapshot();
    assert_eq!(foresee_trajectory(&robot(), None, &snapshot, &fits), Ok(()));
    let error = foresee_trajectory(&robot(), None, &snapshot, &not);
    assert_eq!(error, bench.arm.follow(&not));
    assert!(matches!(error, Err(MoveError::Trajectory(_))));
}
