//! The files that tell the node what its robot is.

use std::path::{Path, PathBuf};

use steve_core::guard::{Guard, GuardError};
use steve_core::motions::Motions;
use steve_core::robot::Robot;

use super::NAME;
use crate::error::NodeError;

/// The robot's description.
pub(super) fn robot(path: &str) -> Result<Robot, NodeError> {
    let path = if path.is_empty() { installed(Path::new("config/steve.yaml"))? } else { path_of(path) };
    let robot = Robot::from_yaml(&read("robot", &path)?, &path.display().to_string())
        .map_err(|faults| NodeError::Configuration(format!("robot description refused:\n{faults}")))?;
    log::info!(target: NAME, "robot description: {}", path.display());
    Ok(robot)
}

/// The named motions. Those that are installed are Steve's: another robot goes without.
pub(super) fn motions(path: &str, robot: &Robot) -> Result<Motions, NodeError> {
    let own = !path.is_empty();
    let path = if own { path_of(path) } else { installed(Path::new("config/motions.yaml"))? };
    let motions = Motions::from_yaml(&read("motions", &path)?, &path.display().to_string(), robot);
    match motions {
        Ok(motions) => Ok(motions),
        Err(faults) if own => Err(NodeError::Configuration(format!("motions refused:\n{faults}"))),
        Err(faults) => {
            let first = faults
                .faults
                .first()
                .map_or_else(String::new, |fault| format!("{}: {}", fault.path, fault.message));
            log::info!(target: NAME, "no motions: those that are installed do not fit {}: {first}", robot.name);
            Ok(Motions::default())
        }
    }
}

/// The guard against desk and torso, for a robot whose measures are known.
pub(super) fn guard(path: &str, robot: &Robot) -> Result<Option<Guard>, NodeError> {
    let own = !path.is_empty();
    let path = if own {
        path_of(path)
    } else {
        let Ok(path) = installed(&Path::new("urdf").join(&robot.name).with_extension("urdf")) else {
            log::warn!(target: NAME, "no guard against the desk: there is no urdf/{}.urdf; see the parameter urdf", robot.name);
            return Ok(None);
        };
        path
    };
    match Guard::from_urdf(&read("urdf", &path)?, robot) {
        Ok(guard) => Ok(Some(guard)),
        Err(error @ GuardError::NoElbow { .. }) => {
            log::warn!(target: NAME, "no guard against the desk: {error}");
            Ok(None)
        }
        Err(error) => Err(NodeError::Configuration(format!("urdf: {}: {error}", path.display()))),
    }
}

/// A path that somebody wrote into a parameter: no shell has replaced its `~/`.
pub(super) fn path_of(text: &str) -> PathBuf {
    match (text.strip_prefix("~/"), std::env::var_os("HOME")) {
        (Some(rest), Some(home)) => PathBuf::from(home).join(rest),
        _ => PathBuf::from(text),
    }
}

fn read(parameter: &str, path: &Path) -> Result<String, NodeError> {
    std::fs::read_to_string(path).map_err(|error| {
        NodeError::Configuration(format!("{parameter}: cannot read {}: {error}", path.display()))
    })
}

/// A file of the package's share folder: beside this executable's `lib/shaky_steve`, else where ament finds the package.
pub(super) fn installed(file: &Path) -> Result<PathBuf, NodeError> {
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
            "{} is in none of {}; give the path of your own in a parameter",
            file.display(),
            places.join(", ")
        ))
    })
}
