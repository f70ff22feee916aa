//! Positions and speeds as people type and read them: `45deg`, `20 mm`, `30deg/s`. SI units come out.

use thiserror::Error;

use crate::robot::JointKind;

/// A unit that people type, and what one of it is in SI units.
struct Unit {
    name: &'static str,
    kind: JointKind,
    in_si: f64,
}

const UNITS: [Unit; 5] = [
    Unit { name: "deg", kind: JointKind::Revolute, in_si: std::f64::consts::PI / 180.0 },
    Unit { name: "°", kind: JointKind::Revolute, in_si: std::f64::consts::PI / 180.0 },
    Unit { name: "rad", kind: JointKind::Revolute, in_si: 1.0 },
    Unit { name: "mm", kind: JointKind::Prismatic, in_si: 0.001 },
    Unit { name: "m", kind: JointKind::Prismatic, in_si: 1.0 },
];

/// Why a position or a speed is not understood. Every message names the value and what is allowed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum UnitError {
    /// No number where one should be.
    #[error("`{text}` is not a number with a unit; write for example {example}")]
    NotANumber {
        /// What was typed.
        text: String,
        /// One that would be understood.
        example: &'static str,
    },
    /// A position without a unit could be degrees as well as radians.
    #[error("`{text}` has no unit; write {text}{} or {text}{}", allowed[0], allowed[1])]
    MissingUnit {
        /// What was typed.
        text: String,
        /// The joint's units.
        allowed: [&'static str; 2],
    },
    /// A unit that is none, or one of the other kind of joint.
    #[error("`{text}`: {unit} is no unit of a {kind} joint; its units are {} and {}", allowed[0], allowed[1])]
    WrongUnit {
        /// What was typed.
        text: String,
        /// The unit in it.
        unit: String,
        /// The joint's kind.
        kind: JointKind,
        /// The joint's units.
        allowed: [&'static str; 2],
    },
    /// Speeds have no direction: the goal has.
    #[error("speed `{text}` is negative; 0 or more is allowed, 0 is as fast as the limits allow")]
    NegativeSpeed {
        /// What was typed.
        text: String,
    },
}

/// A position in rad or m, from a number with a unit (`45deg`, `-0.5 rad`, `20mm`, `0.02m`), or an end of the travel:
/// `inf` is the upper and `-inf` the lower one.
pub fn parse_position(text: &str, kind: JointKind) -> Result<f64, UnitError> {
    match text.trim() {
        "inf" | "+inf" | ".inf" | "+.inf" => return Ok(f64::INFINITY),
        "-inf" | "-.inf" => return Ok(f64::NEG_INFINITY),
        _ => {}
    }
    let example = match kind {
        JointKind::Revolute => "45deg or 0.5rad",
        JointKind::Prismatic => "20mm or 0.02m",
    };
    let allowed = position_units(kind);
    match split(text, example)? {
        (_, "") => Err(UnitError::MissingUnit { text: text.trim().to_owned(), allowed }),
        (number, unit) => convert(number, unit, text, kind, allowed, example),
    }
}

/// A speed in rad/s or m/s, from a number with a unit (`30deg/s`, `0.5rad/s`, `50mm/s`, `0.05m/s`) or without one, which
/// then is rad/s or m/s. 0 is as fast as the limits allow.
pub fn parse_speed(text: &str, kind: JointKind) -> Result<f64, UnitError> {
    let (example, allowed) = match kind {
        JointKind::Revolute => ("30deg/s or 0.5rad/s", ["deg/s", "rad/s"]),
        JointKind::Prismatic => ("50mm/s or 0.05m/s", ["mm/s", "m/s"]),
    };
    let (number, unit) = split(text, example)?;
    let speed = match unit.strip_suffix("/s") {
        _ if unit.is_empty() => number,
        Some(unit) => convert(number, unit.trim_end(), text, kind, allowed, example)?,
        None => return Err(wrong_unit(text, unit, kind, allowed)),
    };
    if speed < 0.0 {
        return Err(UnitError::NegativeSpeed { text: text.trim().to_owned() });
    }
    Ok(speed)
}

/// A position for people: `45.0 deg`, `20.0 mm`.
pub fn format_position(position: f64, kind: JointKind) -> String {
    let (value, unit) = for_people(position, kind);
    format!("{value:.1} {unit}")
}

/// A speed for people: `28.6 deg/s`, `50.0 mm/s`.
pub fn format_speed(speed: f64, kind: JointKind) -> String {
    let (value, unit) = for_people(speed, kind);
    format!("{value:.1} {unit}/s")
}

/// The units a joint's position may be typed in; the first is the one it is shown in.
pub fn position_units(kind: JointKind) -> [&'static str; 2] {
    match kind {
        JointKind::Revolute => ["deg", "rad"],
        JointKind::Prismatic => ["mm", "m"],
    }
}

fn for_people(value: f64, kind: JointKind) -> (f64, &'static str) {
    let value = match kind {
        JointKind::Revolute => value.to_degrees(),
        JointKind::Prismatic => value * 1000.0,
    };
    // What rounds to nothing has no sign.
    let value = if value.abs() < 0.05 { 0.0 } else { value };
    (value, position_units(kind)[0])
}

/// The number in front and the unit behind it.
fn split<'a>(text: &'a str, example: &'static str) -> Result<(f64, &'a str), UnitError> {
    let text = text.trim();
    let number = text.trim_end_matches(|c: char| !c.is_ascii_digit() && c != '.');
    let unit = text.strip_prefix(number).unwrap_or_default().trim_start();
    match number.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok((value, unit)),
        _ => Err(UnitError::NotANumber { text: text.to_owned(), example }),
    }
}

fn convert(
    number: f64,
    unit: &str,
    text: &str,
    kind: JointKind,
    allowed: [&'static str; 2],
    example: &'static str,
) -> Result<f64, UnitError> {
    let found = UNITS.iter().find(|known| known.name == unit && known.kind == kind);
    let value = number * found.ok_or_else(|| wrong_unit(text, unit, kind, allowed))?.in_si;
    if value.is_finite() {
        Ok(value)
    } else {
        Err(UnitError::NotANumber { text: text.trim().to_owned(), example })
    }
}

fn wrong_unit(text: &str, unit: &str, kind: JointKind, allowed: [&'static str; 2]) -> UnitError {
    UnitError::WrongUnit { text: text.trim().to_owned(), unit: unit.to_owned(), kind, allowed }
}
