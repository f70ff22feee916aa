"""Tests drive the installed executables as anybody's program would; rclpy is the peer.

    from harness import Process, Client, Steve

`domain`   a ROS domain that nobody else uses
`process`  an executable of the package, its log and its exit code
`client`   a ROS client whose calls wait for an answer
`steve`    the same, for the arm's interface
`spacenavd`  the real daemon on a 3D mouse without hardware (`magellan`), and one that says what a test wants (`fake_spacenavd`)
`waiting`  how everything here waits

The fixtures in tests/conftest.py are all that most tests need.
"""

from harness.domain import Domain
from harness.process import Process, executable, run_to_end
from harness.waiting import TIMEOUT, wait_until

__all__ = ["TIMEOUT", "Client", "Domain", "Process", "Steve", "executable", "run_to_end", "wait_until"]


def __getattr__(name):
    # rclpy is imported by those who need it: a test of a build or of a URDF does not.
    if name == "Client":
        from harness.client import Client

        return Client
    if name == "Steve":
        from harness.steve import Steve

        return Steve
    raise AttributeError(name)
