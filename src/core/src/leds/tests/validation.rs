use super::*;

#[track_caller]
fn refused(request: &LayerRequest, words: &str) {
    assert_eq!(validate(request).unwrap_err().to_string(), words);
}

fn named(name: &str) -> LayerRequest {
    request(name, SOLID, RED, 0.0)
}

#[test]
fn a_layer_without_a_name_is_refused() {
    for name in ["", " ", "\t\n"] {
        refused(&named(name), "name: empty; allowed are 1 to 64 characters");
    }
}

#[test]
fn a_name_of_64_characters_is_taken_and_one_of_65_is_not() {
    assert_eq!(valid(&named(&"ä".repeat(64))).name(), "ä".repeat(64));
    let words = "name: 65 characters (`ääääääääääääääää...`); allowed are 1 to 64";
    refused(&named(&"ä".repeat(65)), words);
}

#[test]
fn a_name_that_would_break_a_log_line_is_refused() {
    let words = r#"name: "a\nb" has control characters in it; allowed are all others"#;
    refused(&named("a\nb"), words);
    assert!(validate(&named("a\u{1b}[31m")).is_err());
}

#[test]
fn the_robots_own_names_are_refused_to_set_and_to_remove() {
    for name in ["arm/power", "arm/moving", "speech/listening", "speech/voice"] {
        for effect in [0, SOLID] {
            let error = validate(&LayerRequest { effect, ..named(name) }).unwrap_err();
            assert_eq!(error, LayerError::ReservedName { name: name.to_owned() });
        }
    }
    let words = "name: `arm/power` is a layer of the robot's own; allowed are all names but arm/power, arm/moving, \
                 speech/listening, speech/voice";
    refused(&named("arm/power"), words);
}

#[test]
fn an_effect_without_a_name_is_refused() {
    let words = "allowed are 0 (off), 1 (solid), 2 (blink), 3 (breathe) and 4 (fade)";
    for effect in [5, 255] {
        refused(&LayerRequest { effect, ..named("x") }, &format!("effect: {effect}; {words}"));
    }
}

#[test]
fn one_color_is_for_all_leds_and_four_are_one_each() {
    assert_eq!(valid(&named("x")).colors, [RED; 4]);
    let colors = vec![RED, GREEN, BLUE, RED];
    assert_eq!(valid(&LayerRequest { colors: colors.clone(), ..named("x") }).colors.to_vec(), colors);
}

#[test]
fn any_other_number_of_colors_is_refused() {
    for count in [0, 2, 3, 5, 10_000] {
        let words = format!("colors: {count} given; allowed are 1, for all LEDs, or 4, one per LED");
        refused(&LayerRequest { colors: vec![RED; count], ..named("x") }, &words);
    }
}

#[test]
fn a_channel_outside_0_to_1_is_refused_with_its_name() {
    for value in [-0.1, 1.001, 255.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        for (channel, color) in [
            ("r", Color { r: value, ..RED }),
            ("g", Color { g: value, ..RED }),
            ("b", Color { b: value, ..RED }),
            ("a", Color { a: value, ..RED }),
        ] {
            let colors = vec![RED, RED, color, RED];
            let words = format!("colors[2].{channel}: {value}; allowed are 0 to 1");
            refused(&LayerRequest { colors, ..named("x") }, &words);
        }
    }
}

#[test]
fn an_effect_in_time_needs_a_period_above_0() {
    for (effect, name) in [(BLINK, "blink"), (BREATHE, "breathe"), (FADE, "fade")] {
        for period in [0.0, -1.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 31_536_000.1, f64::MAX] {
            let words = format!("period: {period} s; allowed for {name} are above 0 and up to 31536000 s");
            refused(&request("x", effect, RED, period), &words);
        }
        for period in [f64::MIN_POSITIVE, 1e-9, 0.001, 31_536_000.0] {
            valid(&request("x", effect, RED, period));
        }
    }
}

#[test]
fn a_period_that_means_nothing_may_be_any_that_could_mean_something() {
    for effect in [0, SOLID] {
        for period in [0.0, 1.0, 31_536_000.0] {
            validate(&request("x", effect, RED, period)).unwrap();
        }
        for period in [-1.0, f64::NAN, f64::INFINITY] {
            validate(&request("x", effect, RED, period)).unwrap_err();
        }
    }
    refused(&request("x", SOLID, RED, -1.0), "period: -1 s; allowed for solid are 0 up to 31536000 s");
}

#[test]
fn a_lifetime_is_0_or_greater() {
    for lifetime in [-1.0, f64::NAN, f64::INFINITY, 31_536_000.1] {
        let words = format!("lifetime: {lifetime} s; allowed are 0 (until it is replaced) up to 31536000 s");
        refused(&LayerRequest { lifetime, ..named("x") }, &words);
    }
    assert_eq!(valid(&named("x")).lifetime, None);
    assert_eq!(valid(&LayerRequest { lifetime: 0.5, ..named("x") }).lifetime, Some(ms(500)));
}

#[test]
fn off_needs_no_colors() {
    let off = LayerRequest { effect: 0, colors: Vec::new(), ..named("x") };
    assert_eq!(validate(&off).unwrap(), Change::Remove("x".to_owned()));
}

#[test]
fn a_fade_is_gentle_at_both_ends_unless_it_is_told_otherwise() {
    let fade = layer("x", FADE, RED, 1.0);
    assert_eq!(fade.effect(), Effect::Fade("in_out_sine".parse().unwrap()));
    assert_eq!(fade.with_easing(Easing::LINEAR).effect(), Effect::Fade(Easing::LINEAR));
    assert_eq!(layer("x", BLINK, RED, 1.0).with_easing(Easing::LINEAR).effect(), Effect::Blink);
}
