//! Reading typed fields out of a YAML tree: every fault is noted, none ends the reading.

use std::collections::HashSet;
use std::ops::RangeInclusive;

use super::faults::Faults;
use super::yaml::{Step, Value};
use crate::suggest;

/// A key of a mapping and what may stand behind it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Key {
    pub(crate) name: &'static str,
    /// Completes "… is not".
    pub(crate) allowed: &'static str,
    pub(crate) required: bool,
}

/// A value, where it stands, and what it should be.
#[derive(Debug, Clone)]
pub(crate) struct Field<'v> {
    pub(crate) value: &'v Value,
    pub(crate) path: String,
    pub(crate) place: Vec<Step>,
    allowed: &'static str,
}

/// An entry of a mapping whose keys are names.
#[derive(Debug)]
pub(crate) struct Named<'v> {
    pub(crate) name: String,
    /// The value's field on the line of its key, for faults of the name.
    pub(crate) key: Field<'v>,
    /// What it may be is for the reader to say, with [`Field::allowing`].
    pub(crate) value: Field<'v>,
}

/// The known fields of a mapping.
#[derive(Debug)]
pub(crate) struct Fields<'v>(Vec<(&'static str, Field<'v>)>);

impl<'v> Field<'v> {
    /// The whole document.
    pub(crate) fn root(value: &'v Value, allowed: &'static str) -> Self {
        Self { value, path: String::new(), place: Vec::new(), allowed }
    }

    /// The same field, once it is known what it has to be.
    pub(crate) fn allowing(&self, allowed: &'static str) -> Self {
        Self { allowed, ..self.clone() }
    }

    /// A part of this one. `name` goes on with the path, for instance `.channel` or `[2]`.
    fn part(&self, step: Step, value: &'v Value, name: &str, allowed: &'static str) -> Self {
        let path = format!("{}{name}", self.path);
        let path = path.trim_start_matches('.').to_owned();
        let mut place = self.place.clone();
        place.push(step);
        Self { value, path, place, allowed }
    }

    /// Notes a fault of this field.
    pub(crate) fn fault(&self, faults: &mut Faults, message: impl Into<String>) {
        faults.add(self.path.as_str(), &self.place, message);
    }

    /// Notes that the value is not what is allowed.
    pub(crate) fn refuse<T>(&self, faults: &mut Faults) -> Option<T> {
        self.fault(faults, format!("{} is not {}", self.value, self.allowed));
        None
    }

    /// As [`Self::refuse`], with the word that was probably meant.
    pub(crate) fn refuse_word<'w, T>(
        &self,
        words: impl IntoIterator<Item = &'w str>,
        faults: &mut Faults,
    ) -> Option<T> {
        let typed = if let Value::Text(typed) = self.value { typed } else { "" };
        match suggest::nearest(typed, words) {
            Some(word) => {
                let message = format!("{} is not {}, did you mean `{word}`?", self.value, self.allowed);
                self.fault(faults, message);
                None
            }
            None => self.refuse(faults),
        }
    }

    pub(crate) fn truth(&self, faults: &mut Faults) -> Option<bool> {
        match *self.value {
            Value::Truth(truth) => Some(truth),
            _ => self.refuse(faults),
        }
    }

    pub(crate) fn text(&self, faults: &mut Faults) -> Option<&'v str> {
        match self.value {
            Value::Text(text) => Some(text),
            _ => self.refuse(faults),
        }
    }

    pub(crate) fn number_in(&self, range: RangeInclusive<f64>, faults: &mut Faults) -> Option<f64> {
        match *self.value {
            Value::Number(number) if range.contains(&number) => Some(number),
            _ => self.refuse(faults),
        }
    }

    pub(crate) fn whole_in(&self, range: RangeInclusive<u8>, faults: &mut Faults) -> Option<u8> {
        let whole = match *self.value {
            Value::Number(number) => range.into_iter().find(|whole| f64::from(*whole) == number),
            _ => None,
        };
        whole.or_else(|| self.refuse(faults))
    }

    /// Two numbers; whether they are allowed is for the caller to say.
    pub(crate) fn pair(&self, faults: &mut Faults) -> Option<(f64, f64)> {
        match self.value {
            Value::List(items) => match items[..] {
                [Value::Number(a), Value::Number(b)] => Some((a, b)),
                _ => self.refuse(faults),
            },
            _ => self.refuse(faults),
        }
    }

    /// The item of a pair that holds `number`: its line may be another.
    pub(crate) fn item_with(&self, number: f64) -> Self {
        let items: &[Value] = if let Value::List(items) = self.value { items } else { &[] };
        let same =
            |item: &Value| matches!(*item, Value::Number(n) if n == number || n.is_nan() && number.is_nan());
        match items.iter().position(same) {
            Some(index) => self.part(Step::Item(index), &items[index], "", self.allowed),
            None => self.clone(),
        }
    }

    /// The items of a list.
    pub(crate) fn items(&self, allowed: &'static str, faults: &mut Faults) -> Option<Vec<Self>> {
        let Value::List(items) = self.value else { return self.refuse(faults) };
        let part = |(index, item)| self.part(Step::Item(index), item, &format!("[{index}]"), allowed);
        Some(items.iter().enumerate().map(part).collect())
    }

    /// The entries of a mapping from number to something: the number, and the field behind it. Keys that are no numbers
    /// are noted; the flag tells that there were some.
    pub(crate) fn numbered(
        &self,
        allowed: &'static str,
        faults: &mut Faults,
    ) -> Option<(Vec<(f64, Self)>, bool)> {
        let Value::Mapping(entries) = self.value else { return self.refuse(faults) };
        let mut numbered = Vec::with_capacity(entries.len());
        for (index, (key, value)) in entries.iter().enumerate() {
            let part = self.part(Step::Entry(index), value, &format!("[{}]", key_text(key)), allowed);
            match *key {
                Value::Number(number) if number.is_finite() => numbered.push((number, part)),
                _ => part.at_key(index).fault(faults, format!("{key} is no position: a number is needed")),
            }
        }
        let broken = numbered.len() < entries.len();
        Some((numbered, broken))
    }

    /// The entries of a mapping whose keys are anybody's names. Doubled ones are noted and left out.
    pub(crate) fn named(&self, faults: &mut Faults) -> Option<Vec<Named<'v>>> {
        let Value::Mapping(entries) = self.value else { return self.refuse(faults) };
        let mut named: Vec<Named<'v>> = Vec::with_capacity(entries.len());
        let mut names = HashSet::with_capacity(entries.len());
        for (index, (key, value)) in entries.iter().enumerate() {
            let name = key_text(key);
            let part = self.part(Step::Entry(index), value, &format!(".{name}"), "");
            let key = part.clone().at_key(index);
            if names.insert(name.clone()) {
                named.push(Named { name, key, value: part });
            } else {
                key.fault(faults, "given twice in the same mapping");
            }
        }
        Some(named)
    }

    /// The same field, but on the line of its key, which is entry `index` of its mapping.
    fn at_key(mut self, index: usize) -> Self {
        self.place.pop();
        self.place.push(Step::Key(index));
        self
    }

    /// The fields of a mapping. Unknown, doubled and missing ones are noted. `meant` may know what an unknown key stands
    /// for; else the nearest of the missing ones is proposed, which then does not count as missing as well.
    pub(crate) fn fields(
        &self,
        keys: &[Key],
        meant: impl Fn(&str) -> Option<&'static str>,
        faults: &mut Faults,
    ) -> Option<Fields<'v>> {
        let Value::Mapping(entries) = self.value else { return self.refuse(faults) };
        let mut known: Vec<(&'static str, Field<'v>)> = Vec::new();
        let mut unknown = Vec::new();
        for (index, (key, value)) in entries.iter().enumerate() {
            let name = key_text(key);
            match keys.iter().find(|key| key.name == name) {
                Some(key) => {
                    let part = self.part(Step::Entry(index), value, &format!(".{name}"), key.allowed);
                    if known.iter().any(|(earlier, _)| *earlier == key.name) {
                        part.at_key(index).fault(faults, "given twice in the same mapping");
                    } else {
                        known.push((key.name, part));
                    }
                }
                None => {
                    let part = self.part(Step::Entry(index), value, &format!(".{name}"), "").at_key(index);
                    unknown.push((name, part));
                }
            }
        }
        let mut missing: Vec<&Key> =
            keys.iter().filter(|key| known.iter().all(|(name, _)| *name != key.name)).collect();
        for (name, field) in unknown {
            let proposal = meant(&name).or_else(|| propose(&name, missing.iter().copied()));
            match proposal.or_else(|| propose(&name, keys)) {
                Some(proposal) => {
                    missing.retain(|key| key.name != proposal);
                    field.fault(faults, format!("unknown field, did you mean `{proposal}`?"));
                }
                None => {
                    let all: Vec<_> = keys.iter().map(|key| key.name).collect();
                    field.fault(faults, format!("unknown field; known are {}", all.join(", ")));
                }
            }
        }
        for key in missing.iter().filter(|key| key.required) {
            let path = format!("{}.{}", self.path, key.name);
            faults.add(
                path.trim_start_matches('.'),
                &self.place,
                format!("missing; it has to be {}", key.allowed),
            );
        }
        Some(Fields(known))
    }
}

impl<'v> Fields<'v> {
    pub(crate) fn get(&self, name: &str) -> Option<&Field<'v>> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, field)| field)
    }
}

/// The key that was meant: one that goes on as the name does (`travel` for `travel_deg`), or the nearest.
fn propose<'k>(name: &str, keys: impl IntoIterator<Item = &'k Key>) -> Option<&'static str> {
    let names: Vec<_> = keys.into_iter().map(|key| key.name).collect();
    let longer = |known: &&str| known.strip_prefix(name).is_some_and(|rest| rest.starts_with('_'));
    names.iter().copied().find(longer).or_else(|| suggest::nearest(name, names))
}

/// A key as part of a path.
fn key_text(key: &Value) -> String {
    match key {
        Value::Text(text) if text.len() <= 60 && !text.contains(char::is_control) => text.clone(),
        Value::Number(number) => number.to_string(),
        other => other.to_string(),
    }
}
