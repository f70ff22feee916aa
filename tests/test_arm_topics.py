"""What the arm publishes by itself: joint_states, ~/state, /diagnostics; and what it does not send while idle."""

import itertools
import math

import pytest

from harness.client import seconds
from harness.steve import DEGREES, JOINTS, servo


def test_joint_states_have_one_growing_stamp_a_message_and_six_joints_in_order(arm):
    messages = arm.joint_states.wait_for_count(30, arm.joint_states.mark())
    for message in messages:
        assert list(message.name) == JOINTS
        assert len(message.position) == len(message.velocity) == len(JOINTS)
        assert len(message.effort) == 0, "servos measure no torque"
    stamps = [message.stamp for message in messages]
    assert all(earlier < later for earlier, later in itertools.pairwise(stamps)), stamps
    assert stamps[0] > 1.7e9, "seconds since 1970"


def test_joint_states_come_at_fifty_hertz_by_default(arm):
    stamps = [message.stamp for message in arm.joint_states.wait_for_count(60, arm.joint_states.mark())]
    gaps = sorted(later - earlier for earlier, later in itertools.pairwise(stamps))
    assert 0.01 < gaps[len(gaps) // 2] < 0.04


def test_state_tells_what_each_joint_does(arm):
    goal = arm.start("torso", 0.4, speed=0.8)
    state = arm.wait_for_state(lambda state: state.moving, "moving")
    assert [joint.name for joint in state.joints] == JOINTS
    torso, elbow = servo(state, "torso"), servo(state, "elbow")
    assert torso.moving and torso.powered and torso.position_known and torso.goal == pytest.approx(0.4)
    assert not elbow.moving and elbow.position == 0.0
    goal.result()
    state = arm.wait_for_state(lambda state: not state.moving, "at rest")
    assert servo(state, "torso").position == pytest.approx(0.4)
    assert state.powered and not state.emergency_stop


def test_state_reaches_a_late_subscriber(arm, shared_arm):
    arm.move("clamp", 0.01)
    arm.wait_for_state(lambda state: not state.moving, "at rest")
    late = shared_arm.client()
    assert servo(late.state.last, "clamp").position == pytest.approx(0.01)
    late.close()


def test_state_is_published_on_change_alone(arm):
    arm.wait_for_state(lambda state: not state.moving and all(joint.position == 0.0 for joint in state.joints), "at home")
    # What came home a moment ago may still be on its way.
    arm.joint_states.wait_for_count(10, arm.joint_states.mark())
    state, ticks = arm.state.mark(), arm.joint_states.mark()
    arm.joint_states.wait_for_count(40, ticks)
    assert arm.state.since(state) == []


def test_state_is_not_published_for_every_step_of_a_motion(arm):
    state, ticks = arm.state.mark(), arm.joint_states.mark()
    arm.move("torso", 0.5, speed=0.5)
    arm.wait_for_state(lambda state: not state.moving, "at rest")
    assert arm.joint_states.mark() - ticks > 30
    assert 2 <= arm.state.mark() - state <= 5, "a start and an end"


def statuses(message):
    return {status.name: status for status in message.status}


def values(status):
    return {pair.key: pair.value for pair in status.values}


def test_diagnostics_tell_of_bus_loop_power_guard_and_each_joint_once_a_second(arm):
    recorder = arm.diagnostics()
    messages = recorder.wait_for_count(3)
    for message in messages:
        known = statuses(message)
        assert set(known) == {"arm: bus", "arm: loop", "arm: power", "arm: guard"} | {f"arm: joint {joint}" for joint in JOINTS}
        assert all(status.hardware_id and status.message and status.values for status in known.values())
        assert all(status.level in (b"\x00", b"\x01") for status in known.values()), "nothing is broken"
    gaps = [later.stamp - earlier.stamp for earlier, later in itertools.pairwise(messages)]
    assert all(0.5 < gap < 2.0 for gap in gaps), gaps
    assert "simulated horn" in values(statuses(messages[-1])["arm: joint torso"])


def test_diagnostics_warn_of_an_emergency_stop_and_tell_whether_power_is_on(arm):
    recorder = arm.diagnostics()
    recorder.wait_for(lambda m: statuses(m)["arm: power"].message == "on")
    arm.power(False)
    recorder.wait_for(lambda m: statuses(m)["arm: power"].message == "off")
    arm.emergency_stop(True)
    warned = recorder.wait_for(lambda m: statuses(m)["arm: power"].level == b"\x01")
    assert "emergency stop" in statuses(warned)["arm: power"].message


def test_all_joints_share_one_write_a_tick_and_an_idle_arm_sends_nothing(arm):
    recorder = arm.diagnostics()

    def counted(since):
        message = recorder.wait_for_count(2, since)[-1]
        return tuple(int(values(statuses(message)[name])[key]) for name, key in (("arm: bus", "writes"), ("arm: loop", "ticks")))

    writes, ticks = counted(recorder.mark())
    assert counted(recorder.mark()) == (writes, ticks), "idle: no writes, no ticks"

    goals = [arm.start(joint, 0.02 if joint == "clamp" else 0.4, speed=0.04 if joint == "clamp" else 0.8) for joint in JOINTS]
    assert [goal.result().status for goal in goals] == ["SUCCEEDED"] * 6
    more_writes, more_ticks = counted(recorder.mark())
    assert more_writes - writes > 10, "half a second in motion"
    assert more_writes - writes <= more_ticks - ticks + 1, "one write a tick, however many joints move"


def test_the_simulated_servos_are_where_the_setpoints_are(arm):
    recorder = arm.diagnostics()
    arm.move("torso", 45 * DEGREES)
    mark = recorder.mark()

    def horn(message):
        return float(values(statuses(message)["arm: joint torso"])["simulated horn"])

    # A tick of the PWM is 0.44 degrees.
    recorder.wait_for(lambda m: abs(horn(m) - 45 * DEGREES) < 1 * DEGREES, mark)


# --- positions that nobody knows --------------------------------------------------------------------------------------


def test_a_joint_whose_position_is_unknown_is_left_out_of_joint_states(start):
    steve = start("arm", parameters={"sim_start": "unknown"}).client()
    for message in steve.joint_states.wait_for_count(5):
        assert list(message.name) == list(message.position) == list(message.velocity) == []
    state = steve.state.last
    assert [joint.name for joint in state.joints] == JOINTS
    assert not any(joint.position_known for joint in state.joints)
    assert all(math.isnan(joint.position) and math.isnan(joint.goal) for joint in state.joints)


def test_a_joint_whose_position_is_unknown_refuses_to_move_and_says_why(start):
    process = start("arm", parameters={"sim_start": "unknown", "power_on": "refuse"})
    steve = process.client()
    assert steve.request("torso", 0.1) is None
    process.log.wait_for(lambda line: "rejected" in line and "torso" in line and "unknown" in line)
    answer = steve.power(True)
    assert not answer.success and all(joint in answer.message for joint in JOINTS), answer
    steve.command(elbow=0.1)
    process.log.wait_for(lambda line: "command refused" in line and "elbow" in line and "unknown" in line)
    assert list(steve.fresh_joint_state().name) == []
    assert not steve.state.last.powered


def test_power_on_home_lets_an_arm_of_unknown_position_work(start):
    steve = start("arm", parameters={"sim_start": "unknown", "power_on": "home", "sim_seed": 7}).client()
    end = steve.move("torso", 0.2)
    assert (end.status, end.position) == ("SUCCEEDED", pytest.approx(0.2))
    assert list(steve.fresh_joint_state().name) == ["torso"], "of the others nobody has learnt anything"
    assert steve.power(True).success
    # They creep there, and are left out until they are.
    message = steve.joint_states.wait_for(lambda m: list(m.name) == JOINTS, what="with all joints")
    assert list(message.position) == pytest.approx([0.2, 0, 0, 0, 0, 0])


def test_diagnostics_warn_of_unknown_positions(start):
    steve = start("arm", parameters={"sim_start": "unknown"}).client()
    status = statuses(steve.diagnostics().last)["arm: joint elbow"]
    assert status.level == b"\x01" and "unknown" in status.message
    assert seconds(steve.state.last.header.stamp) > 0
