use super::clock::Clock;
use super::handle::Gone;
use super::mailbox::Mailbox;
use super::stats::Stats;
use std::sync::atomic::{AtomicBool, AtomicU16, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use steve_core::arm::{ArmSnapshot, Guarding, MoveEnd, MoveOutcome, Readiness};
use steve_core::robot::Robot;
use tokio::sync::watch;

/// Something that ends every motion, those too that only wait at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Interruption {
    /// How many there have been.
    pub count: u64,
    /// What the last one was, for people.
    pub what: &'static str,
}

/// What the thread and its handles share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) mailbox: Mailbox,
    pub(super) clock: Clock,
    pub(super) robot: Arc<Robot>,
    pub(super) snapshots: watch::Receiver<Arc<ArmSnapshot>>,
    pub(super) next_id: AtomicU64,
    latched: AtomicBool,
    /// Emergency stops that are on their way. While there are any, nothing is valid, whatever is ahead of them.
    pub(super) stops_coming: AtomicU32,
    unknown: AtomicU16,
    pub(super) guarding: Mutex<Option<Guarding>>,
    pub(super) interruptions: Mutex<Interruption>,
    /// How many keep the servos powered while nothing moves.
    pub(super) awake: AtomicU32,
    /// Only who parks the arm may still move it.
    pub(super) ending: AtomicBool,
    stats: Mutex<Stats>,
    fault: Mutex<Option<String>>,
}

impl Shared {
    pub(super) fn new(
        robot: Arc<Robot>,
        clock: Clock,
        snapshots: watch::Receiver<Arc<ArmSnapshot>>,
        ready: Readiness,
    ) -> Self {
        Self {
            mailbox: Mailbox::default(),
            clock,
            robot,
            snapshots,
            next_id: AtomicU64::new(1),
            latched: AtomicBool::new(ready.emergency_stop),
            stops_coming: AtomicU32::new(0),
            unknown: AtomicU16::new(ready.unknown),
            guarding: Mutex::default(),
            interruptions: Mutex::default(),
            awake: AtomicU32::new(0),
            ending: AtomicBool::new(false),
            stats: Mutex::default(),
            fault: Mutex::default(),
        }
    }

    /// The arm's own state, as of the last tick.
    pub(super) fn set_ready(&self, ready: Readiness) {
        self.latched.store(ready.emergency_stop, Ordering::SeqCst);
        self.unknown.store(ready.unknown, Ordering::SeqCst);
    }

    /// Every motion ends because of `what`.
    pub(super) fn interrupt(&self, what: &'static str) {
        let mut last = self.interruptions.lock().unwrap_or_else(PoisonError::into_inner);
        *last = Interruption { count: last.count + 1, what };
    }

    pub(super) fn is_kept_awake(&self) -> bool {
        self.awake.load(Ordering::Relaxed) > 0
    }

    /// An emergency stop has arrived in the arm, and [`Self::set_ready`] says so.
    pub(super) fn stops_came(&self, count: u32) {
        self.stops_coming.fetch_sub(count, Ordering::SeqCst);
    }

    pub(super) fn robot(&self) -> &Robot {
        &self.robot
    }

    pub(super) fn stats(&self) -> MutexGuard<'_, Stats> {
        self.stats.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn fault(&self) -> Option<String> {
        self.fault.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn set_fault(&self, reason: String) {
        *self.fault.lock().unwrap_or_else(PoisonError::into_inner) = Some(reason);
    }

    pub(super) fn ready(&self) -> Readiness {
        let coming = self.stops_coming.load(Ordering::SeqCst) > 0;
        Readiness {
            emergency_stop: coming || self.latched.load(Ordering::SeqCst),
            unknown: self.unknown.load(Ordering::SeqCst),
        }
    }

    pub(super) fn gone(&self) -> MoveOutcome {
        let message = self.fault().map_or_else(|| Gone.to_string(), |fault| format!("servo thread: {fault}"));
        MoveOutcome { end: MoveEnd::ShutDown, positions: Vec::new(), message }
    }
}
