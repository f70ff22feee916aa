"""Node leds: what arm and speech do, shown below everything else, for as long as they are there; and the lights' end."""

import signal
import subprocess
import sys
import textwrap
import time

import pytest
from rclpy.qos import QoSProfile
from shaky_steve.msg import ArmState, SpeechState
from std_msgs.msg import Empty
from visualization_msgs.msg import MarkerArray

from harness import Process, Steve, wait_until
from harness.client import LATCHED
from harness.leds import BLACK, BLUE, RED, WHITE, Leds, close, lights, set_parameters
from harness.process import environment, example

# The original robot's.
AMBER = (103 / 255, 46 / 255, 0)
STANDBY_GREEN = (0, 64 / 255, 0)


@pytest.fixture(scope="module")
def process():
    """The node with nobody to follow but what a test pretends."""
    with Process("leds", node="leds") as process:
        yield process


@pytest.fixture
def leds(process):
    with Leds(process.domain) as client:
        client.clear()
        client.has_layers()
        yield client


@pytest.fixture
def pretend(process):
    """Pretends to be the arm or speech: publishes a state, latched, in a client of its own."""
    clients = []

    def publisher(kind, topic):
        client = Leds(process.domain)
        clients.append(client)
        return client, client.publisher(kind, topic, LATCHED)

    yield publisher
    for client in clients:
        client.close()


def brightest(leds, color, channel):
    """Waits until a breath of this colour is at its height, all LEDs alike."""

    def full(state):
        return all(close(light, color, 0.01) for light in lights(state))

    state = leds.state.wait_for(full, leds.state.mark(), what=f"at its height, {color}")
    assert lights(state)[0][channel] > 0.1


# --- what is shown ---------------------------------------------------------------------------------------------------


def test_an_arm_without_power_breathes_amber_and_with_power_green(leds, pretend):
    _, arm = pretend(ArmState, "/arm/state")
    arm.publish(ArmState(powered=False))
    leds.has_layers("arm/power")
    brightest(leds, AMBER, 0)
    arm.publish(ArmState(powered=True))
    brightest(leds, STANDBY_GREEN, 1)
    leds.has_layers("arm/power")


def test_a_moving_arm_blinks_red_over_its_power(leds, pretend):
    _, arm = pretend(ArmState, "/arm/state")
    arm.publish(ArmState(powered=True, moving=True))
    leds.has_layers("arm/power", "arm/moving")
    for _ in range(3):
        leds.shows(RED)
        leds.state.wait_for(lambda state: lights(state)[0][0] == 0.0, leds.state.mark())
    arm.publish(ArmState(powered=True))
    leds.has_layers("arm/power")


def test_listening_is_blue_and_a_voice_blinks(leds, pretend):
    _, speech = pretend(SpeechState, "/speech/state")
    speech.publish(SpeechState(listening=True))
    leds.shows(BLUE, layers=["speech/listening"])
    speech.publish(SpeechState(voice_activity=True))
    leds.has_layers("speech/voice")
    for _ in range(3):
        leds.shows(BLUE)
        leds.shows(BLACK)
    speech.publish(SpeechState(listening=True, voice_activity=True))
    leds.has_layers("speech/listening", "speech/voice")
    speech.publish(SpeechState(speaking=True, muted=True))
    leds.shows(BLACK, layers=[])


def test_both_are_shown_one_over_the_other(leds, pretend):
    _, arm = pretend(ArmState, "/arm/state")
    _, speech = pretend(SpeechState, "/speech/state")
    arm.publish(ArmState(powered=True, moving=True))
    speech.publish(SpeechState(listening=True, voice_activity=True))
    leds.has_layers("arm/power", "arm/moving", "speech/listening", "speech/voice")
    leds.shows(BLUE)


def test_users_layers_lie_above_whatever_comes_later(leds, pretend):
    leds.set("mine", "solid", (1, 1, 1, 0.5))
    leds.has_layers("mine")
    _, speech = pretend(SpeechState, "/speech/state")
    speech.publish(SpeechState(listening=True))
    leds.shows((0.5, 0.5, 1.0), layers=["speech/listening", "mine"])
    assert leds.clear() == "1 layer went"
    leds.shows(BLUE, layers=["speech/listening"])


def test_without_status_only_users_layers_are_shown(leds, pretend):
    _, speech = pretend(SpeechState, "/speech/state")
    speech.publish(SpeechState(listening=True))
    leds.shows(BLUE, layers=["speech/listening"])
    set_parameters(leds, status=False)
    try:
        leds.shows(BLACK, layers=[])
        leds.set("mine", "solid", RED)
        leds.shows(RED, layers=["mine"])
    finally:
        set_parameters(leds, status=True)
    leds.shows(RED, layers=["speech/listening", "mine"])


def test_a_state_from_before_the_start_is_shown(domain, start):
    with Leds(domain) as pretender:
        speech = pretender.do(pretender.node.create_publisher, SpeechState, "/speech/state", LATCHED)
        speech.publish(SpeechState(listening=True))
        start("leds", node="leds", domain=domain)
        with Leds(domain) as leds:
            leds.shows(BLUE, layers=["speech/listening"])


# --- until it is not there any more ----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind, topic, state, layer", [
    (ArmState, "/arm/state", {"powered": True}, "arm/power"), (SpeechState, "/speech/state", {"listening": True}, "speech/listening"),
], ids=["arm", "speech"])
def test_the_layers_of_a_publisher_that_leaves_go_and_come_back_with_it(leds, pretend, kind, topic, state, layer):
    client, publisher = pretend(kind, topic)
    publisher.publish(kind(**state))
    leds.has_layers(layer)
    # Long enough for a look at the graph: a publisher that stays is not lost.
    time.sleep(1.2)
    assert list(leds.state.last.layers) == [layer]
    client.do(client.node.destroy_publisher, publisher)
    leds.has_layers()
    _, again = pretend(kind, topic)
    again.publish(kind(**state))
    leds.has_layers(layer)


def test_of_two_publishers_one_may_leave(leds, pretend):
    client, first = pretend(SpeechState, "/speech/state")
    _, second = pretend(SpeechState, "/speech/state")
    first.publish(SpeechState(listening=True))
    leds.has_layers("speech/listening")
    client.do(client.node.destroy_publisher, first)
    time.sleep(1.5)
    assert list(leds.state.last.layers) == ["speech/listening"]
    second.publish(SpeechState())
    leds.has_layers()


PUBLISHER = textwrap.dedent("""
    import time, rclpy
    from rclpy.qos import DurabilityPolicy, QoSProfile
    from shaky_steve.msg import SpeechState
    rclpy.init()
    node = rclpy.create_node("speech")
    publisher = node.create_publisher(SpeechState, "speech/state", QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL))
    publisher.publish(SpeechState(listening=True))
    time.sleep(3600)
""")


def test_the_layers_of_a_publisher_that_was_killed_go(process, leds):
    child = subprocess.Popen([sys.executable, "-c", PUBLISHER], env=environment(process.domain))
    try:
        leds.has_layers("speech/listening")
    finally:
        child.kill()
        child.wait()
    # Between the lease of config/fastdds.xml, 3 s, and the default, 20 s.
    leds.has_layers(timeout=12)


def test_the_light_of_the_real_arm_goes_with_it(leds, process):
    with Process("arm", domain=process.domain) as arm, Steve(process.domain) as steve:
        steve.power(True)
        brightest(leds, STANDBY_GREEN, 1)
        goal = steve.start("torso", 0.5, speed=0.2)
        leds.has_layers("arm/power", "arm/moving")
        assert goal.result().status == "SUCCEEDED"
        leds.has_layers("arm/power")
        steve.power(False)
        brightest(leds, AMBER, 0)
        arm.end()
        leds.has_layers()


def test_the_light_of_an_arm_that_was_out_of_reach_comes_again(leds, process):
    with Process("arm", domain=process.domain) as arm, Steve(process.domain) as steve:
        steve.power(True)
        leds.has_layers("arm/power")
        for _ in range(2):
            arm.send(signal.SIGSTOP)
            try:
                leds.has_layers(timeout=12)
            finally:
                arm.send(signal.SIGCONT)
            # Latched, said once, and DDS tells nothing twice.
            leds.has_layers("arm/power", timeout=12)
            brightest(leds, STANDBY_GREEN, 1)


# --- names -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("namespace", ["", "/desk"])
def test_in_bringup_the_lights_follow_the_arm_beside_them(start, namespace):
    process = start("bringup", "--nodes", "arm,leds", **({"namespace": namespace} if namespace else {}))
    steve = process.client()
    with Leds(process.domain, namespace) as leds:
        steve.power(True)
        leds.has_layers("arm/power")
        steve.start("torso", 1.5, speed=0.15)
        leds.has_layers("arm/power", "arm/moving")
        leds.set("mine", "solid", WHITE)
        leds.shows(WHITE, layers=["arm/power", "arm/moving", "mine"])
        seen = leds.record(MarkerArray, f"{namespace}/leds/markers", QoSProfile(depth=5))
        # A namespace has a tf tree of its own: the frames' names stay.
        assert [marker.header.frame_id for marker in seen.last.markers] == ["led_0", "led_1", "led_2", "led_3"]
        assert leds.clear() == "1 layer went"


def test_remapped_topics_are_followed_too(start, domain):
    remaps = {"arm/state": "left/arm/state", "leds:speech/state": "/ears/state"}
    start("leds", node="leds", domain=domain, namespace="/desk", remaps=remaps)
    with Leds(domain, "/desk") as leds, Leds(domain) as other:
        arm = other.publisher(ArmState, "/desk/left/arm/state", LATCHED)
        speech = other.publisher(SpeechState, "/ears/state", LATCHED)
        arm.publish(ArmState(powered=True))
        speech.publish(SpeechState(listening=True))
        leds.has_layers("arm/power", "speech/listening")
        time.sleep(1.5)
        assert list(leds.state.last.layers) == ["arm/power", "speech/listening"], "the graph is asked for the right names"
        other.do(other.node.destroy_publisher, arm)
        leds.has_layers("speech/listening")
        other.do(other.node.destroy_publisher, speech)
        leds.has_layers()


# --- the end ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_the_lights_go_off_at_the_end(start, domain, number):
    process = start("leds", node="leds", domain=domain)
    with Leds(domain) as leds:
        leds.set("bright", "solid", WHITE)
        leds.shows(WHITE)
        process.end(number)
        assert "the LEDs are off" in process.text()
        leds.shows(BLACK, layers=[])


@pytest.fixture
def fragile(domain, request):
    """The real LEDs beside a node that fails on request; a parameter is a further argument."""
    arguments = ["--leds", *([request.param] if hasattr(request, "param") else [])]
    with Process(example("fragile"), *arguments, node="fragile", domain=domain, may_panic=True) as process, Leds(domain) as leds:
        triggers = {name: leds.publisher(Empty, f"/fragile/{name}") for name in ("panic_leds", "hang")}
        leds.set("bright", "solid", WHITE)
        leds.shows(WHITE)

        def trigger(name):
            triggers[name].publish(Empty())
            if name == "hang":
                process.log.wait_for(lambda line: "the runtime hangs as asked" in line)

        yield process, leds, trigger


def test_after_a_panic_the_node_works_again_and_its_lights_go_off_at_the_end(fragile):
    process, leds, trigger = fragile
    log = process.log.mark()
    trigger("panic_leds")
    process.log.wait_for(lambda line: "[leds]" in line and "starts again" in line, log)
    process.log.wait_for(lambda line: "ready: 4 LEDs" in line, log)
    leds.has_layers("arm/power")
    wait_until(lambda: leds.node.count_subscribers("/leds/set") == 1, "the new node on the graph")
    leds.set("red", "solid", RED)
    leds.shows(RED)
    process.end()
    assert "the LEDs are off" in process.text()


def test_when_the_runtime_hangs_the_lights_go_off_all_the_same(fragile):
    process, _, trigger = fragile
    trigger("hang")
    process.end(code=1)
    assert "something hangs" in process.text() and "the LEDs are off" in process.text()


@pytest.mark.parametrize("fragile", ["--stuck"], indirect=True)
@pytest.mark.parametrize("hangs", [False, True], ids=["its node", "the runtime"])
def test_when_other_hardware_hangs_at_the_end_the_lights_go_off_all_the_same(fragile, hangs):
    process, _, trigger = fragile
    if hangs:
        trigger("hang")
    process.end(code=1)
    assert "something hangs" in process.text() and "the LEDs are off" in process.text()


@pytest.mark.parametrize("fragile", ["--stuck"], indirect=True)
def test_after_a_second_signal_too(fragile):
    process, _, trigger = fragile
    trigger("hang")
    log = process.log.mark()
    process.send(signal.SIGINT)
    process.log.wait_for(lambda line: "SIGINT" in line, log)
    time.sleep(1.2)  # within a second the two would be one wish
    process.end(code=128 + signal.SIGINT)
    assert "second signal" in process.text() and "the LEDs are off" in process.text()
