use super::error::{Leg, TrajectoryError};
use super::piece::Piece;
use super::plan::{Carried, JointPlan, Plan, ValidTrajectory};
use super::request::{JointTolerance, TrajectoryPoint, TrajectoryRequest};
use super::{ROUNDING, SHORTEST, SPEED_ROUNDING, knots};
use crate::motion::Setpoint;
use crate::robot::{Joint, JointKind, Robot};
use std::sync::Arc;

/// A trajectory has at most this many points, three minutes at 50 a second: they are checked while others wait.
pub const MAX_POINTS: usize = 10_000;

/// A trajectory ends at most this long from now, s: a day.
pub const MAX_DURATION: f64 = 86_400.0;

/// A trajectory may end as fast as this share of the velocity limit: what is left by a client's rounding.
const AT_REST: f64 = 0.01;

/// Checks everything that can be known without the arm's state. Takes no lock and changes nothing, so that any thread may
/// answer a client at once. `start_in` counts from now, and so do the times of the result.
///
/// # Errors
/// The first thing that is wrong. [`TrajectoryError::code`] is the action's result code.
pub fn validate_trajectory(
    robot: &Robot,
    request: &TrajectoryRequest,
) -> Result<ValidTrajectory, TrajectoryError> {
    let joints = joints(robot, &request.joints)?;
    let path_tolerances = tolerances(robot, "path_tolerance", &request.path_tolerance)?;
    let goal_tolerances = tolerances(robot, "goal_tolerance", &request.goal_tolerance)?;
    let goal_time_tolerance = tolerance("goal_time_tolerance", request.goal_time_tolerance)?;
    let times = times(request)?;
    let carried = carried(&request.points, joints.len())?;
    let first = times.partition_point(|&time| time <= SHORTEST);
    let dropped = first.saturating_sub(1);
    let mut plans = Vec::with_capacity(joints.len());
    for (k, &joint) in joints.iter().enumerate() {
        let Joint { name, kind, .. } = &robot.joints[joint];
        let mut plan = JointPlan {
            name: name.clone(),
            unit: unit(*kind),
            knots: Vec::new(),
            path_tolerance: path_tolerances[joint],
            goal_tolerance: goal_tolerances[joint],
        };
        plan.knots = knots_of(&robot.joints[joint], &plan, k, &request.points)?;
        if carried == Carried::Positions {
            knots::join(&times, &mut plan.knots);
        }
        check_pieces(&robot.joints[joint], &plan, &times, carried)?;
        plan.knots.drain(..dropped);
        plans.push(plan);
    }
    let times = times[dropped..].to_vec();
    let plan = Plan { carried, times, dropped, first: first - dropped, joints, plans, goal_time_tolerance };
    Ok(ValidTrajectory { plan: Arc::new(plan) })
}

fn joints(robot: &Robot, names: &[String]) -> Result<Vec<usize>, TrajectoryError> {
    if names.is_empty() {
        return Err(TrajectoryError::NoJoints);
    }
    let mut joints = Vec::with_capacity(names.len().min(robot.joints.len()));
    for (k, name) in names.iter().enumerate() {
        let field = || format!("joint_names[{k}]");
        let joint = find(robot, name, field)?;
        if joints.contains(&joint) {
            return Err(TrajectoryError::DoubledJoint { field: field(), joint: name.clone() });
        }
        joints.push(joint);
    }
    Ok(joints)
}

fn find(robot: &Robot, name: &str, field: impl Fn() -> String) -> Result<usize, TrajectoryError> {
    robot.joint_index(name).ok_or_else(|| TrajectoryError::UnknownJoint {
        field: field(),
        joint: name.to_owned(),
        known: robot.joints.iter().map(|joint| joint.name.clone()).collect(),
    })
}

/// The position tolerance of each of the robot's joints. A client may send those of joints that the trajectory leaves out.
fn tolerances(
    robot: &Robot,
    list: &str,
    entries: &[JointTolerance],
) -> Result<Vec<Option<f64>>, TrajectoryError> {
    let mut named = vec![false; robot.joints.len()];
    let mut found = vec![None; robot.joints.len()];
    for (i, entry) in entries.iter().enumerate() {
        let field = || format!("{list}[{i}].name");
        let joint = find(robot, &entry.joint, field)?;
        if named[joint] {
            return Err(TrajectoryError::DoubledJoint { field: field(), joint: entry.joint.clone() });
        }
        named[joint] = true;
        let of = |kind: &str, value| tolerance(&format!("{list}[{i}].{kind} ({})", entry.joint), value);
        of("velocity", entry.velocity)?;
        of("acceleration", entry.acceleration)?;
        found[joint] = of("position", entry.position)?;
    }
    Ok(found)
}

fn tolerance(field: &str, value: f64) -> Result<Option<f64>, TrajectoryError> {
    if value.is_nan() {
        return Err(TrajectoryError::BadTolerance { field: field.to_owned() });
    }
    Ok((value > 0.0 && value.is_finite()).then_some(value))
}

/// Seconds from now to each point.
fn times(request: &TrajectoryRequest) -> Result<Vec<f64>, TrajectoryError> {
    let TrajectoryRequest { points, start_in, .. } = request;
    finite("header.stamp", *start_in)?;
    if points.len() > MAX_POINTS {
        return Err(TrajectoryError::TooManyPoints { count: points.len(), allowed: MAX_POINTS });
    }
    let mut earlier = None;
    for (i, time) in points.iter().map(|point| point.time_from_start).enumerate() {
        let field = || format!("points[{i}].time_from_start");
        finite_named(time, field)?;
        if time < 0.0 {
            return Err(TrajectoryError::NegativeTime { field: field(), time });
        }
        if let Some(earlier) = earlier.filter(|earlier| time - earlier < SHORTEST) {
            return Err(TrajectoryError::TimesNotIncreasing {
                field: field(),
                time,
                earlier,
                least: SHORTEST,
            });
        }
        earlier = Some(time);
    }
    let Some(last) = earlier else { return Err(TrajectoryError::NoPoints) };
    let (field, duration) = (format!("points[{}].time_from_start", points.len() - 1), start_in + last);
    if duration > MAX_DURATION {
        return Err(TrajectoryError::TooLong { field, duration, allowed: MAX_DURATION });
    }
    if duration < -SHORTEST {
        return Err(TrajectoryError::Old { ago: -duration });
    }
    Ok(points.iter().map(|point| start_in + point.time_from_start).collect())
}

fn finite(field: &str, value: f64) -> Result<(), TrajectoryError> {
    finite_named(value, || field.to_owned())
}

fn finite_named(value: f64, field: impl Fn() -> String) -> Result<(), TrajectoryError> {
    if value.is_finite() { Ok(()) } else { Err(TrajectoryError::NotFinite { field: field(), value }) }
}

/// What all points carry. Their lists are as long as they have to be.
fn carried(points: &[TrajectoryPoint], joints: usize) -> Result<Carried, TrajectoryError> {
    let first = points.first().ok_or(TrajectoryError::NoPoints)?;
    let velocities = !first.velocities.is_empty();
    let accelerations = !first.accelerations.is_empty();
    for (i, point) in points.iter().enumerate() {
        let length = |kind: &str, values: &[f64]| {
            if values.len() == joints {
                return Ok(());
            }
            let field = format!("points[{i}].{kind}");
            Err(TrajectoryError::WrongLength { field, length: values.len(), joints })
        };
        let optional = |kind: &'static str, values: &[f64], expected: bool| {
            if values.is_empty() == expected {
                let field = format!("points[{i}].{kind}");
                return Err(TrajectoryError::Mixed { field, kind, given: !expected });
            }
            if expected { length(kind, values) } else { Ok(()) }
        };
        length("positions", &point.positions)?;
        optional("velocities", &point.velocities, velocities)?;
        optional("accelerations", &point.accelerations, accelerations)?;
        if !point.effort.is_empty() {
            let (field, length) = (format!("points[{i}].effort"), point.effort.len());
            return Err(TrajectoryError::Effort { field, length });
        }
    }
    match (velocities, accelerations) {
        (false, false) => Ok(Carried::Positions),
        (true, false) => Ok(Carried::Velocities),
        (true, true) => Ok(Carried::Accelerations),
        (false, true) => {
            Err(TrajectoryError::AccelerationsAlone { field: "points[0].accelerations".to_owned() })
        }
    }
}

/// The states of joint `k` of the request at its points.
fn knots_of(
    joint: &Joint,
    plan: &JointPlan,
    k: usize,
    points: &[TrajectoryPoint],
) -> Result<Vec<Setpoint>, TrajectoryError> {
    let limits = &joint.limits;
    let (lower, upper, unit) = (limits.lower, limits.upper, plan.unit);
    let rounding = ROUNDING * (upper - lower);
    let mut knots = Vec::with_capacity(points.len());
    for (i, point) in points.iter().enumerate() {
        let name = |kind| move || format!("points[{i}].{kind}[{k}] ({})", plan.name);
        let position = point.positions[k];
        let velocity = point.velocities.get(k).copied().unwrap_or(0.0);
        let acceleration = point.accelerations.get(k).copied().unwrap_or(0.0);
        finite_named(position, name("positions"))?;
        finite_named(velocity, name("velocities"))?;
        finite_named(acceleration, name("accelerations"))?;
        if !(lower - rounding..=upper + rounding).contains(&position) {
            let field = name("positions")();
            return Err(TrajectoryError::OutsideTravel { field, position, lower, upper, unit });
        }
        if velocity.abs() > limits.velocity * SPEED_ROUNDING {
            let field = name("velocities")();
            return Err(TrajectoryError::TooFast { field, velocity, allowed: limits.velocity, unit });
        }
        if i + 1 == points.len() && velocity.abs() > AT_REST * limits.velocity {
            let field = name("velocities")();
            return Err(TrajectoryError::EndsMoving { field, velocity, unit });
        }
        knots.push(Setpoint { position: position.clamp(lower, upper), velocity, acceleration });
    }
    Ok(knots)
}

/// Checks the ways between points, also those in the past: whether a trajectory is sound does not depend on when it comes.
fn check_pieces(
    joint: &Joint,
    plan: &JointPlan,
    times: &[f64],
    carried: Carried,
) -> Result<(), TrajectoryError> {
    for (i, pair) in plan.knots.windows(2).enumerate() {
        let leg = Leg { to: i + 1, from_now: false, joint: &plan.name, unit: plan.unit };
        let duration = times[i + 1] - times[i];
        if carried == Carried::Positions && i == 0 {
            // How fast the joint passes the first point depends on where it comes from; not so the mean speed after it.
            let speed = (pair[1].position - pair[0].position).abs() / duration;
            if speed > joint.limits.velocity * SPEED_ROUNDING {
                return Err(leg.too_fast(speed, &joint.limits));
            }
            continue;
        }
        TrajectoryError::check_piece(
            &Piece::new(carried.degree(), pair[0], pair[1], duration),
            &joint.limits,
            leg,
        )?;
    }
    Ok(())
}

fn unit(kind: JointKind) -> &'static str {
    match kind {
        JointKind::Revolute => "rad",
        JointKind::Prismatic => "m",
    }
}
