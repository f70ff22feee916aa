//! One driver for each piece of hardware: two that write to the same servos make them jump from one's wish to the other's.

use rustix::fs::{FlockOperation, OFlags, flock};
use rustix::io::Errno;
use std::fs::{File, OpenOptions, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Where locks are looked for (Filesystem Hierarchy Standard 3.0, section 5.9).
const FOLDER: &str = "/run/lock";

/// How often another process may create or replace the file while it is being opened.
const TRIES: usize = 5;

/// Why hardware was not taken.
#[derive(Debug, Error)]
pub enum LockError {
    /// Another driver has it.
    #[error("{hardware} is held by {}: only one driver may use it at a time", holder(.by))]
    Held {
        /// The name of the hardware.
        hardware: String,
        /// The process that has it, where it could write that down.
        by: Option<u32>,
    },
    /// The lock file is of no use.
    #[error("lock file {}: {source}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What went wrong.
        source: io::Error,
    },
}

fn holder(by: &Option<u32>) -> String {
    by.map_or_else(|| "another process".to_owned(), |pid| format!("process {pid}"))
}

/// Hardware that belongs to this process until this is dropped or the process ends, however it ends: the kernel lets a
/// lock go with its file. The file stays and is used again.
#[derive(Debug)]
pub struct HardwareLock {
    file: File,
}

impl HardwareLock {
    /// Takes `hardware`, whose name becomes part of a file name, in `/run/lock`, or in the temporary directory of a system
    /// where that is not possible.
    ///
    /// # Errors
    /// Another process has it, or this one already; no lock file can be made.
    pub fn take(hardware: &str) -> Result<Self, LockError> {
        match Self::take_in(Path::new(FOLDER), hardware) {
            Err(LockError::File { path, source }) => {
                log::debug!("{}: {source}; the temporary directory is used", path.display());
                Self::take_in(&std::env::temp_dir(), hardware)
            }
            taken => taken,
        }
    }

    /// Takes `hardware` with a lock file in `folder`.
    ///
    /// # Errors
    /// As those of [`Self::take`].
    pub fn take_in(folder: &Path, hardware: &str) -> Result<Self, LockError> {
        let path = folder.join(format!("shaky_steve-{hardware}.lock"));
        let at = |source| LockError::File { path: path.clone(), source };
        let mut file = open(&path).map_err(at)?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(Errno::WOULDBLOCK) => {
                return Err(LockError::Held { hardware: hardware.to_owned(), by: read_pid(&mut file) });
            }
            Err(error) => return Err(at(error.into())),
        }
        let mut lock = Self { file };
        // The lock holds without it; a file that only its owner can write to is left as it is.
        if let Err(error) = lock.write_pid() {
            log::debug!("{}: the process id is not in it: {error}", path.display());
        }
        Ok(lock)
    }

    fn write_pid(&mut self) -> io::Result<()> {
        self.file.set_len(0)?;
        writeln!(self.file, "{}", std::process::id())
    }
}

impl Drop for HardwareLock {
    /// A process that is gone shall not be blamed by the next one's error.
    fn drop(&mut self) {
        self.file.set_len(0).ok();
    }
}

/// Opens the file, which may belong to another user, or creates it for all users.
///
/// The folder is open to everyone, so a link that was planted there is not followed. The kernel's `fs.protected_regular`
/// refuses O_CREAT for a file of someone else in such a folder: what exists is opened without.
fn open(path: &Path) -> io::Result<File> {
    let options = || {
        let mut options = OpenOptions::new();
        let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
        options.read(true).custom_flags(flags.bits().cast_signed());
        options
    };
    let mut last = io::Error::from(io::ErrorKind::NotFound);
    for _ in 0..TRIES {
        let opened = match options().write(true).open(path) {
            // Reading is enough for a lock.
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => options().open(path),
            opened => opened,
        };
        match opened {
            Ok(file) if file.metadata()?.is_file() => return Ok(file),
            Ok(_) => return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no plain file")),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        match options().write(true).create_new(true).open(path) {
            Ok(file) => {
                // The umask took rights away that other users need. It is empty: nothing is given away.
                file.set_permissions(Permissions::from_mode(0o666))?;
                return Ok(file);
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => last = error,
            Err(error) => return Err(error),
        }
    }
    Err(last)
}

fn read_pid(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.take(16).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}
