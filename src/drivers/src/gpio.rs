//! Servos at the pins of a Raspberry Pi itself: for robots without a board.
//!
//! The pulses are made by a thread a pin (rppal's software PWM), which takes about 2 % of a core each. Linux is not exact:
//! a pulse is now and then some ten us too long, and the servo trembles. Two servos and no board will do, six will not.

use crate::backend::{Backend, BackendError, BackendOptions};
use crate::hardware_lock::HardwareLock;
use crate::servo_bus::{BusError, BusFault, ChannelOutput, Output, ServoBus};
use rppal::gpio::{Error, Gpio, OutputPin};
use std::fmt;
use std::time::Duration;
use steve_core::calibration::PULSE_RANGE_US;
use steve_core::robot::Robot;

const NAME: &str = "gpio";

/// A pin that makes pulses by itself until it is told otherwise.
pub trait PulsePin: Send {
    /// Pulses of this length, one a period, from the next period on; or none. Does not wait for that.
    ///
    /// # Errors
    /// What went wrong, for people.
    fn set(&mut self, period: Duration, pulse: Option<Duration>) -> Result<(), String>;
}

/// Servos at pins. Their channels are the joints', as if there was a board.
pub struct GpioServos<P: PulsePin> {
    pins: Vec<(u8, P)>,
    period: Duration,
    /// Held as long as the pins are.
    _lock: Option<HardwareLock>,
}

impl<P: PulsePin> fmt::Debug for GpioServos<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let channels: Vec<_> = self.pins.iter().map(|(channel, _)| channel).collect();
        f.debug_struct("GpioServos").field("channels", &channels).finish_non_exhaustive()
    }
}

impl<P: PulsePin> GpioServos<P> {
    /// The robot's servos, at the pins that `pin` opens, none of which makes pulses yet. The board's `frequency_hz` is
    /// theirs too.
    ///
    /// # Errors
    /// Joints without a pin, all of them; a pin that cannot be opened.
    pub fn new(
        robot: &Robot,
        mut pin: impl FnMut(u8) -> Result<P, String>,
        lock: Option<HardwareLock>,
    ) -> Result<Self, String> {
        refuse_without_pin(robot)?;
        let period = Duration::try_from_secs_f64(1.0 / robot.board.frequency_hz)
            .map_err(|_| format!("frequency_hz: {} is no frequency", robot.board.frequency_hz))?;
        let joints = robot.joints.iter().filter_map(|joint| Some((joint.channel, joint.gpio_pin?)));
        let pins =
            joints.map(|(channel, number)| Ok((channel, pin(number)?))).collect::<Result<_, String>>()?;
        Ok(Self { pins, period, _lock: lock })
    }

    fn pulse(&self, channel: u8, output: Output) -> Result<Option<Duration>, BusError> {
        let Output::Pulse { us } = output else { return Ok(None) };
        let (least, greatest) = PULSE_RANGE_US;
        // Not a number is in no range.
        if !(least..=greatest).contains(&us) || us >= self.period.as_secs_f64() * 1e6 {
            let reason = format!(
                "pulse of {us} us on channel {channel}; {least} to {greatest} us that end within a period are allowed"
            );
            return Err(fault(BusFault::Refused, reason));
        }
        Ok(Some(Duration::from_secs_f64(us * 1e-6)))
    }
}

impl<P: PulsePin> ServoBus for GpioServos<P> {
    fn name(&self) -> &'static str {
        NAME
    }

    fn write(&mut self, _now: Duration, outputs: &[ChannelOutput]) -> Result<(), BusError> {
        let mut wanted = Vec::with_capacity(outputs.len());
        // All are looked at before any is set.
        for &ChannelOutput { channel, output } in outputs {
            let index = self.pins.iter().position(|pin| pin.0 == channel);
            let index =
                index.ok_or_else(|| fault(BusFault::Refused, format!("no servo on channel {channel}")))?;
            wanted.push((index, self.pulse(channel, output)?));
        }
        for (index, pulse) in wanted {
            let (channel, pin) = &mut self.pins[index];
            let set = pin.set(self.period, pulse);
            set.map_err(|reason| fault(BusFault::Transfer, format!("channel {channel}: {reason}")))?;
        }
        Ok(())
    }
}

impl<P: PulsePin> Drop for GpioServos<P> {
    /// Nobody makes pulses any more, so they end here and not in the middle of one.
    fn drop(&mut self) {
        for (_, pin) in &mut self.pins {
            pin.set(self.period, None).ok();
        }
    }
}

/// Opens the pins that the robot's joints name. Where the joints stand is known only from memory.
///
/// # Errors
/// A joint without a pin, no Raspberry Pi, no right to use its pins, another driver that has them.
pub fn open(robot: &Robot, options: &BackendOptions) -> Result<Backend, BackendError> {
    let servos = open_servos(robot).map_err(|reason| BackendError::Open { backend: NAME, reason })?;
    Ok(Backend::real(servos, robot, options))
}

fn open_servos(robot: &Robot) -> Result<GpioServos<SoftPin>, String> {
    // The file first: it can be put right on any machine.
    refuse_without_pin(robot)?;
    let gpio = Gpio::new().map_err(|error| explain(&error))?;
    let lock = HardwareLock::take(NAME).map_err(|error| error.to_string())?;
    let pin = |number| {
        let pin = gpio.get(number).map_err(|error| explain(&error))?;
        // Low before it is an output. At drop it becomes what it was.
        Ok(SoftPin { pin: pin.into_output_low(), started: false })
    };
    GpioServos::new(robot, pin, Some(lock))
}

fn refuse_without_pin(robot: &Robot) -> Result<(), String> {
    let without = robot.joints.iter().filter(|joint| joint.gpio_pin.is_none());
    let without: Vec<_> = without.map(|joint| joint.name.as_str()).collect();
    if without.is_empty() {
        return Ok(());
    }
    Err(format!("every joint needs a `gpio_pin` in the robot's file; missing at {}", without.join(", ")))
}

fn explain(error: &Error) -> String {
    match error {
        Error::UnknownModel => {
            "this is no Raspberry Pi that rppal 0.22 knows; its pins cannot be used. Backend sim needs none"
                .to_owned()
        }
        Error::PermissionDenied(path) => {
            format!("no permission to use {path}: `sudo usermod -aG gpio $USER`, then log in anew")
        }
        error => error.to_string(),
    }
}

/// A pin with rppal's software PWM.
struct SoftPin {
    pin: OutputPin,
    /// There is a thread that makes pulses, or makes none.
    started: bool,
}

impl PulsePin for SoftPin {
    fn set(&mut self, period: Duration, pulse: Option<Duration>) -> Result<(), String> {
        if pulse.is_none() && !self.started {
            self.pin.set_low();
            return Ok(());
        }
        self.started = true;
        // A pulse of no length is none: rppal then leaves the pin low. Ending its thread would wait for a period.
        self.pin.set_pwm(period, pulse.unwrap_or_default()).map_err(|error| error.to_string())
    }
}

fn fault(fault: BusFault, reason: String) -> BusError {
    BusError { bus: NAME, fault, reason }
}
