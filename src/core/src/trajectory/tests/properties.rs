use super::*;
use proptest::prelude::*;

/// Points of the base: time since the point before, position, velocity, acceleration.
fn points() -> impl Strategy<Value = Vec<(f64, f64, f64, f64)>> {
    prop::collection::vec((0.02..3.0_f64, -1.4..1.4_f64, -1.0..1.0_f64, -3.0..3.0_f64), 1..8)
}

/// A request with positions only, with velocities, or with accelerations.
fn ask(carried: usize, points: &[(f64, f64, f64, f64)]) -> TrajectoryRequest {
    let mut time = 0.0;
    let last = points.len() - 1;
    let points = points.iter().enumerate().map(|(i, &(wait, position, velocity, acceleration))| {
        time += wait;
        let velocity = if i == last { 0.0 } else { velocity };
        TrajectoryPoint {
            velocities: if carried > 0 { vec![velocity] } else { Vec::new() },
            accelerations: if carried > 1 { vec![acceleration] } else { Vec::new() },
            ..point(time, &[position])
        }
    });
    request(&["base"], points.collect())
}

fn state() -> impl Strategy<Value = Setpoint> {
    (-1.4..1.4_f64, -2.0..2.0_f64, -20.0..20.0_f64).prop_map(|(position, velocity, acceleration)| Setpoint {
        position,
        velocity,
        acceleration,
    })
}

/// The course, if it is one that the joint can go.
fn taken(request: &TrajectoryRequest, from: Setpoint) -> Option<Course> {
    validate_trajectory(&robot(), request).ok()?.course(0, from, &BASE).ok()
}

/// Any number, those that a joint can do more often than chance has them.
fn wild() -> impl Strategy<Value = f64> {
    prop_oneof![3 => 0.0..1.4_f64, 2 => Just(0.0), 1 => any::<f64>(), 1 => 1e80..1e308_f64]
}

proptest! {
    #![proptest_config(ProptestConfig { max_global_rejects: 100_000, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn neither_start_nor_points_have_a_step(carried in 0..3_usize, points in points(), from in state()) {
        let request = ask(carried, &points);
        let course = taken(&request, from);
        prop_assume!(course.is_some());
        let course = course.unwrap();
        let start = course.at(0.0);
        prop_assert!((start.position - from.position).abs() < 1e-12);
        prop_assert!((start.velocity - from.velocity).abs() < 1e-9);
        prop_assert!(carried < 2 || (start.acceleration - from.acceleration).abs() < 1e-6);
        for wanted in &request.points {
            let time = wanted.time_from_start;
            let (before, after) = (course.at(time - 1e-9), course.at(time + 1e-9));
            prop_assert!((before.position - wanted.positions[0]).abs() < 1e-7);
            prop_assert!((after.position - wanted.positions[0]).abs() < 1e-7);
            prop_assert!((before.velocity - after.velocity).abs() < 1e-4, "{before:?} to {after:?}");
            let end = time >= course.duration();
            if carried > 0 {
                prop_assert!((after.velocity - wanted.velocities[0]).abs() < 1e-4);
            }
            if carried > 1 && !end {
                prop_assert!((before.acceleration - after.acceleration).abs() < 1e-2, "{before:?} to {after:?}");
            }
        }
    }

    #[test]
    fn what_is_taken_keeps_the_limits_everywhere(carried in 0..3_usize, points in points(), from in state()) {
        let course = taken(&ask(carried, &points), from);
        prop_assume!(course.is_some());
        let course = course.unwrap();
        for i in 0..=5000 {
            let at = course.at(course.duration() * f64::from(i) / 5000.0);
            prop_assert!(at.velocity.abs() <= BASE.velocity * 1.001_001, "{at:?}");
            prop_assert!((-1.5004..=1.5004).contains(&at.position), "{at:?}");
        }
    }

    #[test]
    fn points_with_positions_are_never_passed_on_the_way(points in points(), start in -1.4..1.4_f64) {
        let request = ask(0, &points);
        let course = taken(&request, Setpoint::rest(start));
        prop_assume!(course.is_some());
        let course = course.unwrap();
        let mut from = (0.0, start);
        for to in request.points.iter().map(|point| (point.time_from_start, point.positions[0])) {
            let (least, most) = (f64::min(from.1, to.1), f64::max(from.1, to.1));
            for i in 0..=200 {
                let at = course.at(from.0 + (to.0 - from.0) * f64::from(i) / 200.0);
                prop_assert!(at.position >= least - 1e-9 && at.position <= most + 1e-9);
                prop_assert!(at.velocity * (to.1 - from.1) >= -1e-9, "turns back: {at:?}");
            }
            from = to;
        }
    }

    #[test]
    fn no_setpoint_leaps_or_leaves_the_travel_however_late_it_comes(
        carried in 0..3_usize, points in points(), from in state(), late in 0.0..1.0_f64, off in -0.5..0.5_f64,
        steps in prop::collection::vec(0.001..0.3_f64, 1..200),
    ) {
        let course = taken(&ask(carried, &points), from);
        prop_assume!(course.is_some());
        let course = course.unwrap();
        let mut last = Setpoint { position: (from.position + off).clamp(BASE.lower, BASE.upper), ..from };
        let mut elapsed = late;
        for step in steps {
            elapsed += step;
            let next = course.next(last, elapsed, step, &BASE);
            let reach = BASE.velocity * step * (1.0 + 1.1e-6);
            prop_assert!((next.position - last.position).abs() <= reach, "{last:?} to {next:?} in {step}");
            prop_assert!((BASE.lower..=BASE.upper).contains(&next.position));
            prop_assert!(next.velocity.abs() <= BASE.velocity);
            last = next;
        }
        for _ in 0..10 {
            elapsed += course.duration();
            last = course.next(last, elapsed, 1.0, &BASE);
        }
        prop_assert_eq!(last, Setpoint::rest(course.goal()));
    }

    #[test]
    fn whatever_a_client_writes_is_refused_or_gives_numbers(
        values in prop::collection::vec((wild(), wild(), wild(), wild()), 0..4), start_in in wild(), from in state(),
    ) {
        let mut time = 0.0;
        let points: Vec<_> = values.iter().map(|&(wait, p, v, a)| {
            time += wait;
            (time, p, v, a)
        }).collect();
        let request = TrajectoryRequest { start_in, ..base_accelerating(&points) };
        if let Some(course) = taken(&request, from) {
            for elapsed in [0.0, 0.3, 1.0, 1e5, f64::INFINITY, f64::NAN] {
                let next = course.next(from, elapsed, 0.02, &BASE);
                prop_assert!(next.position.is_finite() && next.velocity.is_finite());
            }
        }
    }
}
