//! `steve power`, `steve stop`, `steve estop`: one service call each.

use std::fmt;

use clap::ValueEnum;
use r2r::WrappedServiceTypeSupport;
use r2r::std_srvs::srv::{SetBool, Trigger};
use serde::Serialize;

use super::Session;
use super::connection::Setup;
use super::failure::Failure;

/// What `power` and `estop` take.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Whether it is to be on
    switch: Switch,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Switch {
    On,
    Off,
}

/// What the robot answered.
#[derive(Debug, Serialize)]
struct Answer {
    success: bool,
    message: String,
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// Powers all joints on or off.
pub(super) async fn power(args: &Args, session: &Session) -> Result<(), Failure> {
    set_bool("arm/power", args, session).await
}

/// Latches or releases the emergency stop.
pub(super) async fn emergency_stop(args: &Args, session: &Session) -> Result<(), Failure> {
    set_bool("arm/emergency_stop", args, session).await
}

/// Ends every motion.
pub(super) async fn stop(session: &Session) -> Result<(), Failure> {
    let Trigger::Response { success, message } =
        call::<Trigger::Service>("arm/stop", &Trigger::Request {}, session).await?;
    tell(session, Answer { success, message })
}

async fn set_bool(service: &'static str, args: &Args, session: &Session) -> Result<(), Failure> {
    let request = SetBool::Request { data: args.switch == Switch::On };
    let SetBool::Response { success, message } = call::<SetBool::Service>(service, &request, session).await?;
    tell(session, Answer { success, message })
}

async fn call<T>(
    service: &'static str,
    request: &T::Request,
    session: &Session,
) -> Result<T::Response, Failure>
where
    T: WrappedServiceTypeSupport + 'static,
{
    let mut setup = Setup::new(session)?;
    let service = setup.service::<T>(service)?;
    let mut connection = setup.connect()?;
    connection.call(&service, request).await
}

#[expect(clippy::needless_pass_by_value, reason = "made for it")]
fn tell(session: &Session, answer: Answer) -> Result<(), Failure> {
    if answer.success {
        return session.console.tell(&answer);
    }
    // That the robot refused counts more than whether somebody read it.
    let _ = session.console.tell_badly(&answer);
    Err(Failure::Said(1))
}
