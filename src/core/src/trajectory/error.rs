use super::code;
use super::piece::{Fault, Piece};
use crate::robot::Limits;
use thiserror::Error;

/// Why a trajectory is refused. Messages name the field, its value and what is allowed.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum TrajectoryError {
    /// No joint is named.
    #[error("joint_names: none given; at least 1 is needed")]
    NoJoints,
    /// The robot has no such joint.
    #[error("{field}: no `{joint}`; this robot has {}", known.join(", "))]
    UnknownJoint {
        /// Where it is named.
        field: String,
        /// The name in the request.
        joint: String,
        /// The names there are.
        known: Vec<String>,
    },
    /// A joint is named twice in one list.
    #[error("{field}: `{joint}` is named twice")]
    DoubledJoint {
        /// Where it is named again.
        field: String,
        /// The joint's name.
        joint: String,
    },
    /// There is no point.
    #[error("points: none given; at least 1 is needed")]
    NoPoints,
    /// There are too many points.
    #[error("points: {count} given; allowed are up to {allowed}")]
    TooManyPoints {
        /// How many there are.
        count: usize,
        /// How many there may be.
        allowed: usize,
    },
    /// A list is not as long as the list of joints.
    #[error("{field}: {length} values for {joints} joints; allowed is one a joint")]
    WrongLength {
        /// The list.
        field: String,
        /// Its length.
        length: usize,
        /// How many joints are named.
        joints: usize,
    },
    /// Some points carry velocities or accelerations, others do not.
    #[error("{field}: {}; allowed are {kind} in all points or in none", carries(*.given))]
    Mixed {
        /// The list that differs from that of `points[0]`.
        field: String,
        /// "velocities" or "accelerations".
        kind: &'static str,
        /// Whether that list has values.
        given: bool,
    },
    /// Accelerations without velocities.
    #[error("{field}: given without velocities; allowed are accelerations together with velocities")]
    AccelerationsAlone {
        /// The list.
        field: String,
    },
    /// Efforts are given.
    #[error("{field}: {length} values; allowed are none, servos have no torque control")]
    Effort {
        /// The list.
        field: String,
        /// Its length.
        length: usize,
    },
    /// A value is infinite or not a number.
    #[error("{field}: {value}; allowed are finite numbers")]
    NotFinite {
        /// The value's name.
        field: String,
        /// The value.
        value: f64,
    },
    /// A tolerance is not a number.
    #[error("{field}: not a number; allowed are 0 (the default: none), negative (none) and greater than 0")]
    BadTolerance {
        /// The value's name.
        field: String,
    },
    /// A time is negative.
    #[error("{field}: {time} s; allowed is 0 and greater")]
    NegativeTime {
        /// The value's name.
        field: String,
        /// The time.
        time: f64,
    },
    /// Times do not increase.
    #[error("{field}: {time} s after {earlier} s; times have to increase by at least {least} s")]
    TimesNotIncreasing {
        /// The later time's name.
        field: String,
        /// The later time.
        time: f64,
        /// The time of the point before.
        earlier: f64,
        /// By how much they have to increase.
        least: f64,
    },
    /// It ends too far in the future.
    #[error("{field}: the last point lies {duration} s in the future; allowed are up to {allowed} s")]
    TooLong {
        /// The last time's name.
        field: String,
        /// Seconds from now to the last point.
        duration: f64,
        /// The most there may be.
        allowed: f64,
    },
    /// Every point lies in the past.
    #[error(
        "header.stamp: the last point lies {ago:.3} s in the past; allowed is a trajectory that is not over yet"
    )]
    Old {
        /// Seconds from the last point to now.
        ago: f64,
    },
    /// A position lies outside the travel.
    #[error("{field}: {position:.4} {unit} is outside the travel of {lower:.4} to {upper:.4} {unit}")]
    OutsideTravel {
        /// The value's name.
        field: String,
        /// The position asked for.
        position: f64,
        /// Least position.
        lower: f64,
        /// Greatest position.
        upper: f64,
        /// "rad" or "m".
        unit: &'static str,
    },
    /// A velocity is beyond the limit.
    #[error("{field}: {velocity:.4} {unit}/s; allowed are -{allowed:.4} to {allowed:.4} {unit}/s")]
    TooFast {
        /// The value's name.
        field: String,
        /// The velocity asked for.
        velocity: f64,
        /// The joint's limit.
        allowed: f64,
        /// "rad" or "m".
        unit: &'static str,
    },
    /// The last point is not at rest.
    #[error("{field}: {velocity:.4} {unit}/s at the last point; allowed is 0, for nothing follows it")]
    EndsMoving {
        /// The value's name.
        field: String,
        /// The velocity asked for.
        velocity: f64,
        /// "rad" or "m".
        unit: &'static str,
    },
    /// The way between two points is faster than the joint.
    #[error(
        "{piece}: reaches {speed:.4} {unit}/s; allowed are up to {allowed:.4} {unit}/s; give it more time"
    )]
    PieceTooFast {
        /// Between which points, and which joint.
        piece: String,
        /// The greatest speed on that way.
        speed: f64,
        /// The joint's limit.
        allowed: f64,
        /// "rad" or "m".
        unit: &'static str,
    },
    /// The way between two points swings out of the travel, though both lie in it.
    #[error("{piece}: swings to {position:.4} {unit}, outside the travel of {lower:.4} to {upper:.4} {unit}")]
    PieceLeavesTravel {
        /// Between which points, and which joint.
        piece: String,
        /// The farthest position on that way.
        position: f64,
        /// Least position.
        lower: f64,
        /// Greatest position.
        upper: f64,
        /// "rad" or "m".
        unit: &'static str,
    },
    /// The first point is now, and the joint is elsewhere.
    #[error(
        "{field}: {position:.4} {unit} now, but the joint is at {present:.4} {unit}; allowed is {allowed:.4} {unit} away, \
         or a later time_from_start"
    )]
    StartsElsewhere {
        /// The value's name.
        field: String,
        /// Where the trajectory begins.
        position: f64,
        /// Where the joint is.
        present: f64,
        /// How far apart they may be.
        allowed: f64,
        /// "rad" or "m".
        unit: &'static str,
    },
}

impl TrajectoryError {
    /// The result code of `control_msgs/action/FollowJointTrajectory`.
    pub fn code(&self) -> i32 {
        match self {
            Self::NoJoints | Self::UnknownJoint { .. } | Self::DoubledJoint { .. } => code::INVALID_JOINTS,
            Self::Old { .. } => code::OLD_HEADER_TIMESTAMP,
            _ => code::INVALID_GOAL,
        }
    }
}

fn carries(given: bool) -> &'static str {
    if given { "given" } else { "none" }
}

/// Which way a piece leads, for messages.
#[derive(Debug, Clone, Copy)]
pub(super) struct Leg<'a> {
    /// The index of the point it leads to.
    pub(super) to: usize,
    /// It begins where the joint is, and not at the point before.
    pub(super) from_now: bool,
    pub(super) joint: &'a str,
    pub(super) unit: &'static str,
}

impl Leg<'_> {
    fn name(&self) -> String {
        let Self { to, joint, .. } = self;
        if self.from_now {
            format!("from now to points[{to}] ({joint})")
        } else {
            format!("points[{}] to points[{to}] ({joint})", to.saturating_sub(1))
        }
    }

    pub(super) fn too_fast(&self, speed: f64, limits: &Limits) -> TrajectoryError {
        TrajectoryError::PieceTooFast { piece: self.name(), speed, allowed: limits.velocity, unit: self.unit }
    }
}

impl TrajectoryError {
    pub(super) fn check_piece(piece: &Piece, limits: &Limits, leg: Leg<'_>) -> Result<(), Self> {
        match piece.fault(limits) {
            None => Ok(()),
            Some(Fault::Fast(speed)) => Err(leg.too_fast(speed, limits)),
            Some(Fault::Outside(position)) => Err(Self::PieceLeavesTravel {
                piece: leg.name(),
                position,
                lower: limits.lower,
                upper: limits.upper,
                unit: leg.unit,
            }),
        }
    }
}
