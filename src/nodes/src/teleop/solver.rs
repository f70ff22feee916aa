//! The hand's kinematics, as the mapping asks for them.

use std::cell::Cell;

use steve_core::cartesian::{Cartesian, HandTwist, Hold};
use steve_core::teleop::HandSolver;

/// Answers wishes of the hand, and remembers how far the last one could be met.
pub(super) struct Solver {
    cartesian: Cartesian,
    names: Vec<String>,
    last: Cell<(f64, Hold)>,
}

impl Solver {
    /// `names` are the robot's joints, in its order.
    pub(super) fn new(cartesian: Cartesian, names: Vec<String>) -> Self {
        Self { cartesian, names, last: Cell::new((1.0, Hold::Free)) }
    }

    /// The joints that move the hand.
    pub(super) fn names(&self) -> impl Iterator<Item = &String> {
        self.cartesian.joints().iter().filter_map(|&joint| self.names.get(joint))
    }

    /// How far the last wish could be met, and what held it back, in words.
    pub(super) fn held(&self) -> String {
        let (scale, hold) = self.last.get();
        let share = format!("{:.0} %", scale * 100.0);
        match hold {
            Hold::Free => share,
            Hold::Limit(joint) => {
                let joint = self.names.get(joint).map_or("a joint", String::as_str);
                format!("{share}: {joint} is at its limit")
            }
            Hold::Singular => format!("{share}: stretched out or folded up that far, the hand slows down"),
        }
    }
}

impl HandSolver for Solver {
    fn joints(&self) -> &[usize] {
        self.cartesian.joints()
    }

    fn velocities(&self, positions: &[f64], twist: &HandTwist) -> Vec<f64> {
        let step = self.cartesian.velocities(positions, twist);
        self.last.set((step.scale, step.held));
        step.velocities
    }
}
