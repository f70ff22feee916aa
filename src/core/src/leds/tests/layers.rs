use super::*;

fn clear_red(a: f64) -> Color {
    Color { a, ..RED }
}

#[test]
fn without_layers_all_is_black() {
    let compositor = Compositor::new();
    assert_eq!(seen(&compositor, ms(0)), BLACK);
    assert!(compositor.layers(ms(0)).is_empty());
}

#[test]
fn a_layer_shows_its_colors_each_on_its_led() {
    let colors = vec![RED, GREEN, BLUE, Color { r: 0.1, g: 0.2, b: 0.3, a: 1.0 }];
    let compositor = with([valid(&LayerRequest { colors, ..request("x", SOLID, RED, 0.0) })]);
    let wanted = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [0.1, 0.2, 0.3]];
    assert_eq!(compositor.sample(ms(0)).leds, wanted);
}

#[test]
fn layers_blend_by_alpha_over_black() {
    let red = layer("red", SOLID, clear_red(0.5), 0.0);
    let mut compositor = with([red]);
    assert_eq!(seen(&compositor, ms(0)), [0.5, 0.0, 0.0]);
    compositor.set(ms(0), layer("green", SOLID, Color { a: 0.25, ..GREEN }, 0.0)).unwrap();
    assert_eq!(seen(&compositor, ms(0)), [0.375, 0.25, 0.0]);
    compositor.set(ms(0), layer("blue", SOLID, BLUE, 0.0)).unwrap();
    assert_eq!(seen(&compositor, ms(0)), [0.0, 0.0, 1.0]);
}

#[test]
fn a_layer_that_is_set_again_keeps_its_place() {
    let mut compositor = with([layer("low", SOLID, RED, 0.0), layer("high", SOLID, GREEN, 0.0)]);
    compositor.set(ms(1), layer("low", SOLID, BLUE, 0.0)).unwrap();
    assert_eq!(seen(&compositor, ms(1)), [0.0, 1.0, 0.0]);
    assert_eq!(compositor.layers(ms(1)), ["low", "high"]);
    assert!(compositor.remove(ms(2), "high"));
    assert_eq!(seen(&compositor, ms(2)), [0.0, 0.0, 1.0]);
}

#[test]
fn a_layer_that_was_gone_comes_back_on_top() {
    let mut compositor = with([layer("a", SOLID, RED, 0.0), layer("b", SOLID, GREEN, 0.0)]);
    assert!(compositor.remove(ms(1), "a"));
    assert!(!compositor.remove(ms(1), "a"));
    compositor.set(ms(2), layer("a", SOLID, RED, 0.0)).unwrap();
    assert_eq!(compositor.layers(ms(2)), ["b", "a"]);
}

#[test]
fn a_layer_lives_exactly_as_long_as_it_was_given() {
    let compositor = with([mortal("x", RED, 0.25)]);
    let last = ms(250) - Duration::from_nanos(1);
    assert_eq!(seen(&compositor, last), [1.0, 0.0, 0.0]);
    assert_eq!(compositor.wake(ms(0)), Wake::At(ms(250)));
    assert_eq!(seen(&compositor, ms(250)), BLACK);
    assert!(compositor.layers(ms(250)).is_empty());
    assert_eq!(compositor.wake(ms(250)), Wake::Never);
}

#[test]
fn setting_a_layer_again_lets_it_live_anew() {
    let mut compositor = with([mortal("x", RED, 0.25)]);
    compositor.set(ms(200), mortal("x", RED, 0.25)).unwrap();
    assert_eq!(compositor.layers(ms(449)), ["x"]);
    assert!(compositor.layers(ms(450)).is_empty());
    compositor.set(ms(400), layer("x", SOLID, RED, 0.0)).unwrap();
    assert_eq!(compositor.layers(ms(1_000_000)), ["x"]);
}

#[test]
fn a_layer_whose_life_is_over_has_no_place_to_keep() {
    let mut compositor = with([mortal("a", RED, 0.1), layer("b", SOLID, GREEN, 0.0)]);
    assert!(!compositor.remove(ms(100), "a"));
    compositor.set(ms(100), layer("a", SOLID, RED, 0.0)).unwrap();
    assert_eq!(compositor.layers(ms(100)), ["b", "a"]);
}

#[test]
fn clear_takes_all_layers_of_users_and_says_how_many() {
    let mut compositor = with([layer("a", SOLID, RED, 0.0), mortal("b", RED, 0.1), mortal("c", RED, 0.2)]);
    assert_eq!(compositor.clear(ms(150)), 2);
    assert_eq!(seen(&compositor, ms(150)), BLACK);
    assert_eq!(compositor.clear(ms(150)), 0);
}

#[test]
fn of_ten_thousand_layers_all_but_64_are_refused_and_those_go_on() {
    let mut compositor = Compositor::new();
    let mut refused = 0;
    for number in 0..10_000 {
        let name = format!("layer {number}");
        if let Err(error) = compositor.set(ms(0), layer(&name, SOLID, RED, 0.0)) {
            let words =
                format!("name: `{name}` would be layer 65; allowed are up to 64: take one away first");
            assert_eq!(error.to_string(), words);
            refused += 1;
        }
    }
    assert_eq!((refused, compositor.layers(ms(0)).len()), (10_000 - 64, 64));
    compositor.set(ms(1), layer("layer 0", SOLID, GREEN, 0.0)).unwrap();
    assert!(compositor.remove(ms(1), "layer 7"));
    compositor.set(ms(1), layer("another", SOLID, BLUE, 0.0)).unwrap();
    assert_eq!(seen(&compositor, ms(1)), [0.0, 0.0, 1.0]);
}

#[test]
fn layers_whose_life_is_over_make_room() {
    let mut compositor = with((0..64).map(|number| mortal(&format!("{number}"), RED, 1.0)));
    compositor.set(ms(999), layer("late", SOLID, RED, 0.0)).unwrap_err();
    compositor.set(ms(1000), layer("late", SOLID, RED, 0.0)).unwrap();
    assert_eq!(compositor.layers(ms(1000)), ["late"]);
}
