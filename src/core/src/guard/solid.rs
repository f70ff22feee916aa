//! Boxes, cylinders and spheres: how low one reaches, how far a point is from it, points all over it.

use std::f64::consts::{PI, TAU};

use nalgebra::{Isometry3, Point3, Vector3};

use crate::kinematics::urdf::{Collision, Geometry};

/// Greatest distance of neighbouring points on a surface, m: smaller than anything that could slip in between.
const SPACING: f64 = 0.015;

/// A collision shape in its link's frame.
#[derive(Debug, Clone, Copy)]
pub(super) struct Solid {
    pub(super) centre: Vector3<f64>,
    /// Its own x, y and z: unit vectors in the link's frame.
    axes: [Vector3<f64>; 3],
    shape: Shape,
}

/// m.
#[derive(Debug, Clone, Copy)]
enum Shape {
    Box { half: Vector3<f64> },
    Cylinder { radius: f64, half: f64 },
    Sphere { radius: f64 },
}

impl Solid {
    /// None: a geometry that is not known.
    pub(super) fn of(collision: &Collision) -> Option<Self> {
        let shape = match collision.geometry {
            Geometry::Box { size } => Shape::Box { half: size / 2.0 },
            Geometry::Cylinder { radius, length } => Shape::Cylinder { radius, half: length / 2.0 },
            Geometry::Sphere { radius } => Shape::Sphere { radius },
            Geometry::Other => return None,
        };
        let Isometry3 { rotation, translation } = collision.origin;
        let axes = [Vector3::x(), Vector3::y(), Vector3::z()].map(|axis| rotation * axis);
        Some(Self { centre: translation.vector, axes, shape })
    }

    /// A single point.
    pub(super) fn point(at: Vector3<f64>) -> Self {
        let axes = [Vector3::x(), Vector3::y(), Vector3::z()];
        Self { centre: at, axes, shape: Shape::Sphere { radius: 0.0 } }
    }

    /// How far its lowest point is above the link's origin; `up` is the desk's normal in the link's frame.
    pub(super) fn lowest(&self, up: &Vector3<f64>) -> f64 {
        let upright = |axis: &Vector3<f64>| up.dot(axis).abs();
        let [x, y, z] = &self.axes;
        let reach = match &self.shape {
            Shape::Box { half } => upright(x) * half.x + upright(y) * half.y + upright(z) * half.z,
            Shape::Cylinder { radius, half } => {
                let cosine = upright(z);
                cosine * half + (1.0 - cosine * cosine).max(0.0).sqrt() * radius
            }
            Shape::Sphere { radius } => *radius,
        };
        up.dot(&self.centre) - reach
    }

    /// How far a point of the link's frame is from it; 0 inside.
    pub(super) fn distance(&self, point: &Vector3<f64>) -> f64 {
        let from = point - self.centre;
        let [x, y, z] = &self.axes;
        let beyond = |along: f64, half: f64| (along.abs() - half).max(0.0);
        match &self.shape {
            Shape::Box { half } => {
                let (x, y, z) = (from.dot(x), from.dot(y), from.dot(z));
                let (x, y, z) = (beyond(x, half.x), beyond(y, half.y), beyond(z, half.z));
                (x * x + y * y + z * z).sqrt()
            }
            Shape::Cylinder { radius, half } => {
                let height = from.dot(z);
                let aside = (from.norm_squared() - height * height).max(0.0).sqrt();
                let (height, aside) = (beyond(height, *half), beyond(aside, *radius));
                (height * height + aside * aside).sqrt()
            }
            Shape::Sphere { radius } => beyond(from.norm(), *radius),
        }
    }

    /// The same, but `by` smaller on every side, as far as there is something left.
    pub(super) fn shrunk(mut self, by: f64) -> Self {
        let less = |size: f64| (size - by).max(0.0);
        self.shape = match self.shape {
            Shape::Box { half } => Shape::Box { half: half.map(less) },
            Shape::Cylinder { radius, half } => Shape::Cylinder { radius: less(radius), half: less(half) },
            Shape::Sphere { radius } => Shape::Sphere { radius: less(radius) },
        };
        self
    }

    /// The radius of the ball around its centre that holds all of it.
    pub(super) fn radius(&self) -> f64 {
        match &self.shape {
            Shape::Box { half } => half.norm(),
            Shape::Cylinder { radius, half } => radius.hypot(*half),
            Shape::Sphere { radius } => *radius,
        }
    }

    /// Points all over its surface, corners and rims among them, in the link's frame.
    pub(super) fn surface(&self) -> Vec<Point3<f64>> {
        let mut points = Vec::new();
        match &self.shape {
            Shape::Box { half } => {
                let sides = [half.x, half.y, half.z].map(|half| steps(-half, half));
                for (i, &x) in sides[0].iter().enumerate() {
                    for (j, &y) in sides[1].iter().enumerate() {
                        for (k, &z) in sides[2].iter().enumerate() {
                            let mut at = [i, j, k].into_iter().zip(&sides);
                            if at.any(|(at, side)| at == 0 || at + 1 == side.len()) {
                                points.push([x, y, z]);
                            }
                        }
                    }
                }
            }
            Shape::Cylinder { radius, half } => {
                for z in steps(-half, *half) {
                    ring(&mut points, *radius, z);
                }
                for z in [-half, *half] {
                    for radius in steps(0.0, *radius) {
                        ring(&mut points, radius, z);
                    }
                }
            }
            Shape::Sphere { radius } if *radius == 0.0 => points.push([0.0; 3]),
            Shape::Sphere { radius } => {
                for turn in steps(0.0, PI * radius) {
                    let (sine, cosine) = (turn / radius).sin_cos();
                    ring(&mut points, sine * radius, cosine * radius);
                }
            }
        }
        let [x, y, z] = &self.axes;
        points.iter().map(|at| (self.centre + x * at[0] + y * at[1] + z * at[2]).into()).collect()
    }
}

/// From `from` to `to`, both among them, no farther apart than [`SPACING`].
fn steps(from: f64, to: f64) -> Vec<f64> {
    let count = pieces(to - from);
    (0..=count).map(|step| from + (to - from) * f64::from(step) / f64::from(count)).collect()
}

/// Points on a circle around z.
fn ring(points: &mut Vec<[f64; 3]>, radius: f64, z: f64) {
    let count = pieces(TAU * radius).max(if radius > 1e-9 { 12 } else { 1 });
    points.extend((0..count).map(|step| {
        let (sine, cosine) = (TAU * f64::from(step) / f64::from(count)).sin_cos();
        [radius * cosine, radius * sine, z]
    }));
}

/// How many pieces a length is cut into. Bounded: a shape of many metres is coarse rather than without end.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 1..=64")]
fn pieces(length: f64) -> u16 {
    (length / SPACING).ceil().clamp(1.0, 64.0) as u16
}

#[cfg(test)]
mod tests {
    use nalgebra::{Translation3, UnitQuaternion};

    use super::*;

    fn solids() -> [Solid; 3] {
        let origin = Isometry3::from_parts(
            Translation3::new(0.01, -0.02, 0.03),
            UnitQuaternion::from_euler_angles(0.4, -0.9, 2.0),
        );
        let size = Vector3::new(0.098, 0.057, 0.026);
        [
            Geometry::Box { size },
            Geometry::Cylinder { radius: 0.03, length: 0.08 },
            Geometry::Sphere { radius: 0.04 },
        ]
        .map(|geometry| Solid::of(&Collision { origin, geometry }).unwrap())
    }

    /// Directions all around.
    fn directions() -> impl Iterator<Item = Vector3<f64>> {
        (0..400).map(|i| {
            let (turn, height) = (f64::from(i) * 2.4, f64::from(i) / 200.0 - 0.9975);
            let aside = (1.0 - height * height).sqrt();
            Vector3::new(aside * turn.cos(), aside * turn.sin(), height)
        })
    }

    #[test]
    fn points_lie_on_the_surface_without_gaps() {
        for solid in solids() {
            let points = solid.surface();
            assert!(points.iter().all(|point| solid.distance(&point.coords) < 1e-9));
            for direction in directions() {
                // Out of the middle to where the surface is, by halving.
                let (mut inside, mut outside) = (0.0, 0.2);
                for _ in 0..50 {
                    let middle = (inside + outside) / 2.0;
                    let is_out = solid.distance(&(solid.centre + direction * middle)) > 0.0;
                    *if is_out { &mut outside } else { &mut inside } = middle;
                }
                let surface = solid.centre + direction * inside;
                let nearest = points.iter().map(|point| (point.coords - surface).norm()).fold(1.0, f64::min);
                assert!(nearest < SPACING * 0.75, "{solid:?}: {nearest} from {surface}");
            }
        }
    }

    #[test]
    fn the_lowest_point_is_that_of_the_surface() {
        for (solid, slack) in solids().into_iter().zip([1e-9, 1.5e-3, 1.5e-3]) {
            for up in directions() {
                let points = solid.surface().into_iter().map(|point| point.coords.dot(&up));
                let by_points = points.fold(f64::INFINITY, f64::min);
                let lowest = solid.lowest(&up);
                assert!(lowest <= by_points + 1e-9 && by_points - lowest < slack, "{lowest} {by_points}");
            }
        }
    }
}
