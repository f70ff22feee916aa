//! What an axis moves, when it stops, and what comes before it moves again.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a panic here is a failing test")]

mod teleop_bench;

use steve_core::teleop::{Action, Heard, JoyError, Notice, Options};
use teleop_bench::{Bench, PERIOD, TIMEOUT, ms, shipped};

/// Full deflection of the 3D mouse.
const FULL: f64 = 0.6835;

fn mouse() -> Bench {
    Bench::ready(shipped("spacemouse"))
}

fn pad() -> Bench {
    Bench::ready(shipped("gamepad"))
}

#[test]
fn a_deflected_axis_moves_its_joint_at_once_and_no_other() {
    let mut bench = mouse();
    bench.axis(2, FULL);
    assert_eq!(bench.last().unwrap(), [("elbow", 2.0)]);
    bench.axis(2, -FULL);
    bench.silence(PERIOD);
    assert_eq!(bench.last().unwrap(), [("elbow", -2.0)]);
}

#[test]
fn several_axes_move_several_joints() {
    let mut bench = mouse();
    bench.axes[0] = FULL;
    bench.axis(5, -FULL);
    assert_eq!(bench.last().unwrap(), [("torso", 2.5), ("shoulder", -2.0)]);
}

#[test]
fn velocities_are_repeated_while_the_device_repeats_itself() {
    let mut bench = mouse();
    bench.axis(2, FULL);
    bench.hold(ms(1000));
    assert_eq!(bench.sent.len(), 51, "50 a second");
    assert!(bench.sent.iter().all(|(_, jog)| jog.velocities == [("elbow".to_owned(), 2.0)]));
}

#[test]
fn a_flood_of_messages_is_not_passed_on() {
    let mut bench = mouse();
    for step in 0..1000 {
        bench.now += ms(1);
        bench.axis(2, 0.5 + f64::from(step) / 10_000.0);
    }
    assert!(bench.sent.len() <= 51, "{}", bench.sent.len());
}

#[test]
fn a_joint_that_comes_to_rest_gets_one_zero_and_then_nothing() {
    let mut bench = mouse();
    bench.axis(2, FULL);
    bench.now += ms(3);
    bench.axis(2, 0.0);
    assert_eq!(bench.last().unwrap(), [("elbow", 0.0)], "at once");
    let sent = bench.sent.len();
    bench.hold(ms(1000));
    bench.silence(ms(5000));
    assert_eq!(bench.sent.len(), sent);
    assert_eq!(bench.teleop.due(bench.now), None);
}

#[test]
fn a_joint_that_comes_to_rest_gets_its_zero_beside_one_that_goes_on() {
    let mut bench = mouse();
    bench.axes[0] = FULL;
    bench.axis(2, FULL);
    bench.now += ms(3);
    bench.axis(2, 0.0);
    assert_eq!(bench.last().unwrap(), [("shoulder", -2.0), ("elbow", 0.0)]);
    bench.hold(ms(100));
    assert_eq!(bench.last().unwrap(), [("shoulder", -2.0)]);
}

#[test]
fn within_the_dead_zone_nothing_is_sent() {
    let mut bench = mouse();
    bench.axis(2, 0.39 * FULL);
    bench.hold(ms(500));
    assert_eq!(bench.sent, []);
}

#[test]
fn no_joint_is_told_to_go_faster_than_its_limit() {
    let mut bench =
        Bench::ready(teleop_bench::profile("own: {topic: joy, joints: {torso: {axis: 0, scale: -900}}}"));
    bench.axis(0, 1e200);
    assert_eq!(bench.last().unwrap(), [("torso", -5.0)]);
}

#[test]
fn no_joint_is_told_to_go_faster_than_it_can_brake_from_in_time() {
    let text = "own: {topic: joy, joints: {torso: {axis: 0, scale: 900}, elbow: {axis: 1, scale: -2}}, buttons: {0: {clamp: {joint: clamp, held: 9}}}}";
    let default = Options::default().timeout;
    // 40 rad/s² with 1000 rad/s³ take 0.115 s to 3 rad/s and as long back: with a tick, the promised 0.25 s.
    let cases = [(default, 3.0, 0.3), (ms(150), 1.6, 0.275), (ms(60), 3.6, 0.3), (ms(300), 5.0, 0.3)];
    for (timeout, torso, clamp) in cases {
        let mut bench = Bench::ready_with(teleop_bench::profile(text), timeout);
        bench.buttons[0] = true;
        bench.axes = vec![1.0, 1.0];
        bench.joy();
        let told = bench.last().unwrap();
        assert!((told[0].1 - torso).abs() < 1e-9, "{timeout:?}: {told:?}");
        assert!((told[1].1 + torso.min(2.0)).abs() < 1e-9, "{timeout:?}: {told:?}");
        assert!((told[2].1 - clamp).abs() < 1e-9, "{timeout:?}: {told:?}");
    }
}

#[test]
fn at_the_start_an_axis_has_to_be_seen_centred_before_anything_moves() {
    let mut bench = Bench::alone(shipped("spacemouse"));
    bench.see_arm();
    bench.axes[2] = FULL;
    bench.joy();
    bench.hold(ms(500));
    assert_eq!(bench.sent, []);
    assert_eq!(bench.notices(), [Notice::NotCentred { axis: 2 }]);
    bench.axes[2] = 0.0;
    bench.axis(0, FULL);
    assert_eq!(bench.last().unwrap(), [("shoulder", -2.0)], "each was centred at some time");
}

#[test]
fn a_stuck_axis_keeps_everything_from_moving_and_is_named() {
    let mut bench = Bench::alone(shipped("spacemouse"));
    bench.see_arm();
    bench.axis(3, 1.0);
    bench.axis(2, FULL);
    assert_eq!(bench.sent, []);
    let told = bench.notices();
    assert_eq!(told, [Notice::NotCentred { axis: 3 }]);
    assert_eq!(
        told[0].to_string(),
        "let go of everything once: axis 3 has to be seen centred before anything moves"
    );
}

#[test]
fn before_the_arm_was_seen_nothing_is_sent() {
    let mut bench = Bench::alone(shipped("spacemouse"));
    bench.joy();
    bench.axis(2, FULL);
    bench.hold(ms(500));
    assert_eq!((bench.sent.len(), bench.notices()), (0, vec![Notice::NoArm]));
    bench.see_arm();
    bench.hold(ms(500));
    assert_eq!(bench.sent, [], "not before it was let go of");
    bench.axis(2, 0.0);
    bench.axis(2, FULL);
    assert_eq!(bench.last().unwrap(), [("elbow", 2.0)]);
}

#[test]
fn an_arm_that_goes_away_is_told_nothing_and_starts_anew() {
    let mut bench = mouse();
    bench.axis(2, FULL);
    let sent = bench.sent.len();
    bench.teleop.arm_lost();
    bench.hold(ms(500));
    bench.see_arm();
    bench.hold(ms(500));
    assert_eq!(bench.sent.len(), sent);
}

#[test]
fn silence_while_something_is_deflected_stops_it_within_the_timeout() {
    let mut bench = mouse();
    bench.axis(2, FULL);
    let lost = bench.now;
    bench.silence(ms(1000));
    assert_eq!(bench.ends(), [("elbow".to_owned(), 0.0)]);
    let (stopped, _) = bench.sent.last().unwrap();
    assert_eq!(*stopped - lost, TIMEOUT);
    assert_eq!(bench.notices(), [Notice::Lost { timeout: TIMEOUT }]);
}

#[test]
fn after_a_loss_a_deflection_moves_nothing_before_it_was_let_go_of() {
    let mut bench = mouse();
    bench.axis(2, FULL);
    bench.silence(ms(1000));
    let sent = bench.sent.len();
    bench.joy();
    bench.hold(ms(500));
    assert_eq!(bench.sent.len(), sent);
    bench.axis(2, 0.0);
    bench.axis(2, FULL);
    assert_eq!(bench.last().unwrap(), [("elbow", 2.0)]);
}

#[test]
fn a_message_that_comes_after_the_timeout_does_not_hide_the_loss() {
    let mut bench = mouse();
    bench.axis(2, FULL);
    // Whoever polls was late too.
    bench.now += ms(300);
    bench.joy();
    assert_eq!(bench.last().unwrap(), [("elbow", 0.0)]);
}

#[test]
fn silence_of_a_device_at_rest_is_no_loss() {
    let mut bench = mouse();
    bench.silence(ms(60_000));
    bench.axis(2, FULL);
    assert_eq!(bench.last().unwrap(), [("elbow", 2.0)]);
    assert_eq!(bench.notices(), []);
}

#[test]
fn a_device_that_is_known_to_be_gone_is_a_loss_at_once() {
    let mut bench = mouse();
    bench.axis(2, FULL);
    bench.teleop.lost(bench.now);
    bench.silence(ms(1));
    assert_eq!(bench.last().unwrap(), [("elbow", 0.0)]);
}

#[test]
fn an_old_message_stops_and_moves_nothing() {
    let mut bench = mouse();
    bench.axis(2, FULL);
    let age = TIMEOUT + ms(1);
    assert_eq!(bench.teleop.joy(bench.now, age, &bench.axes, &bench.buttons), Heard::default());
    bench.silence(ms(1));
    assert_eq!(bench.last().unwrap(), [("elbow", 0.0)]);
    let told = bench.notices();
    assert_eq!(told, [Notice::Stale { age, timeout: TIMEOUT }]);
    assert!(told[0].to_string().starts_with("header.stamp: 0.24 s old; at most 0.24 s are allowed"));
}

#[test]
fn what_moves_the_arm_is_never_older_than_the_timeout() {
    let mut bench = mouse();
    bench.axes[2] = FULL;
    assert_eq!(bench.teleop.joy(bench.now, ms(150), &bench.axes, &bench.buttons), Heard::default());
    bench.poll();
    assert_eq!(bench.last().unwrap(), [("elbow", 2.0)]);
    let heard = bench.now;
    bench.silence(ms(500));
    let (stopped, jog) = bench.sent.last().unwrap();
    assert_eq!((*stopped - heard, jog.velocities[0].1), (TIMEOUT - ms(150), 0.0));
}

#[test]
fn stop_and_emergency_stop_count_in_an_old_message_too_and_nothing_else_does() {
    for (button, action) in [(3, Some(Action::Stop)), (4, Some(Action::EmergencyStop(true))), (1, None)] {
        let mut bench = mouse();
        bench.buttons[button] = true;
        let actions = bench.teleop.joy(bench.now, ms(5000), &bench.axes, &bench.buttons).actions;
        assert_eq!(actions.first(), action.as_ref(), "button {button}");
        assert_eq!(bench.joy(), [], "and only once");
    }
}

#[test]
fn a_message_that_is_none_says_what_is_wrong_and_stops_what_moves() {
    let too_many = vec![0.0; 1001];
    let cases: [(&[f64], &str); 3] = [
        (&[0.0, 0.0, f64::NAN, 0.0, 0.0, 0.0], "axes[2]: NaN is not a finite number"),
        (
            &[0.0, 0.0],
            "axes: 2 of them; the profile `spacemouse` needs at least 6: is it the profile of this device?",
        ),
        (&too_many, "axes: 1001 entries; at most 1000 are allowed"),
    ];
    for (axes, message) in cases {
        let mut bench = mouse();
        bench.axis(2, FULL);
        let error = bench.teleop.joy(bench.now, ms(0), axes, &[]).refused.unwrap();
        assert_eq!(error.to_string(), message);
        bench.silence(ms(1));
        assert_eq!(bench.last().unwrap(), [("elbow", 0.0)]);
        let sent = bench.sent.len();
        bench.joy();
        bench.hold(ms(100));
        assert_eq!(bench.sent.len(), sent, "it was not let go of");
    }
}

#[test]
fn ten_thousand_buttons_are_refused() {
    let mut bench = mouse();
    let error = bench.teleop.joy(bench.now, ms(0), &bench.axes, &[true; 10_000]).refused.unwrap();
    assert_eq!(error, JoyError::TooMany { field: "buttons", count: 10_000 });
}

#[test]
fn a_device_with_more_axes_and_fewer_buttons_than_mapped_will_do() {
    let mut bench = mouse();
    let axes = [0.0, 0.0, FULL, 0.0, 0.0, 0.0, 9.0, -9.0];
    assert_eq!(bench.teleop.joy(bench.now, ms(0), &axes, &[]), Heard::default());
    bench.poll();
    assert_eq!(bench.last().unwrap(), [("elbow", 2.0)]);
}

#[test]
fn without_the_dead_man_nothing_moves() {
    let mut bench = pad();
    bench.axis(4, 1.0);
    bench.hold(ms(500));
    assert_eq!((bench.sent.len(), bench.notices()), (0, vec![Notice::DeadMan { button: 4 }]));
    bench.button(4, true);
    assert_eq!(bench.last().unwrap(), [("elbow", 2.0)]);
}

#[test]
fn a_released_dead_man_stops_at_once() {
    let mut bench = pad();
    bench.button(4, true);
    bench.axis(4, 1.0);
    bench.now += ms(3);
    bench.button(4, false);
    assert_eq!(bench.last().unwrap(), [("elbow", 0.0)]);
    let sent = bench.sent.len();
    bench.hold(ms(500));
    assert_eq!(bench.sent.len(), sent);
}

#[test]
fn the_emergency_stop_of_the_arm_silences_and_asks_for_letting_go() {
    let mut bench = mouse();
    bench.axis(2, FULL);
    bench.hold(ms(100));
    bench.arm.emergency_stop = true;
    bench.see_arm();
    let sent = bench.sent.len();
    bench.hold(ms(500));
    assert_eq!(bench.sent.len(), sent, "not even a zero");
    assert_eq!(bench.notices(), [Notice::EmergencyStop]);
    bench.arm.emergency_stop = false;
    bench.see_arm();
    bench.hold(ms(500));
    assert_eq!(bench.sent.len(), sent, "not before it was let go of");
    bench.axis(2, 0.0);
    bench.axis(2, FULL);
    assert_eq!(bench.last().unwrap(), [("elbow", 2.0)]);
}

#[test]
fn centring_during_the_emergency_stop_counts_only_while_it_lasts() {
    let mut bench = mouse();
    bench.arm.emergency_stop = true;
    bench.see_arm();
    bench.axis(2, FULL);
    bench.axis(2, 0.0);
    bench.axis(2, FULL);
    bench.arm.emergency_stop = false;
    bench.see_arm();
    bench.hold(ms(500));
    assert_eq!(bench.sent, []);
}

#[test]
fn a_mouse_at_rest_works_after_the_emergency_stop_though_it_says_nothing() {
    let mut bench = mouse();
    for stopped in [true, false] {
        bench.arm.emergency_stop = stopped;
        bench.see_arm();
    }
    bench.axis(2, FULL);
    assert_eq!(bench.last().unwrap(), [("elbow", 2.0)]);
}

#[test]
fn an_arm_that_was_powered_off_is_not_powered_by_what_is_still_held() {
    let mut bench = mouse();
    bench.axis(2, FULL);
    bench.arm.powered = false;
    bench.see_arm();
    let sent = bench.sent.len();
    bench.hold(ms(500));
    assert_eq!(bench.sent.len(), sent, "not even a zero, which would power it");
    bench.axis(2, 0.0);
    bench.axis(2, FULL);
    assert_eq!(bench.last().unwrap(), [("elbow", 2.0)]);
}

#[test]
fn an_arm_that_is_powered_by_the_first_velocity_goes_on() {
    let mut bench = Bench::alone(shipped("spacemouse"));
    bench.arm.powered = false;
    bench.see_arm();
    bench.joy();
    bench.axis(2, FULL);
    bench.arm.powered = true;
    bench.see_arm();
    bench.hold(ms(100));
    assert_eq!(bench.last().unwrap(), [("elbow", 2.0)]);
}

#[test]
fn why_nothing_moves_is_told_once_until_everything_was_let_go_of() {
    let mut bench = pad();
    for _ in 0..2 {
        bench.axis(4, 1.0);
        bench.hold(ms(500));
        assert_eq!(bench.notices().len(), 1);
        bench.axis(4, 0.0);
    }
    assert_eq!(bench.notices(), []);
}
