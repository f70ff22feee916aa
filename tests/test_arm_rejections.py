"""Goals that interface.md rejects: with the reason in the log and on /rosout, and nothing moves."""

import math

import pytest
from rcl_interfaces.msg import Log

REJECTED = {
    "unknown joint": (("neck", 0.1, 0.0, ""), ["neck", "torso", "clamp"]),
    "no joint": (("", 0.1, 0.0, ""), ["torso"]),
    "not a number": (("torso", math.nan, 0.0, ""), ["torso", "not a number"]),
    "above the travel": (("torso", 1.6, 0.0, ""), ["torso", "1.6", "1.57"]),
    "below the travel": (("elbow", -1.1, 0.0, ""), ["elbow", "-1.1", "-1.01"]),
    "a clamp in millimetres": (("clamp", 15.0, 0.0, ""), ["clamp", "15", "0.03"]),
    "negative speed": (("torso", 0.1, -0.5, ""), ["speed", "torso", "-0.5"]),
    "speed not a number": (("torso", 0.1, math.nan, ""), ["speed", "torso", "NaN"]),
    "unknown easing": (("torso", 0.1, 0.0, "in_out_quat"), ["easing", "in_out_quat", "did you mean", "in_out_quad"]),
    "easing in camel case": (("torso", 0.1, 0.0, "easeInOutQuad"), ["easing", "easeInOutQuad"]),
}


@pytest.mark.parametrize(("goal", "reason"), REJECTED.values(), ids=REJECTED.keys())
def test_a_goal_is_rejected_with_the_reason(arm, shared_arm, goal, reason):
    log, rosout = shared_arm.log.mark(), arm.rosout.mark()
    assert arm.request(*goal) is None, "rejected"

    def tells(text):
        return "rejected" in text and all(word in text for word in reason)

    shared_arm.log.wait_for(tells, log)
    line = arm.rosout.wait_for(lambda line: tells(line.msg), rosout)
    assert (line.name, line.level) == ("arm", int.from_bytes(Log.WARN) if isinstance(Log.WARN, bytes) else Log.WARN)
    assert all(position == 0.0 for position in arm.fresh_joint_state().position)


def test_a_rejected_goal_leaves_the_one_that_runs_alone(arm):
    goal = arm.start("torso", 0.3, speed=0.8)
    assert arm.request("torso", math.nan) is None
    end = goal.result()
    assert (end.status, end.position) == ("SUCCEEDED", pytest.approx(0.3))


def test_a_limit_written_with_few_digits_is_the_limit(arm):
    end = arm.move("torso", 1.5708)
    assert (end.status, end.position) == ("SUCCEEDED", pytest.approx(math.pi / 2, abs=1e-9))


def test_a_speed_above_the_joints_is_the_joints(arm):
    mark = arm.joint_states.mark()
    assert arm.move("torso", 0.8, speed=1000.0).status == "SUCCEEDED"
    assert max(abs(m.velocity[0]) for m in arm.joint_states.since(mark)) <= 5.0 + 1e-9
