//! The board's part of a description: every key has a default, for most boards are alike.

use super::Board;
use super::faults::Faults;
use super::field::Field;
use super::keys;

/// Every PCA9685 answers this address after power-up (data sheet, section 7.1.1), so no board has it for itself.
const ALL_CALL: u8 = 0x70;

/// The greatest part of a period that a pulse may last. The chip's real frequency is up to 3.4 % above the one that was
/// asked for (at 400 Hz its divider has steps of that size), and a pulse has to end before the next one starts.
const LONGEST_PULSE: f64 = 0.95;

/// The board, defaults where the file is silent.
pub(super) fn read(field: Option<&Field<'_>>, faults: &mut Faults) -> Option<Board> {
    let default = Board::default();
    let Some(field) = field else { return Some(default) };
    let fields = field.fields(&keys::BOARD, |_| None, faults)?;
    let bus = fields.get("bus").map_or(Some(default.bus), |field| field.whole_in(0..=255, faults));
    let address = fields.get("address").map_or(Some(default.address), |field| read_address(field, faults));
    let mut frequency =
        |name, default, range| fields.get(name).map_or(Some(default), |field| field.number_in(range, faults));
    let frequency_hz = frequency("frequency_hz", default.frequency_hz, 40.0..=400.0);
    let oscillator_hz = frequency("oscillator_hz", default.oscillator_hz, 23e6..=27e6);
    Some(Board { bus: bus?, address: address?, frequency_hz: frequency_hz?, oscillator_hz: oscillator_hz? })
}

fn read_address(field: &Field<'_>, faults: &mut Faults) -> Option<u8> {
    let address = field.whole_in(0x40..=0x77, faults)?;
    if address == ALL_CALL { field.refuse(faults) } else { Some(address) }
}

/// Notes a pulse range whose greatest pulse does not end within the board's period. A range that is no pair of numbers
/// has been noted already.
pub(super) fn refuse_too_long(board: Board, pulse_us: &Field<'_>, faults: &mut Faults) {
    let most = (1e6 / board.frequency_hz * LONGEST_PULSE).floor();
    if let Some((_, greatest)) = pulse_us.pair(faults)
        && greatest > most
    {
        let message = format!(
            "{greatest} is too long for pca9685.frequency_hz: at {} Hz a pulse may last {most} us",
            board.frequency_hz
        );
        pulse_us.item_with(greatest).fault(faults, message);
    }
}
