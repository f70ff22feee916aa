//! One driver for each piece of hardware.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a panic here is a failing test")]

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use steve_drivers::hardware_lock::{HardwareLock, LockError};
use tempfile::TempDir;

fn file_in(folder: &TempDir) -> PathBuf {
    folder.path().join("shaky_steve-arm.lock")
}

fn take(folder: &Path) -> Result<HardwareLock, LockError> {
    HardwareLock::take_in(folder, "arm")
}

fn held_by(result: Result<HardwareLock, LockError>) -> Option<u32> {
    match result {
        Err(LockError::Held { by, .. }) => by,
        other => panic!("{other:?}"),
    }
}

#[test]
fn hardware_that_is_taken_is_refused_and_its_holder_named() {
    let folder = TempDir::new().unwrap();
    let _lock = take(folder.path()).unwrap();
    let error = take(folder.path()).unwrap_err();
    let expected =
        format!("arm is held by process {}: only one driver may use it at a time", std::process::id());
    assert_eq!(error.to_string(), expected);
}

#[test]
fn other_hardware_is_free() {
    let folder = TempDir::new().unwrap();
    let _lock = take(folder.path()).unwrap();
    HardwareLock::take_in(folder.path(), "i2c-1-0x41").unwrap();
}

#[test]
fn dropped_hardware_can_be_taken_again() {
    let folder = TempDir::new().unwrap();
    drop(take(folder.path()).unwrap());
    assert_eq!(fs::read_to_string(file_in(&folder)).unwrap(), "", "nobody is named who is gone");
    take(folder.path()).unwrap();
}

/// The lock of another process, which ends without a word.
#[test]
fn hardware_of_a_process_that_was_killed_is_free() {
    let folder = TempDir::new().unwrap();
    let file = file_in(&folder);
    let script = r#"exec 9<>"$0"; flock -n 9; echo $$ >&9; echo taken; exec sleep 1000"#;
    let mut other =
        Command::new("bash").arg("-c").arg(script).arg(&file).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(other.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let refused = take(folder.path());
    other.kill().unwrap();
    other.wait().unwrap();
    assert_eq!((line.trim(), held_by(refused)), ("taken", Some(other.id())));
    take(folder.path()).unwrap();
    assert_eq!(fs::read_to_string(&file).unwrap(), "");
}

#[test]
fn a_holder_that_wrote_nonsense_is_just_another_process() {
    let folder = TempDir::new().unwrap();
    let _lock = take(folder.path()).unwrap();
    for nonsense in ["", "-1", "dog", "99999999999999999999", "\u{fffd}"] {
        fs::write(file_in(&folder), nonsense).unwrap();
        let error = take(folder.path()).unwrap_err();
        assert!(error.to_string().contains("held by another process"), "{error}");
    }
}

#[test]
fn a_stale_file_is_no_lock() {
    let folder = TempDir::new().unwrap();
    fs::write(file_in(&folder), "4194304\nand more that someone left here\n").unwrap();
    let _lock = take(folder.path()).unwrap();
    assert_eq!(fs::read_to_string(file_in(&folder)).unwrap(), format!("{}\n", std::process::id()));
}

#[test]
fn every_user_may_lock_the_same_file() {
    let folder = TempDir::new().unwrap();
    let _lock = take(folder.path()).unwrap();
    assert_eq!(fs::metadata(file_in(&folder)).unwrap().permissions().mode() & 0o777, 0o666);
}

#[test]
fn a_link_that_was_planted_is_not_followed() {
    let folder = TempDir::new().unwrap();
    let victim = folder.path().join("victim");
    fs::write(&victim, "precious").unwrap();
    symlink(&victim, file_in(&folder)).unwrap();
    assert!(matches!(take(folder.path()), Err(LockError::File { .. })));
    assert_eq!(fs::read_to_string(&victim).unwrap(), "precious");
}

#[test]
fn a_folder_that_is_not_there_is_told() {
    let error = take(Path::new("/nowhere/at/all")).unwrap_err();
    assert!(error.to_string().starts_with("lock file /nowhere/at/all/shaky_steve-arm.lock: "), "{error}");
}
