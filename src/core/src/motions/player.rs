use super::{Motion, SpeedScale, Step};
use crate::arm::{JointMove, MoveRequest};
use crate::easing::Easing;
use crate::motion::Eased;
use crate::robot::{Joint, Robot};

/// What to do next.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Start this move, which is within the robot's limits.
    Start {
        /// The joints, with the speed scale in their speeds.
        request: MoveRequest,
        /// Go on when all of them are there, else at once.
        wait: bool,
    },
    /// Go on after this time.
    Wait {
        /// 0 s or more.
        seconds: f64,
    },
    /// Go on when every move that was started has ended.
    Settle,
    /// Turn the whole arm limp.
    PowerOff,
    /// Nothing: the motion has ended.
    Done,
}

/// How far a motion is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress {
    /// The step being played, from 1; repeats count every time.
    pub step: u32,
    /// How many there are.
    pub steps: u32,
    /// 0 to 1 of the whole motion, every step counting alike. Never goes back; 1 when the motion has ended.
    pub fraction: f64,
}

/// Goes through the steps of a motion. No clock and no arm: [`Player::next`] tells what to do, and is asked again when that is
/// done.
#[derive(Debug, Clone)]
pub struct Player<'m> {
    robot: &'m Robot,
    motion: &'m Motion,
    scale: f64,
    /// With every repeat written out.
    steps: Vec<&'m Step>,
    /// How many of them are done or being done.
    begun: usize,
    /// Whether everything that was started is known to have ended.
    settled: bool,
    done: bool,
    /// The joints that the motion moves, in the robot's order.
    joints: Vec<usize>,
    saved: Vec<(&'m str, Vec<JointMove>)>,
    furthest: f64,
}

impl<'m> Player<'m> {
    /// At the start of a motion. `robot` is the one that the motion was read for.
    pub fn new(robot: &'m Robot, motion: &'m Motion, scale: SpeedScale) -> Self {
        let mut steps = Vec::new();
        write_out(motion.steps(), &mut steps);
        let moves = |joint: &Joint| {
            steps.iter().any(|step| match step {
                Step::Move { request, .. } => request.moves.iter().any(|one| one.joint == joint.name),
                _ => false,
            })
        };
        let joints = (0..robot.joints.len()).filter(|&index| moves(&robot.joints[index])).collect();
        Self {
            robot,
            motion,
            scale: scale.factor(),
            steps,
            begun: 0,
            settled: true,
            done: false,
            joints,
            saved: Vec::new(),
            furthest: 0.0,
        }
    }

    /// What comes next, once what the last call told is done. `positions` are those of the joints now, in the robot's
    /// order, none where unknown: a joint that nobody knew the place of is not brought back there.
    pub fn next(&mut self, positions: &[Option<f64>]) -> Action {
        while let Some(&step) = self.steps.get(self.begun) {
            if matches!(step, Step::PowerOff) && !self.settled {
                self.settled = true;
                return Action::Settle;
            }
            self.begun += 1;
            match step {
                Step::Move { request, wait } => {
                    self.settled = false;
                    return Action::Start { request: self.scaled(request.clone()), wait: *wait };
                }
                Step::Wait { seconds } => return Action::Wait { seconds: seconds / self.scale },
                Step::Save { name } => self.save(name, positions),
                Step::Restore { name, speed, easing, together } => {
                    let moves = self.restored(name, *speed, easing);
                    if !moves.is_empty() {
                        self.settled = false;
                        let unguarded = !self.motion.guarded();
                        let request = MoveRequest { moves, together: *together, unguarded };
                        return Action::Start { request: self.scaled(request), wait: true };
                    }
                }
                Step::PowerOff => return Action::PowerOff,
                // Written out by `write_out`.
                Step::Repeat { .. } => {}
            }
        }
        if !self.settled {
            self.settled = true;
            return Action::Settle;
        }
        self.done = true;
        Action::Done
    }

    /// The step being played, from 1; 0 before the first.
    pub fn step(&self) -> u32 {
        count(self.begun)
    }

    /// How far the motion is when the present step is done to `share`, 0 to 1.
    pub fn progress(&mut self, share: f64) -> Progress {
        let steps = self.steps.len().max(1);
        let before = self.begun.saturating_sub(1) as f64;
        let share = if self.begun == 0 || share.is_nan() { 0.0 } else { share.clamp(0.0, 1.0) };
        let fraction = if self.done { 1.0 } else { (before + share) / steps as f64 };
        self.furthest = self.furthest.max(fraction);
        Progress { step: self.step().max(1), steps: count(steps), fraction: self.furthest }
    }

    fn save(&mut self, name: &'m str, positions: &[Option<f64>]) {
        let place = |&index: &usize| {
            let position = positions.get(index).copied().flatten()?;
            let joint = self.robot.joints[index].name.clone();
            Some(JointMove { joint, position, ..JointMove::default() })
        };
        let places = self.joints.iter().filter_map(place).collect();
        self.saved.retain(|(earlier, _)| *earlier != name);
        self.saved.push((name, places));
    }

    fn restored(&self, name: &str, speed: f64, easing: &str) -> Vec<JointMove> {
        let saved = self.saved.iter().find(|(saved, _)| *saved == name);
        let places = saved.map(|(_, places)| places.iter()).into_iter().flatten();
        places.map(|place| JointMove { speed, easing: easing.to_owned(), ..place.clone() }).collect()
    }

    fn scaled(&self, mut request: MoveRequest) -> MoveRequest {
        for one in &mut request.moves {
            let joint = self.robot.joints.iter().find(|joint| joint.name == one.joint);
            let fastest = joint.map_or(f64::INFINITY, |joint| fastest(joint, &one.easing));
            one.speed = match one.speed {
                // As fast as the limits allow cannot become faster.
                0.0 if self.scale >= 1.0 => 0.0,
                0.0 => fastest * self.scale,
                // A speed that the joint cannot reach is the joint's: half of it shall be slower than all of it.
                speed => speed.min(fastest) * self.scale,
            };
        }
        request
    }
}

/// The greatest speed that a request makes a difference with.
fn fastest(joint: &Joint, easing: &str) -> f64 {
    let easing: Option<Easing> = easing.parse().ok();
    easing.map_or(joint.limits.velocity, |easing| Eased::fastest(easing, &joint.limits))
}

fn write_out<'m>(steps: &'m [Step], written: &mut Vec<&'m Step>) {
    for step in steps {
        match step {
            Step::Repeat { times, steps } => (0..*times).for_each(|_| write_out(steps, written)),
            _ => written.push(step),
        }
    }
}

fn count(steps: usize) -> u32 {
    u32::try_from(steps).unwrap_or(u32::MAX)
}
