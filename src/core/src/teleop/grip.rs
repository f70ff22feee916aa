use std::time::Duration;

use super::GripMap;
use crate::robot::Limits;

/// So much longer than the whole travel takes may a joint go on whose position does not tell that it is there.
const MARGIN: Duration = Duration::from_millis(500);
/// The end of the travel is reached within this share of it.
const NEAR: f64 = 0.005;

/// A joint that buttons move.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Grip {
    /// The joint's index.
    pub(super) joint: usize,
    state: State,
    /// Where the joint is on this way, so far as it is known.
    way: Way,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum State {
    Still,
    Held { button: usize, map: GripMap },
    Released { velocity: f64, until: Duration },
}

/// What is known of a position may be older than the press of the button. So a joint is taken to be at the end of its travel
/// only if it was seen elsewhere on the way there.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Way {
    Unknown,
    Seen,
    Done,
}

impl Grip {
    pub(super) fn new(joint: usize) -> Self {
        Self { joint, state: State::Still, way: Way::Unknown }
    }

    pub(super) fn press(&mut self, button: usize, map: GripMap) {
        self.set(State::Held { button, map });
    }

    /// Only the button that holds it lets go of it.
    pub(super) fn release(&mut self, now: Duration, button: usize, limits: &Limits) {
        let State::Held { button: held, map } = self.state else { return };
        if held != button {
            return;
        }
        if map.released == 0.0 {
            self.stop();
            return;
        }
        let speed = map.released.abs().min(limits.velocity);
        let travel = Duration::try_from_secs_f64((limits.upper - limits.lower) / speed);
        let until = now.saturating_add(travel.unwrap_or_default()).saturating_add(MARGIN);
        self.set(State::Released { velocity: map.released, until });
    }

    pub(super) fn stop(&mut self) {
        self.set(State::Still);
    }

    pub(super) fn is_held(&self) -> bool {
        matches!(self.state, State::Held { .. })
    }

    pub(super) fn is_still(&self) -> bool {
        self.state == State::Still
    }

    /// Where the joint was seen.
    pub(super) fn see(&mut self, limits: &Limits, position: Option<f64>) {
        let (Some(position), Some(wish)) = (position, self.wish()) else { return };
        let near = NEAR * (limits.upper - limits.lower);
        let there =
            if wish > 0.0 { position >= limits.upper - near } else { position <= limits.lower + near };
        self.way = match self.way {
            _ if !there => Way::Seen,
            Way::Seen => Way::Done,
            way => way,
        };
    }

    /// Ends what is done.
    pub(super) fn settle(&mut self, now: Duration) {
        if let State::Released { until, .. } = self.state
            && (now >= until || self.way == Way::Done)
        {
            self.stop();
        }
    }

    /// Not faster than the joint; `None` at rest and at the end of the travel.
    pub(super) fn velocity(&self, limits: &Limits) -> Option<f64> {
        let wish = self.wish().filter(|_| self.way != Way::Done)?;
        Some(wish.clamp(-limits.velocity, limits.velocity))
    }

    fn wish(&self) -> Option<f64> {
        match self.state {
            State::Still => None,
            State::Held { map, .. } => Some(map.held),
            State::Released { velocity, .. } => Some(velocity),
        }
    }

    fn set(&mut self, state: State) {
        self.state = state;
        self.way = Way::Unknown;
    }
}
