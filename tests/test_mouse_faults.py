"""Node mouse on a spacenavd that is old, slow, talks nonsense or dies half-way."""

import contextlib
import os
import random
import re
import socket
import struct
import threading
import time

import pytest
from shaky_steve.msg import MouseEvent

from harness import Process, wait_until
from harness.fake_spacenavd import AXES, BUTTONS, DEVICE, MOTION, NAME, PRESS, RAW_AXIS, TAG, TYPE, FakeSpacenavd, packet
from harness.mouse import Mouse, close

HALF = 256
A_WHILE = 0.3


@contextlib.contextmanager
def listening(daemon, **parameters):
    """The node on that daemon, and what is heard of it."""
    with Process("mouse", node="mouse", parameters={"socket": daemon.socket, **parameters}) as process, Mouse(process) as mouse:
        yield mouse


@pytest.fixture(scope="module")
def daemon():
    with FakeSpacenavd() as daemon:
        yield daemon


@pytest.fixture(scope="module")
def _mouse(daemon):
    with listening(daemon) as mouse:
        yield mouse.listen(daemon)


@pytest.fixture
def mouse(_mouse, daemon):
    """What is heard of a node that has a connection to `daemon` and knows its device."""
    _mouse.status("source", lambda status, values: values["connected"] == "true")
    _mouse.rest(daemon)
    return _mouse


def malformed(mouse):
    """How many packets made no sense until now."""
    return int(mouse.status("source")[1]["malformed packets"])


def works(mouse, daemon):
    """Whatever came before, the next motion is heard."""
    mark = mouse.events.mark()
    daemon.move(z=HALF)
    mouse.motion(mark, z=0.5)
    daemon.move()
    mouse.motion(mark)


# --- old daemons ------------------------------------------------------------------------------------------------------


def test_a_daemon_of_protocol_0_serves_as_well():
    with FakeSpacenavd(protocol=0) as old, listening(old) as mouse:
        _, values = mouse.status("source", lambda status, values: values["connected"] == "true" and values["protocol"] != "unknown")
        assert values["protocol"] == "0"
        mouse.listen(old)
        marks = mouse.marks()
        old.button(1, True)
        old.move(x=-HALF)
        mouse.button(1, True, marks[0])
        mouse.motion(marks[0], x=-0.5)
        mouse.joy.wait_for(lambda joy: list(joy.buttons) == [0, 1] and any(joy.axes), marks[1])
        old.end()
        mouse.device(False, marks[0])
        mouse.joy.wait_for(lambda joy: not any(joy.buttons) and not any(joy.axes), marks[1])


def test_protocol_0_is_told_a_sensitivity_that_is_a_number():
    with FakeSpacenavd(protocol=0) as old, listening(old):
        _, (word,) = old.requests.wait_for(lambda request: isinstance(request[1][0], bytes))
        assert struct.unpack("=f", word) == (1.0,), "what an old daemon took for a sensitivity before was none"


def test_a_daemon_that_is_restarted_newer_is_spoken_to_as_what_it_is():
    with FakeSpacenavd(protocol=0) as daemon, listening(daemon) as mouse:
        mouse.status("source", lambda status, values: values["protocol"] == "0")
        daemon.end()
        daemon.protocol = 1
        daemon.start()
        mouse.status("source", lambda status, values: values["protocol"] == "1")
        mouse.listen(daemon)
        assert mouse.status("device")[1]["buttons"] == "15"


# --- answers ----------------------------------------------------------------------------------------------------------


def test_events_between_the_answers_are_events():
    between = packet(MOTION, 0, 0, HALF, 0, 0, 0, 16) + packet(PRESS, 7, 1) + packet(RAW_AXIS, 2, 9)
    with FakeSpacenavd(before_answers=between, name="Fake SpaceMouse with a long name, of more than one packet") as daemon:
        with listening(daemon) as mouse:
            _, values = mouse.status("device", lambda status, values: "name" in values)
            assert values["name"] == daemon.name and (values["axes"], values["buttons"]) == ("6", "15")
            # What came before the name was known is repeated, for it is held.
            joy = mouse.joy.wait_for(lambda joy: joy.buttons[7])
            assert close(joy.axes, [0.5, 0, 0, 0, 0, 0])
            daemon.before_answers = b""
            daemon.button(7, False)
            mouse.listen(daemon)
            assert malformed(mouse) == 0


def test_joy_has_as_many_buttons_as_the_device(mouse, daemon):
    mark = mouse.joy.mark()
    daemon.button(14, True)
    assert list(mouse.joy.wait_for(lambda joy: any(joy.buttons), mark).buttons) == [0] * 14 + [1]
    daemon.button(14, False)


ODD = [[-1] * 7, [0] * 7, [2**31 - 1] * 7, [-(2**31)] * 7, [1, 2, 3, 4, 5, 6, 0x1FFFF]]


@pytest.mark.parametrize("number", [NAME, AXES, BUTTONS, TYPE], ids=["name", "axes", "buttons", "type"])
def test_an_answer_that_makes_no_sense_does_no_harm(mouse, daemon, number):
    answer = daemon.answer
    for words in ODD:
        requests = daemon.requests.mark()
        daemon.answer = lambda asked, given: [packet(TAG | number, *words)] if asked == number else answer(asked, given)
        daemon.device(added=True)
        daemon.requests.wait_for(lambda request: request[0] == number, requests)
        works(mouse, daemon)
    # The next answers are better.
    daemon.answer = answer
    daemon.device(added=True)
    mouse.status("device", lambda status, values: (values.get("name"), values.get("axes")) == (daemon.name, "6"))
    works(mouse, daemon)


def test_a_name_that_is_no_text_is_a_name_all_the_same():
    with FakeSpacenavd() as daemon:
        answer = daemon.answer
        broken = struct.unpack("=6i", b"\xff\xfe\x00\x80\xc3".ljust(24, b"\xf0"))
        daemon.answer = lambda asked, given: [packet(TAG | NAME, *broken, 24)] if asked == NAME else answer(asked, given)
        with listening(daemon) as mouse:
            mouse.listen(daemon)
            assert mouse.status("device")[0].level == b"\0"


# --- packets ----------------------------------------------------------------------------------------------------------

NONSENSE = {
    "an unknown type": packet(99), "a negative type": packet(-1, 1, 2, 3), "button -1": packet(PRESS, -1, 1),
    "button 2 billion": packet(PRESS, 2**31 - 1, 1), "an answer to nothing": packet(TAG | 0x2FFF, 1),
    "an axis that is no number": packet(MOTION, 0, 0, -(2**31), 0, 0, 0, 16), "a device that neither came nor went": packet(DEVICE, 7),
    "text": b"GET / HTTP/1.1\r\nHost: spacenavd\r\n"[:32],
}


def test_packets_that_make_no_sense_are_skipped_and_counted(mouse, daemon):
    before = malformed(mouse)
    for what, data in NONSENSE.items():
        mark = mouse.events.mark()
        daemon.send(data)
        works(mouse, daemon)
        assert len(mouse.events.since(mark)) == 2, f"nothing came of {what}"
    mouse.status("source", lambda status, values: int(values["malformed packets"]) == before + len(NONSENSE))


def test_nonsense_is_in_the_diagnostics_and_in_the_log_once(mouse, daemon):
    mark = mouse.diagnostics.mark()
    for _ in range(5):
        daemon.send(packet(77))
    mouse.status("source", lambda status, values: status.level == b"\1" and "no sense" in status.message, mark)
    works(mouse, daemon)
    mouse.status("source", lambda status, values: status.level == b"\0")
    assert len(mouse.said("no sense")) == 1


def test_nonsense_on_connection_after_connection_is_said_once():
    with FakeSpacenavd() as daemon, listening(daemon) as mouse:
        for _ in range(3):
            mouse.status("device", lambda status, values: values.get("name") == daemon.name)
            clients = daemon.clients.mark()
            with contextlib.suppress(OSError):
                daemon.send(packet(77) * 20)
            daemon.clients.wait_for_count(1, clients)
        assert len(mouse.said("sends what makes no sense")) == 1


def test_axes_beyond_all_bounds_are_one(mouse, daemon):
    mark = mouse.events.mark()
    daemon.motion(2**31 - 1, -(2**31) + 1, 513, -513, 2**31 - 1, -(2**31) + 1)
    event = mouse.events.wait_for(lambda event: event.type == MouseEvent.MOTION and any(event.axes), mark)
    assert close(event.axes, [1, -1, 1, -1, 1, -1])
    daemon.move()


def test_packets_may_come_in_any_portions(mouse, daemon):
    mark = mouse.events.mark()
    for byte in packet(MOTION, 0, HALF, 0, 0, 0, 0, 16):
        daemon.send(bytes([byte]))
        time.sleep(0.001)
    mouse.motion(mark, y=0.5)
    both = packet(MOTION, HALF, 0, 0, 0, 0, 0, 16) + packet(PRESS, 3, 1)
    daemon.send(both[:40])
    time.sleep(0.05)
    daemon.send(both[40:])
    mouse.motion(mark, x=0.5)
    mouse.button(3, True, mark)
    daemon.button(3, False)
    daemon.move()


def test_nothing_comes_of_half_a_packet(mouse, daemon):
    mark, clients = mouse.events.mark(), daemon.clients.mark()
    daemon.send(packet(MOTION, HALF, HALF, HALF, HALF, HALF, HALF, 16)[:28])
    daemon.hang_up()
    mouse.device(False, mark)
    mouse.device(True, mark)
    assert all(event.type == MouseEvent.DEVICE for event in mouse.events.since(mark))
    daemon.clients.wait_for_count(1, clients)
    works(mouse, daemon)


def test_nothing_but_nonsense_ends_the_connection_and_a_new_one_helps(mouse, daemon):
    mark = mouse.events.mark()
    noise = random.Random(4).randbytes(200_000)
    with contextlib.suppress(OSError):
        daemon.send(noise)
    mouse.device(True, mark)
    works(mouse, daemon)


def test_a_packet_out_of_step_does_not_stay_so_for_ever(mouse, daemon):
    mark, clients = mouse.events.mark(), daemon.clients.mark()
    daemon.move(z=HALF)
    mouse.motion(mark, z=0.5)
    # One byte too many: from now on every packet is read askew, until the node gives up and connects again.
    daemon.send(b"\x55")
    mouse.device(False, mark)
    daemon.clients.wait_for_count(1, clients)
    mouse.device(True, mark)
    works(mouse, daemon)


def test_every_button_at_once_is_more_than_a_mouse_has(mouse, daemon):
    mark = mouse.joy.mark()
    for number in range(64):
        daemon.button(number, True)
    joy = mouse.joy.wait_for(lambda joy: sum(joy.buttons) == 64, mark)
    assert len(joy.buttons) == 64
    for number in range(64):
        daemon.button(number, False)
    mouse.joy.wait_for(lambda joy: not any(joy.buttons), mark)


# --- silence and death ------------------------------------------------------------------------------------------------


def test_a_daemon_that_never_answers_is_taken_for_an_old_one_and_the_node_lives():
    with FakeSpacenavd(mute=True) as daemon, listening(daemon) as mouse:
        mouse.status("source", lambda status, values: values["protocol"] == "0")
        mouse.listen(daemon)


def test_a_daemon_that_stalls_within_a_packet_is_left_for_a_new_connection(mouse, daemon):
    mark, clients = mouse.events.mark(), daemon.clients.mark()
    daemon.button(5, True)
    daemon.move(ry=HALF)
    mouse.motion(mark, ry=0.5)
    daemon.send(packet(MOTION, 1)[:9])
    mouse.device(False, mark)
    mouse.button(5, False, mark)
    mouse.motion(mark)
    daemon.clients.wait_for_count(1, clients)
    mouse.device(True, mark)
    assert "9 bytes" in mouse.status("source")[1]["last error"]
    works(mouse, daemon)


def test_what_is_held_is_let_go_when_the_daemon_falls_silent(mouse, daemon):
    """The daemon tells a held deflection once. Whether it still is held, or the daemon hangs, only an answer tells."""
    marks = mouse.marks()
    daemon.move(x=HALF)
    mouse.motion(marks[0], x=0.5)
    daemon.mute = True
    try:
        mouse.motion(marks[0])
        mouse.joy.wait_for(lambda joy: any(joy.axes), marks[1])
        mouse.joy.wait_for(lambda joy: not any(joy.axes), marks[1])
    finally:
        daemon.mute = False
    # What it was asked meanwhile, it will never answer: the node connects again.
    mouse.device(True, marks[0])
    works(mouse, daemon)


def test_a_daemon_that_dies_while_it_is_asked_is_found_again():
    with FakeSpacenavd() as daemon:
        answer = daemon.answer

        def dies(number, words):
            if number == AXES:
                daemon.hang_up()
                return []
            return answer(number, words)

        daemon.answer = dies
        with listening(daemon) as mouse:
            daemon.requests.wait_for(lambda request: request[0] == AXES)
            daemon.answer = answer
            mouse.status("device", lambda status, values: values.get("name") == daemon.name)
            mouse.listen(daemon)


def test_a_daemon_that_hangs_up_again_and_again_is_not_stormed():
    with FakeSpacenavd() as daemon:
        daemon.answer = lambda number, words: daemon.hang_up() or []
        with listening(daemon) as mouse:
            daemon.clients.wait_for_count(1)
            started, mark = time.monotonic(), daemon.clients.mark()
            time.sleep(2.0)
            assert len(daemon.clients.since(mark)) / (time.monotonic() - started) < 5
            assert len(mouse.said(r"\[WARN\]")) <= 2, "said once"


def test_a_daemon_that_reads_nothing_does_not_stop_the_node(start, tmp_path):
    path = str(tmp_path / "s")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen(0)
        process = start("mouse", node="mouse", parameters={"socket": path})
        with Mouse(process) as mouse:
            assert mouse.status("source")


def test_a_storm_of_events_is_heard_to_its_end(mouse, daemon):
    mark = mouse.events.mark()
    storm = b"".join(packet(MOTION, step % 500 + 1, 0, 0, 0, 0, 0, 1) for step in range(20_000))
    sender = threading.Thread(target=daemon.send, args=[storm])
    sender.start()
    sender.join(30)
    assert not sender.is_alive(), "the node reads all the time"
    works(mouse, daemon)
    assert len(mouse.events.since(mark)) > 1


def test_a_daemon_that_sends_without_end_leaves_the_node_its_diagnostics_and_its_end():
    # Nothing that makes an event: with those, publishing them would give others their turn.
    nothing = packet(RAW_AXIS, 2, 9) * 1000
    with FakeSpacenavd() as daemon:

        def storm():
            with contextlib.suppress(OSError):
                while True:
                    daemon.send(nothing)

        sender = threading.Thread(target=storm, daemon=True)
        with listening(daemon) as mouse:
            mouse.status("source", lambda status, values: values["connected"] == "true")
            sender.start()
            for _ in range(3):
                mouse.status("source")
        # Ended in time, with code 0, and the connection with it.
        sender.join(30)
        assert not sender.is_alive()


# --- sockets that are none --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["nothing", "file", "folder", "too long", "nobody listens"])
def test_a_socket_that_is_none_is_told_with_its_path_and_the_node_lives(start, tmp_path, what):
    path = tmp_path / ("x" * 150 if what == "too long" else "spnav.sock")
    if what == "file":
        path.write_text("no socket")
    elif what == "folder":
        path.mkdir()
    elif what == "nobody listens":
        with socket.socket(socket.AF_UNIX) as dead:
            dead.bind(str(path))
    process = start("mouse", node="mouse", parameters={"socket": str(path)})
    with Mouse(process) as mouse:
        status, values = mouse.status("source")
        assert status.level == b"\1" and values["connected"] == "false"
        assert str(path) in status.message
        assert len(mouse.said(re.escape(str(path)))) == 1, "said once"


def test_the_socket_may_come_from_the_environment(monkeypatch):
    with FakeSpacenavd() as daemon:
        monkeypatch.setenv("SPNAV_SOCKET", daemon.socket)
        with Process("mouse", node="mouse"):
            daemon.clients.wait_for_count(1)


# --- devices that come and go -----------------------------------------------------------------------------------------


def test_a_device_event_brings_the_new_device(mouse, daemon):
    mark = mouse.events.mark()
    name, daemon.name = daemon.name, None
    daemon.device(added=False)
    assert mouse.device(False, mark).device == name
    daemon.name = "Another SpaceMouse"
    daemon.device(added=True)
    assert mouse.device(True, mark).device == "Another SpaceMouse"
    daemon.name = name
    daemon.device(added=True)
    mouse.events.wait_for(lambda event: event.device == name and event.connected, mark)


def test_a_device_that_is_gone_without_a_word_is_noticed(mouse, daemon):
    """spacenavd drops the event that says so if there is no room for it in the socket."""
    marks = mouse.marks()
    name, daemon.name = daemon.name, None
    daemon.move(z=HALF)
    mouse.motion(marks[0], z=0.5)
    mouse.device(False, marks[0])
    mouse.joy.wait_for(lambda joy: any(joy.axes), marks[1])
    mouse.joy.wait_for(lambda joy: not any(joy.axes), marks[1])
    daemon.name = name
    daemon.send(packet(DEVICE, 0, 1, 0x206))
    mouse.device(True, marks[0])


def test_the_node_keeps_its_files_and_threads_over_many_connections():
    with FakeSpacenavd() as short, Process("mouse", node="mouse", parameters={"socket": short.socket}) as process:
        with Mouse(process) as mouse:
            mouse.listen(short)
            before = len(os.listdir(f"/proc/{process.pid}/fd")), process.threads()
            for _ in range(4):
                mark = mouse.events.mark()
                short.hang_up()
                mouse.device(True, mark)
            wait_until(
                lambda: (len(os.listdir(f"/proc/{process.pid}/fd")), process.threads()) <= before, "no more files, no more threads"
            )
