use super::health::Health;
use super::mailbox::{Command, Goal};
use super::shared::Shared;
use super::{OnShutdown, Options};
use crate::servo_bus::{BusError, BusFault, ChannelOutput, ServoBus};
use std::any::Any;
use std::collections::{HashMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;
use steve_core::arm::{Arm, ArmSnapshot, GoalId, MoveEnd, MoveOutcome, Output, PowerError, Tick};
use tokio::sync::{oneshot, watch};

#[cfg(test)]
mod tests;

/// How often the last write is tried at the end.
const LAST_WRITES: usize = 3;

/// The thread's own things.
pub(super) struct Worker {
    shared: Arc<Shared>,
    arm: Arm,
    period: Duration,
    on_shutdown: OnShutdown,
    snapshots: watch::Sender<Arc<ArmSnapshot>>,
    batch: VecDeque<Command>,
    tick: Tick,
    outputs: Vec<ChannelOutput>,
    moves: HashMap<GoalId, oneshot::Sender<MoveOutcome>>,
    waiting: Waiting,
    health: Health,
}

type Powered = Result<(), PowerError>;

/// Who is answered after the next write.
#[derive(Default)]
struct Waiting {
    stops: Vec<oneshot::Sender<()>>,
    power: Vec<(Powered, oneshot::Sender<Powered>)>,
    emergency: Vec<oneshot::Sender<Powered>>,
    emergency_stops: u32,
}

impl Worker {
    pub(super) fn new(
        shared: Arc<Shared>,
        arm: Arm,
        options: Options,
        snapshots: watch::Sender<Arc<ArmSnapshot>>,
    ) -> Self {
        Self {
            shared,
            arm,
            period: Duration::from_secs_f64(1.0 / options.update_rate_hz),
            on_shutdown: options.on_shutdown,
            snapshots,
            batch: VecDeque::new(),
            tick: Tick::default(),
            outputs: Vec::new(),
            moves: HashMap::new(),
            waiting: Waiting::default(),
            health: Health::default(),
        }
    }

    /// Runs until it is told to end. A panic, in the bus or here, turns the servos off if that is still possible and is
    /// told by the handle; the snapshots' channel closes.
    pub(super) fn run_to_the_end(mut self, bus: &mut dyn ServoBus) {
        let run = catch_unwind(AssertUnwindSafe(|| self.run(bus)));
        if let Err(panic) = run {
            let off = catch_unwind(AssertUnwindSafe(|| self.all_off(bus)));
            let servos =
                if matches!(off, Ok(Ok(()))) { "servos are off" } else { "servos may still be powered" };
            let reason = format!("panicked: {}; {servos}", panic_message(panic.as_ref()));
            log::error!("servo thread {reason}");
            self.shared.set_fault(reason);
        }
        self.shared.mailbox.close();
    }

    fn run(&mut self, bus: &mut dyn ServoBus) {
        let mut due = self.shared.clock.now();
        loop {
            due = self.sleep(due);
            let now = self.shared.clock.now();
            if self.take_commands(now) {
                return self.shut_down(bus);
            }
            self.do_tick(bus, now);
        }
    }

    /// Sleeps until there is something to do; returns when the next tick is due.
    fn sleep(&mut self, due: Duration) -> Duration {
        let clock = self.shared.clock;
        if let Some(time) = self.rests_until() {
            self.shared.mailbox.wait(time.saturating_sub(clock.now()));
            return clock.now() + self.period;
        }
        clock.sleep_until(due);
        let late = clock.now().saturating_sub(due);
        // Whole periods that passed are left out: catching up would move faster than the joints may.
        let missed = u32::try_from(late.as_nanos() / self.period.as_nanos()).unwrap_or(u32::MAX);
        let mut stats = self.shared.stats();
        stats.ticks += 1;
        stats.missed += u64::from(missed);
        stats.late_worst = stats.late_worst.max(late);
        due + self.period * missed.saturating_add(1)
    }

    /// Until when there is nothing to do unless a command comes; none if the next tick is due on the clock.
    fn rests_until(&self) -> Option<Duration> {
        let rests = if self.health.has_given_up() {
            !self.arm.is_moving() && !self.arm.has_news()
        } else {
            !self.arm.needs_tick() && !self.health.is_failing()
        };
        let rests = rests && self.batch.is_empty();
        rests.then(|| self.health.next_look().min(self.arm.idle_at().unwrap_or(Duration::MAX)))
    }

    /// Does what came in; whether the end is wanted.
    fn take_commands(&mut self, now: Duration) -> bool {
        self.shared.mailbox.take(&mut self.batch);
        let mut end = false;
        while let Some(command) = self.batch.pop_front() {
            end |= matches!(command, Command::ShutDown);
            // What comes after an emergency stop has to wait until the servos were told to go limp.
            let stops = matches!(command, Command::EmergencyStop(true, _));
            self.apply(command, now);
            if stops {
                break;
            }
        }
        end
    }

    fn apply(&mut self, command: Command, now: Duration) {
        let refused = match command {
            Command::Move { what, id, reply } => {
                self.moves.insert(id, reply);
                match what {
                    Goal::Move(valid) => self.arm.start(&valid, id),
                    Goal::Follow(valid) => self.arm.start_following(&valid, id),
                }
                None
            }
            Command::Set(valid) => self.arm.set(&valid).err(),
            Command::Follow(valid) => self.arm.follow(&valid).err(),
            Command::Jog { valid, timeout } => self.arm.jog(&valid, now + timeout).err(),
            Command::Guard(guarding) => {
                self.arm.set_guarding(guarding);
                None
            }
            Command::Cancel(id) => {
                self.arm.cancel(id);
                None
            }
            Command::Stop(reply) => {
                self.arm.stop();
                self.waiting.stops.push(reply);
                None
            }
            Command::Power(on, reply) => {
                let result = self.arm.power(on);
                self.waiting.power.push((result, reply));
                None
            }
            Command::EmergencyStop(on, reply) => {
                self.arm.emergency_stop(on);
                self.waiting.emergency_stops += u32::from(on);
                self.waiting.emergency.push(reply);
                None
            }
            Command::ShutDown => None,
        };
        if let Some(error) = refused {
            log::warn!("command refused: {error}");
        }
    }

    fn do_tick(&mut self, bus: &mut dyn ServoBus, now: Duration) {
        if self.shared.is_kept_awake() {
            self.arm.keep_awake(now);
        }
        self.arm.tick(now, self.period, &mut self.tick);
        let written = self.write(bus, now);
        if let Err(error) = &written {
            if self.health.gives_up(now) {
                self.give_up(error);
            } else if self.health.has_given_up() && self.arm.is_powered() {
                // Somebody tried all the same.
                self.abort(error);
            }
        }
        // After the abort, so that its goals are answered now and not a tick later.
        self.arm.written(written.is_ok(), &mut self.tick);
        self.publish();
        self.answer(&written);
    }

    /// One write for everything that moves; none if nothing does. A look at the hardware comes first, for a chip that was
    /// reset acknowledges every write and its servos would be limp on their way. At most one of them fails, so a tick waits
    /// for one time-out and no more.
    fn write(&mut self, bus: &mut dyn ServoBus, now: Duration) -> Result<(), BusError> {
        if self.tick.outputs.is_empty() && now < self.health.next_look() {
            return Ok(());
        }
        let written = self.look(bus, now).and_then(|()| self.send(bus, now));
        match &written {
            Ok(()) => self.write_worked(),
            Err(error) => self.write_failed(error, now),
        }
        written
    }

    /// Sets the hardware up anew if it has forgotten how it was, or if nobody knows what became of it in a long fault. Then
    /// every output has to be sent: the setpoints that are held, or none after a long fault.
    fn look(&mut self, bus: &mut dyn ServoBus, now: Duration) -> Result<(), BusError> {
        self.health.looked(now);
        match bus.check(now) {
            Ok(()) if !self.health.has_given_up() => return Ok(()),
            Ok(()) => {}
            Err(error) if error.fault == BusFault::ChipReset => {
                log::warn!("servo bus: {error}; setting it up anew");
            }
            Err(error) => return Err(error),
        }
        bus.reset(now)?;
        self.shared.stats().resets += 1;
        self.arm.all_outputs(&mut self.tick);
        Ok(())
    }

    fn send(&mut self, bus: &mut dyn ServoBus, now: Duration) -> Result<(), BusError> {
        if self.tick.outputs.is_empty() {
            return Ok(());
        }
        let joints = &self.shared.robot().joints;
        let channels = self.tick.outputs.iter();
        self.outputs.clear();
        self.outputs.extend(
            channels.map(|&(joint, output)| ChannelOutput { channel: joints[joint].channel, output }),
        );
        bus.write(now, &self.outputs)?;
        self.shared.stats().writes += 1;
        Ok(())
    }

    fn write_worked(&mut self) {
        let failures = self.health.worked();
        if failures > 0 {
            log::info!("servo bus works again after {failures} failures");
        }
        let mut stats = self.shared.stats();
        stats.bus_errors_in_a_row = 0;
        stats.given_up = false;
    }

    fn write_failed(&mut self, error: &BusError, now: Duration) {
        let failures = self.health.failed(now);
        {
            let mut stats = self.shared.stats();
            stats.bus_errors += 1;
            stats.bus_errors_in_a_row = failures;
            stats.last_bus_error = Some(error.to_string());
        }
        if failures == 1 {
            log::warn!("servo bus: {error}");
        }
    }

    /// The fault lasts: goals end, and the servos shall go limp, which the bus is told as soon as it listens. Their last
    /// setpoints stay known, and the next goal begins there.
    fn give_up(&mut self, error: &BusError) {
        self.shared.interrupt("bus fault");
        log::error!("servo bus: {error}; goals are aborted, the servos go limp as soon as the bus listens");
        {
            let mut stats = self.shared.stats();
            stats.faults += 1;
            stats.given_up = true;
        }
        self.abort(error);
    }

    fn abort(&mut self, error: &BusError) {
        self.arm.power_off(MoveEnd::BusFault, &format!("bus fault: {error}"));
    }

    fn publish(&mut self) {
        self.shared.set_ready(self.arm.readiness());
        self.shared.stats().planner_fallbacks = self.arm.planner_fallbacks();
        if self.tick.changed {
            self.snapshots.send_replace(Arc::new(self.arm.snapshot()));
        }
    }

    /// A receiver that is gone does not matter: nobody waits there.
    fn answer(&mut self, written: &Result<(), BusError>) {
        for (id, outcome) in self.tick.ended.drain(..) {
            if let Some(reply) = self.moves.remove(&id) {
                reply.send(outcome).ok();
            }
        }
        self.shared.stops_came(std::mem::take(&mut self.waiting.emergency_stops));
        let failed = |error: &BusError| PowerError::Bus { reason: error.to_string() };
        let taken: Powered = written.as_ref().map(|&()| ()).map_err(failed);
        for reply in self.waiting.emergency.drain(..) {
            reply.send(taken.clone()).ok();
        }
        for (result, reply) in self.waiting.power.drain(..) {
            reply.send(result.and(taken.clone())).ok();
        }
        if !self.arm.is_stopping() {
            for reply in self.waiting.stops.drain(..) {
                reply.send(()).ok();
            }
        }
    }

    fn shut_down(&mut self, bus: &mut dyn ServoBus) {
        self.arm.end_all(MoveEnd::ShutDown, "shut down");
        if self.on_shutdown == OnShutdown::Off {
            self.arm.power(false).ok();
        }
        for _ in 0..LAST_WRITES {
            self.do_tick(bus, self.shared.clock.now());
            if !self.arm.needs_tick() {
                return;
            }
        }
        log::error!("servo bus: the last write failed; servos may still be powered");
    }

    fn all_off(&self, bus: &mut dyn ServoBus) -> Result<(), BusError> {
        let joints = self.shared.robot().joints.iter();
        let off: Vec<_> =
            joints.map(|joint| ChannelOutput { channel: joint.channel, output: Output::Off }).collect();
        bus.write(self.shared.clock.now(), &off)
    }
}

fn panic_message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message")
}
