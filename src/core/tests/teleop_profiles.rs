//! The profiles that ship do what the original's programs did.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a panic here is a failing test")]

use steve_core::motions::Motions;
use steve_core::robot::Robot;
use steve_core::teleop::{AxisMap, ButtonAction, GripMap, Mode, Profile, Profiles};

const STEVE: &str = include_str!("../../../config/steve.yaml");
const MOTIONS: &str = include_str!("../../../config/motions.yaml");
const TELEOP: &str = include_str!("../../../config/teleop.yaml");

fn robot() -> Robot {
    Robot::from_yaml(STEVE, "steve.yaml").unwrap()
}

fn shipped() -> Profiles {
    let motions = Motions::from_yaml(MOTIONS, "motions.yaml", &robot()).unwrap();
    Profiles::from_yaml(TELEOP, "teleop.yaml", &robot(), Some(&motions))
        .unwrap_or_else(|errors| panic!("{errors}"))
}

fn axis_of(profile: &Profile, joint: &str) -> AxisMap {
    let index = robot().joint_index(joint).unwrap();
    profile.joints.iter().find(|axis| axis.joint == index).unwrap().axis
}

/// The speeds of all joints, with one axis of the message at `value`.
fn speeds(profile: &Profile, axis: usize, value: f64) -> Vec<(String, f64)> {
    let mut axes = vec![0.0; profile.axes_needed()];
    axes[axis] = value;
    let speeds = profile.joints.iter().map(|joint| (joint.joint, joint.axis.speed(&axes)));
    let moved = speeds.filter(|(_, speed)| *speed != 0.0);
    moved.map(|(joint, speed)| (robot().joints[joint].name.clone(), speed)).collect()
}

fn clamp() -> ButtonAction {
    let joint = robot().joint_index("clamp").unwrap();
    ButtonAction::Grip(GripMap { joint, held: -0.1, released: 0.1 })
}

#[test]
fn two_profiles_ship_and_read_without_a_fault() {
    let profiles = shipped();
    assert_eq!(profiles.names().collect::<Vec<_>>(), ["spacemouse", "gamepad"]);
    let topics = ["spacemouse", "gamepad"].map(|name| profiles.profile(name).unwrap().topic.clone());
    assert_eq!(topics, ["spacenav/joy", "joy"]);
    assert!(profiles.names().all(|name| profiles.profile(name).unwrap().start_mode == Mode::Joint));
}

#[test]
fn a_full_push_of_the_3d_mouse_gives_the_originals_speeds() {
    let profiles = shipped();
    let mouse = profiles.profile("spacemouse").unwrap();
    // spacenavd's x y z rx ry rz at 350, as the `spacenav` package has them: [z, -x, y, rz, -rx, ry] / 512
    let full = 350.0 / 512.0;
    for (axis, value, joint, speed) in [
        (2, full, "elbow", 2.0),     // +y
        (0, -full, "shoulder", 2.0), // -z
        (4, -full, "wrist_ud", 2.5), // +rx
        (5, -full, "torso", 2.5),    // -ry
        (3, full, "wrist_lr", 2.0),  // +rz
    ] {
        let moved = speeds(mouse, axis, value);
        assert_eq!(moved.len(), 1, "{joint}: {moved:?}");
        assert_eq!(moved[0].0, joint);
        assert!((moved[0].1 - speed).abs() < 0.01, "{moved:?} is not {speed}");
    }
    assert_eq!(speeds(mouse, 1, 1.0), [], "sideways moves nothing");
}

#[test]
fn the_3d_mouse_has_the_originals_dead_zones() {
    let profiles = shipped();
    let mouse = profiles.profile("spacemouse").unwrap();
    for (joint, dead_zone) in
        [("elbow", 0.4), ("shoulder", 0.4), ("wrist_ud", 0.4), ("torso", 0.4), ("wrist_lr", 0.5)]
    {
        assert_eq!(axis_of(mouse, joint).dead_zone, dead_zone, "{joint}");
    }
    assert_eq!(speeds(mouse, 2, 0.39 * 0.6835), []);
    let moved = speeds(mouse, 2, 0.41 * 0.6835);
    assert!(moved[0].1 > 0.0 && moved[0].1 < 0.05, "it begins at 0: {moved:?}");
}

#[test]
fn the_3d_mouses_buttons_are_the_originals() {
    let profiles = shipped();
    let buttons = &profiles.profile("spacemouse").unwrap().buttons;
    assert_eq!(buttons[..2], [(0, clamp()), (1, ButtonAction::Listen)]);
}

#[test]
fn the_game_pads_sticks_move_the_joints_at_the_originals_speeds() {
    let profiles = shipped();
    let pad = profiles.profile("gamepad").unwrap();
    // `joy` counts + to the left and up, the original's driver to the right and down
    assert_eq!(speeds(pad, 0, -1.0), [("wrist_lr".to_owned(), 3.0)]);
    assert_eq!(speeds(pad, 1, -1.0), [("shoulder".to_owned(), 2.0)]);
    assert_eq!(speeds(pad, 3, -1.0), [("torso".to_owned(), 2.5)]);
    assert_eq!(speeds(pad, 4, 1.0), [("elbow".to_owned(), 2.0)]);
    assert_eq!(speeds(pad, 7, 1.0), [("wrist_ud".to_owned(), 1.0)]);
}

#[test]
fn the_game_pads_triggers_move_nothing() {
    let profiles = shipped();
    let pad = profiles.profile("gamepad").unwrap();
    assert_eq!(speeds(pad, 2, 1.0), []);
    assert_eq!(speeds(pad, 5, 1.0), []);
}

#[test]
fn the_game_pad_has_a_dead_man_and_buttons_for_everything() {
    let profiles = shipped();
    let pad = profiles.profile("gamepad").unwrap();
    assert_eq!(pad.dead_man, Some(4));
    let motion = |name: &str| ButtonAction::Motion(name.to_owned());
    assert_eq!(
        pad.buttons,
        [
            (0, clamp()),
            (1, ButtonAction::Stop),
            (2, ButtonAction::Listen),
            (3, ButtonAction::Mode),
            (5, ButtonAction::Power),
            (6, motion("sleep")),
            (7, motion("wake_up")),
            (8, ButtonAction::EmergencyStop),
            (10, ButtonAction::ReleaseEmergencyStop),
        ]
    );
}

#[test]
fn pushing_forward_moves_the_hand_forward_and_left_to_the_left() {
    let profiles = shipped();
    for (name, forward, left, up) in [("spacemouse", 0, 1, 2), ("gamepad", 1, 0, 4)] {
        let hand = profiles.profile(name).unwrap().cartesian.unwrap();
        for (way, axis) in hand.linear.into_iter().zip([forward, left, up]) {
            let way = way.unwrap();
            assert_eq!((way.axis, way.scale > 0.0), (axis, true), "{name}");
        }
    }
}

#[test]
fn defaults_of_a_profile_hold_for_axes_that_do_not_say_it() {
    let text = "own: {topic: joy, full: 0.5, dead_zone: 0.3, joints: {torso: {axis: 1, scale: 1}, elbow: {axis: 2, scale: 1, full: 1, dead_zone: 0}}}";
    let profiles = Profiles::from_yaml(text, "t.yaml", &robot(), None).unwrap();
    let own = profiles.profile("own").unwrap();
    assert_eq!((axis_of(own, "torso").full, axis_of(own, "torso").dead_zone), (0.5, 0.3));
    assert_eq!((axis_of(own, "elbow").full, axis_of(own, "elbow").dead_zone), (1.0, 0.0));
    assert_eq!(own.axes_needed(), 3);
}

#[test]
fn a_profile_without_joints_starts_in_cartesian_mode() {
    let text = "own: {topic: joy, cartesian: {x: {axis: 1, scale: 1}}}";
    let profiles = Profiles::from_yaml(text, "t.yaml", &robot(), None).unwrap();
    assert_eq!(profiles.profile("own").unwrap().start_mode, Mode::Cartesian);
}

#[test]
fn an_axis_beyond_full_deflection_is_no_quicker() {
    let axis = AxisMap { axis: 0, scale: -2.0, dead_zone: 0.2, full: 0.5 };
    for (value, speed) in [(0.5, -2.0), (7.0, -2.0), (-1e300, 2.0), (0.1, 0.0), (0.3, -1.0), (f64::NAN, 0.0)]
    {
        assert!((axis.speed(&[value]) - speed).abs() < 1e-12, "{value}");
    }
    assert_eq!(axis.speed(&[]), 0.0);
}

#[test]
fn the_profile_in_the_docs_reads_without_a_fault() {
    let docs = include_str!("../../../docs/teleop.md");
    let text = docs.split("```yaml").nth(1).unwrap().split("```").next().unwrap();
    let motions = Motions::from_yaml(MOTIONS, "motions.yaml", &robot()).unwrap();
    let profiles = Profiles::from_yaml(text, "docs/teleop.md", &robot(), Some(&motions));
    assert_eq!(
        profiles.unwrap_or_else(|errors| panic!("{errors}")).names().collect::<Vec<_>>(),
        ["one_stick"]
    );
}
