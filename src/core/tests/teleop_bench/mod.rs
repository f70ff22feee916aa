//! A teleop under test with a device, a clock and an arm that are all made up.
#![allow(unreachable_pub, dead_code, reason = "shared by test binaries")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a panic here is a failing test")]

use std::sync::Arc;
use std::time::Duration;

use steve_core::robot::Robot;
use steve_core::teleop::{
    Action, ArmSeen, HandSolver, HandTwist, Heard, Jog, Notice, Options, Profile, Profiles, Teleop,
};

pub const STEVE: &str = include_str!("../../../../config/steve.yaml");
pub const TELEOP: &str = include_str!("../../../../config/teleop.yaml");

/// A device repeats what is held this often.
pub const REPEAT: Duration = Duration::from_millis(50);
/// So long that nothing is left to brake in: joints have their own limits.
pub const TIMEOUT: Duration = Duration::from_millis(240);
pub const PERIOD: Duration = Duration::from_millis(20);

pub fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

pub fn robot() -> Arc<Robot> {
    Arc::new(Robot::from_yaml(STEVE, "steve.yaml").unwrap())
}

pub fn shipped(name: &str) -> Profile {
    Profiles::from_yaml(TELEOP, "teleop.yaml", &robot(), None).unwrap().get(name).unwrap().clone()
}

pub fn profile(text: &str) -> Profile {
    let profiles =
        Profiles::from_yaml(text, "t.yaml", &robot(), None).unwrap_or_else(|errors| panic!("{errors}"));
    let name = profiles.names().next().unwrap();
    profiles.get(name).unwrap().clone()
}

/// Turns the wish into velocities so simply that a test sees it: torso = x, shoulder = y, elbow = z, wrist_ud = pitch,
/// wrist_lr = yaw, each ten times.
pub struct Plain;

impl HandSolver for Plain {
    fn joints(&self) -> &[usize] {
        &[0, 1, 2, 3, 4]
    }

    fn velocities(&self, positions: &[f64], twist: &HandTwist) -> Vec<f64> {
        assert_eq!(positions.len(), 6);
        let [x, y, z] = twist.linear.map(|speed| speed * 10.0);
        let [pitch, yaw] = twist.turning.map(|speed| speed * 10.0);
        vec![x, y, z, pitch, yaw, 0.0]
    }
}

pub struct Bench {
    pub teleop: Teleop,
    pub now: Duration,
    /// What was sent, and when.
    pub sent: Vec<(Duration, Jog)>,
    pub axes: Vec<f64>,
    pub buttons: Vec<bool>,
    pub arm: ArmSeen,
    /// The arm tells its positions before every poll, twice, as if it did so all the time.
    pub tells: bool,
}

impl Bench {
    /// Nothing was heard of anybody.
    pub fn alone(profile: Profile) -> Self {
        Self::alone_with(profile, TIMEOUT)
    }

    fn alone_with(profile: Profile, timeout: Duration) -> Self {
        let axes = vec![0.0; profile.axes_needed()];
        let teleop = Teleop::new(profile, robot(), Options { timeout, rate_hz: 50.0 });
        let positions = vec![Some(0.0), Some(0.0), Some(0.0), Some(0.0), Some(0.0), Some(0.03)];
        let arm = ArmSeen { powered: true, emergency_stop: false, positions };
        Self { teleop, now: ms(1000), sent: Vec::new(), axes, buttons: vec![false; 12], arm, tells: true }
    }

    /// The arm is there and every axis was seen centred.
    pub fn ready(profile: Profile) -> Self {
        Self::ready_with(profile, TIMEOUT)
    }

    /// The same with another timeout.
    pub fn ready_with(profile: Profile, timeout: Duration) -> Self {
        let mut bench = Self::alone_with(profile, timeout);
        bench.see_arm();
        assert_eq!(bench.joy(), []);
        assert_eq!(bench.sent, []);
        bench
    }

    /// joint_states.
    pub fn tell(&mut self) {
        self.teleop.positions(self.now, &self.arm.positions);
    }

    pub fn see_arm(&mut self) {
        self.teleop.arm(self.now, self.arm.clone());
    }

    /// A message as the device is now, and what it leads to at once.
    pub fn joy(&mut self) -> Vec<Action> {
        let Heard { actions, refused } = self.teleop.joy(self.now, Duration::ZERO, &self.axes, &self.buttons);
        assert_eq!(refused, None);
        self.poll();
        actions
    }

    pub fn axis(&mut self, axis: usize, value: f64) -> Vec<Action> {
        self.axes[axis] = value;
        self.joy()
    }

    pub fn button(&mut self, button: usize, pressed: bool) -> Vec<Action> {
        self.buttons[button] = pressed;
        self.joy()
    }

    /// Pressed and let go of.
    pub fn click(&mut self, button: usize) -> Vec<Action> {
        let actions = self.button(button, true);
        assert_eq!(self.button(button, false), []);
        actions
    }

    pub fn poll(&mut self) {
        if self.tells {
            self.tell();
            self.tell();
        }
        if let Some(jog) = self.teleop.poll(self.now, Some(&Plain)) {
            assert!(!jog.velocities.is_empty());
            self.sent.push((self.now, jog));
        }
    }

    /// Time goes by and nothing comes; polled when due, and not otherwise.
    pub fn silence(&mut self, time: Duration) {
        let end = self.now + time;
        for _ in 0..100_000 {
            match self.teleop.due(self.now) {
                Some(due) if due <= end => {
                    self.now = self.now.max(due);
                    self.poll();
                }
                _ => {
                    self.now = end;
                    return;
                }
            }
        }
        panic!("it wants to be polled again and again at {:?}", self.now);
    }

    /// Time goes by, and the device repeats what it holds.
    pub fn hold(&mut self, time: Duration) {
        let end = self.now + time;
        while self.now + REPEAT <= end {
            self.silence(REPEAT);
            assert_eq!(self.joy(), []);
        }
        self.silence(end - self.now);
    }

    pub fn last(&self) -> Option<Vec<(&str, f64)>> {
        let (_, jog) = self.sent.last()?;
        Some(jog.velocities.iter().map(|(joint, velocity)| (joint.as_str(), *velocity)).collect())
    }

    /// Where each joint of these messages ended: the last velocity of each.
    pub fn ends(&self) -> Vec<(String, f64)> {
        let mut ends: Vec<(String, f64)> = Vec::new();
        for (joint, velocity) in self.sent.iter().flat_map(|(_, jog)| jog.velocities.iter()) {
            ends.retain(|(known, _)| known != joint);
            ends.push((joint.clone(), *velocity));
        }
        ends
    }

    pub fn notices(&mut self) -> Vec<Notice> {
        self.teleop.notices()
    }
}
