//! What a month adds up to: outcomes, money by line, latencies, and where the time of slow requests went.

use super::clock::Time;
use super::histogram::{Bin, Histogram};

/// How a request ended. Exactly one of these for every request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(usize)]
#[expect(
    missing_docs,
    reason = "the names are those of the design and of the results"
)]
pub enum Outcome {
    Answered,
    Cached,
    Fallback,
    Stale,
    Degraded,
    Blocked,
    Abandoned,
    Failed,
}

/// Names of [`Outcome`]s in results.
pub const OUTCOMES: [&str; 8] = [
    "answered",
    "cached",
    "fallback",
    "stale",
    "degraded",
    "blocked",
    "abandoned",
    "failed",
];

/// Why an attempt failed; a failed request has the reason of its last attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(usize)]
#[expect(
    missing_docs,
    reason = "the names are those of the design and of the results"
)]
pub enum Reason {
    Throttled,
    Error,
    Outage,
    Timeout,
    QueueFull,
    BreakerOpen,
    Overflow,
}

/// Names of [`Reason`]s in results.
pub const REASONS: [&str; 7] = [
    "throttled",
    "error",
    "outage",
    "timeout",
    "queue_full",
    "breaker_open",
    "overflow",
];

/// What the seconds of a request were spent on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
#[expect(
    missing_docs,
    reason = "the names are those of the design and of the results"
)]
pub enum Cause {
    Queueing,
    Throttling,
    Retries,
    Timeouts,
    Brownout,
    Prefill,
    Generation,
    Guards,
    FirstToken,
    Tools,
}

/// Names of [`Cause`]s in results.
pub const CAUSES: [&str; 10] = [
    "queueing",
    "throttling",
    "retries",
    "timeouts",
    "brownout",
    "prefill",
    "generation",
    "guards",
    "first_token",
    "tools",
];

/// Seconds by [`Cause`].
pub type Spent = [f32; CAUSES.len()];

/// A line of the bill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
#[expect(
    missing_docs,
    reason = "the names are those of the design and of the results"
)]
pub enum Line {
    Input,
    CachedInput,
    CacheWrite,
    Output,
    Reasoning,
    Wasted,
    Hosting,
    HumanReview,
    Evals,
    Audit,
    Guard,
    Cache,
    Router,
    Fixed,
}

/// Names of [`Line`]s in results.
pub const LINES: [&str; 14] = [
    "input",
    "cached_input",
    "cache_write",
    "output",
    "reasoning",
    "wasted",
    "hosting",
    "human_review",
    "evals",
    "audit",
    "guard",
    "cache",
    "router",
    "fixed",
];

/// US dollars by [`Line`].
pub type Bill = [f64; LINES.len()];

/// Bins to the octave of the table of causes, and of the hourly latencies.
const COARSE: u32 = 5;
/// Octaves of the table of causes: from 2^-10 s to 2^16 s.
const CAUSE_BINS: usize = 26 << COARSE;
/// Octaves of histograms below them, which count in its first bin: from 2^-14 s.
const CAUSE_SKIPS: usize = 4 << COARSE;

/// One hour of the week.
#[derive(Debug, Clone, PartialEq)]
pub struct HourCell {
    /// Requests sent in it.
    pub requests: u64,
    /// Those of them that failed.
    pub failed: u64,
    /// US dollars spent on calls started in it.
    pub cost: f64,
    /// Latencies of delivered answers.
    pub latency: Histogram,
}

/// Sums of seconds by cause, for each bin of latency.
#[derive(Debug, Clone, PartialEq)]
struct CauseTable {
    counts: Vec<u64>,
    sums: Vec<[f64; CAUSES.len()]>,
}

/// Everything that is counted in a month.
#[derive(Debug, Clone, PartialEq)]
pub struct Ledger {
    /// Conversations that began.
    pub conversations: u64,
    /// User turns.
    pub requests: u64,
    /// Model calls.
    pub calls: u64,
    /// Attempts sent to a model.
    pub attempts: u64,
    /// Attempts refused by a limit.
    pub refused: u64,
    /// Attempts refused by a full queue.
    pub queue_full: u64,
    /// Requests by [`Outcome`].
    pub outcomes: [u64; OUTCOMES.len()],
    /// Failed requests by [`Reason`].
    pub reasons: [u64; REASONS.len()],
    /// Requests served by the batch service.
    pub batch: u64,
    /// Delivered answers that were wrong.
    pub wrong: u64,
    /// Sensitive requests that left unsanitised.
    pub leaked: u64,
    /// Turns that never came.
    pub lost: u64,
    /// Requests that the response cache may answer, and those it did.
    pub cacheable: u64,
    /// Hits of the response cache.
    pub hits: u64,
    /// Input tokens of all paid attempts.
    pub input_tokens: f64,
    /// Those of them read from the prompt cache.
    pub cached_tokens: f64,
    /// Input and output tokens that the audit log keeps.
    pub logged_tokens: f64,
    /// The bill.
    pub bill: Bill,
    /// Latencies of answers from models and valid cached answers.
    pub latency: Histogram,
    /// Latencies of stale answers.
    pub stale_latency: Histogram,
    /// Sum of the latencies of delivered answers.
    pub latency_sum: f64,
    /// Times to first token of delivered answers.
    pub first_token: Histogram,
    /// Reviews by people, their seconds of work, and of waiting.
    pub reviews: (u64, f64, f64),
    /// Seconds of reviews that were expected before it was drawn which answers are flagged.
    pub review_expected_s: f64,
    hours: Vec<HourCell>,
    causes: CauseTable,
}

impl Default for Ledger {
    fn default() -> Self {
        Self {
            conversations: 0,
            requests: 0,
            calls: 0,
            attempts: 0,
            refused: 0,
            queue_full: 0,
            outcomes: [0; OUTCOMES.len()],
            reasons: [0; REASONS.len()],
            batch: 0,
            wrong: 0,
            leaked: 0,
            lost: 0,
            cacheable: 0,
            hits: 0,
            input_tokens: 0.0,
            cached_tokens: 0.0,
            logged_tokens: 0.0,
            bill: [0.0; LINES.len()],
            latency: Histogram::new(),
            stale_latency: Histogram::new(),
            latency_sum: 0.0,
            first_token: Histogram::new(),
            reviews: (0, 0.0, 0.0),
            review_expected_s: 0.0,
            hours: vec![
                HourCell {
                    requests: 0,
                    failed: 0,
                    cost: 0.0,
                    latency: Histogram::with_bits(COARSE),
                };
                168
            ],
            causes: CauseTable {
                counts: vec![0; CAUSE_BINS],
                sums: vec![[0.0; CAUSES.len()]; CAUSE_BINS],
            },
        }
    }
}

impl Ledger {
    /// Adds to a line of the bill, in an hour of the week.
    #[inline]
    pub fn charge(&mut self, hour: usize, line: Line, usd: f64) {
        if let Some(sum) = self.bill.get_mut(line as usize) {
            *sum += usd;
        }
        if let Some(cell) = self.hours.get_mut(hour) {
            cell.cost += usd;
        }
    }

    /// Books a call by line. Writes to a prompt cache are a line of their own only where they cost more than input.
    #[inline]
    pub fn charge_call(
        &mut self,
        hour: usize,
        lines: &crate::prices::Lines,
        factor: f64,
        writes_cost_extra: bool,
    ) {
        let usd = [
            lines.input + lines.request,
            lines.cached_input,
            lines.cache_write,
            lines.output,
            lines.reasoning,
        ]
        .map(|line| line * factor);
        let [input, cached, written, output, reasoning] = usd;
        // The first lines, in the order of `Line`.
        let [
            all_input,
            all_cached,
            all_written,
            all_output,
            all_reasoning,
            ..,
        ] = &mut self.bill;
        *all_input += input;
        *all_cached += cached;
        *(if writes_cost_extra {
            all_written
        } else {
            all_input
        }) += written;
        *all_output += output;
        *all_reasoning += reasoning;
        if let Some(cell) = self.hours.get_mut(hour) {
            cell.cost += usd.iter().sum::<f64>();
        }
    }

    /// Counts a delivered answer's times.
    #[inline]
    pub fn delivered(
        &mut self,
        hour: usize,
        latency_s: f64,
        first_token_s: f64,
        stale: bool,
        spent: &Spent,
    ) {
        let bin = Bin::of(latency_s);
        if stale {
            self.stale_latency.add_in(bin);
        } else {
            self.latency.add_in(bin);
        }
        self.latency_sum += latency_s;
        self.first_token.add(first_token_s);
        if let Some(cell) = self.hours.get_mut(hour) {
            cell.latency.add_in(bin);
        }
        self.causes.add(bin, spent);
    }

    /// Counts how a request ended.
    #[inline]
    pub fn ended(&mut self, hour: usize, outcome: Outcome, reason: Reason) {
        if let Some(count) = self.outcomes.get_mut(outcome as usize) {
            *count += 1;
        }
        if let Some(cell) = self.hours.get_mut(hour) {
            cell.requests += 1;
            cell.failed += u64::from(outcome == Outcome::Failed);
        }
        if outcome == Outcome::Failed
            && let Some(count) = self.reasons.get_mut(reason as usize)
        {
            *count += 1;
        }
    }

    /// How many requests ended so.
    #[must_use]
    pub fn count(&self, outcome: Outcome) -> u64 {
        self.outcomes.get(outcome as usize).copied().unwrap_or(0)
    }

    /// Requests whose answer was delivered: by a model, a cache, a fallback or stale.
    #[must_use]
    pub fn delivered_count(&self) -> u64 {
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

    /// All lines together, US dollars.
    #[must_use]
    pub fn total_usd(&self) -> f64 {
        self.bill.iter().sum()
    }

    /// The hours of the week, Monday midnight first.
    #[must_use]
    pub fn hours(&self) -> &[HourCell] {
        &self.hours
    }

    /// Sums of seconds by cause, for each bin of latency that holds something: the bin's upper edge in seconds, answers,
    /// seconds.
    #[must_use]
    pub fn causes_by_latency(&self) -> Vec<(f64, u64, [f64; CAUSES.len()])> {
        self.causes
            .counts
            .iter()
            .zip(&self.causes.sums)
            .enumerate()
            .filter(|(_, (count, _))| **count > 0)
            .map(|(index, (count, sums))| {
                let upper = super::histogram::upper_edge(index + CAUSE_SKIPS, COARSE);
                (upper, *count, *sums)
            })
            .collect()
    }

    /// Mean seconds by cause in the slowest 5% of delivered answers, less those in the middle tenth.
    #[must_use]
    pub fn slow_causes(&self) -> [f64; CAUSES.len()] {
        let slow = self.causes.mean_between(0.95, 1.0);
        let middle = self.causes.mean_between(0.45, 0.55);
        std::array::from_fn(|cause| {
            slow.get(cause).copied().unwrap_or(0.0) - middle.get(cause).copied().unwrap_or(0.0)
        })
    }
}

impl CauseTable {
    #[inline]
    fn add(&mut self, latency: Bin, spent: &Spent) {
        let index = latency
            .index(COARSE)
            .saturating_sub(CAUSE_SKIPS)
            .min(CAUSE_BINS - 1);
        if let Some(count) = self.counts.get_mut(index) {
            *count += 1;
        }
        if let Some(sums) = self.sums.get_mut(index) {
            for (sum, seconds) in sums.iter_mut().zip(spent) {
                *sum += f64::from(*seconds);
            }
        }
    }

    /// Means over the answers between two ranks; a bin that a rank cuts counts in proportion.
    fn mean_between(&self, from: f64, to: f64) -> [f64; CAUSES.len()] {
        let total: u64 = self.counts.iter().sum();
        let (first, last) = (from * total as f64, to * total as f64);
        let mut means = [0.0; CAUSES.len()];
        let mut below = 0.0;
        for (count, sums) in self.counts.iter().zip(&self.sums) {
            let count = *count as f64;
            let inside = (below + count).min(last) - below.max(first);
            if inside > 0.0 {
                for (mean, sum) in means.iter_mut().zip(sums) {
                    *mean += sum * (inside / count);
                }
            }
            below += count;
        }
        let weight = (last - first).max(f64::MIN_POSITIVE);
        means.map(|sum| sum / weight)
    }
}

/// The busiest hour of one model.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Peak {
    /// Use of the limit over what it allows, in its busiest hour.
    pub utilisation: f64,
    /// Use per minute (or mean in flight, or busy slots) in that hour.
    pub used: f64,
    /// What is allowed.
    pub limit: f64,
}

/// One month of one strategy at one volume.
#[derive(Debug, Clone, PartialEq)]
pub struct Month {
    /// What was counted.
    pub ledger: Ledger,
    /// What it would have cost if nothing had been refused, US dollars.
    pub full_service_usd: f64,
    /// The busiest hour by model and kind of limit (see [`super::limits::KINDS`], then slots).
    pub peaks: Vec<[Peak; 7]>,
    /// The same, if nothing had been refused.
    pub full_service_peaks: Vec<[Peak; 7]>,
    /// Attempts refused, by model and by what refused them: the kinds of limit, then the full queue.
    pub refusals: Vec<[u64; 7]>,
    /// The monthly budget at this volume, if stated.
    pub budget_usd: Option<f64>,
    /// When the last event happened.
    pub last_event: Time,
    /// Conversations that began, counted or not.
    pub began: u64,
}
