use std::fmt;
use std::str::FromStr;
use std::time::Duration;
use thiserror::Error;

/// What powering a joint does whose position nobody knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum PowerOn {
    /// It stays off: it would jump.
    #[default]
    Refuse,
    /// It goes home slowly: at first only few of its frames carry a pulse, then ever more.
    Home,
}

/// No such policy.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{0}`; allowed are refuse, home")]
pub struct UnknownPowerOn(String);

impl FromStr for PowerOn {
    type Err = UnknownPowerOn;

    fn from_str(name: &str) -> Result<Self, UnknownPowerOn> {
        match name {
            "refuse" => Ok(Self::Refuse),
            "home" => Ok(Self::Home),
            _ => Err(UnknownPowerOn(name.to_owned())),
        }
    }
}

impl fmt::Display for PowerOn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Refuse => "refuse",
            Self::Home => "home",
        })
    }
}

/// How an arm behaves beyond what its robot is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ArmOptions {
    /// What powering a joint does whose position nobody knows.
    pub power_on: PowerOn,
    /// At rest for so long, the servos are powered off; none = never.
    pub idle_timeout: Option<Duration>,
}
