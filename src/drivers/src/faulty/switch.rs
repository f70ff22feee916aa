use super::Fault;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How often something was done to the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Injected {
    /// Calls that failed.
    pub failures: u64,
    /// Chips that restarted.
    pub resets: u64,
    /// Writes that were acknowledged without effect.
    pub swallowed: u64,
}

/// What one call meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Now {
    Through,
    Nak,
    Stuck,
    /// The chip restarts with this call.
    FallAsleep,
    Asleep,
    /// A write that fails.
    Fail {
        /// It has taken effect nevertheless.
        after_the_write: bool,
    },
}

#[derive(Debug, Default)]
struct State {
    fault: Fault,
    /// Calls until the script goes on; none without a script.
    calls_left: Option<u32>,
    script: VecDeque<(Fault, u32)>,
    /// Writes since the fault began.
    writes: u32,
    /// The chip has forgotten its settings. Outlives the fault: only setting it up anew helps.
    asleep: bool,
    injected: Injected,
}

impl State {
    fn begin(&mut self, fault: Fault) {
        self.fault = fault;
        self.writes = 0;
    }

    /// Takes the next step of the script that has calls.
    fn go_on(&mut self) {
        while self.calls_left == Some(0) {
            let next = self.script.pop_front();
            self.calls_left = next.map(|(_, calls)| calls);
            self.begin(next.map_or(Fault::None, |(fault, _)| fault));
        }
        self.calls_left = self.calls_left.map(|calls| calls - 1);
    }
}

/// Throws the faults of a [`Faulty`](super::Faulty) bus. Clones throw the same ones.
#[derive(Debug, Clone, Default)]
pub struct FaultSwitch {
    state: Arc<Mutex<State>>,
}

impl FaultSwitch {
    /// This fault from the next call on; ends a script. A chip that has restarted stays without settings.
    pub fn set(&self, fault: Fault) {
        let mut state = self.lock();
        state.script.clear();
        state.calls_left = None;
        state.begin(fault);
    }

    /// Faults one after the other, each for its number of calls, then none.
    pub fn play(&self, script: impl IntoIterator<Item = (Fault, u32)>) {
        let mut state = self.lock();
        state.script = script.into_iter().collect();
        state.calls_left = Some(0);
        state.begin(Fault::None);
    }

    /// The fault as of the last call; [`Fault::None`] again once a chip that restarted was set up anew.
    pub fn fault(&self) -> Fault {
        self.lock().fault
    }

    /// The chip has restarted and was not set up anew yet.
    pub fn asleep(&self) -> bool {
        self.lock().asleep
    }

    /// What was done so far.
    pub fn injected(&self) -> Injected {
        self.lock().injected
    }

    /// The next call begins.
    pub(super) fn next_call(&self, writes: bool) -> Now {
        let mut state = self.lock();
        state.go_on();
        state.writes = state.writes.wrapping_add(u32::from(writes));
        let now = match state.fault {
            Fault::Nak => Now::Nak,
            Fault::Stuck => Now::Stuck,
            Fault::ChipReset if !state.asleep => Now::FallAsleep,
            Fault::EveryNth(nth) if writes && nth > 0 && state.writes.is_multiple_of(nth) => {
                // What sleeps takes no effect either way.
                Now::Fail { after_the_write: !state.asleep && (state.writes / nth).is_multiple_of(2) }
            }
            _ if state.asleep => Now::Asleep,
            _ => Now::Through,
        };
        match now {
            Now::Nak | Now::Stuck | Now::Fail { .. } => state.injected.failures += 1,
            Now::FallAsleep => {
                state.asleep = true;
                state.injected.resets += 1;
            }
            Now::Asleep | Now::Through => {}
        }
        if writes && matches!(now, Now::FallAsleep | Now::Asleep) {
            state.injected.swallowed += 1;
        }
        now
    }

    /// The chip was set up anew.
    pub(super) fn woken(&self) {
        let mut state = self.lock();
        state.asleep = false;
        if state.fault == Fault::ChipReset {
            state.begin(Fault::None);
        }
    }

    /// A lock that a panic left behind holds a state that is still true.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
