"""Node mouse: the simulated mouse, and parameters that are refused."""

import contextlib
import re
import signal
import time

import pytest
from shaky_steve.msg import MouseEvent

from harness import run_to_end, wait_until
from harness.mouse import Mouse

SIM = {"source": "sim", "sim_period": 0.02, "sim_probability": 0.7}


def moved(mouse):
    """The deflections that were heard, none of which comes twice; what was told before we were known is not among them."""
    return [tuple(event.axes) for event in mouse.events.since() if event.type == MouseEvent.MOTION and any(event.axes)]


def in_common(one, other):
    """How many both have in the same order, from the first that both have."""
    for first, second in ((one, other), (other, one)):
        if second and second[0] in first:
            first = first[first.index(second[0]):]
            length = min(len(first), len(second))
            assert first[:length] == second[:length]
            return length
    return 0


def test_the_simulated_mouse_says_that_it_moves_by_itself_and_does(start):
    process = start("mouse", node="mouse", parameters=SIM)
    with Mouse(process) as mouse:
        process.log.wait_for(lambda line: "[WARN]" in line and "moves by itself" in line)
        events = mouse.events.wait_for_count(40)
        assert {MouseEvent.MOTION, MouseEvent.BUTTON} <= {event.type for event in events}
        assert all(-1 <= axis <= 1 for event in events for axis in event.axes)
        mouse.joy.wait_for(lambda joy: any(joy.axes))
        _, values = mouse.status("source")
        assert (values["source"], values["connected"]) == ("sim", "true")
        assert "simulated" in mouse.status("device")[1]["name"]


def test_the_same_seed_gives_the_same_events_and_another_gives_others(start):
    with contextlib.ExitStack() as stack:
        first, again, other = (
            stack.enter_context(Mouse(start("mouse", node="mouse", parameters={**SIM, "sim_seed": seed}))) for seed in (7, 7, 8)
        )
        wait_until(lambda: in_common(moved(first), moved(again)) > 30, "thirty motions that both told")
        wait_until(lambda: len(moved(other)) > 30, "thirty motions of the other seed")
        assert not set(moved(first)) & set(moved(other))


def test_probability_0_never_does_anything(start):
    process = start("mouse", node="mouse", parameters={"source": "sim", "sim_period": 0.001, "sim_probability": 0.0})
    with Mouse(process) as mouse:
        mouse.status("source")
        mark = mouse.events.mark()
        time.sleep(0.5)
        assert mouse.events.since(mark) == []


def test_events_that_were_lost_are_told_with_their_number(start):
    process = start("mouse", node="mouse", parameters={"source": "sim", "sim_period": 0.002, "sim_probability": 1.0})
    with Mouse(process) as mouse:
        mouse.events.wait_for_count(1)
        # All its periods pass while nobody takes what happens in them.
        process.send(signal.SIGSTOP)
        time.sleep(1.5)
        process.send(signal.SIGCONT)
        line = process.log.wait_for(lambda line: "[WARN]" in line and "lost" in line)
        assert int(re.search(r"(\d+) events", line)[1]) > 0
        status, values = mouse.status("source", lambda status, values: int(values["lost events"]) > 0, since=0)
        assert status.level == b"\1" and "lost" in status.message
        mark = mouse.events.mark()
        mouse.events.wait_for_count(20, mark)


@pytest.mark.parametrize(
    "name, value, allowed",
    [
        ("source", "usb", "one of spacenavd, sim"),
        ("full_scale", 0.0, "from 1 to 1000000"),
        ("full_scale", -350, "from 1 to 1000000"),
        ("autorepeat_rate", -1.0, "from 0 to 1000 Hz"),
        ("autorepeat_rate", 1000.5, "from 0 to 1000 Hz"),
        ("sim_period", 0.0, "from 0.001 to 3600 s"),
        ("sim_probability", 1.5, "from 0 to 1"),
        ("sim_seed", -1, "a whole number from 0"),
        ("linear_scale/x", 1e9, "from -1000 to 1000"),
        ("socket", 5, "text"),
        ("use_twist_stamped", "yes please", "true or false"),
    ],
)
def test_a_bad_parameter_is_refused_at_the_start(name, value, allowed):
    code, said = run_to_end("mouse", parameters={name: value})
    assert code == 2
    assert name in said and allowed in said and str(value) in said


def test_bad_parameters_are_refused_while_it_runs_and_the_old_value_stays(start):
    process = start("mouse", node="mouse", parameters={"source": "sim", "sim_probability": 0.0})
    with Mouse(process) as mouse:
        for values in ({"autorepeat_rate": float("nan")}, {"autorepeat_rate": 1001.0}, {"linear_scale__z": "fast"}):
            result, = mouse.set_parameters(**values)
            assert not result.successful and next(iter(values)).replace("__", "/") in result.reason
        for values in ({"source": "spacenavd"}, {"full_scale": 350.0}, {"socket": "/x"}, {"sim_seed": 3}):
            result, = mouse.set_parameters(**values)
            assert not result.successful and "start" in result.reason, "set at start only"
        result, = mouse.set_parameters(autorepeat_rate=1000)
        assert result.successful
