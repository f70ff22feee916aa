//! `steve completions`: a script for a shell.

use clap::CommandFactory;
use clap_complete::{Shell, generate};

use super::Session;
use super::args::Cli;
use super::failure::Failure;

/// What `completions` takes.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Bash: steve completions bash > ~/.local/share/bash-completion/completions/steve
Zsh:  steve completions zsh > a file `_steve` in a folder of $fpath
Fish: steve completions fish > ~/.config/fish/completions/steve.fish")]
pub(super) struct Args {
    /// Which shell
    shell: Shell,
}

/// Prints it.
pub(super) fn run(args: &Args, session: &Session) -> Result<(), Failure> {
    let mut script = Vec::new();
    generate(args.shell, &mut Cli::command(), "steve", &mut script);
    session.console.raw(&script)
}
