//! The driver against a model of the chip, as its data sheet describes it: whatever it did before, no servo twitches.
#![allow(clippy::unwrap_used, reason = "a panic here is a failing test")]

use embedded_hal::i2c::{ErrorKind, ErrorType, I2c, Operation};
use proptest::prelude::*;
use std::time::Duration;
use steve_core::robot::Robot;
use steve_drivers::pca9685::Pca9685Servos;
use steve_drivers::servo_bus::{ChannelOutput, Output, ServoBus};

const STEVE: &str = include_str!("../../../config/steve.yaml");

/// A PCA9685 at 0x40 (NXP PCA9685, Rev. 4, section 7.3).
#[derive(Debug, Clone)]
struct Chip {
    registers: [u8; 256],
    pointer: u8,
    /// The channels whose pulses stopped high or low where they were: asleep, no output can be turned on or off (notes
    /// of section 7.3.1).
    frozen: u16,
    /// After each transfer: the channels that make pulses.
    pulsing: Vec<u16>,
}

impl Chip {
    /// Switched on, then left behind by someone else: awake or not, any mode, any outputs.
    fn left(mode1: u8, mode2: u8, prescale: u8, outputs: &[u8]) -> Self {
        let mut registers = [0; 256];
        registers[0x00] = mode1;
        registers[0x01] = mode2;
        registers[0xFE] = prescale;
        registers[0x06..0x06 + outputs.len()].copy_from_slice(outputs);
        Self { registers, pointer: 0, frozen: 0, pulsing: Vec::new() }
    }

    fn off_h(channel: usize) -> usize {
        0x09 + 4 * channel
    }

    fn asleep(&self) -> bool {
        self.registers[0] & 0x10 != 0
    }

    /// Table 7: full off goes before full on. A chip with RESTART set holds its pulses back.
    fn pulses(&self) -> u16 {
        let on = |channel: &usize| self.registers[Self::off_h(*channel)] & 0x10 == 0;
        if self.asleep() {
            return self.frozen;
        }
        if self.registers[0] & 0x80 != 0 {
            return 0;
        }
        (0..16).filter(on).map(|channel| 1 << channel).sum()
    }

    fn set(&mut self, value: u8) {
        let register = usize::from(self.pointer);
        match register {
            0x00 => {
                let falls_asleep = value & 0x10 != 0 && !self.asleep();
                // RESTART is set by the chip if it was running, cleared by writing 1; EXTCLK stays (section 7.3.1).
                let mut restart = self.registers[0] & 0x80 & !value;
                if falls_asleep {
                    self.frozen = self.pulses();
                    restart = if self.frozen == 0 { 0 } else { 0x80 };
                }
                self.registers[0] = restart | (self.registers[0] & 0x40) | value & 0x7F;
            }
            // Blocked while awake.
            0xFE if !self.asleep() => {}
            0xFA..=0xFD => {
                for channel in 0..16 {
                    self.registers[0x06 + 4 * channel + (register - 0xFA)] = value;
                }
                self.registers[0] &= 0x7F;
            }
            0x06..=0x45 => {
                self.registers[register] = value;
                self.registers[0] &= 0x7F;
            }
            _ => self.registers[register] = value,
        }
        self.step();
    }

    fn step(&mut self) {
        if self.registers[0] & 0x20 != 0 {
            self.pointer = if self.pointer == 69 { 0 } else { self.pointer.wrapping_add(1) };
        }
    }
}

impl ErrorType for Chip {
    type Error = ErrorKind;
}

impl I2c for Chip {
    fn transaction(&mut self, address: u8, operations: &mut [Operation<'_>]) -> Result<(), ErrorKind> {
        assert_eq!(address, 0x40, "no general call, no all-call");
        for operation in operations {
            match operation {
                Operation::Write(bytes) => {
                    self.pointer = bytes[0];
                    bytes[1..].iter().for_each(|byte| self.set(*byte));
                }
                Operation::Read(values) => {
                    for value in values.iter_mut() {
                        *value = self.registers[usize::from(self.pointer)];
                        self.step();
                    }
                }
            }
        }
        self.pulsing.push(self.pulses());
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_servo_twitches_while_the_board_is_set_up(
        mode1 in (0..=0xFF_u8).prop_map(|mode| mode & !0x40),
        mode2 in 0..=0x1F_u8,
        prescale in 3..=255_u8,
        outputs in prop::collection::vec(0..=0x1F_u8, 64),
    ) {
        let robot = Robot::from_yaml(STEVE, "steve.yaml").unwrap();
        let chip = Chip::left(mode1, mode2, prescale, &outputs);
        let chip = Pca9685Servos::new(chip, &robot, |_, error| error.to_string(), None).unwrap().release();
        prop_assert!(chip.pulsing.iter().all(|pulsing| *pulsing == 0), "{:?}", chip.pulsing);
        prop_assert_eq!((chip.registers[0], chip.registers[1], chip.registers[0xFE]), (0x20, 0x04, 121));
    }

    #[test]
    fn after_any_writes_each_servo_has_its_last_pulse(
        ticks in prop::collection::vec(prop::collection::vec((0..6_u8, prop::option::of(400.0..=2700.0_f64)), 0..8), 1..20),
    ) {
        let robot = Robot::from_yaml(STEVE, "steve.yaml").unwrap();
        let chip = Chip::left(0x11, 0x04, 0x1E, &[0; 64]);
        let mut servos = Pca9685Servos::new(chip, &robot, |_, error| error.to_string(), None).unwrap();
        let mut last = [None; 16];
        for tick in &ticks {
            let outputs: Vec<_> = tick.iter().map(|&(channel, us)| {
                last[usize::from(channel)] = us;
                ChannelOutput { channel, output: us.map_or(Output::Off, |us| Output::Pulse { us }) }
            }).collect();
            servos.write(Duration::ZERO, &outputs).unwrap();
        }
        let clock = servos.clock();
        let chip = servos.release();
        for (channel, us) in last.iter().enumerate() {
            let found = &chip.registers[0x06 + 4 * channel..][..4];
            let off = us.map_or(0x1000, |us| clock.ticks(us).unwrap()).to_le_bytes();
            prop_assert_eq!(found, &[0, 0, off[0], off[1]], "channel {}", channel);
        }
    }
}

#[test]
fn a_board_with_an_external_clock_is_told() {
    let robot = Robot::from_yaml(STEVE, "steve.yaml").unwrap();
    let chip = Chip::left(0x51, 0x04, 0x1E, &[0; 64]);
    let error = Pca9685Servos::new(chip, &robot, |_, error| error.to_string(), None).unwrap_err();
    assert!(error.reason.contains("external clock"), "{error}");
}
