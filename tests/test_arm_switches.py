"""Stop, power and emergency stop, in mid-motion and afterwards."""

import time

import pytest
from sensor_msgs.msg import JointState

from harness.steve import DEGREES, JOINTS, position_in, refuse_command, servo, velocity_in


def two_goals_under_way(arm):
    mark = arm.joint_states.mark()
    goals = {"torso": arm.start("torso", 80 * DEGREES, speed=0.5), "wrist_lr": arm.start("wrist_lr", -80 * DEGREES, speed=0.5)}
    for joint in goals:
        arm.joint_states.wait_for(lambda m: abs(velocity_in(m, joint)) > 0.4, mark, what=f"with {joint} at speed")
    return goals


def assert_holds(arm, positions):
    """The joints rest at these positions, and stay there."""
    after = time.time()
    messages = arm.joint_states.wait_for_count(10, arm.joint_states.mark())
    for message in [arm.fresh_joint_state(after), *messages[1:]]:
        for joint, position in positions.items():
            assert (position_in(message, joint), velocity_in(message, joint)) == (position, 0.0)


def test_stop_in_mid_motion_ends_every_goal_and_holds(arm):
    goals = two_goals_under_way(arm)
    answer = arm.stop()
    assert answer.success, answer.message
    ends = {joint: goal.result() for joint, goal in goals.items()}
    for end in ends.values():
        assert end.status == "ABORTED" and "stop" in end.message.lower(), end
    assert_holds(arm, {joint: end.position for joint, end in ends.items()})
    assert 0.0 < ends["torso"].position < 79 * DEGREES
    state = arm.wait_for_state(lambda state: not state.moving, "at rest")
    assert state.powered, "holding needs power"
    assert servo(state, "torso").goal == ends["torso"].position, "its goal is where it holds"


def test_stop_ends_a_command_too(arm):
    mark = arm.joint_states.mark()
    arm.command(torso=80 * DEGREES)
    arm.wait_for_motion("torso", mark)
    assert arm.stop().success
    held = arm.position("torso")
    assert held < 79 * DEGREES
    assert_holds(arm, {"torso": held})


def test_the_arm_moves_on_after_a_stop(arm):
    two_goals_under_way(arm)
    arm.stop()
    assert arm.move("torso", 0.0).status == "SUCCEEDED"


def test_stop_at_rest_does_nothing(arm):
    assert arm.stop().success
    assert_holds(arm, {joint: 0.0 for joint in JOINTS})


def test_power_off_in_mid_motion_ends_every_goal_and_makes_all_joints_limp(arm):
    goals = two_goals_under_way(arm)
    assert arm.power(False).success
    for goal in goals.values():
        end = goal.result()
        assert end.status == "ABORTED" and "power" in end.message.lower(), end
    state = arm.wait_for_state(lambda state: not state.powered, "powered off")
    assert not state.moving and not any(joint.powered for joint in state.joints)


def test_power_comes_back_where_it_went_without_a_jump(arm):
    goals = two_goals_under_way(arm)
    arm.power(False)
    ends = {joint: goal.result().position for joint, goal in goals.items()}
    assert_holds(arm, ends)
    assert arm.power(True).success
    state = arm.wait_for_state(lambda state: state.powered, "powered")
    assert all(joint.powered for joint in state.joints)
    assert_holds(arm, ends)


@pytest.mark.parametrize("how", ["goal", "command"])
def test_power_comes_on_by_itself_without_a_jump(arm, how):
    arm.move("torso", 0.3)
    assert arm.power(False).success
    arm.wait_for_state(lambda state: not state.powered, "powered off")
    mark = arm.joint_states.mark()
    if how == "goal":
        assert arm.move("torso", 0.0, speed=0.5).status == "SUCCEEDED"
    else:
        arm.command(torso=0.0)
    arm.wait_for_position("torso", 0.0, mark)
    state = arm.wait_for_state(lambda state: servo(state, "torso").powered, "torso powered")
    assert state.powered
    positions = [position_in(message, "torso") for message in arm.joint_states.since(mark)]
    assert positions[0] == pytest.approx(0.3) and positions == sorted(positions, reverse=True), "from where it was, straight on"


def test_emergency_stop_in_mid_motion_ends_every_goal_and_freezes_the_setpoints(arm):
    goals = two_goals_under_way(arm)
    answer = arm.emergency_stop(True)
    assert answer.success, answer.message
    ends = {joint: goal.result() for joint, goal in goals.items()}
    for end in ends.values():
        assert end.status == "ABORTED" and "emergency stop" in end.message.lower(), end
    assert_holds(arm, {joint: end.position for joint, end in ends.items()})
    state = arm.wait_for_state(lambda state: state.emergency_stop, "emergency stop")
    assert not state.moving


def test_emergency_stop_ends_a_command_too(arm):
    mark = arm.joint_states.mark()
    arm.command(torso=80 * DEGREES)
    arm.wait_for_motion("torso", mark)
    arm.emergency_stop(True)
    held = arm.position("torso")
    assert held < 79 * DEGREES
    assert_holds(arm, {"torso": held})


def test_everything_that_moves_is_refused_while_the_emergency_stop_is_latched(arm, shared_arm):
    arm.power(False)
    assert arm.emergency_stop(True).success
    log, rosout = shared_arm.log.mark(), arm.rosout.mark()

    assert arm.request("torso", 0.3) is None
    shared_arm.log.wait_for(lambda line: "rejected" in line and "emergency stop" in line, log)
    arm.rosout.wait_for(lambda line: "rejected" in line.msg and "emergency stop" in line.msg, rosout)

    answer = arm.power(True)
    assert not answer.success and "emergency stop" in answer.message, answer

    refuse_command(arm, shared_arm, JointState(name=["torso"], position=[0.3]), "emergency stop")

    state = arm.wait_for_state(lambda state: state.emergency_stop, "emergency stop")
    assert not state.powered and not state.moving
    assert_holds(arm, {joint: 0.0 for joint in JOINTS})


def test_latching_twice_is_one_latch_and_stop_and_power_off_still_work(arm):
    assert arm.emergency_stop(True).success and arm.emergency_stop(True).success
    assert arm.stop().success
    assert arm.power(False).success
    assert arm.request("torso", 0.1) is None
    assert arm.emergency_stop(False).success
    assert arm.move("torso", 0.1).status == "SUCCEEDED"


def test_release_moves_nothing_and_then_everything_works_again(arm):
    goals = two_goals_under_way(arm)
    arm.emergency_stop(True)
    held = {joint: goal.result().position for joint, goal in goals.items()}
    assert arm.emergency_stop(False).success
    arm.wait_for_state(lambda state: not state.emergency_stop, "released")
    assert_holds(arm, held)
    assert arm.power(True).success
    assert arm.move("torso", 0.1).status == "SUCCEEDED"
    arm.command(wrist_lr=0.1)
    arm.wait_for_position("wrist_lr", 0.1)


def test_releasing_what_is_not_latched_does_nothing(arm):
    goal = arm.start("torso", 0.3, speed=0.8)
    assert arm.emergency_stop(False).success
    assert goal.result().status == "SUCCEEDED"
