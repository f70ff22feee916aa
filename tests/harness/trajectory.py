"""Trajectories, for the topic and for the action that take them."""

import math

from builtin_interfaces.msg import Duration, Time
from trajectory_msgs.msg import JointTrajectory, JointTrajectoryPoint


def duration(seconds):
    """Seconds as ROS has them."""
    whole = math.floor(seconds)
    return Duration(sec=whole, nanosec=round((seconds - whole) * 1e9))


def stamp(seconds):
    """Seconds since 1970 as ROS has them."""
    whole = math.floor(seconds)
    return Time(sec=whole, nanosec=int((seconds - whole) * 1e9))


def point(seconds, positions, velocities=(), **more):
    """A point, `seconds` from the start."""
    lists = {"positions": positions, "velocities": velocities, **more}
    lists = {name: [float(value) for value in values] for name, values in lists.items()}
    return JointTrajectoryPoint(time_from_start=duration(seconds), **lists)


def trajectory(joints, *points, start=None):
    """`trajectory(["torso", "elbow"], (0.5, [0.1, 0.2]), (1.0, [0.3, 0.4]))`; `start` (time.time()) is its stamp."""
    message = JointTrajectory(joint_names=joints, points=[p if isinstance(p, JointTrajectoryPoint) else point(*p) for p in points])
    if start is not None:
        message.header.stamp = stamp(start)
    return message


# What neither the topic nor the action takes: the message, and what the log says of it.
REFUSED = {
    "unknown joint": (lambda: trajectory(["neck"], (1.0, [0.1])), ["INVALID_JOINTS", "neck", "torso"]),
    "joint twice": (lambda: trajectory(["torso", "torso"], (1.0, [0.1, 0.1])), ["INVALID_JOINTS", "torso", "twice"]),
    "no joint": (lambda: trajectory([], (1.0, [])), ["INVALID_JOINTS", "joint_names"]),
    "all in the past": (lambda: trajectory(["torso"], (1.0, [0.1]), start=1.0e9), ["OLD_HEADER_TIMESTAMP", "header.stamp"]),
    "too few positions": (lambda: trajectory(["torso", "elbow"], (1.0, [0.1])), ["INVALID_GOAL", "points[0].positions"]),
    "not a number": (lambda: trajectory(["torso"], (1.0, [math.nan])), ["INVALID_GOAL", "points[0].positions", "torso"]),
    "outside the travel": (lambda: trajectory(["torso", "elbow"], (1.0, [0.1, 1.2])), ["INVALID_GOAL", "elbow", "1.2", "1.07"]),
    "too fast": (lambda: trajectory(["torso"], (0.5, [0.0]), (0.6, [1.0])), ["INVALID_GOAL", "torso", "rad/s"]),
    "too fast from where it is": (lambda: trajectory(["torso"], (0.1, [1.0])), ["INVALID_GOAL", "torso", "rad/s"]),
    "velocity beyond the limit": (
        lambda: trajectory(["torso"], (1.0, [0.1], [9.0]), (2.0, [0.2], [0.0])), ["INVALID_GOAL", "torso", "9.0"]),
    "moving at the end": (lambda: trajectory(["torso"], (1.0, [0.1], [0.5])), ["INVALID_GOAL", "torso", "0.5"]),
    "times that do not increase": (
        lambda: trajectory(["torso"], (1.0, [0.1]), (1.0, [0.2])), ["INVALID_GOAL", "points[1].time_from_start"]),
    "effort": (lambda: trajectory(["torso"], point(1.0, [0.1], effort=[1.0])), ["INVALID_GOAL", "effort"]),
}
