"""Node `teleop`: what buttons ask for: motions, stop, emergency stop, power, listening."""

import time

import pytest
from action_msgs.msg import GoalStatus, GoalStatusArray
from sensor_msgs.msg import JointState

from harness import Process, wait_until
from harness.client import LATCHED
from harness.steve import position_in, velocity_in
from harness.teleop import Device, FakeSpeech, at_rest, at_speed, does_not_move, seen

NOD, FAR, LISTEN, STOP, EMERGENCY, RELEASE, POWER, UNKNOWN = range(8)

MAPPING = """
hand:
  topic: hand/joy
  joints:
    torso: {axis: 0, scale: 1.0}
    elbow: {axis: 1, scale: 1.0}
  buttons:
    0: {motion: nod}
    1: {motion: far}
    2: listen
    3: stop
    4: emergency_stop
    5: release_emergency_stop
    6: power
held:
  topic: hand/joy
  dead_man: 7
  joints:
    torso: {axis: 0, scale: 1.0}
    elbow: {axis: 1, scale: 1.0}
  buttons:
    0: {motion: nod}
    1: {motion: far}
    3: stop
"""

MOTIONS = """
nod:
  steps:
    - move: {wrist_ud: 10}
    - move: {wrist_ud: 0}
far:
  steps:
    - {move: {wrist_lr: 80}, speed: 0.2}
"""


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("teleop")
    (folder / "mapping.yaml").write_text(MAPPING)
    (folder / "motions.yaml").write_text(MOTIONS)
    return {"config": str(folder / "mapping.yaml"), "motions": str(folder / "motions.yaml"), "profile": "hand", "joy_timeout": 0.5}


@pytest.fixture(scope="module")
def shared_arm(files):
    with Process("bringup", "--nodes", "arm,teleop", parameters=files) as process:
        yield process


@pytest.fixture(scope="module")
def _shared_device(_shared_client):
    with Device(_shared_client, "hand/joy", axes=2, buttons=8) as device:
        seen(_shared_client, device)
        yield device


@pytest.fixture
def device(arm, _shared_device):
    _shared_device.centre()
    at_rest(arm)
    yield _shared_device
    _shared_device.centre()


@pytest.fixture
def alone(start, files, observer, domain):
    """A teleop without an arm, and a device that it hears."""
    process = start("teleop", node="teleop", domain=domain, parameters=files)
    with Device(observer, "hand/joy", axes=2, buttons=8) as device:
        def told():
            device.centre()
            device.put({0: 1.0})
            return any("the arm is not there" in line for line in process.log.since())

        wait_until(told, "a device that is heard")
        device.centre()
        yield process, device


def test_a_button_plays_its_motion_and_its_end_is_told(arm, shared_arm, device):
    log, mark = shared_arm.log.mark(), arm.joint_states.mark()
    device.press(NOD)
    arm.joint_states.wait_for(lambda m: position_in(m, "wrist_ud") > 0.15, mark, what="nodding")
    shared_arm.log.wait_for(lambda line: "[teleop]: motion nod plays" in line, log)
    shared_arm.log.wait_for(lambda line: "[teleop]: motion nod:" in line, log)
    assert arm.position("wrist_ud") == 0.0


def test_a_held_button_plays_its_motion_once(arm, shared_arm, device):
    log = shared_arm.log.mark()
    device.put(buttons={NOD: 1})
    shared_arm.log.wait_for(lambda line: "[teleop]: motion nod:" in line, log)
    does_not_move(arm, 50)
    assert sum("motion nod plays" in line for line in shared_arm.log.since(log)) == 1


def test_the_hand_takes_a_joint_from_a_motion_which_ends_aborted(arm, shared_arm, device):
    log, mark = shared_arm.log.mark(), arm.joint_states.mark()
    device.press(FAR)
    arm.wait_for_motion("wrist_lr", mark)
    # Another joint than the motion's: it goes on.
    device.put({0: 0.5})
    arm.wait_for_motion("torso", mark)
    assert velocity_in(arm.fresh_joint_state(), "wrist_lr") > 0.0
    device.put({0: 0.0})
    device.press(STOP)
    shared_arm.log.wait_for(lambda line: "motion far ended early" in line, log)


def test_stop_ends_everything(arm, shared_arm, device):
    log = shared_arm.log.mark()
    goal, mark = arm.start("wrist_lr", 1.2, speed=0.2), arm.joint_states.mark()
    arm.wait_for_motion("wrist_lr", mark)
    device.press(STOP)
    assert goal.result().status == "ABORTED"
    shared_arm.log.wait_for(lambda line: "[teleop]: stop: " in line, log)


def test_what_is_deflected_at_a_stop_moves_again_only_from_the_centre(arm, device):
    mark = arm.joint_states.mark()
    device.put({0: 0.5})
    arm.wait_for_motion("torso", mark)
    device.press(STOP, 0.1)
    at_rest(arm)
    does_not_move(arm)
    device.put({0: 0.0})
    device.put({0: 1.0})
    at_speed(arm, "torso", 1.0, arm.joint_states.mark())


def test_the_emergency_stop_latches_until_it_is_released(arm, shared_arm, device):
    mark = arm.joint_states.mark()
    device.put({0: 0.5})
    arm.wait_for_motion("torso", mark)
    device.press(EMERGENCY)
    arm.wait_for_state(lambda state: state.emergency_stop and not state.powered, "emergency stop")
    device.put({0: 0.0})
    device.put({0: 1.0})
    does_not_move(arm)
    assert arm.request("torso", 0.2) is None, "latched for all"
    device.centre()
    log = shared_arm.log.mark()
    device.press(NOD)
    shared_arm.log.wait_for(lambda line: "[teleop]: emergency stop: " in line, log)
    device.press(RELEASE)
    arm.wait_for_state(lambda state: not state.emergency_stop, "released")
    device.put({0: 1.0})
    at_speed(arm, "torso", 1.0, arm.joint_states.mark())


def test_the_emergency_stop_works_with_a_message_that_comes_late(arm, device):
    device.shift = -5.0
    device.press(EMERGENCY)
    arm.wait_for_state(lambda state: state.emergency_stop, "emergency stop")
    device.shift = 0.0


@pytest.mark.parametrize("axes", [[float("nan"), 0.0], [0.0]], ids=["an axis that is no number", "too few axes"])
def test_the_emergency_stop_works_with_a_message_that_is_refused(arm, device, axes):
    device.silent()
    device.raw(axes, [0] * 8)
    device.raw(axes, [int(button == EMERGENCY) for button in range(8)])
    arm.wait_for_state(lambda state: state.emergency_stop, "emergency stop")
    assert arm.emergency_stop(False).success
    device.speak()


def test_at_an_emergency_stop_nothing_more_is_sent(arm, device):
    commands = arm.record(JointState, "arm/command", 100)
    device.put({0: 0.5})
    commands.wait_for(lambda command: any(command.velocity))
    device.press(EMERGENCY)
    arm.wait_for_state(lambda state: state.emergency_stop, "emergency stop")
    mark = commands.mark()
    does_not_move(arm, 25)
    assert not commands.since(mark)


def test_power_toggles(arm, shared_arm, device):
    log = shared_arm.log.mark()
    device.press(POWER)
    arm.wait_for_state(lambda state: not state.powered, "off")
    # What we have seen of the arm, teleop may see a moment later.
    does_not_move(arm)
    device.press(POWER)
    arm.wait_for_state(lambda state: state.powered, "on")
    shared_arm.log.wait_for(lambda line: "[teleop]: power on: " in line, log)
    assert any("[teleop]: power off: " in line for line in shared_arm.log.since(log))


def test_a_button_that_nothing_is_mapped_to_does_nothing(arm, device):
    device.press(UNKNOWN)
    does_not_move(arm)


def test_a_press_listens_and_tells_what_was_heard(arm, shared_arm, device):
    with FakeSpeech(arm.domain) as speech:
        log = press_until(device, LISTEN, speech, shared_arm, "listen")
        speech.hear("high five")
        shared_arm.log.wait_for(lambda line: 'heard: "high five"' in line, log)
        device.press(LISTEN)
        speech.calls.wait_for_count(2)
        speech.hear("")
        assert speech.calls.since() == ["listen", "listen"], "afterwards a press listens again"


def test_a_press_while_it_listens_ends_that(arm, shared_arm, device):
    with FakeSpeech(arm.domain) as speech:
        log = press_until(device, LISTEN, speech, shared_arm, "listen")
        press_until(device, LISTEN, speech, shared_arm, "stop")
        shared_arm.log.wait_for(lambda line: "heard nothing: stopped" in line, log)
        assert speech.calls.since() == ["listen", "stop"]


def press_until(device, button, speech, process, call):
    """Presses until the service is called: teleop may not have discovered it yet. The mark of the log before."""
    log, mark = process.log.mark(), speech.calls.mark()

    def called():
        before = process.log.mark()
        device.press(button)
        wait_until(lambda: call in speech.calls.since(mark) or any("is its node running" in line for line in process.log.since(before)), call)
        return call in speech.calls.since(mark)

    wait_until(called, call)
    return log


@pytest.mark.parametrize(
    ("button", "name"),
    [(LISTEN, "speech/listen"), (STOP, "arm/stop"), (EMERGENCY, "arm/emergency_stop")],
)
def test_a_server_that_is_not_there_is_said_and_not_waited_for(alone, button, name):
    process, device = alone
    log = process.log.mark()
    device.press(button)
    process.log.wait_for(lambda line: f"there is no {name}" in line and "is its node running?" in line, log)
    log = process.log.mark()
    device.press(button)
    process.log.wait_for(lambda line: f"there is no {name}" in line, log)


def test_a_press_is_not_carried_out_later_and_presses_do_not_pile_up(alone, start, domain, files):
    process, device = alone
    log = process.log.mark()
    for _ in range(100):
        for button in (NOD, LISTEN, STOP, POWER):
            device.press(button)
    process.log.wait_for(lambda line: "there is no arm/stop" in line, log)
    # Until the last of them has been given up.
    wait_for_quiet(process)
    assert sum("there is no" in line for line in process.log.since(log)) < 50, "one at a time"
    steve = start("bringup", "--nodes", "arm", domain=domain, parameters={"motions": files["motions"]}).client()
    steve.wait_for_state(lambda state: not state.moving, "the arm")
    does_not_move(steve, 50)


def wait_for_quiet(process, seconds=1.0):
    lines = -1
    while lines != (lines := process.log.mark()):
        time.sleep(seconds)


def test_the_emergency_stop_is_asked_for_until_an_arm_answers(alone, start, domain):
    process, device = alone
    log = process.log.mark()
    device.press(EMERGENCY)
    process.log.wait_for(lambda line: "emergency stop, asked for again and again: there is no arm/emergency_stop" in line, log)
    steve = start("bringup", "--nodes", "arm", domain=domain).client()
    steve.wait_for_state(lambda state: state.emergency_stop, "emergency stop")


def test_a_release_that_nobody_heard_is_not_repeated(alone, start, domain):
    process, device = alone
    log = process.log.mark()
    device.press(RELEASE)
    process.log.wait_for(lambda line: "there is no arm/emergency_stop" in line, log)
    steve = start("bringup", "--nodes", "arm", domain=domain).client()
    assert steve.emergency_stop(True).success
    does_not_move(steve, 50)
    assert steve.state.last.emergency_stop


def test_with_the_emergency_stop_wished_for_a_release_takes_its_place(alone, start, domain):
    process, device = alone
    log = process.log.mark()
    device.press(EMERGENCY)
    process.log.wait_for(lambda line: "again and again" in line, log)
    device.press(RELEASE)
    process.log.wait_for(lambda line: "[teleop]: there is no arm/emergency_stop" in line, log)
    steve = start("bringup", "--nodes", "arm", domain=domain).client()
    does_not_move(steve, 50)
    assert not steve.state.last.emergency_stop


def test_the_node_ends_in_time_while_something_is_asked_for(arm, alone):
    process, device = alone
    for button in (NOD, LISTEN, STOP, EMERGENCY):
        device.press(button)
    process.end()


# --- the dead man -----------------------------------------------------------------------------------------------------

DEAD_MAN = 7


@pytest.fixture
def held(start, files, domain):
    """An arm and a teleop with a dead man's button, which is held: process, client, device."""
    process = start("bringup", "--nodes", "arm,teleop", domain=domain, parameters={**files, "profile": "held"})
    steve = process.client()
    with Device(steve, "hand/joy", axes=2, buttons=8) as device:
        def moves():
            device.centre()
            device.put({0: 0.3}, {DEAD_MAN: 1})
            return any(steve.fresh_joint_state().velocity)

        wait_until(moves, "a device that moves the arm")
        device.put({0: 0.0})
        at_rest(steve)
        yield process, steve, device


def plays(process, steve, device):
    """Plays the long motion; the mark of the log before."""
    log, mark = process.log.mark(), steve.joint_states.mark()
    device.press(FAR)
    steve.wait_for_motion("wrist_lr", mark)
    process.log.wait_for(lambda line: "motion far plays" in line, log)
    return log


def statuses(steve):
    """Recorder of how the arm's motions are."""
    return steve.record(GoalStatusArray, "arm/play_motion/_action/status", LATCHED)


def ends_canceled(process, steve, log, goals):
    goals.wait_for(lambda m: [goal.status for goal in m.status_list][-1:] == [GoalStatus.STATUS_CANCELED], what="canceled")
    process.log.wait_for(lambda line: "motion far ended early" in line, log)
    at_rest(steve)
    assert steve.position("wrist_lr") < 1.3, "80 degrees are 1.4"
    does_not_move(steve)


def test_a_motion_is_canceled_when_the_dead_man_is_let_go_of(held):
    process, steve, device = held
    goals = statuses(steve)
    log = plays(process, steve, device)
    device.put(buttons={DEAD_MAN: 0})
    ends_canceled(process, steve, log, goals)


def test_a_motion_is_canceled_when_the_device_falls_silent(held):
    process, steve, device = held
    goals = statuses(steve)
    log = plays(process, steve, device)
    device.silent()
    ends_canceled(process, steve, log, goals)


def test_without_the_hand_only_its_own_motions_end(held):
    process, steve, device = held
    goal = steve.start("torso", -1.0, speed=0.5)
    log = plays(process, steve, device)
    device.put(buttons={DEAD_MAN: 0})
    process.log.wait_for(lambda line: "motion far ended early" in line, log)
    assert goal.result().status == "SUCCEEDED", "somebody else's"


def test_a_motion_that_waits_is_not_played_after_a_stop(alone, start, domain, files):
    process, device = alone
    log = process.log.mark()
    device.press(NOD)
    device.press(STOP)
    process.log.wait_for(lambda line: "there is no arm/stop" in line, log)
    steve = start("bringup", "--nodes", "arm", domain=domain, parameters={"motions": files["motions"]}).client()
    does_not_move(steve, 50)


def test_who_stops_wants_nothing_else(arm, shared_arm, device):
    log = shared_arm.log.mark()
    device.put(buttons={NOD: 1, STOP: 1, LISTEN: 1})
    shared_arm.log.wait_for(lambda line: "[teleop]: stop: " in line, log)
    does_not_move(arm)
    assert not any("motion nod" in line or "speech" in line for line in shared_arm.log.since(log))
