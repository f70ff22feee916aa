//! A bus with faults that can be switched on: what a loose wire, a hung bus and a brown-out do, without any of them.
//!
//! [`Faulty`] wraps any bus and does what its [`FaultSwitch`] says. Switched to [`Fault::None`] it only passes calls on.

/// Which faults there are.
mod fault;
/// The hand that throws them.
mod switch;

pub use fault::{Fault, UnknownFault};
pub use switch::{FaultSwitch, Injected};

use crate::servo_bus::{BusError, BusFault, ChannelOutput, Output, ServoBus};
use std::time::Duration;
use switch::Now;

/// How long a call takes on a bus that is stuck, unless [`Faulty::stuck_for`] says something else: half a tick.
pub const STUCK_FOR: Duration = Duration::from_millis(10);

/// A bus with faults on command.
#[derive(Debug)]
pub struct Faulty<B: ServoBus> {
    bus: B,
    switch: FaultSwitch,
    /// Every channel that was ever written.
    channels: Vec<u8>,
    stuck_for: Duration,
    sleep: fn(Duration),
}

impl<B: ServoBus> Faulty<B> {
    /// Wraps `bus`. It has no fault until the switch is thrown.
    pub fn new(bus: B) -> Self {
        Self {
            bus,
            switch: FaultSwitch::default(),
            channels: Vec::new(),
            stuck_for: STUCK_FOR,
            sleep: std::thread::sleep,
        }
    }

    /// How long every call takes while the bus is stuck, and what waits for that long: tests in virtual time hand in
    /// something that does not wait.
    #[must_use]
    pub fn stuck_for(mut self, time: Duration, sleep: fn(Duration)) -> Self {
        self.stuck_for = time;
        self.sleep = sleep;
        self
    }

    /// The hand that throws the faults.
    pub fn switch(&self) -> FaultSwitch {
        self.switch.clone()
    }

    /// Before every call: whether it comes through at all.
    fn call(&mut self, now: Duration, writes: bool) -> Result<Now, BusError> {
        let doing = self.switch.next_call(writes);
        match doing {
            Now::Nak => return Err(self.failed("no acknowledge")),
            Now::Stuck => {
                (self.sleep)(self.stuck_for);
                return Err(self.failed("bus stuck: time-out"));
            }
            // A chip that starts anew makes no pulses.
            Now::FallAsleep => self.all_off(now)?,
            Now::Asleep | Now::Through | Now::Fail { .. } => {}
        }
        Ok(doing)
    }

    fn all_off(&mut self, now: Duration) -> Result<(), BusError> {
        let channels = self.channels.iter();
        let off: Vec<_> = channels.map(|&channel| ChannelOutput { channel, output: Output::Off }).collect();
        self.bus.write(now, &off)
    }

    fn pass_on(&mut self, now: Duration, outputs: &[ChannelOutput]) -> Result<(), BusError> {
        for output in outputs {
            if !self.channels.contains(&output.channel) {
                self.channels.push(output.channel);
            }
        }
        self.bus.write(now, outputs)
    }

    fn failed(&self, reason: &str) -> BusError {
        BusError { bus: self.bus.name(), fault: BusFault::Transfer, reason: reason.to_owned() }
    }
}

impl<B: ServoBus> ServoBus for Faulty<B> {
    fn name(&self) -> &'static str {
        self.bus.name()
    }

    fn write(&mut self, now: Duration, outputs: &[ChannelOutput]) -> Result<(), BusError> {
        match self.call(now, true)? {
            Now::FallAsleep | Now::Asleep => Ok(()),
            Now::Fail { after_the_write } => {
                if after_the_write {
                    self.pass_on(now, outputs)?;
                }
                Err(self.failed("no acknowledge"))
            }
            _ => self.pass_on(now, outputs),
        }
    }

    fn check(&mut self, now: Duration) -> Result<(), BusError> {
        match self.call(now, false)? {
            Now::FallAsleep | Now::Asleep => Err(BusError {
                bus: self.bus.name(),
                fault: BusFault::ChipReset,
                reason: "the chip has lost its settings".to_owned(),
            }),
            _ => self.bus.check(now),
        }
    }

    fn reset(&mut self, now: Duration) -> Result<(), BusError> {
        self.call(now, false)?;
        self.bus.reset(now)?;
        self.switch.woken();
        Ok(())
    }
}
