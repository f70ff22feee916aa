//! The node's parameters.

use crate::parameters::{Kind, Spec, fixed, live};

/// The node's parameters.
pub const PARAMETERS: &[Spec] = &[
    fixed(
        "robot",
        Kind::Text(""),
        "",
        "Path of the robot's description; empty: `config/steve.yaml` as installed.",
    ),
    fixed(
        "backend",
        Kind::Choice(&["sim", "pca9685", "gpio"]),
        "",
        "What drives the servos: `sim` behaves like hobby servos on any machine, `pca9685` is the board on I2C, `gpio` the Pi's own pins.",
    ),
    fixed(
        "sim_start",
        Kind::Choice(&["home", "unknown"]),
        "",
        "Where simulated servos start: at home, or somewhere that nobody knows, as on the real robot.",
    ),
    fixed("sim_seed", Kind::Integer { default: 0, min: 0, max: i64::MAX }, "", "Seed of the unknown start."),
    live(
        "sim_fault",
        Kind::Choice(&["none", "nak", "stuck", "reset", "every_third"]),
        "",
        "A fault of the simulated bus: nobody acknowledges, the bus hangs, the chip is reset (once; set none before the next), every third write fails.",
    ),
    fixed(
        "update_rate",
        Kind::Number { default: 50.0, min: 1.0, max: 200.0 },
        "Hz",
        "Setpoints a second while a joint moves; hobby servos take 50.",
    ),
    live(
        "state_rate",
        Kind::Number { default: 50.0, min: 1.0, max: 200.0 },
        "Hz",
        "Messages a second on `joint_states`.",
    ),
    live(
        "feedback_rate",
        Kind::Number { default: 20.0, min: 1.0, max: 200.0 },
        "Hz",
        "Feedback messages a second of a goal; taken for the next goal.",
    ),
    fixed(
        "result_timeout",
        Kind::Number { default: 10.0, min: 0.0, max: 3600.0 },
        "s",
        "How long a goal's result can be asked for after its end.",
    ),
    live(
        "command_timeout",
        Kind::Number { default: 0.25, min: 0.02, max: 10.0 },
        "s",
        "How long a velocity on `~/command` is good for; then the joint holds.",
    ),
    fixed(
        "power_on",
        Kind::Choice(&["refuse", "home"]),
        "",
        "What powering a joint does whose position nobody knows: refuse, or let it creep home, at first with few pulses and then with ever more.",
    ),
    fixed(
        "idle_timeout",
        Kind::Number { default: 0.0, min: 0.0, max: 86_400.0 },
        "s",
        "At rest for so long, the servos are powered off; 0 = never.",
    ),
    fixed(
        "on_shutdown",
        Kind::Choice(&["off", "hold", "park"]),
        "",
        "What becomes of the servos when the node ends: limp, kept where they are, or limp after `park_motion`.",
    ),
    fixed(
        "park_motion",
        Kind::Text("sleep"),
        "",
        "The motion that parks the arm, at twice its speed; it has to have ended after 8 s.",
    ),
    fixed(
        "state_file",
        Kind::Text(""),
        "",
        "Where positions are remembered over restarts; empty: of real servos in `$STATE_DIRECTORY`, `$XDG_STATE_HOME/shaky_steve` or `~/.local/state/shaky_steve`, of simulated ones not at all; `none`: not at all.",
    ),
    fixed(
        "motions",
        Kind::Text(""),
        "",
        "Path of the named motions; empty: `config/motions.yaml` as installed, if it fits the robot.",
    ),
    live(
        "guard",
        Kind::Flag(true),
        "",
        "Refuses moves that would put elbow or hand below `guard_height` or into the torso, and stops jogs before that.",
    ),
    live(
        "guard_height",
        Kind::Number { default: 0.0, min: -1.0, max: 2.0 },
        "m",
        "How high above the desk the guard keeps elbow and hand.",
    ),
    fixed(
        "urdf",
        Kind::Text(""),
        "",
        "Path of the URDF with the measures for the guard; empty: `urdf/<robot's name>.urdf` as installed, without which there is no guard.",
    ),
];
