use super::*;

fn linear(name: &str, color: Color, period: f64) -> ValidLayer {
    layer(name, FADE, color, period).with_easing(Easing::LINEAR)
}

#[test]
fn a_new_layer_fades_from_what_is_below_to_its_colors() {
    let mut compositor = with([layer("below", SOLID, BLUE, 0.0)]);
    compositor.set(ms(100), linear("x", RED, 1.0)).unwrap();
    assert_near(seen(&compositor, ms(100)), [0.0, 0.0, 1.0]);
    assert_near(seen(&compositor, ms(350)), [0.25, 0.0, 0.75]);
    assert_near(seen(&compositor, ms(1100)), [1.0, 0.0, 0.0]);
    assert_eq!(seen(&compositor, ms(1_000_000)), [1.0, 0.0, 0.0]);
    assert_eq!(compositor.wake(ms(1099)), Wake::Animating { until: None });
    assert_eq!(compositor.wake(ms(1100)), Wake::Never);
}

#[test]
fn a_layer_that_replaces_itself_fades_from_its_own_colors() {
    let mut compositor = with([layer("x", SOLID, RED, 0.0)]);
    compositor.set(ms(100), linear("x", GREEN, 1.0)).unwrap();
    assert_near(seen(&compositor, ms(100)), [1.0, 0.0, 0.0]);
    assert_near(seen(&compositor, ms(600)), [0.5, 0.5, 0.0]);
    assert_near(seen(&compositor, ms(1100)), [0.0, 1.0, 0.0]);
}

#[test]
fn a_fade_that_is_replaced_on_its_way_goes_on_from_there() {
    let mut compositor = with([linear("x", RED, 1.0)]);
    compositor.set(ms(500), linear("x", GREEN, 1.0)).unwrap();
    assert_near(seen(&compositor, ms(500)), [0.5, 0.0, 0.0]);
    assert_near(seen(&compositor, ms(1000)), [0.25, 0.5, 0.0]);
    compositor.set(ms(1000), linear("x", BLUE, 2.0)).unwrap();
    assert_near(seen(&compositor, ms(1000)), [0.25, 0.5, 0.0]);
    assert_near(seen(&compositor, ms(3000)), [0.0, 0.0, 1.0]);
}

#[test]
fn a_fade_begins_with_what_blink_and_breath_show_at_that_moment() {
    for (effect, time) in [(BLINK, 10), (BLINK, 60), (BREATHE, 40)] {
        let mut compositor = with([layer("below", SOLID, BLUE, 0.0), layer("x", effect, RED, 0.1)]);
        let before = seen(&compositor, ms(time));
        compositor.set(ms(time), linear("x", GREEN, 1.0)).unwrap();
        assert_near(seen(&compositor, ms(time)), before);
    }
}

#[test]
fn a_fade_that_is_published_over_and_over_arrives_in_time() {
    let once = with([layer("x", FADE, RED, 1.0)]);
    let mut again = once.clone();
    for time in 0..20 {
        again.set(ms(time * 100), layer("x", FADE, RED, 1.0)).unwrap();
        assert_eq!(again.sample(ms(time * 100)), once.sample(ms(time * 100)));
    }
    assert_eq!(seen(&again, ms(1000)), [1.0, 0.0, 0.0]);
}

#[test]
fn a_fade_follows_its_easing() {
    for easing in Easing::all() {
        let compositor = with([layer("x", FADE, RED, 1.0).with_easing(easing)]);
        for time in 0..=100 {
            let wanted = easing.value(f64::from(u32::try_from(time).unwrap()) / 100.0).clamp(0.0, 1.0);
            assert_near(seen(&compositor, ms(time * 10)), [wanted, 0.0, 0.0]);
        }
    }
}

#[test]
fn fading_to_transparent_uncovers_what_is_below() {
    let mut compositor = with([layer("below", SOLID, BLUE, 0.0), layer("x", SOLID, RED, 0.0)]);
    compositor.set(ms(0), linear("x", Color { a: 0.0, ..RED }, 1.0)).unwrap();
    assert_near(seen(&compositor, ms(500)), [0.5, 0.0, 0.5]);
    assert_near(seen(&compositor, ms(1000)), [0.0, 0.0, 1.0]);
}

#[test]
fn a_transparent_color_lends_nothing_to_a_fade() {
    let mut compositor = with([layer("x", SOLID, Color { a: 0.0, ..GREEN }, 0.0)]);
    compositor.set(ms(0), linear("x", RED, 1.0)).unwrap();
    assert_near(seen(&compositor, ms(500)), [0.5, 0.0, 0.0]);
}

#[test]
fn an_easing_that_swings_over_never_leaves_the_range() {
    for easing in ["in_back", "out_back", "in_elastic", "out_elastic", "in_out_elastic"] {
        let half = Color { r: 0.9, g: 0.1, b: 0.5, a: 0.9 };
        let mut compositor = with([layer("below", SOLID, GREEN, 0.0), layer("x", SOLID, half, 0.0)]);
        let faded = layer("x", FADE, Color { r: 0.1, g: 1.0, ..half }, 1.0);
        compositor.set(ms(0), faded.with_easing(easing.parse().unwrap())).unwrap();
        for time in 0..1000 {
            let seen = seen(&compositor, ms(time));
            assert!(seen.iter().all(|channel| (0.0..=1.0).contains(channel)), "{easing}: {seen:?}");
        }
    }
}
