"""Brings Steve up: his nodes, robot_state_publisher and rviz.

    ros2 launch shaky_steve steve.launch.py
    ros2 launch shaky_steve steve.launch.py use_mock_hardware:=false use_rviz:=false
    ros2 launch shaky_steve steve.launch.py namespace:=desk nodes:=arm,leds composed:=false

What is started is decided by plan(), which knows nothing of launch, so that it can be tested where launch is not
installed. The rest of this file says the same to launch.
"""

import dataclasses
import difflib
import os
import pathlib
import re

PACKAGE = "shaky_steve"

# One executable each, named alike. Where one is not built yet, `all` goes without it.
NODES = ("arm", "leds", "mouse", "teleop", "speech", "assistant")

# What is simulated, or else driven by this backend.
HARDWARE = {"arm": "pca9685", "leds": "tlc59711"}

# Name, default, description.
ARGUMENTS = (
    ("use_mock_hardware", "true", "true: servos and LEDs simulated, on any machine; false: the real ones (PCA9685, TLC59711)"),
    ("namespace", "", "where the robot is on the graph, e.g. desk: topics, services, actions and tf move there"),
    ("params_file", "", "parameters of the nodes, a YAML file; empty: their defaults"),
    ("use_rviz", "true", "show the robot in rviz, where rviz2 is installed and there is a display"),
    ("composed", "true", "true: all nodes in one process, `bringup`; false: a process each"),
    ("nodes", "all", "which nodes, separated by commas: " + ", ".join(NODES) + "; or all that are installed"),
)

# A robot in a namespace has a tf tree of its own there, so that two Steves need no prefixes to their frames.
TF = (("/tf", "tf"), ("/tf_static", "tf_static"))


@dataclasses.dataclass(frozen=True)
class Process:
    """One executable and how it is started; the namespace is the same for all."""

    package: str
    executable: str
    arguments: tuple = ()
    ros_arguments: tuple = ()
    parameters: tuple = ()
    remappings: tuple = ()
    # Without it there is no robot: when it ends, so does everything.
    essential: bool = False


@dataclasses.dataclass(frozen=True)
class Machine:
    """What plan() has to know of the machine."""

    # The nodes whose executables are installed.
    installed: frozenset
    # Whether rviz2 is installed.
    rviz: bool
    # Whether there is a screen for it.
    display: bool
    # Where urdf/ and rviz/ are.
    share: pathlib.Path


def plan(arguments, machine):
    """What to start for these launch arguments, and what to say about it: (processes, remarks).

    Raises ValueError with what is wrong with an argument and what is allowed.
    """
    mock = truth("use_mock_hardware", arguments["use_mock_hardware"])
    composed = truth("composed", arguments["composed"])
    rviz = truth("use_rviz", arguments["use_rviz"])
    namespace(arguments["namespace"])
    names = chosen_nodes(arguments["nodes"])
    parameters = params_file(arguments["params_file"])
    remarks = []

    def with_backends(names):
        """Servos and LEDs; -p is stronger than the file, so use_mock_hardware has the last word."""
        chosen = [(name, "sim" if mock else backend) for name, backend in HARDWARE.items() if name in names]
        return tuple(word for name, backend in chosen for word in ("-p", f"{name}:backend:={backend}"))

    if composed:
        hosted = ",".join(names or ["all"])
        backends = with_backends(names or NODES)
        processes = [Process(PACKAGE, "bringup", ("--nodes", hosted), backends, parameters, essential=True)]
    else:
        missing = [name for name in names or () if name not in machine.installed]
        if missing:
            there = ", ".join(name for name in NODES if name in machine.installed) or "none"
            raise ValueError(f"nodes: {', '.join(missing)} is not installed with this {PACKAGE}; there is {there}")
        names = names or [name for name in NODES if name in machine.installed]
        if not names:
            raise ValueError(f"nodes: no node of {PACKAGE} is installed; build the package first")
        processes = [Process(PACKAGE, name, (), with_backends([name]), parameters) for name in names]

    urdf = (machine.share / "urdf" / "steve.urdf").read_text(encoding="utf-8")
    processes.append(Process("robot_state_publisher", "robot_state_publisher",
                             parameters=({"robot_description": urdf},), remappings=TF))
    if rviz and not machine.rviz:
        remarks.append("rviz2 is not installed (apt package ros-$ROS_DISTRO-rviz2): going on without it")
    elif rviz and not machine.display:
        remarks.append("there is no display for rviz2: going on without it")
    elif rviz:
        processes.append(Process("rviz2", "rviz2", ("-d", str(machine.share / "rviz" / "steve.rviz")), remappings=TF))
    return processes, remarks


def truth(name, text):
    """A boolean argument; Python launch files that include this one write True, and some people 1."""
    value = {"true": True, "1": True, "false": False, "0": False}.get(text.strip().lower())
    if value is None:
        raise ValueError(f"{name}: {text!r} is neither true nor false")
    return value


def namespace(text):
    """A namespace as ROS allows it, with or without the leading slash; empty is none."""
    if text and not re.fullmatch(r"/|/?[A-Za-z_][A-Za-z0-9_]*(/[A-Za-z_][A-Za-z0-9_]*)*", text) or "__" in text:
        raise ValueError(f"namespace: {text!r} is no ROS namespace; allowed are names such as desk or lab/desk, "
                         "of letters, digits and single underscores, not beginning with a digit")
    return text


def chosen_nodes(text):
    """The named nodes, once each and in the order of NODES; None for all."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    if not names:
        raise ValueError(f"nodes: no node is named; there are {', '.join(NODES)} and all")
    if "all" in names:
        names.remove("all")
        every = True
    else:
        every = False
    for name in names:
        if name not in NODES:
            close = difflib.get_close_matches(name, NODES, 1)
            hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(NODES)} and all"
            raise ValueError(f"nodes: there is no node {name!r}; {hint}")
    return None if every else [name for name in NODES if name in names]


def params_file(text):
    """The file as the nodes' parameters, or none."""
    if not text:
        return ()
    path = pathlib.Path(text).expanduser()
    if not path.is_file():
        raise ValueError(f"params_file: there is no file {text!r} (seen from {os.getcwd()})")
    return (str(path.resolve()),)


def this_machine():
    """What is installed here."""
    from ament_index_python.packages import PackageNotFoundError, get_package_prefix

    def prefix_of(package):
        try:
            return pathlib.Path(get_package_prefix(package))
        except PackageNotFoundError:
            return None

    ours = prefix_of(PACKAGE)
    return Machine(
        installed=frozenset(name for name in NODES if ours and (ours / "lib" / PACKAGE / name).is_file()),
        rviz=prefix_of("rviz2") is not None,
        display=bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")),
        share=pathlib.Path(__file__).resolve().parent.parent,
    )


def generate_launch_description():
    """What `ros2 launch` calls."""
    from launch import LaunchDescription
    from launch.actions import DeclareLaunchArgument, LogInfo, OpaqueFunction, Shutdown
    from launch_ros.actions import Node
    from launch_ros.parameter_descriptions import ParameterValue

    def parameter(given):
        """A file stays a file; texts are kept from being read as YAML."""
        if isinstance(given, str):
            return given
        return {name: ParameterValue(value, value_type=str) for name, value in given.items()}

    def start(context):
        arguments = {name: context.launch_configurations[name] for name, _, _ in ARGUMENTS}
        processes, remarks = plan(arguments, this_machine())
        return [LogInfo(msg=remark) for remark in remarks] + [
            Node(
                package=process.package,
                executable=process.executable,
                # No name: in `bringup` it would be given to every node.
                namespace=arguments["namespace"],
                arguments=list(process.arguments),
                ros_arguments=list(process.ros_arguments),
                parameters=[parameter(given) for given in process.parameters],
                remappings=list(process.remappings),
                output="screen",
                # An arm that parks takes up to 8 s; SIGTERM would be taken for impatience.
                sigterm_timeout="12",
                on_exit=Shutdown() if process.essential else None,
            )
            for process in processes
        ]

    declared = [
        DeclareLaunchArgument(name, default_value=default, description=text) for name, default, text in ARGUMENTS
    ]
    return LaunchDescription([*declared, OpaqueFunction(function=start)])
