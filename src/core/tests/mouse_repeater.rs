//! What goes out on `spacenav/*`, and when.
#![allow(clippy::unwrap_used, reason = "a panic here is a failing test")]

use proptest::prelude::*;
use std::collections::BTreeSet;
use std::time::Duration;
use steve_core::mouse::{FullScale, Joy, MAX_BUTTONS, MouseEvent, Repeater, spacenav_axes};

const CENTRED: [f64; 6] = [0.0; 6];

fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

fn motion(x: f64) -> MouseEvent {
    MouseEvent::Motion { axes: [x, 0.0, 0.0, 0.0, 0.0, 0.0] }
}

fn button(button: u32, pressed: bool) -> MouseEvent {
    MouseEvent::Button { button, pressed }
}

fn device(connected: bool) -> MouseEvent {
    MouseEvent::Device { name: "mouse".to_owned(), connected }
}

fn joy(y: f64, buttons: &[bool]) -> Option<Joy> {
    Some(Joy { axes: [0.0, y, 0.0, 0.0, 0.0, 0.0], buttons: buttons.to_vec() })
}

const UP: [bool; 2] = [false, false];

#[test]
fn axes_go_out_as_the_spacenav_package_has_them() {
    assert_eq!(spacenav_axes(&[0.1, 0.2, 0.3, 0.4, 0.5, 0.6]), [0.3, -0.1, 0.2, 0.6, -0.4, 0.5]);
    assert!(spacenav_axes(&CENTRED).iter().all(|axis| axis.is_sign_positive()), "no -0");
}

#[test]
fn counts_are_shares_of_full_scale_and_never_more_than_all_of_it() {
    let scale = FullScale::new(350.0).unwrap();
    assert_eq!(scale.axes(&[0, 175, -350, 351, i32::MAX, i32::MIN]), [0.0, 0.5, -1.0, 1.0, 1.0, -1.0]);
}

#[test]
fn a_full_scale_that_is_none_is_refused() {
    for counts in [0.0, -350.0, 0.5, 2e6, f64::NAN, f64::INFINITY] {
        let error = FullScale::new(counts).unwrap_err().to_string();
        assert_eq!(error, format!("full_scale: {counts} is not allowed; 1 to 1000000 counts"));
    }
}

#[test]
fn every_event_goes_out() {
    let mut repeater = Repeater::new(20.0);
    assert_eq!(repeater.event(ms(0), &device(true)), None);
    assert_eq!(repeater.event(ms(0), &motion(-0.5)), joy(0.5, &UP));
    assert_eq!(repeater.event(ms(1), &motion(-0.5)), joy(0.5, &UP));
    assert_eq!(repeater.event(ms(2), &button(1, true)), joy(0.5, &[false, true]));
    assert_eq!(repeater.event(ms(3), &button(1, false)), joy(0.5, &UP));
}

#[test]
fn a_held_deflection_goes_out_again_at_the_rate_and_zero_once() {
    let mut repeater = Repeater::new(20.0);
    repeater.event(ms(1000), &motion(-0.5));
    assert_eq!((repeater.due(), repeater.poll(ms(1049))), (Some(ms(1050)), None));
    assert_eq!(repeater.poll(ms(1052)), joy(0.5, &UP));
    assert_eq!(repeater.due(), Some(ms(1100)), "a late poll does not make it slower");
    assert_eq!(repeater.poll(ms(1990)), joy(0.5, &UP));
    assert_eq!(repeater.due(), Some(ms(2040)), "what was missed is not made up for");
    assert_eq!(repeater.event(ms(2000), &motion(0.0)), joy(0.0, &UP));
    assert_eq!((repeater.due(), repeater.poll(ms(9000))), (None, None));
    assert_eq!(repeater.event(ms(9001), &motion(0.0)), None);
}

#[test]
fn a_held_button_goes_out_again_too_until_it_is_released() {
    let mut repeater = Repeater::new(20.0);
    assert_eq!(repeater.event(ms(0), &button(0, true)), joy(0.0, &[true, false]));
    assert_eq!(repeater.poll(ms(50)), joy(0.0, &[true, false]));
    assert_eq!(repeater.event(ms(60), &button(0, false)), joy(0.0, &UP));
    assert_eq!(repeater.due(), None);
}

#[test]
fn a_rate_of_zero_or_none_at_all_repeats_nothing() {
    for rate in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let mut repeater = Repeater::new(rate);
        repeater.event(ms(0), &motion(1.0));
        assert_eq!(repeater.due(), None, "{rate}");
    }
    for rate in [f64::MIN_POSITIVE, 1e-30, 1e-19, 1e-9] {
        let mut seldom = Repeater::new(rate);
        seldom.event(ms(0), &motion(1.0));
        assert_eq!(seldom.poll(ms(1_000_000)), None);
        assert!(
            seldom.due().is_some_and(|due| due < Duration::from_secs(1 << 40)),
            "a clock can tell it: {rate}"
        );
    }
}

#[test]
fn a_rate_that_changes_holds_at_once() {
    let mut repeater = Repeater::new(0.0);
    repeater.event(ms(0), &motion(-1.0));
    repeater.set_rate(10.0);
    assert_eq!(repeater.poll(ms(500)), joy(1.0, &UP));
    assert_eq!(repeater.due(), Some(ms(600)));
    repeater.set_rate(0.0);
    assert_eq!(repeater.due(), None);
}

#[test]
fn the_loss_of_the_device_centres_and_releases_once() {
    let mut repeater = Repeater::new(20.0);
    repeater.event(ms(0), &motion(-1.0));
    repeater.event(ms(0), &button(0, true));
    assert_eq!(repeater.event(ms(10), &device(false)), joy(0.0, &UP));
    assert_eq!((repeater.event(ms(11), &device(false)), repeater.due()), (None, None));
}

#[test]
fn a_loss_whose_releases_went_out_already_says_nothing_more() {
    let mut repeater = Repeater::new(20.0);
    repeater.event(ms(0), &motion(-1.0));
    assert_eq!(repeater.event(ms(10), &motion(0.0)), joy(0.0, &UP));
    assert_eq!(repeater.event(ms(10), &device(false)), None);
}

#[test]
fn a_device_that_comes_back_is_heard_when_it_says_that_it_is_centred() {
    let mut repeater = Repeater::new(20.0);
    repeater.event(ms(0), &motion(-1.0));
    repeater.event(ms(10), &motion(0.0));
    repeater.event(ms(10), &device(false));
    assert_eq!(repeater.event(ms(20), &device(true)), None, "it has said nothing yet");
    assert_eq!(repeater.event(ms(30), &motion(0.0)), joy(0.0, &UP));
    assert_eq!(repeater.event(ms(40), &motion(0.0)), None);
}

#[test]
fn there_are_as_many_buttons_as_the_device_has_or_as_were_seen() {
    let mut repeater = Repeater::new(20.0);
    repeater.set_buttons(1);
    assert_eq!(repeater.event(ms(0), &motion(-1.0)).unwrap().buttons.len(), 2);
    repeater.set_buttons(4);
    assert_eq!(repeater.event(ms(0), &button(6, true)).unwrap().buttons.len(), 7);
    repeater.set_buttons(u32::MAX);
    assert_eq!(repeater.event(ms(0), &motion(-1.0)).unwrap().buttons.len(), MAX_BUTTONS as usize);
    assert_eq!(repeater.event(ms(0), &button(MAX_BUTTONS, true)), None);
}

fn event() -> impl Strategy<Value = MouseEvent> {
    prop_oneof![
        prop::array::uniform6(-1.0..1.0).prop_map(|axes| MouseEvent::Motion { axes }),
        Just(MouseEvent::Motion { axes: CENTRED }),
        (0..70_u32, any::<bool>()).prop_map(|(number, pressed)| button(number, pressed)),
        any::<bool>().prop_map(device),
    ]
}

proptest! {
    #[test]
    fn whatever_happens_the_last_message_is_true_and_only_what_is_held_is_repeated(
        rate in prop_oneof![Just(0.0), 0.1..2000.0],
        events in prop::collection::vec((event(), 0..200_u64), 0..60),
    ) {
        let mut repeater = Repeater::new(rate);
        let (mut now, mut last) = (ms(0), Joy { axes: CENTRED, buttons: UP.to_vec() });
        let (mut axes, mut buttons) = (CENTRED, BTreeSet::new());
        for (event, pause) in events {
            let sent = repeater.event(now, &event);
            match event {
                MouseEvent::Motion { axes: moved } => axes = moved,
                MouseEvent::Device { connected: false, .. } => (axes, buttons) = (CENTRED, BTreeSet::new()),
                MouseEvent::Button { button, .. } if button >= MAX_BUTTONS => {}
                MouseEvent::Button { button, pressed: true } => _ = buttons.insert(button),
                MouseEvent::Button { button, pressed: false } => _ = buttons.remove(&button),
                MouseEvent::Device { connected: true, .. } => {}
            }
            last = sent.unwrap_or(last);
            prop_assert_eq!(last.axes, spacenav_axes(&axes));
            prop_assert_eq!(repeater.due().is_some(), rate > 0.0 && (axes != CENTRED || !buttons.is_empty()));
            let end = now + ms(pause);
            while let Some(due) = repeater.due().filter(|&due| due <= end) {
                prop_assert!(due >= now);
                now = due;
                prop_assert_eq!(repeater.poll(now), Some(last.clone()));
            }
            now = end;
        }
    }
}
