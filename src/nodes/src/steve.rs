//! The command `steve`: the robot from a terminal, through the same topics, services and actions as anybody's client.
//!
//! One file a verb (or a handful of like ones): its arguments and its `run`. A new verb is a file, a row in [`args::Verb`] and
//! one in [`carry_out`]. What verbs stand on:
//!
//! * [`args`] the command line, [`targets`] joints and positions on it, [`units`] what people type for these
//! * [`connection`] the node, and waiting for the robot; [`interrupt`] Ctrl-C
//! * [`robot`] what the arm tells about its joints, [`kinds`] which turn and which slide, [`reasons`] why it refused
//! * [`console`] what is printed, for people or as JSON; [`failure`] exit codes

mod args;
mod bars;
mod completions;
mod connection;
mod console;
mod failure;
mod goal;
mod interrupt;
mod kinds;
mod light;
mod move_joints;
mod play;
mod reasons;
mod report;
mod robot;
mod set;
mod status;
mod switches;
mod targets;
mod units;
mod watch;

use std::process::ExitCode;

use clap::Parser;
use tokio::runtime;

use crate::error::NodeError;
use crate::ros_args::SplitArgs;

use args::{Cli, Options, Verb};
use console::Console;
use failure::Failure;
use interrupt::Interrupt;

/// What every verb is handed.
struct Session {
    options: Options,
    console: Console,
    interrupt: Interrupt,
}

/// `main` of `steve`.
pub fn main() -> ExitCode {
    let own = args::protect_minus(SplitArgs::of_process().own);
    let Cli { options, verb } = match Cli::try_parse_from(own) {
        Ok(cli) => cli,
        Err(error) => {
            // A closed console is all that can fail, and nobody to tell it.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { failure::USAGE } else { 0 });
        }
    };
    let console = Console::new(options.json);
    match start(options, console, verb) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            console.complain(&failure);
            ExitCode::from(failure.exit_code())
        }
    }
}

fn start(options: Options, console: Console, verb: Verb) -> Result<(), Failure> {
    let thread_error = |name: &str| {
        let name = name.to_owned();
        move |source| NodeError::Thread { name, source }
    };
    let interrupt = Interrupt::watch().map_err(thread_error("signals"))?;
    let session = Session { options, console, interrupt };
    let runtime =
        runtime::Builder::new_current_thread().enable_time().build().map_err(thread_error("runtime"))?;
    runtime.block_on(carry_out(verb, &session))
}

async fn carry_out(verb: Verb, session: &Session) -> Result<(), Failure> {
    match verb {
        Verb::Status => status::run(session).await,
        Verb::Move(args) => move_joints::run(&args, session).await,
        Verb::Set(args) => set::run(&args, session).await,
        Verb::Play(args) => play::run(&args, session).await,
        Verb::Light(args) => light::run(&args, session).await,
        Verb::Power(args) => switches::power(&args, session).await,
        Verb::Stop => switches::stop(session).await,
        Verb::Estop(args) => switches::emergency_stop(&args, session).await,
        Verb::Watch(args) => watch::run(&args, session).await,
        Verb::Completions(args) => completions::run(&args, session),
    }
}
