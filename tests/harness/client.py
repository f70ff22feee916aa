"""A ROS client in a domain of its choice. Its calls come from the test's thread and wait for an answer."""

import itertools
import os
import threading
import time

# Before rclpy: nothing leaves this machine, and its log file goes where temporary files go.
os.environ["ROS_AUTOMATIC_DISCOVERY_RANGE"] = "LOCALHOST"

import rclpy
from rclpy.action import ActionClient
from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from rclpy.signals import SignalHandlerOptions

from harness.waiting import TIMEOUT, Recorder, wait_until

LATCHED = QoSProfile(depth=1, reliability=ReliabilityPolicy.RELIABLE, durability=DurabilityPolicy.TRANSIENT_LOCAL)
# As rclcpp and rclpy subscribe to /rosout: what was said shortly before comes as well.
ROSOUT = QoSProfile(depth=1000, reliability=ReliabilityPolicy.RELIABLE, durability=DurabilityPolicy.TRANSIENT_LOCAL)

_numbers = itertools.count(1)


class Timed:
    """A message and when it arrived (`time.monotonic()`); its fields are the message's."""

    def __init__(self, message):
        self.message = message
        self.arrived = time.monotonic()

    @property
    def stamp(self):
        """Its header's stamp in seconds."""
        return seconds(self.message.header.stamp)

    def __getattr__(self, name):
        return getattr(self.message, name)

    def __repr__(self):
        return repr(self.message)


def seconds(stamp):
    """A ROS time in seconds since 1970."""
    return stamp.sec + stamp.nanosec * 1e-9


class Client:
    """A node with a context and an executor thread of its own.

    rclpy's clients lose answers that arrive while a request is still being sent from another thread, so everything here is
    done on the executor's thread.
    """

    def __init__(self, domain, name="test_client"):
        self.domain = domain
        self._context = Context()
        rclpy.init(args=[], context=self._context, domain_id=domain, signal_handler_options=SignalHandlerOptions.NO)
        self.node = Node(
            f"{name}_{os.getpid()}_{next(_numbers)}", context=self._context, start_parameter_services=False,
            enable_rosout=False, use_global_arguments=False,
        )
        self._executor = SingleThreadedExecutor(context=self._context)
        self._executor.add_node(self.node)
        self._stop = False
        self._thread = threading.Thread(target=self._spin, daemon=True, name=f"client-{domain}")
        self._thread.start()
        self._service_clients = {}

    def _spin(self):
        while not self._stop:
            self._executor.spin_once(timeout_sec=0.5)

    def close(self):
        """Leaves the graph; nothing to do the second time."""
        if self._stop:
            return
        self._stop = True
        # Something to do ends its wait.
        self._executor.create_task(lambda: None)
        self._thread.join(TIMEOUT)
        self._executor.shutdown(TIMEOUT)
        self.node.destroy_node()
        self._context.try_shutdown()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def do(self, function, *arguments, **keywords):
        """Calls `function` on the executor's thread; what it returned."""
        return self.wait(self._executor.create_task(lambda: function(*arguments, **keywords)), repr(function))

    def wait(self, future, what, timeout=TIMEOUT):
        """The result of a future of rclpy's."""
        done = threading.Event()
        future.add_done_callback(lambda _: done.set())
        if not future.done() and not done.wait(timeout):
            raise AssertionError(f"{what}: no answer within {timeout} s")
        return future.result()

    # --- topics -------------------------------------------------------------------------------------------------------

    def record(self, kind, topic, qos=10):
        """A `Recorder` of what comes on the topic, each message `Timed`."""
        recorder = Recorder(f"messages on {topic}")
        self.do(self.node.create_subscription, kind, topic, lambda message: recorder(Timed(message)), qos)
        return recorder

    def publisher(self, kind, topic, qos=10):
        """A publisher that has found its subscriber."""
        publisher = self.do(self.node.create_publisher, kind, topic, qos)
        wait_until(lambda: publisher.get_subscription_count() > 0, f"a subscriber of {topic}")
        return publisher

    # --- services and actions -----------------------------------------------------------------------------------------

    def service(self, kind, name):
        """A service client that has found its server; kept for the next time."""
        if name not in self._service_clients:
            client = self.do(self.node.create_client, kind, name)
            wait_until(client.service_is_ready, f"service {name}")
            self._service_clients[name] = client
        return self._service_clients[name]

    def ask(self, kind, name, request):
        """Sends a request; the future of its answer."""
        return self.do(self.service(kind, name).call_async, request)

    def call(self, kind, name, request, timeout=TIMEOUT):
        """Sends a request and waits for its answer."""
        return self.wait(self.ask(kind, name, request), name, timeout)

    def action(self, kind, name, depth=10):
        """An action client that has found its server. It keeps `depth` answers.

        The answers to all clients of a server come to each of them, and each takes its own out: ten, which is ROS's default, are
        not enough for many busy clients in one process, where one may wait for the others while its answer is overwritten.
        """
        qos = QoSProfile(depth=depth, reliability=ReliabilityPolicy.RELIABLE)
        client = self.do(
            ActionClient, self.node, kind, name, goal_service_qos_profile=qos, result_service_qos_profile=qos,
            cancel_service_qos_profile=qos,
        )
        wait_until(client.server_is_ready, f"action {name}")
        return client

    # --- graph --------------------------------------------------------------------------------------------------------

    def nodes(self):
        """Name and namespace of each node on the graph."""
        return self.node.get_node_names_and_namespaces()
