use super::MouseStatus;
use log::warn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use steve_core::mouse::{DeviceInfo, EventQueue, MouseEvent, SimMouse, SimOptions};
use tokio::sync::Notify;
use tokio::task::{AbortHandle, spawn};
use tokio::time::{Instant, interval};

/// Events that wait for a consumer that is late.
const QUEUE: usize = 64;

/// Losses are told no more often than this.
const LOSS_PERIOD: Duration = Duration::from_secs(1);

const NAME: &str = "simulated 3D mouse";

/// A device that is not there, on a task of its own: it does not wait for anybody.
#[derive(Debug)]
pub(super) struct Sim {
    options: SimOptions,
    shared: Arc<Shared>,
    /// From the first look at it on.
    task: Option<AbortHandle>,
}

#[derive(Debug)]
struct Shared {
    queue: Mutex<EventQueue>,
    filled: Notify,
}

impl Sim {
    pub(super) fn new(options: SimOptions) -> Self {
        let mut queue = EventQueue::new(QUEUE);
        queue.push(MouseEvent::Device { name: NAME.to_owned(), connected: true });
        let shared = Shared { queue: Mutex::new(queue), filled: Notify::new() };
        Self { options, shared: Arc::new(shared), task: None }
    }

    /// Cancel-safe: an event leaves the queue only when it is given out.
    pub(super) async fn next(&mut self) -> MouseEvent {
        if self.task.is_none() {
            self.task = Some(spawn(play(self.options, Arc::clone(&self.shared))).abort_handle());
        }
        loop {
            if let Some(event) = self.shared.queue().pop() {
                return event;
            }
            self.shared.filled.notified().await;
        }
    }

    pub(super) fn status(&self) -> MouseStatus {
        let device = DeviceInfo { name: NAME.to_owned(), axes: 6, buttons: SimMouse::BUTTONS, kind: None };
        let lost = self.shared.queue().lost();
        MouseStatus { connected: true, device: Some(device), lost, ..MouseStatus::default() }
    }
}

impl Drop for Sim {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

impl Shared {
    /// A lock that a panic left behind holds events that are still true.
    fn queue(&self) -> MutexGuard<'_, EventQueue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The device. Periods that were missed, as somebody kept the runtime busy, are made up for: their events are late all at once.
async fn play(options: SimOptions, shared: Arc<Shared>) {
    let mut mouse = SimMouse::new(options);
    let mut period = interval(mouse.period());
    let mut unsaid = 0;
    let mut said: Option<Instant> = None;
    loop {
        period.tick().await;
        if let Some(event) = mouse.step() {
            unsaid += shared.queue().push(event);
            shared.filled.notify_one();
        }
        if unsaid > 0 && said.is_none_or(|said| said.elapsed() >= LOSS_PERIOD) {
            let lost = shared.queue().lost();
            warn!(target: "mouse", "{unsaid} events of the {NAME} were lost, as nobody took them in time; {lost} since it began");
            (unsaid, said) = (0, Some(Instant::now()));
        }
    }
}
