"""Velocities on ~/command, repeated as teleop repeats them."""

import threading

from sensor_msgs.msg import JointState

# Much shorter than command_timeout's default of 0.25 s, so that a busy machine may be late.
PERIOD = 0.03


def jog(steve, **velocities):
    """Publishes one command of velocities: `jog(steve, torso=0.5)`."""
    steve.publish_command(JointState(name=list(velocities), velocity=[float(v) for v in velocities.values()]))


class Jogging:
    """Repeats a command of velocities until the `with` ends; what was the last one then runs out by itself."""

    def __init__(self, steve, **velocities):
        self._steve, self._velocities = steve, velocities
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._repeat, daemon=True)

    def _repeat(self):
        while not self._over.is_set():
            jog(self._steve, **self._velocities)
            self._over.wait(PERIOD)

    def __enter__(self):
        # Here, for it waits until it has found its subscriber.
        jog(self._steve, **self._velocities)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()
