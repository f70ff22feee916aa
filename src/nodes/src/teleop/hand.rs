//! What the hand on the input device does, as velocities on `arm/command`.
//!
//! A command goes out from the very message that asks for it, on the spinning thread; its repeats come from a timer that
//! runs only while something moves. Both share this.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use r2r::Publisher;
use r2r::builtin_interfaces::msg::Time;
use r2r::sensor_msgs::msg::{JointState, Joy};
use r2r::shaky_steve::msg::{ArmState, MouseEvent};
use steve_core::teleop::{ArmSeen, HandSolver, Jog, Notice, Teleop};
use tokio::sync::{Notify, watch};

use super::NAME;
use super::buttons::Buttons;
use super::input::{Figures, Input};
use super::solver::Solver;
use crate::time;

/// So long after the news that the device is gone may what it told before still come: topics overtake each other.
const STRAGGLERS: Duration = Duration::from_secs(1);

/// The mapping at work, shared by the spinning thread and the timer.
pub(super) struct Hand {
    started: Instant,
    /// Whether a message is as old as its stamp says.
    stamps_count: bool,
    inner: Mutex<Inner>,
    /// Told when the timer waits for too long.
    sooner: Notify,
    /// Whether [`Hand::joint_states`] is of use.
    wants_positions: watch::Sender<bool>,
}

struct Inner {
    teleop: Teleop,
    solver: Option<Solver>,
    publisher: Publisher<JointState>,
    buttons: Buttons,
    /// The stamp of the news that the device is gone, and when they came.
    gone: Option<(Time, Duration)>,
    joints: Vec<String>,
    arm: Option<ArmSeen>,
    input: Input,
    /// Until when the timer waits; None: until it is told.
    waits: Option<Duration>,
}

impl Hand {
    /// `joints` are the robot's, in its order.
    pub(super) fn new(
        teleop: Teleop,
        solver: Option<Solver>,
        joints: Vec<String>,
        publisher: Publisher<JointState>,
        buttons: Buttons,
        input: Input,
        stamps_count: bool,
    ) -> Self {
        let inner =
            Inner { teleop, solver, publisher, buttons, gone: None, joints, arm: None, input, waits: None };
        Self {
            started: Instant::now(),
            stamps_count,
            wants_positions: watch::Sender::new(inner.teleop.wants_positions()),
            inner: Mutex::new(inner),
            sooner: Notify::new(),
        }
    }

    /// A message of the input device: velocities go out, and what buttons ask for is carried out.
    pub(super) fn joy(&self, message: &Joy) {
        let age = if self.stamps_count { age(&message.header.stamp) } else { Duration::ZERO };
        let axes: Vec<f64> = message.axes.iter().map(|axis| f64::from(*axis)).collect();
        let buttons: Vec<bool> = message.buttons.iter().map(|button| *button != 0).collect();
        let mut inner = self.lock();
        let now = self.started.elapsed();
        let actions = if inner.is_from_before_the_loss(now, &message.header.stamp) {
            inner.teleop.stops(now, &buttons)
        } else {
            let heard = inner.teleop.joy(now, age, &axes, &buttons);
            match heard.refused {
                Some(error) => inner.input.refused(&error),
                None => inner.input.heard(now, age),
            }
            heard.actions
        };
        inner.poll(now);
        for action in actions {
            inner.buttons.carry_out(action);
        }
        self.rouse(inner, now);
    }

    /// What the node `mouse` tells beside axes and buttons: that its device went, which lets go of everything and is no hand
    /// that does, or that it came.
    pub(super) fn mouse(&self, message: &MouseEvent) {
        if message.type_ != MouseEvent::DEVICE as u8 {
            return;
        }
        let mut inner = self.lock();
        let now = self.started.elapsed();
        if message.connected {
            inner.teleop.found(now);
        } else {
            inner.gone = Some((message.header.stamp.clone(), now));
            inner.teleop.lost(now);
            inner.input.notice(&Notice::Gone);
        }
        inner.poll(now);
        self.rouse(inner, now);
    }

    /// Follows the arm's latched state; None: nobody tells it any more. Ends only with the node.
    pub(super) async fn follow(&self, mut state: watch::Receiver<Option<ArmState>>) {
        loop {
            let newest = state.borrow_and_update().clone();
            match newest {
                Some(newest) => self.arm(&newest),
                None => self.arm_lost(),
            }
            if state.changed().await.is_err() {
                // The spinning thread has ended; why is told elsewhere.
                return std::future::pending().await;
            }
        }
    }

    fn arm_lost(&self) {
        let mut inner = self.lock();
        if inner.arm.take().is_some() {
            log::info!(target: NAME, "the arm has gone");
            inner.teleop.arm_lost();
        }
    }

    fn arm(&self, message: &ArmState) {
        let mut inner = self.lock();
        let now = self.started.elapsed();
        let arm = ArmSeen {
            powered: message.powered,
            emergency_stop: message.emergency_stop,
            positions: vec![None; inner.joints.len()],
        };
        inner.arm = Some(arm);
        for servo in &message.joints {
            inner.see(&servo.name, servo.position_known.then_some(servo.position));
        }
        inner.tell(now);
        inner.poll(now);
        self.rouse(inner, now);
    }

    /// Where the joints are on their way. At rest, its state tells it. Others than the arm may publish there as well, joints of
    /// their own or some of ours: only what tells all that moves the hand tells how old its positions are.
    pub(super) fn joint_states(&self, message: &JointState) {
        let mut inner = self.lock();
        let told = &message.name[..message.name.len().min(message.position.len())];
        for (name, position) in told.iter().zip(&message.position) {
            inner.see(name, Some(*position));
        }
        let now = self.started.elapsed();
        if inner.solver.as_ref().is_some_and(|solver| solver.names().all(|name| told.contains(name))) {
            let Inner { arm: Some(arm), teleop, .. } = &mut *inner else { return };
            teleop.positions(now, &arm.positions);
        } else {
            inner.tell(now);
        }
    }

    /// Whether that is of use: the hand can only be moved from where it is, and a clamp opens until it is open.
    pub(super) fn wants_positions(&self) -> watch::Receiver<bool> {
        self.wants_positions.subscribe()
    }

    /// Repeats commands while something moves; ends only with the node.
    pub(super) async fn repeat(&self) {
        loop {
            let due = {
                let mut inner = self.lock();
                inner.waits = inner.teleop.due(self.started.elapsed());
                inner.waits
            };
            tokio::select! {
                () = sleep_until(due.map(|due| self.started + due)) => {
                    let mut inner = self.lock();
                    inner.poll(self.started.elapsed());
                    self.ask_for_positions(&inner);
                }
                () = self.sooner.notified() => {}
            }
        }
    }

    /// Comes to rest, as the last word before the node leaves: what moves is told to stop, and motions that buttons have begun
    /// are ended. That is to be waited for, as long as the spinner lives.
    pub(super) fn let_go(&self) -> impl Future<Output = ()> + use<> {
        let mut inner = self.lock();
        let now = self.started.elapsed();
        inner.teleop.lost(now);
        // The end of its motions, which follows: a task of its own would not live so long.
        inner.teleop.actions();
        inner.poll(now);
        inner.buttons.end()
    }

    /// What diagnostics tell.
    pub(super) fn figures(&self) -> Figures {
        let inner = self.lock();
        let held = inner.solver.as_ref().map(Solver::held);
        let now = self.started.elapsed();
        inner.input.figures(now, inner.teleop.mode(), inner.arm.is_some(), held)
    }

    /// Says so when it changes whether positions are of use.
    fn ask_for_positions(&self, inner: &Inner) {
        let wanted = inner.teleop.wants_positions();
        self.wants_positions.send_if_modified(|known| std::mem::replace(known, wanted) != wanted);
    }

    /// Wakes up who has something to do now: the timer, if it waits for longer than it may.
    fn rouse(&self, inner: MutexGuard<'_, Inner>, now: Duration) {
        self.ask_for_positions(&inner);
        let due = inner.teleop.due(now);
        let too_late = due.is_some_and(|due| inner.waits.is_none_or(|waits| due < waits));
        drop(inner);
        if too_late {
            self.sooner.notify_one();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// Notes where a joint is.
    fn see(&mut self, name: &str, position: Option<f64>) {
        let index = self.joints.iter().position(|joint| joint == name);
        if let (Some(index), Some(arm)) = (index, &mut self.arm) {
            arm.positions[index] = position.filter(|position| position.is_finite());
        }
    }

    /// Tells the mapping what is known of the arm.
    fn tell(&mut self, now: Duration) {
        if let Some(arm) = &self.arm {
            self.teleop.arm(now, arm.clone());
        }
    }

    fn poll(&mut self, now: Duration) {
        let solver = self.solver.as_ref().map(|solver| solver as &dyn HandSolver);
        let jog = self.teleop.poll(now, solver);
        for action in self.teleop.actions() {
            self.buttons.carry_out(action);
        }
        for notice in self.teleop.notices() {
            self.input.notice(&notice);
        }
        if let Some(jog) = jog {
            self.publish(jog);
        }
    }

    /// What a device that is gone let go of, or did before, tells nothing of the hand.
    fn is_from_before_the_loss(&self, now: Duration, stamp: &Time) -> bool {
        let Some((lost, heard)) = &self.gone else { return false };
        let stamped = stamp.sec != 0 || stamp.nanosec != 0;
        stamped
            && now.saturating_sub(*heard) < STRAGGLERS
            && (stamp.sec, stamp.nanosec) <= (lost.sec, lost.nanosec)
    }

    fn publish(&mut self, Jog { velocities }: Jog) {
        let (name, velocity) = velocities.into_iter().unzip();
        let message = JointState { header: time::header_now(""), name, velocity, ..Default::default() };
        match self.publisher.publish(&message) {
            Ok(()) => self.input.sent(),
            Err(error) => log::debug!(target: NAME, "arm/command could not be published: {error}"),
        }
    }
}

/// How old a message is by its stamp: 0 where it has none, or one of a time to come.
fn age(stamp: &Time) -> Duration {
    if stamp.sec == 0 && stamp.nanosec == 0 {
        return Duration::ZERO;
    }
    Duration::try_from_secs_f64(-time::seconds_until(stamp, SystemTime::now())).unwrap_or(Duration::ZERO)
}

async fn sleep_until(moment: Option<Instant>) {
    match moment {
        Some(moment) => tokio::time::sleep_until(moment.into()).await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamped(ago: f64) -> Time {
        let now = SystemTime::now();
        let when =
            if ago < 0.0 { now + Duration::from_secs_f64(-ago) } else { now - Duration::from_secs_f64(ago) };
        time::stamp(when)
    }

    #[test]
    fn a_stamp_tells_the_age_and_no_stamp_and_one_to_come_tell_none() {
        assert!(age(&stamped(2.0)) >= Duration::from_secs(2));
        assert!(age(&stamped(2.0)) < Duration::from_secs(60));
        assert_eq!(age(&Time::default()), Duration::ZERO);
        assert_eq!(age(&stamped(-60.0)), Duration::ZERO);
        assert!(age(&Time { sec: i32::MIN, nanosec: u32::MAX }) > Duration::from_secs(3600));
    }
}
