//! A wish as a sum of squares over joint velocities, without units: lengths in reaches of the arm, and a joint that slides
//! counts a reach as 1 rad.

use nalgebra::{
    DMatrix, DVector, Matrix2xX, Matrix3, Matrix3xX, Matrix6xX, SymmetricEigen, Vector2, Vector3,
};

/// What a rad of the hand's direction weighs against a reach of its position. Little, so that position comes first; not
/// nothing, so that nothing jumps where the two begin to contradict each other.
const TURNING_WEIGHT: f64 = 0.02;

/// Where the hand's way along a direction for 1 rad of joints (root of the sum of their squares) gets shorter than this part
/// of the reach, a wish along that direction is taken back: with Steve at 38 mm. 100 mm/s ask 2.7 rad/s there, and
/// never ask 9 % more.
const SLOW_LINEAR: f64 = 0.1;

/// Where 1 rad of joints turns the hand less than this with its position kept, rad, its direction is let go.
const SLOW_TURNING: f64 = 0.2;

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
        let linear = self.slowed(linear)?;
        let g = self.linear.tr_mul(&linear) + self.turning.tr_mul(turning) * weight;
        let h = self.linear.tr_mul(&self.linear) + self.turning.tr_mul(&self.turning) * weight;
        let parts = SymmetricEigen::try_new(h.clone(), f64::EPSILON, ROUNDS)?;
        let mut along = parts.eigenvectors.tr_mul(&g);
        along.component_div_assign(&parts.eigenvalues.map(damped));
        let x = parts.eigenvectors * along;
        h.iter().chain(x.iter()).all(|number| number.is_finite()).then_some(Free { x, h })
    }

    /// The wish, with less along directions that the hand can hardly move in: p (2 - p) of it, where p is the square of how
    /// far it moves there for what [`SLOW_LINEAR`] asks. It has the value and slope of "all of it" at p = 1, and joint
    /// velocities fall with the root of p to 0.
    fn slowed(&self, wish: &Vector3<f64>) -> Option<Vector3<f64>> {
        let squares: Matrix3<f64> = &self.linear * self.linear.transpose();
        let mut parts = SymmetricEigen::try_new(squares, f64::EPSILON, ROUNDS)?;
        parts.eigenvalues.apply(|square| {
            let part = (*square / (SLOW_LINEAR * SLOW_LINEAR)).clamp(0.0, 1.0);
            *square = part * (2.0 - part);
        });
        Some(parts.recompose() * wish)
    }
}

/// The square that a direction of the joints counts with: itself, but never less than half of what [`SLOW_TURNING`] gives.
/// Value and slope fit where the two meet.
fn damped(square: f64) -> f64 {
    let least = (TURNING_WEIGHT * SLOW_TURNING).powi(2);
    let part = (square / least).max(0.0);
    if part < 1.0 { least * f64::midpoint(1.0, part * part) } else { square }
}
