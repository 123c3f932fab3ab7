//! People who review flagged answers: a first-come queue served during working hours.
//!
//! Working time is wall time with the nights cut out. In working time the reviewers are a plain multi-server queue,
//! whose starts follow from the times at which its servers are free (Kiefer and Wolfowitz 1955).

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::clock::{Agenda, Time, nanos, seconds};

const DAY_S: f64 = 86_400.0;

/// The queue of one month.
#[derive(Debug, Clone)]
pub struct Reviewers {
    opens_s: f64,
    length_s: f64,
    /// Local midnight of the first day, in seconds of simulated time.
    midnight_s: f64,
    /// When each reviewer is free, in nanoseconds of working time.
    free: BinaryHeap<Reverse<Time>>,
    pending: Agenda<(Time, bool)>,
    /// Reviews of counted answers: how many, seconds of work, seconds from flag to start.
    pub done: (u64, f64, f64),
    /// Seconds of work that counted answers were expected to make before it was drawn which of them are flagged.
    pub expected_s: f64,
}

impl Reviewers {
    /// Idle reviewers with working hours `[from, to]`, every day.
    #[must_use]
    pub fn new(reviewers: f64, hours: (f64, f64), warmup_s: f64) -> Self {
        let count = reviewers.round().clamp(1.0, 1e6);
        let mut free = BinaryHeap::new();
        let mut number = 0.0;
        while number < count {
            free.push(Reverse(0));
            number += 1.0;
        }
        Self {
            opens_s: hours.0 * 3600.0,
            length_s: (hours.1 - hours.0).clamp(0.01, 24.0) * 3600.0,
            midnight_s: warmup_s - libm::ceil(warmup_s / DAY_S) * DAY_S,
            free,
            pending: Agenda::default(),
            done: (0, 0.0, 0.0),
            expected_s: 0.0,
        }
    }

    /// Working seconds from the start up to a wall time.
    fn worked(&self, wall_s: f64) -> f64 {
        let local = wall_s - self.midnight_s - self.opens_s;
        let day = libm::floor(local / DAY_S);
        day * self.length_s + (local - day * DAY_S).min(self.length_s) + self.length_s
    }

    /// The wall time at which so many working seconds are over.
    fn wall(&self, worked_s: f64) -> f64 {
        let shifted = worked_s - self.length_s;
        let day = libm::ceil(shifted / self.length_s) - 1.0;
        day * DAY_S + (shifted - day * self.length_s) + self.opens_s + self.midnight_s
    }

    /// Reviews an answer flagged at `now` (calls must come in time order); when the review is done.
    pub fn review(&mut self, now: Time, minutes: f64, counted: bool) -> Time {
        let arrived_s = self.worked(seconds(now));
        let free_s = self.free.pop().map_or(0.0, |at| seconds(at.0));
        let start_s = arrived_s.max(free_s);
        let work_s = minutes.max(0.0) * 60.0;
        self.free.push(Reverse(nanos(start_s + work_s)));
        let finished = nanos(self.wall(start_s + work_s)).max(now);
        if counted {
            // Waiting is wall time until the review starts.
            let waited = (self.wall(start_s + 1e-6) - seconds(now)).max(0.0);
            self.done.0 += 1;
            self.done.1 += work_s;
            self.done.2 += waited;
        }
        finished
    }

    /// Flags an answer for review at a time that may lie ahead.
    pub fn later(&mut self, at: Time, minutes: f64, counted: bool) {
        self.pending.push(at, (nanos(minutes * 60.0), counted));
    }

    /// Works off what was flagged up to `now`.
    pub fn settle(&mut self, now: Time) {
        while let Some((at, (work, counted))) = self.pending.pop_until(now) {
            self.review(at, seconds(work) / 60.0, counted);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_begins_when_the_office_opens_and_pauses_at_night() {
        let mut reviewers = Reviewers::new(1.0, (8.0, 18.0), 0.0);
        let hour = |hours: f64| nanos(hours * 3600.0);
        let near = |got: Time, hours: f64| {
            assert!(
                (seconds(got) - hours * 3600.0).abs() < 0.01,
                "{got} for {hours} h"
            );
        };
        near(reviewers.review(hour(3.0), 60.0, true), 9.0);
        near(reviewers.review(hour(3.0), 60.0, true), 10.0);
        near(reviewers.review(hour(17.5), 60.0, true), 24.0 + 8.5);
        near(reviewers.review(hour(24.0 + 12.0), 30.0, true), 24.0 + 12.5);
    }

    #[test]
    fn reviews_of_answers_that_do_not_count_take_time_and_are_not_counted() {
        let mut reviewers = Reviewers::new(1.0, (0.0, 24.0), 0.0);
        let minute = |minutes: f64| nanos(minutes * 60.0);
        reviewers.later(minute(0.0), 10.0, false);
        reviewers.settle(minute(5.0));
        let end = seconds(reviewers.review(minute(5.0), 10.0, true)) / 60.0;
        assert!((end - 20.0).abs() < 0.001, "{end}");
        assert_eq!(reviewers.done.0, 1);
        assert!((reviewers.done.1 - 600.0).abs() < 0.01);
        assert!(
            (reviewers.done.2 - 300.0).abs() < 0.01,
            "five minutes behind the other"
        );
    }

    #[test]
    fn reviewers_work_side_by_side() {
        let mut reviewers = Reviewers::new(2.0, (0.0, 24.0), 0.0);
        let minute = |minutes: f64| nanos(minutes * 60.0);
        let ends: Vec<f64> = (0..3)
            .map(|_| seconds(reviewers.review(minute(1.0), 10.0, true)) / 60.0)
            .collect();
        for (end, expected) in ends.iter().zip([11.0, 11.0, 21.0]) {
            assert!((end - expected).abs() < 0.001, "{end} for {expected}");
        }
    }
}
