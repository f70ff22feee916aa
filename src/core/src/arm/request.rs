use super::MoveError;
use crate::easing::Easing;
use crate::motion::Profile;
use crate::robot::{Joint, JointKind, Robot};
use std::fmt;

/// A goal this share of the travel outside is the limit itself, written with few digits (1.5708 for 90 degrees).
const ROUNDING: f64 = 1e-4;

/// The name of a goal that was started; never used twice by one servo thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GoalId(pub u64);

impl fmt::Display for GoalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// One joint of a request, as the client wrote it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct JointMove {
    /// The joint's name.
    pub joint: String,
    /// rad or m; plus and minus infinity mean the joint's upper and lower limit.
    pub position: f64,
    /// rad/s or m/s; 0 = as fast as the limits allow, faster than the joint = as fast as the joint.
    pub speed: f64,
    /// An easing by its easings.net name in snake case; empty = smooth.
    pub easing: String,
}

/// Joints that start together.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MoveRequest {
    /// One entry a joint.
    pub moves: Vec<JointMove>,
    /// The joints arrive at the same time.
    pub together: bool,
    /// Exempt from the guard against desk and torso.
    pub unguarded: bool,
}

impl MoveRequest {
    /// A request for one joint.
    pub fn one(joint: impl Into<String>, position: f64, speed: f64, easing: impl Into<String>) -> Self {
        let moves = vec![JointMove { joint: joint.into(), position, speed, easing: easing.into() }];
        Self { moves, ..Self::default() }
    }

    /// Joints to go to positions as fast as the limits allow.
    pub fn positions<N: Into<String>>(positions: impl IntoIterator<Item = (N, f64)>) -> Self {
        let moves = positions.into_iter();
        Self {
            moves: moves
                .map(|(joint, position)| JointMove { joint: joint.into(), position, ..JointMove::default() })
                .collect(),
            ..Self::default()
        }
    }
}

/// What of the arm's state decides whether a request is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Readiness {
    /// The emergency stop is latched.
    pub emergency_stop: bool,
    /// Bit i is set: joint i cannot be powered, since nobody knows where it is.
    pub unknown: u16,
}

/// A joint's goal that passed validation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct JointGoal {
    /// The joint's index.
    pub joint: usize,
    /// Inside the travel.
    pub position: f64,
    /// 0 or greater.
    pub speed: f64,
    /// How to get there.
    pub profile: Profile,
}

/// A request that passed [`validate`]: at least one joint, none twice.
#[derive(Debug, Clone, PartialEq)]
pub struct ValidMove {
    goals: Vec<JointGoal>,
    pub(super) together: bool,
    pub(super) unguarded: bool,
}

impl ValidMove {
    /// The joints' goals, in the order of the request.
    pub fn goals(&self) -> &[JointGoal] {
        &self.goals
    }

    /// The joints' indices, in the order of the request.
    pub fn joints(&self) -> impl Iterator<Item = usize> + '_ {
        self.goals.iter().map(|goal| goal.joint)
    }

    /// Adds the goals of a later request, which replace those for the same joints. False, and nothing added, if that would not
    /// mean the same: joints that go together are not to be mixed with others.
    pub fn merge(&mut self, later: &Self) -> bool {
        if self.together || later.together || self.unguarded != later.unguarded {
            return false;
        }
        self.goals.retain(|goal| later.joints().all(|joint| joint != goal.joint));
        self.goals.extend_from_slice(&later.goals);
        true
    }
}

/// Checks a request against the robot and the state that decides. Takes no lock and changes nothing, so that any thread
/// may answer a client at once; the arm checks the state again when the move starts.
pub fn validate(robot: &Robot, ready: Readiness, request: &MoveRequest) -> Result<ValidMove, MoveError> {
    if ready.emergency_stop {
        return Err(MoveError::EmergencyStop);
    }
    if request.moves.is_empty() {
        return Err(MoveError::Empty);
    }
    let mut goals: Vec<JointGoal> = Vec::with_capacity(request.moves.len().min(robot.joints.len()));
    for wanted in &request.moves {
        let goal = validate_joint(robot, wanted)?;
        if goals.iter().any(|earlier| earlier.joint == goal.joint) {
            return Err(MoveError::DoubledJoint { joint: wanted.joint.clone() });
        }
        goals.push(goal);
    }
    let valid = ValidMove { goals, together: request.together, unguarded: request.unguarded };
    check_ready(robot, ready, valid.joints())?;
    Ok(valid)
}

/// What of the arm's state forbids to move these joints.
pub(super) fn check_ready(
    robot: &Robot,
    ready: Readiness,
    mut joints: impl Iterator<Item = usize>,
) -> Result<(), MoveError> {
    if ready.emergency_stop {
        return Err(MoveError::EmergencyStop);
    }
    match joints.find(|&joint| ready.unknown & (1 << joint) != 0) {
        Some(unknown) => Err(MoveError::PositionUnknown { joint: robot.joints[unknown].name.clone() }),
        None => Ok(()),
    }
}

/// Whether these joints may move now.
///
/// # Errors
/// What of the arm's state forbids it.
pub fn check_readiness(robot: &Robot, ready: Readiness, joints: &[usize]) -> Result<(), MoveError> {
    check_ready(robot, ready, joints.iter().copied())
}

/// The index of the joint called `name`.
pub(super) fn find_joint(robot: &Robot, name: &str) -> Result<usize, MoveError> {
    robot.joint_index(name).ok_or_else(|| MoveError::UnknownJoint {
        joint: name.to_owned(),
        known: robot.joints.iter().map(|joint| joint.name.clone()).collect(),
    })
}

fn validate_joint(robot: &Robot, wanted: &JointMove) -> Result<JointGoal, MoveError> {
    let JointMove { joint: name, position, speed, easing } = wanted;
    let joint = find_joint(robot, name)?;
    let unit = unit(&robot.joints[joint]);
    let position = inside_travel(&robot.joints[joint], *position, unit)?;
    if speed.is_nan() || *speed < 0.0 {
        return Err(MoveError::BadSpeed { joint: name.clone(), speed: *speed, unit });
    }
    let profile =
        if easing.is_empty() {
            Profile::Smooth
        } else {
            let easing: Result<Easing, _> = easing.parse();
            Profile::Eased(easing.map_err(|error| MoveError::UnknownEasing {
                joint: name.clone(),
                reason: error.to_string(),
            })?)
        };
    Ok(JointGoal { joint, position, speed: *speed, profile })
}

fn inside_travel(joint: &Joint, position: f64, unit: &'static str) -> Result<f64, MoveError> {
    let (lower, upper) = (joint.limits.lower, joint.limits.upper);
    let name = joint.name.clone();
    if position.is_nan() {
        return Err(MoveError::NotANumber { joint: name, lower, upper, unit });
    }
    let rounding = ROUNDING * (upper - lower);
    let allowed = lower - rounding..=upper + rounding;
    if position.is_finite() && !allowed.contains(&position) {
        return Err(MoveError::OutsideTravel { joint: name, position, lower, upper, unit });
    }
    Ok(position.clamp(lower, upper))
}

pub(super) fn unit(joint: &Joint) -> &'static str {
    match joint.kind {
        JointKind::Revolute => "rad",
        JointKind::Prismatic => "m",
    }
}
