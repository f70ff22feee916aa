//! The chip on a bus of this machine, `/dev/spidevB.S`. Any Linux has those, not only a Raspberry Pi.

use super::{NAME, Tlc59711Leds, check};
use crate::hardware_lock::HardwareLock;
use crate::leds::{LedBus, LedError, LedOptions};
use rppal::spi::{Bus, Error, Mode, SlaveSelect, Spi};
use rustix::io::Errno;

/// In the order of their numbers.
const BUSES: [Bus; 7] = [Bus::Spi0, Bus::Spi1, Bus::Spi2, Bus::Spi3, Bus::Spi4, Bus::Spi5, Bus::Spi6];
const SELECTS: [SlaveSelect; 16] = [
    SlaveSelect::Ss0,
    SlaveSelect::Ss1,
    SlaveSelect::Ss2,
    SlaveSelect::Ss3,
    SlaveSelect::Ss4,
    SlaveSelect::Ss5,
    SlaveSelect::Ss6,
    SlaveSelect::Ss7,
    SlaveSelect::Ss8,
    SlaveSelect::Ss9,
    SlaveSelect::Ss10,
    SlaveSelect::Ss11,
    SlaveSelect::Ss12,
    SlaveSelect::Ss13,
    SlaveSelect::Ss14,
    SlaveSelect::Ss15,
];

/// Opens the bus, and turns the LEDs off.
///
/// # Errors
/// An option out of range; no bus, no right to use it, another driver that has it: in words that say what to do.
pub fn open(options: &LedOptions) -> Result<Box<dyn LedBus>, LedError> {
    check(options)?;
    let failed = |reason| LedError::Open { backend: NAME, reason };
    // In range, for it was checked.
    let bus = BUSES[usize::from(options.spi_bus) % BUSES.len()];
    let select = SELECTS[usize::from(options.spi_select) % SELECTS.len()];
    let spi = Spi::new(bus, select, options.spi_hz, Mode::Mode0)
        .map_err(|error| failed(explain_open(options, &error)))?;
    // The whole bus: the chip has no select, it would listen to what is for others.
    let lock = HardwareLock::take(&format!("spi-{}", options.spi_bus));
    let lock = lock.map_err(|error| failed(error.to_string()))?;
    Ok(Box::new(Tlc59711Leds::new(spi, options, explain, Some(lock))?))
}

fn device(options: &LedOptions) -> String {
    format!("/dev/spidev{}.{}", options.spi_bus, options.spi_select)
}

fn errno(error: &Error) -> Option<Errno> {
    let Error::Io(error) = error else { return None };
    Errno::from_io_error(error)
}

/// Why the device could not be opened.
fn explain_open(options: &LedOptions, error: &Error) -> String {
    let device = device(options);
    match errno(error) {
        Some(Errno::NOENT | Errno::NODEV | Errno::NXIO) => format!(
            "there is no {device}: switch SPI on (on a Pi: `sudo raspi-config nonint do_spi 0`, or dtparam=spi=on in \
             /boot/firmware/config.txt, then reboot), or set spi_bus and spi_select; `ls /dev/spidev*` shows which \
             there are"
        ),
        Some(Errno::ACCESS | Errno::PERM) => format!(
            "no permission to use {device}: `sudo usermod -aG spi $USER`, then log in anew; where no group spi exists, \
             a udev rule gives it the device: SUBSYSTEM==\"spidev\", GROUP=\"spi\", MODE=\"0660\""
        ),
        _ => match error {
            Error::ClockSpeedNotSupported(hz) => format!("{device} cannot do {hz} Hz: set another spi_hz"),
            _ => format!("{device} cannot be opened: {error}"),
        },
    }
}

/// What a transfer failed of, in words that help to put it right.
fn explain(options: &LedOptions, error: &Error) -> String {
    format!("transfer on {} failed: {error}; `dmesg` may tell more", device(options))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;

    const OPTIONS: LedOptions = LedOptions { spi_bus: 1, spi_select: 2, spi_hz: 1_000_000 };

    fn os(errno: i32) -> Error {
        Error::Io(io::Error::from_raw_os_error(errno))
    }

    #[test]
    fn a_bus_that_cannot_be_opened_says_what_to_do_about_it() {
        for (error, words) in [
            (os(2), ["/dev/spidev1.2", "do_spi", "dtparam=spi=on"]),
            (os(13), ["/dev/spidev1.2", "permission", "-aG spi"]),
            (os(24), ["/dev/spidev1.2", "cannot be opened", "os error 24"]),
            (Error::ClockSpeedNotSupported(7), ["/dev/spidev1.2", "7 Hz", "spi_hz"]),
        ] {
            let text = explain_open(&OPTIONS, &error);
            assert!(words.iter().all(|word| text.contains(word)), "{error}: {text}");
        }
    }

    #[test]
    fn a_transfer_that_fails_says_where() {
        let text = explain(&OPTIONS, &os(5));
        assert!(text.contains("/dev/spidev1.2") && text.contains("os error 5"), "{text}");
    }

    #[test]
    fn bus_and_select_are_those_of_their_numbers() {
        assert!(BUSES.iter().enumerate().all(|(number, bus)| *bus as usize == number));
        assert!(SELECTS.iter().enumerate().all(|(number, select)| *select as usize == number));
    }
}
