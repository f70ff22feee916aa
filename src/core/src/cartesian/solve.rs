//! Velocities within bounds that do to the hand what others do that are not: what the other joints take over where one
//! has come to the end of its travel.

use nalgebra::{DMatrix, DVector};

/// How far each number may go; `lower <= 0 <= upper`.
pub(super) struct Bounds {
    pub(super) lower: Vec<f64>,
    pub(super) upper: Vec<f64>,
}

pub(super) struct Solution {
    pub(super) x: DVector<f64>,
    /// The number whose bound pushes back the most, if any does.
    pub(super) held: Option<usize>,
}

#[derive(Clone, Copy, PartialEq)]
enum Place {
    Free,
    Lower,
    Upper,
}

/// What a joint's change of velocity weighs against the hand's, root of the sum of squares; as [`super::task`] counts. Without
/// it those that take over would whip where they can hardly do it.
const CHANGE_WEIGHT: f64 = 0.1;

/// How often the rest is looked at again, the change then counted from what was there: what they can do well enough comes
/// near to all, what they can hardly do stays little.
const TIMES: usize = 3;

/// What is in the bounds and does nearest to what `x` does, told by the squares `h`; x itself if it is in the bounds.
///
/// Each time it is the least of a sum of squares that is far from singular whatever the joints are bound by, so it moves
/// continuously with all that it is made of. This is what keeps velocities from jumping when a joint comes to its limit.
pub(super) fn nearest(mut h: DMatrix<f64>, x: DVector<f64>, bounds: &Bounds) -> Option<Solution> {
    if (0..x.len()).all(|index| (bounds.lower[index]..=bounds.upper[index]).contains(&x[index])) {
        return Some(Solution { x, held: None });
    }
    let wanted = &h * &x;
    let weight = CHANGE_WEIGHT * CHANGE_WEIGHT;
    for index in 0..x.len() {
        h[(index, index)] += weight;
    }
    let mut solution = Solution { x, held: None };
    for _ in 0..TIMES {
        solution = solve(&h, &(&wanted + solution.x * weight), bounds)?;
    }
    Some(solution)
}

/// The least of `x' H x / 2 - g' x` inside a box around 0, by an active set. `None` where H is not positive definite.
fn solve(h: &DMatrix<f64>, g: &DVector<f64>, bounds: &Bounds) -> Option<Solution> {
    let count = g.len();
    let mut x = DVector::zeros(count);
    let mut places = vec![Place::Free; count];
    // Less than this is rounding.
    let least = 1e-12 * g.amax();
    // Every round lowers the sum, so that the rounds end; the bound is for rounding errors that let them go in a ring. What
    // is there by then is in the box and better than 0.
    for _ in 0..8 * (count + 2) {
        if let Some((blocked, place)) = descend(h, g, bounds, &places, &mut x)? {
            places[blocked] = place;
            continue;
        }
        let push = g - h * &x;
        let Some(freed) = wants_back(&push, &places, least) else { break };
        places[freed] = Place::Free;
    }
    let push = g - h * &x;
    let held = (0..count)
        .filter(|&index| places[index] != Place::Free && push[index].abs() > 1e3 * least)
        .max_by(|&a, &b| push[a].abs().total_cmp(&push[b].abs()));
    Some(Solution { x, held })
}

/// Goes to the least with those at a bound fixed, or as far as the box lets it: then tells what stops it, and where.
fn descend(
    h: &DMatrix<f64>,
    g: &DVector<f64>,
    bounds: &Bounds,
    places: &[Place],
    x: &mut DVector<f64>,
) -> Option<Option<(usize, Place)>> {
    let free: Vec<usize> = (0..g.len()).filter(|&index| places[index] == Place::Free).collect();
    if free.is_empty() {
        return Some(None);
    }
    let push = g - h * &*x;
    let rows = h.select_rows(&free).select_columns(&free);
    let way = rows.cholesky()?.solve(&push.select_rows(&free));
    let (mut share, mut stop) = (1.0, None);
    for (&index, &way) in free.iter().zip(way.iter()) {
        let (bound, place) =
            if way > 0.0 { (bounds.upper[index], Place::Upper) } else { (bounds.lower[index], Place::Lower) };
        let room = bound - x[index];
        // As products: a way may be so short that the ratio is not finite.
        if way.abs() * share > room.abs() {
            share = room / way;
            stop = Some((index, place));
        }
    }
    for (&index, &way) in free.iter().zip(way.iter()) {
        x[index] = (x[index] + share * way).clamp(bounds.lower[index], bounds.upper[index]);
    }
    if let Some((index, place)) = stop {
        x[index] = if place == Place::Upper { bounds.upper[index] } else { bounds.lower[index] };
    }
    Some(stop)
}

/// The one at a bound that wants back inside the most.
fn wants_back(push: &DVector<f64>, places: &[Place], least: f64) -> Option<usize> {
    let inward = |index: usize| match places[index] {
        Place::Free => 0.0,
        Place::Lower => push[index],
        Place::Upper => -push[index],
    };
    (0..places.len()).filter(|&index| inward(index) > least).max_by(|&a, &b| inward(a).total_cmp(&inward(b)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_other_point_of_the_box_is_better(
            count in 1usize..=8,
            numbers in proptest::collection::vec(-1.0f64..1.0, 64),
            wish in proptest::collection::vec(-3.0f64..3.0, 8),
            room in proptest::collection::vec(0.0f64..1.0, 16),
            shut in proptest::collection::vec(any::<bool>(), 16),
        ) {
            let root = DMatrix::from_fn(count, count, |row, column| numbers[8 * row + column]);
            let h = &root * root.transpose() + DMatrix::identity(count, count) * 1e-5;
            let g = DVector::from_fn(count, |row, _| wish[row]);
            let room: Vec<f64> = room.iter().zip(&shut).map(|(&room, &shut)| if shut { 0.0 } else { room }).collect();
            let bounds =
                Bounds { lower: room[..count].iter().map(|&r| -r).collect(), upper: room[8..8 + count].to_vec() };
            let Solution { x, held } = solve(&h, &g, &bounds).unwrap();
            // The least is where each number that could still move does not want to.
            let push = &g - &h * &x;
            let mut pushes = false;
            for index in 0..count {
                prop_assert!(x[index] >= bounds.lower[index] && x[index] <= bounds.upper[index]);
                let up = push[index] > 1e-7;
                let down = push[index] < -1e-7;
                prop_assert!(!up || x[index] >= bounds.upper[index], "{index} wants up");
                prop_assert!(!down || x[index] <= bounds.lower[index], "{index} wants down");
                pushes |= up || down;
            }
            prop_assert!(!pushes || held.is_some());
        }
    }

    #[test]
    fn what_is_not_positive_definite_has_no_answer() {
        let bounds = Bounds { lower: vec![-1.0], upper: vec![1.0] };
        assert!(solve(&DMatrix::zeros(1, 1), &DVector::from_element(1, 1.0), &bounds).is_none());
    }
}
