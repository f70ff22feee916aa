use super::policy::Policy;
use super::{StateFile, StateFileError, known};
use crate::servo_thread::ServoHandle;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Instant;
use steve_core::arm::ArmSnapshot;
use tokio::runtime::Builder;
use tokio::sync::{oneshot, watch};

/// Follows the arm on a thread of its own and writes the file: that a motion began, where it ended, and where the arm
/// stands when the servo thread ends. No more than once a second except at the end, and nothing while nothing changes.
///
/// A motion that begins within a second of a write is marked when that second is over, no sooner. A disk that fails is
/// told once and tried again at the next change; the arm does not notice.
#[derive(Debug)]
pub struct Keeper {
    finish: Option<oneshot::Sender<()>>,
    join: Option<JoinHandle<()>>,
}

impl Keeper {
    /// Starts the thread.
    ///
    /// # Errors
    /// The system gives no thread, or no timer to it.
    pub fn spawn(file: StateFile, handle: &ServoHandle) -> Result<Self, StateFileError> {
        let runtime = Builder::new_current_thread().enable_time().build().map_err(StateFileError::Thread)?;
        let (finish, finished) = oneshot::channel();
        let writer = Writer::new(file, handle.snapshots());
        let thread = std::thread::Builder::new().name("state-file".to_owned());
        let join = thread
            .spawn(move || runtime.block_on(writer.follow(finished)))
            .map_err(StateFileError::Thread)?;
        Ok(Self { finish: Some(finish), join: Some(join) })
    }

    /// Writes the last state and lets the file go, whether the servo thread has ended or not; returns when that is done.
    /// Shut the servo thread down before. Dropping does the same.
    pub fn finish(mut self) {
        self.end();
    }

    fn end(&mut self) {
        drop(self.finish.take());
        if self.join.take().is_some_and(|join| join.join().is_err()) {
            log::error!("state file: its thread panicked");
        }
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.end();
    }
}

/// The thread's own things.
struct Writer {
    file: StateFile,
    snapshots: watch::Receiver<Arc<ArmSnapshot>>,
    policy: Policy,
    start: Instant,
    failing: bool,
}

impl Writer {
    fn new(file: StateFile, snapshots: watch::Receiver<Arc<ArmSnapshot>>) -> Self {
        let policy = Policy::new(file.on_disk.clone());
        Self { file, snapshots, policy, start: Instant::now(), failing: false }
    }

    async fn follow(mut self, mut finished: oneshot::Receiver<()>) {
        loop {
            let snapshot = self.look();
            let now = self.start.elapsed();
            let due = self.policy.due();
            if due.is_some_and(|due| due <= now) {
                self.write(&snapshot);
                continue;
            }
            let time = async {
                match due {
                    Some(due) => tokio::time::sleep(due - now).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                changed = self.snapshots.changed() => if changed.is_err() { break },
                _ = &mut finished => break,
                () = time => {}
            }
        }
        let last = self.look();
        if self.policy.differs() {
            self.write(&last);
        }
    }

    fn look(&mut self) -> Arc<ArmSnapshot> {
        let snapshot = Arc::clone(&self.snapshots.borrow_and_update());
        self.policy.saw(self.start.elapsed(), known(&snapshot), snapshot.moving);
        snapshot
    }

    fn write(&mut self, snapshot: &ArmSnapshot) {
        let saved = self.file.save(snapshot);
        self.policy.wrote(self.start.elapsed(), saved.is_ok());
        match &saved {
            Ok(()) if self.failing => log::info!("state file {}: written again", self.file.path().display()),
            Err(error) if !self.failing => {
                log::warn!("{error}; after a restart the arm may not know where it is");
            }
            _ => {}
        }
        self.failing = saved.is_err();
    }
}
