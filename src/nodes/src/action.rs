//! An action server on services and topics.
//!
//! r2r 0.9.7's own never forgets a goal, eats a core ten seconds after the first one, answers a cancel of several goals with
//! "rejected" and leaves the status topic at CANCELING (facts.md; upstream issue 136). This one follows the design page
//! <https://design.ros2.org/articles/actions.html> and rcl_action's return codes:
//! services `<name>/_action/{send_goal,cancel_goal,get_result}`, topics `<name>/_action/{feedback,status}`.

mod goals;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use r2r::action_msgs::srv::CancelGoal;
use r2r::{QosProfile, WrappedActionTypeSupport as ActionType, WrappedServiceTypeSupport as ServiceType};
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use crate::error::NodeError;
use crate::service::{Request, serve_now, take_requests};
use crate::spin::Spinner;
use crate::time;

use goals::{Goals, Status, Uuid};

type ResultRequest<A> = Request<<A as ActionType>::GetResult>;
type ResultResponse<A> = <<A as ActionType>::GetResult as ServiceType>::Response;
type GoalResponse<A> = <<A as ActionType>::SendGoal as ServiceType>::Response;

/// How a goal ended, with the result that its client gets.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome<R> {
    /// It was reached.
    Succeeded(R),
    /// Its client cancelled it.
    Canceled(R),
    /// Anything else: preempted, stopped, failed.
    Aborted(R),
}

/// Why a goal has to end before it is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndWanted {
    /// Its client cancelled it.
    Canceled,
    /// The node ends.
    NodeEnds,
}

/// A goal that runs: its feedback and its cancel.
pub struct Goal<A>
where
    A: ActionType,
{
    id: Uuid,
    feedback: Arc<Mutex<r2r::Publisher<A::FeedbackMessage>>>,
    cancel: CancellationToken,
    shutdown: CancellationToken,
}

impl<A> Goal<A>
where
    A: ActionType + 'static,
{
    /// Sends feedback to whoever listens.
    pub fn feedback(&self, feedback: A::Feedback) {
        let message = A::make_feedback_msg(goals::to_msg(self.id), feedback);
        if let Err(error) = lock(&self.feedback).publish(&message) {
            log::debug!("feedback could not be published: {error}");
        }
    }

    /// Waits until the goal has to end, and tells why.
    pub async fn end_wanted(&self) -> EndWanted {
        tokio::select! {
            () = self.cancel.cancelled() => EndWanted::Canceled,
            () = self.shutdown.cancelled() => EndWanted::NodeEnds,
        }
    }
}

/// What an action server is made of.
pub struct Options<'a> {
    /// The action's name, such as `~/move_servo`.
    pub name: &'a str,
    /// Logger for accepted and rejected goals.
    pub node: &'static str,
    /// How long a result can be asked for after the end.
    pub result_timeout: Duration,
    /// Where the goals run.
    pub runtime: Handle,
    /// Tells every goal that the node ends.
    pub shutdown: CancellationToken,
}

/// A running action server: it lives as long as the node spins. Dropping this answers every client that still waits, so it
/// has to be dropped before the node.
pub struct ActionServer<A>
where
    A: ActionType + 'static,
{
    shared: Arc<Shared<A>>,
}

impl<A> ActionServer<A>
where
    A: ActionType + Send + 'static,
    A::Goal: Send,
    A::Result: Send,
    A::Feedback: Send,
    A::FeedbackMessage: Send,
    <A::SendGoal as ServiceType>::Request: Send,
    <A::SendGoal as ServiceType>::Response: Send,
    <A::GetResult as ServiceType>::Request: Send,
    <A::GetResult as ServiceType>::Response: Send,
{
    /// Creates the server. `validate` decides on the spinning thread, at once, and must not block: its error is the reason that
    /// is logged. `execute` makes the future that carries an accepted goal out; it is called on the spinning thread as well, so
    /// that what it starts has begun when the client hears that it is accepted.
    ///
    /// # Errors
    /// When ROS refuses a service or a topic.
    pub fn create<V, F>(
        spinner: &mut Spinner,
        options: Options<'_>,
        validate: impl Fn(&A::Goal) -> Result<V, String> + Send + 'static,
        execute: impl Fn(V, Goal<A>) -> F + Send + 'static,
    ) -> Result<Self, NodeError>
    where
        F: Future<Output = Outcome<A::Result>> + Send + 'static,
    {
        let Options { name, node, result_timeout, runtime, shutdown } = options;
        let part = |part: &str| format!("{name}/_action/{part}");
        let feedback = Arc::new(Mutex::new(
            spinner.publisher(&part("feedback"), QosProfile::default().keep_last(10).reliable())?,
        ));
        let status = spinner
            .publisher(&part("status"), QosProfile::default().keep_last(1).reliable().transient_local())?;
        let shared = Arc::new(Shared {
            node,
            name: name.to_owned(),
            goals: Mutex::new(Goals::default()),
            status: Mutex::new(status),
        });
        // A client that connects before the first goal finds an empty list instead of nothing.
        shared.publish_status(&shared.goals());

        let server = shared.clone();
        let send_goal = move |request: Request<A::SendGoal>| {
            let (id, goal) = A::destructure_goal_request_msg(request.message().clone());
            let accepted = match server.accept(goals::from_msg(&id), || validate(&goal)) {
                Ok(accepted) => accepted,
                Err(reason) => {
                    log::warn!(target: server.node, "{}: goal rejected: {reason}", server.name);
                    request.respond(A::make_goal_response_msg(false, time::now()));
                    return;
                }
            };
            let Accepted { id, stamp, cancel, valid } = accepted;
            let work =
                execute(valid, Goal { id, feedback: feedback.clone(), cancel, shutdown: shutdown.clone() });
            request.respond(A::make_goal_response_msg(true, time::stamp(stamp)));
            log::debug!(target: server.node, "{}: goal {} accepted", server.name, goals::show(id));
            let (server, runtime_of_goal) = (server.clone(), runtime.clone());
            runtime.spawn(async move {
                let ended = runtime_of_goal.spawn(work).await;
                server.end(id, ended.map_err(|error| error.to_string()));
                tokio::time::sleep(result_timeout).await;
                server.forget(id);
            });
        };
        take_requests::<A::SendGoal>(spinner, &part("send_goal"), rejection::<A>, send_goal)?;

        let server = shared.clone();
        let cancel_goal = move |request: &CancelGoal::Request| server.cancel(request);
        serve_now::<CancelGoal::Service>(spinner, &part("cancel_goal"), Default::default, cancel_goal)?;

        let server = shared.clone();
        let get_result = move |request: ResultRequest<A>| server.give_result(request);
        take_requests::<A::GetResult>(spinner, &part("get_result"), unknown_result::<A>, get_result)?;
        Ok(Self { shared })
    }
}

/// An [`ActionServer`] of whatever type.
pub trait Server: Send + Sync {
    /// How many goals have not ended yet.
    fn active(&self) -> usize;
}

impl<A> Server for ActionServer<A>
where
    A: ActionType + 'static,
    Shared<A>: Send + Sync,
{
    fn active(&self) -> usize {
        self.shared.goals().active()
    }
}

/// The action servers of a node, which end together: before the node.
#[derive(Default)]
pub struct Servers(Vec<Box<dyn Server>>);

impl Servers {
    /// Keeps another one.
    pub fn add(&mut self, server: impl Server + 'static) {
        self.0.push(Box::new(server));
    }

    /// How many goals have not ended yet.
    pub fn active(&self) -> usize {
        self.0.iter().map(|server| server.active()).sum()
    }

    /// Waits until no goal runs.
    pub async fn all_ended(&self) {
        while self.active() > 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

impl<A> Drop for ActionServer<A>
where
    A: ActionType + 'static,
{
    fn drop(&mut self) {
        // What still runs has lost its node: its clients hear that, and the status topic says so.
        let mut goals = self.shared.goals();
        let waiting = goals.abort_all(&A::Result::default());
        self.shared.publish_status(&goals);
        drop(goals);
        for request in waiting {
            request.respond(A::make_result_response_msg(Status::Aborted as i8, A::Result::default()));
        }
    }
}

fn rejection<A: ActionType>() -> GoalResponse<A> {
    A::make_goal_response_msg(false, time::now())
}

/// What a client gets who asks for a goal that nobody knows (any more), as rcl_action answers.
fn unknown_result<A: ActionType>() -> ResultResponse<A> {
    A::make_result_response_msg(Status::Unknown as i8, A::Result::default())
}

struct Accepted<V> {
    id: Uuid,
    stamp: SystemTime,
    cancel: CancellationToken,
    valid: V,
}

struct Shared<A>
where
    A: ActionType + 'static,
{
    node: &'static str,
    name: String,
    goals: Mutex<Goals<A::Result, ResultRequest<A>>>,
    status: Mutex<r2r::Publisher<r2r::action_msgs::msg::GoalStatusArray>>,
}

impl<A> Shared<A>
where
    A: ActionType + 'static,
{
    fn goals(&self) -> MutexGuard<'_, Goals<A::Result, ResultRequest<A>>> {
        lock(&self.goals)
    }

    /// Publishes while the goals are locked, so that no older list comes after a newer one.
    fn publish_status(&self, goals: &Goals<A::Result, ResultRequest<A>>) {
        if let Err(error) = lock(&self.status).publish(&goals.status_array()) {
            log::debug!("the status of {} could not be published: {error}", self.name);
        }
    }

    fn accept<V>(
        &self,
        id: Uuid,
        validate: impl FnOnce() -> Result<V, String>,
    ) -> Result<Accepted<V>, String> {
        if self.goals().knows(id) {
            return Err(format!("goal id {} is taken already", goals::show(id)));
        }
        let valid = validate()?;
        let (stamp, cancel) = (SystemTime::now(), CancellationToken::new());
        let mut goals = self.goals();
        goals.insert(id, stamp, cancel.clone());
        self.publish_status(&goals);
        Ok(Accepted { id, stamp, cancel, valid })
    }

    fn cancel(&self, request: &CancelGoal::Request) -> CancelGoal::Response {
        let mut goals = self.goals();
        let response = goals.cancel(request);
        if !response.goals_canceling.is_empty() {
            self.publish_status(&goals);
        }
        response
    }

    fn give_result(&self, request: ResultRequest<A>) {
        let id = goals::from_msg(&A::destructure_result_request_msg(request.message().clone()));
        let answer = self.goals().result(id, request);
        // Answered outside the lock: the answer is serialised by the caller's thread.
        match answer {
            goals::Answer::Later => {}
            goals::Answer::Unknown(request) => request.respond(unknown_result::<A>()),
            goals::Answer::Now(request, status, result) => {
                request.respond(A::make_result_response_msg(status as i8, result));
            }
        }
    }

    fn end(&self, id: Uuid, ended: Result<Outcome<A::Result>, String>) {
        let (status, result) = match ended {
            Ok(Outcome::Succeeded(result)) => (Status::Succeeded, result),
            // Nobody asked for a cancel: the node ends.
            Ok(Outcome::Canceled(result)) if !self.goals().is_canceling(id) => (Status::Aborted, result),
            Ok(Outcome::Canceled(result)) => (Status::Canceled, result),
            Ok(Outcome::Aborted(result)) => (Status::Aborted, result),
            Err(error) => {
                log::error!(target: self.node, "{}: goal {} aborted, its task died: {error}", self.name, goals::show(id));
                (Status::Aborted, A::Result::default())
            }
        };
        let waiting = {
            let mut goals = self.goals();
            let waiting = goals.end(id, status, result.clone());
            self.publish_status(&goals);
            waiting
        };
        for request in waiting {
            request.respond(A::make_result_response_msg(status as i8, result.clone()));
        }
    }

    fn forget(&self, id: Uuid) {
        let mut goals = self.goals();
        goals.forget(id);
        self.publish_status(&goals);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
