//! What users get, minute by minute: requests by the minute in which they were sent, money and attempts by the minute
//! in which they were booked.

use super::clock::{NEVER, Time};
use super::histogram::Histogram;
use super::ledger::{Bill, Line, OUTCOMES, Outcome};
use super::world::World;

/// A minute in nanoseconds.
pub(super) const MINUTE: Time = 60_000_000_000;
/// Bins to the octave of the latencies of a minute: 1.6% wide.
const BITS: u32 = 6;

/// One minute, of one run or of several together.
#[derive(Debug, Clone, PartialEq)]
pub struct Minute {
    /// Requests sent in it, by [`Outcome`].
    pub outcomes: [u64; OUTCOMES.len()],
    /// Latencies of its delivered answers.
    pub latency: Histogram,
    /// Attempts sent to the models that an incident strikes.
    pub attempts: u64,
    /// US dollars booked in it for calls, caches and checks; without what is paid by the hour or the month.
    pub usd: f64,
}

impl Default for Minute {
    fn default() -> Self {
        Self {
            outcomes: [0; OUTCOMES.len()],
            latency: Histogram::with_bits(BITS),
            attempts: 0,
            usd: 0.0,
        }
    }
}

impl Minute {
    /// Adds the same minute of another run.
    pub fn merge(&mut self, other: &Self) {
        for (mine, theirs) in self.outcomes.iter_mut().zip(other.outcomes) {
            *mine += theirs;
        }
        self.latency.merge(&other.latency);
        self.attempts += other.attempts;
        self.usd += other.usd;
    }

    /// Requests sent in it.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.outcomes.iter().sum()
    }

    /// Requests that got neither a model's answer nor a valid cached one: stale, degraded, blocked, abandoned, failed.
    #[must_use]
    pub fn unserved(&self) -> u64 {
        let served = [Outcome::Answered, Outcome::Cached, Outcome::Fallback];
        let of = |outcome: Outcome| self.outcomes.get(outcome as usize).copied().unwrap_or(0);
        self.requests() - served.into_iter().map(of).sum::<u64>()
    }
}

/// Consecutive minutes under way.
#[derive(Debug, Clone)]
pub struct Minutes {
    from: Time,
    list: Vec<Minute>,
    /// When the minute under way ends.
    due: Time,
    current: usize,
    /// Bill and attempts when it began.
    booked: (f64, u64),
    struck: Vec<usize>,
}

impl Minutes {
    /// `count` minutes from `from` on, which watch the attempts to some models.
    #[must_use]
    pub fn new(from: Time, count: usize, struck: Vec<usize>) -> Self {
        Self {
            from,
            list: vec![Minute::default(); count],
            due: from,
            // The first time that is due is the beginning of the first minute.
            current: usize::MAX,
            booked: (0.0, 0),
            struck,
        }
    }

    /// The minutes.
    #[must_use]
    pub fn into_list(self) -> Vec<Minute> {
        self.list
    }

    fn of(&mut self, at: Time) -> Option<&mut Minute> {
        let since = at.checked_sub(self.from)?;
        self.list.get_mut(usize::try_from(since / MINUTE).ok()?)
    }

    /// A request has ended.
    pub fn ended(&mut self, sent: Time, outcome: Outcome) {
        if let Some(minute) = self.of(sent)
            && let Some(count) = minute.outcomes.get_mut(outcome as usize)
        {
            *count += 1;
        }
    }

    /// An answer is delivered.
    pub fn delivered(&mut self, sent: Time, latency_s: f64) {
        if let Some(minute) = self.of(sent) {
            minute.latency.add(latency_s);
        }
    }

    fn turn(&mut self, usd: f64, sent: u64) {
        if let Some(minute) = self.list.get_mut(self.current) {
            minute.usd += usd - self.booked.0;
            minute.attempts += sent - self.booked.1;
        }
        self.booked = (usd, sent);
        self.current = self.current.wrapping_add(1);
        self.due = if self.current < self.list.len() {
            self.due + MINUTE
        } else {
            NEVER
        };
    }
}

impl World<'_> {
    /// Closes the minutes that are over at `now`.
    #[inline]
    pub(super) fn minute_ends(&mut self, now: Time) {
        if self.minutes.is_some() {
            self.close_minutes(now);
        }
    }

    fn close_minutes(&mut self, now: Time) {
        while let Some(minutes) = &mut self.minutes
            && minutes.due <= now
        {
            let sent = minutes
                .struck
                .iter()
                .filter_map(|model| self.servers.get(*model))
                .map(|server| server.sent)
                .sum();
            minutes.turn(by_use(&self.ledger.bill), sent);
        }
    }
}

/// What is paid by use.
fn by_use(bill: &Bill) -> f64 {
    let hosting = bill.get(Line::Hosting as usize).copied().unwrap_or(0.0);
    bill.iter().sum::<f64>() - hosting
}
