use super::light::{Light, Lights};
use super::{Effect, ValidLayer, breathing};
use std::time::Duration;

/// A layer that is there.
#[derive(Debug, Clone)]
pub(super) struct Layer {
    set: ValidLayer,
    /// The colours.
    target: Lights,
    /// What a fade begins with.
    from: Lights,
    /// When the effect began.
    start: Duration,
    /// When the layer goes by itself.
    end: Option<Duration>,
}

/// What a layer does from now on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Course {
    /// Stays as it is.
    Still,
    /// Stays as it is until then, which is later than now.
    Until(Duration),
    /// Changes all the time.
    Moves,
}

impl Layer {
    /// The layer at `now`, in place of `old` if there is one.
    ///
    /// A layer that is set again and does the same in the same time keeps its phase, so that whoever publishes it over and
    /// over does not make it stutter: blink and breathe take new colours at once, a fade goes on if its colours are the
    /// same too. Every other fade begins with what `old` shows now. The lifetime begins anew.
    pub(super) fn new(now: Duration, set: ValidLayer, old: Option<&Self>) -> Self {
        let target = set.colors.map(Light::new);
        let end = set.lifetime.map(|lifetime| now.saturating_add(lifetime));
        let (start, from) = match old {
            Some(old) if old.goes_on_as(&set) => (old.start, old.from),
            // Fading in from transparent is fading from what lies below.
            _ => (now, old.map(|old| old.lights(now)).unwrap_or_default()),
        };
        Self { set, target, from, start, end }
    }

    fn goes_on_as(&self, set: &ValidLayer) -> bool {
        let same = self.set.effect == set.effect && self.set.period == set.period;
        same && (!matches!(set.effect, Effect::Fade(_)) || self.set.colors == set.colors)
    }

    pub(super) fn name(&self) -> &str {
        &self.set.name
    }

    /// Whether it is what `set` asks for.
    pub(super) fn is(&self, set: &ValidLayer) -> bool {
        self.set == *set
    }

    /// When it goes by itself.
    pub(super) fn end(&self) -> Option<Duration> {
        self.end
    }

    pub(super) fn is_over(&self, now: Duration) -> bool {
        self.end.is_some_and(|end| end <= now)
    }

    /// Its light on every LED.
    pub(super) fn lights(&self, now: Duration) -> Lights {
        let dimmed = |factor| self.target.map(|light| light.dimmed(factor));
        match self.set.effect {
            Effect::Solid => self.target,
            Effect::Blink if self.is_on(now) => self.target,
            Effect::Blink => Lights::default(),
            Effect::Breathe => dimmed(breathing::brightness(self.share(self.phase(now)))),
            Effect::Fade(_) if self.elapsed(now) >= self.set.period => self.target,
            Effect::Fade(easing) => {
                let share = easing.value(self.share(self.elapsed(now).as_nanos()));
                std::array::from_fn(|led| self.from[led].mixed(self.target[led], share))
            }
        }
    }

    /// What it does from now on, seen on the LED of that number, lifetime aside.
    pub(super) fn course(&self, now: Duration, led: usize) -> Course {
        let clear = self.target[led].is_clear();
        match self.set.effect {
            Effect::Solid => Course::Still,
            Effect::Blink | Effect::Breathe if clear => Course::Still,
            Effect::Blink => self.next_edge(now).map_or(Course::Still, Course::Until),
            Effect::Breathe => Course::Moves,
            Effect::Fade(_) if self.elapsed(now) >= self.set.period => Course::Still,
            Effect::Fade(_) if self.from[led] == self.target[led] => Course::Still,
            Effect::Fade(_) => Course::Moves,
        }
    }

    fn elapsed(&self, now: Duration) -> Duration {
        now.saturating_sub(self.start)
    }

    /// Nanoseconds, whole ones: an effect that began months ago is as exact as a new one.
    fn phase(&self, now: Duration) -> u128 {
        self.elapsed(now).as_nanos() % self.period_ns()
    }

    fn period_ns(&self) -> u128 {
        self.set.period.as_nanos().max(1)
    }

    /// The first nanosecond of a period in which a blink is off. After it if the period has only one.
    fn half_ns(&self) -> u128 {
        self.period_ns().div_ceil(2)
    }

    fn share(&self, ns: u128) -> f64 {
        ns as f64 / self.period_ns() as f64
    }

    fn is_on(&self, now: Duration) -> bool {
        self.phase(now) < self.half_ns()
    }

    /// None: after all times that there are.
    fn next_edge(&self, now: Duration) -> Option<Duration> {
        let phase = self.phase(now);
        let edge = if self.is_on(now) { self.half_ns() } else { self.period_ns() };
        // A period is a year at most, which are less than 2^64 ns.
        let wait = Duration::from_nanos(u64::try_from(edge - phase).unwrap_or(u64::MAX));
        now.max(self.start).checked_add(wait)
    }
}
