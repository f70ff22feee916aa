use std::time::Duration;

use super::Teleop;
use crate::teleop::{Action, ButtonAction, GripMap, Mode, Notice};

impl Teleop {
    /// Takes the buttons as they are now, and tells what those ask for that were pressed since the last message.
    pub(super) fn press(&mut self, now: Duration, buttons: &[bool]) -> Vec<Action> {
        let before = self.pressed.replace(buttons.to_vec()).unwrap_or_default();
        // What happened before the first message or during a loss is not known: a button may have been held for long. But a
        // 3D mouse says nothing before its first event, and if that is the emergency stop it has to count.
        let known = self.fresh_until.is_some();
        let mut actions = Vec::new();
        for (button, action) in self.profile.buttons.clone() {
            let was = before.get(button).copied().unwrap_or(false);
            let is = buttons.get(button).copied().unwrap_or(false);
            match (was, is, &action) {
                (false, true, ButtonAction::Stop | ButtonAction::EmergencyStop) => {
                    actions.extend(self.pressed(button, action));
                }
                (false, true, _) if known => actions.extend(self.pressed(button, action)),
                (true, false, ButtonAction::Grip(map)) => self.let_go(now, button, *map),
                _ => {}
            }
        }
        if self.dead_man().is_some() {
            for grip in &mut self.grips {
                grip.stop();
            }
        }
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
        let limits = &self.robot.joints[map.joint].limits;
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
