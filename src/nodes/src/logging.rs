//! Log lines: to the console as rclcpp writes them, and to `/rosout`.
//!
//! Anything in the process may log through the crate `log`; a node's target is its name. Publishing from inside a log call
//! could log again and lock itself out, so a thread of its own publishes what a bounded queue hands it.

use std::io::{IsTerminal, Write};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use log::{Level, Metadata, Record};
use r2r::QosProfile;
use r2r::rcl_interfaces::msg::Log;

use crate::error::NodeError;
use crate::ros_args::LogLevels;
use crate::spin::Spinner;
use crate::time;

/// As many lines as `/rosout` keeps; more than that at once are on the console only.
const QUEUE: usize = 1000;

/// The QoS of `/rosout`: keep last 1000, transient local, lifespan 10 s (rmw_qos_profile_rosout_default).
fn rosout_qos() -> QosProfile {
    QosProfile::default().keep_last(QUEUE).reliable().transient_local().lifespan(Duration::from_secs(10))
}

struct Logger {
    levels: LogLevels,
    coloured: bool,
    queue: SyncSender<Job>,
}

enum Job {
    Publish(Box<Log>),
    /// Answered when all that came before is published.
    Flush(SyncSender<()>),
}

static LOGGER: OnceLock<Logger> = OnceLock::new();
/// The `/rosout` publishers of the nodes that are alive, by node name.
static PUBLISHERS: Mutex<Vec<(String, r2r::Publisher<Log>)>> = Mutex::new(Vec::new());

/// Starts logging; what is logged before is lost. Does nothing the second time.
pub fn start(levels: LogLevels) {
    let (queue, jobs) = sync_channel(QUEUE);
    let greatest = levels.loggers.iter().map(|(_, level)| *level).max().unwrap_or(levels.all).max(levels.all);
    if LOGGER.set(Logger { levels, coloured: coloured(), queue }).is_err() {
        return;
    }
    let Some(logger) = LOGGER.get() else { return };
    if log::set_logger(logger).is_ok() {
        log::set_max_level(greatest);
    }
    let spawned = std::thread::Builder::new().name("rosout".into()).spawn(move || publish(&jobs));
    if let Err(error) = spawned {
        log::error!("cannot start the thread for /rosout: {error}; log lines go to the console only");
    }
}

/// Gives the node a `/rosout` publisher; lines whose target is its name go out through it.
///
/// # Errors
/// When ROS refuses the publisher.
pub fn attach(spinner: &mut Spinner, node: &str) -> Result<Attached, NodeError> {
    let publisher = spinner.publisher::<Log>("/rosout", rosout_qos())?;
    let mut publishers = PUBLISHERS.lock().unwrap_or_else(PoisonError::into_inner);
    publishers.push((node.to_owned(), publisher));
    Ok(Attached { node: node.to_owned() })
}

/// Takes the node's publisher away when it is dropped, after what was logged has gone out.
pub struct Attached {
    node: String,
}

impl Drop for Attached {
    fn drop(&mut self) {
        flush();
        PUBLISHERS.lock().unwrap_or_else(PoisonError::into_inner).retain(|(node, _)| *node != self.node);
    }
}

/// Waits until what was logged so far is on `/rosout`, 0.2 s at most.
pub fn flush() {
    let Some(logger) = LOGGER.get() else { return };
    let (done, wait) = sync_channel(1);
    if logger.queue.try_send(Job::Flush(done)).is_ok() {
        let _ = wait.recv_timeout(Duration::from_millis(200));
    }
}

impl log::Log for Logger {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        let target = metadata.target();
        let level = self.levels.loggers.iter().find(|(logger, _)| logger == logger_name(target));
        metadata.level() <= level.map_or(self.levels.all, |(_, level)| *level)
    }

    fn log(&self, record: &Record<'_>) {
        if !self.enabled(record.metadata()) {
            return;
        }
        let now = SystemTime::now();
        self.print(record, now);
        let (level, _, _) = severity(record.level());
        let line = Log {
            stamp: time::stamp(now),
            level,
            name: logger_name(record.target()).to_owned(),
            msg: record.args().to_string(),
            file: record.file().unwrap_or_default().to_owned(),
            function: String::new(),
            line: record.line().unwrap_or(0),
        };
        // Full: the console has it, and a log call never waits.
        let _ = self.queue.try_send(Job::Publish(Box::new(line)));
    }

    fn flush(&self) {}
}

impl Logger {
    fn print(&self, record: &Record<'_>, now: SystemTime) {
        let (_, name, colour) = severity(record.level());
        let since_epoch = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let (on, off) = if self.coloured { (colour, "\x1b[0m") } else { ("", "") };
        // A closed console is no reason to stop the robot.
        let _ = writeln!(
            std::io::stderr().lock(),
            "{on}[{name}] [{}.{:09}] [{}]: {}{off}",
            since_epoch.as_secs(),
            since_epoch.subsec_nanos(),
            logger_name(record.target()),
            record.args()
        );
    }
}

/// ROS severity number, its name, and the colour that rcutils gives it.
fn severity(level: Level) -> (u8, &'static str, &'static str) {
    match level {
        Level::Error => (Log::ERROR as u8, "ERROR", "\x1b[31m"),
        Level::Warn => (Log::WARN as u8, "WARN", "\x1b[33m"),
        Level::Info => (Log::INFO as u8, "INFO", ""),
        Level::Debug | Level::Trace => (Log::DEBUG as u8, "DEBUG", "\x1b[32m"),
    }
}

/// Modules of ours that log without a node's name speak as what a person knows: the servo thread is the arm's.
fn logger_name(target: &str) -> &str {
    let mut path = target.split("::");
    match (path.next(), path.next()) {
        (Some("steve_drivers"), Some("leds")) => "leds",
        (Some("steve_core" | "steve_drivers"), _) => "arm",
        (Some("steve_nodes"), _) => "shaky_steve",
        _ => target,
    }
}

/// As rcutils decides it: RCUTILS_COLORIZED_OUTPUT, else whether a person looks.
fn coloured() -> bool {
    match std::env::var("RCUTILS_COLORIZED_OUTPUT").as_deref() {
        Ok("1") => true,
        Ok("0") => false,
        _ => std::io::stderr().is_terminal(),
    }
}

fn publish(jobs: &Receiver<Job>) {
    let mut waiting = Vec::new();
    loop {
        // Lines from before the first node wait for its publisher.
        let job = if waiting.is_empty() {
            jobs.recv().map_err(|_| RecvTimeoutError::Disconnected)
        } else {
            jobs.recv_timeout(Duration::from_millis(50))
        };
        match job {
            Ok(Job::Publish(line)) => waiting.push(*line),
            Ok(Job::Flush(done)) => {
                publish_waiting(&mut waiting);
                let _ = done.try_send(());
                continue;
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        publish_waiting(&mut waiting);
        if waiting.len() > QUEUE {
            waiting.drain(..waiting.len() - QUEUE);
        }
    }
}

fn publish_waiting(waiting: &mut Vec<Log>) {
    let publishers = PUBLISHERS.lock().unwrap_or_else(PoisonError::into_inner);
    let Some((_, any)) = publishers.first() else { return };
    for line in waiting.drain(..) {
        let own =
            publishers.iter().find(|(node, _)| *node == line.name).map_or(any, |(_, publisher)| publisher);
        // An error here cannot be logged without a loop; the console has the line.
        let _ = own.publish(&line);
    }
}

/// Lets a message through at most once a period, and counts what it held back: for errors that a client can repeat at will.
#[derive(Debug)]
pub struct Throttle {
    period: Duration,
    last: Option<Instant>,
    held_back: u64,
    /// What was said since then.
    said: Vec<String>,
}

/// So many different ones pass within a period.
const DIFFERENT: usize = 10;

impl Throttle {
    /// One message a `period`.
    pub fn new(period: Duration) -> Self {
        Self { period, last: None, held_back: 0, said: Vec::new() }
    }

    /// Whether to log now; `Some` tells how many were held back since the last time.
    pub fn pass(&mut self, now: Instant) -> Option<u64> {
        if self.last.is_some_and(|last| now.duration_since(last) < self.period) {
            self.held_back += 1;
            return None;
        }
        self.last = Some(now);
        Some(std::mem::take(&mut self.held_back))
    }

    /// The same for one of several messages: one that was not said within the period passes too, up to ten of them, so that a
    /// client that asks for different things hears of each what is wrong with it.
    pub fn pass_different(&mut self, now: Instant, message: &str) -> Option<u64> {
        let is_new = self.said.len() < DIFFERENT && !self.said.iter().any(|said| said == message);
        let passed = match self.pass(now) {
            Some(held_back) => {
                self.said.clear();
                held_back
            }
            None if is_new => {
                // It does not count: it is said.
                self.held_back -= 1;
                0
            }
            None => return None,
        };
        self.said.push(message.to_owned());
        Some(passed)
    }

    /// Warns in the name of `node`, if a message may pass; then it tells how many were held back.
    pub fn warn(&mut self, now: Instant, node: &str, message: &dyn std::fmt::Display) {
        warn(self.pass(now), node, message);
    }

    /// The same by [`Self::pass_different`].
    pub fn warn_different(&mut self, now: Instant, node: &str, message: &str) {
        warn(self.pass_different(now, message), node, &message);
    }
}

fn warn(passed: Option<u64>, node: &str, message: &dyn std::fmt::Display) {
    match passed {
        None => {}
        Some(0) => log::warn!(target: node, "{message}"),
        Some(held_back) => log::warn!(target: node, "{message} (and {held_back} more since)"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_throttle_counts_what_it_holds_back() {
        let mut throttle = Throttle::new(Duration::from_secs(1));
        let start = Instant::now();
        assert_eq!(throttle.pass(start), Some(0));
        assert_eq!(throttle.pass(start + Duration::from_millis(400)), None);
        assert_eq!(throttle.pass(start + Duration::from_millis(900)), None);
        assert_eq!(throttle.pass(start + Duration::from_millis(1000)), Some(2));
    }

    #[test]
    fn different_messages_pass_within_the_period_and_not_without_end() {
        let mut throttle = Throttle::new(Duration::from_secs(1));
        let start = Instant::now();
        assert_eq!(throttle.pass_different(start, "a"), Some(0));
        assert_eq!(throttle.pass_different(start, "a"), None);
        assert_eq!(throttle.pass_different(start, "b"), Some(0));
        assert_eq!(throttle.pass_different(start + Duration::from_secs(1), "b"), Some(1));
        let passed = (0..100)
            .filter(|n| throttle.pass_different(start + Duration::from_secs(1), &n.to_string()).is_some());
        assert_eq!(passed.count(), 9);
        assert_eq!(throttle.pass_different(start + Duration::from_secs(2), "b"), Some(91));
    }

    #[test]
    fn driver_modules_log_as_their_node() {
        assert_eq!(logger_name("steve_drivers::leds::tlc59711"), "leds");
        assert_eq!(logger_name("steve_drivers::servo_thread"), "arm");
        assert_eq!(logger_name("leds"), "leds");
    }
}
