//! What makes void whatever was asked for before and still waits to be sent.

use std::sync::{Arc, Mutex, PoisonError};

/// Ends with every stop, every emergency stop, every power off, and when the hand has gone; then the next one begins.
#[derive(Debug, Clone, Default)]
pub(super) struct Eras(Arc<Mutex<u64>>);

/// One of them.
#[derive(Debug, Clone)]
pub(super) struct Era {
    eras: Eras,
    number: u64,
}

impl Eras {
    /// The present one.
    pub(super) fn now(&self) -> Era {
        let number = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Era { eras: self.clone(), number }
    }

    /// Ends it.
    pub(super) fn end(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) += 1;
    }
}

impl Era {
    /// It has not ended.
    pub(super) fn lasts(&self) -> bool {
        self.during(|| {}).is_some()
    }

    /// Does it unless the era has ended, which it then does afterwards at the earliest.
    pub(super) fn during<T>(&self, act: impl FnOnce() -> T) -> Option<T> {
        let present = self.eras.0.lock().unwrap_or_else(PoisonError::into_inner);
        (*present == self.number).then(act)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_asked_for_before_the_end_is_not_done_after_it() {
        let eras = Eras::default();
        let before = eras.now();
        assert_eq!(before.during(|| 1), Some(1));
        eras.end();
        assert_eq!((before.during(|| 1), before.lasts()), (None, false));
        assert!(eras.now().lasts());
    }
}
