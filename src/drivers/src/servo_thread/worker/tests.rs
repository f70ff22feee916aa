//! The worker in virtual time, on simulated servos whose bus fails on command: no thread, no waiting.

use super::super::clock::Clock;
use super::super::{Move, ServoHandle};
use super::*;
use crate::faulty::{Fault, FaultSwitch, Faulty};
use crate::sim::{SimProbe, SimServos};
use std::pin::Pin;
use std::sync::Mutex;
use std::task::{Context, Poll, Waker};
use steve_core::arm::{ArmOptions, MoveRequest};
use steve_core::calibration::Calibration;
use steve_core::robot::{Board, Joint, JointKind, Limits, Robot};

/// Faults one by one.
mod faults;
/// Thousands of random sequences.
mod random;
/// Rest, and what ends it.
mod rest;

const PERIOD: Duration = Duration::from_millis(20);
const HOME: f64 = 0.25;

/// A tick lets time go on by no more than this, s.
const PATIENCE: f64 = 0.1;

fn ms(time: u64) -> Duration {
    Duration::from_millis(time)
}

/// Pan and tilt; tilt is slow and goes to one side only. Channels are not in the order of the joints.
fn robot() -> Arc<Robot> {
    let pan = Limits { lower: -1.0, upper: 1.0, velocity: 5.0, acceleration: 40.0, jerk: 1000.0 };
    let tilt = Limits { lower: 0.0, velocity: 2.0, acceleration: 20.0, ..pan };
    let joint = |name: &str, channel, limits: Limits| Joint {
        name: name.to_owned(),
        kind: JointKind::Revolute,
        limits,
        home: HOME,
        channel,
        gpio_pin: None,
        calibration: Calibration::new((500.0, 2500.0), (0.0, 1.0), &[(-1.0, 0.0), (1.0, 1.0)]).unwrap(),
        slew_rate: 6.0,
    };
    let joints = vec![joint("pan", 7, pan), joint("tilt", 2, tilt)];
    Arc::new(Robot { name: "pan-tilt".to_owned(), joints, board: Board::default() })
}

/// (time, joint, position) of every pulse.
type Record = Arc<Mutex<Vec<(Duration, usize, f64)>>>;

/// What reached the servos.
struct Recorder {
    servos: SimServos,
    robot: Arc<Robot>,
    record: Record,
}

impl ServoBus for Recorder {
    fn name(&self) -> &'static str {
        "sim"
    }

    fn write(&mut self, now: Duration, outputs: &[ChannelOutput]) -> Result<(), BusError> {
        for output in outputs {
            let joint = self.robot.joints.iter().position(|joint| joint.channel == output.channel).unwrap();
            if let Output::Pulse { us } = output.output {
                let position = self.robot.joints[joint].calibration.position(us);
                self.record.lock().unwrap().push((now, joint, position));
            }
        }
        self.servos.write(now, outputs)
    }

    fn reset(&mut self, now: Duration) -> Result<(), BusError> {
        self.servos.reset(now)
    }
}

/// Counts the calls for which a tick waits in vain.
struct Counted {
    bus: Faulty<Recorder>,
    calls: u32,
    failing: u32,
    set_up: u32,
}

impl Counted {
    fn count(&mut self, result: Result<(), BusError>) -> Result<(), BusError> {
        self.calls += 1;
        self.failing += u32::from(matches!(&result, Err(error) if error.fault == BusFault::Transfer));
        result
    }
}

impl ServoBus for Counted {
    fn name(&self) -> &'static str {
        self.bus.name()
    }

    fn write(&mut self, now: Duration, outputs: &[ChannelOutput]) -> Result<(), BusError> {
        let result = self.bus.write(now, outputs);
        self.count(result)
    }

    fn check(&mut self, now: Duration) -> Result<(), BusError> {
        let result = self.bus.check(now);
        self.count(result)
    }

    fn reset(&mut self, now: Duration) -> Result<(), BusError> {
        self.set_up += 1;
        let result = self.bus.reset(now);
        self.count(result)
    }
}

type Answer = Pin<Box<dyn Future<Output = Powered>>>;

/// Somebody who waits for power, stop or emergency stop.
struct Asked {
    what: &'static str,
    answer: Answer,
}

struct Bench {
    worker: Worker,
    handle: ServoHandle,
    robot: Arc<Robot>,
    bus: Counted,
    switch: FaultSwitch,
    probe: SimProbe,
    record: Record,
    now: Duration,
    due: Duration,
    /// How late the next tick on the clock is, and those after it.
    lateness: Duration,
    late: Box<dyn FnMut() -> Duration>,
    /// A command came since the last tick.
    posted: bool,
    /// The emergency stop, as the commands so far leave it.
    latched: bool,
    goals: Vec<Move>,
    outcomes: Vec<(GoalId, MoveOutcome)>,
    asked: Vec<Asked>,
    /// What was answered in the last tick.
    answers: Vec<(&'static str, Powered)>,
    ticks: u64,
    /// (time, joint, position) of every pulse that reached a servo.
    pulses: Vec<(Duration, usize, f64)>,
    /// The last one of each joint.
    last: Vec<(Duration, f64)>,
    /// Writes that a chip without settings had acknowledged before the last pulse.
    swallowed: u64,
    /// What a failing test prints.
    label: String,
}

impl Drop for Bench {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{} at {:?}", self.label, self.now);
        }
    }
}

impl Bench {
    fn new() -> Self {
        Self::with(ArmOptions::default())
    }

    /// Everything at home and off.
    fn with(options: ArmOptions) -> Self {
        let robot = robot();
        let servos = SimServos::at_home(&robot);
        let probe = servos.probe();
        let record = Record::default();
        let recorder = Recorder { servos, robot: Arc::clone(&robot), record: Arc::clone(&record) };
        let bus = Faulty::new(recorder).stuck_for(Duration::ZERO, |_| {});
        let switch = bus.switch();
        let mut arm = Arm::new(Arc::clone(&robot), &[Some(HOME); 2], options);
        let (sender, receiver) = watch::channel(Arc::new(arm.snapshot()));
        let shared = Shared::new(Arc::clone(&robot), Clock::start(), receiver, arm.readiness());
        let shared = Arc::new(shared);
        let mut bench = Self {
            worker: Worker::new(Arc::clone(&shared), arm, Options::default(), sender),
            handle: ServoHandle::new(shared),
            bus: Counted { bus, calls: 0, failing: 0, set_up: 0 },
            switch,
            probe,
            record,
            now: Duration::ZERO,
            due: Duration::ZERO,
            lateness: Duration::ZERO,
            late: Box::new(|| Duration::ZERO),
            posted: false,
            latched: false,
            goals: Vec::new(),
            outcomes: Vec::new(),
            asked: Vec::new(),
            answers: Vec::new(),
            ticks: 0,
            pulses: Vec::new(),
            last: vec![(Duration::ZERO, HOME); robot.joints.len()],
            swallowed: 0,
            label: "bench".to_owned(),
            robot,
        };
        bench.tick();
        bench
    }

    fn start(&mut self, request: &MoveRequest) -> Option<GoalId> {
        let goal = self.handle.move_joints(self.handle.validate(request).ok()?);
        Some(self.started(goal))
    }

    fn started(&mut self, goal: Move) -> GoalId {
        self.posted = true;
        let id = goal.id;
        self.goals.push(goal);
        id
    }

    fn go(&mut self, joint: &str, position: f64, speed: f64) -> GoalId {
        self.start(&MoveRequest::one(joint, position, speed, "")).unwrap()
    }

    fn power(&mut self, on: bool) {
        let answer = self.handle.power(on);
        self.ask(if on { "on" } else { "off" }, answer);
    }

    fn emergency_stop(&mut self, on: bool) {
        let answer = self.handle.emergency_stop(on);
        self.latched = on;
        self.ask(if on { "emergency" } else { "release" }, answer);
    }

    fn stop(&mut self) {
        let answer = self.handle.stop();
        self.ask("stop", async move { answer.await.map_err(|_| PowerError::Gone) });
    }

    fn ask(&mut self, what: &'static str, answer: impl Future<Output = Powered> + 'static) {
        self.posted = true;
        self.asked.push(Asked { what, answer: Box::pin(answer) });
    }

    /// Lets the worker do what it does by itself for so long.
    fn run(&mut self, time: Duration) {
        let end = self.now + time;
        loop {
            let rests = self.worker.rests_until();
            let next = match rests {
                Some(_) if self.posted => self.now,
                Some(time) => {
                    assert!(time > self.now, "the thread turns without a pause");
                    time
                }
                None => (self.due + self.lateness).max(self.now),
            };
            if next > end {
                self.now = end;
                return;
            }
            self.now = next;
            self.tick();
            if rests.is_some() {
                self.due = self.now + PERIOD;
            } else {
                self.lateness = (self.late)();
                while self.due <= self.now {
                    self.due += PERIOD;
                }
            }
        }
    }

    fn tick(&mut self) {
        self.bus.failing = 0;
        self.ticks += 1;
        self.posted = false;
        assert!(!self.worker.take_commands(self.now));
        self.worker.do_tick(&mut self.bus, self.now);
        assert!(self.bus.failing <= 1, "a tick waits for one failing call, not for {}", self.bus.failing);
        self.check_pulses();
        self.collect();
    }

    /// No leap, nothing outside the travel, nothing while the emergency stop is latched.
    fn check_pulses(&mut self) {
        let swallowed = self.switch.injected().swallowed;
        let patience = if swallowed > self.swallowed { 2.0 * PATIENCE } else { PATIENCE };
        let pulses = std::mem::take(&mut *self.record.lock().unwrap());
        if !pulses.is_empty() {
            self.swallowed = swallowed;
        }
        for &(time, joint, position) in &pulses {
            let limits = self.robot.joints[joint].limits;
            let (last_time, last) = self.last[joint];
            let seconds = (time - last_time).as_secs_f64().min(patience);
            let reach = limits.velocity * seconds * (1.0 + 1e-6) + 1e-9;
            assert!(
                (position - last).abs() <= reach,
                "joint {joint} leaps from {last} to {position} in {seconds} s"
            );
            let travel = limits.lower - 1e-9..=limits.upper + 1e-9;
            assert!(travel.contains(&position), "joint {joint} at {position}");
            assert!(!self.latched, "joint {joint} gets a pulse while emergency-stopped");
            self.last[joint] = (time, position);
        }
        self.pulses.extend(pulses);
    }

    /// Who was answered.
    fn collect(&mut self) {
        let mut context = Context::from_waker(Waker::noop());
        let outcomes = &mut self.outcomes;
        self.goals.retain_mut(|goal| match Pin::new(&mut *goal).poll(&mut context) {
            Poll::Ready(outcome) => {
                outcomes.push((goal.id, outcome));
                false
            }
            Poll::Pending => true,
        });
        self.answers.clear();
        let answers = &mut self.answers;
        self.asked.retain_mut(|asked| match asked.answer.as_mut().poll(&mut context) {
            Poll::Ready(answer) => {
                answers.push((asked.what, answer));
                false
            }
            Poll::Pending => true,
        });
        // What came behind an emergency stop has its turn in the next tick.
        let answered = !self.worker.batch.is_empty() || self.asked.iter().all(|asked| asked.what == "stop");
        assert!(answered, "answered with the tick");
        let off =
            self.answers.iter().any(|(what, answer)| ["off", "emergency"].contains(what) && answer.is_ok());
        if off && !self.worker.arm.is_powered() {
            assert!(!self.probe.powered().contains(&true), "{:?}: still powered", self.answers);
        }
    }

    fn outcome(&self, id: GoalId) -> &MoveOutcome {
        &self.outcomes.iter().find(|(ended, _)| *ended == id).expect("the goal has not ended").1
    }

    fn has_ended(&self, id: GoalId) -> bool {
        self.outcomes.iter().any(|(ended, _)| *ended == id)
    }

    fn position(&self, joint: usize) -> f64 {
        self.handle.snapshots().borrow().joints[joint].position.unwrap()
    }

    fn message(&self, joint: usize) -> String {
        self.handle.snapshots().borrow().joints[joint].message.to_string()
    }

    /// The greatest step between two pulses of a joint since `from`.
    fn greatest_step(&self, joint: usize, from: Duration) -> f64 {
        let pulses = self.pulses.iter().filter(|&&(time, of, _)| of == joint && time >= from);
        let positions: Vec<f64> = pulses.map(|&(_, _, position)| position).collect();
        positions.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f64::max)
    }
}
