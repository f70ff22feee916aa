/// Where the joints of a trajectory shall be at one time. Lists are as long as the list of joints, or empty.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TrajectoryPoint {
    /// rad or m.
    pub positions: Vec<f64>,
    /// rad/s or m/s; in all points or in none.
    pub velocities: Vec<f64>,
    /// rad/s² or m/s²; in all points or in none, and only with velocities.
    pub accelerations: Vec<f64>,
    /// Has to be empty: servos have no torque control.
    pub effort: Vec<f64>,
    /// s, 0 or greater, greater than that of the point before.
    pub time_from_start: f64,
}

/// How far a joint may be off; each value 0 = the default, which is none; negative = none
/// (`control_msgs/msg/JointTolerance`).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct JointTolerance {
    /// The joint's name.
    pub joint: String,
    /// rad or m.
    pub position: f64,
    /// rad/s or m/s. Without effect: nothing measures a servo's velocity.
    pub velocity: f64,
    /// rad/s² or m/s². Without effect, as velocity.
    pub acceleration: f64,
}

/// A trajectory as the client wrote it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TrajectoryRequest {
    /// Names of some or all of the robot's joints, in any order.
    pub joints: Vec<String>,
    /// 1 to [`crate::trajectory::MAX_POINTS`].
    pub points: Vec<TrajectoryPoint>,
    /// Seconds from now until `time_from_start` 0 (`header.stamp`); negative: it began in the past; 0 for a zero stamp.
    pub start_in: f64,
    /// How far joints may be off on the way.
    pub path_tolerance: Vec<JointTolerance>,
    /// How far joints may be off at the end.
    pub goal_tolerance: Vec<JointTolerance>,
    /// How much later than planned the joints may arrive, s; 0 = the default, which is any time; negative = any time.
    pub goal_time_tolerance: f64,
}

/// Whether a trajectory on the topic means "stop": one without points does, as in ros2_controllers.
pub fn is_stop(request: &TrajectoryRequest) -> bool {
    request.points.is_empty()
}
