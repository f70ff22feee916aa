//! The simulated mouse, in virtual time, and what the registry refuses.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a panic here is a failing test")]

use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use steve_core::mouse::{Held, MouseEvent, SimMouse, SimOptions};
use steve_drivers::mouse::{Mouse, MouseOptions, names, open};
use tokio::time::{sleep, timeout};

const PERIOD: Duration = Duration::from_millis(10);

fn options(probability: f64) -> SimOptions {
    SimOptions { period: PERIOD, probability, seed: 11 }
}

fn mouse(probability: f64) -> Mouse {
    open("sim", MouseOptions { sim: options(probability), ..MouseOptions::default() }).unwrap()
}

/// What was logged, of every test.
static LOG: Mutex<Vec<String>> = Mutex::new(Vec::new());

struct Logger;

impl log::Log for Logger {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        let line = format!("{} {} {}", record.level(), record.target(), record.args());
        LOG.lock().unwrap_or_else(PoisonError::into_inner).push(line);
    }

    fn flush(&self) {}
}

#[tokio::test(start_paused = true)]
async fn a_consumer_in_time_gets_every_event() {
    let mut mouse = mouse(1.0);
    let first = mouse.next().await;
    assert_eq!(first, MouseEvent::Device { name: "simulated 3D mouse".to_owned(), connected: true });
    let mut same = SimMouse::new(options(1.0));
    for _ in 0..1000 {
        assert_eq!(Some(mouse.next().await), same.step());
    }
    let status = mouse.status();
    assert_eq!((status.events, status.lost, status.connected), (1001, 0, true));
    assert_eq!(status.device.unwrap().buttons, 2);
}

#[tokio::test(start_paused = true)]
async fn a_device_that_nobody_touches_has_no_events() {
    let mut mouse = mouse(0.0);
    mouse.next().await;
    assert!(timeout(Duration::from_secs(3600), mouse.next()).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn a_consumer_that_is_late_loses_events_but_not_what_is_held_and_is_told_once_a_second() {
    log::set_logger(&Logger).map(|()| log::set_max_level(log::LevelFilter::Info)).unwrap();
    let mut mouse = mouse(1.0);
    let mut held = Held::default();
    held.see(&mouse.next().await);
    sleep(Duration::from_millis(10_005)).await;
    let lost = mouse.status().lost;
    assert!((900..=1000).contains(&lost), "{lost}");
    let mut taken = 0;
    while let Ok(event) = timeout(Duration::ZERO, mouse.next()).await {
        held.see(&event);
        taken += 1;
    }
    let mut same = SimMouse::new(options(1.0));
    let mut truth = Held::default();
    for _ in 0..lost + taken {
        truth.see(&same.step().unwrap());
    }
    assert_eq!(held, truth);
    let log = LOG.lock().unwrap_or_else(PoisonError::into_inner);
    let lines: Vec<_> = log.iter().filter(|line| line.starts_with("WARN mouse ")).collect();
    assert!((9..=11).contains(&lines.len()), "{lines:#?}");
    assert!(lines[1].contains(" 100 events of the simulated 3D mouse were lost"), "{lines:#?}");
}

#[test]
fn the_registry_names_its_sources_and_refuses_what_cannot_be() {
    assert_eq!(names().collect::<Vec<_>>(), ["spacenavd", "sim"]);
    let refused = |source: &str, options| open(source, options).unwrap_err().to_string();
    let plain = MouseOptions::default;
    assert_eq!(refused("hid", plain()), "source: no `hid`; there is spacenavd, sim");
    let options = MouseOptions { full_scale: f64::NAN, ..plain() };
    assert_eq!(refused("spacenavd", options), "full_scale: NaN is not allowed; 1 to 1000000 counts");
    let sim = SimOptions { probability: 2.0, ..SimOptions::default() };
    assert_eq!(refused("sim", MouseOptions { sim, ..plain() }), "sim_probability: 2 is not allowed; 0 to 1");
}
