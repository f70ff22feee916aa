//! What messages that were lost, and a device that comes, make of buttons.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a panic here is a failing test")]

mod teleop_bench;

use steve_core::teleop::Action;
use teleop_bench::{Bench, TIMEOUT, ms, profile, shipped};

/// The dead man's button is held.
fn pad() -> Bench {
    let mut bench = Bench::ready(shipped("gamepad"));
    assert_eq!(bench.button(4, true), []);
    bench
}

#[test]
fn a_stop_counts_after_a_silence_though_the_message_that_let_go_of_it_was_lost() {
    for (button, stop) in [(1, Action::Stop), (8, Action::EmergencyStop(true))] {
        let (mut bench, one) = (pad(), [stop]);
        assert_eq!(bench.button(button, true), one);
        bench.hold(ms(1000));
        // It repeats itself no more, and says nothing of the release.
        bench.silence(TIMEOUT + ms(1));
        assert_eq!(bench.joy(), one, "pressed once more");
        assert_eq!(bench.joy(), [], "and only once");
        bench.silence(TIMEOUT);
        assert_eq!(bench.joy(), [], "it is in time");
    }
}

#[test]
fn a_stop_counts_after_a_silence_in_a_message_that_is_refused_too() {
    let mut bench = pad();
    assert_eq!(bench.button(1, true), [Action::Stop]);
    bench.silence(TIMEOUT + ms(1));
    let heard = bench.teleop.joy(bench.now, ms(0), &[], &bench.buttons);
    assert_eq!(heard.actions, [Action::Stop]);
}

#[test]
fn a_device_that_has_just_come_holds_no_clamp() {
    for held in [true, false] {
        let mut bench = Bench::ready(shipped("spacemouse"));
        bench.button(0, true);
        if !held {
            bench.button(0, false);
        }
        bench.hold(ms(60));
        assert_eq!(bench.last().unwrap(), [("clamp", if held { -0.1 } else { 0.1 })]);
        bench.teleop.found(bench.now);
        bench.silence(ms(1));
        assert_eq!(bench.last().unwrap(), [("clamp", 0.0)]);
        let sent = bench.sent.len();
        bench.silence(ms(2000));
        assert_eq!(bench.sent.len(), sent);
    }
}

#[test]
fn a_button_that_is_held_while_its_device_is_told_to_have_come_was_pressed_once() {
    let mut bench = Bench::ready(profile(
        "own: {topic: joy, joints: {torso: {axis: 0, scale: 1}}, buttons: {0: {motion: wake_up}}}",
    ));
    assert_eq!(bench.button(0, true), [Action::PlayMotion("wake_up".to_owned())]);
    bench.teleop.found(bench.now + ms(1));
    assert_eq!(bench.joy(), []);
}
