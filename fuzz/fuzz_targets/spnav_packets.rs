//! Whatever spacenavd sends, in whatever portions: no panic, and what the shared checks promise. `cargo test` does the same
//! with fewer cases (src/core/tests/mouse_packets.rs).
#![no_main]

#[path = "../../src/core/tests/spnav_invariants/mod.rs"]
mod spnav_invariants;

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use steve_core::mouse::spnav::{HELLO, Request};

/// What a daemon sends, or nearly: bytes alone hardly ever are a packet.
#[derive(Debug, Arbitrary)]
enum Part {
    Hello,
    Motion([i16; 6]),
    Button { pressed: bool, number: u8 },
    Event { kind: u8, data: [i32; 7] },
    Name { bytes: [u8; 24], left: u8, goes_on: bool },
    Answer { request: u8, first: i8, failed: bool },
    Packet([i32; 8]),
    Noise(Vec<u8>),
}

impl Part {
    fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Hello => HELLO.to_vec(),
            Self::Motion(counts) => {
                let [x, y, z, rx, ry, rz] = counts.map(i32::from);
                packet([0, x, y, z, rx, ry, rz, 8])
            }
            Self::Button { pressed, number } => {
                packet([2 - i32::from(*pressed), i32::from(*number), 0, 0, 0, 0, 0, 0])
            }
            Self::Event { kind, data: [a, b, c, d, e, f, g] } => {
                packet([i32::from(*kind % 8), *a, *b, *c, *d, *e, *f, *g])
            }
            Self::Name { bytes, left, goes_on } => {
                let mut packet = Request::DeviceName.tag().to_ne_bytes().to_vec();
                packet.extend(bytes);
                packet.extend((i32::from(*left) | i32::from(*goes_on) << 16).to_ne_bytes());
                packet
            }
            Self::Answer { request, first, failed } => {
                let requests =
                    [Request::SetEventMask, Request::DeviceAxes, Request::DeviceButtons, Request::DeviceType];
                let tag = requests[usize::from(*request) % requests.len()].tag();
                packet([tag, i32::from(*first), 0, 0, 0, 0, 0, -i32::from(*failed)])
            }
            Self::Packet(words) => packet(*words),
            Self::Noise(bytes) => bytes.clone(),
        }
    }
}

fn packet(words: [i32; 8]) -> Vec<u8> {
    words.into_iter().flat_map(i32::to_ne_bytes).collect()
}

fuzz_target!(|input: (Vec<Part>, Vec<u8>)| {
    let (parts, cuts) = input;
    let bytes: Vec<u8> = parts.iter().flat_map(Part::bytes).collect();
    spnav_invariants::check(&bytes, &cuts);
});
