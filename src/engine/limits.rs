//! Rate limits of a model: token buckets that refill continuously, a bound on attempts in flight, and waiting for
//! them in turn instead of being refused (admission).
//!
//! Waiting needs no events: buckets refill at a constant rate and attempts in flight end at known times, so the start
//! of a waiting attempt is known when it arrives (the reservation view of a token bucket, as in the generic cell rate
//! algorithm). Those who come later see the debt of those before them: first come, first served.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use crate::model::strategy::Admission;
use crate::model::{Facts, Limits, Num};

use super::clock::{NEVER, Time, nanos, seconds};

/// The kinds of limit, in the order of reports.
pub const KINDS: [&str; 6] = [
    "requests_per_min",
    "tokens_per_min",
    "input_tokens_per_min",
    "output_tokens_per_min",
    "requests_per_day",
    "concurrency",
];

/// Index of `concurrency` in [`KINDS`].
pub const CONCURRENCY: usize = 5;

/// Where kinds of limit are indices, the slots and the queue of a hosted model come after them.
pub const SLOTS: usize = 6;

#[derive(Debug, Clone)]
struct Bucket {
    kind: usize,
    level: f64,
    capacity: f64,
    per_s: f64,
    at: Time,
    /// Its level at the moment that is looked at.
    current: f64,
}

impl Bucket {
    /// From `now` on it fills and holds so much; what is in it above that is lost.
    fn refill(&mut self, now: Time, per_s: f64, capacity: f64) {
        self.level = self.level_at(now).min(capacity);
        self.at = now;
        (self.per_s, self.capacity) = (per_s, capacity);
    }

    #[inline]
    fn level_at(&self, now: Time) -> f64 {
        let level = self.level + seconds(now.saturating_sub(self.at)) * self.per_s;
        if level < self.capacity {
            level
        } else {
            self.capacity
        }
    }
}

/// What one attempt asks of the limits.
#[derive(Debug, Clone, Copy)]
pub struct Ask {
    /// All input tokens.
    pub input: f64,
    /// Those of them read from the prompt cache.
    pub cached: f64,
    /// Output tokens reserved.
    pub output: f64,
}

/// The answer: when the attempt may start, or which limit refused it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admitted {
    /// At this time (now, unless it waited).
    At(Time),
    /// Refused by the limit with this index in [`KINDS`].
    Refused(usize),
}

/// The limits of one model in one month.
#[derive(Debug, Clone)]
pub struct Limiter {
    buckets: Vec<Bucket>,
    /// Ends of the attempts in flight (or, with admission, the times at which a place is free).
    in_flight: BinaryHeap<Reverse<Time>>,
    concurrency: usize,
    cached_tokens_count: bool,
    refused_count: bool,
    admission: Option<(Time, f64)>,
    waiting: VecDeque<Time>,
    /// Buckets and places before the limits were cut.
    uncut: Option<(Vec<Bucket>, usize)>,
}

impl Limiter {
    /// The limits as they are this month.
    #[must_use]
    pub fn new(limits: &Limits, admission: Option<&Admission>, facts: &Facts) -> Self {
        let per_minute = [
            limits.requests_per_min,
            limits.tokens_per_min,
            limits.input_tokens_per_min,
            limits.output_tokens_per_min,
        ];
        let bucket = |kind: usize, num: Num, period_s: f64, holds_s: f64| {
            let per_s = facts.get(num).max(0.0) / period_s;
            Bucket {
                kind,
                level: per_s * holds_s,
                capacity: per_s * holds_s,
                per_s,
                at: 0,
                current: 0.0,
            }
        };
        let mut buckets: Vec<Bucket> = per_minute
            .iter()
            .enumerate()
            .filter_map(|(kind, num)| num.map(|num| bucket(kind, num, 60.0, limits.burst_s)))
            .collect();
        // A day's allowance may be spent at any time of the day, so its bucket holds a day.
        if let Some(num) = limits.requests_per_day {
            buckets.push(bucket(4, num, 86_400.0, 86_400.0));
        }
        Self {
            buckets,
            in_flight: BinaryHeap::new(),
            concurrency: limits
                .concurrency
                .map_or(usize::MAX, |num| whole(facts.get(num))),
            cached_tokens_count: limits.cached_tokens_count,
            refused_count: limits.refused_count,
            admission: admission.map(|it| (nanos(facts.get(it.max_wait_s)), facts.get(it.queue))),
            waiting: VecDeque::new(),
            uncut: None,
        }
    }

    /// Whether there is any limit at all.
    #[inline]
    #[must_use]
    pub fn is_endless(&self) -> bool {
        self.buckets.is_empty() && self.concurrency == usize::MAX
    }

    /// How much one attempt takes of the limits that are buckets, in the order of [`KINDS`].
    #[inline]
    fn amounts(&self, ask: &Ask) -> [f64; 5] {
        let input = if self.cached_tokens_count {
            ask.input
        } else {
            ask.input - ask.cached
        };
        [1.0, input + ask.output, input, ask.output, 1.0]
    }

    /// Asks to start an attempt. If it is admitted, the caller must tell [`Limiter::started`] when it ends.
    #[inline]
    pub fn admit(&mut self, now: Time, ask: &Ask) -> Admitted {
        let amounts = self.amounts(ask);
        let of = |bucket: &Bucket| amounts.get(bucket.kind).copied().unwrap_or(1.0);
        let mut enough = true;
        for bucket in &mut self.buckets {
            bucket.current = bucket.level_at(now);
            enough &= of(bucket) <= bucket.current;
        }
        let mut start = now;
        if !enough || self.concurrency != usize::MAX || !self.waiting.is_empty() {
            start = match self.wait(now, &amounts) {
                Ok(start) => start,
                Err(kind) => {
                    self.refuse(now);
                    return Admitted::Refused(kind);
                }
            };
        }
        for bucket in &mut self.buckets {
            bucket.level = bucket.current - of(bucket);
            bucket.at = now;
        }
        Admitted::At(start)
    }

    /// When an attempt may start, or which limit refuses it.
    fn wait(&mut self, now: Time, amounts: &[f64; 5]) -> Result<Time, usize> {
        while self.in_flight.peek().is_some_and(|end| end.0 <= now) {
            self.in_flight.pop();
        }
        while self.waiting.front().is_some_and(|start| *start <= now) {
            self.waiting.pop_front();
        }
        // What one waits for longest is what refuses.
        let mut wait_s: f64 = 0.0;
        let mut short = None;
        for bucket in &self.buckets {
            let amount = amounts.get(bucket.kind).copied().unwrap_or(1.0);
            let lacking = amount - bucket.current;
            if lacking > 0.0 {
                // More than the bucket ever holds never comes.
                let needed = if amount > bucket.capacity {
                    f64::INFINITY
                } else {
                    lacking / bucket.per_s
                };
                if short.is_none() || needed > wait_s {
                    (wait_s, short) = (needed, Some(bucket.kind));
                }
            }
        }
        let mut start = now.saturating_add(nanos(wait_s));
        // With admission a waiting attempt takes over the place of the one that ends first, so the heap never holds
        // more ends than there are places.
        let full = self.in_flight.len() >= self.concurrency;
        if full {
            let free = self.in_flight.peek().map_or(now, |end| end.0);
            if short.is_none() || free > start {
                (start, short) = (free, Some(CONCURRENCY));
            }
        }
        let Some(kind) = short else { return Ok(start) };
        // What never comes is not waited for, however long one may wait.
        let may_wait = start < NEVER
            && self.admission.is_some_and(|(longest, places)| {
                start.saturating_sub(now) <= longest && (self.waiting.len() as f64) < places
            });
        if !may_wait {
            return Err(kind);
        }
        // First come, first served: nobody overtakes those who already wait.
        start = start.max(self.waiting.back().copied().unwrap_or(now));
        self.waiting.push_back(start);
        if full {
            self.in_flight.pop();
        }
        Ok(start)
    }

    /// Multiplies every limit by a factor from `now` on; what is in the buckets above the new limits is lost.
    pub fn cut(&mut self, now: Time, factor: f64) {
        self.uncut = Some((self.buckets.clone(), self.concurrency));
        for bucket in &mut self.buckets {
            bucket.refill(now, bucket.per_s * factor, bucket.capacity * factor);
        }
        if self.concurrency != usize::MAX {
            self.concurrency = whole(self.concurrency as f64 * factor).max(1);
        }
    }

    /// The limits are again as they were before they were cut.
    pub fn restore(&mut self, now: Time) {
        if let Some((buckets, concurrency)) = self.uncut.take() {
            self.concurrency = concurrency;
            for (bucket, was) in self.buckets.iter_mut().zip(&buckets) {
                bucket.refill(now, was.per_s, was.capacity);
            }
        }
    }

    /// Says when the attempt just admitted ends.
    #[inline]
    pub fn started(&mut self, end: Time) {
        if self.concurrency != usize::MAX {
            self.in_flight.push(Reverse(end));
        }
    }

    /// A refused call takes what is left of its request, where the provider counts refused calls.
    fn refuse(&mut self, now: Time) {
        if self.refused_count {
            for bucket in self
                .buckets
                .iter_mut()
                .filter(|bucket| matches!(bucket.kind, 0 | 4))
            {
                let level = bucket.level_at(now);
                bucket.level = if level > 0.0 {
                    (level - 1.0).max(0.0)
                } else {
                    level
                };
                bucket.at = now;
            }
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "saturates, which is meant"
)]
fn whole(number: f64) -> usize {
    number.round() as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limiter(per_min: f64, burst_s: f64, longest_s: f64) -> Limiter {
        let limits = Limits {
            tokens_per_min: Some(Num::Exact(per_min)),
            burst_s,
            ..Limits::default()
        };
        let admission = Admission {
            max_wait_s: Num::Exact(longest_s),
            queue: Num::Exact(f64::INFINITY),
        };
        Limiter::new(&limits, Some(&admission), &Facts::new(Vec::new()))
    }

    fn ask(tokens: f64) -> Ask {
        Ask {
            input: tokens,
            cached: 0.0,
            output: 0.0,
        }
    }

    #[test]
    fn the_limit_that_one_would_wait_longest_for_is_what_refuses() {
        let limits = Limits {
            requests_per_min: Some(Num::Exact(60.0)),
            tokens_per_min: Some(Num::Exact(600.0)),
            burst_s: 1.0,
            ..Limits::default()
        };
        let facts = Facts::new(Vec::new());
        // A second holds one request and ten tokens.
        let mut full = Limiter::new(&limits, None, &facts);
        assert_eq!(full.admit(0, &ask(1.0)), Admitted::At(0));
        assert_eq!(full.admit(0, &ask(10.0)), Admitted::Refused(0));
        let mut empty = Limiter::new(&limits, None, &facts);
        assert_eq!(empty.admit(0, &ask(10.0)), Admitted::At(0));
        assert_eq!(empty.admit(0, &ask(1.0)), Admitted::Refused(0));
        assert_eq!(empty.admit(nanos(0.5), &ask(9.0)), Admitted::Refused(0));
        assert_eq!(empty.admit(nanos(0.9), &ask(11.0)), Admitted::Refused(1));
    }

    #[test]
    fn what_a_bucket_never_holds_is_refused_however_long_one_would_wait() {
        let mut limiter = limiter(600.0, 60.0, f64::INFINITY);
        assert_eq!(limiter.admit(0, &ask(601.0)), Admitted::Refused(1));
        assert_eq!(limiter.admit(0, &ask(600.0)), Admitted::At(0));
        // Those behind it are not held up by it.
        assert_eq!(limiter.admit(0, &ask(10.0)), Admitted::At(nanos(1.0)));
        let mut closed = self::limiter(0.0, 60.0, f64::INFINITY);
        assert_eq!(closed.admit(0, &ask(1.0)), Admitted::Refused(1));
    }
}
