//! Whatever stands in the file: no panic, and either a sound robot or faults that can be read.

mod mutations;

use mutations::{SCRAPS, any_edit, apply};
use proptest::prelude::*;
use steve_core::calibration::PULSE_RANGE_US;
use steve_core::robot::{Joint, MAX_JOINTS, Robot};

const STEVE: &str = include_str!("../../../config/steve.yaml");

/// What a robot that was accepted may be relied on for, and faults.
fn check(text: &str) -> Result<(), TestCaseError> {
    match Robot::from_yaml(text, "steve.yaml") {
        Ok(robot) => check_robot(&robot),
        Err(errors) => {
            prop_assert!(!errors.faults.is_empty());
            prop_assert_eq!(
                errors.to_string().lines().count(),
                errors.faults.len(),
                "one line a fault: {}",
                errors
            );
            // An error at the very end is on the line after the last one. YAML knows more line ends than \n.
            let lines = text.matches(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']).count() + 2;
            for line in errors.faults.iter().filter_map(|fault| fault.line) {
                prop_assert!((1..=lines).contains(&line), "line {} of {}", line, lines);
            }
            Ok(())
        }
    }
}

fn check_robot(robot: &Robot) -> Result<(), TestCaseError> {
    prop_assert!((1..=MAX_JOINTS).contains(&robot.joints.len()));
    let board = robot.board;
    prop_assert!((0x40..=0x77).contains(&board.address) && board.address != 0x70);
    prop_assert!((40.0..=400.0).contains(&board.frequency_hz));
    prop_assert!((23e6..=27e6).contains(&board.oscillator_hz));
    for (index, joint) in robot.joints.iter().enumerate() {
        let limits = &joint.limits;
        let rates = [limits.velocity, limits.acceleration, limits.jerk, joint.slew_rate];
        prop_assert!(rates.iter().all(|rate| *rate > 0.0 && rate.is_finite()));
        prop_assert!(limits.lower.is_finite() && limits.upper.is_finite() && limits.lower < limits.upper);
        prop_assert!((limits.lower..=limits.upper).contains(&joint.home));
        let (lower, upper) = joint.calibration.travel();
        prop_assert!(lower <= limits.lower && upper >= limits.upper);
        let (least, greatest) = joint.calibration.pulse_range_us();
        prop_assert!(least >= PULSE_RANGE_US.0 && greatest <= PULSE_RANGE_US.1 && least < greatest);
        prop_assert!(greatest < 1e6 / board.frequency_hz);
        let same_pin = |other: &Joint| joint.gpio_pin.is_some() && other.gpio_pin == joint.gpio_pin;
        let alike =
            |other: &Joint| other.name == joint.name || other.channel == joint.channel || same_pin(other);
        prop_assert!(!robot.joints[..index].iter().any(alike));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_mutated_file_is_read_or_refused(edits in prop::collection::vec(any_edit(), 1..6)) {
        let text = edits.iter().fold(STEVE.to_owned(), |text, edit| apply(&text, edit));
        check(&text)?;
    }

    #[test]
    fn any_text_is_refused(text in "\\PC{0,200}") {
        check(&text)?;
    }

    #[test]
    fn any_yaml_signs_are_refused(scraps in prop::collection::vec(prop::sample::select(&SCRAPS[..]), 0..40)) {
        check(&format!("name: a\njoints:\n  - {}", scraps.concat()))?;
    }
}

#[test]
fn a_file_of_nested_aliases_does_not_explode() {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let below = format!("*a{}, ", level - 1).repeat(9);
        text += &format!("a{level}: &a{level} [{below}]\n");
    }
    assert!(Robot::from_yaml(&text, "steve.yaml").is_err());
}

#[test]
fn a_great_file_of_nonsense_is_refused_in_reasonable_time() {
    let text = format!("name: great\njoints:\n{}", "  - {name: 1, map_deg: {0: 2, 1: 3}}\n".repeat(2000));
    let errors = Robot::from_yaml(&text, "steve.yaml").unwrap_err();
    assert!(errors.faults.len() <= 101);
}
