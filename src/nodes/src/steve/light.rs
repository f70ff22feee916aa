//! `steve light`: a layer of light on the LEDs.

use std::fmt;
use std::time::Duration;

use clap::ValueEnum;
use r2r::QosProfile;
use r2r::shaky_steve::msg::{LedLayer, LedState};
use r2r::std_msgs::msg::ColorRGBA;
use r2r::std_srvs::srv::Trigger;
use serde::Serialize;
use steve_core::leds::{Color, LayerRequest, validate};
use tokio::time::{sleep, timeout};

use super::Session;
use super::args::typed;
use super::connection::Setup;
use super::failure::Failure;

/// The topic.
const SET: &str = "leds/set";
/// Where it shows that it was taken.
const STATE: &str = "leds/state";
/// The service that takes every layer away.
const CLEAR: &str = "leds/clear";
/// How long the LEDs may take to show that they took it: nobody looking, they tell an animation once a second.
const TAKEN: Duration = Duration::from_millis(1500);
/// A message needs a moment to go out.
const GOES_OUT: Duration = Duration::from_millis(50);

/// What `light` takes.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  steve light orange
  steve light '#ff0040' --effect breathe --period 2 --lifetime 10
  steve light red green blue white
  steve light off               takes that away again
  steve light clear             takes away what other programs set, too")]
pub(super) struct Args {
    /// One colour for all LEDs or four, as CSS writes them: `red`, `#ff0040`, `rgb(255 0 64 / 50%)`; or `off`, or `clear`
    #[arg(required = true, num_args = 1.., value_name = "COLOR")]
    colors: Vec<String>,
    /// What the layer does
    #[arg(long, value_enum, default_value_t = Effect::Solid)]
    effect: Effect,
    /// Seconds of one blink or breath, or until the fade is done
    #[arg(long, value_name = "SECONDS", default_value = "1", value_parser = typed)]
    period: String,
    /// Seconds until it goes by itself; 0 = it stays
    #[arg(long, value_name = "SECONDS", default_value = "0", value_parser = typed)]
    lifetime: String,
    /// The layer's name; one of the same name is replaced
    #[arg(long, default_value = "steve")]
    name: String,
}

/// The effects of LedLayer.msg, and its numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Effect {
    /// Steady
    Solid,
    /// On and off
    Blink,
    /// Swells and fades
    Breathe,
    /// From what is seen to the colours
    Fade,
}

impl Effect {
    fn number(self) -> u8 {
        match self {
            Self::Solid => LedLayer::SOLID as u8,
            Self::Blink => LedLayer::BLINK as u8,
            Self::Breathe => LedLayer::BREATHE as u8,
            Self::Fade => LedLayer::FADE as u8,
        }
    }
}

/// What was done.
#[derive(Debug, Serialize)]
struct Lit {
    success: bool,
    message: String,
    layers: Vec<String>,
}

impl fmt::Display for Lit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; layers now: {}", self.message, self.layers.join(", "))
    }
}

/// Carries it out.
pub(super) async fn run(args: &Args, session: &Session) -> Result<(), Failure> {
    let word = match args.colors.as_slice() {
        [word] => word.as_str(),
        _ => "",
    };
    let request = if word == "clear" { None } else { Some(request(args, word == "off")?) };
    let mut setup = Setup::new(session)?;
    let latched = QosProfile::default().keep_last(1).reliable().transient_local();
    let mut state = setup.latest::<LedState>(STATE, latched)?;
    let clear = setup.service::<Trigger::Service>(CLEAR)?;
    let set = setup.spinner().publisher::<LedLayer>(SET, QosProfile::default())?;
    let mut connection = setup.connect()?;
    let seen = async { state.wait_for(Option::is_some).await.is_ok() };
    connection.find(STATE, seen).await?;

    let message = match &request {
        None => connection.call(&clear, &Trigger::Request::default()).await?.message,
        Some(request) => {
            let failure = |error| Failure::ros(format!("publishing {SET}"), error);
            let listened_to = set.wait_for_inter_process_subscribers().map_err(failure)?;
            connection.find(&format!("subscriber of {SET}"), listened_to).await?.map_err(failure)?;
            let is_off = request.effect == LedLayer::OFF as u8;
            let there = |state: &Option<LedState>| {
                state.as_ref().is_some_and(|state| state.layers.contains(&request.name) != is_off)
            };
            // Then it shows only in the colours, if at all: it gets a moment more to go out.
            let replaces = there(&state.borrow());
            let message = layer(request);
            let taken = async {
                // Twice, should a recorder that listens as well have been found before the LEDs.
                for _ in 0..2 {
                    set.publish(&message).map_err(failure)?;
                    sleep(if replaces { GOES_OUT * 4 } else { GOES_OUT }).await;
                    if timeout(TAKEN, state.wait_for(there)).await.is_ok() {
                        return Ok(());
                    }
                }
                Err(Failure::Refused(
                    "the LEDs did not take it; the log of the node leds says why".to_owned(),
                ))
            };
            connection.until_interrupted(taken).await??;
            let done = if is_off { "is off" } else { "is on" };
            format!("layer {} {done}", request.name)
        }
    };
    let layers = state.borrow().as_ref().map_or_else(Vec::new, |state| state.layers.clone());
    session.console.tell(&Lit { success: true, message, layers })
}

/// The layer that is asked for, which the LEDs will take.
fn request(args: &Args, off: bool) -> Result<LayerRequest, Failure> {
    let seconds = |option: &str, text: &str| {
        text.parse::<f64>().map_err(|_| Failure::Usage(format!("{option}: {text} is no number of seconds")))
    };
    let request = LayerRequest {
        name: args.name.clone(),
        effect: if off { LedLayer::OFF as u8 } else { args.effect.number() },
        colors: if off {
            Vec::new()
        } else {
            args.colors.iter().map(|text| color(text)).collect::<Result<_, _>>()?
        },
        period: seconds("--period", &args.period)?,
        lifetime: seconds("--lifetime", &args.lifetime)?,
    };
    validate(&request).map_err(|error| Failure::Usage(error.to_string()))?;
    Ok(request)
}

fn color(text: &str) -> Result<Color, Failure> {
    let color = csscolorparser::parse(text).map_err(|_| {
        Failure::Usage(format!(
            "{text} is no colour; allowed are CSS's, as red, #ff0040, rgb(255 0 64 / 50%), and off, clear"
        ))
    })?;
    let [r, g, b, a] = color.to_array().map(|channel| f64::from(channel).clamp(0.0, 1.0));
    Ok(Color { r, g, b, a })
}

fn layer(request: &LayerRequest) -> LedLayer {
    let channels = |color: &Color| {
        let [r, g, b, a] = [color.r, color.g, color.b, color.a].map(|channel| channel as f32);
        ColorRGBA { r, g, b, a }
    };
    LedLayer {
        name: request.name.clone(),
        effect: request.effect,
        colors: request.colors.iter().map(channels).collect(),
        period: request.period,
        lifetime: request.lifetime,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_those_of_css() {
        let red = Color { r: 1.0, g: 0.0, b: 0.0, a: 1.0 };
        for text in ["red", "#f00", "#ff0000", "rgb(255 0 0)"] {
            assert_eq!(color(text).unwrap(), red, "{text}");
        }
        assert_eq!(color("#0000ff80").unwrap().a, f64::from(0x80_u8 as f32 / 255.0));
        assert!(color("reddish").unwrap_err().to_string().contains("reddish is no colour"));
    }
}
