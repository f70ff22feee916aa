//! Positions and speeds of joints whose kind may not be known: then the unit that was typed tells it.

use steve_core::robot::JointKind;
use steve_core::units::{UnitError, format_position, format_speed, parse_position, parse_speed};

/// A position in rad or m, and what is known of its joint's kind after reading it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Position {
    pub(super) value: f64,
    pub(super) kind: Option<JointKind>,
}

/// Reads a position of a joint of that kind. Errors name what is allowed.
pub(super) fn position(text: &str, kind: Option<JointKind>) -> Result<Position, String> {
    let (value, kind) = either(text, kind, parse_position, "45deg, 0.5rad, 20mm or 0.02m")?;
    // The ends of the travel have no unit to tell the kind by.
    Ok(Position { value, kind: kind.filter(|_| value.is_finite()) })
}

/// Reads a speed of a joint of that kind; without a unit it is rad/s or m/s.
pub(super) fn speed(text: &str, kind: Option<JointKind>) -> Result<f64, String> {
    either(text, kind, parse_speed, "0.5, 30deg/s, 0.5rad/s, 50mm/s or 0.05m/s").map(|(value, _)| value)
}

type Parse = fn(&str, JointKind) -> Result<f64, UnitError>;

/// Parses as the kind that the joint has, else as whichever kind the unit belongs to.
fn either(
    text: &str,
    kind: Option<JointKind>,
    parse: Parse,
    examples: &str,
) -> Result<(f64, Option<JointKind>), String> {
    if let Some(kind) = kind {
        return parse(text, kind).map(|value| (value, Some(kind))).map_err(|error| error.to_string());
    }
    match parse(text, JointKind::Revolute) {
        Ok(value) => Ok((value, Some(JointKind::Revolute))),
        Err(UnitError::WrongUnit { .. }) => parse(text, JointKind::Prismatic)
            .map(|value| (value, Some(JointKind::Prismatic)))
            .map_err(|_| format!("`{text}` has no unit that is known; write for example {examples}")),
        Err(UnitError::MissingUnit { text, .. }) => {
            Err(format!("`{text}` has no unit; write for example {examples}"))
        }
        Err(UnitError::NotANumber { text, .. }) => {
            Err(format!("`{text}` is not a number with a unit; write for example {examples}"))
        }
        Err(error) => Err(error.to_string()),
    }
}

/// A position for people. Of a joint whose kind nobody knows the number is all there is.
pub(super) fn show_position(value: f64, kind: Option<JointKind>) -> String {
    match kind {
        _ if value.is_nan() => "unknown".to_owned(),
        Some(kind) => format_position(value, kind),
        None => format!("{value:.4} rad|m"),
    }
}

/// A speed for people.
pub(super) fn show_speed(value: f64, kind: Option<JointKind>) -> String {
    match kind {
        Some(kind) => format_speed(value, kind),
        None => format!("{value:.4} rad|m/s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TURNS: Option<JointKind> = Some(JointKind::Revolute);
    const SLIDES: Option<JointKind> = Some(JointKind::Prismatic);

    #[test]
    fn the_unit_tells_the_kind_of_an_unknown_joint() {
        assert_eq!(position("0.5rad", None), Ok(Position { value: 0.5, kind: TURNS }));
        assert_eq!(position("-20mm", None), Ok(Position { value: -0.02, kind: SLIDES }));
        assert_eq!(position("-inf", None), Ok(Position { value: f64::NEG_INFINITY, kind: None }));
        assert_eq!(speed("50mm/s", None), Ok(0.05));
        assert_eq!(speed("0.5", None), Ok(0.5));
    }

    #[test]
    fn a_unit_of_the_other_kind_is_refused() {
        let error = position("20mm", TURNS).unwrap_err();
        assert!(
            error.contains("mm is no unit of a revolute joint") && error.contains("deg and rad"),
            "{error}"
        );
        assert!(speed("30deg/s", SLIDES).unwrap_err().contains("mm/s and m/s"));
    }

    #[test]
    fn errors_name_the_units_there_are() {
        for wrong in ["45", "45foo", "torso", "", "1e999deg"] {
            let error = position(wrong, None).unwrap_err();
            assert!(
                ["deg", "rad", "mm", "0.02m"].iter().all(|unit| error.contains(unit)),
                "{wrong}: {error}"
            );
        }
        assert!(position("45", TURNS).unwrap_err().contains("45deg or 45rad"));
        assert!(speed("-1rad/s", None).unwrap_err().contains("negative"));
    }

    #[test]
    fn positions_are_shown_in_degrees_and_millimetres_where_the_kind_is_known() {
        assert_eq!(show_position(0.5, TURNS), "28.6 deg");
        assert_eq!(show_position(0.02, SLIDES), "20.0 mm");
        assert_eq!(show_position(0.5, None), "0.5000 rad|m");
        assert_eq!(show_position(f64::NAN, SLIDES), "unknown");
        assert_eq!(show_speed(0.5, None), "0.5000 rad|m/s");
    }
}
