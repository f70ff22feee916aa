//! Four LEDs: the registry, the simulation, and the bits that a TLC59711 gets, against its data sheet (TI SBVS181A).
#![allow(clippy::unwrap_used, clippy::panic, reason = "a panic here is a failing test")]

use embedded_hal::spi::{ErrorKind, ErrorType, SpiBus};
use embedded_hal_mock::eh1::spi::{Mock, Transaction};
use proptest::prelude::*;
use std::sync::{Arc, Mutex};
use steve_drivers::leds::tlc59711::{FRAME_BYTES, Tlc59711Leds, frame};
use steve_drivers::leds::{self, LedBus, LedError, LedOptions, Levels, SimLeds};

const DARK: Levels = [[0; 3]; 4];
const WHITE: Levels = [[0xFFFF; 3]; 4];

/// 100101 (write) 1 (OUTTMG) 0 (EXTGCK) 1 (TMGRST) 1 (DSPRPT) 1 (BLANK), three times 1111111 (BC), grey scale 0.
const OFF: [u8; FRAME_BYTES] = {
    let mut bytes = [0; FRAME_BYTES];
    (bytes[0], bytes[1], bytes[2], bytes[3]) = (0b1001_0110, 0b1111_1111, 0xFF, 0xFF);
    bytes
};

/// The same without BLANK.
const ON: [u8; 4] = [0b1001_0110, 0b1101_1111, 0xFF, 0xFF];

fn explain(options: &LedOptions, error: &ErrorKind) -> String {
    format!("bus {}: {error}", options.spi_bus)
}

fn sent(bytes: &[u8]) -> [Transaction<u8>; 2] {
    [Transaction::write_vec(bytes.to_vec()), Transaction::flush()]
}

/// A frame with these 192 bits of grey scale.
fn on(grey_scale: [u8; 24]) -> Vec<u8> {
    [ON.as_slice(), &grey_scale].concat()
}

#[test]
fn a_frame_is_made_as_the_data_sheet_says() {
    let levels = [
        [0x0102, 0x0304, 0x0506],
        [0x1112, 0x1314, 0x1516],
        [0x2122, 0x2324, 0x2526],
        [0x3132, 0x3334, 0x3536],
    ];
    let grey_scale = [
        0x35, 0x36, 0x33, 0x34, 0x31, 0x32, // OUTB3, OUTG3, OUTR3
        0x25, 0x26, 0x23, 0x24, 0x21, 0x22, // OUTB2, OUTG2, OUTR2
        0x15, 0x16, 0x13, 0x14, 0x11, 0x12, // OUTB1, OUTG1, OUTR1
        0x05, 0x06, 0x03, 0x04, 0x01, 0x02, // OUTB0, OUTG0, OUTR0
    ];
    assert_eq!(frame(&levels).to_vec(), on(grey_scale));
}

#[test]
fn full_white_is_all_ones_behind_the_control_bits() {
    assert_eq!(frame(&WHITE).to_vec(), on([0xFF; 24]));
}

#[test]
fn off_is_all_zeros_with_the_outputs_blanked() {
    assert_eq!(frame(&DARK), OFF);
}

#[test]
fn the_faintest_light_is_the_last_bit_and_is_not_blanked() {
    let mut levels = DARK;
    levels[0][0] = 1;
    let mut grey_scale = [0; 24];
    grey_scale[23] = 1;
    assert_eq!(frame(&levels).to_vec(), on(grey_scale));
}

/// What the chip's shift register, 224 bits, makes of what it got.
fn decode(bytes: &[u8]) -> Levels {
    let bit = |number: usize| usize::from(bytes[(223 - number) / 8] >> (number % 8) & 1);
    let field =
        |high: usize, low: usize| (low..=high).rev().fold(0, |value, number| value << 1 | bit(number));
    assert_eq!(field(223, 218), 0b10_0101);
    assert_eq!((bit(217), bit(216), bit(215), bit(214)), (1, 0, 1, 1));
    assert_eq!((field(212, 206), field(205, 199), field(198, 192)), (127, 127, 127));
    let level = |number: usize| u16::try_from(field(16 * number + 15, 16 * number)).unwrap();
    let levels = [0, 1, 2, 3].map(|led| [0, 1, 2].map(|channel| level(3 * led + channel)));
    assert_eq!(bit(213) == 1, levels == DARK);
    levels
}

proptest! {
    #[test]
    fn the_chip_reads_what_was_meant(levels in any::<[[u16; 3]; 4]>()) {
        prop_assert_eq!(decode(&frame(&levels)), levels);
    }
}

#[test]
fn leds_are_off_before_the_first_write_and_after_the_last() {
    let red = [[0xFFFF, 0, 0]; 4];
    let grey_scale = [0, 0, 0, 0, 0xFF, 0xFF].repeat(4).try_into().unwrap();
    let mut bus = Mock::new(&[sent(&OFF), sent(&on(grey_scale)), sent(&OFF)].concat());
    let mut leds = Tlc59711Leds::new(bus.clone(), &LedOptions::default(), explain, None).unwrap();
    assert_eq!(leds.name(), "tlc59711");
    leds.write(&red).unwrap();
    drop(leds);
    bus.done();
}

#[test]
fn leds_that_are_off_are_not_turned_off_again() {
    let mut bus = Mock::new(&[sent(&OFF), sent(&on([0xFF; 24])), sent(&OFF)].concat());
    let mut leds = Tlc59711Leds::new(bus.clone(), &LedOptions::default(), explain, None).unwrap();
    leds.write(&WHITE).unwrap();
    leds.write(&DARK).unwrap();
    drop(leds);
    bus.done();
}

/// A bus that keeps what it is sent, and fails as long as it is told to.
#[derive(Clone, Default)]
struct Wire(Arc<Mutex<(Vec<Vec<u8>>, bool)>>);

impl ErrorType for Wire {
    type Error = ErrorKind;
}

impl SpiBus for Wire {
    fn read(&mut self, _words: &mut [u8]) -> Result<(), ErrorKind> {
        panic!("the chip says nothing");
    }

    fn write(&mut self, words: &[u8]) -> Result<(), ErrorKind> {
        let mut wire = self.0.lock().unwrap();
        wire.0.push(words.to_vec());
        if wire.1 { Err(ErrorKind::Other) } else { Ok(()) }
    }

    fn transfer(&mut self, _read: &mut [u8], _write: &[u8]) -> Result<(), ErrorKind> {
        panic!("the chip says nothing");
    }

    fn transfer_in_place(&mut self, _words: &mut [u8]) -> Result<(), ErrorKind> {
        panic!("the chip says nothing");
    }

    fn flush(&mut self) -> Result<(), ErrorKind> {
        Ok(())
    }
}

impl Wire {
    fn fail(&self, fails: bool) {
        self.0.lock().unwrap().1 = fails;
    }

    fn frames(&self) -> Vec<Vec<u8>> {
        self.0.lock().unwrap().0.clone()
    }
}

#[test]
fn a_failed_write_says_so_and_the_next_one_works() {
    let wire = Wire::default();
    let mut leds = Tlc59711Leds::new(wire.clone(), &LedOptions::default(), explain, None).unwrap();
    wire.fail(true);
    let fault = leds.write(&WHITE).unwrap_err();
    assert_eq!(fault.to_string(), format!("tlc59711: bus 0: {}", ErrorKind::Other));
    wire.fail(false);
    leds.write(&WHITE).unwrap();
}

#[test]
fn after_a_failed_write_leds_are_turned_off_at_the_end_all_the_same() {
    let wire = Wire::default();
    let mut leds = Tlc59711Leds::new(wire.clone(), &LedOptions::default(), explain, None).unwrap();
    leds.write(&WHITE).unwrap();
    wire.fail(true);
    leds.write(&DARK).unwrap_err();
    wire.fail(false);
    drop(leds);
    assert_eq!(wire.frames().last().unwrap(), &OFF);
    assert_eq!(wire.frames().len(), 4);
}

#[test]
fn a_bus_that_fails_from_the_start_cannot_be_opened() {
    let wire = Wire::default();
    wire.fail(true);
    let error = Tlc59711Leds::new(wire, &LedOptions::default(), explain, None).unwrap_err();
    assert!(matches!(error, LedError::Open { backend: "tlc59711", .. }), "{error}");
}

#[test]
fn options_out_of_range_are_refused_with_what_is_allowed() {
    let good = LedOptions::default();
    for (options, words) in [
        (LedOptions { spi_bus: 7, ..good }, "spi_bus: 7; allowed are 0 to 6"),
        (LedOptions { spi_select: 16, ..good }, "spi_select: 16; allowed are 0 to 15"),
        (LedOptions { spi_hz: 0, ..good }, "spi_hz: 0; allowed are 100000 to 10000000"),
        (LedOptions { spi_hz: 10_000_001, ..good }, "spi_hz: 10000001; allowed are 100000 to 10000000"),
    ] {
        assert_eq!(leds::open("tlc59711", &options).err().unwrap().to_string(), words);
    }
}

#[test]
fn a_bus_that_is_not_there_says_how_to_get_it() {
    let options = LedOptions { spi_bus: 6, spi_select: 15, ..LedOptions::default() };
    let text = leds::open("tlc59711", &options).err().unwrap().to_string();
    assert!(text.starts_with("tlc59711: there is no /dev/spidev6.15: switch SPI on"), "{text}");
}

#[test]
fn an_unknown_backend_is_refused_with_those_there_are() {
    let text = leds::open("neopixel", &LedOptions::default()).err().unwrap().to_string();
    assert_eq!(text, "backend: no `neopixel`; there is sim, tlc59711");
    assert_eq!(leds::names().collect::<Vec<_>>(), ["sim", "tlc59711"]);
}

#[test]
fn the_simulation_keeps_the_last_levels_and_counts() {
    let mut leds = SimLeds::new();
    let probe = leds.probe();
    assert_eq!((probe.levels(), probe.writes()), (DARK, 0));
    leds.write(&WHITE).unwrap();
    leds.write(&[[1, 2, 3]; 4]).unwrap();
    assert_eq!((probe.levels(), probe.writes()), ([[1, 2, 3]; 4], 2));
    drop(leds);
    assert_eq!(probe.levels(), DARK);
    assert_eq!(leds::open("sim", &LedOptions::default()).unwrap().name(), "sim");
}
