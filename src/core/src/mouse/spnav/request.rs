use super::packet::PACKET;

/// The upper half of what is asked, and of every answer's type (spacenavd, proto.h: `REQ_TAG`). A float with these bits is
/// not a number.
pub(super) const REQ_TAG: i32 = 0x7faa_0000;

/// `REQ_CHANGE_PROTO`; the lowest byte is the version.
pub(super) const CHANGE_PROTOCOL: i32 = REQ_TAG | 0x5500;

/// The newest protocol that is spoken here.
const VERSION: i32 = 1;

/// Asks for protocol 1, the first thing that is sent. A daemon that only knows protocol 0 takes it for a sensitivity that is
/// not a number, and needs [`UNIT_SENSITIVITY`] afterwards.
pub const HELLO: [u8; 4] = (CHANGE_PROTOCOL | VERSION).to_ne_bytes();

/// Protocol 0: motions are told as they are.
pub const UNIT_SENSITIVITY: [u8; 4] = 1.0_f32.to_ne_bytes();

/// [`UNIT_SENSITIVITY`] as the type of an answer: what a daemon that changed to protocol 1 after all says to it.
pub(super) const UNIT_SENSITIVITY_TYPE: i32 = i32::from_ne_bytes(UNIT_SENSITIVITY);

/// What makes a request (that is refused) of a [`UNIT_SENSITIVITY`] sent to a daemon that changed to protocol 1 after all.
pub(super) const REST_OF_A_REQUEST: [u8; PACKET - 4] = [0; PACKET - 4];

/// Motions, buttons, devices that come and go (spnav.h: `SPNAV_EVMASK_*`).
pub(super) const EVENTS: i32 = 0x01 | 0x02 | 0x04;

/// What a daemon that speaks protocol 1 can be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Request {
    /// Which events it sends; data 0 is the mask.
    SetEventMask,
    /// The device's name; see [`super::NameParts`].
    DeviceName,
    /// How many axes it has; data 0.
    DeviceAxes,
    /// How many buttons it has; data 0.
    DeviceButtons,
    /// Its type; data 0.
    DeviceType,
}

impl Request {
    const ALL: [Self; 5] =
        [Self::SetEventMask, Self::DeviceName, Self::DeviceAxes, Self::DeviceButtons, Self::DeviceType];

    const fn number(self) -> i32 {
        match self {
            Self::SetEventMask => 0x1003,
            Self::DeviceName => 0x2000,
            Self::DeviceAxes => 0x2002,
            Self::DeviceButtons => 0x2003,
            Self::DeviceType => 0x2005,
        }
    }

    pub(super) fn from_number(number: i32) -> Option<Self> {
        Self::ALL.into_iter().find(|request| request.number() == number)
    }

    /// The type of the request and of its answer.
    pub const fn tag(self) -> i32 {
        REQ_TAG | self.number()
    }

    /// The request as it is sent. `first` is its first word of data.
    pub fn bytes(self, first: i32) -> [u8; PACKET] {
        let mut bytes = [0; PACKET];
        bytes[..4].copy_from_slice(&self.tag().to_ne_bytes());
        bytes[4..8].copy_from_slice(&first.to_ne_bytes());
        bytes
    }
}
