use super::{Eased, Path, Planner, Profile, Setpoint};
use crate::robot::Limits;

/// A limit that is reached is exceeded by a rounding.
const ROUNDING: f64 = 1.0 + 1e-6;

/// What moves a joint. Trajectories and jogging will be further sources.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Source {
    /// Nothing: the setpoint stays.
    Hold,
    /// To its end, within velocity, acceleration and jerk.
    Path(Path),
    /// Along a named curve.
    Eased(Eased),
}

/// The motion of one joint: it holds, or is on its way to a goal. Time goes on only by [`JointMotion::advance`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct JointMotion {
    limits: Limits,
    setpoint: Setpoint,
    goal: f64,
    source: Source,
    elapsed: f64,
}

impl JointMotion {
    /// Holds at `position`, or at the nearest end of the travel.
    pub fn new(limits: Limits, position: f64) -> Self {
        let position = position.clamp(limits.lower, limits.upper);
        let setpoint = Setpoint::rest(position);
        Self { limits, setpoint, goal: position, source: Source::Hold, elapsed: 0.0 }
    }

    /// Goes to `goal` (its nearest end of the travel if it lies outside) from where it is and as fast as it moves.
    /// `speed` 0, or faster than the joint, means as fast as the limits allow.
    pub fn go_to(&mut self, goal: f64, speed: f64, profile: Profile, planner: &mut Planner) {
        self.goal = goal.clamp(self.limits.lower, self.limits.upper);
        self.elapsed = 0.0;
        self.source = match profile {
            Profile::Smooth => Source::Path(planner.go_to(self.origin(), self.goal, speed, &self.limits)),
            Profile::Eased(easing) => {
                let earlier = Planner::stop(self.origin(), &self.limits);
                Source::Eased(Eased::new(easing, earlier, self.goal, speed, &self.limits))
            }
        };
    }

    /// Slows down as fast as the limits allow, then holds. Where it will hold becomes the goal.
    pub fn stop(&mut self) {
        if self.is_moving() {
            let path = Planner::stop(self.origin(), &self.limits);
            self.goal = path.end().position.clamp(self.limits.lower, self.limits.upper);
            self.elapsed = 0.0;
            self.source = Source::Path(path);
        }
    }

    /// Holds at once at the present setpoint, whatever its velocity.
    pub fn freeze(&mut self) {
        *self = Self::new(self.limits, self.setpoint.position);
    }

    /// The setpoint `step` seconds later. Once it has reached the goal, it holds exactly there.
    pub fn advance(&mut self, step: f64) -> Setpoint {
        self.elapsed += step;
        let (next, arrived) = match &self.source {
            Source::Hold => return self.setpoint,
            Source::Path(path) => (path.at(self.elapsed), self.elapsed >= path.duration()),
            Source::Eased(eased) => {
                let next = eased.next(self.setpoint, self.elapsed, step, &self.limits);
                (next, self.elapsed >= eased.duration() && next.position == self.goal)
            }
        };
        if arrived {
            self.setpoint = Setpoint::rest(self.goal);
            self.source = Source::Hold;
        } else {
            // Rounding may carry a path past the end of the travel by a hair.
            let position = next.position.clamp(self.limits.lower, self.limits.upper);
            self.setpoint = Setpoint { position, ..next };
        }
        self.setpoint
    }

    /// Where a new motion begins. An acceleration from which the limits could not be kept comes from a firm stop, which
    /// had a step in it anyway, and can end with another.
    fn origin(&self) -> Setpoint {
        let Setpoint { velocity, acceleration, .. } = self.setpoint;
        let if_let_go = velocity + acceleration * acceleration.abs() / (2.0 * self.limits.jerk);
        let limited = acceleration.abs() <= self.limits.acceleration * ROUNDING
            && if_let_go.abs() <= self.limits.velocity * ROUNDING;
        if limited { self.setpoint } else { Setpoint { acceleration: 0.0, ..self.setpoint } }
    }

    /// The present setpoint.
    pub fn setpoint(&self) -> Setpoint {
        self.setpoint
    }

    /// Where it goes, or went last; after a stop, where it holds.
    pub fn goal(&self) -> f64 {
        self.goal
    }

    /// Whether it is on its way.
    pub fn is_moving(&self) -> bool {
        self.source != Source::Hold
    }

    /// Seconds until it arrives; 0 when it holds.
    pub fn remaining(&self) -> f64 {
        match &self.source {
            Source::Hold => 0.0,
            Source::Path(path) => (path.duration() - self.elapsed).max(0.0),
            Source::Eased(eased) => {
                let limited = (self.goal - self.setpoint.position).abs() / self.limits.velocity;
                (eased.duration() - self.elapsed).max(limited)
            }
        }
    }

    /// Share of the time to the goal that is over, 0 to 1; 1 when it holds.
    pub fn progress(&self) -> f64 {
        let whole = self.elapsed + self.remaining();
        if self.is_moving() && whole > 0.0 { (self.elapsed / whole).clamp(0.0, 1.0) } else { 1.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TORSO: Limits = Limits { lower: -1.5, upper: 1.5, velocity: 5.0, acceleration: 40.0, jerk: 1000.0 };

    #[test]
    fn a_frozen_joint_holds_at_once() {
        let mut motion = JointMotion::new(TORSO, 0.0);
        motion.go_to(1.0, 0.0, Profile::Smooth, &mut Planner::new());
        let setpoint = motion.advance(0.15);
        assert!(setpoint.velocity > 1.0);
        motion.freeze();
        assert_eq!(motion.advance(1.0), Setpoint::rest(setpoint.position));
        assert!(!motion.is_moving());
    }

    #[test]
    fn a_goal_where_the_joint_already_is_is_reached_at_once() {
        for profile in [Profile::Smooth, Profile::Eased("linear".parse().unwrap())] {
            let mut motion = JointMotion::new(TORSO, 0.5);
            motion.go_to(0.5, 1.0, profile, &mut Planner::new());
            assert_eq!(motion.remaining(), 0.0);
            motion.advance(0.0);
            assert!(!motion.is_moving());
        }
    }

    #[test]
    fn progress_goes_from_0_to_1_and_remaining_to_0() {
        for profile in [Profile::Smooth, Profile::Eased("in_out_quad".parse().unwrap())] {
            let mut motion = JointMotion::new(TORSO, 0.0);
            motion.go_to(1.0, 1.0, profile, &mut Planner::new());
            let (mut progress, mut remaining) = (motion.progress(), motion.remaining());
            assert_eq!(progress, 0.0);
            while motion.is_moving() {
                motion.advance(0.01);
                assert!(motion.progress() >= progress && motion.remaining() <= remaining);
                (progress, remaining) = (motion.progress(), motion.remaining());
            }
            assert_eq!((progress, remaining), (1.0, 0.0));
        }
    }
}
