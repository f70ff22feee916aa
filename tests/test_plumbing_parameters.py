"""Parameters, with rclpy's own parameter client: from one table, with ranges, read-only and reasons."""

import itertools
import math

import pytest
from rcl_interfaces.msg import ParameterEvent, ParameterType
from rclpy.parameter import Parameter, parameter_value_to_python
from rclpy.parameter_client import AsyncParameterClient

from harness import run_to_end
from harness.steve import JOINTS

NAMES = {
    "robot", "backend", "sim_start", "sim_seed", "sim_fault", "update_rate", "state_rate", "feedback_rate", "result_timeout",
    "command_timeout", "power_on", "idle_timeout", "on_shutdown", "park_motion", "state_file", "motions", "guard", "guard_height",
    "urdf",
}
SETTABLE = {"sim_fault", "state_rate", "feedback_rate", "command_timeout", "guard", "guard_height"}


class Parameters:
    """rclpy's parameter client, with its answers waited for."""

    def __init__(self, steve, node):
        self._steve = steve
        self._client = steve.do(AsyncParameterClient, steve.node, node)
        assert self._client.wait_for_services(30.0)

    def _wait(self, method, *arguments):
        return self._steve.wait(self._steve.do(method, *arguments), method.__name__)

    def list(self, prefixes=None, depth=None):
        return set(self._wait(self._client.list_parameters, prefixes, depth).result.names)

    def get(self, *names):
        values = self._wait(self._client.get_parameters, list(names)).values
        assert len(values) == len(names)
        return [parameter_value_to_python(value) for value in values]

    def types(self, *names):
        return list(self._wait(self._client.get_parameter_types, list(names)).types)

    def describe(self, *names):
        return self._wait(self._client.describe_parameters, list(names)).descriptors

    def set(self, **values):
        """The results, one a parameter."""
        return self._wait(self._client.set_parameters, _parameters_of(values)).results

    def set_atomically(self, **values):
        return self._wait(self._client.set_parameters_atomically, _parameters_of(values)).result


def _parameters_of(values):
    return [Parameter(name, value=value) for name, value in values.items()]


@pytest.fixture(scope="module")
def _parameters(shared_arm, _shared_client):
    return Parameters(_shared_client, "arm")


@pytest.fixture
def parameters(_parameters):
    assert all(result.successful for result in _parameters.set(state_rate=50.0, feedback_rate=20.0))
    return _parameters


def test_every_parameter_is_listed(parameters):
    assert parameters.list() == NAMES
    assert parameters.list(prefixes=["robot"]) == {"robot"}
    assert parameters.list(prefixes=["nonsense"]) == set()


def test_values_and_types_can_be_had(parameters):
    assert parameters.get("state_rate", "backend", "sim_seed", "update_rate") == [50.0, "sim", 0, 50.0]
    kinds = [ParameterType.PARAMETER_DOUBLE, ParameterType.PARAMETER_STRING, ParameterType.PARAMETER_INTEGER]
    assert parameters.types("state_rate", "backend", "sim_seed") == kinds


def test_an_unknown_name_has_no_value_and_no_type(parameters):
    assert parameters.get("nonsense", "state_rate") == [None, 50.0]
    assert parameters.types("nonsense") == [ParameterType.PARAMETER_NOT_SET]


def test_descriptors_show_type_range_read_only_and_meaning(parameters):
    described = {descriptor.name: descriptor for descriptor in parameters.describe(*sorted(NAMES))}
    assert {name for name, descriptor in described.items() if not descriptor.read_only} == SETTABLE
    assert all(descriptor.description and descriptor.additional_constraints for descriptor in described.values())
    [limits] = described["update_rate"].floating_point_range
    assert (limits.from_value, limits.to_value) == (1.0, 200.0)
    [limits] = described["sim_seed"].integer_range
    assert limits.from_value == 0
    assert "home" in described["power_on"].additional_constraints and "refuse" in described["power_on"].additional_constraints


def test_state_rate_changes_the_rate_of_joint_states(arm, parameters):
    def period():
        # What was under way when the rate changed comes first.
        messages = arm.joint_states.wait_for_count(12, arm.joint_states.mark())[2:]
        gaps = sorted(later.stamp - earlier.stamp for earlier, later in itertools.pairwise(messages))
        return gaps[len(gaps) // 2]

    [result] = parameters.set(state_rate=10.0)
    assert result.successful, result.reason
    assert parameters.get("state_rate") == [10.0]
    slow = period()
    parameters.set(state_rate=100.0)
    fast = period()
    assert slow > 3 * fast, (slow, fast)


def test_feedback_rate_is_taken_for_the_next_goal(arm, parameters):
    def count():
        goal = arm.start("torso", 0.3 if arm.position("torso") == 0.0 else 0.0, speed=0.4)
        goal.result()
        return len(goal.feedback)

    parameters.set(feedback_rate=4.0)
    few = count()
    parameters.set(feedback_rate=40.0)
    assert count() > 2 * few


def test_an_integer_is_taken_where_a_number_is_meant(parameters):
    [result] = parameters.set(state_rate=20)
    assert result.successful, result.reason
    assert parameters.get("state_rate") == [20.0]
    assert parameters.types("state_rate") == [ParameterType.PARAMETER_DOUBLE], "it stays what it was declared as"


@pytest.mark.parametrize("value", [0.0, -1.0, 200.5, 1000, math.nan, math.inf, "fast", True, [50.0]], ids=repr)
def test_a_bad_value_is_refused_with_a_reason_that_names_value_and_range(shared_arm, parameters, value):
    mark = shared_arm.log.mark()
    [result] = parameters.set(state_rate=value)
    assert not result.successful
    assert "state_rate" in result.reason and "from 1 to 200 Hz" in result.reason, result.reason
    if isinstance(value, str) or not isinstance(value, (bool, list)) and math.isfinite(value):
        assert str(value).removesuffix(".0") in result.reason, result.reason
    assert parameters.get("state_rate") == [50.0]
    shared_arm.log.wait_for(lambda line: "refused" in line and "state_rate" in line, mark)


def test_an_unknown_name_is_refused(parameters):
    [result] = parameters.set(stat_rate=20.0)
    assert not result.successful
    assert "stat_rate" in result.reason and "state_rate" in result.reason, result.reason
    assert parameters.list() == NAMES, "and not declared by it"


@pytest.mark.parametrize(
    ("name", "value"), [("update_rate", 100.0), ("backend", "sim"), ("robot", "/x.yaml"), ("power_on", "home")],
)
def test_a_read_only_parameter_is_refused(parameters, name, value):
    before = parameters.get(name)
    [result] = parameters.set(**{name: value})
    assert not result.successful and "read-only" in result.reason, result
    assert parameters.get(name) == before


def test_of_several_parameters_the_good_ones_are_set(parameters):
    results = parameters.set(state_rate=30.0, feedback_rate=-3.0)
    assert [result.successful for result in results] == [True, False]
    assert parameters.get("state_rate", "feedback_rate") == [30.0, 20.0]


def test_atomically_all_are_set_or_none(parameters):
    result = parameters.set_atomically(state_rate=30.0, feedback_rate=-3.0)
    assert not result.successful and "feedback_rate" in result.reason, result
    assert parameters.get("state_rate", "feedback_rate") == [50.0, 20.0]
    assert parameters.set_atomically(state_rate=30.0, feedback_rate=10.0).successful
    assert parameters.get("state_rate", "feedback_rate") == [30.0, 10.0]


def test_a_change_is_told_on_parameter_events(arm, parameters):
    recorder = arm.record(ParameterEvent, "/parameter_events", 100)
    # The subscription has to be matched before a change counts.
    parameters.set(state_rate=33.0)
    recorder.wait_for(lambda m: m.node == "/arm")
    mark = recorder.mark()
    parameters.set(feedback_rate=11.0)
    event = recorder.wait_for(lambda m: m.node == "/arm", mark)
    assert [(p.name, p.value.double_value) for p in event.changed_parameters] == [("feedback_rate", 11.0)]
    assert event.new_parameters == [] and event.deleted_parameters == []
    mark = recorder.mark()
    parameters.set(feedback_rate=-11.0)
    parameters.set(feedback_rate=12.0)
    event = recorder.wait_for(lambda m: m.node == "/arm", mark)
    assert event.changed_parameters[0].value.double_value == 12.0, "what was refused is no event"


# --- parameter files and the command line -----------------------------------------------------------------------------


def parameter_file(tmp_path, text):
    file = tmp_path / "parameters.yaml"
    file.write_text(f"arm:\n  ros__parameters:\n{text}")
    return file


def test_an_unknown_name_in_a_parameter_file_is_reported(start, tmp_path):
    process = start("arm", params_file=parameter_file(tmp_path, "    stat_rate: 20.0\n    use_sim_time: false\n"))
    line = process.log.wait_for(lambda line: "stat_rate" in line)
    assert "WARN" in line and "unknown" in line and "state_rate" in line, line
    assert list(process.client().joint_states.last.name) == JOINTS, "and the node runs"
    assert "use_sim_time" not in process.text(), "which launch files set everywhere"


def test_an_integer_in_a_parameter_file_is_taken_where_a_number_is_meant(start, tmp_path):
    steve = start("arm", params_file=parameter_file(tmp_path, "    state_rate: 20\n    update_rate: 100\n")).client()
    assert Parameters(steve, "arm").get("state_rate", "update_rate") == [20.0, 100.0]


def test_bad_values_in_a_parameter_file_end_the_process_with_code_2_and_name_them_all(tmp_path):
    file = parameter_file(tmp_path, "    update_rate: 0\n    state_rate: fast\n    power_on: maybe\n")
    code, said = run_to_end("arm", params_file=file)
    assert code == 2
    for words in (["update_rate: 0", "1 to 200 Hz"], ['state_rate: "fast"'], ['power_on: "maybe"', "refuse, home"]):
        assert all(word in said for word in words), (words, said)
    assert "panic" not in said and "backtrace" not in said, said


def test_a_bad_value_on_the_command_line_ends_the_process_with_code_2():
    code, said = run_to_end("bringup", parameters={"update_rate": 1000})
    assert code == 2 and "update_rate" in said and "1000" in said and "1 to 200 Hz" in said, said
    assert "panic" not in said, said


def test_every_parameter_is_in_the_table_that_the_executables_print():
    code, said = run_to_end("bringup", "--nodes", "arm", "--describe-parameters")
    assert code == 0
    assert all(f"| `{name}` |" in said for name in NAMES), said
