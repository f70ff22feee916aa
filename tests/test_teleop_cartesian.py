"""Node `teleop` in Cartesian mode: the axes move the hand. Where it is, is told by forward kinematics of the URDF from joint_states."""

import contextlib
import math
import pathlib
import statistics
import threading
import time

import numpy as np
import pytest
from sensor_msgs.msg import JointState
from urdf_parser_py.urdf import URDF

from harness import Process, wait_until
from harness.kinematics import frames
from harness.steve import JOINTS, velocity_in
from harness.teleop import Device, at_rest, begin, deflect, does_not_move, greatest_acceleration, moves, press, says, seen, sent_since

ROOT = pathlib.Path(__file__).resolve().parent.parent
# rad/s² of config/steve.yaml, and what stamps are not exact by.
GREATEST_ACCELERATION = 40.0 * 1.2

MODE, CLAMP = 0, 1
MAPPING = """
hand:
  topic: hand/joy
  dead_zone: 0
  joints:
    torso: {axis: 0, scale: 1.0}
  cartesian:
    x: {axis: 0, scale: 0.05}
    y: {axis: 1, scale: 0.05}
    z: {axis: 2, scale: 0.05}
    pitch: {axis: 3, scale: 0.5}
    yaw: {axis: 4, scale: 0.5}
  buttons:
    0: mode
    1: {clamp: {joint: clamp, held: 0.02, released: -0.05}}
space:
  topic: hand/joy
  start_mode: cartesian
  cartesian:
    x: {axis: 0, scale: 0.05}
"""


@pytest.fixture(scope="module")
def urdf():
    return URDF.from_xml_string((ROOT / "urdf" / "steve.urdf").read_bytes())


@pytest.fixture(scope="module")
def mapping(tmp_path_factory):
    path = tmp_path_factory.mktemp("teleop") / "mapping.yaml"
    path.write_text(MAPPING)
    return str(path)


@pytest.fixture(scope="module")
def shared_arm(mapping):
    with Process("bringup", "--nodes", "arm,teleop", parameters={"config": mapping, "profile": "hand", "joy_timeout": 1.0}) as process:
        yield process


@pytest.fixture(scope="module")
def _shared_device(_shared_client):
    with Device(_shared_client, "hand/joy", axes=5) as device:
        seen(_shared_client, device)
        yield device


@pytest.fixture
def joint_mode(arm, _shared_device):
    """The device, centred, with the arm where it reaches to all sides."""
    pose(arm, _shared_device)
    yield _shared_device
    _shared_device.centre()


@pytest.fixture
def device(joint_mode, shared_arm):
    """The same in Cartesian mode."""
    toggle(joint_mode, shared_arm, "cartesian")
    yield joint_mode
    joint_mode.centre()
    toggle(joint_mode, shared_arm, "joint")


def pose(arm, device):
    """Lets go of everything, and brings the arm where it reaches to all sides: the elbow a little lowered, the hand a little raised."""
    device.centre()
    at_rest(arm)
    for goal in [arm.start("shoulder", 0.2), arm.start("elbow", -0.4), arm.start("wrist_ud", 0.4)]:
        assert goal.result().status == "SUCCEEDED"


def toggle(device, process, mode):
    press(device, MODE, says(process, f"[teleop]: {mode} mode", process.log.mark()), f"{mode} mode")


def hand(urdf, message):
    """The hand's frame in base_link."""
    positions = dict(zip(message.name, message.position))
    return frames(urdf, **{joint: positions[joint] for joint in JOINTS})["gripper_tip"]


def go(arm, urdf, device, axes, far_enough):
    """Deflects until the hand has gone `far_enough(before, after)`: its frame before and after, and the messages between."""
    before = None

    def prepare():
        nonlocal before
        pose(arm, device)
        before = hand(urdf, arm.fresh_joint_state())

    mark, _ = begin(arm, prepare, lambda: device.put(axes), lambda m: far_enough(before, hand(urdf, m)), "the hand's way")
    device.centre()
    at_rest(arm)
    return before, hand(urdf, arm.fresh_joint_state()), arm.joint_states.since(mark)


@pytest.mark.parametrize(
    ("axis", "value", "direction"),
    [(0, 1, (1, 0, 0)), (0, -1, (-1, 0, 0)), (1, 1, (0, 1, 0)), (1, -1, (0, -1, 0)), (2, 1, (0, 0, 1)), (2, -1, (0, 0, -1))],
    ids=["forward", "backward", "left", "right", "up", "down"],
)
def test_the_hand_goes_straight_in_the_direction_of_the_axis(arm, urdf, device, axis, value, direction):
    def gone(before, after):
        return np.linalg.norm(after[:3, 3] - before[:3, 3]) > 0.025

    before, after, messages = go(arm, urdf, device, {axis: value}, gone)
    way = after[:3, 3] - before[:3, 3]
    along = float(way @ np.array(direction))
    aside = float(np.linalg.norm(way - along * np.array(direction)))
    assert along > 0.02 and aside < 0.003, f"{way} m"
    places = [(m.stamp, hand(urdf, m)[:3, 3]) for m in messages if any(m.velocity)]
    speeds = [np.linalg.norm(b - a) / (t2 - t1) for (t1, a), (t2, b) in zip(places, places[5:])]
    # Some of them are wrong where the machine was late with a stamp.
    assert 0.03 < statistics.median(speeds) < 0.07, f"0.05 m/s: {speeds}"


@pytest.mark.parametrize(("axis", "value", "up", "right"), [(3, 1, 1, 0), (3, -1, -1, 0), (4, 1, 0, 1), (4, -1, 0, -1)], ids=["up", "down", "right", "left"])
def test_the_hand_turns_where_it_is(arm, urdf, device, axis, value, up, right):
    def turned(before, after):
        return math.acos(min(1.0, float(before[:3, 0] @ after[:3, 0]))) > 0.2

    before, after, _ = go(arm, urdf, device, {axis: value}, turned)
    # What the hand points at, seen from where it was: up is its z, right its -y.
    change = before[:3, :3].T @ after[:3, 0]
    assert (change[2] > 0.15) == (up > 0) and (change[2] < -0.15) == (up < 0), change
    assert (-change[1] > 0.15) == (right > 0) and (-change[1] < -0.15) == (right < 0), change
    assert np.linalg.norm(after[:3, 3] - before[:3, 3]) < 0.005


def test_stretched_out_it_slows_down_instead_of_whipping(arm, urdf, device):
    measured = {}
    # A tick that came late, and its stamp, look like whipping as well: up to three times.
    for _ in range(3):
        messages, place = stretch(arm, urdf, device)
        for joint in JOINTS[:5]:
            measured[joint] = max(abs(velocity_in(m, joint)) for m in messages), greatest_acceleration(messages, joint)
        if all(fastest < 3.0 and acceleration < GREATEST_ACCELERATION for fastest, acceleration in measured.values()):
            break
    else:
        raise AssertionError(f"rad/s and rad/s²: {measured}")

    def let_go():
        device.centre()
        at_rest(arm)

    begin(arm, let_go, lambda: device.put({0: -1.0}), lambda m: hand(urdf, m)[0, 3] < place[0] - 0.03, "on the way back")


def stretch(arm, urdf, device):
    """Moves the hand forward and up until it can go no further: the messages on its way, and where that is."""
    first = None

    def prepare():
        nonlocal first
        pose(arm, device)
        first = hand(urdf, arm.fresh_joint_state())[:3, 3]

    on_its_way = lambda m: np.linalg.norm(hand(urdf, m)[:3, 3] - first) > 0.03
    mark, message = begin(arm, prepare, lambda: device.put({0: 1.0, 2: 1.0}), on_its_way, "the hand on its way")
    place = hand(urdf, message)[:3, 3]

    def at_its_end():
        nonlocal place
        before, place = place, hand(urdf, arm.fresh_joint_state(time.time() + 0.5))[:3, 3]
        return np.linalg.norm(place - before) < 0.002

    wait_until(at_its_end, "the hand where it can go no further")
    return arm.joint_states.since(mark), place


def test_a_deflection_does_not_pass_from_one_mode_to_the_other(arm, joint_mode, shared_arm):
    deflect(arm, joint_mode, {0: 1.0}, moves("torso", 1.0), "the torso at speed", home=False)
    toggle(joint_mode, shared_arm, "cartesian")
    at_rest(arm)
    does_not_move(arm)
    deflect(arm, joint_mode, {0: 1.0}, lambda m: velocity_in(m, "elbow") != 0.0, "the elbow in motion", home=False)
    toggle(joint_mode, shared_arm, "joint")
    at_rest(arm)
    does_not_move(arm)
    deflect(arm, joint_mode, {0: 1.0}, moves("torso", 1.0), "the torso at speed")


def test_the_clamp_works_in_both_modes(arm, device):
    deflect(arm, device, {}, moves("clamp", 0.02), "the clamp in motion", buttons={CLAMP: 1}, home=False)
    device.put(buttons={CLAMP: 0})
    arm.wait_for_position("clamp", 0.0, arm.joint_states.mark())


def test_a_goal_of_a_joint_that_does_not_belong_to_the_hand_goes_on(arm, device):
    goal = None

    def close_slowly():
        nonlocal goal
        pose(arm, device)
        assert arm.move("clamp", 0.0).status == "SUCCEEDED"
        goal = arm.start("clamp", 0.03, speed=0.01)

    both = lambda m: velocity_in(m, "elbow") != 0.0 and velocity_in(m, "clamp") != 0.0
    begin(arm, close_slowly, lambda: device.put({2: 0.5}), both, "the hand and the clamp in motion")
    assert goal.result().status == "SUCCEEDED"


def test_with_a_joint_whose_position_is_unknown_the_hand_does_not_move_and_it_is_said(start, mapping):
    process = start(
        "bringup", "--nodes", "arm,teleop", parameters={"config": mapping, "profile": "space", "joy_timeout": 1.0, "sim_start": "unknown"},
    )
    steve = process.client()
    with Device(steve, "hand/joy", axes=5) as device:
        def told():
            device.centre()
            device.put({0: 1.0})
            return any("cartesian mode: the position of torso, shoulder" in line and "unknown" in line for line in process.log.since())

        wait_until(told, "which positions are unknown")
    assert not any("refused" in line for line in process.log.since()), "nothing was sent"


class OtherJoints:
    """Tells joint_states of others all the time, and of one of the arm's."""

    def __init__(self, client):
        self._client, self._over = client, threading.Event()
        self._publisher = client.publisher(JointState, "joint_states", 100)
        self._thread = threading.Thread(target=self._repeat, daemon=True)

    def _repeat(self):
        while not self._over.wait(0.02):
            for name in ("wheel", "torso"):
                self._publisher.publish(JointState(name=[name], position=[0.0]))

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()


@pytest.mark.parametrize("others", [False, True], ids=["alone", "beside others that tell theirs often"])
def test_an_arm_that_tells_its_positions_too_seldom_is_not_moved_by_the_hand_and_it_is_said(start, mapping, others):
    process = start(
        "bringup", "--nodes", "arm,teleop",
        parameters={"config": mapping, "profile": "hand", "joy_timeout": 1.0, "state_rate": 2.0},
    )
    steve = process.client()
    with Device(steve, "hand/joy", axes=5) as device, contextlib.ExitStack() as beside:
        seen(steve, device)
        toggle(device, process, "cartesian")
        if others:
            beside.enter_context(OtherJoints(steve))
        commands = steve.record(JointState, "arm/command", 100)

        def told():
            device.centre()
            device.put({2: 1.0})
            return any("cartesian mode: joint_states are old, the last came" in line for line in process.log.since())

        wait_until(told, "that joint_states are old")
        now = time.time()
        steve.joint_states.wait_for_count(200 if others else 4, steve.joint_states.mark())
        assert not sent_since(commands, now)
        beside.close()
        device.centre()
        toggle(device, process, "joint")
        deflect(steve, device, {0: 1.0}, moves("torso", 1.0), "the torso at speed")


def test_without_a_urdf_there_is_joint_mode_and_it_is_said(start, mapping, tmp_path):
    text = (ROOT / "config" / "steve.yaml").read_text()
    robot = tmp_path / "stefan.yaml"
    robot.write_text(text.replace("name: steve\n", "name: stefan\n"))
    process = start(
        "bringup", "--nodes", "arm,teleop",
        parameters={"config": mapping, "profile": "hand", "joy_timeout": 1.0, "robot": str(robot)},
    )
    process.log.wait_for(lambda line: "joint mode only: there is no urdf/stefan.urdf" in line)
    steve = process.client()
    with Device(steve, "hand/joy", axes=5) as device:
        seen(steve, device)
        toggle(device, process, "cartesian")
        log = process.log.mark()

        def told():
            device.centre()
            device.put({0: 1.0})
            steve.fresh_joint_state()
            return says(process, "no measures of the arm", log)()

        wait_until(told, "that there are no measures of the arm")
        does_not_move(steve)
        device.centre()
        toggle(device, process, "joint")
        deflect(steve, device, {0: 1.0}, moves("torso", 1.0), "the torso at speed")
