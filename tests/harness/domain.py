"""A ROS domain for one test, taken from all that run on this machine: two test runs side by side share none."""

import fcntl
import os
import random
import tempfile

# Above 101 the ports of a domain run into those that Linux hands out.
DOMAINS = range(1, 101)


class Domain:
    """Holds a domain until it is closed or this process ends, however that comes about."""

    def __init__(self):
        # Not the same one at once again: what a killed process left behind there may still be dying.
        for number in random.sample(DOMAINS, len(DOMAINS)):
            path = os.path.join(tempfile.gettempdir(), f"shaky_steve_domain_{number}.lock")
            try:
                file = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
            except PermissionError:
                continue
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(file)
                continue
            self.number, self._file = number, file
            return
        raise RuntimeError("all ROS domains from 1 to 100 are in use by other tests")

    def close(self):
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
