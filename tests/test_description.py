"""The URDF is the robot of config/steve.yaml: same joints, same limits, and every joint moves the way its sign says."""

import itertools
import math
import pathlib
import re
import shutil
import subprocess
import sysconfig

import numpy as np
import pytest
import yaml
from urdf_parser_py.urdf import URDF

from harness.kinematics import fixed_axes, frames, homogeneous, pointing, where

ROOT = pathlib.Path(__file__).resolve().parent.parent
PATH = ROOT / "urdf" / "steve.urdf"
JOINTS = ["torso", "shoulder", "elbow", "wrist_ud", "wrist_lr", "clamp"]
DEG = math.radians(1)


@pytest.fixture(scope="module")
def robot():
    return URDF.from_xml_string(PATH.read_bytes())


@pytest.fixture(scope="module")
def described():
    """The joints of config/steve.yaml by name, in their order, in rad and m."""
    joints = {}
    for joint in yaml.safe_load((ROOT / "config" / "steve.yaml").read_text())["joints"]:
        revolute = joint["type"] == "revolute"
        joints[joint["name"]] = {
            "type": joint["type"],
            "travel": [v * DEG for v in joint["travel_deg"]] if revolute else joint["travel_m"],
            "velocity": joint["velocity_rad_s"] if revolute else joint["velocity_m_s"],
        }
    return joints


# --- the file ---

def test_the_parser_of_robot_state_publisher_takes_it():
    """urdfdom is what robot_state_publisher, rviz and MoveIt read a URDF with."""
    checker = shutil.which("check_urdf") or shutil.which("check_urdf", path=sysconfig.get_path("scripts"))
    assert checker, "check_urdf is missing: pip install cmeel-urdfdom (or apt install liburdfdom-tools)"
    done = subprocess.run([checker, PATH], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and "Successfully Parsed" in done.stdout, done.stdout + done.stderr


def test_it_needs_no_other_file(robot):
    """So that it can be sent as a string on /robot_description and read on any machine."""
    for link in robot.links:
        for shape in [*link.visuals, *link.collisions]:
            assert type(shape.geometry).__name__ in ("Box", "Cylinder", "Sphere"), link.name


def test_names_are_valid_and_unique(robot):
    names = [joint.name for joint in robot.joints] + [link.name for link in robot.links]
    for name in names:
        assert re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name), name
    for kind in (robot.joints, robot.links):
        assert len({part.name for part in kind}) == len(kind)


def test_it_is_one_tree_from_base_link(robot):
    assert robot.get_root() == "base_link"
    links = {link.name for link in robot.links}
    for joint in robot.joints:
        assert {joint.parent, joint.child} <= links, joint.name
    children = [joint.child for joint in robot.joints]
    assert len(set(children)) == len(children) == len(links) - 1
    for link in links:
        seen = set()
        while link in robot.parent_map:
            assert link not in seen, f"{link} is its own ancestor"
            seen.add(link)
            link = robot.parent_map[link][1]
        assert link == "base_link"


def test_colours_are_defined(robot):
    defined = {material.name for material in robot.materials}
    for link in robot.links:
        for visual in link.visuals:
            assert visual.material.name in defined, link.name


def test_the_parts_around_the_arm_are_there(robot):
    assert {f"led_{i}" for i in range(4)} <= set(robot.link_map)
    assert "gripper_tip" in robot.link_map
    assert robot.link_map["base_link"].inertial is None, "KDL wants no inertia in the root"


# --- the joints ---

def test_the_commanded_joints_are_those_of_the_yaml_in_its_order(robot, described):
    free = [j.name for j in robot.joints if j.type != "fixed" and j.mimic is None]
    assert free == list(described) == JOINTS


@pytest.mark.parametrize("name", JOINTS)
def test_type_and_limits_agree_with_the_yaml(robot, described, name):
    joint, wanted = robot.joint_map[name], described[name]
    assert joint.type == wanted["type"]
    lower, upper = wanted["travel"]
    assert joint.limit.lower == pytest.approx(lower, abs=1e-6)
    assert joint.limit.upper == pytest.approx(upper, abs=1e-6)
    # A planner that goes to the URDF's limit must not be refused by the arm for the last digit.
    assert lower <= joint.limit.lower and joint.limit.upper <= upper
    assert joint.limit.velocity == pytest.approx(wanted["velocity"])
    assert joint.limit.effort > 0


@pytest.mark.parametrize("name, lower, upper", [
    ("torso", -90 * DEG, 90 * DEG),
    ("shoulder", -90 * DEG, 90 * DEG),
    ("elbow", -58.4 * DEG, 61.7 * DEG),
    ("wrist_ud", -90 * DEG, 90 * DEG),
    ("wrist_lr", -90 * DEG, 90 * DEG),
    ("clamp", 0, 0.030),
])
def test_travel_is_as_the_interface_says(robot, name, lower, upper):
    limit = robot.joint_map[name].limit
    assert (limit.lower, limit.upper) == pytest.approx((lower, upper), abs=1e-6)


def test_axes_are_unit_vectors(robot):
    for joint in robot.joints:
        if joint.type != "fixed":
            assert np.linalg.norm(joint.axis) == pytest.approx(1), joint.name


# --- the signs ---

def test_at_zero_the_upper_arm_is_up_and_the_rest_points_forward(robot):
    at = frames(robot)
    for name, frame in at.items():
        assert frame[:3, :3] == pytest.approx(np.eye(3), abs=1e-6), f"{name} is not parallel to base_link"
    assert at["gripper_tip"][0, 3] > 0.2
    assert at["gripper_tip"][1, 3] == pytest.approx(0, abs=1e-9)


def test_torso_plus_is_clockwise_from_above(robot):
    assert pointing(robot, "gripper_tip", torso=90 * DEG) == pytest.approx([0, -1, 0], abs=1e-6)
    assert where(robot, "gripper_tip", torso=90 * DEG)[1] < -0.2  # the robot's right
    assert where(robot, "gripper_tip", torso=-90 * DEG)[1] > 0.2
    assert where(robot, "gripper_tip", torso=1.0)[2] == pytest.approx(where(robot, "gripper_tip")[2])


def test_shoulder_plus_leans_forward(robot):
    assert where(robot, "forearm_link", shoulder=90 * DEG) == pytest.approx([0.100, 0, 0.122], abs=1e-6)
    assert where(robot, "forearm_link", shoulder=-90 * DEG) == pytest.approx([-0.100, 0, 0.122], abs=1e-6)


def test_elbow_plus_raises_the_forearm(robot):
    level = where(robot, "wrist_link")
    raised = where(robot, "wrist_link", elbow=0.5)
    assert raised[2] - level[2] == pytest.approx(0.098 * math.sin(0.5))
    assert where(robot, "wrist_link", elbow=-0.5)[2] < level[2]


def test_the_elbow_keeps_its_right_angle_when_the_shoulder_leans(robot):
    at = frames(robot, shoulder=0.7)
    upper_arm = at["forearm_link"][:3, 3] - at["upper_arm_link"][:3, 3]
    forearm = at["wrist_link"][:3, 3] - at["forearm_link"][:3, 3]
    assert upper_arm @ forearm == pytest.approx(0, abs=1e-9)


def test_wrist_ud_plus_is_up(robot):
    assert pointing(robot, "gripper_tip", wrist_ud=90 * DEG) == pytest.approx([0, 0, 1], abs=1e-6)
    assert pointing(robot, "gripper_tip", wrist_ud=-90 * DEG) == pytest.approx([0, 0, -1], abs=1e-6)


def test_wrist_lr_plus_is_right(robot):
    assert pointing(robot, "gripper_tip", wrist_lr=90 * DEG) == pytest.approx([0, -1, 0], abs=1e-6)
    assert pointing(robot, "gripper_tip", wrist_lr=-90 * DEG) == pytest.approx([0, 1, 0], abs=1e-6)


@pytest.mark.parametrize("width", [0.0, 0.010, 0.030])
def test_clamp_is_the_width_between_the_fingers(robot, width):
    """Measured between the faces of the solids, not between the frames."""
    at = frames(robot, clamp=width)

    def sideways(finger):
        spans = []
        for shape in robot.link_map[finger].visuals:
            centre = (at[finger] @ homogeneous(np.eye(3), shape.origin.xyz))[1, 3]
            spans += [centre - shape.geometry.size[1] / 2, centre + shape.geometry.size[1] / 2]
        return spans

    left, right = sideways("left_finger_link"), sideways("right_finger_link")
    assert min(left) - max(right) == pytest.approx(width, abs=1e-9)
    assert min(left) == pytest.approx(-max(right), abs=1e-9)  # both move, by the same


def test_two_fingers_mimic_the_clamp(robot):
    clamp = robot.joint_map["clamp"].limit
    mimics = [joint for joint in robot.joints if joint.mimic is not None]
    assert [joint.child for joint in mimics] == ["left_finger_link", "right_finger_link"]
    for joint in mimics:
        assert (joint.mimic.joint, joint.mimic.multiplier, joint.mimic.offset) == ("clamp", 0.5, 0)
        assert joint.limit.lower == pytest.approx(clamp.lower / 2)
        assert joint.limit.upper == pytest.approx(clamp.upper / 2)
        assert joint.limit.velocity == pytest.approx(clamp.velocity / 2)


# --- the body ---

def test_lengths_are_the_real_robots(robot):
    at = {name: frame[:3, 3] for name, frame in frames(robot).items()}
    assert at["upper_arm_link"][2] == pytest.approx(0.122)  # the torso's height: desk to shoulder
    assert at["forearm_link"] - at["upper_arm_link"] == pytest.approx([0, 0, 0.100])
    assert at["wrist_link"] - at["forearm_link"] == pytest.approx([0.098, 0, 0])
    assert at["left_finger_link"] - at["wrist_link"] == pytest.approx([0.092, 0, 0])  # the palm
    assert max(shape.geometry.size[2] for shape in robot.link_map["left_finger_link"].visuals) == 0.030


def test_the_lights_face_forward_from_left_to_right_for_who_looks_at_him(robot):
    at = frames(robot)
    lights = [at[f"led_{i}"] for i in range(4)]
    for one, next_one in itertools.pairwise(lights):
        assert one[1, 3] < next_one[1, 3]
        assert one[0, 3] > 0.05


def test_inertias_are_those_of_solid_bodies(robot):
    for link in robot.links:
        if link.inertial is None:
            continue
        i = link.inertial.inertia
        tensor = np.array([[i.ixx, i.ixy, i.ixz], [i.ixy, i.iyy, i.iyz], [i.ixz, i.iyz, i.izz]])
        smallest, middle, largest = np.linalg.eigvalsh(tensor)
        assert link.inertial.mass > 0 and smallest > 0, link.name
        assert smallest + middle >= largest * 0.999, f"{link.name}: no body has such a tensor"
        # a radius of gyration that fits into the part
        assert math.sqrt(largest / link.inertial.mass) < 0.08, link.name


def test_what_moves_has_mass_and_what_has_mass_can_be_bumped_into(robot):
    for joint in robot.joints:
        link = robot.link_map[joint.child]
        if joint.type != "fixed":
            assert link.inertial is not None, link.name
        if link.visuals and link.inertial is not None:
            assert link.collisions, link.name
    mass = sum(link.inertial.mass for link in robot.links if link.inertial is not None)
    assert 1.0 < mass < 2.5


def test_nothing_is_below_the_desk_at_home(robot):
    at = frames(robot)
    for link in robot.links:
        for shape in link.collisions:
            frame = at[link.name] @ homogeneous(fixed_axes(shape.origin.rpy or (0, 0, 0)), shape.origin.xyz)
            if type(shape.geometry).__name__ == "Box":
                half = np.abs(frame[2, :3]) @ np.array(shape.geometry.size) / 2
            else:
                upright = abs(frame[2, 2])
                half = upright * shape.geometry.length / 2 + math.sqrt(max(0, 1 - upright**2)) * shape.geometry.radius
            assert frame[2, 3] - half > -1e-6, link.name
