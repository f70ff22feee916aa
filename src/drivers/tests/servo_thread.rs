//! Moves through the real thread. Nothing here asserts how fast the machine is.
#![allow(clippy::unwrap_used, unreachable_pub, reason = "a panic here is a failing test")]

mod common;

use common::{TestBus, fast, pulse, robot, sim, spawn};
use std::time::Duration;
use steve_core::arm::{MoveEnd, MoveRequest, PowerOn, ValidMove};
use steve_drivers::backend::{BackendOptions, Start};
use steve_drivers::servo_bus::{ChannelOutput, Output};
use steve_drivers::servo_thread::{Options, ServoHandle, ServoThread, SpawnError};

fn valid(handle: &ServoHandle, joint: &str, position: f64, speed: f64) -> ValidMove {
    handle.validate(&MoveRequest::one(joint, position, speed, "")).unwrap()
}

/// Until the arm rests.
async fn rest(handle: &ServoHandle) {
    handle.snapshots().wait_for(|snapshot| !snapshot.moving).await.unwrap();
}

async fn moving(handle: &ServoHandle) {
    handle.snapshots().wait_for(|snapshot| snapshot.moving).await.unwrap();
}

#[tokio::test]
async fn moves_of_several_joints_are_awaited_side_by_side() {
    let bus = TestBus::default();
    let (handle, thread) = spawn(&bus, fast());
    let pan = handle.move_joints(valid(&handle, "pan", 0.9, 2.0));
    let tilt = handle.move_joints(valid(&handle, "tilt", -0.9, 2.0));
    let (pan, tilt) = tokio::join!(pan, tilt);
    assert_eq!((pan.end, pan.position()), (MoveEnd::Reached, Some(0.9)));
    assert_eq!((tilt.end, tilt.position()), (MoveEnd::Reached, Some(-0.9)));
    let snapshot = handle.snapshots().borrow().clone();
    assert!(!snapshot.moving && snapshot.joints[0].position == Some(0.9));
    thread.shutdown().unwrap();
}

#[tokio::test]
async fn a_tick_writes_all_moving_joints_at_once_on_their_channels() {
    let bus = TestBus::default();
    let (handle, _thread) = spawn(&bus, fast());
    let both = handle.validate(&MoveRequest::positions([("pan", 0.5), ("tilt", 0.0)])).unwrap();
    handle.move_joints(both).await;
    bus.script(|script| {
        let (_, first) = &script.writes[0];
        assert_eq!(
            *first,
            [
                ChannelOutput { channel: 7, output: pulse(1750.0) },
                ChannelOutput { channel: 2, output: pulse(1750.0) }
            ],
            "the first pulses are where the joints already are"
        );
        assert!(script.writes.windows(2).all(|pair| pair[0].0 < pair[1].0));
        let pulses = |channel| {
            script.writes.iter().flat_map(|(_, outputs)| outputs).rfind(move |o| o.channel == channel)
        };
        assert_eq!(pulses(7).unwrap().output, pulse(2000.0));
        assert_eq!(pulses(2).unwrap().output, pulse(1500.0));
    });
    assert_eq!(handle.stats().writes, bus.writes() as u64);
}

#[tokio::test]
async fn idle_the_thread_writes_nothing() {
    let bus = TestBus::default();
    let (handle, _thread) = spawn(&bus, fast());
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!((bus.writes(), handle.stats().ticks), (0, 0));
    handle.move_joints(valid(&handle, "pan", 0.5, 0.0)).await;
    let (writes, ticks) = (bus.writes(), handle.stats().ticks);
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!((bus.writes(), handle.stats().ticks), (writes, ticks));
}

#[tokio::test]
async fn a_dropped_future_does_not_stop_the_motion() {
    let bus = TestBus::default();
    let (handle, _thread) = spawn(&bus, fast());
    drop(handle.move_joints(valid(&handle, "pan", 0.9, 0.5)));
    moving(&handle).await;
    rest(&handle).await;
    assert_eq!(bus.last(), [ChannelOutput { channel: 7, output: pulse(2400.0) }]);
}

#[tokio::test]
async fn cancel_ends_the_future_where_the_joint_holds() {
    let bus = TestBus::default();
    let (handle, _thread) = spawn(&bus, fast());
    let slow = handle.move_joints(valid(&handle, "pan", 1.0, 0.1));
    moving(&handle).await;
    assert!(handle.snapshots().borrow().progress(slow.id).is_some());
    slow.cancel();
    slow.cancel();
    let outcome = slow.await;
    assert_eq!(outcome.end, MoveEnd::Canceled);
    let held = handle.snapshots().borrow().joints[0].position;
    assert!(outcome.position() == held && held < Some(0.6));
}

#[tokio::test]
async fn a_newer_goal_or_set_preempts_and_others_go_on() {
    let bus = TestBus::default();
    let (handle, _thread) = spawn(&bus, fast());
    let first = handle.move_joints(valid(&handle, "pan", 1.0, 0.1));
    let other = handle.move_joints(valid(&handle, "tilt", 0.5, 1.0));
    let second = handle.move_joints(valid(&handle, "pan", 0.0, 0.1));
    assert_eq!(first.await.end, MoveEnd::Preempted);
    handle.set(handle.validate(&MoveRequest::positions([("pan", -0.5)])).unwrap());
    assert_eq!(second.await.end, MoveEnd::Preempted);
    assert_eq!(other.await.end, MoveEnd::Reached);
    rest(&handle).await;
    assert_eq!(handle.snapshots().borrow().joints[0].position, Some(-0.5));
}

#[tokio::test]
async fn stop_answers_when_everything_holds() {
    let bus = TestBus::default();
    let (handle, _thread) = spawn(&bus, fast());
    let goal = handle.move_joints(valid(&handle, "pan", 1.0, 0.2));
    moving(&handle).await;
    handle.stop().await.unwrap();
    assert!(!handle.snapshots().borrow().moving);
    let outcome = goal.await;
    assert_eq!((outcome.end, outcome.message.as_str()), (MoveEnd::Stopped, "stopped"));
    handle.stop().await.unwrap();
}

#[tokio::test]
async fn power_off_in_mid_motion_aborts_and_turns_all_off() {
    let bus = TestBus::default();
    let (handle, _thread) = spawn(&bus, fast());
    handle.power(true).await.unwrap();
    assert_eq!(bus.last().len(), 2);
    let goal = handle.move_joints(valid(&handle, "pan", 1.0, 0.2));
    handle.power(false).await.unwrap();
    assert!(bus.last().iter().all(|channel| channel.output == Output::Off) && bus.last().len() == 2);
    assert_eq!(goal.await.end, MoveEnd::PoweredOff);
    assert!(!handle.snapshots().borrow().powered);
}

#[tokio::test]
async fn an_emergency_stop_refuses_from_the_call_on() {
    let bus = TestBus::default();
    let (handle, _thread) = spawn(&bus, fast());
    let request = MoveRequest::one("pan", 1.0, 0.2, "");
    let checked = handle.validate(&request).unwrap();
    let goal = handle.move_joints(checked.clone());
    moving(&handle).await;
    let stop = handle.emergency_stop(true);
    assert!(handle.validate(&request).is_err(), "valid before the stop was answered");
    let late = handle.move_joints(checked);
    stop.await.unwrap();
    assert!(handle.validate(&request).is_err());
    assert_eq!(goal.await.end, MoveEnd::EmergencyStop);
    assert_eq!(
        late.await.end,
        MoveEnd::EmergencyStop,
        "a goal that was valid before the stop started after it"
    );
    let writes = bus.writes();
    handle.set(steve_core::arm::validate(&robot(), Default::default(), &request).unwrap());
    handle.power(true).await.unwrap_err();
    assert_eq!(bus.writes(), writes, "something was written while emergency-stopped");
    handle.emergency_stop(false).await.unwrap();
    assert_eq!(handle.move_joints(valid(&handle, "pan", 0.9, 0.0)).await.end, MoveEnd::Reached);
}

#[tokio::test]
async fn an_unknown_position_is_refused_or_goes_home_slowly() {
    let start = BackendOptions { start: Start::Unknown, seed: 7, ..BackendOptions::default() };
    let (handle, _thread) = ServoThread::spawn(robot(), sim(&start), fast()).unwrap();
    let request = MoveRequest::one("pan", 1.0, 0.0, "");
    assert!(handle.validate(&request).unwrap_err().to_string().contains("position of `pan` is unknown"));
    assert!(handle.power(true).await.unwrap_err().to_string().contains("pan, tilt"));
    let options = Options { power_on: PowerOn::Home, ..fast() };
    let (handle, _thread) = ServoThread::spawn(robot(), sim(&start), options).unwrap();
    handle.power(true).await.unwrap();
    assert_eq!(handle.snapshots().borrow().joints[0].position, None, "it is still on its slow way");
    let mut snapshots = handle.snapshots();
    let known = snapshots.wait_for(|snapshot| snapshot.joints[0].position.is_some()).await.unwrap();
    assert_eq!(known.joints[0].position, Some(0.25));
    drop(known);
    assert_eq!(handle.move_joints(handle.validate(&request).unwrap()).await.end, MoveEnd::Reached);
}

#[tokio::test]
async fn simulated_horns_follow_the_setpoints() {
    let backend = sim(&BackendOptions::default());
    let probe = backend.probe.clone().unwrap();
    let (handle, _thread) = ServoThread::spawn(robot(), backend, fast()).unwrap();
    handle.move_joints(valid(&handle, "pan", -1.0, 0.0)).await;
    let later = handle.elapsed() + Duration::from_secs(1);
    assert_eq!(probe.positions_at(later), [-1.0, 0.25]);
    assert_eq!(probe.powered(), [true, false]);
}

#[test]
fn a_rate_outside_1_to_200_hz_is_refused() {
    for rate in [0.0, 0.5, 201.0, f64::NAN, -50.0] {
        let options = Options { update_rate_hz: rate, ..Options::default() };
        let spawned = ServoThread::spawn(robot(), TestBus::default().backend(), options);
        assert!(matches!(spawned, Err(SpawnError::UpdateRate(_))), "{rate} Hz");
    }
}
