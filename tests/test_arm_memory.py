"""What the arm remembers over a restart: where it left each joint, and which it had better not claim to know."""

import json
import math
import os
import re
import shutil
import signal
import threading
import time
from pathlib import Path

import pytest
from harness import run_to_end, wait_until
from harness.steve import JOINTS, position_in, servo

ROBOT = Path(__file__).resolve().parent.parent / "config" / "steve.yaml"


@pytest.fixture
def file(tmp_path):
    """Where the positions are remembered; the folder is the node's to make."""
    return tmp_path / "state" / "steve.json"


@pytest.fixture
def start_arm(start, file):
    """Starts an arm that remembers: as a real one, it knows of its servos only that. Gives its process and its client."""

    def started(**parameters):
        process = start("arm", parameters={"state_file": str(file), "sim_start": "unknown", **parameters})
        return process, process.client()

    return started


def remembered(file):
    """Joint and position of what the file claims to know."""
    try:
        joints = json.loads(file.read_text())["joints"]
    except FileNotFoundError:
        return {}
    return {joint["name"]: joint["position"] for joint in joints if joint["position"] is not None}


def wait_until_remembered(file, **positions):
    def there():
        known = remembered(file)
        return all(joint in known and math.isclose(known[joint], at, abs_tol=1e-9) for joint, at in positions.items())

    wait_until(there, f"{positions} in {file}")


def known(steve):
    """Joint and position of a joint_states message made now."""
    message = steve.fresh_joint_state()
    return dict(zip(message.name, message.position))


@pytest.fixture
def arm_at_home(start_arm, file):
    """An arm that knows all its joints, and has written that down: quicker than to creep home."""
    process, steve = start_arm(sim_start="home")
    wait_until_remembered(file, **dict.fromkeys(JOINTS, 0.0))
    return process, steve


# --- the first start --------------------------------------------------------------------------------------------------


def test_at_the_first_start_nothing_is_known_and_a_move_is_refused_with_the_reason(start_arm):
    process, steve = start_arm()
    assert not any(message.name or message.position for message in steve.joint_states.wait_for_count(3))
    state = steve.state.last
    assert [joint.message for joint in state.joints] == ["position unknown"] * len(JOINTS)
    assert not any(joint.position_known or joint.powered for joint in state.joints)

    rosout = steve.rosout.mark()
    assert steve.request("torso", 0.1) is None
    told = steve.rosout.wait_for(lambda line: "rejected" in line.msg and "torso" in line.msg, rosout)
    assert "unknown" in told.msg and "power_on" in told.msg, told.msg
    assert known(steve) == {}, "and it has not moved"


def test_with_power_on_home_a_joint_creeps_home_and_is_known_only_when_it_is_there(start_arm):
    process, steve = start_arm(power_on="home", sim_seed=3)
    mark = steve.joint_states.mark()
    goal = steve.start("torso", 0.3)
    state = steve.wait_for_state(lambda state: servo(state, "torso").moving, "torso on its way home")
    torso = servo(state, "torso")
    assert torso.powered and not torso.position_known and "home" in torso.message and "unknown" in torso.message, torso
    assert not servo(state, "elbow").moving, "no other joint"

    end = goal.result()
    assert (end.status, end.position) == ("SUCCEEDED", pytest.approx(0.3))
    state = steve.wait_for_state(lambda state: not state.moving, "at rest")
    assert servo(state, "torso").position_known
    assert known(steve) == {"torso": pytest.approx(0.3)}
    told = [message for message in steve.joint_states.since(mark) if message.name]
    assert abs(position_in(told[0], "torso")) < 0.3, "from home on, not before"


# --- the next start ---------------------------------------------------------------------------------------------------


def test_after_sigint_the_next_start_knows_where_every_joint_is_and_power_moves_nothing(start_arm):
    process, steve = start_arm(power_on="home")
    assert steve.power(True).success
    steve.joint_states.wait_for(lambda message: list(message.name) == JOINTS, what="with every joint")
    left = {"torso": 0.7, "elbow": -0.2, "wrist_lr": 1.1, "clamp": 0.0123, "shoulder": 0.0, "wrist_ud": 0.0}
    goals = [steve.start(joint, position) for joint, position in left.items() if position]
    assert {goal.result().status for goal in goals} == {"SUCCEEDED"}
    process.end(signal.SIGINT)

    process, steve = start_arm()
    assert known(steve) == pytest.approx(left, abs=1e-9)
    state = steve.state.last
    assert all(joint.position_known and not joint.powered for joint in state.joints)
    mark = steve.joint_states.mark()
    assert steve.power(True).success
    steve.wait_for_state(lambda state: all(joint.powered for joint in state.joints), "powered")
    steve.joint_states.wait_for_count(25, steve.joint_states.mark())
    for message in steve.joint_states.since(mark):
        assert dict(zip(message.name, message.position)) == pytest.approx(left, abs=1e-9)
        assert set(message.velocity) == {0.0}
    # What the simulated servos do, which no setpoint shows.
    horns = {}
    for status in steve.diagnostics().last.status:
        if status.name.startswith("arm: joint "):
            horns[status.name.removeprefix("arm: joint ")] = next(float(v.value) for v in status.values if v.key == "simulated horn")
    assert horns == pytest.approx(left, abs=0.01)
    assert steve.move("torso", 0.6).status == "SUCCEEDED", "without coming home first"


def test_sigint_in_mid_motion_remembers_where_the_joint_was_stopped(start_arm, arm_at_home):
    process, steve = arm_at_home
    goal = steve.start("torso", 1.4, speed=0.3)
    steve.joint_states.wait_for(lambda message: position_in(message, "torso") > 0.1, what="with torso on its way")
    process.end(signal.SIGINT)
    end = goal.result()
    assert end.status == "ABORTED" and 0.1 < end.position < 1.3, end
    process, steve = start_arm()
    assert known(steve) == pytest.approx(dict.fromkeys(JOINTS, 0.0) | {"torso": end.position}, abs=1e-6)


def test_after_sigkill_in_mid_motion_the_joint_that_moved_is_unknown_and_the_others_are_known(start_arm, arm_at_home, file):
    process, steve = arm_at_home
    assert steve.move("elbow", 0.4).status == "SUCCEEDED"
    wait_until_remembered(file, elbow=0.4, torso=0.0)
    goal = steve.start("torso", 1.4, speed=0.1)
    steve.wait_for_motion("torso")
    # Within a second; until then the file may be as it was.
    wait_until(lambda: "torso" not in remembered(file), "a file that does not claim to know torso")
    assert not goal.ended(), "it was told in mid-motion"
    process.kill()

    process, steve = start_arm()
    others = dict.fromkeys(JOINTS, 0.0) | {"elbow": 0.4}
    del others["torso"]
    assert known(steve) == pytest.approx(others, abs=1e-9)
    told = process.log.wait_for(lambda line: "torso" in line and "unknown" in line)
    assert "WARN" in told and "moving" in told, told
    assert servo(steve.state.last, "torso").message == "position unknown"
    assert steve.request("torso", 0.1) is None
    assert steve.move("elbow", 0.3).status == "SUCCEEDED"


def test_after_sigkill_at_rest_everything_is_known(start_arm, arm_at_home, file):
    process, steve = arm_at_home
    assert steve.move("torso", 0.5).status == "SUCCEEDED"
    assert steve.move("clamp", 0.02).status == "SUCCEEDED"
    wait_until_remembered(file, torso=0.5, clamp=0.02)
    process.kill()
    process, steve = start_arm()
    assert known(steve) == pytest.approx(dict.fromkeys(JOINTS, 0.0) | {"torso": 0.5, "clamp": 0.02}, abs=1e-9)


def test_what_creeps_home_is_unknown_to_the_next_start(start_arm, arm_at_home, file):
    process, steve = arm_at_home
    process.end(signal.SIGINT)
    text = json.loads(file.read_text())
    for joint in text["joints"]:
        if joint["name"] == "torso":
            joint.update(position=None, pulse_us=None)
    file.write_text(json.dumps(text))

    process, steve = start_arm(power_on="home")
    steve.start("torso", 0.3)
    steve.wait_for_state(lambda state: servo(state, "torso").moving, "torso on its way home")
    process.kill()
    process, steve = start_arm()
    assert sorted(known(steve)) == sorted(set(JOINTS) - {"torso"})


# --- files that are no good -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["", "{", "[1, 2]", '{"version": 1}', '{"version": 99, "joints": []}', "\0" * 100_000], ids=lambda text: text[:20].strip("\0"),
)
def test_a_damaged_file_is_set_aside_with_a_warning_and_nothing_is_known(start_arm, file, text):
    file.parent.mkdir()
    file.write_text(text)
    process, steve = start_arm()
    aside = file.with_name("steve.json.bad-1")
    told = process.log.wait_for(lambda line: str(aside) in line)
    assert "WARN" in told and f"{file}:" in told, told
    assert aside.read_text() == text
    assert known(steve) == {}


def test_the_file_of_another_robot_is_set_aside_and_one_that_lies_there_already_is_kept(start_arm, file, tmp_path):
    other = tmp_path / "other.yaml"
    other.write_text(re.sub("^name: steve$", "name: other", ROBOT.read_text(), flags=re.MULTILINE))
    process, steve = start_arm(sim_start="home", robot=str(other))
    wait_until_remembered(file, torso=0.0)
    process.end(signal.SIGINT)
    older = file.with_name("steve.json.bad-1")
    older.write_text("older")

    process, steve = start_arm()
    told = process.log.wait_for(lambda line: ".bad-2" in line)
    assert "WARN" in told and "`other`" in told and "`steve`" in told, told
    assert known(steve) == {}
    assert older.read_text() == "older" and "other" in file.with_name("steve.json.bad-2").read_text()
    process.end(signal.SIGINT)

    # Back to the other: nobody has its positions any more, and it works.
    process, steve = start_arm(robot=str(other), power_on="home")
    assert steve.move("torso", 0.1).status == "SUCCEEDED"


def test_more_than_nine_bad_files_are_not_kept_and_the_arm_works_without_memory(start_arm, file):
    file.parent.mkdir()
    for number in range(1, 10):
        file.with_name(f"steve.json.bad-{number}").write_text(str(number))
    file.write_text("tenth")
    process, steve = start_arm(power_on="home")
    told = process.log.wait_for(lambda line: "not remembered" in line)
    assert "WARN" in told and "remove them" in told, told
    assert file.read_text() == "tenth" and file.with_name("steve.json.bad-9").read_text() == "9"
    assert steve.move("torso", 0.1).status == "SUCCEEDED"


def test_a_joint_whose_calibration_has_changed_is_unknown(start_arm, arm_at_home, tmp_path):
    process, _ = arm_at_home
    process.end(signal.SIGINT)
    changed = tmp_path / "changed.yaml"
    text = ROBOT.read_text()
    assert "0: 0.47" in text, "torso's"
    changed.write_text(text.replace("0: 0.47", "0: 0.52"))
    process, steve = start_arm(robot=str(changed))
    assert sorted(known(steve)) == sorted(set(JOINTS) - {"torso"})
    process.log.wait_for(lambda line: "WARN" in line and "torso" in line and "calibration" in line)


# --- whose file it is -------------------------------------------------------------------------------------------------


def test_a_second_arm_with_the_same_file_is_refused_and_the_first_goes_on(arm_at_home, file, tmp_path):
    process, steve = arm_at_home
    other_name = tmp_path / "link.json"
    other_name.symlink_to(file)
    for path in (file, other_name):
        code, said = run_to_end("arm", parameters={"state_file": str(path), "sim_start": "unknown"})
        assert code == 1, said
        assert "state_file" in said and "in use" in said and str(process.pid) in said, said
        assert "panic" not in said and "is ready" not in said, said
    assert steve.move("torso", 0.2).status == "SUCCEEDED"
    wait_until_remembered(file, torso=0.2)


def test_what_a_killed_arm_held_is_free_again(start_arm, arm_at_home):
    process, _ = arm_at_home
    process.kill()
    process, steve = start_arm()
    assert sorted(known(steve)) == sorted(JOINTS)


@pytest.mark.parametrize("state_file", ["none", ""])
def test_a_simulated_arm_remembers_nothing_unless_it_is_told_where(start, monkeypatch, tmp_path, state_file):
    for variable in ("HOME", "XDG_STATE_HOME", "STATE_DIRECTORY"):
        monkeypatch.setenv(variable, str(tmp_path))
    process = start("arm", parameters={"state_file": state_file})
    assert process.client().move("torso", 0.2).status == "SUCCEEDED"
    process.end(signal.SIGINT)
    assert list(tmp_path.rglob("*")) == []
    assert not Path("none").exists()


def test_a_file_in_the_home_folder_can_be_named_as_in_a_shell(start_arm, monkeypatch, tmp_path):
    # A parameter file has no shell that would say where `~` is.
    monkeypatch.setenv("HOME", str(tmp_path))
    start_arm(state_file="~/memory/steve.json", sim_start="home")
    wait_until_remembered(tmp_path / "memory" / "steve.json", torso=0.0)
    assert not Path("~").exists()


# --- disks that refuse ------------------------------------------------------------------------------------------------


def test_a_folder_that_cannot_be_made_is_a_warning_and_the_arm_works(start_arm, tmp_path):
    (tmp_path / "state").write_text("no folder")
    process, steve = start_arm(sim_start="home")
    told = process.log.wait_for(lambda line: "not remembered" in line)
    assert "WARN" in told and str(tmp_path / "state") in told, told
    assert steve.move("torso", 0.2).status == "SUCCEEDED"


def test_a_folder_in_the_place_of_the_file_is_a_warning_and_the_arm_works(start_arm, file):
    file.mkdir(parents=True)
    process, steve = start_arm(sim_start="home")
    process.log.wait_for(lambda line: "WARN" in line and "not remembered" in line and "not a file" in line)
    assert steve.move("torso", 0.2).status == "SUCCEEDED"


@pytest.mark.skipif(os.getuid() == 0, reason="to root every folder is writable")
def test_a_folder_without_permission_is_a_warning_and_the_arm_works(start_arm, tmp_path):
    (tmp_path / "state").mkdir(mode=0o500)
    process, steve = start_arm(sim_start="home")
    process.log.wait_for(lambda line: "WARN" in line and "not remembered" in line and "permission" in line.lower())
    assert steve.move("torso", 0.2).status == "SUCCEEDED"


def test_a_folder_that_goes_away_is_a_warning_and_when_it_is_back_it_is_written_to(arm_at_home, file):
    process, steve = arm_at_home
    shutil.rmtree(file.parent)
    assert steve.move("torso", 0.2).status == "SUCCEEDED"
    told = process.log.wait_for(lambda line: str(file) in line and "cannot write" in line)
    assert "WARN" in told, told
    assert steve.move("torso", 0.3).status == "SUCCEEDED", "the arm does not notice"
    file.parent.mkdir()
    assert steve.move("torso", 0.4).status == "SUCCEEDED"
    wait_until_remembered(file, torso=0.4)
    process.log.wait_for(lambda line: str(file) in line and "written again" in line)


# --- how often it is written ------------------------------------------------------------------------------------------


class Versions:
    """Watches a file and keeps every version of it that was seen."""

    def __init__(self, file):
        self._file = file
        self.seen = set()
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def _watch(self):
        while not self._end.wait(0.005):
            status = self._file.stat()
            self.seen.add((status.st_ino, status.st_mtime_ns))

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._end.set()
        self._thread.join()


def test_however_many_moves_the_file_is_written_no_more_than_once_a_second(arm_at_home, file):
    _, steve = arm_at_home
    moves, started = 0, time.monotonic()
    with Versions(file) as versions:
        while time.monotonic() < started + 5:
            assert steve.move("torso", 0.05 * (moves % 2 + 1)).status == "SUCCEEDED"
            moves += 1
    seconds = time.monotonic() - started
    assert moves > 5 and 2 <= len(versions.seen) <= seconds + 2, (moves, seconds, versions.seen)
    wait_until_remembered(file, torso=0.05 * ((moves - 1) % 2 + 1))


def test_an_arm_at_rest_writes_nothing(arm_at_home, file):
    _, steve = arm_at_home
    with Versions(file) as versions:
        steve.joint_states.wait_for_count(100, steve.joint_states.mark())
    assert len(versions.seen) == 1
