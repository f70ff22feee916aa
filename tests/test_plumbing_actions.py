"""The action server, service by service: accept, reject, feedback, result, cancel, status; and nothing grows."""

import pytest
from action_msgs.srv import CancelGoal
from builtin_interfaces.msg import Time

from harness import Process, wait_until
from harness.raw_action import RawAction, key, listed, new_id
from harness.steve import velocity_in

NONE = CancelGoal.Response.ERROR_NONE
UNKNOWN_GOAL = CancelGoal.Response.ERROR_UNKNOWN_GOAL_ID
TERMINATED = CancelGoal.Response.ERROR_GOAL_TERMINATED
SHORT = 2.0


@pytest.fixture
def raw(arm):
    return RawAction(arm)


@pytest.fixture(scope="module")
def forgetful():
    """An arm that forgets results soon, and a client of it."""
    with Process("arm", parameters={"result_timeout": SHORT}) as process:
        yield process.client()


def test_an_accepted_goal_gets_the_time_of_its_acceptance(raw):
    _, answer = raw.send("torso", 0.05)
    assert answer.accepted
    assert answer.stamp.sec > 1_700_000_000


def test_a_rejected_goal_is_never_known(raw):
    goal, answer = raw.send("torso", 99.0)
    assert not answer.accepted
    assert raw.result(goal)[0] == "UNKNOWN"
    assert raw.cancel(goal) == (UNKNOWN_GOAL, [])
    assert all(key(goal) not in listed(message) for message in raw.status.since())


def test_a_goal_id_is_taken_once(arm, raw):
    goal, first = raw.send("torso", 0.4, speed=0.8)
    _, second = raw.send("torso", -0.4, goal_id=goal)
    assert (first.accepted, second.accepted) == (True, False)
    status, result = raw.result(goal)
    assert (status, result.position) == ("SUCCEEDED", pytest.approx(0.4)), "the first goes on as if nothing had been asked"
    _, third = raw.send("torso", -0.4, goal_id=goal)
    assert not third.accepted, "nor when it has ended"
    assert arm.position("torso") == pytest.approx(0.4)


def test_feedback_carries_the_id_of_its_goal_and_ends_with_it(arm, raw):
    mark = raw.feedback.mark()
    torso, _ = raw.send("torso", 0.3, speed=0.6)
    elbow, _ = raw.send("elbow", -0.3, speed=0.6)
    raw.result(torso)
    raw.result(elbow)
    raw.feedback.wait_for(lambda m: key(m.goal_id) == key(elbow), mark)
    for message in raw.feedback.since(mark):
        assert key(message.goal_id) in (key(torso), key(elbow))
        low, high = (0.0, 0.3) if key(message.goal_id) == key(torso) else (-0.3, 0.0)
        assert low - 1e-9 <= message.feedback.position <= high + 1e-9, "its own joint's position"
    arm.fresh_joint_state()
    count = raw.feedback.mark()
    arm.joint_states.wait_for_count(15, arm.joint_states.mark())
    assert raw.feedback.mark() == count, "none after the end"


def test_a_result_asked_before_the_end_comes_at_the_end(arm, raw):
    goal, _ = raw.send("torso", 0.4, speed=0.2)
    early = [raw.ask_result(goal), raw.ask_result(goal)]
    arm.fresh_joint_state()
    assert not any(future.done() for future in early)
    for future in early:
        assert raw.client.wait(future, "early result").result.position == pytest.approx(0.4)


def test_a_result_can_be_had_twice(raw):
    goal, _ = raw.send("torso", 0.05)
    assert raw.result(goal) == raw.result(goal)


def test_a_result_can_be_had_by_another_client(shared_arm, raw):
    goal, _ = raw.send("torso", 0.05)
    raw.result(goal)
    other = shared_arm.client(records=False)
    status, result = RawAction(other).result(goal)
    assert (status, result.position) == ("SUCCEEDED", pytest.approx(0.05))
    other.close()


def test_the_result_of_an_unknown_goal_is_unknown(raw):
    status, result = raw.result(new_id())
    assert (status, result.position, result.message) == ("UNKNOWN", 0.0, "")


def test_a_result_is_forgotten_after_the_result_timeout(forgetful):
    raw = RawAction(forgetful)
    goal, _ = raw.send("torso", 0.05)
    assert raw.result(goal)[0] == "SUCCEEDED"
    raw.status.wait_for(lambda m: listed(m) == {}, raw.status.mark())
    assert raw.result(goal)[0] == "UNKNOWN"
    assert raw.cancel(goal) == (UNKNOWN_GOAL, [])
    _, again = raw.send("torso", 0.0, goal_id=goal)
    assert again.accepted, "its id is free again"
    assert raw.result(goal)[0] == "SUCCEEDED"


def test_cancel_one_cancels_that_one(arm, raw):
    torso, _ = raw.send("torso", 1.0, speed=0.4)
    elbow, _ = raw.send("elbow", 0.4, speed=0.8)
    assert raw.cancel(torso) == (NONE, [torso])
    assert raw.result(torso)[0] == "CANCELED"
    assert raw.result(elbow)[0] == "SUCCEEDED"


def test_cancel_by_stamp_cancels_what_was_accepted_until_then(raw):
    sent = [raw.send(joint, 1.0, speed=0.4) for joint in ("torso", "wrist_lr", "wrist_ud")]
    goals = [goal for goal, _ in sent]
    code, cancelled = raw.cancel(stamp=sent[1][1].stamp)
    assert (code, cancelled) == (NONE, goals[:2])
    assert [raw.result(goal)[0] for goal in goals[:2]] == ["CANCELED"] * 2
    assert listed(raw.status.last)[key(goals[2])] == "EXECUTING"
    assert raw.cancel(goals[2]) == (NONE, goals[2:])


def test_cancel_by_id_and_stamp_cancels_both(raw):
    sent = [raw.send(joint, 1.0, speed=0.4) for joint in ("torso", "wrist_lr", "wrist_ud")]
    goals = [goal for goal, _ in sent]
    assert raw.cancel(goals[2], stamp=sent[0][1].stamp) == (NONE, [goals[0], goals[2]])
    assert raw.cancel(goals[1]) == (NONE, [goals[1]])


def test_cancel_all_cancels_all_that_run(raw):
    done, _ = raw.send("clamp", 0.002)
    assert raw.result(done)[0] == "SUCCEEDED"
    goals = [raw.send(joint, 1.0, speed=0.4)[0] for joint in ("torso", "wrist_lr", "wrist_ud")]
    assert raw.cancel() == (NONE, goals)
    assert [raw.result(goal)[0] for goal in goals] == ["CANCELED"] * 3


def test_cancel_all_of_nothing_cancels_nothing(raw):
    assert raw.cancel() == (NONE, [])
    assert raw.cancel(stamp=Time(sec=1)) == (NONE, [])


def test_cancel_of_an_unknown_goal_says_so(raw):
    goal, _ = raw.send("torso", 0.3, speed=0.8)
    assert raw.cancel(new_id()) == (UNKNOWN_GOAL, [])
    assert raw.result(goal)[0] == "SUCCEEDED"


def test_cancel_of_an_ended_goal_says_so(raw):
    goal, _ = raw.send("torso", 0.05)
    raw.result(goal)
    assert raw.cancel(goal) == (TERMINATED, [])
    assert raw.result(goal)[0] == "SUCCEEDED", "it stays what it was"


def test_the_status_topic_tells_each_goals_way_to_its_end(arm, raw):
    mark = raw.status.mark()
    reached, _ = raw.send("torso", 0.3, speed=0.6)
    raw.wait_for_status(reached, "SUCCEEDED", mark)
    older, _ = raw.send("torso", 1.0, speed=0.2)
    newer, _ = raw.send("torso", 1.1, speed=0.2)
    moving = arm.joint_states.mark()
    arm.joint_states.wait_for(lambda m: velocity_in(m, "torso") > 0.15, moving)
    raw.cancel(newer)
    raw.wait_for_status(older, "ABORTED", mark)
    raw.wait_for_status(newer, "CANCELED", mark)
    histories = {name: [s for s in raw.history(goal, mark) if s != "not listed"] for name, goal in
                 (("reached", reached), ("older", older), ("newer", newer))}
    ways = {
        "reached": ["EXECUTING", "SUCCEEDED"], "older": ["EXECUTING", "ABORTED"], "newer": ["EXECUTING", "CANCELING", "CANCELED"],
    }
    for name, way in ways.items():
        # The topic keeps the last message: a busy reader may miss one on the way, but never sees them in another order.
        steps = iter(way)
        assert all(status in steps for status in histories[name]), histories
        assert histories[name][-1] == way[-1], histories


def test_the_status_topic_is_latched_and_empty_when_all_is_forgotten(forgetful):
    goal, _ = RawAction(forgetful).send("elbow", 0.05)
    late = RawAction(forgetful)
    late.wait_for_status(goal, "SUCCEEDED")
    wait_until(lambda: listed(late.status.last) == {}, "an empty status")
    assert listed(RawAction(forgetful).status.last) == {}


def test_a_server_without_goals_tells_an_empty_status(start):
    assert listed(RawAction(start("arm").client()).status.last) == {}
