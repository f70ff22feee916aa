use super::*;

const ON: [f64; 3] = [1.0, 0.0, 0.0];

#[test]
fn a_blink_is_on_for_half_of_its_period_and_begins_on() {
    let mut compositor = Compositor::new();
    compositor.set(ms(30), layer("x", BLINK, RED, 0.1)).unwrap();
    for (time, wanted) in [(30, ON), (79, ON), (80, BLACK), (129, BLACK), (130, ON), (180, BLACK)] {
        assert_eq!(seen(&compositor, ms(time)), wanted, "at {time} ms");
    }
}

#[test]
fn a_blink_that_is_off_lets_see_what_is_below() {
    let compositor = with([layer("below", SOLID, BLUE, 0.0), layer("x", BLINK, RED, 0.1)]);
    assert_eq!(seen(&compositor, ms(0)), ON);
    assert_eq!(seen(&compositor, ms(50)), [0.0, 0.0, 1.0]);
}

#[test]
fn a_breath_swells_from_nothing_to_the_color_and_back() {
    let compositor = with([layer("x", BREATHE, RED, 3.0)]);
    assert_near(seen(&compositor, ms(0)), BLACK);
    assert_near(seen(&compositor, ms(1500)), ON);
    assert_near(seen(&compositor, ms(3000)), BLACK);
    assert_near(seen(&compositor, ms(4500)), ON);
    for i in 0..150 {
        let rising = seen(&compositor, ms(i * 10))[0];
        assert!(rising < seen(&compositor, ms(i * 10 + 10))[0]);
        assert!((rising - seen(&compositor, ms(3000 - i * 10))[0]).abs() < 1e-12);
    }
}

#[test]
fn a_breath_lets_see_what_is_below_as_it_fades() {
    let compositor = with([layer("below", SOLID, BLUE, 0.0), layer("x", BREATHE, RED, 2.0)]);
    assert_near(seen(&compositor, ms(0)), [0.0, 0.0, 1.0]);
    assert_near(seen(&compositor, ms(1000)), ON);
    let [r, _, b] = seen(&compositor, ms(700));
    assert!(r > 0.05 && r < 0.95 && (r + b - 1.0).abs() < 1e-12);
}

#[test]
fn a_breath_has_no_step_where_one_period_joins_the_next() {
    let compositor = with([layer("x", BREATHE, RED, 1.0)]);
    for period in 1..5 {
        let (before, after) = (ms(period * 1000 - 1), ms(period * 1000 + 1));
        let (before, after) = (seen(&compositor, before)[0], seen(&compositor, after)[0]);
        assert!((before - after).abs() < 1e-9 && before < 1e-3);
    }
}

#[test]
fn layers_that_are_published_over_and_over_keep_their_phase() {
    for effect in [BLINK, BREATHE] {
        let once = with([layer("x", effect, RED, 0.7)]);
        let mut again = once.clone();
        for time in 1..300 {
            if time % 10 == 0 {
                again.set(ms(time * 10), layer("x", effect, RED, 0.7)).unwrap();
            }
            assert_eq!(again.sample(ms(time * 10)), once.sample(ms(time * 10)), "{effect} at {time}");
        }
    }
}

#[test]
fn a_new_color_does_not_disturb_the_phase() {
    let mut compositor = with([layer("x", BLINK, RED, 0.1)]);
    compositor.set(ms(60), layer("x", BLINK, GREEN, 0.1)).unwrap();
    assert_eq!(seen(&compositor, ms(60)), BLACK);
    assert_eq!(seen(&compositor, ms(100)), [0.0, 1.0, 0.0]);
}

#[test]
fn another_period_or_effect_begins_anew() {
    let mut compositor = with([layer("x", BLINK, RED, 0.1)]);
    compositor.set(ms(60), layer("x", BLINK, RED, 0.2)).unwrap();
    assert_eq!(seen(&compositor, ms(60)), ON);
    assert_eq!(seen(&compositor, ms(160)), BLACK);
    compositor.set(ms(170), layer("x", BREATHE, RED, 0.2)).unwrap();
    assert_near(seen(&compositor, ms(270)), ON);
}

#[test]
fn after_months_a_blink_is_still_exact() {
    let compositor = with([layer("x", BLINK, RED, 0.001), layer("y", BREATHE, Color { a: 0.0, ..RED }, 3.0)]);
    // 200 days.
    let day = Duration::from_secs(86_400 * 200);
    let half = Duration::from_micros(500);
    assert_eq!(seen(&compositor, day), ON);
    assert_eq!(seen(&compositor, day + half - Duration::from_nanos(1)), ON);
    assert_eq!(seen(&compositor, day + half), BLACK);
    assert_eq!(compositor.wake(day), Wake::At(day + half));
}

#[test]
fn the_shortest_and_the_longest_periods_are_as_good_as_any() {
    for effect in [BLINK, BREATHE, FADE] {
        for period in [f64::MIN_POSITIVE, 1e-9, 3e-9, 31_536_000.0] {
            let compositor = with([layer("x", effect, RED, period)]);
            for now in [Duration::ZERO, ms(1), Duration::from_secs(1 << 40), Duration::MAX] {
                let [r, g, b] = seen(&compositor, now);
                assert!((0.0..=1.0).contains(&r) && g == 0.0 && b == 0.0);
                if let Wake::At(time) = compositor.wake(now) {
                    assert!(time > now);
                }
            }
        }
    }
}

#[test]
fn a_clock_before_the_start_is_the_start() {
    let mut compositor = Compositor::new();
    compositor.set(ms(1000), layer("x", BLINK, RED, 0.1)).unwrap();
    assert_eq!(seen(&compositor, ms(0)), ON);
    assert_eq!(compositor.wake(ms(0)), Wake::At(ms(1050)));
}
