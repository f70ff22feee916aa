//! The arm as a state machine without clock and bus: requests in, pulse widths out.
//!
//! [`validate`](crate::arm::validate) turns a request into a [`ValidMove`](crate::arm::ValidMove), on any thread;
//! [`Arm`](crate::arm::Arm) carries it out, tick by tick. Rules:
//!
//! * **Goals.** A newer goal or command on a joint preempts the older goal, which ends at once; its other joints slow down
//!   and hold, since an aborted goal must not go on. A canceled goal ends when its joints hold.
//! * **Power** comes on with the first goal, at the position that is known, so the first pulse moves nothing. After
//!   power off a position is still the last setpoint; a limp joint may have sagged since.
//! * **Emergency stop** ends every motion at once, takes the power off every servo, and refuses everything that moves or
//!   powers a joint until it is released. Hobby servos that go limp are what the big red switch in their supply does too;
//!   nothing here may be powered while it is latched.

/// The guard while joints move.
mod braking;
/// How goals end and joints come to rest.
mod endings;
/// Trajectories.
mod follow;
/// Goals that are under way.
mod goals;
/// The guard against desk and torso, and its look ahead.
mod guarding;
/// Going on at a velocity.
mod jog;
/// One joint's part of the state.
mod joint_state;
/// Why a request is refused.
mod move_error;
/// How an arm behaves beyond what its robot is.
mod options;
/// How a goal ends.
mod outcome;
/// From a request to motions.
mod plan;
/// Power, and its end.
mod power;
/// What somebody wants, and whether it can be had.
mod request;
/// What the arm looks like from outside.
mod snapshot;
/// The slow way home from nobody knows where.
mod soft_start;
/// The state machine.
mod state;
#[cfg(test)]
mod tests;
/// Time going on.
mod tick;

pub use guarding::{Guarding, foresee_move, foresee_trajectory};
pub use jog::{JogRequest, ValidJog, validate_jog};
pub use move_error::MoveError;
pub use options::{ArmOptions, PowerOn, UnknownPowerOn};
pub use outcome::{MoveEnd, MoveOutcome, PowerError};
pub use request::{
    GoalId, JointGoal, JointMove, MoveRequest, Readiness, ValidMove, check_readiness, validate,
};
pub use snapshot::{ArmSnapshot, JointSnapshot, MoveProgress};
pub use state::Arm;
pub use tick::{Output, Tick};
