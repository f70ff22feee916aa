//! Parameters that take effect while the node runs: the guard, and faults of the simulated bus.

use steve_core::arm::Guarding;
use steve_core::guard::Rule;

use super::NAME;
use super::hardware::Open;
use crate::parameters::Parameters;

/// Applies them now, before the first goal can come, and at every change.
pub(super) fn apply(parameters: &Parameters, open: &Open) {
    let open = open.clone();
    let (mut guarding, mut fault) = (None, "none".to_owned());
    parameters.apply(move |parameters| {
        let wanted = (parameters.flag("guard"), parameters.number("guard_height"));
        if guarding != Some(wanted) {
            guarding = Some(wanted);
            set_guard(&open, wanted.0, wanted.1);
        }
        let wanted = parameters.text("sim_fault");
        if fault != wanted {
            set_fault(&open, &wanted);
            fault = wanted;
        }
    });
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
