//! The motions that ship are the original's, and what is written in a file is what a motion does.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a panic here is a failing test")]

use steve_core::arm::{JointMove, MoveRequest};
use steve_core::motions::{Motion, Motions, SpeedScale, Step};
use steve_core::robot::{JointKind, Robot};

const STEVE: &str = include_str!("../../../config/steve.yaml");
const MOTIONS: &str = include_str!("../../../config/motions.yaml");

fn robot() -> Robot {
    Robot::from_yaml(STEVE, "steve.yaml").unwrap()
}

fn shipped() -> Motions {
    Motions::from_yaml(MOTIONS, "motions.yaml", &robot()).unwrap_or_else(|errors| panic!("{errors}"))
}

fn read(steps: &str) -> Motion {
    let text = format!("test:\n  steps:\n{steps}");
    let motions =
        Motions::from_yaml(&text, "test.yaml", &robot()).unwrap_or_else(|errors| panic!("{errors}"));
    motions.get("test").unwrap().clone()
}

/// (joint, degrees or metres, speed); 0 = as fast as the limits allow.
type Row = (&'static str, f64, f64);

fn step(rows: &[Row], wait: bool, unguarded: bool) -> Step {
    let robot = robot();
    let moves = rows.iter().map(|&(name, position, speed)| {
        let joint = &robot.joints[robot.joint_index(name).unwrap()];
        let position = if joint.kind == JointKind::Revolute { position.to_radians() } else { position };
        JointMove { joint: name.to_owned(), position, speed, easing: String::new() }
    });
    Step::Move { request: MoveRequest { moves: moves.collect(), together: false, unguarded }, wait }
}

/// Of a motion that is exempt from the guard.
fn starts(rows: &[Row]) -> Step {
    step(rows, false, true)
}

fn moves(rows: &[Row]) -> Step {
    step(rows, true, false)
}

#[test]
fn the_originals_motions_ship() {
    assert_eq!(shipped().names().collect::<Vec<_>>(), ["wake_up", "sleep", "high_five", "point_up"]);
    assert!(shipped().iter().all(|motion| !motion.description().is_empty()));
}

#[test]
fn wake_up_is_the_originals() {
    let moves = |rows: &[Row]| step(rows, true, true);
    assert_eq!(
        shipped().get("wake_up").unwrap().steps(),
        [
            starts(&[("shoulder", 30.0, 0.0), ("elbow", 0.0, 0.0)]),
            Step::Wait { seconds: 0.3 },
            moves(&[
                ("wrist_ud", -90.0, 0.0),
                ("wrist_lr", 0.0, 0.0),
                ("clamp", 0.03, 0.0),
                ("torso", 0.0, 0.0)
            ]),
        ]
    );
}

#[test]
fn sleep_is_the_originals() {
    let motions = shipped();
    let sleep = motions.get("sleep").unwrap();
    let moves = |rows: &[Row]| step(rows, true, true);
    assert_eq!(
        sleep.steps(),
        [
            moves(&[("wrist_lr", 0.0, 2.0)]),
            moves(&[
                ("clamp", 0.0, 2.0),
                ("torso", 0.0, 2.0),
                ("shoulder", 60.0, 1.0),
                ("elbow", -39.0, 1.0)
            ]),
            moves(&[("wrist_ud", -90.0, 2.0)]),
            Step::PowerOff,
        ]
    );
}

/// By the model, whose shoulder leans as the interface says, they lead the hand through the torso.
#[test]
fn only_the_motions_that_fold_the_arm_or_come_back_to_that_are_exempt_from_the_guard() {
    let motions = shipped();
    let exempt = motions.iter().filter(|motion| !motion.guarded()).map(Motion::name);
    assert_eq!(exempt.collect::<Vec<_>>(), ["wake_up", "sleep", "high_five"]);
}

#[test]
fn high_five_is_the_originals() {
    let steps = [
        Step::Save { name: "before".to_owned() },
        starts(&[
            ("torso", -0.429, 1.0),
            ("shoulder", 18.799, 1.0),
            ("elbow", 61.7, 1.0),
            ("wrist_ud", -5.632, 1.0),
            ("wrist_lr", 0.282, 1.0),
            ("clamp", 0.03, 1.0),
        ]),
        Step::Wait { seconds: 2.0 },
        Step::Repeat {
            times: 5,
            steps: vec![
                starts(&[("clamp", 0.0, 0.0)]),
                Step::Wait { seconds: 0.2 },
                starts(&[("clamp", 0.03, 0.0)]),
                Step::Wait { seconds: 0.2 },
            ],
        },
        Step::Restore { name: "before".to_owned(), speed: 0.0, easing: String::new(), together: false },
    ];
    assert_eq!(shipped().get("high_five").unwrap().steps(), steps);
}

#[test]
fn point_up_is_the_originals() {
    assert_eq!(
        shipped().get("point_up").unwrap().steps(),
        [moves(&[
            ("torso", 0.0, 0.0),
            ("wrist_ud", 0.0, 0.0),
            ("shoulder", 20.0, 0.0),
            ("elbow", 50.0, 0.0)
        ])]
    );
}

#[test]
fn words_are_the_ends_of_the_travel_and_home() {
    let motion = read(
        "    - move: {elbow: upper, shoulder: lower, torso: home, clamp: open}\n    - move: {clamp: closed}\n",
    );
    assert_eq!(
        motion.steps(),
        [
            moves(&[
                ("elbow", 61.7, 0.0),
                ("shoulder", -90.0, 0.0),
                ("torso", 0.0, 0.0),
                ("clamp", 0.03, 0.0)
            ]),
            moves(&[("clamp", 0.0, 0.0)])
        ]
    );
}

#[test]
fn speed_and_easing_of_a_step_hold_for_joints_that_have_none_of_their_own() {
    let motion = read(
        "    - move: {torso: 10, elbow: {to: 20, speed: 3, easing: linear}}\n      speed: 0.5\n      easing: in_out_sine\n      together: true\n",
    );
    let [Step::Move { request, wait: true }] = motion.steps() else { panic!("{motion:?}") };
    assert!(request.together && !request.unguarded);
    let manners: Vec<_> = request.moves.iter().map(|one| (one.speed, one.easing.as_str())).collect();
    assert_eq!(manners, [(0.5, "in_out_sine"), (3.0, "linear")]);
}

#[test]
fn an_unknown_motion_is_answered_with_the_one_that_was_meant_and_all_there_are() {
    let motions = shipped();
    let message = |name: &str| motions.get(name).unwrap_err().to_string();
    assert_eq!(
        message("highfive"),
        "name: no motion `highfive`, did you mean `high_five`?; there are wake_up, sleep, high_five, point_up"
    );
    assert_eq!(message(""), "name: no motion ``; there are wake_up, sleep, high_five, point_up");
    let none = Motions::default();
    assert_eq!(none.get("wave").unwrap_err().to_string(), "name: no motion `wave`; there are none");
}

#[test]
fn a_speed_scale_outside_its_range_is_refused() {
    for (scale, factor) in [(0.0, 1.0), (-0.0, 1.0), (0.01, 0.01), (1.0, 1.0), (10.0, 10.0)] {
        assert_eq!(SpeedScale::new(scale).unwrap().factor(), factor);
    }
    for scale in [-1.0, 0.009, 10.1, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        assert_eq!(
            SpeedScale::new(scale).unwrap_err().to_string(),
            format!("speed_scale: {scale}; allowed are 0.01 to 10, and 0 for 1")
        );
    }
}
