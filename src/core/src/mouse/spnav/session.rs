/// When a connection is of no use any more.
mod fault;
/// What is told of device and events.
mod giving;
/// When this process was late.
mod late;
/// What the device is.
mod query;

use super::decoder::Decoder;
use super::packet::{DeviceChange, Malformed, Packet};
use super::request::{EVENTS, HELLO, REST_OF_A_REQUEST, Request, UNIT_SENSITIVITY};
use crate::mouse::{DeviceInfo, EventQueue, FullScale, Held, MouseEvent};
pub use fault::Fault;
use query::Query;
use std::collections::VecDeque;
use std::time::Duration;

/// A daemon that has not answered by then speaks protocol 0 (as libspnav takes it).
const HELLO_TIME: Duration = Duration::from_millis(300);

/// A daemon may be busy with a serial port for more than two seconds (`open_dev_serial`).
const ANSWER_TIME: Duration = Duration::from_secs(4);

/// The rest of a packet follows at once: the daemon writes it whole.
const REST_TIME: Duration = Duration::from_secs(1);

/// So many bytes may wait for a daemon that reads nothing; all that is asked at once are a few hundred.
const MOST_OUTGOING: usize = 4096;

/// While something is held: so long a silence is looked into, and then an answer is waited for so long before it is let go.
/// A puck that is held still sends nothing, and a daemon that hangs neither.
const HELD_SILENCE: Duration = Duration::from_millis(250);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Protocol 1 is asked for.
    Hello {
        until: Duration,
        /// Without an answer it is protocol 0.
        falls_back: bool,
    },
    Zero,
    One,
}

/// One connection to spacenavd: bytes and time go in, events and bytes come out.
///
/// A protocol 0 daemon tells nothing of devices, so the connection counts as one. It cannot be asked anything either: that it
/// hangs while the puck is deflected is not seen. With protocol 1 it is: if the daemon is silent while something is held, the
/// device counts as gone until the daemon answers.
#[derive(Debug)]
pub struct Session {
    scale: FullScale,
    decoder: Decoder,
    phase: Phase,
    outgoing: Vec<u8>,
    events: VecDeque<MouseEvent>,
    /// Until the device has been told: what it does.
    early: Option<EventQueue>,
    /// By the events that were given out.
    held: Held,
    device: Option<DeviceInfo>,
    query: Option<Query>,
    /// A device came or went since the query was sent.
    query_again: bool,
    /// The last packet's time.
    seen: Duration,
    /// Packets since there was nothing left to read.
    backlog: u32,
    /// How often there were so many that some may be missing.
    late: u64,
    /// The time of the first byte of a packet that is not complete.
    half_since: Option<Duration>,
    /// An answer to a sensitivity is to come, as a late daemon takes it for a request.
    sensitivity_refused: bool,
    malformed: u64,
    last_malformed: Option<Malformed>,
    unknown_in_a_row: u32,
    fault: Option<Fault>,
    /// A packet that makes sense has come.
    heard: bool,
}

impl Session {
    /// A connection that was made at `now`. There is something to send at once.
    pub fn new(now: Duration, scale: FullScale) -> Self {
        Self::begin(now, scale, Phase::Hello { until: now + HELLO_TIME, falls_back: true })
    }

    /// The same to a daemon that has spoken protocol 1 before: without an answer it hangs, and is not taken for an old one.
    pub fn again(now: Duration, scale: FullScale) -> Self {
        Self::begin(now, scale, Phase::Hello { until: now + ANSWER_TIME, falls_back: false })
    }

    fn begin(now: Duration, scale: FullScale, phase: Phase) -> Self {
        Self {
            scale,
            decoder: Decoder::new(),
            phase,
            outgoing: HELLO.to_vec(),
            events: VecDeque::new(),
            early: Some(giving::early_events()),
            held: Held::default(),
            device: None,
            query: None,
            query_again: false,
            seen: now,
            backlog: 0,
            late: 0,
            half_since: None,
            sensitivity_refused: false,
            malformed: 0,
            last_malformed: None,
            unknown_in_a_row: 0,
            fault: None,
            heard: false,
        }
    }

    /// Bytes came, in any portion.
    pub fn received(&mut self, now: Duration, mut bytes: &[u8]) {
        while self.fault.is_none() && !bytes.is_empty() {
            let (rest, packet) = self.decoder.next(bytes);
            bytes = rest;
            let Some(packet) = packet else { break };
            self.half_since = None;
            self.seen = now;
            self.backlog = self.backlog.saturating_add(1);
            match packet.and_then(|packet| self.packet(now, packet)) {
                Ok(()) => {
                    self.unknown_in_a_row = 0;
                    self.heard = true;
                }
                Err(error) => self.skip(error),
            }
        }
        if self.decoder.pending() > 0 && self.half_since.is_none() {
            self.half_since = Some(now);
        }
    }

    /// Time passed; see [`Self::due`].
    pub fn poll(&mut self, now: Duration) {
        if let Phase::Hello { until, falls_back } = self.phase
            && now >= until
        {
            if !falls_back {
                self.fail(Fault::Silent(ANSWER_TIME));
                return;
            }
            self.phase = Phase::Zero;
            self.outgoing.extend(UNIT_SENSITIVITY);
            self.change_device(Some(DeviceInfo {
                name: "spacenavd".to_owned(),
                axes: 6,
                buttons: 2,
                kind: None,
            }));
        }
        if let Some(since) = self.half_since
            && now >= since + REST_TIME
        {
            self.fail(Fault::Stalled(self.decoder.pending()));
        }
        if let Some(sent) = self.query.as_ref().map(Query::sent) {
            if self.is_hung(sent) && now >= sent + HELD_SILENCE {
                // Told as a device that is gone, or what is let go here would look like a hand that lets go. The answer,
                // if it comes, brings it back.
                self.change_device(None);
            }
            if now >= sent + ANSWER_TIME {
                self.fail(Fault::Silent(ANSWER_TIME));
            }
        } else if self.look_at().is_some_and(|at| now >= at) {
            self.ask(now);
        }
    }

    /// When [`Self::poll`] has something to do, if no bytes come.
    pub fn due(&self) -> Option<Duration> {
        let hello = if let Phase::Hello { until, .. } = self.phase { Some(until) } else { None };
        let rest = self.half_since.map(|since| since + REST_TIME);
        let query = self.query.as_ref().map(|query| {
            let sent = query.sent();
            sent + if self.is_hung(sent) { HELD_SILENCE } else { ANSWER_TIME }
        });
        [hello, rest, query, self.look_at()].into_iter().flatten().min()
    }

    /// The next event.
    pub fn next_event(&mut self) -> Option<MouseEvent> {
        self.events.pop_front()
    }

    /// What is to be sent to the daemon.
    pub fn outgoing(&self) -> &[u8] {
        &self.outgoing
    }

    /// So many bytes of it were sent.
    pub fn sent(&mut self, bytes: usize) {
        self.outgoing.drain(..bytes.min(self.outgoing.len()));
    }

    /// Why the connection has to be closed; it is to be made anew then.
    pub fn fault(&self) -> Option<Fault> {
        self.fault
    }

    /// The connection is gone, and the device with it.
    pub fn lost(&mut self) {
        self.early = None;
        self.change_device(None);
    }

    /// The daemon's protocol, once it is known.
    pub fn protocol(&self) -> Option<u8> {
        match self.phase {
            Phase::Hello { .. } => None,
            Phase::Zero => Some(0),
            Phase::One => Some(1),
        }
    }

    /// It is known whether there is a device, and which.
    pub fn is_settled(&self) -> bool {
        self.early.is_none()
    }

    /// How many bytes of a packet that is not complete have come.
    pub fn pending(&self) -> usize {
        self.decoder.pending()
    }

    /// The device that is there.
    pub fn device(&self) -> Option<&DeviceInfo> {
        self.device.as_ref()
    }

    /// How many packets made no sense, and the last of them.
    pub fn malformed(&self) -> (u64, Option<Malformed>) {
        (self.malformed, self.last_malformed)
    }

    /// The daemon has told anything: it speaks to us, whatever its protocol.
    pub fn is_heard(&self) -> bool {
        self.heard
    }

    fn packet(&mut self, now: Duration, packet: Packet) -> Result<(), Malformed> {
        match packet {
            Packet::Protocol { version } => self.greeted(now, version),
            Packet::Motion { counts } => {
                self.emit(now, MouseEvent::Motion { axes: self.scale.axes(&counts) });
            }
            Packet::Button { button, pressed } => self.emit(now, MouseEvent::Button { button, pressed }),
            Packet::Device { change, .. } => {
                if change == DeviceChange::Removed {
                    // It may have been another one: then the answer brings this one back.
                    self.lose_device();
                }
                self.query_again = self.query.is_some();
                self.ask(now);
            }
            Packet::Other => {}
            Packet::Answer { request, data, status } => {
                let Some(query) = &mut self.query else { return Ok(()) };
                query.answer(request, &data, status)?;
                if request == Request::DeviceType
                    && let Some(query) = self.query.take()
                {
                    if std::mem::take(&mut self.query_again) {
                        self.ask(now);
                    } else {
                        self.change_device(query.device());
                    }
                }
            }
        }
        Ok(())
    }

    fn greeted(&mut self, now: Duration, version: u8) {
        match (version, self.phase) {
            // It will be said when the time is up.
            (0, _) => {}
            (1, phase) => {
                if phase == Phase::Zero {
                    self.outgoing.extend(REST_OF_A_REQUEST);
                    self.sensitivity_refused = true;
                }
                self.phase = Phase::One;
                self.outgoing.extend(Request::SetEventMask.bytes(EVENTS));
                self.ask(now);
            }
            (version, _) => self.fail(Fault::Protocol(version)),
        }
    }

    /// Asks what the device is, unless that is being asked already.
    fn ask(&mut self, now: Duration) {
        if self.query.is_none() && self.phase == Phase::One {
            for request in Query::REQUESTS {
                self.outgoing.extend(request.bytes(0));
            }
            if self.outgoing.len() > MOST_OUTGOING {
                self.fail(Fault::Deaf(self.outgoing.len()));
            }
            self.query = Some(Query::new(now));
        }
    }

    /// When the daemon's silence is looked into; never while nothing is held.
    fn look_at(&self) -> Option<Duration> {
        let looks = self.phase == Phase::One && self.query.is_none() && self.held.any();
        looks.then(|| self.seen + HELD_SILENCE)
    }

    /// Something is held, and since it was asked the daemon said nothing at all.
    fn is_hung(&self, asked: Duration) -> bool {
        self.held.any() && self.seen <= asked
    }
}
