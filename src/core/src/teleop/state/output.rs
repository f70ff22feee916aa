use std::time::Duration;

use super::Teleop;
use crate::robot::{Joint, Limits};
use crate::teleop::{ArmSeen, HandSolver, HandTwist, Jog, Mode, Notice, POSITIONS_EVERY};

/// What each joint is to do, in the robot's order; `None`: nothing is said to it.
type Wish = Vec<Option<f64>>;

impl Teleop {
    /// The velocities to send now, if any: of the joints that are deflected, and 0 once for those that come to rest. `hand`
    /// moves the hand in Cartesian mode.
    pub fn poll(&mut self, now: Duration, hand: Option<&dyn HandSolver>) -> Option<Jog> {
        self.expire(now);
        let arm = self.arm.as_ref().filter(|arm| !arm.emergency_stop)?;
        for grip in &mut self.grips {
            grip.settle(now);
        }
        let mut wish = self.wish_of_grips();
        let mut by_hand = false;
        if self.may_move_by_axes() {
            match self.mode {
                Mode::Joint => self.add_joints(&mut wish),
                Mode::Cartesian => {
                    // Whatever the answer, it is not asked for again before the next period.
                    by_hand = true;
                    if let Err(notice) = self.add_hand(now, &mut wish, arm, hand) {
                        self.tell(notice);
                    }
                }
            }
        }
        let stops = self.moving.iter().zip(&wish).any(|(moving, wish)| *moving && wish.is_none());
        let goes = wish.iter().any(Option::is_some);
        let is_time = now >= self.next;
        if is_time && (goes || by_hand) {
            self.next = now.saturating_add(self.period);
        }
        let now_or_never = stops || (goes && is_time);
        if !now_or_never {
            return None;
        }
        let mut velocities = Vec::new();
        for ((joint, moving), wish) in self.robot.joints.iter().zip(&mut self.moving).zip(wish) {
            if let Some(velocity) = wish.or(moving.then_some(0.0)) {
                velocities.push((joint.name.clone(), velocity));
                *moving = velocity != 0.0;
            }
        }
        Some(Jog { velocities })
    }

    /// When to poll next, on the same time line as `now`; at once where that is over. `None`: after the next call of
    /// [`joy`](Self::joy), [`arm`](Self::arm) or [`lost`](Self::lost).
    pub fn due(&self, now: Duration) -> Option<Duration> {
        self.arm.as_ref().filter(|arm| !arm.emergency_stop)?;
        let mut wish = self.wish_of_grips();
        let by_hand = self.mode == Mode::Cartesian && self.may_move_by_axes();
        if self.may_move_by_axes() && self.mode == Mode::Joint {
            self.add_joints(&mut wish);
        }
        let stops = self.moving.iter().zip(&wish).any(|(moving, wish)| *moving && wish.is_none());
        if stops && !by_hand {
            return Some(now);
        }
        let goes = by_hand || wish.iter().any(Option::is_some);
        let loss = self.fresh_until.filter(|_| self.needs_input());
        goes.then_some(self.next).into_iter().chain(loss).min()
    }

    fn may_move_by_axes(&self) -> bool {
        self.fresh_until.is_some() && self.is_deflected() && self.obstacle().is_none()
    }

    fn wish_of_grips(&self) -> Wish {
        let mut wish = vec![None; self.robot.joints.len()];
        for grip in &self.grips {
            wish[grip.joint] = grip.velocity(&self.limits[grip.joint]);
        }
        wish
    }

    fn add_joints(&self, wish: &mut Wish) {
        for map in &self.profile.joints {
            let fastest = self.limits[map.joint].velocity;
            let speed = map.axis.speed(&self.values);
            if speed != 0.0 {
                wish[map.joint] = Some(speed.clamp(-fastest, fastest));
            }
        }
    }

    /// The joints that move the hand, all of them: whatever else one of them did would move it too.
    fn add_hand(
        &self,
        now: Duration,
        wish: &mut Wish,
        arm: &ArmSeen,
        hand: Option<&dyn HandSolver>,
    ) -> Result<(), Notice> {
        let hand = hand.ok_or(Notice::NoHand)?;
        let unknown = hand.joints().iter().filter(|joint| position(arm, **joint).is_none());
        let unknown: Vec<String> =
            unknown.filter_map(|joint| Some(self.robot.joints.get(*joint)?.name.clone())).collect();
        if !unknown.is_empty() {
            return Err(Notice::PositionUnknown { joints: unknown });
        }
        self.positions_are_new(now)?;
        // A joint that takes no part may be anywhere.
        let at = |index: usize, joint: &Joint| position(arm, index).unwrap_or(joint.home);
        let positions: Vec<f64> =
            self.robot.joints.iter().enumerate().map(|(index, joint)| at(index, joint)).collect();
        let velocities = hand.velocities(&positions, &self.twist());
        let share = share_within_limits(&self.limits, &velocities);
        for &joint in hand.joints() {
            if let (Some(wish), Some(velocity)) = (wish.get_mut(joint), velocities.get(joint)) {
                let fastest = self.limits[joint].velocity;
                let velocity = if share > 0.0 { velocity * share } else { 0.0 };
                *wish = wish.or(Some(velocity.clamp(-fastest, fastest)));
            }
        }
        Ok(())
    }

    /// Whether they come often enough. One alone tells nothing: an arm that tells seldom would be moved by fits and starts.
    fn positions_are_new(&self, now: Duration) -> Result<(), Notice> {
        let [last, before] = self.positions_at;
        let gap = |from: Option<Duration>, to: Duration| from.map(|from| to.saturating_sub(from));
        let age = gap(last, now);
        let often = last.and_then(|last| gap(before, last));
        if age.zip(often).is_some_and(|(age, often)| age.max(often) <= POSITIONS_EVERY) {
            Ok(())
        } else {
            Err(Notice::PositionsOld { age })
        }
    }

    fn twist(&self) -> HandTwist {
        let Some(axes) = self.profile.cartesian else { return HandTwist::default() };
        let speed = |axis: Option<crate::teleop::AxisMap>| axis.map_or(0.0, |axis| axis.speed(&self.values));
        HandTwist { linear: axes.linear.map(speed), turning: axes.turning.map(speed) }
    }
}

pub(super) fn position(arm: &ArmSeen, joint: usize) -> Option<f64> {
    arm.positions.get(joint).copied().flatten().filter(|position| position.is_finite())
}

/// What all velocities are to be multiplied with, so that none is above its limit and the hand's direction stays; 0 where
/// one is no number.
fn share_within_limits(limits: &[Limits], velocities: &[f64]) -> f64 {
    if velocities.iter().any(|velocity| !velocity.is_finite()) {
        return 0.0;
    }
    let shares = limits.iter().zip(velocities).map(|(limits, velocity)| limits.velocity / velocity.abs());
    shares.fold(1.0, f64::min)
}
