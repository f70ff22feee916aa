"""Node `teleop`: the profiles that are installed, and mappings that are refused."""

import pathlib
import re
import time

import pytest
import yaml
from sensor_msgs.msg import JointState

from harness import Process, run_to_end, wait_until
from harness.steve import JOINTS, position_in, velocity_in
from harness.teleop import Device, at_rest, begin, deflect, does_not_move, moves, seen, sent_since

ROOT = pathlib.Path(__file__).resolve().parent.parent
INSTALLED = yaml.safe_load((ROOT / "config" / "teleop.yaml").read_text())

# The original's, by facts.md: axes of the puck as the daemon tells them (x right, y up, z away), and rad/s at full deflection.
# As the package spacenav has it, its Joy is z, -x, y and turned about these.
ORIGINAL = {"elbow": ("y", 1), "shoulder": ("z", -1), "wrist_ud": ("rx", 1), "torso": ("ry", -1), "wrist_lr": ("rz", 1)}
JOY = {"z": (0, 1), "x": (1, -1), "y": (2, 1), "rz": (3, 1), "rx": (4, -1), "ry": (5, 1)}

# What the driver of an Xbox pad has: axes, buttons.
DEVICES = {"spacemouse": (6, 2), "gamepad": (8, 11)}


@pytest.fixture(scope="module", params=["spacemouse", "gamepad"])
def profile(request):
    return request.param


@pytest.fixture(scope="module")
def shared_arm(profile):
    with Process("bringup", "--nodes", "arm,teleop", parameters={"profile": profile, "joy_timeout": 1.0, "guard": False}) as process:
        yield process


@pytest.fixture(scope="module")
def _shared_device(_shared_client, profile):
    axes, buttons = DEVICES[profile]
    with Device(_shared_client, INSTALLED[profile]["topic"], axes=axes, buttons=buttons) as device:
        dead_man = INSTALLED[profile].get("dead_man")
        torso = INSTALLED[profile]["joints"]["torso"]["axis"]

        def centre():
            device.put({axis: 0 for axis in range(axes)}, {button: int(button == dead_man) for button in range(buttons)})

        device.centre = centre
        seen(_shared_client, device, axis=torso, value=1.0)
        yield device


@pytest.fixture
def device(arm, _shared_device):
    _shared_device.centre()
    at_rest(arm)
    yield _shared_device
    _shared_device.centre()


@pytest.mark.parametrize("joint", JOINTS[:5])
@pytest.mark.parametrize("sign", [1, -1], ids=["plus", "minus"])
def test_each_axis_moves_its_joint_its_way_with_its_speed(arm, device, profile, joint, sign):
    settings = {**{"full": 1.0, "dead_zone": 0.1}, **{k: v for k, v in INSTALLED[profile].items() if k in ("full", "dead_zone")}}
    settings |= INSTALLED[profile]["joints"][joint]
    at_full = moves(joint, sign * settings["scale"])
    _, message = deflect(arm, device, {settings["axis"]: sign * settings["full"]}, at_full, f"{joint} at full speed")
    assert [velocity_in(message, other) for other in JOINTS if other != joint] == [0.0] * 5

    def into_the_dead_zone():
        device.put({settings["axis"]: sign * settings["full"] * (settings["dead_zone"] - 0.01)})
        at_rest(arm)

    half = settings["dead_zone"] + (1 - settings["dead_zone"]) / 2
    deflect_half = lambda: device.put({settings["axis"]: -sign * settings["full"] * half})
    begin(arm, into_the_dead_zone, deflect_half, moves(joint, -sign * settings["scale"] / 2), f"{joint} at half speed")


def test_the_first_button_closes_the_clamp_while_it_is_held(arm, device):
    def rests_at(position):
        return lambda m: position_in(m, "clamp") == pytest.approx(position, abs=1e-6) and not any(m.velocity)

    def open_it():
        device.put(buttons={0: 0})
        # Let go of, it may be opening already.
        wait_until(lambda: arm.move("clamp", 0.03).status == "SUCCEEDED", "the clamp open")

    def hold_it():
        mark, _ = begin(arm, open_it, lambda: device.put(buttons={0: 1}), rests_at(0.0), "the clamp closed")
        assert min(velocity_in(message, "clamp") for message in arm.joint_states.since(mark)) == pytest.approx(-0.1, abs=1e-6)

    begin(arm, hold_it, lambda: device.put(buttons={0: 0}), rests_at(0.03), "the clamp open again")


@pytest.mark.parametrize("profile", ["gamepad"], indirect=True)
def test_triggers_that_rest_at_1_move_nothing(arm, device):
    commands = arm.record(JointState, "arm/command", 10)
    now = time.time()
    device.put({2: 1.0, 5: 1.0})
    does_not_move(arm, 25)
    assert not sent_since(commands, now)


def test_the_spacemouse_is_the_originals():
    joints = INSTALLED["spacemouse"]["joints"]
    for joint, (axis, sign) in ORIGINAL.items():
        index, direction = JOY[axis]
        assert joints[joint]["axis"] == index, joint
        assert joints[joint]["scale"] * direction * sign > 0.0, joint
        assert 2.0 <= abs(joints[joint]["scale"]) <= 2.5, joint
        assert 0.4 <= joints[joint].get("dead_zone", INSTALLED["spacemouse"]["dead_zone"]) <= 0.5, joint
    # A full push is 350 of the 512 that the mouse's node divides by.
    assert INSTALLED["spacemouse"]["full"] == pytest.approx(350 / 512, abs=0.001)
    assert INSTALLED["spacemouse"]["buttons"][0] == {"clamp": {"joint": "clamp", "held": -0.1, "released": 0.1}}
    assert INSTALLED["spacemouse"]["buttons"][1] == "listen"


# --- mappings that are refused ----------------------------------------------------------------------------------------

GOOD = "hand:\n  topic: joy\n  joints:\n    torso: {axis: 0, scale: 1}\n"
REFUSED = {
    "unknown joint": (GOOD.replace("torso", "torzo"), ["torzo", "torso"]),
    "unknown motion": (GOOD + "  buttons:\n    0: {motion: hi_five}\n", ["hi_five", "high_five"]),
    "unknown action": (GOOD + "  buttons:\n    0: stopp\n", ["stopp", "stop"]),
    "unknown field": (GOOD + "  deadman: 1\n", ["deadman", "dead_man"]),
    "no topic": (GOOD.replace("  topic: joy\n", ""), ["topic"]),
    "a speed of 0": (GOOD.replace("scale: 1", "scale: 0"), ["scale", "0", "0.001"]),
    "a speed that is none": (GOOD.replace("scale: 1", "scale: .nan"), ["scale"]),
    "a dead zone above 0.9": (GOOD.replace("scale: 1", "scale: 1, dead_zone: 0.95"), ["dead_zone", "0.95", "0.9"]),
    "a negative axis": (GOOD.replace("axis: 0", "axis: -1"), ["axis", "-1", "255"]),
    "several at once": (GOOD.replace("torso", "torzo") + "  dead_man: 300\n  start_mode: flying\n", ["torzo", "dead_man", "flying"]),
    "no YAML": ("hand: [", ["line"]),
    "nothing": ("", ["empty"]),
}


@pytest.mark.parametrize(("text", "words"), REFUSED.values(), ids=REFUSED.keys())
def test_a_bad_mapping_ends_the_start_with_all_that_is_wrong(tmp_path, text, words):
    path = tmp_path / "mapping.yaml"
    path.write_text(text)
    code, said = run_to_end("teleop", parameters={"config": str(path), "profile": "hand"})
    assert code == 2, said
    complaint = said[said.index("config refused"):]
    assert str(path) in complaint and all(word in complaint for word in words), said


def test_an_unknown_profile_ends_the_start_with_those_that_there_are():
    code, said = run_to_end("teleop", parameters={"profile": "spacemaus"})
    assert code == 2 and "spacemaus" in said and "spacemouse" in said and "gamepad" in said, said


def test_a_mapping_that_is_not_there_ends_the_start():
    code, said = run_to_end("teleop", parameters={"config": "/nowhere/teleop.yaml"})
    assert code == 2 and "config: cannot read /nowhere/teleop.yaml" in said, said


@pytest.mark.parametrize(("name", "value"), [("joy_timeout", 0.01), ("joy_timeout", 2.0), ("command_rate", 5.0), ("command_rate", 1000.0), ("robot", "/nowhere.yaml")])
def test_a_bad_parameter_ends_the_start(name, value):
    code, said = run_to_end("teleop", parameters={name: value})
    assert code == 2 and name in said and str(value) in said, said


def test_a_bad_mapping_ends_the_start_of_all_nodes_in_one_process(tmp_path):
    path = tmp_path / "mapping.yaml"
    path.write_text(REFUSED["unknown joint"][0])
    code, said = run_to_end("bringup", "--nodes", "arm,teleop", parameters={"config": str(path), "profile": "hand"})
    assert code == 2 and "torzo" in said, said


def test_another_robot_goes_without_the_mapping_that_is_installed_and_it_is_said(start, tmp_path):
    robot = tmp_path / "robot.yaml"
    robot.write_text(re.sub(r"\btorso\b", "waist", (ROOT / "config" / "steve.yaml").read_text()))
    process = start("bringup", "--nodes", "arm,teleop", parameters={"robot": str(robot), "urdf": str(none(tmp_path))}, node="teleop")
    process.log.wait_for(lambda line: "nothing is mapped" in line and "does not fit" in line)
    steve = process.client()
    diagnostics = steve.diagnostics()
    diagnostics.wait_for(lambda m: any(s.name == "teleop: input" and "nothing is mapped" in s.message for s in m.status))
    assert steve.fresh_joint_state().name[0] == "waist", "and the arm works"


def none(tmp_path):
    """A URDF of that robot."""
    path = tmp_path / "robot.urdf"
    path.write_text(re.sub(r'"torso"', '"waist"', (ROOT / "urdf" / "steve.urdf").read_text()))
    return path


def test_other_motions_leave_the_installed_mapping_in_force(start, tmp_path):
    motions = tmp_path / "motions.yaml"
    motions.write_text("nod:\n  steps:\n    - move: {wrist_ud: 10}\n")
    process = start("bringup", "--nodes", "arm,teleop", parameters={"motions": str(motions), "profile": "gamepad", "joy_timeout": 1.0})
    process.log.wait_for(lambda line: "some buttons name motions that there are not" in line)
    process.log.wait_for(lambda line: "profile gamepad on joy, joint mode" in line)
