use super::*;

fn error(request: &TrajectoryRequest) -> TrajectoryError {
    validate_trajectory(&robot(), request).unwrap_err()
}

fn started(start_in: f64, request: TrajectoryRequest) -> TrajectoryRequest {
    TrajectoryRequest { start_in, ..request }
}

#[test]
fn times_that_do_not_increase_are_refused() {
    let message = "points[2].time_from_start: 1 s after 1 s; times have to increase by at least 0.000001 s";
    assert_eq!(error(&base(&[(0.5, 0.0), (1.0, 0.1), (1.0, 0.2)])).to_string(), message);
    let back = error(&base(&[(1.0, 0.0), (0.5, 0.1)]));
    assert!(matches!(back, TrajectoryError::TimesNotIncreasing { .. }), "{back}");
    let hardly = error(&base(&[(1.0, 0.0), (1.0 + 1e-8, 0.0)]));
    assert!(matches!(hardly, TrajectoryError::TimesNotIncreasing { .. }), "{hardly}");
    assert_eq!(hardly.code(), code::INVALID_GOAL);
}

#[test]
fn negative_and_far_times_are_refused() {
    let message = "points[0].time_from_start: -0.5 s; allowed is 0 and greater";
    assert_eq!(error(&base(&[(-0.5, 0.0), (1.0, 0.0)])).to_string(), message);
    let message =
        "points[1].time_from_start: the last point lies 90000 s in the future; allowed are up to 86400 s";
    assert_eq!(error(&base(&[(1.0, 0.0), (90_000.0, 0.0)])).to_string(), message);
    assert_eq!(error(&started(89_999.0, base(&[(0.5, 0.0), (1.0, 0.0)]))).to_string(), message);
}

#[test]
fn a_trajectory_that_is_over_is_refused_as_old() {
    let old = error(&started(-2.5, base(&[(1.0, 0.0), (2.0, 0.0)])));
    let message =
        "header.stamp: the last point lies 0.500 s in the past; allowed is a trajectory that is not over yet";
    assert_eq!((old.to_string().as_str(), old.code()), (message, code::OLD_HEADER_TIMESTAMP));
}

#[test]
fn points_in_the_past_are_dropped() {
    let request =
        started(-1.5, base_moving(&[(0.0, 0.0, 0.0), (1.0, 1.0, 0.0), (2.0, 0.5, 0.0), (3.0, 0.0, 0.0)]));
    let valid = valid(&request);
    assert_eq!(valid.duration(), 1.5);
    // Halfway from 1.0 to 0.5, as planned.
    let course =
        valid.course(0, Setpoint { position: 0.75, velocity: -0.75, acceleration: 0.0 }, &BASE).unwrap();
    assert_state(course.at(0.0), 0.75, -0.75, 0.0);
    assert_near(course.at(0.25).position, 1.0 - 0.5 * (3.0 * 0.75 * 0.75 - 2.0 * 0.75 * 0.75 * 0.75));
    assert_near(course.at(0.5).position, 0.5);
    assert_eq!(course.at(1.5), Setpoint::rest(0.0));
    // From elsewhere: joins the next point.
    let course = valid.course(0, Setpoint::rest(0.0), &BASE).unwrap();
    assert_state(course.at(0.25), 0.25, 1.5, 0.0);
}

#[test]
fn errors_name_points_by_their_place_in_the_request_even_if_some_were_dropped() {
    let points = [(0.0, 0.0, 0.0), (1.0, 1.0, 0.0), (2.0, 1.0, 0.0), (3.0, 1.0, 0.0)];
    let error =
        valid(&started(-1.9, base_moving(&points))).course(0, Setpoint::rest(-1.0), &BASE).unwrap_err();
    let message = "from now to points[2] (base): reaches 30.0000 rad/s; allowed are up to 5.0000 rad/s; give it more time";
    assert_eq!(error.to_string(), message);
}

#[test]
fn a_start_in_the_future_makes_the_first_piece_longer() {
    let valid = valid(&started(1.5, base(&[(0.5, 1.0), (1.5, 1.0)])));
    assert_eq!(valid.duration(), 3.0);
    let course = valid.course(0, Setpoint::rest(0.0), &BASE).unwrap();
    assert_state(course.at(1.0), 0.5, 0.75, 0.0);
    assert_near(course.at(2.0).position, 1.0);
    assert_eq!(course.at(3.0), Setpoint::rest(1.0));
}
