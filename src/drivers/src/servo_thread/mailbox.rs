use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use steve_core::arm::{GoalId, Guarding, MoveOutcome, PowerError, ValidJog, ValidMove};
use steve_core::trajectory::ValidTrajectory;
use tokio::sync::oneshot;

/// More commands than this are refused. The thread empties the box at every tick, so only a bus that hangs fills it.
const CAPACITY: usize = 1024;

/// Room that is kept for what makes the arm safe.
const SAFETY_RESERVE: usize = 64;

/// What a goal is to do.
#[derive(Debug)]
pub(super) enum Goal {
    Move(ValidMove),
    Follow(ValidTrajectory),
}

#[derive(Debug)]
pub(super) enum Command {
    Move { what: Goal, id: GoalId, reply: oneshot::Sender<MoveOutcome> },
    Set(ValidMove),
    Follow(ValidTrajectory),
    Jog { valid: ValidJog, timeout: Duration },
    Guard(Option<Guarding>),
    Cancel(GoalId),
    Stop(oneshot::Sender<()>),
    Power(bool, oneshot::Sender<Result<(), PowerError>>),
    EmergencyStop(bool, oneshot::Sender<Result<(), PowerError>>),
    ShutDown,
}

impl Command {
    /// How full the box may be for this command to get in; none if it always gets in.
    fn room(&self) -> Option<usize> {
        match self {
            Self::Move { .. }
            | Self::Set(_)
            | Self::Follow(_)
            | Self::Jog { .. }
            | Self::Power(true, _)
            | Self::EmergencyStop(false, _) => Some(CAPACITY),
            Self::Cancel(_) | Self::Stop(_) | Self::Power(false, _) => Some(CAPACITY + SAFETY_RESERVE),
            Self::EmergencyStop(true, _) | Self::Guard(_) | Self::ShutDown => None,
        }
    }
}

/// Why a command did not get in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    Closed,
    Full,
}

#[derive(Debug, Default)]
struct Queue {
    commands: VecDeque<Command>,
    closed: bool,
}

/// Commands on their way to the thread, of bounded number: a set that follows a set becomes one with it.
#[derive(Debug, Default)]
pub(super) struct Mailbox {
    queue: Mutex<Queue>,
    filled: Condvar,
}

impl Mailbox {
    pub(super) fn post(&self, command: Command) -> Result<(), Refused> {
        let mut queue = self.lock();
        if queue.closed {
            return Err(Refused::Closed);
        }
        if let (Command::Set(later), Some(Command::Set(earlier))) = (&command, queue.commands.back_mut())
            && earlier.merge(later)
        {
            return Ok(());
        }
        if command.room().is_some_and(|room| queue.commands.len() >= room) {
            return Err(Refused::Full);
        }
        queue.commands.push_back(command);
        self.filled.notify_one();
        Ok(())
    }

    /// Waits for a command, no longer than `patience`.
    pub(super) fn wait(&self, patience: Duration) {
        let queue = self.lock();
        let empty = |queue: &mut Queue| queue.commands.is_empty() && !queue.closed;
        drop(self.filled.wait_timeout_while(queue, patience, empty));
    }

    /// Puts what came into `batch`.
    pub(super) fn take(&self, batch: &mut VecDeque<Command>) {
        batch.append(&mut self.lock().commands);
    }

    /// Refuses everything from now on; what is still in it is dropped, and so answered.
    pub(super) fn close(&self) {
        let left = {
            let mut queue = self.lock();
            queue.closed = true;
            std::mem::take(&mut queue.commands)
        };
        drop(left);
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
