use std::fmt;
use thiserror::Error;

/// How a goal ended. Only [`MoveEnd::Reached`] is a success and only [`MoveEnd::Canceled`] a cancel; the rest are aborts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MoveEnd {
    /// Every joint is at its goal.
    Reached,
    /// It was canceled and holds.
    Canceled,
    /// A newer goal or command took one of its joints.
    Preempted,
    /// Everything was stopped, and it holds.
    Stopped,
    /// The joints were powered off.
    PoweredOff,
    /// The emergency stop was pressed.
    EmergencyStop,
    /// It never started: what was true when it was validated no longer was.
    Refused,
    /// Its path led into the desk or the torso.
    Guard,
    /// It fell behind its trajectory by more than was allowed on the way.
    PathTolerance,
    /// It was not near enough to its goal in time.
    GoalTolerance,
    /// The servo bus fails.
    BusFault,
    /// The servo thread has ended.
    ShutDown,
}

impl MoveEnd {
    /// Whether the goal was reached.
    pub fn succeeded(self) -> bool {
        self == Self::Reached
    }

    /// Whether it ended because it was canceled.
    pub fn canceled(self) -> bool {
        self == Self::Canceled
    }

    pub(super) fn text(self) -> &'static str {
        match self {
            Self::Reached => "reached",
            Self::Canceled => "canceled",
            Self::Preempted => "preempted",
            Self::Stopped => "stopped",
            Self::PoweredOff => "powered off",
            Self::EmergencyStop => "emergency stop",
            Self::Refused => "refused",
            Self::Guard => "guard",
            Self::PathTolerance => "path tolerance violated",
            Self::GoalTolerance => "goal tolerance violated",
            Self::BusFault => "bus fault",
            Self::ShutDown => "shut down",
        }
    }
}

impl fmt::Display for MoveEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

/// The result of a goal.
#[derive(Debug, Clone, PartialEq)]
pub struct MoveOutcome {
    /// How it ended.
    pub end: MoveEnd,
    /// (joint index, position in rad or m) of its joints, as requested in order, where the position is known.
    pub positions: Vec<(usize, f64)>,
    /// The reason, for people.
    pub message: String,
}

impl MoveOutcome {
    /// The position of the first joint.
    pub fn position(&self) -> Option<f64> {
        self.positions.first().map(|&(_, position)| position)
    }
}

/// Why power stays off.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PowerError {
    /// The emergency stop is latched.
    #[error("power: emergency stop is on; release it first")]
    EmergencyStop,
    /// The other joints are powered.
    #[error(
        "power: position unknown of {}; not powered, as they would jump: move them to their home position by hand and \
         start with power_on: home",
        joints.join(", ")
    )]
    PositionUnknown {
        /// The joints' names.
        joints: Vec<String>,
    },
    /// The bus did not take it; it is tried again.
    #[error("power: {reason}")]
    Bus {
        /// What went wrong.
        reason: String,
    },
    /// There is no servo thread any more.
    #[error("power: the servo thread has ended")]
    Gone,
}
