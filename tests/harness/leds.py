"""The node `leds` as a client sees it: interface.md in Python."""

from rcl_interfaces.srv import SetParameters
from rclpy.parameter import Parameter
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from shaky_steve.msg import LedLayer, LedState
from std_msgs.msg import ColorRGBA
from std_srvs.srv import Trigger

from harness.client import Client
from harness.waiting import TIMEOUT

# Latched, and no message is lost on the way: what is fast stays countable.
EVERY = QoSProfile(depth=1000, reliability=ReliabilityPolicy.RELIABLE, durability=DurabilityPolicy.TRANSIENT_LOCAL)

RED, GREEN, BLUE, WHITE, BLACK = (1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 1), (0, 0, 0)
EFFECTS = {"off": LedLayer.OFF, "solid": LedLayer.SOLID, "blink": LedLayer.BLINK, "breathe": LedLayer.BREATHE, "fade": LedLayer.FADE}


class Leds(Client):
    """A client of the node."""

    def __init__(self, domain, namespace=""):
        super().__init__(domain)
        self.leds = f"{namespace.rstrip('/')}/leds"
        self.state = self.record(LedState, f"{self.leds}/state", EVERY)
        self._set = None

    def set(self, name, effect="solid", *colors, period=0.0, lifetime=0.0):
        """Sets a layer; a colour is (r, g, b) or (r, g, b, a)."""
        colors = [ColorRGBA(**dict(zip("rgba", [*map(float, color), 1.0]))) for color in colors]
        self.publish(LedLayer(name=name, effect=EFFECTS[effect], colors=colors, period=float(period), lifetime=float(lifetime)))

    def publish(self, layer):
        if self._set is None:
            self._set = self.publisher(LedLayer, f"{self.leds}/set", QoSProfile(depth=200))
        self._set.publish(layer)

    def clear(self):
        """Takes all layers away; what the node answers."""
        answer = self.call(Trigger, f"{self.leds}/clear", Trigger.Request())
        assert answer.success, answer
        return answer.message

    def shows(self, *colors, layers=None, since=None):
        """Waits until the newest state has these colours (one for all, or four) and layers."""

        def as_wanted(state):
            wanted = colors * 4 if len(colors) == 1 else colors
            return all(close(*pair) for pair in zip(lights(state), wanted)) and layers in (None, list(state.layers))

        since = max(self.state.mark() - 1, 0) if since is None else since
        return self.state.wait_for(as_wanted, since, what=f"{colors} with layers {layers}")

    def has_layers(self, *layers, timeout=TIMEOUT):
        """Waits until the newest state has these layers."""
        since = max(self.state.mark() - 1, 0)
        return self.state.wait_for(lambda state: list(state.layers) == list(layers), since, timeout, f"with layers {layers}")


def set_parameters(client, **values):
    """Sets parameters of the node."""
    request = SetParameters.Request(parameters=[Parameter(name, value=value).to_parameter_msg() for name, value in values.items()])
    results = client.call(SetParameters, f"{client.leds}/set_parameters", request).results
    assert all(result.successful for result in results), results


def lights(state):
    """(r, g, b) of each LED."""
    return [(led.r, led.g, led.b) for led in state.leds]


def close(color, wanted, tolerance=0.003):
    """Whether two colours look the same: half a step of 8 bits and a rounding."""
    return all(abs(a - b) <= tolerance for a, b in zip(color, wanted))
