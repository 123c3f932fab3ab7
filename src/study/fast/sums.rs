//! What a window adds up to: a flat list of sums, each of which grows with the number of conversations.

use crate::engine::Month;
use crate::engine::ledger::{CAUSES, LINES, Line, OUTCOMES, REASONS};

use super::super::part::{Words, write_bins, write_list};
use super::super::totals::delivered_latency;
use super::single;

/// Plain counts, in this order, at the head of the list.
pub const PLAIN: usize = 17;
/// Requests.
pub const REQUESTS: usize = 1;
/// Wrong answers.
pub const WRONG: usize = 6;
/// Seconds of reviews.
pub const WORKED: usize = 15;
/// Where outcomes begin.
pub const OUTCOMES_AT: usize = PLAIN;
/// Where reasons of failures begin.
pub const REASONS_AT: usize = OUTCOMES_AT + OUTCOMES.len();
/// Where lines of the bill begin.
pub const BILL_AT: usize = REASONS_AT + REASONS.len();
/// What serving everybody would have cost on top.
pub const EXTRA_AT: usize = BILL_AT + LINES.len();
/// Answers within each threshold, and then the use of limits.
pub const WITHIN_AT: usize = EXTRA_AT + 1;
/// Kinds of limit, slots included.
pub const KINDS: usize = 7;

/// Hosting is paid by the hour, whoever comes.
pub const HOSTING: usize = BILL_AT + Line::Hosting as usize;

/// A histogram's occupied bins: index, and how many. There are many windows, so numbers are short.
pub type Bins = Vec<(u32, u32)>;

/// One simulated window.
#[derive(Debug, Clone, PartialEq)]
pub struct Sums {
    /// The list, up to the use of limits.
    pub list: Vec<f64>,
    /// Latencies of delivered answers.
    pub delivered: Bins,
    /// Times to first token.
    pub first_token: Bins,
    /// Seconds by cause for each bin of latency: upper edge, answers, seconds.
    pub causes: Vec<(f32, u32, [f32; CAUSES.len()])>,
    /// Conversations that began in the window, and before it in the warm-up.
    pub began: [f64; 2],
    /// Requests and attempts, for what is said about the work done.
    pub simulated: [u64; 2],
    /// Seconds of reviews more than were expected before it was drawn which answers are flagged.
    pub flagged_s: f64,
    /// Busy slots over slots of the busiest hosted model.
    pub busy: f64,
    /// Slots by model.
    pub slots: Vec<f64>,
}

/// Where the use of limits begins.
pub fn usage_at(thresholds: usize) -> usize {
    WITHIN_AT + thresholds
}

/// Where refusals by model and kind of limit begin: after use as it is, and use if nothing were refused.
pub fn refusals_at(thresholds: usize, models: usize) -> usize {
    usage_at(thresholds) + 2 * KINDS * models
}

/// Where the list of sums ends.
pub fn end(thresholds: usize, models: usize) -> usize {
    refusals_at(thresholds, models) + KINDS * models
}

impl Sums {
    /// All numbers as bits.
    pub fn words(&self) -> Vec<u64> {
        let mut words = Vec::new();
        write_list(&mut words, &self.list);
        write_bins(&mut words, &self.delivered);
        write_bins(&mut words, &self.first_token);
        words.push(self.causes.len() as u64);
        for (upper, count, seconds) in &self.causes {
            words.extend([f64::from(*upper).to_bits(), u64::from(*count)]);
            words.extend(seconds.map(|seconds| f64::from(seconds).to_bits()));
        }
        words.extend(self.began.map(f64::to_bits));
        words.extend(self.simulated);
        words.extend([self.flagged_s, self.busy].map(f64::to_bits));
        write_list(&mut words, &self.slots);
        words
    }

    /// From [`Sums::words`]; `None` if they are something else.
    pub fn from_words(words: &[u64]) -> Option<Self> {
        let mut words = Words(words.iter());
        let list = words.list()?;
        let (delivered, first_token) = (short(words.bins()?), short(words.bins()?));
        let causes = (0..words.whole()?)
            .map(|_| {
                let (upper, count) = (single(words.number()?), few(words.whole()?));
                let mut seconds = [0.0; CAUSES.len()];
                for second in &mut seconds {
                    *second = single(words.number()?);
                }
                Some((upper, count, seconds))
            })
            .collect::<Option<_>>()?;
        Some(Self {
            list,
            delivered,
            first_token,
            causes,
            began: [words.number()?, words.number()?],
            simulated: [words.whole()?, words.whole()?],
            flagged_s: words.number()?,
            busy: words.number()?,
            slots: words.list()?,
        })
    }

    /// Of a simulated window that lasted so many seconds.
    pub fn new(month: &Month, thresholds: &[f64], seconds: f64) -> Self {
        let ledger = &month.ledger;
        let (reviews, worked_s, waited_s) = ledger.reviews;
        let mut list: Vec<f64> = vec![
            ledger.conversations as f64,
            ledger.requests as f64,
            ledger.calls as f64,
            ledger.attempts as f64,
            ledger.refused as f64,
            ledger.batch as f64,
            ledger.wrong as f64,
            ledger.leaked as f64,
            ledger.lost as f64,
            ledger.cacheable as f64,
            ledger.hits as f64,
            ledger.input_tokens,
            ledger.cached_tokens,
            ledger.latency_sum,
            reviews as f64,
            worked_s,
            waited_s,
        ];
        list.extend(ledger.outcomes.iter().map(|count| *count as f64));
        list.extend(ledger.reasons.iter().map(|count| *count as f64));
        list.extend(ledger.bill);
        // What is paid by the month is not the window's.
        for line in [Line::Cache, Line::Fixed, Line::Evals] {
            if let Some(usd) = list.get_mut(BILL_AT + line as usize) {
                *usd = 0.0;
            }
        }
        list.push(month.full_service_usd - ledger.total_usd());
        list.extend(
            thresholds
                .iter()
                .map(|limit| ledger.latency.count_within(*limit)),
        );
        for peaks in [&month.peaks, &month.full_service_peaks] {
            list.extend(
                peaks
                    .iter()
                    .flatten()
                    .map(|peak| peak.used * seconds / 3600.0),
            );
        }
        list.extend(month.refusals.iter().flatten().map(|count| *count as f64));
        let counted = ledger.conversations as f64;
        Self {
            list,
            delivered: short(delivered_latency(month).occupied()),
            first_token: short(ledger.first_token.occupied()),
            causes: ledger
                .causes_by_latency()
                .into_iter()
                .map(|(upper, count, seconds)| (single(upper), few(count), seconds.map(single)))
                .collect(),
            began: [counted, month.began as f64 - counted],
            simulated: [ledger.requests, ledger.attempts],
            flagged_s: worked_s - ledger.review_expected_s,
            busy: month
                .peaks
                .iter()
                .filter_map(|peaks| peaks.get(KINDS - 1))
                .map(|peak| peak.utilisation)
                .fold(0.0, f64::max),
            slots: month
                .peaks
                .iter()
                .map(|peaks| peaks.get(KINDS - 1).map_or(0.0, |peak| peak.limit))
                .collect(),
        }
    }
}

fn short(bins: Vec<(u32, u64)>) -> Bins {
    bins.into_iter()
        .map(|(index, count)| (index, few(count)))
        .collect()
}

/// A window has far fewer answers than that.
fn few(count: u64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
