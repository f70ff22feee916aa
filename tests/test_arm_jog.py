"""Jogging: velocities alone on ~/command, good for `command_timeout`."""

import math

import pytest
from sensor_msgs.msg import JointState

from harness.jogging import Jogging, jog
from harness.steve import DEGREES, JOINTS, position_in, refuse_command, servo, track, velocity_in

# config/steve.yaml: rad/s, rad/s², rad/s³, and the update rate's tick.
VELOCITY, ACCELERATION, JERK, TICK = 5.0, 40.0, 1000.0, 0.02
RAN_OUT = "no newer command"


def stopping_distance(speed):
    """How far a joint of Steve's goes on at most, once it has begun to slow down from this speed."""
    return speed * (speed / ACCELERATION + ACCELERATION / JERK)


def at_speed(steve, joint, velocity, mark):
    """Waits until the joint has the velocity."""
    condition = lambda m: velocity_in(m, joint) == pytest.approx(velocity, abs=1e-9)
    return steve.joint_states.wait_for(condition, mark, what=f"with {joint} at {velocity}")


def at_rest(steve, joint, words):
    """Waits until ~/state says why the joint rests."""
    def rests(state):
        return not servo(state, joint).moving and words in servo(state, joint).message

    return steve.wait_for_state(rests, f"{joint} at rest: {words}")


def set_timeout(steve, seconds):
    result, = steve.set_parameters(command_timeout=seconds)
    assert result.successful, result


@pytest.fixture(autouse=True)
def default_timeout(arm):
    yield
    set_timeout(arm, 0.25)


def test_a_velocity_moves_the_joint_for_as_long_as_it_is_repeated(arm):
    mark = arm.joint_states.mark()
    with Jogging(arm, torso=0.5):
        at_speed(arm, "torso", 0.5, mark)
        # Three times the timeout.
        arm.joint_states.wait_for(lambda m: position_in(m, "torso") > 0.375, mark, what="with torso well on its way")
    at_rest(arm, "torso", RAN_OUT)
    points = track(arm.joint_states.since(mark), "torso")
    positions = [position for _, position, _ in points]
    assert positions == sorted(positions), "straight on"
    assert max(velocity for _, _, velocity in points) == pytest.approx(0.5, abs=1e-9), "no faster than it was told"
    assert min(velocity for _, _, velocity in points) >= 0.0


def test_the_velocities_of_several_joints_are_those_that_were_asked_for(arm):
    wanted = {"torso": -0.4, "elbow": 0.2, "clamp": 0.01}
    mark = arm.joint_states.mark()
    with Jogging(arm, **wanted):
        def all_at_speed(message):
            return all(velocity_in(message, joint) == pytest.approx(velocity, abs=1e-9) for joint, velocity in wanted.items())

        message = arm.joint_states.wait_for(all_at_speed, mark, what="with all three at their velocities")
    assert [velocity_in(message, joint) for joint in ("shoulder", "wrist_ud", "wrist_lr")] == [0.0] * 3


def test_a_velocity_above_the_joints_is_the_joints(arm):
    arm.move("torso", -math.inf)
    mark = arm.joint_states.mark()
    with Jogging(arm, torso=1000.0):
        at_speed(arm, "torso", VELOCITY, mark)
    at_rest(arm, "torso", "")
    assert max(velocity for _, _, velocity in track(arm.joint_states.since(mark), "torso")) <= VELOCITY + 1e-9


def test_while_it_jogs_a_joint_has_no_goal_and_afterwards_it_holds_and_says_why(arm):
    mark = arm.joint_states.mark()
    with Jogging(arm, torso=0.5):
        state = arm.wait_for_state(lambda state: servo(state, "torso").moving, "torso moving")
        assert math.isnan(servo(state, "torso").goal)
        assert servo(state, "torso").powered and servo(state, "elbow").goal == 0.0
        at_speed(arm, "torso", 0.5, mark)
    state = at_rest(arm, "torso", RAN_OUT)
    torso = servo(state, "torso")
    assert torso.powered and torso.goal == torso.position > 0.0
    assert not state.moving
    # What was sent before may still be on its way here.
    arm.fresh_joint_state()
    for message in arm.joint_states.wait_for_count(15, arm.joint_states.mark()):
        assert (position_in(message, "torso"), velocity_in(message, "torso")) == (torso.position, 0.0), "it holds"


def jogs_once(arm, timeout, far_enough):
    """How far the torso goes by one velocity of 0.4 rad/s. An arm that is late goes less far, for its ticks are left out: up to
    three times."""
    set_timeout(arm, timeout)
    for _ in range(3):
        start = arm.position("torso")
        jog(arm, torso=0.4)
        # By its end: all of it may be over before anybody sees it move.
        state = arm.wait_for_state(lambda state: has_run_out(servo(state, "torso"), start), "torso where the velocity ran out")
        way = servo(state, "torso").position - start
        if far_enough(way):
            break
    return way


def has_run_out(torso, start):
    return not torso.moving and RAN_OUT in torso.message and torso.position != start


def test_one_velocity_is_good_for_the_timeout_and_no_longer(arm):
    most = 0.5 * 0.4 + stopping_distance(0.4) + 3 * TICK * 0.4
    went = jogs_once(arm, 0.5, lambda way: 0.3 * 0.4 < way < most)
    assert 0.3 * 0.4 < went < most, "0.5 s at 0.4 rad/s"


def test_the_timeout_can_be_changed_at_run_time(arm):
    short = jogs_once(arm, 0.1, lambda way: way > 0.0)
    long = jogs_once(arm, 1.0, lambda way: way > 0.3)
    assert 0.0 < short < 0.1 < 0.3 < long, (short, long)


@pytest.mark.parametrize("bad", [0.0, -1.0, math.nan, 11.0])
def test_a_timeout_out_of_range_is_refused(arm, bad):
    result, = arm.set_parameters(command_timeout=bad)
    assert not result.successful and "command_timeout" in result.reason, result


def test_velocity_0_stops_at_once(arm):
    # Longer than the test waits for anything: what stops it here is the command.
    set_timeout(arm, 10.0)
    mark = arm.joint_states.mark()
    jog(arm, torso=0.5)
    jogging = at_speed(arm, "torso", 0.5, mark)
    jog(arm, torso=0.0)
    state = at_rest(arm, "torso", "reached")
    assert servo(state, "torso").position > position_in(jogging, "torso")
    velocities = [velocity for stamp, _, velocity in track(arm.joint_states.since(mark), "torso") if stamp > jogging.stamp]
    assert velocities == sorted(velocities, reverse=True) and velocities[-1] >= 0.0, f"it slows down and no more: {velocities}"


def test_a_newer_velocity_replaces_the_older(arm):
    set_timeout(arm, 10.0)
    mark = arm.joint_states.mark()
    jog(arm, torso=0.5)
    at_speed(arm, "torso", 0.5, mark)
    jog(arm, torso=-0.3)
    at_speed(arm, "torso", -0.3, mark)
    jog(arm, wrist_lr=0.2)
    at_speed(arm, "wrist_lr", 0.2, mark)
    message = arm.fresh_joint_state()
    assert velocity_in(message, "torso") == pytest.approx(-0.3), "of other joints it says nothing"


@pytest.mark.parametrize(
    ("joint", "velocity", "limit", "words"),
    [
        ("torso", 2.0, 90 * DEGREES, "at its upper limit"), ("elbow", -2.0, -58.4 * DEGREES, "at its lower limit"),
        ("wrist_ud", 5.0, 90 * DEGREES, "at its upper limit"), ("clamp", 0.1, 0.030, "at its upper limit"),
    ],
)
def test_into_its_limit_a_joint_slows_down_and_rests_exactly_there(arm, joint, velocity, limit, words):
    mark = arm.joint_states.mark()
    with Jogging(arm, **{joint: velocity}):
        state = at_rest(arm, joint, words)
        assert servo(state, joint).goal == servo(state, joint).position == pytest.approx(limit, abs=1e-12)
        arm.joint_states.wait_for_count(10, arm.joint_states.mark())
        assert arm.position(joint) == servo(state, joint).position, "whatever it is told further"
    points = track(arm.joint_states.since(mark), joint)
    beyond = [position for _, position, _ in points if abs(position) > abs(limit) + 1e-12]
    assert not beyond, f"outside the travel: {beyond}"
    slower = [v for _, position, v in points if abs(limit - position) < stopping_distance(velocity) / 4]
    assert slower and max(map(abs, slower)) < abs(velocity), "it slows down before"


def test_from_its_limit_a_joint_jogs_back(arm):
    mark = arm.joint_states.mark()
    with Jogging(arm, clamp=-0.05):
        at_rest(arm, "clamp", "at its lower limit")
    with Jogging(arm, clamp=0.05):
        at_speed(arm, "clamp", 0.05, mark)
    at_rest(arm, "clamp", "")
    assert arm.position("clamp") > 0.0


def test_a_goal_preempts_a_jog(arm):
    set_timeout(arm, 10.0)
    mark = arm.joint_states.mark()
    jog(arm, torso=0.5, wrist_lr=0.2)
    at_speed(arm, "torso", 0.5, mark)
    end = arm.move("torso", -0.1, speed=1.0)
    assert (end.status, end.position) == ("SUCCEEDED", pytest.approx(-0.1))
    assert velocity_in(arm.fresh_joint_state(), "wrist_lr") == pytest.approx(0.2), "the other joint jogs on"
    assert arm.position("torso") == pytest.approx(-0.1), "and the jog is over, not only late"


def test_a_jog_preempts_a_goal_which_ends_aborted(arm):
    mark = arm.joint_states.mark()
    goal = arm.start("torso", 80 * DEGREES, speed=0.4)
    other = arm.start("wrist_lr", 0.4, speed=0.6)
    arm.wait_for_motion("torso", mark)
    with Jogging(arm, torso=-0.3):
        end = goal.result()
        assert end.status == "ABORTED" and "preempted" in end.message and "took torso" in end.message, end
        at_speed(arm, "torso", -0.3, mark)
    assert other.result().status == "SUCCEEDED"


def test_positions_and_velocities_together_are_positions_to_go_to(arm):
    mark = arm.joint_states.mark()
    arm.publish_command(JointState(name=["torso", "elbow"], position=[0.3, -0.2], velocity=[-1.0, 0.0]))
    arm.wait_for_position("torso", 0.3, mark)
    arm.wait_for_position("elbow", -0.2, mark)
    assert min(position for _, position, _ in track(arm.joint_states.since(mark), "torso")) >= 0.0, "never by the velocity"


def test_stop_ends_a_jog(arm):
    set_timeout(arm, 10.0)
    mark = arm.joint_states.mark()
    jog(arm, torso=0.5)
    at_speed(arm, "torso", 0.5, mark)
    assert arm.stop().success
    held = arm.position("torso")
    arm.joint_states.wait_for_count(10, arm.joint_states.mark())
    assert arm.position("torso") == held


def test_power_comes_on_by_itself_with_a_jog_without_a_jump(arm):
    arm.move("torso", 0.3)
    assert arm.power(False).success
    mark = arm.joint_states.mark()
    with Jogging(arm, torso=0.4):
        state = arm.wait_for_state(lambda state: servo(state, "torso").powered, "torso powered")
        assert state.powered
        at_speed(arm, "torso", 0.4, mark)
    first = track(arm.joint_states.since(mark), "torso")[0]
    assert first[1] == pytest.approx(0.3)


REFUSED = {
    "not a number": (JointState(name=["torso"], velocity=[math.nan]), "velocity of torso: NaN"),
    "infinity": (JointState(name=["torso"], velocity=[math.inf]), "no finite number"),
    "not a number beside a good one": (JointState(name=["elbow", "torso"], velocity=[0.5, math.nan]), "torso"),
    "unknown joint": (JointState(name=["neck"], velocity=[0.1]), "neck"),
    "unknown joint beside a good one": (JointState(name=["torso", "neck"], velocity=[0.5, 0.1]), "neck"),
    "too few velocities": (JointState(name=["torso", "elbow"], velocity=[0.5]), "2 entries, velocity 1"),
    "too many velocities": (JointState(name=["torso"], velocity=[0.5, 0.5]), "1 entries, velocity 2"),
    "no names": (JointState(velocity=[0.5]), "0 entries, velocity 1"),
    "nothing at all": (JointState(), "at least one"),
    "neither position nor velocity": (JointState(name=["torso"]), "1 entries, position 0"),
    "joint twice": (JointState(name=["torso", "torso"], velocity=[0.5, 0.5]), "twice"),
    "effort": (JointState(name=["torso"], velocity=[0.5], effort=[1.0]), "effort"),
}


@pytest.mark.parametrize(("message", "reason"), REFUSED.values(), ids=REFUSED.keys())
def test_a_bad_velocity_is_refused_as_a_whole_with_the_reason_and_nothing_moves(arm, shared_arm, message, reason):
    rosout, mark = arm.rosout.mark(), arm.joint_states.mark()
    refuse_command(arm, shared_arm, message, reason)
    arm.rosout.wait_for(lambda line: "command refused" in line.msg and reason in line.msg, rosout)
    arm.joint_states.wait_for_count(5, arm.joint_states.mark())
    for told in arm.joint_states.since(mark):
        assert list(told.position) == list(told.velocity) == [0.0] * len(JOINTS)


def test_a_bad_velocity_leaves_the_jog_that_runs_alone(arm, shared_arm):
    set_timeout(arm, 10.0)
    mark = arm.joint_states.mark()
    jog(arm, torso=0.1)
    at_speed(arm, "torso", 0.1, mark)
    refuse_command(arm, shared_arm, JointState(name=["torso"], velocity=[math.nan]), "velocity of torso: NaN")
    assert velocity_in(arm.fresh_joint_state(), "torso") == pytest.approx(0.1)


def test_under_emergency_stop_velocities_are_refused(arm, shared_arm):
    assert arm.emergency_stop(True).success
    refuse_command(arm, shared_arm, JointState(name=["torso"], velocity=[0.5]), "emergency stop")
    state = arm.wait_for_state(lambda state: state.emergency_stop, "emergency stop")
    assert not state.powered and not state.moving
    assert list(arm.fresh_joint_state().position) == [0.0] * len(JOINTS)


def test_an_emergency_stop_ends_a_jog_and_its_release_does_not_bring_it_back(arm):
    set_timeout(arm, 10.0)
    mark = arm.joint_states.mark()
    jog(arm, torso=0.5)
    at_speed(arm, "torso", 0.5, mark)
    assert arm.emergency_stop(True).success
    held = arm.position("torso")
    assert arm.emergency_stop(False).success
    arm.joint_states.wait_for_count(10, arm.joint_states.mark())
    assert (arm.position("torso"), velocity_in(arm.fresh_joint_state(), "torso")) == (held, 0.0)


def test_a_joint_whose_position_is_unknown_does_not_jog(start):
    process = start("arm", parameters={"sim_start": "unknown"})
    steve = process.client()
    refuse_command(steve, process, JointState(name=["torso"], velocity=[0.5]), "unknown")
    assert not steve.state.last.powered
