//! The robot as its description file tells it: joints in their one order, with travel, limits and calibration.
//!
//! SI units inside (rad or m, s); the description file and people use degrees and metres, see [`crate::units`].

mod board;
mod description;
pub(crate) mod faults;
pub(crate) mod field;
pub(crate) mod keys;
mod servo;
pub(crate) mod yaml;

use std::fmt;

pub use faults::{DescriptionErrors, Fault};

use crate::calibration::Calibration;

/// A robot has 1 to 16 servos: one PCA9685 has 16 channels.
pub const MAX_JOINTS: usize = 16;

/// What a joint's position measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JointKind {
    /// An angle in rad.
    Revolute,
    /// A length in m.
    Prismatic,
}

impl JointKind {
    /// The word of the description file and of URDF: `revolute` or `prismatic`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Revolute => "revolute",
            Self::Prismatic => "prismatic",
        }
    }

    /// A position of the description file (degrees or metres) in SI units.
    pub(crate) fn file_to_si(self, position: f64) -> f64 {
        match self {
            Self::Revolute => position.to_radians(),
            Self::Prismatic => position,
        }
    }
}

impl fmt::Display for JointKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How far and how fast a joint may go. All finite; `lower < upper`; the three rates are greater than 0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// Least position, rad or m.
    pub lower: f64,
    /// Greatest position, rad or m.
    pub upper: f64,
    /// Greatest speed, rad/s or m/s.
    pub velocity: f64,
    /// Greatest acceleration, rad/s² or m/s².
    pub acceleration: f64,
    /// Greatest jerk, rad/s³ or m/s³.
    pub jerk: f64,
}

/// One servo and what it moves.
#[derive(Debug, Clone, PartialEq)]
pub struct Joint {
    /// REP-144 style name: lower-case letters, digits, underscores.
    pub name: String,
    /// What its position measures.
    pub kind: JointKind,
    /// Travel and rates.
    pub limits: Limits,
    /// Where the joint rests when nothing else is known, rad or m, inside the travel.
    pub home: f64,
    /// The PWM channel that its servo is plugged into, 0..=15.
    pub channel: u8,
    /// The GPIO of the Pi (BCM number, 0..=27) that its servo is plugged into where there is no board; each used once.
    pub gpio_pin: Option<u8>,
    /// Position -> pulse width.
    pub calibration: Calibration,
    /// How fast the servo itself can turn, rad/s or m/s, greater than 0: what the simulated servo does with a command.
    pub slew_rate: f64,
}

/// The board that makes the pulses: a PCA9685 on I2C.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Board {
    /// The I2C bus: `/dev/i2c-<bus>`.
    pub bus: u8,
    /// The board's 7-bit address, 0x40..=0x77, not 0x70, which every PCA9685 answers after power-up.
    pub address: u8,
    /// Pulses a second, Hz, 40 to 400; hobby servos take 50.
    pub frequency_hz: f64,
    /// What the board's oscillator really does, Hz: nominally 25 MHz, 23 to 27 MHz in practice.
    pub oscillator_hz: f64,
}

impl Default for Board {
    fn default() -> Self {
        Self { bus: 1, address: 0x40, frequency_hz: 50.0, oscillator_hz: 25e6 }
    }
}

/// A whole robot. Joint order is the order of every message and of every slice that a joint index points into.
#[derive(Debug, Clone, PartialEq)]
pub struct Robot {
    /// The robot's name.
    pub name: String,
    /// 1 to [`MAX_JOINTS`] joints, names and channels distinct.
    pub joints: Vec<Joint>,
    /// The board that its servos are plugged into.
    pub board: Board,
}

impl Robot {
    /// Reads a description file, such as `config/steve.yaml`, which documents every field. `file_name` is for messages.
    ///
    /// # Errors
    /// Everything that is wrong in it, at once.
    pub fn from_yaml(text: &str, file_name: &str) -> Result<Self, DescriptionErrors> {
        description::read(text, file_name)
    }

    /// The index of the joint called `name`.
    pub fn joint_index(&self, name: &str) -> Option<usize> {
        self.joints.iter().position(|joint| joint.name == name)
    }
}
