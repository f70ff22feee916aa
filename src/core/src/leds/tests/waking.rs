use super::*;

/// And nothing else.
const ANIMATING: Wake = Wake::Animating { until: None };

#[test]
fn what_stays_as_it_is_wakes_nobody() {
    let mut compositor = with([layer("a", SOLID, RED, 0.0), layer("b", FADE, GREEN, 1.0)]);
    assert_eq!(compositor.wake(ms(0)), ANIMATING);
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
        assert_eq!(with([layer("x", effect, RED, 1.0)]).wake(ms(500)), ANIMATING);
    }
    assert_eq!(with([layer("x", BREATHE, RED, 1.0)]).wake(ms(1_000_000)), ANIMATING);
}

#[test]
fn what_is_covered_does_not_animate_until_it_is_uncovered() {
    let breath = layer("breath", BREATHE, RED, 3.0);
    let compositor = with([breath.clone(), layer("over", SOLID, GREEN, 0.0)]);
    assert_eq!(compositor.wake(ms(0)), Wake::Never);
    let compositor = with([breath.clone(), mortal("over", GREEN, 0.5)]);
    assert_eq!(compositor.wake(ms(0)), Wake::At(ms(500)));
    assert_eq!(compositor.wake(ms(500)), ANIMATING);
    let compositor = with([breath, layer("over", BLINK, GREEN, 0.2)]);
    assert_eq!(compositor.wake(ms(0)), Wake::At(ms(100)));
    assert_eq!(compositor.wake(ms(100)), Wake::Animating { until: Some(ms(200)) });
}

#[test]
fn an_edge_beside_or_over_what_animates_wakes() {
    let clear = Color { a: 0.0, ..RED };
    let breath = layer("breath", BREATHE, GREEN, 6.0);
    for colors in [vec![RED], vec![clear, clear, RED, clear]] {
        let blink = valid(&LayerRequest { colors, ..request("blink", BLINK, RED, 0.1) });
        let compositor = with([breath.clone(), blink]);
        assert_eq!(compositor.wake(ms(60)), Wake::Animating { until: Some(ms(100)) });
    }
    let below = with([layer("blink", BLINK, RED, 0.1), breath]);
    // At its height it is opaque, for no longer than that.
    for now in [2960, 3000] {
        assert_eq!(below.wake(ms(now)), Wake::Animating { until: Some(ms(now / 50 * 50 + 50)) });
    }
}

#[test]
fn a_lifetime_ends_in_time_beside_what_animates() {
    let compositor = with([mortal("short", RED, 0.5), layer("breath", BREATHE, GREEN, 6.0)]);
    assert_eq!(compositor.wake(ms(20)), Wake::Animating { until: Some(ms(500)) });
    assert_eq!(compositor.wake(ms(500)), ANIMATING);
}

#[test]
fn who_looks_seldom_sees_a_blink_over_a_breath_on_for_half_the_time() {
    let mut compositor = Compositor::new();
    let arm = ArmStatus { powered: true, moving: true, emergency_stop: false };
    compositor.set_status(ms(0), Status { arm: Some(arm), speech: None });
    let (mut now, mut on) = (ms(0), ms(0));
    while now < ms(6000) {
        let seldom = now + ms(37);
        let next = match compositor.wake(now) {
            Wake::Never => seldom,
            Wake::At(time) => time,
            Wake::Animating { until } => until.map_or(seldom, |until| until.min(seldom)),
        };
        if seen(&compositor, now)[0] > 0.9 {
            on += next - now;
        }
        now = next;
    }
    assert_eq!((on, now), (ms(3000), ms(6000)));
}

#[test]
fn what_is_covered_on_some_leds_only_animates() {
    let clear = Color { a: 0.0, ..GREEN };
    let colors = vec![GREEN, GREEN, clear, GREEN];
    let over = valid(&LayerRequest { colors, ..request("over", SOLID, GREEN, 0.0) });
    let compositor = with([layer("breath", BREATHE, RED, 3.0), over]);
    assert_eq!(compositor.wake(ms(0)), ANIMATING);
    let compositor =
        with([layer("breath", BREATHE, RED, 3.0), layer("over", SOLID, Color { a: 0.99, ..GREEN }, 0.0)]);
    assert_eq!(compositor.wake(ms(0)), ANIMATING);
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
