//! The command line.

use std::time::Duration;

use clap::{Parser, Subcommand};

use super::{completions, light, move_joints, play, set, switches, watch};

/// Longest time that `--timeout` takes, s: a day.
const LONGEST: f64 = 86_400.0;

/// The sign that stands in for the hyphen of a negative number while clap looks at the arguments.
const MINUS: char = '\u{2212}';

const EXAMPLES: &str = "\
Examples:
  steve status
  steve move torso 45deg --speed 0.5 --easing in_out_sine
  steve move torso -30deg elbow 20deg clamp 15mm
  steve set torso 0deg
  steve play high_five
  steve light orange --effect breathe --period 2
  steve --json status

Exit codes:
  0    done
  1    refused by the robot, aborted or failed
  2    the command line or the ROS arguments are wrong
  3    no robot found within --timeout, or it stopped answering
  130  cancelled with Ctrl-C (128 + the signal's number)

ROS arguments come after --ros-args, such as --ros-args -r __ns:=/robot1.";

/// The robot from a terminal.
#[derive(Debug, Parser)]
#[command(name = "steve", version, about = "Moves the robot Shaky Steve and tells what it does", after_help = EXAMPLES)]
pub(super) struct Cli {
    #[command(flatten)]
    pub(super) options: Options,
    #[command(subcommand)]
    pub(super) verb: Verb,
}

/// What every verb takes.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Options {
    /// Namespace of the robot, such as `robot1`
    #[arg(long, short, global = true, value_name = "NAME", default_value = "", hide_default_value = true)]
    #[arg(value_parser = namespace)]
    pub(super) namespace: String,
    /// Print JSON instead of text
    #[arg(long, global = true)]
    pub(super) json: bool,
    /// How long to wait for the robot
    #[arg(long, global = true, value_name = "SECONDS", default_value = "5", value_parser = seconds)]
    pub(super) timeout: Duration,
}

/// What `steve` can do.
#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// Tell where every joint is and whether the robot is on
    Status,
    /// Move joints and wait until they are there; Ctrl-C cancels
    Move(move_joints::Args),
    /// Send joints to positions as fast as they can and do not wait
    Set(set::Args),
    /// Play a named motion and wait until it is done; Ctrl-C cancels
    Play(play::Args),
    /// Light the LEDs, or take a light away
    Light(light::Args),
    /// Power all servos on without a jump, or off (limp)
    Power(switches::Args),
    /// End every motion and hold
    Stop,
    /// Latch the emergency stop (on), or release it (off)
    Estop(switches::Args),
    /// Show the joints live, until Ctrl-C
    Watch(watch::Args),
    /// Print a script that completes this command in a shell
    Completions(completions::Args),
}

/// Hides the hyphen of negative numbers from clap, which takes `-45deg` for options. [`typed`] brings it back.
pub(super) fn protect_minus(args: Vec<String>) -> Vec<String> {
    args.into_iter()
        .map(|arg| match arg.strip_prefix('-') {
            Some(rest) if is_number_or_end(rest) => format!("{MINUS}{rest}"),
            _ => arg,
        })
        .collect()
}

fn is_number_or_end(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit() || c == '.') || text == "inf"
}

/// An argument as it was typed.
#[expect(clippy::unnecessary_wraps, reason = "clap wants a parser")]
pub(super) fn typed(text: &str) -> Result<String, String> {
    Ok(match text.strip_prefix(MINUS) {
        Some(rest) => format!("-{rest}"),
        None => text.to_owned(),
    })
}

/// A namespace as ROS writes it: empty for the root, else with a slash in front and none behind.
fn namespace(text: &str) -> Result<String, String> {
    let inner = text.trim().trim_matches('/');
    if inner.is_empty() {
        return Ok(String::new());
    }
    let is_token = |token: &str| {
        !token.starts_with(|c: char| c.is_ascii_digit())
            && !token.is_empty()
            && token.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    if inner.split('/').all(is_token) {
        Ok(format!("/{inner}"))
    } else {
        Err("allowed are letters, digits and `_`, with `/` between, and no digit first".to_owned())
    }
}

fn seconds(text: &str) -> Result<Duration, String> {
    let text = typed(text)?;
    match text.parse::<f64>() {
        Ok(seconds) if (0.0..=LONGEST).contains(&seconds) => Ok(Duration::from_secs_f64(seconds)),
        _ => Err(format!("{text} is no number of seconds from 0 to {LONGEST}")),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    fn parse(args: &[&str]) -> Result<Cli, clap::Error> {
        Cli::try_parse_from(protect_minus(args.iter().map(ToString::to_string).collect()))
    }

    fn targets(args: &[&str]) -> Vec<String> {
        match parse(args).unwrap().verb {
            Verb::Move(args) => args.targets,
            verb => panic!("{verb:?}"),
        }
    }

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn negative_positions_are_no_options() {
        let typed = targets(&["steve", "move", "torso", "-45deg", "elbow", "-.5rad", "clamp", "-inf"]);
        assert_eq!(typed, ["torso", "-45deg", "elbow", "-.5rad", "clamp", "-inf"]);
    }

    #[test]
    fn options_may_stand_behind_negative_positions() {
        let typed =
            targets(&["steve", "move", "torso", "-45deg", "--speed", "0.5", "--json", "-n", "robot1"]);
        assert_eq!(typed, ["torso", "-45deg"]);
    }

    #[test]
    fn an_unknown_easing_is_refused_with_a_near_one() {
        let error =
            parse(&["steve", "move", "torso", "45deg", "--easing", "in_out_sin"]).unwrap_err().to_string();
        assert!(error.contains("in_out_sine"), "{error}");
    }

    #[test]
    fn namespaces_are_taken_with_and_without_slashes() {
        for (typed, meant) in [("", ""), ("/", ""), ("robot1", "/robot1"), ("/a/b/", "/a/b")] {
            assert_eq!(namespace(typed).unwrap(), meant, "{typed}");
        }
        for wrong in ["1a", "a b", "a//b", "a/2", "über"] {
            assert!(namespace(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_timeout_is_a_number_of_seconds() {
        assert_eq!(seconds("0.5").unwrap(), Duration::from_millis(500));
        for wrong in ["-1", "\u{2212}1", "soon", "NaN", "inf", ""] {
            assert!(seconds(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn help_tells_the_exit_codes() {
        let help = Cli::command().render_long_help().to_string();
        for code in ["0    done", "1    refused", "2    ", "3    no robot", "130  cancelled"] {
            assert!(help.contains(code), "{code} is missing in\n{help}");
        }
    }
}
