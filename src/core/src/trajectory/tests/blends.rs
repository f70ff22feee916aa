use super::*;

const MOVING: Setpoint = Setpoint { position: 0.2, velocity: 1.5, acceleration: -3.0 };

#[test]
fn a_replacement_in_mid_flight_goes_on_from_the_present_state() {
    for request in [
        base(&[(0.5, -0.5), (1.0, -1.0)]),
        base_moving(&[(0.5, -0.5, -1.0), (1.0, -1.0, 0.0)]),
        base_accelerating(&[(0.5, -0.5, -1.0, 2.0), (1.0, -1.0, 0.0, 0.0)]),
    ] {
        let course = valid(&request).course(0, MOVING, &BASE).unwrap();
        let start = course.at(0.0);
        assert_near(start.position, MOVING.position);
        assert_near(start.velocity, MOVING.velocity);
        if !request.points[0].accelerations.is_empty() {
            assert_near(start.acceleration, MOVING.acceleration);
        }
        assert_near(course.at(0.5).position, -0.5);
    }
}

#[test]
fn the_velocity_at_the_first_point_with_positions_suits_where_the_joint_comes_from() {
    let valid = valid(&base(&[(1.0, 0.5), (2.0, 1.0)]));
    let straight = valid.course(0, Setpoint::rest(0.0), &BASE).unwrap();
    assert_near(straight.at(1.0).velocity, 0.5);
    let turning = valid.course(0, Setpoint::rest(1.0), &BASE).unwrap();
    assert_near(turning.at(1.0).velocity, 0.0);
}

#[test]
fn a_first_point_that_is_too_far_for_its_time_is_refused() {
    let valid = valid(&base(&[(0.1, 1.0), (2.0, 1.0)]));
    let error = valid.course(0, Setpoint::rest(0.0), &BASE).unwrap_err();
    let message = "from now to points[0] (base): reaches 15.0000 rad/s; allowed are up to 5.0000 rad/s; give it more time";
    assert_eq!((error.to_string().as_str(), error.code()), (message, code::INVALID_GOAL));
    valid.course(0, Setpoint::rest(0.7), &BASE).unwrap();
}

#[test]
fn a_joint_that_is_too_fast_to_stay_inside_on_the_way_to_the_first_point_is_refused() {
    let valid = valid(&base(&[(1.0, 1.45)]));
    let error = valid.course(0, Setpoint { velocity: 2.0, ..Setpoint::rest(1.4) }, &BASE).unwrap_err();
    assert!(error.to_string().starts_with("from now to points[0] (base): swings to 1.7"), "{error}");
}

#[test]
fn with_positions_only_the_second_piece_is_checked_once_the_first_is_known() {
    // On average 4.8 rad/s; from rest it has to peak above the limit.
    let valid = valid(&base(&[(1.0, 0.0), (1.25, 1.2), (2.0, 1.2)]));
    let error = valid.course(0, Setpoint::rest(0.0), &BASE).unwrap_err();
    assert!(error.to_string().starts_with("points[0] to points[1] (base): reaches 7.2"), "{error}");
}

#[test]
fn a_first_point_that_is_now_has_to_be_near_the_joint() {
    for points in [&[(0.0, 0.5), (1.0, 1.0)][..], &[(0.0, 0.5)]] {
        let valid = valid(&base(points));
        let error = valid.course(0, Setpoint::rest(0.4), &BASE).unwrap_err();
        let message = "points[0].positions[0] (base): 0.5000 rad now, but the joint is at 0.4000 rad; \
                       allowed is 0.0300 rad away, or a later time_from_start";
        assert_eq!((error.to_string().as_str(), error.code()), (message, code::INVALID_GOAL));
        valid.course(0, Setpoint::rest(0.48), &BASE).unwrap();
        // The client cannot know better where a moving joint is.
        valid.course(0, Setpoint { velocity: 1.0, ..Setpoint::rest(0.4) }, &BASE).unwrap();
    }
}

#[test]
fn a_joint_a_little_off_a_first_point_that_is_now_joins_the_second_without_a_step() {
    let course = course(&base_moving(&[(0.0, 0.5, 0.0), (1.0, 1.0, 0.0)]), 0.48);
    assert_state(course.at(0.0), 0.48, 0.0, 6.0 * 0.52);
    assert_near(course.at(1.0).position, 1.0);
}

#[test]
fn a_joint_a_little_off_a_way_of_dense_points_closes_the_gap_as_fast_as_it_can() {
    let points: Vec<_> = (0..=1000).map(|i| f64::from(i) * 1e-3).map(|t| (t, 0.1 * t)).collect();
    let moving: Vec<_> = points.iter().map(|&(t, p)| (t, p, if t < 1.0 { 0.1 } else { 0.0 })).collect();
    for request in [base(&points), base_moving(&moving)] {
        let course = course(&request, -0.03);
        let (mut last, mut elapsed) = (Setpoint::rest(-0.03), 0.0);
        for _ in 0..10 {
            elapsed += 0.001;
            let next = course.next(last, elapsed, 0.001, &BASE);
            assert!((next.position - last.position).abs() <= 0.005 * (1.0 + 1e-5), "{last:?} to {next:?}");
            last = next;
        }
        assert_near(last.position, course.at(elapsed).position);
        assert!((last.position - 0.1 * elapsed).abs() < 1e-4);
    }
}

#[test]
fn a_way_that_is_under_way_and_near_is_taken_even_if_its_next_point_is_a_moment_off() {
    let points = [(0.0, 0.0, 0.0), (1.0, 0.5, 1.0), (2.0, 1.0, 0.0)];
    let request = TrajectoryRequest { start_in: -0.999, ..base_moving(&points) };
    let valid = valid(&request);
    let course = valid.course(0, Setpoint { velocity: 1.0, ..Setpoint::rest(0.47) }, &BASE).unwrap();
    assert!((course.at(0.0).position - 0.499).abs() < 1e-5);
    assert_near(course.at(0.001).position, 0.5);
    let error = valid.course(0, Setpoint::rest(0.0), &BASE).unwrap_err();
    assert!(matches!(error, TrajectoryError::PieceTooFast { .. }), "{error}");
}

#[test]
fn a_last_point_that_is_now_is_the_goal_at_once() {
    let request = TrajectoryRequest { start_in: 5e-7, ..base(&[(0.0, 0.5)]) };
    let course = course(&request, 0.49);
    assert_eq!(course.at(0.0), Setpoint::rest(0.5));
    assert_eq!(course.next(Setpoint::rest(0.49), 0.02, 0.02, &BASE), Setpoint::rest(0.5));
}

#[test]
fn a_setpoint_after_no_time_is_the_last_one() {
    let course = course(&base(&[(1.0, 0.5)]), 0.0);
    for step in [0.0, -1.0, f64::NAN] {
        assert_eq!(course.next(MOVING, 0.5, step, &BASE), MOVING);
    }
}

#[test]
fn a_way_that_passes_the_end_of_the_travel_by_a_rounding_is_cut_there() {
    let course = course(&base_moving(&[(1.0, 1.5, 0.001), (2.0, 1.5, 0.0)]), 1.5);
    assert!(course.at(1.3).position > 1.5001);
    assert_eq!(course.next(Setpoint::rest(1.5), 1.3, 0.02, &BASE), Setpoint::rest(1.5));
}
