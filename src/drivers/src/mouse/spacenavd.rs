use super::MouseStatus;
use super::places::Places;
use log::{info, warn};
use std::collections::VecDeque;
use std::io;
use std::path::PathBuf;
use std::time::Duration;
use steve_core::mouse::spnav::Session;
use steve_core::mouse::{FullScale, MouseEvent};
use tokio::io::Interest;
use tokio::net::UnixStream;
use tokio::task::{consume_budget, yield_now};
use tokio::time::{Instant, sleep_until};

/// The first wait for a daemon that is not there; each is twice as long as the one before.
const FIRST_WAIT: Duration = Duration::from_secs(1);

/// The longest.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// That this process was late is said no more often than this.
const LATE_SAID: Duration = Duration::from_secs(5);

/// A read takes up to so many bytes, 64 packets.
const READ: usize = 2048;

/// The mouse of spacenavd.
#[derive(Debug)]
pub(super) struct Spacenavd {
    places: Places,
    scale: FullScale,
    link: Link,
    /// How long the next wait is.
    wait: Duration,
    events: VecDeque<MouseEvent>,
    /// That it is not there has been said.
    said: bool,
    /// How often it was there.
    settled: u64,
    /// Of connections that are no more.
    malformed: u64,
    late: u64,
    /// How often it had been late when that was said, and when.
    late_said: Option<(u64, Instant)>,
    /// The daemon of the last connection spoke protocol 1.
    protocol_1: bool,
    /// That packets make no sense has been said.
    said_malformed: bool,
    last_error: Option<String>,
}

#[derive(Debug)]
enum Link {
    /// No connection; it is tried again then. None: now.
    Down(Option<Instant>),
    Up(Box<Up>),
}

#[derive(Debug)]
struct Up {
    stream: UnixStream,
    path: PathBuf,
    session: Session,
    /// The session's time begins here.
    start: Instant,
    /// What was told of it.
    settled: bool,
    /// That it is there was told: by a daemon that only accepts, not yet.
    told: bool,
}

impl Spacenavd {
    pub(super) fn new(socket: Option<PathBuf>, scale: FullScale) -> Self {
        Self {
            places: Places::new(socket),
            scale,
            link: Link::Down(None),
            wait: FIRST_WAIT,
            events: VecDeque::new(),
            said: false,
            settled: 0,
            malformed: 0,
            late: 0,
            late_said: None,
            protocol_1: false,
            said_malformed: false,
            last_error: None,
        }
    }

    /// Cancel-safe: between two awaits everything is in `self`.
    pub(super) async fn next(&mut self) -> MouseEvent {
        loop {
            if let Some(event) = self.events.pop_front() {
                return event;
            }
            match &mut self.link {
                Link::Down(retry) => {
                    if let Some(retry) = *retry {
                        sleep_until(retry).await;
                    }
                    self.connect().await;
                }
                Link::Up(up) => {
                    let lost = up.turn().await.err();
                    self.take_over(lost);
                    // Whoever sends without end leaves the others of this thread their turn.
                    consume_budget().await;
                }
            }
        }
    }

    pub(super) fn status(&self) -> MouseStatus {
        let session = if let Link::Up(up) = &self.link { Some(&up.session) } else { None };
        MouseStatus {
            connected: session.is_some(),
            device: session.and_then(Session::device).cloned(),
            protocol: session.and_then(Session::protocol),
            events: 0,
            reconnects: self.settled.saturating_sub(1),
            malformed: self.malformed + session.map_or(0, |session| session.malformed().0),
            lost: 0,
            late: self.late + session.map_or(0, Session::late),
            last_error: self.last_error.clone(),
        }
    }

    async fn connect(&mut self) {
        let mut errors = Vec::new();
        for path in self.places.list() {
            match UnixStream::connect(&path).await {
                Ok(stream) => {
                    // Once only: in its place may be an older one.
                    let begin =
                        if std::mem::take(&mut self.protocol_1) { Session::again } else { Session::new };
                    let session = begin(Duration::ZERO, self.scale);
                    let start = Instant::now();
                    let up = Up { stream, path, session, start, settled: false, told: false };
                    self.link = Link::Up(Box::new(up));
                    return;
                }
                Err(error) => errors.push(format!("{}: {error}", path.display())),
            }
        }
        self.down(&errors.join("; "));
    }

    /// What the last turn brought.
    fn take_over(&mut self, lost: Option<String>) {
        let Link::Up(up) = &mut self.link else { return };
        if lost.is_some() {
            up.session.lost();
        }
        let first = self.events.len();
        while let Some(event) = up.session.next_event() {
            self.events.push_back(event);
        }
        let (malformed, last) = up.session.malformed();
        if let Some(error) = last.filter(|_| !std::mem::replace(&mut self.said_malformed, true)) {
            warn!(target: "mouse", "spacenavd sends what makes no sense: {error}; skipped, and counted from now on");
        }
        self.protocol_1 |= up.session.protocol() == Some(1);
        let late = self.late + up.session.late();
        let is_time = self.late_said.is_none_or(|(_, then)| then.elapsed() >= LATE_SAID);
        if late > self.late_said.map_or(0, |(said, _)| said) && is_time {
            self.late_said = Some((late, Instant::now()));
            warn!(target: "mouse", "this process was held up, and spacenavd may have dropped events: what is held is let go then");
        }
        if up.session.is_settled() && !up.settled && lost.is_none() {
            up.settled = true;
            self.settled += 1;
        }
        // A daemon that was missed is back when it says something: one that accepts and hangs up would come and go for ever.
        if up.settled && !up.told && lost.is_none() && (!self.said || up.session.is_heard()) {
            up.told = true;
            self.wait = FIRST_WAIT;
            self.said = false;
            let device = up.session.device().map_or_else(
                || "no mouse yet".to_owned(),
                |device| format!("{}, {} axes, {} buttons", device.name, device.axes, device.buttons),
            );
            let protocol = up.session.protocol().unwrap_or_default();
            info!(target: "mouse", "spacenavd at {}, protocol {protocol}: {device}", up.path.display());
        } else if up.told && lost.is_none() {
            say_changes(self.events.range(first..));
        }
        if let Some(reason) = lost {
            self.malformed += malformed;
            self.late += up.session.late();
            let reason = format!("{}: {reason}", up.path.display());
            self.down(&reason);
        }
    }

    fn down(&mut self, reason: &str) {
        if !self.said {
            self.said = true;
            warn!(target: "mouse", "no spacenavd: {reason}; it is looked for again every 1 to 5 s");
        }
        self.last_error = Some(reason.to_owned());
        self.link = Link::Down(Some(Instant::now() + self.wait));
        self.wait = (self.wait * 2).min(LONGEST_WAIT);
    }
}

/// Devices that came or went.
fn say_changes<'a>(events: impl Iterator<Item = &'a MouseEvent>) {
    for event in events {
        match event {
            MouseEvent::Device { name, connected: true } => info!(target: "mouse", "{name} is there"),
            MouseEvent::Device { name, connected: false } => warn!(target: "mouse", "{name} is gone"),
            MouseEvent::Motion { .. } | MouseEvent::Button { .. } => {}
        }
    }
}

impl Up {
    /// Waits until there is something to do, and does it. An error is the end of the connection, and why.
    async fn turn(&mut self) -> Result<(), String> {
        let due = self.session.due().map(|due| self.start + due);
        let interest = if self.session.outgoing().is_empty() {
            Interest::READABLE
        } else {
            Interest::READABLE | Interest::WRITABLE
        };
        let (readable, writable) = tokio::select! {
            ready = self.stream.ready(interest) => {
                let ready = ready.map_err(|error| error.to_string())?;
                (ready.is_readable(), ready.is_writable())
            }
            () = sleep_until(due.unwrap_or(self.start)), if due.is_some() => {
                // If it is this process that slept too long, the answer has come and only has to be seen.
                yield_now().await;
                (true, false)
            }
        };
        // What a daemon sent before it died counts: it is read to the end.
        let read = if readable { self.read() } else { Ok(()) };
        let written = if writable { self.write() } else { Ok(()) };
        self.session.poll(self.start.elapsed());
        match self.session.fault() {
            Some(fault) => Err(fault.to_string()),
            None => read.and(written),
        }
    }

    fn read(&mut self) -> Result<(), String> {
        let mut bytes = [0; READ];
        match self.stream.try_read(&mut bytes) {
            Ok(0) => Err(match self.session.pending() {
                0 => "the daemon has closed the connection".to_owned(),
                pending => {
                    format!("the daemon has closed the connection after {pending} bytes of a packet of 32")
                }
            }),
            Ok(length) => {
                let now = self.start.elapsed();
                self.session.received(now, &bytes[..length]);
                if length < READ {
                    self.session.caught_up(now);
                }
                Ok(())
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                self.session.caught_up(self.start.elapsed());
                Ok(())
            }
            Err(error) => Err(error.to_string()),
        }
    }

    fn write(&mut self) -> Result<(), String> {
        match self.stream.try_write(self.session.outgoing()) {
            Ok(length) => {
                self.session.sent(length);
                Ok(())
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(()),
            // What it has still sent is read first; the end shows there.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.session.sent(usize::MAX);
                Ok(())
            }
            Err(error) => Err(error.to_string()),
        }
    }
}
