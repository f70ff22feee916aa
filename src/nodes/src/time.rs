//! Stamps. ROS time here is the system's clock: a real robot cannot run on simulated time.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use r2r::builtin_interfaces::msg::{Duration as RosDuration, Time};
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

/// Seconds from `now` to `stamp`; negative where that lies in the past.
pub fn seconds_until(stamp: &Time, now: SystemTime) -> f64 {
    let now = now.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    // Seconds apart before nanoseconds are added: since 1970 an f64 counts in 0.2 us.
    let whole = f64::from(stamp.sec) - now.as_secs() as f64;
    whole + (f64::from(stamp.nanosec) - f64::from(now.subsec_nanos())) * 1e-9
}

/// A ROS duration in seconds.
pub fn seconds(duration: &RosDuration) -> f64 {
    f64::from(duration.sec) + f64::from(duration.nanosec) * 1e-9
}

/// Seconds as a ROS duration. What is negative or no number is 0, what is too long the longest that the message can hold.
pub fn duration(seconds: f64) -> RosDuration {
    let duration = Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(Duration::MAX);
    RosDuration {
        sec: i32::try_from(duration.as_secs()).unwrap_or(i32::MAX),
        nanosec: duration.subsec_nanos(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_until_a_stamp_are_exact_long_after_1970() {
        let now = UNIX_EPOCH + Duration::new(1_800_000_000, 900_000_000);
        let until = |sec, nanosec| seconds_until(&Time { sec, nanosec }, now);
        assert!((until(1_800_000_001, 100_000_001) - 0.200_000_001).abs() < 1e-12);
        assert!((until(1_800_000_000, 0) + 0.9).abs() < 1e-12);
        assert!((until(-1, 0) + 1_800_000_001.9).abs() < 1e-6);
    }

    #[test]
    fn durations_go_there_and_back() {
        let there = duration(2.25);
        assert_eq!((there.sec, there.nanosec, seconds(&there)), (2, 250_000_000, 2.25));
        assert_eq!(seconds(&RosDuration { sec: -2, nanosec: 500_000_000 }), -1.5);
        assert_eq!([-1.0, f64::NAN].map(|none| seconds(&duration(none))), [0.0, 0.0]);
        assert_eq!(duration(1e12).sec, i32::MAX);
    }
}
