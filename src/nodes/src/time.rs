//! Stamps. ROS time here is the system's clock: a real robot cannot run on simulated time.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use r2r::builtin_interfaces::msg::Time;
use r2r::std_msgs::msg::Header;

/// The present moment as ROS stamps it.
pub fn now() -> Time {
    stamp(SystemTime::now())
}

/// A header with the present moment.
pub fn header_now(frame_id: &str) -> Header {
    Header { stamp: now(), frame_id: frame_id.to_owned() }
}

/// `time` as a ROS stamp. Before 1970 it is 0, after 2038 the greatest that the message can hold.
pub fn stamp(time: SystemTime) -> Time {
    let since_epoch = time.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    Time {
        sec: i32::try_from(since_epoch.as_secs()).unwrap_or(i32::MAX),
        nanosec: since_epoch.subsec_nanos(),
    }
}
