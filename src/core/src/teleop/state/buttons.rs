use std::time::Duration;

use super::Teleop;
use crate::teleop::{Action, ButtonAction, GripMap, Mode, Notice};

impl Teleop {
    /// Takes the buttons as they are now, and tells what those ask for that were pressed since the last message. What happened
    /// before the first message or during a loss is not `known`: a button may have been held for long. But a 3D mouse says
    /// nothing before its first event, and if that is the emergency stop it has to count.
    pub(super) fn press(&mut self, now: Duration, buttons: &[bool], known: bool) -> Vec<Action> {
        let held = self.dead_man().is_none();
        let before = self.pressed.replace(buttons.to_vec()).unwrap_or_default();
        // Whoever holds a button repeats it. After a silence it may have been let go of and pressed again, by messages that were
        // lost: once too often is nothing beside a stop that is swallowed.
        let silent = self.pressed_until.is_none_or(|until| now > until);
        self.pressed_until = Some(now.saturating_add(self.timeout));
        let before_stop = if silent { Vec::new() } else { before.clone() };
        if held && self.dead_man().is_some() {
            self.end_motions();
        }
        let at = |buttons: &[bool], button: usize| buttons.get(button).copied().unwrap_or(false);
        // Whoever stops wants nothing else, whatever other finger slipped.
        let stops =
            self.profile.buttons.iter().any(|(button, action)| {
                is_stop(action) && at(buttons, *button) && !at(&before_stop, *button)
            });
        let mut actions = Vec::new();
        for (button, action) in self.profile.buttons.clone() {
            let before = if is_stop(&action) { &before_stop } else { &before };
            match (at(before, button), at(buttons, button), &action) {
                (false, true, _) if is_stop(&action) => actions.extend(self.pressed(button, action)),
                (false, true, _) if stops => {}
                (false, true, _) if known => actions.extend(self.pressed(button, action)),
                (false, true, _) => self.tell(Notice::PressUnknown { button }),
                (true, false, ButtonAction::Grip(map)) if !stops => self.let_go(now, button, *map),
                _ => {}
            }
        }
        if self.dead_man().is_some() {
            for grip in &mut self.grips {
                grip.stop();
            }
        }
        actions.splice(0..0, self.actions());
        actions
    }

    fn pressed(&mut self, button: usize, action: ButtonAction) -> Option<Action> {
        match action {
            ButtonAction::Stop => {
                self.halt();
                Some(Action::Stop)
            }
            ButtonAction::EmergencyStop => {
                self.halt();
                Some(Action::EmergencyStop(true))
            }
            ButtonAction::Listen => Some(Action::Listen),
            ButtonAction::Mode => {
                let mode = match self.mode {
                    Mode::Joint => Mode::Cartesian,
                    Mode::Cartesian => Mode::Joint,
                };
                self.set_mode(mode);
                Some(Action::Mode(mode))
            }
            ButtonAction::ReleaseEmergencyStop => {
                self.unless(self.dead_man())?;
                Some(Action::EmergencyStop(false))
            }
            ButtonAction::Power => {
                self.unless(self.dead_man())?;
                let powered = self.arm.as_ref().map(|arm| arm.powered);
                self.unless(powered.is_none().then_some(Notice::NoArm))?;
                let on = powered == Some(false);
                self.asked |= on;
                self.halt();
                if !on {
                    // Not even a zero: any velocity would power the arm again.
                    self.moving.fill(false);
                }
                Some(Action::Power(on))
            }
            ButtonAction::Motion(name) => {
                self.unless(self.obstacle())?;
                for grip in &mut self.grips {
                    grip.stop();
                }
                self.asked = true;
                Some(Action::PlayMotion(name))
            }
            ButtonAction::Grip(map) => {
                self.unless(self.obstacle())?;
                let grip = self.grips.iter_mut().find(|grip| grip.joint == map.joint)?;
                grip.press(button, map);
                None
            }
        }
    }

    fn let_go(&mut self, now: Duration, button: usize, map: GripMap) {
        let limits = &self.limits[map.joint];
        if let Some(grip) = self.grips.iter_mut().find(|grip| grip.joint == map.joint) {
            grip.release(now, button, limits);
        }
    }

    /// Tells what forbids it, if anything does.
    fn unless(&mut self, obstacle: Option<Notice>) -> Option<()> {
        match obstacle {
            Some(notice) => {
                self.tell(notice);
                None
            }
            None => Some(()),
        }
    }
}

fn is_stop(action: &ButtonAction) -> bool {
    matches!(action, ButtonAction::Stop | ButtonAction::EmergencyStop)
}
