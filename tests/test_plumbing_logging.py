"""Log lines: on the console as rclcpp writes them, and on /rosout with level and node; levels from the command line."""

import re

import pytest
from rcl_interfaces.msg import Log

from harness import run_to_end
from harness.client import seconds

LINE = re.compile(r"\[(DEBUG|INFO|WARN|ERROR|FATAL)\] \[\d+\.\d{9}\] \[[a-z_]+\]: .")


def level(constant):
    """The constants of a byte field are bytes to rclpy."""
    return constant[0] if isinstance(constant, bytes) else constant


def test_log_lines_reach_rosout_with_level_node_and_time(arm):
    mark = arm.rosout.mark()
    arm.emergency_stop(True)
    warning = arm.rosout.wait_for(lambda line: "latched" in line.msg, mark)
    assert (warning.name, warning.level) == ("arm", level(Log.WARN))
    arm.emergency_stop(False)
    arm.stop()
    information = arm.rosout.wait_for(lambda line: line.level == level(Log.INFO), mark)
    assert information.name == "arm"
    assert seconds(information.message.stamp) > 1.7e9


def test_what_is_said_at_start_reaches_a_late_subscriber_of_rosout(start):
    steve = start("arm").client()
    steve.rosout.wait_for(lambda line: "ready" in line.msg and line.name == "arm")


def test_rosout_and_console_tell_the_same(start):
    process = start("arm")
    steve = process.client()
    steve.request("neck", 0.0)
    line = steve.rosout.wait_for(lambda line: "neck" in line.msg)
    process.log.wait_for(lambda said: said.endswith(f"[arm]: {line.msg}"))
    assert all(LINE.match(said) for said in process.log.since()), process.text()


def test_log_level_warn_leaves_information_out(start):
    process = start("arm", log_level="warn")
    steve = process.client()
    steve.stop()
    assert steve.request("neck", 0.0) is None
    process.log.wait_for(lambda line: "neck" in line)
    assert "[INFO]" not in process.text()
    steve.rosout.wait_for(lambda line: "neck" in line.msg)
    assert all(line.level >= level(Log.WARN) for line in steve.rosout.since() if line.name == "arm")


def test_log_level_debug_tells_more(start):
    process = start("arm", log_level="debug")
    steve = process.client()
    steve.move("torso", 0.05)
    process.log.wait_for(lambda line: "[DEBUG]" in line and "accepted" in line)
    steve.rosout.wait_for(lambda line: line.level == level(Log.DEBUG) and "accepted" in line.msg)


def test_log_level_of_one_logger_leaves_others_alone(start):
    process = start("arm", log_level="arm:=debug")
    process.client().move("torso", 0.05)
    process.log.wait_for(lambda line: "[DEBUG]" in line and "accepted" in line)
    process = start("arm", log_level="leds:=debug")
    process.client().move("torso", 0.05)
    assert "[DEBUG]" not in process.text()


@pytest.mark.parametrize("wanted", ["loud", "arm:=loud", ""])
def test_a_bad_log_level_ends_the_process_with_code_2(wanted):
    code, said = run_to_end("arm", log_level=wanted)
    assert code == 2 and "--log-level" in said, said
    assert "warn" in said, "what is allowed"
    assert "panic" not in said, said
