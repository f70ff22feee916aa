"""launch/steve.launch.py: what is started for which arguments.

plan() is tested everywhere. The tests at the end hand the file to the real launch and need launch_ros, which a
sourced ROS 2 has and PyPI has not.
"""

import importlib.util
import json
import os
import pathlib
import signal
import stat
import subprocess
import sys
import time

import pytest
import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent
FILE = ROOT / "launch" / "steve.launch.py"


@pytest.fixture(scope="module")
def steve():
    """The launch file as a module."""
    spec = importlib.util.spec_from_file_location("steve_launch", FILE)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look there
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def plan(steve):
    """plan() with default arguments and a desktop that has everything, unless told otherwise."""
    def with_changes(installed=("arm", "leds"), rviz=True, display=True, **changes):
        arguments = {name: default for name, default, _ in steve.ARGUMENTS}
        assert set(changes) <= set(arguments)
        machine = steve.Machine(frozenset(installed), rviz, display, ROOT)
        return steve.plan(arguments | changes, machine)
    return with_changes


def started(planned):
    processes, _ = planned
    return {process.executable: process for process in processes}


# --- plan() ---

def test_the_arguments_are_those_the_readme_names(steve):
    assert [name for name, _, _ in steve.ARGUMENTS] == [
        "use_mock_hardware", "namespace", "params_file", "use_rviz", "composed", "nodes"]


def test_by_default_everything_is_hosted_in_one_process_and_simulated(plan):
    processes, remarks = plan()
    assert [process.executable for process in processes] == ["bringup", "robot_state_publisher", "rviz2"]
    assert processes[0].arguments == ("--nodes", "all")
    assert processes[0].ros_arguments == ("-p", "arm:backend:=sim", "-p", "leds:backend:=sim")
    assert remarks == []


@pytest.mark.parametrize("said, servos, leds", [
    ("true", "sim", "sim"), ("True", "sim", "sim"), ("1", "sim", "sim"),
    ("false", "pca9685", "tlc59711"), ("False", "pca9685", "tlc59711"), ("0", "pca9685", "tlc59711")])
def test_mock_hardware_chooses_the_backends(plan, said, servos, leds):
    arguments = started(plan(use_mock_hardware=said))["bringup"].ros_arguments
    assert arguments == ("-p", f"arm:backend:={servos}", "-p", f"leds:backend:={leds}")


def test_only_those_that_have_one_are_told_of_a_backend(plan):
    assert started(plan(nodes="mouse,teleop"))["bringup"].ros_arguments == ()
    assert started(plan(nodes="leds,mouse"))["bringup"].ros_arguments == ("-p", "leds:backend:=sim")
    apart = started(plan(nodes="arm,mouse,leds", installed=["arm", "mouse", "leds"], composed="false", use_mock_hardware="false"))
    assert apart["arm"].ros_arguments == ("-p", "arm:backend:=pca9685")
    assert apart["leds"].ros_arguments == ("-p", "leds:backend:=tlc59711")
    assert apart["mouse"].ros_arguments == ()


def test_named_nodes_come_once_and_in_their_order(plan):
    assert started(plan(nodes=" leds, arm,leds "))["bringup"].arguments == ("--nodes", "arm,leds")


def test_all_among_names_is_all(plan):
    assert started(plan(nodes="arm,all"))["bringup"].arguments == ("--nodes", "all")


def test_not_composed_means_a_process_each(plan):
    assert list(started(plan(composed="false")))[:2] == ["arm", "leds"]
    assert "bringup" not in started(plan(composed="false"))


def test_not_composed_all_goes_without_what_is_not_built(plan):
    names = list(started(plan(installed=["speech", "arm"], composed="false")))
    assert names == ["arm", "speech", "robot_state_publisher", "rviz2"]


def test_a_named_node_that_is_not_built_is_an_error(plan):
    with pytest.raises(ValueError, match="speech is not installed.*there is arm, leds"):
        plan(nodes="arm,speech", composed="false")
    with pytest.raises(ValueError, match="build"):
        plan(installed=[], composed="false")


def test_the_robot_ends_with_bringup_and_not_with_rviz(plan):
    essential = {name for name, process in started(plan()).items() if process.essential}
    assert essential == {"bringup"}


def test_robot_state_publisher_gets_the_urdf_itself(plan):
    (parameters,) = started(plan())["robot_state_publisher"].parameters
    assert parameters == {"robot_description": (ROOT / "urdf" / "steve.urdf").read_text()}


def test_tf_is_in_the_robots_namespace(plan):
    for name in ("robot_state_publisher", "rviz2"):
        assert dict(started(plan(namespace="desk"))[name].remappings) == {"/tf": "tf", "/tf_static": "tf_static"}


def test_without_rviz(plan):
    assert "rviz2" not in started(plan(use_rviz="false"))


@pytest.mark.parametrize("machine, said", [({"rviz": False}, "not installed"), ({"display": False}, "no display")])
def test_rviz_that_cannot_be_shown_is_said_and_no_failure(plan, machine, said):
    processes, remarks = plan(**machine)
    assert "rviz2" not in {process.executable for process in processes}
    assert len(remarks) == 1 and said in remarks[0]
    assert plan(use_rviz="false", **machine)[1] == []


def test_a_params_file_goes_to_our_nodes_and_its_path_may_be_relative(plan, tmp_path, monkeypatch):
    (tmp_path / "mine.yaml").write_text("arm: {ros__parameters: {state_rate: 10.0}}\n")
    monkeypatch.chdir(tmp_path)
    for arguments in ({"composed": "true"}, {"composed": "false", "nodes": "arm"}):
        processes = started(plan(params_file="mine.yaml", **arguments))
        ours = processes.get("bringup") or processes["arm"]
        assert ours.parameters == (str(tmp_path / "mine.yaml"),)
        assert processes["robot_state_publisher"].parameters != ours.parameters


@pytest.mark.parametrize("arguments, said", [
    ({"use_mock_hardware": "maybe"}, "use_mock_hardware: 'maybe' is neither true nor false"),
    ({"composed": ""}, "composed: '' is neither"),
    ({"use_rviz": "2"}, "use_rviz: '2' is neither"),
    ({"nodes": "arn"}, "no node 'arn'; did you mean arm"),
    ({"nodes": "all,vision"}, "no node 'vision'; there are arm, leds"),
    ({"nodes": ","}, "no node is named"),
    ({"params_file": "/nowhere/params.yaml"}, "params_file: there is no file '/nowhere/params.yaml'"),
    ({"params_file": "/"}, "there is no file"),
    ({"namespace": "9lives"}, "namespace: '9lives'"),
    ({"namespace": "a//b"}, "namespace:"),
    ({"namespace": "a__b"}, "namespace:"),
    ({"namespace": "a/"}, "namespace:"),
    ({"namespace": "~/a"}, "namespace:"),
    ({"namespace": "my desk"}, "namespace:"),
])
def test_a_wrong_argument_is_named_with_its_value(plan, arguments, said):
    with pytest.raises(ValueError, match=said.replace("(", r"\(")):
        plan(**arguments)


@pytest.mark.parametrize("namespace", ["", "/", "desk", "/desk", "lab_2/desk/_a"])
def test_namespaces_as_ros_allows_them(plan, namespace):
    plan(namespace=namespace)


# --- rviz/steve.rviz ---

def displays():
    config = yaml.safe_load((ROOT / "rviz" / "steve.rviz").read_text())["Visualization Manager"]
    return config, {display["Name"]: display for display in config["Displays"]}


def test_rviz_shows_the_robot_and_its_lights_over_a_grid():
    config, shown = displays()
    assert config["Global Options"]["Fixed Frame"] == "base_link"
    assert {name: display["Enabled"] for name, display in shown.items()} == {
        "Grid": True, "RobotModel": True, "LEDs": True, "TF": False}
    for display in shown.values():
        assert display["Value"] == display["Enabled"]


def test_rviz_topics_are_relative_and_the_description_is_latched():
    _, shown = displays()
    description = shown["RobotModel"]["Description Topic"]
    assert description["Value"] == "robot_description"
    assert description["Durability Policy"] == "Transient Local"
    assert shown["LEDs"]["Topic"]["Value"] == "leds/markers"


# --- the real launch, with executables that only tell how they were called ---

try:
    import launch_ros  # noqa: F401
    MISSING = None
except ImportError as error:
    MISSING = f"needs the real launch: source a ROS 2 that has launch_ros ({error})"
with_launch = pytest.mark.skipif(MISSING is not None, reason=str(MISSING))

TELLTALE = """#!{python}
import json, os, pathlib, signal, sys, time
me = pathlib.Path(sys.argv[0]).name
params = [open(b).read() for a, b in zip(sys.argv, sys.argv[1:]) if a == "--params-file"]
signal.signal(signal.SIGINT, lambda *_: (print("INTERRUPTED", flush=True), sys.exit(0)))
(pathlib.Path({told!r}) / me).write_text(json.dumps([sys.argv[1:], params]))
print("STARTED", flush=True)
time.sleep({life})
"""


@pytest.fixture
def launched(tmp_path):
    """Runs the launch file on a prefix of fakes; returns the output, the exit code and who told what."""
    def make(package, executable, life):
        (tmp_path / "share/ament_index/resource_index/packages").mkdir(parents=True, exist_ok=True)
        (tmp_path / "share/ament_index/resource_index/packages" / package).touch()
        (tmp_path / "lib" / package).mkdir(parents=True, exist_ok=True)
        path = tmp_path / "lib" / package / executable
        path.write_text(TELLTALE.format(python=sys.executable, life=life, told=str(tmp_path / "told")))
        path.chmod(path.stat().st_mode | stat.S_IXUSR)

    def run(*arguments, life=0.5, lives=None, interrupt_after=None, rviz=True, display=":0"):
        for node in ("bringup", "arm", "leds"):
            make("shaky_steve", node, (lives or {}).get(node, life))
        make("robot_state_publisher", "robot_state_publisher", life)
        if rviz:
            make("rviz2", "rviz2", life)
        environment = os.environ | {
            "AMENT_PREFIX_PATH": f"{tmp_path}:{os.environ.get('AMENT_PREFIX_PATH', '')}",
            "ROS_LOG_DIR": str(tmp_path / "log"), "DISPLAY": display, "WAYLAND_DISPLAY": "",
        }
        (tmp_path / "told").mkdir()
        log = tmp_path / "output.txt"
        with log.open("w") as stream:
            child = subprocess.Popen(
                [sys.executable, "-c", RUNNER, str(FILE), *arguments], env=environment,
                stdout=stream, stderr=subprocess.STDOUT, start_new_session=True)
        try:
            if interrupt_after is not None:
                deadline = time.monotonic() + 30
                while log.read_text().count("STARTED") < interrupt_after and time.monotonic() < deadline:
                    time.sleep(0.05)
                os.killpg(child.pid, signal.SIGINT)  # as Ctrl-C in a terminal: launch and all it started
            child.wait(timeout=60)
        finally:
            if child.poll() is None:
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()
        output = log.read_text()
        told = {file.name: json.loads(file.read_text()) for file in (tmp_path / "told").iterdir()}
        return output, child.returncode, told

    return run


# What `ros2 launch` does, without ros2cli.
RUNNER = """
import sys
from launch import LaunchDescription, LaunchService
from launch.actions import IncludeLaunchDescription
from launch.launch_description_sources import PythonLaunchDescriptionSource
service = LaunchService(argv=sys.argv[2:])
arguments = [tuple(argument.split(":=", 1)) for argument in sys.argv[2:]]
service.include_launch_description(LaunchDescription([
    IncludeLaunchDescription(PythonLaunchDescriptionSource(sys.argv[1]), launch_arguments=arguments)]))
sys.exit(service.run())
"""


@with_launch
def test_real_launch_starts_what_was_planned(launched):
    output, code, told = launched("namespace:=lab/desk", "use_mock_hardware:=false")
    assert code == 0, output
    assert set(told) == {"bringup", "robot_state_publisher", "rviz2"}, output
    for argv, _ in told.values():
        assert "__ns:=/lab/desk" in argv
        assert not any("__node:=" in argument for argument in argv)
    argv, _ = told["bringup"]
    assert argv[:2] == ["--nodes", "all"] and "arm:backend:=pca9685" in argv and "leds:backend:=tlc59711" in argv
    argv, params = told["robot_state_publisher"]
    assert "/tf:=tf" in argv
    urdf = yaml.safe_load(params[0])["/**"]["ros__parameters"]["robot_description"]
    assert urdf == (ROOT / "urdf" / "steve.urdf").read_text()


@with_launch
def test_real_launch_passes_a_params_file_and_starts_nodes_apart(launched, tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text("arm: {ros__parameters: {state_rate: 10.0}}\n")
    output, code, told = launched(f"params_file:={file}", "composed:=false", "use_rviz:=false")
    assert code == 0, output
    assert set(told) == {"arm", "leds", "robot_state_publisher"}, output
    assert told["arm"][1] == [file.read_text()]


@with_launch
def test_real_launch_refuses_a_wrong_argument_and_starts_nothing(launched):
    output, code, told = launched("nodes:=arn")
    assert code == 1 and "did you mean arm?" in output and not told, output


@with_launch
def test_real_launch_says_that_there_is_no_display(launched):
    output, code, told = launched(display="")
    assert code == 0 and "no display for rviz2" in output and "rviz2" not in told, output


@with_launch
def test_real_launch_ends_all_on_interrupt(launched):
    began = time.monotonic()
    output, code, told = launched(life=60, interrupt_after=3)
    assert set(told) == {"bringup", "robot_state_publisher", "rviz2"}, output
    assert output.count("INTERRUPTED") == 3 and "has died" not in output, output
    assert time.monotonic() - began < 30 and code is not None


@with_launch
def test_real_launch_ends_all_when_bringup_ends(launched):
    output, _, told = launched(life=60, lives={"bringup": 1})
    assert "was required" in output and len(told) == 3, output
    assert output.count("INTERRUPTED") == 2, output
