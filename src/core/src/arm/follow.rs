use super::goals::{ActiveGoal, Ending};
use super::plan::Departure;
use super::{Arm, GoalId, MoveEnd, MoveError};
use crate::motion::JointMotion;
use crate::trajectory::ValidTrajectory;

impl Arm {
    /// Starts following a trajectory, as [`Self::start`] starts a move.
    pub fn start_following(&mut self, valid: &ValidTrajectory, id: GoalId) {
        self.start_departure(Departure::Follow(valid), id);
    }

    /// Follows a trajectory without being a goal, as [`Self::set`] moves.
    ///
    /// # Errors
    /// What forbids it now.
    pub fn follow(&mut self, valid: &ValidTrajectory) -> Result<(), MoveError> {
        self.go(Departure::Follow(valid))
    }

    /// Ends the goals that have fallen too far behind their trajectories.
    pub(super) fn check_tolerances(&mut self) {
        let fallen: Vec<_> =
            self.goals.iter().filter_map(|goal| Some((goal.id, self.fallen_behind(goal)?))).collect();
        for (id, ending) in fallen {
            self.end_goal(id, ending);
        }
    }

    fn fallen_behind(&self, goal: &ActiveGoal) -> Option<Ending> {
        let trajectory = goal.trajectory.as_ref().filter(|_| goal.ending.is_none())?;
        trajectory.joints().iter().enumerate().find_map(|(index, &joint)| {
            let motion = self.joints[joint].motion.as_ref().filter(|motion| motion.is_moving())?;
            let name = &self.robot.joints[joint].name;
            let setpoint = motion.setpoint().position;
            let error = (motion.desired().position - setpoint).abs();
            if let Some(allowed) = trajectory.path_tolerance(index).filter(|&allowed| error > allowed) {
                let reason = format!("path tolerance of {name}: {error:.4} behind, {allowed:.4} are allowed");
                return Some(Ending { end: MoveEnd::PathTolerance, reason });
            }
            let late = overdue_by(motion, trajectory.goal_time_tolerance()?)?;
            let allowed = trajectory.goal_tolerance(index).unwrap_or(0.0);
            let missing = motion.goal().map_or(0.0, |goal| (goal - setpoint).abs());
            (missing > allowed).then(|| Ending {
                end: MoveEnd::GoalTolerance,
                reason: format!("goal tolerance of {name}: {missing:.4} away {late:.3} s after its time"),
            })
        })
    }
}

fn overdue_by(motion: &JointMotion, allowed: f64) -> Option<f64> {
    Some(motion.overdue()).filter(|&overdue| overdue > allowed)
}
