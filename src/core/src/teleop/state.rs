use std::sync::Arc;
use std::time::Duration;

use super::{Action, ArmSeen, HandSolver, Jog, JoyError, Mode, Notice, Options, Profile};
use crate::robot::Robot;

/// More axes or buttons than this are taken for a mistake.
pub(super) const MOST_ENTRIES: usize = 1000;

/// The state machine between a device and the arm. `now` is the time since any fixed moment; it does not go back.
#[derive(Debug)]
pub struct Teleop {
    profile: Profile,
    robot: Arc<Robot>,
    options: Options,
    mode: Mode,
    notices: Vec<Notice>,
}

impl Teleop {
    /// Nothing moves until the arm was seen and every mapped axis was seen centred.
    pub fn new(profile: Profile, robot: Arc<Robot>, options: Options) -> Self {
        let mode = profile.start_mode;
        Self { profile, robot, options, mode, notices: Vec::new() }
    }

    /// A message of the device, `age` old by its stamp: zero where the stamp is 0 or in the future. The age counts as time
    /// without input; older than the timeout counts as a loss, but for a press of stop or emergency stop.
    ///
    /// # Errors
    /// What is wrong with it; it counts as a loss: everything stops at the next [`poll`](Self::poll).
    pub fn joy(
        &mut self,
        now: Duration,
        age: Duration,
        axes: &[f64],
        buttons: &[bool],
    ) -> Result<Vec<Action>, JoyError> {
        let _ = (now, age, axes, buttons, &self.options);
        Ok(Vec::new())
    }

    /// What is known of the arm; before the first of these nothing is sent.
    pub fn arm(&mut self, now: Duration, seen: ArmSeen) {
        let _ = (now, seen);
    }

    /// The arm is not there any more.
    pub fn arm_lost(&mut self) {}

    /// The device is known to be gone: as if nothing had come for the timeout.
    pub fn lost(&mut self, now: Duration) {
        let _ = now;
    }

    /// The velocities to send now, if any. `hand` moves the hand in Cartesian mode.
    pub fn poll(&mut self, now: Duration, hand: Option<&dyn HandSolver>) -> Option<Jog> {
        let _ = (now, hand, &self.robot);
        None
    }

    /// When to poll next, on the same time line as `now`; a time that is over: at once. `None`: after the next call of
    /// [`joy`](Self::joy) or [`arm`](Self::arm).
    pub fn due(&self, now: Duration) -> Option<Duration> {
        let _ = now;
        None
    }

    /// What the axes move.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// Its mapping.
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// What became worth telling since the last call; each once until it changes.
    pub fn notices(&mut self) -> Vec<Notice> {
        std::mem::take(&mut self.notices)
    }
}
