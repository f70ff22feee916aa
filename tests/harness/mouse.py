"""The mouse as a client sees it: what the node `mouse` publishes, recorded."""

import itertools
import re

from diagnostic_msgs.msg import DiagnosticArray
from geometry_msgs.msg import Twist, Vector3
from rcl_interfaces.srv import SetParameters
from rclpy.parameter import Parameter
from sensor_msgs.msg import Joy
from shaky_steve.msg import MouseEvent

from harness.client import Client
from harness.waiting import wait_until

# spacenavd's x y z rx ry rz as the ROS package `spacenav` has them: x = z, y = -x, z = y.
DEVICE_AXES = ("x", "y", "z", "rx", "ry", "rz")
SPACENAV_AXES = {"x": (1, -1), "y": (2, 1), "z": (0, 1), "rx": (4, -1), "ry": (5, 1), "rz": (3, 1)}


def six(twist):
    """A Twist's numbers."""
    return [twist.linear.x, twist.linear.y, twist.linear.z, twist.angular.x, twist.angular.y, twist.angular.z]


def three(vector):
    """A Vector3's numbers."""
    return [vector.x, vector.y, vector.z]


# The numbers of a message on each of `Mouse.topics`.
NUMBERS = (lambda event: event.axes if event.type == MouseEvent.MOTION else [], lambda joy: joy.axes, six, three, three)


class Mouse(Client):
    """Records all topics of the node, whose parameter is `full_scale`. A message of a topic counts only after `listen`: before, DDS may not know us yet."""

    def __init__(self, process, full_scale=512):
        super().__init__(process.domain)
        self.full_scale = full_scale
        self._log = process.log
        self._deflections = itertools.count(30)
        space = process.namespace.rstrip("/")
        self._node = f"{space}/{process.node}"
        self.events = self.record(MouseEvent, f"{self._node}/events", 1000)
        self.joy = self.record(Joy, f"{space}/spacenav/joy", 1000)
        self.twist = self.record(Twist, f"{space}/spacenav/twist", 1000)
        self.offset = self.record(Vector3, f"{space}/spacenav/offset", 1000)
        self.rot_offset = self.record(Vector3, f"{space}/spacenav/rot_offset", 1000)
        self.diagnostics = self.record(DiagnosticArray, "/diagnostics", 100)
        self.topics = [self.events, self.joy, self.twist, self.offset, self.rot_offset]

    def listen(self, device):
        """Waits until messages of every topic arrive, with the puck moved to and fro, and ends with it centred.

        `device.move(z=…)` and `device.move()` move it.
        """

        def heard():
            device.move(z=20)
            device.move()
            return all(topic.mark() for topic in self.topics)

        wait_until(heard, "a message on every topic")
        self.rest(device)
        return self

    def rest(self, device):
        """Waits until the puck is centred and all that was said until then is heard."""
        # A deflection that nothing before had, and the zero after it: each topic keeps its order.
        counts = next(self._deflections)
        deflection = counts / self.full_scale
        marks = self.marks()
        device.move(x=counts, rx=counts)
        self.motion(marks[0], x=deflection, rx=deflection)
        device.move()
        for topic, mark, numbers in zip(self.topics, marks, NUMBERS):
            topic.wait_for(_zero_after(deflection, numbers), mark, what="zero")

    def marks(self):
        """The present moment on each of `topics`."""
        return [topic.mark() for topic in self.topics]

    # --- events -------------------------------------------------------------------------------------------------------

    def device(self, connected, since=0):
        """The event that a device came or went."""
        return self.events.wait_for(
            lambda event: event.type == MouseEvent.DEVICE and event.connected == connected, since, what=f"device {connected}"
        )

    def motion(self, since=0, **axes):
        """The motion event whose axes are about those named, and 0 else."""
        wanted = [axes.get(axis, 0.0) for axis in DEVICE_AXES]
        return self.events.wait_for(
            lambda event: event.type == MouseEvent.MOTION and close(event.axes, wanted), since, what=f"motion {axes}"
        )

    def button(self, number, pressed, since=0):
        """The event of that button."""
        return self.events.wait_for(
            lambda event: event.type == MouseEvent.BUTTON and (event.button, event.pressed) == (number, pressed), since,
            what=f"button {number} {pressed}",
        )

    # --- the rest -----------------------------------------------------------------------------------------------------

    def set_parameters(self, **values):
        """The results, one a parameter; `linear_scale__x` is `linear_scale/x`."""
        parameters = [Parameter(name.replace("__", "/"), value=value).to_parameter_msg() for name, value in values.items()]
        request = SetParameters.Request(parameters=parameters)
        return self.call(SetParameters, f"{self._node}/set_parameters", request).results

    def status(self, name, condition=lambda status, values: True, since=None):
        """The next status called so, in /diagnostics, for which `condition(status, values)` holds; the values as a dict."""

        def wanted(message):
            return next(filter(None, (_fits(status, f"mouse: {name}", condition) for status in message.status)), None)

        since = self.diagnostics.mark() if since is None else since
        return wanted(self.diagnostics.wait_for(wanted, since, what=name))

    def said(self, pattern, since=0):
        """The lines of the node's log that match."""
        return [line for line in self._log.since(since) if re.search(pattern, line)]


def close(one, other, tolerance=1e-6):
    return all(abs(a - b) <= tolerance for a, b in zip(one, other, strict=True))


def _zero_after(deflection, numbers):
    seen = False

    def zero(message):
        nonlocal seen
        values = numbers(message)
        seen = seen or any(abs(abs(value) - deflection) < 1e-6 for value in values)
        return seen and len(values) > 0 and not any(values)

    return zero


def _fits(status, name, condition):
    values = {pair.key: pair.value for pair in status.values}
    return (status, values) if status.name == name and condition(status, values) else None
