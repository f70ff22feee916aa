//! A YAML document as it is written: every key of it, doubled ones too, and the line of every part.
//!
//! `serde_yaml::Value` has no lines and stops at the first doubled key. So the document is read into a tree of our own,
//! and a line is found by reading once more up to the part in question and failing there: serde_yaml tells where an
//! error happened. That way lines and values come from one parser and cannot disagree.

use std::fmt;

use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, EnumAccess, Error, IgnoredAny, MapAccess, SeqAccess,
    VariantAccess, Visitor,
};

use super::faults::Fault;

/// One step down the document, by position: names may be doubled or no text at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// Into the item of a list.
    Item(usize),
    /// To the key of an entry of a mapping.
    Key(usize),
    /// Into the value of an entry of a mapping.
    Entry(usize),
}

/// Any YAML value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Empty,
    Truth(bool),
    Number(f64),
    Text(String),
    List(Vec<Value>),
    Mapping(Vec<(Value, Value)>),
    /// `!tag …`: nothing here has a meaning for those.
    Tagged(String),
}

/// Reads the one document in `text`.
pub(crate) fn parse(text: &str) -> Result<Value, Fault> {
    Value::deserialize(serde_yaml::Deserializer::from_str(text)).map_err(|error| Fault {
        line: error.location().map(|location| location.line()),
        path: String::new(),
        message: format!("not YAML: {error}"),
    })
}

/// The line, counted from 1, on which the part at `place` starts.
pub(crate) fn line_of(text: &str, place: &[Step]) -> Option<usize> {
    let error = Locate(place).deserialize(serde_yaml::Deserializer::from_str(text)).err()?;
    Some(error.location()?.line())
}

impl fmt::Display for Value {
    /// For messages: short, on one line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("an empty value"),
            Self::Truth(value) => write!(f, "{value}"),
            Self::Number(value) => write!(f, "{value}"),
            // Quoted in the file, or too great a number for YAML.
            Self::Text(text) if text.parse::<f64>().is_ok() => write!(f, "the text {text:?}"),
            Self::Text(text) if text.chars().count() > 40 || text.contains(char::is_control) => {
                write!(f, "{:?}", text.chars().take(40).collect::<String>())
            }
            Self::Text(text) => write!(f, "`{text}`"),
            Self::List(items) if items.len() <= 4 && items.iter().all(Self::is_short) => {
                let items: Vec<_> = items.iter().map(ToString::to_string).collect();
                write!(f, "[{}]", items.join(", "))
            }
            Self::List(items) => write!(f, "a list of {}", items.len()),
            Self::Mapping(_) => f.write_str("a mapping"),
            Self::Tagged(tag) => {
                write!(f, "a value with the tag {:?}", tag.chars().take(40).collect::<String>())
            }
        }
    }
}

impl Value {
    fn is_short(&self) -> bool {
        !matches!(self, Self::List(_) | Self::Mapping(_))
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ReadValue)
    }
}

struct ReadValue;

// Numbers are all f64 here: nothing in a description needs more than its 53 bits.
impl<'de> Visitor<'de> for ReadValue {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any YAML value")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Empty)
    }

    fn visit_none<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Empty)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Truth(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value as f64))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value as f64))
    }

    fn visit_i128<E: Error>(self, value: i128) -> Result<Value, E> {
        Ok(Value::Number(value as f64))
    }

    fn visit_u128<E: Error>(self, value: u128) -> Result<Value, E> {
        Ok(Value::Number(value as f64))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Number(value))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(Value::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
        }
        Ok(Value::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = access.next_entry()? {
            entries.push(entry);
        }
        Ok(Value::Mapping(entries))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, access: A) -> Result<Value, A::Error> {
        let (tag, content) = access.variant::<String>()?;
        content.newtype_variant::<IgnoredAny>()?;
        Ok(Value::Tagged(tag))
    }
}

/// Goes down to a place and fails there. Whatever it does not visit (scalars, tags) fails by itself, at the same place.
struct Locate<'p>(&'p [Step]);

impl<'de> DeserializeSeed<'de> for Locate<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Locate<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("nothing: the place is found")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<(), A::Error> {
        if let Some((&Step::Item(index), rest)) = self.0.split_first() {
            for _ in 0..index {
                access.next_element::<IgnoredAny>()?;
            }
            access.next_element_seed(Locate(rest))?;
        }
        Err(A::Error::custom("here"))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<(), A::Error> {
        if let Some((&(Step::Key(index) | Step::Entry(index)), rest)) = self.0.split_first() {
            for _ in 0..index {
                access.next_entry::<IgnoredAny, IgnoredAny>()?;
            }
            if self.0[0] == Step::Key(index) {
                access.next_key_seed(Locate(&[]))?;
            } else {
                access.next_key::<IgnoredAny>()?;
                access.next_value_seed(Locate(rest))?;
            }
        }
        Err(A::Error::custom("here"))
    }
}
