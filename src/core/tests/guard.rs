//! What the guard lets through and what it does not, with Steve's measures.
#![allow(clippy::unwrap_used)] // Helpers of tests may, as tests do.

use std::sync::LazyLock;

use proptest::prelude::*;
use steve_core::guard::{Contact, Guard, GuardError, Rule, TORSO_SLACK};
use steve_core::kinematics::UrdfError;
use steve_core::robot::Robot;

const STEVE: &str = include_str!("../../../config/steve.yaml");
const URDF: &str = include_str!("../../../urdf/steve.urdf");
const PAN_TILT: &str = include_str!("../../../tests/data/pan_tilt.yaml");

const HOME: [f64; 6] = [0.0; 6];
const DESK: Rule = Rule { height: 0.0 };

/// The hand far below the desk.
const BELOW: [f64; 6] = [0.0, 1.2, 0.0, 0.0, 0.0, 0.0];

fn steve() -> Robot {
    Robot::from_yaml(STEVE, "steve.yaml").unwrap()
}

fn guard() -> Guard {
    static GUARD: LazyLock<Guard> = LazyLock::new(|| Guard::from_urdf(URDF, &steve()).unwrap());
    GUARD.clone()
}

/// Torso, shoulder, elbow, wrist_ud, wrist_lr in degrees, clamp closed.
fn pose(degrees: [f64; 5]) -> [f64; 6] {
    let [torso, shoulder, elbow, wrist_ud, wrist_lr] = degrees.map(f64::to_radians);
    [torso, shoulder, elbow, wrist_ud, wrist_lr, 0.0]
}

/// Straight from one to the other, in 200 steps: what stops it, and how far it came.
fn path(rule: Rule, from: [f64; 6], to: [f64; 6]) -> Result<(), (f64, Contact)> {
    let guard = guard();
    let mut watch = guard.watch(rule, &from);
    for step in 0..=200 {
        let share = f64::from(step) / 200.0;
        let at: [f64; 6] = std::array::from_fn(|joint| from[joint] + share * (to[joint] - from[joint]));
        watch.pass(&at).map_err(|contact| (share, contact))?;
    }
    Ok(())
}

fn at(rule: Rule, pose: [f64; 6]) -> Result<(), Contact> {
    guard().watch(rule, &HOME).pass(&pose)
}

fn part(contact: &Contact) -> &str {
    match contact {
        Contact::Desk { part, .. } | Contact::Torso { part } => part,
    }
}

#[test]
fn home_is_free() {
    assert_eq!(at(DESK, HOME), Ok(()));
}

#[test]
fn each_joint_alone_is_free_from_home_as_far_as_desk_and_torso_let_it() {
    let limits: Vec<_> = steve().joints.iter().map(|joint| joint.limits).collect();
    let to = |joint: usize, position: f64| {
        let mut pose = HOME;
        pose[joint] = position;
        path(DESK, HOME, pose)
    };
    for (joint, limits) in limits.iter().enumerate() {
        for limit in [limits.lower, limits.upper] {
            match (joint, limit > 0.0) {
                (1, true) => {}
                _ => assert_eq!(to(joint, limit), Ok(()), "joint {joint} to {limit}"),
            }
        }
    }
    // The finger's tips come first.
    let (share, contact) = to(1, limits[1].upper).unwrap_err();
    assert_eq!(part(&contact), "hand");
    assert!(matches!(contact, Contact::Desk { .. }) && (0.5..0.6).contains(&share), "{share} {contact}");
}

#[test]
fn a_shoulder_all_the_way_forward_would_put_the_hand_below_the_desk() {
    // 122 mm up, 98 forearm, 38 + 54 + 45 to the finger's tips: 113 mm below.
    let contact = at(DESK, pose([0.0, 90.0, 0.0, 0.0, 0.0])).unwrap_err();
    let Contact::Desk { part, height, allowed } = &contact else { panic!("{contact}") };
    assert_eq!((&**part, *allowed), ("hand", 0.0));
    assert!((height - (0.122 - 0.098 - 0.137)).abs() < 1e-6, "{height}");
    assert_eq!(contact.to_string(), "the hand would come to 113 mm below the desk");
}

#[test]
fn the_torsos_turn_does_not_change_how_high_anything_is() {
    let straight = at(DESK, pose([0.0, 80.0, 0.0, 0.0, 0.0])).unwrap_err();
    let turned = at(DESK, pose([70.0, 80.0, 0.0, 0.0, 0.0])).unwrap_err();
    assert_eq!(straight.to_string(), turned.to_string());
}

#[test]
fn the_rules_height_is_kept_above_the_desk() {
    let low = pose([0.0, 45.0, 0.0, 0.0, 0.0]);
    assert_eq!(at(DESK, low), Ok(()));
    let contact = at(Rule { height: 0.050 }, low).unwrap_err();
    let Contact::Desk { height, .. } = contact else { panic!("{contact}") };
    assert!((0.0..0.05).contains(&height));
    let millimetres = (height * 1e4).round() / 10.0;
    assert_eq!(
        contact.to_string(),
        format!("the hand would come to {millimetres} mm above the desk, 50 mm are asked for")
    );
}

#[test]
fn below_the_desk_under_a_higher_rule_tells_both() {
    let contact = Contact::Desk { part: "hand".into(), height: -0.012, allowed: 0.02 };
    let text = "the hand would come to 12 mm below the desk, 20 mm above it are asked for";
    assert_eq!(contact.to_string(), text);
}

#[test]
fn an_elbow_too_low_is_the_elbows_fault() {
    // Forearm and hand up, so that the elbow is the lowest: its axis 122 mm high, 14 of brackets around it.
    let leaning = pose([0.0, -90.0, 0.0, 0.0, 0.0]);
    let contact = at(Rule { height: 0.115 }, leaning).unwrap_err();
    let Contact::Desk { part, height, .. } = contact else { panic!("{contact}") };
    assert_eq!(&*part, "elbow");
    assert!((height - 0.108).abs() < 1e-6, "{height}");
    assert_eq!(at(Rule { height: 0.107 }, leaning), Ok(()));
}

#[test]
fn a_hand_that_folds_back_into_the_body_is_refused() {
    let contact = at(DESK, pose([0.0, 30.0, -40.0, -90.0, 0.0])).unwrap_err();
    assert_eq!(contact, Contact::Torso { part: "hand".into() });
    assert_eq!(contact.to_string(), "the hand would go into the torso");
}

/// A finger passes an edge of the torso.
#[test]
fn a_contact_between_two_free_poses_is_seen_on_the_straight_way() {
    let from = [0.0, -0.026, -0.1838, -1.5263, 0.0, 0.0];
    let to = [0.0, -0.026, -0.1840, -1.5549, 0.0, 0.0];
    let guard = guard();
    assert_eq!(guard.watch(DESK, &from).pass(&to), Ok(()));
    let cut = guard.watch(DESK, &from).pass_straight(&from, &to);
    assert_eq!(cut, Err(Contact::Torso { part: "hand".into() }));
    assert_eq!(guard.watch(DESK, &to).pass_straight(&to, &to), Ok(()));
}

#[test]
fn a_part_that_starts_in_the_torso_may_leave_and_not_come_back() {
    let inside = pose([0.0, 30.0, -40.0, -90.0, 0.0]);
    assert_eq!(path(DESK, inside, HOME), Ok(()));
    let guard = guard();
    let mut watch = guard.watch(DESK, &inside);
    assert_eq!(watch.pass(&inside), Ok(()));
    assert_eq!(watch.pass(&HOME), Ok(()));
    assert_eq!(watch.pass(&inside), Err(Contact::Torso { part: "hand".into() }));
}

#[test]
fn a_part_below_the_desk_may_rise_and_not_sink() {
    assert_eq!(path(DESK, BELOW, HOME), Ok(()));
    let (share, contact) = path(DESK, BELOW, pose([0.0, 90.0, 0.0, 0.0, 0.0])).unwrap_err();
    assert!(share < 0.02, "{share}");
    let Contact::Desk { height, allowed, .. } = contact else { panic!("{contact}") };
    assert!(height < allowed && allowed < -0.01);
}

#[test]
fn below_the_desk_a_turn_that_keeps_the_height_is_allowed() {
    let mut turned = BELOW;
    turned[0] = 1.0;
    assert_eq!(path(DESK, BELOW, turned), Ok(()));
}

#[test]
fn many_short_paths_do_not_creep_below_the_desk() {
    let guard = guard();
    let mut at = pose([0.0, 45.0, 0.0, 0.0, 0.0]);
    for _ in 0..100_000 {
        let mut next = at;
        next[1] += 1e-4;
        if guard.watch(DESK, &at).pass(&next).is_err() {
            break;
        }
        at = next;
    }
    let contact = guard.watch(Rule { height: 1.0 }, &HOME).pass(&at).unwrap_err();
    let Contact::Desk { height, .. } = contact else { panic!("{contact}") };
    assert!(height > -2e-4, "{height}");
}

#[test]
fn a_position_that_is_no_number_is_refused() {
    for joint in 0..6 {
        for wrong in [f64::NAN, f64::INFINITY] {
            let mut pose = HOME;
            pose[joint] = wrong;
            assert!(at(DESK, pose).is_err(), "joint {joint}");
            assert!(
                guard().watch(DESK, &pose).pass(&HOME).is_ok(),
                "an odd start is no reason to refuse home"
            );
        }
    }
}

#[test]
fn the_real_robots_greetings_are_free_on_the_way_from_home() {
    for greeting in [[-0.429, 18.799, 61.7, -5.632, 0.282], [0.0, 20.0, 50.0, 0.0, 0.0]] {
        assert_eq!(path(DESK, HOME, pose(greeting)), Ok(()));
    }
}

// --- which robots ---

#[test]
fn a_robot_without_an_elbow_has_no_guard() {
    let robot = Robot::from_yaml(PAN_TILT, "pan_tilt.yaml").unwrap();
    let urdf = r#"<robot name="pan_tilt"><link name="base"/><link name="neck"/><link name="head"/>
        <joint name="pan" type="revolute"><parent link="base"/><child link="neck"/><axis xyz="0 0 1"/></joint>
        <joint name="tilt" type="continuous"><parent link="neck"/><child link="head"/></joint></robot>"#;
    let error = Guard::from_urdf(urdf, &robot).unwrap_err();
    assert_eq!(error, GuardError::NoElbow { hinges: 2 });
    assert!(error.to_string().ends_with("this robot has 2"), "{error}");
    let error = Guard::from_urdf(URDF, &robot).unwrap_err();
    assert!(matches!(error, GuardError::Urdf(UrdfError::NoJoint { .. })), "{error}");
}

#[test]
fn a_shape_that_is_not_known_is_refused_rather_than_left_out() {
    let urdf = URDF.replacen("<box size=\"0.098 0.057 0.026\"/>", "<mesh filename=\"arm.stl\"/>", 2);
    let named = |text: &str| Guard::from_urdf(text, &steve()).map(|_| ()).unwrap_err();
    let visual_too = urdf.matches("arm.stl").count();
    assert!(visual_too > 0);
    assert_eq!(named(&urdf), GuardError::Shape { link: "forearm_link".into() });
}

#[test]
fn an_arm_without_shapes_is_guarded_by_its_frames() {
    let mut urdf = URDF.to_owned();
    let arm = urdf.find("<link name=\"upper_arm_link\">").unwrap();
    while let Some(start) = urdf[arm..].find("<collision>").map(|start| arm + start) {
        let end = start + urdf[start..].find("</collision>").unwrap() + "</collision>".len();
        urdf.replace_range(start..end, "");
    }
    let guard = Guard::from_urdf(&urdf, &steve()).unwrap();
    let mut watch = guard.watch(DESK, &HOME);
    assert_eq!(watch.pass(&HOME), Ok(()));
    let contact = watch.pass(&pose([0.0, 90.0, 0.0, 0.0, 0.0])).unwrap_err();
    assert_eq!(contact.to_string(), "the hand would come to 113 mm below the desk");
    assert_eq!(watch.pass(&pose([0.0, -90.0, -58.4, 0.0, 0.0])), Ok(()));
}

// --- what holds for every path ---

fn any_pose() -> impl Strategy<Value = [f64; 6]> {
    let limits: Vec<_> = steve().joints.iter().map(|joint| joint.limits).collect();
    proptest::array::uniform6(0.0..=1.0).prop_map(move |shares: [f64; 6]| {
        std::array::from_fn(|i| limits[i].lower + shares[i] * (limits[i].upper - limits[i].lower))
    })
}

/// Corners of some of the hand's and forearm's shapes: link and where in its frame, from the URDF by hand.
const CORNERS: [(&str, [f64; 3]); 8] = [
    ("left_finger_link", [0.045, 0.006, 0.015]),
    ("left_finger_link", [0.045, 0.006, -0.015]),
    ("right_finger_link", [0.045, -0.006, 0.015]),
    ("right_finger_link", [0.045, 0.0, -0.015]),
    ("palm_link", [-0.010, 0.016, 0.025]),
    ("palm_link", [0.054, 0.037, -0.007]),
    ("wrist_link", [0.050, 0.018, -0.031]),
    ("forearm_link", [0.098, 0.0285, -0.013]),
];

proptest! {
    /// Where it looks less closely nothing is missed.
    #[test]
    fn a_straight_way_touches_what_its_eighths_touch(
        from in any_pose(), turns in prop::array::uniform6(-0.1..0.1_f64), height in prop_oneof![Just(-1.0), -0.05..0.1],
    ) {
        let (guard, rule) = (guard(), Rule { height });
        let at = |share: f64| -> [f64; 6] { std::array::from_fn(|joint| from[joint] + share * turns[joint]) };
        let mut watch = guard.watch(rule, &from);
        let eighths = (1..=8).try_for_each(|piece| watch.pass(&at(f64::from(piece) / 8.0)));
        let straight = guard.watch(rule, &from).pass_straight(&from, &at(1.0));
        prop_assert_eq!(straight.is_ok(), eighths.is_ok(), "{:?} {:?}", straight, eighths);
    }

    #[test]
    fn no_point_of_a_path_that_passes_is_lower_than_the_rule(
        from in any_pose(), to in any_pose(), height in -0.05..0.1_f64,
    ) {
        let guard = guard();
        let mut frames = Vec::new();
        let mut watch = guard.watch(Rule { height }, &from);
        let lowest = |frames: &[nalgebra::Isometry3<f64>]| {
            CORNERS.map(|(link, [x, y, z])| {
                let link = guard.kinematics().link_index(link).unwrap();
                (frames[link] * nalgebra::Point3::new(x, y, z)).z
            })
        };
        guard.kinematics().poses(&from, &mut frames);
        let start = lowest(&frames).into_iter().fold(f64::INFINITY, f64::min);
        let starts_high = guard.watch(Rule { height }, &HOME).pass(&from).is_ok();
        for step in 0..=50 {
            let share = f64::from(step) / 50.0;
            let pose: [f64; 6] = std::array::from_fn(|joint| from[joint] + share * (to[joint] - from[joint]));
            if watch.pass(&pose).is_err() {
                break;
            }
            guard.kinematics().poses(&pose, &mut frames);
            let now = lowest(&frames).into_iter().fold(f64::INFINITY, f64::min);
            if starts_high {
                prop_assert!(now >= height - 2e-4, "{} below {} (from {})", now, height, start);
            }
        }
    }

    /// The body as the URDF has it, tested from scratch: no corner is in the chassis or the shoulder's bracket.
    #[test]
    fn no_corner_of_a_pose_that_passes_is_in_the_torso(pose in any_pose()) {
        let guard = guard();
        if guard.watch(Rule { height: -1.0 }, &HOME).pass(&pose).is_err() {
            return Ok(());
        }
        let mut frames = Vec::new();
        guard.kinematics().poses(&pose, &mut frames);
        let torso = frames[guard.kinematics().link_index("torso_link").unwrap()];
        for (name, [x, y, z]) in CORNERS {
            let link = guard.kinematics().link_index(name).unwrap();
            let point = frames[link] * nalgebra::Point3::new(x, y, z);
            let in_chassis = point.x.hypot(point.y) < 0.066 - TORSO_SLACK && (point.z - 0.051).abs() < 0.027 - TORSO_SLACK;
            let in_disc = point.x.hypot(point.y) < 0.056 - TORSO_SLACK && (point.z - 0.082).abs() < 0.005 - TORSO_SLACK;
            let at = torso.inverse() * point;
            let in_bracket =
                (at.x + 0.005).abs() < 0.025 - TORSO_SLACK && at.y.abs() < 0.0285 - TORSO_SLACK && (at.z - 0.032).abs() < 0.025 - TORSO_SLACK;
            prop_assert!(!in_chassis && !in_disc && !in_bracket, "{name} at {point}");
        }
    }

    #[test]
    fn whatever_pose_a_path_starts_in_it_may_begin(pose in any_pose()) {
        prop_assert_eq!(guard().watch(DESK, &pose).pass(&pose), Ok(()));
    }
}

#[test]
fn the_slack_lets_the_elbow_go_as_far_as_it_was_measured_to_go() {
    let end = pose([0.0, 0.0, -58.4, 0.0, 0.0]);
    assert_eq!(at(DESK, end), Ok(()));
}

#[test]
fn a_part_that_rises_from_below_the_desk_may_not_sink_again() {
    let guard = guard();
    let leaning = |degrees| pose([0.0, degrees, 0.0, 0.0, 0.0]);
    let mut watch = guard.watch(DESK, &leaning(80.0));
    assert_eq!(watch.pass(&leaning(70.0)), Ok(()));
    let contact = watch.pass(&leaning(75.0)).unwrap_err();
    let Contact::Desk { height, allowed, .. } = contact else { panic!("{contact}") };
    let Err(Contact::Desk { height: risen, .. }) = at(DESK, leaning(70.0)) else {
        panic!("70 degrees are free")
    };
    assert!((allowed - risen).abs() < 1e-9 && height < risen, "{height} {allowed} {risen}");
}
