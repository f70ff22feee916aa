//! The keeper writes what the arm does. Waits have no upper bound that a slow machine could miss.
#![allow(clippy::unwrap_used, unreachable_pub, reason = "a panic here is a failing test")]

mod common;

use common::{fast, robot, sim};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use steve_core::arm::{MoveEnd, MoveRequest};
use steve_drivers::backend::{BackendOptions, Start};
use steve_drivers::servo_thread::{ServoHandle, ServoThread};
use steve_drivers::state_file::{Keeper, StateFile};
use tempfile::TempDir;

type Known = Vec<Option<f64>>;

/// An arm that remembers. It starts as a real one does: what nobody remembers, nobody knows.
struct Remembering {
    handle: ServoHandle,
    thread: ServoThread,
    keeper: Keeper,
}

impl Remembering {
    /// Also what it remembers at first.
    fn start(path: &Path, start: Start) -> (Self, Known) {
        let (file, known) = StateFile::open(path, &robot(), "sim").unwrap();
        let options = BackendOptions { start, seed: 3, remembered: known.clone() };
        let (handle, thread) = ServoThread::spawn(robot(), sim(&options), fast()).unwrap();
        let keeper = Keeper::spawn(file, &handle).unwrap();
        (Self { handle, thread, keeper }, known)
    }

    async fn go(&self, joint: &str, position: f64) {
        let request = MoveRequest::one(joint, position, 0.0, "");
        let outcome = self.handle.move_joints(self.handle.validate(&request).unwrap()).await;
        assert_eq!(outcome.end, MoveEnd::Reached);
    }

    fn end(self) {
        self.thread.shutdown().unwrap();
        self.keeper.finish();
    }
}

fn place() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("arm.json");
    (folder, path)
}

/// What a program that started now, after a crash, would read.
fn after_a_crash(path: &Path) -> Known {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy.json");
    if let Ok(bytes) = fs::read(path) {
        fs::write(&copy, bytes).unwrap();
    }
    StateFile::open(&copy, &robot(), "sim").unwrap().1
}

async fn until(path: &Path, expected: &[Option<f64>]) {
    while after_a_crash(path) != expected {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

fn written(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).ok()?.modified().ok()
}

#[tokio::test]
async fn after_a_shutdown_the_arm_knows_where_it_stands_and_is_powered_there() {
    let (_folder, path) = place();
    let (arm, known) = Remembering::start(&path, Start::Home);
    assert_eq!(known, [None; 2]);
    arm.go("pan", 0.75).await;
    arm.end();
    assert_eq!(after_a_crash(&path), [Some(0.75), Some(0.25)]);
    let (arm, known) = Remembering::start(&path, Start::Unknown);
    assert_eq!(known, [Some(0.75), Some(0.25)]);
    arm.handle.power(true).await.unwrap();
    assert_eq!(arm.handle.snapshots().borrow().joints[0].position, Some(0.75));
    arm.end();
}

#[tokio::test]
async fn at_rest_it_is_written_without_a_shutdown() {
    let (_folder, path) = place();
    let (arm, _) = Remembering::start(&path, Start::Home);
    until(&path, &[Some(0.25), Some(0.25)]).await;
    arm.go("tilt", -0.5).await;
    until(&path, &[Some(0.25), Some(-0.5)]).await;
    arm.end();
}

#[tokio::test]
async fn a_crash_in_mid_motion_leaves_no_wrong_position() {
    let (_folder, path) = place();
    let (arm, _) = Remembering::start(&path, Start::Home);
    until(&path, &[Some(0.25), Some(0.25)]).await;
    let slow = MoveRequest::one("pan", -1.0, 0.001, "");
    let _goal = arm.handle.move_joints(arm.handle.validate(&slow).unwrap());
    until(&path, &[None, Some(0.25)]).await;
    let text = fs::read_to_string(&path).unwrap();
    let file: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(file["joints"][0]["moving"], true);
    let marked = written(&path);
    tokio::time::sleep(Duration::from_millis(1300)).await;
    assert_eq!(written(&path), marked, "a motion is marked once");
    arm.end();
    let [Some(pan), Some(_)] = after_a_crash(&path)[..] else { unreachable!("ended in order") };
    assert!((-1.0..0.25).contains(&pan));
}

#[tokio::test]
async fn nothing_is_written_while_nothing_changes() {
    let (_folder, path) = place();
    let (arm, _) = Remembering::start(&path, Start::Unknown);
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert_eq!(written(&path), None, "there was nothing to tell");
    arm.end();
    assert_eq!(written(&path), None);
    let (arm, _) = Remembering::start(&path, Start::Home);
    until(&path, &[Some(0.25); 2]).await;
    let before = written(&path);
    arm.handle.power(true).await.unwrap();
    tokio::time::sleep(Duration::from_millis(1600)).await;
    arm.end();
    assert_eq!(written(&path), before);
}

#[tokio::test]
async fn many_quick_moves_write_no_more_than_once_a_second() {
    let (_folder, path) = place();
    let (arm, _) = Remembering::start(&path, Start::Home);
    let mut times: Vec<SystemTime> = Vec::new();
    // Pauses are short and long, so that both ends of motions and beginnings are written.
    for step in 0..12_u64 {
        arm.go("pan", if step % 2 == 0 { 0.3 } else { 0.2 }).await;
        let pause = if step % 3 == 0 { 700 } else { 50 };
        for _ in 0..pause / 5 {
            tokio::time::sleep(Duration::from_millis(5)).await;
            times.extend(written(&path).filter(|time| times.last() != Some(time)));
        }
    }
    arm.end();
    assert!(times.len() >= 2, "nothing was written in all that time");
    let gaps: Vec<_> = times.windows(2).map(|pair| pair[1].duration_since(pair[0]).unwrap()).collect();
    // A file's time is as coarse as the kernel's tick.
    assert!(gaps.iter().all(|gap| *gap >= Duration::from_millis(980)), "{gaps:?}");
    assert_eq!(after_a_crash(&path)[0], Some(0.2));
}

#[tokio::test]
async fn the_servo_thread_may_outlive_the_keeper() {
    let (_folder, path) = place();
    let (arm, _) = Remembering::start(&path, Start::Home);
    drop(arm.keeper);
    assert_eq!(after_a_crash(&path), [Some(0.25); 2]);
    StateFile::open(&path, &robot(), "sim").unwrap();
    arm.thread.shutdown().unwrap();
}

#[tokio::test]
async fn a_disk_that_fails_stops_nothing_and_is_tried_again() {
    let (folder, path) = place();
    let below = folder.path().join("below");
    let path = below.join(path.file_name().unwrap());
    let (arm, _) = Remembering::start(&path, Start::Home);
    until(&path, &[Some(0.25); 2]).await;
    fs::remove_dir_all(&below).unwrap();
    arm.go("pan", 0.5).await;
    // Long enough that the write is due and fails.
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert!(!path.exists());
    fs::create_dir(&below).unwrap();
    arm.go("pan", 0.75).await;
    until(&path, &[Some(0.75), Some(0.25)]).await;
    arm.end();
}
