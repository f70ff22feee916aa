//! The state file and the disk: locks, folders, and nothing half written.
#![allow(clippy::unwrap_used, unreachable_pub, reason = "a panic here is a failing test")]

mod common;

use common::place::{HARDWARE, Place, arm, at, json, unknown};
use common::robot;
use std::fs;
use std::path::{Path, PathBuf};
use steve_drivers::state_file::{StateFile, StateFileError};

#[test]
fn a_second_user_of_the_file_is_refused_with_the_pid_of_the_first() {
    let place = Place::new();
    let (file, _) = StateFile::open(&place.path(), &robot(), HARDWARE).unwrap();
    let error = StateFile::open(&place.path(), &robot(), HARDWARE).unwrap_err();
    let (path, pid) = (place.path(), std::process::id());
    let expected = format!("state file {}: in use by another process, PID {pid}", path.display());
    assert_eq!(error.to_string(), expected);
    let link = place.folder.path().join("link.json");
    drop(file);
    place.leave(&robot(), vec![at(0.0), at(0.0)]);
    std::os::unix::fs::symlink(&path, &link).unwrap();
    let (mut file, _) = StateFile::open(&link, &robot(), HARDWARE).unwrap();
    assert!(matches!(
        StateFile::open(&path, &robot(), HARDWARE).unwrap_err(),
        StateFileError::InUse { pid: Some(_), .. }
    ));
    file.save(&arm(vec![at(0.5), at(0.5)])).unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink(), "the link was replaced");
    drop(file);
    assert_eq!(place.open(&robot()), [Some(0.5); 2]);
}

#[test]
fn a_folder_that_cannot_be_made_and_a_place_that_is_no_file_are_errors_with_their_path() {
    let place = Place::new();
    fs::write(place.path(), "a file").unwrap();
    let below = place.path().join("deeper/arm.json");
    let error = StateFile::open(&below, &robot(), HARDWARE).unwrap_err().to_string();
    assert!(error.contains("arm.json/deeper: cannot make the folder"), "{error}");
    let folder = place.folder.path().join("folder");
    fs::create_dir(&folder).unwrap();
    let error = StateFile::open(&folder, &robot(), HARDWARE).unwrap_err().to_string();
    assert!(error.contains("folder: cannot read: not a file"), "{error}");
    StateFile::open(Path::new("/"), &robot(), HARDWARE).unwrap_err();
}

#[test]
fn a_folder_that_cannot_be_written_is_an_error() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    let folder = place.folder.path().join("read-only");
    fs::create_dir(&folder).unwrap();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o555)).unwrap();
    // Permissions do not bind root; the folder of all processes is read-only to everybody.
    let bound = fs::write(folder.join("probe"), "").is_err();
    let folder = if bound { folder } else { PathBuf::from("/proc") };
    let error = StateFile::open(&folder.join("arm.json"), &robot(), HARDWARE).unwrap_err().to_string();
    assert!(error.contains("arm.json.lock: cannot open the lock"), "{error}");
}

#[test]
fn missing_folders_are_made() {
    let place = Place::new();
    let path = place.folder.path().join("a/b/arm.json");
    let (mut file, _) = StateFile::open(&path, &robot(), HARDWARE).unwrap();
    file.save(&arm(vec![at(0.0), at(0.0)])).unwrap();
    assert_eq!(file.path(), path);
    assert!(path.exists());
}

#[test]
fn a_reader_never_sees_half_a_file() {
    let place = Place::new();
    let (mut file, _) = StateFile::open(&place.path(), &robot(), HARDWARE).unwrap();
    file.save(&arm(vec![at(0.0), unknown()])).unwrap();
    let path = place.path();
    let (done, reader) = {
        let done = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
        let seen = done.clone();
        let reader = std::thread::spawn(move || {
            let mut reads = 0;
            while !seen.load(std::sync::atomic::Ordering::SeqCst) || reads == 0 {
                assert_eq!(json(&path)["joints"].as_array().unwrap().len(), 2);
                reads += 1;
            }
        });
        (done, reader)
    };
    for step in 0..200 {
        let position = f64::from(step) / 200.0;
        let tilt = if step % 2 == 0 { unknown() } else { at(position) };
        file.save(&arm(vec![at(position), tilt])).unwrap();
    }
    done.store(true, std::sync::atomic::Ordering::SeqCst);
    reader.join().unwrap();
}

#[test]
fn what_a_crash_left_half_written_does_no_harm() {
    let place = Place::new();
    place.leave(&robot(), vec![at(0.1), at(0.2)]);
    fs::write(place.folder.path().join("arm.json.new"), "{\"versi").unwrap();
    assert_eq!(place.open(&robot()), [Some(0.1), Some(0.2)]);
    place.leave(&robot(), vec![at(0.3), at(0.4)]);
    assert_eq!(place.open(&robot()), [Some(0.3), Some(0.4)]);
}
