//! `steve status`: the robot at this moment, for people and as JSON. `steve watch` shows the same again and again.

use std::fmt;
use std::time::Duration;

use r2r::sensor_msgs::msg::JointState;
use r2r::shaky_steve::msg::{ArmState, ServoState};
use r2r::std_msgs::msg::Header;
use serde::{Serialize, Serializer};
use steve_core::robot::JointKind;
use tokio::time::timeout;

use super::Session;
use super::connection::Setup;
use super::failure::Failure;
use super::kinds::Kinds;
use super::robot::Sought;
use super::units::{show_position, show_speed};

/// `joint_states` come once a second at least.
const NEXT_JOINT_STATE: Duration = Duration::from_millis(1200);

/// The robot at one moment; SI units.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Status {
    /// Seconds since 1970, of the newest message.
    stamp: f64,
    powered: bool,
    moving: bool,
    emergency_stop: bool,
    joints: Vec<JointStatus>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct JointStatus {
    name: String,
    #[serde(serialize_with = "kind_name")]
    kind: Option<JointKind>,
    /// Null while unknown, as the goal.
    position: f64,
    velocity: f64,
    goal: f64,
    powered: bool,
    moving: bool,
    message: String,
}

fn kind_name<S: Serializer>(kind: &Option<JointKind>, serializer: S) -> Result<S::Ok, S::Error> {
    kind.map(JointKind::as_str).serialize(serializer)
}

/// Prints it.
pub(super) async fn run(session: &Session) -> Result<(), Failure> {
    let mut setup = Setup::new(session)?;
    let sought = Sought::create(&mut setup)?;
    let mut connection = setup.connect()?;
    let mut robot = sought.find(&mut connection).await?;
    let state = robot.state();
    if state.moving {
        // Only these tell where a joint on its way is; without them the rest is true all the same.
        let _ = connection.until_interrupted(timeout(NEXT_JOINT_STATE, robot.next_joint_state())).await?;
    }
    let moves = robot.joint_state().filter(|_| state.moving);
    session.console.tell(&Status::new(&state, moves.as_ref(), &robot.kinds))
}

impl Status {
    /// From the arm's state and, where something moves, from `joint_states`, which are newer.
    pub(super) fn new(state: &ArmState, moves: Option<&JointState>, kinds: &Kinds) -> Self {
        let joint = |joint: &ServoState| {
            let index = moves.and_then(|moves| moves.name.iter().position(|name| *name == joint.name));
            let of = |values: fn(&JointState) -> &Vec<f64>| values(moves?).get(index?).copied();
            let told = if joint.position_known { joint.position } else { f64::NAN };
            JointStatus {
                name: joint.name.clone(),
                kind: kinds.of(&joint.name),
                position: of(|moves| &moves.position).unwrap_or(told),
                velocity: of(|moves| &moves.velocity).unwrap_or(0.0),
                goal: joint.goal,
                powered: joint.powered,
                moving: joint.moving,
                message: joint.message.clone(),
            }
        };
        let header = moves.map_or(&state.header, |moves| &moves.header);
        Self {
            stamp: seconds(header),
            powered: state.powered,
            moving: state.moving,
            emergency_stop: state.emergency_stop,
            joints: state.joints.iter().map(joint).collect(),
        }
    }

    /// On one line: time and positions.
    pub(super) fn line(&self) -> String {
        let mut line = format!("{:.3}", self.stamp);
        for joint in &self.joints {
            line.push_str(&format!("  {} {}", joint.name, show_position(joint.position, joint.kind)));
        }
        line
    }
}

fn seconds(header: &Header) -> f64 {
    f64::from(header.stamp.sec) + f64::from(header.stamp.nanosec) * 1e-9
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let power = if self.powered { "on" } else { "off" };
        let moving = if self.moving { ", moving" } else { "" };
        write!(f, "power {power}{moving}")?;
        if self.emergency_stop {
            f.write_str(", EMERGENCY STOP: nothing moves until `steve estop off`")?;
        }
        let rows: Vec<[String; 4]> = self.joints.iter().map(JointStatus::cells).collect();
        let header = ["joint", "position", "goal", "power"].map(str::to_owned);
        let width = |column: usize| {
            rows.iter().chain([&header]).map(|row| row[column].chars().count()).max().unwrap_or(0)
        };
        let (name, position, goal) = (width(0), width(1), width(2));
        for [a, b, c, d] in [&header].into_iter().chain(&rows) {
            write!(f, "\n{a:name$}  {b:>position$}  {c:>goal$}  {d}")?;
        }
        Ok(())
    }
}

impl JointStatus {
    fn cells(&self) -> [String; 4] {
        let mut state = if self.powered { "on" } else { "off" }.to_owned();
        if self.moving {
            state.push_str(&format!(", moving {}", show_speed(self.velocity, self.kind)));
        }
        // What the other columns say already is left out.
        if !["", "reached", "powered off"].contains(&self.message.as_str()) {
            state.push_str(&format!(" ({})", self.message));
        }
        [
            self.name.clone(),
            show_position(self.position, self.kind),
            show_position(self.goal, self.kind),
            state,
        ]
    }
}

#[cfg(test)]
mod tests {
    use std::f64::consts::FRAC_PI_4;

    use r2r::builtin_interfaces::msg::Time;

    use super::*;

    fn status(moves: Option<&JointState>) -> Status {
        let torso = ServoState {
            name: "torso".into(),
            powered: true,
            position_known: true,
            position: 0.1,
            goal: FRAC_PI_4,
            moving: true,
            ..Default::default()
        };
        let clamp = ServoState {
            name: "clamp".into(),
            goal: f64::NAN,
            message: "never moved".into(),
            ..Default::default()
        };
        let state =
            ArmState { powered: true, moving: true, joints: vec![torso, clamp], ..Default::default() };
        let kinds = Kinds::from_iter([("torso", JointKind::Revolute), ("clamp", JointKind::Prismatic)]);
        Status::new(&state, moves, &kinds)
    }

    fn moves() -> JointState {
        JointState {
            header: Header { stamp: Time { sec: 12, nanosec: 500_000_000 }, frame_id: String::new() },
            name: vec!["torso".into()],
            position: vec![0.5],
            velocity: vec![0.25],
            effort: vec![],
        }
    }

    #[test]
    fn the_table_has_a_row_a_joint_in_its_unit() {
        assert_eq!(
            status(Some(&moves())).to_string(),
            "power on, moving\n\
             joint  position      goal  power\n\
             torso  28.6 deg  45.0 deg  on, moving 14.3 deg/s\n\
             clamp   unknown   unknown  off (never moved)"
        );
    }

    #[test]
    fn an_emergency_stop_is_told_with_the_way_out() {
        let state = ArmState { emergency_stop: true, ..Default::default() };
        let text = Status::new(&state, None, &Kinds::default()).to_string();
        assert!(text.contains("EMERGENCY STOP") && text.contains("steve estop off"), "{text}");
    }

    #[test]
    fn joint_states_are_newer_than_the_state() {
        assert_eq!(status(None).joints[0].position, 0.1);
        let now = status(Some(&moves()));
        assert_eq!((now.joints[0].position, now.joints[0].velocity, now.stamp), (0.5, 0.25, 12.5));
        assert!(now.joints[1].position.is_nan());
    }

    #[test]
    fn json_has_si_units_and_null_for_the_unknown() {
        let json = serde_json::to_value(status(Some(&moves()))).unwrap();
        assert_eq!(json["joints"][0]["position"], 0.5);
        assert_eq!(json["joints"][0]["kind"], "revolute");
        assert!(json["joints"][1]["position"].is_null() && json["joints"][1]["goal"].is_null());
    }

    #[test]
    fn one_line_has_time_and_positions() {
        assert_eq!(status(Some(&moves())).line(), "12.500  torso 28.6 deg  clamp unknown");
    }
}
