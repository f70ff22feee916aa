use super::Session;
use crate::mouse::{DeviceInfo, EventQueue, MouseEvent};
use std::time::Duration;

/// Held back until the device is known.
const EARLY_EVENTS: usize = 64;

pub(super) fn early_events() -> EventQueue {
    EventQueue::new(EARLY_EVENTS)
}

impl Session {
    /// This is the device now, or there is none; only a change is told.
    pub(super) fn change_device(&mut self, device: Option<DeviceInfo>) {
        let identity = |device: &DeviceInfo| (device.name.clone(), device.kind);
        let same = self.device.as_ref().map(identity) == device.as_ref().map(identity);
        let old = std::mem::replace(&mut self.device, device);
        if self.device.is_none() && old.is_none() {
            // Somebody was there all the same.
            self.let_go();
        }
        if !same {
            let came = self.device.as_ref().map(|device| device.name.clone());
            let gone = old.map(|old| MouseEvent::Device { name: old.name, connected: false });
            let came = came.map(|name| MouseEvent::Device { name, connected: true });
            gone.into_iter().chain(came).for_each(|event| self.give(event));
        }
        let mut early = self.early.take();
        while let Some(event) = early.as_mut().and_then(EventQueue::pop) {
            self.give(event);
        }
    }

    /// The device that was told of is gone; whether one is there is asked. One that was not told yet has done nothing.
    pub(super) fn lose_device(&mut self) {
        if let Some(early) = &mut self.early {
            *early = early_events();
        } else {
            self.change_device(None);
        }
    }

    /// Nothing is held any more, though no device has gone.
    fn let_go(&mut self) {
        for event in self.held.clone().let_go() {
            self.give(event);
        }
    }

    /// An event of the device: it waits until the device is known.
    pub(super) fn emit(&mut self, now: Duration, event: MouseEvent) {
        if let Some(early) = &mut self.early {
            early.push(event);
            return;
        }
        self.give(event);
        if self.device.is_none() {
            // Somebody is there, whatever was told.
            self.ask(now);
        }
    }

    /// An event goes out.
    pub(super) fn give(&mut self, event: MouseEvent) {
        self.held.see(&event);
        self.events.push_back(event);
    }
}
