//! The results of moves, for people and as JSON.

use std::fmt;

use serde::Serialize;
use steve_core::robot::JointKind;

use super::goal::{End, Ended};
use super::units::show_position;

/// How the joints of one call ended.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    /// Whether every joint is where it was sent.
    success: bool,
    joints: Vec<JointReport>,
}

#[derive(Debug, Serialize)]
struct JointReport {
    joint: String,
    outcome: &'static str,
    /// rad or m; null if nobody knows.
    position: f64,
    message: String,
    #[serde(skip)]
    end: End,
    #[serde(skip)]
    kind: Option<JointKind>,
}

impl Report {
    /// Of goals that have ended: joint, kind, end.
    pub(super) fn new<'a>(ended: impl IntoIterator<Item = (&'a str, Option<JointKind>, Ended)>) -> Self {
        let joints: Vec<_> =
            ended.into_iter().map(|(joint, kind, ended)| JointReport::new(joint, kind, ended)).collect();
        Self { success: joints.iter().all(|joint| joint.end == End::Reached), joints }
    }

    /// 0 where all is well; a lost robot counts most, then what went wrong, then what this command cancelled itself, with the
    /// code that `cancelled_by_us` gives.
    pub(super) fn exit_code(&self, cancelled_by_us: Option<u8>) -> u8 {
        let any = |end: End| self.joints.iter().any(|joint| joint.end == end);
        if any(End::Lost) {
            3
        } else if any(End::Refused) || any(End::Aborted) {
            1
        } else if any(End::Cancelled) {
            cancelled_by_us.unwrap_or(1)
        } else {
            0
        }
    }
}

impl JointReport {
    fn new(joint: &str, kind: Option<JointKind>, ended: Ended) -> Self {
        let outcome = match ended.end {
            End::Reached => "reached",
            End::Cancelled => "cancelled",
            End::Aborted => "aborted",
            End::Refused => "refused",
            End::Lost => "lost",
        };
        let Ended { end, position, message } = ended;
        Self { joint: joint.to_owned(), outcome, position, message, end, kind }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, joint) in self.joints.iter().enumerate() {
            let line = if index == 0 { "" } else { "\n" };
            write!(f, "{line}{joint}")?;
        }
        Ok(())
    }
}

impl fmt::Display for JointReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { joint, position, message, kind, .. } = self;
        let place = show_position(*position, *kind);
        match self.end {
            End::Reached => write!(f, "{joint} is at {place}"),
            End::Cancelled => write!(f, "{joint} cancelled, holds at {place}"),
            End::Aborted => write!(f, "{joint} aborted at {place}: {message}"),
            End::Refused => write!(f, "{joint} refused: {message}"),
            End::Lost => write!(f, "{joint} lost: {message}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(ends: &[End]) -> Report {
        let ended = |&end| Ended { end, position: 0.5, message: "for a reason".to_owned() };
        Report::new(ends.iter().map(|end| ("torso", Some(JointKind::Revolute), ended(end))))
    }

    #[test]
    fn the_exit_code_is_that_of_the_worst_end() {
        use End::{Aborted, Cancelled, Lost, Reached, Refused};
        assert_eq!(report(&[Reached, Reached]).exit_code(None), 0);
        assert_eq!(report(&[Reached, Cancelled]).exit_code(Some(130)), 130);
        assert_eq!(report(&[Reached, Cancelled]).exit_code(None), 1, "somebody else cancelled");
        assert_eq!(report(&[Cancelled, Aborted]).exit_code(Some(130)), 1);
        assert_eq!(report(&[Cancelled, Refused]).exit_code(Some(130)), 1);
        assert_eq!(report(&[Refused, Lost]).exit_code(None), 3);
    }

    #[test]
    fn each_joint_has_a_line_that_says_where_it_is() {
        assert_eq!(
            report(&[End::Reached, End::Cancelled, End::Aborted]).to_string(),
            "torso is at 28.6 deg\ntorso cancelled, holds at 28.6 deg\ntorso aborted at 28.6 deg: for a reason"
        );
    }

    #[test]
    fn json_has_si_units_and_null_for_what_nobody_knows() {
        let mut report = report(&[End::Lost]);
        assert_eq!(
            serde_json::to_value(&report).unwrap(),
            serde_json::json!({ "success": false, "joints": [
                { "joint": "torso", "outcome": "lost", "position": 0.5, "message": "for a reason" }
            ]})
        );
        report.joints[0].position = f64::NAN;
        assert!(serde_json::to_value(&report).unwrap()["joints"][0]["position"].is_null());
    }
}
