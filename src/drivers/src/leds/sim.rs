use super::{LedBus, LedFault, Levels};
use std::sync::{Arc, Mutex, PoisonError};

/// LEDs that are not there, and remember what they would show.
#[derive(Debug, Default)]
pub struct SimLeds {
    seen: Arc<Mutex<Seen>>,
}

#[derive(Debug, Default)]
struct Seen {
    levels: Levels,
    writes: u64,
}

/// A look at simulated LEDs.
#[derive(Debug, Clone)]
pub struct LedProbe {
    seen: Arc<Mutex<Seen>>,
}

impl SimLeds {
    /// All off.
    pub fn new() -> Self {
        Self::default()
    }

    /// A look at them, also when they are gone.
    pub fn probe(&self) -> LedProbe {
        LedProbe { seen: Arc::clone(&self.seen) }
    }
}

impl LedBus for SimLeds {
    fn name(&self) -> &'static str {
        "sim"
    }

    fn write(&mut self, levels: &Levels) -> Result<(), LedFault> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.levels = *levels;
        seen.writes += 1;
        Ok(())
    }
}

impl Drop for SimLeds {
    /// Off, as real ones.
    fn drop(&mut self) {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).levels = Levels::default();
    }
}

impl LedProbe {
    /// What was written last; all 0 before that, and when the LEDs are gone.
    pub fn levels(&self) -> Levels {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).levels
    }

    /// How often was written.
    pub fn writes(&self) -> u64 {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).writes
    }
}
