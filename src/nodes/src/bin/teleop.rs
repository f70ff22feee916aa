//! Executable `teleop`: the node `teleop` in a process of its own.

use std::process::ExitCode;

fn main() -> ExitCode {
    steve_nodes::cli::single(&steve_nodes::teleop::INFO)
}
