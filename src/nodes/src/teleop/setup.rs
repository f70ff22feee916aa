//! What the node works with, read from its files at the start.

use std::sync::Arc;

use steve_core::cartesian::Cartesian;
use steve_core::motions::Motions;
use steve_core::robot::Robot;
use steve_core::teleop::{Profile, Profiles, UnknownProfile};

use super::NAME;
use crate::error::NodeError;
use crate::files;
use crate::parameters::Parameters;

use super::solver::Solver;

/// What the files say.
pub(super) struct Setup {
    pub(super) robot: Arc<Robot>,
    /// None: the installed mapping is for another robot, and there is none of this one's own.
    pub(super) profile: Option<Profile>,
    /// None: joint mode only.
    pub(super) solver: Option<Solver>,
}

impl Setup {
    /// Reads them.
    ///
    /// # Errors
    /// All that is wrong with a file that a parameter names; an unknown profile.
    pub(super) fn read(parameters: &Parameters) -> Result<Self, NodeError> {
        let robot = Arc::new(files::robot(NAME, &parameters.text("robot"))?);
        let motions = files::motions(NAME, &parameters.text("motions"), &robot)?;
        let name = parameters.text("profile");
        let profile = match profiles(&parameters.text("config"), &robot, &motions)? {
            Some(profiles) => {
                let unknown = |error: UnknownProfile| NodeError::Configuration(error.to_string());
                Some(profiles.get(&name).map_err(unknown)?.clone())
            }
            None => None,
        };
        let solver = solver(&parameters.text("urdf"), &robot)?;
        Ok(Self { robot, profile, solver })
    }
}

/// The mapping. The one that is installed is Steve's: another robot goes without, and with other motions only those buttons
/// do nothing that name one of Steve's.
fn profiles(path: &str, robot: &Robot, motions: &Motions) -> Result<Option<Profiles>, NodeError> {
    let own = !path.is_empty();
    let path = if own { files::path_of(path) } else { files::installed("config/teleop.yaml")? };
    let text = files::read("config", &path)?;
    let source = path.display().to_string();
    let read = |motions| Profiles::from_yaml(&text, &source, robot, motions);
    let faults = match read(Some(motions)) {
        Ok(profiles) => return Ok(Some(profiles)),
        Err(faults) if own => return Err(NodeError::Configuration(format!("config refused:\n{faults}"))),
        Err(faults) => faults,
    };
    match read(None) {
        Ok(profiles) => {
            log::warn!(target: NAME, "some buttons name motions that there are not:\n{faults}");
            Ok(Some(profiles))
        }
        Err(faults) => {
            log::warn!(
                target: NAME,
                "nothing is mapped: {source} does not fit {}; give it a mapping of its own with the parameter config\n{faults}",
                robot.name
            );
            Ok(None)
        }
    }
}

/// The hand's kinematics, for a robot whose measures are known.
fn solver(path: &str, robot: &Robot) -> Result<Option<Solver>, NodeError> {
    let Some((found, urdf)) = files::urdf(path, robot)? else {
        log::info!(target: NAME, "joint mode only: there is no {}", files::urdf_of(robot));
        return Ok(None);
    };
    match Cartesian::from_urdf(&urdf, robot) {
        Ok(cartesian) => {
            let names = robot.joints.iter().map(|joint| joint.name.clone()).collect();
            Ok(Some(Solver::new(cartesian, names)))
        }
        Err(error) if path.is_empty() => {
            log::info!(target: NAME, "joint mode only: {}: {error}", found.display());
            Ok(None)
        }
        Err(error) => Err(NodeError::Configuration(format!("urdf: {}: {error}", found.display()))),
    }
}
