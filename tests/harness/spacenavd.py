"""Debian's spacenavd as a peer, on a mouse that needs no hardware.

    with Spacenavd() as daemon, Process("mouse", parameters={"socket": daemon.socket}) as process:
        daemon.mouse.move(z=350)

The daemon knows one socket and one file for its process number, both in /var/run. So each runs in a mount namespace of its own
in which /var/run is its own folder, which the outside sees as that folder: many run side by side, none is root's, and one that
belongs to this machine is not disturbed.
"""

import os
import shutil
import signal
import socket
import subprocess
import tempfile

from harness.magellan import Magellan
from harness.waiting import TIMEOUT, wait_until

__all__ = ["Magellan", "Spacenavd"]

# How often a mouse is shown to a daemon before that is a failure: this process may have been too slow to answer for it.
TRIES = 3

# Dies with the test that started it, however that ends.
SCRIPT = 'mount --bind "$0" "$(realpath /var/run)" && exec setpriv --pdeathsig KILL spacenavd -d -v -c "$0/spnavrc" -l "$0/log"'


class Spacenavd:
    """The daemon and its mouse: `mouse` is a Magellan that is plugged in at start, unless False is given."""

    def __init__(self, mouse=True):
        if shutil.which("spacenavd") is None:
            raise RuntimeError("spacenavd is not installed: apt-get install spacenavd, or use ./test, which does")
        self.folder = tempfile.mkdtemp(prefix="spnav_")
        self.socket = os.path.join(self.folder, "spnav.sock")
        self.mouse = None
        self._child = None
        try:
            self._configure(Magellan() if mouse else None)
            self.start()
        except BaseException:
            self.close()
            raise

    @property
    def log(self):
        """What the daemon said since it started."""
        try:
            with open(os.path.join(self.folder, "log"), encoding="utf-8", errors="replace") as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def start(self):
        """Starts the daemon (again); it is there when this returns, and reads its mouse."""
        for _ in range(TRIES):
            mark = self.mouse.heard.mark() if self.mouse else 0
            self._run()
            if self.mouse is None or self.mouse.is_ready(mark):
                return
            self.end(signal.SIGKILL)
        raise AssertionError(f"spacenavd in {self.folder} has no ear for {self.mouse.path}:\n{self.log}")

    def _run(self):
        own_user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
        self._child = subprocess.Popen(
            ["unshare", *own_user, "--mount", "sh", "-c", SCRIPT, self.folder], cwd="/", stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
        )
        # The socket comes after the mouse was asked who it is.
        wait_until(self._is_up, f"spacenavd in {self.folder}")

    def end(self, number=signal.SIGTERM):
        """Ends the daemon, with SIGKILL as a crash does: its socket then stays behind, and nobody listens."""
        self._child.send_signal(number)
        self._child.wait(TIMEOUT)
        self._child.stdout.close()
        self._child = None

    def freeze(self):
        """It stops in the middle of whatever it does: the socket stays open, and silent."""
        self._child.send_signal(signal.SIGSTOP)

    def thaw(self):
        self._child.send_signal(signal.SIGCONT)

    def unplug(self):
        """Takes the mouse away. Clients hear what they hear when a USB cable is pulled: the daemon removes the device.

        It does not notice that a serial line is cut, so it is told.
        """
        gone, mark = self.mouse, len(self.log)
        self._configure(None)
        self._read_configuration()
        wait_until(lambda: "removing device" in self.log[mark:], "spacenavd removes the mouse")
        # Not before: it would turn in circles on a line that was cut.
        gone.close()

    def plug(self):
        """Plugs in another mouse."""
        for _ in range(TRIES):
            # One that it has given up it only looks at anew when its path is another one.
            self._configure(Magellan())
            self._read_configuration()
            if self.mouse.is_ready():
                return
            self.mouse.close()
        raise AssertionError(f"spacenavd in {self.folder} has no ear for a mouse:\n{self.log}")

    def close(self):
        if self._child is not None:
            self._child.kill()
            self.end(signal.SIGKILL)
        if self.mouse is not None:
            self.mouse.close()
        shutil.rmtree(self.folder)

    def _configure(self, mouse):
        self.mouse = mouse
        # Motion within 2 of the centre would be noise to it; a test means what it says.
        text = "dead-zone = 0\n" + (f"serial = {mouse.path}\n" if mouse else "")
        # It reads while we write.
        draft = os.path.join(self.folder, "spnavrc.new")
        with open(draft, "w", encoding="ascii") as file:
            file.write(text)
        os.replace(draft, os.path.join(self.folder, "spnavrc"))

    def _read_configuration(self):
        self._child.send_signal(signal.SIGHUP)

    def _is_up(self):
        if self._child.poll() is not None:
            said = self._child.stdout.read()
            raise RuntimeError(
                f"spacenavd did not start, exit code {self._child.returncode}:\n{said}{self.log}\n"
                "It needs a mount namespace: run the tests as root, or as a user who may make user namespaces "
                "(Ubuntu: sysctl kernel.apparmor_restrict_unprivileged_userns=0)"
            )
        return _listens(self.socket)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def _listens(path):
    # A daemon that was killed leaves its socket behind: only asking tells.
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as end:
        try:
            end.connect(path)
        except OSError:
            return False
    return True
