//! The calibration as a map and as its own inverse, on the robot's joints and on any that may be described.
#![allow(clippy::unwrap_used)] // Helpers of tests may, as tests do.

use proptest::prelude::*;
use steve_core::calibration::{Calibration, CalibrationError, CalibrationField, PULSE_RANGE_US};

/// One step of the PCA9685 at 50 Hz.
const TICK_US: f64 = 4.88;

fn elbow() -> Calibration {
    let map = [(-1.0, 1.0), (0.0, 0.51), (1.1, 0.0)];
    Calibration::new((460.0, 2550.0), (0.29, 0.89), &map).unwrap()
}

fn faults(pulse_us: (f64, f64), usable: (f64, f64), map: &[(f64, f64)]) -> Vec<CalibrationError> {
    Calibration::new(pulse_us, usable, map).unwrap_err()
}

const FINE_MAP: [(f64, f64); 2] = [(-1.0, 0.0), (1.0, 1.0)];

/// Any calibration that `new` accepts: ascending positions, fractions rising or falling.
fn any_calibration() -> impl Strategy<Value = Calibration> {
    let range = |lo: f64, hi: f64, least: f64| {
        (lo..hi, lo..hi)
            .prop_filter("too narrow", move |(a, b)| (a - b).abs() > least)
            .prop_map(|(a, b)| (a.min(b), a.max(b)))
    };
    let points = prop::collection::vec((0.001..1.0, 0.001..1.0), 2..20);
    (range(PULSE_RANGE_US.0, PULSE_RANGE_US.1, 10.0), range(0.0, 1.0, 0.01), points, -3.0..3.0, any::<bool>())
        .prop_map(|(pulse_us, usable, steps, start, falling)| {
            let sum: f64 = steps.iter().map(|step| step.1).sum();
            let (mut position, mut fraction) = (start, 0.0);
            let map: Vec<(f64, f64)> = steps
                .iter()
                .map(|step| {
                    position += step.0;
                    fraction += step.1 / sum;
                    let fraction = f64::min(fraction, 1.0);
                    (position, if falling { 1.0 - fraction } else { fraction })
                })
                .collect();
            Calibration::new(pulse_us, usable, &map).unwrap()
        })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_position_comes_back_from_its_pulse(calibration in any_calibration(), share in 0.0..=1.0) {
        let (lower, upper) = calibration.travel();
        let position = lower + (upper - lower) * share;
        let pulse = calibration.pulse_us(position);
        let back = calibration.position(pulse);
        prop_assert!((calibration.pulse_us(back) - pulse).abs() < TICK_US / 2.0);
        prop_assert!((back - position).abs() < 1e-6, "{} came back as {}", position, back);
    }

    #[test]
    fn a_pulse_comes_back_from_its_position_within_half_a_tick(calibration in any_calibration(), share in 0.0..=1.0) {
        let (least, greatest) = calibration.pulse_range_us();
        let pulse = least + (greatest - least) * share;
        let back = calibration.pulse_us(calibration.position(pulse));
        prop_assert!((back - pulse).abs() < TICK_US / 2.0, "{} us came back as {} us", pulse, back);
    }

    #[test]
    fn no_position_at_all_leaves_the_pulse_range(calibration in any_calibration(), position in any::<f64>()) {
        let (least, greatest) = calibration.pulse_range_us();
        let pulse = calibration.pulse_us(position);
        prop_assert!((least..=greatest).contains(&pulse));
        prop_assert!((PULSE_RANGE_US.0..=PULSE_RANGE_US.1).contains(&pulse));
    }

    #[test]
    fn no_pulse_at_all_leaves_the_travel(calibration in any_calibration(), pulse in any::<f64>()) {
        let (lower, upper) = calibration.travel();
        prop_assert!((lower..=upper).contains(&calibration.position(pulse)));
    }

    #[test]
    fn a_greater_position_never_turns_the_servo_back(calibration in any_calibration(), a in -5.0..25.0, b in -5.0..25.0) {
        let rising = calibration.pulse_us(f64::INFINITY) > calibration.pulse_us(f64::NEG_INFINITY);
        let (low, high) = (calibration.pulse_us(f64::min(a, b)), calibration.pulse_us(f64::max(a, b)));
        let turned_back = if rising { low > high } else { low < high };
        prop_assert!(!turned_back);
    }

    #[test]
    fn no_numbers_at_all_make_it_panic(
        pulse_us in any::<(f64, f64)>(), usable in any::<(f64, f64)>(),
        map in prop::collection::vec((-1e300..1e300, -0.5..1.5), 0..5),
    ) {
        let _ = Calibration::new(pulse_us, usable, &map);
        let _ = Calibration::new((400.0, 2700.0), (0.0, 1.0), &map);
    }
}

#[test]
fn the_points_of_the_map_are_met_exactly() {
    // 29 % to 89 % of 460 to 2550 us is 1066.1 to 2320.1 us.
    let calibration = elbow();
    assert!((calibration.pulse_us(-1.0) - 2320.1).abs() < 1e-9);
    assert!((calibration.pulse_us(0.0) - (1066.1 + 0.51 * 1254.0)).abs() < 1e-9);
    assert!((calibration.pulse_us(1.1) - 1066.1).abs() < 1e-9);
    assert!((calibration.position(1066.1) - 1.1).abs() < 1e-9);
}

#[test]
fn between_two_points_the_pulse_changes_evenly() {
    let calibration = elbow();
    let middle = f64::midpoint(calibration.pulse_us(-1.0), calibration.pulse_us(0.0));
    assert!((calibration.pulse_us(-0.5) - middle).abs() < 1e-9);
    assert!((calibration.position(middle) + 0.5).abs() < 1e-9);
}

#[test]
fn beyond_the_travel_its_end_holds() {
    let calibration = elbow();
    assert_eq!(calibration.travel(), (-1.0, 1.1));
    assert_eq!(calibration.pulse_us(-90.0), calibration.pulse_us(-1.0));
    assert_eq!(calibration.pulse_us(f64::INFINITY), calibration.pulse_us(1.1));
    assert_eq!(calibration.position(400.0), 1.1);
}

#[test]
fn not_a_number_never_reaches_a_servo() {
    let calibration = elbow();
    assert_eq!(calibration.pulse_us(f64::NAN), calibration.pulse_us(0.05));
    assert!(calibration.position(f64::NAN).is_finite());
}

#[test]
fn a_pulse_range_beyond_what_servos_take_is_refused() {
    let found = faults((399.0, 2701.0), (0.0, 1.0), &FINE_MAP);
    assert_eq!(found, [CalibrationError::PulseOutside(399.0), CalibrationError::PulseOutside(2701.0)]);
    assert_eq!(found[0].to_string(), "399 is outside 400 to 2700 us");
    assert_eq!(found[0].field(), CalibrationField::PulseUs);
}

#[test]
fn a_reversed_range_is_refused() {
    assert_eq!(
        faults((2000.0, 1000.0), (0.0, 1.0), &FINE_MAP),
        [CalibrationError::PulseReversed(2000.0, 1000.0)]
    );
    assert_eq!(faults((1000.0, 2000.0), (0.5, 0.5), &FINE_MAP), [CalibrationError::UsableReversed(0.5, 0.5)]);
}

#[test]
fn a_map_that_turns_back_is_refused_at_the_point_where_it_does() {
    let found = faults((1000.0, 2000.0), (0.0, 1.0), &[(0.0, 0.1), (1.0, 0.6), (2.0, 0.5), (3.0, 0.9)]);
    assert_eq!(found, [CalibrationError::NotMonotonic { point: 2, fraction: 0.5, before: 0.6 }]);
    let flat = faults((1000.0, 2000.0), (0.0, 1.0), &[(0.0, 0.5), (1.0, 0.5)]);
    assert_eq!(flat, [CalibrationError::NotMonotonic { point: 1, fraction: 0.5, before: 0.5 }]);
    let same_pulse = faults((1000.0, 2000.0), (0.0, 1.0), &[(0.0, 0.0), (1.0, 1e-300)]);
    assert_eq!(same_pulse[0].field(), CalibrationField::Point(1));
}

#[test]
fn positions_that_do_not_ascend_are_refused() {
    let found = faults((1000.0, 2000.0), (0.0, 1.0), &[(0.0, 0.1), (0.0, 0.6), (-1.0, 0.9)]);
    assert_eq!(
        found.iter().map(CalibrationError::field).collect::<Vec<_>>(),
        [CalibrationField::Point(1), CalibrationField::Point(2)]
    );
}

#[test]
fn all_faults_are_reported_at_once() {
    let found = faults((f64::NAN, 3000.0), (-0.1, 1.1), &[(f64::INFINITY, 2.0)]);
    let fields: Vec<_> = found.iter().map(CalibrationError::field).collect();
    use CalibrationField::{Map, Point, PulseUs, Usable};
    assert_eq!(fields, [PulseUs, PulseUs, Usable, Usable, Map, Point(0), Point(0)]);
}
