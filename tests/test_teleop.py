"""Node `teleop`: what a hand on an input device does to the arm, in joint mode, and when it is let go of."""

import math

import pytest
from sensor_msgs.msg import JointState, Joy

from harness import Process
from harness.steve import JOINTS, position_in, servo, track, velocity_in
from harness.teleop import Device, at_rest, at_speed, does_not_move, seen
from harness.waiting import wait_until

# rad/s² of config/steve.yaml, and the update rate's tick.
ACCELERATION, TICK = 40.0, 0.02
# What the issue promises from the last message to rest.
STOPPED_WITHIN = 0.25
# joint_states and the servos tick apart, so two ticks may lie between two messages, and none is exactly as long as the other.
# The wrist's full speed here is 2.5.
GREATEST_STEP = ACCELERATION * 2 * TICK * 1.2

MAPPING = """
hand:
  topic: hand/joy
  dead_zone: 0.2
  joints:
    torso: {axis: 0, scale: 1.0}
    elbow: {axis: 1, scale: -0.5, dead_zone: 0.5}
    wrist_lr: {axis: 2, scale: 2.5, dead_zone: 0, full: 0.5}
  buttons:
    0: {clamp: {joint: clamp, held: 0.02, released: -0.05}}
guarded:
  topic: hand/joy
  dead_man: 1
  joints:
    torso: {axis: 0, scale: 1.0}
    elbow: {axis: 1, scale: 1.0}
    wrist_lr: {axis: 2, scale: 2.5}
"""


@pytest.fixture(scope="module")
def mapping(tmp_path_factory):
    path = tmp_path_factory.mktemp("teleop") / "mapping.yaml"
    path.write_text(MAPPING)
    return str(path)


@pytest.fixture(scope="module")
def shared_arm(mapping):
    """Where input is not to be lost, the test process may be late: half a second."""
    with Process("bringup", "--nodes", "arm,teleop", parameters={"config": mapping, "profile": "hand", "joy_timeout": 0.5}) as process:
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


def stops_after(steve, joint, event, mark):
    """How long after the stamp `event` the joint was seen at rest, and the greatest step of its velocity from message to message."""
    end = steve.joint_states.wait_for(lambda m: m.stamp > event and velocity_in(m, joint) == 0.0, mark, what=f"with {joint} at rest")
    velocities = [velocity for stamp, _, velocity in track(steve.joint_states.since(mark), joint) if stamp <= end.stamp]
    steps = [abs(b - a) for a, b in zip(velocities, velocities[1:])]
    return end.stamp - event, max(steps)


def in_time(attempt):
    """The promise is the node's, the machine may be late: up to three times."""
    measured = []
    for _ in range(3):
        measured.append(attempt())
        if measured[-1][0] <= STOPPED_WITHIN + TICK:
            break
    assert measured[-1][0] <= STOPPED_WITHIN + TICK, f"s to rest and greatest step: {measured}"
    assert max(step for _, step in measured) <= GREATEST_STEP, f"s to rest and greatest step: {measured}"


# --- velocities -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("axis", "value", "joint", "velocity"),
    [
        (0, 1.0, "torso", 1.0), (0, -1.0, "torso", -1.0), (0, 0.6, "torso", 0.5), (1, 1.0, "elbow", -0.5), (1, -0.75, "elbow", 0.25),
        (2, 0.5, "wrist_lr", 2.5), (2, 0.25, "wrist_lr", 1.25), (2, -1.0, "wrist_lr", -2.5), (0, 7.0, "torso", 1.0),
    ],
)
def test_an_axis_moves_its_joint_with_the_speed_of_its_deflection(arm, device, axis, value, joint, velocity):
    mark = arm.joint_states.mark()
    device.put({axis: value})
    message = at_speed(arm, joint, velocity, mark)
    others = [other for other in JOINTS if other != joint]
    assert [velocity_in(message, other) for other in others] == [0.0] * 5
    fastest = max(abs(velocity) for _, _, velocity in track(arm.joint_states.since(mark), joint))
    assert fastest == pytest.approx(abs(velocity), abs=1e-6)


def test_in_the_dead_zone_nothing_moves_and_nothing_is_sent(arm, device, commands):
    mark = commands.mark()
    device.put({0: 0.19, 1: -0.49})
    does_not_move(arm)
    assert not commands.since(mark)


def test_from_the_edge_of_the_dead_zone_the_speed_rises_from_0(arm, device):
    mark = arm.joint_states.mark()
    device.put({0: 0.21})
    at_speed(arm, "torso", 0.0125, mark)


def test_several_axes_move_their_joints_together(arm, device):
    mark = arm.joint_states.mark()
    device.put({0: -0.6, 1: 0.75, 2: 0.1})
    wanted = {"torso": -0.5, "elbow": -0.25, "wrist_lr": 0.5}
    arm.joint_states.wait_for(lambda m: all(velocity_in(m, j) == pytest.approx(v, abs=1e-6) for j, v in wanted.items()), mark)


def test_a_held_deflection_moves_for_as_long_as_it_is_repeated(arm, device):
    mark = arm.joint_states.mark()
    device.put({0: 1.0})
    arm.joint_states.wait_for(lambda m: position_in(m, "torso") > 1.2, mark, what="with torso well on its way")
    assert min(velocity for _, _, velocity in track(arm.joint_states.since(mark), "torso")) >= 0.0
    at_speed(arm, "torso", 1.0, mark)


def test_commands_name_only_what_is_deflected(arm, device, commands):
    mark, states = commands.mark(), arm.joint_states.mark()
    device.put({0: 0.6})
    at_speed(arm, "torso", 0.5, states)
    told = commands.since(mark)
    assert told and all(list(command.name) == ["torso"] for command in told), told
    assert all(not command.position and not command.effort for command in told)
    assert all(command.stamp > 0.0 for command in told)


def test_let_go_of_it_sends_zero_once_and_then_nothing(arm, device, commands):
    states = arm.joint_states.mark()
    device.put({0: 1.0, 2: 0.1})
    at_speed(arm, "torso", 1.0, states)
    mark = commands.mark()
    device.centre()
    commands.wait_for(lambda command: not any(command.velocity), mark)
    at_rest(arm)
    does_not_move(arm, 25)
    zeros = [command for command in commands.since(mark) if not any(command.velocity)]
    assert len(zeros) == 1 and sorted(zeros[0].name) == ["torso", "wrist_lr"], zeros
    assert commands.since(mark)[-1] is zeros[0], "and then it is silent"


def test_let_go_of_one_axis_only_its_joint_stops(arm, device):
    mark = arm.joint_states.mark()
    device.put({0: 1.0, 2: 0.1})
    at_speed(arm, "torso", 1.0, mark)
    device.put({0: 0.0})
    message = at_speed(arm, "torso", 0.0, arm.joint_states.mark())
    assert velocity_in(message, "wrist_lr") == pytest.approx(0.5)


def test_a_device_that_is_not_touched_sends_nothing_to_the_arm(arm, device, commands):
    mark = commands.mark()
    does_not_move(arm, 50)
    assert not commands.since(mark)


# --- rest -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def promise(start, mapping):
    """An arm of its own with the default timeouts: `promise(profile)` gives process, client and device."""
    devices = []

    def make(profile="hand", **parameters):
        process = start("bringup", "--nodes", "arm,teleop", parameters={"config": mapping, "profile": profile, **parameters})
        steve = process.client()
        device = Device(steve, "hand/joy", axes=3)
        devices.append(device)
        return process, steve, device

    yield make
    for device in devices:
        device.close()


def swing(steve, device):
    """Moves the wrist at full speed, to and fro: when one swing ends far from the travel's end, the next begins there."""
    device.speak()
    device.centre()
    at_rest(steve)
    direction = -1.0 if steve.position("wrist_lr") > 0.0 else 1.0
    mark = steve.joint_states.mark()
    device.put({2: direction})
    at_speed(steve, "wrist_lr", 2.5 * direction, mark)
    return mark


def test_let_go_of_the_arm_rests_in_time(promise):
    _, steve, device = promise()
    seen(steve, device)

    def attempt():
        mark = swing(steve, device)
        device.centre()
        return stops_after(steve, "wrist_lr", device.last, mark)

    in_time(attempt)


def test_a_device_that_falls_silent_stops_the_arm_smoothly_and_in_time(promise):
    process, steve, device = promise()
    seen(steve, device)

    def attempt():
        mark, log = swing(steve, device), process.log.mark()
        last = device.silent()
        measured = stops_after(steve, "wrist_lr", last, mark)
        process.log.wait_for(lambda line: "no input for 0.12 s" in line, log)
        return measured

    in_time(attempt)
    does_not_move(steve)


def test_loss_and_return_of_the_input_are_said_once(promise):
    process, steve, device = promise()
    seen(steve, device)
    swing(steve, device)
    log = process.log.mark()
    device.silent()
    process.log.wait_for(lambda line: "no input for" in line, log)
    at_rest(steve)
    does_not_move(steve, 50)
    device.speak()
    process.log.wait_for(lambda line: "input is back" in line, log)
    lines = process.log.since(log)
    assert [sum(words in line for line in lines) for words in ("no input for", "input is back")] == [1, 1], lines


def test_after_a_loss_the_axis_has_to_be_centred_before_it_moves_anything(promise):
    process, steve, device = promise()
    seen(steve, device)
    swing(steve, device)
    device.silent()
    at_rest(steve)
    log = process.log.mark()
    device.speak()
    process.log.wait_for(lambda line: "centred" in line, log)
    does_not_move(steve)
    swing(steve, device)


def test_messages_that_come_late_by_their_stamps_stop_the_arm_in_time(promise):
    process, steve, device = promise()
    seen(steve, device)

    def attempt():
        mark, log = swing(steve, device), process.log.mark()
        last, device.shift = device.last, -1.0
        measured = stops_after(steve, "wrist_lr", last, mark)
        process.log.wait_for(lambda line: "header.stamp" in line and "old" in line, log)
        does_not_move(steve)
        device.shift = 0.0
        return measured

    in_time(attempt)


def test_stamps_do_not_count_where_the_clocks_do_not_agree(promise):
    _, steve, device = promise(check_stamps=False, joy_timeout=0.5)
    device.shift = -3600.0
    seen(steve, device)


def test_a_device_without_stamps_moves_the_arm(promise):
    _, steve, device = promise(joy_timeout=0.5)
    device.stamped = False
    seen(steve, device)


def test_a_dead_mans_button_that_is_let_go_of_stops_the_arm_smoothly_and_in_time(promise):
    _, steve, device = promise("guarded")

    def attempt():
        device.put(buttons={1: 1})
        mark = swing_guarded(steve, device)
        device.put(buttons={1: 0})
        last = device.last
        return stops_after(steve, "wrist_lr", last, mark)

    in_time(attempt)


def swing_guarded(steve, device):
    direction = -1.0 if steve.position("wrist_lr") > 0.0 else 1.0
    mark = steve.joint_states.mark()

    def moves():
        device.centre()
        device.put(buttons={1: 1})
        device.put({2: direction})
        return any(steve.fresh_joint_state().velocity)

    wait_until(moves, "a device that moves the arm")
    at_speed(steve, "wrist_lr", 2.5 * direction, mark)
    return mark


def test_without_the_dead_mans_button_nothing_moves(promise):
    process, steve, device = promise("guarded", joy_timeout=0.5)
    swing_guarded(steve, device)
    device.centre()
    at_rest(steve)
    log = process.log.mark()
    device.put({0: 1.0, 2: 1.0})
    process.log.wait_for(lambda line: "button 1 has to be held" in line, log)
    does_not_move(steve)


def test_what_is_deflected_at_the_start_moves_nothing_until_it_was_centred(start, mapping, domain):
    steve = start("bringup", "--nodes", "arm", domain=domain).client()
    # The device is there before teleop is.
    other = steve.record(Joy, "hand/joy")
    with Device(steve, "hand/joy", axes=3) as device:
        device.put({0: 1.0, 2: 0.5}, {0: 1})
        other.wait_for(lambda message: message.axes[0] == 1.0)
        process = start("teleop", node="teleop", domain=domain, parameters={"config": mapping, "profile": "hand", "joy_timeout": 0.5})
        process.log.wait_for(lambda line: "seen centred" in line)
        does_not_move(steve)
        device.put({0: 0.0, 2: 0.0})
        mark = steve.joint_states.mark()
        device.put({0: 1.0})
        at_speed(steve, "torso", 1.0, mark)
        assert not any(velocity for _, _, velocity in track(steve.joint_states.since(mark), "clamp")), "nor does a button that was held"


def test_the_clamp_moves_while_its_button_is_held_and_back_when_it_is_let_go_of(arm, device, commands):
    mark = arm.joint_states.mark()
    device.put(buttons={0: 1})
    at_speed(arm, "clamp", 0.02, mark)
    arm.joint_states.wait_for(lambda m: position_in(m, "clamp") > 0.01, mark)
    mark = arm.joint_states.mark()
    device.put(buttons={0: 0})
    at_speed(arm, "clamp", -0.05, mark)
    arm.wait_for_position("clamp", 0.0, mark)
    at_rest(arm)
    sent = commands.mark()
    does_not_move(arm, 25)
    assert not commands.since(sent), "at the end of its travel it is told nothing any more"


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
    mark = arm.joint_states.mark()
    device.put({0: 1.0})
    at_speed(arm, "torso", 1.0, mark)
    device.silent()
    log = shared_arm.log.mark()

    # What is repeated is only counted in the log.
    def told():
        device.raw(axes, buttons)
        return any("Joy message refused" in line and reason in line for line in shared_arm.log.since(log))

    wait_until(told, f"refusal with {reason!r} in the log")
    at_rest(arm)
    mark = arm.joint_states.mark()
    device.speak()
    does_not_move(arm)
    device.centre()
    device.put({0: 1.0})
    at_speed(arm, "torso", 1.0, mark)


def test_a_storm_of_messages_is_lived_through(arm, device, shared_arm):
    for _ in range(2000):
        device.raw([math.nan] * 3, [1, 1])
        device.raw([0.5, 0.0, 0.0], [0, 1])
    device.centre()
    at_rest(arm)
    mark = arm.joint_states.mark()
    device.put({0: 1.0})
    at_speed(arm, "torso", 1.0, mark)
    assert shared_arm.exit_code is None


# --- who wins ---------------------------------------------------------------------------------------------------------


def test_the_hand_wins_against_a_goal_of_its_joint_and_leaves_the_others_alone(arm, device):
    goal, other = arm.start("torso", -1.2, speed=0.3), arm.start("wrist_ud", 0.5, speed=0.4)
    mark = arm.joint_states.mark()
    arm.wait_for_motion("torso", mark)
    device.put({0: 0.6})
    end = goal.result()
    assert end.status == "ABORTED" and "preempted" in end.message, end
    at_speed(arm, "torso", 0.5, mark)
    assert other.result().status == "SUCCEEDED"


def test_a_newer_goal_is_overtaken_by_the_hand_that_still_moves(arm, device):
    mark = arm.joint_states.mark()
    device.put({0: 0.6})
    at_speed(arm, "torso", 0.5, mark)
    end = arm.start("torso", -1.2, speed=0.3).result()
    assert end.status == "ABORTED", end
    at_speed(arm, "torso", 0.5, arm.joint_states.mark())


def test_after_it_is_let_go_of_goals_work_again(arm, device):
    mark = arm.joint_states.mark()
    device.put({0: 0.6})
    at_speed(arm, "torso", 0.5, mark)
    device.centre()
    at_rest(arm)
    assert arm.move("torso", -0.2).status == "SUCCEEDED"
    assert arm.position("torso") == pytest.approx(-0.2)


def test_under_emergency_stop_nothing_moves_and_afterwards_only_from_the_centre(arm, device, commands, shared_arm):
    mark = arm.joint_states.mark()
    device.put({0: 0.6})
    at_speed(arm, "torso", 0.5, mark)
    assert arm.emergency_stop(True).success
    arm.wait_for_state(lambda state: state.emergency_stop, "emergency stop")
    log = shared_arm.log.mark()
    device.centre()
    device.put({0: 0.6})
    shared_arm.log.wait_for(lambda line: "[teleop]: emergency stop" in line, log)
    does_not_move(arm)
    sent = commands.mark()
    does_not_move(arm)
    assert not commands.since(sent)
    assert arm.emergency_stop(False).success
    does_not_move(arm)
    device.centre()
    device.put({0: 0.6})
    at_speed(arm, "torso", 0.5, arm.joint_states.mark())


def test_limp_joints_get_power_by_being_moved(arm, device):
    assert arm.power(False).success
    arm.wait_for_state(lambda state: not state.powered, "limp")
    device.put({0: 0.6})
    arm.wait_for_state(lambda state: servo(state, "torso").powered, "torso powered")


def test_the_arm_rests_when_teleop_ends_with_something_deflected(start, mapping, domain):
    steve = start("bringup", "--nodes", "arm", domain=domain).client()
    process = start("teleop", node="teleop", domain=domain, parameters={"config": mapping, "profile": "hand", "joy_timeout": 0.5})
    with Device(steve, "hand/joy", axes=3) as device:
        seen(steve, device)
        commands = steve.record(JointState, "arm/command", 100)
        mark = steve.joint_states.mark()
        device.put({0: 1.0})
        at_speed(steve, "torso", 1.0, mark)
        commands.wait_for(lambda command: any(command.velocity))
        process.end()
        at_rest(steve)
        assert list(commands.last.velocity) == [0.0], "its last word"


# --- graph ------------------------------------------------------------------------------------------------------------


def test_in_a_namespace_everything_is_in_it(start, mapping):
    process = start(
        "bringup", "--nodes", "arm,teleop", namespace="left",
        parameters={"config": mapping, "profile": "hand", "joy_timeout": 0.5},
    )
    steve = process.client()
    with Device(steve, "/left/hand/joy", axes=3) as device:
        seen(steve, device)


def test_topics_can_be_remapped(start, mapping):
    process = start(
        "bringup", "--nodes", "arm,teleop", remaps={"hand/joy": "elsewhere"},
        parameters={"config": mapping, "profile": "hand", "joy_timeout": 0.5},
    )
    steve = process.client()
    with Device(steve, "elsewhere", axes=3) as device:
        seen(steve, device)


def test_without_an_arm_nothing_is_sent_and_it_is_said(start, mapping, observer, domain):
    process = start("teleop", node="teleop", domain=domain, parameters={"config": mapping, "profile": "hand", "joy_timeout": 0.5})
    commands = observer.record(JointState, "arm/command", 100)
    with Device(observer, "hand/joy", axes=3) as device:
        def told():
            device.centre()
            device.put({0: 1.0})
            return any("the arm is not there" in line for line in process.log.since())

        wait_until(told, "that the arm is not there")
    assert not commands.since()


def test_diagnostics_tell_profile_mode_input_and_counts(arm, device, shared_arm):
    diagnostics = arm.diagnostics()

    def figures(message):
        return next(({v.key: v.value for v in s.values} | {"message": s.message} for s in message.status if s.name == "teleop: input"), None)

    told = figures(diagnostics.wait_for(figures))
    assert (told["profile"], told["mode"], told["topic"], told["message"]) == ("hand", "joint", "hand/joy", "fresh")
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
