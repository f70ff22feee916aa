//! The board on a bus of this machine, `/dev/i2c-N`. Any Linux has those, not only a Raspberry Pi: rppal asks for the Pi's
//! model only when it has to find the bus by itself.

use super::{NAME, Pca9685Servos};
use crate::backend::{Backend, BackendError, BackendOptions};
use crate::hardware_lock::HardwareLock;
use rppal::i2c::{Error, I2c};
use rustix::io::Errno;
use steve_core::robot::{Board, Robot};

/// How long a transfer may take, ms; those of six servos take 2.4 ms at 100 kHz. The kernel counts in steps of 10 ms, the
/// first of which may already be over. Without this a stuck bus blocks for a second. It is the adapter's: other programs
/// on the same bus have it too.
///
/// The kernel's retries are left alone: rppal keeps them to itself. They only follow a lost arbitration, within this time.
const TIMEOUT_MS: u32 = 20;

/// Opens the robot's board. Where the joints stand is known only from memory.
///
/// # Errors
/// No bus, no right to use it, another driver that has it, no board: in words that say what to do.
pub fn open(robot: &Robot, options: &BackendOptions) -> Result<Backend, BackendError> {
    let servos = open_servos(robot).map_err(|reason| BackendError::Open { backend: NAME, reason })?;
    Ok(Backend::real(servos, robot, options))
}

fn open_servos(robot: &Robot) -> Result<Pca9685Servos<I2c>, String> {
    let Board { bus, address, .. } = robot.board;
    let i2c = I2c::with_bus(bus).map_err(|error| explain_open(bus, &error))?;
    let lock = HardwareLock::take(&format!("i2c-{bus}-{address:#04x}")).map_err(|error| error.to_string())?;
    i2c.set_timeout(TIMEOUT_MS).map_err(|error| explain(&robot.board, &error))?;
    Pca9685Servos::new(i2c, robot, explain, Some(lock)).map_err(|error| error.reason)
}

fn errno(error: &Error) -> Option<Errno> {
    let Error::Io(error) = error else { return None };
    Errno::from_io_error(error)
}

/// Why `/dev/i2c-<bus>` could not be opened.
fn explain_open(bus: u8, error: &Error) -> String {
    match errno(error) {
        Some(Errno::NOENT | Errno::NODEV | Errno::NXIO) => format!(
            "there is no /dev/i2c-{bus}: switch I2C on (on a Pi: `sudo raspi-config nonint do_i2c 0`, or \
             dtparam=i2c_arm=on in /boot/firmware/config.txt, then reboot; elsewhere `sudo modprobe i2c-dev`), or put \
             the right bus into the robot's file, pca9685.bus; `ls /dev/i2c-*` shows which there are"
        ),
        Some(Errno::ACCESS | Errno::PERM) => format!(
            "no permission to use /dev/i2c-{bus}: `sudo usermod -aG i2c $USER`, then log in anew; where no group i2c \
             exists, a udev rule gives it the device: SUBSYSTEM==\"i2c-dev\", GROUP=\"i2c\", MODE=\"0660\""
        ),
        _ => format!("/dev/i2c-{bus} cannot be opened: {error}"),
    }
}

/// What a transfer to the board failed of, in words that help to put it right.
pub fn explain(board: &Board, error: &Error) -> String {
    let Board { bus, address, .. } = *board;
    let place = format!("{address:#04x} on /dev/i2c-{bus}");
    match errno(error) {
        // Which of the two depends on the adapter: EREMOTEIO on a Pi.
        Some(error @ (Errno::REMOTEIO | Errno::NXIO)) => format!(
            "nobody answers at {place} (error {}): check SDA, SCL, GND and the board's VCC (V+ feeds only the servos), \
             its address jumpers and pca9685.address; `i2cdetect -y {bus}` shows who is there",
            error.raw_os_error()
        ),
        Some(Errno::TIMEDOUT) => format!(
            "the bus is stuck: no end of a transfer to {place} within {TIMEOUT_MS} ms (error 110): SDA or SCL is held \
             low by a short, a board without power or missing pull-ups"
        ),
        Some(Errno::BUSY) => format!(
            "a driver of the kernel has {place} (error 16): take dtoverlay=i2c-pwm-pca9685a out of \
             /boot/firmware/config.txt and reboot"
        ),
        Some(Errno::OPNOTSUPP) => {
            format!("/dev/i2c-{bus} is no full I2C bus (error 95): choose another, pca9685.bus")
        }
        _ => format!("transfer to {place} failed: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;

    fn os(errno: i32) -> Error {
        Error::Io(io::Error::from_raw_os_error(errno))
    }

    #[test]
    fn an_error_says_what_to_do_about_it() {
        let board = Board { bus: 3, address: 0x41, ..Board::default() };
        for (errno, words) in [
            (121, ["0x41 on /dev/i2c-3", "error 121", "i2cdetect -y 3"]),
            (6, ["0x41 on /dev/i2c-3", "error 6", "VCC"]),
            (110, ["0x41 on /dev/i2c-3", "stuck", "error 110"]),
            (16, ["0x41 on /dev/i2c-3", "kernel", "dtoverlay"]),
            (95, ["/dev/i2c-3", "error 95", "pca9685.bus"]),
            (5, ["0x41 on /dev/i2c-3", "transfer", "os error 5"]),
        ] {
            let text = explain(&board, &os(errno));
            assert!(words.iter().all(|word| text.contains(word)), "{errno}: {text}");
        }
    }

    #[test]
    fn a_bus_that_cannot_be_opened_says_what_to_do_about_it() {
        for (errno, words) in [
            (2, ["/dev/i2c-7", "raspi-config", "dtparam=i2c_arm=on"]),
            (13, ["/dev/i2c-7", "permission", "group i2c"]),
            (24, ["/dev/i2c-7", "cannot be opened", "os error 24"]),
        ] {
            let text = explain_open(7, &os(errno));
            assert!(words.iter().all(|word| text.contains(word)), "{errno}: {text}");
        }
    }
}
