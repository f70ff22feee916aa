use super::ramps::{self, Rates};
use super::{Path, Setpoint};
use crate::robot::Limits;
use rsruckig::prelude::{
    InputParameter, Ruckig, RuckigResult, Synchronization, ThrowErrorHandler, Trajectory,
};

/// How far a planned path may pass its goal or a limit: what the library calls equal.
const TOLERANCE: f64 = 1e-6;

/// Plans the fastest way of one joint to a goal within velocity, acceleration and jerk. One planner serves all joints.
///
/// The way comes from the library `rsruckig`. Its answer is checked; if there is none, or it is wrong, a closed form that
/// always has an answer takes its place.
pub struct Planner {
    ruckig: Ruckig<1, ThrowErrorHandler>,
    input: InputParameter<1>,
    trajectory: Trajectory<1>,
    fallbacks: u64,
}

impl Planner {
    /// A planner, with the memory that it will ever need.
    pub fn new() -> Self {
        // The cycle time is the library's for stepping, which is not used.
        Self {
            ruckig: Ruckig::new(None, 0.01),
            input: InputParameter::new(None),
            trajectory: Trajectory::new(None),
            fallbacks: 0,
        }
    }

    /// From `from` to rest at `goal`, no faster than `speed` (0 = as fast as the limits allow) once it has slowed down to
    /// it, inside the travel all the way. `from` and `goal` have to lie inside the travel.
    pub fn go_to(&mut self, from: Setpoint, goal: f64, speed: f64, limits: &Limits) -> Path {
        self.go_to_lasting(from, goal, speed, 0.0, limits)
    }

    /// As [`Self::go_to`], but the path takes at least so many seconds, or the next longer time that is possible.
    pub fn go_to_lasting(
        &mut self,
        from: Setpoint,
        goal: f64,
        speed: f64,
        at_least: f64,
        limits: &Limits,
    ) -> Path {
        let rates = Rates::new(limits, speed);
        let good = |path: &Path| keeps_to(path, from, &rates, limits);
        if at_least > 0.0
            && let Some(path) = self.fastest(from, goal, Some(at_least), &rates).filter(good)
        {
            return path;
        }
        if let Some(path) = self.fastest(from, goal, None, &rates).filter(good) {
            return path;
        }
        self.fallbacks += 1;
        let mut path = Path::from(from);
        ramps::go_on_to(&mut path, goal, &rates);
        if stays_inside(&path, limits) {
            return path;
        }
        let mut path = ramps::firm_stop(from, limits);
        ramps::go_on_to(&mut path, goal, &rates);
        path
    }

    /// From `from` to rest as soon as the limits allow, inside the travel.
    pub fn stop(from: Setpoint, limits: &Limits) -> Path {
        let path = ramps::stop(from, &Rates::new(limits, 0.0));
        if stays_inside(&path, limits) { path } else { ramps::firm_stop(from, limits) }
    }

    /// How often the library had no answer, or a wrong one.
    pub fn fallbacks(&self) -> u64 {
        self.fallbacks
    }

    fn fastest(&mut self, from: Setpoint, goal: f64, at_least: Option<f64>, rates: &Rates) -> Option<Path> {
        let input = &mut self.input;
        input.current_position[0] = from.position;
        input.current_velocity[0] = from.velocity;
        input.current_acceleration[0] = from.acceleration;
        input.target_position[0] = goal;
        input.max_velocity[0] = rates.velocity;
        input.max_acceleration[0] = rates.acceleration;
        input.max_jerk[0] = rates.jerk;
        input.minimum_duration = at_least;
        // The library looks at a least duration only where it synchronises.
        input.synchronization =
            if at_least.is_some() { Synchronization::Time } else { Synchronization::None };
        match self.ruckig.calculate(input, &mut self.trajectory) {
            Ok(RuckigResult::Working | RuckigResult::Finished) => {}
            Ok(_) | Err(_) => return None,
        }
        let profile = &self.trajectory.profiles.first()?[0];
        let mut path = Path::from(from);
        let brake = profile.brake.t.iter().zip(&profile.brake.j);
        for (&duration, &jerk) in brake.chain(profile.t.iter().zip(&profile.j)) {
            let end = path.end();
            if jerk == 0.0 && end.acceleration.abs() < TOLERANCE * TOLERANCE * rates.acceleration {
                path.level(end.velocity);
            }
            if !path.push(duration, jerk) {
                return None;
            }
        }
        let end = path.end();
        let arrived = (end.position - goal).abs() < TOLERANCE
            && end.velocity.abs() < TOLERANCE * rates.velocity.max(1.0)
            && end.acceleration.abs() < TOLERANCE * rates.acceleration.max(1.0);
        path.settle(goal);
        arrived.then_some(path)
    }
}

impl Default for Planner {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for Planner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Planner").field("fallbacks", &self.fallbacks).finish_non_exhaustive()
    }
}

fn stays_inside(path: &Path, limits: &Limits) -> bool {
    let bounds = path.bounds();
    bounds.lower >= limits.lower - TOLERANCE && bounds.upper <= limits.upper + TOLERANCE
}

/// Inside the travel and the rates, except for what the present state already exceeds or cannot avoid.
fn keeps_to(path: &Path, from: Setpoint, rates: &Rates, limits: &Limits) -> bool {
    let bounds = path.bounds();
    let unavoidable =
        (from.velocity + from.acceleration * from.acceleration.abs() / (2.0 * rates.jerk)).abs();
    let speed = rates.velocity.max(from.velocity.abs()).max(unavoidable);
    let acceleration = rates.acceleration.max(from.acceleration.abs());
    stays_inside(path, limits)
        && bounds.speed <= speed * (1.0 + TOLERANCE)
        && bounds.acceleration <= acceleration * (1.0 + TOLERANCE)
        && bounds.jerk <= rates.jerk * (1.0 + TOLERANCE)
}
