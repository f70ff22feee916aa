"""What stands around the node `teleop`: an input device, a node `speech`, and an arm that answers when it is told to."""

import pathlib
import threading
import time

import pytest
from action_msgs.srv import CancelGoal
from rclpy.callback_groups import ReentrantCallbackGroup
from rclpy.task import Future
from sensor_msgs.msg import Joy
from shaky_steve.action import PlayMotion
from shaky_steve.msg import ArmState, ServoState
from shaky_steve.srv import Listen
from std_srvs.srv import SetBool, Trigger

from harness.client import LATCHED, Client, seconds
from harness.trajectory import stamp
from harness.steve import JOINTS, track, velocity_in
from harness.waiting import Recorder, wait_until

# The profiles `hand`, and `guarded` with a dead man's button, on hand/joy: three axes, two buttons.
MAPPING = str(pathlib.Path(__file__).resolve().parent.parent / "data" / "teleop.yaml")
# The packages joy and spacenav, and our mouse: autorepeat_rate 20.
PERIOD = 0.05
# The arm's update rate.
TICK = 0.02


class Device:
    """A 3D mouse or a game pad: says at once what changes, and again every `period`, until it falls silent.

    `axes` and `buttons` are how many it has. The thread that repeats is this process's, so a test that waits for a message to be
    overdue says `silent()` instead of being slow.
    """

    def __init__(self, client, topic="spacenav/joy", axes=6, buttons=2, repeats=True, stamped=True, qos=10, period=PERIOD):
        self.axes, self.buttons = [0.0] * axes, [0] * buttons
        self.stamped, self._period = stamped, period
        # Added to every stamp: a clock that differs.
        self.shift = 0.0
        # (stamp, axes, buttons) of all that went out.
        self.sent = []
        self._publisher = client.publisher(Joy, topic, qos)
        self._lock = threading.Lock()
        self._speaks = True
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._repeat, daemon=True)
        if repeats:
            self._thread.start()

    def put(self, axes=None, buttons=None):
        """Deflects axes and presses buttons, `put({2: 1.0}, {0: 1})`; the others stay."""
        with self._lock:
            for index, value in (axes or {}).items():
                self.axes[index] = float(value)
            for index, value in (buttons or {}).items():
                self.buttons[index] = int(value)
            self._publish()

    def centre(self):
        """Lets go of everything."""
        with self._lock:
            self.axes, self.buttons = [0.0] * len(self.axes), [0] * len(self.buttons)
            self._publish()

    def press(self, button, seconds=0.0):
        """Presses a button and lets go of it."""
        self.put(buttons={button: 1})
        time.sleep(seconds)
        self.put(buttons={button: 0})

    def silent(self):
        """Says no more; when the last message was stamped."""
        with self._lock:
            self._speaks = False
            return self.sent[-1][0]

    def speak(self):
        """Goes on."""
        with self._lock:
            self._speaks = True

    def raw(self, axes, buttons):
        """Publishes a message of this device's as it is."""
        with self._lock:
            self._send(axes, buttons)

    @property
    def last(self):
        """When the last message was stamped."""
        with self._lock:
            return self.sent[-1][0]

    def close(self):
        self._over.set()
        if self._thread.is_alive():
            self._thread.join()

    def _repeat(self):
        while not self._over.wait(self._period):
            with self._lock:
                self._publish()

    def _publish(self):
        if self._speaks:
            self._send(self.axes, self.buttons)

    def _send(self, axes, buttons):
        message = Joy(axes=list(axes), buttons=list(buttons))
        if self.stamped:
            message.header.stamp = stamp(time.time() + self.shift)
        self._publisher.publish(message)
        self.sent.append((seconds(message.header.stamp), list(axes), list(buttons)))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


# --- what the arm does of it ------------------------------------------------------------------------------------------


def seen(steve, device, axis=0, value=0.3):
    """Deflects the axis until the arm moves by it, and lets go: so both know each other."""
    def moves():
        device.centre()
        device.put({axis: value})
        return any(steve.fresh_joint_state().velocity)

    wait_until(moves, "a device that moves the arm")
    device.centre()
    at_rest(steve)


def begin(steve, prepare, act, condition, what):
    """Lets `act()` begin a motion until a message of joint_states satisfies `condition`; the mark before it, and that message.

    Input that comes late is lost, and then nothing moves before everything was let go of. That is right, and happens where two
    suites share two cores: so what only prepares a test is done once more.
    """
    for _ in range(10):
        prepare()
        # What was sent before this may still be on its way here.
        over = steve.fresh_joint_state().stamp + 3.0
        mark = steve.joint_states.mark()
        act()
        message = steve.joint_states.wait_for(lambda m: condition(m) or m.stamp > over, mark)
        if condition(message):
            return mark, message
    raise AssertionError(f"{what}: not in ten tries")


def deflect(steve, device, axes, condition, what, buttons=None, home=True):
    """Deflects axes from the centre, and from home but for `home=False`: as `begin`."""
    def prepare():
        device.centre()
        at_rest(steve)
        if home and any(steve.fresh_joint_state().position):
            steve.come_home()

    return begin(steve, prepare, lambda: device.put(axes, buttons), condition, what)


def hold(device, button, happened, what):
    """Presses a button and holds it until `happened()`. A press does not count in a message that comes late, nor in one that is
    overtaken in a full queue: so once more, but not before something would have happened."""
    def pressed():
        device.put(buttons={button: 0})
        device.put(buttons={button: 1})
        over = time.monotonic() + 3.0
        while not (value := happened()) and time.monotonic() < over:
            time.sleep(0.02)
        return value

    wait_until(pressed, what)


def press(device, button, happened, what):
    """Presses a button until `happened()`, and lets go of it: as `hold`."""
    hold(device, button, happened, what)
    device.put(buttons={button: 0})


def says(process, words, mark):
    """Whether a line of the log after `mark` has the words; to call."""
    return lambda: any(words in line for line in process.log.since(mark))


def at_rest(steve):
    """Waits until nothing moves, by what is told from now on."""
    now, mark = time.time(), steve.joint_states.mark()
    steve.joint_states.wait_for(lambda m: m.stamp >= now and not any(m.velocity), mark, what="at rest")
    steve.wait_for_state(lambda state: not state.moving, "the arm at rest")


def moves(joint, velocity, tolerance=1e-6):
    """Whether the joint has the velocity, by a message."""
    return lambda message: velocity_in(message, joint) == pytest.approx(velocity, abs=tolerance)


def at_speed(steve, joint, velocity, mark, tolerance=1e-6):
    """Waits until the joint has the velocity."""
    return steve.joint_states.wait_for(moves(joint, velocity, tolerance), mark, what=f"with {joint} at {velocity}")


def does_not_move(steve, messages=15):
    """Looks on for so many messages of joint_states, made from now on: older ones may still be on their way here."""
    steve.fresh_joint_state()
    mark = steve.joint_states.mark()
    for message in steve.joint_states.wait_for_count(messages, mark):
        assert not any(message.velocity), message


def sent_since(commands, moment):
    """The commands stamped at or after `moment` (time.time())."""
    return [command for command in commands.since() if command.stamp >= moment]


def greatest_acceleration(messages, joint):
    """The joint's between one message of joint_states and the next, rad/s². These and the servos tick apart, so a tick more than their
    stamps tell may lie between two of them; a message that was left out is none of it."""
    velocities = list(track(messages, joint))
    return max(abs(b - a) / (t2 - t1 + TICK) for (t1, _, a), (t2, _, b) in zip(velocities, velocities[1:]) if t2 > t1)


# --- others -----------------------------------------------------------------------------------------------------------


class FakeSpeech(Client):
    """Serves `speech/listen`, whose answer comes when the test says so or `speech/stop` is called, and `speech/stop`."""

    def __init__(self, domain, namespace=""):
        super().__init__(domain, "fake_speech")
        # What was called: "listen" or "stop", in order.
        self.calls = Recorder("calls of speech")
        self._heard = None
        # In the node's own group, one that waits would hold up the other.
        group = ReentrantCallbackGroup()
        self._servers = [
            self.do(self.node.create_service, Listen, f"{namespace}/speech/listen", self._on_listen, callback_group=group),
            self.do(self.node.create_service, Trigger, f"{namespace}/speech/stop", self._on_stop, callback_group=group),
        ]

    def hear(self, text):
        """The utterance that `listen` waits for."""
        self.do(self._heard.set_result, Listen.Response(success=True, text=text, confidence=0.9))

    async def _on_listen(self, _request, _response):
        self._heard = Future(executor=self._executor)
        self.calls("listen")
        return await self._heard

    def _on_stop(self, _request, response):
        if self._heard is not None and not self._heard.done():
            self._heard.set_result(Listen.Response(success=False, message="stopped"))
        response.success, response.message = True, "silent"
        self.calls("stop")
        return response


class FakeArm(Client):
    """Says that it is powered, and serves what buttons ask an arm for. It does nothing, and answers what is asked for by a name in
    `holds` only when the test says so: goal, result, cancel, stop, power, emergency."""

    def __init__(self, domain):
        super().__init__(domain, "fake_arm")
        # (name, request), in order.
        self.calls = Recorder("calls of the arm")
        self.holds = {"result"}
        self._held = []
        self._goals = []
        # In the node's own group, one that waits would hold up the others.
        group = ReentrantCallbackGroup()
        motion = "arm/play_motion/_action"
        self._servers = [
            self.do(self.node.create_service, kind, service, self._server(name), callback_group=group)
            for name, kind, service in (
                ("goal", PlayMotion.Impl.SendGoalService, f"{motion}/send_goal"),
                ("result", PlayMotion.Impl.GetResultService, f"{motion}/get_result"),
                ("cancel", CancelGoal, f"{motion}/cancel_goal"),
                ("stop", Trigger, "arm/stop"),
                ("power", SetBool, "arm/power"),
                ("emergency", SetBool, "arm/emergency_stop"),
            )
        ]
        self._state = self.do(self.node.create_publisher, ArmState, "arm/state", LATCHED)
        joints = [ServoState(name=name, powered=True, position_known=True) for name in JOINTS]
        self.do(self._state.publish, ArmState(powered=True, joints=joints))

    def asked(self, name, since=0):
        """The requests by this name."""
        return [request for called, request in self.calls.since(since) if called == name]

    def answer(self, name):
        """Answers everything that was held back under this name."""
        self.holds.discard(name)
        for held in [held for called, held in self._held if called == name]:
            self.do(lambda held=held: held.done() or held.set_result(None))

    def _server(self, name):
        async def serve(request, response):
            self.calls((name, request))
            if name in self.holds:
                held = Future(executor=self._executor)
                self._held.append((name, held))
                await held
            if name == "goal":
                self._goals.append(bytes(request.goal_id.uuid))
                response.accepted = True
            elif name == "cancel":
                known = bytes(request.goal_info.goal_id.uuid) in self._goals
                response.return_code = CancelGoal.Response.ERROR_NONE if known else CancelGoal.Response.ERROR_UNKNOWN_GOAL_ID
            elif name != "result":
                response.success, response.message = True, "done"
            return response

        return serve
