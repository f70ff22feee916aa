use super::super::name::NameParts;
use super::super::packet::Malformed;
use super::super::request::Request;
use crate::mouse::{DeviceInfo, MAX_BUTTONS};
use std::time::Duration;

/// The most axes that a device of spacenavd has (cfgfile.h: `MAX_AXES`).
const MAX_AXES: u32 = 64;

/// What a device is; it is asked in one go and answered in this order.
#[derive(Debug)]
pub(super) struct Query {
    sent: Duration,
    parts: NameParts,
    name: String,
    axes: Option<u32>,
    buttons: Option<u32>,
    /// None: there is no device.
    kind: Option<i32>,
}

impl Query {
    /// The last one's answer makes it complete.
    pub(super) const REQUESTS: [Request; 4] =
        [Request::DeviceName, Request::DeviceAxes, Request::DeviceButtons, Request::DeviceType];

    pub(super) fn new(sent: Duration) -> Self {
        let parts = NameParts::default();
        Self { sent, parts, name: String::new(), axes: None, buttons: None, kind: None }
    }

    pub(super) fn sent(&self) -> Duration {
        self.sent
    }

    /// An answer. What makes no sense leaves out what it would have told.
    pub(super) fn answer(&mut self, request: Request, data: &[i32; 6], status: i32) -> Result<(), Malformed> {
        if status < 0 {
            return Ok(());
        }
        match request {
            Request::SetEventMask => {}
            Request::DeviceName => {
                if let Some(name) = self.parts.piece(data, status)? {
                    self.name = name;
                }
            }
            Request::DeviceAxes => self.axes = Some(count("axes", data[0], MAX_AXES)?),
            Request::DeviceButtons => self.buttons = Some(count("buttons", data[0], MAX_BUTTONS)?),
            Request::DeviceType => self.kind = Some(data[0]),
        }
        Ok(())
    }

    /// The device, if there is one. What it does not tell is as libspnav has it.
    pub(super) fn device(self) -> Option<DeviceInfo> {
        let kind = Some(self.kind?);
        let name = if self.name.is_empty() { "3D mouse without a name".to_owned() } else { self.name };
        Some(DeviceInfo { name, axes: self.axes.unwrap_or(6), buttons: self.buttons.unwrap_or(2), kind })
    }
}

fn count(what: &'static str, value: i32, max: u32) -> Result<u32, Malformed> {
    u32::try_from(value).ok().filter(|&count| count <= max).ok_or(Malformed::Count { what, value, max })
}
