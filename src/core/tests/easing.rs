//! Every easing against the formulas that easings.net prints, written again here.

use std::f64::consts::PI;

use steve_core::easing::Easing;

fn bounce_out(x: f64) -> f64 {
    let (n1, d1) = (7.5625, 2.75);
    if x < 1.0 / d1 {
        n1 * x * x
    } else if x < 2.0 / d1 {
        n1 * (x - 1.5 / d1).powi(2) + 0.75
    } else if x < 2.5 / d1 {
        n1 * (x - 2.25 / d1).powi(2) + 0.9375
    } else {
        n1 * (x - 2.625 / d1).powi(2) + 0.984_375
    }
}

/// easings.net for 0 < x < 1, where none of its special cases for the ends apply; not a number for an unknown name.
fn formula(name: &str, x: f64) -> f64 {
    let (c1, c3) = (1.70158, 2.70158);
    let c2 = c1 * 1.525;
    let (c4, c5) = (2.0 * PI / 3.0, 2.0 * PI / 4.5);
    let half = x < 0.5;
    let power = |n: i32| 1.0 - (-2.0 * x + 2.0).powi(n) / 2.0;
    match name {
        "linear" => x,
        "in_sine" => 1.0 - (x * PI / 2.0).cos(),
        "out_sine" => (x * PI / 2.0).sin(),
        "in_out_sine" => -((PI * x).cos() - 1.0) / 2.0,
        "in_quad" => x * x,
        "out_quad" => 1.0 - (1.0 - x) * (1.0 - x),
        "in_out_quad" if half => 2.0 * x * x,
        "in_out_quad" => power(2),
        "in_cubic" => x.powi(3),
        "out_cubic" => 1.0 - (1.0 - x).powi(3),
        "in_out_cubic" if half => 4.0 * x.powi(3),
        "in_out_cubic" => power(3),
        "in_quart" => x.powi(4),
        "out_quart" => 1.0 - (1.0 - x).powi(4),
        "in_out_quart" if half => 8.0 * x.powi(4),
        "in_out_quart" => power(4),
        "in_quint" => x.powi(5),
        "out_quint" => 1.0 - (1.0 - x).powi(5),
        "in_out_quint" if half => 16.0 * x.powi(5),
        "in_out_quint" => power(5),
        "in_expo" => 2f64.powf(10.0 * x - 10.0),
        "out_expo" => 1.0 - 2f64.powf(-10.0 * x),
        "in_out_expo" if half => 2f64.powf(20.0 * x - 10.0) / 2.0,
        "in_out_expo" => (2.0 - 2f64.powf(-20.0 * x + 10.0)) / 2.0,
        "in_circ" => 1.0 - (1.0 - x * x).sqrt(),
        "out_circ" => (1.0 - (x - 1.0).powi(2)).sqrt(),
        "in_out_circ" if half => (1.0 - (1.0 - (2.0 * x).powi(2)).sqrt()) / 2.0,
        "in_out_circ" => ((1.0 - (-2.0 * x + 2.0).powi(2)).sqrt() + 1.0) / 2.0,
        "in_back" => c3 * x.powi(3) - c1 * x * x,
        "out_back" => 1.0 + c3 * (x - 1.0).powi(3) + c1 * (x - 1.0).powi(2),
        "in_out_back" if half => ((2.0 * x).powi(2) * ((c2 + 1.0) * 2.0 * x - c2)) / 2.0,
        "in_out_back" => ((2.0 * x - 2.0).powi(2) * ((c2 + 1.0) * (x * 2.0 - 2.0) + c2) + 2.0) / 2.0,
        "in_elastic" => -(2f64.powf(10.0 * x - 10.0)) * ((x * 10.0 - 10.75) * c4).sin(),
        "out_elastic" => 2f64.powf(-10.0 * x) * ((x * 10.0 - 0.75) * c4).sin() + 1.0,
        "in_out_elastic" if half => -(2f64.powf(20.0 * x - 10.0) * ((20.0 * x - 11.125) * c5).sin()) / 2.0,
        "in_out_elastic" => 2f64.powf(-20.0 * x + 10.0) * ((20.0 * x - 11.125) * c5).sin() / 2.0 + 1.0,
        "in_bounce" => 1.0 - bounce_out(1.0 - x),
        "out_bounce" => bounce_out(x),
        "in_out_bounce" if half => (1.0 - bounce_out(1.0 - 2.0 * x)) / 2.0,
        "in_out_bounce" => (1.0 + bounce_out(2.0 * x - 1.0)) / 2.0,
        _ => f64::NAN,
    }
}

#[test]
fn every_easing_is_the_formula_of_easings_net() {
    for easing in Easing::all() {
        for step in 1..1000 {
            let x = f64::from(step) / 1000.0;
            let (is, should) = (easing.value(x), formula(easing.name(), x));
            assert!((is - should).abs() < 1e-12, "{easing} at {x}: {is}, easings.net {should}");
        }
    }
}

#[test]
fn every_easing_starts_at_0_and_ends_at_1_exactly() {
    for easing in Easing::all() {
        for start in [0.0, -0.0, -1.0, f64::NEG_INFINITY, f64::NAN] {
            assert_eq!(easing.value(start), 0.0, "{easing} at {start}");
        }
        for end in [1.0, 1.5, f64::INFINITY] {
            assert_eq!(easing.value(end), 1.0, "{easing} at {end}");
        }
    }
}

#[test]
fn no_easing_leaves_the_way_by_more_than_its_overshoot() {
    for easing in Easing::all() {
        let overshoot = match easing.name() {
            name if name.ends_with("back") => 0.11,
            name if name.ends_with("elastic") => 0.38,
            _ => 0.0,
        };
        for step in 0..=10_000 {
            let value = easing.value(f64::from(step) / 10_000.0);
            assert!((-overshoot - 1e-12..=1.0 + overshoot + 1e-12).contains(&value), "{easing}: {value}");
        }
    }
}

#[test]
fn the_greatest_slope_is_what_a_fine_walk_finds() {
    const STEPS: i32 = 200_000;
    for easing in Easing::all() {
        // The first and last step hold the jump of expo and elastic.
        let slope = |step: i32| {
            let at = |step: i32| easing.value(f64::from(step) / f64::from(STEPS));
            (at(step + 1) - at(step)).abs() * f64::from(STEPS)
        };
        let found = (1..STEPS - 1).map(slope).fold(0.0, f64::max);
        let said = easing.max_slope();
        if easing.name().ends_with("circ") {
            assert!(said.is_infinite() && found > 100.0, "{easing}: {found}");
        } else {
            assert!(
                (found / said - 1.0).abs() < 1e-3 && found <= said + 1e-6,
                "{easing}: {found}, said {said}"
            );
        }
    }
}

#[test]
fn every_name_is_found_and_spelled_as_on_easings_net() {
    assert_eq!(Easing::NAMES.len(), 31);
    for name in Easing::NAMES {
        assert_eq!(name.parse::<Easing>().unwrap().name(), name);
        assert!(formula(name, 0.5).is_finite(), "easings.net has no {name}");
    }
    assert_eq!("linear".parse::<Easing>().unwrap(), Easing::LINEAR);
    assert_eq!(Easing::all().collect::<std::collections::HashSet<_>>().len(), 31);
}

#[test]
fn a_mistyped_easing_is_answered_with_the_one_meant() {
    let error = "in_out_sin".parse::<Easing>().unwrap_err();
    assert_eq!(error.suggestion, Some("in_out_sine"));
    assert!(
        error.to_string().starts_with("unknown easing `in_out_sin`, did you mean `in_out_sine`?"),
        "{error}"
    );
}

#[test]
fn a_word_that_is_no_easing_is_answered_with_the_families() {
    let error = "smooth".parse::<Easing>().unwrap_err().to_string();
    assert!(error.starts_with("unknown easing `smooth`; known are linear, and in_,"), "{error}");
    for name in ["", "Linear ", "ease_in_sine", "IN_SINE"] {
        assert!(name.parse::<Easing>().is_err(), "{name}");
    }
}
