"""The lecture's cells as ROS calls, and what becomes of goals that meet each other or a cancel."""

import math
import time

import pytest
from sensor_msgs.msg import JointState

from harness.steve import DEGREES, JOINTS, position_in, refuse_command, track, velocity_in

EASINGS = ["linear"] + [
    f"{where}_{kind}"
    for kind in ("sine", "quad", "cubic", "quart", "quint", "expo", "circ", "back", "elastic", "bounce")
    for where in ("in", "out", "in_out")
]
# config/steve.yaml: rad/s, rad/s², rad/s³, and the update rate's tick.
VELOCITY, ACCELERATION, JERK, TICK = 5.0, 40.0, 1000.0, 0.02


def stopping_distance(speed):
    """How far a joint of Steve's goes on at most, once it has begun to slow down from this speed."""
    return speed * (speed / ACCELERATION + ACCELERATION / JERK)


def assert_no_jump(points):
    """Setpoints are sampled up to a tick before their message and one may be late; a jump is far more than that."""
    for (earlier, before, _), (later, after, _) in zip(points, points[1:]):
        assert abs(after - before) <= VELOCITY * (later - earlier + 2 * TICK), f"jump from {before} to {after}"


def test_a_command_sends_the_torso_to_minus_90_and_to_90_degrees(arm):
    for degrees in (-90, 90):
        arm.command(torso=degrees * DEGREES)
        arm.wait_for_position("torso", degrees * DEGREES, tolerance=1e-9)


def test_a_command_does_not_wait_for_the_one_before(arm):
    mark = arm.joint_states.mark()
    arm.command(torso=-90 * DEGREES)
    arm.wait_for_motion("torso", mark)
    arm.command(torso=90 * DEGREES)
    arm.command(wrist_lr=0.2)
    arm.wait_for_position("torso", 90 * DEGREES, mark)
    arm.wait_for_position("wrist_lr", 0.2, mark)
    points = track(arm.joint_states.since(mark), "torso")
    assert min(position for _, position, _ in points) > -89 * DEGREES, "it went all the way to the first position"
    assert_no_jump(points)


def test_one_command_moves_several_joints(arm):
    arm.command(shoulder=0.2, elbow=-0.2, clamp=0.02)
    arm.wait_for_position("shoulder", 0.2)
    arm.wait_for_position("elbow", -0.2)
    arm.wait_for_position("clamp", 0.02)
    assert arm.position("torso") == 0.0


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (JointState(name=["torso"], position=[math.nan]), "torso"),
        (JointState(name=["torso"], position=[math.inf]), "no finite number"),
        (JointState(name=["torso"], position=[2.0]), "torso"),
        (JointState(name=["neck"], position=[0.1]), "neck"),
        (JointState(name=["torso", "elbow"], position=[0.1]), "name has 2 entries, position 1"),
        (JointState(name=["torso", "torso"], position=[0.1, 0.2]), "twice"),
        (JointState(name=["torso", "elbow"], position=[0.1, 9.0]), "elbow"),
    ],
    ids=[
        "not a number", "infinity, which is more likely a mistake here", "outside the travel", "unknown joint", "too few positions",
        "joint twice", "second joint outside",
    ],
)
def test_a_bad_command_is_refused_as_a_whole_with_the_reason_logged(arm, shared_arm, message, reason):
    refuse_command(arm, shared_arm, message, reason)
    assert all(position == 0.0 for position in arm.fresh_joint_state().position)


def test_wrist_lr_moves_at_a_tenth_of_a_radian_a_second_and_tells_how_far_it_is(arm):
    mark = arm.joint_states.mark()
    goal = arm.start("wrist_lr", 0.08, speed=0.1)
    end = goal.result()
    assert end.status == "SUCCEEDED", end
    assert end.position == pytest.approx(0.08, abs=1e-9)

    arm.wait_for_position("wrist_lr", 0.08, mark)
    points = track(arm.joint_states.since(mark), "wrist_lr")
    fastest = max(abs(velocity) for _, _, velocity in points)
    assert 0.09 < fastest <= 0.1 + 1e-9, "the speed asked for is kept, and used"
    moving = [stamp for stamp, _, velocity in points if velocity != 0.0]
    assert moving[-1] - moving[0] > 0.7, "0.08 rad at 0.1 rad/s"
    positions = [position for _, position, _ in points]
    assert positions == sorted(positions), "straight to the goal"

    told = [feedback for _, feedback in goal.feedback]
    assert len(told) >= 3
    for name in ("position", "progress"):
        values = [getattr(feedback, name) for feedback in told]
        assert values == sorted(values) and values[0] < values[-1], f"{name} grows: {values}"
    remaining = [feedback.remaining for feedback in told]
    assert remaining == sorted(remaining, reverse=True) and remaining[0] > remaining[-1], f"remaining falls: {remaining}"
    assert all(0.0 <= feedback.progress <= 1.0 and 0.0 <= feedback.position <= 0.08 for feedback in told)


def test_torso_and_wrist_lr_move_at_the_same_time_and_both_are_awaited(arm):
    mark = arm.joint_states.mark()
    goals = [arm.start("torso", 0.5, speed=1.0), arm.start("wrist_lr", -0.4, speed=0.8)]
    ends = [goal.result() for goal in goals]
    assert [end.status for end in ends] == ["SUCCEEDED", "SUCCEEDED"]
    assert [end.position for end in ends] == pytest.approx([0.5, -0.4])
    both = [m for m in arm.joint_states.since(mark) if velocity_in(m, "torso") and velocity_in(m, "wrist_lr")]
    assert len(both) >= 3, "at the same time"


def test_torso_and_wrist_lr_move_one_after_the_other_when_awaited_one_after_the_other(arm):
    mark = arm.joint_states.mark()
    assert arm.move("torso", 0.3, speed=2.0).status == "SUCCEEDED"
    assert arm.move("wrist_lr", 0.3, speed=2.0).status == "SUCCEEDED"
    messages = arm.joint_states.since(mark)
    assert any(velocity_in(m, "torso") for m in messages) and any(velocity_in(m, "wrist_lr") for m in messages)
    assert not any(velocity_in(m, "torso") and velocity_in(m, "wrist_lr") for m in messages)
    assert all(position_in(m, "torso") == pytest.approx(0.3) for m in messages if velocity_in(m, "wrist_lr"))


def test_all_six_joints_move_at_the_same_time(arm):
    mark = arm.joint_states.mark()
    goals = [arm.start(joint, 0.02 if joint == "clamp" else 0.4, speed=0.04 if joint == "clamp" else 0.8) for joint in JOINTS]
    assert [goal.result().status for goal in goals] == ["SUCCEEDED"] * 6
    assert any(all(velocity != 0.0 for velocity in m.velocity) for m in arm.joint_states.since(mark))


@pytest.mark.parametrize(
    ("joint", "position", "limit"),
    [
        ("elbow", math.inf, 61.7 * DEGREES), ("elbow", -math.inf, -58.4 * DEGREES), ("torso", math.inf, 90 * DEGREES),
        ("clamp", math.inf, 0.030), ("clamp", -math.inf, 0.0),
    ],
)
def test_infinity_means_the_limit(arm, joint, position, limit):
    end = arm.move(joint, position)
    assert end.status == "SUCCEEDED", end
    assert end.position == pytest.approx(limit, abs=1e-9)
    assert arm.position(joint) == pytest.approx(limit, abs=1e-9)


def test_every_easing_is_accepted_and_arrives(arm):
    for start in range(0, len(EASINGS), len(JOINTS)):
        chosen = list(zip(EASINGS[start:], JOINTS))
        for position in (0.01, 0.0):
            goals = [arm.start(joint, position, easing=easing) for easing, joint in chosen]
            for (easing, joint), goal in zip(chosen, goals):
                end = goal.result()
                assert (end.status, end.position) == ("SUCCEEDED", pytest.approx(position)), (easing, joint, end)


def test_an_easing_that_overshoots_stays_inside_the_travel(arm):
    mark = arm.joint_states.mark()
    assert arm.move("elbow", math.inf, easing="out_back").status == "SUCCEEDED"
    assert arm.move("elbow", -57 * DEGREES).status == "SUCCEEDED"
    assert arm.move("elbow", -math.inf, easing="out_elastic").status == "SUCCEEDED"
    positions = [position for _, position, _ in track(arm.joint_states.since(mark), "elbow")]
    assert max(positions) <= 61.7 * DEGREES + 1e-9 and min(positions) >= -58.4 * DEGREES - 1e-9


def test_a_newer_goal_preempts_the_older_on_its_joint_and_leaves_others_alone(arm):
    mark = arm.joint_states.mark()
    older = arm.start("torso", 80 * DEGREES, speed=0.5)
    other = arm.start("shoulder", 0.5, speed=0.8)
    arm.wait_for_motion("torso", mark)
    arm.wait_for_motion("shoulder", mark)
    newer = arm.start("torso", -0.2, speed=1.0)

    end = older.result()
    assert end.status == "ABORTED"
    assert "preempt" in end.message.lower(), end.message
    assert 0.0 <= end.position < 80 * DEGREES
    assert not newer.ended(), "the older ends at once, not with the newer"
    assert newer.result().status == "SUCCEEDED"
    end = other.result()
    assert (end.status, end.position) == ("SUCCEEDED", pytest.approx(0.5))
    assert arm.position("torso") == pytest.approx(-0.2)
    assert_no_jump(track(arm.joint_states.since(mark), "torso"))


def test_a_command_preempts_a_goal_on_its_joint(arm):
    mark = arm.joint_states.mark()
    goal = arm.start("torso", 80 * DEGREES, speed=0.5)
    arm.wait_for_motion("torso", mark)
    arm.command(torso=-0.2)
    end = goal.result()
    assert end.status == "ABORTED" and "preempt" in end.message.lower(), end
    arm.wait_for_position("torso", -0.2, mark)
    assert_no_jump(track(arm.joint_states.since(mark), "torso"))


def test_a_cancelled_goal_slows_down_from_the_next_tick_and_holds(arm):
    speed = 1.0
    mark = arm.joint_states.mark()
    goal = arm.start("torso", 85 * DEGREES, speed=speed)
    arm.joint_states.wait_for(lambda m: velocity_in(m, "torso") > 0.9 * speed, mark, what="at full speed")
    answer = goal.cancel()
    accepted = time.time()
    assert answer.return_code == answer.ERROR_NONE
    assert [info.goal_id for info in answer.goals_canceling] == [goal.id]

    end = goal.result()
    assert end.status == "CANCELED", end
    held = arm.fresh_joint_state()
    assert velocity_in(held, "torso") == 0.0
    assert position_in(held, "torso") == end.position, "the result tells where it holds"
    # The cancel is on its way to the servo thread for a moment and shows in the setpoint after it.
    points = [point for point in track(arm.joint_states.since(mark), "torso") if point[0] >= accepted]
    velocities = [velocity for _, _, velocity in points][2:]
    assert velocities == sorted(velocities, reverse=True), f"it slows down and no more: {velocities}"
    assert min(velocities) >= 0.0, "without swinging back"
    beyond = end.position - points[0][1]
    assert beyond <= stopping_distance(speed) + 3 * TICK * speed, f"{beyond} rad beyond the cancel"

    mark = arm.joint_states.mark()
    for message in arm.joint_states.wait_for_count(15, mark):
        assert (position_in(message, "torso"), velocity_in(message, "torso")) == (end.position, 0.0), "it holds"


def test_a_cancel_leaves_other_goals_alone(arm):
    mark = arm.joint_states.mark()
    cancelled = arm.start("torso", 80 * DEGREES, speed=0.5)
    other = arm.start("wrist_lr", 0.4, speed=0.8)
    arm.wait_for_motion("wrist_lr", mark)
    cancelled.cancel()
    assert cancelled.result().status == "CANCELED"
    assert other.result().status == "SUCCEEDED"
    assert arm.position("wrist_lr") == pytest.approx(0.4)


def test_a_joint_can_be_sent_on_while_a_cancel_slows_it_down(arm):
    mark = arm.joint_states.mark()
    goal = arm.start("torso", 80 * DEGREES, speed=2.0)
    arm.joint_states.wait_for(lambda m: velocity_in(m, "torso") > 1.0, mark)
    goal.cancel()
    end = arm.move("torso", -0.1)
    assert (end.status, end.position) == ("SUCCEEDED", pytest.approx(-0.1))
    assert goal.result().status == "CANCELED", "what it was about to end as"
    assert_no_jump(track(arm.joint_states.since(mark), "torso"))


def test_a_goal_where_the_joint_already_is_succeeds(arm):
    end = arm.move("torso", 0.0)
    assert (end.status, end.position) == ("SUCCEEDED", 0.0)
