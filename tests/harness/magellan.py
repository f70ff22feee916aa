"""A Magellan SpaceMouse: the serial 3D mouse, on a pty instead of a wire, as spacenavd's driver knows it.

Its packets are lines that end with a carriage return: a letter, then four bits a character. `d` carries six axes of 16 bits,
offset by 0x8000; `k` the buttons that are held, the first in the lowest bit; `v` and `m` answer what was asked.
"""

import os
import select
import threading
import tty

from harness.waiting import TIMEOUT, Recorder

# As the real one writes four bits: each character has an even number of ones, so that it notices noise.
NIBBLES = b"0AB3D56GH9:K<MN?"
VERSION = b"vMAGELLAN  Version 6.70  by LOGITECH INC. 10/24/00\r"
# "I know no such command": what it says to a Spaceball's reset, which spacenavd tries first.
UNKNOWN = b"e1R@\r"
AXES = ("x", "y", "z", "rx", "ry", "rz")
# spacenavd turns these two around, so that they go as a Spaceball's.
FLIPPED = ("z", "rz")


def _number(value, digits):
    return bytes(NIBBLES[value >> 4 * digit & 0xF] for digit in reversed(range(digits)))


class Magellan:
    """Plugged in once a daemon reads `path`. Axes and buttons are those of the events that spacenavd makes of them."""

    NAME = "Magellan SpaceMouse"
    BUTTONS = 9

    def __init__(self):
        self._wire, device = os.openpty()
        tty.setraw(device)
        self.path = os.ttyname(device)
        # Held open, so that the listener's end is not hung up while no daemon has it.
        self._device = device
        self._cut, self._cut_here = os.pipe()
        # What the daemon said to it, a line each.
        self.heard = Recorder(f"lines to the mouse on {self.path}")
        self._held = 0
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def is_ready(self, since=0):
        """Whether the daemon has said its last word when it starts, after the mark `since` of `heard`: 3D mode, motion and buttons. It
        gives up a mouse that takes more than two seconds to answer."""
        try:
            self.heard.wait_for(lambda line: line == b"m3", since, timeout=8.0)
        except AssertionError:
            return False
        return True

    def move(self, **axes):
        """Deflects the puck: the axes named, each -32768..32767, the others are centred. `move()` lets go."""
        if unknown := set(axes) - set(AXES):
            raise ValueError(f"axes are {', '.join(AXES)}, not {', '.join(unknown)}")
        values = [(-1 if axis in FLIPPED else 1) * axes.get(axis, 0) for axis in AXES]
        self.write(b"d" + b"".join(_number(min(value, 0x7FFF) + 0x8000, 4) for value in values) + b"\r")

    def press(self, button):
        self._buttons(self._held | 1 << button)

    def release(self, button):
        self._buttons(self._held & ~(1 << button))

    def write(self, data):
        """Any bytes on the wire."""
        if not select.select([], [self._wire], [], TIMEOUT)[1]:
            raise AssertionError(f"nobody reads {self.path}")
        os.write(self._wire, data)

    def close(self):
        """Cuts the wire; nothing to do the second time."""
        if self._listener.is_alive():
            os.close(self._cut_here)
            self._listener.join(TIMEOUT)
            for file in (self._wire, self._device, self._cut):
                os.close(file)

    def _buttons(self, held):
        self._held = held
        self.write(b"k" + bytes(NIBBLES[held >> 4 * nibble & 0xF] for nibble in range(3)) + b"\r")

    def _listen(self):
        line = b""
        while self._cut not in select.select([self._wire, self._cut], [], [])[0]:
            *lines, line = (line + os.read(self._wire, 1024)).split(b"\r")
            for command in filter(None, lines):
                if command == b"vQ":
                    os.write(self._wire, VERSION)
                elif command.startswith(b"m"):
                    os.write(self._wire, command + b"\r")
                else:
                    os.write(self._wire, UNKNOWN)
                self.heard(command)
