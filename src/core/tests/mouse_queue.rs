//! The simulated mouse, and events whose consumer is late.

use proptest::prelude::*;
use std::time::Duration;
use steve_core::mouse::{EventQueue, Held, MouseEvent, SimMouse, SimOptions};

fn mouse(probability: f64, seed: u64) -> SimMouse {
    SimMouse::new(SimOptions { period: Duration::from_millis(10), probability, seed })
}

fn held(events: impl IntoIterator<Item = MouseEvent>) -> Held {
    let mut held = Held::default();
    events.into_iter().for_each(|event| held.see(&event));
    held
}

#[test]
fn the_same_seed_gives_the_same_events_and_another_one_others() {
    let events = |seed| {
        let mut mouse = mouse(0.5, seed);
        (0..200).map(|_| mouse.step()).collect::<Vec<_>>()
    };
    assert_eq!(events(7), events(7));
    assert_ne!(events(7), events(8));
}

#[test]
fn events_are_as_likely_as_told() {
    let events = |probability| {
        let mut mouse = mouse(probability, 1);
        (0..10_000).filter(|_| mouse.step().is_some()).count()
    };
    assert_eq!((events(0.0), events(1.0), events(f64::NAN)), (0, 10_000, 0));
    assert!((2_000..3_000).contains(&events(0.25)), "{}", events(0.25));
}

#[test]
fn somebody_moves_it_lets_it_go_and_presses_both_buttons() {
    let mut mouse = mouse(1.0, 3);
    let events: Vec<_> = std::iter::from_fn(|| mouse.step()).take(500).collect();
    let mut held = Held::default();
    let (mut deflected, mut centred, mut presses) = (0, 0, [0, 0]);
    for event in &events {
        match event {
            MouseEvent::Motion { axes } => {
                assert!(axes.iter().all(|axis| (-1.0..=1.0).contains(axis)));
                if *axes == [0.0; 6] { centred += 1 } else { deflected += 1 }
            }
            MouseEvent::Button { button, pressed } => {
                assert_ne!(*pressed, held.pressed(*button), "a button that is down cannot go down");
                presses[*button as usize] += usize::from(*pressed);
            }
            MouseEvent::Device { .. } => panic!("{event:?}"),
        }
        held.see(event);
    }
    assert!(deflected > 100 && centred > 10 && presses.iter().all(|&presses| presses > 10));
}

#[test]
fn a_device_that_cannot_be_is_refused() {
    let refused = |period, probability| {
        let options = SimOptions { period: Duration::from_micros(period), probability, seed: 0 };
        options.validate().map_err(|error| error.to_string())
    };
    assert_eq!(refused(100, 0.0), Ok(()));
    assert_eq!(refused(0, 0.5), Err("sim_period: 0 s is not allowed; 0.0001 to 3600 s".to_owned()));
    assert!(refused(3_600_000_001, 0.5).is_err());
    for probability in [-0.1, 1.1, f64::NAN, f64::INFINITY] {
        let error = format!("sim_probability: {probability} is not allowed; 0 to 1");
        assert_eq!(refused(1000, probability), Err(error));
    }
}

#[test]
fn a_queue_that_is_not_full_loses_nothing() {
    let mut queue = EventQueue::new(4);
    let events: Vec<_> = (0..4).map(|button| MouseEvent::Button { button, pressed: true }).collect();
    for event in &events {
        assert_eq!(queue.push(event.clone()), 0);
    }
    assert_eq!(std::iter::from_fn(|| queue.pop()).collect::<Vec<_>>(), events);
}

#[test]
fn a_release_is_never_lost_for_motions() {
    let mut queue = EventQueue::new(3);
    queue.push(MouseEvent::Button { button: 0, pressed: true });
    queue.push(MouseEvent::Button { button: 0, pressed: false });
    let lost: u64 =
        (1..=100).map(|count| queue.push(MouseEvent::Motion { axes: [f64::from(count) / 100.0; 6] })).sum();
    assert_eq!((lost, queue.lost()), (99, 99));
    let left: Vec<_> = std::iter::from_fn(|| queue.pop()).collect();
    assert!(left.contains(&MouseEvent::Button { button: 0, pressed: false }));
    assert_eq!(left.last(), Some(&MouseEvent::Motion { axes: [1.0; 6] }));
}

fn event() -> impl Strategy<Value = MouseEvent> {
    prop_oneof![
        (-1..=1_i8).prop_map(|axis| MouseEvent::Motion { axes: [f64::from(axis); 6] }),
        (0..6_u32, any::<bool>()).prop_map(|(button, pressed)| MouseEvent::Button { button, pressed }),
    ]
}

proptest! {
    #[test]
    fn however_late_the_consumer_is_it_ends_up_with_what_is_held(
        capacity in 0..10_usize,
        steps in prop::collection::vec((event(), 0..2_usize), 0..100),
    ) {
        let mut queue = EventQueue::new(capacity);
        let (mut truth, mut taken, mut lost) = (Held::default(), Vec::new(), 0);
        for (event, takes) in &steps {
            truth.see(event);
            lost += queue.push(event.clone());
            taken.extend((0..*takes).filter_map(|_| queue.pop()));
        }
        let left: Vec<_> = std::iter::from_fn(|| queue.pop()).collect();
        // The puck and six buttons.
        prop_assert!(left.len() <= capacity.max(7));
        taken.extend(left);
        prop_assert_eq!(taken.len() as u64 + lost, steps.len() as u64);
        prop_assert_eq!(lost, queue.lost());
        prop_assert_eq!(held(taken), truth);
    }
}
