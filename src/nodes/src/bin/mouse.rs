//! Executable `mouse`: the node `mouse` in a process of its own.

use std::process::ExitCode;

fn main() -> ExitCode {
    steve_nodes::cli::single(&steve_nodes::mouse::INFO)
}
