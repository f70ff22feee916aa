//! Progress of moves on a terminal: a bar a joint.

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use r2r::shaky_steve::action::MoveServo::Feedback;
use steve_core::robot::JointKind;

use super::units::show_position;

/// Steps of a whole bar.
const WHOLE: u64 = 1000;

/// The bars; none where nobody looks.
pub(super) struct Bars(Vec<Bar>);

struct Bar {
    bar: ProgressBar,
    kind: Option<JointKind>,
}

impl Bars {
    /// A bar a joint, on stderr.
    pub(super) fn new<'a>(shown: bool, joints: impl Iterator<Item = (&'a str, Option<JointKind>)>) -> Self {
        if !shown {
            return Self(Vec::new());
        }
        let joints: Vec<_> = joints.collect();
        let width = joints.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
        // A template that is none would be this file's fault, and the plain bar is no catastrophe.
        let style = ProgressStyle::with_template("{prefix} [{bar:30.green}] {percent:>3} % {msg}")
            .unwrap_or_else(|_| ProgressStyle::default_bar())
            .progress_chars("=> ");
        let together = MultiProgress::new();
        let bar = |(name, kind): (&str, Option<JointKind>)| {
            let bar = together
                .add(ProgressBar::new(WHOLE).with_style(style.clone()).with_prefix(format!("{name:width$}")));
            Bar { bar, kind }
        };
        Self(joints.into_iter().map(bar).collect())
    }

    /// Shows the feedback of the goal `index`.
    pub(super) fn show(&self, index: usize, feedback: &Feedback) {
        let Some(Bar { bar, kind }) = self.0.get(index) else { return };
        let position = show_position(feedback.position, *kind);
        bar.set_message(format!("{position:>10}, {:.1} s left", feedback.remaining.max(0.0)));
        bar.set_position(steps(feedback.progress));
    }

    /// Fills the bar of a goal that was reached; other goals may still run.
    pub(super) fn fill(&self, index: usize, position: f64) {
        let Some(Bar { bar, kind }) = self.0.get(index) else { return };
        bar.set_message(format!("{:>10}", show_position(position, *kind)));
        bar.set_position(WHOLE);
    }

    /// Takes them off the screen: the results stand there now.
    pub(super) fn clear(&self) {
        for Bar { bar, .. } in &self.0 {
            bar.finish_and_clear();
        }
    }
}

/// A share of the whole; what is no number is none of it.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "0 to WHOLE"
)]
fn steps(progress: f64) -> u64 {
    (progress.clamp(0.0, 1.0) * WHOLE as f64).round() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_stays_within_the_bar() {
        for (progress, expected) in [(0.0, 0), (0.5, 500), (1.0, 1000), (7.0, 1000), (-1.0, 0), (f64::NAN, 0)]
        {
            assert_eq!(steps(progress), expected, "{progress}");
        }
    }

    #[test]
    fn where_nobody_looks_there_are_no_bars() {
        let bars = Bars::new(false, [("torso", None)].into_iter());
        bars.show(0, &Feedback::default());
        assert!(bars.0.is_empty());
    }
}
