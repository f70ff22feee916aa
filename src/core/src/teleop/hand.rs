/// How the hand is wished to move.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct HandTwist {
    /// Velocity x y z of the hand in `base_link`'s frame (x forward, y left, z up), m/s.
    pub linear: [f64; 3],
    /// Pitch, + up, around the hand's own horizontal axis; yaw, + right as `wrist_lr`, around its own vertical axis; rad/s.
    pub turning: [f64; 2],
}

/// What answers joint velocities for a wish of the hand.
pub trait HandSolver {
    /// The joints that move the hand, by index.
    fn joints(&self) -> &[usize];

    /// The velocities that do `twist` when the joints are at `positions`, both in the robot's order, rad, m and s.
    fn velocities(&self, positions: &[f64], twist: &HandTwist) -> Vec<f64>;
}
