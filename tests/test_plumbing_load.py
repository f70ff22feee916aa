"""Many clients and many goals: all right, memory flat, the processor back to rest."""

import concurrent.futures
import math
import time

import pytest
from action_msgs.msg import GoalStatusArray

from harness import Process, Steve, wait_until
from harness.client import LATCHED

CLIENTS, GOALS = 10, 100
MEGABYTE = 1 << 20

JOINT = """\
  - name: joint_{number}
    type: revolute
    travel_deg: [-90, 90]
    home_deg: 0
    velocity_rad_s: 5
    acceleration_rad_s2: 400
    jerk_rad_s3: 20000
    channel: {number}
    pulse_us: [500, 2500]
    usable: [0, 1]
    map_deg: {{-90: 0.0, 90: 1.0}}
"""


@pytest.fixture
def process(tmp_path):
    """An arm with a joint for each client, which forgets its goals soon."""
    robot = tmp_path / "ten.yaml"
    robot.write_text("name: ten\njoints:\n" + "".join(JOINT.format(number=number) for number in range(CLIENTS)))
    with Process("bringup", "--nodes", "arm", parameters={"robot": str(robot), "result_timeout": 5.0}) as process:
        yield process


def work(steve, number, goals):
    """Sends goals one after the other, of every kind; what came out different from what should."""
    wrong = []
    joint = f"joint_{number}"
    for index in range(goals):
        position = 0.02 * (index % 3 + 1)
        if index % 10 == 9:
            if steve.request(joint, math.nan) is not None:
                wrong.append((joint, index, "accepted"))
            continue
        goal = steve.start(joint, 1.0 if index % 10 == 4 else position, speed=0.1 if index % 10 == 4 else 0.0)
        if index % 10 == 4:
            goal.cancel()
            expected = ("CANCELED", None)
        else:
            expected = ("SUCCEEDED", position)
        end = goal.result(60)
        if end.status != expected[0] or expected[1] is not None and not math.isclose(end.position, expected[1], abs_tol=1e-9):
            wrong.append((joint, index, end))
    return wrong


def test_ten_clients_with_a_hundred_goals_each_leave_no_trace(process):
    clients = [Steve(process.domain, records=False, depth=1000) for _ in range(CLIENTS)]
    try:
        with concurrent.futures.ThreadPoolExecutor(CLIENTS) as pool:

            def round_of(goals):
                wrong = pool.map(work, clients, range(CLIENTS), [goals] * CLIENTS)
                return [fault for faults in wrong for fault in faults]

            # Buffers grow to what they need first.
            assert round_of(10) == []
            threads, memory = process.threads(), process.memory()
            assert round_of(GOALS) == []
        grown = process.memory() - memory
        assert grown < 8 * MEGABYTE, f"grown by {grown / MEGABYTE:.1f} MB"
        assert process.threads() <= threads, "no thread a goal"

        # Until all results are forgotten; then nobody asks for anything.
        statuses = clients[0].record(GoalStatusArray, "arm/move_servo/_action/status", LATCHED)
        wait_until(lambda: not statuses.last.status_list, "no goal in the status")
        before = process.cpu_time()
        time.sleep(2.0)
        used = process.cpu_time() - before
        assert used < 0.5, f"{used:.2f} s of processor time in 2 s at rest"
        assert clients[0].cancel_goals().goals_canceling == [], "no goal is left"
    finally:
        for client in clients:
            client.close()
