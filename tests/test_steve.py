"""The command `steve`, as people type it, against the real robot."""

import contextlib
import json
import math
import os
import pty
import re
import signal
import subprocess
import threading

import pytest

from harness.process import Process, environment, executable
from harness.steve import DEGREES, JOINTS, servo, velocity_in
from harness.waiting import Recorder, wait_until

# For the command to find the robot, do what it has to and end, on a machine that is busy.
PATIENCE = 60.0


class Ended:
    """What a run of `steve` left: exit code, stdout and stderr."""

    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    @property
    def json(self):
        """Its stdout, which has to be one line of JSON."""
        (line,) = self.out.splitlines()
        return json.loads(line)

    def __repr__(self):
        return f"exit code {self.code}\nstdout: {self.out}\nstderr: {self.err}"


class Running:
    """A run of `steve` that is under way."""

    def __init__(self, domain, *arguments):
        self.child = subprocess.Popen(
            [executable("steve"), *arguments], env=environment(domain), stdin=subprocess.DEVNULL, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )

    def interrupt(self, number=signal.SIGINT):
        self.child.send_signal(number)

    def end(self):
        try:
            out, err = self.child.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            self.child.kill()
            out, err = self.child.communicate()
            pytest.fail(f"steve did not end: {Ended(None, out, err)}")
        return Ended(self.child.returncode, out, err)


def run(domain, *arguments):
    return Running(domain, *arguments).end()


@pytest.fixture
def steve(shared_arm, arm):
    """Runs `steve` on the robot that is at home."""
    return lambda *arguments: run(shared_arm.domain, *arguments)


def refused(steve, words, *arguments):
    """How a run of `steve` ends that has to tell why the robot refuses. The reason comes on /rosout, and it waits for it for a moment
    only: so up to three times."""
    for _ in range(3):
        ended = steve(*arguments)
        if all(word in ended.out + ended.err for word in words):
            break
    return ended


@pytest.fixture
def steve_starts(shared_arm, arm):
    """Starts `steve` on the robot that is at home."""
    return lambda *arguments: Running(shared_arm.domain, *arguments)


@contextlib.contextmanager
def on_terminal(domain, *arguments):
    """Runs `steve` on a terminal of its own: gives what it writes, as it comes, and its process."""
    master, slave = pty.openpty()
    child = subprocess.Popen(
        [executable("steve"), *arguments], env={**environment(domain), "TERM": "xterm", "COLUMNS": "100"},
        stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
    )
    os.close(slave)
    screen = Recorder("screen")

    def read():
        # Linux ends the reading of a terminal that nobody has open with an error.
        with contextlib.suppress(OSError):
            while text := os.read(master, 65536):
                screen(text.decode(errors="replace"))

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        yield screen, child
        child.wait(PATIENCE)
        reader.join(PATIENCE)
    finally:
        child.kill()
        child.wait()
        os.close(master)


# --- status ----------------------------------------------------------------------------------------------------------


def test_status_tells_every_joint_in_its_unit(arm, steve):
    arm.move("torso", 45 * DEGREES)
    arm.move("clamp", 0.02)
    ended = steve("status")
    assert ended.code == 0, ended
    lines = ended.out.splitlines()
    assert lines[0] == "power on"
    assert [line.split()[0] for line in lines[2:]] == JOINTS
    assert re.match(r"torso +45\.0 deg +45\.0 deg +on", lines[2]), lines[2]
    assert re.match(r"clamp +20\.0 mm +20\.0 mm +on", lines[-1]), lines[-1]


def test_status_as_json_is_in_si_units(arm, steve):
    arm.move("torso", 45 * DEGREES)
    status = steve("status", "--json").json
    assert (status["powered"], status["moving"], status["emergency_stop"]) == (True, False, False)
    assert [joint["name"] for joint in status["joints"]] == JOINTS
    torso, clamp = status["joints"][0], status["joints"][-1]
    assert torso["position"] == pytest.approx(45 * DEGREES) and torso["kind"] == "revolute"
    assert clamp["position"] == 0.0 and clamp["kind"] == "prismatic"


def test_status_of_a_moving_joint_tells_where_it_is_now(arm, steve):
    mark = arm.joint_states.mark()
    goal = arm.start("torso", 80 * DEGREES, speed=0.1)
    arm.joint_states.wait_for(lambda m: m.position[0] > 1 * DEGREES, mark)
    status = steve("status", "--json").json
    torso = status["joints"][0]
    assert status["moving"] and torso["moving"] and torso["velocity"] > 0.0
    assert 1 * DEGREES < torso["position"] < 80 * DEGREES
    goal.cancel()
    goal.result()


def test_status_shows_an_emergency_stop_and_the_way_out(arm, steve):
    arm.emergency_stop(True)
    assert "EMERGENCY STOP" in steve("status").out
    assert steve("status", "--json").json["emergency_stop"] is True


def test_a_position_that_nobody_knows_is_unknown(start):
    process = start("bringup", "--nodes", "arm", parameters={"sim_start": "unknown"})
    ended = run(process.domain, "status")
    assert ended.code == 0 and ended.out.count("unknown") >= len(JOINTS), ended
    assert run(process.domain, "status", "--json").json["joints"][0]["position"] is None


# --- move ------------------------------------------------------------------------------------------------------------


def test_move_waits_until_the_joint_is_there(arm, steve):
    ended = steve("move", "torso", "45deg", "--speed", "2", "--easing", "in_out_sine")
    assert ended.code == 0 and ended.out == "torso is at 45.0 deg\n", ended
    assert arm.position("torso") == pytest.approx(45 * DEGREES)


def test_joints_of_one_call_move_together(arm, steve):
    mark = arm.joint_states.mark()
    ended = steve("move", "torso", "-45deg", "elbow", "-0.5rad", "clamp", "15mm", "--json")
    assert ended.code == 0, ended
    assert ended.json["success"] is True
    assert [(joint["joint"], joint["outcome"]) for joint in ended.json["joints"]] == [
        ("torso", "reached"), ("elbow", "reached"), ("clamp", "reached"),
    ]
    for joint, position in {"torso": -45 * DEGREES, "elbow": -0.5, "clamp": 0.015}.items():
        assert arm.position(joint) == pytest.approx(position), joint
    together = [m for m in arm.joint_states.since(mark) if velocity_in(m, "torso") != 0.0 and velocity_in(m, "elbow") != 0.0]
    assert together, "torso and elbow never moved at the same time"


def test_inf_is_the_end_of_the_travel(arm, steve):
    assert steve("move", "clamp", "inf").out == "clamp is at 30.0 mm\n"
    assert steve("move", "torso", "-inf").out == "torso is at -90.0 deg\n"


def test_a_speed_may_have_a_unit(arm, steve):
    mark = arm.joint_states.mark()
    assert steve("move", "torso", "20deg", "--speed", "30deg/s", "--easing", "linear").code == 0
    fastest = max(abs(velocity_in(m, "torso")) for m in arm.joint_states.since(mark))
    assert 20 * DEGREES < fastest < 31 * DEGREES


def test_a_goal_that_the_robot_refuses_is_told_with_its_reason(arm, steve):
    ended = refused(steve, ["travel"], "move", "elbow", "80deg")
    assert ended.code == 1 and ended.out == "", ended
    assert "elbow refused: position of elbow" in ended.err and "travel" in ended.err, ended


def test_a_refused_joint_cancels_those_that_were_to_move_with_it(arm, steve):
    ended = steve("move", "torso", "80deg", "elbow", "80deg", "--speed", "0.1", "--json")
    assert ended.code == 1, ended
    outcomes = {joint["joint"]: joint["outcome"] for joint in ended.json["joints"]}
    assert outcomes == {"torso": "cancelled", "elbow": "refused"}
    assert abs(arm.position("torso")) < 40 * DEGREES


def test_a_goal_that_another_client_preempts_is_aborted(arm, steve_starts):
    mark = arm.joint_states.mark()
    moving = steve_starts("move", "torso", "80deg", "--speed", "0.2")
    arm.wait_for_motion("torso", mark)
    other = arm.start("torso", 0.0)
    ended = moving.end()
    assert ended.code == 1 and "torso aborted at" in ended.err, ended
    assert other.result().status == "SUCCEEDED"


def test_while_the_emergency_stop_is_on_nothing_is_moved(arm, steve):
    arm.emergency_stop(True)
    for verb in (["move", "torso", "10deg"], ["set", "torso", "10deg"]):
        ended = steve(*verb)
        assert ended.code == 1 and "steve estop off" in ended.err, ended
    ended = steve("power", "on")
    assert ended.code == 1 and "emergency stop" in ended.err, ended


# --- Ctrl-C ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_cancels_the_goals_and_tells_where_the_joints_hold(arm, steve_starts, number, code):
    mark = arm.joint_states.mark()
    moving = steve_starts("move", "torso", "80deg", "wrist_lr", "-80deg", "--speed", "0.2")
    arm.wait_for_motion("torso", mark)
    arm.wait_for_motion("wrist_lr", mark)
    moving.interrupt(number)
    ended = moving.end()
    assert ended.code == code, ended
    held = dict(re.findall(r"^(\w+) cancelled, holds at (-?[\d.]+) deg$", ended.out, re.MULTILINE))
    assert set(held) == {"torso", "wrist_lr"}, ended
    state = arm.wait_for_state(lambda state: not state.moving, "at rest")
    for joint, degrees in held.items():
        assert servo(state, joint).position / DEGREES == pytest.approx(float(degrees), abs=0.06)
        assert abs(servo(state, joint).position) < 79 * DEGREES
        assert servo(state, joint).goal == servo(state, joint).position


def test_ctrl_c_while_waiting_for_a_robot_ends_the_wait(domain):
    waiting = Running(domain, "status", "--timeout", "3600")
    # It says so itself, when it has waited a moment.
    assert "waiting for the robot" in waiting.child.stderr.readline()
    waiting.interrupt()
    assert waiting.end().code == 130


def test_a_second_ctrl_c_leaves_at_once(start):
    process = start("bringup", "--nodes", "arm")
    arm = process.client()
    moving = Running(process.domain, "move", "torso", "80deg", "--speed", "0.1")
    arm.wait_for_motion("torso")
    process.send(signal.SIGSTOP)
    try:
        moving.interrupt()
        # The first one is answered by nobody; signals that are pending together count once.
        with pytest.raises(subprocess.TimeoutExpired):
            moving.child.wait(0.5)
        moving.interrupt()
        assert moving.end().code == 130
    finally:
        process.send(signal.SIGCONT)


def test_a_robot_that_stops_answering_is_lost(start):
    process = start("bringup", "--nodes", "arm")
    arm = process.client()
    moving = Running(process.domain, "move", "torso", "80deg", "--speed", "0.1")
    arm.wait_for_motion("torso")
    process.kill()
    ended = moving.end()
    assert ended.code == 3 and "torso lost: no news" in ended.err, ended


# --- play ------------------------------------------------------------------------------------------------------------


def test_play_ends_when_the_motion_is_done(arm, steve):
    ended = steve("play", "point_up", "--speed-scale", "3")
    assert ended.code == 0 and ended.out == "point_up is done\n", ended
    arm.wait_for_position("elbow", 50 * DEGREES, tolerance=1e-3)


def test_play_tells_why_a_motion_is_refused(arm, steve):
    ended = refused(steve, ["point_up"], "play", "point_down")
    assert ended.code == 1 and "point_up" in ended.err and "refused" in ended.err, ended
    ended = refused(steve, ["speed_scale"], "play", "point_up", "--speed-scale", "-1", "--json")
    assert ended.code == 1 and ended.json["outcome"] == "refused" and "speed_scale" in ended.json["message"], ended
    assert steve("play", "point_up", "--speed-scale", "fast").code == 2


def test_ctrl_c_cancels_a_motion(arm, steve_starts):
    mark = arm.joint_states.mark()
    playing = steve_starts("play", "point_up", "--speed-scale", "0.05")
    arm.wait_for_motion("elbow", mark)
    playing.interrupt()
    ended = playing.end()
    assert ended.code == 130 and "cancelled" in ended.err, ended
    arm.wait_for_state(lambda state: not state.moving, "holding")


# --- set, power, stop, estop -----------------------------------------------------------------------------------------


def test_set_does_not_wait_for_the_joints(arm, steve):
    ended = steve("set", "torso", "45deg", "elbow", "-10deg")
    assert ended.code == 0 and ended.out == "torso goes to 45.0 deg\nelbow goes to -10.0 deg\n", ended
    arm.wait_for_position("torso", 45 * DEGREES, tolerance=1e-3)
    arm.wait_for_position("elbow", -10 * DEGREES, tolerance=1e-3)


def test_set_to_where_it_is_already_is_done(arm, steve):
    assert steve("set", "torso", "0deg", "--json").json == {"success": True, "joints": [{"joint": "torso", "goal": 0.0}]}


def test_set_powers_a_joint_on(arm, steve):
    arm.power(False)
    assert steve("set", "torso", "0deg").code == 0
    assert servo(arm.wait_for_state(lambda state: state.powered, "powered"), "torso").powered


def test_a_set_that_the_robot_refuses_is_told_with_its_reason(arm, steve):
    ended = refused(steve, ["travel"], "set", "elbow", "80deg")
    assert ended.code == 1 and "position of elbow" in ended.err and "travel" in ended.err, ended


def test_set_goes_to_no_infinity(arm, steve):
    ended = steve("set", "clamp", "inf")
    assert ended.code == 2 and "steve move" in ended.err, ended


def test_power_is_switched_off_and_on(arm, steve):
    ended = steve("power", "off")
    assert ended.code == 0 and ended.out.strip(), ended
    arm.wait_for_state(lambda state: not state.powered, "powered off")
    assert steve("power", "on", "--json").json["success"] is True
    arm.wait_for_state(lambda state: all(joint.powered for joint in state.joints), "powered on")


def test_stop_ends_every_motion(arm, steve):
    mark = arm.joint_states.mark()
    goal = arm.start("torso", 80 * DEGREES, speed=0.1)
    arm.wait_for_motion("torso", mark)
    assert steve("stop").code == 0
    assert goal.result().status == "ABORTED"


def test_the_emergency_stop_is_latched_and_released(arm, steve):
    assert steve("estop", "on").code == 0
    arm.wait_for_state(lambda state: state.emergency_stop, "with the emergency stop")
    assert arm.request("torso", 0.1) is None
    assert steve("estop", "off").code == 0
    arm.wait_for_state(lambda state: not state.emergency_stop, "without the emergency stop")


# --- watch -----------------------------------------------------------------------------------------------------------


def test_watch_prints_a_line_a_sample(arm, steve):
    ended = steve("watch", "--count", "3", "--rate", "20")
    assert ended.code == 0, ended
    assert re.fullmatch(r"(\d+\.\d{3}  torso 0\.0 deg  .*  clamp 0\.0 mm\n){3}", ended.out), ended


def test_watch_prints_json_lines(arm, steve):
    ended = steve("watch", "--count", "3", "--json")
    samples = [json.loads(line) for line in ended.out.splitlines()]
    assert len(samples) == 3 and samples[0]["stamp"] < samples[1]["stamp"] < samples[2]["stamp"], ended
    assert [joint["name"] for joint in samples[0]["joints"]] == JOINTS


def test_ctrl_c_is_the_ordinary_end_of_watch(arm, steve_starts):
    watching = steve_starts("watch")
    assert watching.child.stdout.readline()
    watching.interrupt()
    assert watching.end().code == 0


def test_watch_ends_when_its_reader_does(arm, steve_starts):
    watching = steve_starts("watch", "--rate", "50")
    assert watching.child.stdout.readline()
    watching.child.stdout.close()
    assert watching.child.wait(PATIENCE) == 0


# --- on a terminal ---------------------------------------------------------------------------------------------------


def test_on_a_terminal_watch_renews_its_table_in_place(arm, shared_arm):
    with on_terminal(shared_arm.domain, "watch") as (screen, child):
        shown = lambda: "".join(screen.since())
        # Up as many lines as the table has below its first.
        wait_until(lambda: f"\x1b[{len(JOINTS) + 1}A" in shown(), "a table that is renewed")
        child.send_signal(signal.SIGINT)
    assert child.returncode == 0
    assert "torso" in shown() and "0.0 deg" in shown()


def test_on_a_terminal_move_shows_a_bar_a_joint(arm, shared_arm):
    with on_terminal(shared_arm.domain, "move", "torso", "30deg", "clamp", "10mm", "--speed", "0.5") as (screen, child):
        pass
    shown = "".join(screen.since())
    assert child.returncode == 0, shown
    assert re.search(r"torso \[.*=+>.*\] +\d+ % .* s left", shown), shown
    assert re.search(r"clamp \[", shown), shown
    # The bars are gone when the results stand there.
    assert "torso is at 30.0 deg\r\nclamp is at 10.0 mm\r\n" in shown[shown.rindex("%") :], shown


def test_with_json_a_terminal_gets_nothing_but_json(arm, shared_arm):
    with on_terminal(shared_arm.domain, "move", "torso", "10deg", "--json", "--timeout", "60") as (screen, child):
        pass
    shown = "".join(screen.since())
    assert json.loads(shown.splitlines()[-1])["success"] is True
    assert "%" not in shown


# --- mistakes --------------------------------------------------------------------------------------------------------


def test_a_mistyped_joint_is_told_with_the_one_that_was_meant(arm, steve):
    ended = steve("move", "tosro", "45deg")
    assert ended.code == 2, ended
    assert f"no joint tosro; did you mean torso? There are {', '.join(JOINTS)}" in ended.err, ended
    failure = steve("set", "tosro", "45deg", "--json")
    assert failure.code == 2 and failure.json["success"] is False and "torso" in failure.json["message"]


def test_a_unit_of_the_other_kind_of_joint_is_told_with_the_right_ones(arm, steve):
    ended = steve("move", "clamp", "45deg")
    assert ended.code == 2 and "mm and m" in ended.err, ended
    ended = steve("move", "torso", "45deg", "clamp", "10mm", "--speed", "30deg/s")
    assert ended.code == 2 and "speed of clamp" in ended.err, ended


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["move", "torso", "45"], "deg"),
        (["move", "torso"], "no position"),
        (["move", "torso", "45deg", "torso", "10deg"], "twice"),
        (["move", "torso", "45deg", "--speed", "-1"], "negative"),
        (["move", "torso", "45deg", "--easing", "in_out_sin"], "in_out_sine"),
        (["move"], "required"),
        (["power", "of"], "possible values: on, off"),
        (["statsu"], "status"),
        (["status", "--timeout", "soon"], "seconds"),
        (["status", "--namespace", "1x"], "letters"),
        (["status", "--ros-args", "-r", "x"], "ros-args"),
    ],
)
def test_a_mistake_that_needs_no_robot_to_be_seen_is_told_at_once(domain, arguments, told):
    ended = run(domain, *arguments)
    assert ended.code == 2 and told in ended.err, ended
    assert "waiting" not in ended.err and ended.out == "", ended


def test_without_a_robot_it_says_where_it_looked(domain):
    ended = run(domain, "status", "--timeout", "4")
    assert ended.code == 3 and ended.out == "", ended
    waiting, failed = ended.err.splitlines()
    for line in (waiting, failed):
        assert "./run" in line and f"ROS_DOMAIN_ID={domain}" in line and "this machine only" in line, ended
    assert "waiting for the robot" in waiting and "4 s" in failed
    failure = run(domain, "power", "on", "--timeout", "0.1", "--json")
    assert failure.code == 3 and failure.json["success"] is False


# --- other robots ----------------------------------------------------------------------------------------------------


def test_a_robot_in_a_namespace_is_found_there_and_only_there(start):
    process = start("bringup", "--nodes", "arm", namespace="robot1")
    ended = run(process.domain, "--namespace", "robot1", "move", "torso", "10deg")
    assert ended.code == 0, ended
    assert process.client().position("torso") == pytest.approx(10 * DEGREES)
    assert run(process.domain, "status", "-n", "/robot1/").code == 0
    assert run(process.domain, "status", "--ros-args", "-r", "__ns:=/robot1").code == 0
    nowhere = run(process.domain, "status", "-n", "robot2", "--timeout", "1")
    assert nowhere.code == 3 and "namespace /robot2" in nowhere.err, nowhere


def test_a_robot_of_another_description_has_its_own_joints(start):
    description = os.path.join(os.path.dirname(__file__), "data", "pan_tilt.yaml")
    process = start("bringup", "--nodes", "arm", parameters={"robot": description})
    ended = run(process.domain, "move", "torso", "10deg")
    assert ended.code == 2 and "There are pan, tilt" in ended.err, ended
    ended = run(process.domain, "move", "pan", "10deg", "--json")
    assert ended.code == 0 and ended.json["joints"][0]["position"] == pytest.approx(10 * DEGREES), ended
    assert re.search(r"^pan +10\.0 deg", run(process.domain, "status").out, re.MULTILINE)


# --- the command itself ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completions_know_the_verbs(domain, shell):
    ended = run(domain, "completions", shell)
    assert ended.code == 0 and ended.err == "", ended
    for word in ("status", "move", "estop", "easing", "in_out_sine"):
        assert word in ended.out, word
    if shell == "bash":
        subprocess.run(["bash", "-n"], input=ended.out, text=True, check=True)


def test_help_tells_exit_codes_and_units(domain):
    text = run(domain, "--help").out
    for told in ("0    done", "1    refused", "2    ", "3    no robot found", "130  cancelled", "--ros-args"):
        assert told in text, text
    assert "deg, rad, mm and m" in run(domain, "move", "--help").out


def test_its_node_is_hidden_and_leaves_with_it(arm, shared_arm, steve_starts):
    watching = steve_starts("watch")
    assert watching.child.stdout.readline()
    hidden = (f"_steve_{watching.child.pid}", "/")
    wait_until(lambda: hidden in arm.nodes(), "the command's node on the graph")
    watching.interrupt()
    assert watching.end().code == 0
    wait_until(lambda: hidden not in arm.nodes(), "the command's node off the graph")


def test_positions_survive_the_way_through_degrees(arm, steve):
    assert steve("move", "torso", f"{math.degrees(1.0)}deg").code == 0
    assert arm.position("torso") == pytest.approx(1.0)


# --- light ------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def lights():
    with Process("leds", node="leds") as process:
        yield process


def test_light_sets_a_layer_takes_it_away_and_clears_all(lights):
    ended = run(lights.domain, "light", "orange", "--json")
    assert (ended.code, ended.json["layers"]) == (0, ["steve"]), ended
    ended = run(lights.domain, "light", "red", "#00ff00", "rgb(0 0 255)", "white", "--effect", "breathe", "--name", "other", "--json")
    assert (ended.code, ended.json["layers"]) == (0, ["steve", "other"]), ended
    ended = run(lights.domain, "light", "off")
    assert (ended.code, ended.out) == (0, "layer steve is off; layers now: other\n"), ended
    ended = run(lights.domain, "light", "clear", "--json")
    assert (ended.code, ended.json["message"]) == (0, "1 layer went"), ended


@pytest.mark.parametrize("arguments, said", [
    (["reddish"], "reddish is no colour"),
    (["red", "green"], "colors"),
    (["red", "--effect", "blink", "--period", "0"], "period"),
    (["red", "--lifetime", "-1"], "lifetime"),
    (["red", "--period", "soon"], "--period: soon is no number"),
    (["red", "--name", ""], "name"),
    (["red", "--effect", "sparkle"], "sparkle"),
])
def test_light_refuses_what_makes_no_sense(lights, arguments, said):
    ended = run(lights.domain, "light", *arguments)
    assert ended.code == 2 and said in ended.err, ended


def test_light_without_leds_ends_with_code_3(shared_arm):
    ended = run(shared_arm.domain, "--timeout", "1", "light", "red")
    assert ended.code == 3 and "leds/state" in ended.err, ended
