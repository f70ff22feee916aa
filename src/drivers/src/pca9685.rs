//! The PCA9685: a chip that makes the pulses of 16 servos, on I2C.
//!
//! "Data sheet" is NXP's PCA9685, Rev. 4. [`Pca9685Servos`] works on any `embedded-hal` bus; [`open`] gives it the one of
//! the machine.

mod linux;
mod pulse_clock;

pub use linux::{explain, open};
pub use pulse_clock::{FrequencyError, PulseClock};

use crate::hardware_lock::HardwareLock;
use crate::servo_bus::{BusError, BusFault, ChannelOutput, Output, ServoBus};
use embedded_hal::i2c::I2c;
use pwm_pca9685::{Channel, Error, OutputDriver, Pca9685, ProgrammableAddress};
use std::fmt;
use std::time::Duration;
use steve_core::calibration::PULSE_RANGE_US;
use steve_core::robot::{Board, Robot};

const NAME: &str = "pca9685";
const CHANNELS: usize = 16;

// Data sheet, section 7.3, table 4.
const MODE1: u8 = 0x00;
const LED0_ON_L: u8 = 0x06;
const ALL_LED_OFF_H: u8 = 0xFD;
const PRE_SCALE: u8 = 0xFE;

/// Bit 4 of LEDn_OFF_H: no pulses, whatever the counters say (data sheet, section 7.3.3).
const FULL_OFF: u8 = 0x10;
/// MODE1 as it is left: awake, registers count on by themselves, no other addresses.
const MODE1_SET: u8 = 0x20;
/// MODE1 after power-up: asleep, answering the all-call address.
const MODE1_POWER_UP: u8 = 0x11;
/// Bit 7 of MODE1. The chip sets it by itself; it says nothing of how the chip is set up.
const MODE1_RESTART: u8 = 0x80;

/// How long the oscillator takes to start (data sheet, notes of section 7.3.1).
const OSCILLATOR_START: Duration = Duration::from_micros(500);

/// So many channels are sent again between two that change, rather than starting another transfer: 8 bytes take as long
/// as the start of one, and the two change at the same moment.
const BRIDGED: usize = 2;

/// LEDn_ON_L, LEDn_ON_H, LEDn_OFF_L, LEDn_OFF_H.
type Registers = [u8; 4];
const OFF: Registers = [0, 0, 0, FULL_OFF];

/// An I2C error in words that help to put it right.
pub type Explain<E> = fn(&Board, &E) -> String;

/// The servos of a PCA9685.
pub struct Pca9685Servos<I2C: I2c> {
    i2c: I2C,
    board: Board,
    clock: PulseClock,
    /// Where servos are plugged in.
    used: [bool; CHANNELS],
    /// What is known to stand in the chip. Unknown after a write that failed: any part of it may have arrived.
    registers: [Option<Registers>; CHANNELS],
    explain: Explain<I2C::Error>,
    /// Held as long as the bus is.
    _lock: Option<HardwareLock>,
}

impl<I2C: I2c> fmt::Debug for Pca9685Servos<I2C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pca9685Servos")
            .field("board", &self.board)
            .field("clock", &self.clock)
            .finish_non_exhaustive()
    }
}

impl<I2C: I2c> Pca9685Servos<I2C> {
    /// Sets the robot's board up, every output off. `lock` is held until the servos are dropped. Outputs stay as they are
    /// then: whether an arm goes limp at the end is for the servo thread to say.
    ///
    /// # Errors
    /// A frequency that the chip cannot make; a chip that does not answer, or is none.
    pub fn new(
        i2c: I2C,
        robot: &Robot,
        explain: Explain<I2C::Error>,
        lock: Option<HardwareLock>,
    ) -> Result<Self, BusError> {
        let board = robot.board;
        let clock = PulseClock::new(board.frequency_hz, board.oscillator_hz)
            .map_err(|error| fault(BusFault::Refused, error.to_string()))?;
        let mut used = [false; CHANNELS];
        for joint in &robot.joints {
            match used.get_mut(usize::from(joint.channel)) {
                Some(used) => *used = true,
                None => return Err(no_channel(joint.channel)),
            }
        }
        let registers = [None; CHANNELS];
        let mut servos = Self { i2c, board, clock, used, registers, explain, _lock: lock };
        servos.set_up()?;
        Ok(servos)
    }

    /// How the chip measures pulses.
    pub fn clock(&self) -> PulseClock {
        self.clock
    }

    /// Gives the I2C bus back, outputs as they are.
    pub fn release(self) -> I2C {
        self.i2c
    }

    fn set_up(&mut self) -> Result<(), BusError> {
        self.registers = [None; CHANNELS];
        configure(&mut self.i2c, self.board.address, self.clock.prescale()).map_err(|error| match error {
            Error::I2C(error) => self.failed(&error),
            Error::InvalidInputData => {
                let reason = format!("address {:#04x} is not one of a PCA9685", self.board.address);
                fault(BusFault::Refused, reason)
            }
        })?;
        // Something else may live at the address, and an external clock, once selected, stays until the power goes.
        self.verify()?;
        self.registers = [Some(OFF); CHANNELS];
        Ok(())
    }

    fn verify(&mut self) -> Result<(), BusError> {
        let mode1 = self.read(MODE1)? & !MODE1_RESTART;
        let prescale = self.read(PRE_SCALE)?;
        if (mode1, prescale) == (MODE1_SET, self.clock.prescale()) {
            return Ok(());
        }
        self.registers = [None; CHANNELS];
        let what = if mode1 == MODE1_POWER_UP {
            "the board has started anew: its supply dipped or was switched"
        } else {
            "someone else wrote to it, or it is no PCA9685 or one with an external clock"
        };
        let reason = format!(
            "{what} (MODE1 reads {mode1:#04x} instead of {MODE1_SET:#04x}, PRE_SCALE {prescale} instead of {})",
            self.clock.prescale()
        );
        Err(fault(BusFault::ChipReset, reason))
    }

    fn read(&mut self, register: u8) -> Result<u8, BusError> {
        let mut value = [0];
        let read = self.i2c.write_read(self.board.address, &[register], &mut value);
        read.map_err(|error| self.failed(&error))?;
        Ok(value[0])
    }

    fn registers_for(&self, channel: u8, output: Output) -> Result<Registers, BusError> {
        if !self.used.get(usize::from(channel)).is_some_and(|used| *used) {
            return Err(no_channel(channel));
        }
        let Output::Pulse { us } = output else { return Ok(OFF) };
        let allowed = (PULSE_RANGE_US.0..=PULSE_RANGE_US.1).contains(&us);
        let Some(ticks) = self.clock.ticks(us).filter(|_| allowed) else {
            let (least, greatest) = PULSE_RANGE_US;
            let reason = format!(
                "pulse of {us} us on channel {channel}; {least} to {greatest} us that end within a period are allowed"
            );
            return Err(fault(BusFault::Refused, reason));
        };
        let [low, high] = ticks.to_le_bytes();
        Ok([0, 0, low, high])
    }

    /// Sends channels `from..=to`, all of which `wanted` or the chip's known registers tell, in one transfer. They change
    /// together when it ends (data sheet, section 7.3.2, OCH = 0).
    ///
    /// pwm-pca9685 writes one channel or all sixteen (66 bytes), no part of them: the burst is made here.
    fn burst(
        &mut self,
        from: usize,
        to: usize,
        wanted: &[Option<Registers>; CHANNELS],
    ) -> Result<(), BusError> {
        let mut bytes = Vec::with_capacity(1 + CHANNELS * 4);
        // `from` is less than 16.
        bytes.push(LED0_ON_L + 4 * from as u8);
        let mut sent = self.registers;
        for channel in from..=to {
            sent[channel] = wanted[channel].or(sent[channel]);
            bytes.extend(sent[channel].unwrap_or(OFF));
            self.registers[channel] = None;
        }
        self.i2c.write(self.board.address, &bytes).map_err(|error| self.failed(&error))?;
        self.registers = sent;
        Ok(())
    }

    fn failed(&self, error: &I2C::Error) -> BusError {
        fault(BusFault::Transfer, (self.explain)(&self.board, error))
    }
}

impl<I2C: I2c + Send> ServoBus for Pca9685Servos<I2C> {
    fn name(&self) -> &'static str {
        NAME
    }

    fn write(&mut self, _now: Duration, outputs: &[ChannelOutput]) -> Result<(), BusError> {
        let mut wanted = [None; CHANNELS];
        // All are looked at before any is sent.
        for &ChannelOutput { channel, output } in outputs {
            wanted[usize::from(channel) % CHANNELS] = Some(self.registers_for(channel, output)?);
        }
        let mut next = 0;
        while let Some(from) = (next..CHANNELS).find(|channel| wanted[*channel].is_some()) {
            let to = run_end(from, &wanted, &self.registers);
            self.burst(from, to, &wanted)?;
            next = to + 1;
        }
        Ok(())
    }

    /// Compares MODE1 and PRE_SCALE with what was set up: two reads of a byte.
    fn check(&mut self, _now: Duration) -> Result<(), BusError> {
        self.verify()
    }

    fn reset(&mut self, _now: Duration) -> Result<(), BusError> {
        self.set_up()
    }
}

/// The last channel of the run that starts at `from`.
fn run_end(
    from: usize,
    wanted: &[Option<Registers>; CHANNELS],
    known: &[Option<Registers>; CHANNELS],
) -> usize {
    let mut end = from;
    for channel in from + 1..CHANNELS {
        if wanted[channel].is_some() {
            end = channel;
        } else if known[channel].is_none() || channel - end > BRIDGED {
            break;
        }
    }
    end
}

/// The chip as it shall be: awake, every output off. No servo moves on the way there, whatever the chip did before: it may
/// still be making pulses for a driver that was killed.
///
/// No software reset: that is a general call, which other chips on the bus take as theirs.
fn configure<I2C: I2c>(i2c: &mut I2C, address: u8, prescale: u8) -> Result<(), Error<I2C::Error>> {
    // Before everything else: asleep, no output can be turned off (data sheet, notes of section 7.3.1), so a pulse that
    // sleep cut through would last on. pwm-pca9685 would do just that, for it writes MODE1 first to switch auto-increment
    // on; one byte needs none. With all outputs off the chip has no pulses to go on with after its sleep: RESTART stays
    // clear (footnote of section 7.3.1.1).
    i2c.write(address, &[ALL_LED_OFF_H, FULL_OFF]).map_err(Error::I2C)?;
    let mut chip = Pca9685::new(i2c, address)?;
    // PRE_SCALE can be written only asleep (section 7.3.5).
    chip.disable()?;
    chip.set_prescale(prescale)?;
    // Totem pole, not inverted, outputs change at the end of a transfer.
    chip.set_output_driver(OutputDriver::TotemPole)?;
    // At the all-call address, 0x70, other chips may live.
    chip.disable_programmable_address(ProgrammableAddress::AllCall)?;
    // After a shutdown of all outputs their registers count as invalid and have to be loaded anew (section 7.3.1.1). Such
    // a write also clears a RESTART that was pending. `enable` writes it as 0, which does nothing.
    chip.set_channel_full_off(Channel::All)?;
    chip.enable()?;
    std::thread::sleep(OSCILLATOR_START);
    Ok(())
}

fn no_channel(channel: u8) -> BusError {
    fault(BusFault::Refused, format!("no servo on channel {channel}"))
}

fn fault(fault: BusFault, reason: String) -> BusError {
    BusError { bus: NAME, fault, reason }
}
