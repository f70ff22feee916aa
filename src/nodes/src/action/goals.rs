//! The goals that a server knows, and the rules of cancel and result. No ROS calls, no clock: plain book-keeping.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use r2r::action_msgs::msg::{GoalInfo, GoalStatus, GoalStatusArray};
use r2r::action_msgs::srv::CancelGoal;
use r2r::indexmap::IndexMap;
use r2r::unique_identifier_msgs::msg::UUID;
use tokio_util::sync::CancellationToken;

use crate::time;

/// A goal's id.
pub(super) type Uuid = [u8; 16];

/// action_msgs/GoalStatus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    Unknown = 0,
    Executing = 2,
    Canceling = 3,
    Succeeded = 4,
    Canceled = 5,
    Aborted = 6,
}

impl Status {
    fn is_active(self) -> bool {
        matches!(self, Self::Executing | Self::Canceling)
    }
}

/// action_msgs/srv/CancelGoal's return codes.
mod code {
    pub(super) const NONE: i8 = 0;
    pub(super) const UNKNOWN_GOAL_ID: i8 = 2;
    pub(super) const GOAL_TERMINATED: i8 = 3;
}

struct Entry<R, W> {
    stamp: SystemTime,
    status: Status,
    cancel: CancellationToken,
    result: Option<R>,
    waiting: Vec<W>,
}

/// Goals with results `R`, for whose end requests `W` wait; in the order of acceptance.
pub(super) struct Goals<R, W> {
    entries: IndexMap<Uuid, Entry<R, W>>,
}

impl<R, W> Default for Goals<R, W> {
    fn default() -> Self {
        Self { entries: IndexMap::new() }
    }
}

/// What to do with a request for a result.
pub(super) enum Answer<R, W> {
    /// The goal runs: the request waits with it.
    Later,
    /// No such goal (any more).
    Unknown(W),
    /// Here it is.
    Now(W, Status, R),
}

impl<R: Clone, W> Goals<R, W> {
    pub(super) fn knows(&self, id: Uuid) -> bool {
        self.entries.contains_key(&id)
    }

    /// Whether its client has asked for its cancel, and it has not ended yet.
    pub(super) fn is_canceling(&self, id: Uuid) -> bool {
        self.entries.get(&id).is_some_and(|entry| entry.status == Status::Canceling)
    }

    pub(super) fn active(&self) -> usize {
        self.entries.values().filter(|entry| entry.status.is_active()).count()
    }

    pub(super) fn insert(&mut self, id: Uuid, stamp: SystemTime, cancel: CancellationToken) {
        self.entries.insert(
            id,
            Entry { stamp, status: Status::Executing, cancel, result: None, waiting: Vec::new() },
        );
    }

    /// Ends a goal; the requests that waited for it come back to be answered.
    pub(super) fn end(&mut self, id: Uuid, status: Status, result: R) -> Vec<W> {
        let Some(entry) = self.entries.get_mut(&id) else { return Vec::new() };
        entry.status = status;
        entry.result = Some(result);
        std::mem::take(&mut entry.waiting)
    }

    /// Ends every goal that still runs; the requests that waited come back to be answered.
    pub(super) fn abort_all(&mut self, result: &R) -> Vec<W> {
        let running = self.entries.values_mut().filter(|entry| entry.status.is_active());
        running
            .flat_map(|entry| {
                entry.status = Status::Aborted;
                entry.result = Some(result.clone());
                std::mem::take(&mut entry.waiting)
            })
            .collect()
    }

    pub(super) fn forget(&mut self, id: Uuid) {
        // Keeps the order; the map holds only what ended within the result timeout.
        self.entries.shift_remove(&id);
    }

    pub(super) fn result(&mut self, id: Uuid, request: W) -> Answer<R, W> {
        let Some(entry) = self.entries.get_mut(&id) else { return Answer::Unknown(request) };
        match &entry.result {
            Some(result) => Answer::Now(request, entry.status, result.clone()),
            None => {
                entry.waiting.push(request);
                Answer::Later
            }
        }
    }

    /// As action_msgs/srv/CancelGoal says: id and stamp zero = all; id zero = all accepted at or before the stamp; stamp zero =
    /// that goal; both = that goal and all accepted at or before the stamp.
    pub(super) fn cancel(&mut self, request: &CancelGoal::Request) -> CancelGoal::Response {
        let id = from_msg(&request.goal_info.goal_id);
        let until = from_stamp(&request.goal_info.stamp);
        let (has_id, has_stamp) = (id != Uuid::default(), until.is_some());
        let mut return_code = code::NONE;
        if has_id {
            return_code = match self.entries.get(&id) {
                None => code::UNKNOWN_GOAL_ID,
                Some(entry) if !entry.status.is_active() => code::GOAL_TERMINATED,
                Some(_) => code::NONE,
            };
        }
        let mut goals_canceling = Vec::new();
        for (goal, entry) in &mut self.entries {
            let by_stamp = until.is_some_and(|until| entry.stamp <= until);
            let chosen = (!has_id && !has_stamp) || by_stamp || (has_id && *goal == id);
            if chosen && entry.status.is_active() {
                entry.status = Status::Canceling;
                entry.cancel.cancel();
                goals_canceling.push(info(*goal, entry.stamp));
            }
        }
        if !goals_canceling.is_empty() {
            return_code = code::NONE;
        }
        CancelGoal::Response { return_code, goals_canceling }
    }

    pub(super) fn status_array(&self) -> GoalStatusArray {
        let status_list = self
            .entries
            .iter()
            .map(|(id, entry)| GoalStatus { goal_info: info(*id, entry.stamp), status: entry.status as i8 })
            .collect();
        GoalStatusArray { status_list }
    }
}

fn info(id: Uuid, stamp: SystemTime) -> GoalInfo {
    GoalInfo { goal_id: to_msg(id), stamp: time::stamp(stamp) }
}

/// `None` for the stamp zero, which means "no stamp". Negative ones are before every goal.
fn from_stamp(stamp: &r2r::builtin_interfaces::msg::Time) -> Option<SystemTime> {
    if stamp.sec == 0 && stamp.nanosec == 0 {
        return None;
    }
    let seconds = u64::try_from(stamp.sec).unwrap_or(0);
    Some(UNIX_EPOCH + Duration::from_secs(seconds) + Duration::from_nanos(u64::from(stamp.nanosec)))
}

pub(super) fn to_msg(id: Uuid) -> UUID {
    UUID { uuid: id.to_vec() }
}

/// The wire has 16 bytes; what is short is filled up with zeros rather than trusted.
pub(super) fn from_msg(id: &UUID) -> Uuid {
    let mut bytes = Uuid::default();
    for (byte, wire) in bytes.iter_mut().zip(&id.uuid) {
        *byte = *wire;
    }
    bytes
}

/// The first four bytes, as people tell goals apart.
pub(super) fn show(id: Uuid) -> String {
    id.iter().take(4).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: Uuid = [1; 16];
    const B: Uuid = [2; 16];
    const C: Uuid = [3; 16];

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn three() -> Goals<&'static str, u32> {
        let mut goals = Goals::default();
        for (id, seconds) in [(A, 10), (B, 20), (C, 30)] {
            goals.insert(id, at(seconds), CancellationToken::new());
        }
        goals
    }

    fn request(id: Uuid, seconds: u64) -> CancelGoal::Request {
        CancelGoal::Request { goal_info: info(id, at(seconds)) }
    }

    fn canceled(response: &CancelGoal::Response) -> Vec<Uuid> {
        response.goals_canceling.iter().map(|info| from_msg(&info.goal_id)).collect()
    }

    #[test]
    fn cancel_by_id_takes_that_goal_alone() {
        let mut goals = three();
        let response = goals.cancel(&request(B, 0));
        assert_eq!((response.return_code, canceled(&response)), (code::NONE, vec![B]));
        assert!(goals.entries[&B].cancel.is_cancelled() && !goals.entries[&A].cancel.is_cancelled());
    }

    #[test]
    fn cancel_of_all_takes_every_active_goal() {
        let mut goals = three();
        goals.end(A, Status::Succeeded, "done");
        let response = goals.cancel(&request(Uuid::default(), 0));
        assert_eq!((response.return_code, canceled(&response)), (code::NONE, vec![B, C]));
    }

    #[test]
    fn cancel_by_stamp_takes_the_goals_up_to_it() {
        let response = three().cancel(&request(Uuid::default(), 20));
        assert_eq!((response.return_code, canceled(&response)), (code::NONE, vec![A, B]));
    }

    #[test]
    fn cancel_by_id_and_stamp_takes_both() {
        let response = three().cancel(&request(C, 10));
        assert_eq!((response.return_code, canceled(&response)), (code::NONE, vec![A, C]));
    }

    #[test]
    fn cancel_of_an_unknown_goal_says_so() {
        let response = three().cancel(&request([9; 16], 0));
        assert_eq!((response.return_code, canceled(&response)), (code::UNKNOWN_GOAL_ID, vec![]));
    }

    #[test]
    fn cancel_of_an_ended_goal_says_terminated() {
        let mut goals = three();
        goals.end(A, Status::Aborted, "no");
        assert_eq!(goals.cancel(&request(A, 0)).return_code, code::GOAL_TERMINATED);
    }

    #[test]
    fn a_result_asked_before_the_end_waits_and_twice_after_is_given_twice() {
        let mut goals = three();
        assert!(matches!(goals.result(A, 1), Answer::Later));
        assert_eq!(goals.end(A, Status::Succeeded, "done"), [1]);
        for request in [2, 3] {
            assert!(
                matches!(goals.result(A, request), Answer::Now(r, Status::Succeeded, "done") if r == request)
            );
        }
        goals.forget(A);
        assert!(matches!(goals.result(A, 4), Answer::Unknown(4)));
    }

    #[test]
    fn aborting_all_takes_what_runs_and_leaves_what_has_ended() {
        let mut goals = three();
        goals.end(A, Status::Succeeded, "done");
        goals.result(B, 1);
        goals.result(C, 2);
        assert_eq!(goals.abort_all(&""), [1, 2]);
        assert!(
            matches!(goals.result(B, 3), Answer::Now(3, Status::Aborted, "")),
            "to those who ask late, too"
        );
        let statuses: Vec<i8> = goals.status_array().status_list.iter().map(|goal| goal.status).collect();
        assert_eq!(statuses, [Status::Succeeded as i8, Status::Aborted as i8, Status::Aborted as i8]);
    }

    #[test]
    fn nothing_is_kept_of_a_forgotten_goal() {
        let mut goals = three();
        for id in [A, B, C] {
            goals.end(id, Status::Succeeded, "done");
            goals.forget(id);
        }
        assert!(goals.entries.is_empty() && goals.status_array().status_list.is_empty());
        assert_eq!(goals.active(), 0);
    }
}
