"""Backends of real servos on a machine that has none: an end with words that help, and never a simulation instead."""

import re
from pathlib import Path

import pytest
from harness import run_to_end
from sensor_msgs.msg import JointState

ROBOT = Path(__file__).resolve().parent.parent / "config" / "steve.yaml"
# A bus that no machine has: where these tests run nothing may move.
NO_BUS = 217

EXECUTABLES = pytest.mark.parametrize("command", [("arm",), ("bringup", "--nodes", "arm"), ("bringup",)], ids=" ".join)


def is_raspberry_pi():
    model = Path("/proc/device-tree/model")
    return model.is_file() and "Raspberry Pi" in model.read_text(errors="replace")


@pytest.fixture(autouse=True)
def home(monkeypatch, tmp_path):
    """Positions of real servos are remembered in the user's home: not in that of who runs the tests."""
    for variable in ("XDG_STATE_HOME", "STATE_DIRECTORY"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def robot(tmp_path):
    """Steve on an I2C bus that is not there, with a pin of a Pi at each servo."""
    text = re.sub(r"^  bus: \d+$", f"  bus: {NO_BUS}", ROBOT.read_text(), flags=re.MULTILINE)
    text = re.sub(r"^    channel: (\d+)$", lambda found: f"{found[0]}\n    gpio_pin: {int(found[1]) + 4}", text, flags=re.MULTILINE)
    assert f"bus: {NO_BUS}" in text and text.count("    gpio_pin:") == 6
    file = tmp_path / "robot.yaml"
    file.write_text(text)
    return str(file)


def assert_ended_with_help(code, said, *words):
    assert code == 1, (code, said)
    assert all(word in said for word in words), (words, said)
    assert "is ready" not in said and "panic" not in said and "starts again" not in said, said


@EXECUTABLES
def test_without_the_i2c_bus_the_process_ends_with_code_1_and_says_what_to_do(command, robot):
    ended = run_to_end(*command, parameters={"backend": "pca9685", "robot": robot})
    assert_ended_with_help(*ended, f"/dev/i2c-{NO_BUS}", "raspi-config", "modprobe i2c-dev", "pca9685.bus")


@pytest.mark.skipif(Path("/dev/i2c-1").exists(), reason="this machine has an I2C bus, and perhaps servos on it")
def test_without_i2c_the_robot_as_installed_ends_with_code_1_and_says_what_to_do():
    assert_ended_with_help(*run_to_end("bringup", parameters={"backend": "pca9685"}), "/dev/i2c-1", "raspi-config")


@EXECUTABLES
def test_without_pins_in_the_robots_file_backend_gpio_ends_with_code_1_and_names_the_joints(command):
    ended = run_to_end(*command, parameters={"backend": "gpio"})
    assert_ended_with_help(*ended, "gpio_pin", "torso", "shoulder", "elbow", "wrist_ud", "wrist_lr", "clamp")


@pytest.mark.skipif(is_raspberry_pi(), reason="this is a Raspberry Pi, perhaps with servos at its pins")
@EXECUTABLES
def test_where_there_are_no_pins_backend_gpio_ends_with_code_1_and_says_so(command, robot):
    ended = run_to_end(*command, parameters={"backend": "gpio", "robot": robot})
    assert_ended_with_help(*ended, "Raspberry Pi", "sim")


@pytest.mark.parametrize("backend", ["pca9685", "gpio"])
def test_nothing_is_simulated_instead(start, domain, observer, robot, backend):
    if backend == "gpio" and is_raspberry_pi():
        pytest.skip("this is a Raspberry Pi, perhaps with servos at its pins")
    joint_states = observer.record(JointState, "/joint_states")
    process = start("bringup", node=None, domain=domain, parameters={"backend": backend, "robot": robot})
    assert process.wait() == 1
    assert joint_states.since() == []
    assert "on backend" not in process.text()


@pytest.mark.parametrize("backend", ["pca9685", "gpio"])
def test_what_is_of_the_simulation_alone_does_not_make_real_servos_work(robot, backend):
    if backend == "gpio" and is_raspberry_pi():
        pytest.skip("this is a Raspberry Pi, perhaps with servos at its pins")
    parameters = {"backend": backend, "robot": robot, "sim_start": "home", "sim_fault": "nak", "state_file": "none"}
    assert_ended_with_help(*run_to_end("arm", parameters=parameters))


@EXECUTABLES
def test_an_unknown_backend_is_refused_with_the_known_ones(command):
    code, said = run_to_end(*command, parameters={"backend": "pca9686"})
    assert code == 2 and 'backend: "pca9686"' in said, said
    assert all(name in said for name in ("sim", "pca9685", "gpio")), said
    assert "panic" not in said and "is ready" not in said, said


def test_hardware_that_is_not_there_leaves_no_positions_behind(home, robot):
    run_to_end("arm", parameters={"backend": "pca9685", "robot": robot})
    assert not list(home.rglob("*.json"))
