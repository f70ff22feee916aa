use std::time::Duration;

use thiserror::Error;

use super::Mode;

/// A message of axes and buttons that is not one. It moves nothing, and what moved stops.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum JoyError {
    /// A number that is none.
    #[error("axes[{axis}]: {value} is not a finite number")]
    NotFinite {
        /// Which axis.
        axis: usize,
        /// Its value.
        value: f64,
    },
    /// The mapping has an axis that the device has not.
    #[error(
        "axes: {axes} of them; the profile `{profile}` needs at least {needed}: is it the profile of this device?"
    )]
    TooFewAxes {
        /// The profile's name.
        profile: String,
        /// So many there are.
        axes: usize,
        /// So many are mapped, the greatest number and those below it.
        needed: usize,
    },
    /// No device has so many.
    #[error("{field}: {count} entries; at most {} are allowed", super::state::MOST_ENTRIES)]
    TooMany {
        /// `axes` or `buttons`.
        field: &'static str,
        /// So many there are.
        count: usize,
    },
}

/// Something that the person at the device should know: why nothing moves.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum Notice {
    /// Nothing came for too long while something was deflected or held.
    #[error(
        "no input for {:.2} s: stopped; let go of everything to go on (does the device repeat a held deflection?)",
        timeout.as_secs_f64()
    )]
    Lost {
        /// [`super::Options::timeout`].
        timeout: Duration,
    },
    /// A message was older than the timeout when it came.
    #[error(
        "header.stamp: {:.2} s old; at most {:.2} s are allowed: stopped (do the clocks of the two machines agree?)",
        age.as_secs_f64(), timeout.as_secs_f64()
    )]
    Stale {
        /// Its age.
        age: Duration,
        /// [`super::Options::timeout`].
        timeout: Duration,
    },
    /// The device is known to be gone.
    #[error("the device is gone: stopped; once it is back, let go of everything to go on")]
    Gone,
    /// A button was seen pressed first of all.
    #[error(
        "button {button} is ignored: it may have been held since before the first message, or during a loss; press it once more"
    )]
    PressUnknown {
        /// Which.
        button: usize,
    },
    /// Something is deflected that was not seen centred.
    #[error("let go of everything once: axis {axis} has to be seen centred before anything moves")]
    NotCentred {
        /// The first of them.
        axis: usize,
    },
    /// The dead man's button is not held.
    #[error("button {button} has to be held for anything to move")]
    DeadMan {
        /// Which.
        button: usize,
    },
    /// The arm's state was not seen.
    #[error("the arm is not there: nothing is sent to it")]
    NoArm,
    /// The emergency stop is latched.
    #[error("emergency stop: nothing is sent to the arm until it is released")]
    EmergencyStop,
    /// Cartesian mode needs to know where the joints are.
    #[error("cartesian mode: the position of {} is unknown: the arm's parameter power_on:=home finds it, see docs/hardware.md", joints.join(", "))]
    PositionUnknown {
        /// Whose.
        joints: Vec<String>,
    },
    /// Cartesian mode needs to know where the joints are now.
    #[error("cartesian mode: joint_states are old, {}; the hand moves only while they come every {:.1} s (is the arm's state_rate too low?)",
        age.map_or("none came yet".to_owned(), |age| format!("the last came {:.2} s ago", age.as_secs_f64())),
        super::POSITIONS_EVERY.as_secs_f64())]
    PositionsOld {
        /// How old the last are; `None`: there were none.
        age: Option<Duration>,
    },
    /// Cartesian mode without measures of the arm.
    #[error("{} mode: no measures of the arm (URDF), so its hand cannot be moved", Mode::Cartesian.as_str())]
    NoHand,
}
