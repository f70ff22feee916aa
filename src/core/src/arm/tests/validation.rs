use super::*;

fn check(joint: &str, position: f64, speed: f64, easing: &str) -> Result<JointGoal, String> {
    let request = MoveRequest::one(joint, position, speed, easing);
    let valid = validate(&robot(), Readiness::default(), &request);
    valid.map(|valid| valid.goals()[0]).map_err(|error| error.to_string())
}

#[test]
fn unknown_joint_is_rejected_with_the_joints_there_are() {
    assert_eq!(
        check("bass", 0.0, 0.0, "").unwrap_err(),
        "joint: no `bass`; this robot has base, elbow, clamp"
    );
}

#[test]
fn goal_outside_the_travel_is_rejected_with_the_travel() {
    let message = check("elbow", 0.51, 0.0, "").unwrap_err();
    assert_eq!(message, "position of elbow: 0.5100 rad is outside the travel of -1.0000 to 0.5000 rad");
    let message = check("clamp", 0.04, 0.0, "").unwrap_err();
    assert_eq!(message, "position of clamp: 0.0400 m is outside the travel of 0.0000 to 0.0300 m");
    check("elbow", f64::MAX, 0.0, "").unwrap_err();
}

#[test]
fn a_limit_written_with_few_digits_is_the_limit() {
    assert_eq!(check("elbow", 0.500_01, 0.0, "").unwrap().position, 0.5);
    assert_eq!(check("clamp", -1e-6, 0.0, "").unwrap().position, 0.0);
}

#[test]
fn infinity_means_the_limits() {
    assert_eq!(check("elbow", f64::INFINITY, 0.0, "").unwrap().position, 0.5);
    assert_eq!(check("elbow", f64::NEG_INFINITY, 0.0, "").unwrap().position, -1.0);
}

#[test]
fn not_a_number_is_rejected() {
    assert!(check("base", f64::NAN, 0.0, "").unwrap_err().starts_with("position of base: not a number"));
    assert!(check("base", 0.0, f64::NAN, "").unwrap_err().starts_with("speed of base: NaN rad/s"));
}

#[test]
fn negative_speed_is_rejected() {
    let message = check("clamp", 0.0, -0.5, "").unwrap_err();
    assert_eq!(message, "speed of clamp: -0.5 m/s; allowed is 0 (as fast as the limits allow) and greater");
    assert!(check("clamp", 0.0, f64::INFINITY, "").is_ok());
}

#[test]
fn unknown_easing_is_rejected_with_its_name() {
    let message = check("base", 0.0, 0.0, "in_out_sin").unwrap_err();
    assert!(message.starts_with("easing of base: ") && message.contains("`in_out_sin`"), "{message}");
    assert!(check("base", 0.0, 0.0, "in_out_sine").is_ok());
}

#[test]
fn no_joint_and_a_doubled_joint_are_rejected() {
    let validate = |request: &MoveRequest| validate(&robot(), Readiness::default(), request);
    assert_eq!(validate(&MoveRequest::default()), Err(MoveError::Empty));
    let doubled = validate(&MoveRequest::positions([("base", 0.0), ("elbow", 0.0), ("base", 0.1)]));
    assert_eq!(doubled.unwrap_err().to_string(), "joint: `base` is named twice");
}

#[test]
fn emergency_stop_rejects_everything() {
    let ready = Readiness { emergency_stop: true, unknown: 0 };
    let request = MoveRequest::one("base", 0.0, 0.0, "");
    assert_eq!(validate(&robot(), ready, &request), Err(MoveError::EmergencyStop));
}

#[test]
fn a_joint_at_an_unknown_position_is_rejected_and_named() {
    let bench = Bench::with(&[Some(0.0), None, Some(0.0)], PowerOn::Refuse);
    let request = MoveRequest::positions([("base", 0.0), ("elbow", 0.0)]);
    let error = validate(&robot(), bench.arm.readiness(), &request).unwrap_err();
    assert_eq!(error, MoveError::PositionUnknown { joint: "elbow".to_owned() });
    let home = Bench::with(&[None; 3], PowerOn::Home);
    assert!(validate(&robot(), home.arm.readiness(), &request).is_ok());
}

#[test]
fn a_later_request_replaces_the_joints_that_it_names() {
    let valid = |positions: [(&str, f64); 2]| {
        validate(&robot(), Readiness::default(), &MoveRequest::positions(positions)).unwrap()
    };
    let mut merged = valid([("base", 0.1), ("elbow", 0.2)]);
    merged.merge(&valid([("elbow", 0.3), ("clamp", 0.01)]));
    let goals: Vec<_> = merged.goals().iter().map(|goal| (goal.joint, goal.position)).collect();
    assert_eq!(goals, [(0, 0.1), (1, 0.3), (2, 0.01)]);
}
