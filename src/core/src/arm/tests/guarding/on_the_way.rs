//! What the guard does while joints move.

use super::*;

#[test]
fn jogging_towards_the_desk_stops_before_it_says_why_and_may_turn_back() {
    for speed in [0.2, 1.0, 5.0] {
        let mut steve = Steve::home();
        for _ in 0..400 {
            steve.jog(SHOULDER, speed);
            steve.tick();
            assert!(steve.is_free());
        }
        assert!((44.0..50.0).contains(&steve.degrees(SHOULDER)), "{} degrees", steve.degrees(SHOULDER));
        steve.settle();
        let said = steve.message(SHOULDER);
        assert!(said.starts_with("guard: the hand would come to "), "{said}");
        let held = steve.degrees(SHOULDER);
        steve.jog(SHOULDER, -speed);
        steve.ticks(10);
        assert!(steve.degrees(SHOULDER) < held - 0.5, "it does not turn back");
    }
}

#[test]
fn a_jog_beside_a_move_that_was_free_alone_stops_before_the_desk() {
    let mut steve = Steve::at(pose(0.0, 60.0, 89.0), DESK);
    steve.start(1, &slowly(SHOULDER, 90.0, 1.0));
    for _ in 0..150 {
        steve.jog(ELBOW, -2.0);
        steve.tick();
        assert!(steve.is_free());
    }
    steve.assert_ended(1, MoveEnd::Guard);
}

/// The shoulder leans all the way while elbow and wrist rise, each as a goal of its own.
fn rise_and_lean() -> Steve {
    let mut steve = Steve::home();
    steve.start(1, &MoveRequest { together: true, ..to(&[(ELBOW, 60.0), (WRIST, 89.0)]) });
    steve.start(2, &slowly(SHOULDER, 90.0, 1.5));
    steve
}

#[test]
fn the_cancel_of_what_kept_the_hand_up_stops_the_rest_before_the_desk() {
    let mut steve = rise_and_lean();
    steve.settle();
    steve.assert_ended(1, MoveEnd::Reached);
    steve.assert_ended(2, MoveEnd::Reached);
    for after in [1, 5, 10] {
        let mut steve = rise_and_lean();
        steve.ticks(after);
        steve.bench.arm.cancel(GoalId(1));
        steve.settle();
        steve.assert_ended(1, MoveEnd::Canceled);
        steve.assert_ended(2, MoveEnd::Guard);
        assert!(steve.is_free() && steve.degrees(SHOULDER) > 20.0, "{} degrees", steve.degrees(SHOULDER));
    }
}

#[test]
fn whoever_takes_the_joints_that_kept_the_hand_up_is_looked_at() {
    let mut steve = rise_and_lean();
    steve.ticks(5);
    // It ends the goal that raises the elbow too, which then holds.
    steve.assert_refused(&to(&[(WRIST, 0.0)]));
    steve.jog(WRIST, -0.1);
    steve.settle();
    steve.assert_ended(1, MoveEnd::Preempted);
    steve.assert_ended(2, MoveEnd::Guard);
    assert!(steve.is_free());
}

#[test]
fn a_stop_is_safe_at_any_time() {
    for after in 0..80 {
        let mut steve = rise_and_lean();
        steve.ticks(after);
        steve.bench.arm.stop();
        steve.settle();
        assert!(steve.is_free());
    }
}

#[test]
fn a_rule_that_becomes_higher_on_the_way_stops_the_move() {
    let mut steve = Steve::home();
    steve.start(1, &slowly(SHOULDER, 45.0, 0.5));
    steve.ticks(10);
    let rule = Rule { height: 0.05 };
    steve.rule = rule;
    steve.bench.arm.set_guarding(Some(Guarding { guard: guard(), rule }));
    steve.settle();
    steve.assert_ended(1, MoveEnd::Guard);
    assert!((30.0..40.0).contains(&steve.degrees(SHOULDER)));
}

#[test]
fn an_unguarded_goal_exempts_its_own_joints_and_no_others() {
    let mut steve = Steve::home();
    steve.start(1, &unguarded(slowly(0, 80.0, 0.25)));
    for _ in 0..100 {
        steve.jog(SHOULDER, 1.0);
        steve.bench.tick();
    }
    assert!(
        (40.0..50.0).contains(&steve.bench.position(SHOULDER).to_degrees()),
        "{}",
        steve.bench.position(SHOULDER).to_degrees()
    );
    assert!(steve.message(SHOULDER).starts_with("guard: the hand"), "{}", steve.message(SHOULDER));
    assert!(steve.bench.ended.is_empty(), "the unguarded goal goes on");
    steve.bench.settle();
    steve.assert_ended(1, MoveEnd::Reached);
    let mut steve = Steve::home();
    steve.start(1, &unguarded(to(&[(SHOULDER, 80.0)])));
    steve.bench.settle();
    steve.assert_ended(1, MoveEnd::Reached);
}

#[test]
fn a_jog_at_the_desk_does_not_begin_again_with_every_command() {
    let mut steve = Steve::home();
    for _ in 0..100 {
        steve.jog(SHOULDER, 1.0);
        steve.bench.tick();
    }
    let (held, message) = (steve.bench.position(SHOULDER).to_degrees(), steve.message(SHOULDER));
    assert!((40.0..50.0).contains(&held) && message.starts_with("guard: the hand"), "{held} {message}");
    for _ in 0..20 {
        steve.jog(SHOULDER, 1.0);
        steve.bench.tick();
        assert!(!steve.bench.tick.changed && !steve.bench.arm.is_moving(), "it tries again and again");
    }
    assert_eq!((steve.bench.position(SHOULDER).to_degrees(), steve.message(SHOULDER)), (held, message));
}

#[test]
fn at_the_desk_only_the_joint_comes_to_rest_that_has_to() {
    let mut steve = Steve::home();
    steve.start(1, &slowly(WRIST_LR, 60.0, 0.2));
    for _ in 0..100 {
        steve.jog(SHOULDER, 1.0);
        steve.jog(0, 0.3);
        steve.bench.tick();
    }
    assert!((40.0..50.0).contains(&steve.bench.position(SHOULDER).to_degrees()));
    assert!((steve.bench.arm.snapshot().joints[0].velocity - 0.3).abs() < 1e-6, "the torso jogs on");
    assert!(steve.bench.ended.is_empty(), "the goal of another joint goes on");
}

#[test]
fn an_unguarded_command_goes_all_the_way_and_is_the_last_that_does() {
    let mut steve = Steve::home();
    steve.bench.arm.set(&valid(&unguarded(to(&[(SHOULDER, 60.0)])))).unwrap();
    steve.bench.settle();
    assert_eq!(steve.bench.position(SHOULDER), 60.0_f64.to_radians());
    steve.at = pose(60.0, 0.0, 0.0).to_vec();
    steve.assert_refused(&to(&[(SHOULDER, 65.0)]));
    steve.start(1, &to(&[(SHOULDER, 0.0)]));
    steve.settle();
    steve.assert_ended(1, MoveEnd::Reached);
}

fn height(pose: &[f64; 6]) -> f64 {
    match guard().watch(Rule { height: 1.0 }, &[0.0, -1.5, 1.0, 0.0, 0.0, 0.0]).pass(pose) {
        Err(Contact::Desk { height, .. }) => height,
        other => panic!("{other:?}"),
    }
}

/// The hand swings through its lowest place, and is above it again after one late tick.
#[test]
fn a_contact_inside_a_late_tick_is_seen() {
    let swing = |wrist: i32| pose(60.0, 30.0, -f64::from(wrist));
    let lowest = (0..90).map(|wrist| height(&swing(wrist))).fold(f64::INFINITY, f64::min);
    let ends = height(&swing(89)).min(height(&swing(20)));
    assert!(ends > lowest + 0.005, "{ends} {lowest}");
    let mut stopped = 0;
    for start in 0..30 {
        let mut steve = Steve::at(swing(start), Rule { height: lowest + 0.00025 });
        for _ in 0..8 {
            steve.jog(WRIST, -5.0);
            steve.late_tick(Duration::from_millis(80)).unwrap();
        }
        stopped += usize::from(steve.message(WRIST).starts_with("guard"));
    }
    assert_eq!(stopped, 30);
}

/// All of its way is free; but on its last stretch it is so fast that a stop would lead below the desk.
#[test]
fn an_easing_that_ends_at_full_speed_just_above_the_desk_is_stopped_while_it_can_be() {
    let mut steve = Steve::home();
    steve.start(1, &MoveRequest::one("shoulder", 45.0_f64.to_radians(), 1.0, "in_circ"));
    steve.settle();
    steve.assert_ended(1, MoveEnd::Guard);
    assert!(steve.is_free() && steve.degrees(SHOULDER) > 30.0);
}

fn follow(steve: &mut Steve, time: f64, degrees: [f64; 3]) {
    let way = trajectory(&[SHOULDER, ELBOW, WRIST], &[(time, &degrees)]);
    steve.bench.arm.follow(&way).unwrap();
}

/// While it brakes, a finger passes an edge of the torso: in the torso for less than 10 ms, 0.1 mm deep.
#[test]
fn a_jog_that_takes_the_shoulder_from_a_trajectory_brakes_without_cutting_the_torsos_edge() {
    let mut steve = Steve::home();
    steve.bench.arm.set(&valid(&to(&[(ELBOW, -29.7201)]))).unwrap();
    steve.ticks(15);
    follow(&mut steve, 0.970_484, [-12.6247, -30.4911, -55.8939]);
    steve.ticks(18);
    follow(&mut steve, 2.179_774, [-9.0759, -38.5819, -48.1155]);
    steve.ticks(28);
    steve.jog(SHOULDER, 2.167_205);
    steve.settle();
    assert!(steve.message(SHOULDER).starts_with("guard: the hand would go into the torso"));
}

/// The same at the end of the wrist's travel.
#[test]
fn a_jog_that_takes_the_wrist_from_a_trajectory_brakes_without_cutting_the_torsos_edge() {
    let mut steve = Steve::home();
    let mut bend = slowly(ELBOW, 52.0738, 0.611_089_9);
    bend.moves.extend(MoveRequest::one("wrist_ud", -1.009_955_327_9, 0.0, "linear").moves);
    steve.bench.arm.set(&valid(&bend)).unwrap();
    steve.ticks(9);
    steve.start(1, &to(&[(ELBOW, -7.2990)]));
    steve.ticks(4);
    follow(&mut steve, 1.694_113, [-48.9689, 58.3323, -90.0000]);
    steve.jog(WRIST, -3.603_875_7);
    steve.settle();
    assert!(steve.message(WRIST).starts_with("guard: the hand would go into the torso"));
}

/// A tick that comes late while it brakes would go straight from where it is to where the brake has come to by then.
#[test]
fn a_brake_whose_ticks_come_late_goes_the_way_that_was_looked_at() {
    for late in (0..90).step_by(10) {
        for start in 0..20 {
            let mut steve = Steve::home();
            steve.start(1, &to(&[(ELBOW, -50.0)]));
            steve.ticks(start);
            for _ in 0..60 {
                steve.jog(WRIST, -5.0);
                steve.jog(SHOULDER, 5.0);
                steve.late_tick(Duration::from_millis(late)).unwrap();
            }
        }
    }
}
