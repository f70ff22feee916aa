//! One row of a parameter table: what is allowed, and what is wrong with a value.

use std::fmt::Write as _;

use r2r::ParameterValue as Value;
use r2r::rcl_interfaces::msg::{FloatingPointRange, IntegerRange, ParameterDescriptor, ParameterType};

/// A parameter's type, default and what is allowed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    /// `true` or `false`.
    Flag(bool),
    /// A whole number from `min` to `max`.
    Integer {
        /// The value when nobody sets one.
        default: i64,
        /// Least value.
        min: i64,
        /// Greatest value.
        max: i64,
    },
    /// A number from `min` to `max`; whole numbers are taken as well.
    Number {
        /// The value when nobody sets one.
        default: f64,
        /// Least value.
        min: f64,
        /// Greatest value.
        max: f64,
    },
    /// Any text.
    Text(&'static str),
    /// One of the words; the first is the default.
    Choice(&'static [&'static str]),
}

/// One parameter of a node.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spec {
    /// As in YAML and `ros2 param`.
    pub name: &'static str,
    /// Type, default and range.
    pub kind: Kind,
    /// Unit, or empty.
    pub unit: &'static str,
    /// Set at start only.
    pub read_only: bool,
    /// One sentence.
    pub description: &'static str,
}

/// A parameter of the start.
pub const fn fixed(name: &'static str, kind: Kind, unit: &'static str, description: &'static str) -> Spec {
    Spec { name, kind, unit, read_only: true, description }
}

/// A parameter that can be set while the node runs.
pub const fn live(name: &'static str, kind: Kind, unit: &'static str, description: &'static str) -> Spec {
    Spec { name, kind, unit, read_only: false, description }
}

impl Spec {
    /// The value when nobody sets one.
    pub fn default_value(&self) -> Value {
        match self.kind {
            Kind::Flag(default) => Value::Bool(default),
            Kind::Integer { default, .. } => Value::Integer(default),
            Kind::Number { default, .. } => Value::Double(default),
            Kind::Text(default) => Value::String(default.to_owned()),
            Kind::Choice(words) => Value::String(words.first().copied().unwrap_or_default().to_owned()),
        }
    }

    /// `value` as this parameter keeps it.
    ///
    /// # Errors
    /// A sentence with the parameter, the value and what is allowed.
    pub fn check(&self, value: &Value) -> Result<Value, String> {
        let checked = match (self.kind, value) {
            (Kind::Flag(_), Value::Bool(_)) | (Kind::Text(_), Value::String(_)) => Some(value.clone()),
            (Kind::Integer { min, max, .. }, Value::Integer(number)) => {
                (min..=max).contains(number).then(|| value.clone())
            }
            (Kind::Number { min, max, .. }, Value::Double(number)) => {
                // NaN is in no range.
                (min..=max).contains(number).then(|| value.clone())
            }
            // YAML and `-p` make an integer of 50: meant as 50.0.
            (Kind::Number { min, max, .. }, Value::Integer(number)) => {
                let number = *number as f64;
                (min..=max).contains(&number).then_some(Value::Double(number))
            }
            (Kind::Choice(words), Value::String(word)) => {
                words.contains(&word.as_str()).then(|| value.clone())
            }
            _ => None,
        };
        checked.ok_or_else(|| {
            format!("{}: {} is not allowed; it takes {}", self.name, show(value), self.allowed())
        })
    }

    /// What is allowed, in words.
    pub fn allowed(&self) -> String {
        let unit = if self.unit.is_empty() { String::new() } else { format!(" {}", self.unit) };
        match self.kind {
            Kind::Flag(_) => "true or false".to_owned(),
            Kind::Integer { min, max, .. } => format!("a whole number from {min} to {max}{unit}"),
            Kind::Number { min, max, .. } => format!("a number from {min} to {max}{unit}"),
            Kind::Text(_) => "text".to_owned(),
            Kind::Choice(words) => format!("one of {}", words.join(", ")),
        }
    }

    /// The `rcl_interfaces` type number.
    pub fn type_number(&self) -> u8 {
        match self.kind {
            Kind::Flag(_) => ParameterType::PARAMETER_BOOL as u8,
            Kind::Integer { .. } => ParameterType::PARAMETER_INTEGER as u8,
            Kind::Number { .. } => ParameterType::PARAMETER_DOUBLE as u8,
            Kind::Text(_) | Kind::Choice(_) => ParameterType::PARAMETER_STRING as u8,
        }
    }

    /// As `describe_parameters` answers.
    pub fn descriptor(&self) -> ParameterDescriptor {
        let mut descriptor = ParameterDescriptor {
            name: self.name.to_owned(),
            type_: self.type_number(),
            description: self.description.to_owned(),
            additional_constraints: self.allowed(),
            read_only: self.read_only,
            ..Default::default()
        };
        match self.kind {
            Kind::Integer { min, max, .. } => {
                let range = IntegerRange { from_value: min, to_value: max, step: 0 };
                descriptor.integer_range = vec![range];
            }
            Kind::Number { min, max, .. } => {
                let range = FloatingPointRange { from_value: min, to_value: max, step: 0.0 };
                descriptor.floating_point_range = vec![range];
            }
            _ => {}
        }
        descriptor
    }
}

/// A value as a person writes it.
fn show(value: &Value) -> String {
    match value {
        Value::NotSet => "no value".to_owned(),
        Value::Bool(flag) => flag.to_string(),
        Value::Integer(number) => number.to_string(),
        Value::Double(number) => format!("{number:?}"),
        Value::String(text) => format!("{text:?}"),
        other => format!("a {}", other.type_name()),
    }
}

/// The table as the README shows it.
pub fn markdown_table(specs: &[Spec]) -> String {
    let mut table = String::from(
        "| parameter | takes | default | set while running | meaning |\n| --- | --- | --- | --- | --- |\n",
    );
    for spec in specs {
        let default = match spec.default_value() {
            Value::String(text) if text.is_empty() => "empty".to_owned(),
            Value::String(text) => format!("`{text}`"),
            value => format!("`{}`", show(&value)),
        };
        let when = if spec.read_only { "no" } else { "yes" };
        // Writing to a String cannot fail.
        let _ = writeln!(
            table,
            "| `{}` | {} | {default} | {when} | {} |",
            spec.name,
            spec.allowed(),
            spec.description
        );
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Spec = Spec {
        name: "rate",
        kind: Kind::Number { default: 50.0, min: 1.0, max: 200.0 },
        unit: "Hz",
        read_only: false,
        description: "How often.",
    };

    #[test]
    fn a_whole_number_is_taken_where_a_number_is_meant() {
        assert_eq!(RATE.check(&Value::Integer(100)), Ok(Value::Double(100.0)));
    }

    #[test]
    fn a_bad_value_is_refused_with_name_value_and_range() {
        for value in [
            Value::Double(0.0),
            Value::Double(f64::NAN),
            Value::Integer(201),
            Value::String("x".into()),
            Value::NotSet,
        ] {
            let reason = RATE.check(&value).unwrap_err();
            assert!(reason.starts_with("rate: ") && reason.contains("from 1 to 200 Hz"), "{reason}");
        }
    }

    #[test]
    fn a_choice_takes_only_its_words() {
        let spec = Spec { kind: Kind::Choice(&["off", "hold"]), ..RATE };
        assert!(spec.check(&Value::String("hold".into())).is_ok());
        assert_eq!(
            spec.check(&Value::String("on".into())).unwrap_err(),
            "rate: \"on\" is not allowed; it takes one of off, hold"
        );
        assert_eq!(spec.default_value(), Value::String("off".into()));
    }

    #[test]
    fn the_descriptor_shows_range_and_read_only() {
        let descriptor = Spec { read_only: true, ..RATE }.descriptor();
        assert!(descriptor.read_only);
        assert_eq!(descriptor.floating_point_range[0].to_value, 200.0);
    }
}
