//! Whatever stands in a motions file: no panic, and either motions that can be played or faults that can be read.
#![allow(clippy::unwrap_used, reason = "a panic here is a failing test")]

mod mutations;

use mutations::{SCRAPS, any_edit, apply};
use proptest::prelude::*;
use steve_core::arm::{Readiness, validate};
use steve_core::motions::{Action, Motions, Player, SpeedScale};
use steve_core::robot::Robot;

const STEVE: &str = include_str!("../../../config/steve.yaml");
const MOTIONS: &str = include_str!("../../../config/motions.yaml");

fn robot() -> Robot {
    Robot::from_yaml(STEVE, "steve.yaml").unwrap()
}

/// Plays everything that was accepted, to its end.
fn check(text: &str, robot: &Robot) -> Result<(), TestCaseError> {
    match Motions::from_yaml(text, "motions.yaml", robot) {
        Ok(motions) => motions.iter().try_for_each(|motion| {
            let mut player = Player::new(robot, motion, SpeedScale::default());
            let positions = vec![Some(0.0); robot.joints.len()];
            let mut last = 0.0;
            loop {
                match player.next(&positions) {
                    Action::Start { request, .. } => {
                        let valid = validate(robot, Readiness::default(), &request);
                        prop_assert!(valid.is_ok(), "{}: {:?}", motion.name(), valid);
                    }
                    Action::Wait { seconds } => prop_assert!((0.0..=3600.0).contains(&seconds)),
                    Action::Settle | Action::PowerOff => {}
                    Action::Done => break,
                }
                let progress = player.progress(0.5);
                prop_assert!(progress.fraction >= last && progress.fraction <= 1.0);
                prop_assert!((1..=progress.steps).contains(&progress.step));
                last = progress.fraction;
            }
            prop_assert_eq!(player.progress(1.0).fraction, 1.0);
            Ok(())
        }),
        Err(errors) => {
            let lines = errors.to_string().lines().count();
            prop_assert!(lines > 0 && lines == errors.faults.len(), "one line a fault: {}", errors);
            Ok(())
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_mutated_file_is_played_or_refused(edits in prop::collection::vec(any_edit(), 1..6)) {
        let text = edits.iter().fold(MOTIONS.to_owned(), |text, edit| apply(&text, edit));
        check(&text, &robot())?;
    }

    #[test]
    fn any_text_is_refused(text in "\\PC{0,200}") {
        check(&text, &robot())?;
    }

    #[test]
    fn any_yaml_signs_are_refused(scraps in prop::collection::vec(prop::sample::select(&SCRAPS[..]), 0..40)) {
        check(&format!("a:\n  steps:\n    - move: {}", scraps.concat()), &robot())?;
    }
}

#[test]
fn a_great_file_of_nonsense_is_refused_in_reasonable_time() {
    let text =
        format!("great:\n  steps:\n{}", "    - {move: {torsoo: 1, elbow: 99}, sped: 2}\n".repeat(2000));
    let errors = Motions::from_yaml(&text, "motions.yaml", &robot()).unwrap_err();
    assert!(errors.faults.len() <= 101);
}
