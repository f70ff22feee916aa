use super::*;
use proptest::prelude::*;

/// What may be done to the LEDs, and how long to wait before it.
#[derive(Debug, Clone)]
enum Act {
    Set(LayerRequest, Easing),
    Remove(String),
    Clear,
    Show(Status),
}

fn name() -> impl Strategy<Value = String> {
    (0..6_u8).prop_map(|number| format!("layer {number}"))
}

fn channel() -> impl Strategy<Value = f64> {
    prop_oneof![1 => Just(0.0), 1 => Just(1.0), 3 => 0.0..=1.0]
}

fn color() -> impl Strategy<Value = Color> {
    [channel(), channel(), channel(), channel()].prop_map(|[r, g, b, a]| Color { r, g, b, a })
}

fn colors() -> impl Strategy<Value = Vec<Color>> {
    prop_oneof![prop::collection::vec(color(), 1), prop::collection::vec(color(), 4)]
}

fn seconds() -> impl Strategy<Value = f64> {
    prop_oneof![6 => 0.001..2.0, 1 => 1e-9..1e-6, 1 => Just(0.1), 1 => Just(MAX_SECONDS)]
}

fn layers() -> impl Strategy<Value = Act> {
    let lifetime = prop_oneof![Just(0.0), seconds()];
    let easing = (0..Easing::NAMES.len()).prop_map(|i| Easing::all().nth(i).unwrap());
    (name(), 1..=4_u8, colors(), seconds(), lifetime, easing).prop_map(
        |(name, effect, colors, period, lifetime, easing)| {
            Act::Set(LayerRequest { name, effect, colors, period, lifetime }, easing)
        },
    )
}

fn status() -> impl Strategy<Value = Status> {
    let arm = prop::option::of(any::<[bool; 3]>());
    let speech = prop::option::of(any::<[bool; 2]>());
    (arm, speech).prop_map(|(arm, speech)| Status {
        arm: arm.map(|[powered, moving, emergency_stop]| ArmStatus { powered, moving, emergency_stop }),
        speech: speech.map(|[listening, voice_activity]| SpeechStatus { listening, voice_activity }),
    })
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        10 => layers(),
        2 => name().prop_map(Act::Remove),
        1 => Just(Act::Clear),
        2 => status().prop_map(Act::Show),
    ]
}

/// Acts in turn, each after a time to wait in ns.
fn acts() -> impl Strategy<Value = Vec<(u64, Act)>> {
    let wait = prop_oneof![Just(0), 0..3_000_000_000_u64, Just(50_000_000)];
    prop::collection::vec((wait, act()), 1..25)
}

/// Begins long after the start of the clock, and calls `look` at every moment between the acts.
fn play(
    acts: Vec<(u64, Act)>,
    mut look: impl FnMut(&Compositor, Duration) -> Result<(), TestCaseError>,
) -> Result<(), TestCaseError> {
    let mut compositor = Compositor::new();
    let mut now = Duration::from_secs(86_400 * 300);
    for (wait, act) in acts {
        now += Duration::from_nanos(wait);
        look(&compositor, now)?;
        match act {
            Act::Set(request, easing) => {
                compositor.set(now, valid(&request).with_easing(easing)).unwrap();
            }
            Act::Remove(name) => {
                compositor.remove(now, &name);
            }
            Act::Clear => {
                compositor.clear(now);
            }
            Act::Show(status) => compositor.set_status(now, status),
        }
        look(&compositor, now)?;
    }
    look(&compositor, now + Duration::from_secs(1))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn whatever_the_layers_colors_stay_between_0_and_1(acts in acts()) {
        play(acts, |compositor, now| {
            let frame = compositor.sample(now);
            prop_assert!(frame.leds.iter().flatten().all(|channel| (0.0..=1.0).contains(channel)), "{frame:?}");
            Ok(())
        })?;
    }

    #[test]
    fn nothing_changes_before_it_was_said_to(acts in acts(), shares in prop::collection::vec(0.0..1.0, 5)) {
        play(acts, |compositor, now| {
            let until = match compositor.wake(now) {
                Wake::Never | Wake::Animating { until: None } => now + Duration::from_secs(1_000_000_000),
                Wake::At(time) | Wake::Animating { until: Some(time) } => time,
            };
            prop_assert!(until > now);
            let animates = matches!(compositor.wake(now), Wake::Animating { .. });
            // What animates changes its colours, and no more.
            let look = |time| ((!animates).then(|| compositor.sample(time)), compositor.layers(time));
            let seen = look(now);
            let last = until - Duration::from_nanos(1);
            for share in &shares {
                let between = now + (last - now).mul_f64(*share);
                for time in [between.min(last), last] {
                    prop_assert_eq!(&look(time), &seen);
                }
            }
            Ok(())
        })?;
    }

    #[test]
    fn setting_a_fade_never_makes_a_step(acts in acts(), colors in colors(), period in 0.01..10.0) {
        let mut end = None;
        play(acts, |compositor, now| {
            end = Some((compositor.clone(), now));
            Ok(())
        })?;
        let (mut compositor, now) = end.unwrap();
        let before = compositor.sample(now);
        let name = "layer 0".to_owned();
        let fade = LayerRequest { name, effect: FADE, colors, period, lifetime: 0.0 };
        compositor.set(now, valid(&fade)).unwrap();
        let after = compositor.sample(now);
        for (before, after) in before.leds.iter().flatten().zip(after.leds.iter().flatten()) {
            prop_assert!((before - after).abs() < 1e-9);
        }
    }

    #[test]
    fn whatever_is_asked_for_is_refused_or_can_be_shown(
        name in ".{0,70}", effect in 0..7_u8, colors in prop::collection::vec(any::<[f64; 4]>(), 0..6),
        period in any::<f64>(), lifetime in any::<f64>(),
    ) {
        let colors = colors.into_iter().map(|[r, g, b, a]| Color { r, g, b, a }).collect();
        if let Ok(Change::Set(layer)) = validate(&LayerRequest { name, effect, colors, period, lifetime }) {
            let compositor = with([layer]);
            prop_assert!(compositor.sample(ms(1)).leds.iter().flatten().all(|seen| (0.0..=1.0).contains(seen)));
        }
    }
}
