/// Bytes to packets.
mod decoder;
/// The name of a device, that comes in pieces.
mod name;
/// What the daemon sends.
mod packet;
/// What it is asked.
mod request;
/// A connection.
mod session;

pub use decoder::Decoder;
pub use name::NameParts;
pub use packet::{DeviceChange, Malformed, Packet};
pub use request::{HELLO, Request, UNIT_SENSITIVITY};
pub use session::{Fault, Session};
