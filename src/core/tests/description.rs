//! The description files that ship: Steve is what the interface says, and another robot needs only a file.

use steve_core::robot::{Board, Joint, JointKind, Robot};

const STEVE: &str = include_str!("../../../config/steve.yaml");
const PAN_TILT: &str = include_str!("../../../tests/data/pan_tilt.yaml");

/// One row of the interface's two tables: travel in deg or m, map from there to fractions.
struct Row {
    name: &'static str,
    kind: JointKind,
    travel: (f64, f64),
    channel: u8,
    pulse_us: (f64, f64),
    usable: (f64, f64),
    map: &'static [(f64, f64)],
}

#[rustfmt::skip]
const TABLE: [Row; 6] = [
    Row { name: "torso", kind: JointKind::Revolute, travel: (-90.0, 90.0), channel: 0, pulse_us: (460.0, 2450.0),
        usable: (0.0, 1.0), map: &[(-90.0, 0.01), (0.0, 0.47), (90.0, 0.97)] },
    Row { name: "shoulder", kind: JointKind::Revolute, travel: (-90.0, 90.0), channel: 5, pulse_us: (460.0, 2580.0),
        usable: (0.11, 0.96), map: &[(-90.0, 1.0), (0.0, 0.51), (90.0, 0.0)] },
    Row { name: "elbow", kind: JointKind::Revolute, travel: (-58.4, 61.7), channel: 4, pulse_us: (460.0, 2550.0),
        usable: (0.29, 0.89), map: &[(-58.4, 1.0), (0.0, 0.51), (61.7, 0.0)] },
    Row { name: "wrist_ud", kind: JointKind::Revolute, travel: (-90.0, 90.0), channel: 3, pulse_us: (470.0, 2450.0),
        usable: (0.0, 1.0), map: &[(-90.0, 0.0), (0.0, 0.42), (90.0, 0.92)] },
    Row { name: "wrist_lr", kind: JointKind::Revolute, travel: (-90.0, 90.0), channel: 2, pulse_us: (580.0, 2580.0),
        usable: (0.0, 1.0), map: &[(-90.0, 0.93), (90.0, 0.04)] },
    Row { name: "clamp", kind: JointKind::Prismatic, travel: (0.0, 0.030), channel: 1, pulse_us: (590.0, 2590.0),
        usable: (0.16, 0.78), map: &[(0.0, 1.0), (0.010, 0.65), (0.020, 0.42), (0.021, 0.40), (0.022, 0.38),
            (0.023, 0.37), (0.024, 0.35), (0.025, 0.32), (0.026, 0.30), (0.027, 0.25), (0.028, 0.22), (0.029, 0.15),
            (0.030, 0.0)] },
];

fn in_si(position: f64, kind: JointKind) -> f64 {
    if kind == JointKind::Revolute { position.to_radians() } else { position }
}

#[test]
fn steve_is_as_the_interface_says() {
    let robot = Robot::from_yaml(STEVE, "steve.yaml").unwrap();
    assert_eq!(robot.name, "steve");
    assert_eq!(robot.joints.len(), TABLE.len());
    for (joint, row) in robot.joints.iter().zip(&TABLE) {
        assert_eq!((joint.name.as_str(), joint.kind, joint.channel), (row.name, row.kind, row.channel));
        assert_eq!(joint.limits.lower, in_si(row.travel.0, row.kind), "{}", row.name);
        assert_eq!(joint.limits.upper, in_si(row.travel.1, row.kind), "{}", row.name);
        assert_eq!(joint.calibration.travel(), (joint.limits.lower, joint.limits.upper), "{}", row.name);
        let width = row.pulse_us.1 - row.pulse_us.0;
        for &(position, fraction) in row.map {
            let pulse = row.pulse_us.0 + width * (row.usable.0 + (row.usable.1 - row.usable.0) * fraction);
            let position = in_si(position, row.kind);
            assert!(
                (joint.calibration.pulse_us(position) - pulse).abs() < 1e-9,
                "{} at {position}",
                row.name
            );
            assert!(
                (joint.calibration.position(pulse) - position).abs() < 1e-9,
                "{} at {pulse} us",
                row.name
            );
        }
        // Between the points the map is straight: any point too many would bend it.
        for pair in row.map.windows(2) {
            let middle = in_si(f64::midpoint(pair[0].0, pair[1].0), row.kind);
            let fraction = f64::midpoint(pair[0].1, pair[1].1);
            let pulse = row.pulse_us.0 + width * (row.usable.0 + (row.usable.1 - row.usable.0) * fraction);
            assert!((joint.calibration.pulse_us(middle) - pulse).abs() < 1e-9, "{} at {middle}", row.name);
        }
    }
}

#[test]
fn steve_rests_at_zero_with_the_clamp_closed() {
    let robot = Robot::from_yaml(STEVE, "steve.yaml").unwrap();
    assert!(robot.joints.iter().all(|joint| joint.home == 0.0));
}

#[test]
fn every_joint_of_steve_stops_within_a_tenth_of_its_travel_at_the_interfaces_example_speed() {
    let robot = Robot::from_yaml(STEVE, "steve.yaml").unwrap();
    for Joint { name, limits, .. } in &robot.joints {
        // 0.5 rad/s of 3.14 rad, and as much of the clamp's. Braking ramps up within jerk, then holds acceleration.
        let speed = (limits.upper - limits.lower) / std::f64::consts::PI * 0.5;
        let distance =
            speed * speed / (2.0 * limits.acceleration) + speed * limits.acceleration / (2.0 * limits.jerk);
        assert!(distance < (limits.upper - limits.lower) / 10.0, "{name}: {distance}");
    }
}

#[test]
fn a_servo_is_faster_than_its_joint_may_move_unless_the_file_says_otherwise() {
    let robot = Robot::from_yaml(STEVE, "steve.yaml").unwrap();
    assert!(robot.joints.iter().all(|joint| joint.slew_rate == 1.5 * joint.limits.velocity));
    let robot = Robot::from_yaml(PAN_TILT, "pan_tilt.yaml").unwrap();
    assert_eq!(robot.joints.iter().map(|joint| joint.slew_rate).collect::<Vec<_>>(), [6.0, 6.0]);
}

#[test]
fn another_robot_needs_only_a_file() {
    let robot = Robot::from_yaml(PAN_TILT, "pan_tilt.yaml").unwrap();
    assert_eq!(robot.name, "pan_tilt");
    assert_eq!(robot.joints.iter().map(|joint| joint.name.as_str()).collect::<Vec<_>>(), ["pan", "tilt"]);
    assert_eq!((robot.joint_index("tilt"), robot.joint_index("torso")), (Some(1), None));
    let tilt = &robot.joints[1];
    assert_eq!((tilt.channel, tilt.home), (15, 10_f64.to_radians()));
    assert_eq!((tilt.limits.lower, tilt.limits.upper), ((-30_f64).to_radians(), 60_f64.to_radians()));
    assert_eq!((tilt.limits.velocity, tilt.limits.acceleration, tilt.limits.jerk), (3.0, 25.0, 600.0));
    // 20 % to 70 % of 600 to 2400 us, falling.
    assert!((tilt.calibration.pulse_us(tilt.limits.lower) - 1860.0).abs() < 1e-9);
    assert!((tilt.calibration.pulse_us(tilt.limits.upper) - 960.0).abs() < 1e-9);
}

#[test]
fn steve_has_the_usual_board_and_a_file_without_one_too() {
    let usual = Board { bus: 1, address: 0x40, frequency_hz: 50.0, oscillator_hz: 25e6 };
    assert!(STEVE.contains("\npca9685:\n"));
    assert_eq!(Robot::from_yaml(STEVE, "steve.yaml").unwrap().board, usual);
    assert!(!PAN_TILT.contains("pca9685:"));
    assert_eq!(Robot::from_yaml(PAN_TILT, "pan_tilt.yaml").unwrap().board, usual);
}

#[test]
fn a_board_is_as_the_file_says_and_usual_where_it_is_silent() {
    let with = |board: &str| {
        let text = PAN_TILT.replace("\njoints:", &format!("\npca9685: {board}\njoints:"));
        Robot::from_yaml(&text, "pan_tilt.yaml").unwrap().board
    };
    let all = with("{bus: 255, address: 0x77, frequency_hz: 62.5, oscillator_hz: 26.5e6}");
    assert_eq!(all, Board { bus: 255, address: 0x77, frequency_hz: 62.5, oscillator_hz: 26.5e6 });
    assert_eq!(with("{address: 65}"), Board { address: 0x41, ..Board::default() });
    assert_eq!(with("{}"), Board::default());
}

#[test]
fn a_joint_may_name_a_pin_and_need_not() {
    let text = PAN_TILT.replace("channel: 14", "channel: 14\n    gpio_pin: 27");
    let robot = Robot::from_yaml(&text, "pan_tilt.yaml").unwrap();
    assert_eq!(robot.joints.iter().map(|joint| joint.gpio_pin).collect::<Vec<_>>(), [Some(27), None]);
}

#[test]
fn sixteen_joints_are_a_robot() {
    let joint = &PAN_TILT[PAN_TILT.find("  - name: pan").unwrap()..PAN_TILT.find("  - name: tilt").unwrap()];
    let joints: String = (0..16)
        .map(|n| {
            joint
                .replace("name: pan", &format!("name: j{n}"))
                .replace("channel: 14", &format!("channel: {n}"))
        })
        .collect();
    let robot = Robot::from_yaml(&format!("name: many\njoints:\n{joints}"), "many.yaml").unwrap();
    assert_eq!(robot.joints.len(), 16);
}

#[test]
fn the_points_of_a_map_may_stand_in_any_order() {
    let shuffled = STEVE.replace("{-90: 0.01, 0: 0.47, 90: 0.97}", "{90: 0.97, -90: 0.01, 0: 0.47}");
    assert_ne!(shuffled, STEVE);
    assert_eq!(Robot::from_yaml(&shuffled, "a").unwrap(), Robot::from_yaml(STEVE, "a").unwrap());
}

#[test]
fn windows_line_ends_and_a_byte_order_mark_do_no_harm() {
    let text = format!("\u{feff}{}", STEVE.replace('\n', "\r\n"));
    assert_eq!(Robot::from_yaml(&text, "a").unwrap(), Robot::from_yaml(STEVE, "a").unwrap());
}

#[test]
fn a_value_may_be_named_once_and_used_again() {
    let text = STEVE.replacen("velocity_rad_s: 5", "velocity_rad_s: &quick 5", 1);
    let text = text.replace("velocity_rad_s: 5", "velocity_rad_s: *quick");
    assert_eq!(Robot::from_yaml(&text, "a").unwrap(), Robot::from_yaml(STEVE, "a").unwrap());
}
