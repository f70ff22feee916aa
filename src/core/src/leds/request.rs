use super::{Color, Effect, LEDS, MAX_LAYERS, status};
use crate::easing::Easing;
use std::time::Duration;
use thiserror::Error;

/// The longest name, in characters.
pub const MAX_NAME: usize = 64;

/// The longest period and lifetime, s: a year.
pub const MAX_SECONDS: f64 = 31_536_000.0;

/// A layer as it is asked for.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LayerRequest {
    /// Its name: 1 to [`MAX_NAME`] characters, none of them a control character.
    pub name: String,
    /// 0 off (takes the layer away), 1 solid, 2 blink, 3 breathe, 4 fade, as in `LedLayer.msg`.
    pub effect: u8,
    /// One for all LEDs or one per LED; not looked at if the effect is off.
    pub colors: Vec<Color>,
    /// Seconds, up to [`MAX_SECONDS`]: above 0 for blink, breathe and fade; for off and solid it means nothing and may be 0.
    pub period: f64,
    /// Seconds after which it goes by itself, up to [`MAX_SECONDS`]; 0 = when it is taken away or replaced.
    pub lifetime: f64,
}

/// A layer that was checked.
#[derive(Debug, Clone, PartialEq)]
pub struct ValidLayer {
    pub(super) name: String,
    pub(super) effect: Effect,
    pub(super) colors: [Color; LEDS],
    /// At least 1 ns where the effect has one.
    pub(super) period: Duration,
    /// At least 1 ns.
    pub(super) lifetime: Option<Duration>,
}

impl ValidLayer {
    /// The layer's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it does.
    pub fn effect(&self) -> Effect {
        self.effect
    }

    /// The same layer; if it fades, then with this easing.
    #[must_use]
    pub fn with_easing(mut self, easing: Easing) -> Self {
        if let Effect::Fade(own) = &mut self.effect {
            *own = easing;
        }
        self
    }
}

/// What a request comes to.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// This layer is there, in place of one of the same name.
    Set(ValidLayer),
    /// The layer of this name is gone.
    Remove(String),
}

/// Why a layer is refused. Messages name the field, its value and what is allowed.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum LayerError {
    /// There is no name, or nobody can see it.
    #[error("name: empty; allowed are 1 to {MAX_NAME} characters")]
    EmptyName,
    /// The name is too long.
    #[error("name: {length} characters (`{start}...`); allowed are 1 to {MAX_NAME}")]
    LongName {
        /// How many characters it has.
        length: usize,
        /// The first of them.
        start: String,
    },
    /// The name has a line break or the like in it.
    #[error("name: {name:?} has control characters in it; allowed are all others")]
    ControlCharacter {
        /// The name.
        name: String,
    },
    /// The name is one of the robot's own layers.
    #[error("name: `{name}` is a layer of the robot's own; allowed are all names but {}", status::NAMES.join(", "))]
    ReservedName {
        /// The name.
        name: String,
    },
    /// There is no such effect.
    #[error("effect: {effect}; allowed are 0 (off), 1 (solid), 2 (blink), 3 (breathe) and 4 (fade)")]
    UnknownEffect {
        /// Its number.
        effect: u8,
    },
    /// There are too few colours or too many.
    #[error("colors: {count} given; allowed are 1, for all LEDs, or {LEDS}, one per LED")]
    ColorCount {
        /// How many there are.
        count: usize,
    },
    /// A channel of a colour is out of range.
    #[error("colors[{index}].{channel}: {value}; allowed are 0 to 1")]
    Channel {
        /// Which colour.
        index: usize,
        /// "r", "g", "b" or "a".
        channel: &'static str,
        /// The value.
        value: f64,
    },
    /// The period is out of range.
    #[error("period: {value} s; allowed for {effect} are {}up to {MAX_SECONDS} s", least(*.needed))]
    Period {
        /// The value.
        value: f64,
        /// The effect's name.
        effect: &'static str,
        /// Whether the effect needs one.
        needed: bool,
    },
    /// The lifetime is out of range.
    #[error("lifetime: {value} s; allowed are 0 (until it is replaced) up to {MAX_SECONDS} s")]
    Lifetime {
        /// The value.
        value: f64,
    },
    /// There are as many layers as there may be.
    #[error("name: `{name}` would be layer {}; allowed are up to {MAX_LAYERS}: take one away first", MAX_LAYERS + 1)]
    TooManyLayers {
        /// The name of the one that is too many.
        name: String,
    },
}

fn least(needed: bool) -> &'static str {
    if needed { "above 0 and " } else { "0 " }
}

/// Checks a request. What only the layers that are there can tell, [`Compositor::set`](super::Compositor::set) does.
///
/// A fade gets the easing `in_out_sine`; [`ValidLayer::with_easing`] gives it another.
///
/// # Errors
/// The first thing that is wrong with it.
pub fn validate(request: &LayerRequest) -> Result<Change, LayerError> {
    let LayerRequest { name, effect, colors, period, lifetime } = request;
    check_name(name)?;
    let row = EFFECTS.get(usize::from(*effect));
    let &(effect_name, effect) = row.ok_or(LayerError::UnknownEffect { effect: *effect })?;
    let needed = effect.is_some_and(|effect| effect != Effect::Solid);
    // Not a number is in no range.
    if !(0.0..=MAX_SECONDS).contains(period) || (needed && *period <= 0.0) {
        return Err(LayerError::Period { value: *period, effect: effect_name, needed });
    }
    if !(0.0..=MAX_SECONDS).contains(lifetime) {
        return Err(LayerError::Lifetime { value: *lifetime });
    }
    let Some(effect) = effect else { return Ok(Change::Remove(name.clone())) };
    let colors = check_colors(colors)?;
    let lifetime = (*lifetime > 0.0).then(|| duration(*lifetime));
    Ok(Change::Set(ValidLayer { name: name.clone(), effect, colors, period: duration(*period), lifetime }))
}

/// The effects in the order of their numbers. Off is none.
const EFFECTS: [(&str, Option<Effect>); 5] = [
    ("off", None),
    ("solid", Some(Effect::Solid)),
    ("blink", Some(Effect::Blink)),
    ("breathe", Some(Effect::Breathe)),
    ("fade", Some(Effect::Fade(Easing::IN_OUT_SINE))),
];

fn check_name(name: &str) -> Result<(), LayerError> {
    if name.trim().is_empty() {
        return Err(LayerError::EmptyName);
    }
    let length = name.chars().count();
    if length > MAX_NAME {
        let start = name.chars().take(16).flat_map(char::escape_debug).collect();
        return Err(LayerError::LongName { length, start });
    }
    if name.chars().any(char::is_control) {
        return Err(LayerError::ControlCharacter { name: name.to_owned() });
    }
    if status::NAMES.contains(&name) {
        return Err(LayerError::ReservedName { name: name.to_owned() });
    }
    Ok(())
}

fn check_colors(colors: &[Color]) -> Result<[Color; LEDS], LayerError> {
    let each = match *colors {
        [one] => [one; LEDS],
        _ => colors.try_into().map_err(|_| LayerError::ColorCount { count: colors.len() })?,
    };
    for (index, color) in colors.iter().enumerate() {
        for (channel, value) in [("r", color.r), ("g", color.g), ("b", color.b), ("a", color.a)] {
            if !(0.0..=1.0).contains(&value) {
                return Err(LayerError::Channel { index, channel, value });
            }
        }
    }
    Ok(each)
}

/// Seconds that were checked. Less than a nanosecond becomes one: what is above 0 stays above 0.
fn duration(seconds: f64) -> Duration {
    Duration::from_secs_f64(seconds).max(Duration::from_nanos(1))
}
