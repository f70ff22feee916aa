use rustix::thread::ClockId as SleepClock;
use rustix::thread::clock_nanosleep_absolute;
use rustix::time::{ClockId, Timespec, clock_gettime};
use std::time::Duration;

/// The monotonic clock, counted from the thread's start.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock {
    start: Duration,
}

impl Clock {
    pub(super) fn start() -> Self {
        Self { start: monotonic() }
    }

    pub(super) fn now(&self) -> Duration {
        monotonic().saturating_sub(self.start)
    }

    /// Sleeps until `time`; a signal does not wake it. An absolute sleep does not add up how late each one was.
    pub(super) fn sleep_until(&self, time: Duration) {
        let time = self.start + time;
        let Ok(request) = Timespec::try_from(time) else { return };
        while clock_nanosleep_absolute(SleepClock::Monotonic, &request).is_err() && monotonic() < time {}
    }
}

fn monotonic() -> Duration {
    Duration::try_from(clock_gettime(ClockId::Monotonic)).unwrap_or_default()
}
