//! `/diagnostics`, as diagnostic_updater publishes it: one array a node, once a second.

use std::fmt::Display;

use r2r::diagnostic_msgs::msg::{DiagnosticArray, DiagnosticStatus, KeyValue};

use crate::time;

/// How well something is; the worse the greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// As it should be.
    Ok,
    /// Works, but somebody should look.
    Warn,
    /// Does not work.
    Error,
    /// Has not been heard of for a while.
    Stale,
}

/// One status: something's name, how well it is, and its figures.
#[derive(Debug, Clone, PartialEq)]
pub struct Status {
    name: String,
    level: Level,
    message: String,
    values: Vec<KeyValue>,
}

impl Status {
    /// `name` is shown as `<node>: <name>`, so that an aggregator groups a node's.
    pub fn new(node: &str, name: &str) -> Self {
        Self { name: format!("{node}: {name}"), level: Level::Ok, message: "OK".into(), values: Vec::new() }
    }

    /// Sets level and message, unless something worse was said before.
    pub fn summary(mut self, level: Level, message: impl Into<String>) -> Self {
        if level > self.level || (level == Level::Ok && self.level == Level::Ok) {
            self.level = level;
            self.message = message.into();
        }
        self
    }

    /// Adds a figure; the key carries the unit.
    pub fn value(mut self, key: &str, value: impl Display) -> Self {
        self.values.push(KeyValue { key: key.into(), value: value.to_string() });
        self
    }

    fn message(self, hardware_id: &str) -> DiagnosticStatus {
        let level = match self.level {
            Level::Ok => DiagnosticStatus::OK as u8,
            Level::Warn => DiagnosticStatus::WARN as u8,
            Level::Error => DiagnosticStatus::ERROR as u8,
            Level::Stale => DiagnosticStatus::STALE as u8,
        };
        DiagnosticStatus {
            level,
            name: self.name,
            message: self.message,
            hardware_id: hardware_id.into(),
            values: self.values,
        }
    }
}

/// The statuses as one message with one stamp.
pub fn array(hardware_id: &str, statuses: Vec<Status>) -> DiagnosticArray {
    DiagnosticArray {
        header: time::header_now(""),
        status: statuses.into_iter().map(|status| status.message(hardware_id)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_summary_stays() {
        let status = Status::new("arm", "bus").summary(Level::Error, "gone").summary(Level::Warn, "late");
        assert_eq!((status.level, status.message.as_str()), (Level::Error, "gone"));
    }
}
