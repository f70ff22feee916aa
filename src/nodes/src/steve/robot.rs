//! The robot as its topics tell it: which joints there are and what they do.

use std::pin::pin;
use std::time::Duration;

use futures::future::{Either, select};
use r2r::QosProfile;
use r2r::rcl_interfaces::msg::ParameterType;
use r2r::rcl_interfaces::srv::GetParameters;
use r2r::sensor_msgs::msg::JointState;
use r2r::shaky_steve::msg::ArmState;
use tokio::sync::watch;
use tokio::time::timeout;

use super::connection::{Connection, Service, Setup};
use super::failure::Failure;
use super::kinds::Kinds;

/// Latched: the arm's state, with every joint.
const STATE: &str = "arm/state";
/// Setpoints and velocities, many times a second.
const JOINT_STATES: &str = "joint_states";
/// Where the arm tells which description it uses.
const PARAMETERS: &str = "arm/get_parameters";
/// How much longer than the state the parameters may take to be found.
const PARAMETERS_LATER: Duration = Duration::from_millis(500);

/// A robot that may still have to be found.
pub(super) struct Sought {
    state: watch::Receiver<Option<ArmState>>,
    moves: watch::Receiver<Option<JointState>>,
    parameters: Service<GetParameters::Service>,
}

impl Sought {
    /// Creates what tells about the robot.
    ///
    /// # Errors
    /// When ROS refuses it.
    pub(super) fn create(setup: &mut Setup<'_>) -> Result<Self, Failure> {
        let latched = QosProfile::default().keep_last(1).reliable().transient_local();
        Ok(Self {
            state: setup.latest(STATE, latched)?,
            moves: setup.latest(JOINT_STATES, QosProfile::default())?,
            parameters: setup.service(PARAMETERS)?,
        })
    }

    /// Waits for the robot.
    ///
    /// # Errors
    /// When there is none.
    pub(super) async fn find(self, connection: &mut Connection<'_>) -> Result<Robot, Failure> {
        let Self { mut state, moves, parameters } = self;
        let found = async {
            let arrived = pin!(async {
                // The sender lives in the spinning thread: when it goes, the connection says so.
                let _ = state.wait_for(Option::is_some).await;
            });
            match select(arrived, pin!(description(&parameters))).await {
                Either::Left(((), description)) => {
                    timeout(PARAMETERS_LATER, description).await.ok().flatten()
                }
                Either::Right((path, arrived)) => {
                    arrived.await;
                    path
                }
            }
        };
        let description = connection.find(STATE, found).await?;
        // Who serves no parameters is no arm of ours; its description could be anything.
        let kinds = description.map(|path| Kinds::load(&path)).unwrap_or_default();
        Ok(Robot { state, moves, kinds })
    }
}

/// The path of the description that the arm uses; none if it does not say.
async fn description(parameters: &Service<GetParameters::Service>) -> Option<String> {
    parameters.available().await.ok()?;
    let answer =
        parameters.request(&GetParameters::Request { names: vec!["robot".to_owned()] }).await.ok()?;
    let value = answer.values.into_iter().next()?;
    (value.type_ == ParameterType::PARAMETER_STRING as u8).then_some(value.string_value)
}

/// A robot that is there.
pub(super) struct Robot {
    state: watch::Receiver<Option<ArmState>>,
    moves: watch::Receiver<Option<JointState>>,
    /// Which of its joints turn and which slide.
    pub(super) kinds: Kinds,
}

impl Robot {
    /// The arm's state as told last.
    pub(super) fn state(&self) -> ArmState {
        self.state.borrow().clone().unwrap_or_default()
    }

    /// Waits for a state that is as wanted.
    pub(super) async fn wait_for_state(&mut self, wanted: impl Fn(&ArmState) -> bool) {
        if self.state.wait_for(|state| state.as_ref().is_some_and(&wanted)).await.is_err() {
            // The connection says why.
            std::future::pending::<()>().await;
        }
    }

    /// The last message of `joint_states`, if there was one.
    pub(super) fn joint_state(&self) -> Option<JointState> {
        self.moves.borrow().clone()
    }

    /// Waits for a message of `joint_states` that was not seen yet.
    pub(super) async fn next_joint_state(&mut self) {
        if self.moves.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// The joints' names, in the robot's order.
    pub(super) fn names(&self) -> Vec<String> {
        self.state().joints.into_iter().map(|joint| joint.name).collect()
    }

    /// Refuses what the arm would refuse, with the way out of it.
    ///
    /// # Errors
    /// When the emergency stop is latched.
    pub(super) fn check_may_move(&self) -> Result<(), Failure> {
        if self.state().emergency_stop {
            return Err(Failure::Refused(
                "the emergency stop is on; release it with `steve estop off`".to_owned(),
            ));
        }
        Ok(())
    }
}
