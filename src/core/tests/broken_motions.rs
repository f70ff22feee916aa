//! What a broken motions file is answered with: the line, the field, the value and what is allowed.
#![allow(clippy::unwrap_used, reason = "a panic here is a failing test")]

use steve_core::motions::Motions;
use steve_core::robot::Robot;

const STEVE: &str = include_str!("../../../config/steve.yaml");

const GOOD: &str = "\
wave:
  description: Waves.
  guard: false
  steps:
    - save: before
    - start: {torso: 45, clamp: open}
      speed: 1
    - wait: 0.3
    - repeat: 3
      steps:
        - move: {wrist_lr: -20}
          easing: in_out_sine
          together: true
        - move: {wrist_lr: {to: 20, speed: 2}}
    - restore: before
    - power: off
";

fn messages(text: &str) -> Vec<String> {
    let robot = Robot::from_yaml(STEVE, "steve.yaml").unwrap();
    let errors = Motions::from_yaml(text, "m.yaml", &robot).unwrap_err();
    errors.to_string().lines().map(ToOwned::to_owned).collect()
}

/// `GOOD` with one edit, of the part's first occurrence.
fn edited(part: &str, with: &str) -> String {
    assert!(GOOD.contains(part), "{part:?} is not in the file");
    GOOD.replacen(part, with, 1)
}

#[test]
fn the_good_file_is_good() {
    let robot = Robot::from_yaml(STEVE, "steve.yaml").unwrap();
    assert!(Motions::from_yaml(GOOD, "m.yaml", &robot).is_ok());
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
    an_unknown_joint_is_answered_with_the_one_that_was_meant:
        "torso: 45" => "tosro: 45",
        ["m.yaml:6: wave.steps[1].start.tosro: unknown joint, did you mean `torso`?"];
    a_joint_far_from_all_is_answered_with_those_there_are:
        "torso: 45" => "gripper: 45",
        ["m.yaml:6: wave.steps[1].start.gripper: unknown joint; this robot has torso, shoulder, elbow, wrist_ud, wrist_lr, clamp"];
    a_joint_given_twice_in_a_step_is_refused_at_the_second:
        "torso: 45" => "torso: 45, torso: 46",
        ["m.yaml:6: wave.steps[1].start.torso: given twice in the same mapping"];
    a_position_outside_the_travel_is_refused:
        "torso: 45" => "torso: 90.5",
        ["m.yaml:6: wave.steps[1].start.torso: 90.5 is outside the travel of -90 to 90 deg"];
    a_travel_with_digits_after_the_point_is_shown_as_in_the_robots_file:
        "torso: 45" => "elbow: -60",
        ["m.yaml:6: wave.steps[1].start.elbow: -60 is outside the travel of -58.4 to 61.7 deg"];
    millimetres_for_metres_are_refused:
        "clamp: open" => "clamp: 30",
        ["m.yaml:6: wave.steps[1].start.clamp: 30 is outside the travel of 0 to 0.03 m"];
    a_position_outside_the_travel_is_refused_behind_to:
        "to: 20" => "to: -200",
        ["m.yaml:14: wave.steps[3].steps[1].move.wrist_lr.to: -200 is outside the travel of -90 to 90 deg"];
    an_infinite_position_is_refused:
        "torso: 45" => "torso: .inf",
        ["m.yaml:6: wave.steps[1].start.torso: inf is not an angle in degrees, `upper`, `lower` or `home`"];
    a_position_that_is_not_a_number_is_refused:
        "torso: 45" => "torso: .nan",
        ["m.yaml:6: wave.steps[1].start.torso: NaN is not an angle in degrees, `upper`, `lower` or `home`"];
    open_is_no_position_of_a_revolute_joint:
        "torso: 45" => "torso: open",
        ["m.yaml:6: wave.steps[1].start.torso: `open` is not an angle in degrees, `upper`, `lower` or `home`"];
    a_mistyped_word_for_a_position_is_answered_with_the_one_that_was_meant:
        "clamp: open" => "clamp: colsed",
        ["m.yaml:6: wave.steps[1].start.clamp: `colsed` is not a length in metres, `open`, `closed`, `upper`, `lower` or `home`, did you mean `closed`?"];
    a_list_is_no_target:
        "torso: 45" => "torso: [45, 2]",
        ["m.yaml:6: wave.steps[1].start.torso: [45, 2] is not an angle in degrees, `upper`, `lower` or `home`, nor a mapping of `to`, `speed` and `easing`"];
    a_target_without_a_position_is_refused:
        "to: 20, " => "",
        ["m.yaml:14: wave.steps[3].steps[1].move.wrist_lr.to: missing; it has to be an angle in degrees, `upper`, `lower` or `home`"];
    an_unknown_field_of_a_target_is_answered_with_the_one_that_was_meant:
        "speed: 2" => "sped: 2",
        ["m.yaml:14: wave.steps[3].steps[1].move.wrist_lr.sped: unknown field, did you mean `speed`?"];
    a_move_of_no_joints_is_refused:
        "{wrist_lr: -20}" => "{}",
        ["m.yaml:11: wave.steps[3].steps[0].move: no joints, at least 1 is needed"];
    a_move_that_is_no_mapping_is_refused:
        "{wrist_lr: -20}" => "-20",
        ["m.yaml:11: wave.steps[3].steps[0].move: -20 is not a mapping of joints to where they go"];

    a_speed_of_zero_is_refused:
        "speed: 1" => "speed: 0",
        ["m.yaml:7: wave.steps[1].speed: 0 is not a speed from 0.001 to 1000 rad/s, of a prismatic joint m/s"];
    a_negative_speed_of_a_joint_is_refused:
        "speed: 2" => "speed: -2",
        ["m.yaml:14: wave.steps[3].steps[1].move.wrist_lr.speed: -2 is not a speed from 0.001 to 1000 rad/s"];
    a_word_for_a_speed_is_refused:
        "speed: 1" => "speed: fast",
        ["m.yaml:7: wave.steps[1].speed: `fast` is not a speed from 0.001 to 1000 rad/s, of a prismatic joint m/s"];
    an_unknown_easing_is_answered_with_the_one_that_was_meant:
        "in_out_sine" => "inout_sine",
        ["m.yaml:12: wave.steps[3].steps[0].easing: unknown easing `inout_sine`, did you mean `in_out_sine`?; known are linear, and in_, out_ or in_out_ with sine, quad, cubic, quart, quint, expo, circ, back, elastic or bounce"];
    together_is_true_or_false:
        "together: true" => "together: yes",
        ["m.yaml:13: wave.steps[3].steps[0].together: `yes` is not true or false"];
    guard_is_true_or_false:
        "guard: false" => "guard: off",
        ["m.yaml:3: wave.guard: `off` is not true or false"];

    a_negative_wait_is_refused:
        "wait: 0.3" => "wait: -0.3",
        ["m.yaml:8: wave.steps[2].wait: -0.3 is not a time from 0 to 3600 s"];
    a_wait_of_more_than_an_hour_is_refused:
        "wait: 0.3" => "wait: 3601",
        ["m.yaml:8: wave.steps[2].wait: 3601 is not a time from 0 to 3600 s"];
    no_times_are_too_few:
        "repeat: 3" => "repeat: 0",
        ["m.yaml:9: wave.steps[3].repeat: 0 is not a whole number of times from 1 to 1000"];
    half_a_time_is_refused:
        "repeat: 3" => "repeat: 2.5",
        ["m.yaml:9: wave.steps[3].repeat: 2.5 is not a whole number of times from 1 to 1000"];
    more_than_a_thousand_times_are_refused:
        "repeat: 3" => "repeat: 1001",
        ["m.yaml:9: wave.steps[3].repeat: 1001 is not a whole number of times from 1 to 1000"];
    a_restore_before_the_save_is_refused:
        "save: before" => "wait: 1",
        ["m.yaml:15: wave.steps[4].restore: `before` is not the name of an earlier `save`"];
    a_restore_of_another_name_is_answered_with_the_one_that_was_meant:
        "restore: before" => "restore: befor",
        ["m.yaml:15: wave.steps[4].restore: `befor` is not the name of an earlier `save`, did you mean `before`?"];
    a_bad_name_of_a_save_is_refused:
        "save: before" => "save: Before",
        [
            "m.yaml:5: wave.steps[0].save: `Before` is not a name of lower-case letters, digits and single underscores that starts with a letter (at most 64)",
            "m.yaml:15: wave.steps[4].restore: `before` is not the name of an earlier `save`",
        ];
    power_is_only_switched_off:
        "power: off" => "power: on",
        ["m.yaml:16: wave.steps[5].power: `on` is not `off`; it comes on by itself when a joint moves"];

    an_unknown_step_is_answered_with_the_one_that_was_meant:
        "- wait: 0.3" => "- wiat: 0.3",
        ["m.yaml:8: wave.steps[2].wiat: unknown step, did you mean `wait`?"];
    a_step_far_from_all_is_answered_with_those_there_are:
        "- wait: 0.3" => "- dance: 3",
        ["m.yaml:8: wave.steps[2].dance: unknown step; known are start, move, wait, repeat, save, restore, power"];
    an_empty_step_is_refused:
        "- wait: 0.3" => "- {}",
        ["m.yaml:8: wave.steps[2]: a mapping is not a step, such as {wait: 0.5}"];
    a_word_is_no_step:
        "- power: off" => "- sleep",
        ["m.yaml:16: wave.steps[5]: `sleep` is not a step, such as {wait: 0.5}"];
    two_steps_in_one_are_refused:
        "- wait: 0.3" => "  wait: 0.3",
        ["m.yaml:8: wave.steps[1].wait: `wait` beside `start`: each is a step of its own"];
    an_unknown_field_of_a_step_is_refused_with_the_known_ones:
        "speed: 1" => "colour: red",
        ["m.yaml:7: wave.steps[1].colour: unknown field; known are start, speed, easing, together"];
    a_wait_has_no_speed:
        "- wait: 0.3" => "- {wait: 0.3, speed: 1}",
        ["m.yaml:8: wave.steps[2].speed: unknown field; known are wait"];
    a_step_given_twice_is_refused_once:
        "- wait: 0.3" => "- {wait: 0.3, wait: 0.4}",
        ["m.yaml:8: wave.steps[2].wait: given twice in the same mapping"];
    a_repeat_without_steps_is_refused:
        "      steps:\n        - move: {wrist_lr: -20}\n          easing: in_out_sine\n          together: true\n        - move: {wrist_lr: {to: 20, speed: 2}}\n" => "",
        ["m.yaml:9: wave.steps[3].steps: missing; it has to be a list of steps"];

    a_motion_without_steps_is_refused:
        "wave:" => "rest: {steps: []}\nwave:",
        ["m.yaml:1: rest.steps: no steps, at least 1 is needed"];
    a_motion_that_is_no_mapping_is_refused:
        "wave:" => "rest:\nwave:",
        ["m.yaml:1: rest: an empty value is not a mapping of the fields `description`, `guard` and `steps`"];
    a_motion_with_only_a_description_is_refused:
        "wave:" => "rest: {description: Rests.}\nwave:",
        ["m.yaml:1: rest.steps: missing; it has to be a list of steps"];
    a_mistyped_field_of_a_motion_is_one_fault:
        "  steps:" => "  setps:",
        ["m.yaml:4: wave.setps: unknown field, did you mean `steps`?"];
    a_name_with_capitals_is_refused:
        "wave:" => "Wave:",
        ["m.yaml:1: Wave: `Wave` is not a name of lower-case letters, digits and single underscores that starts with a letter (at most 64)"];
    a_name_used_twice_is_refused_at_the_second:
        "wave:" => "wave: {steps: [wait: 1]}\nwave:",
        ["m.yaml:2: wave: given twice in the same mapping"];
}

#[test]
fn repeats_nine_deep_are_refused() {
    let nested = |deep: usize| {
        let open = "{repeat: 1, steps: [".repeat(deep);
        format!("deep: {{steps: [{open}{{wait: 1}}{}]}}", "]}".repeat(deep))
    };
    let robot = Robot::from_yaml(STEVE, "steve.yaml").unwrap();
    assert!(Motions::from_yaml(&nested(8), "m.yaml", &robot).is_ok());
    let path = format!("deep{}", ".steps[0]".repeat(9));
    assert_eq!(
        messages(&nested(9)),
        [format!("m.yaml:1: {path}.steps: repeats within repeats, at most 8 deep are allowed")]
    );
}

#[test]
fn more_than_a_hundred_thousand_steps_are_refused() {
    let text = |times| {
        format!("long: {{steps: [{{repeat: 1000, steps: [{{repeat: {times}, steps: [{{wait: 0}}]}}]}}]}}")
    };
    let robot = Robot::from_yaml(STEVE, "steve.yaml").unwrap();
    assert!(Motions::from_yaml(&text(100), "m.yaml", &robot).is_ok());
    assert_eq!(
        messages(&text(101)),
        ["m.yaml:1: long.steps: 101000 steps with its repeats, 100000 are allowed"]
    );
    let open = "{repeat: 1000, steps: [".repeat(8);
    let text = format!("endless: {{steps: [{open}{{wait: 1}}{}]}}", "]}".repeat(8));
    assert!(messages(&text)[0].ends_with("steps with its repeats, 100000 are allowed"));
}

#[test]
fn an_empty_file_is_refused_and_an_empty_mapping_has_no_motions() {
    for text in ["", " \n", "# only a comment\n", "~"] {
        let found = messages(text);
        assert_eq!(found.len(), 1, "{text:?}: {found:?}");
        assert!(found[0].ends_with("the file is empty; write {} for no motions"), "{found:?}");
    }
    let robot = Robot::from_yaml(STEVE, "steve.yaml").unwrap();
    assert_eq!(Motions::from_yaml("{}", "m.yaml", &robot).unwrap().names().count(), 0);
}

#[test]
fn what_is_no_mapping_or_no_yaml_is_refused() {
    assert_eq!(messages("- wave\n"), ["m.yaml:1: [`wave`] is not a mapping of names to motions"]);
    assert!(messages("wave: {steps: [")[0].contains("not YAML"));
}

#[test]
fn all_faults_are_reported_at_once_in_the_order_of_their_lines() {
    let text = "\
Wave:
  guard: 1
  steps:
    - move: {torsoo: 1, elbow: 99, clamp: {to: ajar, speed: -1}}
      speed: slow
      easing: in_sin
    - wait: long
    - repeat: 0
      steps: []
nod:
  step: []
";
    assert_eq!(
        messages(text),
        [
            "m.yaml:1: Wave: `Wave` is not a name of lower-case letters, digits and single underscores that starts with a letter (at most 64)",
            "m.yaml:2: Wave.guard: 1 is not true or false",
            "m.yaml:4: Wave.steps[0].move.torsoo: unknown joint, did you mean `torso`?",
            "m.yaml:4: Wave.steps[0].move.elbow: 99 is outside the travel of -58.4 to 61.7 deg",
            "m.yaml:4: Wave.steps[0].move.clamp.to: `ajar` is not a length in metres, `open`, `closed`, `upper`, `lower` or `home`",
            "m.yaml:4: Wave.steps[0].move.clamp.speed: -1 is not a speed from 0.001 to 1000 m/s",
            "m.yaml:5: Wave.steps[0].speed: `slow` is not a speed from 0.001 to 1000 rad/s, of a prismatic joint m/s",
            "m.yaml:6: Wave.steps[0].easing: unknown easing `in_sin`, did you mean `in_sine`?; known are linear, and in_, out_ or in_out_ with sine, quad, cubic, quart, quint, expo, circ, back, elastic or bounce",
            "m.yaml:7: Wave.steps[1].wait: `long` is not a time from 0 to 3600 s",
            "m.yaml:8: Wave.steps[2].repeat: 0 is not a whole number of times from 1 to 1000",
            "m.yaml:9: Wave.steps[2].steps: no steps, at least 1 is needed",
            "m.yaml:11: nod.step: unknown field, did you mean `steps`?",
        ]
    );
}
