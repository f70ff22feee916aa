//! What a broken description file is answered with: the line, the field, the value and what is allowed.
#![allow(clippy::unwrap_used)] // Helpers of tests may, as tests do.

use steve_core::robot::Robot;

/// Line 1 is `name`, the joints start on lines 3 and 14.
const GOOD: &str = "\
name: two
joints:
  - name: swing
    type: revolute
    travel_deg: [-80, 80]
    home_deg: 0
    velocity_rad_s: 4
    acceleration_rad_s2: 30
    jerk_rad_s3: 800
    channel: 14
    pulse_us: [600, 2400]
    usable: [0.05, 0.95]
    map_deg: {-80: 0.0, 80: 1.0}
  - name: slide
    type: prismatic
    travel_m: [0, 0.03]
    home_m: 0
    velocity_m_s: 0.1
    acceleration_m_s2: 1
    jerk_m_s3: 25
    channel: 15
    pulse_us: [600, 2400]
    usable: [0.2, 0.7]
    map_m:
      0: 1.0
      0.01: 0.6
      0.03: 0.0
";

fn messages(text: &str) -> Vec<String> {
    let errors = Robot::from_yaml(text, "two.yaml").unwrap_err();
    errors.to_string().lines().map(ToOwned::to_owned).collect()
}

/// `GOOD` with one edit, of the part's first occurrence.
fn edited(part: &str, with: &str) -> String {
    assert!(GOOD.contains(part), "{part:?} is not in the file");
    GOOD.replacen(part, with, 1)
}

#[test]
fn the_good_file_is_good() {
    assert!(Robot::from_yaml(GOOD, "two.yaml").is_ok());
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
    a_missing_field_is_named_with_what_belongs_there:
        "    channel: 14\n" => "",
        ["two.yaml:3: joints[0].channel: missing; it has to be a whole number from 0 to 15"];
    a_missing_map_is_named_with_an_example:
        "    map_deg: {-80: 0.0, 80: 1.0}\n" => "",
        ["two.yaml:3: joints[0].map_deg: missing; it has to be a mapping of 2 or more angles to fractions, such as {-90: 0.05, 90: 0.95}"];
    an_unknown_field_is_refused_with_the_known_ones:
        "    home_m: 0\n" => "    home_m: 0\n    colour: red\n",
        ["two.yaml:18: joints[1].colour: unknown field; known are name, type, travel_m, home_m, velocity_m_s, acceleration_m_s2, jerk_m_s3, slew_rate_m_s, channel, gpio_pin, pulse_us, usable, map_m"];
    a_mistyped_field_is_one_fault_that_proposes_the_missing_one:
        "channel: 15" => "chanel: 15",
        ["two.yaml:21: joints[1].chanel: unknown field, did you mean `channel`?"];
    a_field_without_its_unit_is_answered_with_the_one_that_has_it:
        "velocity_rad_s" => "velocity",
        ["two.yaml:7: joints[0].velocity: unknown field, did you mean `velocity_rad_s`?"];
    a_field_of_the_other_kind_of_joint_is_answered_with_its_counterpart:
        "jerk_m_s3" => "jerk_rad_s3",
        ["two.yaml:20: joints[1].jerk_rad_s3: unknown field, did you mean `jerk_m_s3`?"];
    an_unknown_field_of_the_robot_is_refused:
        "joints:" => "joint:",
        ["two.yaml:2: joint: unknown field, did you mean `joints`?"];
    a_word_for_a_number_is_refused:
        "home_deg: 0" => "home_deg: middle",
        ["two.yaml:6: joints[0].home_deg: `middle` is not an angle within the travel"];
    a_quoted_number_is_refused:
        "channel: 14" => "channel: \"14\"",
        ["two.yaml:10: joints[0].channel: the text \"14\" is not a whole number from 0 to 15"];
    an_empty_value_is_refused:
        "jerk_rad_s3: 800" => "jerk_rad_s3:",
        ["two.yaml:9: joints[0].jerk_rad_s3: an empty value is not a jerk from 0.001 to 1000000000 rad/s³"];
    a_number_for_a_list_is_refused:
        "pulse_us: [600, 2400]" => "pulse_us: 600",
        ["two.yaml:11: joints[0].pulse_us: 600 is not two pulse widths from 400 to 2700 us, the lesser one first"];
    three_numbers_for_two_are_refused:
        "usable: [0.05, 0.95]" => "usable: [0.05, 0.5, 0.95]",
        ["two.yaml:12: joints[0].usable: [0.05, 0.5, 0.95] is not two fractions from 0 to 1, the lower one first"];
    a_list_for_the_map_is_refused:
        "{-80: 0.0, 80: 1.0}" => "[[-80, 0.0], [80, 1.0]]",
        ["two.yaml:13: joints[0].map_deg: a list of 2 is not a mapping of 2 or more angles to fractions, such as {-90: 0.05, 90: 0.95}"];
    a_tagged_value_is_refused:
        "channel: 14" => "channel: !pin 14",
        ["two.yaml:10: joints[0].channel: a value with the tag \"pin\" is not a whole number from 0 to 15"];
    a_joint_that_is_no_mapping_is_refused:
        "  - name: slide\n" => "  - slide\n  - name: slide\n",
        ["two.yaml:14: joints[1]: `slide` is not a mapping of a joint's fields"];
    an_unknown_type_is_one_fault:
        "type: prismatic" => "type: linear",
        ["two.yaml:15: joints[1].type: `linear` is not revolute or prismatic"];
    a_type_that_is_no_text_is_one_fault:
        "type: prismatic" => "type: 2",
        ["two.yaml:15: joints[1].type: 2 is not revolute or prismatic"];

    a_map_that_turns_back_is_refused_on_the_line_where_it_does:
        "0.01: 0.6" => "0.01: 0.6\n      0.02: 0.7",
        ["two.yaml:27: joints[1].map_m[0.02]: fraction 0.7 after 0.6: the map is not monotonic, fractions have to keep rising or keep falling"];
    a_flat_map_is_refused:
        "{-80: 0.0, 80: 1.0}" => "{-80: 0.5, 80: 0.5}",
        ["two.yaml:13: joints[0].map_deg[80]: fraction 0.5 after 0.5: the map is not monotonic, fractions have to keep rising or keep falling"];
    a_map_of_one_point_is_refused:
        "{-80: 0.0, 80: 1.0}" => "{0: 0.5}",
        ["two.yaml:13: joints[0].map_deg: too few points (1), at least 2 are needed"];
    a_map_without_points_is_refused:
        "{-80: 0.0, 80: 1.0}" => "{}",
        ["two.yaml:13: joints[0].map_deg: too few points (0), at least 2 are needed"];
    a_map_that_does_not_cover_the_travel_is_refused:
        "{-80: 0.0" => "{-79: 0.0",
        ["two.yaml:13: joints[0].map_deg: -79 to 80 deg does not cover the travel of -80 to 80 deg"];
    a_fraction_beyond_the_usable_part_is_refused:
        "80: 1.0}" => "80: 1.1}",
        ["two.yaml:13: joints[0].map_deg[80]: fraction 1.1 is outside 0 to 1"];
    a_fraction_that_is_no_number_is_refused:
        "0.01: 0.6" => "0.01: high",
        ["two.yaml:26: joints[1].map_m[0.01]: `high` is not a fraction from 0 to 1"];
    a_position_that_is_no_number_is_refused:
        "0.01: 0.6" => "middle: 0.6",
        ["two.yaml:26: joints[1].map_m[middle]: `middle` is no position: a number is needed"];
    a_position_given_twice_is_refused:
        "0.01: 0.6" => "0.01: 0.6\n      0.010: 0.5",
        ["two.yaml:27: joints[1].map_m[0.01]: the position 0.01 is given twice"];
    millimetres_for_metres_are_refused:
        "travel_m: [0, 0.03]" => "travel_m: [0, 30]",
        ["two.yaml:16: joints[1].travel_m: [0, 30] is not two lengths from -5 to 5 m, the lower one first"];

    a_channel_used_twice_is_refused_at_the_second:
        "channel: 15" => "channel: 14",
        ["two.yaml:21: joints[1].channel: 14 is already joints[0].channel"];
    a_channel_that_no_pca9685_has_is_refused:
        "channel: 15" => "channel: 16",
        ["two.yaml:21: joints[1].channel: 16 is not a whole number from 0 to 15"];
    half_a_channel_is_refused:
        "channel: 15" => "channel: 1.5",
        ["two.yaml:21: joints[1].channel: 1.5 is not a whole number from 0 to 15"];
    a_negative_channel_is_refused:
        "channel: 15" => "channel: -1",
        ["two.yaml:21: joints[1].channel: -1 is not a whole number from 0 to 15"];
    a_pulse_too_short_is_refused:
        "pulse_us: [600, 2400]" => "pulse_us: [300, 2400]",
        ["two.yaml:11: joints[0].pulse_us: 300 is outside 400 to 2700 us"];
    a_pulse_too_long_is_refused_on_its_own_line:
        "pulse_us: [600, 2400]" => "pulse_us:\n      - 600\n      - 2701",
        ["two.yaml:13: joints[0].pulse_us: 2701 is outside 400 to 2700 us"];
    a_reversed_pulse_range_is_refused:
        "pulse_us: [600, 2400]" => "pulse_us: [2400, 600]",
        ["two.yaml:11: joints[0].pulse_us: [2400, 600] is reversed or empty: the least pulse comes first"];
    a_usable_part_beyond_the_range_is_refused:
        "usable: [0.05, 0.95]" => "usable: [-0.05, 0.95]",
        ["two.yaml:12: joints[0].usable: -0.05 is outside 0 to 1"];
    a_reversed_usable_part_is_refused:
        "usable: [0.05, 0.95]" => "usable: [0.95, 0.05]",
        ["two.yaml:12: joints[0].usable: [0.95, 0.05] is reversed or empty: the lower end comes first"];
    reversed_limits_are_refused:
        "travel_deg: [-80, 80]" => "travel_deg: [80, -80]",
        ["two.yaml:5: joints[0].travel_deg: [80, -80] is reversed or empty: the lower end comes first"];
    a_home_outside_the_travel_is_refused:
        "home_deg: 0" => "home_deg: 81",
        ["two.yaml:6: joints[0].home_deg: 81 is outside the travel of -80 to 80 deg"];
    no_number_is_refused:
        "home_deg: 0" => "home_deg: .nan",
        ["two.yaml:6: joints[0].home_deg: NaN is not an angle within the travel"];
    no_number_in_a_pair_is_refused_on_its_line:
        "pulse_us: [600, 2400]" => "pulse_us: [.nan, 2400]",
        ["two.yaml:11: joints[0].pulse_us: NaN is outside 400 to 2700 us"];
    no_number_in_the_map_is_refused:
        "0.01: 0.6" => "0.01: .nan",
        ["two.yaml:26: joints[1].map_m[0.01]: NaN is not a fraction from 0 to 1"];
    infinity_is_refused:
        "travel_deg: [-80, 80]" => "travel_deg: [-80, .inf]",
        ["two.yaml:5: joints[0].travel_deg: [-80, inf] is not two angles from -3600 to 3600 deg, the lower one first"];
    a_number_too_great_for_any_float_is_refused:
        "velocity_rad_s: 4" => "velocity_rad_s: 1e400",
        ["two.yaml:7: joints[0].velocity_rad_s: the text \"1e400\" is not a speed from 0.001 to 1000 rad/s"];
    a_speed_of_zero_is_refused:
        "velocity_rad_s: 4" => "velocity_rad_s: 0",
        ["two.yaml:7: joints[0].velocity_rad_s: 0 is not a speed from 0.001 to 1000 rad/s"];
    a_negative_acceleration_is_refused:
        "acceleration_m_s2: 1" => "acceleration_m_s2: -1",
        ["two.yaml:19: joints[1].acceleration_m_s2: -1 is not an acceleration from 0.001 to 1000000 m/s²"];
    a_slew_rate_of_zero_is_refused:
        "velocity_rad_s: 4" => "velocity_rad_s: 4\n    slew_rate_rad_s: 0",
        ["two.yaml:8: joints[0].slew_rate_rad_s: 0 is not a speed from 0.001 to 1000 rad/s"];

    a_name_used_twice_is_refused_at_the_second:
        "name: slide" => "name: swing",
        ["two.yaml:14: joints[1].name: `swing` is already joints[0].name"];
    a_name_with_capitals_is_refused:
        "name: slide" => "name: Slide",
        ["two.yaml:14: joints[1].name: `Slide` is not a name of lower-case letters, digits and single underscores that starts with a letter (at most 64)"];
    a_name_that_starts_with_a_digit_is_refused:
        "name: two" => "name: 2nd",
        ["two.yaml:1: name: `2nd` is not a name of lower-case letters, digits and single underscores that starts with a letter (at most 64)"];
    a_name_that_yaml_reads_as_a_truth_is_refused:
        "name: two" => "name: true",
        ["two.yaml:1: name: true is not a name of lower-case letters, digits and single underscores that starts with a letter (at most 64)"];
    a_pin_used_twice_is_refused_at_the_second:
        "    channel: 14\n    pulse_us: [600, 2400]\n    usable: [0.05, 0.95]\n    map_deg: {-80: 0.0, 80: 1.0}\n  - name: slide\n" =>
            "    channel: 14\n    gpio_pin: 18\n    pulse_us: [600, 2400]\n    usable: [0.05, 0.95]\n    map_deg: {-80: 0.0, 80: 1.0}\n  - name: slide\n    gpio_pin: 18\n",
        ["two.yaml:16: joints[1].gpio_pin: 18 is already joints[0].gpio_pin"];
    a_pin_that_the_header_does_not_have_is_refused:
        "channel: 14" => "channel: 14\n    gpio_pin: 28",
        ["two.yaml:11: joints[0].gpio_pin: 28 is not a whole number from 0 to 27"];
    half_a_pin_is_refused:
        "channel: 14" => "channel: 14\n    gpio_pin: 2.5",
        ["two.yaml:11: joints[0].gpio_pin: 2.5 is not a whole number from 0 to 27"];

    a_board_that_is_no_mapping_is_refused:
        "joints:" => "pca9685: 0x40\njoints:",
        ["two.yaml:2: pca9685: 64 is not a mapping of some of bus, address, frequency_hz, oscillator_hz"];
    an_empty_board_is_refused:
        "joints:" => "pca9685:\njoints:",
        ["two.yaml:2: pca9685: an empty value is not a mapping of some of bus, address, frequency_hz, oscillator_hz"];
    an_unknown_field_of_the_board_is_answered_with_the_one_that_was_meant:
        "joints:" => "pca9685: {frequency: 50}\njoints:",
        ["two.yaml:2: pca9685.frequency: unknown field, did you mean `frequency_hz`?"];
    a_field_of_the_board_that_stands_twice_is_refused:
        "joints:" => "pca9685:\n  bus: 1\n  bus: 0\njoints:",
        ["two.yaml:4: pca9685.bus: given twice in the same mapping"];
    a_bus_beyond_255_is_refused:
        "joints:" => "pca9685: {bus: 256}\njoints:",
        ["two.yaml:2: pca9685.bus: 256 is not a whole number from 0 to 255"];
    a_negative_bus_is_refused:
        "joints:" => "pca9685: {bus: -1}\njoints:",
        ["two.yaml:2: pca9685.bus: -1 is not a whole number from 0 to 255"];
    an_address_that_the_chip_cannot_have_is_refused:
        "joints:" => "pca9685: {address: 0x3F}\njoints:",
        ["two.yaml:2: pca9685.address: 63 is not a whole number from 0x40 to 0x77, other than 0x70"];
    an_address_that_i2c_reserves_is_refused:
        "joints:" => "pca9685: {address: 0x78}\njoints:",
        ["two.yaml:2: pca9685.address: 120 is not a whole number from 0x40 to 0x77, other than 0x70"];
    the_address_that_all_boards_answer_is_refused:
        "joints:" => "pca9685: {address: 0x70}\njoints:",
        ["two.yaml:2: pca9685.address: 112 is not a whole number from 0x40 to 0x77, other than 0x70"];
    a_frequency_that_servos_do_not_take_is_refused:
        "joints:" => "pca9685: {frequency_hz: 1000}\njoints:",
        ["two.yaml:2: pca9685.frequency_hz: 1000 is not a frequency from 40 to 400 Hz, which servos take"];
    an_oscillator_in_megahertz_is_refused:
        "joints:" => "pca9685:\n  oscillator_hz: 25\njoints:",
        ["two.yaml:3: pca9685.oscillator_hz: 25 is not a frequency from 23000000 to 27000000 Hz"];
    an_oscillator_that_is_no_number_is_refused:
        "joints:" => "pca9685: {oscillator_hz: .nan}\njoints:",
        ["two.yaml:2: pca9685.oscillator_hz: NaN is not a frequency from 23000000 to 27000000 Hz"];
    pulses_that_do_not_end_within_the_period_are_refused_at_each_joint:
        "joints:" => "pca9685: {frequency_hz: 400}\njoints:",
        [
            "two.yaml:12: joints[0].pulse_us: 2400 is too long for pca9685.frequency_hz: at 400 Hz a pulse may last 2375 us",
            "two.yaml:23: joints[1].pulse_us: 2400 is too long for pca9685.frequency_hz: at 400 Hz a pulse may last 2375 us",
        ];

    a_doubled_key_is_refused_at_the_second:
        "home_deg: 0" => "home_deg: 0\n    home_deg: 1",
        ["two.yaml:7: joints[0].home_deg: given twice in the same mapping"];
    a_doubled_key_of_the_robot_is_refused:
        "name: two" => "name: two\nname: three",
        ["two.yaml:2: name: given twice in the same mapping"];
}

#[test]
fn no_joints_are_too_few() {
    assert_eq!(messages("name: none\njoints: []\n"), ["two.yaml:2: joints: 0 joints, 1 to 16 are allowed"]);
}

#[test]
fn seventeen_joints_are_too_many() {
    let joint = &GOOD[GOOD.find("  - name: swing").unwrap()..GOOD.find("  - name: slide").unwrap()];
    let joints: String = (0..17)
        .map(|n| {
            joint.replace("swing", &format!("j{n}")).replace("channel: 14", &format!("channel: {}", n % 16))
        })
        .collect();
    let found = messages(&format!("name: many\njoints:\n{joints}"));
    assert_eq!(found, ["two.yaml:3: joints: 17 joints, 1 to 16 are allowed"]);
}

#[test]
fn an_empty_file_is_refused() {
    for text in ["", " \n", "# only a comment\n", "---\n", "~"] {
        let found = messages(text);
        assert_eq!(found.len(), 1, "{text:?}: {found:?}");
        assert!(
            found[0].ends_with("the file is empty; a mapping of `name` and `joints` is needed"),
            "{found:?}"
        );
    }
}

#[test]
fn a_file_that_is_no_mapping_is_refused() {
    assert_eq!(
        messages("- a\n- b\n"),
        ["two.yaml:1: [`a`, `b`] is not a mapping of the fields `name` and `joints`"]
    );
    assert!(messages("42")[0].contains("42 is not a mapping"));
}

#[test]
fn what_is_not_yaml_is_refused_with_its_line() {
    for (text, line) in [
        (edited("    home_m: 0", "   home_m: 0"), 17),
        (edited("[-80, 80]", "[-80, 80"), 6),
        (edited("    home_m", "\thome_m"), 17),
        (edited("channel: 14", "channel: *nowhere"), 10),
        (edited("name: two", "name: two: three"), 1),
    ] {
        let found = messages(&text);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with(&format!("two.yaml:{line}: not YAML: ")), "line {line}: {found:?}");
    }
    assert!(messages(&format!("{GOOD}---\nname: second\n"))[0].contains("more than one document"));
    assert!(messages(&format!("name: {}", "[".repeat(1000)))[0].contains("not YAML"));
}

#[test]
fn all_faults_are_reported_at_once_in_the_order_of_their_lines() {
    let text = "\
name: Two
version: 3
joints:
  - name: swing
    type: revolute
    travel_deg: [80, -80]
    home_deg: .nan
    velocity: 4
    acceleration_rad_s2: -30
    channel: 16
    pulse_us: [300, 2800]
    usable: [0.95, 0.05]
    map_deg: {-80: 0.0, 0: 0.6, 80: 0.5}
    jerk_rad_s3: 0
  - nonsense
  - name: swing
    type: prismatic
    travel_m: [0, 0.03]
    home_m: 0.04
    velocity_m_s: fast
    acceleration_m_s2: 1
    jerk_m_s3: 25
    channel: 15
    channel: 14
    pulse_us: [600, 2400]
    map_m: {0: 1.0, 0.02: 0.0}
";
    assert_eq!(
        messages(text),
        [
            "two.yaml:1: name: `Two` is not a name of lower-case letters, digits and single underscores that starts with a letter (at most 64)",
            "two.yaml:2: version: unknown field; known are name, joints, pca9685",
            "two.yaml:6: joints[0].travel_deg: [80, -80] is reversed or empty: the lower end comes first",
            "two.yaml:7: joints[0].home_deg: NaN is not an angle within the travel",
            "two.yaml:8: joints[0].velocity: unknown field, did you mean `velocity_rad_s`?",
            "two.yaml:9: joints[0].acceleration_rad_s2: -30 is not an acceleration from 0.001 to 1000000 rad/s²",
            "two.yaml:10: joints[0].channel: 16 is not a whole number from 0 to 15",
            "two.yaml:11: joints[0].pulse_us: 300 is outside 400 to 2700 us",
            "two.yaml:11: joints[0].pulse_us: 2800 is outside 400 to 2700 us",
            "two.yaml:12: joints[0].usable: [0.95, 0.05] is reversed or empty: the lower end comes first",
            "two.yaml:13: joints[0].map_deg[80]: fraction 0.5 after 0.6: the map is not monotonic, fractions have to keep rising or keep falling",
            "two.yaml:14: joints[0].jerk_rad_s3: 0 is not a jerk from 0.001 to 1000000000 rad/s³",
            "two.yaml:15: joints[1]: `nonsense` is not a mapping of a joint's fields",
            "two.yaml:16: joints[2].usable: missing; it has to be two fractions from 0 to 1, the lower one first",
            "two.yaml:16: joints[2].name: `swing` is already joints[0].name",
            "two.yaml:19: joints[2].home_m: 0.04 is outside the travel of 0 to 0.03 m",
            "two.yaml:20: joints[2].velocity_m_s: `fast` is not a speed from 0.001 to 1000 m/s",
            "two.yaml:24: joints[2].channel: given twice in the same mapping",
            "two.yaml:26: joints[2].map_m: 0 to 0.02 m does not cover the travel of 0 to 0.03 m",
        ]
    );
}

#[test]
fn faults_beyond_a_hundred_are_counted() {
    let fields: String = (0..150).map(|n| format!("key_number_{n}: 1\n")).collect();
    let found = messages(&format!("{GOOD}{fields}"));
    assert_eq!(found.len(), 101);
    assert_eq!(found[100], "two.yaml: 50 more faults");
}

#[test]
fn every_fault_tells_its_line_field_and_message_apart() {
    let errors = Robot::from_yaml(&edited("channel: 14", "channel: 99"), "two.yaml").unwrap_err();
    assert_eq!(errors.file_name, "two.yaml");
    let [fault] = &errors.faults[..] else { panic!("{errors}") };
    assert_eq!((fault.line, fault.path.as_str()), (Some(10), "joints[0].channel"));
    assert_eq!(fault.message, "99 is not a whole number from 0 to 15");
}
