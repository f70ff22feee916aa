//! Parameters that take effect while the node runs: the guard, and faults of the simulated bus.

use steve_core::arm::Guarding;
use steve_core::guard::Rule;

use super::NAME;
use super::hardware::Open;
use crate::parameters::Parameters;

/// What was applied last.
pub(super) struct Settings {
    parameters: Parameters,
    open: Open,
    guarding: Option<(bool, f64)>,
    fault: String,
}

impl Settings {
    /// Applies them for the first time: before the first goal can come.
    pub(super) fn apply_first(parameters: &Parameters, open: &Open) -> Self {
        let (parameters, open) = (parameters.clone(), open.clone());
        let mut settings = Self { parameters, open, guarding: None, fault: "none".to_owned() };
        settings.apply();
        settings
    }

    /// Applies them at every change; ends only with the node.
    pub(super) async fn follow(mut self) {
        let mut changes = self.parameters.changes();
        while changes.changed().await.is_ok() {
            self.apply();
        }
        std::future::pending::<()>().await;
    }

    fn apply(&mut self) {
        let guarding = (self.parameters.flag("guard"), self.parameters.number("guard_height"));
        if self.guarding != Some(guarding) {
            self.guarding = Some(guarding);
            set_guard(&self.open, guarding.0, guarding.1);
        }
        let fault = self.parameters.text("sim_fault");
        if self.fault != fault {
            set_fault(&self.open, &fault);
            self.fault = fault;
        }
    }
}

fn set_guard(open: &Open, on: bool, height: f64) {
    let Some(guard) = &open.guard else { return };
    let guarding = on.then(|| Guarding { guard: guard.clone(), rule: Rule { height } });
    if guarding.is_none() {
        log::warn!(target: NAME, "the guard against desk and torso is off");
    }
    open.servos.set_guarding(guarding);
}

fn set_fault(open: &Open, fault: &str) {
    match (&open.faults, fault.parse()) {
        (Some(switch), Ok(fault)) => {
            log::warn!(target: NAME, "fault of the simulated bus: {fault}");
            switch.set(fault);
        }
        (None, _) => log::warn!(target: NAME, "sim_fault: {fault} has no effect, the servos are real"),
        // The parameter's table has checked it.
        (_, Err(error)) => log::error!(target: NAME, "sim_fault: {error}"),
    }
}
