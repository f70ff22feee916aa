//! `~/joint_trajectory`: a trajectory without feedback or result.

use std::time::{Duration, Instant, SystemTime};

use r2r::QosProfile;
use r2r::trajectory_msgs::msg::JointTrajectory;
use steve_core::trajectory::is_stop;
use steve_drivers::servo_thread::ServoHandle;

use super::{NAME, trajectory};
use crate::error::NodeError;
use crate::logging::Throttle;
use crate::spin::Spinner;

pub(super) fn subscribe(spinner: &mut Spinner, servos: ServoHandle) -> Result<(), NodeError> {
    let mut throttle = Throttle::new(Duration::from_secs(1));
    spinner.subscribe("~/joint_trajectory", QosProfile::default(), move |message: JointTrajectory| {
        let request = trajectory::request(&message, SystemTime::now());
        if is_stop(&request) {
            // It happens without being awaited, and nobody waits for an answer here.
            drop(servos.stop());
            return;
        }
        match servos.validate_trajectory(&request) {
            Ok(valid) => servos.follow_without_result(valid),
            Err(refused) => {
                let reason = trajectory::refusal(refused.code(), &refused);
                throttle.warn(Instant::now(), NAME, &format_args!("~/joint_trajectory refused: {reason}"));
            }
        }
    })
}
