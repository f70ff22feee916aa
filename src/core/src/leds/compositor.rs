use super::layer::{Course, Layer};
use super::{Frame, LEDS, LayerError, Status, ValidLayer, status};
use std::time::Duration;

/// How many layers users may have.
pub const MAX_LAYERS: usize = 64;

/// The layers that are there, one over the other: the robot's own, then those of users in the order they were added.
///
/// `now` is the time since any start, the same for all calls.
#[derive(Debug, Clone, Default)]
pub struct Compositor {
    own: [Option<Layer>; status::COUNT],
    users: Vec<Layer>,
}

/// When to look at the LEDs again, if no layer is set or taken away until then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wake {
    /// Nothing will change.
    Never,
    /// Nothing changes before that, which is later than now: then a blink turns on or off, or a layer's lifetime ends.
    At(Duration),
    /// Something changes all the time, as far as can be seen.
    Animating {
        /// When more than that changes, as with [`Self::At`]: nobody looks often enough at a slow breath to meet the edges of
        /// a quick blink over it.
        until: Option<Duration>,
    },
}

impl Compositor {
    /// Without layers: black.
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts a layer in place of the one of its name, or on top.
    ///
    /// Set again with the same effect and period, blink and breathe keep their phase and a fade to the same colours goes on;
    /// any other fade begins with what its layer shows now. The lifetime begins anew with each set.
    ///
    /// # Errors
    /// There are [`MAX_LAYERS`] already.
    pub fn set(&mut self, now: Duration, layer: ValidLayer) -> Result<(), LayerError> {
        self.forget(now);
        if let Some(old) = self.users.iter_mut().find(|old| old.name() == layer.name) {
            *old = Layer::new(now, layer, Some(old));
        } else if self.users.len() < MAX_LAYERS {
            self.users.push(Layer::new(now, layer, None));
        } else {
            return Err(LayerError::TooManyLayers { name: layer.name });
        }
        Ok(())
    }

    /// Takes a user's layer away. Whether it was there.
    pub fn remove(&mut self, now: Duration, name: &str) -> bool {
        self.forget(now);
        let before = self.users.len();
        self.users.retain(|layer| layer.name() != name);
        self.users.len() < before
    }

    /// Takes all users' layers away. How many there were.
    pub fn clear(&mut self, now: Duration) -> usize {
        self.forget(now);
        std::mem::take(&mut self.users).len()
    }

    /// Shows what the robot does. The same again changes nothing.
    pub fn set_status(&mut self, now: Duration, status: Status) {
        for (own, wanted) in self.own.iter_mut().zip(status.layers()) {
            match wanted {
                Some(wanted) if own.as_ref().is_some_and(|own| own.is(&wanted)) => {}
                wanted => *own = wanted.map(|wanted| Layer::new(now, wanted, None)),
            }
        }
    }

    /// What the LEDs show.
    pub fn sample(&self, now: Duration) -> Frame {
        let mut frame = Frame::default();
        for layer in self.in_force(now) {
            for (led, light) in frame.leds.iter_mut().zip(layer.lights(now)) {
                *led = light.over(*led);
            }
        }
        frame
    }

    /// The names of the layers in force, lowest first.
    pub fn layers(&self, now: Duration) -> Vec<String> {
        self.in_force(now).map(|layer| layer.name().to_owned()).collect()
    }

    /// When what [`Self::sample`] and [`Self::layers`] say changes.
    pub fn wake(&self, now: Duration) -> Wake {
        let mut next: Option<Duration> = None;
        let mut at = |time: Duration| next = Some(next.map_or(time, |next| next.min(time)));
        self.in_force(now).filter_map(Layer::end).for_each(&mut at);
        // From the top down: what is covered cannot be seen to change. What covers it is still for as long as it says.
        let (mut covered, mut moves) = ([false; LEDS], false);
        let layers: Vec<_> = self.in_force(now).collect();
        for layer in layers.into_iter().rev() {
            let lights = layer.lights(now);
            for (led, covered) in covered.iter_mut().enumerate().filter(|(_, covered)| !**covered) {
                let course = layer.course(now, led);
                match course {
                    Course::Moves => moves = true,
                    Course::Until(time) => at(time),
                    Course::Still => {}
                }
                // What moves may be opaque for this moment only.
                *covered = lights[led].is_opaque() && course != Course::Moves;
            }
        }
        if moves { Wake::Animating { until: next } } else { next.map_or(Wake::Never, Wake::At) }
    }

    fn in_force(&self, now: Duration) -> impl Iterator<Item = &Layer> {
        self.own.iter().flatten().chain(&self.users).filter(move |layer| !layer.is_over(now))
    }

    fn forget(&mut self, now: Duration) {
        self.users.retain(|layer| !layer.is_over(now));
    }
}
