//! Events and deflections -> messages.

use r2r::builtin_interfaces::msg::Time;
use r2r::geometry_msgs::msg::{Twist, TwistStamped, Vector3};
use r2r::sensor_msgs::msg::Joy as JoyMessage;
use r2r::shaky_steve::msg::MouseEvent as EventMessage;
use r2r::std_msgs::msg::Header;
use r2r::{Publisher, QosProfile};
use steve_core::mouse::{Joy, MouseEvent};

use super::NAME;
use crate::error::NodeError;
use crate::parameters::Parameters;
use crate::spin::Spinner;

/// The node's publishers, and what `~/events` told last.
pub(super) struct Publishers {
    events: Publisher<EventMessage>,
    joy: Publisher<JoyMessage>,
    offset: Publisher<Vector3>,
    rot_offset: Publisher<Vector3>,
    twist: TwistPublisher,
    last: EventMessage,
    scales: Scales,
}

/// One or the other, as `use_twist_stamped` says.
enum TwistPublisher {
    Plain(Publisher<Twist>),
    Stamped(Publisher<TwistStamped>),
}

/// Factors between the axes and what is published, x y z.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Scales {
    linear: [f64; 3],
    angular: [f64; 3],
}

impl Publishers {
    /// On the topics of interface.md: those of the package `spacenav` with its depth of ten, all reliable.
    pub(super) fn create(spinner: &mut Spinner, parameters: &Parameters) -> Result<Self, NodeError> {
        let qos = QosProfile::default;
        Ok(Self {
            events: spinner.publisher("~/events", qos())?,
            joy: spinner.publisher("spacenav/joy", qos())?,
            offset: spinner.publisher("spacenav/offset", qos())?,
            rot_offset: spinner.publisher("spacenav/rot_offset", qos())?,
            twist: if parameters.flag("use_twist_stamped") {
                TwistPublisher::Stamped(spinner.publisher("spacenav/twist_stamped", qos())?)
            } else {
                TwistPublisher::Plain(spinner.publisher("spacenav/twist", qos())?)
            },
            last: EventMessage::default(),
            scales: Scales::of(parameters),
        })
    }

    /// Takes scales that were set while the node runs.
    pub(super) fn follow(&mut self, parameters: &Parameters) {
        self.scales = Scales::of(parameters);
    }

    /// Tells `event` on `~/events`.
    pub(super) fn event(&mut self, stamp: &Time, event: &MouseEvent) {
        tell(&mut self.last, event);
        self.last.header.stamp = stamp.clone();
        report("~/events", self.events.publish(&self.last));
    }

    /// Tells axes and buttons on `spacenav/joy`.
    pub(super) fn joy(&self, stamp: &Time, joy: &Joy) {
        let message = JoyMessage {
            header: header(stamp),
            axes: joy.axes.iter().map(|axis| *axis as f32).collect(),
            buttons: joy.buttons.iter().map(|pressed| i32::from(*pressed)).collect(),
        };
        report("spacenav/joy", self.joy.publish(&message));
    }

    /// Tells the axes, scaled, on the other topics.
    pub(super) fn motion(&self, stamp: &Time, joy: &Joy) {
        let Twist { linear, angular } = self.scales.twist(&joy.axes);
        report("spacenav/offset", self.offset.publish(&linear));
        report("spacenav/rot_offset", self.rot_offset.publish(&angular));
        let twist = Twist { linear, angular };
        match &self.twist {
            TwistPublisher::Plain(publisher) => report("spacenav/twist", publisher.publish(&twist)),
            TwistPublisher::Stamped(publisher) => {
                let stamped = TwistStamped { header: header(stamp), twist };
                report("spacenav/twist_stamped", publisher.publish(&stamped));
            }
        }
    }
}

impl Scales {
    fn of(parameters: &Parameters) -> Self {
        let three = |kind| ["x", "y", "z"].map(|axis| parameters.number(&format!("{kind}/{axis}")));
        Self { linear: three("linear_scale"), angular: three("angular_scale") }
    }

    fn twist(&self, axes: &[f64; 6]) -> Twist {
        let [x, y, z, rx, ry, rz] = axes;
        let vector = |scale: [f64; 3], x, y, z| Vector3 { x: x * scale[0], y: y * scale[1], z: z * scale[2] };
        Twist { linear: vector(self.linear, x, y, z), angular: vector(self.angular, rx, ry, rz) }
    }
}

/// Puts `event` into the message; what does not belong to its type stays.
fn tell(message: &mut EventMessage, event: &MouseEvent) {
    message.type_ = match event {
        MouseEvent::Motion { axes } => {
            message.axes = axes.to_vec();
            EventMessage::MOTION as u8
        }
        MouseEvent::Button { button, pressed } => {
            (message.button, message.pressed) = (*button, *pressed);
            EventMessage::BUTTON as u8
        }
        MouseEvent::Device { name, connected } => {
            (message.device, message.connected) = (name.clone(), *connected);
            EventMessage::DEVICE as u8
        }
    };
}

fn header(stamp: &Time) -> Header {
    Header { stamp: stamp.clone(), frame_id: String::new() }
}

fn report(topic: &str, outcome: r2r::Result<()>) {
    if let Err(error) = outcome {
        log::debug!(target: NAME, "{topic} could not be published: {error}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_keeps_what_does_not_belong_to_it() {
        let mut message = EventMessage::default();
        tell(&mut message, &MouseEvent::Device { name: "puck".into(), connected: true });
        tell(&mut message, &MouseEvent::Motion { axes: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6] });
        tell(&mut message, &MouseEvent::Button { button: 7, pressed: true });
        assert_eq!(message.type_, EventMessage::BUTTON as u8);
        assert_eq!((message.button, message.pressed), (7, true));
        assert_eq!(message.axes, [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]);
        assert_eq!((message.device.as_str(), message.connected), ("puck", true));
    }

    #[test]
    fn each_axis_has_a_scale_of_its_own() {
        let scales = Scales { linear: [1.0, 2.0, 3.0], angular: [4.0, 5.0, -6.0] };
        let Twist { linear, angular } = scales.twist(&[1.0, 1.0, 0.5, 1.0, 1.0, 1.0]);
        assert_eq!([linear.x, linear.y, linear.z], [1.0, 2.0, 1.5]);
        assert_eq!([angular.x, angular.y, angular.z], [4.0, 5.0, -6.0]);
    }
}
