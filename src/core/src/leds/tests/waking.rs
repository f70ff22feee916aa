use super::*;

#[test]
fn what_stays_as_it_is_wakes_nobody() {
    let mut compositor = with([layer("a", SOLID, RED, 0.0), layer("b", FADE, GREEN, 1.0)]);
    assert_eq!(compositor.wake(ms(0)), Wake::Animating);
    assert_eq!(compositor.wake(ms(1000)), Wake::Never);
    compositor.clear(ms(0));
    assert_eq!(compositor.wake(ms(0)), Wake::Never);
}

#[test]
fn a_blink_wakes_at_its_edges() {
    let compositor = with([layer("x", BLINK, RED, 0.1)]);
    assert_eq!(compositor.wake(ms(0)), Wake::At(ms(50)));
    assert_eq!(compositor.wake(ms(49)), Wake::At(ms(50)));
    assert_eq!(compositor.wake(ms(50)), Wake::At(ms(100)));
    assert_eq!(compositor.wake(ms(175)), Wake::At(ms(200)));
}

#[test]
fn the_first_of_several_edges_wakes() {
    let half = Color { a: 0.5, ..RED };
    let compositor = with([layer("slow", BLINK, half, 1.0), layer("quick", BLINK, half, 0.3)]);
    assert_eq!(compositor.wake(ms(0)), Wake::At(ms(150)));
    assert_eq!(compositor.wake(ms(450)), Wake::At(ms(500)));
}

#[test]
fn a_breath_and_a_fade_on_its_way_animate() {
    for effect in [BREATHE, FADE] {
        assert_eq!(with([layer("x", effect, RED, 1.0)]).wake(ms(500)), Wake::Animating);
    }
    assert_eq!(with([layer("x", BREATHE, RED, 1.0)]).wake(ms(1_000_000)), Wake::Animating);
}

#[test]
fn what_is_covered_does_not_animate_until_it_is_uncovered() {
    let breath = layer("breath", BREATHE, RED, 3.0);
    let compositor = with([breath.clone(), layer("over", SOLID, GREEN, 0.0)]);
    assert_eq!(compositor.wake(ms(0)), Wake::Never);
    let compositor = with([breath.clone(), mortal("over", GREEN, 0.5)]);
    assert_eq!(compositor.wake(ms(0)), Wake::At(ms(500)));
    assert_eq!(compositor.wake(ms(500)), Wake::Animating);
    let compositor = with([breath, layer("over", BLINK, GREEN, 0.2)]);
    assert_eq!(compositor.wake(ms(0)), Wake::At(ms(100)));
    assert_eq!(compositor.wake(ms(100)), Wake::Animating);
}

#[test]
fn what_is_covered_on_some_leds_only_animates() {
    let clear = Color { a: 0.0, ..GREEN };
    let colors = vec![GREEN, GREEN, clear, GREEN];
    let over = valid(&LayerRequest { colors, ..request("over", SOLID, GREEN, 0.0) });
    let compositor = with([layer("breath", BREATHE, RED, 3.0), over]);
    assert_eq!(compositor.wake(ms(0)), Wake::Animating);
    let compositor =
        with([layer("breath", BREATHE, RED, 3.0), layer("over", SOLID, Color { a: 0.99, ..GREEN }, 0.0)]);
    assert_eq!(compositor.wake(ms(0)), Wake::Animating);
}

#[test]
fn a_covered_layer_still_ends_in_time() {
    let compositor = with([mortal("below", RED, 0.5), layer("over", SOLID, GREEN, 0.0)]);
    assert_eq!(compositor.wake(ms(0)), Wake::At(ms(500)));
}

#[test]
fn what_nobody_can_see_does_not_animate() {
    let clear = Color { a: 0.0, ..RED };
    for effect in [BLINK, BREATHE, FADE] {
        assert_eq!(with([layer("x", effect, clear, 1.0)]).wake(ms(0)), Wake::Never, "{effect}");
    }
    let mut compositor = with([layer("x", SOLID, RED, 0.0)]);
    compositor.set(ms(0), layer("x", FADE, RED, 1.0)).unwrap();
    assert_eq!(compositor.wake(ms(0)), Wake::Never);
}
