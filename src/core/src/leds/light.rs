//! Light of a layer on one LED, its colour multiplied by its alpha: so it can be dimmed and mixed without the colour of
//! what is transparent showing through.
//!
//! Porter and Duff, "Compositing Digital Images", SIGGRAPH 1984.

use super::{Color, LEDS};

#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Light {
    rgb: [f64; 3],
    alpha: f64,
}

/// The light of a layer on every LED.
pub(super) type Lights = [Light; LEDS];

impl Light {
    pub(super) fn new(color: Color) -> Self {
        let Color { r, g, b, a } = color;
        Self { rgb: [r * a, g * a, b * a], alpha: a }
    }

    pub(super) fn dimmed(self, factor: f64) -> Self {
        Self { rgb: self.rgb.map(|channel| channel * factor), alpha: self.alpha * factor }
    }

    /// Between two lights. A share outside 0..1 goes beyond one of them, but never beyond what light can be.
    pub(super) fn mixed(self, to: Self, share: f64) -> Self {
        let mix = |from: f64, to: f64| from + (to - from) * share;
        let alpha = mix(self.alpha, to.alpha).clamp(0.0, 1.0);
        // A colour is no brighter than its alpha lets it be.
        let rgb = [0, 1, 2].map(|i| mix(self.rgb[i], to.rgb[i]).clamp(0.0, alpha));
        Self { rgb, alpha }
    }

    /// The operator "over", on what lies below and is opaque.
    pub(super) fn over(self, below: [f64; 3]) -> [f64; 3] {
        [0, 1, 2].map(|i| (self.rgb[i] + below[i] * (1.0 - self.alpha)).clamp(0.0, 1.0))
    }

    pub(super) fn is_opaque(self) -> bool {
        self.alpha >= 1.0
    }

    pub(super) fn is_clear(self) -> bool {
        self.alpha <= 0.0
    }
}
