//! How the servo thread ends, and what it does when its bus fails.
#![allow(clippy::unwrap_used, unreachable_pub, reason = "a panic here is a failing test")]

mod common;

use common::{TestBus, fast, spawn};
use std::time::Duration;
use steve_core::arm::{MoveEnd, MoveRequest, PowerError, ValidMove};
use steve_drivers::servo_bus::Output;
use steve_drivers::servo_thread::{OnShutdown, Options, ServoHandle, ThreadFault};

fn valid(handle: &ServoHandle, position: f64, speed: f64) -> ValidMove {
    handle.validate(&MoveRequest::one("pan", position, speed, "")).unwrap()
}

async fn moving(handle: &ServoHandle) {
    handle.snapshots().wait_for(|snapshot| snapshot.moving).await.unwrap();
}

fn powered(bus: &TestBus) -> bool {
    bus.last().iter().any(|channel| channel.output != Output::Off)
}

#[tokio::test]
async fn shutdown_in_mid_motion_ends_the_goal_and_turns_the_servos_off() {
    let bus = TestBus::default();
    let (handle, thread) = spawn(&bus, fast());
    let goal = handle.move_joints(valid(&handle, 1.0, 0.1));
    moving(&handle).await;
    thread.shutdown().unwrap();
    assert!(!powered(&bus));
    assert_eq!(goal.await.end, MoveEnd::ShutDown);
    assert!(handle.snapshots().borrow().joints.iter().all(|joint| !joint.powered));
}

#[tokio::test]
async fn with_on_shutdown_hold_the_servos_keep_their_pulse() {
    let bus = TestBus::default();
    let (handle, thread) = spawn(&bus, Options { on_shutdown: OnShutdown::Hold, ..fast() });
    handle.move_joints(valid(&handle, 0.5, 0.0)).await;
    thread.shutdown().unwrap();
    assert!(powered(&bus));
}

#[tokio::test]
async fn dropping_the_thread_shuts_it_down_and_everybody_is_answered() {
    let bus = TestBus::default();
    let (handle, thread) = spawn(&bus, fast());
    let mut snapshots = handle.snapshots();
    handle.power(true).await.unwrap();
    let goal = handle.validate(&MoveRequest::one("pan", 1.0, 0.1, "")).unwrap();
    drop(thread);
    assert!(!powered(&bus));
    let outcome = handle.move_joints(goal.clone()).await;
    assert_eq!((outcome.end, outcome.message.as_str()), (MoveEnd::ShutDown, "the servo thread has ended"));
    handle.set(goal);
    handle.stop().await.unwrap_err();
    handle.emergency_stop(true).await.unwrap_err();
    assert_eq!(handle.power(true).await, Err(PowerError::Gone));
    while snapshots.changed().await.is_ok() {}
    assert_eq!(handle.fault(), None);
}

#[tokio::test]
async fn a_panic_in_the_bus_turns_the_servos_off_and_is_told() {
    let bus = TestBus::default();
    let (handle, thread) = spawn(&bus, fast());
    let goal = handle.move_joints(valid(&handle, 1.0, 0.1));
    moving(&handle).await;
    bus.script(|script| script.panics = true);
    let outcome = goal.await;
    assert_eq!(outcome.end, MoveEnd::ShutDown);
    assert!(outcome.message.contains("the bus is on fire"), "{}", outcome.message);
    let mut snapshots = handle.snapshots();
    while snapshots.changed().await.is_ok() {}
    assert_eq!(handle.fault().unwrap(), "panicked: the bus is on fire; servos are off");
    assert!(!powered(&bus) && bus.last().len() == 2);
    assert!(matches!(thread.shutdown(), Err(ThreadFault::Panicked(_))));
}

#[tokio::test]
async fn a_short_bus_fault_is_counted_and_ridden_out() {
    let bus = TestBus::default();
    let (handle, _thread) = spawn(&bus, fast());
    let goal = handle.move_joints(valid(&handle, 0.9, 1.0));
    moving(&handle).await;
    bus.script(|script| script.failures = 3);
    assert_eq!(goal.await.end, MoveEnd::Reached);
    let stats = handle.stats();
    assert_eq!((stats.bus_errors, stats.bus_errors_in_a_row), (3, 0));
    assert_eq!(stats.last_bus_error.as_deref(), Some("test: no acknowledge"));
}

#[tokio::test]
async fn a_last_pulse_that_was_lost_is_written_again() {
    let bus = TestBus::default();
    let (handle, _thread) = spawn(&bus, fast());
    bus.script(|script| script.failures = 1);
    assert!(matches!(handle.power(true).await, Err(PowerError::Bus { .. })));
    handle.stop().await.unwrap();
    assert!(powered(&bus));
}

#[tokio::test]
async fn a_long_bus_fault_aborts_the_goals_with_the_reason_and_the_thread_lives_on() {
    let bus = TestBus::default();
    let (handle, _thread) = spawn(&bus, fast());
    let goal = handle.move_joints(valid(&handle, 1.0, 0.1));
    moving(&handle).await;
    bus.script(|script| script.failures = usize::MAX);
    let outcome = goal.await;
    assert_eq!(outcome.end, MoveEnd::BusFault);
    assert_eq!(outcome.message, "bus fault: test: no acknowledge");
    assert_eq!(handle.move_joints(valid(&handle, 0.5, 1.0)).await.end, MoveEnd::BusFault);
    bus.script(|script| script.failures = 0);
    assert_eq!(handle.move_joints(valid(&handle, 0.5, 1.0)).await.end, MoveEnd::Reached);
}

#[tokio::test]
async fn shutdown_does_not_wait_for_ever_for_a_bus_that_hangs() {
    let bus = TestBus::default();
    let (handle, thread) = spawn(&bus, fast());
    let goal = handle.move_joints(valid(&handle, 1.0, 0.1));
    moving(&handle).await;
    bus.script(|script| script.hangs = true);
    assert_eq!(thread.shutdown(), Err(ThreadFault::Hangs));
    // It comes back after all: the thread still does what it was told.
    bus.script(|script| script.hangs = false);
    assert_eq!(goal.await.end, MoveEnd::ShutDown);
    let mut snapshots = handle.snapshots();
    while snapshots.changed().await.is_ok() {}
    assert!(!powered(&bus));
}

#[tokio::test]
async fn late_ticks_are_left_out_and_counted() {
    let bus = TestBus::default();
    let (handle, _thread) = spawn(&bus, fast());
    bus.script(|script| script.delay = Duration::from_millis(12));
    assert_eq!(handle.move_joints(valid(&handle, 0.5, 1.0)).await.end, MoveEnd::Reached);
    let stats = handle.stats();
    assert!(stats.missed >= stats.ticks, "{stats:?}");
    assert!(stats.late_worst >= Duration::from_millis(5));
    // A write takes more than two periods, so no two can be nearer to each other.
    bus.script(|script| {
        assert!(script.writes.windows(2).all(|pair| pair[1].0 - pair[0].0 >= Duration::from_millis(10)));
    });
    handle.reset_worst();
    assert_eq!(handle.stats().late_worst, Duration::ZERO);
}

#[tokio::test]
async fn a_flood_of_commands_on_a_bus_that_hangs_is_bounded() {
    let bus = TestBus::default();
    let (handle, _thread) = spawn(&bus, fast());
    let goal = valid(&handle, 0.9, 0.1);
    let first = handle.move_joints(goal.clone());
    moving(&handle).await;
    bus.script(|script| script.hangs = true);
    while !bus.script(|script| script.hanging) {
        std::thread::sleep(Duration::from_millis(1));
    }
    // Sets become one; goals are refused when the box is full; a stop gets in all the same.
    (0..100_000).for_each(|_| handle.set(goal.clone()));
    let moves: Vec<_> = (0..2000).map(|_| handle.move_joints(goal.clone())).collect();
    let stop = handle.stop();
    bus.script(|script| script.hangs = false);
    stop.await.unwrap();
    let mut refused = 0;
    for goal in moves {
        refused += usize::from(goal.await.end == MoveEnd::Refused);
    }
    assert!((900..1000).contains(&refused), "{refused} refused");
    assert_eq!(first.await.end, MoveEnd::Preempted);
}
