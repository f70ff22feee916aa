"""The guard against desk and torso: what it refuses, what it stops on the way, and what it lets through."""

import math

import pytest
from sensor_msgs.msg import JointState
from trajectory_msgs.msg import JointTrajectory

from harness.jogging import Jogging
from harness.steve import DEGREES, JOINTS, position_in, refuse_command, servo, track, velocity_in
from harness.trajectory import trajectory
from harness.waiting import wait_until

FORWARD = 90 * DEGREES
# 122 mm up, and then forearm, palm and fingers straight down: the hand meets the desk somewhere here.
DESK_BETWEEN = (45 * DEGREES, 60 * DEGREES)


@pytest.fixture
def arm(_shared_client):
    steve = _shared_client
    for result in steve.set_parameters(guard=False, guard_height=0.0):
        assert result.successful, result
    steve.come_home()
    set_guard(steve, True)
    return steve


@pytest.fixture
def rejects(arm, shared_arm):
    """Sends a goal that has to be rejected, with the words in the log and on /rosout."""

    def rejects(joint, position, *words):
        log, rosout = shared_arm.log.mark(), arm.rosout.mark()
        assert arm.request(joint, position) is None, "rejected"

        def tells(text):
            return "goal rejected: guard:" in text and all(word in text for word in words)

        shared_arm.log.wait_for(tells, log)
        arm.rosout.wait_for(lambda line: tells(line.msg), rosout)

    return rejects


@pytest.fixture
def publish(arm):
    return arm.publisher(JointTrajectory, f"{arm.arm}/joint_trajectory").publish


def set_guard(steve, on):
    result, = steve.set_parameters(guard=on)
    assert result.successful, result


def set_height(steve, height):
    result, = steve.set_parameters(guard_height=height)
    assert result.successful, result


def assert_nothing_moved(steve, since):
    steve.joint_states.wait_for_count(5, steve.joint_states.mark())
    for message in steve.joint_states.since(since):
        assert list(message.position) == list(message.velocity) == [0.0] * len(JOINTS)


# --- goals ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("position", [FORWARD, math.inf, 60 * DEGREES])
def test_a_shoulder_that_would_put_the_hand_into_the_desk_is_refused_with_the_reason(arm, rejects, position):
    mark = arm.joint_states.mark()
    rejects("shoulder", position, "hand", "below the desk")
    assert_nothing_moved(arm, mark)


def test_a_shoulder_that_leans_forward_above_the_desk_is_not_refused(arm):
    end = arm.move("shoulder", 45 * DEGREES)
    assert (end.status, end.position) == ("SUCCEEDED", pytest.approx(45 * DEGREES))


def test_a_hand_that_would_go_into_the_torso_is_refused(arm, rejects):
    assert arm.move("shoulder", 30 * DEGREES).status == "SUCCEEDED"
    rejects("wrist_ud", -90 * DEGREES, "the hand would go into the torso")
    assert arm.position("wrist_ud") == 0.0
    assert arm.move("wrist_ud", -45 * DEGREES).status == "SUCCEEDED"


def test_what_counts_is_the_pose_of_all_joints(arm, rejects):
    rejects("shoulder", 70 * DEGREES, "desk")
    assert arm.move("elbow", 61 * DEGREES).status == "SUCCEEDED"
    assert arm.move("shoulder", 70 * DEGREES).status == "SUCCEEDED", "with the forearm raised there is room"
    rejects("elbow", 0.0, "desk")
    assert arm.position("elbow") == pytest.approx(61 * DEGREES)


def test_joints_that_are_on_their_way_count_as_well(arm, rejects):
    mark = arm.joint_states.mark()
    shoulder = arm.start("shoulder", 45 * DEGREES, speed=0.5)
    arm.wait_for_motion("shoulder", mark)
    # Free with the shoulder where it is now.
    rejects("elbow", -30 * DEGREES, "desk")
    assert shoulder.result().status == "SUCCEEDED", "the goal that runs goes on"


def test_joints_that_cannot_reach_anything_are_never_refused(arm):
    for joint in ("torso", "wrist_lr", "clamp"):
        for position in (math.inf, -math.inf):
            assert arm.move(joint, position).status == "SUCCEEDED", joint


def test_the_guard_counts_as_soon_as_its_client_has_heard_that_it_is_on(arm):
    for _ in range(100):
        set_guard(arm, False)
        set_guard(arm, True)
        assert arm.request("shoulder", FORWARD) is None, "rejected"


# --- the other ways in ------------------------------------------------------------------------------------------------


def test_a_command_is_refused_likewise(arm, shared_arm):
    rosout, mark = arm.rosout.mark(), arm.joint_states.mark()
    refuse_command(arm, shared_arm, JointState(name=["shoulder"], position=[FORWARD]), "guard: the hand would come to")
    arm.rosout.wait_for(lambda line: "command refused: guard:" in line.msg and "desk" in line.msg, rosout)
    assert_nothing_moved(arm, mark)


def test_a_command_is_refused_as_a_whole(arm, shared_arm):
    mark = arm.joint_states.mark()
    refuse_command(arm, shared_arm, JointState(name=["torso", "shoulder"], position=[0.5, FORWARD]), "guard:")
    assert_nothing_moved(arm, mark)


def test_a_trajectory_through_the_desk_is_refused(arm, shared_arm, publish):
    mark, log = arm.joint_states.mark(), shared_arm.log.mark()

    def told():
        # It comes out where it is free: the way counts.
        publish(trajectory(["shoulder", "elbow"], (1.5, [FORWARD, 0.0]), (3.0, [0.0, 0.0])))
        arm.fresh_joint_state()
        return any("joint_trajectory refused" in line and "guard: the hand" in line for line in shared_arm.log.since(log))

    wait_until(told, "the refusal in the log")
    assert_nothing_moved(arm, mark)


def test_a_trajectory_above_the_desk_is_followed(arm, publish):
    mark = arm.joint_states.mark()
    publish(trajectory(["shoulder", "elbow"], (0.6, [0.5, 0.4]), (1.2, [0.0, 0.0])))
    arm.joint_states.wait_for(lambda m: position_in(m, "shoulder") > 0.4, mark, what="leaning forward")
    arm.wait_for_position("shoulder", 0.0, mark)


# --- jogging ----------------------------------------------------------------------------------------------------------


def stopped_by_the_guard(state):
    shoulder = servo(state, "shoulder")
    return not state.moving and "guard" in shoulder.message and "desk" in shoulder.message


@pytest.mark.parametrize("velocity", [0.5, 5.0])
def test_a_jog_forward_stops_by_itself_before_the_desk_and_says_why(arm, velocity):
    mark = arm.joint_states.mark()
    with Jogging(arm, shoulder=velocity):
        state = arm.wait_for_state(stopped_by_the_guard, "stopped by the guard")
        assert state.powered and servo(state, "shoulder").powered, "it holds"
        # As long as somebody jogs on, it stays there.
        messages = arm.joint_states.wait_for_count(30, arm.joint_states.mark())
        assert all(position_in(m, "shoulder") < DESK_BETWEEN[1] for m in messages)
    points = track(arm.joint_states.since(mark), "shoulder")
    assert DESK_BETWEEN[0] < max(position for _, position, _ in points) < DESK_BETWEEN[1]
    assert max(abs(v) for _, _, v in points) <= velocity + 1e-9


def test_where_the_jog_stopped_is_free_by_the_guard_itself(arm, rejects):
    with Jogging(arm, shoulder=0.5):
        arm.wait_for_state(stopped_by_the_guard, "stopped by the guard")
    arm.wait_for_state(lambda state: not state.moving, "at rest")
    held = arm.position("shoulder")
    rejects("shoulder", held + 6 * DEGREES, "desk")
    assert arm.move("shoulder", held - 2 * DEGREES).status == "SUCCEEDED"
    assert arm.move("shoulder", held).status == "SUCCEEDED", "what it came to by jogging it may go to"


def test_after_the_guard_has_stopped_it_jogging_back_works(arm):
    with Jogging(arm, shoulder=1.0):
        arm.wait_for_state(stopped_by_the_guard, "stopped by the guard")
    held = arm.position("shoulder")
    mark = arm.joint_states.mark()
    with Jogging(arm, shoulder=-0.5):
        arm.joint_states.wait_for(lambda m: position_in(m, "shoulder") < 0.3, mark, what="with the shoulder back")
    positions = [position for _, position, _ in track(arm.joint_states.since(mark), "shoulder")]
    assert max(positions) <= held + 1e-6


def test_whoever_jogs_on_against_the_desk_changes_nothing_more(arm):
    with Jogging(arm, shoulder=1.0):
        arm.wait_for_state(stopped_by_the_guard, "stopped by the guard")
        arm.joint_states.wait_for_count(10, arm.joint_states.mark())
        states, ticks = arm.state.mark(), arm.joint_states.mark()
        messages = arm.joint_states.wait_for_count(50, ticks)
        # 30 commands and more came in this time.
        assert len(arm.state.since(states)) <= 2, arm.state.since(states)
    assert len({position_in(m, "shoulder") for m in messages}) == 1 and not any(velocity_in(m, "shoulder") for m in messages)


def test_what_jogs_beside_a_joint_that_the_guard_stops_goes_on(arm):
    mark = arm.joint_states.mark()
    with Jogging(arm, shoulder=1.5, torso=0.2):
        arm.wait_for_state(lambda state: "guard" in servo(state, "shoulder").message, "the shoulder stopped by the guard")
        held = arm.position("torso")
        arm.joint_states.wait_for(lambda m: position_in(m, "torso") > held + 0.1, mark, what="with torso going on")
        assert velocity_in(arm.fresh_joint_state(), "shoulder") == 0.0
    assert "guard" not in servo(arm.wait_for_state(lambda state: not state.moving, "at rest"), "torso").message


def test_a_goal_of_a_joint_that_touches_nothing_goes_on_beside_a_jog_against_the_desk(arm):
    with Jogging(arm, shoulder=1.0):
        goal = arm.start("torso", 0.6, speed=0.4)
        arm.wait_for_state(lambda state: "guard" in servo(state, "shoulder").message, "the shoulder stopped by the guard")
        end = goal.result()
    assert (end.status, end.position) == ("SUCCEEDED", pytest.approx(0.6))


def test_a_jog_of_one_joint_stops_for_what_another_is_lowered_to(arm):
    assert arm.move("shoulder", 45 * DEGREES).status == "SUCCEEDED"
    mark = arm.joint_states.mark()
    with Jogging(arm, elbow=-0.5):
        state = arm.wait_for_state(lambda state: "guard" in servo(state, "elbow").message and not state.moving, "stopped")
    assert "desk" in servo(state, "elbow").message
    assert min(position for _, position, _ in track(arm.joint_states.since(mark), "elbow")) > -20 * DEGREES


def test_a_jog_of_the_hand_stops_before_the_torso(arm):
    assert arm.move("shoulder", 30 * DEGREES).status == "SUCCEEDED"
    mark = arm.joint_states.mark()
    with Jogging(arm, wrist_ud=-1.0):
        arm.wait_for_state(lambda state: "into the torso" in servo(state, "wrist_ud").message and not state.moving, "stopped")
    assert min(position for _, position, _ in track(arm.joint_states.since(mark), "wrist_ud")) > -89 * DEGREES


def test_the_guard_ends_a_goal_that_runs_when_a_jog_makes_its_way_no_longer_free(arm):
    mark = arm.joint_states.mark()
    goal = arm.start("shoulder", 45 * DEGREES, speed=0.3)
    arm.wait_for_motion("shoulder", mark)
    with Jogging(arm, elbow=-0.8):
        end = goal.result()
    assert end.status == "ABORTED" and "guard" in end.message and "desk" in end.message, end
    assert end.position < 45 * DEGREES
    state = arm.wait_for_state(lambda state: not state.moving, "at rest")
    assert servo(state, "shoulder").position == end.position


# --- off, and how high ------------------------------------------------------------------------------------------------


def test_switched_off_at_run_time_it_lets_everything_through_and_says_so(arm, shared_arm, rejects):
    rejects("shoulder", FORWARD, "desk")
    mark = shared_arm.log.mark()
    set_guard(arm, False)
    shared_arm.log.wait_for(lambda line: "WARN" in line and "guard" in line and "off" in line, mark)
    end = arm.move("shoulder", FORWARD)
    assert (end.status, end.position) == ("SUCCEEDED", pytest.approx(FORWARD))


def test_switched_on_again_it_guards_again_and_lets_out_what_is_below(arm, rejects):
    set_guard(arm, False)
    assert arm.move("shoulder", 70 * DEGREES).status == "SUCCEEDED"
    set_guard(arm, True)
    rejects("shoulder", FORWARD, "desk")
    end = arm.move("shoulder", 0.0)
    assert (end.status, end.position) == ("SUCCEEDED", 0.0)
    rejects("shoulder", 70 * DEGREES, "desk")


def test_started_without_guard_it_lets_everything_through_and_says_so(start):
    process = start("arm", parameters={"guard": False})
    process.log.wait_for(lambda line: "WARN" in line and "guard" in line and "off" in line)
    steve = process.client()
    assert steve.move("shoulder", FORWARD).status == "SUCCEEDED"
    mark = steve.joint_states.mark()
    with Jogging(steve, elbow=-1.0):
        steve.joint_states.wait_for(lambda m: position_in(m, "elbow") < -0.8, mark, what="with the elbow down")
    steve.command(shoulder=0.0, elbow=0.0)
    steve.wait_for_position("shoulder", 0.0, mark)
    set_guard(steve, True)
    assert steve.request("shoulder", FORWARD) is None, "and it can be switched on"


def test_a_height_refuses_what_none_allows(arm, rejects):
    assert arm.move("shoulder", 30 * DEGREES).status == "SUCCEEDED"
    assert arm.move("shoulder", 0.0).status == "SUCCEEDED"
    set_height(arm, 0.1)
    rejects("shoulder", 30 * DEGREES, "hand", "100 mm are asked for")
    set_height(arm, 0.0)
    assert arm.move("shoulder", 30 * DEGREES).status == "SUCCEEDED"


def test_a_height_of_the_start_is_kept(start):
    steve = start("arm", parameters={"guard_height": 0.1}).client()
    assert steve.request("shoulder", 30 * DEGREES) is None
    assert steve.move("shoulder", 10 * DEGREES).status == "SUCCEEDED"


def test_a_jog_keeps_the_height_too(arm):
    set_height(arm, 0.1)
    mark = arm.joint_states.mark()
    with Jogging(arm, shoulder=0.5):
        state = arm.wait_for_state(stopped_by_the_guard, "stopped by the guard")
    assert "100 mm are asked for" in servo(state, "shoulder").message
    assert max(position for _, position, _ in track(arm.joint_states.since(mark), "shoulder")) < 30 * DEGREES


def test_a_part_that_is_too_low_already_may_go_up(arm, rejects):
    assert arm.move("shoulder", 40 * DEGREES).status == "SUCCEEDED"
    set_height(arm, 0.1)
    rejects("shoulder", 45 * DEGREES, "mm above the desk")
    mark = arm.joint_states.mark()
    assert arm.move("shoulder", 0.0).status == "SUCCEEDED"
    assert any(velocity_in(m, "shoulder") < 0.0 for m in arm.joint_states.since(mark))


@pytest.mark.parametrize("bad", [-1.1, 2.5, math.nan, "high"])
def test_a_height_out_of_range_is_refused(arm, bad):
    result, = arm.set_parameters(guard_height=bad)
    assert not result.successful and "guard_height" in result.reason, result


# --- diagnostics ------------------------------------------------------------------------------------------------------


def test_diagnostics_tell_the_guards_state(arm):
    recorder = arm.diagnostics()

    def guard(level, word, height):
        def told(message):
            status = next(status for status in message.status if status.name == "arm: guard")
            values = {pair.key: float(pair.value) for pair in status.values}
            return status.level == level and word in status.message and values["height (m)"] == height

        return recorder.wait_for(told, recorder.mark(), what=f"that the guard is {word}")

    guard(b"\x00", "on", 0.0)
    set_height(arm, 0.05)
    guard(b"\x00", "on", 0.05)
    set_guard(arm, False)
    guard(b"\x01", "off", 0.05)
    set_guard(arm, True)
    guard(b"\x00", "on", 0.05)
