//! Pure core of `shaky_steve`: what the robot is and how it moves. No I/O, no clock, no ROS; time comes in as an argument.
//!
//! SI units everywhere (rad, m, s); degrees and millimetres exist only in [`units`] and in the description file.

/// The arm's state machine: goals in, setpoints out.
pub mod arm;
/// Joint position to pulse width and back.
pub mod calibration;
/// The hand moved in space: joint velocities for a wish of the hand.
pub mod cartesian;
/// The shapes of a timed move, by their easings.net names.
pub mod easing;
/// Guard against the desk and the torso: what poses a path may not pass through.
pub mod guard;
/// Forward kinematics from a URDF.
pub mod kinematics;
/// Layers of light on four RGB LEDs: effects, blending, what the robot shows by itself.
pub mod leds;
/// Motion of one joint, limited in velocity, acceleration and jerk.
pub mod motion;
/// Named motions and the player that goes through their steps.
pub mod motions;
/// A 3D mouse: its daemon's protocol, its events, what goes out and when.
pub mod mouse;
/// The robot as its description file tells it.
pub mod robot;
/// "Did you mean …?"
pub mod suggest;
/// Moving the arm by hand: 3D mouse or game pad to velocities and actions.
pub mod teleop;
/// Several joints through given points at given times.
pub mod trajectory;
/// Positions and speeds as people type and read them.
pub mod units;
