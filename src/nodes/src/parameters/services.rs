//! The six parameter services and `/parameter_events`, answered on the spinning thread.

use std::sync::PoisonError;
use std::sync::{Arc, Mutex};

use r2r::ParameterValue as Value;
use r2r::QosProfile;
use r2r::rcl_interfaces::msg::{self, ListParametersResult, Parameter, ParameterEvent, SetParametersResult};
use r2r::rcl_interfaces::srv::{
    DescribeParameters, GetParameterTypes, GetParameters, ListParameters, SetParameters,
    SetParametersAtomically,
};

use super::{Parameters, Spec};
use crate::error::NodeError;
use crate::service::serve_now;
use crate::spin::Spinner;
use crate::time;

/// Serves the parameters as every ROS node does, under `<node>/`.
pub(super) fn serve(
    spinner: &mut Spinner,
    node: &'static str,
    parameters: &Parameters,
) -> Result<(), NodeError> {
    let full_name = spinner
        .node()
        .fully_qualified_name()
        .map_err(|e| NodeError::ros("reading the node's full name", e))?;
    let events = Events {
        node: full_name,
        publisher: Arc::new(Mutex::new(
            spinner.publisher("/parameter_events", QosProfile::parameter_events())?,
        )),
    };
    events.publish(
        parameters
            .specs
            .iter()
            .zip(parameters.lock().iter())
            .map(|(spec, value)| parameter(spec, value))
            .collect(),
        Vec::new(),
    );

    let name = |service: &str| format!("~/{service}");
    let own = parameters.clone();
    serve_now::<GetParameters::Service>(
        spinner,
        &name("get_parameters"),
        Default::default,
        move |request| {
            let values = request
                .names
                .iter()
                .map(|name| own.value(name).map_or_else(Default::default, |v| to_msg(&v)));
            GetParameters::Response { values: values.collect() }
        },
    )?;
    let own = parameters.clone();
    serve_now::<GetParameterTypes::Service>(
        spinner,
        &name("get_parameter_types"),
        Default::default,
        move |request| {
            let types = request.names.iter().map(|name| own.spec(name).map_or(0, Spec::type_number));
            GetParameterTypes::Response { types: types.collect() }
        },
    )?;
    let own = parameters.clone();
    serve_now::<DescribeParameters::Service>(
        spinner,
        &name("describe_parameters"),
        Default::default,
        move |request| {
            let descriptors = request.names.iter().map(|name| {
                own.spec(name).map_or_else(
                    || msg::ParameterDescriptor { name: name.clone(), ..Default::default() },
                    Spec::descriptor,
                )
            });
            DescribeParameters::Response { descriptors: descriptors.collect() }
        },
    )?;
    let own = parameters.clone();
    serve_now::<ListParameters::Service>(
        spinner,
        &name("list_parameters"),
        Default::default,
        move |request| {
            let names: Vec<&str> = own.specs.iter().map(|spec| spec.name).collect();
            ListParameters::Response { result: list(&names, &request.prefixes, request.depth) }
        },
    )?;
    let (own, tell) = (parameters.clone(), events.clone());
    serve_now::<SetParameters::Service>(
        spinner,
        &name("set_parameters"),
        Default::default,
        move |request| {
            let results =
                request.parameters.iter().map(|wanted| set(node, &own, &tell, std::slice::from_ref(wanted)));
            SetParameters::Response { results: results.collect() }
        },
    )?;
    let (own, tell) = (parameters.clone(), events);
    let name = name("set_parameters_atomically");
    serve_now::<SetParametersAtomically::Service>(spinner, &name, Default::default, move |request| {
        SetParametersAtomically::Response { result: set(node, &own, &tell, &request.parameters) }
    })
}

#[derive(Clone)]
struct Events {
    node: String,
    publisher: Arc<Mutex<r2r::Publisher<ParameterEvent>>>,
}

impl Events {
    fn publish(&self, new_parameters: Vec<Parameter>, changed_parameters: Vec<Parameter>) {
        let event = ParameterEvent {
            stamp: time::now(),
            node: self.node.clone(),
            new_parameters,
            changed_parameters,
            deleted_parameters: Vec::new(),
        };
        if let Err(error) = self.publisher.lock().unwrap_or_else(PoisonError::into_inner).publish(&event) {
            log::debug!("a parameter event could not be published: {error}");
        }
    }
}

/// Sets all of `wanted` or none.
fn set(node: &str, own: &Parameters, events: &Events, wanted: &[Parameter]) -> SetParametersResult {
    let mut checked = Vec::with_capacity(wanted.len());
    for parameter in wanted {
        match check(own, parameter) {
            Ok(change) => checked.push(change),
            Err(reason) => {
                log::warn!(target: node, "parameter refused: {reason}");
                return SetParametersResult { successful: false, reason };
            }
        }
    }
    let mut changed = Vec::new();
    {
        let mut values = own.lock();
        for (index, value) in checked {
            if values[index] != value {
                changed.push(parameter(&own.specs[index], &value));
                values[index] = value;
            }
        }
    }
    if !changed.is_empty() {
        own.changed();
        events.publish(Vec::new(), changed);
    }
    SetParametersResult { successful: true, reason: String::new() }
}

fn check(own: &Parameters, wanted: &Parameter) -> Result<(usize, Value), String> {
    let Some(index) = own.specs.iter().position(|spec| spec.name == wanted.name) else {
        let names: Vec<&str> = own.specs.iter().map(|spec| spec.name).collect();
        return Err(format!("{}: no such parameter; there are {}", wanted.name, names.join(", ")));
    };
    let spec = &own.specs[index];
    if spec.read_only {
        return Err(format!("{}: read-only, it is set at start", spec.name));
    }
    Ok((index, spec.check(&from_msg(&wanted.value))?))
}

impl Parameters {
    fn spec(&self, name: &str) -> Option<&'static Spec> {
        self.specs.iter().find(|spec| spec.name == name)
    }
}

fn parameter(spec: &Spec, value: &Value) -> Parameter {
    Parameter { name: spec.name.to_owned(), value: to_msg(value) }
}

/// As rclcpp lists: all names under the prefixes that are at most `depth` levels deep (0 = any depth).
fn list(names: &[&str], prefixes: &[String], depth: u64) -> ListParametersResult {
    let shallow = |name: &str| depth == 0 || (name.matches('.').count() as u64) < depth;
    let mut result = ListParametersResult::default();
    for name in names {
        let wanted = if prefixes.is_empty() {
            shallow(name)
        } else {
            prefixes.iter().any(|prefix| {
                name == prefix
                    || name
                        .strip_prefix(prefix.as_str())
                        .and_then(|rest| rest.strip_prefix('.'))
                        .is_some_and(shallow)
            })
        };
        if wanted {
            result.names.push((*name).to_owned());
            if let Some((prefix, _)) = name.rsplit_once('.')
                && !result.prefixes.iter().any(|known| known == prefix)
            {
                result.prefixes.push(prefix.to_owned());
            }
        }
    }
    result
}

fn to_msg(value: &Value) -> msg::ParameterValue {
    let mut out = msg::ParameterValue::default();
    match value {
        Value::Bool(flag) => (out.type_, out.bool_value) = (1, *flag),
        Value::Integer(number) => (out.type_, out.integer_value) = (2, *number),
        Value::Double(number) => (out.type_, out.double_value) = (3, *number),
        Value::String(text) => (out.type_, out.string_value) = (4, text.clone()),
        // No table has a type for these.
        _ => {}
    }
    out
}

fn from_msg(value: &msg::ParameterValue) -> Value {
    match value.type_ {
        1 => Value::Bool(value.bool_value),
        2 => Value::Integer(value.integer_value),
        3 => Value::Double(value.double_value),
        4 => Value::String(value.string_value.clone()),
        5 => Value::ByteArray(value.byte_array_value.clone()),
        6 => Value::BoolArray(value.bool_array_value.clone()),
        7 => Value::IntegerArray(value.integer_array_value.clone()),
        8 => Value::DoubleArray(value.double_array_value.clone()),
        9 => Value::StringArray(value.string_array_value.clone()),
        _ => Value::NotSet,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_listed_by_prefix_and_depth() {
        let names = ["a", "b.c", "b.d.e"];
        assert_eq!(list(&names, &[], 0).names, names);
        assert_eq!(list(&names, &[], 1).names, ["a"]);
        assert_eq!(list(&names, &["b".to_owned()], 0).names, ["b.c", "b.d.e"]);
        assert_eq!(list(&names, &["b".to_owned()], 1).names, ["b.c"]);
        assert_eq!(list(&names, &[], 0).prefixes, ["b", "b.d"]);
    }
}
