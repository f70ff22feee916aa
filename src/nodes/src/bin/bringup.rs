//! Executable `bringup`: any set of nodes in one process.

use std::process::ExitCode;

fn main() -> ExitCode {
    steve_nodes::cli::bringup()
}
