//! Circuit breakers and retry budgets.
//!
//! A breaker (Nygard, Release It!, 2007) counts the outcomes of a model's attempts in a sliding window. Outcomes that
//! lie ahead (an attempt that is known to time out in 30 s) wait in an agenda until somebody asks later than that.
//!
//! Only a failure can open it, and failures are few: good outcomes are put in order when a failure asks how many there
//! were.

use std::collections::VecDeque;

use crate::model::strategy::Breaker as Written;
use crate::model::{BreakerRule, Facts};

use super::clock::{Agenda, Time, nanos};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Closed,
    /// Until this time.
    Open(Time),
    /// Probes sent and probes that succeeded.
    HalfOpen {
        sent: u32,
        succeeded: u32,
    },
}

/// The breaker of one model in one month.
#[derive(Debug, Clone)]
pub struct Breaker {
    window: Time,
    min_outcomes: usize,
    /// Share of failures that opens it; negative: `min_failures` does.
    share: f64,
    min_failures: usize,
    open_for: Time,
    probes: u32,
    state: State,
    /// Failures in the window.
    failures: VecDeque<Time>,
    successes: Successes,
    /// Failures and probes to come: whether they fail, and whether they are probes.
    pending: Agenda<(bool, bool)>,
    /// When somebody last asked.
    asked: Time,
}

/// Good outcomes of attempts that are no probes.
#[derive(Debug, Clone, Default)]
struct Successes {
    /// In any order; some lie ahead.
    new: Vec<Time>,
    /// In order, none later than the last failure.
    known: VecDeque<Time>,
    /// At this length of `new` it is time to drop what has left the window.
    full: usize,
}

impl Successes {
    /// One more; those before `gone` will not be asked for.
    #[inline]
    fn push(&mut self, at: Time, gone: Time) {
        if self.new.len() >= self.full {
            self.new.retain(|it| *it >= gone);
            self.full = 2 * self.new.len() + 64;
        }
        self.new.push(at);
    }

    /// How many there were up to `at`, without those that are gone. Later calls ask for later times.
    fn until(&mut self, at: Time, gone: impl Fn(&Time) -> bool) -> usize {
        let mut chunk: Vec<Time> = self.new.extract_if(.., |it| *it <= at).collect();
        chunk.sort_unstable();
        self.known.extend(chunk);
        while self.known.front().is_some_and(&gone) {
            self.known.pop_front();
        }
        self.known.len()
    }

    /// Those up to `at` no longer count.
    fn forget(&mut self, at: Time) {
        self.known.clear();
        self.new.retain(|it| *it > at);
    }
}

impl Breaker {
    /// A closed breaker.
    #[must_use]
    pub fn new(written: &Written, facts: &Facts) -> Self {
        let (window_s, min_outcomes, share, min_failures) = match written.opens {
            BreakerRule::Rate {
                window_s,
                min_requests,
                ..
            } => (
                window_s,
                min_requests as usize,
                facts.get(written.failure_rate),
                1,
            ),
            BreakerRule::Count { failures, window_s } => (window_s, 0, -1.0, failures as usize),
        };
        Self {
            window: nanos(window_s),
            min_outcomes,
            share,
            min_failures,
            open_for: nanos(facts.get(written.open_s)),
            probes: written.probes.max(1),
            state: State::Closed,
            failures: VecDeque::new(),
            successes: Successes::default(),
            pending: Agenda::default(),
            asked: 0,
        }
    }

    /// Whether an attempt would be let through at `now`.
    #[inline]
    pub fn is_open(&mut self, now: Time) -> bool {
        self.settle(now);
        match self.state {
            State::Closed => false,
            State::Open(until) => now < until,
            State::HalfOpen { sent, .. } => sent >= self.probes,
        }
    }

    /// Lets an attempt through, or refuses it. The answer says whether it is a probe; its outcome must be reported
    /// with [`Breaker::report`].
    #[inline]
    pub fn pass(&mut self, now: Time) -> Option<bool> {
        if self.is_open(now) {
            return None;
        }
        if matches!(self.state, State::Open(_)) {
            self.state = State::HalfOpen {
                sent: 0,
                succeeded: 0,
            };
        }
        if let State::HalfOpen { sent, .. } = &mut self.state {
            *sent += 1;
            return Some(true);
        }
        Some(false)
    }

    /// Reports what became of an attempt, at the time at which it is known.
    #[inline]
    pub fn report(&mut self, at: Time, failed: bool, probe: bool) {
        if failed || probe {
            self.pending.push(at, (failed, probe));
        } else if self.share > 0.0 || self.min_outcomes > 0 {
            self.successes
                .push(at, self.asked.saturating_sub(self.window));
        }
    }

    /// A probe that was neither good nor bad (its user left) gives its place back.
    pub fn forget(&mut self, probe: bool) {
        if let (true, State::HalfOpen { sent, .. }) = (probe, &mut self.state) {
            *sent = sent.saturating_sub(1);
        }
    }

    #[inline]
    fn settle(&mut self, now: Time) {
        while let Some((at, (failed, probe))) = self.pending.pop_until(now) {
            self.count(at, failed, probe);
        }
        self.asked = now;
    }

    fn count(&mut self, at: Time, failed: bool, probe: bool) {
        match &mut self.state {
            State::Closed if failed => {
                self.failures.push_back(at);
                let window = self.window;
                let gone = |it: &Time| it.saturating_add(window) <= at;
                while self.failures.front().is_some_and(gone) {
                    self.failures.pop_front();
                }
                let total = self.failures.len() + self.successes.until(at, gone);
                self.decide(at, total);
            }
            State::HalfOpen { succeeded, .. } if probe => {
                if failed {
                    self.open(at);
                    return;
                }
                *succeeded += 1;
                if *succeeded >= self.probes {
                    self.state = State::Closed;
                    self.successes.forget(at);
                }
            }
            // Attempts that were under way when it opened say nothing new, nor does a late probe.
            _ => {}
        }
    }

    /// Opens at a failure, if there were enough of them among the outcomes of the window.
    fn decide(&mut self, at: Time, total: usize) {
        let failures = self.failures.len();
        if total >= self.min_outcomes
            && failures >= self.min_failures
            && failures as f64 >= self.share * total as f64
        {
            self.open(at);
        }
    }

    fn open(&mut self, at: Time) {
        self.state = State::Open(at.saturating_add(self.open_for));
        self.failures.clear();
    }
}

/// Retries are at most a share of requests: a bucket of 10 that requests fill and retries empty.
#[derive(Debug, Clone, Copy)]
pub struct RetryBudget {
    per_request: f64,
    level: f64,
}

/// What a retry budget holds at most, and at the start.
const BUDGET_CAPACITY: f64 = 10.0;

impl RetryBudget {
    /// A full budget; without a share it is endless.
    #[must_use]
    pub fn new(share: Option<f64>) -> Self {
        Self {
            per_request: share.unwrap_or(f64::INFINITY),
            level: BUDGET_CAPACITY,
        }
    }

    /// A request came.
    #[inline]
    pub fn earn(&mut self) {
        self.level = (self.level + self.per_request).min(BUDGET_CAPACITY);
    }

    /// Takes one retry, if there is one.
    pub fn spend(&mut self) -> bool {
        if self.per_request.is_infinite() {
            return true;
        }
        let affordable = self.level >= 1.0;
        if affordable {
            self.level -= 1.0;
        }
        affordable
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Num;

    fn breaker(failures: u32, probes: u32) -> Breaker {
        let written = Written {
            opens: BreakerRule::Count {
                failures,
                window_s: 60.0,
            },
            failure_rate: Num::Exact(0.5),
            open_s: Num::Exact(30.0),
            probes,
        };
        Breaker::new(&written, &Facts::new(Vec::new()))
    }

    #[test]
    fn it_opens_after_its_failures_and_probes_when_its_time_is_over() {
        let mut breaker = breaker(2, 1);
        assert_eq!(breaker.pass(0), Some(false));
        breaker.report(nanos(1.0), true, false);
        assert_eq!(breaker.pass(nanos(2.0)), Some(false));
        breaker.report(nanos(3.0), true, false);
        assert!(breaker.is_open(nanos(3.0)));
        assert_eq!(breaker.pass(nanos(32.9)), None);
        assert_eq!(breaker.pass(nanos(33.0)), Some(true));
        assert_eq!(
            breaker.pass(nanos(33.1)),
            None,
            "only as many as the probes allow"
        );
        breaker.report(nanos(34.0), false, true);
        assert_eq!(breaker.pass(nanos(34.0)), Some(false));
    }

    #[test]
    fn a_failed_probe_opens_it_again() {
        let mut breaker = breaker(1, 2);
        breaker.report(0, true, false);
        assert_eq!(breaker.pass(nanos(30.0)), Some(true));
        breaker.report(nanos(31.0), true, true);
        assert!(breaker.is_open(nanos(60.0)));
        assert!(!breaker.is_open(nanos(61.0)));
    }

    #[test]
    fn an_outcome_counts_only_once_it_is_known() {
        let mut breaker = breaker(1, 1);
        breaker.report(nanos(10.0), true, false);
        assert!(!breaker.is_open(nanos(9.0)));
        assert!(breaker.is_open(nanos(10.0)));
    }

    #[test]
    fn a_retry_budget_is_a_share_of_requests() {
        let mut budget = RetryBudget::new(Some(0.2));
        let spent = (0..10_000).filter(|_| {
            budget.earn();
            budget.spend()
        });
        let share = spent.count() as f64 / 10_000.0;
        assert!((share - 0.2).abs() < 0.002, "{share}");
    }
}
