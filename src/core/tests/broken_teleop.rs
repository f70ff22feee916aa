//! What a broken mapping file is answered with: the line, the field, the value and what is allowed.
#![allow(clippy::unwrap_used, reason = "a panic here is a failing test")]

mod mutations;

use mutations::{any_edit, apply};
use proptest::prelude::*;
use steve_core::motions::Motions;
use steve_core::robot::Robot;
use steve_core::teleop::Profiles;

const STEVE: &str = include_str!("../../../config/steve.yaml");
const MOTIONS: &str = include_str!("../../../config/motions.yaml");
const TELEOP: &str = include_str!("../../../config/teleop.yaml");

const GOOD: &str = "\
pad:
  topic: joy
  full: 0.9
  dead_zone: 0.2
  start_mode: joint
  dead_man: 4
  joints:
    torso: {axis: 0, scale: -2}
    elbow: {axis: 1, scale: 1.5, dead_zone: 0.3, full: 0.5}
  cartesian:
    x: {axis: 1, scale: 0.2}
    yaw: {axis: 0, scale: -1}
  buttons:
    0: {clamp: {joint: clamp, held: -0.1, released: 0.1}}
    1: stop
    2: {motion: wake_up}
    3: mode
";

fn read(text: &str) -> Result<Profiles, String> {
    let robot = Robot::from_yaml(STEVE, "steve.yaml").unwrap();
    let motions = Motions::from_yaml(MOTIONS, "motions.yaml", &robot).unwrap();
    Profiles::from_yaml(text, "t.yaml", &robot, Some(&motions)).map_err(|errors| errors.to_string())
}

fn messages(text: &str) -> Vec<String> {
    read(text).unwrap_err().lines().map(ToOwned::to_owned).collect()
}

/// `GOOD` with one edit, of the part's first occurrence.
fn edited(part: &str, with: &str) -> String {
    assert!(GOOD.contains(part), "{part:?} is not in the file");
    GOOD.replacen(part, with, 1)
}

#[test]
fn the_good_file_is_good() {
    assert_eq!(read(GOOD).unwrap().names().collect::<Vec<_>>(), ["pad"]);
}

/// A sentence, the edit, and every line of the answer.
macro_rules! broken {
    ($($sentence:ident: $part:literal => $with:literal, [$($message:literal),+ $(,)?];)+) => {$(
        #[test]
        fn $sentence() {
            assert_eq!(messages(&edited($part, $with)), [$($message),+]);
        }
    )+};
}

broken! {
    a_profile_without_a_topic_is_refused:
        "  topic: joy\n" => "",
        ["t.yaml:2: pad.topic: missing; it has to be the name of a topic, such as spacenav/joy"];
    a_topic_that_is_no_name_is_refused:
        "topic: joy" => "topic: joy stick",
        ["t.yaml:2: pad.topic: `joy stick` is not the name of a topic, such as spacenav/joy"];
    a_mistyped_field_is_answered_with_the_one_that_was_meant:
        "dead_zone: 0.2" => "deadzone: 0.2",
        ["t.yaml:4: pad.deadzone: unknown field, did you mean `dead_zone`?"];
    an_unknown_field_is_answered_with_those_there_are:
        "full: 0.9" => "colour: red",
        ["t.yaml:3: pad.colour: unknown field; known are topic, full, dead_zone, start_mode, dead_man, joints, cartesian, buttons"];
    a_field_given_twice_is_refused:
        "full: 0.9" => "topic: joy",
        ["t.yaml:3: pad.topic: given twice in the same mapping"];
    a_dead_zone_of_everything_is_refused:
        "dead_zone: 0.2" => "dead_zone: 1",
        ["t.yaml:4: pad.dead_zone: 1 is not a share of full deflection from 0 to 0.9"];
    a_full_deflection_of_nothing_is_refused:
        "full: 0.9" => "full: 0",
        ["t.yaml:3: pad.full: 0 is not a value of the axis from 0.01 to 1"];
    an_unknown_start_mode_is_answered_with_the_one_that_was_meant:
        "start_mode: joint" => "start_mode: joints",
        ["t.yaml:5: pad.start_mode: `joints` is not `joint` or `cartesian`, did you mean `joint`?"];
    a_dead_man_that_is_no_number_is_refused:
        "dead_man: 4" => "dead_man: LB",
        ["t.yaml:6: pad.dead_man: `LB` is not a button's number from 0 to 255"];
    a_dead_man_with_another_duty_is_refused:
        "dead_man: 4" => "dead_man: 1",
        ["t.yaml:15: pad.buttons.1: this button is `dead_man` already"];

    an_unknown_joint_is_answered_with_the_one_that_was_meant:
        "torso:" => "tosro:",
        ["t.yaml:8: pad.joints.tosro: unknown joint, did you mean `torso`?"];
    a_joint_far_from_all_is_answered_with_those_there_are:
        "torso:" => "gripper:",
        ["t.yaml:8: pad.joints.gripper: unknown joint; this robot has torso, shoulder, elbow, wrist_ud, wrist_lr, clamp"];
    a_joint_without_an_axis_is_refused:
        "{axis: 0, scale: -2}" => "{scale: -2}",
        ["t.yaml:8: pad.joints.torso.axis: missing; it has to be an axis' number from 0 to 255"];
    a_joint_that_is_no_mapping_is_refused:
        "{axis: 0, scale: -2}" => "0",
        ["t.yaml:8: pad.joints.torso: 0 is not an axis, such as {axis: 2, scale: 1.5}, with `dead_zone` and `full` where they are its own"];
    half_an_axis_is_refused:
        "axis: 0" => "axis: 0.5",
        ["t.yaml:8: pad.joints.torso.axis: 0.5 is not an axis' number from 0 to 255"];
    a_scale_of_0_is_refused:
        "scale: -2" => "scale: 0",
        ["t.yaml:8: pad.joints.torso.scale: 0 is not a speed from 0.001 to 1000 rad/s, or its negative"];
    a_scale_that_is_no_number_is_refused:
        "scale: -2" => "scale: .nan",
        ["t.yaml:8: pad.joints.torso.scale: NaN is not a speed from 0.001 to 1000 rad/s, or its negative"];
    an_axis_own_dead_zone_is_checked_too:
        "dead_zone: 0.3" => "dead_zone: -0.3",
        ["t.yaml:9: pad.joints.elbow.dead_zone: -0.3 is not a share of full deflection from 0 to 0.9"];
    an_axis_own_full_deflection_is_checked_too:
        "full: 0.5" => "full: 350",
        ["t.yaml:9: pad.joints.elbow.full: 350 is not a value of the axis from 0.01 to 1"];
    a_way_that_the_hand_cannot_turn_is_answered_with_those_it_can:
        "yaw:" => "roll:",
        ["t.yaml:12: pad.cartesian.roll: unknown field; known are x, y, z, pitch, yaw"];
    the_hands_speed_is_in_metres:
        "scale: 0.2" => "scale: fast",
        ["t.yaml:11: pad.cartesian.x.scale: `fast` is not a speed from 0.001 to 1000 m/s, or its negative"];

    a_button_without_a_number_is_refused:
        "    1: stop" => "    B: stop",
        ["t.yaml:15: pad.buttons.B: `B` is not a button's number from 0 to 255"];
    a_negative_button_is_refused:
        "    1: stop" => "    -1: stop",
        ["t.yaml:15: pad.buttons.-1: `-1` is not a button's number from 0 to 255"];
    a_button_used_twice_is_refused_at_the_second:
        "    1: stop" => "    0: stop",
        ["t.yaml:15: pad.buttons.0: given twice in the same mapping"];
    a_mistyped_action_is_answered_with_the_one_that_was_meant:
        "1: stop" => "1: emergencystop",
        ["t.yaml:15: pad.buttons.1: `emergencystop` is not stop, emergency_stop, release_emergency_stop, power, listen, mode, {motion: NAME} or {clamp: {joint: NAME, held: SPEED, released: SPEED}}, did you mean `emergency_stop`?"];
    an_action_that_is_a_number_is_refused:
        "1: stop" => "1: 3",
        ["t.yaml:15: pad.buttons.1: 3 is not stop, emergency_stop, release_emergency_stop, power, listen, mode, {motion: NAME} or {clamp: {joint: NAME, held: SPEED, released: SPEED}}"];
    an_empty_action_is_refused:
        "1: stop" => "1: {}",
        ["t.yaml:15: pad.buttons.1: a mapping is not stop, emergency_stop, release_emergency_stop, power, listen, mode, {motion: NAME} or {clamp: {joint: NAME, held: SPEED, released: SPEED}}"];
    an_unknown_kind_of_action_is_answered_with_the_one_that_was_meant:
        "{motion: wake_up}" => "{motoin: wake_up}",
        ["t.yaml:16: pad.buttons.2.motoin: unknown field, did you mean `motion`?"];
    two_actions_on_one_button_are_refused:
        "{motion: wake_up}" => "{motion: wake_up, clamp: {joint: clamp, held: 1}}",
        ["t.yaml:16: pad.buttons.2.clamp: `clamp` beside `motion`: a button does one thing"];
    an_unknown_motion_is_answered_with_the_one_that_was_meant:
        "{motion: wake_up}" => "{motion: wakeup}",
        ["t.yaml:16: pad.buttons.2.motion: no motion `wakeup`, did you mean `wake_up`?; there are wake_up, sleep, high_five, point_up"];
    a_clamp_that_does_not_move_while_held_is_refused:
        "held: -0.1" => "held: 0",
        ["t.yaml:14: pad.buttons.0.clamp.held: 0 is not a speed from 0.001 to 1000 m/s, or its negative"];
    a_clamp_without_a_joint_is_refused:
        "joint: clamp, " => "",
        ["t.yaml:14: pad.buttons.0.clamp.joint: missing; it has to be the name of a joint"];
    a_clamp_of_an_unknown_joint_is_answered_with_the_one_that_was_meant:
        "joint: clamp" => "joint: clmap",
        ["t.yaml:14: pad.buttons.0.clamp.joint: unknown joint, did you mean `clamp`?"];
    a_word_for_the_released_speed_is_refused:
        "released: 0.1" => "released: open",
        ["t.yaml:14: pad.buttons.0.clamp.released: `open` is not 0, a speed from 0.001 to 1000 m/s, or its negative"];
    a_joint_moved_by_an_axis_and_a_button_is_refused:
        "joint: clamp" => "joint: torso",
        ["t.yaml:14: pad.buttons.0: moves a joint that an axis moves already, see `joints`"];
    a_mode_that_the_profile_does_not_have_is_refused:
        "  cartesian:\n    x: {axis: 1, scale: 0.2}\n    yaw: {axis: 0, scale: -1}\n" => "",
        ["t.yaml:14: pad.buttons.3: `mode` needs both `joints` and `cartesian` in the profile"];
    a_start_in_a_mode_that_the_profile_does_not_have_is_refused:
        "  cartesian:\n    x: {axis: 1, scale: 0.2}\n    yaw: {axis: 0, scale: -1}\n  buttons:\n" => "  buttons:\n    9: {clamp: {joint: clamp, held: 1, released: 0}}\nother:\n  topic: x\n  start_mode: cartesian\n  buttons:\n",
        ["t.yaml:14: other.start_mode: `cartesian` needs `cartesian` in the profile",
         "t.yaml:19: other.buttons.3: `mode` needs both `joints` and `cartesian` in the profile"];

    a_name_with_capitals_is_refused:
        "pad:" => "Pad:",
        ["t.yaml:1: Pad: `Pad` is not a name of lower-case letters, digits and single underscores that starts with a letter (at most 64)"];
    a_profile_that_does_nothing_is_refused:
        "pad:" => "idle: {topic: joy}\npad:",
        ["t.yaml:1: idle: does nothing: one of `joints`, `cartesian` and `buttons` is needed"];
    a_hand_without_axes_is_refused:
        "pad:" => "idle: {topic: joy, cartesian: {}}\npad:",
        ["t.yaml:1: idle.cartesian: no axes, at least 1 of x, y, z, pitch, yaw is needed"];
    a_profile_that_is_no_mapping_is_refused:
        "pad:" => "idle:\npad:",
        ["t.yaml:1: idle: an empty value is not a mapping of a profile's fields"];
}

#[test]
fn an_empty_file_and_an_empty_mapping_are_refused() {
    for text in ["", "# only a comment\n", "~"] {
        let found = messages(text);
        assert_eq!(found.len(), 1, "{text:?}: {found:?}");
        assert!(
            found[0].ends_with("the file is empty; a mapping of names to profiles is needed"),
            "{found:?}"
        );
    }
    assert_eq!(messages("{}"), ["t.yaml:1: no profiles, at least 1 is needed"]);
}

#[test]
fn what_is_no_mapping_or_no_yaml_is_refused() {
    assert_eq!(messages("- pad\n"), ["t.yaml:1: [`pad`] is not a mapping of names to profiles"]);
    assert!(messages("pad: {topic: [")[0].contains("not YAML"));
}

#[test]
fn all_faults_are_reported_at_once_in_the_order_of_their_lines() {
    let text = "\
Pad:
  topic: 3
  full: 2
  joints:
    torsoo: {axis: 1, scale: 1}
    elbow: {axis: 300, scale: slow}
  buttons:
    0: halt
    x: {motion: dance}
";
    assert_eq!(
        messages(text).iter().map(|line| line.split_once(": ").unwrap().0).collect::<Vec<_>>(),
        [1, 2, 3, 5, 6, 6, 8, 9, 9].map(|line| format!("t.yaml:{line}"))
    );
}

#[test]
fn without_motions_their_names_are_not_checked() {
    let robot = Robot::from_yaml(STEVE, "steve.yaml").unwrap();
    let text = edited("wake_up", "anything");
    assert!(Profiles::from_yaml(&text, "t.yaml", &robot, None).is_ok());
}

#[test]
fn a_profile_that_is_not_there_is_answered_with_the_one_that_was_meant() {
    let profiles = read(TELEOP).unwrap();
    assert_eq!(
        profiles.get("space_mouse").unwrap_err().to_string(),
        "profile: no `space_mouse`, did you mean `spacemouse`?; there are spacemouse, gamepad"
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_mutated_file_is_read_or_refused(edits in prop::collection::vec(any_edit(), 1..6)) {
        let text = edits.iter().fold(TELEOP.to_owned(), |text, edit| apply(&text, edit));
        if let Err(message) = read(&text) {
            prop_assert!(!message.is_empty());
        }
    }

    #[test]
    fn any_text_is_refused(text in "\\PC{0,200}") {
        prop_assert!(read(&text).is_err());
    }
}
