//! `/diagnostics` of the node: the way to the mouse, and the mouse.

use r2r::diagnostic_msgs::msg::DiagnosticArray;
use r2r::{Publisher, QosProfile};
use steve_drivers::mouse::MouseStatus;

use super::NAME;
use crate::diagnostics::{Level, Status, array};
use crate::error::NodeError;
use crate::spin::Spinner;

/// Tells how the mouse is.
pub(super) struct Health {
    publisher: Publisher<DiagnosticArray>,
    source: String,
    told: Told,
}

/// What the last message told, so that what went wrong since shows once and goes.
#[derive(Debug, Clone, Copy, Default)]
struct Told {
    malformed: u64,
    lost: u64,
    late: u64,
}

impl Health {
    pub(super) fn create(spinner: &mut Spinner, source: &str) -> Result<Self, NodeError> {
        let publisher = spinner.publisher("/diagnostics", QosProfile::default())?;
        Ok(Self { publisher, source: source.to_owned(), told: Told::default() })
    }

    pub(super) fn publish(&mut self, now: &MouseStatus) {
        let hardware = now.device.as_ref().map_or("", |device| &device.name);
        let message = array(hardware, vec![source(&self.source, now, self.told), device(now)]);
        if let Err(error) = self.publisher.publish(&message) {
            log::debug!(target: NAME, "/diagnostics could not be published: {error}");
        }
        self.told = Told { malformed: now.malformed, lost: now.lost, late: now.late };
    }
}

fn source(name: &str, now: &MouseStatus, told: Told) -> Status {
    let status = Status::new(NAME, "source")
        .value("source", name)
        .value("connected", now.connected)
        .value("protocol", now.protocol.map_or("unknown".to_owned(), |protocol| protocol.to_string()))
        .value("events", now.events)
        .value("reconnects", now.reconnects)
        .value("malformed packets", now.malformed)
        .value("lost events", now.lost)
        .value("times too late", now.late)
        .value("last error", now.last_error.as_deref().unwrap_or("none"));
    if !now.connected {
        let why = now.last_error.as_deref().unwrap_or("it has not answered yet");
        status.summary(
            Level::Warn,
            format!("no {name}: {why}; is it installed (apt install spacenavd) and running?"),
        )
    } else if now.malformed > told.malformed {
        status.summary(Level::Warn, "packets that make no sense came and were skipped")
    } else if now.lost > told.lost {
        status.summary(Level::Warn, "events were lost: they were not taken in time")
    } else if now.late > told.late {
        status.summary(Level::Warn, "events may be lost: this process was held up; what was held was let go")
    } else {
        status
    }
}

fn device(now: &MouseStatus) -> Status {
    let status = Status::new(NAME, "device");
    let Some(device) = &now.device else {
        let what = if now.connected { "no 3D mouse: plug one in" } else { "unknown" };
        return status.summary(Level::Warn, what);
    };
    let kind = device.kind.map_or("unknown".to_owned(), |kind| format!("0x{kind:x}"));
    status
        .summary(Level::Ok, &device.name)
        .value("name", &device.name)
        .value("axes", device.axes)
        .value("buttons", device.buttons)
        .value("type", kind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use steve_core::mouse::DeviceInfo;

    fn connected() -> MouseStatus {
        let device = DeviceInfo { name: "SpaceNavigator".into(), axes: 6, buttons: 2, kind: Some(0x206) };
        MouseStatus { connected: true, device: Some(device), ..Default::default() }
    }

    fn text(status: &Status) -> String {
        format!("{status:?}")
    }

    #[test]
    fn without_a_daemon_it_says_what_to_do() {
        let status = MouseStatus { last_error: Some("nobody listens".into()), ..Default::default() };
        let text = text(&source("spacenavd", &status, Told::default()));
        assert!(text.contains("Warn") && text.contains("nobody listens; is it installed"), "{text}");
    }

    #[test]
    fn without_a_mouse_it_says_what_to_do() {
        let text = text(&device(&MouseStatus { device: None, ..connected() }));
        assert!(text.contains("Warn") && text.contains("plug one in"), "{text}");
    }

    #[test]
    fn lost_events_show_once() {
        let status = MouseStatus { lost: 3, ..connected() };
        let first = source("sim", &status, Told::default());
        assert!(text(&first).contains("Warn"), "{first:?}");
        let second = source("sim", &status, Told { lost: 3, ..Told::default() });
        assert!(!text(&second).contains("Warn"), "{second:?}");
    }

    #[test]
    fn the_device_is_told_with_its_axes_and_buttons() {
        let text = text(&device(&connected()));
        assert!(text.contains("Ok") && text.contains("SpaceNavigator") && text.contains("0x206"), "{text}");
    }
}
