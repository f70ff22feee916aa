//! What buttons ask other nodes for: motions, stop, power, the emergency stop, listening.
//!
//! A press is carried out at once or not at all; each server is asked one thing at a time and the next press waits for it, but
//! not a third, so that nothing piles up whatever the input device sends. Stop and power off wait for nobody, and a few of each may
//! go unanswered. Only the emergency stop is asked for until somebody answers. A motion or power on that still waits when stop or
//! power off is pressed, or when the hand has gone, is not asked for any more.

mod emergency_stop;
mod listening;
mod motions;
mod turns;

use std::sync::Arc;
use std::time::Duration;

use r2r::std_srvs::srv::{SetBool, Trigger};
use steve_core::teleop::{Action, Mode};
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::NAME;
use super::era::{Era, Eras};
use super::server::{NoAnswer, Server};
use crate::error::NodeError;
use crate::spin::Spinner;
use emergency_stop::EmergencyStop;
use listening::Listening;
use motions::Motions;
use turns::Turns;

/// How long a server that is there may take to answer.
const ANSWER: Duration = Duration::from_secs(2);
/// So many presses of stop, or of power off, may wait for their answers, which may be lost.
const AT_ONCE: usize = 4;

/// Carries out what buttons ask for.
pub(super) struct Buttons {
    motions: Arc<Motions>,
    stop: Arc<Single<Trigger::Service>>,
    power: Arc<Single<SetBool::Service>>,
    emergency_stop: EmergencyStop,
    listening: Arc<Listening>,
    eras: Eras,
    tasks: Tasks,
}

/// Where tasks are spawned; they end with the node.
#[derive(Clone)]
pub(super) struct Tasks {
    runtime: Handle,
    ending: CancellationToken,
}

impl Tasks {
    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let ending = self.ending.clone();
        self.runtime.spawn(async move {
            ending.run_until_cancelled(task).await;
        });
    }
}

impl Buttons {
    /// The clients of all servers.
    ///
    /// # Errors
    /// When ROS refuses one.
    pub(super) fn create(
        spinner: &mut Spinner,
        runtime: Handle,
        ending: CancellationToken,
    ) -> Result<Self, NodeError> {
        let tasks = Tasks { runtime, ending };
        Ok(Self {
            motions: Arc::new(Motions::create(spinner)?),
            stop: Arc::new(Single::create(spinner, "arm/stop")?),
            power: Arc::new(Single::create(spinner, "arm/power")?),
            emergency_stop: EmergencyStop::create(spinner, &tasks)?,
            listening: Arc::new(Listening::create(spinner)?),
            eras: Eras::default(),
            tasks,
        })
    }

    /// Ends what buttons have begun and void what waits, as the last word before the node leaves: to be waited for.
    pub(super) fn end(&self) -> impl Future<Output = ()> + use<> {
        self.eras.end();
        let motions = self.motions.clone();
        async move { motions.end_all().await }
    }

    /// Carries an action out, beside everything else. What is called on the spinning thread finds the servers
    /// at once.
    pub(super) fn carry_out(&self, action: Action) {
        match action {
            Action::PlayMotion(name) => self.motions.play(&self.tasks, self.eras.now(), name),
            Action::CancelMotions => {
                self.eras.end();
                self.motions.cancel(&self.tasks);
            }
            Action::Stop => {
                self.eras.end();
                self.stop.press_at_once(&self.tasks, Trigger::Request {}, |answer| {
                    told("stop", answer.success, &answer.message);
                });
            }
            Action::Power(true) => {
                let request = SetBool::Request { data: true };
                self.power.press(&self.tasks, self.eras.now(), request, |answer| {
                    told("power on", answer.success, &answer.message);
                });
            }
            Action::Power(false) => {
                self.eras.end();
                self.power.press_at_once(&self.tasks, SetBool::Request { data: false }, |answer| {
                    told("power off", answer.success, &answer.message);
                });
            }
            Action::EmergencyStop(on) => {
                if on {
                    self.eras.end();
                }
                self.emergency_stop.set(on);
            }
            Action::Listen => self.listening.press(&self.tasks),
            // It is changed already.
            Action::Mode(mode) => say_mode(mode),
        }
    }
}

/// A server that is asked one thing at a time, but for what ends things: that waits for nobody.
struct Single<T>
where
    T: r2r::WrappedServiceTypeSupport,
{
    server: Server<T>,
    turns: Turns,
    at_once: Arc<Semaphore>,
}

impl<T> Single<T>
where
    T: r2r::WrappedServiceTypeSupport + 'static,
    T::Request: Send,
    T::Response: Send,
{
    fn create(spinner: &mut Spinner, name: &'static str) -> Result<Self, NodeError> {
        let server = Server::create(spinner, name)?;
        Ok(Self { server, turns: Turns::default(), at_once: Arc::new(Semaphore::new(AT_ONCE)) })
    }

    /// Asks for it when those before it are answered, unless the era has ended by then.
    fn press(
        self: &Arc<Self>,
        tasks: &Tasks,
        era: Era,
        request: T::Request,
        answered: impl FnOnce(T::Response) + Send + 'static,
    ) {
        let Some(place) = self.turns.queue() else { return dropped(self.server.name()) };
        self.server.seek();
        let own = self.clone();
        tasks.spawn(async move {
            let Some(_turn) = own.turns.next(place).await else { return dropped(own.server.name()) };
            match own.server.ask_in(Some(&era), request, ANSWER).await {
                Ok(answer) => answered(answer),
                Err(error) => warn(&error),
            }
        });
    }

    /// Asks for it whatever else has not been answered.
    fn press_at_once(
        self: &Arc<Self>,
        tasks: &Tasks,
        request: T::Request,
        answered: impl FnOnce(T::Response) + Send + 'static,
    ) {
        let Ok(place) = self.at_once.clone().try_acquire_owned() else { return dropped(self.server.name()) };
        self.server.seek();
        let own = self.clone();
        tasks.spawn(async move {
            match own.server.ask(request, ANSWER).await {
                Ok(answer) => answered(answer),
                Err(error) => warn(&error),
            }
            drop(place);
        });
    }
}

/// A press that comes to nothing, for those before it have not been answered.
fn dropped(name: &str) {
    log::warn!(target: NAME, "{name} has not answered yet: this press is dropped");
}

fn warn(error: &NoAnswer) {
    log::warn!(target: NAME, "{error}");
}

fn say_mode(mode: Mode) {
    let what = match mode {
        Mode::Joint => "each axis moves a joint",
        Mode::Cartesian => "the axes move the hand",
    };
    log::info!(target: NAME, "{} mode: {what}", mode.as_str());
}

/// Logs what a server answered.
fn told(what: &str, success: bool, message: &str) {
    if success {
        log::info!(target: NAME, "{what}: {message}");
    } else {
        log::warn!(target: NAME, "{what} refused: {message}");
    }
}
