"""From the bytes of a 3D mouse to the arm: Magellan packets on a pty -> spacenavd -> mouse -> teleop -> arm -> joint_states."""

import contextlib
import signal

import pytest

from harness import wait_until
from harness.spacenavd import Spacenavd
from harness.steve import position_in, velocity_in
from harness.teleop import at_rest, at_speed, does_not_move

# config/teleop.yaml: what a full push tells, and what it makes of it.
FULL = 350
TORSO, SHOULDER, WRIST_LR = -2.5, -2.0, 2.0
# 350 of 512 are a little less than the mapping's full push.
NEARLY = 0.01


@pytest.fixture
def daemon():
    with Spacenavd() as daemon:
        yield daemon


@pytest.fixture
def robot(start, daemon):
    """All nodes in one process, with the parameters that they have by themselves: process and client."""
    process = start("bringup", parameters={"socket": daemon.socket})
    steve = process.client()
    at_rest(steve)

    def moves():
        daemon.mouse.move()
        daemon.mouse.move(ry=FULL)
        return any(steve.fresh_joint_state().velocity)

    wait_until(moves, "a mouse that moves the arm")
    daemon.mouse.move()
    at_rest(steve)
    return process, steve


def swing(steve, daemon):
    """The torso at full speed, away from the nearer end of its travel."""
    daemon.mouse.move()
    at_rest(steve)
    direction = 1 if steve.position("torso") > 0.0 else -1
    mark = steve.joint_states.mark()
    daemon.mouse.move(ry=direction * FULL)
    at_speed(steve, "torso", direction * TORSO, mark, NEARLY)


def swing_at_last(steve, daemon):
    """The same once everybody knows everybody."""
    def moves():
        daemon.mouse.move()
        daemon.mouse.move(ry=FULL)
        return any(steve.fresh_joint_state().velocity)

    wait_until(moves, "a mouse that moves the arm")


def test_the_puck_moves_the_arm_for_as_long_as_it_is_held_and_no_longer(robot, daemon):
    _, steve = robot
    mark = steve.joint_states.mark()
    swing(steve, daemon)
    start = steve.position("torso")
    # Longer than any timeout: the node repeats what the daemon says once.
    steve.joint_states.wait_for(lambda m: abs(position_in(m, "torso") - start) > 1.0, mark, what="on its way")
    assert abs(velocity_in(steve.fresh_joint_state(), "torso")) == pytest.approx(2.5, abs=NEARLY)
    daemon.mouse.move()
    at_rest(steve)
    does_not_move(steve)


def test_several_axes_move_several_joints(robot, daemon):
    _, steve = robot
    mark = steve.joint_states.mark()
    # Away from the desk.
    daemon.mouse.move(z=FULL, rz=FULL)
    wanted = {"shoulder": SHOULDER, "wrist_lr": WRIST_LR}
    steve.joint_states.wait_for(lambda m: all(velocity_in(m, j) == pytest.approx(v, abs=NEARLY) for j, v in wanted.items()), mark)


def test_the_first_button_holds_the_clamp_closed(robot, daemon):
    _, steve = robot
    assert steve.move("clamp", 0.03).status == "SUCCEEDED"
    mark = steve.joint_states.mark()
    daemon.mouse.press(0)
    at_speed(steve, "clamp", -0.1, mark)
    steve.wait_for_position("clamp", 0.0, mark)
    does_not_move(steve)
    mark = steve.joint_states.mark()
    daemon.mouse.release(0)
    steve.wait_for_position("clamp", 0.03, mark)


def test_another_button_moves_the_hand_instead_of_joints(robot, daemon):
    process, steve = robot
    log = process.log.mark()
    daemon.mouse.press(2)
    daemon.mouse.release(2)
    process.log.wait_for(lambda line: "[teleop]: cartesian mode" in line, log)
    mark = steve.joint_states.mark()
    daemon.mouse.move(y=FULL)
    message = steve.joint_states.wait_for(lambda m: abs(velocity_in(m, "elbow")) > 0.1 and abs(velocity_in(m, "wrist_ud")) > 0.1, mark)
    assert velocity_in(message, "torso") == pytest.approx(0.0, abs=1e-6)


def test_the_emergency_stop_is_a_button(robot, daemon):
    _, steve = robot
    swing(steve, daemon)
    daemon.mouse.press(4)
    steve.wait_for_state(lambda state: state.emergency_stop and not state.powered and not state.moving, "emergency stop")
    does_not_move(steve)


def test_a_mouse_unplugged_while_it_is_deflected_stops_the_arm_and_plugged_in_again_moves_it(robot, daemon):
    _, steve = robot
    swing(steve, daemon)
    daemon.unplug()
    at_rest(steve)
    does_not_move(steve)
    daemon.plug()
    # Its first word is a full push: a hand gets there by degrees, and is seen centred on the way.
    swing_at_last(steve, daemon)
    swing(steve, daemon)


@contextlib.contextmanager
def closing(steve, daemon):
    """The clamp on its way from open, with the button held; when the loss is over it has stayed where it was, or nearly."""
    assert steve.move("clamp", 0.03).status == "SUCCEEDED"
    mark = steve.joint_states.mark()
    daemon.mouse.press(0)
    steve.joint_states.wait_for(lambda m: position_in(m, "clamp") < 0.02, mark, what="closing")
    yield
    at_rest(steve)
    rest = steve.position("clamp")
    does_not_move(steve, 50)
    way = [position_in(m, "clamp") for m in steve.joint_states.since(mark)]
    # It slows down, and may be told to open for the moment that the news take.
    assert rest - min(way) < 0.002, f"it opened from {min(way)} to {rest}"


def test_a_mouse_that_is_unplugged_does_not_open_the_clamp(robot, daemon):
    _, steve = robot
    with closing(steve, daemon):
        daemon.unplug()


def test_a_daemon_that_is_killed_does_not_open_the_clamp(robot, daemon):
    _, steve = robot
    with closing(steve, daemon):
        daemon.end(signal.SIGKILL)


def test_a_daemon_that_hangs_does_not_open_the_clamp_and_its_mouse_works_when_it_goes_on(robot, daemon):
    process, steve = robot
    with closing(steve, daemon):
        log = process.log.mark()
        daemon.freeze()
        # The clamp is closed by then; it must not open.
        process.log.wait_for(lambda line: "[teleop]: the device is gone" in line, log)
    daemon.thaw()
    daemon.mouse.release(0)
    swing_at_last(steve, daemon)


def test_the_end_of_the_mouse_node_does_not_open_the_clamp(start, daemon, domain):
    steve = start("bringup", "--nodes", "arm,teleop", domain=domain).client()
    mouse = start("mouse", node="mouse", domain=domain, parameters={"socket": daemon.socket})
    swing_at_last(steve, daemon)
    daemon.mouse.move()
    at_rest(steve)
    with closing(steve, daemon):
        mouse.end()


def test_a_puck_that_is_deflected_when_it_is_plugged_in_moves_nothing_before_it_was_centred(robot, daemon):
    process, steve = robot
    swing(steve, daemon)
    daemon.unplug()
    at_rest(steve)
    log = process.log.mark()
    daemon.plug()
    daemon.mouse.move(ry=-FULL)
    process.log.wait_for(lambda line: "let go of everything once" in line, log)
    does_not_move(steve)
    swing(steve, daemon)


def test_the_first_press_after_the_mouse_came_counts(robot, daemon):
    process, steve = robot
    daemon.unplug()
    log = process.log.mark()
    daemon.plug()
    # spacenavd tells of it a moment later.
    process.log.wait_for(lambda line: "[mouse]" in line and "is there" in line, log)
    daemon.mouse.press(2)
    process.log.wait_for(lambda line: "[teleop]: cartesian mode" in line, log)


def test_a_daemon_that_is_killed_while_the_mouse_is_deflected_stops_the_arm_and_started_again_moves_it(robot, daemon):
    process, steve = robot
    swing(steve, daemon)
    log = process.log.mark()
    daemon.end(signal.SIGKILL)
    at_rest(steve)
    does_not_move(steve)
    assert any("[mouse]" in line for line in process.log.since(log)), "it is said"
    daemon.start()

    def moves():
        daemon.mouse.move()
        daemon.mouse.move(ry=FULL)
        return any(steve.fresh_joint_state().velocity)

    wait_until(moves, "a mouse that moves the arm")


def test_a_mouse_node_that_is_killed_while_the_mouse_is_deflected_stops_the_arm(start, daemon, domain):
    process = start("bringup", "--nodes", "arm,teleop", domain=domain)
    steve = process.client()
    mouse = start("mouse", node="mouse", domain=domain, parameters={"socket": daemon.socket})

    def moves():
        daemon.mouse.move()
        daemon.mouse.move(ry=FULL)
        return any(steve.fresh_joint_state().velocity)

    wait_until(moves, "a mouse that moves the arm")
    swing(steve, daemon)
    log = process.log.mark()
    # No last word: what is left is silence.
    mouse.kill()
    at_rest(steve)
    process.log.wait_for(lambda line: "no input for" in line, log)
    does_not_move(steve)
