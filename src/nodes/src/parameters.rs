//! Parameters: declared from one table a node, served with ranges, read-only and reasons.
//!
//! r2r's own handler knows no arrays, ranges, read-only or `/parameter_events` and takes unknown names silently, so the six
//! services are served here over a table of [`Spec`]s, which also fills the README.

mod services;
mod spec;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use r2r::ParameterValue as Value;
use tokio::sync::watch;

use crate::error::NodeError;
use crate::ros_args::SplitArgs;
use crate::spin::Spinner;

pub use spec::{Kind, Spec, fixed, live, markdown_table};

/// The values of a node's parameters, always inside what its table allows.
#[derive(Clone)]
pub struct Parameters {
    specs: &'static [Spec],
    values: Arc<Mutex<Vec<Value>>>,
    /// Counts the changes: waking up on it tells that some value is another one.
    changes: Arc<watch::Sender<u64>>,
    appliers: Arc<Mutex<Vec<Applier>>>,
}

type Applier = Box<dyn FnMut(&Parameters) + Send>;

/// Accepted by every node without being in its table: launch files set it everywhere.
const USE_SIM_TIME: &str = "use_sim_time";

impl Parameters {
    /// Reads what the command line and the parameter files set for this node, and serves the six parameter services.
    ///
    /// `known_elsewhere` tells whether another node of the package has a parameter of this name: one file for all nodes, or
    /// `-p` without a node's name, is no mistake.
    ///
    /// # Errors
    /// Every value that the table does not allow, all at once; what ROS refuses.
    pub fn declare(
        spinner: &mut Spinner,
        node: &'static str,
        specs: &'static [Spec],
        known_elsewhere: impl Fn(&str) -> bool,
    ) -> Result<Self, NodeError> {
        let overrides: Vec<(String, Value)> = {
            let params = spinner.node().params.lock().unwrap_or_else(PoisonError::into_inner);
            params.iter().map(|(name, parameter)| (name.clone(), parameter.value.clone())).collect()
        };
        let mut values: Vec<Value> = specs.iter().map(Spec::default_value).collect();
        let mut faults = Vec::new();
        for (name, value) in overrides {
            match specs.iter().position(|spec| spec.name == name) {
                Some(index) => match specs[index].check(&value) {
                    Ok(value) => values[index] = value,
                    // `-p backend:=pca9685` for all of `bringup` is the arm's, though the LEDs have a backend too.
                    Err(reason)
                        if crate::is_value_of_another_node(node, &name, &value)
                            && !SplitArgs::of_process().sets_parameter(node, &name) =>
                    {
                        log::warn!(target: node, "{reason}; taken as another node's, the default stays");
                    }
                    Err(reason) => faults.push(reason),
                },
                None if name == USE_SIM_TIME => {
                    if value == Value::Bool(true) {
                        log::warn!(target: node, "use_sim_time is true, but stamps stay system time: a robot cannot wait for a simulated clock");
                    }
                }
                // Quality-of-service overrides are rclcpp's, in every launch file made for it.
                None if known_elsewhere(&name) || name.starts_with("qos_overrides.") => {}
                None => log::warn!(target: node, "{}", unknown(node, &name, specs)),
            }
        }
        if !faults.is_empty() {
            return Err(NodeError::Configuration(format!("parameters of {node}: {}", faults.join("; "))));
        }
        let (changes, _) = watch::channel(0);
        let parameters = Self {
            specs,
            values: Arc::new(Mutex::new(values)),
            changes: Arc::new(changes),
            appliers: Arc::default(),
        };
        services::serve(spinner, node, &parameters)?;
        Ok(parameters)
    }

    /// Calls `apply` now, and after each change before its client has the answer: what comes after a parameter was set is
    /// judged by its new value. Called on the spinning thread, so it must not block.
    pub fn apply(&self, mut apply: impl FnMut(&Self) + Send + 'static) {
        apply(self);
        self.appliers.lock().unwrap_or_else(PoisonError::into_inner).push(Box::new(apply));
    }

    fn changed(&self) {
        for apply in self.appliers.lock().unwrap_or_else(PoisonError::into_inner).iter_mut() {
            apply(self);
        }
        self.changes.send_modify(|count| *count += 1);
    }

    /// Wakes up after each change.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// The number called `name`, in the unit that its table says.
    pub fn number(&self, name: &str) -> f64 {
        match self.value(name) {
            Some(Value::Double(number)) => number,
            // The greatest integer range in a table is far below 2^53.
            Some(Value::Integer(number)) => number as f64,
            _ => wrong_name(name, "number"),
        }
    }

    /// The whole number called `name`.
    pub fn integer(&self, name: &str) -> i64 {
        match self.value(name) {
            Some(Value::Integer(number)) => number,
            _ => wrong_name(name, "integer"),
        }
    }

    /// The text called `name`.
    pub fn text(&self, name: &str) -> String {
        match self.value(name) {
            Some(Value::String(text)) => text,
            _ => wrong_name(name, "text"),
        }
    }

    /// The switch called `name`.
    pub fn flag(&self, name: &str) -> bool {
        match self.value(name) {
            Some(Value::Bool(flag)) => flag,
            _ => wrong_name(name, "flag"),
        }
    }

    fn value(&self, name: &str) -> Option<Value> {
        let index = self.specs.iter().position(|spec| spec.name == name)?;
        Some(self.lock()[index].clone())
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Value>> {
        self.values.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Asking for what is not in the table is a mistake in our code: said loudly in tests, survived with a default in use.
fn wrong_name<T: Default>(name: &str, kind: &str) -> T {
    debug_assert!(false, "no {kind} parameter {name}");
    log::error!("no {kind} parameter {name}: this is a bug");
    T::default()
}

fn unknown(node: &str, name: &str, specs: &[Spec]) -> String {
    let near = specs
        .iter()
        .map(|spec| (strsim::damerau_levenshtein(spec.name, name), spec.name))
        .min()
        .filter(|(distance, _)| *distance <= 3)
        .map(|(_, near)| format!("; did you mean {near:?}?"))
        .unwrap_or_default();
    let known: Vec<&str> = specs.iter().map(|spec| spec.name).collect();
    format!("unknown parameter {name:?} is ignored; {node} has {}{near}", known.join(", "))
}
