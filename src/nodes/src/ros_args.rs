//! The command line, split as ROS has it: `--ros-args … [--]` belongs to ROS, the rest to the executable.

use std::panic::{AssertUnwindSafe, catch_unwind};

use log::LevelFilter;

use crate::error::NodeError;

/// ROS arguments that are followed by a value.
const WITH_VALUE: [&str; 10] = [
    "-p",
    "--param",
    "--params-file",
    "-r",
    "--remap",
    "-e",
    "--enclave",
    "--log-level",
    "--log-config-file",
    "--log-file-name",
];
/// ROS arguments that stand alone.
const FLAGS: [&str; 6] = [
    "--enable-rosout-logs",
    "--disable-rosout-logs",
    "--enable-stdout-logs",
    "--disable-stdout-logs",
    "--enable-external-lib-logs",
    "--disable-external-lib-logs",
];

/// A command line split in two.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SplitArgs {
    /// The executable's own, its name first.
    pub own: Vec<String>,
    /// Between `--ros-args` and `--`, all such groups joined.
    pub ros: Vec<String>,
}

impl SplitArgs {
    /// Splits `args`, whose first item is the executable's name.
    pub fn new(args: impl IntoIterator<Item = String>) -> Self {
        let mut split = Self::default();
        let mut in_ros = false;
        for arg in args {
            match (in_ros, arg.as_str()) {
                (false, "--ros-args") => in_ros = true,
                (true, "--") => in_ros = false,
                (true, "--ros-args") => {}
                (true, _) => split.ros.push(arg),
                (false, _) => split.own.push(arg),
            }
        }
        split
    }

    /// Splits this process's command line.
    pub fn of_process() -> Self {
        // Not args(): it panics on what is no UTF-8.
        Self::new(std::env::args_os().map(|arg| arg.to_string_lossy().into_owned()))
    }

    /// Refuses what ROS has no meaning for: rcl leaves it lying, and a mistyped option would do nothing, silently.
    ///
    /// # Errors
    /// The first argument that is unknown.
    pub fn check(&self) -> Result<(), NodeError> {
        let mut args = self.ros.iter();
        while let Some(arg) = args.next() {
            if WITH_VALUE.contains(&arg.as_str()) {
                // That it is missing is rcl's to say.
                args.next();
            } else if !FLAGS.contains(&arg.as_str()) {
                let known = WITH_VALUE.iter().chain(&FLAGS).copied().collect::<Vec<_>>().join(" ");
                return Err(NodeError::Configuration(format!(
                    "bad --ros-args: {arg:?} is unknown; there are {known}"
                )));
            }
        }
        Ok(())
    }

    /// Whether `-p NODE:NAME:=…` sets this parameter for this very node.
    pub fn sets_parameter(&self, node: &str, name: &str) -> bool {
        let mut values = self
            .ros
            .windows(2)
            .filter(|pair| matches!(pair[0].as_str(), "-p" | "--param"))
            .map(|pair| &pair[1]);
        values.any(|value| {
            let rule = value.split_once(":=").map_or("", |(rule, _)| rule);
            rule.strip_prefix(node).is_some_and(|rest| rest.strip_prefix(':') == Some(name))
        })
    }

    /// What `--log-level LEVEL` and `--log-level LOGGER:=LEVEL` ask for.
    ///
    /// # Errors
    /// When a level has no such name.
    pub fn log_levels(&self) -> Result<LogLevels, NodeError> {
        let mut levels = LogLevels::default();
        let mut args = self.ros.iter();
        while let Some(arg) = args.next() {
            if arg != "--log-level" {
                continue;
            }
            let Some(value) = args.next() else {
                return Err(NodeError::Configuration("--log-level: a level is missing after it".into()));
            };
            match value.split_once(":=") {
                Some((logger, level)) => levels.loggers.push((logger.to_owned(), parse_level(level)?)),
                None => levels.all = parse_level(value)?,
            }
        }
        Ok(levels)
    }
}

/// Levels of the log, for all loggers and for some by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLevels {
    /// For every logger that has none of its own.
    pub all: LevelFilter,
    /// Logger (a node's name) and level.
    pub loggers: Vec<(String, LevelFilter)>,
}

impl Default for LogLevels {
    fn default() -> Self {
        Self { all: LevelFilter::Info, loggers: Vec::new() }
    }
}

fn parse_level(text: &str) -> Result<LevelFilter, NodeError> {
    match text.to_ascii_lowercase().as_str() {
        "unset" => Ok(LevelFilter::Info),
        "debug" => Ok(LevelFilter::Debug),
        "info" => Ok(LevelFilter::Info),
        "warn" | "warning" => Ok(LevelFilter::Warn),
        // ROS has a level above error; `log` has none, so it shows errors.
        "error" | "fatal" => Ok(LevelFilter::Error),
        _ => Err(NodeError::Configuration(format!(
            "--log-level: {text:?} is no level; allowed are debug, info, warn, error and fatal"
        ))),
    }
}

/// Creates the ROS context from this process's command line.
///
/// # Errors
/// What is wrong with the command line or the parameter files, in rcl's words.
pub fn create_context() -> Result<r2r::Context, NodeError> {
    // r2r panics on bad arguments: catch that, and keep the panic hook quiet meanwhile (no other thread runs yet).
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let outcome = catch_unwind(AssertUnwindSafe(r2r::Context::create));
    std::panic::set_hook(hook);
    match outcome {
        Ok(Ok(context)) => Ok(context),
        Ok(Err(error)) => Err(NodeError::ros("creating the ROS context", error)),
        Err(panic) => {
            let text = panic_text(panic.as_ref());
            // rcl adds the place in its source: of no use to the person at the keyboard.
            let text = text.split(", at ./").next().unwrap_or(&text);
            Err(NodeError::Configuration(format!("bad --ros-args: {text}")))
        }
    }
}

/// The message of a caught panic.
pub fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    panic
        .downcast_ref::<&str>()
        .map(ToString::to_string)
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no message".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(args: &[&str]) -> SplitArgs {
        SplitArgs::new(args.iter().map(ToString::to_string))
    }

    #[test]
    fn ros_arguments_are_split_from_ours() {
        let args = split(&[
            "bringup",
            "--nodes",
            "arm",
            "--ros-args",
            "-r",
            "__ns:=/a",
            "--",
            "-v",
            "--ros-args",
            "-p",
            "x:=1",
        ]);
        assert_eq!(args.own, ["bringup", "--nodes", "arm", "-v"]);
        assert_eq!(args.ros, ["-r", "__ns:=/a", "-p", "x:=1"]);
    }

    #[test]
    fn an_unknown_ros_argument_is_refused_and_a_value_is_not_one() {
        assert!(
            split(&["arm", "--ros-args", "-p", "--odd", "--disable-rosout-logs", "-r", "a:=b"])
                .check()
                .is_ok()
        );
        let error = split(&["arm", "--ros-args", "-p", "a:=1", "--remapp", "a:=b"]).check().unwrap_err();
        assert!(error.to_string().contains("\"--remapp\""), "{error}");
    }

    #[test]
    fn a_parameter_that_is_set_for_a_node_by_name_is_known() {
        let args =
            split(&["bringup", "--ros-args", "-p", "backend:=pca9685", "--param", "leds:backend:=sim"]);
        assert!(args.sets_parameter("leds", "backend"));
        assert!(!args.sets_parameter("arm", "backend") && !args.sets_parameter("leds", "rate"));
    }

    #[test]
    fn log_levels_are_read_for_all_and_by_logger() {
        let args = split(&["arm", "--ros-args", "--log-level", "WARN", "--log-level", "arm:=debug"]);
        let levels = args.log_levels().unwrap();
        assert_eq!(levels.all, LevelFilter::Warn);
        assert_eq!(levels.loggers, [("arm".to_owned(), LevelFilter::Debug)]);
    }

    #[test]
    fn an_unknown_log_level_is_an_error_that_names_it() {
        let error = split(&["arm", "--ros-args", "--log-level", "loud"]).log_levels().unwrap_err();
        assert!(error.to_string().contains("\"loud\"") && error.to_string().contains("debug"), "{error}");
        assert!(split(&["arm", "--ros-args", "--log-level"]).log_levels().is_err());
    }
}
