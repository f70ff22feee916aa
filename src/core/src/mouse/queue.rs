use super::MouseEvent;
use std::collections::VecDeque;
use std::mem::discriminant;

/// Events on their way to a consumer that may be late. When there are too many, those are lost that later ones make void:
/// whoever takes the rest ends up with the same buttons down and the same deflection.
#[derive(Debug, Clone)]
pub struct EventQueue {
    events: VecDeque<MouseEvent>,
    capacity: usize,
    lost: u64,
}

impl EventQueue {
    /// Holds `capacity` events, and beyond that only the last of each kind (of the puck, of each button, of the device).
    pub fn new(capacity: usize) -> Self {
        Self { events: VecDeque::with_capacity(capacity), capacity, lost: 0 }
    }

    /// An event has happened. How many were lost for it.
    pub fn push(&mut self, event: MouseEvent) -> u64 {
        self.events.push_back(event);
        if self.events.len() <= self.capacity {
            return 0;
        }
        let Some(void) = (0..self.events.len()).find(|&index| self.is_void(index)) else {
            return 0;
        };
        self.events.remove(void);
        self.lost += 1;
        1
    }

    /// The oldest event that is left.
    pub fn pop(&mut self) -> Option<MouseEvent> {
        self.events.pop_front()
    }

    /// How many events were lost so far.
    pub fn lost(&self) -> u64 {
        self.lost
    }

    /// A later event tells what this one tells, as it is now.
    fn is_void(&self, index: usize) -> bool {
        let Some(event) = self.events.get(index) else {
            return false;
        };
        self.events.iter().skip(index + 1).any(|later| supersedes(later, event))
    }
}

fn supersedes(later: &MouseEvent, event: &MouseEvent) -> bool {
    match (later, event) {
        (MouseEvent::Button { button: later, .. }, MouseEvent::Button { button, .. }) => later == button,
        _ => discriminant(later) == discriminant(event),
    }
}
