use super::*;

fn all(channel: f64) -> Frame {
    Frame { leds: [[channel; 3]; LEDS] }
}

fn level(look: Look, channel: f64) -> u16 {
    let levels = look.levels(&all(channel));
    assert_eq!(levels, [[levels[0][0]; 3]; LEDS]);
    levels[0][0]
}

#[test]
fn levels_go_from_0_to_the_greatest_the_hardware_has() {
    let look = Look::default();
    assert_eq!((look.gamma, look.brightness), (2.2, 1.0));
    assert_eq!((level(look, 0.0), level(look, 1.0)), (0, 65_535));
}

#[test]
fn gamma_makes_light_of_colors() {
    // 0.5^2.2 = 0.217638 and 0.5^1 = 0.5 of 65535.
    assert_eq!(level(Look { gamma: 2.2, brightness: 1.0 }, 0.5), 14_263);
    assert_eq!(level(Look { gamma: 1.0, brightness: 1.0 }, 0.5), 32_768);
}

#[test]
fn brightness_is_a_share_of_the_light() {
    assert_eq!(level(Look { gamma: 2.2, brightness: 0.25 }, 1.0), 16_384);
    assert_eq!(level(Look { gamma: 2.2, brightness: 0.0 }, 1.0), 0);
}

#[test]
fn each_led_and_channel_has_its_place() {
    let leds = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [0.0, 0.0, 0.0]];
    let levels = Look::default().levels(&Frame { leds });
    assert_eq!(levels, [[65_535, 0, 0], [0, 65_535, 0], [0, 0, 65_535], [0, 0, 0]]);
}

#[test]
fn whatever_the_look_black_stays_black() {
    for gamma in [0.0, -1.0, f64::NAN, f64::INFINITY, 2.2] {
        for brightness in [2.0, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(level(Look { gamma, brightness }, 0.0), 0);
            level(Look { gamma, brightness }, 0.5);
        }
    }
}
