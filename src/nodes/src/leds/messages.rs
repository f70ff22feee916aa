//! What is seen -> messages.

use r2r::builtin_interfaces::msg::Duration as RosDuration;
use r2r::geometry_msgs::msg::{Point, Pose, Quaternion, Vector3};
use r2r::shaky_steve::msg::LedState;
use r2r::std_msgs::msg::{ColorRGBA, Header};
use r2r::visualization_msgs::msg::{Marker, MarkerArray};
use steve_core::leds::{Frame, LEDS, Look};

use crate::time;

/// Diameter of a marker in m: a little more than the lamp of urdf/steve.urdf, which it covers.
const DIAMETER: f64 = 0.008;
/// Where that lamp's middle is on its link's x axis, in m.
const MIDDLE: f64 = 0.003;
/// How long rviz keeps a marker that nobody renews, in s: when the node has gone, so do its lights.
const KEPT: i32 = 3;

/// Colours in the steps of a screen: what does not differ in these does not differ to who looks.
pub(super) type Steps = [[u8; 3]; LEDS];

pub(super) fn steps(frame: &Frame) -> Steps {
    // Saturates: a cast of what is outside or no number is 0 or 255.
    frame.leds.map(|led| led.map(|value| (value * 255.0).round() as u8))
}

pub(super) fn led_state(frame: &Frame, layers: &[String]) -> LedState {
    LedState {
        header: time::header_now(""),
        leds: frame.leds.iter().map(|led| color(led, 1.0)).collect(),
        layers: layers.to_vec(),
    }
}

/// A sphere for each LED, in its frame.
pub(super) fn markers(frame: &Frame, look: &Look) -> MarkerArray {
    // The eye sees light to the power of 1 / gamma, near enough.
    let dimmed = look.brightness.powf(1.0 / look.gamma);
    let marker = |(index, led): (usize, &[f64; 3])| Marker {
        // No stamp: rviz takes the newest transform there is, whatever the clocks of two machines say.
        header: Header { frame_id: format!("led_{index}"), ..Header::default() },
        ns: "leds".into(),
        id: i32::try_from(index).unwrap_or(i32::MAX),
        type_: Marker::SPHERE as i32,
        action: Marker::ADD as i32,
        pose: Pose {
            position: Point { x: MIDDLE, y: 0.0, z: 0.0 },
            orientation: Quaternion { x: 0.0, y: 0.0, z: 0.0, w: 1.0 },
        },
        scale: Vector3 { x: DIAMETER, y: DIAMETER, z: DIAMETER },
        color: color(led, dimmed),
        lifetime: RosDuration { sec: KEPT, nanosec: 0 },
        frame_locked: true,
        ..Marker::default()
    };
    MarkerArray { markers: frame.leds.iter().enumerate().map(marker).collect() }
}

fn color(led: &[f64; 3], dimmed: f64) -> ColorRGBA {
    let [r, g, b] = led.map(|value| (value * dimmed) as f32);
    ColorRGBA { r, g, b, a: 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_those_of_a_screen() {
        let frame = Frame { leds: [[0.0, 1.0, 0.5], [0.001, 0.003, 0.999], [0.0; 3], [f64::NAN, -1.0, 2.0]] };
        assert_eq!(steps(&frame), [[0, 255, 128], [0, 1, 255], [0; 3], [0, 0, 255]]);
    }

    #[test]
    fn half_as_much_light_is_more_than_half_as_bright_to_the_eye() {
        let frame = Frame { leds: [[1.0, 0.5, 0.0]; LEDS] };
        let array = markers(&frame, &Look { gamma: 2.0, brightness: 0.25 });
        assert_eq!(array.markers.len(), LEDS);
        let color = &array.markers[3].color;
        assert_eq!((color.r, color.g, color.b, color.a), (0.5, 0.25, 0.0, 1.0));
        assert_eq!(array.markers[3].header.frame_id, "led_3");
    }
}
