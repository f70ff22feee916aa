use super::*;
use proptest::prelude::*;

const TIMEOUT: Duration = Duration::from_millis(250);

impl Bench {
    fn jog(&mut self, joint: &str, velocity: f64) {
        let request = JogRequest { velocities: vec![(joint.to_owned(), velocity)] };
        let valid = validate_jog(&robot(), self.arm.readiness(), &request).unwrap();
        let until = self.now + TIMEOUT;
        self.arm.jog(&valid, until).unwrap();
    }

    fn joint(&mut self, joint: usize) -> JointSnapshot {
        self.arm.snapshot().joints[joint].clone()
    }
}

fn refused(velocities: &[(&str, f64)]) -> String {
    let velocities = velocities.iter().map(|&(name, velocity)| (name.to_owned(), velocity)).collect();
    validate_jog(&robot(), Readiness::default(), &JogRequest { velocities }).unwrap_err().to_string()
}

#[test]
fn a_jog_goes_on_as_long_as_it_is_repeated_and_then_holds() {
    let mut bench = Bench::new();
    for _ in 0..60 {
        bench.jog("base", 0.5);
        bench.tick();
    }
    let base = bench.joint(0);
    assert!((base.velocity - 0.5).abs() < 1e-9 && base.moving, "{base:?}");
    assert_eq!((base.goal, base.message.as_ref()), (None, ""));
    let ticks = bench.settle();
    assert!((12..25).contains(&ticks), "it held {ticks} ticks after the last command");
    let held = bench.joint(0);
    assert_eq!(held.message, "holds, as no newer command came");
    assert_eq!(held.goal, held.position);
    assert!(held.powered);
}

#[test]
fn a_jog_with_velocity_0_comes_to_rest_without_waiting_for_the_timeout() {
    let mut bench = Bench::new();
    bench.jog("base", 1.0);
    bench.ticks(10);
    bench.jog("base", 0.0);
    assert!(bench.settle() < 12);
    assert_eq!(bench.joint(0).message, "reached");
}

#[test]
fn a_jog_into_the_end_of_the_travel_rests_there_and_says_so() {
    let mut bench = Bench::new();
    for _ in 0..100 {
        bench.jog("elbow", -9.0);
        bench.tick();
    }
    let elbow = bench.joint(1);
    assert_eq!((elbow.position, elbow.moving), (Some(-1.0), false));
    assert_eq!(elbow.message, "at its lower limit");
}

#[test]
fn a_jog_preempts_a_goal_on_its_joint_and_a_goal_ends_a_jog() {
    let mut bench = Bench::new();
    bench.start(1, "base", 1.0, 0.5);
    bench.ticks(10);
    bench.jog("base", -0.5);
    bench.tick();
    assert_eq!(bench.outcome(1).end, MoveEnd::Preempted);
    bench.start(2, "base", 0.7, 0.0);
    bench.settle();
    assert_eq!(bench.outcome(2).end, MoveEnd::Reached);
    assert_eq!(bench.position(0), 0.7);
}

#[test]
fn a_jog_is_refused_like_a_move() {
    assert!(refused(&[]).contains("none given"));
    assert!(refused(&[("arm", 1.0)]).contains("no `arm`"));
    assert!(refused(&[("base", 1.0), ("base", 1.0)]).contains("twice"));
    assert!(refused(&[("base", f64::NAN)]).contains("velocity of base: NaN"));
    assert!(refused(&[("base", f64::INFINITY)]).contains("inf"));
    let mut bench = Bench::with(&[Some(0.0), None, None], PowerOn::Refuse);
    let jog = JogRequest { velocities: vec![("elbow".to_owned(), 1.0)] };
    let ready = bench.arm.readiness();
    assert!(matches!(validate_jog(&robot(), ready, &jog), Err(MoveError::PositionUnknown { .. })));
    let jog = JogRequest { velocities: vec![("base".to_owned(), 1.0)] };
    let valid = validate_jog(&robot(), ready, &jog).unwrap();
    bench.arm.emergency_stop(true);
    assert_eq!(bench.arm.jog(&valid, bench.now), Err(MoveError::EmergencyStop));
}

proptest! {
    #[test]
    fn however_it_is_jogged_the_joint_keeps_its_limits(
        commands in prop::collection::vec((-8.0..8.0_f64, 1..40_usize), 1..20),
    ) {
        let mut bench = Bench::new();
        let limits = robot().joints[0].limits;
        let mut last = 0.0;
        for (velocity, ticks) in commands {
            bench.jog("base", velocity);
            for _ in 0..ticks {
                bench.tick();
                let base = bench.joint(0);
                let position = base.position.unwrap();
                prop_assert!((limits.lower..=limits.upper).contains(&position));
                prop_assert!((position - last).abs() <= limits.velocity * PERIOD.as_secs_f64() * 1.0001);
                prop_assert!(base.velocity.abs() <= limits.velocity * 1.0001);
                last = position;
            }
        }
    }
}
