use super::{Eased, Path, Planner, Profile, Setpoint};
use crate::robot::Limits;
use crate::trajectory::Course;

/// A limit that is reached is exceeded by a rounding.
const ROUNDING: f64 = 1.0 + 1e-6;

/// What moves a joint.
#[derive(Debug, Clone, PartialEq)]
enum Source {
    /// Nothing: the setpoint stays.
    Hold,
    /// To its end, within velocity, acceleration and jerk.
    Path(Path),
    /// Along a named curve.
    Eased(Eased),
    /// Along its part of a trajectory.
    Course(Course),
}

/// An end of a joint's travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TravelEnd {
    /// The least position.
    Lower,
    /// The greatest position.
    Upper,
}

/// The motion of one joint: it holds, or is on its way to a goal. Time goes on only by [`JointMotion::advance`].
#[derive(Debug, Clone, PartialEq)]
pub struct JointMotion {
    limits: Limits,
    setpoint: Setpoint,
    goal: f64,
    source: Source,
    elapsed: f64,
    /// Seconds that passed without it, because its setpoints could not be sent.
    behind: f64,
    /// The velocity that it jogs with: then `goal` is only the end of the travel that it would come to rest at.
    jog: Option<f64>,
}

impl JointMotion {
    /// Holds at `position`, or at the nearest end of the travel.
    pub fn new(limits: Limits, position: f64) -> Self {
        let position = position.clamp(limits.lower, limits.upper);
        let setpoint = Setpoint::rest(position);
        Self { limits, setpoint, goal: position, source: Source::Hold, elapsed: 0.0, behind: 0.0, jog: None }
    }

    /// Goes to `goal` (its nearest end of the travel if it lies outside) from where it is and as fast as it moves.
    /// `speed` 0, or faster than the joint, means as fast as the limits allow.
    pub fn go_to(&mut self, goal: f64, speed: f64, profile: Profile, planner: &mut Planner) {
        self.go_to_lasting(goal, speed, profile, 0.0, planner);
    }

    /// As [`Self::go_to`], but it takes at least so many seconds, where that is possible: a joint that is in motion may
    /// have no way that lasts exactly so long, and then takes the next longer one.
    pub fn go_to_lasting(
        &mut self,
        goal: f64,
        speed: f64,
        profile: Profile,
        at_least: f64,
        planner: &mut Planner,
    ) {
        let goal = goal.clamp(self.limits.lower, self.limits.upper);
        let source = match profile {
            Profile::Smooth => {
                Source::Path(planner.go_to_lasting(self.origin(), goal, speed, at_least, &self.limits))
            }
            Profile::Eased(easing) => {
                let earlier = Planner::stop(self.origin(), &self.limits);
                Source::Eased(Eased::new(easing, earlier, goal, speed, at_least, &self.limits))
            }
        };
        self.begin(goal, source);
    }

    /// Goes on at `velocity` (no faster than the joint may) until it is told otherwise, and comes to rest at the end of the
    /// travel; 0 stops.
    pub fn jog(&mut self, velocity: f64, planner: &mut Planner) {
        if velocity == 0.0 {
            self.stop();
            return;
        }
        if self.jog == Some(velocity) {
            return;
        }
        let end = if velocity > 0.0 { self.limits.upper } else { self.limits.lower };
        if self.is_moving() || self.setpoint.position != end {
            self.go_to(end, velocity.abs(), Profile::Smooth, planner);
            self.jog = Some(velocity);
        }
    }

    /// Follows its part of a trajectory, which has to have been made for where the joint is now.
    pub fn follow(&mut self, course: Course) {
        self.begin(course.goal(), Source::Course(course));
    }

    fn begin(&mut self, goal: f64, source: Source) {
        (self.goal, self.source, self.elapsed, self.behind, self.jog) = (goal, source, 0.0, 0.0, None);
    }

    /// Slows down as fast as the limits allow, then holds. Where it will hold becomes the goal.
    pub fn stop(&mut self) {
        if self.is_moving() {
            let path = Planner::stop(self.origin(), &self.limits);
            let goal = path.end().position.clamp(self.limits.lower, self.limits.upper);
            self.begin(goal, Source::Path(path));
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
            Source::Course(course) => {
                let next = course.next(self.setpoint, self.elapsed, step, &self.limits);
                (next, self.elapsed >= course.duration() && next.position == self.goal)
            }
        };
        if arrived {
            self.behind = 0.0;
            self.setpoint = Setpoint::rest(self.goal);
            self.source = Source::Hold;
            self.jog = None;
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

    /// Time goes on without it: its setpoint could not be sent.
    pub fn fall_behind(&mut self, step: f64) {
        self.behind += step;
    }

    /// Where its trajectory wants it by now; the setpoint where it follows none, or keeps up with it.
    pub fn desired(&self) -> Setpoint {
        match &self.source {
            Source::Course(course) => course.at(self.elapsed + self.behind),
            _ => self.setpoint,
        }
    }

    /// Seconds since it should have arrived; negative before.
    pub fn overdue(&self) -> f64 {
        match &self.source {
            Source::Course(course) => self.elapsed + self.behind - course.duration(),
            _ => -self.remaining(),
        }
    }

    /// The present setpoint.
    pub fn setpoint(&self) -> Setpoint {
        self.setpoint
    }

    /// Where it goes, or went last; after a stop, where it holds. None while it jogs.
    pub fn goal(&self) -> Option<f64> {
        self.jog.is_none().then_some(self.goal)
    }

    /// Whether it goes on at a velocity, without a goal.
    pub fn is_jogging(&self) -> bool {
        self.jog.is_some()
    }

    /// Which end of its travel it rests at, if it does.
    pub fn resting_end(&self) -> Option<TravelEnd> {
        match self.setpoint.position {
            _ if self.is_moving() => None,
            position if position >= self.limits.upper => Some(TravelEnd::Upper),
            position if position <= self.limits.lower => Some(TravelEnd::Lower),
            _ => None,
        }
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
            Source::Course(course) => {
                let limited = (self.goal - self.setpoint.position).abs() / self.limits.velocity;
                (course.duration() - self.elapsed).max(limited)
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

    fn jogging(velocity: f64) -> (JointMotion, Planner) {
        let (mut motion, mut planner) = (JointMotion::new(TORSO, 0.0), Planner::new());
        motion.jog(velocity, &mut planner);
        (motion, planner)
    }

    #[test]
    fn a_jog_cruises_at_its_velocity_and_has_no_goal() {
        let (mut motion, _) = jogging(-0.5);
        for _ in 0..20 {
            motion.advance(0.02);
        }
        assert!((motion.setpoint().velocity + 0.5).abs() < 1e-9);
        assert_eq!(motion.goal(), None);
        assert!(motion.is_jogging());
    }

    #[test]
    fn a_jog_that_is_repeated_every_tick_moves_as_one_that_is_not() {
        let (mut once, _) = jogging(1.0);
        let (mut again, mut planner) = jogging(1.0);
        for _ in 0..30 {
            again.jog(1.0, &mut planner);
            assert_eq!(once.advance(0.02), again.advance(0.02));
        }
    }

    #[test]
    fn a_jog_decelerates_into_the_end_of_the_travel() {
        let (mut motion, mut planner) = jogging(99.0);
        let mut last = motion.setpoint();
        while motion.is_moving() {
            let next = motion.advance(0.001);
            assert!(
                (next.velocity - last.velocity).abs() <= TORSO.acceleration * 0.001 + 1e-6,
                "{last:?} {next:?}"
            );
            last = next;
        }
        assert_eq!(motion.setpoint(), Setpoint::rest(TORSO.upper));
        assert_eq!(motion.resting_end(), Some(TravelEnd::Upper));
        motion.jog(1.0, &mut planner);
        assert!(!motion.is_moving(), "it is at the end already");
        motion.jog(-1.0, &mut planner);
        assert!(motion.is_moving());
    }

    #[test]
    fn a_jog_that_reverses_or_stops_has_no_step_in_velocity() {
        for velocity in [-2.0, 0.0, 0.3] {
            let (mut motion, mut planner) = jogging(2.0);
            for _ in 0..20 {
                motion.advance(0.02);
            }
            motion.jog(velocity, &mut planner);
            let mut last = motion.setpoint();
            for _ in 0..200 {
                let next = motion.advance(0.001);
                assert!((next.velocity - last.velocity).abs() <= TORSO.acceleration * 0.001 + 1e-6);
                last = next;
            }
            assert!((last.velocity - velocity).abs() < 1e-6, "{velocity}: {last:?}");
        }
    }

    #[test]
    fn a_move_can_be_made_to_last_as_long_as_another() {
        for profile in [Profile::Smooth, Profile::Eased("in_out_quad".parse().unwrap())] {
            let (mut motion, mut planner) = (JointMotion::new(TORSO, 0.0), Planner::new());
            motion.go_to_lasting(0.3, 0.0, profile, 2.0, &mut planner);
            assert!((motion.remaining() - 2.0).abs() < 1e-6, "{profile:?} takes {} s", motion.remaining());
            while motion.is_moving() {
                motion.advance(0.02);
            }
            assert_eq!(motion.setpoint(), Setpoint::rest(0.3));
            assert_eq!(planner.fallbacks(), 0);
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
