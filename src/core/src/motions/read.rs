//! From a YAML tree to motions. Everything is looked at, whatever was wrong before it.

use super::keys;
use super::read_step::StepReader;
use super::{Motion, Motions, Step};
use crate::robot::faults::Faults;
use crate::robot::field::{Field, Named};
use crate::robot::keys::{NAME, is_name};
use crate::robot::yaml::{self, Value};
use crate::robot::{DescriptionErrors, Robot};

/// More steps than this, with every repeat written out, are taken for a mistake.
const MOST_STEPS: u64 = 100_000;

pub(super) fn read(text: &str, file_name: &str, robot: &Robot) -> Result<Motions, DescriptionErrors> {
    let mut faults = Faults::default();
    let motions = match yaml::parse(text) {
        Ok(Value::Empty) => {
            faults.add("", &[], "the file is empty; write {} for no motions");
            None
        }
        Ok(value) => read_motions(&Field::root(&value, keys::FILE), robot, &mut faults),
        Err(fault) => {
            return Err(DescriptionErrors { file_name: file_name.to_owned(), faults: vec![fault] });
        }
    };
    match motions {
        Some(motions) if faults.is_empty() => Ok(Motions { motions }),
        _ => Err(faults.locate(text, file_name)),
    }
}

fn read_motions(root: &Field<'_>, robot: &Robot, faults: &mut Faults) -> Option<Vec<Motion>> {
    let named = root.named(faults)?;
    let read: Vec<_> = named.into_iter().map(|entry| read_motion(entry, robot, faults)).collect();
    read.into_iter().collect()
}

fn read_motion(entry: Named<'_>, robot: &Robot, faults: &mut Faults) -> Option<Motion> {
    let Named { name, key, value } = entry;
    if !is_name(&name) {
        key.fault(faults, format!("`{name}` is not {NAME}"));
    }
    let fields = value.allowing(keys::MOTION).fields(&keys::MOTION_KEYS, |_| None, faults)?;
    let description = match fields.get("description") {
        Some(field) => field.text(faults).map(ToOwned::to_owned),
        None => Some(String::new()),
    };
    let guarded = match fields.get("guard") {
        Some(field) => field.truth(faults),
        None => Some(true),
    };
    let steps = fields.get("steps").and_then(|field| {
        let steps = StepReader::new(robot, !guarded.unwrap_or(true), faults).steps(field)?;
        let count = count(&steps);
        if count > MOST_STEPS {
            field.fault(faults, format!("{count} steps with its repeats, {MOST_STEPS} are allowed"));
            return None;
        }
        Some(steps)
    });
    Some(Motion { name, description: description?, guarded: guarded?, steps: steps? })
}

/// Steps with every repeat written out.
fn count(steps: &[Step]) -> u64 {
    steps.iter().fold(0, |sum: u64, step| {
        let steps = match step {
            Step::Repeat { times, steps } => u64::from(*times).saturating_mul(count(steps)),
            _ => 1,
        };
        sum.saturating_add(steps)
    })
}
