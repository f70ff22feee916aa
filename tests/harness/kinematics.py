"""Forward kinematics, written from the URDF's specification: `robot` is what urdf_parser_py reads."""

import math

import numpy as np


def turned(axis, angle):
    """Rodrigues: the rotation about a unit axis."""
    x, y, z = axis
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.eye(3) + math.sin(angle) * cross + (1 - math.cos(angle)) * cross @ cross


def fixed_axes(rpy):
    roll, pitch, yaw = rpy
    return turned((0, 0, 1), yaw) @ turned((0, 1, 0), pitch) @ turned((1, 0, 0), roll)


def homogeneous(rotation, translation):
    matrix = np.eye(4)
    matrix[:3, :3], matrix[:3, 3] = rotation, translation
    return matrix


def frames(robot, **positions):
    """Link name -> its frame in base_link, with every joint not named at 0."""
    def position(joint):
        if joint.mimic is None:
            return positions.get(joint.name, 0.0)
        return joint.mimic.multiplier * position(robot.joint_map[joint.mimic.joint]) + joint.mimic.offset

    def movement(joint):
        if joint.type == "revolute":
            return homogeneous(turned(joint.axis, position(joint)), (0, 0, 0))
        if joint.type == "prismatic":
            return homogeneous(np.eye(3), np.array(joint.axis) * position(joint))
        return np.eye(4)

    assert set(positions) <= set(robot.joint_map), "no such joint"

    def of(link):
        if link not in robot.parent_map:
            return np.eye(4)
        name, parent = robot.parent_map[link]
        joint = robot.joint_map[name]
        return of(parent) @ homogeneous(fixed_axes(joint.origin.rpy), joint.origin.xyz) @ movement(joint)

    return {link.name: of(link.name) for link in robot.links}


def where(robot, link, **positions):
    """Where a link is."""
    return frames(robot, **positions)[link][:3, 3]


def pointing(robot, link, **positions):
    """The direction a link's x axis looks in."""
    return frames(robot, **positions)[link][:3, 0]
