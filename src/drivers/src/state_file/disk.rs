use super::StateFileError;
use super::format::{Bad, MAX_BYTES};
use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;
use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

/// How many bad files are kept. More are no accident, and nobody looks at them all.
pub(super) const SET_ASIDE: u32 = 9;

fn error(path: &Path, action: &'static str, source: io::Error) -> StateFileError {
    StateFileError::Io { path: path.to_owned(), action, source }
}

fn beside(path: &Path, ending: impl AsRef<OsStr>) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Makes the folder. The path with its links followed: two names of one file have one lock, and a link stays a link.
pub(super) fn prepare(path: &Path) -> Result<PathBuf, StateFileError> {
    if path.file_name().is_none() {
        return Err(error(path, "use that path", io::Error::from(io::ErrorKind::InvalidInput)));
    }
    let folder = folder(path);
    fs::create_dir_all(folder).map_err(|source| error(folder, "make the folder", source))?;
    Ok(fs::canonicalize(path).unwrap_or_else(|_| path.to_owned()))
}

/// The system gives the lock back when the file is closed, also by a crash. It lies beside the state file, which is
/// another file after every write, and stays there: to remove it would let two processes lock two files of one name.
pub(super) fn lock(path: &Path) -> Result<File, StateFileError> {
    let place = beside(path, ".lock");
    let open = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&place);
    let mut file = open.map_err(|source| error(&place, "open the lock", source))?;
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => {}
        Err(Errno::WOULDBLOCK) => {
            let mut text = String::new();
            // The number is for people only; without it the message is one word shorter.
            file.take(20).read_to_string(&mut text).ok();
            return Err(StateFileError::InUse { path: path.to_owned(), pid: text.trim().parse().ok() });
        }
        Err(errno) => return Err(error(&place, "lock", errno.into())),
    }
    let told = file.set_len(0).and_then(|()| file.rewind());
    told.and_then(|()| writeln!(file, "{}", std::process::id()))
        .map_err(|source| error(&place, "write the lock", source))?;
    Ok(file)
}

/// What is in the file, but not much more than can be good; none if there is no file.
pub(super) fn read(path: &Path) -> Result<Option<Vec<u8>>, StateFileError> {
    let io = |source| error(path, "read", source);
    match fs::metadata(path) {
        Err(missing) if missing.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(io(source)),
        // To open a pipe waits for whoever writes into it.
        Ok(metadata) if !metadata.is_file() => return Err(io(io::Error::other("not a file"))),
        Ok(_) => {}
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(io)?;
    file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(io)?;
    Ok(Some(bytes))
}

/// Renames a bad file, never over another one. The lock keeps others of our kind from taking the name meanwhile.
pub(super) fn set_aside(path: &Path, bad: &Bad) -> Result<PathBuf, StateFileError> {
    let names = (1..=SET_ASIDE).map(|number| beside(path, format!(".bad-{number}")));
    let free = |name: &PathBuf| {
        fs::symlink_metadata(name).is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
    };
    let Some(aside) = names.into_iter().find(free) else {
        return Err(StateFileError::TooManySetAside { path: path.to_owned(), reason: bad.to_string() });
    };
    fs::rename(path, &aside).map_err(|source| error(path, "set the bad file aside", source))?;
    Ok(aside)
}

/// Writes a new file and renames it over the old one. Its content is on the disk before its name is, and the name before
/// this returns: a file system may order them otherwise, and a power cut then leaves an empty file.
pub(super) fn replace(path: &Path, text: &[u8]) -> io::Result<()> {
    // One name is enough under the lock, and what a crash leaves there is written over.
    let new = beside(path, ".new");
    let mut file = File::create(&new)?;
    file.write_all(text)?;
    file.sync_all()?;
    drop(file);
    fs::rename(&new, path)?;
    File::open(folder(path))?.sync_all()
}
