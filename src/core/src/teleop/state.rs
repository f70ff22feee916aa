/// What the buttons ask for.
mod buttons;
/// What is sent to the arm, and when.
mod output;

use std::sync::Arc;
use std::time::Duration;

use super::braking;
use super::grip::Grip;
use super::{Action, ArmSeen, AxisMap, ButtonAction, Heard, JoyError, Mode, Notice, Options, Profile};
use crate::robot::{Limits, Robot};

/// More axes or buttons than this are taken for a mistake.
pub(super) const MOST_ENTRIES: usize = 1000;

/// The state machine between a device and the arm. `now` is the time since any fixed moment; it does not go back.
#[derive(Debug)]
pub struct Teleop {
    profile: Profile,
    robot: Arc<Robot>,
    /// Of each joint, with the velocity that it gets at most.
    limits: Vec<Limits>,
    timeout: Duration,
    period: Duration,
    mode: Mode,
    /// The axes of the mode, and whether each was seen centred since it had to be.
    axes: Vec<(AxisMap, bool)>,
    /// A joint each that buttons move.
    grips: Vec<Grip>,
    /// The axes of the last good message.
    values: Vec<f64>,
    /// The buttons as they were last seen; `None` before the first message.
    pressed: Option<Vec<bool>>,
    /// Until when it is known of each of them that it was not let go of: a button that is held is told again before that.
    pressed_until: Option<Duration>,
    /// When the last message will be too old; `None` before the first one and after a loss.
    fresh_until: Option<Duration>,
    arm: Option<ArmSeen>,
    /// When positions came last, and before that.
    positions_at: [Option<Duration>; 2],
    /// Whether each joint was last told to move by us.
    moving: Vec<bool>,
    /// No velocities before this, but for a stop.
    next: Duration,
    /// The device has just come: nothing on it was pressed before.
    found: bool,
    /// A button has asked for what goes on by itself, and that was not ended since.
    asked: bool,
    /// What a loss asks for, until it is fetched.
    actions: Vec<Action>,
    /// Why nothing moves, as it was last told.
    told: Option<Notice>,
    notices: Vec<Notice>,
}

impl Teleop {
    /// Nothing moves until the arm was seen and every mapped axis was seen centred.
    pub fn new(profile: Profile, robot: Arc<Robot>, options: Options) -> Self {
        let rate = if options.rate_hz.is_nan() { 50.0 } else { options.rate_hz.clamp(1.0, 1000.0) };
        let mut joints: Vec<usize> = Vec::new();
        for (_, action) in &profile.buttons {
            if let ButtonAction::Grip(grip) = action
                && !joints.contains(&grip.joint)
            {
                joints.push(grip.joint);
            }
        }
        let mode = profile.start_mode;
        Self {
            axes: profile.axes(mode).into_iter().map(|axis| (axis, false)).collect(),
            grips: joints.into_iter().map(Grip::new).collect(),
            limits: robot
                .joints
                .iter()
                .map(|joint| braking::in_time(&joint.limits, options.timeout))
                .collect(),
            timeout: options.timeout,
            period: Duration::from_secs_f64(1.0 / rate),
            mode,
            values: Vec::new(),
            pressed: None,
            pressed_until: None,
            fresh_until: None,
            arm: None,
            positions_at: [None; 2],
            moving: vec![false; robot.joints.len()],
            next: Duration::ZERO,
            found: false,
            asked: false,
            actions: Vec::new(),
            told: None,
            notices: Vec::new(),
            profile,
            robot,
        }
    }

    /// A message of the device, `age` old by its stamp: zero where the stamp is 0 or in the future. The age counts as time
    /// without input; older than the timeout is a loss, and so is one that makes no sense. In both only a press of stop or
    /// emergency stop still counts: of a broken message too, unless it is the buttons that make no sense.
    pub fn joy(&mut self, now: Duration, age: Duration, axes: &[f64], buttons: &[bool]) -> Heard {
        self.expire(now);
        if let Err(error) = self.check(axes, buttons) {
            let actions = if buttons.len() <= MOST_ENTRIES {
                self.stops(now, buttons)
            } else {
                self.lose();
                Vec::new()
            };
            return Heard { actions, refused: Some(error) };
        }
        if age > self.timeout {
            self.lose();
            self.tell(Notice::Stale { age, timeout: self.timeout });
            return Heard { actions: self.stops(now, buttons), refused: None };
        }
        self.values.clear();
        self.values.extend_from_slice(axes);
        for (axis, centred) in &mut self.axes {
            *centred |= axis.is_centred(axes);
        }
        let known = std::mem::take(&mut self.found) || self.fresh_until.is_some();
        let actions = self.press(now, buttons, known);
        self.fresh_until = Some(now.saturating_add(self.timeout.saturating_sub(age)));
        if !self.is_deflected() {
            self.told = None;
        } else if let Some(notice) = self.obstacle() {
            self.tell(notice);
        }
        Heard { actions, refused: None }
    }

    /// What is known of the arm; before the first of these nothing is sent.
    pub fn arm(&mut self, now: Duration, seen: ArmSeen) {
        self.expire(now);
        let (powered, stopped) =
            self.arm.as_ref().map_or((seen.powered, false), |arm| (arm.powered, arm.emergency_stop));
        // What it was told is over, and none of it may begin again by itself.
        if self.arm.is_none() || (powered && !seen.powered) || stopped != seen.emergency_stop {
            self.halt();
            self.moving.fill(false);
        }
        for grip in &mut self.grips {
            grip.see(&self.limits[grip.joint], output::position(&seen, grip.joint));
        }
        self.arm = Some(seen);
    }

    /// Where the joints are just now, as the arm tells again and again; in the robot's order, as in [`ArmSeen`]. Cartesian mode
    /// moves nothing without: an arm's state may be older than its last way.
    pub fn positions(&mut self, now: Duration, positions: &[Option<f64>]) {
        let Some(arm) = &self.arm else { return };
        let seen = ArmSeen { positions: positions.to_vec(), ..arm.clone() };
        self.positions_at = [Some(now), self.positions_at[0]];
        self.arm(now, seen);
    }

    /// Whether positions are of use now: in Cartesian mode, and while a button moves a joint. Otherwise
    /// [`arm`](Self::arm) needs none.
    pub fn wants_positions(&self) -> bool {
        self.mode == Mode::Cartesian || self.grips.iter().any(|grip| !grip.is_still())
    }

    /// The arm is not there any more.
    pub fn arm_lost(&mut self) {
        self.arm = None;
        self.halt();
        self.moving.fill(false);
    }

    /// The device is known to be gone: as if nothing had come for the timeout.
    pub fn lost(&mut self, now: Duration) {
        self.expire(now);
        self.lose();
    }

    /// The device is known to have come just now: what it tells next was not so before, so that the first press counts, unless
    /// it was heard already. That its axes are centred is not known by that, and nobody holds a joint with a button of it.
    pub fn found(&mut self, now: Duration) {
        self.expire(now);
        for grip in &mut self.grips {
            grip.stop();
        }
        if self.fresh_until.is_none_or(|until| now >= until) {
            self.pressed = Some(Vec::new());
            self.found = true;
        }
    }

    /// A message from before the device was [`lost`](Self::lost), which comes only now: a press of stop or emergency stop
    /// counts, and nothing else.
    pub fn stops(&mut self, now: Duration, buttons: &[bool]) -> Vec<Action> {
        let found = self.found;
        self.lose();
        self.found = found;
        self.press(now, buttons.get(..MOST_ENTRIES).unwrap_or(buttons), false)
    }

    /// What is to be done because something was lost since the last call; what buttons ask for [`joy`](Self::joy) tells.
    pub fn actions(&mut self) -> Vec<Action> {
        std::mem::take(&mut self.actions)
    }

    /// What the axes move.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// Its mapping.
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// What became worth telling since the last call; each once until it changes or everything was let go of.
    pub fn notices(&mut self) -> Vec<Notice> {
        std::mem::take(&mut self.notices)
    }

    fn check(&self, axes: &[f64], buttons: &[bool]) -> Result<(), JoyError> {
        for (field, count) in [("axes", axes.len()), ("buttons", buttons.len())] {
            if count > MOST_ENTRIES {
                return Err(JoyError::TooMany { field, count });
            }
        }
        let needed = self.profile.axes_needed();
        if axes.len() < needed {
            return Err(JoyError::TooFewAxes {
                profile: self.profile.name.clone(),
                axes: axes.len(),
                needed,
            });
        }
        match axes.iter().position(|value| !value.is_finite()) {
            Some(axis) => Err(JoyError::NotFinite { axis, value: axes[axis] }),
            None => Ok(()),
        }
    }

    /// Any axis of the mode is out of its dead zone.
    fn is_deflected(&self) -> bool {
        self.axes.iter().any(|(axis, _)| axis.speed(&self.values) != 0.0)
    }

    /// Whether something is on that the device has to repeat: silence then is a loss. A joint that was let go of, and a
    /// motion, may go on in silence, for devices are silent at rest; but not where a dead man's button has to be held.
    fn needs_input(&self) -> bool {
        let by_button = self
            .grips
            .iter()
            .any(|grip| grip.is_held() || (self.profile.dead_man.is_some() && !grip.is_still()));
        let by_dead_man = self.asked && self.profile.dead_man.is_some() && self.dead_man().is_none();
        self.fresh_until.is_some() && (self.is_deflected() || by_button || by_dead_man)
    }

    fn expire(&mut self, now: Duration) {
        if self.fresh_until.is_some_and(|until| now >= until) && self.needs_input() {
            if self.asked || self.moving.contains(&true) {
                self.tell(Notice::Lost { timeout: self.timeout });
            }
            self.lose();
        }
    }

    /// Nothing is known of the device any more.
    fn lose(&mut self) {
        self.fresh_until = None;
        self.found = false;
        self.halt();
        self.end_motions();
    }

    /// The hand has gone: what its buttons began ends.
    fn end_motions(&mut self) {
        if std::mem::take(&mut self.asked) {
            self.actions.push(Action::CancelMotions);
        }
    }

    /// Nothing moves any more, and nothing deflected does before it was let go of.
    fn halt(&mut self) {
        for grip in &mut self.grips {
            grip.stop();
        }
        let known = self.fresh_until.is_some();
        for (axis, centred) in &mut self.axes {
            *centred = known && axis.is_centred(&self.values);
        }
    }

    fn set_mode(&mut self, mode: Mode) {
        self.mode = mode;
        let known = self.fresh_until.is_some();
        let axes = self.profile.axes(mode).into_iter();
        self.axes = axes.map(|axis| (axis, known && axis.is_centred(&self.values))).collect();
    }

    /// Why nothing may move now.
    fn obstacle(&self) -> Option<Notice> {
        let Some(arm) = &self.arm else { return Some(Notice::NoArm) };
        if arm.emergency_stop {
            return Some(Notice::EmergencyStop);
        }
        self.dead_man().or_else(|| {
            let (axis, _) = self.axes.iter().find(|(_, centred)| !centred)?;
            Some(Notice::NotCentred { axis: axis.axis })
        })
    }

    /// The button that has to be held and is not.
    fn dead_man(&self) -> Option<Notice> {
        let button = self.profile.dead_man?;
        let held = self.pressed.as_ref().and_then(|pressed| pressed.get(button)).copied();
        (held != Some(true)).then_some(Notice::DeadMan { button })
    }

    fn tell(&mut self, notice: Notice) {
        if self.told.as_ref().map(std::mem::discriminant) != Some(std::mem::discriminant(&notice)) {
            self.notices.push(notice.clone());
            self.told = Some(notice);
        }
    }
}
