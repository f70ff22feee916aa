"""Any action server through rclpy's own client; MoveServo has a shorter way in `Steve`."""

from harness.steve import STATUS
from harness.waiting import TIMEOUT


class Action:
    """The action `name` of the node that `steve` talks to, such as `gripper_cmd`."""

    def __init__(self, steve, kind, name):
        self._steve = steve
        self._client = steve.action(kind, f"{steve.arm}/{name}")

    def request(self, goal):
        """Sends a goal; the `Accepted` one, or None when it is rejected."""
        feedback = []
        sent = self._steve.do(self._client.send_goal_async, goal, lambda message: feedback.append(message.feedback))
        handle = self._steve.wait(sent, f"answer to {goal}")
        return Accepted(self._steve, handle, feedback) if handle.accepted else None

    def start(self, goal):
        """Sends a goal that has to be accepted."""
        accepted = self.request(goal)
        assert accepted is not None, f"goal rejected: {goal}"
        return accepted

    def run(self, goal):
        """Sends a goal and waits for its end: the status by name, and the result."""
        return self.start(goal).result()

    def rejects(self, process, goal, *words):
        """Whether the goal is rejected, with all the words in the log line that says why."""
        mark = process.log.mark()
        accepted = self.request(goal)
        assert accepted is None, f"accepted: {goal}"
        return process.log.wait_for(lambda line: "goal rejected" in line and all(word in line for word in words), mark, what=str(words))


class Accepted:
    """A goal under way; `feedback` is what has come so far."""

    def __init__(self, steve, handle, feedback):
        self._steve = steve
        self._handle = handle
        self._result = steve.do(handle.get_result_async)
        self.feedback = feedback

    def ended(self):
        """Whether the result is there."""
        return self._result.done()

    def result(self, timeout=TIMEOUT):
        """Waits for the end: the status by name, and the result."""
        response = self._steve.wait(self._result, "result", timeout)
        return STATUS[response.status], response.result

    def cancel(self):
        """Asks for its cancel; the server's answer."""
        return self._steve.wait(self._steve.do(self._handle.cancel_goal_async), "cancel")
