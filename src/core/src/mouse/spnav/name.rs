use super::packet::Malformed;

/// The most that spacenavd has room for, with its end (dev.h: `MAX_DEV_NAME`).
const MAX_NAME: usize = 255;

/// Bytes in a piece (proto.h: `REQSTR_CHUNK_SIZE`).
const PIECE: usize = 24;

/// Set in pieces that go on (proto.h: `REQSTR_CONT_BIT`).
const GOES_ON: i32 = 0x1_0000;

/// A device's name, that comes in pieces of 24 bytes; each says how many bytes are left, its own among them.
#[derive(Debug, Clone, Default)]
pub struct NameParts {
    bytes: Vec<u8>,
    left: usize,
}

impl NameParts {
    /// One piece: the data of an answer and its status, which is not below 0. The name when it is complete; it holds no
    /// control characters.
    ///
    /// What is wrong discards the name so far.
    pub fn piece(&mut self, data: &[i32; 6], status: i32) -> Result<Option<String>, Malformed> {
        let got = (status & 0xffff) as usize;
        if status & GOES_ON == 0 {
            *self = Self { bytes: Vec::new(), left: got };
            if got > MAX_NAME {
                *self = Self::default();
                return Err(Malformed::NameTooLong(got));
            }
        } else if got != self.left || got == 0 {
            let expected = std::mem::take(self).left;
            return Err(Malformed::NamePiece { expected, got });
        }
        let piece = data.iter().flat_map(|word| word.to_ne_bytes());
        self.bytes.extend(piece.take(PIECE.min(self.left)));
        self.left = self.left.saturating_sub(PIECE);
        if self.left > 0 {
            return Ok(None);
        }
        let name = std::mem::take(self).bytes;
        Ok(Some(String::from_utf8_lossy(&name).replace(char::is_control, " ").trim().to_owned()))
    }
}
