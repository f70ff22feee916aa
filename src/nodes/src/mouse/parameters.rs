//! The node's parameters. `full_scale`, the six scales and `use_twist_stamped` are those of the ROS package `spacenav`.

use crate::parameters::{Kind, Spec, fixed, live};

/// The node's parameters.
pub const PARAMETERS: &[Spec] = &[
    fixed(
        "source",
        Kind::Choice(&["spacenavd", "sim"]),
        "",
        "Where events come from: the 3D mouse that spacenavd serves, or a simulated one that moves by itself.",
    ),
    fixed(
        "socket",
        Kind::Text(""),
        "",
        "Path of spacenavd's socket; empty: where libspnav looks, `$SPNAV_SOCKET`, `socket` in `/etc/spnavrc`, `/var/run/spnav.sock`.",
    ),
    fixed(
        "full_scale",
        Kind::Number { default: 512.0, min: 1.0, max: 1e6 },
        "",
        "What the device tells at full deflection; that is 1 on the topics, and so is all beyond.",
    ),
    live(
        "autorepeat_rate",
        Kind::Number { default: 20.0, min: 0.0, max: 1000.0 },
        "Hz",
        "Messages a second on `spacenav/*` while the cap is deflected or a button held; 0 = on events only.",
    ),
    scale("linear_scale/x", "Factor of the first axis on `spacenav/offset` and `spacenav/twist`."),
    scale("linear_scale/y", "The same of the second."),
    scale("linear_scale/z", "The same of the third."),
    scale("angular_scale/x", "Factor of the first axis on `spacenav/rot_offset` and `spacenav/twist`."),
    scale("angular_scale/y", "The same of the second."),
    scale("angular_scale/z", "The same of the third."),
    fixed(
        "use_twist_stamped",
        Kind::Flag(false),
        "",
        "Publishes `spacenav/twist_stamped` instead of `spacenav/twist`.",
    ),
    fixed(
        "sim_period",
        Kind::Number { default: 0.05, min: 0.001, max: 3600.0 },
        "s",
        "How often the simulated mouse may do something.",
    ),
    fixed(
        "sim_probability",
        Kind::Number { default: 0.2, min: 0.0, max: 1.0 },
        "",
        "How likely it then does.",
    ),
    fixed(
        "sim_seed",
        Kind::Integer { default: 0, min: 0, max: i64::MAX },
        "",
        "Seed of what it does: the same seed, the same events.",
    ),
];

/// A factor between the axis, -1..1, and what is published.
const fn scale(name: &'static str, description: &'static str) -> Spec {
    live(name, Kind::Number { default: 1.0, min: -1000.0, max: 1000.0 }, "", description)
}
