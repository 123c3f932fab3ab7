//! Simulated time and the queue of what happens next.
//!
//! Time is an integer number of nanoseconds since the start of the simulation (warm-up included), so that it adds
//! without rounding and ties are real ties; ties are broken by the order in which events were scheduled.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// Nanoseconds since the start of the simulation.
pub type Time = u64;

/// Later than anything that happens; adding a month to it does not overflow.
pub const NEVER: Time = u64::MAX / 4;

/// Nanoseconds of a duration in seconds: 0 for negative ones, [`NEVER`] for endless ones.
#[inline]
#[must_use]
#[expect(
    clippy::cast_possible_truncation,
    reason = "float-to-int casts saturate, which is meant"
)]
pub fn nanos(seconds: f64) -> Time {
    // Through a signed integer: one instruction instead of a branch.
    ((seconds * 1e9 + 0.5) as i64)
        .max(0)
        .cast_unsigned()
        .min(NEVER)
}

/// Seconds of a duration.
#[inline]
#[must_use]
pub fn seconds(duration: Time) -> f64 {
    duration.cast_signed() as f64 * 1e-9
}

/// Seconds from `earlier` to `later`, 0 if they are the other way round.
#[inline]
#[must_use]
pub fn between(earlier: Time, later: Time) -> f64 {
    seconds(later.saturating_sub(earlier))
}

/// The number, or 0 if it is negative or not a number.
#[inline]
#[must_use]
pub fn positive(number: f64) -> f64 {
    // In this order it is one instruction, which `f64::max` is not.
    if number > 0.0 { number } else { 0.0 }
}

/// Something that happens at a time.
#[derive(Debug, Clone, Copy)]
struct Entry<T> {
    at: Time,
    /// Wraps after four thousand million: two things of one nanosecond would have to be so far apart to change places.
    sequence: u32,
    what: T,
}

impl<T> Entry<T> {
    /// Time and order of scheduling in one number, which compares without a branch.
    #[inline]
    fn key(&self) -> u128 {
        u128::from(self.at) << 32 | u128::from(self.sequence)
    }
}

impl<T> PartialEq for Entry<T> {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}
impl<T> Eq for Entry<T> {}
impl<T> PartialOrd for Entry<T> {
    #[inline]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
    #[inline]
    fn lt(&self, other: &Self) -> bool {
        other.key() < self.key()
    }
    #[inline]
    fn le(&self, other: &Self) -> bool {
        other.key() <= self.key()
    }
    #[inline]
    fn gt(&self, other: &Self) -> bool {
        other.key() > self.key()
    }
    #[inline]
    fn ge(&self, other: &Self) -> bool {
        other.key() >= self.key()
    }
}
impl<T> Ord for Entry<T> {
    /// The earliest is the greatest, so that a max-heap yields it first.
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        other.key().cmp(&self.key())
    }
}

/// A queue by time; ties leave in the order in which they came.
///
/// What happens mostly schedules what happens next, so the thing that left keeps its place on top of the heap until
/// something takes it over, which saves ordering the heap twice.
#[derive(Debug, Clone)]
pub struct Agenda<T> {
    heap: BinaryHeap<Entry<T>>,
    sequence: u32,
    /// The top has left.
    vacant: bool,
}

impl<T> Default for Agenda<T> {
    fn default() -> Self {
        Self {
            heap: BinaryHeap::new(),
            sequence: 0,
            vacant: false,
        }
    }
}

impl<T: Copy> Agenda<T> {
    /// Schedules something.
    #[inline]
    pub fn push(&mut self, at: Time, what: T) {
        let sequence = self.sequence;
        self.sequence = self.sequence.wrapping_add(1);
        let entry = Entry { at, sequence, what };
        if self.vacant
            && let Some(mut top) = self.heap.peek_mut()
        {
            self.vacant = false;
            *top = entry;
        } else {
            self.heap.push(entry);
        }
    }

    /// When the next thing happens; [`NEVER`] if nothing is scheduled.
    #[inline]
    #[must_use]
    pub fn next_at(&mut self) -> Time {
        if self.vacant {
            self.fill_top();
        }
        self.heap.peek().map_or(NEVER, |entry| entry.at)
    }

    fn fill_top(&mut self) {
        self.vacant = false;
        self.heap.pop();
    }

    /// The next thing.
    #[inline]
    pub fn pop(&mut self) -> Option<(Time, T)> {
        self.pop_until(Time::MAX)
    }

    /// The next thing, if it happens no later than `until`.
    #[inline]
    pub fn pop_until(&mut self, until: Time) -> Option<(Time, T)> {
        if self.next_at() > until {
            return None;
        }
        let entry = self.heap.peek()?;
        self.vacant = true;
        Some((entry.at, entry.what))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_leave_in_the_order_in_which_they_came() {
        let mut agenda = Agenda::default();
        for (at, what) in [(5, 'c'), (1, 'a'), (5, 'd'), (3, 'b')] {
            agenda.push(at, what);
        }
        let order: String = std::iter::from_fn(|| agenda.pop().map(|(_, what)| what)).collect();
        assert_eq!(order, "abcd");
    }

    #[test]
    fn the_earliest_leaves_first_however_things_come_and_go() {
        let mut agenda = Agenda::default();
        let mut sorted = std::collections::BTreeSet::new();
        let mut number = 0_u64;
        for round in 0_u64..2_000 {
            for extra in 0..(round * 7 % 4) {
                let at = round * 10 + (round * 31 + extra * 17) % 97;
                agenda.push(at, number);
                sorted.insert((at, number));
                number += 1;
            }
            let due = sorted.first().copied().filter(|(at, _)| *at <= round * 10);
            assert_eq!(agenda.pop_until(round * 10), due);
            due.map(|it| sorted.remove(&it));
        }
        let rest: Vec<(Time, u64)> = std::iter::from_fn(|| agenda.pop()).collect();
        assert_eq!(rest, Vec::from_iter(sorted));
        assert_eq!(agenda.next_at(), NEVER);
    }

    #[test]
    fn endless_and_impossible_durations_have_a_time() {
        assert_eq!(nanos(f64::INFINITY), NEVER);
        assert_eq!(nanos(f64::NAN), 0);
        assert_eq!(nanos(-1.0), 0);
        assert_eq!(nanos(1.5), 1_500_000_000);
    }
}
