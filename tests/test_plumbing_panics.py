"""Panics and things that hang, in src/nodes/examples/fragile.rs: the real arm beside a node that fails on request."""

import signal
import time

import pytest
from std_msgs.msg import Empty
from std_srvs.srv import Trigger

from harness import Process, Steve, wait_until
from harness.process import example
from harness.raw_action import RawAction
from harness.steve import DEGREES, position_in, track

SLOW = """\
name: slow
joints:
  - name: torso
    type: revolute
    travel_deg: [-90, 90]
    home_deg: 0
    velocity_rad_s: 0.4
    acceleration_rad_s2: 40
    jerk_rad_s3: 1000
    channel: 0
    pulse_us: [500, 2500]
    usable: [0, 1]
    map_deg: {-90: 0.0, 90: 1.0}
"""


class Fragile:
    """The process, and a client of its two nodes."""

    def __init__(self, domain, **options):
        self.process = Process(example("fragile"), node="fragile", domain=domain, may_panic=True, **options)
        self.process.log.wait_for(lambda line: "is ready" in line)
        self.steve = Steve(domain)
        self.moves = RawAction(self.steve, "/fragile/move")
        self._triggers = {name: self.steve.publisher(Empty, f"/fragile/{name}") for name in ("panic_arm", "panic_spin", "hang")}

    def trigger(self, name):
        self._triggers[name].publish(Empty())

    def panic_and_restart(self, node, trigger):
        """Lets the node panic and waits until it runs again."""
        mark = self.process.log.mark()
        self.trigger(trigger)
        self.process.log.wait_for(lambda line: "panic" in line and "as asked" in line, mark)
        self.process.log.wait_for(lambda line: f"[{node}]" in line and "starts again" in line, mark)
        if node == "arm":
            self.process.log.wait_for(lambda line: "is ready" in line, mark)
        return mark


@pytest.fixture(scope="module", autouse=True)
def built():
    """A first build takes its time."""
    example("fragile")


@pytest.fixture
def fragile(domain, tmp_path):
    robot = tmp_path / "slow.yaml"
    robot.write_text(SLOW)
    fragile = Fragile(domain, parameters={"robot": str(robot)})
    with fragile.steve, fragile.process:
        yield fragile


def test_a_panic_in_one_nodes_task_restarts_that_node_alone_while_the_servo_thread_goes_on(fragile):
    steve = fragile.steve
    mark = steve.joint_states.mark()
    steve.command(torso=80 * DEGREES)
    steve.wait_for_motion("torso", mark)
    pid = fragile.process.pid

    log = fragile.panic_and_restart("arm", "panic_arm")
    again = time.time()
    moving = steve.joint_states.wait_for(lambda m: m.stamp > again and m.velocity[0] != 0.0, what="still moving after the restart")
    points = track(steve.joint_states.since(mark), "torso")
    assert all(later >= earlier for (_, earlier, _), (_, later, _) in zip(points, points[1:])), "not back to where it started"
    gap, before, after = max((later[0] - earlier[0], earlier[1], later[1]) for earlier, later in zip(points, points[1:]))
    assert gap > 0.3, "the node was away"
    # Hardly anything would be the node's own end; not all of it, for of a stalled machine's time the arm takes no more than 0.1 s
    # a tick.
    assert 0.1 < after - before < 0.4 * gap + 0.1, "while the joint went on"
    assert position_in(moving, "torso") < 79 * DEGREES

    steve.wait_for_position("torso", 80 * DEGREES)
    assert fragile.process.pid == pid and fragile.process.exit_code is None
    assert "[fragile]" not in fragile.process.text(log), "the other node noticed nothing"
    assert steve.move("torso", 75 * DEGREES).status == "SUCCEEDED"


def test_an_emergency_stop_stays_latched_over_a_panic(fragile):
    assert fragile.steve.emergency_stop(True).success
    fragile.panic_and_restart("arm", "panic_arm")
    fragile.steve.wait_for_state(lambda state: state.emergency_stop, "emergency stop")
    assert fragile.steve.request("torso", 0.1) is None
    assert fragile.steve.emergency_stop(False).success
    assert fragile.steve.move("torso", 0.1).status == "SUCCEEDED"


def test_a_node_that_panics_again_and_again_is_restarted_each_time(fragile):
    for position in (0.05, 0.1, 0.15):
        fragile.panic_and_restart("arm", "panic_arm")
        assert fragile.steve.move("torso", position).status == "SUCCEEDED"


def test_a_panic_is_told_on_rosout(fragile):
    mark = fragile.steve.rosout.mark()
    fragile.panic_and_restart("arm", "panic_arm")
    fragile.steve.rosout.wait_for(lambda line: "the arm panics as asked" in line.msg and line.level == 40, mark)


def test_goals_of_a_node_that_panics_end_and_their_clients_hear_it(fragile):
    steve = fragile.steve
    goal = steve.start("torso", 80 * DEGREES)
    steve.wait_for_motion("torso")
    fragile.panic_and_restart("arm", "panic_arm")
    assert goal.result().status == "ABORTED"
    assert steve.move("torso", 0.1).status == "SUCCEEDED"


def test_a_panic_on_the_spinning_thread_restarts_its_node_alone(fragile):
    steve = fragile.steve
    mark = steve.joint_states.mark()
    steve.command(torso=40 * DEGREES)
    log = fragile.panic_and_restart("fragile", "panic_spin")
    steve.wait_for_position("torso", 40 * DEGREES, mark)
    assert "[arm]" not in fragile.process.text(log), "the arm noticed nothing"
    answer = steve.call(Trigger, "/fragile/die", Trigger.Request())
    assert answer.message == "its task died", "the node is back"


def test_a_request_whose_task_panics_is_answered(fragile):
    for _ in range(3):
        answer = fragile.steve.call(Trigger, "/fragile/die", Trigger.Request())
        assert (answer.success, answer.message) == (False, "its task died")
    assert fragile.steve.move("torso", 0.1).status == "SUCCEEDED"


def test_many_requests_whose_tasks_panic_are_all_answered(fragile):
    # rclpy keeps ten answers.
    asked = [fragile.steve.ask(Trigger, "/fragile/die", Trigger.Request()) for _ in range(10)]
    for future in asked:
        assert fragile.steve.wait(future, "answer").message == "its task died"


def test_a_panicking_goal_is_aborted_and_others_go_on(fragile):
    moves = fragile.moves
    patient, _ = moves.send("forever", 0.0)
    mark = moves.status.mark()
    goal, answer = moves.send("panic", 0.0)
    assert answer.accepted
    assert moves.result(goal)[0] == "ABORTED"
    moves.wait_for_status(goal, "ABORTED", mark)
    assert moves.history(patient, mark) == ["EXECUTING"]
    fragile.process.log.wait_for(lambda line: "[fragile]" in line and "aborted" in line and "died" in line)

    assert moves.cancel(patient)[0] == 0
    assert moves.result(patient)[0] == "CANCELED"
    easy, _ = moves.send("anything", 0.0)
    assert moves.result(easy)[0] == "SUCCEEDED"


def test_requests_that_wait_are_answered_when_their_node_panics(fragile):
    steve = fragile.steve
    raw = RawAction(steve)
    goal, _ = raw.send("torso", 80 * DEGREES)
    waiting = raw.ask_results([goal] * 5)
    steve.wait_for_motion("torso")
    mark = raw.status.mark()
    fragile.panic_and_restart("arm", "panic_arm")
    for future in waiting:
        assert steve.wait(future, "result of a goal whose node panicked").status == 6, "ABORTED"
    raw.wait_for_status(goal, "ABORTED", mark)
    raw.status.wait_for(lambda message: message.status_list == [], mark, what="of the node that started again")


def test_requests_that_wait_are_answered_when_their_spinning_thread_panics(fragile):
    goal, _ = fragile.moves.send("forever", 0.0)
    waiting = fragile.moves.ask_results([goal] * 5)
    fragile.panic_and_restart("fragile", "panic_spin")
    for future in waiting:
        assert fragile.steve.wait(future, "result of a goal whose node panicked").status == 6, "ABORTED"


# --- what hangs -------------------------------------------------------------------------------------------------------


def test_a_goal_that_never_ends_does_not_hold_up_the_end(fragile):
    goal, _ = fragile.moves.send("stubborn", 0.0)
    fragile.moves.cancel(goal)
    assert fragile.moves.history(goal)[-1] in ("EXECUTING", "CANCELING")
    fragile.process.end(signal.SIGTERM)


def test_a_runtime_that_hangs_ends_all_the_same_with_code_1(fragile):
    fragile.steve.command(torso=80 * DEGREES)
    fragile.steve.wait_for_motion("torso")
    fragile.trigger("hang")
    # Nothing is published any more.
    wait_until(lambda: time.time() - fragile.steve.joint_states.last.stamp > 0.5, "silence")
    fragile.process.end(signal.SIGTERM, code=1)
    assert "hangs" in fragile.process.text()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_a_signal_while_a_node_waits_for_its_restart_ends_the_process_at_once(fragile, number):
    mark = fragile.process.log.mark()
    fragile.trigger("panic_arm")
    fragile.process.log.wait_for(lambda line: "starts again" in line, mark)
    fragile.process.end(number)


def test_a_second_signal_does_not_wait(fragile):
    fragile.moves.send("stubborn", 0.0)
    # Silence is what comes after the first.
    fragile.steve.fresh_joint_state()
    fragile.trigger("hang")
    wait_until(lambda: time.time() - fragile.steve.joint_states.last.stamp > 0.5, "silence")
    mark = fragile.process.log.mark()
    fragile.process.send(signal.SIGINT)
    fragile.process.log.wait_for(lambda line: "SIGINT" in line, mark)
    time.sleep(1.2)  # within a second the two would be one wish
    fragile.process.send(signal.SIGINT)
    assert fragile.process.wait() == 128 + signal.SIGINT
