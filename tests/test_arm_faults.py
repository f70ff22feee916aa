"""A servo bus that fails, by the parameter `sim_fault`: what clients are told, and that nothing jumps when it is back."""

import itertools

import pytest
from harness.steve import DEGREES, JOINTS, position_in, servo, velocity_in
from rcl_interfaces.srv import SetParameters
from rclpy.parameter import Parameter

OK, ERROR = b"\x00", b"\x02"
# Of every joint but the clamp, rad/s.
VELOCITY_LIMIT = 5.0
# By so much later than its stamp says may the setpoint of a message be one: a tick that comes late on a busy machine goes on
# by a tenth of a second at most.
LATE = 0.15


class FaultyArm:
    """An arm on a simulated bus with faults to throw."""

    def __init__(self, process):
        self.process = process
        self.steve = process.client()
        self.diagnostics = self.steve.diagnostics()

    def fault(self, name):
        """Throws it; the answer of the parameter service."""
        request = SetParameters.Request(parameters=[Parameter("sim_fault", value=name).to_parameter_msg()])
        [result] = self.steve.call(SetParameters, f"{self.steve.arm}/set_parameters", request).results
        return result

    def throw(self, name):
        result = self.fault(name)
        assert result.successful, result.reason

    def bus(self, condition=lambda level, message, values: True, since=None):
        """The figures of the first bus status that satisfies the condition, of those that come from now on."""
        since = self.diagnostics.mark() if since is None else since

        def told(message):
            return condition(*_bus(message))

        return _bus(self.diagnostics.wait_for(told, since, what="with the bus as it is wanted"))

    def power(self):
        assert self.steve.power(True).success
        self.steve.wait_for_state(lambda state: all(joint.powered for joint in state.joints), "powered")

    def is_powered(self):
        return all(joint.powered for joint in self.steve.state.last.joints)

    def start_slow_goal(self, speed=0.4):
        """A goal that takes seconds, under way."""
        goal = self.steve.start("torso", 1.4, speed=speed)
        self.steve.joint_states.wait_for(lambda message: abs(velocity_in(message, "torso")) > 0.3, what="with torso at speed")
        return goal

    def assert_works(self):
        """The bus is in order, a goal succeeds, and the servos do as they are told."""
        self.bus(lambda level, message, values: level == OK)
        for position in (0.3, 0.0):
            end = self.steve.move("torso", position, speed=2.0)
            assert (end.status, end.position) == ("SUCCEEDED", pytest.approx(position)), end
        mark = self.diagnostics.mark()
        self.diagnostics.wait_for(lambda message: abs(_horn(message, "torso")) < 0.02, mark, what="with torso's horn at home")


def _status(message, name):
    return next(status for status in message.status if status.name == f"arm: {name}")


def _values(status):
    return {pair.key: pair.value for pair in status.values}


def _bus(message):
    status = _status(message, "bus")
    return status.level, status.message, _values(status)


def _horn(message, joint):
    return float(_values(_status(message, f"joint {joint}"))["simulated horn"])


@pytest.fixture
def start_arm(start):
    return lambda **parameters: FaultyArm(start("bringup", "--nodes", "arm", parameters=parameters))


def assert_no_jump(messages, limit=VELOCITY_LIMIT):
    """No joint's setpoint goes on faster than the limit from a message to the next."""
    for earlier, later in itertools.pairwise(messages):
        allowed = limit * (later.stamp - earlier.stamp + LATE)
        for joint in later.name:
            step = abs(position_in(later, joint) - position_in(earlier, joint))
            assert step <= allowed, f"{joint} by {step} rad in {later.stamp - earlier.stamp} s"


def assert_aborted_by_the_fault(end):
    assert end.status == "ABORTED" and "bus fault" in end.message, end


# --- nobody acknowledges ----------------------------------------------------------------------------------------------


def test_a_bus_that_fails_for_long_aborts_goals_is_an_error_in_diagnostics_and_mends_without_a_jump(start_arm):
    arm = start_arm()
    steve = arm.steve
    arm.power()
    mark = steve.joint_states.mark()
    goal = arm.start_slow_goal()
    arm.throw("nak")
    end = goal.result()
    assert_aborted_by_the_fault(end)
    assert "no acknowledge" in end.message and 0.0 < end.position < 1.3, end

    level, message, values = arm.bus(lambda level, *_: level == ERROR)
    assert "no acknowledge" in message and "aborted" in message, message
    assert int(values["long faults"]) == 1 and int(values["errors"]) >= 3 and "no acknowledge" in values["last error"]
    state = steve.wait_for_state(lambda state: not state.powered, "limp, as far as the bus listens")
    assert not state.moving
    for joint in state.joints:
        assert "bus fault" in joint.message and joint.position_known, joint

    for _ in range(2):
        assert_aborted_by_the_fault(steve.move("torso", 0.5))
    assert_aborted_by_the_fault(steve.move("elbow", 0.5))
    assert steve.position("torso") == pytest.approx(end.position), "nothing has moved"

    arm.throw("none")
    arm.bus(lambda level, *_: level == OK)
    assert not steve.state.last.powered, "nothing is powered by that alone"
    assert steve.move("torso", 0.0, speed=0.4).status == "SUCCEEDED"
    assert_no_jump(steve.joint_states.since(mark), limit=0.4)
    arm.assert_works()


def test_every_goal_under_way_is_aborted_and_commands_end_too(start_arm):
    arm = start_arm()
    steve = arm.steve
    mark = steve.joint_states.mark()
    goals = [steve.start(joint, 80 * DEGREES, speed=0.3) for joint in ("torso", "wrist_lr")]
    steve.command(wrist_ud=-80 * DEGREES)
    for joint in ("torso", "wrist_lr", "wrist_ud"):
        steve.wait_for_motion(joint, mark)
    arm.throw("nak")
    for goal in goals:
        assert_aborted_by_the_fault(goal.result())
    state = steve.wait_for_state(lambda state: not state.powered, "limp")
    assert not state.moving and not any(joint.moving for joint in state.joints)
    arm.throw("none")
    arm.assert_works()


def test_a_command_after_a_long_fault_does_not_jump(start_arm):
    arm = start_arm()
    steve = arm.steve
    goal = arm.start_slow_goal(speed=0.5)
    arm.throw("nak")
    held = goal.result().position
    # They are not carried out, and not kept for later.
    for _ in range(5):
        steve.command(torso=-1.0)
        steve.fresh_joint_state()
    arm.bus(lambda level, *_: level == ERROR)
    arm.throw("none")
    arm.bus(lambda level, *_: level == OK)
    assert steve.position("torso") == pytest.approx(held)
    mark = steve.joint_states.mark()
    steve.fresh_joint_state()
    steve.command(torso=-1.0)
    steve.wait_for_position("torso", -1.0, mark)
    assert_no_jump(steve.joint_states.since(mark))
    arm.bus(lambda level, message, values: level == OK)


def test_power_is_answered_with_the_fault_while_the_bus_fails(start_arm):
    arm = start_arm()
    arm.throw("nak")
    answer = arm.steve.power(True)
    assert not answer.success and "no acknowledge" in answer.message, answer
    arm.throw("none")
    arm.power()
    arm.assert_works()


def test_a_bus_that_fails_from_the_start_is_no_reason_to_end(start_arm):
    arm = start_arm(sim_fault="nak")
    assert_aborted_by_the_fault(arm.steve.move("torso", 0.3))
    arm.bus(lambda level, *_: level == ERROR)
    arm.throw("none")
    arm.assert_works()


# --- some writes fail, the chip is reset ------------------------------------------------------------------------------


def test_with_every_third_write_lost_moves_succeed_and_the_errors_are_counted(start_arm):
    arm = start_arm()
    arm.power()
    arm.throw("every_third")
    mark = arm.steve.joint_states.mark()
    goals = [arm.steve.start(joint, 0.6, speed=0.6) for joint in ("torso", "wrist_lr")]
    for goal in goals:
        end = goal.result()
        assert (end.status, end.position) == ("SUCCEEDED", pytest.approx(0.6)), end
    assert_no_jump(arm.steve.joint_states.since(mark), limit=0.6)
    _, _, values = arm.bus()
    assert int(values["errors"]) > 5 and int(values["long faults"]) == 0, values
    arm.diagnostics.wait_for(lambda message: abs(_horn(message, "torso") - 0.6) < 0.02, what="with the horn there")
    arm.throw("none")
    arm.assert_works()


def test_a_chip_that_is_reset_in_mid_motion_is_set_up_anew_and_the_move_succeeds(start_arm):
    arm = start_arm()
    arm.power()
    goal = arm.start_slow_goal()
    arm.throw("reset")
    end = goal.result()
    assert (end.status, end.position) == ("SUCCEEDED", pytest.approx(1.4)), end
    _, _, values = arm.bus(lambda level, message, values: level == OK and values["set up anew"] != "0")
    assert (values["set up anew"], values["long faults"]) == ("1", "0"), values
    mark = arm.diagnostics.mark()
    arm.diagnostics.wait_for(lambda message: abs(_horn(message, "torso") - 1.4) < 0.02, mark, what="with the horn there")
    assert arm.is_powered()
    arm.throw("none")
    arm.assert_works()
    assert arm.bus()[2]["set up anew"] == "1"


def test_a_chip_that_is_reset_at_rest_is_noticed_and_the_arm_holds_again(start_arm):
    arm = start_arm()
    arm.power()
    assert arm.steve.move("torso", 0.5).status == "SUCCEEDED"
    arm.throw("reset")
    arm.bus(lambda level, message, values: values["set up anew"] == "1")
    assert arm.is_powered()
    assert arm.steve.position("torso") == pytest.approx(0.5)
    arm.throw("none")
    arm.assert_works()


def test_a_limp_arm_stays_limp_when_its_chip_is_reset(start_arm):
    arm = start_arm()
    arm.throw("reset")
    arm.bus(lambda level, message, values: values["set up anew"] == "1")
    assert not arm.steve.state.last.powered
    arm.throw("none")
    arm.assert_works()


# --- the bus is stuck -------------------------------------------------------------------------------------------------


def test_stop_is_answered_while_the_bus_is_stuck(start_arm):
    arm = start_arm()
    goal = arm.start_slow_goal()
    arm.throw("stuck")
    assert arm.steve.stop().message
    assert goal.result().status == "ABORTED"
    arm.bus(lambda level, *_: level == ERROR)
    assert arm.steve.stop().success, "and when it has been for long"
    assert not arm.steve.wait_for_state(lambda state: not state.moving, "at rest").moving
    arm.throw("none")
    arm.assert_works()


@pytest.mark.parametrize("when", ["in mid-motion", "at rest", "given up"])
def test_an_emergency_stop_while_the_bus_is_stuck_latches_and_says_that_the_servos_may_have_power(start_arm, when):
    arm = start_arm()
    steve = arm.steve
    arm.power()
    goal = arm.start_slow_goal() if when != "at rest" else None
    arm.throw("stuck")
    if when == "given up":
        assert_aborted_by_the_fault(goal.result())
    answer = steve.emergency_stop(True)
    assert not answer.success, answer
    assert "cut their supply" in answer.message and "stuck" in answer.message, answer
    if goal is not None:
        assert goal.result().status == "ABORTED"
    state = steve.wait_for_state(lambda state: state.emergency_stop, "emergency stop")
    assert not state.moving
    assert steve.request("torso", 0.1) is None, "latched"
    arm.process.log.wait_for(lambda line: "ERROR" in line and "cut their supply" in line)

    arm.throw("none")
    arm.bus(lambda level, *_: level == OK)
    assert steve.request("torso", 0.1) is None, "the bus's recovery releases nothing"
    assert not steve.power(True).success
    answer = steve.emergency_stop(True)
    assert answer.success, answer
    mark = steve.joint_states.mark()
    assert steve.emergency_stop(False).success
    steve.joint_states.wait_for_count(10, mark)
    assert {velocity_in(message, "torso") for message in steve.joint_states.since(mark)} == {0.0}, "it moves nothing"
    mark = steve.joint_states.mark()
    assert steve.move("torso", 0.0, speed=0.8).status == "SUCCEEDED"
    assert_no_jump(steve.joint_states.since(mark), limit=0.8)
    arm.assert_works()


def test_everything_is_still_told_while_the_bus_is_stuck(start_arm):
    arm = start_arm()
    arm.start_slow_goal()
    arm.throw("stuck")
    arm.bus(lambda level, *_: level == ERROR)
    stamps = [message.stamp for message in arm.steve.joint_states.wait_for_count(20, arm.steve.joint_states.mark())]
    assert all(earlier < later for earlier, later in itertools.pairwise(stamps))
    assert "stuck" in servo(arm.steve.state.last, "torso").message
    arm.throw("none")
    arm.assert_works()


def test_the_node_ends_in_time_while_the_bus_is_stuck(start_arm):
    arm = start_arm()
    arm.start_slow_goal()
    arm.throw("stuck")
    arm.process.end()
    told = arm.process.log.wait_for(lambda line: "may still be powered" in line)
    assert "ERROR" in told, told


# --- one fault after the other ----------------------------------------------------------------------------------------


def test_faults_that_come_and_go_at_any_time_never_make_a_joint_jump_or_the_node_die(start_arm):
    arm = start_arm()
    steve = arm.steve
    mark = steve.joint_states.mark()
    arm.power()
    target = 1.2
    for fault in ("nak", "every_third", "reset", "stuck", "none", "reset", "nak", "every_third", "stuck"):
        goal = steve.start("torso", target, speed=1.0)
        steve.joint_states.wait_for_count(10, steve.joint_states.mark())
        arm.throw(fault)
        assert goal.result().status in ("SUCCEEDED", "ABORTED")
        arm.throw("none")
        target = -target
    arm.assert_works()
    assert_no_jump(steve.joint_states.since(mark), limit=2.0)
    assert list(steve.joint_states.last.name) == JOINTS, "and it knows all the while where it is"


def test_an_unknown_fault_is_refused_with_the_known_ones(start_arm):
    arm = start_arm()
    result = arm.fault("smoke")
    assert not result.successful
    assert all(name in result.reason for name in ("smoke", "none", "nak", "stuck", "reset", "every_third")), result.reason
    arm.assert_works()
