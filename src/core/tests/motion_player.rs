//! What a player tells to do, in which order.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a panic here is a failing test")]

use steve_core::arm::MoveRequest;
use steve_core::motions::{Action, Motion, Motions, Player, SpeedScale};
use steve_core::robot::Robot;

const STEVE: &str = include_str!("../../../config/steve.yaml");
const MOTIONS: &str = include_str!("../../../config/motions.yaml");

fn robot() -> Robot {
    Robot::from_yaml(STEVE, "steve.yaml").unwrap()
}

fn read(steps: &str) -> Motion {
    let text = format!("test:\n  steps: [{steps}]");
    let motions =
        Motions::from_yaml(&text, "test.yaml", &robot()).unwrap_or_else(|errors| panic!("{errors}"));
    motions.get("test").unwrap().clone()
}

fn shipped(name: &str) -> Motion {
    Motions::from_yaml(MOTIONS, "motions.yaml", &robot()).unwrap().get(name).unwrap().clone()
}

/// An arm that is there at once, and a record of what it was told.
struct Bench {
    robot: Robot,
    positions: Vec<Option<f64>>,
    told: Vec<Action>,
}

impl Bench {
    fn new() -> Self {
        let robot = robot();
        let positions = robot.joints.iter().map(|joint| Some(joint.home)).collect();
        Self { robot, positions, told: Vec::new() }
    }

    fn play(&mut self, motion: &Motion, scale: f64) {
        let robot = self.robot.clone();
        let mut player = Player::new(&robot, motion, SpeedScale::new(scale).unwrap());
        loop {
            let action = player.next(&self.positions);
            if let Action::Start { request, .. } = &action {
                for one in &request.moves {
                    self.positions[robot.joint_index(&one.joint).unwrap()] = Some(one.position);
                }
            }
            self.told.push(action.clone());
            if action == Action::Done {
                return;
            }
        }
    }

    fn requests(&self) -> Vec<&MoveRequest> {
        let starts = self.told.iter().filter_map(|action| match action {
            Action::Start { request, .. } => Some(request),
            _ => None,
        });
        starts.collect()
    }

    /// (joint, speed) of every move.
    fn speeds(&self) -> Vec<(&str, f64)> {
        let moves = self.requests().into_iter().flat_map(|request| &request.moves);
        moves.map(|one| (one.joint.as_str(), one.speed)).collect()
    }

    /// What it was told, in words.
    fn script(&self) -> String {
        let words = self.told.iter().map(|action| match action {
            Action::Start { request, wait } => {
                let joints: Vec<_> = request.moves.iter().map(|one| one.joint.as_str()).collect();
                format!("{} {}", if *wait { "move" } else { "start" }, joints.join("+"))
            }
            Action::Wait { seconds } => format!("wait {seconds}"),
            Action::Settle => "settle".to_owned(),
            Action::PowerOff => "off".to_owned(),
            Action::Done => "done".to_owned(),
        });
        words.collect::<Vec<_>>().join(", ")
    }
}

fn played(motion: &Motion, scale: f64) -> Bench {
    let mut bench = Bench::new();
    bench.play(motion, scale);
    bench
}

#[test]
fn steps_come_in_order_and_the_end_waits_for_what_was_started() {
    let bench = played(&shipped("wake_up"), 1.0);
    assert_eq!(
        bench.script(),
        "start shoulder+elbow, wait 0.3, move wrist_ud+wrist_lr+clamp+torso, settle, done"
    );
    assert_eq!(played(&read("wait: 1"), 1.0).script(), "wait 1, done");
}

#[test]
fn power_goes_off_when_everything_has_settled() {
    let bench = played(&shipped("sleep"), 1.0);
    assert_eq!(
        bench.script(),
        "move wrist_lr, move clamp+torso+shoulder+elbow, move wrist_ud, settle, off, done"
    );
    assert!(bench.requests().iter().all(|request| request.unguarded));
    let bench = played(&read("power: off, start: {torso: 1}, power: off, wait: 1"), 1.0);
    assert_eq!(bench.script(), "off, start torso, settle, off, wait 1, done");
}

#[test]
fn repeats_repeat_also_within_repeats() {
    let motion = read("{repeat: 2, steps: [wait: 1, {repeat: 3, steps: [wait: 2]}]}, wait: 3");
    assert_eq!(
        played(&motion, 1.0).script(),
        "wait 1, wait 2, wait 2, wait 2, wait 1, wait 2, wait 2, wait 2, wait 3, done"
    );
}

#[test]
fn restore_brings_every_joint_back_to_where_it_was() {
    let mut bench = Bench::new();
    let before: Vec<_> = [0.3, 0.2, -0.1, 0.5, -0.5, 0.011].map(Some).to_vec();
    bench.positions.clone_from(&before);
    bench.play(&shipped("high_five"), 1.0);
    assert_eq!(bench.positions, before);
    assert!(bench.script().ends_with(
        "start clamp, wait 0.2, start clamp, wait 0.2, move torso+shoulder+elbow+wrist_ud+wrist_lr+clamp, settle, done"
    ));
    assert_eq!(bench.script().matches("start clamp, wait 0.2").count(), 10);
}

#[test]
fn restore_leaves_joints_alone_that_the_motion_does_not_move_or_nobody_knew_the_place_of() {
    let motion = read("save: here, move: {torso: 10, elbow: 10}, restore: here");
    let mut bench = Bench::new();
    bench.positions[2] = None;
    bench.play(&motion, 1.0);
    assert_eq!(bench.script(), "move torso+elbow, move torso, settle, done");
    let mut bench = Bench::new();
    bench.positions.fill(None);
    bench.play(&motion, 1.0);
    assert_eq!(bench.script(), "move torso+elbow, settle, done");
}

#[test]
fn a_later_save_of_the_same_name_replaces_the_earlier_and_other_names_are_kept() {
    let steps = "save: a, save: b, move: {torso: 10}, save: a, move: {torso: 20}, restore: a, restore: b";
    let bench = played(&read(steps), 1.0);
    let positions: Vec<_> =
        bench.requests().iter().map(|request| request.moves[0].position.to_degrees().round()).collect();
    assert_eq!(positions, [10.0, 20.0, 10.0, 0.0]);
}

#[test]
fn restore_has_speed_easing_and_together_of_its_own() {
    let steps = "save: a, move: {torso: 10}, {restore: a, speed: 0.5, easing: linear, together: true}";
    let bench = played(&read(steps), 1.0);
    let last = bench.requests()[1];
    assert_eq!((last.moves[0].speed, last.moves[0].easing.as_str(), last.together), (0.5, "linear", true));
}

const MOVES: &str = "{move: {torso: 1, clamp: 0.01}, speed: 1}, move: {elbow: 1}, wait: 2";

#[test]
fn a_scale_below_1_slows_down_every_speed_and_stretches_waits() {
    let bench = played(&read(MOVES), 0.5);
    // The clamp cannot do 1 m/s: half of the 0.1 m/s it can do. The elbow goes at half its greatest speed.
    assert_eq!(bench.speeds(), [("torso", 0.5), ("clamp", 0.15), ("elbow", 2.5)]);
    assert!(bench.script().contains("wait 4"), "{}", bench.script());
}

#[test]
fn a_scale_above_1_speeds_up_what_is_slower_than_the_limits() {
    let bench = played(&read(MOVES), 2.0);
    assert_eq!(bench.speeds(), [("torso", 2.0), ("clamp", 0.6), ("elbow", 0.0)]);
    assert!(bench.script().contains("wait 1"), "{}", bench.script());
}

#[test]
fn a_scale_of_1_changes_nothing_but_what_the_joint_cannot_do() {
    let bench = played(&read(MOVES), 0.0);
    assert_eq!(bench.speeds(), [("torso", 1.0), ("clamp", 0.3), ("elbow", 0.0)]);
}

#[test]
fn an_easing_as_fast_as_the_limits_allow_takes_twice_the_time_at_half_the_scale() {
    let motion = read("{move: {torso: 10}, easing: in_out_quad}");
    // Its steepest part is twice as fast as its mean, so that the mean is 2.5 of 5 rad/s at most.
    assert_eq!(played(&motion, 0.5).speeds(), [("torso", 1.25)]);
    assert_eq!(played(&motion, 1.0).speeds(), [("torso", 0.0)]);
}

#[test]
fn progress_never_goes_back_and_ends_at_1() {
    for name in ["wake_up", "sleep", "high_five", "point_up"] {
        let (robot, motion) = (robot(), shipped(name));
        let mut player = Player::new(&robot, &motion, SpeedScale::default());
        let first = player.progress(0.0);
        assert_eq!((first.step, first.fraction), (1, 0.0), "{name}");
        let mut last = first;
        while player.next(&[Some(0.0); 6]) != Action::Done {
            for share in [0.0, 0.7, 0.3, f64::NAN, -1.0, 2.0] {
                let now = player.progress(share);
                assert!(now.fraction >= last.fraction && now.step >= last.step, "{name}: {last:?}, {now:?}");
                assert_eq!(now.steps, first.steps);
                last = now;
            }
        }
        let end = player.progress(0.0);
        assert_eq!((end.step, end.fraction), (first.steps, 1.0), "{name}");
    }
}

#[test]
fn progress_is_the_share_of_steps_that_are_done() {
    let (robot, motion) = (robot(), read("wait: 1, {repeat: 2, steps: [wait: 1]}, wait: 1"));
    let mut player = Player::new(&robot, &motion, SpeedScale::default());
    let mut shares = Vec::new();
    while player.next(&[]) != Action::Done {
        let progress = player.progress(0.5);
        shares.push((progress.step, progress.steps, progress.fraction));
    }
    assert_eq!(shares, [(1, 4, 0.125), (2, 4, 0.375), (3, 4, 0.625), (4, 4, 0.875)]);
}
