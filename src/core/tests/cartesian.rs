//! The hand moved in space: what is asked of it is what it does, and what happens where it cannot be done.
#![allow(clippy::unwrap_used)] // Helpers of tests may, as tests do.

mod hand;

use hand::*;
use steve_core::cartesian::{Cartesian, CartesianError, HandTwist, Hold};
use steve_core::kinematics::UrdfError;
use steve_core::robot::Robot;

/// Poses that people work in: home, reaching up, turned aside, low, folded.
const STARTS: [[f64; 5]; 6] = [
    [0.0; 5],
    [0.0, -20.0, 10.0, -20.0, 0.0],
    [40.0, 0.0, 0.0, 0.0, -40.0],
    [0.0, 30.0, 0.0, -40.0, 0.0],
    [0.0, 30.0, -30.0, 40.0, 0.0],
    [-30.0, 30.0, 0.0, -30.0, 20.0],
];

const WAYS: [[f64; 3]; 6] =
    [[0.1, 0.0, 0.0], [-0.1, 0.0, 0.0], [0.0, 0.1, 0.0], [0.0, -0.1, 0.0], [0.0, 0.0, 0.1], [0.0, 0.0, -0.1]];

#[test]
fn the_hand_goes_straight_as_fast_as_asked_and_keeps_its_direction() {
    let mut driven = 0.0;
    for start in STARTS {
        for [x, y, z] in WAYS {
            let wish = linear(x, y, z);
            let drive = drive(pose(start), &wish, 2.0).while_free();
            driven += drive.seconds();
            let what = format!("{start:?} along {:?} for {} s", wish.linear, drive.seconds());
            assert!(drive.aside(&wish) < 0.003, "{what}: {} m aside", drive.aside(&wish));
            assert!(drive.turned() < 0.05, "{what}: turned by {} rad", drive.turned());
            let way = drive.way().norm();
            assert!((way - 0.1 * drive.seconds()).abs() < 0.002, "{what}: {way} m");
            assert!(drive.seconds() > 0.3, "{what}: hardly moved");
        }
    }
    assert!(driven > 40.0, "only {driven} s of 72 were free");
}

#[test]
fn the_hand_turns_as_asked_and_stays_where_it_is() {
    for start in STARTS {
        for (up, right) in [(0.5, 0.0), (-0.5, 0.0), (0.0, 0.5), (0.0, -0.5)] {
            let drive = drive(pose(start), &turning(up, right), 2.0).while_free();
            let what = format!("{start:?} up {up} right {right} for {} s", drive.seconds());
            assert!(drive.way().norm() < 0.003, "{what}: moved by {} m", drive.way().norm());
            let turned = drive.turned();
            assert!((turned - 0.5 * drive.seconds()).abs() < 0.02, "{what}: turned by {turned} rad");
        }
    }
}

#[test]
fn plus_is_up_and_right() {
    let up = drive(pose([0.0; 5]), &turning(0.5, 0.0), 0.5);
    assert!(direction(&up.end()).z > 0.2, "{:?}", direction(&up.end()));
    let right = drive(pose([0.0; 5]), &turning(0.0, 0.5), 0.5);
    assert!(direction(&right.end()).y < -0.2, "{:?}", direction(&right.end()));
}

#[test]
fn aside_is_done_by_the_torso_and_the_hand_turned_back() {
    let step = step(&pose([0.0; 5]), &linear(0.0, -0.1, 0.0));
    let [torso, wrist] = [step.velocities[TORSO], step.velocities[WRIST_LR]];
    // 136 mm from the torso's axis to the wrist's: their ways add up to the hand's.
    assert!((torso - 0.1 / 0.136).abs() < 1e-3, "{torso} rad/s");
    assert!((torso + wrist).abs() < 1e-3, "{torso} and {wrist} rad/s");
}

#[test]
fn too_fast_is_slower_in_the_same_direction() {
    let slow = step(&pose([0.0; 5]), &linear(0.05, -0.02, 0.01));
    let fast = step(&pose([0.0; 5]), &linear(50.0, -20.0, 10.0));
    assert!((slow.scale - 1.0).abs() < 1e-6 && slow.held == Hold::Free, "{slow:?}");
    assert!(fast.scale < 0.02, "{fast:?}");
    let fastest = fast.velocities.iter().fold(0.0, |most: f64, speed| most.max(speed.abs()));
    assert!((fastest - 5.0).abs() < 1e-9, "{fast:?}");
    for (slow, fast_one) in slow.velocities.iter().zip(&fast.velocities) {
        assert!((fast_one / (1000.0 * fast.scale) - slow).abs() < 1e-9, "{slow} against {fast_one}");
    }
}

#[test]
fn no_wish_is_no_velocity() {
    let step = step(&pose([3.0, 20.0, 5.0, -7.0, 80.0]), &HandTwist::default());
    assert!(step.velocities.iter().all(|&velocity| velocity == 0.0), "{step:?}");
    assert_eq!((step.velocities.len(), step.scale, step.held), (6, 1.0, Hold::Free));
}

#[test]
fn the_clamp_takes_no_part() {
    assert_eq!(CARTESIAN.joints(), [TORSO, SHOULDER, ELBOW, WRIST_UD, WRIST_LR]);
    let mut unknown = pose([0.0; 5]);
    unknown[CLAMP] = f64::NAN;
    let step = step(&unknown, &linear(0.1, 0.0, 0.0));
    assert_eq!((step.velocities[CLAMP], step.held), (0.0, Hold::Free));
    assert!(step.scale > 0.99, "{step:?}");
}

#[test]
fn at_the_end_of_its_reach_the_hand_rests_and_says_which_joint_holds_it() {
    for start in STARTS {
        let drive = drive(pose(start), &linear(0.1, 0.0, 0.0), 6.0);
        let last = drive.steps.last().unwrap();
        assert!(last.velocities.iter().all(|&velocity| velocity.abs() < 1e-3), "{start:?}: {last:?}");
        assert!(last.scale < 0.01, "{start:?}: {last:?}");
        assert_ne!(last.held, Hold::Free, "{start:?}");
        // It has not gone somewhere else instead.
        assert!(drive.aside(&linear(0.1, 0.0, 0.0)) < 0.01, "{start:?}: {drive:?}", drive = drive.way());
        let back = step(&drive.end(), &linear(-0.1, 0.0, 0.0));
        assert!(back.scale > 0.2, "{start:?}: {back:?}");
        assert!(hand::drive(drive.end(), &linear(-0.1, 0.0, 0.0), 1.0).way().x < -0.06, "{start:?}");
    }
}

#[test]
fn nothing_that_can_be_done_is_exactly_nothing() {
    // The arm lies in its plane, the torso and the wrist at their ends: the hand cannot go on that way.
    let step = step(&pose([90.0, 0.0, 0.0, 0.0, 90.0]), &turning(0.0, 0.5));
    assert_eq!(step.velocities, [0.0; 6]);
    assert!(matches!(step.held, Hold::Limit(TORSO | WRIST_LR)), "{step:?}");
    assert_eq!(step.scale, 0.0);
}

#[test]
fn a_joint_at_its_end_goes_no_further_but_back() {
    let middle = [10.0, 20.0, 10.0, 20.0, 10.0];
    for joint in TORSO..=WRIST_LR {
        let limits = ROBOT.joints[joint].limits;
        for (end, out) in [(limits.lower, -1.0), (limits.upper, 1.0)] {
            let mut at = pose(middle);
            at[joint] = end;
            // What this joint alone does to the hand is wished, outward and back.
            let wish = |speed: f64| {
                let mut velocities = [0.0; 6];
                velocities[joint] = speed * out;
                let (linear, turning) = difference(&at, &velocities);
                HandTwist { linear: linear.into(), turning }
            };
            let on = step(&at, &wish(0.3));
            assert_eq!(on.velocities[joint], 0.0, "joint {joint} at {end}: {on:?}");
            assert_eq!(on.held, Hold::Limit(joint), "joint {joint} at {end}: {on:?}");
            let back = step(&at, &wish(-0.3));
            assert!((back.velocities[joint] * out + 0.3).abs() < 0.1, "joint {joint} at {end}: {back:?}");
            assert!(back.scale > 0.6, "joint {joint} at {end}: {back:?}");
        }
    }
}

#[test]
fn where_one_joint_is_at_its_end_the_others_take_over_and_the_direction_gives_way() {
    // The wrist cannot turn the hand back any further: it still goes aside, turning with the torso.
    let at = pose([30.0, 0.0, 0.0, 0.0, -90.0]);
    let wish = linear(0.05, -0.05, 0.0);
    let step = step(&at, &wish);
    assert_eq!(step.held, Hold::Limit(WRIST_LR));
    let (velocity, turned) = difference(&at, &step.velocities);
    let off = (velocity - nalgebra::Vector3::from(wish.linear)).norm();
    assert!(off < 0.012, "{velocity:?}, {step:?}");
    assert!(turned[1].abs() > 0.05, "{turned:?}");
}

#[test]
fn outside_the_travel_the_way_back_is_open() {
    let mut at = pose([0.0; 5]);
    at[ELBOW] = ROBOT.joints[ELBOW].limits.upper + 0.1;
    assert!(
        step(&at, &linear(0.0, 0.0, -0.1)).velocities[ELBOW] < 0.0
            || step(&at, &linear(-0.1, 0.0, 0.0)).velocities[ELBOW] < 0.0
    );
    for way in WAYS {
        assert!(step(&at, &HandTwist { linear: way, turning: [0.0; 2] }).velocities[ELBOW] <= 0.0, "{way:?}");
    }
}

/// A Steve whose elbow goes far enough to stretch his arm.
fn long_steve() -> Cartesian {
    let mut robot = ROBOT.clone();
    robot.joints[ELBOW].limits.upper = 2.5;
    Cartesian::from_urdf(URDF, &robot).unwrap()
}

#[test]
fn towards_the_stretched_arm_it_slows_down_and_does_not_whip() {
    let cartesian = long_steve();
    for start in [[0.0, 0.0, 40.0, 0.0, 0.0], [0.0, 40.0, 60.0, 0.0, 0.0], [20.0, 30.0, 20.0, 10.0, -30.0]] {
        for way in WAYS {
            let wish = HandTwist { linear: way, turning: [0.0; 2] };
            let drive = drive_with(&cartesian, pose(start), &wish, 5.0);
            assert!(drive.fastest() < 3.2, "{start:?} along {way:?}: {} rad/s", drive.fastest());
            assert!(drive.jump() < 1.6, "{start:?} along {way:?}: {} rad/s in a period", drive.jump());
        }
    }
}

#[test]
fn the_stretched_arm_rests_when_pushed_on_and_comes_back_when_pulled() {
    let cartesian = long_steve();
    // Upper arm, forearm and hand straight up.
    let at = pose([0.0, 0.0, 90.0, 0.0, 0.0]);
    let on = cartesian.velocities(&at, &linear(0.0, 0.0, 0.1));
    assert_eq!((on.held, on.scale), (Hold::Singular, 0.0), "{on:?}");
    assert_eq!(on.velocities, [0.0; 6]);
    // A hair beside it, as a real arm is: it gets away by and by.
    let beside = pose([0.0, 0.0, 85.0, 0.0, 0.0]);
    let drive = drive_with(&cartesian, beside, &linear(0.0, 0.0, -0.1), 3.0);
    assert!(drive.way().z < -0.1, "{:?}", drive.way());
}

#[test]
fn over_the_torsos_axis_nothing_spins() {
    let over = drive(pose([0.0, 0.0, 40.0, 30.0, 0.0]), &linear(-0.1, 0.0, 0.0), 6.0);
    assert!(place(&over.end()).x < 0.0, "{:?}", place(&over.end()));
    assert!(
        over.fastest() < 4.0 && over.jump() < 1.2,
        "{} rad/s, {} in a period",
        over.fastest(),
        over.jump()
    );
    for &at in over.path.iter().step_by(5) {
        for side in [0.1, -0.1] {
            let aside = drive(at, &linear(0.0, side, 0.0), 1.0);
            assert!(aside.fastest() < 4.0, "{at:?}: {} rad/s", aside.fastest());
            assert!(aside.jump() < 1.2, "{at:?}: {} rad/s in a period", aside.jump());
        }
    }
}

#[test]
fn what_is_not_a_number_moves_nothing() {
    let home = [0.0; 6];
    let wish = linear(0.1, 0.0, 0.0);
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let mut at = home;
        at[ELBOW] = bad;
        assert_eq!((step(&at, &wish).velocities, step(&at, &wish).scale), (vec![0.0; 6], 0.0));
        for twist in [linear(bad, 0.0, 0.0), turning(0.0, bad)] {
            assert_eq!((step(&home, &twist).velocities, step(&home, &twist).scale), (vec![0.0; 6], 0.0));
        }
    }
    for at in [&home[..0], &home[..5], &[0.0; 7]] {
        assert_eq!(step(at, &wish).velocities, [0.0; 6]);
    }
}

const PAN_TILT: &str = include_str!("../../../tests/data/pan_tilt.yaml");
const HEAD: &str = r#"<robot name="pan_tilt"><link name="base"/><link name="neck"/><link name="head"/><link name="eye"/>
    <joint name="pan" type="revolute"><parent link="base"/><child link="neck"/><axis xyz="0 0 -1"/></joint>
    <joint name="tilt" type="revolute"><parent link="neck"/><child link="head"/><axis xyz="0 -1 0"/></joint>
    <joint name="eye_joint" type="fixed"><parent link="head"/><child link="eye"/></joint></robot>"#;

#[test]
fn a_robot_without_a_hand_is_told_so() {
    let robot = Robot::from_yaml(PAN_TILT, "pan_tilt.yaml").unwrap();
    let error = Cartesian::from_urdf(HEAD, &robot).unwrap_err();
    assert_eq!(error, CartesianError::NoLink { link: "gripper_tip".into() });
    assert_eq!(error.to_string(), "no hand to move in space: the URDF has no link `gripper_tip`");
    let error = Cartesian::for_link(URDF, &ROBOT, "led_0").unwrap_err();
    assert_eq!(error.to_string(), "no hand to move in space: none of the robot's joints moves link `led_0`");
    let error = Cartesian::from_urdf(URDF, &robot).unwrap_err();
    assert!(matches!(error, CartesianError::Urdf(UrdfError::NoJoint { .. })), "{error}");
}

#[test]
fn two_joints_do_what_two_joints_can() {
    let robot = Robot::from_yaml(PAN_TILT, "pan_tilt.yaml").unwrap();
    let head = Cartesian::for_link(HEAD, &robot, "eye").unwrap();
    let step = head.velocities(&[0.0, 0.1], &turning(0.4, 0.0));
    assert!((step.velocities[1] - 0.4).abs() < 1e-6 && step.velocities[0].abs() < 1e-6, "{step:?}");
    assert_eq!(head.velocities(&[0.0, 0.1], &linear(0.1, 0.0, 0.0)).velocities, [0.0; 2]);
}
