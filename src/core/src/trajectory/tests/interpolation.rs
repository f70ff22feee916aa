use super::*;

#[test]
fn one_point_with_a_position_is_reached_from_rest_to_rest() {
    let course = course(&base(&[(2.0, 1.0)]), 0.0);
    assert_eq!((course.duration(), course.goal()), (2.0, 1.0));
    // 3 s² - 2 s³
    assert_state(course.at(0.0), 0.0, 0.0, 1.5);
    assert_state(course.at(0.5), 0.156_25, 0.5625, 0.75);
    assert_state(course.at(1.0), 0.5, 0.75, 0.0);
    assert_eq!(course.at(2.0), Setpoint::rest(1.0));
    assert_eq!(course.at(99.0), Setpoint::rest(1.0));
    assert_eq!(course.at(-1.0), course.at(0.0));
    assert_eq!(course.at(f64::NAN), course.at(0.0));
}

#[test]
fn points_on_a_line_at_even_speed_are_joined_by_that_line() {
    let course = course(&base(&[(0.5, 0.1), (1.0, 0.2), (1.7, 0.34), (2.5, 0.5), (3.0, 0.6)]), 0.0);
    for time in [0.5, 0.6, 1.0, 1.33, 2.0, 2.49] {
        assert_near(course.at(time).position, 0.2 * time);
        assert_near(course.at(time).velocity, 0.2);
        assert!(course.at(time).acceleration.abs() < 1e-9);
    }
}

#[test]
fn points_with_positions_have_the_velocities_of_pchip() {
    // As scipy.interpolate.PchipInterpolator has them inside: equal times 2 a b / (a + b), 0 where the way turns back.
    let course = course(&base(&[(1.0, 0.1), (2.0, 0.4), (3.0, 0.3), (4.0, 0.2), (6.0, 0.1)]), 0.0);
    assert_near(course.at(1.0).velocity, 2.0 * 0.1 * 0.3 / 0.4);
    assert_near(course.at(2.0).velocity, 0.0);
    assert_near(course.at(3.0).velocity, -0.1);
    // Times 1 and 2, slopes -0.1 and -0.05: (5 + 4) / (4 / 0.1 + 5 / 0.05).
    assert_near(course.at(4.0).velocity, -9.0 / 140.0);
    assert_near(course.at(6.0).velocity, 0.0);
}

#[test]
fn points_with_velocities_are_joined_by_cubics() {
    let course = course(&base_moving(&[(1.0, 0.5, 1.0), (2.0, 1.0, 0.0)]), 0.0);
    // 0.5 + t + c t² + d t³ with c = 3 * 0.5 - 2 and d = -2 * 0.5 + 1
    assert_state(course.at(1.5), 0.5 + 0.5 - 0.5 * 0.25, 1.0 - 0.5, -1.0);
    // To the first point: from rest, c = 3 * 0.5 - 1, d = -2 * 0.5 + 1
    assert_state(course.at(0.5), 0.125, 0.5, 1.0);
}

#[test]
fn points_with_accelerations_are_joined_by_quintics() {
    let course = course(&base_accelerating(&[(1.0, 0.0, 0.0, 0.0), (3.0, 1.0, 0.0, 0.0)]), 0.0);
    // 10 s³ - 15 s⁴ + 6 s⁵ with s = t / 2
    assert_state(course.at(2.0), 0.5, 15.0 / 8.0 / 2.0, 0.0);
    assert_state(course.at(1.5), 10.0 / 64.0 - 15.0 / 256.0 + 6.0 / 1024.0, 0.527_343_75, 45.0 / 32.0);
    // A quintic that is a parabola: constant acceleration.
    let course = super::course(&base_accelerating(&[(1.0, 0.0, 1.0, -1.0), (2.0, 0.5, 0.0, -1.0)]), 0.0);
    assert_state(course.at(1.25), 0.25 - 0.5 * 0.0625, 0.75, -1.0);
}

#[test]
fn each_joint_has_its_own_way() {
    let request = request(&["clamp", "base"], vec![point(1.0, &[0.02, -1.0]), point(2.0, &[0.0, 1.0])]);
    let valid = valid(&request);
    let clamp = valid.course(0, Setpoint::rest(0.0), &CLAMP).unwrap();
    let base = valid.course(1, Setpoint::rest(0.0), &BASE).unwrap();
    assert_eq!((clamp.goal(), base.goal()), (0.0, 1.0));
    assert_near(clamp.at(1.0).position, 0.02);
    assert_near(base.at(1.0).position, -1.0);
}
