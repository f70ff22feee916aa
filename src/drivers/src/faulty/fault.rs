use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// What is wrong with a bus.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Fault {
    /// Nothing.
    #[default]
    None,
    /// Nobody acknowledges: every call fails at once.
    Nak,
    /// A line is held low: every call fails after a time-out.
    Stuck,
    /// The chip restarts, as after a brown-out: its outputs go off with the next call, then it acknowledges every write
    /// without doing anything, until it is set up anew. Happens once.
    ChipReset,
    /// Every write of this number fails, in turns without and with having taken effect. 0: none does.
    EveryNth(u32),
}

/// No such fault.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{0}`; allowed are none, nak, stuck, reset, every_third")]
pub struct UnknownFault(String);

impl FromStr for Fault {
    type Err = UnknownFault;

    fn from_str(name: &str) -> Result<Self, UnknownFault> {
        match name {
            "none" => Ok(Self::None),
            "nak" => Ok(Self::Nak),
            "stuck" => Ok(Self::Stuck),
            "reset" => Ok(Self::ChipReset),
            "every_third" => Ok(Self::EveryNth(3)),
            _ => Err(UnknownFault(name.to_owned())),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "none",
            Self::Nak => "nak",
            Self::Stuck => "stuck",
            Self::ChipReset => "reset",
            Self::EveryNth(3) => "every_third",
            Self::EveryNth(n) => return write!(f, "every_{n}"),
        })
    }
}
