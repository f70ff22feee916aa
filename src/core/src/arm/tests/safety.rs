use super::*;
use proptest::prelude::*;

#[test]
fn stop_ends_every_goal_where_it_holds() {
    let mut bench = Bench::new();
    bench.start(1, "base", 1.0, 1.0);
    bench.start(2, "elbow", -0.8, 1.0);
    bench.set("clamp", 0.03);
    bench.ticks(10);
    let before = bench.position(0);
    bench.arm.stop();
    assert!(bench.arm.is_stopping());
    let ticks = bench.settle();
    assert!(ticks < 15, "stopping took {ticks} ticks");
    assert!(!bench.arm.is_stopping());
    for (id, joint) in [(1, 0), (2, 1)] {
        let outcome = bench.outcome(id).clone();
        assert_eq!((outcome.end, outcome.message.as_str()), (MoveEnd::Stopped, "stopped"));
        assert_eq!(outcome.position(), Some(bench.position(joint)));
    }
    assert!(bench.position(0) - before < 0.15);
    assert!(bench.position(2) < 0.03);
    assert_eq!(bench.arm.snapshot().joints[2].message, "stopped");
    assert_eq!(bench.tick(), []);
    assert!(bench.arm.is_powered(), "a stopped arm holds");
}

#[test]
fn stop_of_an_idle_arm_changes_nothing() {
    let mut bench = Bench::new();
    bench.arm.stop();
    assert!(!bench.arm.is_stopping());
    assert_eq!(bench.tick(), []);
}

#[test]
fn emergency_stop_ends_motion_and_power_at_once() {
    let mut bench = Bench::new();
    bench.start(1, "base", 1.4, 3.0);
    bench.ticks(15);
    let before = bench.position(0);
    bench.arm.emergency_stop(true);
    assert_eq!(bench.tick(), [(0, Output::Off)]);
    assert_eq!(bench.tick(), [], "an arm that is off is not written");
    let outcome = bench.outcome(1);
    assert_eq!((outcome.end, outcome.message.as_str()), (MoveEnd::EmergencyStop, "emergency stop"));
    let snapshot = bench.arm.snapshot();
    assert!(snapshot.emergency_stop && !snapshot.powered && !snapshot.moving);
    assert_eq!(snapshot.joints[0].position, Some(before));
    assert_eq!(snapshot.joints[0].message, "emergency stop");
}

#[test]
fn latched_everything_is_refused_until_released() {
    let mut bench = Bench::new();
    let valid = bench.valid(&MoveRequest::one("base", 1.0, 0.0, ""));
    bench.arm.emergency_stop(true);
    bench.arm.start(&valid, GoalId(1));
    assert_eq!(bench.arm.set(&valid), Err(MoveError::EmergencyStop));
    assert_eq!(bench.arm.power(true), Err(PowerError::EmergencyStop));
    assert_eq!(bench.tick(), []);
    assert_eq!(bench.outcome(1).end, MoveEnd::EmergencyStop);
    assert!(bench.arm.readiness().emergency_stop);
    bench.arm.emergency_stop(false);
    assert_eq!(bench.tick(), [], "a release moves nothing");
    bench.arm.start(&valid, GoalId(2));
    bench.settle();
    assert_eq!(bench.outcome(2).end, MoveEnd::Reached);
}

#[test]
fn power_does_not_come_back_by_itself_after_an_emergency_stop() {
    let mut bench = Bench::new();
    bench.arm.power(true).unwrap();
    bench.tick();
    bench.arm.emergency_stop(true);
    assert_eq!(bench.tick(), [(0, Output::Off), (1, Output::Off), (2, Output::Off)]);
    bench.arm.power(false).unwrap();
    assert_eq!(bench.tick(), [], "it is off already");
    bench.arm.emergency_stop(false);
    assert_eq!(bench.tick(), [], "power does not come back by itself");
}

#[test]
fn power_that_was_about_to_come_does_not_come_after_an_emergency_stop() {
    let mut bench = Bench::new();
    bench.start(1, "base", 1.0, 0.0);
    bench.arm.emergency_stop(true);
    assert_eq!(bench.tick(), []);
    assert!(!bench.arm.is_powered());
}

#[derive(Debug, Clone)]
enum Event {
    Start(usize, f64, f64),
    Set(usize, f64),
    Cancel(u64),
    Stop,
    Power(bool),
    EmergencyStop(bool),
    Ticks(usize),
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        4 => (0..3_usize, 0.0..=1.0, prop_oneof![Just(0.0), 0.1..2.0]).prop_map(|(joint, share, speed)| Event::Start(joint, share, speed)),
        2 => (0..3_usize, 0.0..=1.0).prop_map(|(joint, share)| Event::Set(joint, share)),
        1 => (0..20_u64).prop_map(Event::Cancel),
        1 => Just(Event::Stop),
        1 => any::<bool>().prop_map(Event::Power),
        1 => any::<bool>().prop_map(Event::EmergencyStop),
        6 => (1..30_usize).prop_map(Event::Ticks),
    ]
}

proptest! {
    #[test]
    fn whatever_happens_no_pulse_leaps_and_every_goal_ends_once(
        events in prop::collection::vec(event(), 1..40),
    ) {
        let robot = robot();
        let mut bench = Bench::new();
        let mut started = 0;
        let mut pulses = [None::<f64>; 3];
        let names = ["base", "elbow", "clamp"];
        for event in events.into_iter().chain([Event::EmergencyStop(false), Event::Ticks(2000)]) {
            let place = |joint: usize, share: f64| {
                let limits = robot.joints[joint].limits;
                limits.lower + (limits.upper - limits.lower) * share
            };
            let mut ticks = 0;
            match event {
                Event::Start(joint, share, speed) => {
                    let request = MoveRequest::one(names[joint], place(joint, share), speed, "");
                    if let Ok(valid) = validate(&robot, bench.arm.readiness(), &request) {
                        bench.arm.start(&valid, GoalId(started));
                        started += 1;
                    }
                }
                Event::Set(joint, share) => {
                    let request = MoveRequest::positions([(names[joint], place(joint, share))]);
                    if let Ok(valid) = validate(&robot, bench.arm.readiness(), &request) {
                        bench.arm.set(&valid).unwrap();
                    }
                }
                Event::Cancel(id) => bench.arm.cancel(GoalId(id)),
                Event::Stop => bench.arm.stop(),
                Event::Power(on) => drop(bench.arm.power(on)),
                Event::EmergencyStop(on) => bench.arm.emergency_stop(on),
                Event::Ticks(count) => ticks = count,
            }
            for _ in 0..ticks {
                let stopped = bench.arm.readiness().emergency_stop;
                for (joint, output) in bench.tick() {
                    let Output::Pulse { us } = output else { continue };
                    let joint_info = &robot.joints[joint];
                    let limits = joint_info.limits;
                    let reach = 2000.0 / (limits.upper - limits.lower) * limits.velocity * PERIOD.as_secs_f64();
                    let last = pulses[joint].unwrap_or_else(|| joint_info.calibration.pulse_us(0.0));
                    prop_assert!((us - last).abs() <= reach * 1.001, "joint {joint} from {last} to {us} us");
                    prop_assert!(!stopped, "powered while emergency-stopped");
                    pulses[joint] = Some(us);
                }
            }
        }
        prop_assert!(!bench.arm.needs_tick());
        let mut ids: Vec<_> = bench.ended.iter().map(|(id, _)| id.0).collect();
        ids.sort_unstable();
        prop_assert_eq!(ids, (0..started).collect::<Vec<_>>());
    }
}
