//! The curve of [`Effect::Breathe`](super::Effect::Breathe).

/// The bump's width as a share of the period: the gamma of J. Hrisko, "Simple Breathing LED in Arduino", Maker Portal 2020
/// (<https://makersportal.com/blog/2020/3/27/simple-breathing-led-in-arduino>), whose Gaussian has its peak in the middle.
const SIGMA: f64 = 0.14;

/// How bright it is at a share of the period, 0..=1: 0 at both ends, 1 in the middle.
///
/// That article's bump is at 0.0017 where one period joins the next; here this rest is taken off, so that it is dark there
/// and the curve has no step.
pub(super) fn brightness(phase: f64) -> f64 {
    let rest = bump(0.0);
    ((bump(phase) - rest) / (1.0 - rest)).clamp(0.0, 1.0)
}

fn bump(phase: f64) -> f64 {
    let sigmas = (phase - 0.5) / SIGMA;
    (-0.5 * sigmas * sigmas).exp()
}

#[cfg(test)]
mod tests {
    use super::brightness;

    #[test]
    fn a_breath_is_dark_at_both_ends_and_full_in_the_middle() {
        assert_eq!((brightness(0.0), brightness(0.5)), (0.0, 1.0));
        assert!(brightness(1.0) < 1e-12);
    }

    #[test]
    fn a_breath_is_the_gaussian_bump_it_is_said_to_be() {
        // One sigma beside the middle: exp(-1/2), less the rest of exp(-(0.5/0.14)^2/2).
        for phase in [0.36, 0.64] {
            assert!((brightness(phase) - (0.606_530_66 - 0.001_698_8) / (1.0 - 0.001_698_8)).abs() < 1e-6);
        }
    }

    #[test]
    fn a_breath_rises_all_the_way_and_falls_as_it_rose() {
        for i in 0..500 {
            let (here, next) = (f64::from(i) / 1000.0, f64::from(i + 1) / 1000.0);
            assert!(brightness(here) < brightness(next), "at {here}");
            assert!((brightness(here) - brightness(1.0 - here)).abs() < 1e-12, "at {here}");
            assert!(brightness(next) - brightness(here) < 0.006, "a step at {here}");
        }
    }
}
