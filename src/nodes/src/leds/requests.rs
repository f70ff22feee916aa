//! `~/set` and `~/clear`.

use std::sync::Arc;
use std::time::{Duration, Instant};

use r2r::QosProfile;
use r2r::shaky_steve::msg::LedLayer;
use r2r::std_srvs::srv::Trigger;
use steve_core::leds::{Color, LayerRequest};

use super::NAME;
use super::layers::Layers;
use crate::error::NodeError;
use crate::logging::Throttle;
use crate::service::serve_now;
use crate::spin::Spinner;

/// How many layers may come at once: all that there may be, taken away and set anew, and some to spare.
const BURST: usize = 200;

pub(super) fn subscribe(spinner: &mut Spinner, layers: Arc<Layers>) -> Result<(), NodeError> {
    let mut throttle = Throttle::new(Duration::from_secs(1));
    spinner.subscribe("~/set", QosProfile::default().keep_last(BURST), move |message: LedLayer| {
        if let Err(error) = layers.ask(&request(message)) {
            throttle.warn_different(Instant::now(), NAME, &format!("~/set refused: {error}"));
        }
    })
}

pub(super) fn serve_clear(spinner: &mut Spinner, layers: Arc<Layers>) -> Result<(), NodeError> {
    serve_now::<Trigger::Service>(spinner, "~/clear", died, move |_| {
        let message = match layers.clear() {
            0 => "there was no layer".to_owned(),
            1 => "1 layer went".to_owned(),
            gone => format!("{gone} layers went"),
        };
        Trigger::Response { success: true, message }
    })
}

fn died() -> Trigger::Response {
    Trigger::Response { success: false, message: "the node ended or failed before it could answer".into() }
}

fn request(message: LedLayer) -> LayerRequest {
    let colors = message.colors.iter().map(|color| {
        let [r, g, b, a] = [color.r, color.g, color.b, color.a].map(f64::from);
        Color { r, g, b, a }
    });
    LayerRequest {
        colors: colors.collect(),
        name: message.name,
        effect: message.effect,
        period: message.period,
        lifetime: message.lifetime,
    }
}
