use crate::servo_thread::{Move, ServoHandle};
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll};
use steve_core::arm::{ArmSnapshot, GoalId, MoveError, MoveRequest, ValidMove};

/// A move that ended short of its goal, or never began.
#[derive(Debug)]
pub(super) struct Short {
    /// The step that it belongs to.
    pub(super) step: u32,
    /// Its joints, and what became of them.
    pub(super) what: String,
}

/// A motion's moves that are under way. Dropping it cancels them.
#[derive(Debug)]
pub(super) struct Moves {
    servos: ServoHandle,
    running: Vec<Running>,
}

#[derive(Debug)]
struct Running {
    step: u32,
    request: MoveRequest,
    goal: Move,
}

impl Moves {
    pub(super) fn new(servos: &ServoHandle) -> Self {
        Self { servos: servos.clone(), running: Vec::new() }
    }

    /// Starts a move of `step`.
    ///
    /// Earlier moves that have some of its joints go on with the others. The arm would end them whole, as it does when
    /// somebody else takes a joint; so what is left of them starts anew.
    pub(super) fn start(&mut self, request: MoveRequest, step: u32) -> Result<GoalId, Short> {
        let valid = self.validate(&request, step)?;
        let takes = |joint: &str| request.moves.iter().any(|one| one.joint == joint);
        let mut left = Vec::new();
        for running in self.running.iter().filter(|running| running.has(takes)) {
            let rest = running.without(takes);
            if !rest.moves.is_empty() {
                left.push((self.validate(&rest, running.step)?, rest, running.step));
            }
        }
        // Their ends no longer matter: every joint of theirs has a new move.
        self.running.retain(|running| !running.has(takes));
        for (valid, rest, step) in left {
            self.begin(valid, rest, step);
        }
        Ok(self.begin(valid, request, step))
    }

    fn validate(&self, request: &MoveRequest, step: u32) -> Result<ValidMove, Short> {
        let refused = |error: MoveError| Short { step, what: format!("{}: {error}", names(request)) };
        self.servos.validate(request).map_err(refused)
    }

    fn begin(&mut self, valid: ValidMove, request: MoveRequest, step: u32) -> GoalId {
        let goal = self.servos.move_joints(valid);
        let id = goal.id;
        self.running.push(Running { step, request, goal });
        id
    }

    /// Takes out what has ended; the first that ended short is told.
    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> Option<Short> {
        let mut short = None;
        self.running.retain_mut(|running| {
            let Poll::Ready(outcome) = Pin::new(&mut running.goal).poll(context) else { return true };
            if !outcome.end.succeeded() && short.is_none() {
                let what = format!("{}: {}", names(&running.request), outcome.message);
                short = Some(Short { step: running.step, what });
            }
            false
        });
        short
    }

    pub(super) fn is_running(&self, id: GoalId) -> bool {
        self.running.iter().any(|running| running.goal.id == id)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.running.is_empty()
    }

    /// Of the move that is behind the others, 0 to 1.
    pub(super) fn progress(&self, snapshot: &ArmSnapshot) -> f64 {
        let goals = self.running.iter().filter_map(|running| snapshot.progress(running.goal.id));
        goals.fold(1.0, |least, goal| goal.progress.min(least))
    }

    /// Slows every joint down.
    pub(super) fn cancel_all(&self) {
        self.running.iter().for_each(|running| running.goal.cancel());
    }

    /// Until every joint holds, however its move ended.
    pub(super) async fn all_ended(&mut self) {
        poll_fn(|context| {
            self.poll(context);
            if self.is_empty() { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }
}

impl Drop for Moves {
    fn drop(&mut self) {
        self.cancel_all();
    }
}

impl Running {
    fn has(&self, takes: impl Fn(&str) -> bool) -> bool {
        self.request.moves.iter().any(|one| takes(&one.joint))
    }

    /// The request without those joints.
    fn without(&self, takes: impl Fn(&str) -> bool) -> MoveRequest {
        let mut rest = self.request.clone();
        rest.moves.retain(|one| !takes(&one.joint));
        rest
    }
}

fn names(request: &MoveRequest) -> String {
    let names: Vec<_> = request.moves.iter().map(|one| one.joint.as_str()).collect();
    names.join(", ")
}
