//! Layers of light: what is refused, what is seen, and when it changes.

use super::*;
use std::time::Duration;

mod effects;
mod fading;
mod layers;
mod looks;
mod own;
mod properties;
mod validation;
mod waking;

const RED: Color = Color { r: 1.0, g: 0.0, b: 0.0, a: 1.0 };
const GREEN: Color = Color { r: 0.0, g: 1.0, b: 0.0, a: 1.0 };
const BLUE: Color = Color { r: 0.0, g: 0.0, b: 1.0, a: 1.0 };
const BLACK: [f64; 3] = [0.0; 3];

const SOLID: u8 = 1;
const BLINK: u8 = 2;
const BREATHE: u8 = 3;
const FADE: u8 = 4;

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn request(name: &str, effect: u8, color: Color, period: f64) -> LayerRequest {
    LayerRequest { name: name.to_owned(), effect, colors: vec![color], period, lifetime: 0.0 }
}

fn valid(request: &LayerRequest) -> ValidLayer {
    match validate(request).unwrap() {
        Change::Set(layer) => layer,
        Change::Remove(name) => panic!("{name} is removed"),
    }
}

fn layer(name: &str, effect: u8, color: Color, period: f64) -> ValidLayer {
    valid(&request(name, effect, color, period))
}

fn mortal(name: &str, color: Color, lifetime: f64) -> ValidLayer {
    valid(&LayerRequest { lifetime, ..request(name, SOLID, color, 0.0) })
}

/// A compositor whose layers were all set at 0.
fn with(layers: impl IntoIterator<Item = ValidLayer>) -> Compositor {
    let mut compositor = Compositor::new();
    for layer in layers {
        compositor.set(Duration::ZERO, layer).unwrap();
    }
    compositor
}

/// What all LEDs show.
fn seen(compositor: &Compositor, now: Duration) -> [f64; 3] {
    let frame = compositor.sample(now);
    assert!(frame.leds.iter().all(|led| *led == frame.leds[0]), "{frame:?}");
    frame.leds[0]
}

#[track_caller]
fn assert_near(seen: [f64; 3], wanted: [f64; 3]) {
    assert!(seen.iter().zip(wanted).all(|(seen, wanted)| (seen - wanted).abs() < 1e-12), "{seen:?}");
}
