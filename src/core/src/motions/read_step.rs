use super::Step;
use super::keys::{self, Kind};
use super::read_target::{read_easing, read_speed, read_targets};
use crate::arm::MoveRequest;
use crate::robot::Robot;
use crate::robot::faults::Faults;
use crate::robot::field::{Field, Fields};
use crate::robot::keys::is_name;
use crate::suggest;

/// How deep repeats may stand in repeats.
const DEEPEST: usize = 8;

/// Reads the steps of one motion.
pub(super) struct StepReader<'r> {
    robot: &'r Robot,
    unguarded: bool,
    faults: &'r mut Faults,
    /// The names of the saves so far.
    saved: Vec<String>,
    depth: usize,
}

impl<'r> StepReader<'r> {
    pub(super) fn new(robot: &'r Robot, unguarded: bool, faults: &'r mut Faults) -> Self {
        Self { robot, unguarded, faults, saved: Vec::new(), depth: 0 }
    }

    /// The steps of a motion or of a repeat.
    pub(super) fn steps(&mut self, field: &Field<'_>) -> Option<Vec<Step>> {
        let items = field.items(keys::STEP, self.faults)?;
        if items.is_empty() {
            field.fault(self.faults, "no steps, at least 1 is needed");
            return None;
        }
        let read: Vec<_> = items.iter().map(|item| self.step(item)).collect();
        read.into_iter().collect()
    }

    fn step(&mut self, field: &Field<'_>) -> Option<Step> {
        let kind = self.kind(field)?;
        let fields = field.fields(kind.keys(), |_| None, self.faults)?;
        let value = fields.get(kind.name())?;
        match kind {
            Kind::Start => self.read_move(&fields, value, false),
            Kind::Move => self.read_move(&fields, value, true),
            Kind::Wait => Some(Step::Wait { seconds: value.number_in(0.0..=3600.0, self.faults)? }),
            Kind::Repeat => self.repeat(&fields, value),
            Kind::Save => self.save(value),
            Kind::Restore => self.restore(&fields, value),
            Kind::Power => match value.text(self.faults)? {
                "off" => Some(Step::PowerOff),
                _ => value.refuse(self.faults),
            },
        }
    }

    /// The one key that tells what the step does.
    fn kind(&mut self, field: &Field<'_>) -> Option<Kind> {
        // A doubled key is noted by whoever reads the fields; here it would be noted twice.
        let entries = field.named(&mut Faults::default()).or_else(|| field.refuse(self.faults))?;
        let kind_of = |name: &str| Kind::ALL.into_iter().find(|kind| kind.name() == name);
        let mut kinds = entries.iter().filter_map(|entry| Some((kind_of(&entry.name)?, entry)));
        match (kinds.next(), kinds.next()) {
            (Some((kind, _)), None) => return Some(kind),
            (Some((first, _)), Some((_, second))) => {
                let message =
                    format!("`{}` beside `{}`: each is a step of its own", second.name, first.name());
                second.key.fault(self.faults, message);
            }
            (None, _) => {
                let names = Kind::ALL.map(Kind::name);
                let Some(first) = entries.first() else { return field.refuse(self.faults) };
                let message = match suggest::nearest(&first.name, names) {
                    Some(name) => format!("unknown step, did you mean `{name}`?"),
                    None => format!("unknown step; known are {}", names.join(", ")),
                };
                first.key.fault(self.faults, message);
            }
        }
        None
    }

    fn read_move(&mut self, fields: &Fields<'_>, targets: &Field<'_>, wait: bool) -> Option<Step> {
        let speed = read_speed(fields, self.faults);
        let easing = read_easing(fields, self.faults);
        let together = self.together(fields);
        let defaults = (speed.unwrap_or_default(), easing.clone().unwrap_or_default());
        let moves = read_targets(targets, self.robot, &defaults, self.faults);
        let request = MoveRequest { moves: moves?, together: together?, unguarded: self.unguarded };
        // The targets were checked beside something harmless where these could not be read.
        let complete = speed.is_some() && easing.is_some();
        complete.then_some(Step::Move { request, wait })
    }

    fn repeat(&mut self, fields: &Fields<'_>, times: &Field<'_>) -> Option<Step> {
        let whole = times.number_in(1.0..=1000.0, self.faults).and_then(|number| {
            let whole = (1..=1000_u16).find(|times| f64::from(*times) == number);
            whole.or_else(|| times.refuse(self.faults))
        });
        let field = fields.get("steps")?;
        if self.depth == DEEPEST {
            field.fault(self.faults, format!("repeats within repeats, at most {DEEPEST} deep are allowed"));
            return None;
        }
        self.depth += 1;
        let steps = self.steps(field);
        self.depth -= 1;
        Some(Step::Repeat { times: whole?, steps: steps? })
    }

    fn save(&mut self, field: &Field<'_>) -> Option<Step> {
        let name = field.text(self.faults)?;
        if !is_name(name) {
            return field.refuse(self.faults);
        }
        self.saved.push(name.to_owned());
        Some(Step::Save { name: name.to_owned() })
    }

    fn restore(&mut self, fields: &Fields<'_>, field: &Field<'_>) -> Option<Step> {
        let name = field.text(self.faults).and_then(|name| {
            if self.saved.iter().any(|saved| saved == name) {
                return Some(name.to_owned());
            }
            field.refuse_word(self.saved.iter().map(String::as_str), self.faults)
        });
        let speed = read_speed(fields, self.faults);
        let easing = read_easing(fields, self.faults);
        let together = self.together(fields);
        Some(Step::Restore { name: name?, speed: speed?, easing: easing?, together: together? })
    }

    fn together(&mut self, fields: &Fields<'_>) -> Option<bool> {
        fields.get("together").map_or(Some(false), |field| field.truth(self.faults))
    }
}
