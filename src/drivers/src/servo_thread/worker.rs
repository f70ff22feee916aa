use super::handle::Shared;
use super::mailbox::Command;
use super::{OnShutdown, Options};
use crate::servo_bus::{BusError, ChannelOutput, ServoBus};
use std::any::Any;
use std::collections::{HashMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;
use steve_core::arm::{Arm, ArmSnapshot, GoalId, MoveEnd, MoveOutcome, Output, PowerError, Tick};
use tokio::sync::{oneshot, watch};

/// After this many failed writes in a row the goals are aborted.
const FAILURES_UNTIL_ABORT: u32 = 10;

/// From then on a write is tried again this often.
const RETRY_PERIOD: Duration = Duration::from_secs(1);

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
    failures: u32,
}

type Powered = Result<(), PowerError>;

/// Who is answered after the next write.
#[derive(Default)]
struct Waiting {
    stops: Vec<oneshot::Sender<()>>,
    power: Vec<(Powered, oneshot::Sender<Powered>)>,
    emergency: Vec<oneshot::Sender<()>>,
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
            failures: 0,
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
            self.shared.mailbox.take(&mut self.batch);
            let mut end = false;
            while let Some(command) = self.batch.pop_front() {
                end |= matches!(command, Command::ShutDown);
                self.apply(command);
            }
            if end {
                return self.shut_down(bus);
            }
            self.do_tick(bus);
        }
    }

    /// Sleeps until there is something to do; returns when the next tick is due.
    fn sleep(&mut self, due: Duration) -> Duration {
        let clock = self.shared.clock;
        let broken = self.failures >= FAILURES_UNTIL_ABORT;
        if broken && !self.arm.is_moving() && !self.arm.has_news() {
            self.shared.mailbox.wait(Some(RETRY_PERIOD));
            return clock.now() + self.period;
        }
        if !self.arm.needs_tick() {
            self.shared.mailbox.wait(None);
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

    fn apply(&mut self, command: Command) {
        match command {
            Command::Move { valid, id, reply } => {
                self.moves.insert(id, reply);
                self.arm.start(&valid, id);
            }
            Command::Set(valid) => {
                if let Err(error) = self.arm.set(&valid) {
                    log::warn!("command refused: {error}");
                }
            }
            Command::Cancel(id) => self.arm.cancel(id),
            Command::Stop(reply) => {
                self.arm.stop();
                self.waiting.stops.push(reply);
            }
            Command::Power(on, reply) => {
                let result = self.arm.power(on);
                self.waiting.power.push((result, reply));
            }
            Command::EmergencyStop(on, reply) => {
                self.arm.emergency_stop(on);
                self.waiting.emergency_stops += u32::from(on);
                self.waiting.emergency.push(reply);
            }
            Command::ShutDown => {}
        }
    }

    fn do_tick(&mut self, bus: &mut dyn ServoBus) {
        self.arm.tick(self.shared.clock.now(), self.period, &mut self.tick);
        let written = self.write(bus);
        self.publish();
        self.answer(&written);
    }

    /// One write for everything that moves; none if nothing does.
    fn write(&mut self, bus: &mut dyn ServoBus) -> Result<(), BusError> {
        if self.tick.outputs.is_empty() {
            return Ok(());
        }
        let joints = &self.shared.robot().joints;
        let channels = self.tick.outputs.iter();
        self.outputs.clear();
        self.outputs.extend(
            channels.map(|&(joint, output)| ChannelOutput { channel: joints[joint].channel, output }),
        );
        let written = bus.write(self.arm.now(), &self.outputs);
        match &written {
            Ok(()) => self.write_worked(),
            Err(error) => self.write_failed(error),
        }
        written
    }

    fn write_worked(&mut self) {
        if self.failures > 0 {
            log::info!("servo bus works again after {} failed writes", self.failures);
        }
        self.failures = 0;
        let mut stats = self.shared.stats();
        stats.writes += 1;
        stats.bus_errors_in_a_row = 0;
    }

    fn write_failed(&mut self, error: &BusError) {
        self.failures = self.failures.saturating_add(1);
        {
            let mut stats = self.shared.stats();
            stats.bus_errors += 1;
            stats.bus_errors_in_a_row = self.failures;
            stats.last_bus_error = Some(error.to_string());
        }
        self.arm.write_failed(&self.tick);
        if self.failures == 1 {
            log::warn!("servo bus: {error}");
        } else if self.failures == FAILURES_UNTIL_ABORT {
            log::error!("servo bus: {error}; {} writes failed in a row, goals are aborted", self.failures);
        }
        if self.failures >= FAILURES_UNTIL_ABORT && self.arm.is_moving() {
            self.arm.end_all(MoveEnd::BusFault, &format!("bus fault: {error}"));
        }
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
        for reply in self.waiting.emergency.drain(..) {
            reply.send(()).ok();
        }
        for (result, reply) in self.waiting.power.drain(..) {
            let failed = |error: &BusError| PowerError::Bus { reason: error.to_string() };
            reply.send(result.and(written.as_ref().map(|_| ()).map_err(failed))).ok();
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
            self.do_tick(bus);
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
