//! The XML of a URDF: links with collision shapes, joints. Colours, masses and looks are not read.

use nalgebra::{Isometry3, Translation3, Unit, UnitQuaternion, Vector3};
use roxmltree::{Document, Node};

use super::UrdfError;

/// No length of a desk robot is greater, m: what keeps sums and squares of them finite.
const MOST: f64 = 1e6;

#[derive(Debug)]
pub(crate) struct Description {
    pub(crate) links: Vec<LinkElement>,
    pub(crate) joints: Vec<JointElement>,
}

#[derive(Debug)]
pub(crate) struct LinkElement {
    pub(crate) line: u32,
    pub(crate) name: String,
    pub(crate) collisions: Vec<Collision>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Collision {
    pub(crate) origin: Isometry3<f64>,
    pub(crate) geometry: Geometry,
}

/// m. A cylinder stands along z; each has its origin in the middle.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Geometry {
    Box {
        size: Vector3<f64>,
    },
    Cylinder {
        radius: f64,
        length: f64,
    },
    Sphere {
        radius: f64,
    },
    /// A mesh, or what else is not read here.
    Other,
}

#[derive(Debug)]
pub(crate) struct JointElement {
    pub(crate) line: u32,
    pub(crate) name: String,
    /// As it stands there: `revolute`, `continuous`, `prismatic`, `fixed`, `floating`, `planar`.
    pub(crate) kind: String,
    pub(crate) parent: String,
    pub(crate) child: String,
    pub(crate) origin: Isometry3<f64>,
    pub(crate) axis: Unit<Vector3<f64>>,
    pub(crate) mimic: Option<Mimic>,
}

#[derive(Debug)]
pub(crate) struct Mimic {
    pub(crate) joint: String,
    pub(crate) multiplier: f64,
    pub(crate) offset: f64,
}

impl Description {
    pub(crate) fn read(text: &str) -> Result<Self, UrdfError> {
        let document = Document::parse(text).map_err(|error| UrdfError::Xml { reason: error.to_string() })?;
        let robot = document.root_element();
        if !robot.has_tag_name("robot") {
            return Err(UrdfError::NotARobot { found: robot.tag_name().name().to_owned() });
        }
        // Transmissions have joints of their own: only the robot's children count.
        let all = |tag: &'static str| robot.children().filter(move |node| node.has_tag_name(tag));
        Ok(Self {
            links: all("link").map(link).collect::<Result<_, _>>()?,
            joints: all("joint").map(joint).collect::<Result<_, _>>()?,
        })
    }
}

fn link(node: Node<'_, '_>) -> Result<LinkElement, UrdfError> {
    let collisions = node.children().filter(|child| child.has_tag_name("collision"));
    Ok(LinkElement {
        line: line(node),
        name: attribute(node, "name")?.to_owned(),
        collisions: collisions.map(collision).collect::<Result<_, _>>()?,
    })
}

fn collision(node: Node<'_, '_>) -> Result<Collision, UrdfError> {
    let geometry = child(node, "geometry").ok_or_else(|| missing(node, "<geometry>"))?;
    let shape = geometry.children().find(Node::is_element).ok_or_else(|| missing(geometry, "a shape"))?;
    let length = |name| -> Result<f64, UrdfError> {
        let value = attribute(shape, name)?;
        numbers(value).map(|[length]| length).filter(|&length| length > 0.0).ok_or_else(|| UrdfError::Value {
            line: line(shape),
            field: name,
            value: value.to_owned(),
            allowed: "a finite length greater than 0",
        })
    };
    let geometry = match shape.tag_name().name() {
        "box" => {
            let size = vector(shape, "size")?.ok_or_else(|| missing(shape, "size"))?;
            if size.iter().any(|&side| side <= 0.0) {
                let value = attribute(shape, "size")?.to_owned();
                let allowed = "three finite lengths greater than 0";
                return Err(UrdfError::Value { line: line(shape), field: "size", value, allowed });
            }
            Geometry::Box { size }
        }
        "cylinder" => Geometry::Cylinder { radius: length("radius")?, length: length("length")? },
        "sphere" => Geometry::Sphere { radius: length("radius")? },
        _ => Geometry::Other,
    };
    Ok(Collision { origin: origin(node)?, geometry })
}

fn joint(node: Node<'_, '_>) -> Result<JointElement, UrdfError> {
    let end = |tag: &'static str, element: &'static str| {
        let end = child(node, tag).ok_or_else(|| missing(node, element))?;
        attribute(end, "link").map(ToOwned::to_owned)
    };
    // The URDF's own default.
    let axis = match child(node, "axis") {
        Some(axis) => vector(axis, "xyz")?.unwrap_or_else(Vector3::x),
        None => Vector3::x(),
    };
    let Some(axis) = Unit::try_new(axis, 1e-6) else {
        let place = child(node, "axis").unwrap_or(node);
        let value = place.attribute("xyz").unwrap_or_default().to_owned();
        return Err(UrdfError::Value {
            line: line(place),
            field: "xyz",
            value,
            allowed: "a direction, not all 0",
        });
    };
    Ok(JointElement {
        line: line(node),
        name: attribute(node, "name")?.to_owned(),
        kind: attribute(node, "type")?.to_owned(),
        parent: end("parent", "<parent>")?,
        child: end("child", "<child>")?,
        origin: origin(node)?,
        axis,
        mimic: child(node, "mimic").map(mimic).transpose()?,
    })
}

fn mimic(node: Node<'_, '_>) -> Result<Mimic, UrdfError> {
    let number = |name, default| {
        let Some(value) = node.attribute(name) else { return Ok(default) };
        numbers(value).map(|[number]| number).ok_or_else(|| UrdfError::Value {
            line: line(node),
            field: name,
            value: value.to_owned(),
            allowed: "a finite number",
        })
    };
    Ok(Mimic {
        joint: attribute(node, "joint")?.to_owned(),
        multiplier: number("multiplier", 1.0)?,
        offset: number("offset", 0.0)?,
    })
}

/// The frame that `<origin>` tells: `rpy` turns around the fixed axes x, then y, then z.
fn origin(node: Node<'_, '_>) -> Result<Isometry3<f64>, UrdfError> {
    let Some(origin) = child(node, "origin") else { return Ok(Isometry3::identity()) };
    let xyz = vector(origin, "xyz")?.unwrap_or_default();
    let rpy = vector(origin, "rpy")?.unwrap_or_default();
    let rotation = UnitQuaternion::from_euler_angles(rpy.x, rpy.y, rpy.z);
    Ok(Isometry3::from_parts(Translation3::from(xyz), rotation))
}

fn vector(node: Node<'_, '_>, name: &'static str) -> Result<Option<Vector3<f64>>, UrdfError> {
    let Some(value) = node.attribute(name) else { return Ok(None) };
    let three = numbers(value).ok_or_else(|| UrdfError::Value {
        line: line(node),
        field: name,
        value: value.to_owned(),
        allowed: "three finite numbers",
    })?;
    Ok(Some(Vector3::from(three)))
}

/// `N` numbers with blanks between them, all finite.
fn numbers<const N: usize>(text: &str) -> Option<[f64; N]> {
    let mut words = text.split_whitespace();
    let mut all = [0.0; N];
    for number in &mut all {
        *number = words.next()?.parse().ok().filter(|number: &f64| number.abs() <= MOST)?;
    }
    words.next().is_none().then_some(all)
}

fn child<'a, 'd>(node: Node<'a, 'd>, tag: &str) -> Option<Node<'a, 'd>> {
    node.children().find(|child| child.has_tag_name(tag))
}

fn attribute<'a>(node: Node<'a, '_>, name: &'static str) -> Result<&'a str, UrdfError> {
    node.attribute(name).ok_or_else(|| missing(node, name))
}

fn missing(node: Node<'_, '_>, missing: &'static str) -> UrdfError {
    UrdfError::Missing { line: line(node), element: node.tag_name().name().to_owned(), missing }
}

fn line(node: Node<'_, '_>) -> u32 {
    node.document().text_pos_at(node.range().start).row
}
