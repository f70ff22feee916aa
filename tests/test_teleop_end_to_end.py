"""From the bytes of a 3D mouse to the arm: Magellan packets on a pty -> spacenavd -> mouse -> teleop -> arm -> joint_states."""

import contextlib
import signal

import pytest

from harness import wait_until
from harness.spacenavd import Spacenavd
from harness.steve import position_in, velocity_in
from harness.teleop import at_rest, begin, does_not_move, says

# config/teleop.yaml: what a full push tells, and what it makes of it.
FULL = 350
TORSO, SHOULDER, WRIST_LR = -2.5, -2.0, 2.0
# 350 of 512 are a little less than the mapping's full push.
NEARLY = 0.01
# Half a push, beyond the dead zone of 40 %. At full speed the torso would be at the end of its travel, pi/2, before it is known
# whether anything else stopped it.
HALF = 175
SLOWLY = TORSO * (0.5 - 0.4) / (1.0 - 0.4)


@pytest.fixture
def daemon():
    with Spacenavd() as daemon:
        yield daemon


@pytest.fixture
def robot(start, daemon):
    """All nodes in one process, with the parameters that they have by themselves: process and client."""
    process = start("bringup", parameters={"socket": daemon.socket})
    steve = process.client()
    meet(steve, daemon)
    return process, steve


def meet(steve, daemon):
    """Pushes until the arm moves by it, and lets go: so everybody knows everybody."""
    at_rest(steve)

    def moves():
        daemon.mouse.move()
        daemon.mouse.move(ry=FULL)
        return any(steve.fresh_joint_state().velocity)

    wait_until(moves, "a mouse that moves the arm")
    daemon.mouse.move()
    at_rest(steve)


def swing(steve, daemon, way=0.0):
    """The torso at full speed, away from the nearer end of its travel, and so far (rad) on its way."""
    start, side = 0.0, 1

    def prepare():
        nonlocal start, side
        daemon.mouse.move()
        at_rest(steve)
        start = steve.position("torso")
        side = 1 if start > 0.0 else -1

    def swings(message):
        fast = velocity_in(message, "torso") == pytest.approx(side * TORSO, abs=NEARLY)
        return fast and abs(position_in(message, "torso") - start) > way

    begin(steve, prepare, lambda: daemon.mouse.move(ry=side * FULL), swings, f"the torso at {TORSO} rad/s")


def push(steve, daemon, condition, what, **axes):
    """From home, with the puck pushed so: as `begin`."""
    def prepare():
        daemon.mouse.move()
        at_rest(steve)
        steve.come_home()

    return begin(steve, prepare, lambda: daemon.mouse.move(**axes), condition, what)


def swing_slowly(steve, daemon, way=0.0):
    """The torso from home at a sixth of its speed, and so far (rad) on its way; the mark before it."""
    def swings(message):
        slow = velocity_in(message, "torso") == pytest.approx(SLOWLY, abs=NEARLY)
        return slow and position_in(message, "torso") < -way

    mark, _ = push(steve, daemon, swings, f"the torso at {SLOWLY} rad/s", ry=HALF)
    return mark


def was_stopped(steve):
    """Waits until the arm rests: far from where it would have stopped by itself."""
    at_rest(steve)
    does_not_move(steve)
    assert abs(steve.position("torso")) < 1.2, "at the end of its travel anything stops"


def close_clamp(steve, daemon, condition, what):
    """From open, with the clamp's button held: as `begin`."""
    def prepare():
        daemon.mouse.release(0)
        # Let go of, it may be opening already.
        wait_until(lambda: steve.move("clamp", 0.03).status == "SUCCEEDED", "the clamp open")

    return begin(steve, prepare, lambda: daemon.mouse.press(0), condition, what)


def test_the_puck_moves_the_arm_for_as_long_as_it_is_held_and_no_longer(robot, daemon):
    _, steve = robot
    # Longer than any timeout: the node repeats what the daemon says once.
    swing_slowly(steve, daemon, way=0.25)
    daemon.mouse.move()
    was_stopped(steve)


def test_several_axes_move_several_joints(robot, daemon):
    _, steve = robot
    wanted = {"shoulder": SHOULDER, "wrist_lr": WRIST_LR}
    at_speed = lambda m: all(velocity_in(m, joint) == pytest.approx(velocity, abs=NEARLY) for joint, velocity in wanted.items())
    # Away from the desk.
    push(steve, daemon, at_speed, "both at speed", z=FULL, rz=FULL)


def test_the_first_button_holds_the_clamp_closed(robot, daemon):
    _, steve = robot

    def rests_at(position):
        return lambda m: position_in(m, "clamp") == pytest.approx(position, abs=1e-6) and not any(m.velocity)

    def hold():
        mark, _ = close_clamp(steve, daemon, rests_at(0.0), "the clamp closed")
        speeds = [velocity_in(message, "clamp") for message in steve.joint_states.since(mark)]
        assert min(speeds) == pytest.approx(-0.1, abs=1e-6)
        does_not_move(steve)

    begin(steve, hold, lambda: daemon.mouse.release(0), rests_at(0.03), "the clamp open again")


def switches_mode(process, daemon):
    """Presses the button for Cartesian mode: whether it counted. It does not in a message that came too late."""
    log = process.log.mark()
    daemon.mouse.press(2)
    daemon.mouse.release(2)
    words = ("cartesian mode", "is ignored", "header.stamp")
    return words[0] in process.log.wait_for(lambda line: "[teleop]" in line and any(word in line for word in words), log)


def test_another_button_moves_the_hand_instead_of_joints(robot, daemon):
    process, steve = robot
    wait_until(lambda: switches_mode(process, daemon), "Cartesian mode")
    together = lambda m: all(abs(velocity_in(m, joint)) > 0.1 for joint in ("elbow", "wrist_ud"))
    _, message = push(steve, daemon, together, "elbow and wrist_ud in motion", y=FULL)
    assert velocity_in(message, "torso") == pytest.approx(0.0, abs=1e-6)


def test_the_emergency_stop_is_a_button(robot, daemon):
    _, steve = robot
    swing(steve, daemon)
    daemon.mouse.press(4)
    steve.wait_for_state(lambda state: state.emergency_stop and not state.powered and not state.moving, "emergency stop")
    does_not_move(steve)


def test_a_mouse_unplugged_while_it_is_deflected_stops_the_arm_and_plugged_in_again_moves_it(robot, daemon):
    _, steve = robot
    swing_slowly(steve, daemon)
    daemon.unplug()
    was_stopped(steve)
    daemon.plug()
    meet(steve, daemon)
    swing(steve, daemon)


@contextlib.contextmanager
def closing(steve, daemon):
    """The clamp on its way from open, with the button held; when the loss is over it has stayed where it was, or nearly."""
    mark, _ = close_clamp(steve, daemon, lambda m: position_in(m, "clamp") < 0.02, "the clamp closing")
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
    meet(steve, daemon)


def test_the_end_of_the_mouse_node_does_not_open_the_clamp(start, daemon, domain):
    steve = start("bringup", "--nodes", "arm,teleop", domain=domain).client()
    mouse = start("mouse", node="mouse", domain=domain, parameters={"socket": daemon.socket})
    meet(steve, daemon)
    with closing(steve, daemon):
        mouse.end()


def test_a_puck_that_is_deflected_when_it_is_plugged_in_moves_nothing_before_it_was_centred(robot, daemon):
    process, steve = robot

    def is_told_to_centre():
        swing(steve, daemon)
        daemon.unplug()
        at_rest(steve)
        log = process.log.mark()
        daemon.plug()
        daemon.mouse.move(ry=-FULL)
        # It is said once; should the input have been lost before, it was said then.
        does_not_move(steve, 50)
        return says(process, "let go of everything once", log)()

    wait_until(is_told_to_centre, "what has to be centred")
    swing(steve, daemon)


def test_the_first_press_after_the_mouse_came_counts(robot, daemon):
    process, _ = robot

    def first_press_counts():
        daemon.unplug()
        log = process.log.mark()
        daemon.plug()
        # spacenavd tells of it a moment later.
        process.log.wait_for(lambda line: "[mouse]" in line and "is there" in line, log)
        return switches_mode(process, daemon)

    wait_until(first_press_counts, "Cartesian mode by the first press")


def test_a_daemon_that_is_killed_while_the_mouse_is_deflected_stops_the_arm_and_started_again_moves_it(robot, daemon):
    process, steve = robot
    swing_slowly(steve, daemon)
    log = process.log.mark()
    daemon.end(signal.SIGKILL)
    was_stopped(steve)
    process.log.wait_for(lambda line: "[mouse]" in line, log, what="that says so")
    daemon.start()
    meet(steve, daemon)


def test_a_mouse_node_that_is_killed_while_the_mouse_is_deflected_stops_the_arm(start, daemon, domain):
    process = start("bringup", "--nodes", "arm,teleop", domain=domain)
    steve = process.client()
    mouse = start("mouse", node="mouse", domain=domain, parameters={"socket": daemon.socket})
    meet(steve, daemon)
    # Before the swing: should the input be lost in the last moment of it, that was the only time that it is said.
    log = process.log.mark()
    swing_slowly(steve, daemon)
    # No last word: what is left is silence.
    mouse.kill()
    was_stopped(steve)
    process.log.wait_for(lambda line: "no input for" in line, log)
