//! Spinning: entities first, then the node moves into a thread of its own.
//!
//! r2r queues 11 items a stream and drops the newest after that, and a node behind a mutex makes everybody wait for a whole
//! spin. So nothing shares the node, and every stream is drained on the spinning thread by a function that does not block.

mod presence;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use futures::executor::LocalPool;
use futures::task::LocalSpawnExt;
use futures::{Stream, StreamExt, future};
use tokio::sync::{oneshot, watch};

use crate::error::NodeError;
use crate::ros_args::SplitArgs;
use crate::topic_name::{self, Place};

use presence::Presence;

/// How long one spin waits when nothing comes. Messages end it at once and answers do not need it, so it only bounds how long
/// the thread takes to notice that it has to stop (facts: 100 ms costs 0.15 % of a core, 20 ms 0.7 %).
const SPIN_TIMEOUT: Duration = Duration::from_millis(100);

/// How long a node stays after its last words. What a DDS reader gets from a writer that it hears is gone, it drops, and the
/// two travel on different threads: a client would wait for ever for an answer that was given.
const LAST_WORDS: Duration = Duration::from_millis(100);

/// How often the graph is asked who publishes a followed topic: r2r has no graph events. It costs some microseconds.
const LOOK: Duration = Duration::from_millis(500);

type Drain = Pin<Box<dyn Future<Output = ()> + Send>>;
/// Called with the node every [`LOOK`].
type Look = Box<dyn FnMut(&r2r::Node) + Send>;

/// A node that gets its entities; [`Spinner::start`] sets it going.
pub struct Spinner {
    node: r2r::Node,
    drains: Vec<Drain>,
    looks: Vec<Look>,
    timeout: Duration,
    /// How long the node stays after its last words: [`LAST_WORDS`] once it answers anybody.
    last_words: Duration,
}

impl Spinner {
    /// Creates the node `name` in the namespace that the command line gives (or the root).
    ///
    /// # Errors
    /// When ROS refuses the name or the context is gone.
    pub fn create(context: r2r::Context, name: &str) -> Result<Self, NodeError> {
        Self::create_in(context, name, "")
    }

    /// Creates the node `name` in `namespace`, unless the command line gives another one.
    ///
    /// # Errors
    /// When ROS refuses the name or the context is gone.
    pub fn create_in(context: r2r::Context, name: &str, namespace: &str) -> Result<Self, NodeError> {
        let node = r2r::Node::create(context, name, namespace)
            .map_err(|e| NodeError::ros("creating the node", e))?;
        let (drains, looks) = (Vec::new(), Vec::new());
        Ok(Self { node, drains, looks, timeout: SPIN_TIMEOUT, last_words: Duration::ZERO })
    }

    /// How long one spin waits when nothing comes, for those who cannot wait for the last one: a command ends with it.
    pub fn spin_timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// The node, to create publishers, subscriptions and services on.
    pub fn node(&mut self) -> &mut r2r::Node {
        &mut self.node
    }

    /// Calls `take` on the spinning thread for every item of `stream`. It must not block.
    pub fn drain<S>(&mut self, stream: S, mut take: impl FnMut(S::Item) + Send + 'static)
    where
        S: Stream + Send + 'static,
    {
        self.drains.push(Box::pin(stream.for_each(move |item| {
            take(item);
            future::ready(())
        })));
    }

    /// Subscribes to `topic` and calls `take` on the spinning thread for every message. It must not block.
    ///
    /// # Errors
    /// When ROS refuses the subscription.
    pub fn subscribe<M>(
        &mut self,
        topic: &str,
        qos: r2r::QosProfile,
        take: impl FnMut(M) + Send + 'static,
    ) -> Result<(), NodeError>
    where
        M: r2r::WrappedTypesupport + Send + 'static,
    {
        let stream = self
            .node
            .subscribe::<M>(topic, qos)
            .map_err(|e| NodeError::ros(format!("subscribing {topic}"), e))?;
        self.drain(stream, take);
        Ok(())
    }

    /// The newest message on `topic`, for as long as anybody publishes there: when the last publisher has gone, None again.
    ///
    /// For latched states, which stay true until somebody says otherwise, and are worth nothing when nobody is left to say it.
    /// A publisher that says good-bye is missed within [`LOOK`], one that crashes when its DDS lease has run out
    /// (config/fastdds.xml). One that was only out of reach brings back what it said.
    ///
    /// # Errors
    /// When ROS refuses the subscription.
    pub fn follow<M>(
        &mut self,
        topic: &str,
        qos: r2r::QosProfile,
    ) -> Result<watch::Receiver<Option<M>>, NodeError>
    where
        M: r2r::WrappedTypesupport + Send + Sync + 'static,
    {
        let failed = |e| NodeError::ros("reading the node's name", e);
        let (node, namespace) = (self.node.name().map_err(failed)?, self.node.namespace().map_err(failed)?);
        let place = Place { node: &node, namespace: &namespace };
        let full = topic_name::resolve(topic, place, &SplitArgs::of_process());
        let (sender, receiver) = watch::channel(None);
        let (sender, fresh) = (Arc::new(sender), Arc::new(AtomicBool::new(false)));
        self.subscribe(topic, qos, {
            let (sender, fresh) = (sender.clone(), fresh.clone());
            move |message: M| {
                fresh.store(true, Ordering::Relaxed);
                sender.send_replace(Some(message));
            }
        })?;
        let mut presence = Presence::default();
        self.looks.push(Box::new(move |node| match node.get_publishers_info_by_topic(&full, false) {
            Ok(publishers) => {
                let publishers = publishers.into_iter().map(|publisher| publisher.endpoint_gid).collect();
                presence.look(&sender, fresh.swap(false, Ordering::Relaxed), publishers);
            }
            Err(error) => log::debug!("who publishes {full} could not be asked: {error}"),
        }));
        Ok(receiver)
    }

    /// The requests of the service `name`. To be drained.
    ///
    /// # Errors
    /// When ROS refuses it.
    pub fn service<T>(
        &mut self,
        name: &str,
        qos: r2r::QosProfile,
    ) -> Result<impl Stream<Item = r2r::ServiceRequest<T>> + use<T>, NodeError>
    where
        T: r2r::WrappedServiceTypeSupport + 'static,
    {
        self.last_words = LAST_WORDS;
        self.node
            .create_service::<T>(name, qos)
            .map_err(|e| NodeError::ros(format!("creating the service {name}"), e))
    }

    /// A publisher on `topic`.
    ///
    /// # Errors
    /// When ROS refuses it.
    pub fn publisher<M>(&mut self, topic: &str, qos: r2r::QosProfile) -> Result<r2r::Publisher<M>, NodeError>
    where
        M: r2r::WrappedTypesupport,
    {
        self.node
            .create_publisher::<M>(topic, qos)
            .map_err(|e| NodeError::ros(format!("creating the publisher of {topic}"), e))
    }

    /// Moves the node into its thread and spins it until the returned guard goes.
    ///
    /// # Errors
    /// When the thread cannot be started.
    pub fn start(self, context: r2r::Context) -> Result<Spinning, NodeError> {
        let name = self.node.name().map_err(|e| NodeError::ros("reading the node's name", e))?;
        let last_words = self.last_words;
        let stop = Arc::new(AtomicBool::new(false));
        let (tell_end, ended) = oneshot::channel();
        let thread = std::thread::Builder::new()
            .name(format!("spin-{name}"))
            .spawn({
                let stop = stop.clone();
                move || {
                    let Self { mut node, drains, looks, timeout, .. } = self;
                    let tasks = Tasks { drains, looks };
                    let outcome =
                        catch_unwind(AssertUnwindSafe(|| spin(&mut node, tasks, timeout, &context, &stop)));
                    // The panic hook has logged the message.
                    let end = outcome.unwrap_or(SpinEnd::Panicked);
                    // Nobody listens when the guard went first.
                    let _ = tell_end.send(end);
                    // Clients that wait are answered while there is a node to answer from.
                    while !stop.load(Ordering::Acquire) {
                        std::thread::park();
                    }
                }
            })
            .map_err(|e| NodeError::Thread { name: "spin".into(), source: e })?;
        Ok(Spinning { stop, thread: Some(thread), ended: Some(ended), last_words })
    }
}

/// Why spinning ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SpinEnd {
    Stopped,
    ContextLost,
    Panicked,
}

/// What is done between the spins.
struct Tasks {
    drains: Vec<Drain>,
    looks: Vec<Look>,
}

fn spin(
    node: &mut r2r::Node,
    Tasks { drains, mut looks }: Tasks,
    timeout: Duration,
    context: &r2r::Context,
    stop: &AtomicBool,
) -> SpinEnd {
    let mut pool = LocalPool::new();
    for drain in drains {
        // The pool lives as long as this function: it cannot have shut down.
        if pool.spawner().spawn_local(drain).is_err() {
            return SpinEnd::Panicked;
        }
    }
    let mut looked = Instant::now();
    loop {
        pool.run_until_stalled();
        if !looks.is_empty() && looked.elapsed() >= LOOK {
            looked = Instant::now();
            looks.iter_mut().for_each(|look| look(node));
        }
        if stop.load(Ordering::Acquire) {
            return SpinEnd::Stopped;
        }
        if !context.is_valid() {
            return SpinEnd::ContextLost;
        }
        node.spin_once(timeout);
    }
}

/// A spinning node; dropping it stops the thread and takes the node off the graph.
pub struct Spinning {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
    ended: Option<oneshot::Receiver<SpinEnd>>,
    last_words: Duration,
}

impl Spinning {
    /// Waits until spinning ends by itself, which is always an error. May be given up and called again.
    pub async fn failure(&mut self) -> NodeError {
        let Some(ended) = &mut self.ended else { return future::pending().await };
        let end = ended.await;
        self.ended = None;
        match end {
            Ok(SpinEnd::ContextLost) => NodeError::ContextLost,
            Ok(SpinEnd::Panicked) | Err(_) => NodeError::SpinPanicked,
            Ok(SpinEnd::Stopped) => future::pending().await,
        }
    }
}

impl Drop for Spinning {
    fn drop(&mut self) {
        std::thread::sleep(self.last_words);
        self.stop.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // A panic in the thread was caught and reported there.
            let _ = thread.join();
        }
    }
}
