//! One at a time, and one who waits for a moment.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// How long a press waits for the one before it. Longer, and it would be carried out when nobody expects it any more.
const WAIT: Duration = Duration::from_millis(300);

/// Hands out turns.
#[derive(Debug)]
pub(super) struct Turns {
    places: Arc<Semaphore>,
    turn: Arc<Semaphore>,
}

impl Default for Turns {
    fn default() -> Self {
        Self { places: Arc::new(Semaphore::new(2)), turn: Arc::new(Semaphore::new(1)) }
    }
}

impl Turns {
    /// A place in the queue, unless one is under way and one waits.
    pub(super) fn queue(&self) -> Option<OwnedSemaphorePermit> {
        self.places.clone().try_acquire_owned().ok()
    }

    /// The turn that follows; it lasts until it is dropped. None when the one before takes too long.
    pub(super) async fn next(&self, place: OwnedSemaphorePermit) -> Option<Turn> {
        let turn = timeout(WAIT, self.turn.clone().acquire_owned()).await.ok()?.ok()?;
        Some(Turn { _turn: turn, _place: place })
    }
}

/// A turn.
#[derive(Debug)]
pub(super) struct Turn {
    _turn: OwnedSemaphorePermit,
    _place: OwnedSemaphorePermit,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_second_waits_for_the_first_and_the_third_is_turned_away() {
        let turns = Turns::default();
        let first = turns.next(turns.queue().unwrap()).await.unwrap();
        let second = turns.queue().unwrap();
        assert!(turns.queue().is_none());
        drop(first);
        assert!(turns.next(second).await.is_some());
    }

    #[tokio::test]
    async fn who_waits_too_long_is_turned_away() {
        let turns = Turns::default();
        let _first = turns.next(turns.queue().unwrap()).await.unwrap();
        assert!(turns.next(turns.queue().unwrap()).await.is_none());
        assert!(turns.queue().is_some(), "and leaves its place");
    }
}
