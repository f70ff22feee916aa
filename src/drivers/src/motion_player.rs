//! Plays named motions on the arm.
//!
//! A joint that a motion's step takes while an earlier step of the same motion still moves it goes on to its new goal; when
//! anybody else takes one, or a move ends short of its goal for another reason, the motion fails and the joints that it
//! still moves slow down.

/// The moves under way.
mod moves;

use crate::servo_thread::ServoHandle;
use moves::{Moves, Short};
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;
use steve_core::arm::GoalId;
use steve_core::motions::{Action, Motion, Player, Progress, SpeedScale};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};

/// Progress is told this often, and at every step.
const PROGRESS_PERIOD: Duration = Duration::from_millis(100);

/// How a motion ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MotionEnd {
    /// Every step is done and everything that they started has ended.
    Done,
    /// It was canceled; the joints that it moved hold.
    Canceled,
    /// A move ended short of its goal or was refused. The other joints that the motion moved slow down.
    Failed {
        /// The step that started the move, from 1.
        step: u32,
        /// The step, its joints and what became of them.
        reason: String,
    },
}

impl fmt::Display for MotionEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Done => f.write_str("done"),
            Self::Canceled => f.write_str("canceled"),
            Self::Failed { reason, .. } => f.write_str(reason),
        }
    }
}

/// Plays `motion`, which was read for the robot of `servos`, until it ends or `cancel` does. `progress` is called at every
/// step, ten times a second in between, and at the end. Dropping the future slows the motion's joints down.
///
/// Needs a tokio runtime with a timer.
pub async fn play(
    servos: &ServoHandle,
    motion: &Motion,
    scale: SpeedScale,
    cancel: impl Future<Output = ()>,
    mut progress: impl FnMut(Progress),
) -> MotionEnd {
    let robot = Arc::clone(servos.robot());
    let mut player = Player::new(&robot, motion, scale);
    let mut moves = Moves::new(servos);
    let mut cancel = pin!(cancel);
    // A wait between two moves is no rest.
    let _awake = servos.keep_awake();
    let mut undisturbed = servos.interruption().count;
    let steps = player.progress(0.0).steps;
    let failed = |short: Short| {
        let Short { step, what } = short;
        MotionEnd::Failed { step, reason: format!("step {step} of {steps}: {what}") }
    };
    // A motion that is canceled before it begins moves nothing.
    let mut until = Until::Now;
    loop {
        let step = player.step();
        let share = |share| progress(player.progress(share));
        let waited = wait(servos, until, &mut moves, cancel.as_mut(), undisturbed, share).await;
        match waited {
            Ok(()) => {}
            Err(Interrupt::Ended(what)) => return failed(Short { step, what: what.to_owned() }),
            Err(Interrupt::Short(short)) => return failed(short),
            Err(Interrupt::Canceled) => {
                moves.cancel_all();
                moves.all_ended().await;
                return MotionEnd::Canceled;
            }
        }
        let positions: Vec<_> =
            servos.snapshots().borrow().joints.iter().map(|joint| joint.position).collect();
        let action = player.next(&positions);
        progress(player.progress(0.0));
        until = match action {
            Action::Start { request, wait } => match moves.start(request, player.step()) {
                Ok(id) if wait => Until::Ended(id),
                Ok(_) => Until::Now,
                Err(short) => return failed(short),
            },
            Action::Wait { seconds } => Until::Passed(Duration::from_secs_f64(seconds)),
            Action::Settle => Until::AllEnded,
            Action::PowerOff => match servos.power(false).await {
                Ok(()) => {
                    // That was this motion itself.
                    undisturbed += 1;
                    Until::Now
                }
                Err(error) => return failed(Short { step: player.step(), what: error.to_string() }),
            },
            Action::Done => return MotionEnd::Done,
        };
    }
}

/// When to go on.
#[derive(Debug, Clone, Copy)]
enum Until {
    Now,
    Passed(Duration),
    Ended(GoalId),
    AllEnded,
}

enum Interrupt {
    Canceled,
    Short(Short),
    /// Somebody ended every motion.
    Ended(&'static str),
}

async fn wait(
    servos: &ServoHandle,
    until: Until,
    moves: &mut Moves,
    mut cancel: Pin<&mut impl Future<Output = ()>>,
    undisturbed: u64,
    mut share: impl FnMut(f64),
) -> Result<(), Interrupt> {
    let begin = Instant::now();
    let time = if let Until::Passed(time) = until { time } else { Duration::ZERO };
    let mut passed = pin!(sleep(time));
    let mut look = interval(PROGRESS_PERIOD);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut yielded = false;
    poll_fn(|context| {
        if cancel.as_mut().poll(context).is_ready() {
            return Poll::Ready(Err(Interrupt::Canceled));
        }
        if let Some(short) = moves.poll(context) {
            return Poll::Ready(Err(Interrupt::Short(short)));
        }
        // Also one that ended nothing, because nothing moved: `look` has this looked at ten times a second.
        let interruption = servos.interruption();
        if interruption.count != undisturbed && moves.is_empty() {
            return Poll::Ready(Err(Interrupt::Ended(interruption.what)));
        }
        let over = match until {
            Until::Now => yielded,
            Until::Passed(_) => passed.as_mut().poll(context).is_ready(),
            Until::Ended(id) => !moves.is_running(id),
            Until::AllEnded => moves.is_empty(),
        };
        if over {
            return Poll::Ready(Ok(()));
        }
        if matches!(until, Until::Now) {
            // A motion may start thousands of moves in a row: others on this thread have their turn in between.
            yielded = true;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        while look.poll_tick(context).is_ready() {
            let snapshot = servos.snapshots().borrow().clone();
            share(match until {
                Until::Passed(time) => begin.elapsed().as_secs_f64() / time.as_secs_f64(),
                Until::Ended(id) => snapshot.progress(id).map_or(0.0, |goal| goal.progress),
                Until::Now | Until::AllEnded => moves.progress(&snapshot),
            });
        }
        Poll::Pending
    })
    .await
}
