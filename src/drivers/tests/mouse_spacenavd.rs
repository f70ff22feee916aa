//! The mouse and a daemon that the test plays, on a real socket. Waits have no upper bound that a slow machine could miss.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a panic here is a failing test")]

use std::path::PathBuf;
use std::sync::{Mutex, Once, PoisonError};
use std::time::Duration;
use steve_core::mouse::spnav::{HELLO, Request, UNIT_SENSITIVITY};
use steve_core::mouse::{MouseEvent, SimOptions};
use steve_drivers::mouse::{Mouse, MouseOptions, open};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};

/// Where a daemon may listen.
struct Place {
    _folder: TempDir,
    socket: PathBuf,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("spnav.sock");
        Self { _folder: folder, socket }
    }

    /// As a daemon does that starts anew.
    fn listen(&self) -> UnixListener {
        let _ = std::fs::remove_file(&self.socket);
        UnixListener::bind(&self.socket).unwrap()
    }

    fn mouse(&self) -> Mouse {
        let socket = Some(self.socket.clone());
        open("spacenavd", MouseOptions { socket, full_scale: 100.0, sim: SimOptions::default() }).unwrap()
    }
}

/// The daemon's end of a connection.
struct Daemon(UnixStream);

impl Daemon {
    async fn accept(listener: &UnixListener) -> Self {
        Self(listener.accept().await.unwrap().0)
    }

    /// Speaks protocol 1 and has a device.
    async fn with_device(listener: &UnixListener, name: &str) -> Self {
        let mut daemon = Self::accept(listener).await;
        daemon.expect(&HELLO).await;
        daemon.send(&HELLO).await;
        daemon.expect(&Request::SetEventMask.bytes(7)).await;
        daemon.packet([Request::SetEventMask.tag(), 7, 0, 0, 0, 0, 0, 0]).await;
        daemon.answer(name, 0).await;
        daemon
    }

    async fn send(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).await.unwrap();
    }

    async fn packet(&mut self, words: [i32; 8]) {
        self.send(&words.into_iter().flat_map(i32::to_ne_bytes).collect::<Vec<_>>()).await;
    }

    async fn motion(&mut self, x: i32) {
        self.packet([0, x, 0, 0, 0, 0, 0, 8]).await;
    }

    async fn expect(&mut self, bytes: &[u8]) {
        let mut got = vec![0; bytes.len()];
        self.0.read_exact(&mut got).await.unwrap();
        assert_eq!(got, bytes);
    }

    /// Is asked what the device is, and tells.
    async fn answer(&mut self, name: &str, status: i32) {
        for request in [Request::DeviceName, Request::DeviceAxes, Request::DeviceButtons, Request::DeviceType]
        {
            self.expect(&request.bytes(0)).await;
        }
        let mut left = name.len();
        for (index, piece) in name.as_bytes().chunks(24).enumerate() {
            let mut packet = Request::DeviceName.bytes(0);
            packet[4..4 + piece.len()].copy_from_slice(piece);
            let word = left as i32 | if index > 0 { 0x1_0000 } else { 0 };
            packet[28..].copy_from_slice(&word.to_ne_bytes());
            self.send(&packet).await;
            left -= piece.len();
        }
        if name.is_empty() {
            self.packet([Request::DeviceName.tag(), 0, 0, 0, 0, 0, 0, status]).await;
        }
        for (request, value) in
            [(Request::DeviceAxes, 6), (Request::DeviceButtons, 15), (Request::DeviceType, 0x20a)]
        {
            self.packet([request.tag(), value, 0, 0, 0, 0, 0, status]).await;
        }
    }

    /// Goes on until the other end closes the connection.
    async fn closed(&mut self) {
        let mut rest = Vec::new();
        let _ = self.0.read_to_end(&mut rest).await;
    }
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

async fn events<const N: usize>(mouse: &mut Mouse) -> [MouseEvent; N] {
    let mut events = Vec::new();
    while events.len() < N {
        events.push(mouse.next().await);
    }
    events.try_into().unwrap()
}

/// Nothing comes for a while.
async fn nothing(mouse: &mut Mouse, milliseconds: u64) {
    let waited = tokio::time::timeout(Duration::from_millis(milliseconds), mouse.next()).await;
    assert!(waited.is_err(), "{waited:?}");
}

/// What was logged, of every test.
static LOG: Mutex<Vec<String>> = Mutex::new(Vec::new());

struct Logger;

impl log::Log for Logger {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        let line = format!("{} {}: {}", record.level(), record.target(), record.args());
        LOG.lock().unwrap_or_else(PoisonError::into_inner).push(line);
    }

    fn flush(&self) {}
}

impl Place {
    /// What is logged of this place from now on.
    fn log(&self) -> impl Fn() -> Vec<String> {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| {
            log::set_logger(&Logger).map(|()| log::set_max_level(log::LevelFilter::Info)).unwrap();
        });
        let socket = self.socket.display().to_string();
        move || {
            let log = LOG.lock().unwrap_or_else(PoisonError::into_inner);
            let here = log.iter().filter(|line| line.contains(&socket));
            here.map(|line| line.replace(&socket, "SOCKET")).collect()
        }
    }
}

const NAME: &str = "3Dconnexion SpaceMouse Pro Wireless Receiver";

#[tokio::test]
async fn a_daemon_of_protocol_1_tells_its_device_and_then_its_events() {
    let place = Place::new();
    let listener = place.listen();
    let mut mouse = place.mouse();
    let daemon = async {
        let mut daemon = Daemon::with_device(&listener, NAME).await;
        daemon.motion(50).await;
        daemon.packet([1, 3, 1, 0, 0, 0, 0, 0]).await;
        daemon
    };
    let (mut daemon, told) = tokio::join!(daemon, events(&mut mouse));
    assert_eq!(told, [device(NAME, true), moved(0.5), button(3, true)]);
    let status = mouse.status();
    assert_eq!((status.connected, status.protocol, status.events), (true, Some(1), 3));
    let info = status.device.unwrap();
    assert_eq!((info.name.as_str(), info.axes, info.buttons, info.kind), (NAME, 6, 15, Some(0x20a)));
    daemon.packet([2, 3, 0, 0, 0, 0, 0, 0]).await;
    daemon.motion(0).await;
    assert_eq!(events(&mut mouse).await, [button(3, false), moved(0.0)]);
}

#[tokio::test]
async fn events_between_answers_are_not_lost() {
    let place = Place::new();
    let listener = place.listen();
    let mut mouse = place.mouse();
    let daemon = async {
        let mut daemon = Daemon::accept(&listener).await;
        daemon.motion(10).await;
        daemon.expect(&HELLO).await;
        daemon.motion(20).await;
        daemon.send(&HELLO).await;
        daemon.expect(&Request::SetEventMask.bytes(7)).await;
        daemon.motion(30).await;
        daemon.packet([1, 0, 1, 0, 0, 0, 0, 0]).await;
        daemon.answer(NAME, 0).await;
        daemon
    };
    let (_daemon, told) = tokio::join!(daemon, events(&mut mouse));
    assert_eq!(told, [device(NAME, true), moved(0.1), moved(0.2), moved(0.3), button(0, true)]);
}

#[tokio::test]
async fn a_daemon_of_protocol_0_gets_its_sensitivity_back_and_counts_as_the_device() {
    let place = Place::new();
    let listener = place.listen();
    let mut mouse = place.mouse();
    let daemon = async {
        let mut daemon = Daemon::accept(&listener).await;
        daemon.expect(&HELLO).await;
        daemon.packet([1, 0, 1, 0, 0, 0, 0, 0]).await;
        daemon.expect(&UNIT_SENSITIVITY).await;
        daemon.motion(100).await;
        daemon
    };
    let (daemon, told) = tokio::join!(daemon, events(&mut mouse));
    assert_eq!(told, [device("spacenavd", true), button(0, true), moved(1.0)]);
    assert_eq!(mouse.status().protocol, Some(0));
    drop(daemon);
    assert_eq!(events(&mut mouse).await, [device("spacenavd", false)]);
    assert!(!mouse.status().connected);
}

#[tokio::test]
async fn without_a_daemon_the_mouse_waits_for_one() {
    let place = Place::new();
    let mut mouse = place.mouse();
    nothing(&mut mouse, 100).await;
    let status = mouse.status();
    assert!(!status.connected && status.device.is_none());
    assert!(status.last_error.unwrap().contains("spnav.sock: No such file"));
    let listener = place.listen();
    let (_daemon, told) = tokio::join!(Daemon::with_device(&listener, NAME), events(&mut mouse));
    assert_eq!((told, mouse.status().reconnects), ([device(NAME, true)], 0));
}

#[tokio::test]
async fn a_daemon_that_dies_within_a_packet_takes_its_device_along_and_may_come_back() {
    let place = Place::new();
    let mut listener = place.listen();
    let mut mouse = place.mouse();
    for reconnects in 0..2 {
        let daemon = async {
            let mut daemon = Daemon::with_device(&listener, NAME).await;
            daemon.packet([1, 5, 1, 0, 0, 0, 0, 0]).await;
            daemon.motion(-100).await;
            daemon.send(&[0; 13]).await;
        };
        let ((), told) = tokio::join!(daemon, events(&mut mouse));
        assert_eq!(told, [device(NAME, true), button(5, true), moved(-1.0), device(NAME, false)]);
        let status = mouse.status();
        assert_eq!((status.connected, status.reconnects), (false, reconnects));
        assert!(
            status.last_error.unwrap().ends_with("closed the connection after 13 bytes of a packet of 32")
        );
        listener = place.listen();
    }
}

#[tokio::test]
async fn a_mouse_that_is_unplugged_and_plugged_in_again_needs_no_new_connection() {
    let place = Place::new();
    let listener = place.listen();
    let mut mouse = place.mouse();
    let daemon = async {
        let mut daemon = Daemon::with_device(&listener, NAME).await;
        daemon.motion(100).await;
        daemon.packet([3, 1, 0, 0x20a, 0, 0, 0, 0]).await;
        daemon.answer("", -1).await;
        daemon.packet([3, 0, 1, 0x20a, 0, 0, 0, 0]).await;
        daemon.answer("Other", 0).await;
        daemon
    };
    let (_daemon, told) = tokio::join!(daemon, events(&mut mouse));
    assert_eq!(told, [device(NAME, true), moved(1.0), device(NAME, false), device("Other", true)]);
    assert_eq!(mouse.status().reconnects, 0);
}

#[tokio::test]
async fn a_daemon_that_hangs_within_a_packet_is_given_up() {
    let place = Place::new();
    let listener = place.listen();
    let mut mouse = place.mouse();
    let daemon = async {
        let mut daemon = Daemon::with_device(&listener, NAME).await;
        daemon.send(&[0; 31]).await;
        daemon.closed().await;
        Daemon::with_device(&listener, NAME).await
    };
    let (_daemon, told) = tokio::join!(daemon, events(&mut mouse));
    assert_eq!(told, [device(NAME, true), device(NAME, false), device(NAME, true)]);
    let status = mouse.status();
    assert_eq!((status.connected, status.reconnects), (true, 1));
    assert!(status.last_error.unwrap().ends_with("31 bytes of a packet of 32, and then nothing"));
}

#[tokio::test]
async fn a_daemon_that_hangs_while_the_puck_is_deflected_has_no_device() {
    let place = Place::new();
    let listener = place.listen();
    let mut mouse = place.mouse();
    let daemon = async {
        let mut daemon = Daemon::with_device(&listener, NAME).await;
        daemon.motion(100).await;
        daemon
    };
    let (_hangs, told) = tokio::join!(daemon, events(&mut mouse));
    assert_eq!(told, [device(NAME, true), moved(1.0), device(NAME, false)]);
}

#[tokio::test]
async fn what_a_daemon_drops_while_nobody_reads_is_let_go() {
    let place = Place::new();
    let listener = place.listen();
    let mut mouse = place.mouse();
    let (mut daemon, told) = tokio::join!(Daemon::with_device(&listener, NAME), events(&mut mouse));
    assert_eq!(told, [device(NAME, true)]);
    // As the real one: what has no room is dropped, and the news that the puck is centred are among that.
    for step in 1.. {
        let packet: Vec<u8> =
            [0, step % 100, 0, 0, 0, 0, 0, 8].into_iter().flat_map(i32::to_ne_bytes).collect();
        if daemon.0.try_write(&packet).is_err() {
            break;
        }
    }
    // Once the moment's motions are through.
    while mouse.next().await != device(NAME, false) {}
    let ((), told) = tokio::join!(daemon.answer(NAME, 0), events(&mut mouse));
    assert_eq!((told, mouse.status().late), ([device(NAME, true)], 1));
}

#[tokio::test]
async fn a_mouse_that_never_pauses_leaves_others_their_turn() {
    let place = Place::new();
    let listener = place.listen();
    let mut mouse = place.mouse();
    let (daemon, told) = tokio::join!(Daemon::with_device(&listener, NAME), events(&mut mouse));
    assert_eq!(told, [device(NAME, true)]);
    let stream = daemon.0.into_std().unwrap();
    stream.set_nonblocking(false).unwrap();
    // On a thread of its own, so that there is always more to read; packets that are no events, which are the worst.
    let storm = std::thread::spawn(move || {
        let packets: Vec<u8> = std::iter::repeat_n([4, 0, 0, 0, 0, 0, 0, 0], 1000)
            .flatten()
            .flat_map(i32::to_ne_bytes)
            .collect();
        let mut stream = stream;
        while std::io::Write::write_all(&mut stream, &packets).is_ok() {}
    });
    tokio::select! {
        event = mouse.next() => panic!("{event:?} out of nothing"),
        () = tokio::time::sleep(Duration::from_millis(200)) => {}
    }
    drop(mouse);
    storm.join().unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_daemon_that_hangs_for_long_is_not_taken_for_one_of_protocol_0() {
    let place = Place::new();
    let listener = place.listen();
    let mut mouse = place.mouse();
    let daemon = async {
        drop(Daemon::with_device(&listener, NAME).await);
        let mut silent = Daemon::accept(&listener).await;
        silent.expect(&HELLO).await;
        silent.closed().await;
        // In its place may be an old one.
        let mut old = Daemon::accept(&listener).await;
        old.expect(&HELLO).await;
        old
    };
    let (_old, told) = tokio::join!(daemon, events(&mut mouse));
    assert_eq!(told, [device(NAME, true), device(NAME, false), device("spacenavd", true)]);
    assert_eq!(mouse.status().protocol, Some(0));
}

#[tokio::test(start_paused = true)]
async fn a_daemon_that_only_accepts_and_hangs_up_is_missed_once() {
    let place = Place::new();
    let log = place.log();
    let listener = place.listen();
    let mut mouse = place.mouse();
    let daemon = async {
        for _ in 0..5 {
            let mut daemon = Daemon::accept(&listener).await;
            daemon.expect(&HELLO).await;
            daemon.expect(&UNIT_SENSITIVITY).await;
        }
    };
    let ((), _told) = tokio::join!(daemon, events::<10>(&mut mouse));
    let lines: Vec<String> = log().into_iter().filter(|line| line.contains("no spacenavd")).collect();
    assert_eq!(lines.len(), 1, "{lines:?}");
}

#[tokio::test]
async fn malformed_packets_are_counted_and_skipped_and_too_many_end_the_connection() {
    let place = Place::new();
    let listener = place.listen();
    let mut mouse = place.mouse();
    let daemon = async {
        let mut daemon = Daemon::with_device(&listener, NAME).await;
        daemon.packet([1, 9999, 1, 0, 0, 0, 0, 0]).await;
        daemon.packet([0, i32::MIN, 0, 0, 0, 0, 0, 0]).await;
        daemon.packet([4711, 0, 0, 0, 0, 0, 0, 0]).await;
        daemon.motion(1).await;
        daemon
    };
    let (mut daemon, told) = tokio::join!(daemon, events(&mut mouse));
    assert_eq!((told, mouse.status().malformed), ([device(NAME, true), moved(0.01)], 3));
    for _ in 0..8 {
        daemon.packet([4711, 0, 0, 0, 0, 0, 0, 0]).await;
    }
    assert_eq!(events(&mut mouse).await, [device(NAME, false)]);
    assert_eq!(mouse.status().malformed, 11);
}

#[tokio::test]
async fn a_look_that_is_given_up_any_time_loses_nothing() {
    let place = Place::new();
    let listener = place.listen();
    let mut mouse = place.mouse();
    let daemon = async {
        let mut daemon = Daemon::with_device(&listener, NAME).await;
        for count in 1..=100 {
            daemon.motion(count).await;
            tokio::task::yield_now().await;
        }
        daemon
    };
    let impatient = async {
        let mut told = Vec::new();
        while told.len() < 101 {
            tokio::select! {
                biased;
                event = mouse.next() => told.push(event),
                () = tokio::task::yield_now() => {}
            }
        }
        told
    };
    let (_daemon, told) = tokio::join!(daemon, impatient);
    let expected = (1..=100).map(|count| moved(f64::from(count) / 100.0));
    assert_eq!(told[0], device(NAME, true));
    assert!(told[1..].iter().cloned().eq(expected), "{told:?}");
}

const NOT_THERE: &str = "WARN mouse: no spacenavd: SOCKET: No such file or directory (os error 2); it is looked for again every 1 to 5 s";

#[tokio::test(start_paused = true)]
async fn a_daemon_that_is_not_there_for_an_hour_is_missed_once() {
    let place = Place::new();
    let log = place.log();
    nothing(&mut place.mouse(), 3_600_000).await;
    assert_eq!(log(), [NOT_THERE]);
}

#[tokio::test]
async fn loss_and_return_are_told_once_each_with_the_devices_name() {
    let place = Place::new();
    let log = place.log();
    let mut mouse = place.mouse();
    nothing(&mut mouse, 1500).await;
    let listener = place.listen();
    let (daemon, _) = tokio::join!(Daemon::with_device(&listener, NAME), events::<1>(&mut mouse));
    drop((daemon, listener));
    assert_eq!(events(&mut mouse).await, [device(NAME, false)]);
    nothing(&mut mouse, 1500).await;
    let back = format!("INFO mouse: spacenavd at SOCKET, protocol 1: {NAME}, 6 axes, 15 buttons");
    let lost = "WARN mouse: no spacenavd: SOCKET: the daemon has closed the connection; it is looked for again every 1 to 5 s";
    assert_eq!(log(), [NOT_THERE, &back, lost]);
}
