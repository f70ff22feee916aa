use crate::cartesian::{Cartesian, HandTwist};

/// What answers joint velocities for a wish of the hand: [`Cartesian`], or whoever wants to look at its answers.
pub trait HandSolver {
    /// The joints that move the hand, by index.
    fn joints(&self) -> &[usize];

    /// The velocities that do `twist` when the joints are at `positions`, both in the robot's order, rad, m and s.
    fn velocities(&self, positions: &[f64], twist: &HandTwist) -> Vec<f64>;
}

impl HandSolver for Cartesian {
    fn joints(&self) -> &[usize] {
        self.joints()
    }

    fn velocities(&self, positions: &[f64], twist: &HandTwist) -> Vec<f64> {
        self.velocities(positions, twist).velocities
    }
}
