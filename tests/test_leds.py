"""Node leds: layers in, colours out; what is refused; that nothing is sent when nothing changes."""

import itertools
import math
import time

import pytest
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from rcl_interfaces.msg import Log
from rclpy.qos import QoSProfile
from shaky_steve.msg import LedLayer
from std_msgs.msg import ColorRGBA
from visualization_msgs.msg import Marker, MarkerArray

from harness import Process, run_to_end, wait_until
from harness.client import ROSOUT
from harness.leds import BLACK, BLUE, GREEN, RED, WHITE, Leds, close, lights, set_parameters


@pytest.fixture(scope="module")
def process():
    with Process("leds", node="leds") as process:
        yield process


@pytest.fixture(scope="module")
def shared_client(process):
    with Leds(process.domain) as client:
        yield client


@pytest.fixture
def leds(shared_client):
    """Dark, and without layers."""
    shared_client.clear()
    set_parameters(shared_client, brightness=1.0, gamma=2.2, rate=100.0, status=True)
    shared_client.shows(BLACK, layers=[])
    return shared_client


def red(state):
    return state.leds[0].r


# --- layers ----------------------------------------------------------------------------------------------------------


def test_one_colour_is_for_all_leds_and_four_for_each_its_own(leds):
    leds.set("all", "solid", (0.2, 0.4, 0.6))
    state = leds.shows((0.2, 0.4, 0.6), layers=["all"])
    assert [led.a for led in state.leds] == [1.0] * 4 and state.header.stamp.sec > 0
    leds.set("all", "solid", RED, GREEN, BLUE, WHITE)
    leds.shows(RED, GREEN, BLUE, WHITE, layers=["all"])


def test_layers_blend_by_alpha_in_the_order_they_were_added(leds):
    leds.set("below", "solid", RED)
    leds.set("above", "solid", (0, 0, 1, 0.5))
    leds.shows((0.5, 0, 0.5), layers=["below", "above"])
    leds.set("top", "solid", (0, 1, 0, 0.0), (0, 1, 0, 0.25), GREEN, (0, 1, 0, 1))
    leds.shows((0.5, 0, 0.5), (0.375, 0.25, 0.375), GREEN, GREEN, layers=["below", "above", "top"])


def test_a_layer_set_again_replaces_itself_and_keeps_its_place(leds):
    leds.set("below", "solid", RED)
    leds.set("above", "solid", (0, 0, 1, 0.5))
    leds.shows((0.5, 0, 0.5))
    leds.set("below", "solid", GREEN)
    leds.shows((0, 0.5, 0.5), layers=["below", "above"])


def test_off_takes_the_layer_of_its_name_away_and_no_other(leds):
    leds.set("one", "solid", RED)
    leds.set("two", "solid", BLUE)
    leds.shows(BLUE, layers=["one", "two"])
    leds.set("three", "off")
    leds.set("two", "off")
    leds.shows(RED, layers=["one"])
    leds.set("one", "off", RED)
    leds.shows(BLACK, layers=[])


def test_clear_takes_all_away_and_tells_how_many(leds):
    assert leds.clear() == "there was no layer"
    leds.set("one", "solid", RED)
    leds.has_layers("one")
    assert leds.clear() == "1 layer went"
    for name in ("a", "b", "c"):
        leds.set(name, "solid", (1, 1, 1, 0.1))
    leds.has_layers("a", "b", "c")
    assert leds.clear() == "3 layers went"
    leds.shows(BLACK, layers=[])


def test_a_layer_goes_by_itself_when_its_lifetime_is_over(leds):
    leds.set("below", "solid", GREEN)
    # Its state may be told late: what counts is when it was set.
    begun = time.time()
    leds.set("short", "solid", RED, lifetime=1.0)
    leds.shows(RED, layers=["below", "short"])
    gone = leds.shows(GREEN, layers=["below"])
    assert gone.stamp - begun >= 0.99, "not before its time"


def test_a_layer_set_again_lives_anew(leds):
    leds.set("short", "solid", RED, lifetime=0.5)
    leds.shows(RED)
    leds.set("short", "solid", BLUE)
    leds.shows(BLUE)
    mark = leds.state.mark()
    time.sleep(1.0)
    assert leds.state.since(mark) == []


# --- effects ---------------------------------------------------------------------------------------------------------


def test_a_blink_is_on_and_off_by_turns(leds):
    mark = leds.state.mark()
    leds.set("blink", "blink", RED, period=0.4)
    states = leds.state.wait_for_count(11, mark)
    assert [red(state) for state in states[:11]] == [1.0, 0.0] * 5 + [1.0], "nothing in between"
    assert states[10].stamp - states[0].stamp >= 1.5, "five periods of 0.4 s, one of them cut short by a late beginning"


def test_a_blink_and_a_lifetime_over_a_slow_breath_are_not_overslept(leds):
    # So slow that looking seldom would do for the breath, were it alone.
    set_parameters(leds, rate=5.0)
    overslept = []
    # The machine may be late as well, but not again and again.
    for _ in range(3):
        leds.clear()
        leds.has_layers()
        lifetime, edges = lifetime_and_edges(leds)
        # Two samples late at most. The newest edge may be one sample late, and so may the first.
        late = [edge - edges[0] - number for number, edge in enumerate(edges)]
        if 2.7 <= lifetime < 3.4 and all(abs(seconds) < 0.4 for seconds in late):
            return
        overslept.append((lifetime, late))
    raise AssertionError(f"s that 3 s lasted, and s that edges were late: {overslept}")


def lifetime_and_edges(leds):
    """How long a lifetime of 3 s lasts while a blink has an edge a second, and when seven of these are."""
    leds.set("breath", "breathe", (0, 0.1, 0), period=60.0)
    mark = leds.state.mark()
    leds.set("short", "solid", (0, 0, 1, 0.0), lifetime=3.0)
    leds.set("blink", "blink", RED, period=2.0)
    gone = leds.state.wait_for(lambda state: list(state.layers) == ["breath", "blink"], mark, what="the short one's end")
    there = leds.state.wait_for(lambda state: "short" in state.layers, mark)

    def edges():
        states = leds.state.since(mark)
        return [late.stamp for early, late in zip(states, states[1:]) if red(early) != red(late)]

    wait_until(lambda: len(edges()) >= 7, "edges")
    return gone.stamp - there.stamp, edges()[:7]


def test_breathing_swells_from_dark_to_the_colour_and_back(leds):
    mark = leds.state.mark()
    # Slowly: it is near the full colour, and near the dark, for as long as anybody may be late.
    leds.set("breath", "breathe", (1.0, 0.5, 0.0), period=8.0)
    full = leds.state.wait_for(lambda state: red(state) > 0.95, mark)
    leds.state.wait_for(lambda state: red(state) < 0.05, leds.state.mark())
    values = [red(state) for state in leds.state.since(mark) if state.layers]
    peak = values.index(max(values))
    assert values[: peak + 1] == sorted(values[: peak + 1]), "up"
    trough = min(range(peak, len(values)), key=lambda i: values[i])
    assert values[peak : trough + 1] == sorted(values[peak : trough + 1], reverse=True), "and down"
    assert len({round(value, 2) for value in values}) > 10, "smoothly"
    assert full.leds[0].g == pytest.approx(full.leds[0].r / 2) and full.leds[0].b == 0.0


def test_a_fade_goes_from_what_is_seen_to_its_colour_and_rests_there(leds):
    leds.set("below", "solid", (0.2, 0.0, 0.0))
    leds.shows((0.2, 0, 0))
    mark = leds.state.mark()
    leds.set("fade", "fade", RED, period=3.0)
    leds.state.wait_for(lambda state: red(state) == 1.0, mark)
    values = [red(state) for state in leds.state.since(mark)]
    assert values[0] < 0.5 and values == sorted(values) and len(values) > 5, values
    mark = leds.state.mark()
    time.sleep(0.5)
    assert leds.state.since(mark) == []


# --- what is published, and when -------------------------------------------------------------------------------------


def test_who_comes_late_gets_the_state(process, leds):
    leds.set("there", "solid", GREEN, RED, BLUE, WHITE)
    leds.shows(GREEN, RED, BLUE, WHITE)
    with Leds(process.domain) as late:
        late.shows(GREEN, RED, BLUE, WHITE, layers=["there"])
        assert late.state.mark() == 1


def test_who_comes_late_while_something_animates_sees_it_animate(process, leds):
    leds.set("breath", "breathe", GREEN, period=3.0)
    leds.has_layers("breath")
    with Leds(process.domain) as late:
        late.state.wait_for_count(5)
        late.state.wait_for(lambda state: state.leds[0].g > 0.9)


def test_nothing_is_published_while_nothing_changes(leds):
    leds.set("still", "solid", RED)
    leds.shows(RED)
    mark = leds.state.mark()
    # The same again is no change, nor is what cannot be seen.
    leds.set("still", "solid", RED)
    leds.set("still", "solid", (1.0, 0.0004, 0.0))
    time.sleep(1.5)
    assert leds.state.since(mark) == []


@pytest.mark.parametrize("rate", [100.0, 5.0])
def test_however_many_ask_the_state_comes_no_more_often_than_the_rate(leds, rate):
    set_parameters(leds, rate=rate)
    leds.set("flood", "solid", BLACK)
    leds.has_layers("flood")
    mark = leds.state.mark()
    for value in range(1, 601):
        leds.set("flood", "solid", (value / 600, 0, 0))
        time.sleep(0.002)
    leds.shows((1.0, 0, 0), since=mark)
    stamps = [state.stamp for state in leds.state.since(mark)]
    assert len(stamps) > 3
    for first, last in itertools.combinations(range(len(stamps)), 2):
        # A message may go out late, and the next one in time.
        assert last - first <= (stamps[last] - stamps[first] + 0.1) * rate + 1, stamps[first : last + 1]


def test_brightness_dims_the_picture_and_not_the_colours(leds):
    markers = leds.record(MarkerArray, "/leds/markers", 5)
    leds.set("white", "solid", WHITE)
    leds.shows(WHITE)
    set_parameters(leds, brightness=0.25)
    wanted = 0.25 ** (1 / 2.2)
    markers.wait_for(lambda array: all(close((m.color.r, m.color.g, m.color.b), (wanted,) * 3) for m in array.markers))
    leds.shows(WHITE)


def writes(array):
    return int({value.key: value.value for value in array.status[0].values}["writes"])


def test_gamma_set_while_it_runs_reaches_lights_and_picture(leds):
    diagnostics, markers = leds.record(DiagnosticArray, "/diagnostics"), leds.record(MarkerArray, "/leds/markers", 5)
    leds.set("half", "solid", (0.5, 0.5, 0.5))
    set_parameters(leds, brightness=0.25)
    leds.shows((0.5, 0.5, 0.5))
    before = writes(diagnostics.wait_for_count(2, diagnostics.mark())[-1])
    mark = markers.mark()
    set_parameters(leds, gamma=1.0)
    markers.wait_for(lambda array: all(close((m.color.r, m.color.g, m.color.b), (0.125,) * 3) for m in array.markers), mark)
    diagnostics.wait_for(lambda array: writes(array) == before + 1)
    leds.shows((0.5, 0.5, 0.5))


def test_nothing_is_written_while_nothing_changes(leds):
    diagnostics = leds.record(DiagnosticArray, "/diagnostics")
    leds.set("still", "solid", RED)
    leds.shows(RED)
    first = diagnostics.wait_for_count(2, diagnostics.mark())[-1]
    mark = diagnostics.mark()
    # The same again is no change, nor is a fade to what is there.
    for _ in range(100):
        leds.set("still", "solid", RED)
        time.sleep(0.01)
    leds.set("still", "fade", RED, period=0.5)
    later = diagnostics.wait_for_count(2, mark)
    assert {writes(array) for array in later} == {writes(first)}
    leds.set("still", "solid", BLUE)
    diagnostics.wait_for(lambda array: writes(array) == writes(first) + 1, mark)


# --- rviz ------------------------------------------------------------------------------------------------------------


def picture(array):
    """What rviz draws: id and namespace tell the objects apart."""
    return {(marker.ns, marker.id): marker for marker in array.markers}


def test_rviz_sees_four_spheres_in_the_colours_on_the_robots_frames(process, leds):
    leds.set("colours", "solid", RED, GREEN, BLUE, (0.5, 0.5, 0))
    leds.shows(RED, GREEN, BLUE, (0.5, 0.5, 0))
    with Leds(process.domain) as rviz:
        # As rviz/steve.rviz subscribes: volatile, depth 5; nothing changes any more when it comes.
        seen = rviz.record(MarkerArray, "/leds/markers", QoSProfile(depth=5))
        markers = picture(seen.last)
        assert sorted(markers) == [("leds", i) for i in range(4)]
        for i, color in enumerate([RED, GREEN, BLUE, (0.5, 0.5, 0)]):
            marker = markers["leds", i]
            assert marker.header.frame_id == f"led_{i}" and marker.frame_locked
            assert marker.type == Marker.SPHERE and marker.action == Marker.ADD
            assert marker.scale.x == marker.scale.y == marker.scale.z == pytest.approx(0.008)
            assert marker.pose.orientation.w == 1.0
            assert close((marker.color.r, marker.color.g, marker.color.b), color) and marker.color.a == 1.0
        seen.wait_for_count(3)


def test_rviz_sees_what_animates(process, leds):
    with Leds(process.domain) as rviz:
        seen = rviz.record(MarkerArray, "/leds/markers", QoSProfile(depth=5))
        leds.set("blink", "blink", RED, period=0.5)
        for value in (1.0, 0.0, 1.0, 0.0):
            seen.wait_for(lambda array: array.markers[2].color.r == value, max(seen.mark() - 1, 0))
        leds.set("blink", "solid", BLUE)
        seen.wait_for(lambda array: array.markers[2].color.b == 1.0, seen.mark())


def test_rviz_is_not_flooded(process, leds):
    with Leds(process.domain) as rviz:
        seen = rviz.record(MarkerArray, "/leds/markers", QoSProfile(depth=5))
        seen.last
        leds.set("breath", "breathe", WHITE, period=0.3)
        leds.has_layers("breath")
        mark, start = seen.mark(), time.monotonic()
        time.sleep(2.0)
        # Five may have waited to be taken.
        assert 10 < len(seen.since(mark)) <= (time.monotonic() - start) * 25 + 3 + 5


# --- what is refused -------------------------------------------------------------------------------------------------


def layer(**changes):
    fields = {"name": "bad", "effect": LedLayer.SOLID, "colors": [ColorRGBA(r=1.0, a=1.0)], "period": 1.0, "lifetime": 0.0}
    return LedLayer(**fields | changes)


def colors(*channels):
    return [ColorRGBA(**dict(zip("rgba", color))) for color in channels]


BAD = {
    "a colour above 1": (layer(colors=colors((1.5, 0.0, 0.0, 1.0))), ["colors[0].r", "1.5", "0 to 1"]),
    "a colour below 0": (layer(colors=colors((0.0, -0.5, 0.0, 1.0))), ["colors[0].g", "-0.5", "0 to 1"]),
    "a colour that is no number": (layer(colors=colors(*[(0.0, 0.0, 0.0, 1.0)] * 3, (0.0, 0.0, math.nan, 1.0))), ["colors[3].b", "NaN"]),
    "an infinite colour": (layer(colors=colors((0.0, 0.0, math.inf, 1.0))), ["colors[0].b", "inf"]),
    "an alpha above 1": (layer(colors=colors((0.0, 0.0, 0.0, 255.0))), ["colors[0].a", "255"]),
    "five LEDs": (layer(colors=colors(*[(1.0, 0.0, 0.0, 1.0)] * 5)), ["colors", "5", "1", "4"]),
    "no colour": (layer(colors=[]), ["colors", "0", "1", "4"]),
    "an empty name": (layer(name=""), ["name", "empty"]),
    "a name of spaces": (layer(name="  "), ["name", "empty"]),
    "a name as long as a book": (layer(name="x" * 100_000), ["name", "100000", "64"]),
    "a name of the robot's own": (layer(name="arm/power"), ["name", "arm/power"]),
    "an unknown effect": (layer(effect=7), ["effect", "7"]),
    "a negative period": (layer(effect=LedLayer.BREATHE, period=-1.0), ["period", "-1"]),
    "a period of 0": (layer(effect=LedLayer.BLINK, period=0.0), ["period", "0", "blink"]),
    "a period that is no number": (layer(effect=LedLayer.FADE, period=math.nan), ["period", "NaN"]),
    "an endless period": (layer(effect=LedLayer.FADE, period=math.inf), ["period", "inf"]),
    "a negative lifetime": (layer(lifetime=-0.1), ["lifetime", "-0.1"]),
    "a lifetime that is no number": (layer(lifetime=math.nan), ["lifetime", "NaN"]),
}


def refuse(leds, process, message, words):
    """Publishes it until the log gives the reason: repeated refusals are only counted."""
    mark = process.log.mark()

    def told():
        leds.publish(message)
        time.sleep(0.1)
        return any("~/set refused" in line and all(word in line for word in words) for line in process.log.since(mark))

    wait_until(told, f"refusal with {words} in the log")


@pytest.mark.parametrize("what", BAD)
def test_bad_input_is_refused_with_the_reason_and_changes_nothing(process, leds, what):
    message, words = BAD[what]
    leds.set("good", "solid", (0.2, 0.3, 0.4))
    leds.shows((0.2, 0.3, 0.4), layers=["good"])
    mark = leds.state.mark()
    refuse(leds, process, message, words)
    leds.set("good", "solid", BLUE)
    leds.shows(BLUE, since=mark)
    assert [(lights(state)[0], list(state.layers)) for state in leds.state.since(mark)] == [((0.0, 0.0, 1.0), ["good"])]


def test_each_of_several_bad_layers_at_once_is_told_its_own_reason(process, leds):
    mark = process.log.mark()
    for number in range(100, 105):
        leds.publish(layer(effect=number))
    for number in range(100, 105):
        process.log.wait_for(lambda line, number=number: f"~/set refused: effect: {number};" in line, mark)


def test_a_burst_of_as_many_layers_as_there_may_be_is_taken_whole(leds):
    names = [f"layer {number}" for number in range(64)]
    for name in names:
        leds.set(name, "solid", (1, 1, 1, 0.1))
    leds.has_layers(*names)
    # Taken away and set anew at once, as who clears up does.
    for name in names:
        leds.set(name, "off")
    for name in names:
        leds.set(f"new {name}", "solid", (1, 1, 1, 0.1))
    leds.has_layers(*[f"new {name}" for name in names])
    assert leds.clear() == "64 layers went"


def test_of_ten_thousand_layers_only_the_first_are_taken(process, leds):
    mark, states = process.log.mark(), leds.state.mark()
    for number in range(10_000):
        leds.set(f"layer {number}", "solid", (1, 1, 1, 0.5))
        if number % 50 == 0:
            time.sleep(0.005)
    line = process.log.wait_for(lambda line: "~/set refused" in line, mark)
    assert all(word in line for word in ("name: `layer ", "65", "up to 64")), line
    state = leds.state.wait_for(lambda state: len(state.layers) == 64, states)
    assert len(set(state.layers)) == 64
    leds.set(state.layers[10], "solid", RED)
    leds.set(state.layers[11], "off")
    leds.state.wait_for(lambda state: len(state.layers) == 63, leds.state.mark() - 1)
    refusals = [line for line in process.log.since(mark) if "~/set refused" in line]
    assert len(refusals) < 60 and all("WARN" in line for line in refusals), "the log is not flooded"
    assert leds.clear() == "63 layers went"


def test_a_refusal_is_on_rosout(process, leds):
    rosout = leds.record(Log, "/rosout", ROSOUT)
    refuse(leds, process, layer(effect=99), ["99"])
    line = rosout.wait_for(lambda line: "99" in line.msg)
    assert line.name == "leds" and line.level == 30


# --- diagnostics -----------------------------------------------------------------------------------------------------


def test_diagnostics_tell_backend_layers_and_writes(leds):
    diagnostics = leds.record(DiagnosticArray, "/diagnostics")
    leds.set("shown", "solid", RED)

    def told(array):
        [status] = array.status
        values = {value.key: value.value for value in status.values}
        return values["layers"] == "shown" and int(values["writes"]) > 0 and (status, values)

    status, values = told(diagnostics.wait_for(told))
    assert status.name == "leds: lamps" and status.level == DiagnosticStatus.OK
    assert (values["backend"], values["errors"], values["last error"]) == ("sim", "0", "none")


def test_leds_that_are_not_there_are_said_once_and_tried_again_and_end_nothing(start, domain):
    process = start("leds", node="leds", domain=domain, parameters={"backend": "tlc59711", "spi_bus": 6, "spi_select": 15})
    with Leds(domain) as leds:
        diagnostics = leds.record(DiagnosticArray, "/diagnostics")
        leds.set("red", "solid", RED)
        leds.shows(RED)
        # The first may be of before the first try.
        status = diagnostics.wait_for(lambda array: array.status[0].level == DiagnosticStatus.ERROR).status[0]
        assert "tlc59711" in status.message, status

        def tried_again(array):
            return int({value.key: value.value for value in array.status[0].values}["errors"]) >= 2

        diagnostics.wait_for(tried_again)
        said = [line for line in process.log.since() if "ERROR" in line]
        assert len(said) == 1 and "/dev/spidev6.15" in said[0] and "every 5 s" in said[0], said
        assert leds.clear() == "1 layer went"


@pytest.mark.parametrize("name, value, allowed", [
    ("backend", "ws2812", "sim, tlc59711"), ("brightness", 1.5, "0 to 1"), ("gamma", 0.5, "1 to 4"), ("rate", 200.0, "1 to 100"),
    ("spi_hz", 1, "100000 to 10000000")])
def test_a_parameter_out_of_range_ends_the_process_with_what_is_allowed(name, value, allowed):
    code, said = run_to_end("leds", parameters={name: value})
    assert code == 2 and name in said and allowed in said, said


def test_a_backend_of_the_arms_for_all_of_bringup_is_the_arms(start, domain):
    process = start("bringup", "--nodes", "leds", node="leds", domain=domain, parameters={"backend": "gpio"})
    process.log.wait_for(lambda line: "WARN" in line and "gpio" in line and "sim, tlc59711" in line)
    process.log.wait_for(lambda line: "ready: 4 LEDs, backend sim" in line)
