use super::request::{REQ_TAG, Request};
use crate::mouse::MAX_BUTTONS;
use thiserror::Error;

/// Eight native-endian i32 (spacenavd, proto_unix.c).
pub(super) const PACKET: usize = 32;

/// A packet as words: the type, then seven of data.
pub(super) type Words = [i32; 8];

/// What the daemon sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packet {
    /// It speaks this protocol from now on: the answer to [`super::HELLO`].
    Protocol {
        /// Its version.
        version: u8,
    },
    /// The puck was moved.
    Motion {
        /// x y z rx ry rz, in the device's counts times the daemon's sensitivity.
        counts: [i32; 6],
    },
    /// A button went down or up.
    Button {
        /// Which, from 0, below [`MAX_BUTTONS`].
        button: u32,
        /// Down.
        pressed: bool,
    },
    /// A device came or went (protocol 1).
    Device {
        /// Which of both.
        change: DeviceChange,
        /// Its type, `SPNAV_DEV_*` in spnav.h.
        kind: i32,
    },
    /// The daemon's configuration, or an axis or button before its mapping: nothing that was asked for, but no harm.
    Other,
    /// The answer to a request (protocol 1).
    Answer {
        /// Which.
        request: Request,
        /// What it told.
        data: [i32; 6],
        /// Below 0: it could not; else 0, or what is left of a string.
        status: i32,
    },
}

/// What became of a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceChange {
    /// It is there.
    Added,
    /// It is not any more.
    Removed,
}

/// A packet that makes no sense; it is skipped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Malformed {
    /// Nothing that the protocol knows.
    #[error("packet of unknown type {0:#x}")]
    UnknownType(i32),
    /// An answer to something that is never asked.
    #[error("answer to the unknown request {0:#x}")]
    UnknownRequest(i32),
    /// i32's lowest is what a C compiler makes of a number that is none.
    #[error("axis {axis} is {value}, which is no deflection")]
    Axis {
        /// Which, 0 to 5.
        axis: usize,
        /// What it was.
        value: i32,
    },
    /// No device has such a button.
    #[error("button {0}; allowed are 0 to 63")]
    Button(i32),
    /// Neither added nor removed.
    #[error("device change {0}; allowed are 0 (added) and 1 (removed)")]
    DeviceChange(i32),
    /// A device with less than no axes, or with hundreds.
    #[error("{what}: {value}; allowed are 0 to {max}")]
    Count {
        /// Axes or buttons.
        what: &'static str,
        /// What it was.
        value: i32,
        /// The most that is believed.
        max: u32,
    },
    /// A name longer than the daemon has room for.
    #[error("name of {0} bytes; allowed are 0 to 255")]
    NameTooLong(usize),
    /// A piece of a name that does not go on where the last one ended.
    #[error("a name's piece with {got} bytes left, where {expected} were expected")]
    NamePiece {
        /// What should have been left.
        expected: usize,
        /// What was.
        got: usize,
    },
}

impl Packet {
    /// A packet of 32 bytes.
    pub(super) fn parse(words: Words) -> Result<Self, Malformed> {
        let [kind, data @ ..] = words;
        match kind {
            0 => motion(data),
            1 | 2 => button(data[0], kind == 1),
            3 => {
                let change = match data[0] {
                    0 => DeviceChange::Added,
                    1 => DeviceChange::Removed,
                    other => return Err(Malformed::DeviceChange(other)),
                };
                Ok(Self::Device { change, kind: data[2] })
            }
            4..=6 => Ok(Self::Other),
            _ if kind & !0xffff == REQ_TAG => {
                let request =
                    Request::from_number(kind & 0xffff).ok_or(Malformed::UnknownRequest(kind & 0xffff))?;
                let [data @ .., status] = data;
                Ok(Self::Answer { request, data, status })
            }
            _ => Err(Malformed::UnknownType(kind)),
        }
    }
}

fn motion(data: [i32; 7]) -> Result<Packet, Malformed> {
    let [counts @ .., _period_ms] = data;
    match counts.iter().position(|&value| value == i32::MIN) {
        Some(axis) => Err(Malformed::Axis { axis, value: i32::MIN }),
        None => Ok(Packet::Motion { counts }),
    }
}

fn button(number: i32, pressed: bool) -> Result<Packet, Malformed> {
    match u32::try_from(number) {
        Ok(button) if button < MAX_BUTTONS => Ok(Packet::Button { button, pressed }),
        _ => Err(Malformed::Button(number)),
    }
}
