"""Node `teleop`: what buttons ask for: motions, stop, emergency stop, power, listening."""

import time

import pytest
from action_msgs.msg import GoalStatus, GoalStatusArray
from sensor_msgs.msg import JointState

from harness import Process, wait_until
from harness.client import LATCHED
from harness.steve import position_in, velocity_in
from harness.teleop import Device, FakeSpeech, at_rest, begin, deflect, does_not_move, hold, moves, press, says, seen, sent_since

NOD, FAR, LISTEN, STOP, EMERGENCY, RELEASE, POWER, UNKNOWN, TURN = range(9)

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
    8: {motion: turn}
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
turn:
  steps:
    - {move: {torso: 80}, speed: 0.2}
"""


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("teleop")
    (folder / "mapping.yaml").write_text(MAPPING)
    (folder / "motions.yaml").write_text(MOTIONS)
    return {"config": str(folder / "mapping.yaml"), "motions": str(folder / "motions.yaml"), "profile": "hand", "joy_timeout": 1.0}


@pytest.fixture(scope="module")
def shared_arm(files):
    with Process("bringup", "--nodes", "arm,teleop", parameters=files) as process:
        yield process


@pytest.fixture(scope="module")
def _shared_device(_shared_client):
    with Device(_shared_client, "hand/joy", axes=2, buttons=9) as device:
        seen(_shared_client, device)
        yield device


@pytest.fixture
def device(arm, _shared_device):
    _shared_device.shift = 0.0
    _shared_device.speak()
    _shared_device.centre()
    at_rest(arm)
    yield _shared_device
    _shared_device.shift = 0.0
    _shared_device.speak()
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


def emergency(arm):
    """Whether the newest state tells of the emergency stop; to call."""
    return lambda: arm.state.last.emergency_stop


def test_a_button_plays_its_motion_and_its_end_is_told(arm, shared_arm, device):
    log, mark = shared_arm.log.mark(), arm.joint_states.mark()
    press(device, NOD, says(shared_arm, "[teleop]: motion nod plays", log), "nodding")
    arm.joint_states.wait_for(lambda m: position_in(m, "wrist_ud") > 0.05, mark, what="nodding")
    shared_arm.log.wait_for(lambda line: "[teleop]: motion nod:" in line, log)
    assert arm.position("wrist_ud") == 0.0


def test_a_held_button_plays_its_motion_once(arm, shared_arm, device):
    log = shared_arm.log.mark()
    hold(device, NOD, says(shared_arm, "motion nod plays", log), "nodding")
    shared_arm.log.wait_for(lambda line: "[teleop]: motion nod:" in line, log)
    does_not_move(arm, 50)
    assert sum("motion nod plays" in line for line in shared_arm.log.since(log)) == 1


def test_the_hand_takes_a_joint_from_a_motion_which_ends_aborted(arm, shared_arm, device):
    log = 0

    def turns():
        nonlocal log
        device.centre()
        at_rest(arm)
        arm.come_home()
        log, mark = shared_arm.log.mark(), arm.joint_states.mark()
        press(device, TURN, says(shared_arm, "motion turn plays", log), "the motion")
        arm.wait_for_motion("torso", mark)

    # Another joint than the motion's: it goes on.
    goes_on = lambda m: velocity_in(m, "elbow") > 0.1 and moves("torso", 0.2)(m)
    begin(arm, turns, lambda: device.put({1: 0.3}), goes_on, "the motion beside the hand")
    assert not says(shared_arm, "motion turn ended early", log)()
    begin(arm, turns, lambda: device.put({0: -0.5}), lambda m: velocity_in(m, "torso") < -0.1, "the torso by hand")
    shared_arm.log.wait_for(lambda line: "motion turn ended early" in line, log)


def test_stop_ends_everything(arm, shared_arm, device):
    log = shared_arm.log.mark()
    goal, mark = arm.start("wrist_lr", 1.2, speed=0.1), arm.joint_states.mark()
    arm.wait_for_motion("wrist_lr", mark)
    press(device, STOP, says(shared_arm, "[teleop]: stop: ", log), "stop")
    assert goal.result().status == "ABORTED"


def test_what_is_deflected_at_a_stop_moves_again_only_from_the_centre(arm, shared_arm, device):
    deflect(arm, device, {0: 0.5}, lambda m: velocity_in(m, "torso") > 0.0, "the torso in motion")
    press(device, STOP, says(shared_arm, "[teleop]: stop: ", shared_arm.log.mark()), "stop")
    at_rest(arm)
    does_not_move(arm)
    deflect(arm, device, {0: 1.0}, moves("torso", 1.0), "the torso at speed", home=False)


def test_the_emergency_stop_latches_until_it_is_released(arm, shared_arm, device):
    deflect(arm, device, {0: 0.5}, lambda m: velocity_in(m, "torso") > 0.0, "the torso in motion")
    press(device, EMERGENCY, emergency(arm), "emergency stop")
    arm.wait_for_state(lambda state: state.emergency_stop and not state.powered, "emergency stop")
    device.put({0: 0.0})
    device.put({0: 1.0})
    does_not_move(arm)
    assert arm.request("torso", 0.2) is None, "latched for all"
    device.centre()
    told = says(shared_arm, "[teleop]: emergency stop: nothing is sent", shared_arm.log.mark())
    press(device, NOD, told, "why there is no nod")
    press(device, RELEASE, lambda: not arm.state.last.emergency_stop, "released")
    deflect(arm, device, {0: 1.0}, moves("torso", 1.0), "the torso at speed", home=False)


def test_the_emergency_stop_works_with_a_message_that_comes_late(arm, device):
    device.shift = -5.0
    press(device, EMERGENCY, emergency(arm), "emergency stop")


@pytest.mark.parametrize("axes", [[float("nan"), 0.0], [0.0]], ids=["an axis that is no number", "too few axes"])
def test_the_emergency_stop_works_with_a_message_that_is_refused(arm, device, axes):
    device.silent()
    device.raw(axes, [0] * 8)
    device.raw(axes, [int(button == EMERGENCY) for button in range(8)])
    arm.wait_for_state(lambda state: state.emergency_stop, "emergency stop")


def test_at_an_emergency_stop_nothing_more_is_sent(arm, device):
    commands = arm.record(JointState, "arm/command", 100)
    deflect(arm, device, {0: 0.5}, lambda m: velocity_in(m, "torso") > 0.0, "the torso in motion")
    commands.wait_for(lambda command: any(command.velocity))
    hold(device, EMERGENCY, emergency(arm), "emergency stop")
    now = time.time()
    does_not_move(arm, 25)
    assert not sent_since(commands, now)


def test_power_toggles(arm, shared_arm, device):
    log = shared_arm.log.mark()
    press(device, POWER, lambda: not arm.state.last.powered, "power off")
    # What we have seen of the arm, teleop may see a moment later.
    does_not_move(arm)
    press(device, POWER, lambda: arm.state.last.powered, "power on")
    for word in ("off", "on"):
        shared_arm.log.wait_for(lambda line: f"[teleop]: power {word}: " in line, log)


def test_a_button_that_nothing_is_mapped_to_does_nothing(arm, device):
    def press_it():
        device.centre()
        at_rest(arm)
        device.put(buttons={UNKNOWN: 1})
        does_not_move(arm)

    # And it was heard, for it is in the message that moves the torso.
    begin(arm, press_it, lambda: device.put({0: 0.5}), lambda m: velocity_in(m, "torso") > 0.0, "the torso in motion")


def test_a_press_listens_and_tells_what_was_heard(arm, shared_arm, device):
    with FakeSpeech(arm.domain) as speech:
        log = press_until(device, LISTEN, speech, shared_arm, "listen")
        speech.hear("high five")
        shared_arm.log.wait_for(lambda line: 'heard: "high five"' in line, log)
        # Just before it is over, a press would end it.
        does_not_move(arm)
        press(device, LISTEN, lambda: len(speech.calls.since()) == 2, "another call")
        speech.hear("")
        assert speech.calls.since() == ["listen", "listen"], "afterwards a press listens again"


def test_a_press_while_it_listens_ends_that(arm, shared_arm, device):
    with FakeSpeech(arm.domain) as speech:
        log = press_until(device, LISTEN, speech, shared_arm, "listen")
        # The one service found, the other is as well a moment later.
        does_not_move(arm)
        press_until(device, LISTEN, speech, shared_arm, "stop")
        shared_arm.log.wait_for(lambda line: "heard nothing: stopped" in line, log)
        assert speech.calls.since() == ["listen", "stop"]


def press_until(device, button, speech, process, call):
    """Presses until the service is called: teleop may not have discovered it yet. The mark of the log before."""
    log, mark = process.log.mark(), speech.calls.mark()

    def called():
        missing = says(process, "is its node running", process.log.mark())
        press(device, button, lambda: call in speech.calls.since(mark) or missing(), call)
        return call in speech.calls.since(mark)

    wait_until(called, call)
    return log


@pytest.mark.parametrize(
    ("button", "name"),
    [(LISTEN, "speech/listen"), (STOP, "arm/stop"), (EMERGENCY, "arm/emergency_stop")],
)
def test_a_server_that_is_not_there_is_said_and_not_waited_for(alone, button, name):
    process, device = alone
    press(device, button, says(process, f"there is no {name}: is its node running?", process.log.mark()), "that it is not there")
    log = process.log.mark()
    # The complaint about an emergency stop is repeated anyway.
    again = "asking the arm to latch it" if button == EMERGENCY else f"there is no {name}"
    press(device, button, says(process, again, log), "the same once more")
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
    told = says(process, "emergency stop, asked for again and again: there is no arm/emergency_stop", process.log.mark())
    press(device, EMERGENCY, told, "that nobody answers")
    steve = start("bringup", "--nodes", "arm", domain=domain).client()
    steve.wait_for_state(lambda state: state.emergency_stop, "emergency stop")


def test_a_release_that_nobody_heard_is_not_repeated(alone, start, domain):
    process, device = alone
    press(device, RELEASE, says(process, "there is no arm/emergency_stop", process.log.mark()), "that nobody answers")
    steve = start("bringup", "--nodes", "arm", domain=domain).client()
    assert steve.emergency_stop(True).success
    does_not_move(steve, 50)
    assert steve.state.last.emergency_stop


def test_with_the_emergency_stop_wished_for_a_release_takes_its_place(alone, start, domain):
    process, device = alone
    press(device, EMERGENCY, says(process, "again and again", process.log.mark()), "that nobody answers")
    press(device, RELEASE, says(process, "[teleop]: there is no arm/emergency_stop", process.log.mark()), "that nobody answers")
    steve = start("bringup", "--nodes", "arm", domain=domain).client()
    does_not_move(steve, 50)
    assert not steve.state.last.emergency_stop


def test_the_node_ends_in_time_while_something_is_asked_for(arm, alone):
    process, device = alone
    for button in (NOD, LISTEN, STOP):
        device.press(button)
    press(device, EMERGENCY, says(process, "asking the arm to latch it", process.log.mark()), "the last of them")
    process.end()


# --- the dead man -----------------------------------------------------------------------------------------------------

DEAD_MAN = 7


@pytest.fixture
def held(start, files, domain):
    """An arm and a teleop with a dead man's button, which is held: process, client, device."""
    process = start("bringup", "--nodes", "arm,teleop", domain=domain, parameters={**files, "profile": "held"})
    steve = process.client()
    with Device(steve, "hand/joy", axes=2, buttons=8) as device:
        hold_dead_man(steve, device)
        yield process, steve, device


def hold_dead_man(steve, device):
    """Until the arm moves by the device: so both know each other."""
    def moves():
        device.centre()
        device.put({0: 0.3}, {DEAD_MAN: 1})
        return any(steve.fresh_joint_state().velocity)

    wait_until(moves, "a device that moves the arm")
    device.put({0: 0.0})
    at_rest(steve)


def plays(process, steve, device):
    """Plays the long motion; the mark of the log before."""
    log, mark = process.log.mark(), steve.joint_states.mark()
    press(device, FAR, says(process, "motion far plays", log), "the motion")
    steve.wait_for_motion("wrist_lr", mark)
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


def test_a_motion_is_canceled_when_teleop_ends(start, files, domain):
    steve = start("bringup", "--nodes", "arm", domain=domain, parameters={"motions": files["motions"]}).client()
    process = start("teleop", node="teleop", domain=domain, parameters={**files, "profile": "held"})
    with Device(steve, "hand/joy", axes=2, buttons=8) as device:
        hold_dead_man(steve, device)
        goals = statuses(steve)
        plays(process, steve, device)
        process.end()
        goals.wait_for(lambda m: [goal.status for goal in m.status_list][-1:] == [GoalStatus.STATUS_CANCELED], what="canceled")
        at_rest(steve)
        assert steve.position("wrist_lr") < 1.3, "80 degrees are 1.4"


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
    press(device, STOP, says(process, "there is no arm/stop", log), "stop")
    steve = start("bringup", "--nodes", "arm", domain=domain, parameters={"motions": files["motions"]}).client()
    does_not_move(steve, 50)


def test_who_stops_wants_nothing_else(arm, shared_arm, device):
    log = shared_arm.log.mark()
    device.put(buttons={NOD: 1, STOP: 1, LISTEN: 1})
    shared_arm.log.wait_for(lambda line: "[teleop]: stop: " in line, log)
    does_not_move(arm)
    assert not any("motion nod" in line or "speech" in line for line in shared_arm.log.since(log))
