use std::time::Duration;

/// What the thread has done so far.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Stats {
    /// Ticks on the clock, while something moved.
    pub ticks: u64,
    /// Ticks that were left out because the thread came too late.
    pub missed: u64,
    /// The greatest lateness of a tick since the start or [`super::ServoHandle::reset_worst`].
    pub late_worst: Duration,
    /// Writes that reached the bus.
    pub writes: u64,
    /// Writes that failed.
    pub bus_errors: u64,
    /// Failed writes since the last one that worked.
    pub bus_errors_in_a_row: u32,
    /// Faults that lasted so long that the goals were aborted and the servos told to go limp.
    pub faults: u64,
    /// The bus fails, and has for so long that the arm has given up moving.
    pub given_up: bool,
    /// How often the hardware had forgotten how it was set up, or had to be set up anew after a fault.
    pub resets: u64,
    /// The last failure.
    pub last_bus_error: Option<String>,
    /// How often the motion library had no answer and a closed form took its place.
    pub planner_fallbacks: u64,
}
