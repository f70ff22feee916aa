//! Hosts any set of nodes in one process with one DDS participant.
//!
//! Each node is a task. A panic in one is logged and restarts that node alone. Signals, a lost context and an error that no
//! restart mends all end the same way: the nodes end (the arm's servos as `on_shutdown` says), leave the graph, and the process
//! exits with the right code, within [`PATIENCE`] whatever hangs.

use std::panic::PanicHookInfo;
use std::pin::Pin;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures::future::join_all;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use tokio::runtime::Handle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::error::NodeError;
use crate::logging;
use crate::ros_args::{self, SplitArgs};

/// How long an orderly end may take; then the process ends all the same.
const PATIENCE: Duration = Duration::from_millis(2000);
/// How long letting go of the hardware may take after that.
const LAST_RESORT: Duration = Duration::from_millis(500);
/// A node that panics again and again is restarted ever more slowly, up to this.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// A node that has run this long has recovered: its next restart is quick again.
const RECOVERED: Duration = Duration::from_secs(30);
/// Between the nodes' leaving the graph and the DDS participant's, which goes with the process: rmw_dds_common of an observer that
/// hears of both at once may take a node's last message after the participant's and keep the node on its graph for ever.
const FAREWELL: Duration = Duration::from_millis(100);
/// Signals within this time of the first are the same wish.
const SAME_SIGNAL: Duration = Duration::from_secs(1);
/// Logger of the process itself.
const LOG: &str = "shaky_steve";

/// What a node's `run` is handed.
#[derive(Clone)]
pub struct NodeContext {
    /// The process's one ROS context.
    pub ros: r2r::Context,
    /// Where to spawn.
    pub runtime: Handle,
    /// Cancelled when the node has to end.
    pub shutdown: CancellationToken,
    /// How long an orderly end may take.
    pub patience: Patience,
}

/// How long an orderly end may take, of which a node that parks its arm needs more.
#[derive(Debug, Clone, Default)]
pub struct Patience(Arc<AtomicU64>);

impl Patience {
    /// Asks for more: the longest that was asked for counts.
    pub fn extend(&self, more: Duration) {
        self.0.fetch_max(u64::try_from(more.as_millis()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    fn get(&self) -> Duration {
        PATIENCE.saturating_add(Duration::from_millis(self.0.load(Ordering::Relaxed)))
    }
}

/// A node's run, until it fails or is told to end.
pub type Run = Pin<Box<dyn Future<Output = Result<(), NodeError>> + Send>>;

/// A node as the host sees it.
pub struct Node {
    /// Name of node, logger and executable.
    pub name: &'static str,
    /// Starts it, the first time and after a panic.
    pub start: Box<dyn Fn(NodeContext) -> Run + Send>,
    /// Lets go of what outlives a restart (the servo thread): called after the node's last run, and by the watchdog when that
    /// run hangs, so twice must do no harm.
    pub finish: Arc<dyn Fn() + Send + Sync>,
}

/// Reads the command line's ROS part, starts logging and creates the context: what comes first in every executable.
///
/// # Errors
/// What is wrong with the command line.
pub fn initialise(args: &SplitArgs) -> Result<r2r::Context, NodeError> {
    args.check()?;
    let levels = args.log_levels()?;
    let context = ros_args::create_context()?;
    logging::start(levels);
    std::panic::set_hook(Box::new(log_panic));
    Ok(context)
}

fn log_panic(info: &PanicHookInfo<'_>) {
    let text = ros_args::panic_text(info.payload());
    let place = info.location().map_or_else(String::new, |at| format!(" at {}:{}", at.file(), at.line()));
    log::error!(target: LOG, "panic in thread {:?}{place}: {text}", std::thread::current().name().unwrap_or("?"));
}

/// Runs the nodes until a signal or an error that no restart mends.
pub fn run(args: &SplitArgs, nodes: Vec<Node>) -> ExitCode {
    let outcome = initialise(args).and_then(|context| host(context, nodes));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => complain(args, &error),
    }
}

/// Says why the process ends, on the console and, where it runs already, in the log.
#[expect(clippy::print_stderr, reason = "the log may not run yet")]
fn complain(args: &SplitArgs, error: &NodeError) -> ExitCode {
    let name = args.own.first().map_or(LOG, |path| path.rsplit('/').next().unwrap_or(path));
    eprintln!("{name}: {error}");
    ExitCode::from(error.exit_code())
}

fn host(ros: r2r::Context, nodes: Vec<Node>) -> Result<(), NodeError> {
    // One thread is enough: everything that takes time has a thread of its own.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|source| NodeError::Thread { name: "runtime".into(), source })?;
    let shutdown = CancellationToken::new();
    let patience = Patience::default();
    let finish = nodes.iter().map(|node| node.finish.clone()).collect();
    let watchdog = Watchdog { finish, patience: patience.clone() };
    watch_signals(shutdown.clone(), watchdog.clone())?;
    let context = NodeContext { ros, runtime: runtime.handle().clone(), shutdown, patience };
    let result = runtime.block_on(async {
        let ends =
            join_all(nodes.into_iter().map(|node| keep_running(node, context.clone(), &watchdog))).await;
        ends.into_iter().collect::<Result<Vec<()>, _>>()
    });
    logging::flush();
    // Tasks that have not ended hold answers to clients: dropping them answers.
    drop(runtime);
    std::thread::sleep(FAREWELL);
    result.map(|_| ())
}

/// Runs one node, again after a panic, until the end; an error that no restart mends ends the others too.
async fn keep_running(node: Node, context: NodeContext, watchdog: &Watchdog) -> Result<(), NodeError> {
    let mut pause = Duration::from_millis(500);
    let result = loop {
        let started = Instant::now();
        let run = (node.start)(context.clone());
        let error = match context.runtime.spawn(run).await {
            Ok(Ok(())) => break Ok(()),
            Ok(Err(error)) if !error.is_worth_a_restart() => break Err(error),
            Ok(Err(error)) => error.to_string(),
            Err(error) => error.to_string(),
        };
        if context.shutdown.is_cancelled() {
            break Ok(());
        }
        if started.elapsed() > RECOVERED {
            pause = Duration::from_millis(500);
        }
        log::error!(target: node.name, "the node failed and starts again in {} ms: {error}", pause.as_millis());
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = context.shutdown.cancelled() => break Ok(()),
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
    };
    if let Err(error) = &result {
        log::error!(target: node.name, "{error}");
        watchdog.start(error.exit_code());
    }
    context.shutdown.cancel();
    (node.finish)();
    result
}

/// SIGINT, SIGTERM and SIGHUP start the end on a thread of their own, which works however busy the runtime is; the second one
/// ends the process at once.
fn watch_signals(shutdown: CancellationToken, watchdog: Watchdog) -> Result<(), NodeError> {
    let thread_error = |source| NodeError::Thread { name: "signals".into(), source };
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP]).map_err(thread_error)?;
    std::thread::Builder::new()
        .name("signals".into())
        .spawn(move || {
            let mut first: Option<Instant> = None;
            for signal in signals.forever() {
                // A launcher and its terminal often both send one: that is no impatience.
                if first.is_some_and(|first| first.elapsed() < SAME_SIGNAL) {
                    continue;
                }
                if shutdown.is_cancelled() {
                    log::warn!(target: LOG, "second signal: ending at once");
                    watchdog.end(128 + signal);
                }
                let name = signal_hook::low_level::signal_name(signal).unwrap_or("signal");
                log::info!(target: LOG, "{name}: shutting down");
                first = Some(Instant::now());
                watchdog.start(1);
                shutdown.cancel();
            }
        })
        .map_err(thread_error)?;
    Ok(())
}

/// Ends the process when its orderly end takes too long.
#[derive(Clone)]
struct Watchdog {
    finish: Vec<Arc<dyn Fn() + Send + Sync>>,
    patience: Patience,
}

impl Watchdog {
    /// Waits as long as an orderly end may take, then ends the process with `code`.
    fn start(&self, code: u8) {
        let own = self.clone();
        let watch = move || {
            std::thread::sleep(own.patience.get());
            log::error!(target: LOG, "something hangs: ending without it");
            own.end(i32::from(code));
        };
        // Without the thread the end may take longer, no more than that.
        if let Err(error) = std::thread::Builder::new().name("watchdog".into()).spawn(watch) {
            log::warn!(target: LOG, "no watchdog for the shutdown: {error}");
        }
    }

    /// Lets go of the hardware, for [`LAST_RESORT`] at most, and exits by `_exit`: a live spin thread crashes an ordinary exit.
    fn end(&self, code: i32) -> ! {
        let (done, wait) = std::sync::mpsc::channel();
        // A thread each: a bus that hangs keeps the others' hardware from nothing.
        let last = |finish: &Arc<dyn Fn() + Send + Sync>| {
            let (finish, done) = (finish.clone(), done.clone());
            let last = move || {
                finish();
                // Nobody waits any more when it took too long.
                let _ = done.send(());
            };
            std::thread::Builder::new().name("last-resort".into()).spawn(last).is_ok()
        };
        let started = self.finish.iter().filter(|finish| last(finish)).count();
        let until = Instant::now() + LAST_RESORT;
        for _ in 0..started {
            if wait.recv_timeout(until.saturating_duration_since(Instant::now())).is_err() {
                break;
            }
        }
        signal_hook::low_level::exit(code)
    }
}
