//! What the arm remembers: where it left each joint. RC servos tell nothing, so this is all that is known at power-on.
//!
//! [`StateFile::open`] reads what is remembered and keeps every other process out; the [`Keeper`] follows the arm and
//! writes. The file says what it does not know: a joint that moves is written as unknown before it gets far, so that a
//! program that dies in mid-motion leaves no wrong position behind.

/// Locks, renames and writes.
mod disk;
/// What is in the file.
mod format;
/// The thread that writes.
mod keeper;
/// Where the file is.
mod place;
/// When to write.
mod policy;

pub use keeper::Keeper;
pub use place::default_path;

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use steve_core::arm::{ArmSnapshot, JointSnapshot};
use steve_core::robot::Robot;
use thiserror::Error;

/// Why nothing can be remembered.
#[derive(Debug, Error)]
pub enum StateFileError {
    /// Another process has the file.
    #[error("state file {}: in use by another process{}", path.display(), pid_text(*pid))]
    InUse {
        /// The file.
        path: PathBuf,
        /// The process, if it told.
        pid: Option<u32>,
    },
    /// The system refuses.
    #[error("state file {}: cannot {action}: {source}", path.display())]
    Io {
        /// The file, or the folder.
        path: PathBuf,
        /// What was refused.
        action: &'static str,
        /// Why.
        source: io::Error,
    },
    /// A bad file cannot be set aside: no name for it is free.
    #[error(
        "state file {}: {reason}; {} bad files lie beside it already, *.bad-1 and so on: look at them and remove them",
        path.display(),
        disk::SET_ASIDE
    )]
    TooManySetAside {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The system gives no thread.
    #[error("state file: no thread to write it: {0}")]
    Thread(io::Error),
}

fn pid_text(pid: Option<u32>) -> String {
    pid.map_or_else(String::new, |pid| format!(", PID {pid}"))
}

/// The file, which is this process's own until it is dropped.
#[derive(Debug)]
pub struct StateFile {
    path: PathBuf,
    robot: Robot,
    hardware: String,
    /// What the file says of each joint.
    on_disk: Vec<Option<f64>>,
    /// Held, not used.
    _lock: File,
}

impl StateFile {
    /// Opens the file at `path`, or the place where it will be, and tells what it remembers of the joints: positions in
    /// rad or m in the robot's order, none where nothing is known. The folder is made if it is not there.
    ///
    /// `hardware` says in a few words what moves the joints, such as backend, bus and address: positions of other
    /// hardware mean nothing. A file that cannot be read as one, or is of another robot, of other hardware or of a newer
    /// version, is renamed to `<path>.bad-1` (or 2, 3, ...), with a warning, and nothing is known. A single joint is
    /// unknown, with a warning, if it was moving when the file was written, is new, or if its position now lies outside
    /// its travel or takes another pulse than it did.
    ///
    /// # Errors
    /// Another process has the file; the folder cannot be made; something cannot be read, written or renamed.
    pub fn open(
        path: &Path,
        robot: &Robot,
        hardware: &str,
    ) -> Result<(Self, Vec<Option<f64>>), StateFileError> {
        let path = disk::prepare(path)?;
        let lock = disk::lock(&path)?;
        let mut remembered = format::Remembered::nothing(robot);
        if let Some(bytes) = disk::read(&path)? {
            match format::read(&bytes, robot, hardware) {
                Ok(read) => remembered = read,
                Err(bad) => {
                    let aside = disk::set_aside(&path, &bad)?;
                    log::warn!(
                        "state file {}: {bad}; it is now {}, and no position is known",
                        path.display(),
                        aside.display()
                    );
                }
            }
        }
        if !remembered.doubts.is_empty() {
            log::warn!("state file {}: {}", path.display(), remembered.doubts.join("; "));
        }
        let format::Remembered { on_disk, known, .. } = remembered;
        let file = Self { path, robot: robot.clone(), hardware: hardware.to_owned(), on_disk, _lock: lock };
        Ok((file, known))
    }

    /// Writes where the joints are now. A reader, and a machine that loses its power meanwhile, finds either the file
    /// from before or the new one, whole.
    ///
    /// # Errors
    /// The folder or the file cannot be written; the file from before is still there.
    pub fn save(&mut self, snapshot: &ArmSnapshot) -> Result<(), StateFileError> {
        let io = |source| self.error("write", source);
        let text = format::write(&self.robot, &self.hardware, snapshot).map_err(io)?;
        disk::replace(&self.path, &text).map_err(io)?;
        self.on_disk = known(snapshot);
        Ok(())
    }

    /// Where the file is. Symbolic links are followed.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn error(&self, action: &'static str, source: io::Error) -> StateFileError {
        StateFileError::Io { path: self.path.clone(), action, source }
    }
}

/// What a snapshot knows of the joints that survives a crash.
fn known(snapshot: &ArmSnapshot) -> Vec<Option<f64>> {
    snapshot.joints.iter().map(at_rest).collect()
}

/// Where a joint stands; none if it moves or nobody knows.
fn at_rest(joint: &JointSnapshot) -> Option<f64> {
    joint.position.filter(|position| !joint.moving && position.is_finite())
}
