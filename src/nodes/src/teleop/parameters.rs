//! The node's parameters.

use crate::parameters::{Kind, Spec, fixed};

/// The node's parameters.
pub const PARAMETERS: &[Spec] = &[
    fixed(
        "profile",
        Kind::Text("spacemouse"),
        "",
        "Which profile of `config` maps the input device: `spacemouse`, `gamepad`, or one of your own.",
    ),
    fixed(
        "config",
        Kind::Text(""),
        "",
        "Path of the mapping of axes and buttons; empty: `config/teleop.yaml` as installed, if it fits the robot.",
    ),
    fixed(
        "joy_timeout",
        Kind::Number { default: 0.1, min: 0.05, max: 1.0 },
        "s",
        "How long a Joy message is good for; then what moves stops. Input devices repeat theirs 20 times a second. Up to 0.18 s the arm rests 0.25 s after the last message, and the longer this is the slower are its joints; beyond, they stop later.",
    ),
    fixed(
        "check_stamps",
        Kind::Flag(true),
        "",
        "Counts a Joy message's age from its stamp, so that a late one moves nothing; false where the clocks of two machines do not agree. A stamp of 0 is not looked at.",
    ),
    fixed(
        "command_rate",
        Kind::Number { default: 50.0, min: 10.0, max: 100.0 },
        "Hz",
        "Commands a second while something is deflected; at rest there are none.",
    ),
    fixed(
        "robot",
        Kind::Text(""),
        "",
        "Path of the robot's description, the arm's; empty: `config/steve.yaml` as installed.",
    ),
    fixed(
        "motions",
        Kind::Text(""),
        "",
        "Path of the named motions, the arm's, that buttons may name; empty: `config/motions.yaml` as installed.",
    ),
    fixed(
        "urdf",
        Kind::Text(""),
        "",
        "Path of the URDF for Cartesian mode, the arm's; empty: `urdf/<robot's name>.urdf` as installed, without which there is joint mode alone.",
    ),
];
