//! What people may type for a position or a speed, and what they are told when they may not.

use proptest::prelude::*;
use steve_core::robot::JointKind::{self, Prismatic, Revolute};
use steve_core::units::{format_position, format_speed, parse_position, parse_speed};

const DEG: f64 = std::f64::consts::PI / 180.0;

fn assert_near(is: f64, should: f64, text: &str) {
    assert!(is == should || (is - should).abs() < 1e-12, "{text}: {is}, not {should}");
}

#[test]
fn positions_come_out_in_rad_and_m() {
    for (text, kind, should) in [
        ("45deg", Revolute, 45.0 * DEG),
        ("-90 deg", Revolute, -90.0 * DEG),
        ("  +0.5   rad ", Revolute, 0.5),
        (".5rad", Revolute, 0.5),
        ("5.deg", Revolute, 5.0 * DEG),
        ("61.7°", Revolute, 61.7 * DEG),
        ("1e1deg", Revolute, 10.0 * DEG),
        ("20mm", Prismatic, 0.02),
        ("0.02m", Prismatic, 0.02),
        ("0 m", Prismatic, 0.0),
        ("inf", Revolute, f64::INFINITY),
        ("-inf", Prismatic, f64::NEG_INFINITY),
        (".inf", Revolute, f64::INFINITY),
        ("-.inf", Revolute, f64::NEG_INFINITY),
    ] {
        assert_near(parse_position(text, kind).unwrap(), should, text);
    }
}

#[test]
fn speeds_may_do_without_a_unit() {
    for (text, kind, should) in [
        ("0.5", Revolute, 0.5),
        ("0.05", Prismatic, 0.05),
        ("0", Prismatic, 0.0),
        ("30deg/s", Revolute, 30.0 * DEG),
        ("30 deg/s", Revolute, 30.0 * DEG),
        ("0.5rad/s", Revolute, 0.5),
        ("50mm/s", Prismatic, 0.05),
        ("0.05 m/s", Prismatic, 0.05),
    ] {
        assert_near(parse_speed(text, kind).unwrap(), should, text);
    }
}

#[test]
fn a_position_without_a_unit_is_told_its_units() {
    let message = |text, kind| parse_position(text, kind).unwrap_err().to_string();
    assert_eq!(message("45", Revolute), "`45` has no unit; write 45deg or 45rad");
    assert_eq!(message(" 20 ", Prismatic), "`20` has no unit; write 20mm or 20m");
}

#[test]
fn a_unit_of_the_other_kind_is_refused() {
    let message = |text, kind| parse_position(text, kind).unwrap_err().to_string();
    assert_eq!(
        message("20mm", Revolute),
        "`20mm`: mm is no unit of a revolute joint; its units are deg and rad"
    );
    assert_eq!(
        message("45deg", Prismatic),
        "`45deg`: deg is no unit of a prismatic joint; its units are mm and m"
    );
    assert_eq!(
        parse_speed("5 mm/s", Revolute).unwrap_err().to_string(),
        "`5 mm/s`: mm is no unit of a revolute joint; its units are deg/s and rad/s"
    );
}

#[test]
fn an_unknown_unit_is_refused() {
    for text in ["45grad", "45 Deg", "45degrees", "4 5 deg deg", "45deg/s", "45\"", "1e deg"] {
        assert!(parse_position(text, Revolute).is_err(), "{text}");
    }
    for text in ["5deg", "5/s", "5 deg/min", "5 deg/ss", "5deg/s/s"] {
        assert!(parse_speed(text, Revolute).is_err(), "{text}");
    }
}

#[test]
fn what_holds_no_number_is_refused_with_an_example() {
    for text in
        ["", " ", "deg", "nan", "NaNdeg", "--5deg", "5,5deg", "five deg", "1e999deg", "infdeg", "٤deg"]
    {
        let message = parse_position(text, Revolute).unwrap_err().to_string();
        assert!(message.contains("write for example 45deg or 0.5rad"), "{text}: {message}");
    }
    for text in ["", "nan", "inf", "-inf", "1e999", "fast"] {
        assert!(parse_speed(text, Revolute).is_err(), "{text}");
    }
}

#[test]
fn a_negative_speed_is_refused() {
    let message = parse_speed("-30deg/s", Revolute).unwrap_err().to_string();
    assert_eq!(
        message,
        "speed `-30deg/s` is negative; 0 or more is allowed, 0 is as fast as the limits allow"
    );
    assert!(parse_speed("-0.1", Prismatic).is_err());
}

#[test]
fn people_read_degrees_and_millimetres() {
    assert_eq!(format_position(45.0 * DEG, Revolute), "45.0 deg");
    assert_eq!(format_position(-58.4 * DEG, Revolute), "-58.4 deg");
    assert_eq!(format_position(0.02, Prismatic), "20.0 mm");
    assert_eq!(format_position(-1e-9, Revolute), "0.0 deg");
    assert_eq!(format_speed(0.5, Revolute), "28.6 deg/s");
    assert_eq!(format_speed(0.05, Prismatic), "50.0 mm/s");
}

fn any_kind() -> impl Strategy<Value = JointKind> {
    prop_oneof![Just(Revolute), Just(Prismatic)]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_shown_can_be_typed_again(kind in any_kind(), position in -3.0..3.0) {
        let back = parse_position(&format_position(position, kind), kind).unwrap();
        prop_assert!((back - position).abs() < 0.051 * DEG);
    }

    #[test]
    fn no_text_at_all_makes_it_panic(kind in any_kind(), text in ".*", number in any::<f64>(), unit in "[a-z°/ ]{0,5}") {
        for text in [text, format!("{number}{unit}")] {
            let position = parse_position(&text, kind);
            prop_assert!(position.is_err() || position.is_ok_and(f64::is_finite) || text.trim().ends_with("inf"));
            prop_assert!(parse_speed(&text, kind).map_or(true, |speed| speed.is_finite() && speed >= 0.0));
        }
    }
}
