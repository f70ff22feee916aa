"""Names, namespaces, parameter files, other robots: the arm as launch files use it."""

import math
import pathlib

import pytest
from rclpy.qos import qos_profile_sensor_data
from sensor_msgs.msg import JointState
from shaky_steve.msg import ArmState

from harness import wait_until
from harness.client import LATCHED
from harness.steve import JOINTS

DATA = pathlib.Path(__file__).parent / "data"


@pytest.mark.parametrize("command", [("arm",), ("bringup",), ("bringup", "--nodes", "arm"), ("bringup", "--nodes=all")])
def test_the_arm_runs_from_its_own_executable_and_from_bringup(start, command):
    steve = start(*command).client()
    assert steve.move("torso", 0.1).status == "SUCCEEDED"


def test_every_name_of_the_interface_is_on_the_graph_with_its_type(arm):
    node = arm.node
    topics = {
        "/joint_states": "sensor_msgs/msg/JointState", "/arm/state": "shaky_steve/msg/ArmState",
        "/diagnostics": "diagnostic_msgs/msg/DiagnosticArray",
        "/arm/move_servo/_action/feedback": "shaky_steve/action/MoveServo_FeedbackMessage",
        "/arm/move_servo/_action/status": "action_msgs/msg/GoalStatusArray",
        "/arm/play_motion/_action/feedback": "shaky_steve/action/PlayMotion_FeedbackMessage",
        "/arm/play_motion/_action/status": "action_msgs/msg/GoalStatusArray", "/rosout": "rcl_interfaces/msg/Log",
        "/parameter_events": "rcl_interfaces/msg/ParameterEvent",
    }
    subscriptions = {
        "/arm/command": "sensor_msgs/msg/JointState", "/arm/joint_trajectory": "trajectory_msgs/msg/JointTrajectory",
    }
    services = {
        "/arm/stop": "std_srvs/srv/Trigger", "/arm/power": "std_srvs/srv/SetBool", "/arm/emergency_stop": "std_srvs/srv/SetBool",
        "/arm/move_servo/_action/send_goal": "shaky_steve/action/MoveServo_SendGoal",
        "/arm/move_servo/_action/cancel_goal": "action_msgs/srv/CancelGoal",
        "/arm/move_servo/_action/get_result": "shaky_steve/action/MoveServo_GetResult",
        "/arm/play_motion/_action/send_goal": "shaky_steve/action/PlayMotion_SendGoal",
        "/arm/play_motion/_action/cancel_goal": "action_msgs/srv/CancelGoal",
        "/arm/play_motion/_action/get_result": "shaky_steve/action/PlayMotion_GetResult",
        **{
            f"/arm/{name}": f"rcl_interfaces/srv/{kind}" for name, kind in {
                "list_parameters": "ListParameters", "get_parameters": "GetParameters", "set_parameters": "SetParameters",
                "set_parameters_atomically": "SetParametersAtomically", "describe_parameters": "DescribeParameters",
                "get_parameter_types": "GetParameterTypes",
            }.items()
        },
    }

    def missing(wanted, there):
        there = dict(there)
        return {name: there.get(name) for name, kind in wanted.items() if there.get(name) != [kind]}

    def all_there():
        return ("arm", "/") in arm.nodes() and not (
            missing(topics, node.get_publisher_names_and_types_by_node("arm", "/"))
            | missing(subscriptions, node.get_subscriber_names_and_types_by_node("arm", "/"))
            | missing(services, node.get_service_names_and_types_by_node("arm", "/"))
        )

    wait_until(all_there, "every name of interface.md")


def test_two_arms_of_the_same_name_in_two_namespaces_do_not_disturb_each_other(start, domain):
    left_process = start("arm", domain=domain, namespace="left", parameters={"state_rate": 20.0})
    right_process = start("bringup", "--nodes", "arm", domain=domain, namespace="lab/right")
    left, right = left_process.client(), right_process.client()

    goal = right.start("torso", -0.6, speed=0.8)
    assert left.move("torso", 0.3).status == "SUCCEEDED"
    assert left.stop().success
    left.command(elbow=0.2)
    left.wait_for_position("elbow", 0.2)
    assert left.emergency_stop(True).success
    assert left.cancel_goals().goals_canceling == []
    assert goal.result().status == "SUCCEEDED"

    assert list(left.fresh_joint_state().position) == pytest.approx([0.3, 0, 0.2, 0, 0, 0])
    assert list(right.fresh_joint_state().position) == pytest.approx([-0.6, 0, 0, 0, 0, 0])
    assert not right.state.last.emergency_stop

    left_process.end()
    assert right.move("torso", 0.0).status == "SUCCEEDED", "the other goes on"


def test_topics_and_services_can_be_remapped(start):
    process = start("arm", remaps={"joint_states": "shown/joints", "~/command": "/go", "~/state": "how_it_is"})
    steve = process.client(joint_states="/shown/joints", command="/go")
    steve.command(torso=0.2)
    steve.wait_for_position("torso", 0.2)
    assert steve.record(ArmState, "/how_it_is", LATCHED).last.powered
    published = dict(steve.node.get_publisher_names_and_types_by_node("arm", "/"))
    assert "/joint_states" not in published and "/arm/state" not in published


def test_the_node_can_be_renamed(start):
    process = start("arm", node="arm_two", remaps={"__node": "arm_two"})
    steve = process.client(node="arm_two")
    assert steve.move("torso", 0.1).status == "SUCCEEDED"
    assert steve.stop().success


PARAMETER_FILES = {
    "any node": "/**:\n  ros__parameters: {sim_start: unknown, state_rate: 25}\n",
    "by name": "arm:\n  ros__parameters: {sim_start: unknown, state_rate: 25.0}\n",
    "by full name": "/lab/arm:\n  ros__parameters:\n    sim_start: unknown\n    state_rate: 25.0\n",
    "by namespace": "/lab:\n  arm:\n    ros__parameters: {sim_start: unknown, state_rate: 25}\n",
}


@pytest.mark.parametrize("text", PARAMETER_FILES.values(), ids=PARAMETER_FILES.keys())
def test_a_parameter_file_is_taken(start, tmp_path, text):
    file = tmp_path / "arm.yaml"
    file.write_text(text)
    namespace = "" if text.startswith("arm:") else "lab"
    steve = start("arm", params_file=file, namespace=namespace).client()
    assert list(steve.joint_states.last.name) == [], "sim_start: unknown"


def test_the_command_line_beats_the_parameter_file(start, tmp_path):
    file = tmp_path / "arm.yaml"
    file.write_text("/**:\n  ros__parameters: {sim_start: unknown}\n")
    steve = start("arm", params_file=file, parameters={"sim_start": "home"}).client()
    assert list(steve.joint_states.last.name) == JOINTS


def test_another_robot_needs_a_yaml_and_no_code(start):
    steve = start("arm", parameters={"robot": str(DATA / "pan_tilt.yaml")}).client()
    assert list(steve.joint_states.last.name) == ["pan", "tilt"]
    goals = [steve.start("pan", -math.inf), steve.start("tilt", math.inf)]
    assert [goal.result().status for goal in goals] == ["SUCCEEDED"] * 2
    assert list(steve.fresh_joint_state().position) == pytest.approx([math.radians(-80), math.radians(60)])
    steve.command(pan=0.3, tilt=0.0)
    steve.wait_for_position("pan", 0.3)
    steve.wait_for_position("tilt", 0.0)
    assert steve.request("torso", 0.1) is None, "it has no torso"


def test_best_effort_subscribers_hear_joint_states(arm):
    assert arm.record(JointState, "/joint_states", qos_profile_sensor_data).last
