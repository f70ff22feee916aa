"""An action server's services and topics one by one: what rclpy's ActionClient does not let a test do."""

import uuid

from action_msgs.msg import GoalInfo, GoalStatusArray
from action_msgs.srv import CancelGoal
from builtin_interfaces.msg import Time
from shaky_steve.action import MoveServo
from unique_identifier_msgs.msg import UUID

from harness.client import LATCHED
from harness.steve import STATUS


def new_id():
    return UUID(uuid=list(uuid.uuid4().bytes))


class RawAction:
    """The MoveServo server `name`, through any `Client`."""

    def __init__(self, client, name="/arm/move_servo"):
        self.client, self.name = client, f"{name}/_action"
        self.status = client.record(GoalStatusArray, f"{self.name}/status", LATCHED)
        self.feedback = client.record(MoveServo.Impl.FeedbackMessage, f"{self.name}/feedback")

    def send(self, joint, position, speed=0.0, easing="", goal_id=None):
        """Sends a goal: its id, and the server's answer."""
        goal_id = goal_id or new_id()
        goal = MoveServo.Goal(joint=joint, position=float(position), speed=float(speed), easing=easing)
        kind = MoveServo.Impl.SendGoalService
        return goal_id, self.client.call(kind, f"{self.name}/send_goal", kind.Request(goal_id=goal_id, goal=goal))

    def ask_result(self, goal_id):
        """Asks for a result; the future of the answer."""
        kind = MoveServo.Impl.GetResultService
        return self.client.ask(kind, f"{self.name}/get_result", kind.Request(goal_id=goal_id))

    def result(self, goal_id):
        """Asks for a result and waits for it: the status by name, and the result."""
        answer = self.client.wait(self.ask_result(goal_id), "result")
        return STATUS[answer.status], answer.result

    def ask_results(self, goal_ids):
        """Asks for results and waits until the server has got the requests; the futures of the answers."""
        futures = [self.ask_result(goal_id) for goal_id in goal_ids]
        # Answered at once, and not before what was asked before it was read.
        assert self.result(new_id())[0] == "UNKNOWN"
        return futures

    def cancel(self, goal_id=None, stamp=None):
        """Asks for a cancel; the return code and the ids that are cancelled."""
        info = GoalInfo(goal_id=goal_id or UUID(), stamp=stamp or Time())
        answer = self.client.call(CancelGoal, f"{self.name}/cancel_goal", CancelGoal.Request(goal_info=info))
        return answer.return_code, [info.goal_id for info in answer.goals_canceling]

    def wait_for_status(self, goal_id, status, since=0):
        """Waits until the status topic says so."""
        return self.status.wait_for(lambda m: listed(m).get(key(goal_id)) == status, since, what=f"with {status}")

    def history(self, goal_id, since=0):
        """The goal's statuses as the topic told them, repetitions left out."""
        told = []
        for message in self.status.since(since):
            status = listed(message).get(key(goal_id), "not listed")
            if told[-1:] != [status]:
                told.append(status)
        return told


def key(goal_id):
    return bytes(goal_id.uuid)


def listed(message):
    """A status message as a dictionary."""
    return {key(status.goal_info.goal_id): STATUS[status.status] for status in message.status_list}
