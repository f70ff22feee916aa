use super::packet::{Malformed, PACKET, Packet};
use super::request::CHANGE_PROTOCOL;

/// Makes packets of bytes that come in any portions, of protocol 0 or 1.
///
/// Packets are 32 bytes long, but for one answer of 4 bytes: that to [`super::HELLO`]. Until it has come, a packet that begins
/// like it is it; events have other beginnings.
#[derive(Debug, Clone)]
pub struct Decoder {
    bytes: [u8; PACKET],
    length: usize,
    greeted: bool,
}

impl Default for Decoder {
    fn default() -> Self {
        Self::new()
    }
}

impl Decoder {
    /// At the beginning of a connection.
    pub fn new() -> Self {
        Self { bytes: [0; PACKET], length: 0, greeted: false }
    }

    /// Takes bytes up to the end of one packet. The rest of the bytes, and the packet if it is complete.
    ///
    /// A packet that makes no sense is an error, and the next one begins behind it.
    pub fn next<'a>(&mut self, bytes: &'a [u8]) -> (&'a [u8], Option<Result<Packet, Malformed>>) {
        // The type tells how long the packet is.
        let (bytes, complete) = self.fill(bytes, 4);
        if !complete {
            return (bytes, None);
        }
        let kind = self.word(0);
        if !self.greeted && kind & !0xff == CHANGE_PROTOCOL {
            (self.length, self.greeted) = (0, true);
            return (bytes, Some(Ok(Packet::Protocol { version: (kind & 0xff) as u8 })));
        }
        let (bytes, complete) = self.fill(bytes, PACKET);
        if !complete {
            return (bytes, None);
        }
        self.length = 0;
        let words = std::array::from_fn(|index| self.word(index));
        (bytes, Some(Packet::parse(words)))
    }

    /// How many bytes of a packet that is not complete have come; 0 between packets.
    pub fn pending(&self) -> usize {
        self.length
    }

    /// Up to `length` bytes of the packet.
    fn fill<'a>(&mut self, bytes: &'a [u8], length: usize) -> (&'a [u8], bool) {
        let missing = length.saturating_sub(self.length).min(bytes.len());
        let (taken, rest) = bytes.split_at(missing);
        self.bytes[self.length..self.length + missing].copy_from_slice(taken);
        self.length += missing;
        (rest, self.length >= length)
    }

    fn word(&self, index: usize) -> i32 {
        let mut word = [0; 4];
        word.copy_from_slice(&self.bytes[4 * index..4 * index + 4]);
        i32::from_ne_bytes(word)
    }
}
