//! The thread and the bus.

use steve_drivers::leds::{LedFault, LedProbe, SimLeds};

use super::*;

const RED: Levels = [[u16::MAX, 0, 0]; 4];
const BLUE: Levels = [[0, 0, u16::MAX]; 4];
const LONG: Duration = Duration::from_secs(3600);
const SHORT: Duration = Duration::from_millis(5);

fn wait_until(mut condition: impl FnMut() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < Duration::from_secs(20), "it does not come about");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Simulated LEDs and, beside them, what is to happen before each write.
struct Around<F>(SimLeds, F);

impl<F: FnMut() -> Result<(), String> + Send> LedBus for Around<F> {
    fn name(&self) -> &'static str {
        "around"
    }

    fn write(&mut self, levels: &Levels) -> Result<(), LedFault> {
        (self.1)().map_err(|reason| LedFault { bus: "around", reason })?;
        self.0.write(levels)
    }
}

#[test]
fn what_is_shown_is_written_once_and_the_end_is_dark() {
    let sim = SimLeds::new();
    let (probe, mut sim) = (sim.probe(), Some(sim));
    let lamps = Lamps::default();
    let open: Open = Box::new(move || Ok(Box::new(sim.take().ok_or("opened twice")?)));
    let lamp = lamps.start(open, LONG).unwrap();
    wait_until(|| probe.writes() == 1);
    assert_eq!(probe.levels(), Levels::default(), "dark before anything is shown");
    for _ in 0..100 {
        lamp.show(RED);
    }
    wait_until(|| probe.levels() == RED);
    lamp.show(BLUE);
    wait_until(|| probe.levels() == BLUE);
    assert_eq!((probe.writes(), lamp.report().writes, lamp.report().errors), (3, 3, 0));
    lamps.close();
    assert_eq!(probe.levels(), Levels::default());
    lamps.close();
}

#[test]
fn a_restarted_node_finds_the_lights_as_they_were() {
    let sim = SimLeds::new();
    let (probe, mut sim) = (sim.probe(), Some(sim));
    let lamps = Lamps::default();
    let open: Open = Box::new(move || Ok(Box::new(sim.take().ok_or("opened twice")?)));
    lamps.start(open, LONG).unwrap().show(RED);
    wait_until(|| probe.levels() == RED);
    let writes = probe.writes();
    lamps.start(Box::new(|| Err("opened twice".into())), LONG).unwrap().show(RED);
    lamps.close();
    assert_eq!((probe.levels(), probe.writes()), (Levels::default(), writes + 1));
}

#[test]
fn leds_that_fail_are_opened_anew_and_get_the_newest() {
    let probes = Arc::new(Mutex::new(Vec::new()));
    let (lamps, opened) = (Lamps::default(), probes.clone());
    let open: Open = Box::new(move || {
        let sim = SimLeds::new();
        lock(&opened).push(sim.probe());
        let opens = lock(&opened).len();
        // Neither there at first, nor well the second time.
        if opens == 1 {
            return Err("not there".into());
        }
        let mut writes = 0;
        let fails_later = move || {
            writes += 1;
            if opens == 2 && writes >= 2 { Err("broken".into()) } else { Ok(()) }
        };
        Ok(Box::new(Around(sim, fails_later)))
    });
    let lamp = lamps.start(open, SHORT).unwrap();
    wait_until(|| lamp.report().writes == 1);
    assert_eq!(lamp.report().last_error.as_deref(), Some("not there"));
    lamp.show(RED);
    wait_until(|| lamp.report().writes == 2);
    let report = lamp.report();
    assert_eq!((report.errors, report.fault), (3, None));
    assert!(report.last_error.is_some_and(|error| error.contains("broken")));
    assert_eq!(lock(&probes).last().map(LedProbe::levels), Some(RED));
    lamps.close();
    assert_eq!(lock(&probes).last().map(LedProbe::levels), Some(Levels::default()));
}

#[test]
fn one_write_that_fails_is_repeated_before_the_bus_is_given_up() {
    let sim = SimLeds::new();
    let (probe, mut sim, mut writes) = (sim.probe(), Some(sim), 0);
    let mut fails_once = Some(move || {
        writes += 1;
        if writes == 2 { Err("disturbed".into()) } else { Ok(()) }
    });
    let lamps = Lamps::default();
    let open: Open = Box::new(move || {
        let (sim, fails_once) = (sim.take().ok_or("opened twice")?, fails_once.take().ok_or("opened twice")?);
        Ok(Box::new(Around(sim, fails_once)))
    });
    let lamp = lamps.start(open, LONG).unwrap();
    wait_until(|| lamp.report().writes == 1);
    lamp.show(RED);
    wait_until(|| lamp.report().writes == 2);
    let report = lamp.report();
    assert_eq!((probe.levels(), report.errors, report.fault), (RED, 1, None));
    assert!(report.last_error.is_some_and(|error| error.contains("disturbed")));
    lamps.close();
    assert_eq!(probe.levels(), Levels::default());
}

#[test]
fn a_bus_that_hangs_holds_up_nobody() {
    let (release, held) = channel::<()>();
    let mut held = Some(held);
    let lamps = Lamps::default();
    let open: Open = Box::new(move || {
        let held = held.take().ok_or("opened twice")?;
        Ok(Box::new(Around(SimLeds::new(), move || held.recv().map_err(|_| "let go".into()))))
    });
    let lamp = lamps.start(open, LONG).unwrap();
    for _ in 0..10 {
        lamp.show(RED);
        lamp.show(BLUE);
    }
    assert_eq!(lamp.report().writes, 0);
    lamps.close();
    assert_eq!(lamp.report().writes, 0, "it hangs still");
    drop(release);
}
