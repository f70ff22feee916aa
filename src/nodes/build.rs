//! `cfg(control_msgs)`: whether r2r has that package, which is not in every ROS.
//!
//! Decided as r2r 0.9.7 decides which interfaces it binds, and at the same moments: r2r_common reads the resource index
//! of each prefix, lets `IDL_PACKAGE_FILTER` choose from it, and looks again when one of these variables changes.

use std::path::Path;
use std::{env, fs};

const PACKAGE: &str = "control_msgs";
/// The actions that the nodes serve, as the index lists them.
const ACTIONS: [&str; 2] = ["action/FollowJointTrajectory.", "action/GripperCommand."];
const PREFIXES: [&str; 2] = ["AMENT_PREFIX_PATH", "CMAKE_PREFIX_PATH"];
const FILTER: &str = "IDL_PACKAGE_FILTER";

fn main() {
    println!("cargo::rustc-check-cfg=cfg({PACKAGE})");
    for variable in PREFIXES.into_iter().chain([FILTER]) {
        println!("cargo::rerun-if-env-changed={variable}");
    }
    if is_let_through() && is_found() {
        println!("cargo::rustc-cfg={PACKAGE}");
    }
}

fn is_let_through() -> bool {
    env::var(FILTER).map_or(true, |filter| filter.split(';').any(|package| package == PACKAGE))
}

fn is_found() -> bool {
    PREFIXES
        .iter()
        .filter_map(env::var_os)
        .any(|prefixes| env::split_paths(&prefixes).any(|prefix| has_actions(&prefix)))
}

fn has_actions(prefix: &Path) -> bool {
    let index = prefix.join("share/ament_index/resource_index/rosidl_interfaces").join(PACKAGE);
    fs::read_to_string(index)
        .is_ok_and(|list| ACTIONS.iter().all(|action| list.lines().any(|line| line.starts_with(action))))
}
