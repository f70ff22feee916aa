//! Where Steve's links are: against measures of the interface by hand, and against the closed form of his arm.
#![allow(clippy::unwrap_used)] // Helpers of tests may, as tests do.

use nalgebra::{Isometry3, Point3, Vector3};
use proptest::prelude::*;
use steve_core::kinematics::{Kinematics, UrdfError};
use steve_core::robot::{JointKind, Robot};

const STEVE: &str = include_str!("../../../config/steve.yaml");
const URDF: &str = include_str!("../../../urdf/steve.urdf");
const PAN_TILT: &str = include_str!("../../../tests/data/pan_tilt.yaml");

const TORSO: f64 = 0.122;
const UPPER_ARM: f64 = 0.100;
const FOREARM: f64 = 0.098;
const PALM: f64 = 0.092;

fn steve() -> Robot {
    Robot::from_yaml(STEVE, "steve.yaml").unwrap()
}

fn kinematics() -> Kinematics {
    Kinematics::from_urdf(URDF, &steve()).unwrap()
}

/// Degrees, and the clamp in m.
fn pose(torso: f64, shoulder: f64, elbow: f64, wrist_ud: f64, wrist_lr: f64, clamp: f64) -> [f64; 6] {
    let [torso, shoulder, elbow, wrist_ud, wrist_lr] =
        [torso, shoulder, elbow, wrist_ud, wrist_lr].map(f64::to_radians);
    [torso, shoulder, elbow, wrist_ud, wrist_lr, clamp]
}

fn position(link: &str, pose: &[f64]) -> Vector3<f64> {
    kinematics().pose(link, pose).unwrap().translation.vector
}

#[track_caller]
fn assert_at(link: &str, pose: &[f64], [x, y, z]: [f64; 3]) {
    let at = position(link, pose);
    assert!((at - Vector3::new(x, y, z)).norm() < 1e-6, "{link} is at {at:?}, not at {x} {y} {z}");
}

#[test]
fn at_home_the_upper_arm_is_up_and_the_rest_points_forward() {
    let home = [0.0; 6];
    assert_at("base_link", &home, [0.0, 0.0, 0.0]);
    assert_at("upper_arm_link", &home, [0.0, 0.0, TORSO]);
    assert_at("forearm_link", &home, [0.0, 0.0, TORSO + UPPER_ARM]);
    assert_at("wrist_link", &home, [FOREARM, 0.0, TORSO + UPPER_ARM]);
    assert_at("left_finger_link", &home, [FOREARM + PALM, 0.0, TORSO + UPPER_ARM]);
    assert_at("gripper_tip", &home, [FOREARM + 0.038 + 0.099, 0.0, TORSO + UPPER_ARM]);
}

#[test]
fn a_shoulder_that_leans_forward_takes_the_forearm_down_with_it() {
    let pose = pose(0.0, 90.0, 0.0, 0.0, 0.0, 0.0);
    assert_at("forearm_link", &pose, [UPPER_ARM, 0.0, TORSO]);
    assert_at("wrist_link", &pose, [UPPER_ARM, 0.0, TORSO - FOREARM]);
    assert_at("left_finger_link", &pose, [UPPER_ARM, 0.0, TORSO - FOREARM - PALM]);
}

#[test]
fn the_torso_turns_everything_to_its_right() {
    let pose = pose(90.0, 0.0, 0.0, 0.0, 0.0, 0.0);
    assert_at("wrist_link", &pose, [0.0, -FOREARM, TORSO + UPPER_ARM]);
    assert_at("chassis_link", &pose, [0.0, 0.0, 0.0]);
}

#[test]
fn wrist_and_elbow_raise_the_hand() {
    let pose = pose(0.0, 0.0, 60.0, 30.0, 0.0, 0.0);
    let (sine, cosine) = 60_f64.to_radians().sin_cos();
    let wrist = [FOREARM * cosine, 0.0, TORSO + UPPER_ARM + FOREARM * sine];
    assert_at("wrist_link", &pose, wrist);
    assert_at("left_finger_link", &pose, [wrist[0], 0.0, wrist[2] + PALM]);
}

#[test]
fn the_hand_turns_to_the_right_of_the_wrist() {
    let pose = pose(0.0, 0.0, 0.0, 0.0, 90.0, 0.0);
    assert_at("left_finger_link", &pose, [FOREARM + 0.038, -0.054, TORSO + UPPER_ARM]);
}

#[test]
fn fingers_follow_the_clamp_by_half_of_it_each() {
    let pose = pose(0.0, 0.0, 0.0, 0.0, 0.0, 0.030);
    assert_at("left_finger_link", &pose, [FOREARM + PALM, 0.015, TORSO + UPPER_ARM]);
    assert_at("right_finger_link", &pose, [FOREARM + PALM, -0.015, TORSO + UPPER_ARM]);
}

#[test]
fn an_unknown_link_or_too_few_positions_have_no_pose() {
    let kinematics = kinematics();
    assert_eq!(kinematics.pose("tail", &[0.0; 6]), None);
    assert_eq!(kinematics.pose("palm_link", &[0.0; 5]), None);
    assert_eq!(kinematics.link_index("tail"), None);
    assert_eq!(kinematics.link_name(1000), None);
}

#[test]
fn a_link_comes_after_the_one_that_carries_it() {
    let kinematics = kinematics();
    assert_eq!(kinematics.link_name(0), Some("base_link"));
    for link in 1..kinematics.link_count() {
        assert!(kinematics.parent(link).unwrap() < link);
    }
    let elbow = kinematics.link_of_joint(2).and_then(|link| kinematics.link_name(link));
    assert_eq!(elbow, Some("forearm_link"));
    let clamp = kinematics.link_of_joint(5).and_then(|link| kinematics.link_name(link));
    assert_eq!(clamp, Some("clamp_link"), "not a finger, which only mimics");
}

/// Steve's arm in closed form: all of it in one plane up to the wrist, the palm turned out of it.
fn finger_roots_and_gripper_tip([torso, shoulder, elbow, wrist_ud, wrist_lr, _]: [f64; 6]) -> [[f64; 3]; 2] {
    let forearm = elbow - shoulder;
    let hand = forearm + wrist_ud;
    let turned = |length: f64| {
        let straight = 0.038 + length * wrist_lr.cos();
        let x = UPPER_ARM * shoulder.sin() + FOREARM * forearm.cos() + straight * hand.cos();
        let z = TORSO + UPPER_ARM * shoulder.cos() + FOREARM * forearm.sin() + straight * hand.sin();
        let y = -length * wrist_lr.sin();
        // Clockwise from above.
        [x * torso.cos() + y * torso.sin(), y * torso.cos() - x * torso.sin(), z]
    };
    [turned(0.054), turned(0.099)]
}

fn any_pose() -> impl Strategy<Value = [f64; 6]> {
    let limits: Vec<_> = steve().joints.iter().map(|joint| joint.limits).collect();
    proptest::array::uniform6(0.0..=1.0).prop_map(move |shares: [f64; 6]| {
        std::array::from_fn(|i| limits[i].lower + shares[i] * (limits[i].upper - limits[i].lower))
    })
}

proptest! {
    #[test]
    fn every_pose_is_that_of_the_closed_form(pose in any_pose()) {
        let [root, tip] = finger_roots_and_gripper_tip(pose);
        // The palm's frame: fingers stand aside by the clamp.
        let palm = kinematics().pose("palm_link", &pose).unwrap();
        let found = palm * Point3::new(0.054, 0.0, 0.0);
        prop_assert!((found - Point3::from(root)).norm() < 1e-6, "{found} {root:?}");
        prop_assert!((position("gripper_tip", &pose) - Vector3::from(tip)).norm() < 1e-6);
    }

    #[test]
    fn all_poses_at_once_are_those_one_by_one(pose in any_pose()) {
        let kinematics = kinematics();
        let mut frames = vec![Isometry3::translation(1.0, 2.0, 3.0); 3];
        kinematics.poses(&pose, &mut frames);
        prop_assert_eq!(frames.len(), kinematics.link_count());
        for (link, frame) in frames.iter().enumerate() {
            let alone = kinematics.pose(kinematics.link_name(link).unwrap(), &pose).unwrap();
            prop_assert!((frame.to_homogeneous() - alone.to_homogeneous()).norm() < 1e-12);
        }
    }

    #[test]
    fn the_jacobian_tells_how_a_small_step_moves_a_link(pose in any_pose(), joint in 0..6_usize) {
        const STEP: f64 = 1e-6;
        let kinematics = kinematics();
        let (mut before, mut after) = (Vec::new(), Vec::new());
        kinematics.poses(&pose, &mut before);
        let mut moved = pose;
        moved[joint] += STEP;
        kinematics.poses(&moved, &mut after);
        for (link, (before_link, after_link)) in before.iter().zip(&after).enumerate() {
            let jacobian = kinematics.jacobian(link, &before);
            let column = jacobian.column(joint);
            let velocity = (after_link.translation.vector - before_link.translation.vector) / STEP;
            let turning = (after_link.rotation * before_link.rotation.inverse()).scaled_axis() / STEP;
            prop_assert!((velocity - column.fixed_rows::<3>(0)).norm() < 1e-4, "link {link}");
            prop_assert!((turning - column.fixed_rows::<3>(3)).norm() < 1e-4, "link {link}");
        }
    }
}

#[test]
fn the_axes_of_a_finger_are_the_arms_and_the_clamps() {
    let kinematics = kinematics();
    let mut frames = Vec::new();
    kinematics.poses(&[0.0; 6], &mut frames);
    let finger = kinematics.link_index("right_finger_link").unwrap();
    let axes: Vec<_> = kinematics.axes(finger, &frames).collect();
    assert_eq!(axes.iter().map(|axis| axis.joint).collect::<Vec<_>>(), [5, 4, 3, 2, 1, 0]);
    assert_eq!((axes[0].kind, axes[0].multiplier), (JointKind::Prismatic, 0.5));
    assert!((axes[5].direction.into_inner() + Vector3::z()).norm() < 1e-9, "the torso turns clockwise");
    assert!((axes[4].origin - Point3::new(0.0, 0.0, TORSO)).norm() < 1e-9);
}

// --- what a URDF is refused for ---

fn edited(part: &str, with: &str) -> UrdfError {
    assert!(URDF.contains(part), "{part:?} is not in the URDF");
    Kinematics::from_urdf(&URDF.replacen(part, with, 1), &steve()).unwrap_err()
}

fn line_of(part: &str) -> usize {
    URDF[..URDF.find(part).unwrap()].lines().count()
}

#[test]
fn what_is_no_urdf_is_told_as_that() {
    for text in ["", "steve", "<robot", &URDF[..URDF.len() / 2]] {
        let error = Kinematics::from_urdf(text, &steve()).unwrap_err();
        assert!(matches!(error, UrdfError::Xml { .. }), "{error}");
    }
    let error = Kinematics::from_urdf("<sdf/>", &steve()).unwrap_err();
    assert_eq!(error, UrdfError::NotARobot { found: "sdf".into() });
    assert_eq!(
        Kinematics::from_urdf("<robot/>", &steve()).unwrap_err().to_string(),
        "the URDF has no joint `torso`, which the robot has; it has none that moves"
    );
}

#[test]
fn elements_nested_without_end_do_not_end_the_process() {
    let text = format!("<robot>{}{}</robot>", "<a>".repeat(100_000), "</a>".repeat(100_000));
    assert!(Kinematics::from_urdf(&text, &steve()).is_err());
}

#[test]
fn a_joint_of_the_robot_that_the_urdf_lacks_is_named_with_those_it_has() {
    let robot = Robot::from_yaml(PAN_TILT, "pan_tilt.yaml").unwrap();
    assert_eq!(
        Kinematics::from_urdf(URDF, &robot).unwrap_err().to_string(),
        "the URDF has no joint `pan`, which the robot has; it has clamp, elbow, left_finger_joint, \
         right_finger_joint, shoulder, torso, wrist_lr, wrist_ud"
    );
}

#[test]
fn a_joint_of_another_kind_is_refused() {
    let error =
        edited("<joint name=\"clamp\" type=\"prismatic\">", "<joint name=\"clamp\" type=\"revolute\">");
    let line = line_of("<joint name=\"clamp\"");
    assert_eq!(
        error.to_string(),
        format!("URDF line {line}: joint `clamp` is revolute, the robot's is prismatic")
    );
    let error = edited(
        "<limit lower=\"0\" upper=\"0.030\" velocity",
        "<mimic joint=\"elbow\"/><limit lower=\"0\" upper=\"0.030\" velocity",
    );
    assert!(matches!(&error, UrdfError::Kind { found, .. } if found == "a mimic"), "{error}");
}

#[test]
fn an_axis_without_direction_or_with_a_nan_is_refused() {
    for (axis, allowed) in [
        ("0 0 0", "a direction, not all 0"),
        ("0 0 NaN", "three finite numbers"),
        ("0 0 inf", "three finite numbers"),
        ("0 0", "three finite numbers"),
        ("0 0 1 2", "three finite numbers"),
    ] {
        let error = edited("<axis xyz=\"0 1 0\"/>", &format!("<axis xyz=\"{axis}\"/>"));
        let line = line_of("<axis xyz=\"0 1 0\"/>") as u32;
        let expected = UrdfError::Value { line, field: "xyz", value: axis.into(), allowed };
        assert_eq!(error.to_string(), expected.to_string());
    }
}

#[test]
fn what_is_not_one_tree_is_refused() {
    let error = edited("<parent link=\"base_link\"/>", "<parent link=\"gripper_tip\"/>");
    assert!(matches!(error, UrdfError::Loop { .. }), "{error}");
    let error = edited("<parent link=\"base_link\"/>", "<parent link=\"floor\"/>");
    assert!(matches!(&error, UrdfError::Unknown { name, .. } if name == "floor"), "{error}");
    let error = edited("<child link=\"gripper_tip\"/>", "<child link=\"palm_link\"/>");
    assert!(matches!(&error, UrdfError::Twice { name, .. } if name == "palm_link"), "{error}");
    let error = edited("<link name=\"gripper_tip\"/>", "<link name=\"gripper_tip\"/><link name=\"spare\"/>");
    assert!(matches!(&error, UrdfError::TwoRoots { second, .. } if second == "spare"), "{error}");
    let error = edited("<link name=\"gripper_tip\"/>", "<link name=\"base_link\"/>");
    assert!(matches!(&error, UrdfError::Twice { what: "link", .. }), "{error}");
    let error = edited("<joint name=\"chassis_joint\"", "<joint name=\"elbow\"");
    assert!(matches!(&error, UrdfError::Twice { what: "joint", .. }), "{error}");
}

#[test]
fn fingers_that_mimic_nothing_or_each_other_are_refused() {
    let error = edited("<mimic joint=\"clamp\"", "<mimic joint=\"thumb\"");
    assert!(matches!(&error, UrdfError::Unknown { what: "joint", name, .. } if name == "thumb"), "{error}");
    let error = edited("<mimic joint=\"clamp\"", "<mimic joint=\"left_finger_joint\"");
    assert!(matches!(error, UrdfError::MimicLoop { .. }), "{error}");
}
