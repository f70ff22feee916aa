//! Whether a latched message still holds: only while somebody is there who could say otherwise.

use tokio::sync::watch;

/// What was said last, while nobody is there, and by whom.
///
/// A publisher that was only out of reach, for longer than its DDS lease, comes back with the identity it had, and DDS delivers
/// nothing twice: what it said before is not told again, and is still true.
#[derive(Debug)]
pub(super) struct Presence<M, I> {
    /// Who publishes, as of the last look when somebody did.
    publishers: Vec<I>,
    kept: Option<M>,
}

impl<M, I> Default for Presence<M, I> {
    fn default() -> Self {
        Self { publishers: Vec::new(), kept: None }
    }
}

impl<M, I: PartialEq> Presence<M, I> {
    /// Takes the newest message back when the last of `publishers` has gone, and says it again when all are back. `fresh`: there
    /// was a message since the last look.
    pub(super) fn look(&mut self, newest: &watch::Sender<Option<M>>, fresh: bool, publishers: Vec<I>) {
        if fresh {
            *self = Self { publishers, kept: None };
            // A message may overtake the news of its publisher: the next look tells.
            return;
        }
        if publishers.is_empty() {
            newest.send_if_modified(|newest| {
                let gone = newest.take();
                let had = gone.is_some();
                self.kept = gone.or_else(|| self.kept.take());
                had
            });
        } else if self.kept.is_none() {
            self.publishers = publishers;
        } else if !self.publishers.is_empty() && self.publishers.iter().all(|id| publishers.contains(id)) {
            newest.send_if_modified(|newest| {
                let kept = self.kept.take();
                let missing = newest.is_none();
                if missing {
                    *newest = kept;
                }
                missing
            });
            self.publishers = publishers;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A message of publishers 1 and 2, that are seen.
    fn said() -> (Presence<&'static str, u8>, watch::Sender<Option<&'static str>>) {
        let (mut presence, newest) = (Presence::default(), watch::Sender::new(Some("said")));
        presence.look(&newest, true, vec![]);
        presence.look(&newest, false, vec![1, 2]);
        assert_eq!(*newest.borrow(), Some("said"));
        (presence, newest)
    }

    #[test]
    fn what_was_said_goes_with_the_last_publisher_and_comes_back_with_all() {
        let (mut presence, newest) = said();
        for _ in 0..3 {
            for (publishers, holds) in [
                (vec![], None),
                (vec![], None),
                (vec![2], None),
                (vec![3, 2, 1], Some("said")),
                (vec![1], Some("said")),
            ] {
                presence.look(&newest, false, publishers.clone());
                assert_eq!(*newest.borrow(), holds, "{publishers:?}");
            }
            presence.look(&newest, false, vec![1, 2]);
        }
    }

    #[test]
    fn what_others_said_does_not_come_back() {
        let (mut presence, newest) = said();
        presence.look(&newest, false, vec![]);
        presence.look(&newest, false, vec![3]);
        assert_eq!(*newest.borrow(), None);
        newest.send_replace(Some("new"));
        presence.look(&newest, true, vec![3]);
        presence.look(&newest, false, vec![]);
        presence.look(&newest, false, vec![1, 2]);
        assert_eq!(*newest.borrow(), None);
        presence.look(&newest, false, vec![3]);
        assert_eq!(*newest.borrow(), Some("new"));
    }

    #[test]
    fn what_a_publisher_says_when_it_is_back_is_newer() {
        let (mut presence, newest) = said();
        presence.look(&newest, false, vec![]);
        newest.send_replace(Some("new"));
        presence.look(&newest, true, vec![1, 2]);
        presence.look(&newest, false, vec![1, 2]);
        assert_eq!(*newest.borrow(), Some("new"));
    }

    #[test]
    fn a_message_whose_publisher_was_never_seen_does_not_come_back() {
        let (mut presence, newest) = (Presence::default(), watch::Sender::new(Some("said")));
        presence.look(&newest, true, vec![]);
        presence.look(&newest, false, vec![]);
        presence.look(&newest, false, vec![1]);
        assert_eq!(*newest.borrow(), None);
    }
}
