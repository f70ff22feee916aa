//! What is remembered, what is not, and what is no state file.
#![allow(clippy::unwrap_used, unreachable_pub, reason = "a panic here is a failing test")]

mod common;

use common::place::{HARDWARE, Place, at, json, on_its_way, unknown};
use common::robot;
use std::fs;
use steve_core::calibration::Calibration;
use steve_core::robot::Robot;
use steve_drivers::state_file::{StateFile, StateFileError};

#[test]
fn without_a_file_nothing_is_known_and_nothing_is_said() {
    let place = Place::new();
    assert_eq!(place.open(&robot()), [None; 2]);
    assert!(!place.path().exists(), "opening wrote something");
    assert_eq!(place.warnings(), [""; 0]);
}

#[test]
fn what_was_saved_is_remembered_to_the_last_bit() {
    let place = Place::new();
    let positions = [0.1 + 0.2, -1.0 / 3.0];
    place.leave(&robot(), positions.map(at).to_vec());
    assert_eq!(place.open(&robot()), positions.map(Some));
    assert_eq!(place.warnings(), [""; 0]);
}

#[test]
fn a_person_can_read_the_file() {
    let place = Place::new();
    place.leave(&robot(), vec![at(0.5), on_its_way(0.7)]);
    let expected = serde_json::json!({
        "version": 1,
        "robot": "pan-tilt",
        "hardware": HARDWARE,
        "joints": [
            { "name": "pan", "position": 0.5, "pulse_us": 2000.0, "moving": false },
            { "name": "tilt", "position": null, "pulse_us": null, "moving": true },
        ],
    });
    assert_eq!(json(&place.path()), expected);
    assert!(fs::read_to_string(place.path()).unwrap().lines().count() > 10, "it is one long line");
}

#[test]
fn what_was_unknown_stays_unknown_and_what_was_moving_is_unknown_and_told() {
    let place = Place::new();
    place.leave(&robot(), vec![unknown(), at(0.5)]);
    assert_eq!(place.open(&robot()), [None, Some(0.5)]);
    assert_eq!(place.warnings(), [""; 0]);
    place.leave(&robot(), vec![on_its_way(0.3), at(0.5)]);
    assert_eq!(place.open(&robot()), [None, Some(0.5)]);
    let warnings = place.warnings();
    assert_eq!(warnings.len(), 1);
    assert!(warnings[0].ends_with("the position of `pan` is unknown: it was moving when the program ended"));
}

/// Every way in which bytes are no state file of this robot, and the word that tells.
fn bad_files() -> Vec<(Vec<u8>, &'static str)> {
    let good = serde_json::json!({
        "version": 1, "robot": "pan-tilt", "hardware": HARDWARE,
        "joints": [{ "name": "pan", "position": 0.5, "pulse_us": 2000.0, "moving": false }],
    });
    let with = |pointer: &str, value: serde_json::Value| {
        let mut document = good.clone();
        *document.pointer_mut(pointer).unwrap() = value;
        serde_json::to_vec(&document).unwrap()
    };
    let text = serde_json::to_string(&good).unwrap();
    let twice = serde_json::json!([good["joints"][0], good["joints"][0]]);
    vec![
        (Vec::new(), "damaged"),
        (b"\0\0\0\0".to_vec(), "damaged"),
        (b"position: 0.5\n".to_vec(), "damaged"),
        (text.as_bytes()[..text.len() - 9].to_vec(), "damaged"),
        (format!("{text}{text}").into_bytes(), "damaged"),
        (text.replace("0.5", "NaN").into_bytes(), "damaged"),
        (text.replace("0.5", "1e999").into_bytes(), "damaged"),
        (
            text.replace("pan\"", "\u{fe}\"").into_bytes().into_iter().filter(|b| *b != 0xc3).collect(),
            "damaged",
        ),
        (b"[1, 2]".to_vec(), "damaged"),
        (b"{}".to_vec(), "damaged"),
        (b"{\"version\": 1}".to_vec(), "damaged"),
        (vec![b' '; 100_000], "longer than"),
        (with("/version", "one".into()), "damaged"),
        (with("/joints", 7.into()), "damaged"),
        (with("/joints/0/position", "half".into()), "damaged"),
        (with("/joints/0/position", serde_json::Value::Null), "disagree"),
        (with("/joints/0/moving", true.into()), "disagree"),
        (with("/joints", twice), "twice"),
        (with("/version", 2.into()), "its version is 2"),
        (b"{\"version\": 3, \"arms\": []}".to_vec(), "its version is 3"),
        (with("/robot", "marvin".into()), "robot `marvin`"),
        (with("/hardware", "pca9685 on i2c-1, address 0x41".into()), "address 0x41`"),
    ]
}

#[test]
fn a_bad_file_is_set_aside_with_one_warning_and_nothing_is_known() {
    for (bytes, reason) in bad_files() {
        let text = String::from_utf8_lossy(&bytes[..bytes.len().min(100)]).into_owned();
        let place = Place::new();
        fs::write(place.path(), &bytes).unwrap();
        assert_eq!(place.open(&robot()), [None; 2], "{text}");
        assert!(!place.path().exists(), "{text}");
        assert_eq!(fs::read(place.aside(1)).unwrap(), bytes, "{text}");
        let warnings = place.warnings();
        assert_eq!(warnings.len(), 1, "{text}: {warnings:?}");
        let aside = place.aside(1).display().to_string();
        assert!(warnings[0].contains(reason) && warnings[0].contains(&aside), "{text}: {warnings:?}");
    }
}

#[test]
fn bad_files_are_never_written_over_and_not_kept_without_end() {
    let place = Place::new();
    fs::write(place.aside(2), "somebody's own").unwrap();
    for number in [1, 3, 4, 5, 6, 7, 8, 9] {
        fs::write(place.path(), format!("bad {number}")).unwrap();
        place.open(&robot());
        assert_eq!(fs::read_to_string(place.aside(number)).unwrap(), format!("bad {number}"));
    }
    assert_eq!(fs::read_to_string(place.aside(2)).unwrap(), "somebody's own");
    fs::write(place.path(), "bad 10").unwrap();
    let error = StateFile::open(&place.path(), &robot(), HARDWARE).unwrap_err();
    assert!(matches!(error, StateFileError::TooManySetAside { .. }), "{error}");
    assert_eq!(fs::read_to_string(place.path()).unwrap(), "bad 10");
}

/// The robot with its first joint changed.
fn changed(change: impl FnOnce(&mut Robot)) -> Robot {
    let mut robot = (*robot()).clone();
    change(&mut robot);
    robot
}

fn calibrated(least_us: f64) -> Calibration {
    Calibration::new((least_us, 2500.0), (0.0, 1.0), &[(-1.0, 0.0), (1.0, 1.0)]).unwrap()
}

#[test]
fn only_the_joint_that_has_changed_is_unknown_and_that_is_told_once() {
    let with = |change: fn(&mut Robot)| changed(change);
    let cases = [
        (
            with(|robot| robot.joints[0].name = "turn".to_owned()),
            [None, Some(0.5)],
            "`turn` is unknown: it is new",
        ),
        (
            with(|robot| robot.joints[0].limits.upper = 0.4),
            [None, Some(0.5)],
            "28.6 deg was remembered, its travel is -57.3 deg to 22.9 deg",
        ),
        (
            with(|robot| robot.joints[0].calibration = calibrated(530.0)),
            [None, Some(0.5)],
            "28.6 deg was 2000 us and is 2008 us",
        ),
    ];
    for (robot, known, told) in cases {
        let place = Place::new();
        place.leave(&common::robot(), vec![at(0.5), at(0.5)]);
        assert_eq!(place.open(&robot), known);
        let warnings = place.warnings();
        assert!(warnings.len() == 1 && warnings[0].contains(told), "{told}: {warnings:?}");
        assert!(place.path().exists(), "a file with one joint that changed was set aside");
    }
}

#[test]
fn a_joint_that_is_gone_is_told_and_the_order_of_joints_does_not_matter() {
    let place = Place::new();
    place.leave(&robot(), vec![at(0.1), at(0.2)]);
    assert_eq!(place.open(&changed(|robot| robot.joints.reverse())), [Some(0.2), Some(0.1)]);
    assert_eq!(place.open(&changed(|robot| robot.joints.truncate(1))), [Some(0.1)]);
    let warnings = place.warnings();
    assert!(warnings.len() == 1 && warnings[0].contains("`tilt` is no joint"), "{warnings:?}");
}

#[test]
fn a_calibration_that_changed_by_less_than_a_servo_notices_is_no_change() {
    let place = Place::new();
    place.leave(&robot(), vec![at(0.5), at(0.5)]);
    let robot = changed(|robot| robot.joints[0].calibration = calibrated(516.0));
    assert_eq!(place.open(&robot), [Some(0.5); 2], "2000 and 2004 us");
}
