//! Slots whose answers neither slow nor stop each other: how a call goes is known when it comes.
//!
//! Whoever comes first starts first, so a call starts when the first of the slots becomes free that are taken by those
//! before it (Kiefer and Wolfowitz 1955), and one that gives up first never takes a slot. That needs no events.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use super::super::clock::{Time, between};
use super::super::closing::QUARTER_HOUR;

/// All slots of a model together.
#[derive(Debug, Clone)]
pub struct Apart {
    slots: usize,
    places: usize,
    /// When slots become free, or became: of each the last call that is known to take it.
    ends: BinaryHeap<Reverse<Time>>,
    /// When those who wait stop waiting.
    waiting: BinaryHeap<Reverse<Time>>,
    /// Seconds of busy slots by quarter of an hour, and the first one's number.
    busy_s: VecDeque<f64>,
    quarter: u64,
}

impl Apart {
    /// Free slots, and places in the queue.
    pub(super) fn new(slots: usize, places: usize) -> Self {
        Self {
            slots,
            places,
            ends: BinaryHeap::new(),
            waiting: BinaryHeap::new(),
            busy_s: VecDeque::new(),
            quarter: 0,
        }
    }

    /// When a call that comes now would start; `None` if the queue is full.
    #[inline]
    pub fn start(&mut self, now: Time) -> Option<Time> {
        let free = self.ends.peek().map_or(0, |end| end.0);
        if free <= now || self.ends.len() < self.slots {
            return Some(now);
        }
        while self.waiting.peek().is_some_and(|time| time.0 <= now) {
            self.waiting.pop();
        }
        (self.waiting.len() < self.places).then_some(free)
    }

    /// The call that has just come starts at `start`, unless it is over before that, and is over at `over`.
    #[inline]
    pub fn take(&mut self, now: Time, start: Time, over: Time) {
        if start > now {
            self.waiting.push(Reverse(start.min(over)));
        }
        if over <= start {
            return;
        }
        // In the place of a call that is over by then, if there is one.
        let past = self.ends.peek().is_some_and(|end| end.0 <= start);
        if past && let Some(mut first) = self.ends.peek_mut() {
            *first = Reverse(over);
        } else {
            self.ends.push(Reverse(over));
        }
        self.book(start, over);
    }

    #[inline]
    fn book(&mut self, from: Time, to: Time) {
        let mut at = from;
        while at < to {
            let quarter = at / QUARTER_HOUR;
            let until = to.min((quarter + 1) * QUARTER_HOUR);
            let place = usize::try_from(quarter.saturating_sub(self.quarter)).unwrap_or(usize::MAX);
            if place >= self.busy_s.len() {
                self.busy_s.resize(place.saturating_add(1), 0.0);
            }
            if let Some(sum) = self.busy_s.get_mut(place) {
                *sum += between(at, until);
            }
            at = until;
        }
    }

    /// Seconds of busy slots since the last call; `now` is a full quarter of an hour.
    pub(super) fn take_busy_s(&mut self, now: Time) -> f64 {
        let mut sum = 0.0;
        while self.quarter < now / QUARTER_HOUR {
            sum += self.busy_s.pop_front().unwrap_or(0.0);
            self.quarter += 1;
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_slot_that_becomes_free_goes_to_the_first_who_waits() {
        let mut two = Apart::new(2, 1);
        let mut comes = |now: Time, takes: Time| {
            let start = two.start(now)?;
            two.take(now, start, start + takes);
            Some(start)
        };
        assert_eq!(comes(0, 100), Some(0));
        assert_eq!(comes(10, 20), Some(10));
        assert_eq!(comes(15, 5), Some(30));
        assert_eq!(comes(20, 5), None, "one waits already");
        assert_eq!(comes(31, 10), Some(35));
        assert_eq!(comes(100, 1), Some(100));
    }

    #[test]
    fn who_gives_up_before_the_turn_takes_a_place_and_no_slot() {
        let mut one = Apart::new(1, 1);
        one.take(0, 0, 100);
        one.take(5, 100, 50);
        assert_eq!(one.start(49), None);
        assert_eq!(one.start(50), Some(100));
    }

    #[test]
    fn busy_time_is_booked_where_it_falls() {
        let mut slots = Apart::new(9, 0);
        let hour = 4 * QUARTER_HOUR;
        slots.take(
            hour - 5_000_000_000,
            hour - 5_000_000_000,
            hour + QUARTER_HOUR,
        );
        slots.take(hour, hour, hour + 1_000_000_000);
        assert!((slots.take_busy_s(hour) - 5.0).abs() < 1e-9);
        assert!((slots.take_busy_s(2 * hour) - 901.0).abs() < 1e-9);
    }
}
