"""~/gripper_cmd: the clamp as any gripper."""

import math
import pathlib

import pytest

import harness.control  # noqa: F401 - skips the module where there is no control_msgs
from control_msgs.action import FollowJointTrajectory, GripperCommand
from control_msgs.msg import GripperCommand as Command

from harness.action import Action


def grip(position, max_effort=0.0):
    return GripperCommand.Goal(command=Command(position=position, max_effort=max_effort))


@pytest.fixture
def gripper(arm):
    return Action(arm, GripperCommand, "gripper_cmd")


def test_the_clamp_opens_and_closes(arm, gripper):
    for position in (0.03, 0.012, 0.0):
        status, result = gripper.run(grip(position))
        assert (status, result.reached_goal, result.stalled, result.effort) == ("SUCCEEDED", True, False, 0.0)
        assert result.position == pytest.approx(position, abs=1e-9) == arm.position("clamp")


@pytest.mark.parametrize("max_effort", [5.0, -1.0, math.nan, math.inf])
def test_the_effort_is_not_looked_at(gripper, max_effort):
    status, result = gripper.run(grip(0.01, max_effort))
    assert (status, result.reached_goal) == ("SUCCEEDED", True)


def test_feedback_tells_where_the_clamp_is_on_its_way(gripper):
    goal = gripper.start(grip(0.03))
    assert goal.result()[0] == "SUCCEEDED"
    positions = [feedback.position for feedback in goal.feedback]
    assert positions and positions == sorted(positions) and all(0.0 <= position <= 0.03 for position in positions)
    assert not any(feedback.reached_goal or feedback.stalled or feedback.effort for feedback in goal.feedback)


@pytest.mark.parametrize(
    ("position", "words"),
    [
        (0.04, ["clamp", "0.04", "0.03"]), (-0.01, ["clamp", "-0.01"]), (15.0, ["clamp", "15"]),
        (math.nan, ["command.position", "NaN"]), (math.inf, ["command.position", "inf"]),
    ],
)
def test_a_width_that_cannot_be_is_rejected_with_the_reason(arm, shared_arm, gripper, position, words):
    gripper.rejects(shared_arm, grip(position), "gripper_cmd", *words)
    assert arm.position("clamp") == 0.0


def test_an_emergency_stop_rejects_it(arm, shared_arm, gripper):
    arm.emergency_stop(True)
    gripper.rejects(shared_arm, grip(0.01), "gripper_cmd", "emergency stop")


def test_a_cancelled_grip_holds_where_it_is(arm, gripper):
    goal = gripper.start(grip(0.03))
    arm.wait_for_motion("clamp", arm.joint_states.mark())
    goal.cancel()
    status, result = goal.result()
    assert (status, result.reached_goal) == ("CANCELED", False)
    assert 0.0 < result.position < 0.03
    assert arm.position("clamp") == result.position


def test_a_newer_goal_of_any_kind_preempts_it(arm, gripper):
    goal = gripper.start(grip(0.03))
    arm.wait_for_motion("clamp", arm.joint_states.mark())
    assert arm.move("clamp", 0.0).status == "SUCCEEDED"
    status, result = goal.result()
    assert (status, result.reached_goal) == ("ABORTED", False)
    assert result.position < 0.03


def test_a_robot_without_the_joint_has_no_such_action(start):
    robot = pathlib.Path(__file__).parent / "data" / "pan_tilt.yaml"
    steve = start("arm", parameters={"robot": str(robot)}).client()
    steve.action(FollowJointTrajectory, "/arm/follow_joint_trajectory")
    names = dict(steve.node.get_service_names_and_types())
    assert "/arm/move_servo/_action/send_goal" in names
    assert "/arm/gripper_cmd/_action/send_goal" not in names
