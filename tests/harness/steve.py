"""The arm as a client sees it: interface.md in Python."""

import math
import time

from action_msgs.msg import GoalStatus
from action_msgs.srv import CancelGoal
from diagnostic_msgs.msg import DiagnosticArray
from rcl_interfaces.msg import Log
from rcl_interfaces.srv import SetParameters
from rclpy.parameter import Parameter
from sensor_msgs.msg import JointState
from shaky_steve.action import MoveServo
from shaky_steve.msg import ArmState
from std_srvs.srv import SetBool, Trigger

from harness.client import LATCHED, ROSOUT, Client
from harness.waiting import TIMEOUT, wait_until

JOINTS = ["torso", "shoulder", "elbow", "wrist_ud", "wrist_lr", "clamp"]
DEGREES = math.pi / 180
STATUSES = ["UNKNOWN", "ACCEPTED", "EXECUTING", "CANCELING", "SUCCEEDED", "CANCELED", "ABORTED"]
STATUS = {getattr(GoalStatus, f"STATUS_{name}"): name for name in STATUSES}


class Ended:
    """How a goal ended: `status` by name, and the result's `position` and `message`."""

    def __init__(self, response):
        self.status = STATUS[response.status]
        self.position = response.result.position
        self.message = response.result.message

    def __repr__(self):
        return f"{self.status} at {self.position}: {self.message!r}"


class Goal:
    """A goal that was accepted."""

    def __init__(self, steve, handle, feedback):
        self._steve = steve
        self._handle = handle
        self._result = steve.do(handle.get_result_async)
        # (monotonic time, MoveServo.Feedback)
        self.feedback = feedback

    @property
    def id(self):
        return self._handle.goal_id

    def ended(self):
        """Whether the result is there."""
        return self._result.done()

    def result(self, timeout=TIMEOUT):
        """Waits for the end."""
        return Ended(self._steve.wait(self._result, "result", timeout))

    def cancel(self):
        """Asks for its cancel; the server's answer."""
        return self._steve.wait(self._steve.do(self._handle.cancel_goal_async), "cancel")


class Steve(Client):
    """A client of the node `arm`. Without `records` it subscribes to nothing; `depth` is `Client.action`'s."""

    def __init__(self, domain, namespace="", node="arm", joint_states="joint_states", command=None, records=True, depth=10):
        super().__init__(domain)
        self.namespace = namespace.rstrip("/")
        self.arm = f"{self.namespace}/{node}"
        self._command_topic = command or f"{self.arm}/command"
        self._command = None
        self._moves = None
        self._depth = depth
        self._rosout = None
        if records:
            topic = joint_states if joint_states.startswith("/") else f"{self.namespace}/{joint_states}"
            self.joint_states = self.record(JointState, topic, 100)
            self.state = self.record(ArmState, f"{self.arm}/state", LATCHED)

    # --- moving -------------------------------------------------------------------------------------------------------

    def request(self, joint, position, speed=0.0, easing=""):
        """Sends a goal; the accepted `Goal`, or None when it is rejected."""
        if self._moves is None:
            self._moves = self.action(MoveServo, f"{self.arm}/move_servo", self._depth)
        goal = MoveServo.Goal(joint=joint, position=float(position), speed=float(speed), easing=easing)
        feedback = []
        sent = self.do(
            self._moves.send_goal_async, goal, lambda message: feedback.append((time.monotonic(), message.feedback))
        )
        handle = self.wait(sent, f"answer to {goal}")
        return Goal(self, handle, feedback) if handle.accepted else None

    def start(self, joint, position, speed=0.0, easing=""):
        """Sends a goal that has to be accepted."""
        goal = self.request(joint, position, speed, easing)
        assert goal is not None, f"goal rejected: {joint} to {position}"
        return goal

    def move(self, joint, position, speed=0.0, easing=""):
        """Sends a goal and waits for its end."""
        return self.start(joint, position, speed, easing).result()

    def command(self, **positions):
        """The non-blocking set: `command(torso=0.5, elbow=0.1)`."""
        self.publish_command(JointState(name=list(positions), position=[float(p) for p in positions.values()]))

    def publish_command(self, message):
        if self._command is None:
            self._command = self.publisher(JointState, self._command_topic)
        self._command.publish(message)

    # --- switches -----------------------------------------------------------------------------------------------------

    def stop(self):
        return self.call(Trigger, f"{self.arm}/stop", Trigger.Request())

    def power(self, on):
        return self.call(SetBool, f"{self.arm}/power", SetBool.Request(data=on))

    def emergency_stop(self, on):
        return self.call(SetBool, f"{self.arm}/emergency_stop", SetBool.Request(data=on))

    def cancel_goals(self, request=None):
        """The raw cancel service: without a request, all."""
        return self.call(CancelGoal, f"{self.arm}/move_servo/_action/cancel_goal", request or CancelGoal.Request())

    def set_parameters(self, **values):
        """Sets parameters of the node: one result each."""
        request = SetParameters.Request(parameters=[Parameter(name, value=value).to_parameter_msg() for name, value in values.items()])
        return self.call(SetParameters, f"{self.arm}/set_parameters", request).results

    # --- what it tells ------------------------------------------------------------------------------------------------

    @property
    def rosout(self):
        """Recorder of /rosout, from the first use on (with what was said in the ten seconds before)."""
        if self._rosout is None:
            self._rosout = self.record(Log, "/rosout", ROSOUT)
        return self._rosout

    def diagnostics(self):
        """Recorder of /diagnostics."""
        return self.record(DiagnosticArray, "/diagnostics")

    def fresh_joint_state(self, after=None):
        """The first joint_states message stamped at or after `after` (time.time(); without it: now)."""
        after = time.time() if after is None else after
        return self.joint_states.wait_for(lambda m: m.stamp >= after, what=f"stamped after {after}")

    def position(self, joint):
        """Where the joint is now, by a message made after this call."""
        return position_in(self.fresh_joint_state(), joint)

    def wait_for_position(self, joint, position, since=0, tolerance=1e-6):
        """Waits until the joint's setpoint is there, and rests."""

        def there(message):
            if joint not in message.name:
                return False
            index = message.name.index(joint)
            return abs(message.position[index] - position) <= tolerance and message.velocity[index] == 0.0

        return self.joint_states.wait_for(there, since, what=f"with {joint} at {position}")

    def wait_for_motion(self, joint, since=0):
        """Waits until the joint moves."""
        return self.joint_states.wait_for(lambda m: velocity_in(m, joint) != 0.0, since, what=f"with {joint} in motion")

    def wait_for_state(self, condition, what):
        """Waits until the newest ~/state satisfies the condition."""
        start = max(self.state.mark() - 1, 0)
        return self.state.wait_for(condition, start, what=what)

    def come_home(self):
        """As at the start of a test: released, nothing under way, every joint at zero, powered."""
        self.emergency_stop(False)
        self.stop()
        self.power(True)
        away = self.fresh_joint_state()
        goals = [self.start(name, 0.0) for name, at in zip(away.name, away.position) if at != 0.0]
        for goal in goals:
            assert goal.result().status == "SUCCEEDED"


def position_in(message, joint):
    """A joint's position in a JointState."""
    return message.position[message.name.index(joint)]


def velocity_in(message, joint):
    """A joint's velocity in a JointState."""
    return message.velocity[message.name.index(joint)]


def track(messages, joint):
    """(stamp, position, velocity) of a joint, message by message."""
    return [(m.stamp, position_in(m, joint), velocity_in(m, joint)) for m in messages if joint in m.name]


def servo(state, joint):
    """A joint's ServoState in an ArmState."""
    return next(servo for servo in state.joints if servo.name == joint)


def refuse_command(arm, process, message, reason, timeout=TIMEOUT):
    """Publishes a command that has to be refused, until the log gives the reason: repeated refusals are only counted."""
    mark = process.log.mark()

    def told():
        arm.publish_command(message)
        arm.fresh_joint_state()
        return any("command refused" in line and reason in line for line in process.log.since(mark))

    wait_until(told, f"refusal with {reason!r} in the log", timeout)
