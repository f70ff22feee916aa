"""From a packet of spacenavd's on the socket to `spacenav/joy` at an rclpy subscriber, which is part of every figure."""

import contextlib
import os
import pathlib
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

from harness import Client, Domain
from harness.process import environment, executable
from sensor_msgs.msg import Joy

UNIT = "ms"
TARGET = "p95 of 1 ms"
ROUNDS, PACKETS = 5, 200
# Not a multiple of any period of theirs.
PAUSE = 0.0137
PEER = pathlib.Path(__file__).resolve().parent.parent / "peers" / "mouse_rclpy.py"


class Spacenavd:
    """Speaks protocol 0 to whoever connected last: whatever that one sends is left unread, as spacenavd of that version does."""

    def __init__(self, path):
        self._client = None
        self._server = socket.socket(socket.AF_UNIX)
        self._server.bind(path)
        self._server.listen()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        # Ends with the server.
        with contextlib.suppress(OSError):
            while True:
                self._client, _ = self._server.accept()
                threading.Thread(target=self._drain, args=(self._client,), daemon=True).start()

    @staticmethod
    def _drain(client):
        # The client ends, and may leave something unread.
        with contextlib.suppress(OSError):
            while client.recv(256):
                pass

    def close(self):
        self._server.close()
        if self._client is not None:
            self._client.close()

    def move(self, x):
        """One packet; the moment before it is sent."""
        packet = struct.pack("8i", 0, x, 0, 0, 0, 0, 0, 16)
        before = time.monotonic()
        self._client.sendall(packet)
        return before


def once(command, path):
    """The latencies of one process."""
    with Domain() as domain, Client(domain.number) as client:
        arrivals = {}

        def take(message):
            arrivals.setdefault(round(-message.axes[1] * 512), time.monotonic())

        client.do(client.node.create_subscription, Joy, "spacenav/joy", take, 100)
        daemon = Spacenavd(path)
        child = subprocess.Popen(command, env=environment(domain.number), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            deadline = time.monotonic() + 30
            # Until subscriber and publisher know each other.
            while not arrivals and time.monotonic() < deadline:
                with contextlib.suppress(AttributeError, OSError):
                    daemon.move(500)
                time.sleep(0.1)
            if not arrivals:
                raise RuntimeError(f"nothing on spacenav/joy from {command}")
            time.sleep(0.5)
            sent = {}
            for number in range(1, PACKETS + 1):
                sent[number] = daemon.move(number)
                time.sleep(PAUSE)
            time.sleep(0.3)
        finally:
            child.send_signal(signal.SIGINT)
            try:
                child.wait(5)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
            daemon.close()
        if not any(number in arrivals for number in sent):
            raise RuntimeError(f"none of {PACKETS} packets arrived from {command}")
        lost = sum(number not in arrivals for number in sent)
        if lost:
            print(f"  {lost} of {PACKETS} packets did not arrive", file=sys.stderr)
        return [(arrivals[number] - at) * 1e3 for number, at in sent.items() if number in arrivals]


def measure(say):
    """Ours and the peer in turns."""
    figures = {"mouse": [], "rclpy": []}
    with tempfile.TemporaryDirectory() as folder:
        for turn in range(ROUNDS):
            for name in figures:
                path = os.path.join(folder, f"{name}{turn}.sock")
                if name == "mouse":
                    # Not repeated: what came last would come again between two packets.
                    command = [executable("mouse"), "--ros-args", "-p", f"socket:={path}", "-p", "autorepeat_rate:=0.0"]
                else:
                    command = [sys.executable, str(PEER), path]
                figures[name] += once(command, path)
                say(f"mouse_latency {turn + 1} of {ROUNDS}: {name}")
    return figures
