"""How the executables end: signals, wrong arguments, wrong files; the exit code, in time, and off the graph."""

import itertools
import os
import signal
import subprocess
import sys
import time

import pytest

from harness import Process, Steve, run_to_end, wait_until
from harness.process import environment
from harness.raw_action import RawAction, listed
from harness.steve import position_in, velocity_in

SIGNALS = pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)


@SIGNALS
@pytest.mark.parametrize("executable", [("arm",), ("bringup", "--nodes", "arm")], ids=lambda command: command[0])
def test_a_signal_in_mid_motion_ends_the_process_in_time_with_code_0(domain, executable, number):
    process = Process(*executable, domain=domain)
    with Steve(domain) as steve, process:
        observers = [steve, process.observer(), process.observer()]
        for observer in observers:
            wait_until(lambda: ("arm", "/") in observer.nodes(), "the arm on the graph")
        goal = steve.start("torso", 1.4, speed=0.3)
        steve.wait_for_motion("torso")
        process.end(number, code=0)
        # A participant that went without a word haunts every graph for 20 s. (One that says good-bye is, once in a while, put
        # back by rmw_dds_common: a late message of a participant that it has just removed makes it known again.)
        wait_until(lambda: any(("arm", "/") not in observer.nodes() for observer in observers), "the arm off the graph", timeout=5)
        end = goal.result()
        assert end.status == "ABORTED", end
        assert "the node ends" in end.message, end
        assert 0.0 < end.position < 1.4
        assert signal.Signals(number).name in process.text()


@SIGNALS
def test_a_signal_at_once_after_the_start_ends_the_process_well(number):
    process = Process("arm", node=None)
    process.log.wait_for(lambda line: "robot description" in line)
    process.end(number)
    process.close()


def test_a_client_that_waits_for_an_answer_gets_it_when_the_process_ends(domain):
    process = Process("arm", domain=domain)
    with Steve(domain) as steve, process:
        raw = RawAction(steve)
        goals = [raw.send(joint, 1.4, speed=0.3)[0] for joint in ("torso", "wrist_ud", "wrist_lr")]
        waiting = raw.ask_results([goal for goal in goals for _ in range(3)])
        process.end(signal.SIGTERM)
        for future in waiting:
            assert steve.wait(future, "result of a goal whose server ended").status == 6, "ABORTED"
        assert list(listed(raw.status.last).values()) == ["ABORTED"] * 3, "and the last status is true"


def test_the_process_leaves_nothing_behind(domain):
    process = Process("bringup", domain=domain)
    children = f"/proc/{process.pid}/task/{process.pid}/children"
    with open(children, encoding="ascii") as file:
        assert file.read().split() == [], "it has no children"
    process.close()
    assert not os.path.exists(f"/proc/{process.pid}")


# --- mistakes of whoever starts it ------------------------------------------------------------------------------------


def assert_refused(code, said, *words):
    assert code == 2, (code, said)
    assert all(word in said for word in words), (words, said)
    for word in ("panicked", "RUST_BACKTRACE", "stack backtrace"):
        assert word not in said, said


@pytest.mark.parametrize("executable", ["arm", "bringup"])
@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["-p", "no_value"], "no_value"), (["-p"], "-p"), (["-r", "no_rule"], "no_rule"), (["--nonsense"], "--nonsense"),
        (["-r", "__ns:=not a namespace"], "not a namespace"), (["--params-file"], "--params-file"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_bad_ros_arguments_end_the_process_with_code_2_and_a_message(executable, arguments, word):
    assert_refused(*run_to_end(executable, "--ros-args", *arguments), word)


def test_a_missing_parameter_file_ends_the_process_with_code_2(tmp_path):
    assert_refused(*run_to_end("arm", params_file=tmp_path / "missing.yaml"), "missing.yaml")


@pytest.mark.parametrize("text", ["arm: [", "arm:\n  ros__parameters:\n  - a\n", "arm:\n\tros__parameters: {}\n"])
def test_a_broken_parameter_file_ends_the_process_with_code_2(tmp_path, text):
    file = tmp_path / "broken.yaml"
    file.write_text(text)
    assert_refused(*run_to_end("bringup", params_file=file), "broken.yaml")


@pytest.mark.parametrize(
    ("arguments", "word"),
    [(["--nodes", "arn"], "arn"), (["--nodes", ""], "--nodes"), (["--nonsense"], "--nonsense"), (["extra"], "extra")],
)
def test_bad_arguments_of_bringup_end_it_with_code_2(arguments, word):
    assert_refused(*run_to_end("bringup", *arguments), word)


def test_help_and_version_end_well():
    for option in ("--help", "--version"):
        code, said = run_to_end("bringup", option)
        assert code == 0 and said.strip()
    assert "--nodes" in run_to_end("bringup", "--help")[1]


def test_a_missing_robot_description_ends_the_process_with_code_2(tmp_path):
    path = str(tmp_path / "nobody.yaml")
    assert_refused(*run_to_end("arm", parameters={"robot": path}), path)


BROKEN_ROBOT = """\
name: broken
joints:
  - name: pan
    type: revolute
    travel_deg: [80, -80]
    home_deg: 0
    velocity_rad_s: .nan
    acceleration_rad_s2: 30
    jerk_rad_s3: 800
    channel: 3
    pulse_us: [300, 2400]
    usable: [0.0, 1.0]
    map_deg: {-80: 0.0, 80: 1.0}
  - name: tilt
    type: revolute
    travel_deg: [-30, 60]
    home_deg: 0
    velocity_rad_s: 3
    acceleration_rad_s2: 25
    jerk_rad_s3: 600
    channel: 3
    pulse_us: [600, 2400]
    usable: [0.2, 0.7]
    colour: red
    map_deg: {-30: 0.0, 10: 0.9, 60: 0.5}
"""


def test_a_broken_robot_description_ends_the_process_with_all_its_faults_and_lines(tmp_path):
    file = tmp_path / "broken.yaml"
    file.write_text(BROKEN_ROBOT)
    code, said = run_to_end("arm", parameters={"robot": str(file)})
    assert_refused(code, said)
    faults = {5: "travel_deg", 7: "velocity_rad_s", 11: "pulse_us", 21: "channel", 24: "colour", 25: "map_deg"}
    for line, field in faults.items():
        told = [text for text in said.splitlines() if f"{file}:{line}:" in text]
        assert told and field in told[0], (line, field, said)


def test_an_error_of_one_node_ends_the_process_and_never_waits_for_the_others(tmp_path):
    # Not a robot description, found by the node, after the process has started to run.
    file = tmp_path / "robot.yaml"
    file.write_text("[]")
    assert_refused(*run_to_end("bringup", "--nodes", "all", parameters={"robot": str(file)}), "robot.yaml")


# --- clients that die -------------------------------------------------------------------------------------------------

DYING_CLIENT = """
import sys, time
sys.path.insert(0, sys.argv[1])
from harness import Steve
steve = Steve(int(sys.argv[2]))
goal = steve.start("torso", 0.6, speed=0.4)
print("accepted", flush=True)
time.sleep(600)
"""


def test_a_client_killed_in_mid_goal_leaves_the_arm_and_other_clients_working(start):
    process = start("bringup", "--nodes", "arm")
    steve = process.client()
    arguments = [sys.executable, "-c", DYING_CLIENT, os.path.dirname(__file__), str(process.domain)]
    with subprocess.Popen(arguments, env=environment(process.domain), stdout=subprocess.PIPE, text=True) as client:
        assert client.stdout.readline() == "accepted\n"
        steve.wait_for_motion("torso")
        client.kill()
    mark = steve.joint_states.mark()
    assert steve.move("wrist_lr", 0.2).status == "SUCCEEDED", "another client's goal meanwhile"
    steve.wait_for_position("torso", 0.6, tolerance=1e-6)
    messages = [message for message in steve.joint_states.since(mark) if velocity_in(message, "torso")]
    assert all(earlier.stamp < later.stamp for earlier, later in itertools.pairwise(messages))
    assert position_in(steve.fresh_joint_state(), "torso") == pytest.approx(0.6)
    assert steve.move("torso", 0.0).status == "SUCCEEDED"
    # Its reader is gone without a word: publishing to it must not hold anything up.
    started = time.time()
    steve.joint_states.wait_for(lambda message: message.stamp > started + 0.5)
