use super::{Frame, LEDS};

/// What the hardware gets: red, green and blue of each LED, linear in light, 0 off to 65535 full.
pub type Levels = [[u16; 3]; LEDS];

/// How colours become light.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Look {
    /// Light is the colour to the power of this. Above 0; 1 = colours are light already, 2.2 = about as on a screen
    /// (IEC 61966-2-1).
    pub gamma: f64,
    /// Share of the light, 0..1, and so of the current: 0.5 halves it, which does not look half as bright.
    pub brightness: f64,
}

impl Default for Look {
    fn default() -> Self {
        Self { gamma: 2.2, brightness: 1.0 }
    }
}

impl Look {
    /// What the hardware gets to show `frame`. Black is 0 whatever the look.
    pub fn levels(&self, frame: &Frame) -> Levels {
        frame.leds.map(|led| led.map(|channel| self.level(channel)))
    }

    fn level(&self, channel: f64) -> u16 {
        if channel <= 0.0 {
            return 0;
        }
        let light =
            channel.clamp(0.0, 1.0).powf(self.gamma).clamp(0.0, 1.0) * self.brightness.clamp(0.0, 1.0);
        // In range; not a number becomes 0.
        (light * f64::from(u16::MAX)).round() as u16
    }
}
