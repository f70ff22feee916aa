use super::goals::{Ending, bit};
use super::{Arm, GoalId, MoveEnd, MoveOutcome};
use std::borrow::Cow;

impl Arm {
    /// Ends every goal and freezes every setpoint, for a reason outside the arm such as a bus that fails.
    pub fn end_all(&mut self, end: MoveEnd, reason: &str) {
        for joint in &mut self.joints {
            if joint.soft_start.is_some() {
                joint.let_go(Cow::Owned(reason.to_owned()));
            } else {
                joint.freeze();
            }
        }
        while let Some(goal) = self.goals.take_any() {
            self.finish(goal.id, &goal.joints, end, reason.to_owned());
        }
        self.tell_all(reason);
    }

    /// Brings the goal's joints to rest; it ends when they hold.
    pub(super) fn end_goal(&mut self, id: GoalId, ending: Ending) {
        let Some(goal) = self.goals.get_mut(id) else { return };
        let why = ending.reason.clone();
        goal.ending.get_or_insert(ending);
        self.joints
            .iter_mut()
            .filter(|joint| joint.goal_id == Some(id))
            .for_each(|joint| joint.slow_down(Cow::Owned(why.clone())));
        self.changed = true;
    }

    /// Takes out the goals whose joints all hold.
    pub(super) fn finish_done(&mut self) {
        while let Some(goal) = self.goals.take_done() {
            let Ending { end, reason } = goal.ending.unwrap_or_else(|| MoveEnd::Reached.into());
            self.finish(goal.id, &goal.joints, end, reason);
        }
    }

    /// The joint has come to rest, and the servo knows.
    pub(super) fn arrived(&mut self, index: usize) {
        let joint = &mut self.joints[index];
        joint.arrived = false;
        let message = joint.rests_because();
        if joint.motion.is_some() {
            joint.message = message;
        }
        if let Some(goal) = joint.goal_id.and_then(|id| self.goals.get_mut(id)) {
            goal.pending &= !bit(index);
        }
    }

    /// Ends the goals that have these joints. Their other joints slow down; a goal that was already slowing down ends as it
    /// was going to.
    pub(super) fn preempt(&mut self, joints: &[usize], by: &str) {
        for &index in joints {
            let Some(goal) = self.joints[index].goal_id.and_then(|id| self.goals.take(id)) else { continue };
            let Ending { end, reason } = goal.ending.unwrap_or_else(|| MoveEnd::Preempted.into());
            let message = format!("{reason}: {by} took {}", self.robot.joints[index].name);
            self.finish(goal.id, &goal.joints, end, message.clone());
            for &other in &goal.joints {
                self.joints[other].slow_down(Cow::Owned(message.clone()));
            }
        }
    }

    /// Tells how the goal ended and lets its joints go.
    pub(super) fn finish(&mut self, id: GoalId, joints: &[usize], end: MoveEnd, message: String) {
        let positions = self.positions(joints.iter().copied());
        self.ended.push((id, MoveOutcome { end, positions, message }));
        for joint in self.joints.iter_mut().filter(|joint| joint.goal_id == Some(id)) {
            (joint.goal_id, joint.unguarded) = (None, false);
        }
        self.changed = true;
    }
}
