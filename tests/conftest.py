"""Fixtures for every test in this folder. What they hand out is in tests/harness; run all with ./test.

`arm`      a Steve on an arm that the module's tests share; released, powered and at home (all joints zero) when a test starts
`start`    starts an executable for this test: `start("bringup", "--nodes", "arm", parameters={"state_rate": 10.0})`;
           ended with SIGINT at the test's end, where its exit code must be 0
`domain`   number of a ROS domain that is this test's alone
`observer` a Client in that domain
"""

import contextlib
import os
import tempfile

import pytest

# Nothing leaves this machine, whatever the environment of whoever runs the tests says.
os.environ["ROS_AUTOMATIC_DISCOVERY_RANGE"] = "LOCALHOST"
for _variable in ("ROS_LOCALHOST_ONLY", "ROS_STATIC_PEERS", "ROS_DOMAIN_ID", "ROS_NAMESPACE"):
    os.environ.pop(_variable, None)
os.environ.setdefault("ROS_LOG_DIR", os.path.join(tempfile.gettempdir(), f"shaky_steve_test_log_{os.getuid()}"))

from harness import Domain, Process
from harness.process import RUNNING


@pytest.fixture
def domain():
    with Domain() as held:
        yield held.number


@pytest.fixture
def observer(domain):
    from harness import Client

    with Client(domain) as client:
        yield client


@pytest.fixture
def start():
    with contextlib.ExitStack() as processes:
        yield lambda *arguments, **options: processes.enter_context(Process(*arguments, **options))


@pytest.fixture(scope="module")
def shared_arm():
    """The process behind `arm`."""
    with Process("bringup", "--nodes", "arm") as process:
        yield process


@pytest.fixture(scope="module")
def _shared_client(shared_arm):
    return shared_arm.client()


@pytest.fixture
def arm(_shared_client):
    _shared_client.come_home()
    return _shared_client


# --- logs of what ran, in the report of a failed test ----------------------------------------------------------------


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    item.shaky_steve_marks = {process: process.log.mark() for process in RUNNING}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.failed:
        marks = getattr(item, "shaky_steve_marks", {})
        for process in RUNNING:
            report.sections.append((f"log of {' '.join(process.command)}", process.text(marks.get(process, 0))))
    return report


def pytest_terminal_summary(terminalreporter):
    """Every failure that a second run did not repeat is told in full: a real one may hide there."""
    for report in terminalreporter.getreports("rerun"):
        terminalreporter.write_sep("=", f"failed once, was run again: {report.nodeid}")
        terminalreporter.write_line(report.longreprtext)
        for title, text in report.sections:
            terminalreporter.write_sep("-", title)
            terminalreporter.write_line(text)
