use super::{ValidJog, ValidMove};
use crate::motion::{JointMotion, Planner};
use crate::robot::Robot;

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
}

impl Departure<'_> {
    /// The joints, in the order of the request.
    pub(super) fn joints(self) -> Vec<usize> {
        match self {
            Self::Move(valid) => valid.joints().collect(),
            Self::Jog(valid) => valid.joints().collect(),
        }
    }

    /// Whether they arrive at the same time.
    pub(super) fn is_together(self) -> bool {
        matches!(self, Self::Move(valid) if valid.together)
    }

    /// Lets the joints set out, from where they are and as fast as they move. One whose position is unknown starts at home.
    pub(super) fn set_out(self, robot: &Robot, motions: &mut Motions, planner: &mut Planner) {
        let mut motion_of = |joint: usize, with: &mut dyn FnMut(&mut JointMotion)| {
            let info = &robot.joints[joint];
            with(motions[joint].get_or_insert_with(|| JointMotion::new(info.limits, info.home)));
        };
        match self {
            Self::Move(valid) => {
                let mut longest: f64 = 0.0;
                for goal in valid.goals() {
                    motion_of(goal.joint, &mut |motion| {
                        motion.go_to(goal.position, goal.speed, goal.profile, planner);
                        longest = longest.max(motion.remaining());
                    });
                }
                if valid.together {
                    arrive_together(valid, motions, longest, planner);
                }
            }
            Self::Jog(valid) => {
                for &(joint, velocity) in &valid.velocities {
                    motion_of(joint, &mut |motion| motion.jog(velocity, planner));
                }
            }
        }
    }
}

fn arrive_together(valid: &ValidMove, motions: &mut Motions, mut longest: f64, planner: &mut Planner) {
    for _ in 0..MOST_ROUNDS {
        let before = longest;
        for goal in valid.goals() {
            let Some(motion) = &mut motions[goal.joint] else { continue };
            // One that is there already stays there.
            if motion.remaining() > 0.0 && motion.remaining() < before - SIMULTANEOUS {
                motion.go_to_lasting(goal.position, goal.speed, goal.profile, before, planner);
            }
            longest = longest.max(motion.remaining());
        }
        if longest <= before + SIMULTANEOUS {
            return;
        }
    }
}
