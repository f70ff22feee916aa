"""The named motions on ~/play_motion: those of config/motions.yaml, how they end, and files of one's own."""

import math
import pathlib
import time

import pytest
from shaky_steve.action import PlayMotion

from harness import Process, Steve, run_to_end
from harness.action import Action
from harness.jogging import Jogging
from harness.steve import DEGREES, position_in, servo, track, velocity_in

DATA = pathlib.Path(__file__).parent / "data"

# The facts: degrees, and metres for the clamp. Joints that are not named stay.
ENDS = {
    "wake_up": {"shoulder": 30, "elbow": 0, "wrist_ud": -90, "wrist_lr": 0, "torso": 0, "clamp": 0.03},
    "point_up": {"torso": 0, "wrist_ud": 0, "shoulder": 20, "elbow": 50},
    "sleep": {"wrist_lr": 0, "torso": 0, "shoulder": 60, "elbow": -39, "wrist_ud": -90, "clamp": 0.0},
}
RAISED = {"torso": -0.429, "shoulder": 18.799, "elbow": 61.7, "wrist_ud": -5.632, "wrist_lr": 0.282, "clamp": 0.03}

OWN = """
nod:
  steps:
    - repeat: 3
      steps:
        - move: {wrist_ud: 10}
        - move: {wrist_ud: -10}
slow:
  steps:
    - move: {torso: {to: 80, speed: 0.4}, wrist_lr: {to: 80, speed: 0.4}}
    - move: {clamp: open}
other:
  steps:
    - move: {elbow: {to: 20, speed: 0.5}}
patient:
  steps:
    - wait: 3600
    - move: {torso: 40}
pause:
  steps:
    - wait: 3
    - move: {torso: 40}
exempt:
  guard: false
  steps:
    - move: {torso: {to: 80, speed: 0.2}}
swing:
  steps:
    - move: {torso: 40}
      speed: 0.8
"""


def si(joint, value):
    """A value of the facts in rad, or m."""
    return value if joint == "clamp" else value * DEGREES


def at_home(steve):
    # From where `sleep` and `wake_up` leave it one joint alone may not go home: the model has the hand at desk or torso.
    steve.set_parameters(guard=False)
    steve.come_home()
    steve.set_parameters(guard=True)


@pytest.fixture
def arm(_shared_client):
    at_home(_shared_client)
    return _shared_client


@pytest.fixture
def motions(arm):
    return Action(arm, PlayMotion, "play_motion")


@pytest.fixture(scope="module")
def own_process(tmp_path_factory):
    """An arm with `OWN`."""
    file = tmp_path_factory.mktemp("motions") / "own.yaml"
    file.write_text(OWN)
    with Process("arm", parameters={"motions": str(file)}) as process:
        yield process


@pytest.fixture(scope="module")
def _own_client(own_process):
    return own_process.client()


@pytest.fixture
def own(_own_client):
    _own_client.come_home()
    return _own_client


@pytest.fixture
def own_motions(own):
    return Action(own, PlayMotion, "play_motion")


def goal(name, speed_scale=0.0):
    return PlayMotion.Goal(name=name, speed_scale=speed_scale)


def assert_at(message, ends):
    for joint, value in ends.items():
        assert position_in(message, joint) == pytest.approx(si(joint, value), abs=1e-9), joint


def play(motions, name, speed_scale=0.0):
    status, result = motions.run(goal(name, speed_scale))
    assert (status, result.success) == ("SUCCEEDED", True), result.message


def feedback_of(steve):
    """All feedback there is: rclpy's client forgets what comes when the status already tells the end."""
    return steve.record(PlayMotion.Impl.FeedbackMessage, f"{steve.arm}/play_motion/_action/feedback", 1000)


# --- Steve's own ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["wake_up", "point_up"])
def test_a_motion_ends_where_the_facts_say_and_the_rest_stays(arm, motions, name):
    arm.move("torso", -0.3)
    arm.move("wrist_lr", 0.2)
    before = arm.fresh_joint_state()
    play(motions, name)
    after = arm.fresh_joint_state()
    assert_at(after, ENDS[name])
    for joint in after.name:
        if joint not in ENDS[name]:
            assert position_in(after, joint) == position_in(before, joint)
    assert arm.wait_for_state(lambda state: not state.moving, "at rest").powered


def test_sleep_folds_up_and_goes_limp(arm, motions):
    arm.move("wrist_lr", 0.5)
    arm.move("clamp", 0.02)
    mark = arm.joint_states.mark()
    play(motions, "sleep")
    assert_at(arm.fresh_joint_state(), ENDS["sleep"])
    state = arm.wait_for_state(lambda state: not state.powered, "powered off")
    assert not state.moving and not any(joint.powered for joint in state.joints)
    messages = arm.joint_states.since(mark)
    assert all(velocity_in(m, "shoulder") == 0.0 for m in messages if velocity_in(m, "wrist_lr")), "first the wrist"
    assert all(velocity_in(m, "shoulder") == 0.0 for m in messages if velocity_in(m, "wrist_ud")), "last the hand"
    # 60 degrees at 1 rad/s, and no faster.
    assert max(velocity for _, _, velocity in track(messages, "shoulder")) == pytest.approx(1.0, abs=1e-9)


def test_after_sleep_it_wakes_up_again(arm, motions):
    play(motions, "sleep")
    arm.wait_for_state(lambda state: not state.powered, "powered off")
    mark = arm.joint_states.mark()
    play(motions, "wake_up")
    assert_at(arm.fresh_joint_state(), ENDS["wake_up"])
    first = arm.joint_states.since(mark)[0]
    assert position_in(first, "elbow") == pytest.approx(-39 * DEGREES, abs=0.3), "without a jump"
    assert arm.wait_for_state(lambda state: state.powered, "powered")


def test_high_five_raises_the_hand_claps_and_puts_everything_back(arm, motions):
    before = {"torso": 0.3, "shoulder": 0.2, "elbow": -0.1, "wrist_ud": 0.4, "wrist_lr": -0.2, "clamp": 0.01}
    for joint, position in before.items():
        assert arm.move(joint, position).status == "SUCCEEDED"
    mark = arm.joint_states.mark()
    play(motions, "high_five")
    after = arm.fresh_joint_state()
    for joint, position in before.items():
        assert position_in(after, joint) == pytest.approx(position, abs=1e-9), joint
    messages = arm.joint_states.since(mark)
    # At its wait's end and for all the claps it is up.
    up = [m for m in messages if all(position_in(m, j) == pytest.approx(si(j, v)) for j, v in RAISED.items() if j != "clamp")]
    assert len(up) > 20, "the hand was up"
    for joint in ("torso", "shoulder", "elbow"):
        raising = [m for m in messages if m.stamp < up[0].stamp]
        assert max(abs(velocity_in(m, joint)) for m in raising) <= 1.0 + 1e-9, "at 1 rad/s"
    assert turns([position_in(m, "clamp") for m in up], 0.025)[1] == 5, "it claps five times"


def turns(values, least):
    """How often the values turn down after having risen, and up after having fallen, by `least` at least."""
    down, up, rising, extreme = 0, 0, True, values[0]
    for value in values:
        extreme = max(extreme, value) if rising else min(extreme, value)
        if abs(value - extreme) >= least:
            down, up = (down + 1, up) if rising else (down, up + 1)
            rising, extreme = not rising, value
    return down, up


# --- feedback and speed -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["wake_up", "high_five"])
def test_feedback_never_goes_back_and_ends_at_the_last_step(arm, motions, name):
    recorder = feedback_of(arm)
    accepted = motions.start(goal(name, 2.0))
    assert accepted.result()[0] == "SUCCEEDED"
    ours = accepted.feedback
    assert len(ours) >= 3
    last = recorder.wait_for(lambda m: m.feedback.progress == 1.0, what="of the end").feedback
    steps = {"wake_up": 3, "high_five": 24}[name]
    told = [*ours, last]
    assert all(f.steps == steps and 1 <= f.step <= steps and 0.0 <= f.progress <= 1.0 for f in told), told
    assert last.step == steps
    for values in ([f.step for f in told], [f.progress for f in told]):
        assert values == sorted(values), values
    assert any(0.0 < f.progress < 1.0 for f in ours)


def test_speed_scale_0_is_1_and_2_is_faster(own, own_motions):
    def fastest(speed_scale):
        own.move("torso", 0.0)
        mark = own.joint_states.mark()
        play(own_motions, "swing", speed_scale)
        assert_at(own.fresh_joint_state(), {"torso": 40})
        return max(velocity for _, _, velocity in track(own.joint_states.since(mark), "torso"))

    assert [fastest(scale) for scale in (0.0, 1.0, 2.0, 0.5)] == pytest.approx([0.8, 0.8, 1.6, 0.4], abs=1e-6)


def test_a_repeat_is_played_as_often_as_it_says(own, own_motions):
    mark = own.joint_states.mark()
    # Slowly: every turn is to be seen.
    play(own_motions, "nod", 0.1)
    positions = [position for _, position, _ in track(own.joint_states.since(mark), "wrist_ud")]
    assert turns(positions, 5 * DEGREES)[0] == 3, "three times up and down again"
    assert_at(own.fresh_joint_state(), {"wrist_ud": -10})


# --- what is refused --------------------------------------------------------------------------------------------------

REFUSED = {
    "unknown name": (("wave", 0.0), ["no motion `wave`", "wake_up", "sleep", "high_five", "point_up"]),
    "nearly a name": (("wakeup", 0.0), ["no motion `wakeup`", "did you mean `wake_up`?"]),
    "no name": (("", 0.0), ["no motion ``"]),
    "speed_scale not a number": (("wake_up", math.nan), ["speed_scale", "NaN", "0.01 to 10"]),
    "negative speed_scale": (("wake_up", -1.0), ["speed_scale", "-1"]),
    "speed_scale 11": (("wake_up", 11.0), ["speed_scale", "11", "0.01 to 10"]),
    "infinite speed_scale": (("wake_up", math.inf), ["speed_scale", "inf"]),
    "next to no speed_scale": (("wake_up", 0.001), ["speed_scale", "0.001"]),
}


@pytest.mark.parametrize(("wanted", "words"), REFUSED.values(), ids=REFUSED.keys())
def test_a_motion_is_refused_with_the_reason(arm, shared_arm, motions, wanted, words):
    rosout = arm.rosout.mark()
    motions.rejects(shared_arm, goal(*wanted), "~/play_motion", *words)
    arm.rosout.wait_for(lambda line: "goal rejected" in line.msg and all(word in line.msg for word in words), rosout)
    assert all(position == 0.0 for position in arm.fresh_joint_state().position)


def test_under_emergency_stop_no_motion_begins(arm, shared_arm, motions):
    assert arm.emergency_stop(True).success
    motions.rejects(shared_arm, goal("wake_up"), "emergency stop")
    assert all(position == 0.0 for position in arm.fresh_joint_state().position)
    assert arm.emergency_stop(False).success
    play(motions, "point_up")


# --- how it ends early ------------------------------------------------------------------------------------------------


def under_way(steve, motions, name="slow", joints=("torso", "wrist_lr")):
    mark = steve.joint_states.mark()
    accepted = motions.start(goal(name))
    for joint in joints:
        steve.wait_for_motion(joint, mark)
    return accepted


def assert_all_hold(steve):
    """Everything rests, and nothing goes on."""
    steve.wait_for_state(lambda state: not state.moving, "at rest")
    held = list(steve.fresh_joint_state().position)
    for message in steve.joint_states.wait_for_count(15, steve.joint_states.mark()):
        assert list(message.position) == held and not any(message.velocity), "it holds"
    return steve.fresh_joint_state()


def test_cancel_holds_in_mid_motion(own, own_motions):
    accepted = under_way(own, own_motions)
    answer = accepted.cancel()
    assert answer.return_code == answer.ERROR_NONE and len(answer.goals_canceling) == 1
    status, result = accepted.result()
    assert (status, result.success, result.message) == ("CANCELED", False, "canceled")
    assert not any(own.fresh_joint_state().velocity), "it ends when everything holds"
    held = assert_all_hold(own)
    assert 0.0 < position_in(held, "torso") < 79 * DEGREES and position_in(held, "clamp") == 0.0
    assert own.state.last.powered


def test_cancel_during_a_wait_ends_at_once(own, own_motions):
    accepted = own_motions.start(goal("patient"))
    assert accepted.cancel().goals_canceling
    status, result = accepted.result()
    assert (status, result.success) == ("CANCELED", False)


def test_a_move_of_one_of_its_joints_aborts_the_motion_with_the_reason(own, own_motions, own_process):
    accepted = under_way(own, own_motions)
    log = own_process.log.mark()
    move = own.start("torso", -0.2, speed=1.0)
    status, result = accepted.result()
    assert (status, result.success) == ("ABORTED", False)
    assert all(word in result.message for word in ("step 1 of 2", "torso", "preempted")), result.message
    own_process.log.wait_for(lambda line: "~/play_motion: slow aborted" in line and "preempted" in line, log)
    end = move.result()
    assert (end.status, end.position) == ("SUCCEEDED", pytest.approx(-0.2))
    held = assert_all_hold(own)
    assert position_in(held, "wrist_lr") < 79 * DEGREES and position_in(held, "clamp") == 0.0, "and nothing goes on after it"


def test_a_command_for_one_of_its_joints_aborts_the_motion_too(own, own_motions):
    accepted = under_way(own, own_motions)
    own.command(wrist_lr=0.0)
    status, result = accepted.result()
    assert (status, result.success) == ("ABORTED", False) and "preempted" in result.message, result


def test_a_move_of_another_joint_leaves_the_motion_alone(own, own_motions):
    accepted = under_way(own, own_motions, "swing", ["torso"])
    assert own.move("elbow", 0.3).status == "SUCCEEDED"
    assert accepted.result()[0] == "SUCCEEDED"


def test_stop_and_power_off_abort_a_motion(own, own_motions):
    for end, word in ((own.stop, "stop"), (lambda: own.power(False), "power")):
        accepted = under_way(own, own_motions)
        assert end().success
        status, result = accepted.result()
        assert (status, result.success) == ("ABORTED", False) and word in result.message, result
        assert_all_hold(own)
        own.come_home()


def test_an_emergency_stop_aborts_a_motion(own, own_motions):
    accepted = under_way(own, own_motions)
    assert own.emergency_stop(True).success
    status, result = accepted.result()
    assert (status, result.success) == ("ABORTED", False) and "emergency stop" in result.message, result
    held = assert_all_hold(own)
    assert 0.0 < position_in(held, "torso") < 79 * DEGREES
    assert own.emergency_stop(False).success
    assert list(assert_all_hold(own).position) == list(held.position), "its release brings nothing back"


def test_a_motion_that_is_exempt_may_go_where_the_guard_would_not_let_it(arm, motions):
    play(motions, "wake_up")
    end = arm.move("wrist_ud", -80 * DEGREES)
    assert end.status == "SUCCEEDED", "and what is in the torso by the model may leave it"


@pytest.mark.parametrize("how", ["goal", "command", "jog"])
def test_a_motion_that_is_exempt_exempts_nobody_else(own, own_motions, how):
    accepted = under_way(own, own_motions, "exempt", ["torso"])
    mark = own.joint_states.mark()
    if how == "goal":
        goal_of_another = own.request("shoulder", 90 * DEGREES, speed=1.5)
        assert goal_of_another is None or goal_of_another.result().status == "ABORTED"
    elif how == "command":
        own.command(shoulder=90 * DEGREES)
    else:
        with Jogging(own, shoulder=1.5):
            own.joint_states.wait_for_count(80, mark)
    positions = [position for _, position, _ in track(own.joint_states.wait_for_count(60, mark), "shoulder")]
    accepted.cancel()
    own.stop()
    accepted.result()
    own.set_parameters(guard=False)
    own.move("shoulder", 0.0)
    own.set_parameters(guard=True)
    assert max(positions) < 60 * DEGREES, "into the desk"


ENDS_ALL = {
    "stop": (lambda steve: [steve.stop()], "stop"), "power off": (lambda steve: [steve.power(False)], "power"),
    "emergency stop": (lambda steve: [steve.emergency_stop(True)], "emergency stop"),
    "emergency stop and its release": (lambda steve: [steve.emergency_stop(True), steve.emergency_stop(False)], "emergency stop"),
}


@pytest.mark.parametrize(("end", "word"), ENDS_ALL.values(), ids=ENDS_ALL.keys())
@pytest.mark.parametrize("name", ["patient", "pause"])
def test_what_ends_every_motion_ends_one_that_only_waits(own, own_motions, name, end, word):
    accepted = own_motions.start(goal(name))
    assert all(answer.success for answer in end(own))
    status, result = accepted.result()
    assert (status, result.success) == ("ABORTED", False) and word in result.message, result
    assert list(assert_all_hold(own).position) == [0.0] * 6, "nothing goes on after it"


def test_two_motions_of_different_joints_run_side_by_side(own, own_motions):
    mark = own.joint_states.mark()
    both = [own_motions.start(goal(name, 0.3)) for name in ("swing", "other")]
    assert [accepted.result()[0] for accepted in both] == ["SUCCEEDED"] * 2
    assert any(velocity_in(m, "torso") and velocity_in(m, "elbow") for m in own.joint_states.since(mark)), "at the same time"
    assert_at(own.fresh_joint_state(), {"torso": 40, "elbow": 20})


def test_of_two_motions_with_a_joint_in_common_the_newer_takes_it(own, own_motions):
    older = under_way(own, own_motions)
    newer = own_motions.start(goal("swing"))
    status, result = older.result()
    assert (status, result.success) == ("ABORTED", False) and "preempted" in result.message and "torso" in result.message
    assert newer.result()[0] == "SUCCEEDED"
    assert_at(own.fresh_joint_state(), {"torso": 40})


def test_while_a_motion_runs_the_state_says_so(own, own_motions):
    accepted = under_way(own, own_motions)
    state = own.wait_for_state(lambda state: state.moving, "moving")
    assert servo(state, "torso").goal == pytest.approx(80 * DEGREES)
    accepted.cancel()
    accepted.result()


def test_the_end_of_the_node_ends_a_motion(start, tmp_path):
    file = tmp_path / "own.yaml"
    file.write_text(OWN)
    process = start("arm", parameters={"motions": str(file)})
    # A client of its own: the process closes those that it hands out when it has ended.
    with Steve(process.domain) as steve:
        accepted = under_way(steve, Action(steve, PlayMotion, "play_motion"))
        process.end()
        status, result = accepted.result()
        assert (status, result.success) == ("ABORTED", False), result


# --- the file ---------------------------------------------------------------------------------------------------------

BROKEN = """\
wave:
  steps:
    - move: {tosro: 10}
    - move: {torso: 200}
    - wiat: 1
nothing:
  steps: []
Shout:
  steps:
    - wait: -1
"""


def test_a_broken_file_of_ones_own_is_refused_at_start_with_every_fault_and_its_line(tmp_path):
    file = tmp_path / "broken.yaml"
    file.write_text(BROKEN)
    code, said = run_to_end("arm", parameters={"motions": str(file)})
    assert code == 2, (code, said)
    lines = said.splitlines()
    for line, words in ((3, ["tosro", "torso"]), (4, ["torso", "200"]), (5, ["wiat", "wait"]), (7, ["steps"]), (8, ["Shout"]), (10, ["-1"])):
        told = [text for text in lines if f"broken.yaml:{line}:" in text]
        assert told and all(word in told[0] for word in words), (line, words, said)
    assert "panicked" not in said


@pytest.mark.parametrize(
    ("text", "words"),
    [(None, ["motions", "cannot read"]), ("", ["empty"]), ("wave: [", ["broken.yaml"]), ("- wave\n", ["broken.yaml:1"])],
    ids=["no such file", "empty", "no YAML", "a list"],
)
def test_a_file_that_is_no_motions_file_is_refused_at_start(tmp_path, text, words):
    file = tmp_path / "broken.yaml"
    if text is not None:
        file.write_text(text)
    code, said = run_to_end("arm", parameters={"motions": str(file)})
    assert code == 2 and all(word in said for word in words) and "panicked" not in said, (code, said)


def test_a_file_of_ones_own_replaces_those_installed(own, own_process, own_motions):
    own_motions.rejects(own_process, goal("wake_up"), "no motion `wake_up`", "nod", "swing")


def test_another_robot_goes_without_motions_and_without_guard_and_says_so(start):
    process = start("arm", parameters={"robot": str(DATA / "pan_tilt.yaml")})
    for words in (["no motions", "pan_tilt"], ["no guard"]):
        process.log.wait_for(lambda line: all(word in line for word in words), what=str(words))
    steve = process.client()
    Action(steve, PlayMotion, "play_motion").rejects(process, goal("wake_up"), "no motion `wake_up`", "there are none")
    assert steve.move("pan", 0.3).status == "SUCCEEDED"
    recorder = steve.diagnostics()
    told = recorder.wait_for(lambda m: any(status.name == "arm: guard" for status in m.status))
    assert "none" in next(status.message for status in told.status if status.name == "arm: guard")


def test_another_robot_may_have_motions_of_its_own(start, tmp_path):
    file = tmp_path / "pan_tilt.yaml"
    file.write_text("look:\n  steps:\n    - move: {pan: 40, tilt: upper}\n")
    process = start("arm", parameters={"robot": str(DATA / "pan_tilt.yaml"), "motions": str(file)})
    steve = process.client()
    play(Action(steve, PlayMotion, "play_motion"), "look")
    message = steve.fresh_joint_state(time.time())
    assert list(message.position) == pytest.approx([40 * DEGREES, 60 * DEGREES])
