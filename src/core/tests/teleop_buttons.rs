//! What buttons do: the clamp, actions, and the mode.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a panic here is a failing test")]

mod teleop_bench;

use steve_core::cartesian::{Cartesian, HAND_LINK};
use steve_core::kinematics::Kinematics;
use steve_core::teleop::{Action, HandSolver, HandTwist, Heard, Mode, Notice, POSITIONS_EVERY};
use teleop_bench::{Bench, PERIOD, Plain, TIMEOUT, ms, profile, robot, shipped};

const URDF: &str = include_str!("../../../urdf/steve.urdf");

const FULL: f64 = 0.6835;

fn mouse() -> Bench {
    Bench::ready(shipped("spacemouse"))
}

/// The dead man's button is held.
fn pad() -> Bench {
    let mut bench = Bench::ready(shipped("gamepad"));
    assert_eq!(bench.button(4, true), []);
    bench
}

fn clamp_at(bench: &mut Bench, position: f64) {
    bench.arm.positions[5] = Some(position);
    bench.see_arm();
}

#[test]
fn a_held_button_closes_the_clamp_and_letting_go_opens_it_until_it_is_open() {
    let mut bench = mouse();
    assert_eq!(bench.button(0, true), []);
    assert_eq!(bench.last().unwrap(), [("clamp", -0.1)]);
    bench.hold(ms(200));
    clamp_at(&mut bench, 0.01);
    bench.button(0, false);
    bench.silence(ms(20));
    assert_eq!(bench.last().unwrap(), [("clamp", 0.1)]);
    // A mouse at rest says nothing.
    bench.silence(ms(100));
    clamp_at(&mut bench, 0.02);
    bench.silence(ms(50));
    assert_eq!(bench.last().unwrap(), [("clamp", 0.1)]);
    clamp_at(&mut bench, 0.03);
    bench.silence(ms(20));
    assert_eq!(bench.last().unwrap(), [("clamp", 0.0)]);
    let sent = bench.sent.len();
    bench.silence(ms(10_000));
    assert_eq!(bench.sent.len(), sent);
    assert_eq!(bench.teleop.due(bench.now), None);
}

#[test]
fn a_clamp_that_is_closed_is_left_alone_though_the_button_is_held() {
    let mut bench = mouse();
    bench.button(0, true);
    bench.hold(ms(100));
    clamp_at(&mut bench, 0.01);
    clamp_at(&mut bench, 0.0);
    bench.silence(ms(20));
    assert_eq!(bench.last().unwrap(), [("clamp", 0.0)]);
    let sent = bench.sent.len();
    bench.hold(ms(1000));
    assert_eq!(bench.sent.len(), sent);
    bench.button(0, false);
    assert_eq!(bench.last().unwrap(), [("clamp", 0.1)]);
}

#[test]
fn a_clamp_whose_position_is_unknown_opens_for_as_long_as_its_travel_takes() {
    let mut bench = mouse();
    bench.arm.positions.clear();
    bench.see_arm();
    bench.button(0, true);
    bench.button(0, false);
    let released = bench.now;
    bench.silence(ms(5000));
    let (ended, jog) = bench.sent.last().unwrap();
    assert_eq!(jog.velocities, [("clamp".to_owned(), 0.0)]);
    assert!(
        (ms(800)..=ms(820)).contains(&(*ended - released)),
        "0.03 m at 0.1 m/s and half a second: {ended:?}"
    );
}

#[test]
fn a_position_from_before_the_button_does_not_end_the_opening() {
    let mut bench = mouse();
    bench.button(0, true);
    bench.hold(ms(200));
    bench.button(0, false);
    // Open, as it was when it was last heard of.
    clamp_at(&mut bench, 0.03);
    bench.silence(ms(200));
    assert_eq!(bench.last().unwrap(), [("clamp", 0.1)]);
}

#[test]
fn a_clamp_moves_beside_the_joints() {
    let mut bench = mouse();
    bench.buttons[0] = true;
    bench.axis(2, FULL);
    assert_eq!(bench.last().unwrap(), [("elbow", 2.0), ("clamp", -0.1)]);
}

#[test]
fn a_button_held_at_the_start_does_nothing_and_neither_does_letting_it_go() {
    for name in ["spacemouse", "gamepad"] {
        let mut bench = Bench::alone(shipped(name));
        bench.see_arm();
        bench.buttons = vec![true, false, true, false, false, true, true, true, false, true, true];
        bench.buttons[if name == "gamepad" { 4 } else { 1 }] = true;
        assert_eq!(bench.joy(), []);
        bench.buttons = vec![false; 12];
        assert_eq!(bench.joy(), []);
        bench.hold(ms(500));
        assert_eq!(bench.sent, []);
    }
}

#[test]
fn stop_and_emergency_stop_count_in_the_very_first_message() {
    for (button, action) in [(3, Action::Stop), (4, Action::EmergencyStop(true))] {
        let mut bench = Bench::alone(shipped("spacemouse"));
        assert_eq!(bench.button(button, true), [action], "a 3D mouse says nothing before its first event");
        assert_eq!(bench.joy(), []);
    }
}

#[test]
fn after_a_loss_the_clamp_stops_and_goes_on_neither_way() {
    let mut bench = mouse();
    bench.button(0, true);
    bench.silence(ms(1000));
    assert_eq!(bench.last().unwrap(), [("clamp", 0.0)]);
    let sent = bench.sent.len();
    bench.joy();
    bench.hold(ms(500));
    bench.button(0, false);
    bench.hold(ms(500));
    assert_eq!(bench.sent.len(), sent);
}

#[test]
fn an_opening_clamp_stops_when_the_device_is_known_to_be_gone() {
    let mut bench = mouse();
    bench.click(0);
    bench.silence(ms(100));
    bench.teleop.lost(bench.now);
    bench.silence(ms(1));
    assert_eq!(bench.last().unwrap(), [("clamp", 0.0)]);
}

#[test]
fn without_the_dead_man_the_clamp_stays_as_it_is() {
    let mut bench = pad();
    bench.button(0, true);
    bench.hold(ms(100));
    bench.button(4, false);
    assert_eq!(bench.last().unwrap(), [("clamp", 0.0)]);
    let sent = bench.sent.len();
    bench.button(4, true);
    bench.button(0, false);
    bench.hold(ms(500));
    assert_eq!(bench.sent.len(), sent);
}

#[test]
fn a_clamp_that_opens_stops_with_the_dead_man_and_with_silence() {
    for silence in [false, true] {
        let mut bench = pad();
        bench.click(0);
        bench.hold(ms(100));
        assert_eq!(bench.last().unwrap(), [("clamp", 0.1)]);
        if silence {
            bench.silence(TIMEOUT + ms(1));
        } else {
            bench.button(4, false);
        }
        assert_eq!(bench.last().unwrap(), [("clamp", 0.0)]);
    }
}

#[test]
fn after_an_emergency_stop_the_clamp_does_not_open_by_itself() {
    let mut bench = mouse();
    bench.button(0, true);
    for stopped in [true, false] {
        bench.arm.emergency_stop = stopped;
        bench.see_arm();
    }
    let sent = bench.sent.len();
    bench.button(0, false);
    bench.hold(ms(500));
    assert_eq!(bench.sent.len(), sent);
}

#[test]
fn one_button_may_close_and_another_open() {
    let mut bench = Bench::ready(profile(
        "own: {topic: joy, buttons: {0: {clamp: {joint: clamp, held: -0.1}}, 1: {clamp: {joint: clamp, held: 0.2}}}}",
    ));
    bench.button(0, true);
    bench.now += ms(20);
    bench.button(1, true);
    assert_eq!(bench.last().unwrap(), [("clamp", 0.2)], "the newer one wins");
    bench.now += ms(20);
    bench.button(0, false);
    assert_eq!(bench.last().unwrap(), [("clamp", 0.2)]);
    bench.button(1, false);
    assert_eq!(bench.last().unwrap(), [("clamp", 0.0)], "it stays");
}

#[test]
fn every_button_of_the_game_pad_asks_for_its_action_once_a_press() {
    let play = |name: &str| Action::PlayMotion(name.to_owned());
    for (button, action) in [
        (1, Action::Stop),
        (2, Action::Listen),
        (3, Action::Mode(Mode::Cartesian)),
        (5, Action::Power(false)),
        (6, play("sleep")),
        (7, play("wake_up")),
        (8, Action::EmergencyStop(true)),
        (10, Action::EmergencyStop(false)),
    ] {
        let mut bench = pad();
        assert_eq!(bench.button(button, true), std::slice::from_ref(&action));
        bench.hold(ms(300));
        assert_eq!(bench.button(button, false), []);
        assert_eq!(bench.sent, []);
        let again = bench.button(button, true);
        assert!(again == [action] || again == [Action::Mode(Mode::Joint)], "{again:?}");
    }
}

#[test]
fn without_the_dead_man_only_what_moves_nothing_works() {
    for (button, works) in
        [(1, true), (2, true), (3, true), (8, true), (0, false), (5, false), (6, false), (10, false)]
    {
        let mut bench = Bench::ready(shipped("gamepad"));
        assert_eq!(bench.click(button).len(), usize::from(works), "button {button}");
        let told = if works { vec![] } else { vec![Notice::DeadMan { button: 4 }] };
        assert_eq!(bench.notices(), told, "button {button}");
    }
}

#[test]
fn power_goes_by_the_arms_state() {
    let mut bench = pad();
    assert_eq!(bench.click(5), [Action::Power(false)]);
    bench.arm.powered = false;
    bench.see_arm();
    assert_eq!(bench.click(5), [Action::Power(true)]);
    bench.teleop.arm_lost();
    assert_eq!(bench.click(5), []);
    assert_eq!(bench.notices(), [Notice::NoArm]);
}

#[test]
fn after_power_off_what_is_still_held_does_not_power_the_arm_again() {
    let mut bench = pad();
    bench.axis(4, 1.0);
    let sent = bench.sent.len();
    assert_eq!(bench.click(5), [Action::Power(false)]);
    bench.hold(ms(500));
    assert_eq!(bench.sent.len(), sent);
}

#[test]
fn stop_and_emergency_stop_hold_though_the_stick_is_still_deflected() {
    for button in [1, 8] {
        let mut bench = pad();
        bench.axis(4, 1.0);
        assert_eq!(bench.click(button).len(), 1);
        assert_eq!(bench.last().unwrap(), [("elbow", 0.0)]);
        let sent = bench.sent.len();
        bench.hold(ms(500));
        assert_eq!(bench.sent.len(), sent);
        bench.axis(4, 0.0);
        bench.axis(4, 1.0);
        assert_eq!(bench.last().unwrap(), [("elbow", 2.0)]);
    }
}

#[test]
fn a_button_pressed_during_a_loss_does_nothing_unless_it_stops() {
    let mut bench = pad();
    bench.axis(4, 1.0);
    bench.silence(ms(1000));
    bench.axes[4] = 0.0;
    bench.buttons[6] = true;
    bench.buttons[1] = true;
    assert_eq!(bench.joy(), [Action::Stop]);
}

#[test]
fn stop_and_emergency_stop_count_in_a_broken_message_too_and_nothing_else_does() {
    for (button, action) in [(3, Some(Action::Stop)), (4, Some(Action::EmergencyStop(true))), (1, None)] {
        for axes in [&[f64::NAN; 6][..], &[]] {
            let mut bench = mouse();
            bench.buttons[button] = true;
            let heard = bench.teleop.joy(bench.now, ms(0), axes, &bench.buttons);
            assert_eq!(heard.actions.first(), action.as_ref(), "button {button}");
            assert!(heard.refused.is_some());
            assert_eq!(bench.teleop.joy(bench.now, ms(0), axes, &bench.buttons).actions, [], "and only once");
            bench.buttons[button] = false;
            bench.teleop.joy(bench.now, ms(0), axes, &bench.buttons);
            bench.buttons[button] = true;
            let again = bench.teleop.joy(bench.now, ms(0), axes, &bench.buttons).actions;
            assert_eq!(again.first(), action.as_ref(), "each press, though no message is ever a good one");
        }
    }
}

#[test]
fn an_emergency_stop_that_a_message_without_sane_buttons_hid_counts_in_the_next_one() {
    let mut bench = mouse();
    let heard = bench.teleop.joy(bench.now, ms(0), &bench.axes, &[true; 1001]);
    assert_eq!((heard.actions, heard.refused.is_some()), (vec![], true));
    bench.buttons[4] = true;
    assert_eq!(bench.joy(), [Action::EmergencyStop(true)]);
}

#[test]
fn a_motion_is_not_started_during_the_emergency_stop_and_it_is_told_why() {
    let mut bench = pad();
    bench.arm.emergency_stop = true;
    bench.see_arm();
    assert_eq!(bench.click(6), []);
    assert_eq!(bench.notices(), [Notice::EmergencyStop]);
    assert_eq!(bench.click(10), [Action::EmergencyStop(false)]);
}

#[test]
fn a_motion_takes_the_clamp_from_the_button() {
    let mut bench = pad();
    bench.click(0);
    bench.hold(ms(60));
    assert_eq!(bench.last().unwrap(), [("clamp", 0.1)]);
    assert_eq!(bench.click(7), [Action::PlayMotion("wake_up".to_owned())]);
    assert_eq!(bench.last().unwrap(), [("clamp", 0.0)]);
    let sent = bench.sent.len();
    bench.hold(ms(1000));
    assert_eq!(bench.sent.len(), sent);
}

#[test]
fn a_change_of_the_mode_stops_and_asks_for_letting_go() {
    let mut bench = pad();
    bench.axis(4, 1.0);
    assert_eq!(bench.click(3), [Action::Mode(Mode::Cartesian)]);
    assert_eq!(bench.teleop.mode(), Mode::Cartesian);
    assert_eq!(bench.last().unwrap(), [("elbow", 0.0)]);
    let sent = bench.sent.len();
    bench.hold(ms(500));
    assert_eq!(bench.sent.len(), sent);
    bench.axis(4, 0.0);
    bench.axis(4, 1.0);
    assert!(bench.sent.len() > sent);
}

#[test]
fn in_cartesian_mode_the_axes_move_the_hand_and_all_its_joints_are_told() {
    let mut bench = pad();
    bench.click(3);
    bench.axis(4, 1.0);
    let velocities = bench.last().unwrap();
    assert_eq!(velocities[2], ("elbow", 1.5), "0.15 m/s upwards, as the test's solver has it");
    assert_eq!(
        velocities.iter().map(|(joint, _)| *joint).collect::<Vec<_>>(),
        ["torso", "shoulder", "elbow", "wrist_ud", "wrist_lr"]
    );
    bench.hold(ms(100));
    bench.axis(4, 0.0);
    assert_eq!(bench.last().unwrap(), [("elbow", 0.0)]);
    assert_eq!(bench.teleop.due(bench.now), None);
}

#[test]
fn in_cartesian_mode_the_hand_keeps_its_direction_where_a_joint_would_be_too_quick() {
    let mut bench = pad();
    bench.click(3);
    bench.axes[3] = -1.0;
    bench.axis(4, 1.0);
    let velocities = bench.last().unwrap();
    let (elbow, wrist) = (velocities[2].1, velocities[4].1);
    assert!((wrist - 5.0).abs() < 1e-12, "15 rad/s wished, 5 allowed: {wrist}");
    assert!((elbow - 0.5).abs() < 1e-12, "as much slower: {elbow}");
}

#[test]
fn in_cartesian_mode_the_hand_keeps_its_direction_where_a_joint_could_not_brake_in_time() {
    let mut bench = Bench::ready_with(shipped("gamepad"), ms(100));
    bench.button(4, true);
    bench.click(3);
    bench.axes[3] = -1.0;
    bench.axis(4, 1.0);
    let velocities = bench.last().unwrap();
    let (elbow, wrist) = (velocities[2].1, velocities[4].1);
    assert!((wrist - 3.0).abs() < 1e-9, "15 rad/s wished, 3 are at rest in time: {wrist}");
    assert!((elbow - 0.3).abs() < 1e-9, "as much slower: {elbow}");
}

#[test]
fn cartesian_mode_moves_nothing_while_a_position_is_unknown_and_says_whose() {
    let mut bench = pad();
    bench.click(3);
    bench.arm.positions[1] = None;
    bench.arm.positions[3] = Some(f64::NAN);
    bench.see_arm();
    bench.axis(4, 1.0);
    bench.hold(ms(500));
    assert_eq!(bench.sent, []);
    let told = bench.notices();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].to_string().contains("the position of shoulder, wrist_ud is unknown"), "{}", told[0]);
}

#[test]
fn in_cartesian_mode_an_unknown_clamp_is_no_matter() {
    let mut bench = pad();
    bench.click(3);
    bench.arm.positions[5] = None;
    bench.see_arm();
    bench.axis(4, 1.0);
    assert!(bench.last().is_some());
}

#[test]
fn a_position_that_becomes_unknown_stops_the_hand() {
    let mut bench = pad();
    bench.click(3);
    bench.axis(4, 1.0);
    bench.arm.positions[0] = None;
    bench.see_arm();
    bench.silence(ms(20));
    assert_eq!(bench.last().unwrap(), [("elbow", 0.0)]);
}

#[test]
fn the_hand_does_not_move_before_positions_come_again_and_again() {
    let mut bench = pad();
    bench.click(3);
    bench.tells = false;
    bench.silence(ms(1000));
    bench.axis(4, 1.0);
    bench.hold(ms(500));
    assert_eq!(bench.sent, []);
    assert!(matches!(bench.notices()[..], [Notice::PositionsOld { age: Some(_) }]));
    // One may be followed by nothing.
    bench.tell();
    bench.joy();
    assert_eq!(bench.sent, []);
    bench.hold(ms(50));
    bench.tell();
    bench.silence(PERIOD);
    assert!(bench.last().unwrap().contains(&("elbow", 1.5)));
}

#[test]
fn the_hand_stops_when_positions_grow_old_and_it_is_told_once() {
    let mut bench = pad();
    bench.click(3);
    bench.axis(4, 1.0);
    bench.tells = false;
    let last = bench.now;
    bench.hold(ms(1000));
    let (stopped, _) = bench.sent.last().unwrap();
    assert_eq!(bench.ends().iter().map(|(_, velocity)| *velocity).collect::<Vec<_>>(), [0.0; 5]);
    assert!(*stopped - last <= POSITIONS_EVERY + PERIOD, "{:?}", *stopped - last);
    let told = bench.notices();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].to_string().starts_with("cartesian mode: joint_states are old, the last came 0.1"),
        "{}",
        told[0]
    );
}

#[test]
fn an_arm_that_tells_its_positions_too_seldom_is_not_moved_by_fits_and_starts() {
    let mut bench = pad();
    bench.click(3);
    bench.tells = false;
    bench.silence(ms(1000));
    bench.axis(4, 1.0);
    for _ in 0..10 {
        bench.tell();
        bench.hold(ms(200));
    }
    assert_eq!(bench.sent, []);
}

#[test]
fn in_joint_mode_nobody_asks_for_positions() {
    let mut bench = pad();
    bench.tells = false;
    bench.silence(ms(1000));
    bench.axis(4, 1.0);
    bench.hold(ms(1000));
    assert_eq!(bench.last().unwrap(), [("elbow", 2.0)]);
}

#[test]
fn without_measures_of_the_arm_cartesian_mode_says_so() {
    let mut bench = pad();
    bench.click(3);
    bench.axes[4] = 1.0;
    assert_eq!(bench.teleop.joy(bench.now, ms(0), &bench.axes, &bench.buttons), Heard::default());
    assert_eq!(bench.teleop.poll(bench.now, None), None);
    assert_eq!(bench.notices(), [Notice::NoHand]);
}

#[test]
fn the_pad_moves_the_real_hand_up() {
    let robot = robot();
    let hand = Cartesian::from_urdf(URDF, &robot).unwrap();
    let kinematics = Kinematics::from_urdf(URDF, &robot).unwrap();
    let tip = kinematics.link_index(HAND_LINK).unwrap();
    let height = |positions: &[f64]| {
        let mut poses = Vec::new();
        kinematics.poses(positions, &mut poses);
        poses[tip].translation.z
    };
    let mut bench = pad();
    bench.click(3);
    let mut positions = vec![0.0, 0.2, -0.3, 0.1, 0.0, 0.03];
    let before = height(&positions);
    bench.axes[4] = 1.0;
    for _ in 0..20 {
        bench.arm.positions = positions.iter().copied().map(Some).collect();
        bench.tell();
        bench.tell();
        assert_eq!(bench.teleop.joy(bench.now, ms(0), &bench.axes, &bench.buttons), Heard::default());
        for (name, velocity) in bench.teleop.poll(bench.now, Some(&hand)).unwrap().velocities {
            positions[robot.joint_index(&name).unwrap()] += velocity * 0.02;
        }
        bench.now += ms(20);
    }
    let risen = height(&positions) - before;
    assert!((risen - 0.06).abs() < 0.005, "0.15 m/s for 0.4 s: {risen}");
}

/// Answers what is no velocity.
struct Mad;

impl HandSolver for Mad {
    fn joints(&self) -> &[usize] {
        Plain.joints()
    }

    fn velocities(&self, _positions: &[f64], _twist: &HandTwist) -> Vec<f64> {
        vec![f64::NAN, 1.0, f64::INFINITY]
    }
}

#[test]
fn velocities_that_are_none_move_nothing() {
    let mut bench = pad();
    bench.click(3);
    bench.axes[4] = 1.0;
    bench.tell();
    assert_eq!(bench.teleop.joy(bench.now, ms(0), &bench.axes, &bench.buttons), Heard::default());
    let jog = bench.teleop.poll(bench.now, Some(&Mad)).unwrap();
    assert!(jog.velocities.iter().all(|(_, velocity)| *velocity == 0.0), "{jog:?}");
}

#[test]
fn positions_are_wanted_in_cartesian_mode_and_while_the_clamp_moves() {
    let mut bench = pad();
    assert!(!bench.teleop.wants_positions());
    bench.button(0, true);
    assert!(bench.teleop.wants_positions());
    bench.button(4, false);
    assert!(!bench.teleop.wants_positions());
    bench.click(3);
    assert!(bench.teleop.wants_positions());
}

#[test]
fn after_the_device_was_gone_what_is_still_deflected_moves_nothing_before_it_was_let_go_of() {
    let mut bench = mouse();
    bench.axis(5, FULL);
    bench.teleop.lost(bench.now);
    bench.poll();
    assert_eq!(bench.last().unwrap(), [("torso", 0.0)]);
    // The mouse's own zeros, made before the loss: nobody has let go of anything.
    assert_eq!(bench.teleop.stops(bench.now, &[false; 2]), []);
    bench.teleop.found(bench.now);
    let sent = bench.sent.len();
    bench.axis(5, FULL);
    bench.hold(ms(200));
    assert_eq!(bench.sent.len(), sent);
    bench.axis(5, 0.0);
    bench.axis(5, FULL);
    assert_eq!(bench.last().unwrap(), [("torso", -2.5)]);
}

#[test]
fn the_buttons_that_a_lost_device_lets_go_of_do_not_open_the_clamp() {
    let mut bench = mouse();
    bench.button(0, true);
    bench.hold(ms(100));
    // Either may come first.
    for news_first in [true, false] {
        if news_first {
            bench.teleop.lost(bench.now);
            bench.teleop.stops(bench.now, &[false; 2]);
        } else {
            bench.button(0, true);
            bench.button(0, false);
            bench.teleop.lost(bench.now);
        }
        bench.silence(ms(1));
        assert_eq!(bench.last().unwrap(), [("clamp", 0.0)]);
        let sent = bench.sent.len();
        bench.silence(ms(2000));
        assert_eq!(bench.sent.len(), sent);
        bench.button(0, false);
    }
}

#[test]
fn in_a_message_from_before_the_loss_only_stops_count() {
    let mut bench = mouse();
    bench.teleop.lost(bench.now);
    assert_eq!(
        bench.teleop.stops(bench.now, &[false, true, true, true, true]),
        [Action::Stop, Action::EmergencyStop(true)]
    );
    assert_eq!(bench.teleop.stops(bench.now, &[true; 5000]), [], "and only once");
}

#[test]
fn the_first_press_counts_if_the_device_was_seen_to_come_and_is_said_to_be_ignored_otherwise() {
    for found in [true, false] {
        let mut bench = Bench::alone(shipped("spacemouse"));
        bench.see_arm();
        if found {
            bench.teleop.found(bench.now);
        }
        let (actions, told) = if found {
            (vec![Action::Listen], vec![])
        } else {
            (vec![], vec![Notice::PressUnknown { button: 1 }])
        };
        assert_eq!(bench.button(1, true), actions);
        assert_eq!(bench.notices(), told);
        assert_eq!(bench.button(1, false), []);
        assert_eq!(bench.button(1, true), [Action::Listen], "the second one counts anyway");
    }
}

#[test]
fn a_motion_ends_when_the_dead_man_is_let_go_of() {
    let mut bench = pad();
    assert_eq!(bench.click(7), [Action::PlayMotion("wake_up".to_owned())]);
    bench.hold(ms(500));
    assert_eq!(bench.button(4, false), [Action::CancelMotions]);
    bench.button(4, true);
    assert_eq!(bench.button(4, false), [], "once");
}

#[test]
fn power_that_is_still_waited_for_is_given_up_with_the_dead_man() {
    let mut bench = pad();
    bench.arm.powered = false;
    bench.see_arm();
    assert_eq!(bench.click(5), [Action::Power(true)]);
    assert_eq!(bench.button(4, false), [Action::CancelMotions]);
}

#[test]
fn a_motion_ends_when_the_device_falls_silent_though_the_dead_man_is_held() {
    let mut bench = pad();
    bench.click(7);
    bench.silence(TIMEOUT - ms(1));
    assert_eq!(bench.teleop.actions(), []);
    bench.silence(ms(1));
    assert_eq!(bench.teleop.actions(), [Action::CancelMotions]);
    assert_eq!(bench.notices(), [Notice::Lost { timeout: TIMEOUT }]);
}

const MOTIONS: &str =
    "own: {topic: joy, joints: {torso: {axis: 0, scale: 1}}, buttons: {0: {motion: wake_up}}}";

#[test]
fn without_a_dead_man_a_motion_goes_on_in_silence_and_ends_with_the_device() {
    let mut bench = Bench::ready(profile(MOTIONS));
    bench.click(0);
    bench.silence(ms(60_000));
    assert_eq!(bench.teleop.actions(), []);
    bench.teleop.lost(bench.now);
    assert_eq!(bench.teleop.actions(), [Action::CancelMotions]);
    bench.teleop.lost(bench.now);
    assert_eq!(bench.teleop.actions(), []);
}

#[test]
fn a_message_that_is_none_and_silence_of_what_is_held_end_a_motion_too() {
    for silence in [true, false] {
        let mut bench = Bench::ready(profile(MOTIONS));
        bench.click(0);
        bench.axis(0, 1.0);
        let actions = if silence {
            bench.silence(TIMEOUT);
            bench.teleop.actions()
        } else {
            let heard = bench.teleop.joy(bench.now, ms(0), &[f64::NAN], &[]);
            assert!(heard.refused.is_some());
            heard.actions
        };
        assert_eq!(actions, [Action::CancelMotions], "silence: {silence}");
    }
}

#[test]
fn who_stops_wants_nothing_else() {
    for (button, stop) in [(1, Action::Stop), (8, Action::EmergencyStop(true))] {
        let mut bench = pad();
        bench.buttons = vec![true; 12];
        bench.buttons[if button == 1 { 8 } else { 1 }] = false;
        assert_eq!(bench.joy(), [stop]);
        bench.hold(ms(200));
        assert_eq!((bench.teleop.mode(), bench.sent.len()), (Mode::Joint, 0), "no mode, no clamp");
    }
}

#[test]
fn a_clamp_that_is_let_go_of_with_a_stop_stays() {
    let mut bench = pad();
    bench.button(0, true);
    bench.hold(ms(100));
    bench.buttons[0] = false;
    assert_eq!(bench.button(1, true), [Action::Stop]);
    bench.hold(ms(500));
    assert_eq!(bench.last().unwrap(), [("clamp", 0.0)]);
}
