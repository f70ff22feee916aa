"""Node `teleop`: what its buttons ask for when the arm's answers are late or lost."""

import time

import pytest
from sensor_msgs.msg import JointState

from harness import wait_until
from harness.teleop import Device, FakeArm, press, says

NOD, FAR, STOP, EMERGENCY, RELEASE, POWER, DEAD_MAN = range(7)

MAPPING = """
held:
  topic: hand/joy
  dead_man: 6
  joints:
    torso: {axis: 0, scale: 1.0}
  buttons:
    0: {motion: nod}
    1: {motion: far}
    2: stop
    3: emergency_stop
    4: release_emergency_stop
    5: power
"""

MOTIONS = """
nod:
  steps:
    - move: {wrist_ud: 10}
far:
  steps:
    - {move: {wrist_lr: 80}, speed: 0.2}
"""


@pytest.fixture
def fake(start, domain, tmp_path):
    """A teleop whose dead man's button is held, and an arm that is none: process, arm, device."""
    (tmp_path / "mapping.yaml").write_text(MAPPING)
    (tmp_path / "motions.yaml").write_text(MOTIONS)
    files = {"config": str(tmp_path / "mapping.yaml"), "motions": str(tmp_path / "motions.yaml")}
    process = start("teleop", node="teleop", domain=domain, parameters={**files, "profile": "held", "joy_timeout": 0.5})
    with FakeArm(domain) as arm, Device(arm, "hand/joy", axes=1, buttons=7) as device:
        commands = arm.record(JointState, "arm/command", 100)

        def moves():
            device.centre()
            device.put({0: 0.3}, {DEAD_MAN: 1})
            return commands.since()

        wait_until(moves, "a device that moves the arm")
        device.put({0: 0.0})
        yield process, arm, device


def ask(arm, device, button, name):
    """Presses the button until the arm is asked: the first request."""
    mark = arm.calls.mark()
    press(device, button, lambda: arm.asked(name, mark), f"{name} asked for")
    return arm.asked(name, mark)[0]


def ends(arm, goal, since, times=1):
    """Waits until the arm was asked so often to end this very motion."""
    def asked():
        return [cancel for cancel in arm.asked("cancel", since) if bytes(cancel.goal_info.goal_id.uuid) == bytes(goal.goal_id.uuid)]

    wait_until(lambda: len(asked()) >= times, f"{times} cancels")


def test_a_motion_that_was_not_answered_yet_is_canceled_with_the_dead_man(fake):
    _, arm, device = fake
    arm.holds.add("goal")
    goal = ask(arm, device, FAR, "goal")
    mark = arm.calls.mark()
    device.put(buttons={DEAD_MAN: 0})
    ends(arm, goal, mark)
    # Not known to the arm before it has answered.
    mark = arm.calls.mark()
    arm.answer("goal")
    ends(arm, goal, mark)


def test_a_motion_whose_answer_does_not_come_is_canceled_and_again_when_it_comes(fake):
    process, arm, device = fake
    arm.holds.add("goal")
    log = process.log.mark()
    goal = ask(arm, device, FAR, "goal")
    process.log.wait_for(lambda line: "send_goal did not answer within 2 s" in line, log)
    # Asked for so often while the arm does not know of it, and no more.
    ends(arm, goal, 0, times=10)
    mark = arm.calls.mark()
    arm.answer("goal")
    ends(arm, goal, mark)


def test_a_cancel_that_is_not_answered_is_repeated(fake):
    _, arm, device = fake
    arm.holds.add("cancel")
    goal = ask(arm, device, FAR, "goal")
    device.put(buttons={DEAD_MAN: 0})
    ends(arm, goal, 0, times=3)


def test_a_motion_is_canceled_by_a_teleop_that_ends_before_it_was_answered(fake):
    process, arm, device = fake
    arm.holds.add("goal")
    goal = ask(arm, device, FAR, "goal")
    process.end()
    ends(arm, goal, 0)


def test_a_motion_that_waits_is_not_asked_for_after_power_off(fake):
    process, arm, device = fake

    def voided():
        """Whether a motion waited for its turn when power was switched off, and was given up. A machine that is late comes too
        late for its turn, or loses its press."""
        arm.holds.add("goal")
        ask(arm, device, FAR, "goal")
        log, mark = process.log.mark(), arm.calls.mark()
        device.press(NOD)
        assert not ask(arm, device, POWER, "power").data
        arm.answer("goal")
        process.log.wait_for(lambda line: "motion far plays" in line, log)
        given_up = says(process, "is not asked any more", log)
        over = time.monotonic() + 3.0
        while not (given_up() or says(process, "dropped", log)()) and time.monotonic() < over:
            time.sleep(0.02)
        assert not [goal for goal in arm.asked("goal", mark) if goal.goal.name == "nod"]
        return given_up()

    wait_until(voided, "a motion that waits for its turn while power is switched off")


@pytest.mark.parametrize(("button", "name"), [(STOP, "stop"), (POWER, "power")])
def test_stop_and_power_off_are_asked_for_though_those_before_were_not_answered(fake, button, name):
    process, arm, device = fake
    arm.holds.add(name)
    log = process.log.mark()
    ask(arm, device, button, name)
    dropped = says(process, "dropped", log)
    for _ in range(2):
        mark = arm.calls.mark()
        press(device, button, lambda mark=mark: arm.asked(name, mark) or dropped(), name)
        assert arm.asked(name, mark) and not dropped()


def test_an_emergency_stop_does_not_wait_for_the_answer_to_a_release(fake):
    process, arm, device = fake

    def at_once():
        arm.holds.add("emergency")
        log = process.log.mark()
        assert not ask(arm, device, RELEASE, "emergency").data
        assert ask(arm, device, EMERGENCY, "emergency").data
        waited = any("arm/emergency_stop did not answer" in line for line in process.log.since(log))
        arm.answer("emergency")
        process.log.wait_for(lambda line: "[teleop]: emergency stop: done" in line, log)
        return not waited

    # The release is given up after half a second, and this process may be late.
    assert any(at_once() for _ in range(3))
