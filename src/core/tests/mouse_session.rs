//! A connection to spacenavd in virtual time.
#![allow(clippy::unwrap_used, reason = "a panic here is a failing test")]

use std::time::Duration;
use steve_core::mouse::spnav::{Fault, HELLO, Malformed, Request, Session, UNIT_SENSITIVITY};
use steve_core::mouse::{FullScale, MouseEvent};

/// A daemon's end of a session, and a clock.
struct Peer {
    session: Session,
    now: Duration,
}

fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

fn motion(counts: [i32; 6]) -> [i32; 8] {
    let [x, y, z, rx, ry, rz] = counts;
    [0, x, y, z, rx, ry, rz, 8]
}

fn moved(x: f64) -> MouseEvent {
    MouseEvent::Motion { axes: [x, 0.0, 0.0, 0.0, 0.0, 0.0] }
}

fn button(button: u32, pressed: bool) -> MouseEvent {
    MouseEvent::Button { button, pressed }
}

fn device(name: &str, connected: bool) -> MouseEvent {
    MouseEvent::Device { name: name.to_owned(), connected }
}

impl Peer {
    fn new() -> Self {
        let now = ms(5000);
        Self { session: Session::new(now, FullScale::new(100.0).unwrap()), now }
    }

    /// A daemon of protocol 1 that has told of a device.
    fn with_device(name: &str) -> Self {
        let mut peer = Self::new();
        peer.bytes(&HELLO);
        peer.answers(name, 0);
        assert_eq!(peer.events(), [device(name, true)]);
        peer.sent();
        peer
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.session.received(self.now, bytes);
    }

    fn packet(&mut self, words: [i32; 8]) {
        let bytes: Vec<u8> = words.into_iter().flat_map(i32::to_ne_bytes).collect();
        self.bytes(&bytes);
    }

    fn answer(&mut self, request: Request, first: i32, status: i32) {
        self.packet([request.tag(), first, 0, 0, 0, 0, 0, status]);
    }

    /// The four answers about the device; a name of up to 24 bytes.
    fn answers(&mut self, name: &str, status: i32) {
        let mut bytes = [0; 24];
        bytes[..name.len()].copy_from_slice(name.as_bytes());
        let words: Vec<i32> =
            bytes.chunks_exact(4).map(|word| i32::from_ne_bytes(word.try_into().unwrap())).collect();
        let [a, b, c, d, e, f] = words.try_into().unwrap();
        let left = if status < 0 { status } else { name.len() as i32 };
        self.packet([Request::DeviceName.tag(), a, b, c, d, e, f, left]);
        self.answer(Request::DeviceAxes, 6, status);
        self.answer(Request::DeviceButtons, 15, status);
        self.answer(Request::DeviceType, 0x206, status);
    }

    fn events(&mut self) -> Vec<MouseEvent> {
        std::iter::from_fn(|| self.session.next_event()).collect()
    }

    /// Everything that was sent since the last look, as words.
    fn sent(&mut self) -> Vec<i32> {
        let bytes = self.session.outgoing().to_vec();
        self.session.sent(bytes.len());
        bytes.chunks_exact(4).map(|word| i32::from_ne_bytes(word.try_into().unwrap())).collect()
    }

    /// The requests among them.
    fn asked(&mut self) -> Vec<i32> {
        self.sent().into_iter().filter(|word| word & !0xffff == 0x7faa_0000).collect()
    }

    /// Time passes, and nothing else.
    fn wait(&mut self, time: Duration) {
        let end = self.now + time;
        while let Some(due) = self.session.due().filter(|&due| due <= end && self.session.fault().is_none()) {
            self.now = self.now.max(due);
            self.session.poll(self.now);
        }
        self.now = end;
    }
}

const QUERY: [i32; 4] = [0x7faa_2000, 0x7faa_2002, 0x7faa_2003, 0x7faa_2005];

#[test]
fn a_daemon_of_protocol_1_tells_of_its_device() {
    let mut peer = Peer::new();
    assert_eq!(peer.sent(), [0x7faa_5501]);
    peer.bytes(&HELLO);
    assert_eq!(peer.asked(), [&[0x7faa_1003], &QUERY[..]].concat());
    peer.answer(Request::SetEventMask, 7, 0);
    assert!(!peer.session.is_settled());
    peer.answers("SpaceNavigator", 0);
    assert_eq!(peer.events(), [device("SpaceNavigator", true)]);
    let info = peer.session.device().unwrap();
    assert_eq!((info.axes, info.buttons, info.kind), (6, 15, Some(0x206)));
    assert_eq!(peer.session.protocol(), Some(1));
}

#[test]
fn events_between_greeting_and_answers_come_after_the_device_and_none_is_missing() {
    let mut peer = Peer::new();
    peer.packet(motion([10, 0, 0, 0, 0, 0]));
    peer.bytes(&HELLO);
    peer.packet([1, 3, 1, 0, 0, 0, 0, 0]);
    peer.packet([Request::DeviceName.tag(), 0x4141_4141, 0, 0, 0, 0, 0, 26]);
    peer.packet(motion([20, 0, 0, 0, 0, 0]));
    peer.packet([Request::DeviceName.tag(), 0x4242, 0, 0, 0, 0, 0, 2 | 0x1_0000]);
    assert_eq!(peer.events(), []);
    peer.answer(Request::DeviceAxes, 6, 0);
    peer.answer(Request::DeviceButtons, 2, 0);
    peer.answer(Request::DeviceType, 0, 0);
    let mut events = peer.events();
    let MouseEvent::Device { name, connected: true } = events.remove(0) else { panic!("{events:?}") };
    assert!(name.starts_with("AAAA") && name.ends_with("BB"), "{name:?}");
    assert_eq!(events, [moved(0.1), button(3, true), moved(0.2)]);
}

#[test]
fn a_daemon_that_does_not_answer_speaks_protocol_0_and_gets_its_sensitivity_back() {
    let mut peer = Peer::new();
    peer.sent();
    // It multiplies by what is not a number; this is what comes of it.
    (0..40).for_each(|_| peer.packet(motion([i32::MIN; 6])));
    peer.packet([1, 0, 1, 0, 0, 0, 0, 0]);
    peer.wait(ms(299));
    assert_eq!((peer.session.protocol(), peer.events()), (None, vec![]));
    peer.wait(ms(1));
    assert_eq!(peer.session.outgoing(), UNIT_SENSITIVITY);
    assert_eq!(peer.events(), [device("spacenavd", true), button(0, true)]);
    assert_eq!((peer.session.protocol(), peer.session.malformed().0), (Some(0), 0));
    peer.packet(motion([-300, 0, 0, 0, 0, 0]));
    assert_eq!(peer.events(), [moved(-1.0)]);
    peer.wait(ms(3_600_000));
    assert_eq!((peer.session.fault(), peer.events()), (None, vec![]));
}

#[test]
fn a_daemon_that_answers_late_speaks_protocol_1_after_all() {
    let mut peer = Peer::new();
    peer.wait(ms(2300));
    assert_eq!(peer.events(), [device("spacenavd", true)]);
    peer.sent();
    peer.bytes(&HELLO);
    // 28 bytes make a request of the sensitivity, so that the next one is read from its beginning.
    assert_eq!(peer.session.outgoing()[..28], [0; 28]);
    assert_eq!(peer.asked(), [&[0x7faa_1003], &QUERY[..]].concat());
    peer.packet([1.0_f32.to_bits() as i32, 0, 0, 0, 0, 0, 0, -1]);
    peer.answers("Spaceball", 0);
    assert_eq!(peer.events(), [device("spacenavd", false), device("Spaceball", true)]);
    assert_eq!((peer.session.protocol(), peer.session.malformed().0), (Some(1), 0));
}

#[test]
fn a_daemon_without_a_device_tells_when_one_comes() {
    let mut peer = Peer::new();
    peer.bytes(&HELLO);
    peer.answers("", -1);
    assert!(peer.session.is_settled() && peer.session.device().is_none());
    assert_eq!((peer.events(), peer.session.due()), (vec![], None));
    peer.sent();
    peer.packet([3, 0, 0, 0x206, 0, 0, 0, 0]);
    assert_eq!(peer.asked(), QUERY);
    peer.answers("SpaceNavigator", 0);
    assert_eq!(peer.events(), [device("SpaceNavigator", true)]);
}

#[test]
fn a_device_that_was_not_told_is_asked_about_when_it_is_moved() {
    let mut peer = Peer::new();
    peer.bytes(&HELLO);
    peer.answers("", -1);
    peer.sent();
    peer.packet(motion([50, 0, 0, 0, 0, 0]));
    assert_eq!((peer.events(), peer.asked()), (vec![moved(0.5)], QUERY.to_vec()));
    peer.answers("", -1);
    assert_eq!(peer.events(), [moved(0.0)]);
}

#[test]
fn a_device_that_goes_is_told_once_whatever_it_held() {
    let mut peer = Peer::with_device("SpaceNavigator");
    peer.packet([1, 1, 1, 0, 0, 0, 0, 0]);
    peer.packet([1, 0, 1, 0, 0, 0, 0, 0]);
    peer.packet(motion([50, 0, 0, 0, 0, 0]));
    peer.events();
    peer.packet([3, 1, 0, 0x206, 0, 0, 0, 0]);
    let gone = [device("SpaceNavigator", false)];
    assert_eq!(peer.events(), gone, "at once, or it would look like a hand that lets go");
    peer.answers("", -1);
    assert_eq!(peer.events(), []);
}

#[test]
fn one_of_two_devices_that_goes_leaves_the_other_which_comes_anew() {
    let mut peer = Peer::with_device("SpaceNavigator");
    peer.packet(motion([50, 0, 0, 0, 0, 0]));
    peer.events();
    peer.packet([3, 1, 1, 0x206, 0, 0, 0, 0]);
    assert_eq!(peer.events(), [device("SpaceNavigator", false)]);
    peer.answers("SpaceNavigator", 0);
    assert_eq!(peer.events(), [device("SpaceNavigator", true)]);
}

#[test]
fn a_device_that_changes_while_it_is_asked_about_is_asked_about_again() {
    let mut peer = Peer::with_device("A");
    peer.packet([3, 1, 0, 0, 0, 0, 0, 0]);
    peer.packet([3, 0, 1, 0, 0, 0, 0, 0]);
    peer.answers("", -1);
    assert_eq!(peer.events(), [device("A", false)]);
    assert_eq!(peer.asked(), [QUERY, QUERY].concat());
    peer.answers("B", 0);
    assert_eq!(peer.events(), [device("B", true)]);
}

#[test]
fn a_removal_that_is_not_told_is_found_while_something_is_held() {
    let mut peer = Peer::with_device("SpaceNavigator");
    peer.packet(motion([50, 0, 0, 0, 0, 0]));
    peer.events();
    peer.wait(ms(249));
    assert_eq!(peer.asked(), []);
    peer.wait(ms(1));
    assert_eq!(peer.asked(), QUERY);
    peer.answers("", -1);
    assert_eq!(peer.events(), [device("SpaceNavigator", false)]);
}

#[test]
fn a_mouse_at_rest_costs_nothing() {
    let mut peer = Peer::with_device("SpaceNavigator");
    assert_eq!(peer.session.due(), None);
    peer.packet(motion([50, 0, 0, 0, 0, 0]));
    assert_ne!(peer.session.due(), None);
    peer.packet(motion([0; 6]));
    assert_eq!((peer.session.due(), peer.asked()), (None, vec![]));
}

#[test]
fn a_held_puck_stays_deflected_while_the_daemon_is_well() {
    let mut peer = Peer::with_device("SpaceNavigator");
    peer.packet(motion([50, 0, 0, 0, 0, 0]));
    assert_eq!(peer.events(), [moved(0.5)]);
    for _ in 0..20 {
        peer.wait(ms(300));
        peer.answers("SpaceNavigator", 0);
        assert_eq!(peer.events(), []);
    }
    assert_eq!(peer.session.fault(), None);
}

#[test]
fn a_daemon_that_still_tells_motions_while_its_answer_is_late_does_not_hang() {
    let mut peer = Peer::with_device("SpaceNavigator");
    peer.packet(motion([50, 0, 0, 0, 0, 0]));
    peer.wait(ms(300));
    peer.packet(motion([60, 0, 0, 0, 0, 0]));
    peer.wait(ms(300));
    assert_eq!(peer.events(), [moved(0.5), moved(0.6)]);
    peer.answers("SpaceNavigator", 0);
    assert_eq!((peer.events(), peer.session.fault()), (vec![], None));
}

#[test]
fn what_a_device_did_that_went_before_it_was_known_is_void() {
    let mut peer = Peer::new();
    peer.packet([1, 0, 1, 0, 0, 0, 0, 0]);
    peer.bytes(&HELLO);
    peer.packet([3, 1, 0, 0, 0, 0, 0, 0]);
    peer.answers("", -1);
    peer.answers("", -1);
    assert!(peer.session.is_settled());
    assert_eq!(peer.events(), []);
}

#[test]
fn what_is_held_while_the_daemon_hangs_is_let_go_and_then_the_connection_is_given_up() {
    let mut peer = Peer::with_device("SpaceNavigator");
    peer.packet(motion([50, 0, 0, 0, 0, 0]));
    peer.packet([1, 0, 1, 0, 0, 0, 0, 0]);
    peer.events();
    peer.wait(ms(499));
    assert_eq!(peer.events(), []);
    peer.wait(ms(1));
    assert_eq!(peer.events(), [device("SpaceNavigator", false)]);
    peer.wait(ms(3749));
    assert_eq!(peer.session.fault(), None);
    peer.wait(ms(1));
    assert_eq!(peer.session.fault(), Some(Fault::Silent(ms(4000))));
    peer.session.lost();
    assert_eq!(peer.events(), []);
}

#[test]
fn a_daemon_that_answers_after_it_hung_has_its_device_again() {
    let mut peer = Peer::with_device("SpaceNavigator");
    peer.packet([1, 0, 1, 0, 0, 0, 0, 0]);
    peer.events();
    peer.wait(ms(500));
    assert_eq!(peer.events(), [device("SpaceNavigator", false)]);
    peer.answers("SpaceNavigator", 0);
    assert_eq!(peer.events(), [device("SpaceNavigator", true)]);
}

#[test]
fn so_much_at_once_that_some_may_be_missing_lets_go_of_what_is_held() {
    let mut peer = Peer::with_device("SpaceNavigator");
    peer.session.caught_up(peer.now);
    for _ in 0..127 {
        peer.packet(motion([50, 0, 0, 0, 0, 0]));
    }
    peer.session.caught_up(peer.now);
    assert_eq!((peer.session.late(), peer.asked()), (0, vec![]));
    for _ in 0..128 {
        peer.packet(motion([50, 0, 0, 0, 0, 0]));
    }
    assert_eq!(peer.events(), vec![moved(0.5); 255]);
    peer.session.caught_up(peer.now);
    assert_eq!(peer.events(), [device("SpaceNavigator", false)]);
    assert_eq!((peer.session.late(), peer.asked()), (1, QUERY.to_vec()));
    peer.answers("SpaceNavigator", 0);
    assert_eq!(peer.events(), [device("SpaceNavigator", true)]);
}

#[test]
fn of_protocol_0_the_device_that_let_go_is_back_at_once() {
    let mut peer = Peer::new();
    peer.wait(ms(300));
    for _ in 0..128 {
        peer.packet(motion([50, 0, 0, 0, 0, 0]));
    }
    peer.events();
    peer.session.caught_up(peer.now);
    assert_eq!(peer.events(), [device("spacenavd", false), device("spacenavd", true)]);
}

#[test]
fn a_daemon_that_spoke_protocol_1_before_is_not_taken_for_an_old_one() {
    let mut peer = Peer::new();
    peer.session = Session::again(peer.now, FullScale::new(100.0).unwrap());
    peer.wait(ms(3999));
    assert_eq!((peer.session.protocol(), peer.session.fault()), (None, None));
    peer.wait(ms(1));
    assert_eq!((peer.events(), peer.session.fault()), (vec![], Some(Fault::Silent(ms(4000)))));
}

#[test]
fn a_daemon_that_reads_nothing_is_not_asked_without_end() {
    let mut peer = Peer::with_device("A");
    for _ in 0..1000 {
        peer.packet([3, 0, 1, 0, 0, 0, 0, 0]);
        peer.answer(Request::DeviceType, 0, 0);
    }
    assert!(
        matches!(peer.session.fault(), Some(Fault::Deaf(bytes)) if bytes < 8192),
        "{:?}",
        peer.session.fault()
    );
}

#[test]
fn half_a_packet_and_then_nothing_is_the_end_of_the_connection() {
    let mut peer = Peer::with_device("SpaceNavigator");
    peer.bytes(&[0; 17]);
    peer.wait(ms(999));
    assert_eq!(peer.session.fault(), None);
    peer.bytes(&[0; 14]);
    peer.wait(ms(1));
    assert_eq!(peer.session.fault(), Some(Fault::Stalled(31)));
}

#[test]
fn a_packet_whose_rest_comes_is_a_packet() {
    let mut peer = Peer::with_device("SpaceNavigator");
    let bytes: Vec<u8> = motion([50, 0, 0, 0, 0, 0]).into_iter().flat_map(i32::to_ne_bytes).collect();
    peer.bytes(&bytes[..5]);
    peer.wait(ms(900));
    peer.bytes(&bytes[5..]);
    assert_eq!(peer.events(), [moved(0.5)]);
    peer.wait(ms(200));
    assert_eq!(peer.session.fault(), None);
}

#[test]
fn nothing_but_nonsense_is_the_end_of_the_connection() {
    let mut peer = Peer::with_device("SpaceNavigator");
    (0..7).for_each(|_| peer.packet([99, 0, 0, 0, 0, 0, 0, 0]));
    peer.packet(motion([0; 6]));
    (0..7).for_each(|_| peer.packet([99, 0, 0, 0, 0, 0, 0, 0]));
    assert_eq!((peer.session.fault(), peer.session.malformed().0), (None, 14));
    peer.packet([98, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(peer.session.fault(), Some(Fault::Garbled(Malformed::UnknownType(98))));
}

#[test]
fn a_protocol_that_nobody_asked_for_is_refused() {
    let mut peer = Peer::new();
    peer.bytes(&0x7faa_5502_i32.to_ne_bytes());
    assert_eq!(peer.session.fault(), Some(Fault::Protocol(2)));
}

#[test]
fn a_daemon_that_says_protocol_0_gets_it() {
    let mut peer = Peer::new();
    peer.bytes(&0x7faa_5500_i32.to_ne_bytes());
    peer.wait(ms(300));
    assert_eq!((peer.session.protocol(), peer.events()), (Some(0), vec![device("spacenavd", true)]));
}

#[test]
fn answers_without_sense_leave_out_what_they_would_have_told() {
    let mut peer = Peer::new();
    peer.bytes(&HELLO);
    peer.packet([Request::DeviceName.tag(), 0, 0, 0, 0, 0, 0, 60_000]);
    peer.answer(Request::DeviceAxes, -5, 0);
    peer.answer(Request::DeviceButtons, 1_000_000, 0);
    peer.answer(Request::DeviceType, 0, 0);
    assert_eq!(peer.events(), [device("3D mouse without a name", true)]);
    let info = peer.session.device().unwrap();
    assert_eq!((info.axes, info.buttons, peer.session.malformed().0), (6, 2, 3));
}
