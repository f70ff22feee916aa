use super::*;

/// Two joints, two points with positions, velocities and accelerations.
fn good() -> TrajectoryRequest {
    let full = |time, positions: [f64; 2]| TrajectoryPoint {
        velocities: vec![0.0; 2],
        accelerations: vec![0.0; 2],
        ..point(time, &positions)
    };
    request(&["elbow", "clamp"], vec![full(1.0, [0.1, 0.01]), full(2.0, [0.2, 0.02])])
}

#[track_caller]
fn refused(code: i32, message: &str, spoil: impl FnOnce(&mut TrajectoryRequest)) {
    let mut request = good();
    spoil(&mut request);
    let error = validate_trajectory(&robot(), &request).unwrap_err();
    assert_eq!(error.to_string(), message);
    assert_eq!(error.code(), code);
}

fn tolerance(joint: &str, position: f64) -> JointTolerance {
    JointTolerance { joint: joint.to_owned(), position, ..JointTolerance::default() }
}

#[test]
fn a_good_trajectory_of_some_joints_in_any_order_is_taken() {
    let valid = valid(&good());
    assert_eq!(valid.joints(), [1, 2]);
    assert_eq!(valid.duration(), 2.0);
    assert_eq!(valid.course(1, Setpoint::rest(0.0), &CLAMP).unwrap().goal(), 0.02);
}

#[test]
fn the_result_codes_are_those_of_the_action() {
    use super::code::*;
    let codes = [
        SUCCESSFUL,
        INVALID_GOAL,
        INVALID_JOINTS,
        OLD_HEADER_TIMESTAMP,
        PATH_TOLERANCE_VIOLATED,
        GOAL_TOLERANCE_VIOLATED,
    ];
    assert_eq!(codes, [0, -1, -2, -3, -4, -5]);
}

#[test]
fn joints_that_are_missing_unknown_or_doubled_are_refused() {
    refused(code::INVALID_JOINTS, "joint_names: none given; at least 1 is needed", |r| r.joints.clear());
    let message = "joint_names[1]: no `klamp`; this robot has base, elbow, clamp";
    refused(code::INVALID_JOINTS, message, |r| r.joints[1] = "klamp".to_owned());
    refused(code::INVALID_JOINTS, "joint_names[1]: `elbow` is named twice", |r| {
        r.joints[1] = "elbow".to_owned();
    });
}

#[test]
fn no_points_are_a_stop_on_the_topic_and_an_error_here() {
    assert!(!is_stop(&good()));
    assert!(is_stop(&TrajectoryRequest { points: Vec::new(), ..good() }));
    refused(code::INVALID_GOAL, "points: none given; at least 1 is needed", |r| r.points.clear());
}

#[test]
fn more_points_than_allowed_are_refused_and_as_many_as_allowed_are_taken() {
    let many = |count: u32| base(&(0..count).map(|i| (f64::from(i) * 0.01, 0.0)).collect::<Vec<_>>());
    let error = validate_trajectory(&robot(), &many(10_001)).unwrap_err();
    assert_eq!(error.to_string(), "points: 10001 given; allowed are up to 10000");
    let course = course(&many(10_000), 0.0);
    assert_eq!(course.at(777.777), Setpoint::rest(0.0));
}

#[test]
fn lists_of_the_wrong_length_are_refused() {
    let short = "points[1].positions: 1 values for 2 joints; allowed is one a joint";
    refused(code::INVALID_GOAL, short, |r| r.points[1].positions.truncate(1));
    let none = "points[0].positions: 0 values for 2 joints; allowed is one a joint";
    refused(code::INVALID_GOAL, none, |r| r.points[0].positions.clear());
    let long = "points[0].velocities: 3 values for 2 joints; allowed is one a joint";
    refused(code::INVALID_GOAL, long, |r| r.points[0].velocities.push(0.0));
    let long = "points[1].accelerations: 3 values for 2 joints; allowed is one a joint";
    refused(code::INVALID_GOAL, long, |r| r.points[1].accelerations.push(0.0));
}

#[test]
fn velocities_and_accelerations_are_in_all_points_or_in_none() {
    let message = "points[1].velocities: none; allowed are velocities in all points or in none";
    refused(code::INVALID_GOAL, message, |r| r.points[1].velocities.clear());
    let message = "points[1].velocities: given; allowed are velocities in all points or in none";
    refused(code::INVALID_GOAL, message, |r| r.points[0].velocities.clear());
    let message = "points[1].accelerations: none; allowed are accelerations in all points or in none";
    refused(code::INVALID_GOAL, message, |r| r.points[1].accelerations.clear());
}

#[test]
fn accelerations_without_velocities_are_refused() {
    let message = "points[0].accelerations: given without velocities; allowed are accelerations together with velocities";
    refused(code::INVALID_GOAL, message, |r| {
        for point in &mut r.points {
            point.velocities.clear();
        }
    });
}

#[test]
fn efforts_are_refused() {
    let message = "points[1].effort: 2 values; allowed are none, servos have no torque control";
    refused(code::INVALID_GOAL, message, |r| r.points[1].effort = vec![0.0; 2]);
}

#[test]
fn whatever_is_not_a_finite_number_is_refused() {
    let message = |field: &str| format!("{field}: NaN; allowed are finite numbers");
    let refused = |field: &str, spoil: fn(&mut TrajectoryRequest)| {
        refused(code::INVALID_GOAL, &message(field), spoil);
    };
    refused("header.stamp", |r| r.start_in = f64::NAN);
    refused("points[1].time_from_start", |r| r.points[1].time_from_start = f64::NAN);
    refused("points[1].positions[1] (clamp)", |r| r.points[1].positions[1] = f64::NAN);
    refused("points[0].velocities[0] (elbow)", |r| r.points[0].velocities[0] = f64::NAN);
    refused("points[0].accelerations[1] (clamp)", |r| r.points[0].accelerations[1] = f64::NAN);
    for value in [f64::INFINITY, f64::NEG_INFINITY] {
        let spoils: [&dyn Fn(&mut TrajectoryRequest); 5] = [
            &|r| r.start_in = value,
            &|r| r.points[1].time_from_start = value,
            &|r| r.points[1].positions[1] = value,
            &|r| r.points[1].velocities[1] = value,
            &|r| r.points[1].accelerations[1] = value,
        ];
        for spoil in spoils {
            let mut request = good();
            spoil(&mut request);
            let error = validate_trajectory(&robot(), &request).unwrap_err();
            assert!(matches!(error, TrajectoryError::NotFinite { .. }), "{error}");
        }
    }
}

#[test]
fn positions_outside_the_travel_are_refused_but_for_a_rounding() {
    let message = "points[1].positions[0] (elbow): 0.5010 rad is outside the travel of -1.0000 to 0.5000 rad";
    refused(code::INVALID_GOAL, message, |r| r.points[1].positions[0] = 0.501);
    let message = "points[0].positions[1] (clamp): -0.0010 m is outside the travel of 0.0000 to 0.0300 m";
    refused(code::INVALID_GOAL, message, |r| r.points[0].positions[1] = -0.001);
    assert_eq!(course(&base(&[(1.0, 1.5001)]), 0.0).goal(), 1.5);
}

#[test]
fn velocities_beyond_the_limit_are_refused_but_for_a_rounding() {
    let message = "points[0].velocities[0] (elbow): -5.1000 rad/s; allowed are -5.0000 to 5.0000 rad/s";
    refused(code::INVALID_GOAL, message, |r| r.points[0].velocities[0] = -5.1);
    valid(&base_moving(&[(0.0, 0.0, 5.004), (0.2, 1.0, 5.004), (0.3, 1.25, 0.0)]));
}

#[test]
fn a_trajectory_that_ends_moving_is_refused_but_for_a_rounding() {
    let message = "points[1].velocities[0] (elbow): 0.1000 rad/s at the last point; allowed is 0, for nothing follows it";
    refused(code::INVALID_GOAL, message, |r| r.points[1].velocities[0] = 0.1);
    valid(&base_moving(&[(1.0, 0.5, 0.01)]));
}

#[test]
fn ways_that_are_too_fast_are_refused() {
    let message = "points[0] to points[1] (elbow): reaches 5.6250 rad/s; allowed are up to 5.0000 rad/s; \
                   give it more time";
    // A quintic from rest to rest has its peak at 15/8 of its mean speed.
    refused(code::INVALID_GOAL, message, |r| {
        r.points[0].positions[0] = -0.2;
        r.points[1].positions[0] = 0.1;
        r.points[1].time_from_start = 1.1;
    });
    // A cubic: at 3/2.
    for (time, taken) in [(0.3, true), (0.2999, true), (0.299, false)] {
        let request = base_moving(&[(1.0, 0.0, 0.0), (1.0 + time, 1.0, 0.0)]);
        assert_eq!(validate_trajectory(&robot(), &request).is_ok(), taken, "{time}");
    }
    // Positions only: the second piece ends at rest, the first is known but for the velocity at its start.
    for points in [&[(1.0, 0.0), (1.1, 0.6), (2.0, 0.6)][..], &[(1.0, 0.0), (2.0, 0.0), (2.15, 0.6)]] {
        let error = validate_trajectory(&robot(), &base(points)).unwrap_err();
        assert!(matches!(error, TrajectoryError::PieceTooFast { .. }), "{error}");
    }
}

#[test]
fn an_acceleration_that_overflows_is_refused() {
    for acceleration in [1e4, 1e99, 1e120, 1e300, -1e308] {
        for points in [
            &[(1.0, 0.0, 0.0, acceleration), (1000.0, 0.0, 0.0, 0.0)][..],
            &[(1.0, 0.0, 0.0, 0.0), (1000.0, 0.0, 0.0, acceleration)],
        ] {
            assert!(validate_trajectory(&robot(), &base_accelerating(points)).is_err(), "{acceleration}");
        }
        let alone = valid(&base_accelerating(&[(1000.0, 0.0, 0.0, acceleration)]));
        assert!(alone.course(0, Setpoint::rest(0.0), &BASE).is_err(), "{acceleration}");
    }
    let nowhere = valid(&base(&[(1.0, 0.0)])).course(0, Setpoint::rest(f64::NAN), &BASE);
    assert!(nowhere.is_err());
}

#[test]
fn ways_that_swing_out_of_the_travel_between_good_points_are_refused() {
    let message =
        "points[0] to points[1] (base): swings to 1.6500 rad, outside the travel of -1.5000 to 1.5000 rad";
    let request = base_moving(&[(1.0, 1.4, 1.0), (2.0, 1.4, -1.0), (3.0, 1.0, 0.0)]);
    assert_eq!(validate_trajectory(&robot(), &request).unwrap_err().to_string(), message);
    let request = base_moving(&[(1.0, -1.4, -1.0), (2.0, -1.4, 1.0), (3.0, 1.0, 0.0)]);
    let error = validate_trajectory(&robot(), &request).unwrap_err();
    assert!(error.to_string().contains("swings to -1.6500 rad"), "{error}");
}

#[test]
fn tolerances_of_unknown_or_doubled_joints_and_those_that_are_no_numbers_are_refused() {
    let message = "path_tolerance[0].name: no `knee`; this robot has base, elbow, clamp";
    refused(code::INVALID_JOINTS, message, |r| r.path_tolerance = vec![tolerance("knee", 0.1)]);
    let message = "goal_tolerance[1].name: `elbow` is named twice";
    refused(code::INVALID_JOINTS, message, |r| {
        r.goal_tolerance = vec![tolerance("elbow", 0.1), tolerance("elbow", 0.1)];
    });
    let allowed = "not a number; allowed are 0 (the default: none), negative (none) and greater than 0";
    let message = format!("goal_tolerance[0].position (elbow): {allowed}");
    refused(code::INVALID_GOAL, &message, |r| r.goal_tolerance = vec![tolerance("elbow", f64::NAN)]);
    let message = format!("path_tolerance[0].velocity (elbow): {allowed}");
    refused(code::INVALID_GOAL, &message, |r| {
        r.path_tolerance = vec![JointTolerance { velocity: f64::NAN, ..tolerance("elbow", 0.1) }];
    });
    let message = format!("goal_time_tolerance: {allowed}");
    refused(code::INVALID_GOAL, &message, |r| r.goal_time_tolerance = f64::NAN);
}

#[test]
fn tolerances_are_handed_on_by_joint_and_0_and_negative_mean_none() {
    let request = TrajectoryRequest {
        path_tolerance: vec![tolerance("clamp", 0.002), tolerance("base", 0.1), tolerance("elbow", 0.0)],
        goal_tolerance: vec![tolerance("elbow", 0.05), tolerance("clamp", -1.0)],
        goal_time_tolerance: 0.5,
        ..good()
    };
    let valid = valid(&request);
    assert_eq!((valid.path_tolerance(0), valid.path_tolerance(1)), (None, Some(0.002)));
    assert_eq!((valid.goal_tolerance(0), valid.goal_tolerance(1)), (Some(0.05), None));
    assert_eq!(valid.goal_time_tolerance(), Some(0.5));
    for none in [0.0, -1.0] {
        let request = TrajectoryRequest { goal_time_tolerance: none, ..good() };
        assert_eq!(super::valid(&request).goal_time_tolerance(), None);
    }
}
