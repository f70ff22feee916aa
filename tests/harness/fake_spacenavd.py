"""A spacenavd that says whatever a test wants: an old one, a slow one, one that talks nonsense or dies half-way.

    with FakeSpacenavd() as daemon, Process("mouse", parameters={"socket": daemon.socket}) as process:
        daemon.motion(0, 0, 350, 0, 0, 0)
        daemon.send(b"\\x00")
"""

import os
import shutil
import socket
import struct
import tempfile
import threading

from harness.waiting import Recorder

TAG = 0x7FAA0000
PROTOCOL = TAG | 0x5500
SET_NAME, SET_SENSITIVITY, SET_EVENT_MASK = 0x1000, 0x1001, 0x1003
NAME, PATH, AXES, BUTTONS, USB_ID, TYPE = range(0x2000, 0x2006)
MOTION, PRESS, RELEASE, DEVICE, CONFIGURATION, RAW_AXIS, RAW_BUTTON = range(7)


def packet(*words):
    """Eight words, the last of them 0 when there are fewer."""
    return struct.pack("=8i", *words, *[0] * (8 - len(words)))


class FakeSpacenavd:
    """Listens on `socket` and answers its newest client.

    `protocol` 1 answers as spacenavd 1.0 and newer, 0 as those before: it takes the wish for a newer protocol for a
    sensitivity that is no number, and says nothing. `name` None: there is no mouse. What is in `before_answers` (bytes) is
    sent before each answer, as events come in between. `mute`: it takes connections and requests, and never answers.
    """

    def __init__(self, protocol=1, name="Fake SpaceMouse", axes=6, buttons=15, before_answers=b"", mute=False):
        self.protocol, self.name, self.axes, self.buttons = protocol, name, axes, buttons
        self.before_answers, self.mute = before_answers, mute
        self.folder = tempfile.mkdtemp(prefix="spnav_")
        self.socket = os.path.join(self.folder, "fake.sock")
        # Every connection, and every request: its number and its seven words.
        self.clients = Recorder("clients of the fake spacenavd")
        self.requests = Recorder("requests to the fake spacenavd")
        self._listener = None
        self.start()

    def start(self):
        """Listens (again)."""
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        if os.path.exists(self.socket):
            os.unlink(self.socket)
        self._listener.bind(self.socket)
        self._listener.listen(8)
        threading.Thread(target=self._accept, args=[self._listener], daemon=True).start()

    def end(self):
        """Dies as a killed one does: the connections end, the socket's file stays. Nothing to do the second time."""
        # A close alone does not wake up who waits in accept.
        _shut(self._listener)
        self._listener.close()
        self.hang_up()

    def hang_up(self):
        """Ends the connection."""
        for client in self.clients.since():
            _shut(client)

    # --- what it says -------------------------------------------------------------------------------------------------

    def send(self, data):
        """Any bytes, to the newest client."""
        self.clients.last.sendall(data)

    def motion(self, *axes, period=16):
        self.send(packet(MOTION, *axes, period))

    def move(self, **axes):
        """As `Magellan.move`."""
        self.motion(*(axes.get(axis, 0) for axis in ("x", "y", "z", "rx", "ry", "rz")))

    def button(self, number, pressed):
        self.send(packet(PRESS if pressed else RELEASE, number, int(pressed)))

    def device(self, added, number=0):
        """A mouse is plugged in or pulled out."""
        self.send(packet(DEVICE, 0 if added else 1, number, 0x206))

    # --- what it hears ------------------------------------------------------------------------------------------------

    def _accept(self, listener):
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            self.clients(client)
            threading.Thread(target=self._serve, args=[client], daemon=True).start()

    def _serve(self, client):
        # A client that goes while it is answered has heard enough.
        try:
            while (word := _receive(client, 4)) is not None:
                (first,) = struct.unpack("=I", word)
                if first & 0xFFFFFF00 == PROTOCOL:
                    self.requests((PROTOCOL, [first & 0xFF]))
                    if self.protocol > 0 and not self.mute:
                        client.sendall(self.before_answers + struct.pack("=I", PROTOCOL | self.protocol))
                    continue
                if first & 0xFFFF0000 != TAG:
                    # An old client's sensitivity.
                    self.requests((SET_SENSITIVITY, [word]))
                    continue
                rest = _receive(client, 28)
                if rest is None:
                    return
                number, words = first & 0xFFFF, list(struct.unpack("=7i", rest))
                self.requests((number, words))
                if not self.mute:
                    client.sendall(b"".join(self.before_answers + answer for answer in self.answer(number, words)))
        except OSError:
            pass

    def answer(self, number, words):
        """The packets that answer a request; a test may put something else here."""
        tagged = TAG | number
        if number == SET_NAME:
            return []
        if number in (NAME, PATH, AXES, BUTTONS, TYPE) and self.name is None:
            return [packet(tagged, 0, 0, 0, 0, 0, 0, -1)]
        if number == NAME:
            return list(text(tagged, self.name))
        value = {AXES: self.axes, BUTTONS: self.buttons, TYPE: 0x206}.get(number)
        if value is not None:
            return [packet(tagged, value)]
        return [packet(tagged, *words[:6], 0 if number in (SET_SENSITIVITY, SET_EVENT_MASK) else -1)]

    def close(self):
        self.end()
        shutil.rmtree(self.folder)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def text(tagged, said):
    """A text as spacenavd sends it: 24 bytes a packet, with how many are still to come; a flag marks all but the first."""
    data, more = said.encode(), 0
    while True:
        words = struct.unpack("=6i", data[:24].ljust(24, b"\0"))
        yield packet(tagged, *words, len(data) | more)
        data, more = data[24:], 0x10000
        if not data:
            return


def _receive(client, count):
    data = b""
    while len(data) < count:
        piece = client.recv(count - len(data))
        if not piece:
            return None
        data += piece
    return data


def _shut(end):
    # One that has gone by itself is no fault.
    try:
        end.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
