//! The ROS 2 nodes of `shaky_steve`, on r2r and it alone: they translate between the graph and the crates below.
//!
//! One file a node ([`arm`], [`leds`], [`mouse`], [`teleop`]), one file a ROS habit: [`host`] (which nodes run, panics, signals, the
//! end), [`spin`], [`service`], [`action`], [`parameters`], [`logging`], [`diagnostics`], [`time`], [`ros_args`], [`cli`].

pub mod action;
pub mod arm;
pub mod cli;
pub mod diagnostics;
pub mod error;
mod files;
pub mod host;
pub mod leds;
pub mod logging;
pub mod mouse;
pub mod parameters;
pub mod ros_args;
pub mod service;
pub mod spin;
pub mod steve;
pub mod teleop;
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
pub const NODES: &[NodeInfo] = &[arm::INFO, leds::INFO, mouse::INFO, teleop::INFO];

/// Whether any node has a parameter of this name.
pub fn is_parameter_of_any_node(name: &str) -> bool {
    NODES.iter().any(|node| node.parameters.iter().any(|spec| spec.name == name))
}

/// Whether another node than `node` has a parameter of this name that takes this value.
pub fn is_value_of_another_node(node: &str, name: &str, value: &r2r::ParameterValue) -> bool {
    let others = NODES.iter().filter(|other| other.name != node);
    others.flat_map(|other| other.parameters).any(|spec| spec.name == name && spec.check(value).is_ok())
}
