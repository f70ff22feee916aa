//! The servo's part of a joint's description: pulse range, usable part and map.

use super::JointKind;
use super::faults::Faults;
use super::field::{Field, Fields};
use super::keys::{self, Keys};
use crate::calibration::{Calibration, CalibrationError, CalibrationField};

/// The calibration, if nothing is wrong with it. `travel` is in the file's unit.
pub(super) fn read_calibration(
    fields: &Fields<'_>,
    kind: JointKind,
    travel: Option<(f64, f64)>,
    faults: &mut Faults,
) -> Option<Calibration> {
    let pulse_us = read_pair(fields, "pulse_us", faults);
    let usable = read_pair(fields, "usable", faults);
    let map = fields.get(Keys::of(kind).map.name).and_then(|field| read_map(field, kind, travel, faults));
    // What is missing or no number has been noted; the rest is still checked, beside something harmless.
    let points: Vec<_> = match &map {
        Some(map) => map.iter().map(|point| (kind.file_to_si(point.position), point.fraction)).collect(),
        None => vec![(0.0, 0.0), (1.0, 1.0)],
    };
    let made = Calibration::new(
        pulse_us.map_or((1000.0, 2000.0), |(pair, _)| pair),
        usable.map_or((0.0, 1.0), |(pair, _)| pair),
        &points,
    );
    for error in made.as_ref().err().into_iter().flatten() {
        let field = match error.field() {
            CalibrationField::PulseUs => pulse_us.map(|(_, field)| field),
            CalibrationField::Usable => usable.map(|(_, field)| field),
            CalibrationField::Point(point) => map.as_ref().map(|map| &map[point].field),
            // `read_map` says it better: it knows of points that were left out because they are no numbers.
            CalibrationField::Map => None,
        };
        match (*error, field) {
            (CalibrationError::PulseOutside(value) | CalibrationError::UsableOutside(value), Some(field)) => {
                field.item_with(value).fault(faults, error.to_string());
            }
            (_, Some(field)) => field.fault(faults, error.to_string()),
            (_, None) => {}
        }
    }
    let complete = pulse_us.is_some() && usable.is_some() && map.is_some();
    made.ok().filter(|_| complete)
}

fn read_pair<'f, 'v>(
    fields: &'f Fields<'v>,
    name: &str,
    faults: &mut Faults,
) -> Option<((f64, f64), &'f Field<'v>)> {
    let field = fields.get(name)?;
    Some((field.pair(faults)?, field))
}

/// A point of the map, the position in the file's unit.
struct Point<'v> {
    position: f64,
    fraction: f64,
    field: Field<'v>,
}

/// The map's points in ascending order; a mapping has none of its own.
fn read_map<'v>(
    field: &Field<'v>,
    kind: JointKind,
    travel: Option<(f64, f64)>,
    faults: &mut Faults,
) -> Option<Vec<Point<'v>>> {
    let Keys { unit, farthest, .. } = *Keys::of(kind);
    let (entries, mut broken) = field.numbered(keys::FRACTION, faults)?;
    let mut points: Vec<Point<'v>> = Vec::with_capacity(entries.len());
    for (position, field) in entries {
        let fraction = field.number_in(f64::NEG_INFINITY..=f64::INFINITY, faults);
        if position.abs() > farthest {
            field.fault(faults, format!("{position} is outside -{farthest} to {farthest} {unit}"));
            broken = true;
        } else if let Some(fraction) = fraction {
            points.push(Point { position, fraction, field });
        } else {
            broken = true;
        }
    }
    points.sort_by(|a, b| a.position.total_cmp(&b.position));
    points.dedup_by(|later, earlier| {
        // -0 and 0 are one position too.
        let doubled = later.position == earlier.position;
        if doubled {
            later.field.fault(faults, format!("the position {} is given twice", later.position));
            broken = true;
        }
        doubled
    });
    if points.len() < 2 && !broken {
        field.fault(faults, format!("too few points ({}), at least 2 are needed", points.len()));
    }
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return None };
    if let Some((lower, upper)) = travel
        && !broken
        && points.len() >= 2
        && (first.position > lower || last.position < upper)
    {
        let (from, to) = (first.position, last.position);
        let message = format!("{from} to {to} {unit} does not cover the travel of {lower} to {upper} {unit}");
        field.fault(faults, message);
    }
    Some(points)
}
