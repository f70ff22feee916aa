"""The topic ~/joint_trajectory: trajectories without an answer."""

import math
import time

import pytest
from trajectory_msgs.msg import JointTrajectory

from harness.steve import position_in, track, velocity_in
from harness.trajectory import REFUSED, trajectory
from harness.waiting import wait_until

TICK = 0.02


@pytest.fixture
def publish(arm):
    publisher = arm.publisher(JointTrajectory, f"{arm.arm}/joint_trajectory")
    return publisher.publish


def refuse(arm, process, publish, message, words):
    """Publishes what has to be refused, until the log gives the reason: repeated refusals are only counted."""
    mark = process.log.mark()

    def told():
        publish(message)
        arm.fresh_joint_state()
        return any("joint_trajectory refused" in line and all(word in line for word in words) for line in process.log.since(mark))

    wait_until(told, f"refusal with {words} in the log")


def test_joints_go_through_the_points_together_and_the_others_stay(arm, publish):
    mark = arm.joint_states.mark()
    publish(trajectory(["elbow", "torso"], (0.5, [0.2, -0.4]), (1.0, [0.0, 0.4])))
    arm.wait_for_position("torso", 0.4, mark)
    held = arm.wait_for_position("elbow", 0.0, mark)
    assert position_in(held, "shoulder") == position_in(held, "clamp") == 0.0

    messages = arm.joint_states.since(mark)
    torso, elbow = track(messages, "torso"), track(messages, "elbow")
    assert min(position for _, position, _ in torso) == pytest.approx(-0.4, abs=0.02)
    assert max(position for _, position, _ in elbow) == pytest.approx(0.2, abs=0.02)
    moving = [stamp for stamp, _, velocity in torso if velocity != 0.0]
    assert moving[-1] - moving[0] == pytest.approx(1.0, abs=0.3), "in the time that it was given"


def test_a_stamp_in_the_future_is_waited_for(arm, publish):
    mark, start = arm.joint_states.mark(), time.time() + 0.6
    publish(trajectory(["torso"], (0.0, [0.0]), (0.4, [0.3]), start=start))
    moved = arm.wait_for_motion("torso", mark)
    assert moved.stamp >= start - TICK
    arm.wait_for_position("torso", 0.3, mark)


def test_of_a_trajectory_that_began_in_the_past_the_rest_is_done(arm, publish):
    mark = arm.joint_states.mark()
    publish(trajectory(["torso"], (0.2, [-1.0]), (1.2, [0.4]), start=time.time() - 0.6))
    arm.wait_for_position("torso", 0.4, mark)
    assert min(position for _, position, _ in track(arm.joint_states.since(mark), "torso")) > -0.3, "not back to what is over"


def test_a_newer_trajectory_goes_on_from_where_the_older_had_the_joint(arm, publish):
    mark = arm.joint_states.mark()
    publish(trajectory(["torso"], (2.0, [1.5])))
    arm.joint_states.wait_for(lambda m: velocity_in(m, "torso") > 0.5, mark, what="under way")
    publish(trajectory(["torso"], (1.0, [-0.2])))
    arm.wait_for_position("torso", -0.2, mark)
    points = track(arm.joint_states.since(mark), "torso")
    assert max(position for _, position, _ in points) < 1.4, "it went on to the end of the older"
    for (earlier, before, _), (later, after, _) in zip(points, points[1:]):
        assert abs(after - before) <= 5.0 * (later - earlier + 2 * TICK), f"jump from {before} to {after}"


def test_a_trajectory_preempts_a_goal_on_its_joint_and_leaves_others_alone(arm, publish):
    mark = arm.joint_states.mark()
    torso, wrist = arm.start("torso", 1.2, speed=0.5), arm.start("wrist_lr", 0.4, speed=0.5)
    arm.wait_for_motion("torso", mark)
    publish(trajectory(["torso"], (0.5, [0.0])))
    end = torso.result()
    assert end.status == "ABORTED" and "preempt" in end.message.lower(), end
    assert wrist.result().status == "SUCCEEDED"
    arm.wait_for_position("torso", 0.0, mark)


def test_a_trajectory_without_points_stops_the_arm(arm, publish):
    mark = arm.joint_states.mark()
    publish(trajectory(["torso"], (2.0, [1.5])))
    arm.joint_states.wait_for(lambda m: velocity_in(m, "torso") > 0.3, mark, what="under way")
    publish(JointTrajectory())
    held = arm.joint_states.wait_for(
        lambda m: position_in(m, "torso") > 0.0 and velocity_in(m, "torso") == 0.0, mark, what="that holds")
    assert position_in(held, "torso") < 1.4
    arm.wait_for_state(lambda state: not state.moving, "at rest")
    assert arm.position("torso") == position_in(held, "torso")


@pytest.mark.parametrize(("message", "words"), REFUSED.values(), ids=REFUSED.keys())
def test_a_bad_trajectory_is_refused_with_the_reason_logged(arm, shared_arm, publish, message, words):
    refuse(arm, shared_arm, publish, message(), words)
    assert all(position == 0.0 for position in arm.fresh_joint_state().position)


def test_an_emergency_stop_refuses_trajectories(arm, shared_arm, publish):
    arm.emergency_stop(True)
    refuse(arm, shared_arm, publish, trajectory(["torso"], (1.0, [0.1])), ["emergency stop"])
    arm.emergency_stop(False)
    assert arm.position("torso") == 0.0


def test_a_joint_whose_position_is_unknown_follows_no_trajectory(start):
    process = start("arm", parameters={"sim_start": "unknown"})
    steve = process.client()
    publish = steve.publisher(JointTrajectory, f"{steve.arm}/joint_trajectory").publish
    refuse(steve, process, publish, trajectory(["torso"], (1.0, [0.1])), ["torso", "unknown"])
    assert not steve.state.last.powered
    assert math.isnan(steve.state.last.joints[0].position)
