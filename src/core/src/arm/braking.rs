//! The guard while joints move: in every tick it is known how everything can come to rest without a contact.

use super::goals::Ending;
use super::guarding::{lower, pose};
use super::plan::Motions;
use super::{Arm, Guarding, MoveEnd};
use crate::guard::{Contact, Watch};
use crate::motion::JointMotion;
use crate::robot::Robot;
use std::borrow::Cow;

/// A tick is looked at this often, s, and more closely where something is near.
const STEP: f64 = 0.01;

/// A jog from rest that would touch something this soon does not begin, s: it would begin again with every command.
const JOG_AHEAD: f64 = 0.04;

/// No brake lasts longer, s; of one that does only so much is looked at in a tick, and the rest in those that follow.
const LONGEST_BRAKE: f64 = 5.0;

/// And in no more ticks than this.
const MOST_BRAKE_TICKS: f64 = 5000.0;

/// One tick: the servos go straight to their new places.
fn pass_tick(watch: &mut Watch<'_>, from: &[f64], to: &[f64], step: f64) -> Result<(), Contact> {
    let pieces = (step / STEP).ceil().max(1.0);
    let mut last = from.to_vec();
    let mut next = Vec::with_capacity(from.len());
    for piece in 1..=pieces as usize {
        let share = piece as f64 / pieces;
        next.clear();
        next.extend(from.iter().zip(to).map(|(from, to)| from + share * (to - from)));
        watch.pass_straight(&last, &next)?;
        std::mem::swap(&mut last, &mut next);
    }
    Ok(())
}

impl Guarding {
    /// How the joints, having come from `from` in `step` seconds, come to rest, if neither touches anything. The brake is
    /// looked at as it will be: with the setpoint of a tick every `period` seconds.
    fn check_brake(
        &self,
        robot: &Robot,
        from: &Motions,
        mut motions: Motions,
        step: f64,
        period: f64,
    ) -> Result<Motions, Contact> {
        let (mut last, mut now) = (Vec::new(), Vec::new());
        pose(robot, from, &mut last);
        let mut watch = self.guard.watch(self.rule, &last);
        pose(robot, &motions, &mut now);
        pass_tick(&mut watch, &last, &now, step)?;
        motions.iter_mut().flatten().for_each(JointMotion::stop);
        let brake = motions.clone();
        // Of several poses that are too low the lowest is told.
        let mut worst: Option<Contact> = None;
        for _ in 0..(LONGEST_BRAKE / period).ceil().min(MOST_BRAKE_TICKS) as usize {
            let mut moving = false;
            for motion in motions.iter_mut().flatten() {
                motion.advance(period);
                moving |= motion.is_moving();
            }
            std::mem::swap(&mut last, &mut now);
            pose(robot, &motions, &mut now);
            if let Err(contact) = pass_tick(&mut watch, &last, &now, period) {
                worst = Some(worst.map_or(contact.clone(), |worst| lower(worst, contact)));
            }
            if !moving {
                break;
            }
        }
        worst.map_or(Ok(brake), Err)
    }
}

impl Arm {
    /// What a joint that rests would touch if it began to jog.
    pub(super) fn jog_would_touch(&self, joint: usize, jogs: &Motions) -> Option<Contact> {
        let guarding = self.guarding.as_ref().filter(|_| !self.joints[joint].is_moving())?;
        let before = self.motions();
        let mut motions = before.clone();
        motions[joint].clone_from(&jogs[joint]);
        for motion in motions.iter_mut().flatten() {
            motion.advance(JOG_AHEAD);
        }
        guarding.check_brake(&self.robot, &before, motions, JOG_AHEAD, self.period).err()
    }

    /// Lets all joints go on by `step` seconds, unless they could then no longer come to rest before desk or torso. In that
    /// case those come to rest from here that have to: one that jogs, all that jog, or everything. What is exempt from the
    /// guard goes on.
    ///
    /// That everything can come to rest from here was seen a tick before. It is done just so, whatever began since and
    /// however late this tick is: another brake, or the same one in longer steps, would be another way, and could touch
    /// what that one passes by. What is exempt goes on by no more than a usual tick then, as the look ahead had it, and
    /// is that much later.
    pub(super) fn advance(&mut self, step: f64) {
        let foreseen = self.brake.take();
        let guarded: Vec<usize> = (0..self.joints.len())
            .filter(|&joint| self.joints[joint].is_on_its_way() && !self.joints[joint].is_unguarded())
            .collect();
        if let Some(guarding) = self.guarding.clone().filter(|_| !guarded.is_empty()) {
            match self.brake_after(&guarding, &[], step) {
                Ok(brake) => self.brake = Some(brake),
                Err(contact) => return self.evade(&guarding, &contact, &guarded, foreseen.as_ref(), step),
            }
        }
        self.joints.iter_mut().for_each(|joint| joint.advance(step));
    }

    /// As [`Self::advance`], if going on would lead to a contact.
    fn evade(
        &mut self,
        guarding: &Guarding,
        contact: &Contact,
        guarded: &[usize],
        foreseen: Option<&Motions>,
        step: f64,
    ) {
        let ending = Ending { end: MoveEnd::Guard, reason: format!("guard: {contact}") };
        let jogs = |&joint: &usize| self.joints[joint].motion.as_ref().is_some_and(JointMotion::is_jogging);
        let jogging: Vec<usize> = guarded.iter().copied().filter(jogs).collect();
        let one = jogging.iter().map(std::slice::from_ref);
        let mut fewest = one.chain([&jogging[..], guarded]);
        let free = fewest.find_map(|stop| Some((stop, self.brake_after(guarding, stop, step).ok()?)));
        if let Some((stop, brake)) = free {
            self.stop_these(stop, &ending);
            self.brake = Some(brake);
            self.joints.iter_mut().for_each(|joint| joint.advance(step));
            return;
        }
        self.stop_these(guarded, &ending);
        for &index in guarded {
            let brake = foreseen.and_then(|brake| brake[index].as_ref());
            let joint = &mut self.joints[index];
            // One that was held since brakes no more.
            let same = brake.filter(|brake| {
                brake.is_moving() && joint.motion.as_ref().is_some_and(|m| m.setpoint() == brake.setpoint())
            });
            if let Some(brake) = same {
                joint.motion = Some(brake.clone());
            }
        }
        let step = step.min(self.period);
        self.joints.iter_mut().for_each(|joint| joint.advance(step));
        self.brake = Some(self.motions());
    }

    /// How all come to rest if these joints begin to now, and the others a tick later; or what is touched.
    fn brake_after(&self, guarding: &Guarding, stop: &[usize], step: f64) -> Result<Motions, Contact> {
        let before = self.motions();
        let mut after = before.clone();
        for (index, (motion, joint)) in after.iter_mut().zip(&self.joints).enumerate() {
            let Some(motion) = motion else { continue };
            if stop.contains(&index) {
                motion.stop();
            }
            motion.advance(if joint.waits() { 0.0 } else { step });
        }
        guarding.check_brake(&self.robot, &before, after, step, self.period)
    }

    fn stop_these(&mut self, joints: &[usize], ending: &Ending) {
        for &joint in joints {
            match self.joints[joint].goal_id {
                Some(goal) => self.end_goal(goal, ending.clone()),
                None => self.joints[joint].slow_down(Cow::Owned(ending.reason.clone())),
            }
        }
        self.changed = true;
    }
}
