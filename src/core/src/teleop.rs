//! Moving the arm by hand: axes and buttons of a 3D mouse or a game pad to joint velocities and actions.
//!
//! [`Profiles::from_yaml`] reads the mapping (`config/teleop.yaml`), [`Teleop`] does it. It has no clock and no topics: `now`
//! is handed in, as a time since any fixed moment, and whoever hands it in sends what [`Teleop::poll`] returns.
//!
//! What moves the arm is never older than [`Options::timeout`], and nothing moves by an axis that was not seen centred
//! since the start, a stop, a loss of the input or a change of the mode. No joint gets faster than it can brake from within
//! [`RESTS_WITHIN`] of the last message.

/// From a share of full deflection to a speed.
mod axis;
/// How fast a joint may get to be at rest in time.
mod braking;
/// A joint that a button moves while it is held.
mod grip;
/// The hand's joints, in Cartesian mode.
mod hand;
/// Which fields a profile has, and what may stand in each.
mod keys;
/// What is wrong with a message, and what is worth telling.
mod notice;
/// What a mapping file says.
mod profile;
/// From the file to profiles.
mod read;
/// From the file to what a button does.
mod read_button;
/// The state machine.
mod state;

use std::time::Duration;

pub use crate::cartesian::HandTwist;
pub use axis::AxisMap;
pub use braking::RESTS_WITHIN;
pub use hand::HandSolver;
pub use notice::{JoyError, Notice};
pub use profile::{ButtonAction, GripMap, HandAxes, JointAxis, Profile, Profiles, UnknownProfile};
pub use state::Teleop;

/// Cartesian mode moves the hand only while positions come no further apart than this.
pub const POSITIONS_EVERY: Duration = Duration::from_millis(100);

/// What the axes move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mode {
    /// Each axis a joint.
    Joint,
    /// The axes together the hand.
    Cartesian,
}

impl Mode {
    /// The word of the mapping file: `joint` or `cartesian`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Joint => "joint",
            Self::Cartesian => "cartesian",
        }
    }
}

/// What a button asks for. The one who gets it does it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Play the motion of this name.
    PlayMotion(String),
    /// End every motion of the arm, and hold.
    Stop,
    /// true: the emergency stop; false: release it.
    EmergencyStop(bool),
    /// Power all joints on or off.
    Power(bool),
    /// Listen for an utterance.
    Listen,
    /// The axes move something else from now on; it is done already.
    Mode(Mode),
    /// End the motions that [`Action::PlayMotion`] began, and send nothing that was asked for before and still waits: the
    /// hand has gone.
    CancelMotions,
}

/// What a message of the device came to.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Heard {
    /// What its buttons ask for; of a message that is refused, or too old, only stop and emergency stop, and
    /// what its loss asks for.
    pub actions: Vec<Action>,
    /// What is wrong with it: a loss, everything stops at the next [`Teleop::poll`].
    pub refused: Option<JoyError>,
}

/// Velocities for the arm, to be sent now: they hold until the next ones or the arm's `command_timeout`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Jog {
    /// Joint's name and velocity, rad/s or m/s, finite, within the joint's limit and what it can brake from in time; 0 = come to rest. At least one, none
    /// twice.
    pub velocities: Vec<(String, f64)>,
}

/// What is known of the arm.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ArmSeen {
    /// Any joint is powered.
    pub powered: bool,
    /// The emergency stop is latched.
    pub emergency_stop: bool,
    /// rad or m, in the robot's order; `None` (or no entry): unknown.
    pub positions: Vec<Option<f64>>,
}

/// How quickly a loss is noticed, and how often velocities are sent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Options {
    /// Input older than this moves nothing. A device has to repeat more often than that what it holds, axes and buttons. The
    /// longer it is, the slower the joints are, for all of it is to take no longer than [`RESTS_WITHIN`]; where that leaves
    /// a joint no time to brake at all (Steve: from 0.19 s on), it is not kept, and the joint has its own limit only.
    pub timeout: Duration,
    /// Velocities a second while something is deflected, Hz, 1 to 1000: more often than the arm's `command_timeout` asks for.
    pub rate_hz: f64,
}

impl Default for Options {
    fn default() -> Self {
        Self { timeout: Duration::from_millis(100), rate_hz: 50.0 }
    }
}
