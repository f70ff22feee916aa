//! The hand moved in space at random: what holds wherever the arm is and whatever is wished.
#![allow(clippy::unwrap_used)] // Helpers of tests may, as tests do.

mod hand;

use std::fmt::Write as _;

use hand::*;
use proptest::prelude::*;
use steve_core::cartesian::{Cartesian, HAND_LINK, HandTwist, Hold};
use steve_core::robot::{JointKind, Robot};

/// Anywhere in the travel, the ends more often than elsewhere.
fn positions() -> impl Strategy<Value = [f64; 6]> {
    let share = prop_oneof![4 => 0.0..=1.0, 1 => Just(0.0), 1 => Just(1.0)];
    prop::array::uniform6(share).prop_map(|shares: [f64; 6]| {
        std::array::from_fn(|joint| {
            let limits = ROBOT.joints[joint].limits;
            (limits.lower + shares[joint] * (limits.upper - limits.lower)).clamp(limits.lower, limits.upper)
        })
    })
}

/// Up to `linear` m/s and `turning` rad/s in each number, some of them 0.
fn wishes(linear: f64, turning: f64) -> impl Strategy<Value = HandTwist> {
    let number = || prop_oneof![1 => Just(0.0), 2 => -1.0..=1.0];
    (prop::array::uniform3(number()), prop::array::uniform2(number())).prop_map(move |(l, t)| HandTwist {
        linear: l.map(|number: f64| number * linear),
        turning: t.map(|number: f64| number * turning),
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_walk_keeps_travel_and_speed_and_can_always_stop(
        start in positions(),
        wishes in proptest::collection::vec(wishes(0.4, 2.0), 1..8),
    ) {
        let mut at = start;
        for wish in wishes {
            for _ in 0..25 {
                let step = step(&at, &wish);
                prop_assert!((0.0..=1.0).contains(&step.scale), "{step:?}");
                let next = after(&at, &step.velocities, PERIOD);
                for (joint, &speed) in step.velocities.iter().enumerate() {
                    let limits = ROBOT.joints[joint].limits;
                    prop_assert!(speed.is_finite() && speed.abs() <= limits.velocity, "joint {joint}: {step:?}");
                    let left = if speed > 0.0 { limits.upper - at[joint] } else { at[joint] - limits.lower };
                    let stop = speed * speed / (2.0 * limits.acceleration);
                    prop_assert!(speed == 0.0 || stop < left, "joint {joint} at {at:?}: {step:?}");
                    prop_assert!((limits.lower..=limits.upper).contains(&next[joint]), "joint {joint} at {at:?}: {step:?}");
                }
                at = next;
            }
        }
    }

    #[test]
    fn what_the_scale_says_is_what_the_hand_does(at in positions(), wish in wishes(0.2, 1.0)) {
        let step = step(&at, &wish);
        let (velocity, _) = difference(&at, &step.velocities);
        let wished = nalgebra::Vector3::from(wish.linear);
        let along = velocity.dot(&wished);
        if wish.turning == [0.0; 2] {
            let done = along / wished.norm_squared().max(1e-300);
            prop_assert!(wished.norm() < 1e-6 || (done - step.scale).abs() < 1e-3 || done > 1.0, "{done}: {step:?}");
        }
        // Where nothing holds it, it goes where it is told to, if slower.
        if step.held == Hold::Free {
            let aside = velocity - wished * (along / wished.norm_squared().max(1e-300));
            prop_assert!(aside.norm() < 0.01, "{aside:?} aside: {step:?}");
        }
        prop_assert!(along > -1e-6 || wish.turning != [0.0; 2], "backwards: {step:?}");
    }

    #[test]
    fn a_hair_of_position_is_a_hair_of_velocity(at in positions(), wish in wishes(0.1, 0.5), joint in 0usize..5) {
        // 1e-5 rad; the steepest place, where a joint begins to slow down before its end, has some 100 a second.
        let mut beside = at;
        beside[joint] += 1e-5;
        let (one, other) = (step(&at, &wish), step(&beside, &wish));
        for (one, other) in one.velocities.iter().zip(&other.velocities) {
            prop_assert!((one - other).abs() < 0.01, "{one} and {other} at {at:?} with joint {joint}");
        }
    }

    #[test]
    fn a_hair_of_a_wish_is_a_hair_of_velocity(at in positions(), wish in wishes(0.1, 0.5), number in 0usize..5) {
        let mut beside = wish;
        if number < 3 { beside.linear[number] += 1e-6 } else { beside.turning[number - 3] += 1e-5 }
        let size = wish.linear.iter().chain(&wish.turning).fold(0.0, |most: f64, number| number.abs().max(most));
        prop_assume!(size > 0.01);
        for (one, other) in step(&at, &wish).velocities.iter().zip(&step(&at, &beside).velocities) {
            prop_assert!((one - other).abs() < 0.01, "{one} and {other} at {at:?}");
        }
    }

    #[test]
    fn whatever_the_numbers_the_answer_is_finite(
        at in prop::array::uniform6(any::<f64>()),
        linear in prop::array::uniform3(any::<f64>()),
        turning in prop::array::uniform2(any::<f64>()),
        inside in positions(),
    ) {
        for at in [at, inside] {
            for twist in [HandTwist { linear, turning }, HandTwist { linear: [0.1, 0.0, 0.0], turning: [0.0; 2] }] {
                let step = step(&at, &twist);
                prop_assert!((0.0..=1.0).contains(&step.scale), "{step:?}");
                prop_assert_eq!(step.velocities.len(), 6);
                for (joint, speed) in step.velocities.iter().enumerate() {
                    prop_assert!(speed.is_finite() && speed.abs() <= ROBOT.joints[joint].limits.velocity, "{step:?}");
                }
            }
        }
    }

    #[test]
    fn arms_of_one_to_sixteen_joints_do_what_they_can(
        joints in proptest::collection::vec((0usize..3, any::<bool>(), 0.0f64..0.2, -1.0f64..1.0), 1..=16),
        wish in wishes(0.05, 0.2),
    ) {
        let (urdf, robot) = arm(&joints);
        let cartesian = Cartesian::from_urdf(&urdf, &robot).unwrap();
        prop_assert_eq!(cartesian.joints().len(), joints.len());
        let mut at: Vec<f64> = joints.iter().zip(&robot.joints).map(|(joint, of)| joint.3 * of.limits.upper).collect();
        for _ in 0..20 {
            let step = cartesian.velocities(&at, &wish);
            prop_assert!((0.0..=1.0).contains(&step.scale), "{step:?}");
            for ((at, speed), joint) in at.iter_mut().zip(&step.velocities).zip(&robot.joints) {
                prop_assert!(speed.abs() <= joint.limits.velocity, "{step:?}");
                *at += speed * PERIOD;
                prop_assert!((joint.limits.lower..=joint.limits.upper).contains(at), "{step:?}");
            }
        }
    }
}

/// An arm of joints: axis, whether it slides, length to the next.
fn arm(joints: &[(usize, bool, f64, f64)]) -> (String, Robot) {
    let mut robot = ROBOT.clone();
    let pattern = robot.joints[SHOULDER].clone();
    robot.joints.clear();
    let mut urdf = "<robot name=\"arm\"><link name=\"l0\"/>".to_owned();
    for (index, &(axis, slides, length, _)) in joints.iter().enumerate() {
        let mut joint = pattern.clone();
        joint.name = format!("j{index}");
        if slides {
            joint.kind = JointKind::Prismatic;
            joint.limits.lower = -0.1;
            joint.limits.upper = 0.1;
            joint.limits.velocity = 0.2;
        }
        let mut direction = ["0"; 3];
        direction[axis] = "1";
        let (kind, direction, next) = (joint.kind, direction.join(" "), index + 1);
        write!(
            urdf,
            "<link name=\"l{next}\"/><joint name=\"j{index}\" type=\"{kind}\"><parent link=\"l{index}\"/><child link=\"l{next}\"/>\
             <origin xyz=\"{length} 0 0\"/><axis xyz=\"{direction}\"/></joint>"
        )
        .unwrap();
        robot.joints.push(joint);
    }
    let last = joints.len();
    write!(
        urdf,
        "<link name=\"{HAND_LINK}\"/><joint name=\"tip\" type=\"fixed\"><parent link=\"l{last}\"/>\
         <child link=\"{HAND_LINK}\"/><origin xyz=\"0.1 0 0\"/></joint></robot>"
    )
    .unwrap();
    (urdf, robot)
}
