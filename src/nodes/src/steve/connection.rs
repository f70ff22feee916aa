//! The node of the command: hidden, short-lived, and patient until the robot is found.

use std::env;
use std::pin::pin;
use std::time::Duration;

use r2r::{
    ActionClient, Client, QosProfile, WrappedActionTypeSupport, WrappedServiceTypeSupport, WrappedTypesupport,
};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until, timeout};

use super::Session;
use super::failure::Failure;
use crate::ros_args;
use crate::spin::{Spinner, Spinning};

/// How long one spin waits: r2r looks between two spins whether a server has appeared, and the command ends with the last.
const SPIN_TIMEOUT: Duration = Duration::from_millis(5);
/// A robot that runs is found well within this; only later there is something to say.
const QUIET: Duration = Duration::from_secs(1);
/// How long a robot that was found may take to answer.
pub(super) const ANSWER: Duration = Duration::from_secs(5);

/// A node in the making: it gets its entities, then it [connects](Setup::connect).
pub(super) struct Setup<'s> {
    session: &'s Session,
    context: r2r::Context,
    spinner: Spinner,
}

impl<'s> Setup<'s> {
    /// Creates the node, in the session's namespace.
    ///
    /// # Errors
    /// Bad ROS arguments.
    pub(super) fn new(session: &'s Session) -> Result<Self, Failure> {
        let context = ros_args::create_context()?;
        // ROS hides names with an underscore in front; the number makes it unique.
        let name = format!("_steve_{}", std::process::id());
        let spinner = Spinner::create_in(context.clone(), &name, &session.options.namespace)?
            .spin_timeout(SPIN_TIMEOUT);
        Ok(Self { session, context, spinner })
    }

    /// To create what is not created below.
    pub(super) fn spinner(&mut self) -> &mut Spinner {
        &mut self.spinner
    }

    /// Keeps the newest message of `topic`.
    ///
    /// # Errors
    /// When ROS refuses the subscription.
    pub(super) fn latest<M>(
        &mut self,
        topic: &str,
        qos: QosProfile,
    ) -> Result<watch::Receiver<Option<M>>, Failure>
    where
        M: WrappedTypesupport + Send + Sync + 'static,
    {
        let (sender, receiver) = watch::channel(None);
        self.spinner.subscribe(topic, qos, move |message: M| {
            sender.send_replace(Some(message));
        })?;
        Ok(receiver)
    }

    /// A client of the service `name`.
    ///
    /// # Errors
    /// When ROS refuses it.
    pub(super) fn service<T>(&mut self, name: &'static str) -> Result<Service<T>, Failure>
    where
        T: WrappedServiceTypeSupport + 'static,
    {
        let client = self
            .spinner
            .node()
            .create_client::<T>(name, QosProfile::services_default())
            .map_err(|error| Failure::ros(format!("creating the client of {name}"), error))?;
        Ok(Service { name, client })
    }

    /// A client of the action `name`.
    ///
    /// # Errors
    /// When ROS refuses it.
    pub(super) fn action<A>(&mut self, name: &str) -> Result<ActionClient<A>, Failure>
    where
        A: WrappedActionTypeSupport + 'static,
    {
        let client = self.spinner.node().create_action_client::<A>(name);
        client.map_err(|error| Failure::ros(format!("creating the client of {name}"), error))
    }

    /// Starts to spin.
    ///
    /// # Errors
    /// When there is no thread for it.
    pub(super) fn connect(self) -> Result<Connection<'s>, Failure> {
        let Self { session, context, spinner } = self;
        let now = Instant::now();
        Ok(Connection {
            session,
            spinning: spinner.start(context)?,
            speak_up: Some(now + QUIET),
            deadline: now + session.options.timeout,
        })
    }
}

/// A service's client and its name.
pub(super) struct Service<T>
where
    T: WrappedServiceTypeSupport,
{
    name: &'static str,
    client: Client<T>,
}

/// A spinning node. Dropping it takes the node off the graph, which has to happen before the process ends.
pub(super) struct Connection<'s> {
    session: &'s Session,
    spinning: Spinning,
    /// When to say that we wait, if that is not said already.
    speak_up: Option<Instant>,
    deadline: Instant,
}

impl Connection<'_> {
    /// Waits for something that is there when the robot is: until `--timeout` is over, counted from the start of the command.
    ///
    /// # Errors
    /// When it does not come in time, on Ctrl-C, and when ROS fails.
    pub(super) async fn find<T>(&mut self, what: &str, found: impl Future<Output = T>) -> Result<T, Failure> {
        let (session, speak_up, deadline) = (self.session, &mut self.speak_up, self.deadline);
        let patience = async {
            if let Some(moment) = speak_up.filter(|moment| *moment < deadline) {
                sleep_until(moment).await;
                *speak_up = None;
                session
                    .console
                    .note(&format!("waiting for the robot on {} ... is `./run` running?", place(session)));
            }
            sleep_until(deadline).await;
        };
        tokio::select! {
            biased;
            found = found => Ok(found),
            () = session.interrupt.token().cancelled() => Err(Failure::Interrupted(session.interrupt.exit_code())),
            error = self.spinning.failure() => Err(error.into()),
            () = patience => Err(Failure::NoRobot(format!(
                "no robot found: no {what} within {} s on {}; is `./run` running?",
                session.options.timeout.as_secs_f64(),
                place(session)
            ))),
        }
    }

    /// Carries out what has a deadline of its own, or an end that Ctrl-C brings.
    ///
    /// # Errors
    /// When ROS fails.
    pub(super) async fn while_spinning<T>(&mut self, work: impl Future<Output = T>) -> Result<T, Failure> {
        let work = pin!(work);
        tokio::select! {
            biased;
            done = work => Ok(done),
            error = self.spinning.failure() => Err(error.into()),
        }
    }

    /// The same for what Ctrl-C simply ends.
    ///
    /// # Errors
    /// When ROS fails, and on Ctrl-C.
    pub(super) async fn until_interrupted<T>(&mut self, work: impl Future<Output = T>) -> Result<T, Failure> {
        let interrupt = &self.session.interrupt;
        tokio::select! {
            biased;
            done = self.while_spinning(work) => done,
            () = interrupt.token().cancelled() => Err(Failure::Interrupted(interrupt.exit_code())),
        }
    }

    /// Waits until the service is there and calls it.
    ///
    /// # Errors
    /// When it is not found, does not answer, or ROS fails.
    pub(super) async fn call<T>(
        &mut self,
        service: &Service<T>,
        request: &T::Request,
    ) -> Result<T::Response, Failure>
    where
        T: WrappedServiceTypeSupport + 'static,
    {
        let name = service.name;
        self.find(name, service.available()).await??;
        let answer = service
            .client
            .request(request)
            .map_err(|error| Failure::ros(format!("calling {name}"), error))?;
        match self.until_interrupted(timeout(ANSWER, answer)).await? {
            Ok(answer) => answer.map_err(|error| Failure::ros(format!("waiting for {name}"), error)),
            Err(_) => Err(Failure::NoRobot(format!("{name} did not answer within {} s", ANSWER.as_secs()))),
        }
    }
}

impl<T> Service<T>
where
    T: WrappedServiceTypeSupport + 'static,
{
    /// Waits until the service is there. Only a connection spins.
    pub(super) async fn available(&self) -> Result<(), Failure> {
        let failure = |error| Failure::ros(format!("looking for {}", self.name), error);
        r2r::Node::is_available(&self.client).map_err(failure)?.await.map_err(failure)
    }

    /// Calls it and waits, without a limit.
    pub(super) async fn request(&self, request: &T::Request) -> Result<T::Response, Failure> {
        let failure = |error| Failure::ros(format!("calling {}", self.name), error);
        self.client.request(request).map_err(failure)?.await.map_err(failure)
    }
}

/// Where the robot is looked for.
fn place(session: &Session) -> String {
    let domain = env::var("ROS_DOMAIN_ID").ok().filter(|id| !id.is_empty()).unwrap_or_else(|| "0".to_owned());
    let namespace = match session.options.namespace.as_str() {
        "" => String::new(),
        name => format!(", namespace {name}"),
    };
    let alone = env::var("ROS_AUTOMATIC_DISCOVERY_RANGE").is_ok_and(|range| range == "LOCALHOST")
        || env::var("ROS_LOCALHOST_ONLY").is_ok_and(|only| only == "1");
    format!("ROS_DOMAIN_ID={domain}{namespace}{}", if alone { ", this machine only" } else { "" })
}
