"""~/follow_joint_trajectory: trajectories as MoveIt and every client of the joint_trajectory_controller send them."""

import math
import time

import pytest

import harness.control  # noqa: F401 - skips the module where there is no control_msgs
from control_msgs.action import FollowJointTrajectory
from control_msgs.msg import JointComponentTolerance, JointTolerance
from trajectory_msgs.msg import MultiDOFJointTrajectory

from harness.action import Action
from harness.client import seconds
from harness.steve import position_in, velocity_in
from harness.trajectory import REFUSED, duration, trajectory

CODES = FollowJointTrajectory.Result


def goal(message, path=(), at_goal=(), leeway=0.0, **more):
    """A goal; tolerances are (joint, position)."""
    tolerances = [[JointTolerance(name=joint, position=position) for joint, position in given] for given in (path, at_goal)]
    return FollowJointTrajectory.Goal(
        trajectory=message, path_tolerance=tolerances[0], goal_tolerance=tolerances[1],
        goal_time_tolerance=duration(leeway), **more)


def with_a_lead(joint="torso", lead=0.03, speed=4.9):
    """A way that begins ahead of the joint and is almost as fast as the joint: it catches up while the way slows down."""
    return trajectory(
        [joint], (0.0, [lead], [speed]), (0.01, [lead + 0.01 * speed], [speed]), (0.1, [lead + 0.1 * speed], [speed]),
        (0.5, [lead + 0.25 * speed], [0.0]))


@pytest.fixture
def follow(arm):
    return Action(arm, FollowJointTrajectory, "follow_joint_trajectory")


def test_some_joints_in_an_order_of_the_clients_follow_and_succeed(arm, follow):
    mark = arm.joint_states.mark()
    status, result = follow.run(goal(trajectory(["elbow", "torso"], (0.4, [0.2, -0.4]), (0.8, [0.1, 0.3]))))
    assert (status, result.error_code) == ("SUCCEEDED", CODES.SUCCESSFUL), result
    assert (arm.position("elbow"), arm.position("torso")) == (pytest.approx(0.1), pytest.approx(0.3))
    assert arm.position("shoulder") == 0.0
    messages = arm.joint_states.since(mark)
    assert min(position_in(m, "torso") for m in messages) == pytest.approx(-0.4, abs=0.02)


def test_points_with_velocities_are_passed_at_these(arm, follow):
    mark = arm.joint_states.mark()
    status, _ = follow.run(goal(trajectory(
        ["torso"], (0.5, [0.25], [0.8]), (1.0, [0.65], [0.8]), (1.5, [0.9], [0.0]))))
    assert status == "SUCCEEDED"
    between = [velocity_in(m, "torso") for m in arm.joint_states.since(mark) if 0.3 < position_in(m, "torso") < 0.6]
    assert between and between == pytest.approx([0.8] * len(between), abs=0.05)


def test_feedback_tells_desired_actual_and_error_of_the_goals_joints(follow):
    accepted = follow.start(goal(trajectory(["elbow", "torso"], (1.0, [-0.3, 0.6]))))
    assert accepted.result()[0] == "SUCCEEDED"
    told = accepted.feedback
    assert len(told) >= 5
    for feedback in told:
        assert list(feedback.joint_names) == ["elbow", "torso"]
        for point in (feedback.desired, feedback.actual, feedback.error):
            assert len(point.positions) == len(point.velocities) == 2
        for kind in ("positions", "velocities"):
            desired, actual, error = (list(getattr(p, kind)) for p in (feedback.desired, feedback.actual, feedback.error))
            assert error == pytest.approx([d - a for d, a in zip(desired, actual)], abs=1e-9)
        assert list(feedback.error.positions) == pytest.approx([0.0, 0.0], abs=0.02), "it can follow this one"
    torso = [feedback.actual.positions[1] for feedback in told]
    assert torso == sorted(torso) and 0.0 <= torso[0] < torso[-1] <= 0.6 + 1e-9
    times = [seconds(feedback.actual.time_from_start) for feedback in told]
    assert times == sorted(times) and 0.0 <= times[0] < times[-1] < 2.0
    stamps = [seconds(feedback.header.stamp) for feedback in told]
    assert stamps == sorted(stamps) and abs(stamps[-1] - time.time()) < 10.0


def test_feedback_comes_at_feedback_rate(start):
    steve = start("arm", parameters={"feedback_rate": 2.0}).client()
    accepted = Action(steve, FollowJointTrajectory, "follow_joint_trajectory").start(goal(trajectory(["torso"], (1.6, [0.5]))))
    assert accepted.result()[0] == "SUCCEEDED"
    assert 2 <= len(accepted.feedback) <= 5


def test_a_stamp_in_the_future_is_waited_for(arm, follow):
    mark, start = arm.joint_states.mark(), time.time() + 0.6
    accepted = follow.start(goal(trajectory(["torso"], (0.0, [0.0]), (0.4, [0.3]), start=start)))
    assert arm.wait_for_motion("torso", mark).stamp >= start - 0.02
    assert accepted.result()[0] == "SUCCEEDED"
    assert arm.position("torso") == pytest.approx(0.3)
    early = [told.actual.time_from_start for told in accepted.feedback if seconds(told.header.stamp) < start - 0.02]
    assert all(seconds(time) == 0.0 for time in early), "it counts from the start"


# --- rejected up front ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("message", "words"), REFUSED.values(), ids=REFUSED.keys())
def test_a_bad_trajectory_is_rejected_with_the_reason(arm, shared_arm, follow, message, words):
    follow.rejects(shared_arm, goal(message()), "follow_joint_trajectory", *words)
    assert all(position == 0.0 for position in arm.fresh_joint_state().position)


FINE = {"message": trajectory(["torso"], (1.0, [0.1]))}
REJECTED = {
    "no points": (goal(trajectory(["torso"])), ["INVALID_GOAL", "points"]),
    "path tolerance of an unknown joint": (goal(**FINE, path=[("neck", 0.1)]), ["INVALID_JOINTS", "path_tolerance", "neck"]),
    "goal tolerance of an unknown joint": (goal(**FINE, at_goal=[("neck", 0.1)]), ["INVALID_JOINTS", "goal_tolerance", "neck"]),
    "tolerance that is no number": (goal(**FINE, path=[("torso", math.nan)]), ["INVALID_GOAL", "path_tolerance", "torso"]),
    "joints of several degrees of freedom": (
        goal(**FINE, multi_dof_trajectory=MultiDOFJointTrajectory(joint_names=["base"])), ["INVALID_GOAL", "multi_dof_trajectory"]),
    "their path tolerance": (
        goal(**FINE, component_path_tolerance=[JointComponentTolerance()]), ["INVALID_GOAL", "component_path_tolerance"]),
    "their goal tolerance": (
        goal(**FINE, component_goal_tolerance=[JointComponentTolerance()]), ["INVALID_GOAL", "component_goal_tolerance"]),
}


@pytest.mark.parametrize(("bad", "words"), REJECTED.values(), ids=REJECTED.keys())
def test_a_bad_goal_is_rejected_with_the_reason(arm, shared_arm, follow, bad, words):
    follow.rejects(shared_arm, bad, "follow_joint_trajectory", *words)
    assert all(position == 0.0 for position in arm.fresh_joint_state().position)


def test_an_emergency_stop_rejects_it(arm, shared_arm, follow):
    arm.emergency_stop(True)
    follow.rejects(shared_arm, goal(**FINE), "follow_joint_trajectory", "emergency stop")


def test_an_unknown_position_rejects_it(start):
    process = start("arm", parameters={"sim_start": "unknown"})
    follow = Action(process.client(), FollowJointTrajectory, "follow_joint_trajectory")
    follow.rejects(process, goal(**FINE), "follow_joint_trajectory", "torso", "unknown")


def test_a_rejected_goal_leaves_the_one_that_runs_alone(shared_arm, follow):
    accepted = follow.start(goal(trajectory(["torso"], (0.8, [0.3]))))
    follow.rejects(shared_arm, goal(trajectory(["torso"], (1.0, [9.0]))), "torso")
    assert accepted.result()[0] == "SUCCEEDED"


# --- tolerances -------------------------------------------------------------------------------------------------------


def test_without_tolerances_a_joint_that_falls_behind_still_arrives(arm, follow):
    status, result = follow.run(goal(with_a_lead()))
    assert (status, result.error_code) == ("SUCCEEDED", CODES.SUCCESSFUL), result
    assert arm.position("torso") == pytest.approx(0.03 + 0.25 * 4.9)


def test_a_joint_that_falls_behind_violates_the_path_tolerance(arm, follow):
    status, result = follow.run(goal(with_a_lead(), path=[("torso", 0.01)]))
    assert (status, result.error_code) == ("ABORTED", CODES.PATH_TOLERANCE_VIOLATED), result
    assert "torso" in result.error_string and "0.01" in result.error_string
    held = arm.fresh_joint_state()
    assert velocity_in(held, "torso") == 0.0 and position_in(held, "torso") < 1.0


def test_a_path_tolerance_that_is_wide_or_erased_or_of_another_joint_is_kept(follow):
    for joint, tolerance in (("torso", 0.1), ("torso", -1.0), ("torso", 0.0), ("elbow", 0.001)):
        status, result = follow.run(goal(with_a_lead(), path=[(joint, tolerance)]))
        assert (status, result.error_code) == ("SUCCEEDED", CODES.SUCCESSFUL), result
        assert follow.run(goal(trajectory(["torso"], (1.0, [0.0]))))[0] == "SUCCEEDED"


def test_a_joint_that_is_where_it_should_be_in_time_keeps_the_goal_tolerance(follow):
    status, result = follow.run(goal(with_a_lead(), at_goal=[("torso", 0.001)], leeway=0.5))
    assert (status, result.error_code) == ("SUCCEEDED", CODES.SUCCESSFUL), result


def test_a_joint_that_comes_too_late_violates_the_goal_tolerance(arm, follow):
    # A point that is due now may be as far from the joint as that moves in 0.1 s; a busy machine may miss this moment.
    for _ in range(10):
        arm.move("torso", -1.5)
        mark = arm.joint_states.mark()
        move = arm.start("torso", 1.5)
        fast = arm.joint_states.wait_for(lambda m: velocity_in(m, "torso") > 4.9, mark, what="at full speed")
        behind = trajectory(["torso"], (0.0, [position_in(fast, "torso") - 0.2]))
        accepted = follow.request(goal(behind, at_goal=[("torso", 0.01)], leeway=0.01))
        if accepted is None:
            move.result()
            continue
        status, result = accepted.result()
        if result.error_code != CODES.INVALID_GOAL:
            break
    else:
        pytest.fail("the moment was missed ten times")
    assert (status, result.error_code) == ("ABORTED", CODES.GOAL_TOLERANCE_VIOLATED), result
    assert "torso" in result.error_string


# --- other ends -------------------------------------------------------------------------------------------------------


def under_way(arm, follow):
    """A long goal, at a good speed."""
    mark = arm.joint_states.mark()
    accepted = follow.start(goal(trajectory(["torso", "shoulder"], (3.0, [1.5, 0.7]))))
    arm.joint_states.wait_for(lambda m: velocity_in(m, "torso") > 0.3, mark, what="under way")
    return accepted


def test_a_cancelled_trajectory_slows_down_and_holds(arm, follow):
    accepted = under_way(arm, follow)
    answer = accepted.cancel()
    assert answer.return_code == answer.ERROR_NONE and len(answer.goals_canceling) == 1
    status, result = accepted.result()
    assert (status, result.error_code) == ("CANCELED", CODES.SUCCESSFUL), result
    held = arm.fresh_joint_state()
    for joint, end in (("torso", 1.5), ("shoulder", 0.7)):
        assert velocity_in(held, joint) == 0.0 and 0.0 < position_in(held, joint) < end


@pytest.mark.parametrize(
    ("interrupt", "reason"),
    [
        (lambda arm, follow: follow.start(goal(trajectory(["torso"], (1.0, [0.0])))), "preempt"),
        (lambda arm, follow: arm.start("shoulder", 0.0), "preempt"),
        (lambda arm, follow: arm.command(torso=0.0), "preempt"),
        (lambda arm, follow: arm.stop(), "stop"),
        (lambda arm, follow: arm.power(False), "power"),
        (lambda arm, follow: arm.emergency_stop(True), "emergency stop"),
    ],
    ids=["a newer trajectory", "a goal on one of its joints", "a command", "~/stop", "power off", "emergency stop"],
)
def test_what_gets_in_its_way_aborts_it_with_the_reason(arm, follow, interrupt, reason):
    accepted = under_way(arm, follow)
    interrupt(arm, follow)
    status, result = accepted.result()
    assert (status, result.error_code) == ("ABORTED", CODES.INVALID_GOAL), result
    assert reason in result.error_string.lower()


def test_trajectories_of_different_joints_run_side_by_side(arm, follow):
    mark = arm.joint_states.mark()
    goals = [follow.start(goal(trajectory([joint], (0.8, [0.4])))) for joint in ("torso", "elbow")]
    assert [accepted.result()[0] for accepted in goals] == ["SUCCEEDED"] * 2
    assert any(velocity_in(m, "torso") and velocity_in(m, "elbow") for m in arm.joint_states.since(mark))


def test_a_node_that_ends_tells_its_client(start):
    process = start("arm")
    steve = process.client()
    accepted = under_way(steve, Action(steve, FollowJointTrajectory, "follow_joint_trajectory"))
    process.end()
    status, result = accepted.result()
    assert (status, result.error_code, result.error_string) == ("ABORTED", CODES.INVALID_GOAL, "the node ends")
