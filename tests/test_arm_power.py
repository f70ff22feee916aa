"""When the servos get pulses and when they do not: at rest for long, and at the node's end."""

import json
import signal
import time

import pytest
from harness import run_to_end, wait_until
from harness.action import Action
from harness.steve import DEGREES, JOINTS, position_in, servo
from shaky_steve.action import PlayMotion

# From home it takes six seconds at twice its speed, so that there is time to do something meanwhile.
SLOW = """\
slow:
  steps:
    - move: {torso: 80}
      speed: 0.12
    - power: off
pausing:
  steps:
    - move: {torso: 20}
    - wait: 2
    - move: {torso: 0}
endless:
  steps:
    - repeat: 1000
      steps:
        - move: {torso: 20}
          speed: 0.5
        - move: {torso: 0}
          speed: 0.5
"""

# The motion `sleep`.
ASLEEP = {
    "torso": 0.0, "shoulder": 60 * DEGREES, "elbow": -39 * DEGREES, "wrist_ud": -90 * DEGREES, "wrist_lr": 0.0, "clamp": 0.0,
}
# A parking arm takes its time, which its node is given.
PARKED_WITHIN = 20.0


@pytest.fixture
def motions(tmp_path):
    file = tmp_path / "motions.yaml"
    file.write_text(SLOW)
    return str(file)


@pytest.fixture
def start_arm(start):
    def started(executable="arm", **parameters):
        process = start(executable, parameters=parameters)
        return process, process.client()

    return started


def power(steve):
    assert steve.power(True).success
    steve.wait_for_state(lambda state: all(joint.powered for joint in state.joints), "powered")


def parks(process):
    """Waits until it has begun to."""
    process.log.wait_for(lambda line: "parking:" in line)


# --- at rest ----------------------------------------------------------------------------------------------------------


def test_after_idle_timeout_at_rest_the_arm_is_limp_says_why_and_wakes_up_for_the_next_goal(start_arm):
    _, steve = start_arm(idle_timeout=1.0)
    assert steve.move("torso", 0.4).status == "SUCCEEDED"
    for position in (0.2, 0.0):
        state = steve.wait_for_state(lambda state: not state.powered, "limp")
        assert not any(joint.powered for joint in state.joints)
        torso = servo(state, "torso")
        assert "rest" in torso.message and "1 s" in torso.message, torso.message
        assert torso.position_known, "limp, it is where it was"

        mark = steve.joint_states.mark()
        goal = steve.start("torso", position)
        steve.wait_for_state(lambda state: servo(state, "torso").powered, "powered by the goal")
        end = goal.result()
        assert (end.status, end.position) == ("SUCCEEDED", pytest.approx(position))
        track = [position_in(message, "torso") for message in steve.joint_states.since(mark)]
        assert track == sorted(track, reverse=True), "straight from where it was"


def test_idle_timeout_makes_a_powered_arm_limp_that_never_moved(start_arm):
    _, steve = start_arm(idle_timeout=1.0)
    power(steve)
    state = steve.wait_for_state(lambda state: not state.powered, "limp")
    assert all("rest" in joint.message for joint in state.joints)


def test_idle_timeout_lets_a_motion_end_however_long_it_takes(start_arm):
    _, steve = start_arm(idle_timeout=0.5)
    power(steve)
    goal = steve.start("torso", 0.5, speed=0.2)
    mark = steve.state.mark()
    assert goal.result().status == "SUCCEEDED"
    assert all(state.powered for state in steve.state.since(mark) if state.moving), "one joint in motion keeps all powered"
    steve.wait_for_state(lambda state: not state.powered, "limp")


def test_idle_timeout_lets_a_named_motion_wait_as_long_as_it_wants(start_arm, motions):
    _, steve = start_arm(idle_timeout=0.5, motions=motions)
    power(steve)
    mark = steve.state.mark()
    status, result = Action(steve, PlayMotion, "play_motion").run(PlayMotion.Goal(name="pausing"))
    assert (status, result.success) == ("SUCCEEDED", True), result
    # Between its moves it rests for four times the timeout.
    assert all(state.powered for state in steve.state.since(mark)[:-1])
    steve.wait_for_state(lambda state: not state.powered, "limp")


def test_without_idle_timeout_the_arm_holds(start_arm):
    _, steve = start_arm()
    assert steve.move("torso", 0.4).status == "SUCCEEDED"
    steve.joint_states.wait_for_count(150, steve.joint_states.mark())
    assert servo(steve.state.last, "torso").powered


# --- the node's end, without parking ----------------------------------------------------------------------------------


@pytest.mark.parametrize("on_shutdown", ["hold", "off"])
def test_an_arm_that_holds_or_goes_limp_at_the_end_moves_nothing(start_arm, on_shutdown):
    process, steve = start_arm(on_shutdown=on_shutdown)
    power(steve)
    assert steve.move("torso", 0.4).status == "SUCCEEDED"
    mark = steve.joint_states.mark()
    process.end(signal.SIGINT)
    assert all(position_in(message, "torso") == pytest.approx(0.4) for message in steve.joint_states.since(mark))
    assert "parking" not in process.text()


def test_an_unknown_way_to_end_is_refused_with_the_known_ones():
    code, said = run_to_end("arm", parameters={"on_shutdown": "sit"})
    assert code == 2 and 'on_shutdown: "sit"' in said, said
    assert all(word in said for word in ("off", "hold", "park")), said


@pytest.mark.parametrize("executable", ["arm", "bringup"])
def test_an_unknown_park_motion_is_refused_at_the_start_with_the_known_ones(executable):
    code, said = run_to_end(executable, parameters={"on_shutdown": "park", "park_motion": "sleeep"})
    assert code == 2, said
    assert all(word in said for word in ("park_motion", "sleeep", "sleep", "wake_up")), said
    assert "is ready" not in said and "panic" not in said, said


def test_an_unknown_park_motion_matters_to_nobody_who_does_not_park(start_arm):
    process, steve = start_arm(on_shutdown="off", park_motion="nap")
    assert steve.move("torso", 0.1).status == "SUCCEEDED"
    process.end(signal.SIGINT)


# --- parking ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
@pytest.mark.parametrize("executable", ["arm", "bringup"])
def test_a_powered_arm_parks_before_its_node_ends(start_arm, tmp_path, executable, number):
    file = tmp_path / "steve.json"
    process, steve = start_arm(executable, on_shutdown="park", state_file=str(file))
    power(steve)
    assert steve.move("torso", 0.8).status == "SUCCEEDED"
    assert steve.move("wrist_lr", -0.5).status == "SUCCEEDED"
    process.send(number)
    assert process.wait(PARKED_WITHIN) == 0
    last = steve.joint_states.last
    assert dict(zip(last.name, last.position)) == pytest.approx(ASLEEP, abs=0.05), "joint_states tell of the way to the end"
    assert "not parked" not in process.text() and "too long" not in process.text()
    # The last word is the file's: the messages of the last moment may be lost.
    left = {joint["name"]: joint["position"] for joint in json.loads(file.read_text())["joints"]}
    assert left == pytest.approx(ASLEEP, abs=1e-6)


def test_a_goal_under_way_ends_before_the_arm_parks(start_arm):
    process, steve = start_arm(on_shutdown="park")
    goal = steve.start("torso", 1.4, speed=0.3)
    steve.joint_states.wait_for(lambda message: position_in(message, "torso") > 0.1)
    mark = steve.joint_states.mark()
    process.send(signal.SIGINT)
    end = goal.result()
    assert end.status == "ABORTED" and "the node ends" in end.message, end
    assert process.wait(PARKED_WITHIN) == 0
    assert max(position_in(message, "torso") for message in steve.joint_states.since(mark)) < 1.3
    assert dict(zip(JOINTS, steve.joint_states.last.position)) == pytest.approx(ASLEEP, abs=0.05)


def test_a_limp_arm_does_not_park(start_arm):
    process, steve = start_arm(on_shutdown="park")
    mark = steve.joint_states.mark()
    steve.fresh_joint_state()
    process.end(signal.SIGINT)
    assert all(set(message.velocity) == {0.0} for message in steve.joint_states.since(mark))
    assert "parking" not in process.text()


def test_a_second_signal_ends_a_parking_arm_at_once(start_arm, motions):
    process, steve = start_arm(on_shutdown="park", motions=motions, park_motion="slow")
    power(steve)
    process.send(signal.SIGINT)
    parks(process)
    mark = steve.joint_states.mark()
    steve.wait_for_motion("torso", mark)
    # Two that follow each other within a second are one wish: a launcher and its terminal.
    time.sleep(1.2)
    process.end(signal.SIGINT, code=128 + signal.SIGINT)
    assert position_in(steve.joint_states.last, "torso") < 70 * DEGREES
    assert "second signal" in process.text()


def test_two_signals_within_a_second_are_one_and_the_arm_parks(start_arm):
    process, steve = start_arm(on_shutdown="park")
    power(steve)
    process.send(signal.SIGINT)
    process.send(signal.SIGTERM)
    assert process.wait(PARKED_WITHIN) == 0
    assert dict(zip(JOINTS, steve.joint_states.last.position)) == pytest.approx(ASLEEP, abs=0.05)


@pytest.fixture
def parking_arm(start_arm, motions):
    """An arm on its long way to where it parks. What it is asked was found before: nobody looks for an arm that ends."""
    process, steve = start_arm(on_shutdown="park", motions=motions, park_motion="slow")
    power(steve)
    assert steve.emergency_stop(False).success and steve.stop().success
    assert steve.move("clamp", 0.01).status == "SUCCEEDED"
    process.send(signal.SIGINT)
    parks(process)
    steve.joint_states.wait_for(lambda message: position_in(message, "torso") > 0.05, what="with torso on its way")
    return process, steve


@pytest.mark.parametrize("how", ["stop", "power off", "emergency stop"])
def test_what_stops_the_arm_stops_its_parking_too_and_is_answered(parking_arm, how):
    process, steve = parking_arm
    ways = {"stop": steve.stop, "power off": lambda: steve.power(False), "emergency stop": lambda: steve.emergency_stop(True)}
    answer = ways[how]()
    assert answer.success, answer
    assert process.wait(PARKED_WITHIN) == 0
    assert position_in(steve.joint_states.last, "torso") < 70 * DEGREES
    process.log.wait_for(lambda line: "not parked" in line)


def test_a_goal_for_a_parking_arm_is_refused_and_the_arm_parks(parking_arm):
    process, steve = parking_arm
    mark = process.log.mark()
    assert steve.request("torso", 0.0) is None
    told = process.log.wait_for(lambda line: "rejected" in line, mark)
    assert "ends" in told or "park" in told, told
    answer = steve.emergency_stop(False)
    assert answer.success, answer
    assert process.wait(PARKED_WITHIN) == 0
    assert "not parked" not in process.text()
    assert steve.joint_states.last.position[0] == pytest.approx(80 * DEGREES, abs=0.05)


def test_goals_and_commands_that_still_come_do_not_keep_the_arm_from_parking(start_arm, motions, tmp_path):
    # A teleoperation goes on publishing: it does not know that the node ends.
    file = tmp_path / "steve.json"
    process, steve = start_arm(on_shutdown="park", motions=motions, park_motion="slow", state_file=str(file))
    power(steve)
    steve.command(torso=0.0)
    assert steve.stop().success
    process.send(signal.SIGINT)
    parks(process)
    steve.joint_states.wait_for(lambda message: position_in(message, "torso") > 0.05, what="with torso on its way")
    while process.exit_code is None:
        steve.command(torso=0.0)
        time.sleep(0.1)
    assert process.wait() == 0
    assert "not parked" not in process.text(), process.text()
    torso = next(joint["position"] for joint in json.loads(file.read_text())["joints"] if joint["name"] == "torso")
    assert torso == pytest.approx(80 * DEGREES)


def test_an_arm_that_does_not_come_to_an_end_with_its_parking_ends_all_the_same(start_arm, motions):
    process, steve = start_arm(on_shutdown="park", motions=motions, park_motion="endless")
    power(steve)
    process.send(signal.SIGINT)
    assert process.wait(PARKED_WITHIN) == 0
    assert "parking took too long" in process.text()


def test_an_arm_that_cannot_park_says_why_goes_limp_and_ends(start_arm, tmp_path):
    file = tmp_path / "steve.json"
    process, _ = start_arm(state_file=str(file))
    wait_until(file.exists, str(file))
    process.end(signal.SIGINT)
    left = json.loads(file.read_text())
    elbow = next(joint for joint in left["joints"] if joint["name"] == "elbow")
    elbow.update(position=None, pulse_us=None)
    file.write_text(json.dumps(left))

    process, steve = start_arm(state_file=str(file), sim_start="unknown", on_shutdown="park")
    assert steve.move("torso", 0.3).status == "SUCCEEDED"
    process.send(signal.SIGINT)
    assert process.wait(PARKED_WITHIN) == 0
    told = process.log.wait_for(lambda line: "not parked" in line)
    assert "elbow" in told and "unknown" in told, told


def test_joints_that_nobody_knows_creep_home_to_park(start_arm):
    # An arm that is held up goes on where it was, and its patience of 8 s may be over by then: up to three times.
    for _ in range(3):
        process, steve = start_arm(on_shutdown="park", sim_start="unknown", power_on="home")
        assert steve.move("torso", 0.2).status == "SUCCEEDED"
        process.send(signal.SIGINT)
        assert process.wait(PARKED_WITHIN) == 0
        if "too long" not in process.text():
            break
    assert "not parked" not in process.text() and "too long" not in process.text()
    last = steve.joint_states.last
    assert dict(zip(last.name, last.position)) == pytest.approx(ASLEEP, abs=0.05)
