//! `/diagnostics`: the input device, and what is made of it.

use std::time::Duration;

use r2r::Publisher;
use r2r::diagnostic_msgs::msg::DiagnosticArray;
use steve_core::teleop::Profile;
use tokio::time::{MissedTickBehavior, interval};

use super::NAME;
use super::hand::Hand;
use super::input::{Figures, Freshness};
use crate::diagnostics::{Level, Status, array};

/// Publishes once a second; ends only with the node.
pub(super) async fn publish(publisher: Publisher<DiagnosticArray>, at_work: Option<(&Hand, &Profile)>) {
    let mut clock = interval(Duration::from_secs(1));
    clock.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        clock.tick().await;
        let (topic, status) = match at_work {
            Some((hand, profile)) => (profile.topic.as_str(), input(&hand.figures(), profile)),
            None => ("", Status::new(NAME, "input").summary(Level::Warn, "nothing is mapped for this robot")),
        };
        if let Err(error) = publisher.publish(&array(topic, vec![status])) {
            log::debug!(target: NAME, "/diagnostics could not be published: {error}");
        }
    }
}

fn input(figures: &Figures, profile: &Profile) -> Status {
    let (level, message) = match figures.freshness {
        Freshness::Fresh => (Level::Ok, "fresh"),
        Freshness::AtRest => (Level::Ok, "at rest"),
        Freshness::NeverHeard => (Level::Ok, "never heard"),
        Freshness::Stale => (
            Level::Stale,
            "stale: its device is gone, it is silent with something deflected or held, or too old by its stamps",
        ),
        Freshness::Refused => (Level::Warn, "refused: the last message is none, see last refusal"),
    };
    let age = figures.age.map_or("never".to_owned(), |age| format!("{:.2}", age.as_secs_f64()));
    let dead_man = profile.dead_man.map_or("none".to_owned(), |button| format!("button {button}"));
    Status::new(NAME, "input")
        .summary(level, message)
        .value("profile", &profile.name)
        .value("topic", &profile.topic)
        .value("mode", figures.mode.as_str())
        .value("dead man's button", dead_man)
        .value("arm seen", figures.arm)
        .value("last message (s ago)", age)
        .value("messages", figures.messages)
        .value("refused messages", figures.refused)
        .value("last refusal", if figures.last_refusal.is_empty() { "none" } else { &figures.last_refusal })
        .value("losses", figures.losses)
        .value("commands sent", figures.sent)
        .value("last wish of the hand that was met", figures.held.as_deref().unwrap_or("joint mode only"))
}
