//! What the guard says before anything moves.

use super::*;

const BELOW: &str = "guard: the hand would come to ";

#[test]
fn a_move_below_the_desk_is_refused_with_part_and_height_and_nothing_moves() {
    let mut steve = Steve::home();
    steve.start(1, &to(&[(SHOULDER, 90.0)]));
    steve.tick();
    steve.assert_ended(1, MoveEnd::Guard);
    let outcome = steve.bench.outcome(1);
    assert!(
        outcome.message.starts_with(BELOW) && outcome.message.ends_with(" mm below the desk"),
        "{}",
        outcome.message
    );
    assert_eq!(outcome.positions, [(SHOULDER, 0.0)]);
    assert!(!steve.bench.arm.is_powered() && !steve.bench.arm.needs_tick());
    let said = steve.assert_refused(&to(&[(SHOULDER, 90.0)]));
    assert_eq!(said, steve.bench.outcome(1).message);
    assert_eq!(steve.bench.tick(), []);
}

#[test]
fn a_refused_move_leaves_what_goes_on_alone() {
    let mut steve = Steve::home();
    steve.start(1, &slowly(SHOULDER, 40.0, 0.5));
    steve.ticks(10);
    steve.start(2, &to(&[(SHOULDER, 90.0), (WRIST, 10.0)]));
    steve.settle();
    steve.assert_ended(2, MoveEnd::Guard);
    steve.assert_ended(1, MoveEnd::Reached);
    assert_eq!(steve.at, pose(40.0, 0.0, 0.0));
}

#[test]
fn the_same_move_passes_unguarded_or_without_guard_or_by_a_lower_rule() {
    let down = to(&[(SHOULDER, 90.0)]);
    let mut off = Steve::home();
    off.bench.arm.set_guarding(None);
    let lower = Steve::at(HOME, Rule { height: -0.2 });
    for (mut steve, request) in
        [(off, down.clone()), (lower, down.clone()), (Steve::home(), unguarded(down.clone()))]
    {
        steve.start(1, &request);
        steve.bench.settle();
        steve.assert_ended(1, MoveEnd::Reached);
    }
    let mut higher = Steve::at(HOME, Rule { height: 0.05 });
    higher.start(1, &to(&[(SHOULDER, 40.0)]));
    higher.tick();
    let message = &higher.bench.outcome(1).message;
    assert!(message.ends_with(" mm above the desk, 50 mm are asked for"), "{message}");
}

/// The hand is raised as far as it can be: so the shoulder may go all the way.
const RAISED: (f64, f64) = (60.0, 89.0);

#[test]
fn two_moves_each_free_but_not_both_and_the_second_is_refused() {
    let (elbow, wrist) = RAISED;
    for shoulder_first in [true, false] {
        let lean = slowly(SHOULDER, 90.0, 1.0);
        let lower = MoveRequest { together: true, ..to(&[(ELBOW, 0.0), (WRIST, 0.0)]) };
        let (first, second) = if shoulder_first { (lean, lower) } else { (lower, lean) };
        let mut steve = Steve::at(pose(0.0, elbow, wrist), DESK);
        let mut alone = Steve::at(pose(0.0, elbow, wrist), DESK);
        alone.start(1, &second);
        alone.settle();
        alone.assert_ended(1, MoveEnd::Reached);
        steve.start(1, &first);
        steve.ticks(3);
        steve.start(2, &second);
        steve.tick();
        steve.assert_ended(2, MoveEnd::Guard);
        steve.assert_refused(&second);
        steve.settle();
        steve.assert_ended(1, MoveEnd::Reached);
    }
}

#[test]
fn a_trajectory_through_the_desk_between_two_good_points_is_refused() {
    let mut steve = Steve::at(pose(50.0, -40.0, 89.0), DESK);
    let through = trajectory(&[ELBOW, WRIST], &[(2.0, &[30.0, -89.0])]);
    let guarding = Guarding { guard: guard(), rule: DESK };
    let foreseen = foresee_trajectory(&robot(), Some(&guarding), &steve.bench.arm.snapshot(), &through);
    assert!(matches!(foreseen, Err(MoveError::Guard(Contact::Desk { .. }))), "{foreseen:?}");
    assert_same(&steve.bench.arm.follow(&through), &foreseen);
    steve.bench.arm.start_following(&through, GoalId(1));
    steve.settle();
    steve.assert_ended(1, MoveEnd::Guard);
    assert_eq!(steve.at, pose(50.0, -40.0, 89.0));
    // Over the desk it is the same two points.
    let over = trajectory(
        &[SHOULDER, ELBOW, WRIST],
        &[(1.0, &[0.0, -40.0, 80.0]), (2.0, &[0.0, 30.0, -60.0]), (3.0, &[50.0, 30.0, -89.0])],
    );
    steve.bench.arm.start_following(&over, GoalId(2));
    steve.settle();
    steve.assert_ended(2, MoveEnd::Reached);
}

#[test]
fn a_quick_joint_beside_one_that_crawls_for_minutes_is_looked_at_closely() {
    let mut through = slowly(ELBOW, 30.0, 1.0);
    through.moves.extend(slowly(WRIST, -89.0, 2.5).moves);
    for (first, then) in [(true, through.clone()), (false, through)] {
        let mut steve = Steve::at(pose(50.0, -40.0, 89.0), DESK);
        let crawl = MoveRequest::one("clamp", 0.03, 0.000_05, "");
        if first {
            steve.start(1, &crawl);
            steve.ticks(2);
            steve.assert_refused(&then);
        } else {
            let mut both = then;
            both.moves.extend(crawl.moves);
            steve.assert_refused(&both);
        }
    }
}

#[test]
fn a_trajectory_that_lasts_ten_minutes_is_looked_at_closely_enough() {
    let mut steve = Steve::at(pose(50.0, -40.0, 89.0), DESK);
    let through = trajectory(&[ELBOW, WRIST], &[(600.0, &[30.0, -89.0])]);
    assert!(matches!(steve.bench.arm.follow(&through), Err(MoveError::Guard(_))));
}

#[test]
fn a_path_with_easings_is_looked_at_as_it_will_be() {
    // Its overshoot is what touches the desk.
    let mut steve = Steve::home();
    let lean = |easing: &str| MoveRequest::one("shoulder", 45.0_f64.to_radians(), 1.0, easing);
    let said = steve.assert_refused(&lean("out_elastic"));
    assert!(said.starts_with(BELOW), "{said}");
    for (id, easing) in [(1, "linear"), (2, "out_circ"), (3, "in_out_quad")] {
        let mut steve = Steve::home();
        steve.start(id, &lean(easing));
        steve.settle();
        steve.assert_ended(id, MoveEnd::Reached);
        steve.assert_refused(&MoveRequest::one("shoulder", 80.0_f64.to_radians(), 0.0, easing));
    }
}

#[test]
fn an_eased_move_together_with_another_may_go_where_it_alone_may_not() {
    let eased = |joint: usize, degrees: f64| JointMove {
        joint: NAMES[joint].to_owned(),
        position: f64::to_radians(degrees),
        speed: 1.0,
        easing: "in_out_sine".to_owned(),
    };
    let (elbow, wrist) = RAISED;
    let moves = vec![eased(SHOULDER, 90.0), eased(ELBOW, elbow), eased(WRIST, wrist)];
    let request = MoveRequest { moves, together: true, ..MoveRequest::default() };
    let mut steve = Steve::home();
    steve.start(1, &request);
    steve.settle();
    steve.assert_ended(1, MoveEnd::Reached);
    assert_eq!(steve.at, pose(90.0, elbow, wrist));
}

#[test]
fn a_move_to_where_the_joint_is_already_is_reached() {
    let mut steve = Steve::at(pose(80.0, 0.0, 0.0), DESK);
    assert!(!steve.is_free());
    steve.start(1, &to(&[(SHOULDER, 80.0)]));
    steve.settle();
    steve.assert_ended(1, MoveEnd::Reached);
}

#[test]
fn who_starts_in_a_bad_pose_may_leave_and_not_go_deeper() {
    for bad in [pose(80.0, 0.0, 0.0), pose(30.0, -40.0, -89.0)] {
        let mut steve = Steve::at(bad, DESK);
        assert!(!steve.is_free());
        if bad[SHOULDER] > 1.0 {
            steve.assert_refused(&to(&[(SHOULDER, 85.0)]));
        }
        steve.start(1, &to(&[(SHOULDER, 0.0), (ELBOW, 0.0), (WRIST, 0.0)]));
        steve.settle();
        steve.assert_ended(1, MoveEnd::Reached);
        assert!(steve.is_free());
        steve.assert_refused(&to(&[
            (SHOULDER, bad[SHOULDER].to_degrees()),
            (ELBOW, bad[ELBOW].to_degrees()),
            (WRIST, bad[WRIST].to_degrees()),
        ]));
    }
}

#[test]
fn a_move_that_ends_the_unguarded_goal_is_looked_at() {
    let mut steve = Steve::home();
    steve.start(1, &unguarded(to(&[(SHOULDER, 10.0), (ELBOW, 10.0)])));
    steve.ticks(2);
    steve.assert_refused(&to(&[(SHOULDER, 90.0)]));
}

#[test]
fn beside_an_unguarded_goal_another_move_is_looked_at_as_ever() {
    let mut steve = Steve::home();
    steve.start(1, &unguarded(slowly(0, 80.0, 0.1)));
    steve.ticks(2);
    steve.assert_refused(&to(&[(SHOULDER, 90.0)]));
}

#[test]
fn a_refusal_tells_the_lowest_of_the_way_and_not_the_first_that_is_too_low() {
    let mut steve = Steve::home();
    steve.start(1, &to(&[(SHOULDER, 90.0)]));
    steve.bench.tick();
    steve.assert_ended(1, MoveEnd::Guard);
    assert_eq!(steve.bench.outcome(1).message, "guard: the hand would come to 113 mm below the desk");
}
