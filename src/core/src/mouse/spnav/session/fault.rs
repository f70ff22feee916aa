use super::super::packet::Malformed;
use super::super::request::UNIT_SENSITIVITY_TYPE;
use super::{Phase, Session};
use std::time::Duration;
use thiserror::Error;

/// That many unknown types in a row, and it is not the beginnings of packets that are read.
const GARBLED: u32 = 8;

/// Why a connection is of no use any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Fault {
    /// The rest of a packet did not come.
    #[error("{0} bytes of a packet of 32, and then nothing")]
    Stalled(usize),
    /// It does not answer.
    #[error("no answer for {} s", .0.as_secs())]
    Silent(Duration),
    /// It reads nothing of what it is asked.
    #[error("it reads nothing: {0} bytes wait for it")]
    Deaf(usize),
    /// What it sends makes no sense.
    #[error("nothing but packets that make no sense, last: {0}")]
    Garbled(Malformed),
    /// It changed to a protocol that nobody asked for.
    #[error("protocol {0}; allowed are 0 and 1")]
    Protocol(u8),
}

impl Session {
    pub(super) fn skip(&mut self, error: Malformed) {
        match error {
            // A protocol 0 daemon took the greeting for a sensitivity; it is told a better one soon.
            Malformed::Axis { .. } if matches!(self.phase, Phase::Hello { .. }) => return,
            Malformed::UnknownType(UNIT_SENSITIVITY_TYPE)
                if std::mem::take(&mut self.sensitivity_refused) =>
            {
                return;
            }
            Malformed::UnknownType(_) | Malformed::UnknownRequest(_) => self.unknown_in_a_row += 1,
            _ => {}
        }
        self.malformed += 1;
        self.last_malformed = Some(error);
        if self.unknown_in_a_row >= GARBLED {
            self.fail(Fault::Garbled(error));
        }
    }

    pub(super) fn fail(&mut self, fault: Fault) {
        self.fault.get_or_insert(fault);
    }
}
