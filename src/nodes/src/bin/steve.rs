//! Executable `steve`: the robot from a terminal.

use std::process::ExitCode;

fn main() -> ExitCode {
    steve_nodes::steve::main()
}
