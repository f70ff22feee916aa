//! `~/command`: the non-blocking set.

use std::time::{Duration, Instant};

use r2r::QosProfile;
use r2r::sensor_msgs::msg::JointState;
use steve_core::arm::MoveRequest;
use steve_drivers::servo_thread::ServoHandle;

use super::NAME;
use crate::error::NodeError;
use crate::logging::Throttle;
use crate::spin::Spinner;

pub(super) fn subscribe(spinner: &mut Spinner, servos: ServoHandle) -> Result<(), NodeError> {
    let mut throttle = Throttle::new(Duration::from_secs(1));
    spinner.subscribe("~/command", QosProfile::default(), move |message: JointState| {
        let outcome =
            positions(&message).and_then(|request| servos.validate(&request).map_err(|e| e.to_string()));
        match outcome {
            Ok(valid) => servos.set(valid),
            Err(reason) => {
                if let Some(held_back) = throttle.pass(Instant::now()) {
                    let more =
                        if held_back == 0 { String::new() } else { format!(" (and {held_back} more since)") };
                    log::warn!(target: NAME, "~/command refused: {reason}{more}");
                }
            }
        }
    })
}

/// The message as a request, or what is wrong with its shape.
fn positions(message: &JointState) -> Result<MoveRequest, String> {
    let JointState { name, position, velocity, effort, .. } = message;
    if !effort.is_empty() {
        return Err("effort: servos have no torque control; leave it empty".into());
    }
    if position.is_empty() && !velocity.is_empty() {
        return Err("velocity alone: jogging is not implemented yet; give position".into());
    }
    if !velocity.is_empty() {
        return Err("position and velocity together: give one of them".into());
    }
    if name.is_empty() || name.len() != position.len() {
        return Err(format!(
            "{} names and {} positions: give one position a name, at least one",
            name.len(),
            position.len()
        ));
    }
    // Infinity means "as far as it goes" to an action's goal; on a topic it is more likely a division by zero.
    if let Some(bad) = position.iter().position(|position| !position.is_finite()) {
        return Err(format!("position of {}: {} is no finite number", name[bad], position[bad]));
    }
    Ok(MoveRequest::positions(name.iter().cloned().zip(position.iter().copied())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(name: &[&str], position: &[f64]) -> JointState {
        JointState {
            name: name.iter().map(ToString::to_string).collect(),
            position: position.to_vec(),
            ..Default::default()
        }
    }

    #[test]
    fn one_position_a_name_is_taken() {
        assert!(positions(&message(&["torso", "elbow"], &[0.1, 0.2])).is_ok());
    }

    #[test]
    fn wrong_lengths_and_numbers_are_refused_with_the_reason() {
        assert!(positions(&message(&["torso"], &[])).unwrap_err().contains("1 names and 0 positions"));
        assert!(positions(&message(&[], &[])).is_err());
        assert!(positions(&message(&["torso"], &[f64::NAN])).unwrap_err().contains("torso: NaN"));
        assert!(positions(&message(&["torso"], &[f64::INFINITY])).is_err());
        let both = JointState { velocity: vec![0.1], ..message(&["torso"], &[0.1]) };
        assert!(positions(&both).unwrap_err().contains("together"));
    }
}
