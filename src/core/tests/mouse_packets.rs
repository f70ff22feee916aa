//! What spacenavd sends, byte for byte as its proto_unix.c writes it.
#![allow(clippy::unwrap_used, unreachable_pub, reason = "a panic here is a failing test")]

mod spnav_invariants;

use proptest::prelude::*;
use steve_core::mouse::spnav::{
    Decoder, DeviceChange, HELLO, Malformed, NameParts, Packet, Request, UNIT_SENSITIVITY,
};

fn packet(words: [i32; 8]) -> Vec<u8> {
    words.into_iter().flat_map(i32::to_ne_bytes).collect()
}

fn decode(mut bytes: &[u8]) -> Vec<Result<Packet, Malformed>> {
    let (mut decoder, mut packets) = (Decoder::new(), Vec::new());
    while !bytes.is_empty() {
        let (rest, packet) = decoder.next(bytes);
        packets.extend(packet);
        bytes = rest;
    }
    packets
}

fn one(words: [i32; 8]) -> Result<Packet, Malformed> {
    decode(&packet(words)).remove(0)
}

fn piece(text: &[u8], left: i32) -> ([i32; 6], i32) {
    let mut bytes = [0; 24];
    bytes[..text.len()].copy_from_slice(text);
    let words = bytes.chunks_exact(4).map(|word| i32::from_ne_bytes(word.try_into().unwrap()));
    (words.collect::<Vec<_>>().try_into().unwrap(), left)
}

#[test]
fn a_motion_tells_six_counts() {
    assert_eq!(one([0, 1, -2, 3, -4, 5, -6, 16]), Ok(Packet::Motion { counts: [1, -2, 3, -4, 5, -6] }));
}

#[test]
fn buttons_go_down_and_up() {
    assert_eq!(one([1, 7, 1, 0, 0, 0, 0, 0]), Ok(Packet::Button { button: 7, pressed: true }));
    assert_eq!(one([2, 7, 0, 0, 0, 0, 0, 0]), Ok(Packet::Button { button: 7, pressed: false }));
}

#[test]
fn devices_come_and_go() {
    let added = Packet::Device { change: DeviceChange::Added, kind: 0x206 };
    assert_eq!(one([3, 0, 1, 0x206, 0x46d, 0xc626, 0, 0]), Ok(added));
    let removed = Packet::Device { change: DeviceChange::Removed, kind: 0x206 };
    assert_eq!(one([3, 1, 1, 0x206, 0x46d, 0xc626, 0, 0]), Ok(removed));
    assert_eq!(one([3, 2, 1, 0, 0, 0, 0, 0]), Err(Malformed::DeviceChange(2)));
}

#[test]
fn events_that_were_not_asked_for_are_no_harm() {
    for kind in 4..=6 {
        assert_eq!(one([kind, 1, 2, 3, 4, 5, 6, 7]), Ok(Packet::Other));
    }
}

#[test]
fn events_come_before_the_four_bytes_of_the_greeting_and_after_them() {
    let mut bytes = packet([0, 9, 0, 0, 0, 0, 0, 8]);
    bytes.extend(HELLO);
    bytes.extend(packet([1, 0, 1, 0, 0, 0, 0, 0]));
    assert_eq!(
        decode(&bytes),
        [
            Ok(Packet::Motion { counts: [9, 0, 0, 0, 0, 0] }),
            Ok(Packet::Protocol { version: 1 }),
            Ok(Packet::Button { button: 0, pressed: true }),
        ]
    );
}

#[test]
fn a_greeting_comes_only_once() {
    let mut bytes = HELLO.to_vec();
    bytes.extend(HELLO);
    bytes.extend([0; 28]);
    assert_eq!(decode(&bytes)[1], Err(Malformed::UnknownRequest(0x5501)));
}

#[test]
fn answers_tell_data_and_status() {
    let tag = Request::DeviceButtons.tag();
    let answer = Packet::Answer { request: Request::DeviceButtons, data: [2, 0, 0, 0, 0, 0], status: -1 };
    assert_eq!(one([tag, 2, 0, 0, 0, 0, 0, -1]), Ok(answer));
    assert_eq!(one([0x7faa_3006, 0, 0, 0, 0, 0, 0, 0]), Err(Malformed::UnknownRequest(0x3006)));
}

#[test]
fn what_makes_no_sense_is_skipped_and_the_next_packet_is_read() {
    let mut bytes = packet([77, 1, 2, 3, 4, 5, 6, 7]);
    bytes.extend(packet([1, 64, 1, 0, 0, 0, 0, 0]));
    bytes.extend(packet([2, -1, 0, 0, 0, 0, 0, 0]));
    bytes.extend(packet([0, 0, 0, i32::MIN, 0, 0, 0, 0]));
    bytes.extend(packet([0, i32::MAX, 0, 0, 0, 0, 0, 0]));
    assert_eq!(
        decode(&bytes),
        [
            Err(Malformed::UnknownType(77)),
            Err(Malformed::Button(64)),
            Err(Malformed::Button(-1)),
            Err(Malformed::Axis { axis: 2, value: i32::MIN }),
            Ok(Packet::Motion { counts: [i32::MAX, 0, 0, 0, 0, 0] }),
        ]
    );
}

#[test]
fn half_a_packet_is_no_packet() {
    let bytes = packet([0, 1, 2, 3, 4, 5, 6, 7]);
    for length in 0..bytes.len() {
        let mut decoder = Decoder::new();
        assert_eq!(decoder.next(&bytes[..length]).1, None);
        assert_eq!(decoder.pending(), length);
    }
}

#[test]
fn requests_are_as_the_daemon_reads_them() {
    assert_eq!(HELLO, 0x7faa_5501_i32.to_ne_bytes());
    assert_eq!(UNIT_SENSITIVITY, 1.0_f32.to_ne_bytes());
    assert_eq!(Request::SetEventMask.bytes(7).to_vec(), packet([0x7faa_1003, 7, 0, 0, 0, 0, 0, 0]));
    assert_eq!(Request::DeviceName.tag(), 0x7faa_2000);
    assert_eq!(Request::DeviceAxes.tag(), 0x7faa_2002);
    assert_eq!(Request::DeviceButtons.tag(), 0x7faa_2003);
    assert_eq!(Request::DeviceType.tag(), 0x7faa_2005);
}

#[test]
fn a_name_comes_in_pieces_of_24_bytes() {
    let mut parts = NameParts::default();
    let (data, status) = piece(b"3Dconnexion SpaceMouse P", 34);
    assert_eq!(parts.piece(&data, status), Ok(None));
    let (data, status) = piece(b"ro Wirele\0", 10 | 0x1_0000);
    assert_eq!(parts.piece(&data, status), Ok(Some("3Dconnexion SpaceMouse Pro Wirele".to_owned())));
}

#[test]
fn a_name_of_exactly_one_piece_has_no_second_one() {
    let (data, status) = piece(b"123456789012345678901234", 24);
    let name = NameParts::default().piece(&data, status);
    assert_eq!(name, Ok(Some("123456789012345678901234".to_owned())));
    assert_eq!(NameParts::default().piece(&[0; 6], 0), Ok(Some(String::new())));
}

#[test]
fn a_name_without_sense_is_refused_and_the_next_one_is_read() {
    let mut parts = NameParts::default();
    assert_eq!(parts.piece(&[0; 6], 0xffff), Err(Malformed::NameTooLong(0xffff)));
    assert_eq!(parts.piece(&[0; 6], 5 | 0x1_0000), Err(Malformed::NamePiece { expected: 0, got: 5 }));
    assert_eq!(parts.piece(&[0; 6], 0x1_0000), Err(Malformed::NamePiece { expected: 0, got: 0 }));
    assert_eq!(parts.piece(&[0; 6], 30), Ok(None));
    assert_eq!(parts.piece(&[0; 6], 7 | 0x1_0000), Err(Malformed::NamePiece { expected: 6, got: 7 }));
    let (data, status) = piece(b"a\x1b[31m\xff\nb", 9);
    assert_eq!(parts.piece(&data, status), Ok(Some("a [31m\u{fffd} b".to_owned())));
}

/// Mostly packets, some of them broken: bytes alone hardly ever are one.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let word = prop_oneof![Just(0), -2..70_i32, any::<i32>(), Just(i32::MIN)];
    let kind = prop_oneof![
        6 => 0..8_i32,
        6 => prop::sample::select(vec![0x1003, 0x2000, 0x2002, 0x2003, 0x2005, 0x5501]).prop_map(|r| 0x7faa_0000 | r),
        1 => any::<i32>(),
    ];
    let status =
        prop_oneof![Just(0), Just(-1), 0..80_i32, (0..80_i32).prop_map(|left| left | 0x1_0000), any::<i32>()];
    let whole = (kind, prop::array::uniform6(word), status)
        .prop_map(|(kind, [a, b, c, d, e, f], status)| packet([kind, a, b, c, d, e, f, status]));
    let part = prop_oneof![
        12 => whole,
        1 => prop::collection::vec(any::<u8>(), 0..40),
        1 => Just(HELLO.to_vec()),
    ];
    (any::<bool>(), prop::collection::vec(part, 0..24)).prop_map(|(greeted, parts)| {
        let mut bytes = if greeted { HELLO.to_vec() } else { Vec::new() };
        bytes.extend(parts.concat());
        bytes
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn any_bytes_in_any_portions_keep_what_is_promised(
        bytes in bytes(),
        cuts in prop::collection::vec(any::<u8>(), 0..8),
    ) {
        spnav_invariants::check(&bytes, &cuts);
    }

    #[test]
    fn noise_in_any_portions_keeps_what_is_promised(
        bytes in prop::collection::vec(any::<u8>(), 0..400),
        cuts in prop::collection::vec(0..40_u8, 0..8),
    ) {
        spnav_invariants::check(&bytes, &cuts);
    }
}
