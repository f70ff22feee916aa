//! The layers by which the robot shows what it is doing. They lie below those of users.

use super::{Color, Effect, LEDS, ValidLayer};
use std::time::Duration;

/// What is known of the robot's other nodes. None: nobody publishes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Status {
    /// The arm's.
    pub arm: Option<ArmStatus>,
    /// That of speech.
    pub speech: Option<SpeechStatus>,
}

/// What of the arm's state is of interest here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ArmStatus {
    /// Some joint has power.
    pub powered: bool,
    /// Some joint moves.
    pub moving: bool,
    /// The emergency stop is latched. It has no light of its own: `powered` and `moving` tell what it did.
    pub emergency_stop: bool,
}

/// What of the state of speech is of interest here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SpeechStatus {
    /// Somebody is being listened to.
    pub listening: bool,
    /// A voice is heard.
    pub voice_activity: bool,
}

/// How many layers there may be.
pub(super) const COUNT: usize = 4;

/// Their names, lowest first. Users cannot have them.
pub(super) const NAMES: [&str; COUNT] = ["arm/power", "arm/moving", "speech/listening", "speech/voice"];

// Colours and periods are the original robot's.
const GREEN: [u8; 3] = [0, 64, 0];
const AMBER: [u8; 3] = [103, 46, 0];
const RED: [u8; 3] = [255, 0, 0];
const BLUE: [u8; 3] = [0, 0, 255];
const POWERED_PERIOD: Duration = Duration::from_secs(3);
const UNPOWERED_PERIOD: Duration = Duration::from_secs(6);
const BLINK_PERIOD: Duration = Duration::from_millis(100);

impl Status {
    /// The layers that show this, in the order of [`NAMES`].
    pub(super) fn layers(&self) -> [Option<ValidLayer>; COUNT] {
        let power = self.arm.map(|arm| {
            if arm.powered {
                (Effect::Breathe, GREEN, POWERED_PERIOD)
            } else {
                (Effect::Breathe, AMBER, UNPOWERED_PERIOD)
            }
        });
        let moving = self.arm.filter(|arm| arm.moving).map(|_| (Effect::Blink, RED, BLINK_PERIOD));
        let listening = self.speech.filter(|speech| speech.listening);
        let listening = listening.map(|_| (Effect::Solid, BLUE, Duration::ZERO));
        let voice = self.speech.filter(|speech| speech.voice_activity);
        let voice = voice.map(|_| (Effect::Blink, BLUE, BLINK_PERIOD));
        let shown = [power, moving, listening, voice];
        std::array::from_fn(|i| {
            let (effect, [r, g, b], period) = shown[i]?;
            let [r, g, b] = [r, g, b].map(|channel| f64::from(channel) / 255.0);
            let colors = [Color { r, g, b, a: 1.0 }; LEDS];
            Some(ValidLayer { name: NAMES[i].to_owned(), effect, colors, period, lifetime: None })
        })
    }
}
