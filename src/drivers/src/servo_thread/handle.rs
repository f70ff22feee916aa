use super::mailbox::{Command, Goal, Refused};
use super::shared::{Interruption, Shared};
use super::stats::Stats;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;
use steve_core::arm::{
    ArmSnapshot, GoalId, Guarding, JogRequest, MoveEnd, MoveError, MoveOutcome, MoveRequest, PowerError,
    ValidJog, ValidMove, check_readiness, foresee_move, foresee_trajectory, validate, validate_jog,
};
use steve_core::robot::Robot;
use steve_core::trajectory::{TrajectoryRequest, ValidTrajectory, validate_trajectory};
use thiserror::Error;
use tokio::sync::{oneshot, watch};

/// The servo thread has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the servo thread has ended")]
pub struct Gone;

/// The way to the servo thread. Cheap to clone; no call waits for a tick except the futures.
#[derive(Debug, Clone)]
pub struct ServoHandle {
    shared: Arc<Shared>,
    parks: bool,
}

impl ServoHandle {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self { shared, parks: false }
    }

    /// A handle for parking the arm: from now on nothing is valid that comes through another one.
    pub fn for_parking(&self) -> Self {
        self.shared.ending.store(true, Ordering::SeqCst);
        Self { parks: true, ..self.clone() }
    }

    /// Keeps the servos powered while nothing moves, whatever the idle time-out is, until it is dropped.
    pub fn keep_awake(&self) -> Awake {
        self.shared.awake.fetch_add(1, Ordering::Relaxed);
        Awake { shared: Arc::clone(&self.shared) }
    }

    /// What ended every motion last.
    pub fn interruption(&self) -> Interruption {
        *self.shared.interruptions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a motion may begin at all.
    ///
    /// # Errors
    /// The emergency stop, or the end of the node.
    pub fn check_may_move(&self) -> Result<(), MoveError> {
        if self.shared.ready().emergency_stop {
            return Err(MoveError::EmergencyStop);
        }
        if self.shared.ending.load(Ordering::SeqCst) && !self.parks {
            return Err(MoveError::Ending);
        }
        Ok(())
    }

    /// The robot.
    pub fn robot(&self) -> &Arc<Robot> {
        &self.shared.robot
    }

    /// Checks a request against the robot, the state of the arm and, where it is switched on, the guard against desk and
    /// torso. An emergency stop is seen from the moment that [`Self::emergency_stop`] is called.
    ///
    /// # Errors
    /// What is wrong with the request, or forbids it now.
    pub fn validate(&self, request: &MoveRequest) -> Result<ValidMove, MoveError> {
        self.check_may_move()?;
        let valid = validate(&self.shared.robot, self.shared.ready(), request)?;
        let (guarding, now) = (self.guarding(), self.now());
        foresee_move(&self.shared.robot, guarding.as_ref(), &now, &valid)?;
        Ok(valid)
    }

    /// As [`Self::validate`], for a trajectory. Takes long for one of very many points.
    ///
    /// # Errors
    /// What is wrong with the trajectory, or forbids it now.
    pub fn validate_trajectory(&self, request: &TrajectoryRequest) -> Result<ValidTrajectory, MoveError> {
        self.check_may_move()?;
        let valid = validate_trajectory(&self.shared.robot, request)?;
        check_readiness(&self.shared.robot, self.shared.ready(), valid.joints())?;
        let (guarding, now) = (self.guarding(), self.now());
        foresee_trajectory(&self.shared.robot, guarding.as_ref(), &now, &valid)?;
        Ok(valid)
    }

    /// As [`Self::validate`], for a jog. The guard watches a jog on its way.
    ///
    /// # Errors
    /// What is wrong with the jog, or forbids it now.
    pub fn validate_jog(&self, request: &JogRequest) -> Result<ValidJog, MoveError> {
        self.check_may_move()?;
        validate_jog(&self.shared.robot, self.shared.ready(), request)
    }

    /// Starts a move. The future tells how it ended; dropping it does not stop the motion, [`Self::cancel`] does.
    pub fn move_joints(&self, valid: ValidMove) -> Move {
        self.begin(Goal::Move(valid))
    }

    /// Follows a trajectory. The future is that of [`Self::move_joints`].
    pub fn follow(&self, valid: ValidTrajectory) -> Move {
        self.begin(Goal::Follow(valid))
    }

    fn begin(&self, what: Goal) -> Move {
        let id = GoalId(self.shared.next_id.fetch_add(1, Ordering::Relaxed));
        let (reply, outcome) = oneshot::channel();
        let sent = self.shared.mailbox.post(Command::Move { what, id, reply });
        let outcome = match sent {
            Err(Refused::Full) => Err(MoveOutcome {
                end: MoveEnd::Refused,
                positions: Vec::new(),
                message: "the servo bus does not keep up with the commands".to_owned(),
            }),
            // Closed: the sender is dropped, and the future finds out.
            Ok(()) | Err(Refused::Closed) => Ok(outcome),
        };
        Move { id, outcome, handle: self.clone() }
    }

    /// Goes to positions without waiting and without a result; preempts what these joints do.
    pub fn set(&self, valid: ValidMove) {
        self.post_quietly(Command::Set(valid));
    }

    /// Follows a trajectory without a result; preempts what these joints do.
    pub fn follow_without_result(&self, valid: ValidTrajectory) {
        self.post_quietly(Command::Follow(valid));
    }

    /// Goes on at velocities, for `timeout` or until the next command for these joints, then holds.
    pub fn jog(&self, valid: ValidJog, timeout: Duration) {
        self.post_quietly(Command::Jog { valid, timeout });
    }

    fn post_quietly(&self, command: Command) {
        if let Err(refused) = self.shared.mailbox.post(command) {
            log::warn!("command lost: the servo thread's mailbox is {refused:?}");
        }
    }

    /// Switches the guard against desk and torso on, with a rule, or off; for everything that is validated from now on.
    pub fn set_guarding(&self, guarding: Option<Guarding>) {
        *self.shared.guarding.lock().unwrap_or_else(PoisonError::into_inner) = guarding.clone();
        self.post_quietly(Command::Guard(guarding));
    }

    fn guarding(&self) -> Option<Guarding> {
        self.shared.guarding.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn now(&self) -> Arc<ArmSnapshot> {
        Arc::clone(&self.shared.snapshots.borrow())
    }

    /// Slows the goal's joints down; its future ends when they hold. Does nothing to a goal that has ended.
    pub fn cancel(&self, id: GoalId) {
        if self.shared.mailbox.post(Command::Cancel(id)) == Err(Refused::Full) {
            log::warn!("cancel of goal {id} lost: the servo bus does not keep up with the commands");
        }
    }

    /// Ends every motion. The future ends when everything holds; the stop happens whether it is awaited or not.
    pub fn stop(&self) -> impl Future<Output = Result<(), Gone>> + Send + use<> {
        let (reply, answer) = oneshot::channel();
        self.shared.interrupt("stopped");
        let sent = self.shared.mailbox.post(Command::Stop(reply));
        async move {
            sent.map_err(|_| Gone)?;
            answer.await.map_err(|_| Gone)
        }
    }

    /// Powers all joints, or none. The future ends when it is done; it is done whether that is awaited or not.
    pub fn power(&self, on: bool) -> impl Future<Output = Result<(), PowerError>> + Send + use<> {
        let (reply, answer) = oneshot::channel();
        if !on {
            self.shared.interrupt("powered off");
        }
        let sent = self.shared.mailbox.post(Command::Power(on, reply));
        async move {
            sent.map_err(|_| PowerError::Gone)?;
            answer.await.unwrap_or(Err(PowerError::Gone))
        }
    }

    /// Latches the emergency stop, or releases it. From this call on nothing is valid until it is released; the future
    /// ends when the servos are off, which happens whether it is awaited or not; it tells if the bus did not take that.
    pub fn emergency_stop(&self, on: bool) -> impl Future<Output = Result<(), PowerError>> + Send + use<> {
        let (reply, answer) = oneshot::channel();
        if on {
            self.shared.stops_coming.fetch_add(1, Ordering::SeqCst);
            self.shared.interrupt("emergency stop");
        }
        let sent = self.shared.mailbox.post(Command::EmergencyStop(on, reply));
        async move {
            sent.map_err(|_| PowerError::Gone)?;
            answer.await.unwrap_or(Err(PowerError::Gone))
        }
    }

    /// The arm at every tick while it moves, and at every change. Closed when the thread has ended.
    pub fn snapshots(&self) -> watch::Receiver<Arc<ArmSnapshot>> {
        self.shared.snapshots.clone()
    }

    /// What the thread has done so far.
    pub fn stats(&self) -> Stats {
        self.shared.stats().clone()
    }

    /// Lets [`Stats::late_worst`] start anew.
    pub fn reset_worst(&self) {
        self.shared.stats().late_worst = Duration::ZERO;
    }

    /// Why the thread died, if it did. The servos were turned off if the bus could still do that.
    pub fn fault(&self) -> Option<String> {
        self.shared.fault()
    }

    /// The time on the clock of [`ArmSnapshot::stamp`].
    pub fn elapsed(&self) -> Duration {
        self.shared.clock.now()
    }
}

/// While there is one, the idle time-out does not begin.
#[derive(Debug)]
pub struct Awake {
    shared: Arc<Shared>,
}

impl Drop for Awake {
    fn drop(&mut self) {
        self.shared.awake.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A move that was started: a future of its outcome. Dropping it does not stop the motion.
#[derive(Debug)]
pub struct Move {
    /// The goal's name in [`ArmSnapshot`] and for [`ServoHandle::cancel`].
    pub id: GoalId,
    outcome: Result<oneshot::Receiver<MoveOutcome>, MoveOutcome>,
    handle: ServoHandle,
}

impl Move {
    /// Slows its joints down; the future then ends when they hold.
    pub fn cancel(&self) {
        self.handle.cancel(self.id);
    }
}

impl Future for Move {
    type Output = MoveOutcome;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<MoveOutcome> {
        match &mut self.outcome {
            Err(refused) => Poll::Ready(refused.clone()),
            Ok(receiver) => {
                let outcome = Pin::new(receiver).poll(context);
                outcome.map(|outcome| outcome.unwrap_or_else(|_| self.handle.shared.gone()))
            }
        }
    }
}
