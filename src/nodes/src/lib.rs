//! The ROS 2 nodes of `shaky_steve`, on r2r and it alone: they translate between the graph and the crates below.
//!
//! One file a node ([`arm`], [`mouse`]), one file a ROS habit: [`host`] (which nodes run, panics, signals, the end), [`spin`], [`service`],
//! [`action`], [`parameters`], [`logging`], [`diagnostics`], [`time`], [`ros_args`], [`cli`].

pub mod action;
pub mod arm;
pub mod cli;
pub mod diagnostics;
pub mod error;
pub mod host;
pub mod logging;
pub mod mouse;
pub mod parameters;
pub mod ros_args;
pub mod service;
pub mod spin;
pub mod steve;
pub mod time;
pub mod topic_name;

use parameters::Spec;

/// A node of the package: its name and its parameter table.
pub struct NodeInfo {
    /// Name of node, executable, module and YAML key.
    pub name: &'static str,
    /// Its parameters.
    pub parameters: &'static [Spec],
    /// Makes it, to be hosted.
    pub make: fn() -> host::Node,
}

/// Every node that there is, in the order in which `bringup` starts them.
pub const NODES: &[NodeInfo] = &[arm::INFO, mouse::INFO];

/// Whether any node has a parameter of this name.
pub fn is_parameter_of_any_node(name: &str) -> bool {
    NODES.iter().any(|node| node.parameters.iter().any(|spec| spec.name == name))
}
