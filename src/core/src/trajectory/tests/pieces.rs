use super::super::piece::{Degree, Piece};
use super::*;
use proptest::prelude::*;

const SAMPLES: u32 = 2000;

fn state() -> impl Strategy<Value = Setpoint> {
    (-1.5..1.5_f64, -5.0..5.0_f64, -40.0..40.0_f64).prop_map(|(position, velocity, acceleration)| Setpoint {
        position,
        velocity,
        acceleration,
    })
}

fn piece() -> impl Strategy<Value = (Piece, f64)> {
    let degree = prop_oneof![Just(Degree::Cubic), Just(Degree::Quintic)];
    (degree, state(), state(), 0.01..10.0_f64)
        .prop_map(|(degree, from, to, time)| (Piece::new(degree, from, to, time), time))
}

proptest! {
    #[test]
    fn extremes_are_those_of_dense_sampling((piece, duration) in piece()) {
        let extremes = piece.extremes();
        let samples = (0..=SAMPLES).map(|i| piece.at(duration * f64::from(i) / f64::from(SAMPLES)));
        let (mut least, mut most, mut fastest) = (f64::INFINITY, f64::NEG_INFINITY, 0.0_f64);
        for sample in samples {
            least = least.min(sample.position);
            most = most.max(sample.position);
            fastest = fastest.max(sample.velocity.abs());
        }
        let scale = extremes.upper - extremes.lower + 1e-6;
        prop_assert!(extremes.lower <= least + 1e-9 * scale && extremes.upper >= most - 1e-9 * scale);
        prop_assert!(extremes.speed >= fastest * (1.0 - 1e-9));
        prop_assert!(least - extremes.lower < 1e-4 * scale && extremes.upper - most < 1e-4 * scale);
        prop_assert!(extremes.speed - fastest < 1e-4 * extremes.speed);
    }

    #[test]
    fn the_hull_holds_the_extremes((piece, _) in piece()) {
        let (hull, extremes) = (piece.hull(), piece.extremes());
        let scale = 1e-9 * (hull.upper - hull.lower + 1.0);
        prop_assert!(hull.lower <= extremes.lower + scale && hull.upper >= extremes.upper - scale);
        prop_assert!(hull.speed >= extremes.speed * (1.0 - 1e-9));
    }

    #[test]
    fn both_ends_are_reached(from in state(), to in state(), time in 1e-6..1e5_f64) {
        for degree in [Degree::Cubic, Degree::Quintic] {
            let piece = Piece::new(degree, from, to, time);
            for (end, wanted) in [(piece.at(0.0), from), (piece.at(time), to)] {
                let size = 1.0 + 5.0 * time + 40.0 * time * time;
                prop_assert!((end.position - wanted.position).abs() < 1e-13 * size);
                prop_assert!((end.velocity - wanted.velocity).abs() < 1e-12 * size / time);
                if degree == Degree::Quintic {
                    prop_assert!((end.acceleration - wanted.acceleration).abs() < 1e-11 * size / (time * time));
                }
            }
        }
    }
}
