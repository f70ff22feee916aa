use super::{Axes, MouseEvent};
use std::collections::BTreeSet;

/// What is held down or deflected, so that it can be let go when the device is lost.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Held {
    axes: Axes,
    buttons: BTreeSet<u32>,
}

impl Held {
    /// An event has happened.
    pub fn see(&mut self, event: &MouseEvent) {
        match event {
            MouseEvent::Motion { axes } => self.axes = *axes,
            MouseEvent::Button { button, pressed: true } => {
                self.buttons.insert(*button);
            }
            MouseEvent::Button { button, pressed: false } => {
                self.buttons.remove(button);
            }
            MouseEvent::Device { connected: false, .. } => *self = Self::default(),
            MouseEvent::Device { connected: true, .. } => {}
        }
    }

    /// Something is held down or deflected.
    pub fn any(&self) -> bool {
        self.deflected() || !self.buttons.is_empty()
    }

    /// The puck is off its centre.
    pub fn deflected(&self) -> bool {
        self.axes != Axes::default()
    }

    /// Where the puck is.
    pub fn axes(&self) -> &Axes {
        &self.axes
    }

    /// The button is down.
    pub fn pressed(&self, button: u32) -> bool {
        self.buttons.contains(&button)
    }

    /// Lets everything go: the events that say so. None when nothing is held.
    pub fn let_go(&mut self) -> Vec<MouseEvent> {
        let Self { axes, buttons } = std::mem::take(self);
        let releases = buttons.into_iter().map(|button| MouseEvent::Button { button, pressed: false });
        let centred = (axes != Axes::default()).then_some(MouseEvent::Motion { axes: Axes::default() });
        releases.chain(centred).collect()
    }
}
