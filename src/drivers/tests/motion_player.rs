//! Motions on the real servo thread: what a motion does, and what ends it. Nothing here asserts how fast the machine is.
#![allow(clippy::unwrap_used, clippy::panic, unreachable_pub, reason = "a panic here is a failing test")]

mod common;

use common::{TestBus, fast, pulse, robot, spawn};
use std::future::{pending, ready};
use std::sync::Arc;
use steve_core::arm::{MoveEnd, MoveRequest};
use steve_core::motions::{Motion, Motions, Progress, SpeedScale};
use steve_core::robot::Robot;
use steve_drivers::backend::{self, BackendOptions};
use steve_drivers::motion_player::{MotionEnd, play};
use steve_drivers::servo_bus::{ChannelOutput, Output};
use steve_drivers::servo_thread::{ServoHandle, ServoThread};
use steve_drivers::sim::SimProbe;

const STEVE: &str = include_str!("../../../config/steve.yaml");
const MOTIONS: &str = include_str!("../../../config/motions.yaml");

/// A motion of pan (channel 7) and tilt (channel 2), which go from -57 to 57 degrees and start at 0.25 rad.
fn motion(steps: &str) -> Motion {
    let text = format!("test:\n  steps: [{steps}]");
    let motions =
        Motions::from_yaml(&text, "test.yaml", &robot()).unwrap_or_else(|errors| panic!("{errors}"));
    motions.get("test").unwrap().clone()
}

async fn play_all(servos: &ServoHandle, motion: &Motion) -> MotionEnd {
    play(servos, motion, SpeedScale::default(), pending(), |_| ()).await
}

fn pan(us: f64) -> ChannelOutput {
    ChannelOutput { channel: 7, output: pulse(us) }
}

fn tilt(us: f64) -> ChannelOutput {
    ChannelOutput { channel: 2, output: pulse(us) }
}

/// The pulse at the upper or lower end is 2500 or 500 us; where the joints start it is 1750 us.
fn index_of(bus: &TestBus, wanted: ChannelOutput) -> usize {
    let found = bus.script(|script| script.writes.iter().position(|(_, outputs)| outputs.contains(&wanted)));
    found.unwrap_or_else(|| panic!("{wanted:?} was never written"))
}

fn held(servos: &ServoHandle, joint: usize) -> f64 {
    servos.snapshots().borrow().joints[joint].position.unwrap()
}

async fn moving(servos: &ServoHandle) {
    servos.snapshots().wait_for(|snapshot| snapshot.moving).await.unwrap();
}

async fn rest(servos: &ServoHandle) {
    servos.snapshots().wait_for(|snapshot| !snapshot.moving).await.unwrap();
}

#[tokio::test]
async fn a_move_waits_until_its_joints_are_there() {
    let bus = TestBus::default();
    let (servos, _thread) = spawn(&bus, fast());
    let end = play_all(&servos, &motion("move: {pan: upper}, move: {tilt: lower}")).await;
    assert_eq!(end, MotionEnd::Done);
    assert!(index_of(&bus, pan(2500.0)) < index_of(&bus, tilt(1750.0)), "tilt set out before pan was there");
    assert_eq!(bus.last(), [tilt(500.0)]);
}

#[tokio::test]
async fn a_start_does_not_wait_but_the_end_does() {
    let bus = TestBus::default();
    let (servos, _thread) = spawn(&bus, fast());
    let end = play_all(&servos, &motion("{start: {pan: upper}, speed: 2}, move: {tilt: lower}")).await;
    assert_eq!(end, MotionEnd::Done);
    assert!(index_of(&bus, tilt(1750.0)) < index_of(&bus, pan(2500.0)), "tilt waited for pan");
    assert_eq!((held(&servos, 0), held(&servos, 1)), (1.0, -1.0));
    assert!(!servos.snapshots().borrow().moving);
}

#[tokio::test]
async fn a_later_step_takes_over_a_joint_and_the_others_go_on() {
    let bus = TestBus::default();
    let (servos, _thread) = spawn(&bus, fast());
    let steps = "{start: {pan: upper, tilt: upper}, speed: 2}, wait: 0.1, start: {pan: lower}";
    assert_eq!(play_all(&servos, &motion(steps)).await, MotionEnd::Done);
    assert_eq!((held(&servos, 0), held(&servos, 1)), (-1.0, 1.0));
    let turned =
        bus.script(|script| script.writes.iter().all(|(_, outputs)| !outputs.contains(&pan(2500.0))));
    assert!(turned, "pan went on to its first goal");
}

#[tokio::test]
async fn restore_goes_back_to_where_every_joint_was() {
    let bus = TestBus::default();
    let (servos, _thread) = spawn(&bus, fast());
    let steps = "save: here, move: {pan: upper, tilt: 0}, repeat: 1";
    let steps = steps.replace(
        "repeat: 1",
        "{repeat: 2, steps: [start: {pan: 0}, wait: 0.02, start: {pan: 20}]}, restore: here",
    );
    assert_eq!(play_all(&servos, &motion(&steps)).await, MotionEnd::Done);
    assert_eq!((held(&servos, 0), held(&servos, 1)), (0.25, 0.25));
}

#[tokio::test]
async fn cancel_in_mid_motion_holds() {
    let bus = TestBus::default();
    let (servos, _thread) = spawn(&bus, fast());
    let motion =
        motion("{start: {pan: upper}, speed: 0.1}, {move: {tilt: lower}, speed: 0.1}, move: {tilt: 0}");
    let end = play(&servos, &motion, SpeedScale::default(), moving(&servos), |_| ()).await;
    assert_eq!(end, MotionEnd::Canceled);
    let snapshot = servos.snapshots().borrow().clone();
    assert!(!snapshot.moving && snapshot.powered, "{snapshot:?}");
    assert!(held(&servos, 0) < 0.9 && held(&servos, 1) > -0.9);
}

#[tokio::test]
async fn cancel_ends_a_wait_and_what_runs_beside_it() {
    let bus = TestBus::default();
    let (servos, _thread) = spawn(&bus, fast());
    let motion = motion("{start: {pan: upper}, speed: 0.1}, wait: 3600");
    let end = play(&servos, &motion, SpeedScale::default(), moving(&servos), |_| ()).await;
    assert_eq!(end, MotionEnd::Canceled);
    assert!(!servos.snapshots().borrow().moving && held(&servos, 0) < 0.9);
}

#[tokio::test]
async fn a_motion_that_is_canceled_before_it_begins_moves_nothing() {
    let bus = TestBus::default();
    let (servos, _thread) = spawn(&bus, fast());
    let end = play(&servos, &motion("start: {pan: 0}"), SpeedScale::default(), ready(()), |_| ()).await;
    assert_eq!((end, bus.writes()), (MotionEnd::Canceled, 0));
}

#[tokio::test]
async fn a_joint_that_somebody_else_takes_fails_the_motion_with_the_reason() {
    let bus = TestBus::default();
    let (servos, _thread) = spawn(&bus, fast());
    let motion = motion("wait: 0, {start: {pan: upper}, speed: 0.1}, {move: {tilt: lower}, speed: 0.1}");
    let thief = async {
        servos.snapshots().wait_for(|snapshot| snapshot.joints[1].moving).await.unwrap();
        let theirs = servos.validate(&MoveRequest::one("tilt", 0.0, 0.0, "")).unwrap();
        servos.move_joints(theirs).await
    };
    let (end, theirs) = tokio::join!(play_all(&servos, &motion), thief);
    let MotionEnd::Failed { step, reason } = end else { panic!("{end:?}") };
    assert_eq!(step, 3);
    assert!(reason.starts_with("step 3 of 3: tilt: preempted: goal "), "{reason}");
    assert!(reason.ends_with(" took tilt"), "{reason}");
    assert_eq!((theirs.end, held(&servos, 1)), (MoveEnd::Reached, 0.0));
    rest(&servos).await;
    assert!(held(&servos, 0) < 0.9, "pan went on after the motion failed");
}

#[tokio::test]
async fn an_earlier_start_that_fails_during_a_wait_names_its_own_step() {
    let bus = TestBus::default();
    let (servos, _thread) = spawn(&bus, fast());
    let motion = motion("{start: {pan: upper, tilt: lower}, speed: 0.1}, wait: 3600");
    let stopper = async {
        moving(&servos).await;
        servos.stop().await.unwrap();
    };
    let (end, ()) = tokio::join!(play_all(&servos, &motion), stopper);
    let reason = "step 1 of 2: pan, tilt: stopped".to_owned();
    assert_eq!(end, MotionEnd::Failed { step: 1, reason });
}

#[tokio::test]
async fn an_emergency_stop_ends_the_motion_and_refuses_the_next() {
    let bus = TestBus::default();
    let (servos, _thread) = spawn(&bus, fast());
    let motion = motion("{move: {pan: upper}, speed: 0.1}");
    let stopper = async {
        moving(&servos).await;
        servos.emergency_stop(true).await.unwrap();
    };
    let (end, ()) = tokio::join!(play_all(&servos, &motion), stopper);
    assert_eq!(end.to_string(), "step 1 of 1: pan: emergency stop");
    let end = play_all(&servos, &motion).await;
    assert_eq!(end.to_string(), "step 1 of 1: pan: emergency stop is on; release it first");
}

#[tokio::test]
async fn a_bus_that_fails_ends_the_motion() {
    let bus = TestBus::default();
    let (servos, _thread) = spawn(&bus, fast());
    bus.script(|script| script.failures = 1000);
    let end = play_all(&servos, &motion("move: {pan: upper}, move: {tilt: 0}")).await;
    let MotionEnd::Failed { step: 1, reason } = end else { panic!("{end:?}") };
    assert!(reason.contains("pan: bus fault: "), "{reason}");
}

#[tokio::test]
async fn a_dropped_motion_leaves_nothing_moving() {
    let bus = TestBus::default();
    let (servos, _thread) = spawn(&bus, fast());
    let motion = motion("{start: {pan: upper}, speed: 0.1}, {move: {tilt: lower}, speed: 0.1}");
    tokio::select! {
        biased;
        end = play_all(&servos, &motion) => panic!("{end:?}"),
        () = moving(&servos) => {}
    }
    rest(&servos).await;
    assert!(held(&servos, 0) < 0.9 && held(&servos, 1) > -0.9);
}

#[tokio::test]
async fn power_goes_off_when_everything_has_ended_and_comes_on_with_the_next_move() {
    let bus = TestBus::default();
    let (servos, _thread) = spawn(&bus, fast());
    assert_eq!(play_all(&servos, &motion("start: {pan: upper}, power: off")).await, MotionEnd::Done);
    assert!(bus.last().iter().all(|channel| channel.output == Output::Off));
    assert!(!servos.snapshots().borrow().powered);
    assert!(index_of(&bus, pan(2500.0)) < bus.writes());
    assert_eq!(play_all(&servos, &motion("power: off, move: {pan: 0}")).await, MotionEnd::Done);
    assert_eq!(bus.last(), [pan(1500.0)]);
}

#[tokio::test]
async fn progress_goes_from_the_first_step_to_1() {
    let bus = TestBus::default();
    let (servos, _thread) = spawn(&bus, fast());
    let motion = motion("{move: {pan: upper}, speed: 2}, wait: 0.05, {start: {pan: 0}, speed: 2}");
    let mut told: Vec<Progress> = Vec::new();
    let end = play(&servos, &motion, SpeedScale::default(), pending(), |progress| told.push(progress)).await;
    assert_eq!(end, MotionEnd::Done);
    let (first, last) = (told[0], told[told.len() - 1]);
    assert_eq!((first.step, first.steps, first.fraction), (1, 3, 0.0));
    assert_eq!((last.step, last.steps, last.fraction), (3, 3, 1.0));
    assert!(told.windows(2).all(|pair| pair[0].fraction <= pair[1].fraction && pair[0].step <= pair[1].step));
}

#[tokio::test(start_paused = true)]
async fn progress_goes_on_during_a_step() {
    let bus = TestBus::default();
    let (servos, _thread) = spawn(&bus, fast());
    let mut told = Vec::new();
    let motion = motion("wait: 1, wait: 0");
    play(&servos, &motion, SpeedScale::default(), pending(), |progress| told.push(progress.fraction)).await;
    assert!((0..10).all(|tenth| told.contains(&(f64::from(tenth) / 20.0))), "{told:?}");
}

#[tokio::test]
async fn thousands_of_starts_in_a_row_starve_nobody_and_end() {
    let bus = TestBus::default();
    let (servos, _thread) = spawn(&bus, fast());
    let motion = motion("{repeat: 1000, steps: [start: {pan: 10}, start: {pan: 20}]}, move: {tilt: 0}");
    // The bus may or may not keep up with that; it ends in any case.
    play_all(&servos, &motion).await;
    rest(&servos).await;
}

/// Steve, simulated.
fn steve() -> (ServoHandle, ServoThread, SimProbe) {
    let robot = Arc::new(Robot::from_yaml(STEVE, "steve.yaml").unwrap());
    let backend = backend::open("sim", &robot, &BackendOptions::default()).unwrap();
    let probe = backend.probe.clone().unwrap();
    let (servos, thread) = ServoThread::spawn(robot, backend, fast()).unwrap();
    (servos, thread, probe)
}

/// Degrees, and metres of the clamp, where the shipped motion ends.
async fn ends_at(servos: &ServoHandle, name: &str) -> Vec<f64> {
    let motions = Motions::from_yaml(MOTIONS, "motions.yaml", servos.robot()).unwrap();
    let motion = motions.get(name).unwrap();
    let end = play(servos, motion, SpeedScale::new(10.0).unwrap(), pending(), |_| ()).await;
    assert_eq!(end, MotionEnd::Done, "{name}");
    let snapshot = servos.snapshots().borrow().clone();
    let positions = snapshot.joints.iter().zip(["deg", "deg", "deg", "deg", "deg", "m"]);
    let positions = positions.map(|(joint, unit)| {
        let position = joint.position.unwrap();
        if unit == "deg" { position.to_degrees() } else { position }
    });
    positions.map(|position| (position * 1e6).round() / 1e6).collect()
}

#[tokio::test]
async fn the_shipped_motions_end_where_the_originals_do() {
    let (servos, _thread, probe) = steve();
    // torso, shoulder, elbow, wrist_ud, wrist_lr, clamp
    assert_eq!(ends_at(&servos, "wake_up").await, [0.0, 30.0, 0.0, -90.0, 0.0, 0.03]);
    assert_eq!(ends_at(&servos, "point_up").await, [0.0, 20.0, 50.0, 0.0, 0.0, 0.03]);
    assert_eq!(ends_at(&servos, "high_five").await, [0.0, 20.0, 50.0, 0.0, 0.0, 0.03]);
    assert_eq!(probe.powered(), [true; 6]);
    assert_eq!(ends_at(&servos, "sleep").await, [0.0, 60.0, -39.0, -90.0, 0.0, 0.0]);
    assert_eq!(probe.powered(), [false; 6]);
}
