//! Command lines of the nodes' executables.

use std::process::ExitCode;

use clap::Parser;

use crate::host::{self, Node};
use crate::parameters::markdown_table;
use crate::ros_args::SplitArgs;
use crate::{NODES, NodeInfo};

/// What every executable takes before `--ros-args`.
#[derive(Debug, clap::Args)]
struct Common {
    /// Print the parameters as a Markdown table and exit.
    #[arg(long)]
    describe_parameters: bool,
}

#[derive(Debug, Parser)]
#[command(version, about = "One node of shaky_steve; ROS arguments come after --ros-args")]
struct Single {
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Parser)]
#[command(
    version,
    about = "Hosts any set of shaky_steve's nodes in one process; ROS arguments come after --ros-args"
)]
struct Bringup {
    /// Which nodes to host.
    #[arg(long, value_delimiter = ',', default_value = "all", value_name = "NODE[,NODE...]")]
    nodes: Vec<String>,
    #[command(flatten)]
    common: Common,
}

/// `main` of the executable of one node.
pub fn single(node: &NodeInfo) -> ExitCode {
    let args = SplitArgs::of_process();
    let options = match Single::try_parse_from(&args.own) {
        Ok(options) => options,
        Err(error) => return usage(&error),
    };
    start(&args, &options.common, &[node])
}

/// `main` of `bringup`.
pub fn bringup() -> ExitCode {
    let args = SplitArgs::of_process();
    let parsed =
        Bringup::try_parse_from(&args.own).and_then(|options| Ok((chosen(&options.nodes)?, options)));
    match parsed {
        Ok((nodes, options)) => start(&args, &options.common, &nodes),
        Err(error) => usage(&error),
    }
}

fn start(args: &SplitArgs, common: &Common, nodes: &[&NodeInfo]) -> ExitCode {
    if common.describe_parameters {
        describe(nodes);
        return ExitCode::SUCCESS;
    }
    host::run(args, nodes.iter().map(|node| (node.make)()).collect::<Vec<Node>>())
}

#[expect(clippy::print_stdout, reason = "it is what was asked for")]
fn describe(nodes: &[&NodeInfo]) {
    for node in nodes {
        println!("Node `{}`:\n\n{}", node.name, markdown_table(node.parameters));
    }
}

/// Prints help or what is wrong; exit code 0 or 2.
fn usage(error: &clap::Error) -> ExitCode {
    // A closed console is all that can fail, and nobody to tell it.
    let _ = error.print();
    ExitCode::from(if error.use_stderr() { 2 } else { 0 })
}

/// The nodes of those names, once each, in the order of [`NODES`].
fn chosen(names: &[String]) -> Result<Vec<&'static NodeInfo>, clap::Error> {
    let names: Vec<&str> = names.iter().map(|name| name.trim()).filter(|name| !name.is_empty()).collect();
    let known = || NODES.iter().map(|node| node.name).collect::<Vec<_>>().join(", ");
    let refuse = |what: String| clap::Error::raw(clap::error::ErrorKind::InvalidValue, what);
    if names.is_empty() {
        return Err(refuse(format!("--nodes: no node is named; there are {} and all\n", known())));
    }
    if let Some(unknown) =
        names.iter().find(|name| **name != "all" && NODES.iter().all(|node| node.name != **name))
    {
        return Err(refuse(format!(
            "--nodes: there is no node {unknown:?}; there are {} and all\n",
            known()
        )));
    }
    Ok(NODES.iter().filter(|node| names.contains(&"all") || names.contains(&node.name)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(wanted: &[&str]) -> Result<Vec<&'static str>, String> {
        let wanted: Vec<String> = wanted.iter().map(ToString::to_string).collect();
        chosen(&wanted)
            .map(|nodes| nodes.iter().map(|node| node.name).collect())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn all_means_every_node_and_a_name_that_node() {
        assert_eq!(names(&["all"]).unwrap().len(), NODES.len());
        assert_eq!(names(&["arm", "arm"]).unwrap(), ["arm"]);
    }

    #[test]
    fn an_unknown_node_is_refused_with_those_that_there_are() {
        let error = names(&["arn"]).unwrap_err();
        assert!(error.contains("\"arn\"") && error.contains("arm"), "{error}");
        assert!(names(&[""]).is_err());
    }
}
