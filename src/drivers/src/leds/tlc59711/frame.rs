use crate::leds::Levels;

/// The length of the chip's shift register, 224 bits.
pub const FRAME_BYTES: usize = 28;

// Bits as the data sheet numbers them, 223 (sent first) to 0.
/// Bits 223 to 218: only what begins with this is taken.
const WRITE_COMMAND: u32 = 0b10_0101;
/// Bit 217: outputs turn on and off at the rising edge of the grey scale clock.
const OUTTMG: u32 = 1 << 25;
/// Bit 215: a new frame begins a new cycle of the grey scale counter, so that no LED shows half of the old and half of the new.
/// The drivers that are known to work on real chips set it (Adafruit's, for the robot's board, among them).
const TMGRST: u32 = 1 << 23;
/// Bit 214: begins anew when a cycle of the grey scale counter is over. Without it the LEDs go off after 6.6 ms.
const DSPRPT: u32 = 1 << 22;
/// Bit 213: all outputs off.
const BLANK: u32 = 1 << 21;
/// Bits 212 to 192, the current of blue, green and red, 7 bits each: as much as the resistor at IREF lets flow. The share
/// of it is the grey scale's to say, which has 16 bits.
const FULL_CURRENT: u32 = 0x7F << 14 | 0x7F << 7 | 0x7F;

// Bit 216, EXTGCK: 0, the internal clock of 10 MHz.

/// The bytes that show these levels, in the order they are sent, each with its highest bit first.
///
/// All levels 0 also blank the outputs, as they are after power-up.
pub fn frame(levels: &Levels) -> [u8; FRAME_BYTES] {
    let off = levels.iter().flatten().all(|level| *level == 0);
    let blank = if off { BLANK } else { 0 };
    let control = WRITE_COMMAND << 26 | OUTTMG | TMGRST | DSPRPT | blank | FULL_CURRENT;
    let mut bytes = [0; FRAME_BYTES];
    let (head, grey_scale) = bytes.split_at_mut(4);
    head.copy_from_slice(&control.to_be_bytes());
    // Bits 191 to 0: OUTB3, OUTG3, OUTR3, OUTB2, ... OUTR0.
    let last_first = levels.iter().rev().flat_map(|[r, g, b]| [b, g, r]);
    for (bytes, level) in grey_scale.chunks_exact_mut(2).zip(last_first) {
        bytes.copy_from_slice(&level.to_be_bytes());
    }
    bytes
}
