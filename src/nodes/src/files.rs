//! The files that tell a node what its robot is. Each takes the node's name, to log with, and the text of its parameter.

use std::path::{Path, PathBuf};

use steve_core::guard::{Guard, GuardError};
use steve_core::motions::Motions;
use steve_core::robot::Robot;

use crate::error::NodeError;

/// The robot's description.
pub(crate) fn robot(node: &str, path: &str) -> Result<Robot, NodeError> {
    let path = if path.is_empty() { installed("config/steve.yaml")? } else { path_of(path) };
    let robot = Robot::from_yaml(&read("robot", &path)?, &path.display().to_string())
        .map_err(|faults| NodeError::Configuration(format!("robot description refused:\n{faults}")))?;
    log::info!(target: node, "robot description: {}", path.display());
    Ok(robot)
}

/// The named motions. Those that are installed are Steve's: another robot goes without.
pub(crate) fn motions(node: &str, path: &str, robot: &Robot) -> Result<Motions, NodeError> {
    let own = !path.is_empty();
    let path = if own { path_of(path) } else { installed("config/motions.yaml")? };
    let motions = Motions::from_yaml(&read("motions", &path)?, &path.display().to_string(), robot);
    match motions {
        Ok(motions) => Ok(motions),
        Err(faults) if own => Err(NodeError::Configuration(format!("motions refused:\n{faults}"))),
        Err(faults) => {
            let first = faults
                .faults
                .first()
                .map_or_else(String::new, |fault| format!("{}: {}", fault.path, fault.message));
            log::info!(target: node, "no motions: those that are installed do not fit {}: {first}", robot.name);
            Ok(Motions::default())
        }
    }
}

/// The guard against desk and torso, for a robot whose measures are known.
pub(crate) fn guard(node: &str, path: &str, robot: &Robot) -> Result<Option<Guard>, NodeError> {
    let Some((path, urdf)) = urdf(path, robot)? else {
        log::warn!(target: node, "no guard against the desk: there is no {}; see the parameter urdf", urdf_of(robot));
        return Ok(None);
    };
    match Guard::from_urdf(&urdf, robot) {
        Ok(guard) => Ok(Some(guard)),
        Err(error @ GuardError::NoElbow { .. }) => {
            log::warn!(target: node, "no guard against the desk: {error}");
            Ok(None)
        }
        Err(error) => Err(NodeError::Configuration(format!("urdf: {}: {error}", path.display()))),
    }
}

/// The robot's URDF, and where it was found; None where none was named and none is installed.
pub(crate) fn urdf(path: &str, robot: &Robot) -> Result<Option<(PathBuf, String)>, NodeError> {
    let path = if path.is_empty() { installed(&urdf_of(robot)).ok() } else { Some(path_of(path)) };
    path.map(|path| read("urdf", &path).map(|text| (path, text))).transpose()
}

/// The name under which a robot's URDF is installed.
pub(crate) fn urdf_of(robot: &Robot) -> String {
    format!("urdf/{}.urdf", robot.name)
}

/// A path that somebody wrote into a parameter: no shell has replaced its `~/`.
pub(crate) fn path_of(text: &str) -> PathBuf {
    match (text.strip_prefix("~/"), std::env::var_os("HOME")) {
        (Some(rest), Some(home)) => PathBuf::from(home).join(rest),
        _ => PathBuf::from(text),
    }
}

/// A file's text; an error names the parameter.
pub(crate) fn read(parameter: &str, path: &Path) -> Result<String, NodeError> {
    std::fs::read_to_string(path).map_err(|error| {
        NodeError::Configuration(format!("{parameter}: cannot read {}: {error}", path.display()))
    })
}

/// A file of the package's share folder: beside this executable's `lib/shaky_steve`, else where ament finds the package.
pub(crate) fn installed(file: &str) -> Result<PathBuf, NodeError> {
    let beside =
        std::env::current_exe().ok().and_then(|exe| Some(exe.parent()?.parent()?.parent()?.to_owned()));
    let ament = std::env::var("AMENT_PREFIX_PATH").unwrap_or_default();
    let mut places: Vec<PathBuf> = beside
        .into_iter()
        .chain(ament.split(':').filter(|prefix| !prefix.is_empty()).map(PathBuf::from))
        .collect();
    for place in &mut places {
        place.push("share/shaky_steve");
        place.push(file);
    }
    let found = places.iter().find(|place| place.is_file()).cloned();
    found.ok_or_else(|| {
        let places: Vec<String> = places.iter().map(|place| place.display().to_string()).collect();
        NodeError::Configuration(format!(
            "{file} is in none of {}; give the path of your own in a parameter",
            places.join(", ")
        ))
    })
}
