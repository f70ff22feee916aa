"""Node mouse on Debian's spacenavd, whose mouse is a Magellan on a pty."""

import signal
import socket
import struct
import threading
import time

import pytest
from geometry_msgs.msg import TwistStamped
from sensor_msgs.msg import Joy
from shaky_steve.msg import MouseEvent

from harness import Process, wait_until
from harness.magellan import Magellan
from harness.mouse import DEVICE_AXES, SPACENAV_AXES, Mouse, close, six, three
from harness.spacenavd import Spacenavd
from harness.waiting import Recorder

# 512 counts are full deflection; a tenth of a second is long for what comes at 20 Hz.
HALF = 256
A_WHILE = 0.3


@pytest.fixture(scope="module")
def daemon():
    with Spacenavd() as daemon:
        yield daemon


@pytest.fixture(scope="module")
def process(daemon):
    with Process("mouse", node="mouse", parameters={"socket": daemon.socket}) as process:
        yield process


@pytest.fixture(scope="module")
def _listener(process, daemon):
    with Mouse(process) as mouse:
        mouse.listen(daemon.mouse)
        yield mouse


@pytest.fixture
def mouse(_listener, daemon):
    """What is heard of the node; the puck is centred, no button held, all parameters are as at the start."""
    defaults = {"autorepeat_rate": 20.0, "linear_scale__x": 1.0, "angular_scale__z": 1.0}
    assert all(result.successful for result in _listener.set_parameters(**defaults))
    for button in range(Magellan.BUTTONS):
        daemon.mouse.release(button)
    _listener.rest(daemon.mouse)
    return _listener


def expected(**axes):
    """The six numbers of spacenav/* for those axes of the device."""
    numbers = [0.0] * 6
    for axis, value in axes.items():
        index, sign = SPACENAV_AXES[axis]
        numbers[index] = sign * value
    return numbers


def hold(mouse, daemon):
    """Presses button 2 and deflects the puck, and waits until all that is heard; the marks after that."""
    marks = mouse.marks()
    daemon.mouse.press(2)
    daemon.mouse.move(z=HALF)
    mouse.motion(marks[0], z=0.5)
    mouse.joy.wait_for(lambda joy: joy.buttons[2] and any(joy.axes), marks[1])
    mouse.twist.wait_for(lambda twist: any(six(twist)), marks[2])
    return mouse.marks()


def let_go(joy):
    return not any(joy.axes) and not any(joy.buttons)


# What is told when everything held is let go because the mouse is gone.
LET_GO = [(MouseEvent.BUTTON, False, True), (MouseEvent.MOTION, False, True), (MouseEvent.DEVICE, False, False)]


class Witness:
    """Reads all that the daemon says: eight words each. Without a greeting it speaks protocol 0, which is events and nothing else."""

    def __init__(self, path):
        self.packets = Recorder(f"packets at {path}")
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.connect(path)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        while len(packet := self._socket.recv(32, socket.MSG_WAITALL)) == 32:
            self.packets(struct.unpack("=8i", packet))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        # A close alone does not wake up who reads.
        self._socket.shutdown(socket.SHUT_RDWR)
        self._reader.join()
        self._socket.close()


# --- the device -------------------------------------------------------------------------------------------------------


def test_the_device_is_in_the_diagnostics_with_name_axes_and_buttons(mouse):
    status, values = mouse.status("device")
    assert (status.level, status.message) == (b"\0", "Magellan SpaceMouse")
    assert {name: values[name] for name in ("name", "axes", "buttons")} == {
        "name": "Magellan SpaceMouse", "axes": "6", "buttons": "9"
    }
    status, values = mouse.status("source")
    assert status.level == b"\0"
    assert {name: values[name] for name in ("source", "connected", "protocol", "malformed packets", "lost events")} == {
        "source": "spacenavd", "connected": "true", "protocol": "1", "malformed packets": "0", "lost events": "0"
    }
    assert int(values["events"]) > 0


def test_a_mouse_that_is_unplugged_and_plugged_is_told_with_its_name(mouse, daemon):
    mark = mouse.events.mark()
    daemon.unplug()
    assert mouse.device(False, mark).device == Magellan.NAME
    status, _ = mouse.status("device", lambda status, values: status.level == b"\1")
    assert "plug" in status.message
    daemon.plug()
    assert mouse.device(True, mark).device == Magellan.NAME
    daemon.mouse.move(x=HALF)
    mouse.motion(mark, x=0.5)


def test_a_mouse_plugged_in_after_the_start_is_told(start):
    with Spacenavd(mouse=False) as daemon:
        process = start("mouse", node="mouse", parameters={"socket": daemon.socket})
        with Mouse(process) as mouse:
            assert "plug" in mouse.status("device")[0].message
            daemon.plug()
            mouse.listen(daemon.mouse)
            assert mouse.status("device")[1]["name"] == Magellan.NAME


# --- axes and buttons -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("axis", DEVICE_AXES)
def test_each_axis_comes_as_the_device_has_it_and_as_the_package_spacenav_maps_it(mouse, daemon, axis):
    marks = mouse.marks()
    daemon.mouse.move(**{axis: HALF})
    mouse.motion(marks[0], **{axis: 0.5})
    wanted = expected(**{axis: 0.5})
    mouse.joy.wait_for(lambda joy: close(joy.axes, wanted), marks[1])
    mouse.twist.wait_for(lambda twist: close(six(twist), wanted), marks[2])
    mouse.offset.wait_for(lambda offset: close(three(offset), wanted[:3]), marks[3])
    mouse.rot_offset.wait_for(lambda offset: close(three(offset), wanted[3:]), marks[4])


def test_six_axes_at_once_are_not_mixed_up(mouse, daemon):
    marks = mouse.marks()
    raw = {axis: 64 * (number + 1) for number, axis in enumerate(DEVICE_AXES)}
    daemon.mouse.move(**raw)
    axes = {axis: value / 512 for axis, value in raw.items()}
    mouse.motion(marks[0], **axes)
    assert mouse.joy.wait_for(lambda joy: close(joy.axes, expected(**axes)), marks[1])


@pytest.mark.parametrize("counts, axis", [(512, 1.0), (32767, 1.0), (-32768, -1.0), (1, 1 / 512), (-511, -511 / 512)])
def test_an_axis_is_never_beyond_one(mouse, daemon, counts, axis):
    marks = mouse.marks()
    daemon.mouse.move(y=counts)
    mouse.motion(marks[0], y=axis)
    assert mouse.joy.wait_for(lambda joy: close(joy.axes, expected(y=axis)), marks[1])


def test_full_scale_is_what_the_device_gives_at_full_deflection(start, daemon):
    process = start("mouse", node="mouse", parameters={"socket": daemon.socket, "full_scale": 350})
    with Mouse(process, full_scale=350) as mouse:
        mouse.listen(daemon.mouse)
        marks = mouse.marks()
        daemon.mouse.move(rz=-175)
        mouse.motion(marks[0], rz=-0.5)
        daemon.mouse.move()


def test_buttons_come_as_events_and_in_joy_which_has_as_many_as_the_device(mouse, daemon):
    marks = mouse.marks()
    daemon.mouse.press(0)
    daemon.mouse.press(8)
    mouse.button(8, True, marks[0])
    mouse.joy.wait_for(lambda joy: list(joy.buttons) == [1, 0, 0, 0, 0, 0, 0, 0, 1], marks[1])
    daemon.mouse.release(0)
    mouse.button(0, False, marks[0])
    mouse.joy.wait_for(lambda joy: list(joy.buttons) == [0] * 8 + [1], marks[1])


def test_a_button_moves_nothing(mouse, daemon):
    marks = mouse.marks()
    daemon.mouse.press(3)
    joy = mouse.joy.wait_for(lambda joy: joy.buttons[3], marks[1])
    assert not any(joy.axes)
    daemon.mouse.release(3)
    mouse.button(3, False, marks[0])
    daemon.mouse.move(z=HALF)
    first, = mouse.twist.wait_for_count(1, marks[2])[:1]
    assert close(six(first), expected(z=0.5)), "no twist for a button"


def test_an_event_keeps_what_does_not_belong_to_its_type(mouse, daemon):
    mark = mouse.events.mark()
    daemon.mouse.move(z=HALF)
    daemon.mouse.press(4)
    event = mouse.button(4, True, mark)
    assert close(event.axes, [0, 0, 0.5, 0, 0, 0])
    daemon.mouse.move()
    event = mouse.motion(mouse.events.mark() - 1)
    assert (event.button, event.pressed) == (4, True)


def test_stamps_are_those_of_the_events_and_frames_are_empty(mouse, daemon):
    before = time.time()
    marks = mouse.marks()
    daemon.mouse.move(x=HALF)
    event, joy = mouse.motion(marks[0], x=0.5), mouse.joy.wait_for(lambda joy: any(joy.axes), marks[1])
    after = time.time()
    assert before <= event.stamp <= joy.stamp <= after
    assert event.header.frame_id == joy.header.frame_id == ""


# --- repeats ----------------------------------------------------------------------------------------------------------


def test_a_held_deflection_is_repeated_on_spacenav_and_not_in_the_events(mouse, daemon):
    marks = mouse.marks()
    daemon.mouse.move(z=HALF)
    wanted = expected(z=0.5)
    repeats = mouse.joy.wait_for_count(6, marks[1])
    assert all(close(joy.axes, wanted) for joy in repeats)
    assert all(close(six(twist), wanted) for twist in mouse.twist.wait_for_count(6, marks[2]))
    assert all(close(three(offset), wanted[:3]) for offset in mouse.offset.wait_for_count(6, marks[3]))
    assert all(close(three(offset), wanted[3:]) for offset in mouse.rot_offset.wait_for_count(6, marks[4]))
    assert len(mouse.events.since(marks[0])) == 1
    stamps = [joy.stamp for joy in repeats]
    assert stamps == sorted(set(stamps)), "each has a stamp of its own"


def test_a_held_button_is_repeated_in_joy_alone(mouse, daemon):
    marks = mouse.marks()
    daemon.mouse.press(6)
    assert all(list(joy.buttons) == [0] * 6 + [1, 0, 0] for joy in mouse.joy.wait_for_count(6, marks[1]))
    daemon.mouse.release(6)
    mouse.joy.wait_for(let_go, marks[1])
    mouse.button(6, False, marks[0])
    assert mouse.twist.since(marks[2]) == mouse.offset.since(marks[3]) == mouse.rot_offset.since(marks[4]) == []
    assert len(mouse.events.since(marks[0])) == 2


def test_repeats_are_no_more_than_asked_for(mouse, daemon):
    mark = mouse.joy.mark()
    daemon.mouse.move(z=HALF)
    stamps = [joy.stamp for joy in mouse.joy.wait_for_count(12, mark)]
    assert len(stamps) - 1 <= 20.0 * (stamps[-1] - stamps[0]) + 1.5


def test_zero_is_sent_once_when_the_puck_is_centred(mouse, daemon):
    before = mouse.marks()
    daemon.mouse.move(z=HALF, rx=-HALF)
    mouse.joy.wait_for(lambda joy: close(joy.axes, expected(z=0.5, rx=-0.5)), before[1])
    mouse.motion(before[0], z=0.5, rx=-0.5)
    marks = mouse.marks()
    daemon.mouse.move()
    mouse.joy.wait_for(lambda joy: not any(joy.axes), marks[1])
    time.sleep(A_WHILE)
    assert len([joy for joy in mouse.joy.since(marks[1]) if not any(joy.axes)]) == 1
    # A button is none of a twist's business, pressed or held.
    daemon.mouse.press(0)
    mouse.joy.wait_for(lambda joy: joy.buttons[0], marks[1])
    time.sleep(A_WHILE)
    mouse.button(0, True, marks[0])
    assert [event.type for event in mouse.events.since(marks[0])] == [MouseEvent.MOTION, MouseEvent.BUTTON]
    for topic, mark, numbers in ((mouse.twist, marks[2], six), (mouse.offset, marks[3], three), (mouse.rot_offset, marks[4], three)):
        assert len([message for message in topic.since(mark) if not any(numbers(message))]) == 1


def test_autorepeat_rate_0_says_everything_once(mouse, daemon):
    assert mouse.set_parameters(autorepeat_rate=0.0)[0].successful
    marks = mouse.marks()
    daemon.mouse.move(z=HALF)
    mouse.joy.wait_for_count(1, marks[1])
    time.sleep(A_WHILE)
    daemon.mouse.press(1)
    mouse.joy.wait_for(lambda joy: joy.buttons[1], marks[1])
    daemon.mouse.move()
    mouse.joy.wait_for(lambda joy: not any(joy.axes), marks[1])
    assert len(mouse.joy.since(marks[1])) == 3
    mouse.twist.wait_for(lambda twist: not any(six(twist)), marks[2])
    assert len(mouse.twist.since(marks[2])) == 2, "a button is none of a twist's business"


def test_the_rate_can_be_set_while_the_puck_is_held(mouse, daemon):
    assert mouse.set_parameters(autorepeat_rate=0.0)[0].successful
    mark = mouse.joy.mark()
    daemon.mouse.move(z=HALF)
    mouse.joy.wait_for_count(1, mark)
    assert mouse.set_parameters(autorepeat_rate=100.0)[0].successful
    mouse.joy.wait_for_count(10, mark)
    assert mouse.set_parameters(autorepeat_rate=0.0)[0].successful
    # What was sent before the answer may still be on its way.
    time.sleep(A_WHILE)
    mark = mouse.joy.mark()
    time.sleep(A_WHILE)
    assert mouse.joy.since(mark) == []


# --- nothing happens --------------------------------------------------------------------------------------------------


def test_while_nothing_happens_nothing_is_published_and_the_node_sleeps(mouse, process):
    marks = mouse.marks()
    started, before = time.monotonic(), process.wakeups()
    time.sleep(2.0)
    after, elapsed = process.wakeups(), time.monotonic() - started
    assert mouse.marks() == marks
    # The task looks at the clock for its diagnostics and else waits. On a slow machine the rate is lower.
    assert (after - before) / elapsed < 30


# --- the daemon goes --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGKILL], ids=["ended", "killed"])
def test_when_the_daemon_goes_everything_is_let_go_once_and_it_is_found_again(mouse, daemon, process, ending):
    reconnects = int(mouse.status("source")[1]["reconnects"])
    marks, log = hold(mouse, daemon), process.log.mark()
    daemon.end(ending)
    gone = mouse.device(False, marks[0])
    assert gone.device == Magellan.NAME
    assert [(event.type, event.pressed, event.connected) for event in mouse.events.since(marks[0])] == LET_GO
    zero = mouse.joy.wait_for(let_go, marks[1])
    assert zero.header.stamp == gone.header.stamp, "as old as the news, so that nobody takes it for a hand that lets go"
    assert all(joy.buttons[2] and any(joy.axes) for joy in mouse.joy.since(marks[1]) if not let_go(joy)), "all of it at once"
    mouse.twist.wait_for(lambda twist: not any(six(twist)), marks[2])
    mouse.offset.wait_for(lambda offset: not any(three(offset)), marks[3])

    status, values = mouse.status("source", lambda status, values: values["connected"] == "false")
    assert status.level == b"\1" and "spacenavd" in status.message
    time.sleep(A_WHILE)
    quiet = mouse.marks()
    time.sleep(1.0)
    assert mouse.marks() == quiet, "nothing more is said"
    assert len([joy for joy in mouse.joy.since(marks[1]) if let_go(joy)]) == 1
    assert len(mouse.said("spacenavd", log)) == 1, "said once"

    log = process.log.mark()
    daemon.start()
    assert mouse.device(True, marks[0]).device == Magellan.NAME
    wait_until(lambda: mouse.said(Magellan.NAME, log), "the node says that the mouse is back")
    assert len(mouse.said(Magellan.NAME, log)) == 1
    daemon.mouse.move(x=-HALF)
    mouse.motion(marks[0], x=-0.5)
    assert int(mouse.status("source")[1]["reconnects"]) == reconnects + 1


def test_when_the_mouse_is_unplugged_everything_is_let_go_once(mouse, daemon, process):
    marks, log = hold(mouse, daemon), process.log.mark()
    daemon.unplug()
    mouse.device(False, marks[0])
    assert [(event.type, event.pressed, event.connected) for event in mouse.events.since(marks[0])] == LET_GO
    mouse.joy.wait_for(let_go, marks[1])
    # The other topics follow.
    time.sleep(A_WHILE)
    quiet = mouse.marks()
    time.sleep(A_WHILE)
    assert mouse.marks() == quiet
    assert len(mouse.said(Magellan.NAME, log)) == 1, "said once"
    daemon.plug()
    mouse.device(True, marks[0])


def test_no_daemon_is_said_once_and_it_is_found_when_it_comes(start):
    with Spacenavd() as daemon:
        daemon.end()
        process = start("mouse", node="mouse", parameters={"socket": daemon.socket})
        with Mouse(process) as mouse:
            status, values = mouse.status("source")
            assert status.level == b"\1" and values["connected"] == "false"
            assert "apt install spacenavd" in status.message and daemon.socket in status.message
            assert "unknown" in mouse.status("device")[0].message
            time.sleep(1.0)
            assert len(mouse.said(r"\[WARN\].*spacenavd")) == 1
            daemon.start()
            mouse.listen(daemon.mouse)


def test_when_the_daemon_hangs_what_is_held_is_let_go(mouse, daemon):
    marks = hold(mouse, daemon)
    daemon.freeze()
    try:
        mouse.motion(marks[0])
        mouse.button(2, False, marks[0])
        mouse.joy.wait_for(let_go, marks[1])
    finally:
        daemon.thaw()
    mouse.status("device", lambda status, values: status.level == b"\0")
    mark = mouse.events.mark()

    def moves():
        daemon.mouse.move(y=HALF)
        daemon.mouse.move()
        return any(event.axes[1] for event in mouse.events.since(mark))

    wait_until(moves, "motion after it")


def test_a_node_that_was_held_up_while_the_puck_was_let_go_of_lets_go_too(mouse, daemon, process):
    """spacenavd drops what has no room in the socket of a client that does not read: the news that the puck is centred among that."""
    marks = mouse.marks()
    daemon.mouse.move(z=HALF)
    mouse.motion(marks[0], z=0.5)
    with Witness(daemon.socket) as witness:
        process.send(signal.SIGSTOP)
        try:
            # About half of these find room. One by one, or the daemon makes one of several.
            for step in range(500):
                mark = witness.packets.mark()
                daemon.mouse.move(z=HALF, x=step % 2 + 1)
                witness.packets.wait_for_count(1, mark)
            mark = witness.packets.mark()
            daemon.mouse.move()
            witness.packets.wait_for(lambda packet: not any(packet[:7]), mark)
        finally:
            process.send(signal.SIGCONT)
    mouse.device(False, marks[0])
    mouse.device(True, marks[0])
    mouse.joy.wait_for(let_go, marks[1])
    time.sleep(A_WHILE)
    assert let_go(mouse.joy.last)
    assert int(mouse.status("source")[1]["times too late"]) > 0
    # It goes on as if nothing had been.
    mouse.rest(daemon.mouse)


# --- names, parameters, hosts -----------------------------------------------------------------------------------------


def test_every_name_of_the_interface_is_on_the_graph_with_its_type(mouse):
    wanted = {
        "/mouse/events": "shaky_steve/msg/MouseEvent", "/spacenav/joy": "sensor_msgs/msg/Joy",
        "/spacenav/twist": "geometry_msgs/msg/Twist", "/spacenav/offset": "geometry_msgs/msg/Vector3",
        "/spacenav/rot_offset": "geometry_msgs/msg/Vector3", "/diagnostics": "diagnostic_msgs/msg/DiagnosticArray",
        "/rosout": "rcl_interfaces/msg/Log",
    }
    wait_until(lambda: ("mouse", "/") in mouse.nodes(), "the node on the graph")
    there = dict(mouse.node.get_publisher_names_and_types_by_node("mouse", "/"))
    assert {name: there.get(name) for name in wanted} == {name: [kind] for name, kind in wanted.items()}


def test_namespaces_and_remapping_work(start, daemon):
    process = start(
        "mouse", node="mouse", namespace="desk", parameters={"socket": daemon.socket}, remaps={"spacenav/joy": "/joy"}
    )
    observer = process.observer()
    joy = observer.record(Joy, "/joy")

    def heard():
        daemon.mouse.move(z=20)
        daemon.mouse.move()
        return joy.mark()

    wait_until(heard, "a message on /joy")
    there = {name for name, _ in observer.node.get_topic_names_and_types()}
    assert {"/desk/mouse/events", "/desk/spacenav/twist", "/joy"} <= there and "/desk/spacenav/joy" not in there


def test_scales_of_the_package_spacenav_work_on_offsets_and_twist_and_not_on_joy(mouse, daemon):
    assert all(result.successful for result in mouse.set_parameters(linear_scale__x=0.2, angular_scale__z=-3.0))
    marks = mouse.marks()
    daemon.mouse.move(z=HALF, ry=HALF)
    mouse.twist.wait_for(lambda twist: close(six(twist), [0.1, 0, 0, 0, 0, -1.5]), marks[2])
    mouse.offset.wait_for(lambda offset: close(three(offset), [0.1, 0, 0]), marks[3])
    mouse.rot_offset.wait_for(lambda offset: close(three(offset), [0, 0, -1.5]), marks[4])
    mouse.joy.wait_for(lambda joy: close(joy.axes, [0.5, 0, 0, 0, 0, 0.5]), marks[1])


def test_scales_can_be_set_at_the_start_and_the_twist_can_be_stamped(start, daemon):
    parameters = {"socket": daemon.socket, "linear_scale/x": 2.0, "use_twist_stamped": True}
    process = start("mouse", node="mouse", parameters=parameters)
    observer = process.observer()
    stamped = observer.record(TwistStamped, "/spacenav/twist_stamped")

    def heard():
        daemon.mouse.move(z=HALF)
        daemon.mouse.move()
        return stamped.mark()

    wait_until(heard, "a message on /spacenav/twist_stamped")
    moved = stamped.wait_for(lambda message: any(six(message.twist)))
    assert six(moved.twist) == [1.0, 0, 0, 0, 0, 0]
    assert abs(moved.stamp - time.time()) < 60.0
    assert "/spacenav/twist" not in {name for name, _ in observer.node.get_topic_names_and_types()}


@pytest.mark.parametrize("arguments", [("--nodes", "mouse"), ("--nodes", "arm,mouse"), ()])
def test_bringup_hosts_it(start, daemon, arguments):
    process = start("bringup", *arguments, node="mouse", parameters={"socket": daemon.socket})
    with Mouse(process) as mouse:
        mouse.listen(daemon.mouse)


def test_at_its_end_the_node_lets_everything_go(start, daemon):
    process = start("mouse", node="mouse", parameters={"socket": daemon.socket})
    with Mouse(process) as mouse:
        mouse.listen(daemon.mouse)
        marks = mouse.marks()
        daemon.mouse.press(0)
        daemon.mouse.move(z=HALF)
        mouse.motion(marks[0], z=0.5)
        mouse.joy.wait_for(lambda joy: joy.buttons[0] and any(joy.axes), marks[1])
        marks = mouse.marks()
        process.end()
        mouse.device(False, marks[0])
        assert [(event.type, event.pressed, event.connected) for event in mouse.events.since(marks[0])] == LET_GO
        mouse.joy.wait_for(let_go, marks[1])
    daemon.mouse.release(0)
    daemon.mouse.move()


def test_two_nodes_share_a_daemon(start, mouse, daemon):
    process = start("mouse", node="mouse", parameters={"socket": daemon.socket})
    with Mouse(process) as second:
        second.listen(daemon.mouse)
        mark = second.events.mark()
        daemon.mouse.move(z=HALF)
        second.motion(mark, z=0.5)
        process.kill()
    mark = mouse.events.mark()
    daemon.mouse.move(y=HALF)
    mouse.motion(mark, y=0.5)
