use super::*;
use steve_core::arm::{JogRequest, JointMove};
use steve_core::trajectory::{TrajectoryPoint, TrajectoryRequest};

/// Numbers that a seed makes (Steele, Lea, Flood: Fast splittable pseudorandom number generators).
#[derive(Clone)]
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, number: u64) -> u64 {
        self.next() % number
    }

    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.below(1 << 20) as f64 / f64::from(1 << 20)
    }

    fn of<T: Copy>(&mut self, choice: &[T]) -> T {
        choice[usize::try_from(self.below(choice.len() as u64)).unwrap()]
    }

    fn fault(&mut self) -> Fault {
        self.of(&[
            Fault::Nak,
            Fault::Nak,
            Fault::Stuck,
            Fault::ChipReset,
            Fault::ChipReset,
            Fault::EveryNth(1),
            Fault::EveryNth(2),
            Fault::EveryNth(3),
            Fault::EveryNth(7),
            Fault::None,
        ])
    }

    fn position(&mut self, joint: &str) -> f64 {
        self.between(if joint == "pan" { -1.0 } else { 0.0 }, 1.0)
    }

    fn joint(&mut self) -> &'static str {
        self.of(&["pan", "tilt"])
    }

    fn step(&mut self) -> JointMove {
        let joint = self.joint();
        let easing = self.of(&["", "", "linear", "in_out_quad", "out_bounce", "in_out_back"]);
        let speed = self.of(&[0.0, 0.3, 1.5, 9.0]);
        JointMove {
            joint: joint.to_owned(),
            position: self.position(joint),
            speed,
            easing: easing.to_owned(),
        }
    }

    fn trajectory(&mut self) -> TrajectoryRequest {
        let joints = self.of(&[&["pan"][..], &["tilt"], &["tilt", "pan"]]);
        let mut time = 0.0;
        let points = (0..1 + self.below(4)).map(|_| {
            time += self.between(0.1, 0.8);
            let positions = joints.iter().map(|joint| self.position(joint)).collect();
            TrajectoryPoint { positions, time_from_start: time, ..TrajectoryPoint::default() }
        });
        let points = points.collect();
        TrajectoryRequest {
            joints: joints.iter().map(|&joint| joint.to_owned()).collect(),
            points,
            goal_time_tolerance: self.of(&[0.0, 0.2]),
            ..TrajectoryRequest::default()
        }
    }
}

/// Something that somebody does.
fn act(bench: &mut Bench, dice: &mut Dice, started: &mut Vec<GoalId>) {
    match dice.below(16) {
        0..=3 => {
            let mut request = MoveRequest { moves: vec![dice.step()], ..MoveRequest::default() };
            let other = dice.step();
            if other.joint != request.moves[0].joint {
                request.moves.push(other);
            }
            request.together = dice.below(2) == 0;
            started.extend(bench.start(&request));
        }
        4..=5 => {
            if let Ok(valid) = bench.handle.validate_trajectory(&dice.trajectory()) {
                let goal = bench.handle.follow(valid);
                started.push(bench.started(goal));
            }
        }
        6 => {
            let joint = dice.joint();
            let request = MoveRequest::positions([(joint, dice.position(joint))]);
            if let Ok(valid) = bench.handle.validate(&request) {
                bench.handle.set(valid);
            }
        }
        7 => {
            let velocities = vec![(dice.joint().to_owned(), dice.of(&[-6.0, -1.0, 0.0, 0.4, 3.0]))];
            if let Ok(valid) = bench.handle.validate_jog(&JogRequest { velocities }) {
                bench.handle.jog(valid, ms(dice.of(&[50, 200, 1000])));
            }
        }
        8 => {
            if let Some(goal) = bench.goals.last() {
                goal.cancel();
            }
        }
        9 => bench.stop(),
        10 => bench.power(true),
        11 => bench.power(false),
        12 => bench.emergency_stop(true),
        _ => bench.emergency_stop(false),
    }
    bench.posted = true;
}

/// A fault begins or ends, at once or with some call that is still to come.
fn break_something(bench: &Bench, dice: &mut Dice) {
    if dice.below(3) > 0 {
        bench.switch.set(dice.fault());
    } else {
        let calls = |dice: &mut Dice| u32::try_from(dice.below(12)).unwrap();
        let script: Vec<_> = (0..6).map(|_| (dice.fault(), calls(dice))).collect();
        bench.switch.play(script);
    }
}

fn lateness(mut dice: Dice) -> impl FnMut() -> Duration {
    move || match dice.below(40) {
        0 => ms(dice.below(700)),
        1..=3 => ms(dice.below(60)),
        _ => ms(dice.below(3)),
    }
}

fn sequence(seed: u64) {
    let mut dice = Dice(seed);
    let idle_timeout = (dice.below(4) == 0).then(|| ms(300));
    let mut bench = Bench::with(ArmOptions { idle_timeout, ..ArmOptions::default() });
    bench.label = format!("sequence {seed}");
    bench.late = Box::new(lateness(Dice(seed ^ 0xabcd)));
    let mut started = Vec::new();
    for _ in 0..4 + dice.below(8) {
        for _ in 0..1 + dice.below(3) {
            act(&mut bench, &mut dice, &mut started);
        }
        let time = ms(dice.of(&[1, 20, 40, 120, 300]));
        bench.run(time);
        break_something(&bench, &mut dice);
        let lasts = ms(dice.of(&[20, 20, 60, 150, 260, 400, 2000]));
        bench.run(lasts);
        if bench.worker.health.has_given_up() {
            let ended = !bench.worker.batch.is_empty() || bench.goals.is_empty();
            assert!(ended, "goals outlive the bus");
            let answered = !bench.worker.batch.is_empty() || bench.asked.is_empty();
            assert!(answered, "a stop is not answered though the bus is given up");
        }
    }
    recover(&mut bench);
    let mut ended: Vec<_> = bench.outcomes.iter().map(|(id, _)| *id).collect();
    ended.sort_unstable_by_key(|id| id.0);
    started.sort_unstable_by_key(|id| id.0);
    assert!(ended.starts_with(&started), "every goal ends once: {started:?} {ended:?}");
    assert!(bench.worker.moves.is_empty());
}

/// The faults end, and everything is as if there had been none.
fn recover(bench: &mut Bench) {
    bench.switch.set(Fault::None);
    bench.run(ms(16_000));
    assert!(bench.goals.is_empty() && bench.asked.is_empty(), "somebody waits for ever");
    assert!(bench.outcomes.iter().all(|(_, outcome)| outcome.end != MoveEnd::ShutDown));
    let stats = bench.handle.stats();
    assert!(!stats.given_up && stats.bus_errors_in_a_row == 0 && !bench.switch.asleep());
    if bench.latched {
        assert_eq!(bench.probe.powered(), [false, false], "emergency-stopped");
    }
    let held = [bench.position(0), bench.position(1)];
    bench.emergency_stop(false);
    bench.power(true);
    bench.run(ms(1));
    assert_eq!(bench.probe.powered(), [true, true]);
    for (joint, held) in held.into_iter().enumerate() {
        assert!((bench.last[joint].1 - held).abs() < 1e-9, "power comes back where the joint was held");
    }
    let id = bench.start(&MoveRequest::positions([("pan", -0.5), ("tilt", 0.5)])).unwrap();
    bench.run(ms(5000));
    assert_eq!(bench.outcome(id).end, MoveEnd::Reached);
    let horns = bench.probe.positions_at(bench.now);
    assert!((horns[0] + 0.5).abs() < 1e-9 && (horns[1] - 0.5).abs() < 1e-9, "{horns:?}");
}

// Two halves, for two cores.
#[test]
fn whatever_fails_no_pulse_leaps_and_everybody_is_answered() {
    (0..2500).for_each(sequence);
}

#[test]
fn whatever_else_fails_no_pulse_leaps_and_everybody_is_answered() {
    (2500..5000).for_each(sequence);
}
