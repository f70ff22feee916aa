//! `~/command`: the non-blocking set, and jogging.

use std::time::{Duration, Instant};

use r2r::QosProfile;
use r2r::sensor_msgs::msg::JointState;
use steve_core::arm::{JogRequest, MoveRequest};
use steve_drivers::servo_thread::ServoHandle;

use super::NAME;
use crate::error::NodeError;
use crate::logging::Throttle;
use crate::parameters::Parameters;
use crate::spin::Spinner;

pub(super) fn subscribe(
    spinner: &mut Spinner,
    servos: ServoHandle,
    parameters: Parameters,
) -> Result<(), NodeError> {
    let mut throttle = Throttle::new(Duration::from_secs(1));
    spinner.subscribe("~/command", QosProfile::default(), move |message: JointState| {
        let timeout = Duration::from_secs_f64(parameters.number("command_timeout"));
        let outcome = read(message).and_then(|command| carry_out(&servos, command, timeout));
        if let Err(reason) = outcome {
            throttle.warn(Instant::now(), NAME, &format_args!("~/command refused: {reason}"));
        }
    })
}

/// What a message asks for.
#[derive(Debug, PartialEq)]
enum Command {
    Go(MoveRequest),
    Jog(JogRequest),
}

fn carry_out(servos: &ServoHandle, command: Command, timeout: Duration) -> Result<(), String> {
    match command {
        Command::Go(request) => servos.validate(&request).map(|valid| servos.set(valid)),
        Command::Jog(request) => servos.validate_jog(&request).map(|valid| servos.jog(valid, timeout)),
    }
    .map_err(|error| error.to_string())
}

/// The message as a request, or what is wrong with its shape. Velocities beside positions are left aside, so that another
/// robot's `joint_states` can be played to this one.
fn read(message: JointState) -> Result<Command, String> {
    let JointState { name, position, velocity, effort, .. } = message;
    if effort.iter().any(|effort| *effort != 0.0) {
        return Err("effort: servos have no torque control; leave it empty".into());
    }
    let jogs = position.is_empty() && !velocity.is_empty();
    let (what, values) = if jogs { ("velocity", velocity) } else { ("position", position) };
    if name.is_empty() || name.len() != values.len() {
        return Err(format!(
            "name has {} entries, {what} {}: give one {what} a name, at least one",
            name.len(),
            values.len()
        ));
    }
    // Infinity means "as far as it goes" to an action's goal; on a topic it is more likely a division by zero.
    if let Some(bad) = values.iter().position(|value| !value.is_finite()) {
        return Err(format!("{what} of {}: {} is no finite number", name[bad], values[bad]));
    }
    let named = name.into_iter().zip(values);
    Ok(if jogs {
        Command::Jog(JogRequest { velocities: named.collect() })
    } else {
        Command::Go(MoveRequest::positions(named))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(name: &[&str], position: &[f64], velocity: &[f64]) -> JointState {
        JointState {
            name: name.iter().map(ToString::to_string).collect(),
            position: position.to_vec(),
            velocity: velocity.to_vec(),
            ..Default::default()
        }
    }

    #[test]
    fn positions_are_gone_to_and_velocities_alone_jog() {
        let go = Command::Go(MoveRequest::positions([("torso", 0.1)]));
        assert_eq!(read(message(&["torso"], &[0.1], &[])), Ok(go));
        let jog = Command::Jog(JogRequest { velocities: vec![("torso".into(), -0.2)] });
        assert_eq!(read(message(&["torso"], &[], &[-0.2])), Ok(jog));
    }

    #[test]
    fn beside_positions_velocities_are_left_aside() {
        let go = Command::Go(MoveRequest::positions([("torso", 0.1)]));
        assert_eq!(read(message(&["torso"], &[0.1], &[0.5])), Ok(go));
    }

    #[test]
    fn wrong_lengths_and_numbers_are_refused_with_the_reason() {
        let refused = |name: &[&str], position: &[f64], velocity: &[f64]| {
            read(message(name, position, velocity)).unwrap_err()
        };
        assert!(refused(&["torso"], &[], &[]).contains("name has 1 entries, position 0"));
        assert!(refused(&["torso"], &[], &[0.1, 0.2]).contains("name has 1 entries, velocity 2"));
        assert!(refused(&[], &[], &[]).contains("at least one"));
        assert!(refused(&["torso"], &[f64::NAN], &[]).contains("position of torso: NaN"));
        assert!(refused(&["torso"], &[f64::INFINITY], &[]).contains("inf"));
        assert!(refused(&["torso"], &[], &[f64::NAN]).contains("velocity of torso: NaN"));
        let effort = JointState { effort: vec![0.1], ..message(&["torso"], &[0.1], &[]) };
        assert!(read(effort).unwrap_err().contains("torque"));
    }
}
