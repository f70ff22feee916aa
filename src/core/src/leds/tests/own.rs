use super::*;

const OFF: ArmStatus = ArmStatus { powered: false, moving: false, emergency_stop: false };
const POWERED: ArmStatus = ArmStatus { powered: true, ..OFF };
const MOVING: ArmStatus = ArmStatus { moving: true, ..POWERED };
const SILENT: SpeechStatus = SpeechStatus { listening: false, voice_activity: false };
const LISTENING: SpeechStatus = SpeechStatus { listening: true, ..SILENT };
const HEARING: SpeechStatus = SpeechStatus { voice_activity: true, ..LISTENING };

fn status(arm: impl Into<Option<ArmStatus>>, speech: impl Into<Option<SpeechStatus>>) -> Status {
    Status { arm: arm.into(), speech: speech.into() }
}

/// The robot shows this since 0.
fn showing(arm: impl Into<Option<ArmStatus>>, speech: impl Into<Option<SpeechStatus>>) -> Compositor {
    let mut compositor = Compositor::new();
    compositor.set_status(ms(0), status(arm, speech));
    compositor
}

#[test]
fn nobody_there_shows_nothing() {
    let compositor = showing(None, None);
    assert!(compositor.layers(ms(0)).is_empty());
    assert_eq!((seen(&compositor, ms(0)), compositor.wake(ms(0))), (BLACK, Wake::Never));
}

#[test]
fn a_powered_arm_breathes_green_every_3_s() {
    let compositor = showing(POWERED, None);
    assert_eq!(compositor.layers(ms(0)), ["arm/power"]);
    assert_near(seen(&compositor, ms(0)), BLACK);
    assert_near(seen(&compositor, ms(1500)), [0.0, 64.0 / 255.0, 0.0]);
    assert_near(seen(&compositor, ms(3000)), BLACK);
    assert_near(seen(&compositor, ms(4500)), [0.0, 64.0 / 255.0, 0.0]);
}

#[test]
fn an_arm_without_power_breathes_amber_every_6_s() {
    let compositor = showing(OFF, None);
    assert_eq!(compositor.layers(ms(0)), ["arm/power"]);
    assert_near(seen(&compositor, ms(3000)), [103.0 / 255.0, 46.0 / 255.0, 0.0]);
    assert_near(seen(&compositor, ms(6000)), BLACK);
}

#[test]
fn a_moving_arm_blinks_red_over_its_green() {
    let compositor = showing(MOVING, SILENT);
    assert_eq!(compositor.layers(ms(0)), ["arm/power", "arm/moving"]);
    assert_near(seen(&compositor, ms(1500)), [1.0, 0.0, 0.0]);
    assert!(seen(&compositor, ms(1550))[1] > 0.2);
    assert_near(seen(&compositor, ms(1600)), [1.0, 0.0, 0.0]);
}

#[test]
fn who_listens_is_blue_and_who_hears_blinks() {
    let compositor = showing(None, LISTENING);
    assert_eq!(compositor.layers(ms(0)), ["speech/listening"]);
    assert_eq!((seen(&compositor, ms(0)), compositor.wake(ms(0))), ([0.0, 0.0, 1.0], Wake::Never));
    let compositor = showing(None, HEARING);
    assert_eq!(compositor.layers(ms(0)), ["speech/listening", "speech/voice"]);
    let compositor = showing(POWERED, SpeechStatus { listening: false, ..HEARING });
    assert_eq!(compositor.layers(ms(0)), ["arm/power", "speech/voice"]);
    assert_eq!(seen(&compositor, ms(20)), [0.0, 0.0, 1.0]);
    assert!(seen(&compositor, ms(70))[2] < 1e-12);
}

#[test]
fn layers_of_users_lie_over_the_robots_own_however_old_they_are() {
    let mut compositor = with([layer("mine", SOLID, GREEN, 0.0)]);
    compositor.set_status(ms(10), status(MOVING, HEARING));
    let names = ["arm/power", "arm/moving", "speech/listening", "speech/voice", "mine"];
    assert_eq!(compositor.layers(ms(10)), names);
    assert_eq!(seen(&compositor, ms(10)), [0.0, 1.0, 0.0]);
    assert!(!compositor.remove(ms(10), "arm/power"));
    assert_eq!(compositor.clear(ms(10)), 1);
    assert_eq!(compositor.layers(ms(10)), names[..4]);
}

#[test]
fn when_a_publisher_is_gone_so_are_its_layers() {
    let mut compositor = showing(MOVING, LISTENING);
    compositor.set_status(ms(10), status(None, LISTENING));
    assert_eq!(compositor.layers(ms(10)), ["speech/listening"]);
    compositor.set_status(ms(20), status(MOVING, None));
    assert_eq!(compositor.layers(ms(20)), ["arm/power", "arm/moving"]);
    compositor.set_status(ms(30), Status::default());
    assert!(compositor.layers(ms(30)).is_empty());
}

#[test]
fn the_same_status_again_changes_nothing() {
    let once = showing(MOVING, HEARING);
    let mut again = once.clone();
    for time in 0..500 {
        again.set_status(ms(time * 7), status(MOVING, HEARING));
        assert_eq!(again.sample(ms(time * 7)), once.sample(ms(time * 7)));
    }
}

#[test]
fn what_else_changes_does_not_disturb_the_breath() {
    let mut compositor = showing(POWERED, None);
    compositor.set_status(ms(700), status(MOVING, HEARING));
    compositor.set_status(ms(900), status(POWERED, SILENT));
    assert_near(seen(&compositor, ms(1500)), [0.0, 64.0 / 255.0, 0.0]);
}

#[test]
fn an_emergency_stop_shows_by_what_it_does() {
    let stopped = ArmStatus { emergency_stop: true, ..OFF };
    let mut compositor = showing(stopped, None);
    assert_eq!(compositor.layers(ms(0)), ["arm/power"]);
    let amber = compositor.sample(ms(3000));
    compositor.set_status(ms(100), status(OFF, None));
    assert_eq!(compositor.sample(ms(3000)), amber);
}
