use std::time::Duration;

/// Least time between two writes: flash wears out.
pub(super) const SPACING: Duration = Duration::from_secs(1);

/// So long the arm rests before that is written. Moves that follow each other quickly are one motion on the disk, which
/// writes less, and the next move less often finds a position on the disk that it cannot correct at once.
pub(super) const SETTLE: Duration = Duration::from_millis(400);

/// When to write. What is known of a joint is where it rests; none while it moves or nobody knows.
///
/// The disk is corrected as soon as it may be when it knows something that is not so any more: a motion began. What it
/// only does not know yet can wait until the arm rests.
#[derive(Debug)]
pub(super) struct Policy {
    on_disk: Vec<Option<f64>>,
    known: Vec<Option<f64>>,
    moving: bool,
    /// Since when it is as it is.
    since: Duration,
    last_write: Option<Duration>,
    /// Could not be written, and is not tried again.
    refused: Option<Vec<Option<f64>>>,
}

impl Policy {
    pub(super) fn new(on_disk: Vec<Option<f64>>) -> Self {
        Self {
            known: on_disk.clone(),
            on_disk,
            moving: false,
            since: Duration::ZERO,
            last_write: None,
            refused: None,
        }
    }

    /// The arm at `now`.
    pub(super) fn saw(&mut self, now: Duration, known: Vec<Option<f64>>, moving: bool) {
        if moving || known != self.known {
            self.since = now;
        }
        self.known = known;
        self.moving = moving;
    }

    /// From when on what was seen last shall be written; none while it need not be.
    pub(super) fn due(&self) -> Option<Duration> {
        if !self.differs() || self.refused.as_ref() == Some(&self.known) {
            return None;
        }
        let free = self.last_write.map_or(Duration::ZERO, |last| last + SPACING);
        if self.lies() {
            return Some(free);
        }
        (!self.moving).then(|| free.max(self.since + SETTLE))
    }

    /// What was seen last was written by `now`, or could not be. Both wear the disk.
    pub(super) fn wrote(&mut self, now: Duration, worked: bool) {
        self.last_write = Some(now);
        self.refused = (!worked).then(|| self.known.clone());
        if worked {
            self.on_disk.clone_from(&self.known);
        }
    }

    /// The disk does not say what was seen last.
    pub(super) fn differs(&self) -> bool {
        self.on_disk != self.known
    }

    /// The disk knows a joint where it is not.
    fn lies(&self) -> bool {
        let joints = self.on_disk.iter().zip(&self.known);
        joints.into_iter().any(|(disk, known)| disk.is_some() && disk != known)
    }
}

#[cfg(test)]
mod tests {
    use super::{Policy, SETTLE, SPACING};
    use proptest::prelude::*;
    use std::time::Duration;

    fn at(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn nothing_is_due_while_nothing_changes() {
        let mut policy = Policy::new(vec![Some(0.5), None]);
        for ms in [0, 10, 100_000] {
            policy.saw(at(ms), vec![Some(0.5), None], false);
            assert_eq!(policy.due(), None);
        }
    }

    #[test]
    fn a_motion_is_marked_at_once_and_the_rest_is_written_when_it_has_settled() {
        let mut policy = Policy::new(vec![Some(0.5)]);
        policy.saw(at(5000), vec![None], true);
        assert_eq!(policy.due(), Some(Duration::ZERO));
        policy.wrote(at(5000), true);
        policy.saw(at(5020), vec![None], true);
        assert_eq!(policy.due(), None, "a motion is marked once");
        policy.saw(at(9000), vec![Some(0.7)], false);
        assert_eq!(policy.due(), Some(at(9000) + SETTLE));
        policy.saw(at(9100), vec![Some(0.7)], false);
        assert_eq!(policy.due(), Some(at(9000) + SETTLE));
        policy.wrote(at(9400), true);
        assert_eq!(policy.due(), None);
    }

    #[test]
    fn a_second_joint_that_starts_is_marked_too_and_one_that_arrives_waits_for_the_others() {
        let mut policy = Policy::new(vec![Some(0.5), Some(0.0)]);
        policy.saw(at(5000), vec![None, Some(0.0)], true);
        policy.wrote(at(5000), true);
        policy.saw(at(5500), vec![None, None], true);
        assert_eq!(policy.due(), Some(at(5000) + SPACING));
        policy.wrote(at(6000), true);
        policy.saw(at(8000), vec![Some(0.9), None], true);
        assert_eq!(policy.due(), None);
    }

    #[test]
    fn what_the_disk_refused_is_tried_again_when_something_changes() {
        let mut policy = Policy::new(vec![None]);
        policy.saw(at(1000), vec![Some(0.1)], false);
        policy.wrote(at(1400), false);
        policy.saw(at(60_000), vec![Some(0.1)], false);
        assert_eq!(policy.due(), None);
        policy.saw(at(61_000), vec![Some(0.2)], false);
        assert_eq!(policy.due(), Some(at(61_000) + SETTLE));
        assert!(policy.differs(), "at the end it is tried once more");
    }

    /// (time since the last one in ms, joint, where it rests or none in motion, the disk works)
    fn steps() -> impl Strategy<Value = Vec<(u64, usize, Option<u8>, bool)>> {
        let step = (0_u64..900, 0_usize..3, proptest::option::of(0_u8..3), proptest::bool::weighted(0.9));
        proptest::collection::vec(step, 1..60)
    }

    proptest! {
        #[test]
        fn writes_keep_their_distance_no_wrong_position_stays_and_the_end_is_written(steps in steps()) {
            let mut policy = Policy::new(vec![None; 3]);
            let (mut disk, mut arm) = (vec![None; 3], vec![None; 3]);
            let mut writes: Vec<Duration> = Vec::new();
            let (mut now, mut refused, mut wrong_since) = (0, false, None);
            // Long after the last change everything is as it will stay.
            let end = (60_000, 0, None, true);
            for (index, &(wait, joint, rests, works)) in steps.iter().chain([&end]).enumerate() {
                let until = now + wait;
                while now < until {
                    now += 20;
                    if policy.due().is_some_and(|due| due <= at(now)) {
                        writes.push(at(now));
                        policy.wrote(at(now), works);
                        refused = !works;
                        if works {
                            disk.clone_from(&arm);
                        }
                    }
                    let wrong = disk.iter().zip(&arm).any(|(disk, arm)| disk.is_some() && disk != arm);
                    // Until something changes, nothing can be done about a disk that refuses.
                    let due = policy.due().is_some();
                    prop_assert!(due || refused || !wrong, "{disk:?} stays, {arm:?} is");
                    wrong_since = (wrong && due).then(|| wrong_since.unwrap_or(now));
                    prop_assert!(wrong_since.is_none_or(|since| now - since <= 1000));
                }
                if index < steps.len() {
                    arm[joint] = rests.map(f64::from);
                    policy.saw(at(now), arm.clone(), arm.contains(&None));
                }
            }
            prop_assert!(writes.windows(2).all(|pair| pair[1] - pair[0] >= SPACING), "{writes:?}");
            prop_assert!(policy.due().is_none());
            if !refused && !arm.contains(&None) {
                prop_assert_eq!(&disk, &arm);
            }
            // The end of the program.
            prop_assert_eq!(policy.differs(), disk != arm);
        }
    }
}
