//! `~/stop`, `~/power`, `~/emergency_stop`.

use r2r::std_srvs::srv::{SetBool, Trigger};
use steve_drivers::servo_thread::ServoHandle;
use tokio::runtime::Handle;

use super::NAME;
use crate::error::NodeError;
use crate::service::serve;
use crate::spin::Spinner;

const DIED: &str = "the node ended or failed before it could answer";

pub(super) fn serve_all(
    spinner: &mut Spinner,
    runtime: &Handle,
    servos: &ServoHandle,
) -> Result<(), NodeError> {
    let own = servos.clone();
    serve::<Trigger::Service, _>(spinner, runtime, "~/stop", trigger_died, move |_| {
        let servos = own.clone();
        async move {
            log::info!(target: NAME, "stop");
            trigger(servos.stop().await.map(|()| "holding".to_owned()))
        }
    })?;
    let own = servos.clone();
    serve::<SetBool::Service, _>(
        spinner,
        runtime,
        "~/power",
        set_bool_died,
        move |request: SetBool::Request| {
            let servos = own.clone();
            async move {
                let outcome = servos.power(request.data).await;
                let word = if request.data { "on" } else { "off" };
                if let Err(error) = &outcome {
                    log::warn!(target: NAME, "power {word} refused: {error}");
                }
                set_bool(outcome.map(|()| format!("power is {word}")))
            }
        },
    )?;
    let own = servos.clone();
    serve::<SetBool::Service, _>(
        spinner,
        runtime,
        "~/emergency_stop",
        set_bool_died,
        move |request: SetBool::Request| {
            let servos = own.clone();
            // Called, not awaited, here: goals that come after this request are refused, whatever the runtime is busy with.
            let latched = servos.emergency_stop(request.data);
            async move {
                let word =
                    if request.data { "latched: everything that moves is refused" } else { "released" };
                log::warn!(target: NAME, "emergency stop {word}");
                let outcome = latched.await.map_err(|error| {
                    format!("emergency stop {word}, but the servos may still have power: {error}; cut their supply")
                });
                if let Err(error) = &outcome {
                    log::error!(target: NAME, "{error}");
                }
                set_bool(outcome.map(|()| format!("emergency stop {word}")))
            }
        },
    )
}

fn trigger<E: std::fmt::Display>(outcome: Result<String, E>) -> Trigger::Response {
    match outcome {
        Ok(message) => Trigger::Response { success: true, message },
        Err(error) => Trigger::Response { success: false, message: error.to_string() },
    }
}

fn set_bool<E: std::fmt::Display>(outcome: Result<String, E>) -> SetBool::Response {
    match outcome {
        Ok(message) => SetBool::Response { success: true, message },
        Err(error) => SetBool::Response { success: false, message: error.to_string() },
    }
}

fn trigger_died() -> Trigger::Response {
    Trigger::Response { success: false, message: DIED.into() }
}

fn set_bool_died() -> SetBool::Response {
    SetBool::Response { success: false, message: DIED.into() }
}
