//! Layers of light on four RGB LEDs: what is asked for is checked by [`validate`], kept by a [`Compositor`], sampled at a
//! time that is handed in, and made into what the hardware gets by a [`Look`].
//!
//! Colours are as people mix them on a screen, not linear in light: [`Look`] makes light of them.

mod breathing;
mod compositor;
mod layer;
mod light;
mod look;
mod request;
mod status;

#[cfg(test)]
mod tests;

pub use compositor::{Compositor, MAX_LAYERS, Wake};
pub use look::{Levels, Look};
pub use request::{Change, LayerError, LayerRequest, MAX_NAME, MAX_SECONDS, ValidLayer, validate};
pub use status::{ArmStatus, SpeechStatus, Status};

use crate::easing::Easing;

/// How many LEDs there are.
pub const LEDS: usize = 4;

/// A colour of a layer. All of it 0..1.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Color {
    /// Red.
    pub r: f64,
    /// Green.
    pub g: f64,
    /// Blue.
    pub b: f64,
    /// How much it covers what lies below: 0 nothing, 1 all of it.
    pub a: f64,
}

/// What a layer does with its colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Shows them steadily.
    Solid,
    /// Half of the period on, half of it transparent; begins on.
    Blink,
    /// Swells from nothing to the colours and back once a period.
    Breathe,
    /// Goes from what is seen at its place to the colours within one period, and stays there.
    Fade(Easing),
}

/// What the LEDs show: red, green and blue of each, 0..1, all layers blended over black. Before gamma and brightness.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Frame {
    /// From the first LED to the last.
    pub leds: [[f64; 3]; LEDS],
}
