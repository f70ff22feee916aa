//! A wish as a sum of squares over joint velocities, without units: lengths in reaches of the arm, and a joint that slides
//! counts a reach as 1 rad.

use nalgebra::{
    DMatrix, DVector, Matrix2xX, Matrix3, Matrix3xX, Matrix6xX, SymmetricEigen, Vector2, Vector3,
};

/// What a rad of the hand's direction weighs against a reach of its position. Little, so that position comes first; not
/// nothing, so that nothing jumps where the two begin to contradict each other.
const TURNING_WEIGHT: f64 = 0.02;

/// Where the hand's way in the wished direction for 1 rad of joints (root of the sum of their squares) gets shorter than this
/// part of the reach, less of the wish is done. With Steve at 38 mm: 100 mm/s ask 2.7 rad/s there, and nowhere 9 % more.
const SLOW_LINEAR: f64 = 0.1;

/// A way as short as this, in reaches for 1 rad, is none.
const STILL: f64 = 1e-3;

/// Where 1 rad of joints turns the hand less than this with its position kept, rad, its direction is let go.
const SLOW_TURNING: f64 = 0.3;

/// A matrix is taken apart within a dozen rounds or so; this ends it if not.
const ROUNDS: usize = 500;

/// The joints' columns.
pub(super) struct Task {
    pub(super) linear: Matrix3xX<f64>,
    pub(super) turning: Matrix2xX<f64>,
}

/// What joints without ends of their travel would do.
pub(super) struct Free {
    pub(super) x: DVector<f64>,
    /// The least of `(y - x)' h (y - x)` does to the hand what x does to it.
    pub(super) h: DMatrix<f64>,
}

impl Task {
    /// Takes `joints` of a Jacobian; `units`: what of each joint counts as 1. `up` and `right` are the axes that the hand
    /// turns around. `None`: not finite.
    pub(super) fn new(
        jacobian: &Matrix6xX<f64>,
        joints: &[usize],
        units: &[f64],
        reach: f64,
        up: Vector3<f64>,
        right: Vector3<f64>,
    ) -> Option<Self> {
        let mut linear = Matrix3xX::zeros(joints.len());
        let mut turning = Matrix2xX::zeros(joints.len());
        for (at, (&joint, unit)) in joints.iter().zip(units).enumerate() {
            let column = jacobian.column(joint) * *unit;
            let turn = column.fixed_rows::<3>(3);
            linear.set_column(at, &(column.fixed_rows::<3>(0) / reach));
            turning.set_column(at, &Vector2::new(up.dot(&turn), right.dot(&turn)));
        }
        let finite = linear.iter().chain(turning.iter()).all(|number: &f64| number.is_finite());
        finite.then_some(Self { linear, turning })
    }

    /// `None` where the numbers are too great to be taken apart.
    pub(super) fn free(&self, linear: &Vector3<f64>, turning: &Vector2<f64>) -> Option<Free> {
        let weight = TURNING_WEIGHT * TURNING_WEIGHT;
        let h = self.linear.tr_mul(&self.linear) + self.turning.tr_mul(&self.turning) * weight;
        let parts = SymmetricEigen::try_new(h.clone(), f64::EPSILON, ROUNDS)?;
        let squares = parts.eigenvalues.map(damped);
        let solve =
            |g: DVector<f64>| &parts.eigenvectors * parts.eigenvectors.tr_mul(&g).component_div(&squares);
        let going = solve(self.linear.tr_mul(linear));
        let x = &going * self.slowed(linear, &going)? + solve(self.turning.tr_mul(turning) * weight);
        h.iter().chain(x.iter()).all(|number| number.is_finite()).then_some(Free { x, h })
    }

    /// How much of a wish is done that the joints would do by `going`: less where that is much for the hand's way, p (2 - p)
    /// where p is the square of [`SLOW_LINEAR`]'s share of it. It has the value and slope of "all of it" at p = 1, and
    /// joint velocities fall with the root of p to 0. The wish's direction stays.
    fn slowed(&self, wish: &Vector3<f64>, going: &DVector<f64>) -> Option<f64> {
        let speed = wish.norm();
        let Some(along) = wish.try_normalize(0.0) else { return Some(1.0) };
        // The least that the way needs: without end where it cannot be gone, when `going` is what is left of it.
        let squares: Matrix3<f64> = &self.linear * self.linear.transpose();
        let least = along.dot(&(squares + Matrix3::identity() * STILL * STILL).cholesky()?.solve(&along));
        let asked = least.max((going / speed).norm_squared());
        let part = (1.0 / (SLOW_LINEAR * SLOW_LINEAR * asked)).min(1.0);
        Some(part * (2.0 - part))
    }
}

/// The square that a direction of the joints counts with: itself, but never less than half of what [`SLOW_TURNING`] gives.
/// Value and slope fit where the two meet.
fn damped(square: f64) -> f64 {
    let least = (TURNING_WEIGHT * SLOW_TURNING).powi(2);
    let part = (square / least).max(0.0);
    if part < 1.0 { least * f64::midpoint(1.0, part * part) } else { square }
}
