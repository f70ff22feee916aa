use super::plan::Departure;
use super::{GoalId, MoveEnd};
use crate::trajectory::ValidTrajectory;

/// A set of joints, bit i for joint i.
pub(super) type Joints = u16;

pub(super) fn bit(joint: usize) -> Joints {
    1 << joint
}

/// A goal that is under way.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ActiveGoal {
    pub(super) id: GoalId,
    /// Its joints in the order of the request: the first one's position is the result's.
    pub(super) joints: Vec<usize>,
    /// Joints that do not hold yet.
    pub(super) pending: Joints,
    /// It is slowing down to end like this.
    pub(super) ending: Option<Ending>,
    /// The trajectory that it follows.
    pub(super) trajectory: Option<ValidTrajectory>,
}

/// How a goal is going to end.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Ending {
    pub(super) end: MoveEnd,
    /// For people.
    pub(super) reason: String,
}

impl From<MoveEnd> for Ending {
    fn from(end: MoveEnd) -> Self {
        Self { end, reason: end.text().to_owned() }
    }
}

/// The goals under way: at most one a joint, so there never are many.
#[derive(Debug, Default)]
pub(super) struct Goals {
    active: Vec<ActiveGoal>,
}

impl Goals {
    pub(super) fn add(&mut self, id: GoalId, departure: Departure<'_>) {
        let joints = departure.joints();
        let pending = joints.iter().fold(0, |set, &joint| set | bit(joint));
        let trajectory = departure.trajectory().cloned();
        self.active.push(ActiveGoal { id, joints, pending, ending: None, trajectory });
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &ActiveGoal> {
        self.active.iter()
    }

    pub(super) fn get_mut(&mut self, id: GoalId) -> Option<&mut ActiveGoal> {
        self.active.iter_mut().find(|goal| goal.id == id)
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut ActiveGoal> {
        self.active.iter_mut()
    }

    /// Takes the goal out: it has ended.
    pub(super) fn take(&mut self, id: GoalId) -> Option<ActiveGoal> {
        let index = self.active.iter().position(|goal| goal.id == id)?;
        Some(self.active.remove(index))
    }

    /// Takes out the first goal none of whose joints is under way.
    pub(super) fn take_done(&mut self) -> Option<ActiveGoal> {
        let index = self.active.iter().position(|goal| goal.pending == 0)?;
        Some(self.active.remove(index))
    }

    /// Takes out any goal.
    pub(super) fn take_any(&mut self) -> Option<ActiveGoal> {
        if self.active.is_empty() { None } else { Some(self.active.remove(0)) }
    }
}
