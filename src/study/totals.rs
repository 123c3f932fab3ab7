//! What a month adds up to, in the one form from which metrics are taken: counted by the exact estimator, predicted by
//! the fast one.

use crate::engine::ledger::{Bill, CAUSES, OUTCOMES, Outcome, REASONS};
use crate::engine::{Histogram, Month};

/// How durations are distributed.
pub trait Shape {
    /// The duration in seconds that a share `p` of all does not exceed; NaN if there are none.
    fn quantile(&self, p: f64) -> f64;
    /// How many do not exceed `limit` seconds.
    fn within(&self, limit: f64) -> f64;
    /// How many there are.
    fn total(&self) -> f64;
}

impl Shape for Histogram {
    fn quantile(&self, p: f64) -> f64 {
        Self::quantile(self, p)
    }

    fn within(&self, limit: f64) -> f64 {
        self.count_within(limit)
    }

    fn total(&self) -> f64 {
        Self::total(self) as f64
    }
}

/// The sums of a month. The names are those of [`crate::engine::Ledger`].
#[derive(Clone)]
pub struct Totals<'a> {
    pub conversations: f64,
    pub requests: f64,
    pub calls: f64,
    pub attempts: f64,
    pub refused: f64,
    pub batch: f64,
    pub wrong: f64,
    pub leaked: f64,
    pub lost: f64,
    pub cacheable: f64,
    pub hits: f64,
    pub input_tokens: f64,
    pub cached_tokens: f64,
    pub latency_sum: f64,
    pub reviews: [f64; 3],
    pub outcomes: [f64; OUTCOMES.len()],
    pub reasons: [f64; REASONS.len()],
    pub bill: Bill,
    pub full_service_usd: f64,
    pub budget_usd: Option<f64>,
    /// Use of the tightest limit in its busiest hour, by model.
    pub utilisation: Vec<f64>,
    /// Seconds by cause in the slowest answers, less those in the middle.
    pub slow: [f64; CAUSES.len()],
    /// Answers from models and valid cached ones.
    pub valid: &'a dyn Shape,
    /// The same and stale ones.
    pub delivered: &'a dyn Shape,
    pub first_token: &'a dyn Shape,
}

impl<'a> Totals<'a> {
    /// Those of a simulated month; `delivered` is [`delivered_latency`].
    #[must_use]
    pub fn of(month: &'a Month, delivered: &'a Histogram) -> Self {
        let ledger = &month.ledger;
        let (reviews, worked_s, waited_s) = ledger.reviews;
        Self {
            conversations: ledger.conversations as f64,
            requests: ledger.requests as f64,
            calls: ledger.calls as f64,
            attempts: ledger.attempts as f64,
            refused: ledger.refused as f64,
            batch: ledger.batch as f64,
            wrong: ledger.wrong as f64,
            leaked: ledger.leaked as f64,
            lost: ledger.lost as f64,
            cacheable: ledger.cacheable as f64,
            hits: ledger.hits as f64,
            input_tokens: ledger.input_tokens,
            cached_tokens: ledger.cached_tokens,
            latency_sum: ledger.latency_sum,
            reviews: [reviews as f64, worked_s, waited_s],
            outcomes: ledger.outcomes.map(|count| count as f64),
            reasons: ledger.reasons.map(|count| count as f64),
            bill: ledger.bill,
            full_service_usd: month.full_service_usd,
            budget_usd: month.budget_usd,
            utilisation: month
                .peaks
                .iter()
                .map(|peaks| {
                    peaks
                        .iter()
                        .map(|peak| peak.utilisation)
                        .fold(0.0, f64::max)
                })
                .collect(),
            slow: ledger.slow_causes(),
            valid: &ledger.latency,
            delivered,
            first_token: &ledger.first_token,
        }
    }

    /// Requests that ended so.
    #[must_use]
    pub fn count(&self, outcome: Outcome) -> f64 {
        self.outcomes.get(outcome as usize).copied().unwrap_or(0.0)
    }

    /// Requests whose answer was delivered.
    #[must_use]
    pub fn delivered_count(&self) -> f64 {
        [
            Outcome::Answered,
            Outcome::Cached,
            Outcome::Fallback,
            Outcome::Stale,
        ]
        .iter()
        .map(|outcome| self.count(*outcome))
        .sum()
    }

    /// All lines of the bill, US dollars.
    #[must_use]
    pub fn total_usd(&self) -> f64 {
        self.bill.iter().sum()
    }
}

/// Latencies of delivered answers, stale ones included.
#[must_use]
pub fn delivered_latency(month: &Month) -> std::borrow::Cow<'_, Histogram> {
    let ledger = &month.ledger;
    if ledger.stale_latency.total() == 0 {
        return std::borrow::Cow::Borrowed(&ledger.latency);
    }
    let mut all = ledger.latency.clone();
    all.merge(&ledger.stale_latency);
    std::borrow::Cow::Owned(all)
}
