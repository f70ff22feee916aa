//! Whatever comes from the device and the arm, and whenever: what is sent is sane, and it ends.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a panic here is a failing test")]

mod teleop_bench;

use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use steve_core::robot::Robot;
use steve_core::teleop::{
    Action, ArmSeen, ButtonAction, HandSolver, HandTwist, Heard, Jog, Mode, Options, Profile, Teleop,
};
use teleop_bench::{PERIOD, Plain, TIMEOUT, ms, profile, robot, shipped};

/// Something that happens.
#[derive(Debug, Clone)]
enum Event {
    /// Time goes by, and whoever polls does so when it is due.
    Wait(u64),
    /// The same, but nobody polls.
    Sleep(u64),
    /// A message: age, axes, buttons.
    Joy(u64, Vec<f64>, Vec<bool>),
    Arm(bool, bool, Vec<Option<f64>>),
    ArmLost,
    Lost,
}

fn any_axis() -> impl Strategy<Value = f64> {
    prop_oneof![
        5 => Just(0.0),
        5 => -1.0..1.0,
        2 => prop::sample::select(vec![1.0, -1.0, 0.6835, -0.6835, 1e300, -1e300, 1e-310]),
        1 => prop::sample::select(vec![f64::NAN, f64::INFINITY, f64::NEG_INFINITY]),
    ]
}

/// Mostly what a device sends: `axes` is how many axes are mapped.
fn any_event() -> impl Strategy<Value = Event> {
    let axes = prop_oneof![
        4 => prop::collection::vec(prop_oneof![4 => Just(0.0), 2 => -1.0..1.0], 8..9),
        2 => Just(vec![0.0; 8]),
        1 => prop::collection::vec(any_axis(), 0..12),
    ];
    let buttons = prop::collection::vec(prop::bool::weighted(0.2), 0..12).prop_map(|mut buttons| {
        // Held rather than pressed, or hardly anything would move.
        if let Some(dead_man) = buttons.get_mut(4) {
            *dead_man = !*dead_man;
        }
        buttons
    });
    let position = prop_oneof![4 => (-1.0..1.0).prop_map(Some), 1 => Just(None), 1 => Just(Some(f64::NAN))];
    let powered = prop::bool::weighted(0.8);
    let stopped = prop::bool::weighted(0.2);
    let age = prop_oneof![4 => Just(0), 1 => 0..500u64];
    prop_oneof![
        4 => (0..60u64).prop_map(Event::Wait),
        1 => (0..600u64).prop_map(Event::Wait),
        1 => (0..600u64).prop_map(Event::Sleep),
        8 => (age, axes, buttons).prop_map(|(age, axes, buttons)| Event::Joy(age, axes, buttons)),
        2 => (powered, stopped, prop::collection::vec(position, 0..8)).prop_map(|(p, s, at)| Event::Arm(p, s, at)),
        1 => Just(Event::ArmLost),
        1 => Just(Event::Lost),
    ]
}

/// Not even finite at times.
struct Wild;

impl HandSolver for Wild {
    fn joints(&self) -> &[usize] {
        &[0, 1, 2, 3, 4, 99]
    }

    fn velocities(&self, positions: &[f64], twist: &HandTwist) -> Vec<f64> {
        let wish = twist.linear[2] * 1e3;
        let odd = if positions[0] > 0.5 { f64::NAN } else { -wish };
        vec![wish, odd, wish * 1e300, 1e-320, wish / 7.0]
    }
}

struct World {
    robot: Arc<Robot>,
    profile: Profile,
    teleop: Teleop,
    now: Duration,
    /// The last velocity of each joint.
    last: Vec<f64>,
    sent: usize,
    wild: bool,
}

impl World {
    fn new(profile: Profile, wild: bool) -> Self {
        let robot = robot();
        let options = Options { timeout: TIMEOUT, rate_hz: 50.0 };
        let teleop = Teleop::new(profile.clone(), Arc::clone(&robot), options);
        let last = vec![0.0; robot.joints.len()];
        Self { robot, profile, teleop, now: Duration::ZERO, last, sent: 0, wild }
    }

    fn poll(&mut self) -> Result<(), TestCaseError> {
        let hand: &dyn HandSolver = if self.wild { &Wild } else { &Plain };
        match self.teleop.poll(self.now, Some(hand)) {
            Some(jog) => self.see(&jog),
            None => Ok(()),
        }
    }

    /// Finite, within the limits, every joint once.
    fn see(&mut self, jog: &Jog) -> Result<(), TestCaseError> {
        self.sent += 1;
        prop_assert!(!jog.velocities.is_empty());
        let mut seen = Vec::new();
        for (name, velocity) in &jog.velocities {
            let index = self.robot.joint_index(name).unwrap();
            let fastest = self.robot.joints[index].limits.velocity;
            prop_assert!(velocity.abs() <= fastest, "{name}: {velocity} is not within {fastest}");
            prop_assert!(!seen.contains(&index), "{name} twice");
            seen.push(index);
            self.last[index] = *velocity;
        }
        Ok(())
    }

    fn wait(&mut self, time: Duration) -> Result<(), TestCaseError> {
        let end = self.now + time;
        let mut polls = 0;
        while let Some(due) = self.teleop.due(self.now).filter(|due| *due <= end) {
            self.now = self.now.max(due);
            self.poll()?;
            polls += 1;
            prop_assert!(polls <= 5 + time.as_millis() / 10, "polled {polls} times in {time:?}");
        }
        self.now = end;
        Ok(())
    }

    fn happen(&mut self, event: &Event) -> Result<(), TestCaseError> {
        match event {
            Event::Wait(time) => self.wait(ms(*time)),
            Event::Sleep(time) => {
                self.now += ms(*time);
                Ok(())
            }
            Event::Joy(age, axes, buttons) => {
                let heard = self.teleop.joy(self.now, ms(*age), axes, buttons);
                // Limp, whatever it was told before.
                if heard.actions.contains(&Action::Power(false)) {
                    self.last.fill(0.0);
                }
                if heard.refused.is_some() {
                    let stops = |action: &Action| {
                        matches!(action, Action::Stop | Action::EmergencyStop(true) | Action::CancelMotions)
                    };
                    prop_assert!(heard.actions.iter().all(stops), "{heard:?}");
                }
                self.poll()
            }
            Event::Arm(powered, emergency_stop, positions) => {
                let seen = ArmSeen {
                    powered: *powered,
                    emergency_stop: *emergency_stop,
                    positions: positions.clone(),
                };
                self.teleop.arm(self.now, seen);
                // Twice, or it would be no arm that tells them all the time.
                self.teleop.positions(self.now, positions);
                self.teleop.positions(self.now, positions);
                if *emergency_stop || !*powered {
                    // It holds or is limp, whatever it was told before.
                    self.last.fill(0.0);
                }
                let before = self.sent;
                self.poll()?;
                prop_assert!(!*emergency_stop || self.sent == before, "sent during the emergency stop");
                Ok(())
            }
            Event::ArmLost => {
                self.teleop.arm_lost();
                self.last.fill(0.0);
                self.poll()
            }
            Event::Lost => {
                self.teleop.lost(self.now);
                self.teleop.found(self.now);
                self.poll()
            }
        }
    }
}

fn any_profile() -> impl Strategy<Value = Profile> {
    let quick = "
own:
  topic: joy
  start_mode: cartesian
  dead_zone: 0
  joints: {torso: {axis: 0, scale: 1000}, elbow: {axis: 0, scale: -0.001}}
  cartesian: {z: {axis: 2, scale: 1}}
  buttons:
    0: {clamp: {joint: clamp, held: -1000, released: 0.001}}
    1: {clamp: {joint: wrist_ud, held: 2, released: -3}}
    2: {clamp: {joint: clamp, held: 0.1}}
    3: mode
    5: stop
";
    prop::sample::select(vec![shipped("spacemouse"), shipped("gamepad"), profile(quick)])
}

fn any_events() -> impl Strategy<Value = Vec<Event>> {
    prop::collection::vec(any_event(), 0..80).prop_map(|mut events| {
        // Or most would end before they began.
        events.insert(0, Event::Joy(0, vec![0.0; 8], vec![false; 12]));
        events.insert(0, Event::Arm(true, false, vec![Some(0.0); 6]));
        events
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn velocities_are_finite_and_within_the_limits(
        profile in any_profile(), wild in any::<bool>(), events in any_events(),
    ) {
        let mut world = World::new(profile, wild);
        for event in &events {
            world.happen(event)?;
        }
    }

    /// Let go of at most `timeout` and a period after the last message; but for a clamp that opens without a dead man.
    #[test]
    fn after_a_loss_every_joint_is_told_to_rest(profile in any_profile(), events in any_events()) {
        let mut world = World::new(profile, false);
        for event in &events {
            world.happen(event)?;
        }
        world.wait(TIMEOUT + PERIOD)?;
        let opens = |index: usize| {
            let grips = world.profile.buttons.iter();
            world.profile.dead_man.is_none() && grips.clone().any(|(_, action)| {
                matches!(action, ButtonAction::Grip(grip) if grip.joint == index)
            })
        };
        for (index, velocity) in world.last.iter().enumerate() {
            prop_assert!(*velocity == 0.0 || opens(index), "{} goes on", world.robot.joints[index].name);
        }
        world.wait(ms(60_000))?;
        prop_assert!(world.last.iter().all(|velocity| *velocity == 0.0), "{:?}", world.last);
        prop_assert_eq!(world.teleop.due(world.now), None);
    }

    #[test]
    fn nothing_is_sent_before_every_axis_was_seen_centred(
        profile in any_profile(),
        stuck in prop_oneof![0.5..1.0, -1.0..-0.5],
        events in prop::collection::vec(any_event(), 0..80),
    ) {
        // An axis of the mode that the profile begins with; no other mode is gone to.
        let axis = match (profile.start_mode, profile.cartesian) {
            (Mode::Cartesian, Some(hand)) => hand.linear[2].unwrap().axis,
            _ => profile.joints[0].axis.axis,
        };
        let mut world = World::new(profile, false);
        world.happen(&Event::Arm(true, false, vec![Some(0.0); 6]))?;
        for mut event in events {
            if let Event::Joy(_, axes, buttons) = &mut event {
                if let Some(axis) = axes.get_mut(axis) {
                    *axis = stuck;
                }
                for mode in [2, 3] {
                    if let Some(mode) = buttons.get_mut(mode) {
                        *mode = false;
                    }
                }
            }
            world.happen(&event)?;
        }
        prop_assert_eq!(world.sent, 0);
    }

    /// Actions come from presses only, never from what was held all the time; but stop and emergency stop count once.
    #[test]
    fn what_is_held_all_the_time_asks_for_nothing(profile in any_profile(), messages in 1..20usize) {
        let mut teleop = Teleop::new(profile, robot(), Options::default());
        teleop.arm(ms(0), ArmSeen::default());
        for message in 0..messages {
            let now = ms(20 * message as u64);
            let mut actions = teleop.joy(now, ms(0), &[0.0; 8], &[true; 12]).actions;
            let stops = |action: &Action| {
 matches!(action, Action::Stop | Action::EmergencyStop(true) | Action::CancelMotions)
 };
            actions.retain(|action| message > 0 || !stops(action));
            prop_assert_eq!(actions, vec![]);
        }
    }
}

#[test]
fn times_at_the_end_of_time_are_no_trouble() {
    let mut teleop =
        Teleop::new(shipped("spacemouse"), robot(), Options { timeout: Duration::MAX, rate_hz: f64::NAN });
    teleop.arm(Duration::MAX, ArmSeen { powered: true, ..ArmSeen::default() });
    for (value, pressed) in [(0.0, false), (0.6835, true), (0.6835, false)] {
        let joy = teleop.joy(Duration::MAX, Duration::MAX, &[0.0, 0.0, value, 0.0, 0.0, 0.0], &[pressed]);
        assert_eq!(joy, Heard::default());
        teleop.poll(Duration::MAX, None);
        teleop.due(Duration::MAX);
    }
}
