//! The node's parameters.

use crate::parameters::{Kind, Spec, fixed, live};

/// The node's parameters.
pub const PARAMETERS: &[Spec] = &[
    fixed(
        "backend",
        Kind::Choice(&["sim", "tlc59711"]),
        "",
        "What drives the LEDs: `sim` nothing, on any machine, `tlc59711` the chip on SPI.",
    ),
    fixed(
        "spi_bus",
        Kind::Integer { default: 0, min: 0, max: 6 },
        "",
        "Number of the SPI bus: B of `/dev/spidevB.S`.",
    ),
    fixed(
        "spi_select",
        Kind::Integer { default: 0, min: 0, max: 15 },
        "",
        "The bus's chip select: S of `/dev/spidevB.S`; the chip itself has none and listens whichever it is.",
    ),
    fixed(
        "spi_hz",
        Kind::Integer { default: 1_000_000, min: 100_000, max: 10_000_000 },
        "Hz",
        "The bus's clock; the chip takes 10 MHz, long wires take less.",
    ),
    live(
        "brightness",
        Kind::Number { default: 1.0, min: 0.0, max: 1.0 },
        "",
        "How bright all of them are, after everything else; 0 is dark.",
    ),
    live(
        "gamma",
        Kind::Number { default: 2.2, min: 1.0, max: 4.0 },
        "",
        "Light is colour to this power: 2.2 looks as on a screen and swells evenly, 1 is the colours' numbers as they are, as the original sent them.",
    ),
    live(
        "rate",
        Kind::Number { default: 100.0, min: 1.0, max: 100.0 },
        "Hz",
        "How often the LEDs are set at most, while something animates.",
    ),
    live("status", Kind::Flag(true), "", "Shows below all other layers what arm and speech are doing."),
];
