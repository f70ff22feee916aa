"""The package's executables: started with ROS arguments, ended by a signal, their log kept."""

import contextlib
import functools
import json
import os
import pathlib
import re
import signal
import subprocess
import threading
import time

from harness.domain import Domain
from harness.waiting import TIMEOUT, Recorder, wait_until

# The promise for SIGINT, SIGTERM, panics and a lost context, whatever hangs.
END_WITHIN = 3.0

# All that run, for the report of a failed test.
RUNNING = []


def executable(name):
    """The path of an installed executable of the package."""
    prefixes = [prefix for prefix in os.environ.get("AMENT_PREFIX_PATH", "").split(":") if prefix]
    for prefix in prefixes:
        path = pathlib.Path(prefix, "lib", "shaky_steve", name)
        if path.is_file():
            return str(path)
    raise RuntimeError(
        f"executable {name!r} of shaky_steve is in none of AMENT_PREFIX_PATH={':'.join(prefixes) or '(empty)'}: "
        "run scripts/build.sh, then `. scripts/env.sh`, or use ./test, which does both"
    )


def ros_arguments(parameters=None, params_file=None, namespace="", remaps=None, log_level=None):
    """`--ros-args …`. A value of `parameters` is what Python has: True, 1, 1.0, "text"."""
    arguments = []
    # The later argument beats the earlier.
    if params_file is not None:
        arguments += ["--params-file", str(params_file)]
    for name, value in (parameters or {}).items():
        arguments += ["-p", f"{name}:={json.dumps(value)}"]
    if namespace:
        arguments += ["-r", f"__ns:=/{namespace.strip('/')}"]
    for old, new in (remaps or {}).items():
        arguments += ["-r", f"{old}:={new}"]
    if log_level is not None:
        arguments += ["--log-level", log_level]
    return ["--ros-args", *arguments] if arguments else []


def environment(domain):
    """This process's environment, with the domain."""
    return {**os.environ, "ROS_DOMAIN_ID": str(domain), "RCUTILS_COLORIZED_OUTPUT": "0"}


def run_to_end(name, *arguments, timeout=TIMEOUT, **ros):
    """Runs an executable that ends by itself (a mistake in its arguments): its exit code, and all that it said."""
    with Domain() as domain:
        done = subprocess.run(
            [executable(name), *arguments, *ros_arguments(**ros)],
            env=environment(domain.number), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, errors="replace", timeout=timeout, check=False,
        )
    return done.returncode, done.stdout


class Process:
    """A running executable.

    `name` is that of an installed executable, or a path. `node` is the name of a node of its, for whose appearance on the
    graph the constructor waits (None: do not wait). Without `domain` (a number) it gets one of its own. The log of one that
    `may_panic` is not searched for panics at the end. Further keywords are those of `ros_arguments`.
    """

    def __init__(self, name, *arguments, node="arm", domain=None, may_panic=False, **ros):
        self.may_panic = may_panic
        self._own_domain = Domain() if domain is None else None
        self.domain = self._own_domain.number if domain is None else domain
        self.namespace = "/" + ros.get("namespace", "").strip("/")
        self.node = node
        self.log = Recorder(f"log of {name}")
        self._clients = []
        path = name if os.path.sep in str(name) else executable(name)
        self.command = [str(path), *arguments, *ros_arguments(**ros)]
        self._child = subprocess.Popen(
            self.command, env=environment(self.domain), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, errors="replace",
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        RUNNING.append(self)
        try:
            if node is not None:
                self.wait_until_on_graph()
        except BaseException:
            self.kill()
            raise

    @property
    def pid(self):
        return self._child.pid

    @property
    def exit_code(self):
        """None while it runs."""
        return self._child.poll()

    def text(self, since=0):
        """What it said after the mark `since` of `log`."""
        return "\n".join(self.log.since(since))

    def client(self, **options):
        """A `Steve` that talks to it, closed when this is."""
        from harness.steve import Steve

        steve = Steve(self.domain, namespace=self.namespace, **options)
        self._clients.append(steve)
        return steve

    def observer(self):
        """A plain `Client` in its domain, closed when this is."""
        from harness.client import Client

        client = Client(self.domain)
        self._clients.append(client)
        return client

    def wait_until_on_graph(self):
        # It stays until the end: whoever takes the ports of one that has just gone is discovered three seconds late.
        observer = self.observer()
        wait_until(lambda: self._on_graph(observer), f"{self.node} of {self.command} on the graph")

    def _on_graph(self, observer):
        if self.exit_code is not None:
            self._reader.join(TIMEOUT)
            raise AssertionError(f"{self.command} ended with exit code {self.exit_code}:\n{self.text()}")
        return (self.node, self.namespace) in observer.nodes()

    def send(self, number):
        """Sends it a signal."""
        self._child.send_signal(number)

    def wait(self, timeout=TIMEOUT):
        """Waits until it has ended by itself; its exit code."""
        try:
            code = self._child.wait(timeout)
        except subprocess.TimeoutExpired:
            what = f"{self.command} still runs after {timeout} s:\n{self.text()}\nits threads (name, state, where):\n{self._threads()}"
            raise AssertionError(what) from None
        self._reader.join(TIMEOUT)
        return code

    def end(self, number=signal.SIGINT, code=0):
        """Sends the signal and asserts that it ends in time and with this exit code."""
        started = time.monotonic()
        self.send(number)
        ended = self.wait(END_WITHIN)
        assert ended == code, f"{self.command}: exit code {ended} after {signal.Signals(number).name}:\n{self.text()}"
        return time.monotonic() - started

    def kill(self):
        """Ends it without a question; does nothing to one that has ended."""
        if self.exit_code is None:
            self._child.kill()
        self._child.wait()
        self._let_go()

    def close(self):
        """The end of a test: still alive, it has to end well."""
        try:
            if self.exit_code is None:
                self.end()
            assert self.may_panic or "panic" not in self.text(), f"{self.command} panicked:\n{self.text()}"
        finally:
            self.kill()

    def _let_go(self):
        for client in self._clients:
            client.close()
        self._clients.clear()
        if self in RUNNING:
            RUNNING.remove(self)
        if self._own_domain is not None:
            self._own_domain.close()

    def _read(self):
        for line in self._child.stdout:
            self.log(line.rstrip("\n"))
        self._child.stdout.close()

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind is None:
            self.close()
        else:
            # What went wrong is known already.
            self.kill()

    # --- what /proc tells ---------------------------------------------------------------------------------------------

    def memory(self):
        """Bytes of memory in use (resident)."""
        with open(f"/proc/{self.pid}/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def cpu_time(self):
        """Seconds of processor time used so far."""
        with open(f"/proc/{self.pid}/stat", encoding="ascii") as file:
            fields = file.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def wakeups(self):
        """How many times its first thread, on which its nodes' tasks run, has gone to sleep."""
        with open(f"/proc/{self.pid}/task/{self.pid}/status", encoding="ascii") as file:
            return int(re.search(r"^voluntary_ctxt_switches:\s*(\d+)", file.read(), re.MULTILINE)[1])

    def _threads(self):
        lines = []
        for task in pathlib.Path(f"/proc/{self.pid}/task").iterdir():
            with contextlib.suppress(OSError):
                name, state = task.joinpath("comm").read_text().strip(), task.joinpath("stat").read_text().rpartition(")")[2].split()[0]
                lines.append(f"  {name} {state} {task.joinpath('wchan').read_text()}")
        return "\n".join(lines)

    def threads(self):
        """How many threads it has."""
        return len(os.listdir(f"/proc/{self.pid}/task"))


@functools.cache
def example(name):
    """The path of an example of the crate steve_nodes, which this builds."""
    root = pathlib.Path(__file__).resolve().parents[2]
    command = [root / "scripts" / "cargo-ros", "build", "--quiet", "-p", "steve_nodes", "--example", name]
    done = subprocess.run([*command, "--message-format", "json"], stdout=subprocess.PIPE, text=True, check=True)
    made = (json.loads(line) for line in done.stdout.splitlines() if line.startswith("{"))
    return next(m["executable"] for m in made if m.get("executable") and m["target"]["name"] == name)
