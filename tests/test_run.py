"""./run as a newcomer uses it: the card that it prints is true, its commands work in a fresh terminal, Ctrl-C leaves nothing."""

import os
import re
import signal
import subprocess
from pathlib import Path

import pytest
from harness import TIMEOUT, Client, wait_until

ROOT = Path(__file__).resolve().parent.parent


def fresh_terminal(command, **options):
    """A login shell's worth of environment: nothing that this test has sourced."""
    kept = {name: os.environ[name] for name in ("HOME", "USER", "TERM", "SHAKY_STEVE_CACHE") if name in os.environ}
    environment = kept | {"PATH": "/usr/local/bin:/usr/bin:/bin"}
    return subprocess.Popen(
        ["bash", "-c", command], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options
    )


def processes_of_group(group):
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == group and fields[0] != "Z":
            found.append(status.parent.name)
    return found


@pytest.fixture
def run(domain):
    """Starts ./run; gives its process and what it has said so far."""
    processes = []

    def start(*arguments):
        process = subprocess.Popen(
            [ROOT / "run", "--debug", *arguments],
            env=os.environ | {"ROS_DOMAIN_ID": str(domain), "CI": "true"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        processes.append(process)
        lines = []
        for line in process.stdout:
            lines.append(line)
            if re.search(r"\bready\b", line):
                return process, "".join(lines)
        pytest.fail("./run ended before the robot was ready:\n" + "".join(lines))

    yield start
    for process in processes:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.mark.parametrize("namespace", ["", "/desk"])
def test_the_card_is_true_and_ctrl_c_leaves_nothing_behind(run, domain, namespace):
    process, card = run(*(["--namespace", namespace] if namespace else []))
    commands = re.findall(r"^    (\S.*&& steve.*)$", card, re.MULTILINE)
    assert len(commands) == 4, card

    with Client(domain) as client:
        names = [name for names in re.findall(r"^  [a-z]* +(?:topics|actions|services) +(.*)$", card, re.MULTILINE) for name in names.split()]
        for name in ("joint_states", "arm/play_motion", "arm/stop", "leds/set", "mouse/events", "spacenav/joy"):
            assert f"{namespace}/{name}" in names

        def on_graph():
            there = [name for name, _ in client.node.get_topic_names_and_types()]
            there += [name for name, _ in client.node.get_service_names_and_types()]
            # an action is seen by the services that it is made of
            return [name for name in names if name not in there and f"{name}/_action/send_goal" not in there] == []

        wait_until(on_graph, "every name of the card is on the graph")

    for command in commands:
        watch = command.endswith("watch")
        terminal = fresh_terminal(("timeout -s INT 5 bash -c " + subprocess.list2cmdline([command])) if watch else command)
        output, complaint = terminal.communicate(timeout=TIMEOUT)
        assert ("layer steve is on" if " light " in command else "torso") in output, f"{command}\n{output}{complaint}"
        if not watch:
            assert terminal.returncode == 0, f"{command}\n{output}{complaint}"

    os.killpg(process.pid, signal.SIGINT)
    process.stdout.read()
    assert process.wait(timeout=TIMEOUT) == 0
    assert processes_of_group(process.pid) == []


def test_an_unknown_option_ends_run_with_code_2_and_the_usage():
    ended = subprocess.run([ROOT / "run", "--mock-hardwear", "true"], capture_output=True, text=True)
    assert ended.returncode == 2
    assert "--mock-hardwear" in ended.stderr and "Usage" in ended.stderr


def test_a_bad_value_ends_run_with_code_2_and_what_is_allowed():
    ended = subprocess.run([ROOT / "run", "--mock-hardware", "perhaps"], capture_output=True, text=True)
    assert ended.returncode == 2
    assert "'perhaps' is neither true nor false" in ended.stderr


def test_the_card_names_what_the_hosted_nodes_offer_and_no_more(run):
    _, card = run("--nodes", "leds")
    assert "/leds/set" in card and "steve light" in card
    assert "arm/" not in card and "mouse" not in card and "steve move" not in card
