"""Node `teleop`: what a hand on an input device does to the arm, in joint mode."""

import math
import time

import pytest
from sensor_msgs.msg import JointState

from harness import Process, wait_until
from harness.steve import JOINTS, position_in, servo, track, velocity_in
from harness.teleop import MAPPING, Device, at_rest, at_speed, begin, deflect, does_not_move, moves, says, seen, sent_since


@pytest.fixture(scope="module")
def shared_arm():
    """Where input is not to be lost, the test process may be late: a second."""
    with Process("bringup", "--nodes", "arm,teleop", parameters={"config": MAPPING, "profile": "hand", "joy_timeout": 1.0}) as process:
        yield process


@pytest.fixture(scope="module")
def _shared_device(_shared_client):
    with Device(_shared_client, "hand/joy", axes=3) as device:
        seen(_shared_client, device)
        yield device


@pytest.fixture(scope="module")
def _shared_commands(_shared_client):
    return _shared_client.record(JointState, "arm/command", 100)


@pytest.fixture
def device(arm, _shared_device, commands):
    """The device of the shared arm, centred."""
    _shared_device.stamped, _shared_device.shift = True, 0.0
    _shared_device.speak()
    _shared_device.centre()
    at_rest(arm)
    yield _shared_device
    _shared_device.shift = 0.0
    _shared_device.speak()
    _shared_device.centre()


@pytest.fixture
def commands(_shared_commands):
    return _shared_commands


# --- velocities -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("axis", "value", "joint", "velocity"),
    [
        (0, 1.0, "torso", 1.0), (0, -1.0, "torso", -1.0), (0, 0.6, "torso", 0.5), (1, 1.0, "elbow", -0.5), (1, -0.75, "elbow", 0.25),
        (2, 0.5, "wrist_lr", 2.5), (2, 0.25, "wrist_lr", 1.25), (2, -1.0, "wrist_lr", -2.5), (0, 7.0, "torso", 1.0),
    ],
)
def test_an_axis_moves_its_joint_with_the_speed_of_its_deflection(arm, device, axis, value, joint, velocity):
    mark, message = deflect(arm, device, {axis: value}, moves(joint, velocity), f"{joint} at {velocity}")
    others = [other for other in JOINTS if other != joint]
    assert [velocity_in(message, other) for other in others] == [0.0] * 5
    fastest = max(abs(velocity) for _, _, velocity in track(arm.joint_states.since(mark), joint))
    assert fastest == pytest.approx(abs(velocity), abs=1e-6)


def test_in_the_dead_zone_nothing_moves_and_nothing_is_sent(arm, device, commands):
    now = time.time()
    device.put({0: 0.19, 1: -0.49})
    does_not_move(arm)
    assert not sent_since(commands, now)


def test_from_the_edge_of_the_dead_zone_the_speed_rises_from_0(arm, device):
    deflect(arm, device, {0: 0.21}, moves("torso", 0.0125), "the torso at its slowest")


def test_several_axes_move_their_joints_together(arm, device):
    wanted = {"torso": -0.5, "elbow": -0.25, "wrist_lr": 0.5}
    at_speeds = lambda m: all(moves(joint, velocity)(m) for joint, velocity in wanted.items())
    deflect(arm, device, {0: -0.6, 1: 0.75, 2: 0.1}, at_speeds, f"{wanted}")


def test_a_held_deflection_moves_for_as_long_as_it_is_repeated(arm, device):
    mark, _ = deflect(arm, device, {0: 1.0}, lambda m: position_in(m, "torso") > 1.2, "the torso well on its way")
    assert min(velocity for _, _, velocity in track(arm.joint_states.since(mark), "torso")) >= 0.0
    at_speed(arm, "torso", 1.0, mark)


def test_commands_name_only_what_is_deflected(arm, device, commands):
    now = time.time()
    deflect(arm, device, {0: 0.6}, moves("torso", 0.5), "the torso at speed")
    commands.wait_for(lambda command: command.stamp >= now)
    told = sent_since(commands, now)
    assert all(list(command.name) == ["torso"] for command in told), told
    assert all(not command.position and not command.effort for command in told)
    assert all(command.stamp > 0.0 for command in told)


def test_let_go_of_it_sends_zero_once_and_then_nothing(arm, device, commands):
    deflect(arm, device, {0: 1.0, 2: 0.1}, moves("torso", 1.0), "the torso at speed")
    now = time.time()
    device.centre()
    commands.wait_for(lambda command: command.stamp >= now and not any(command.velocity))
    at_rest(arm)
    does_not_move(arm, 25)
    told = sent_since(commands, now)
    zeros = [command for command in told if not any(command.velocity)]
    assert len(zeros) == 1 and sorted(zeros[0].name) == ["torso", "wrist_lr"], zeros
    assert told[-1] is zeros[0], "and then it is silent"


def test_let_go_of_one_axis_only_its_joint_stops(arm, device):
    both = lambda m: moves("torso", 1.0)(m) and moves("wrist_lr", 0.5)(m)
    deflect(arm, device, {0: 1.0, 2: 0.1}, both, "both at speed")
    device.put({0: 0.0})
    message = at_speed(arm, "torso", 0.0, arm.joint_states.mark())
    assert velocity_in(message, "wrist_lr") == pytest.approx(0.5)


def test_a_device_that_is_not_touched_sends_nothing_to_the_arm(arm, device, commands):
    now = time.time()
    does_not_move(arm, 50)
    assert not sent_since(commands, now)


def test_the_clamp_moves_while_its_button_is_held_and_back_when_it_is_let_go_of(arm, device, commands):
    on_its_way = lambda m: position_in(m, "clamp") > 0.01
    mark, _ = deflect(arm, device, {}, on_its_way, "the clamp on its way", buttons={0: 1})
    at_speed(arm, "clamp", 0.02, mark)
    mark = arm.joint_states.mark()
    device.put(buttons={0: 0})
    at_speed(arm, "clamp", -0.05, mark)
    arm.wait_for_position("clamp", 0.0, mark)
    at_rest(arm)

    def is_silent():
        now = time.time()
        does_not_move(arm, 25)
        return not sent_since(commands, now)

    # What is seen here of its end, teleop may see a moment later.
    wait_until(is_silent, "at the end of its travel it is told nothing any more")


# --- messages that are none -------------------------------------------------------------------------------------------

BAD = {
    "not a number": ([math.nan, 0.0, 0.0], [0, 0], "axes[0]: NaN"),
    "infinity": ([0.0, math.inf, 0.0], [0, 0], "axes[1]: inf"),
    "too few axes": ([0.0, 0.0], [0, 0], "axes: 2 of them"),
    "nothing at all": ([], [], "axes: 0 of them"),
    "far too many axes": ([0.0] * 5000, [0, 0], "axes: 5000 entries"),
    "far too many buttons": ([0.0] * 3, [0] * 5000, "buttons: 5000 entries"),
}


@pytest.mark.parametrize(("axes", "buttons", "reason"), BAD.values(), ids=BAD.keys())
def test_a_bad_message_is_refused_with_the_reason_and_the_arm_stops(arm, shared_arm, device, axes, buttons, reason):
    deflect(arm, device, {0: 1.0}, moves("torso", 1.0), "the torso at speed")
    device.silent()
    log = shared_arm.log.mark()

    # What is repeated is only counted in the log.
    def told():
        device.raw(axes, buttons)
        return any("Joy message refused" in line and reason in line for line in shared_arm.log.since(log))

    wait_until(told, f"refusal with {reason!r} in the log")
    at_rest(arm)
    device.speak()
    does_not_move(arm)
    deflect(arm, device, {0: 1.0}, moves("torso", 1.0), "the torso at speed again")


def test_a_refused_message_is_a_warning_in_diagnostics_until_a_good_one(arm, device):
    diagnostics = arm.diagnostics()

    def told(level, words):
        return lambda message: any(s.name == "teleop: input" and s.level == level and words in s.message for s in message.status)

    device.silent()
    device.raw([0.0], [0, 0])
    diagnostics.wait_for(told(b"\x01", "refused"), diagnostics.mark())
    device.speak()
    device.centre()
    diagnostics.wait_for(told(b"\x00", ""), diagnostics.mark())


def test_a_storm_of_messages_is_lived_through(arm, device, shared_arm):
    for _ in range(2000):
        device.raw([math.nan] * 3, [1, 1])
        device.raw([0.5, 0.0, 0.0], [0, 1])
    deflect(arm, device, {0: 1.0}, moves("torso", 1.0), "the torso at speed")
    assert shared_arm.exit_code is None


# --- who wins ---------------------------------------------------------------------------------------------------------


def test_the_hand_wins_against_a_goal_of_its_joint_and_leaves_the_others_alone(arm, device):
    goal = other = None

    def both_move():
        nonlocal goal, other
        device.centre()
        arm.come_home()
        at_rest(arm)
        mark = arm.joint_states.mark()
        goal, other = arm.start("torso", -1.2, speed=0.2), arm.start("wrist_ud", 0.5, speed=0.2)
        arm.wait_for_motion("torso", mark)

    begin(arm, both_move, lambda: device.put({0: 0.6}), moves("torso", 0.5), "the torso by hand")
    end = goal.result()
    assert end.status == "ABORTED" and "preempted" in end.message, end
    assert other.result().status == "SUCCEEDED"


def test_a_newer_goal_is_overtaken_by_the_hand_that_still_moves(arm, device):
    # Slowly: at the end of its travel it would not go on.
    deflect(arm, device, {0: 0.4}, moves("torso", 0.25), "the torso by hand")
    end = arm.start("torso", -1.2, speed=0.3).result()
    assert end.status == "ABORTED", end
    at_speed(arm, "torso", 0.25, arm.joint_states.mark())


def test_after_it_is_let_go_of_goals_work_again(arm, device):
    deflect(arm, device, {0: 0.6}, moves("torso", 0.5), "the torso by hand")
    device.centre()
    at_rest(arm)
    assert arm.move("torso", -0.2).status == "SUCCEEDED"
    assert arm.position("torso") == pytest.approx(-0.2)


def test_under_emergency_stop_nothing_moves_and_afterwards_only_from_the_centre(arm, device, commands, shared_arm):
    deflect(arm, device, {0: 0.6}, moves("torso", 0.5), "the torso by hand")
    assert arm.emergency_stop(True).success
    arm.wait_for_state(lambda state: state.emergency_stop, "emergency stop")
    told = says(shared_arm, "[teleop]: emergency stop", shared_arm.log.mark())

    def is_told():
        device.centre()
        device.put({0: 0.6})
        arm.fresh_joint_state()
        return told()

    wait_until(is_told, "why nothing moves")
    does_not_move(arm)
    now = time.time()
    does_not_move(arm)
    assert not sent_since(commands, now)
    assert arm.emergency_stop(False).success
    does_not_move(arm)
    deflect(arm, device, {0: 0.6}, moves("torso", 0.5), "the torso by hand, from the centre", home=False)


def test_limp_joints_get_power_by_being_moved(arm, device):
    def make_limp():
        device.centre()
        at_rest(arm)
        assert arm.power(False).success
        arm.wait_for_state(lambda state: not state.powered, "limp")

    begin(arm, make_limp, lambda: device.put({0: 0.6}), moves("torso", 0.5), "the torso by hand")
    arm.wait_for_state(lambda state: servo(state, "torso").powered, "torso powered")


# --- what it tells -----------------------------------------------------------------------------------------------------


def test_diagnostics_tell_profile_mode_input_and_counts(arm, device, shared_arm):
    diagnostics = arm.diagnostics()

    def figures(message):
        return next(({v.key: v.value for v in s.values} | {"message": s.message} for s in message.status if s.name == "teleop: input"), None)

    told = figures(diagnostics.wait_for(lambda m: figures(m) and figures(m)["message"] == "fresh"))
    assert (told["profile"], told["mode"], told["topic"]) == ("hand", "joint", "hand/joy")
    device.put({0: 0.6})
    more = figures(diagnostics.wait_for(lambda m: figures(m) and int(figures(m)["commands sent"]) > int(told["commands sent"])))
    assert int(more["messages"]) > int(told["messages"])
    device.raw([], [])
    diagnostics.wait_for(lambda m: figures(m) and int(figures(m)["refused messages"]) > int(told["refused messages"]) and "axes: 0" in figures(m)["last refusal"])
    device.silent()
    device.centre()
    device.speak()
    device.centre()
    device.put({0: 0.6})
    device.silent()
    diagnostics.wait_for(lambda m: figures(m) and "stale" in figures(m)["message"])
    device.speak()
    device.centre()
    device.silent()
    diagnostics.wait_for(lambda m: figures(m) and figures(m)["message"] == "at rest")
