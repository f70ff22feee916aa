//! What holds for any bytes that a daemon may send, in any portions: for proptest, and for the fuzz target that includes
//! this file.

use std::time::Duration;
use steve_core::mouse::spnav::{Decoder, Fault, Malformed, Packet, Session};
use steve_core::mouse::{FullScale, Held, MAX_BUTTONS, MouseEvent};

/// Any bytes, and where they are cut: each portion is as long as the next number says (0: one byte), again and again.
pub fn check(bytes: &[u8], cuts: &[u8]) {
    let whole = decode([bytes].into_iter());
    assert_eq!(whole, decode(portions(bytes, cuts)), "packets depend on the portions");
    let whole = run([bytes].into_iter());
    assert_eq!(whole, run(portions(bytes, cuts)), "events depend on the portions");
    whole.check();
    run_in_time(portions(bytes, cuts), cuts).check();
}

fn portions<'a>(mut bytes: &'a [u8], cuts: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
    let mut lengths = cuts.iter().cycle();
    std::iter::from_fn(move || {
        let length = lengths.next().map_or(bytes.len(), |&length| usize::from(length)).max(1);
        let (portion, rest) = bytes.split_at(length.min(bytes.len()));
        bytes = rest;
        (!portion.is_empty()).then_some(portion)
    })
}

fn decode<'a>(portions: impl Iterator<Item = &'a [u8]>) -> (Vec<Result<Packet, Malformed>>, usize) {
    let (mut decoder, mut packets) = (Decoder::new(), Vec::new());
    for mut portion in portions {
        while !portion.is_empty() {
            let (rest, packet) = decoder.next(portion);
            assert!(rest.len() < portion.len(), "the decoder took nothing");
            assert!(packet.is_some() || rest.is_empty(), "the decoder left something");
            packets.extend(packet);
            portion = rest;
        }
    }
    (packets, decoder.pending())
}

#[derive(Debug, PartialEq)]
struct Ran {
    events: Vec<MouseEvent>,
    sent: Vec<u8>,
    malformed: u64,
    fault: Option<Fault>,
}

impl Ran {
    /// The end of a connection: what was taken from it in the end.
    fn new(mut session: Session, mut events: Vec<MouseEvent>) -> Self {
        let (sent, malformed, fault) = (session.outgoing().to_vec(), session.malformed().0, session.fault());
        session.lost();
        events.extend(std::iter::from_fn(|| session.next_event()));
        Self { events, sent, malformed, fault }
    }

    fn check(&self) {
        let mut held = Held::default();
        let mut device: Option<&str> = None;
        for event in &self.events {
            match event {
                MouseEvent::Motion { axes } => {
                    assert!(axes.iter().all(|axis| (-1.0..=1.0).contains(axis)), "{axes:?}");
                }
                MouseEvent::Button { button, .. } => assert!(*button < MAX_BUTTONS),
                MouseEvent::Device { name, connected: true } => {
                    assert_eq!(device.replace(name), None, "a device came twice");
                    assert!(!name.is_empty() && !name.contains(char::is_control), "{name:?}");
                }
                MouseEvent::Device { name, connected: false } => {
                    assert_eq!(device.take(), Some(name.as_str()), "a device went that was not there");
                }
            }
            held.see(event);
        }
        assert!(!held.any() && device.is_none(), "something is left of a connection that is gone");
    }
}

fn session() -> Session {
    Session::new(Duration::ZERO, FullScale::new(350.0).unwrap())
}

/// All at one time.
fn run<'a>(portions: impl Iterator<Item = &'a [u8]>) -> Ran {
    let mut session = session();
    portions.for_each(|portion| session.received(Duration::ZERO, portion));
    let events = std::iter::from_fn(|| session.next_event()).collect();
    Ran::new(session, events)
}

/// With time between the portions, as long as the numbers say.
fn run_in_time<'a>(portions: impl Iterator<Item = &'a [u8]>, pauses: &[u8]) -> Ran {
    let mut session = session();
    let (mut events, mut now) = (Vec::new(), Duration::ZERO);
    let mut pauses = pauses.iter().cycle();
    for portion in portions {
        session.received(now, portion);
        now += Duration::from_millis(7 * u64::from(pauses.next().copied().unwrap_or(0)));
        while let Some(due) = session.due().filter(|&due| due <= now && session.fault().is_none()) {
            session.poll(due);
            let next = session.due();
            assert!(
                session.fault().is_some() || next.is_none_or(|next| next > due),
                "a poll at {due:?} did nothing"
            );
        }
        events.extend(std::iter::from_fn(|| session.next_event()));
        session.sent(session.outgoing().len());
    }
    Ran::new(session, events)
}
