//! What the node publishes by itself: `joint_states`, `~/state`, `/diagnostics`.

use std::sync::Arc;
use std::time::Duration;

use r2r::Publisher;
use r2r::diagnostic_msgs::msg::DiagnosticArray;
use r2r::sensor_msgs::msg::JointState;
use r2r::shaky_steve::msg::ArmState;
use steve_core::arm::ArmSnapshot;
use steve_drivers::servo_thread::ServoHandle;
use tokio::time::{MissedTickBehavior, interval};

use super::hardware::Open;
use super::{NAME, messages};
use crate::diagnostics::{Level, Status, array};
use crate::parameters::Parameters;

/// More than this many failed writes in a row and the bus is in error.
const BUS_ERROR: u64 = 3;

pub(super) async fn joint_states(
    publisher: Publisher<JointState>,
    servos: &ServoHandle,
    parameters: &Parameters,
) {
    let snapshots = servos.snapshots();
    let mut changes = parameters.changes();
    loop {
        let mut clock = interval(Duration::from_secs_f64(1.0 / parameters.number("state_rate")));
        // Late is late: no burst of old states afterwards.
        clock.set_missed_tick_behavior(MissedTickBehavior::Skip);
        loop {
            tokio::select! {
                _ = clock.tick() => {
                    let message = messages::joint_state(servos.robot(), &snapshots.borrow());
                    report("joint_states", publisher.publish(&message));
                }
                changed = changes.changed() => {
                    // The sender lives in `parameters`.
                    if changed.is_ok() { break }
                }
            }
        }
    }
}

pub(super) async fn state(publisher: Publisher<ArmState>, servos: &ServoHandle) {
    let mut snapshots = servos.snapshots();
    let mut published: Option<Arc<ArmSnapshot>> = None;
    loop {
        let now = snapshots.borrow_and_update().clone();
        if published.as_ref().is_none_or(|old| messages::differs(old, &now)) {
            report("~/state", publisher.publish(&messages::arm_state(servos.robot(), &now)));
            published = Some(now);
        }
        if snapshots.changed().await.is_err() {
            // The servo thread has ended; why is told elsewhere.
            return std::future::pending().await;
        }
    }
}

pub(super) async fn diagnostics(publisher: Publisher<DiagnosticArray>, open: &Open, parameters: &Parameters) {
    let (servos, probe) = (&open.servos, &open.probe);
    let mut clock = interval(Duration::from_secs(1));
    clock.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let backend = parameters.text("backend");
    let rate = parameters.number("update_rate");
    loop {
        clock.tick().await;
        let now = servos.snapshots().borrow().clone();
        let mut statuses =
            vec![bus(servos, &backend), ticks(servos, rate), power(&now), guard(open, parameters)];
        let horns = probe.as_ref().map(|probe| probe.positions_at(servos.elapsed()));
        for (index, (joint, state)) in servos.robot().joints.iter().zip(&now.joints).enumerate() {
            let number =
                |value: Option<f64>| value.map_or("unknown".to_owned(), |value| format!("{value:.4}"));
            let mut status = Status::new(NAME, &format!("joint {}", joint.name))
                .summary(Level::Ok, if state.message.is_empty() { "OK" } else { &state.message })
                .value("powered", state.powered)
                .value("setpoint", number(state.position))
                .value("goal", number(state.goal))
                .value("moving", state.moving);
            if state.position.is_none() {
                status = status.summary(Level::Warn, "position unknown");
            }
            if let Some(horn) = horns.as_ref().and_then(|horns| horns.get(index)) {
                status = status.value("simulated horn", number(Some(*horn)));
            }
            statuses.push(status);
        }
        report(
            "/diagnostics",
            publisher.publish(&array(&format!("{} on {backend}", servos.robot().name), statuses)),
        );
    }
}

fn bus(servos: &ServoHandle, backend: &str) -> Status {
    let stats = servos.stats();
    let in_a_row = u64::from(stats.bus_errors_in_a_row);
    let last = stats.last_bus_error.unwrap_or_else(|| "none".to_owned());
    let status = Status::new(NAME, "bus")
        .value("backend", backend)
        .value("writes", stats.writes)
        .value("errors", stats.bus_errors)
        .value("errors in a row", in_a_row)
        .value("long faults", stats.faults)
        .value("set up anew", stats.resets)
        .value("last error", &last);
    match in_a_row {
        _ if stats.given_up => {
            status.summary(Level::Error, format!("{last}; goals are aborted, the servos go limp"))
        }
        0 => status,
        1..=BUS_ERROR => status.summary(Level::Warn, last),
        _ => status.summary(Level::Error, last),
    }
}

/// The lateness is that since the last message, so that a late tick shows once and goes.
fn ticks(servos: &ServoHandle, rate: f64) -> Status {
    let stats = servos.stats();
    servos.reset_worst();
    let status = Status::new(NAME, "loop")
        .value("update rate (Hz)", rate)
        .value("ticks", stats.ticks)
        .value("missed ticks", stats.missed)
        .value("worst lateness (ms)", format!("{:.3}", stats.late_worst.as_secs_f64() * 1e3));
    if stats.late_worst.as_secs_f64() > 1.0 / rate {
        status.summary(Level::Warn, "late by more than a tick")
    } else {
        status
    }
}

fn power(now: &ArmSnapshot) -> Status {
    let status =
        Status::new(NAME, "power").value("emergency stop", now.emergency_stop).value("moving", now.moving);
    let status = status.summary(Level::Ok, if now.powered { "on" } else { "off" });
    if now.emergency_stop { status.summary(Level::Warn, "emergency stop") } else { status }
}

fn guard(open: &Open, parameters: &Parameters) -> Status {
    let status = Status::new(NAME, "guard").value("height (m)", parameters.number("guard_height"));
    match (&open.guard, parameters.flag("guard")) {
        (None, _) => status.summary(Level::Ok, "none: the robot's measures are not known"),
        (Some(_), true) => status.summary(Level::Ok, "on"),
        (Some(_), false) => status.summary(Level::Warn, "off: nothing keeps the arm from desk and torso"),
    }
}

fn report(topic: &str, outcome: r2r::Result<()>) {
    if let Err(error) = outcome {
        log::debug!(target: NAME, "{topic} could not be published: {error}");
    }
}
