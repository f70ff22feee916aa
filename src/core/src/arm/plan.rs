use super::{GoalId, MoveError, ValidJog, ValidMove};
use crate::motion::{JointMotion, Planner};
use crate::robot::Robot;
use crate::trajectory::ValidTrajectory;

/// The motion of every joint, in the robot's order; none where the position is unknown.
pub(super) type Motions = Vec<Option<JointMotion>>;

/// Joints whose times differ by less than this arrive together, s.
const SIMULTANEOUS: f64 = 1e-6;

/// How often the slowest joint may turn out to be another one. A joint that moves already may have no way that lasts exactly
/// as long as the others, and takes the next longer one.
const MOST_ROUNDS: usize = 4;

/// What somebody wants of some joints.
#[derive(Debug, Clone, Copy)]
pub(super) enum Departure<'a> {
    /// To go to positions.
    Move(&'a ValidMove),
    /// To go on at velocities.
    Jog(&'a ValidJog),
    /// To follow a trajectory.
    Follow(&'a ValidTrajectory),
}

impl<'a> Departure<'a> {
    /// The joints, in the order of the request.
    pub(super) fn joints(self) -> Vec<usize> {
        match self {
            Self::Move(valid) => valid.joints().collect(),
            Self::Jog(valid) => valid.joints().collect(),
            Self::Follow(valid) => valid.joints().to_vec(),
        }
    }

    /// Whether they arrive at the same time.
    pub(super) fn is_together(self) -> bool {
        match self {
            Self::Move(valid) => valid.together,
            Self::Follow(_) => true,
            Self::Jog(_) => false,
        }
    }

    /// Whether the guard lets it pass without a look.
    pub(super) fn is_unguarded(self) -> bool {
        matches!(self, Self::Move(valid) if valid.unguarded)
    }

    /// Whether there is a path to look at before it begins; who jogs may turn back before there is a contact.
    pub(super) fn has_path(self) -> bool {
        !matches!(self, Self::Jog(_))
    }

    /// The trajectory, if it is one.
    pub(super) fn trajectory(self) -> Option<&'a ValidTrajectory> {
        match self {
            Self::Follow(valid) => Some(valid),
            _ => None,
        }
    }

    /// Lets the joints set out, from where they are and as fast as they move; joints of goals that are preempted by that come
    /// to rest. `goals` tells which goal has each joint. A joint whose position is unknown starts at home.
    pub(super) fn set_out(
        self,
        robot: &Robot,
        goals: &[Option<GoalId>],
        motions: &mut Motions,
        planner: &mut Planner,
    ) -> Result<(), MoveError> {
        for joint in self.joints() {
            let info = &robot.joints[joint];
            motions[joint].get_or_insert_with(|| JointMotion::new(info.limits, info.home));
            let preempted = goals[joint];
            let others =
                motions.iter_mut().zip(goals).filter(|(_, goal)| preempted.is_some() && **goal == preempted);
            others.filter_map(|(motion, _)| motion.as_mut()).for_each(JointMotion::stop);
        }
        match self {
            Self::Move(valid) => {
                for goal in valid.goals() {
                    if let Some(motion) = &mut motions[goal.joint] {
                        motion.go_to(goal.position, goal.speed, goal.profile, planner);
                    }
                }
                if valid.together {
                    arrive_together(valid, motions, planner);
                }
            }
            Self::Jog(valid) => {
                for &(joint, velocity) in &valid.velocities {
                    if let Some(motion) = &mut motions[joint] {
                        motion.jog(velocity, planner);
                    }
                }
            }
            Self::Follow(valid) => {
                for (index, &joint) in valid.joints().iter().enumerate() {
                    if let Some(motion) = &mut motions[joint] {
                        let course = valid.course(index, motion.setpoint(), &robot.joints[joint].limits)?;
                        motion.follow(course);
                    }
                }
            }
        }
        Ok(())
    }
}

fn arrive_together(valid: &ValidMove, motions: &mut Motions, planner: &mut Planner) {
    let longest_of = |motions: &Motions| {
        let joints = valid.joints().filter_map(|joint| motions[joint].as_ref());
        joints.map(JointMotion::remaining).fold(0.0, f64::max)
    };
    let mut longest = longest_of(motions);
    for _ in 0..MOST_ROUNDS {
        for goal in valid.goals() {
            let Some(motion) = &mut motions[goal.joint] else { continue };
            // One that is there already stays there.
            if motion.remaining() > 0.0 && motion.remaining() < longest - SIMULTANEOUS {
                motion.go_to_lasting(goal.position, goal.speed, goal.profile, longest, planner);
            }
        }
        let now = longest_of(motions);
        if now <= longest + SIMULTANEOUS {
            return;
        }
        longest = now;
    }
}
