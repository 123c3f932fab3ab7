//! From windows to months: every month of a cell predicted from its strata, with the chance that a month has.

use crate::engine::MonthLines;
use crate::engine::ledger::{CAUSES, LINES, OUTCOMES, Outcome, REASONS};
use crate::model::{Model, Strategy};

use super::super::cell::Numbers;
use super::super::measure::measure_totals;
use super::super::totals::Totals;
use super::fit::{Design, effect};
use super::fits::Fits;
use super::land::{MonthLand, TOP_HOURS};
use super::shape::{INTERVALS, Mixture, Within};
use super::sums::{
    BILL_AT, EXTRA_AT, HOSTING, KINDS, OUTCOMES_AT, REASONS_AT, REQUESTS, Sums, WITHIN_AT, WRONG,
    end,
};

/// What is known of all months of a volume, in month order.
pub struct Months<'a> {
    pub land: &'a [MonthLand],
    /// Conversations expected per month by hour of the week and stratum.
    pub by_hour: &'a [Vec<f64>],
    /// Normal scores of the facts, by pair of months.
    pub scores: &'a [Vec<f64>],
    /// Standard normal numbers by month: one for each window, one for each busiest hour, and a last one for wrong answers
    /// that are kept.
    pub luck: &'a [Vec<f64>],
}

/// A cell that is estimated.
pub struct Estimated<'a> {
    pub model: &'a Model,
    pub strategy: &'a Strategy,
    /// Limits in seconds for which answers within them were counted.
    pub limits: &'a [f64],
    /// Those asked for as `share_within`.
    pub seconds: &'a [f64],
    pub months: Months<'a>,
    /// Variance of wrong answers, per conversation, on top of what windows show.
    pub kept_wrong: f64,
    /// By pair of months; a single one stands for all.
    pub lines: &'a [MonthLines],
    /// By window that the cell was simulated in: its design with conversations as exposure.
    pub design: &'a [Design],
    /// By window of the volume, of which the cell was simulated in the first: the seconds it lasted.
    pub lasted: &'a [f64],
    pub windows: &'a [&'a Sums],
    pub strata: usize,
    /// By stratum: how wrong the mean overload may be, in terms of luck; empty where nothing is refused.
    pub scouted: &'a [f64],
    /// How many of the strata are bands of load.
    pub bands: usize,
    /// Stops the estimate when it is set.
    pub cancel: Option<&'a std::sync::atomic::AtomicBool>,
}

impl Estimated<'_> {
    /// Whether to stop.
    fn cancelled(&self) -> bool {
        self.cancel
            .is_some_and(|flag| flag.load(std::sync::atomic::Ordering::Relaxed))
    }

    /// The numbers of the cell; `None` if it was stopped.
    pub fn numbers(&self) -> Option<Numbers> {
        let fits = self.fits();
        let usage = self.usage(&fits);
        let months = self.months.land.len();
        let mut names = Vec::new();
        let mut values: Vec<Vec<f64>> = Vec::new();
        let mut mean = vec![0.0; fits.list.len()];
        let mut busiest = vec![[[0.0; 2]; KINDS]; self.model.models.len()];
        for (number, month) in self.months.land.iter().enumerate() {
            if self.cancelled() {
                return None;
            }
            let bare = self.predicted(&fits, number);
            for (sum, number) in mean.iter_mut().zip(&bare) {
                *sum += number / months as f64;
            }
            let lively = self.with_chance(&fits, number, bare);
            let peaks = self.peaks(&fits, &usage, number);
            for (sums, peaks) in busiest.iter_mut().zip(&peaks) {
                for (sums, peaks) in sums.iter_mut().zip(peaks) {
                    for (sum, peak) in sums.iter_mut().zip(peaks) {
                        *sum += peak / months as f64;
                    }
                }
            }
            let utilisation = self.utilisation(&fits, number, &peaks);
            let metrics = self.metrics(&fits, &lively, &month.expected, number / 2, utilisation);
            if names.is_empty() {
                names = metrics.iter().map(|(name, _)| name.clone()).collect();
                values = vec![Vec::with_capacity(months); names.len()];
            }
            for (values, (_, value)) in values.iter_mut().zip(metrics) {
                values.push(value);
            }
        }
        let influence = self.errors(&fits, &mean, &names, &values);
        Some(Numbers {
            pooled: [0.5, 0.9, 0.95, 0.99].map(|p| fits.delivered.quantile(p)),
            hourly: self.hourly(&fits, &mean),
            binding: self.binding(&fits, &busiest, &mean),
            requests: self.windows.iter().map(|window| window.simulated[0]).sum(),
            attempts: self.windows.iter().map(|window| window.simulated[1]).sum(),
            names,
            values,
            influence,
        })
    }

    /// Exposure of a month to a stratum, for a sum.
    fn exposure(&self, number: usize, stratum: usize, sum: usize) -> f64 {
        self.months.land.get(number).map_or(0.0, |month| {
            if sum == HOSTING {
                at(&month.seconds, stratum)
            } else {
                at(&month.expected, stratum)
            }
        })
    }

    pub fn scores(&self, pair: usize) -> &[f64] {
        self.months.scores.get(pair).map_or(&[], Vec::as_slice)
    }

    /// The sums of a month as they are on average.
    fn predicted(&self, fits: &Fits, number: usize) -> Vec<f64> {
        let scores = self.scores(number / 2);
        fits.list
            .iter()
            .enumerate()
            .map(|(sum, fit)| {
                let base: f64 = fit
                    .rates
                    .iter()
                    .enumerate()
                    .map(|(stratum, rate)| rate * self.exposure(number, stratum, sum))
                    .sum();
                if base > 0.0 {
                    base * effect(&fit.slopes, scores)
                } else {
                    0.0
                }
            })
            .collect()
    }

    /// The sums of a month as chance has them: residuals of all windows, mixed by the month's own normal numbers, so that
    /// sums which go together in windows do so in months. Sums stay positive, and keep their means (a log-normal factor).
    fn with_chance(&self, fits: &Fits, number: usize, mut sums: Vec<f64>) -> Vec<f64> {
        let Some((month, luck)) = self
            .months
            .land
            .get(number)
            .zip(self.months.luck.get(number))
        else {
            return sums;
        };
        let scores = self.scores(number / 2);
        let mut strays = vec![0.0; fits.chancy.len()];
        for ((window, noise), luck) in self.design.iter().zip(&fits.noise).zip(luck) {
            let factor = luck * at(&month.expected, window.stratum).sqrt();
            for (stray, noise) in strays.iter_mut().zip(noise) {
                *stray += factor * noise;
            }
        }
        let conversations: f64 = month.expected.iter().sum();
        for (index, stray) in fits.chancy.iter().zip(&strays) {
            let Some(sum) = sums.get_mut(*index).filter(|sum| **sum > 0.0) else {
                continue;
            };
            let mut variance: f64 = fits
                .variance
                .iter()
                .zip(&month.expected)
                .map(|(variance, expected)| at(variance, *index) * expected)
                .sum();
            let mut stray = *stray;
            if *index == WRONG {
                let kept = self.kept_wrong * conversations;
                variance += kept;
                stray += at(luck, self.lasted.len() + TOP_HOURS) * kept.sqrt();
            }
            if variance <= 0.0 {
                continue;
            }
            let lift = fits
                .list
                .get(*index)
                .map_or(1.0, |fit| effect(&fit.slopes, scores));
            // Chance grows with the square root of what it is chance of.
            let relative = (variance * lift).sqrt() / *sum;
            let spread = libm::log(1.0 + relative * relative).sqrt();
            let normal = stray / variance.sqrt();
            *sum *= libm::exp(spread * normal - spread * spread * 0.5);
        }
        sums
    }

    /// The metrics of a month's sums, of which so many conversations are expected in each stratum.
    pub fn metrics(
        &self,
        fits: &Fits,
        sums: &[f64],
        expected: &[f64],
        pair: usize,
        utilisation: Vec<f64>,
    ) -> Vec<(String, f64)> {
        let delivered_at = end(self.limits.len(), self.model.models.len());
        let part = |from: usize, length: usize| sums.get(from..from + length).unwrap_or(&[]);
        let delivered = part(delivered_at, INTERVALS);
        let first_token = part(delivered_at + INTERVALS, INTERVALS);
        let lines = self.lines.get(pair).or(self.lines.first());
        let mut bill = [0.0; LINES.len()];
        for (index, usd) in bill.iter_mut().enumerate() {
            *usd = at(sums, BILL_AT + index) + lines.map_or(0.0, |lines| at(&lines.bill, index));
        }
        let requests = at(sums, REQUESTS);
        // Every request ends in exactly one way, and every failure has one reason.
        let outcomes =
            normalised::<{ OUTCOMES.len() }>(part(OUTCOMES_AT, OUTCOMES.len()), requests);
        let failed = at(&outcomes, Outcome::Failed as usize);
        let reasons = normalised::<{ REASONS.len() }>(part(REASONS_AT, REASONS.len()), failed);
        let delivered = Mixture {
            pooled: &fits.delivered,
            counts: delivered,
        };
        let first_token = Mixture {
            pooled: &fits.first_token,
            counts: first_token,
        };
        let within = Within {
            limits: self.limits,
            counts: part(WITHIN_AT, self.limits.len()),
        };
        let totals = Totals {
            conversations: at(sums, 0),
            requests,
            calls: at(sums, 2),
            attempts: at(sums, 3),
            refused: at(sums, 4),
            batch: at(sums, 5),
            wrong: at(sums, WRONG),
            leaked: at(sums, 7),
            lost: at(sums, 8),
            cacheable: at(sums, 9),
            hits: at(sums, 10),
            input_tokens: at(sums, 11),
            cached_tokens: at(sums, 12),
            latency_sum: at(sums, 13),
            reviews: [
                at(sums, 14),
                at(sums, 15),
                at(sums, 14) * self.review_wait_s(),
            ],
            outcomes,
            reasons,
            bill,
            full_service_usd: bill.iter().sum::<f64>() + at(sums, EXTRA_AT),
            budget_usd: lines.and_then(|lines| lines.budget_usd),
            utilisation,
            slow: Self::slow(fits, delivered.counts, expected),
            valid: &within,
            delivered: &delivered,
            first_token: &first_token,
        };
        measure_totals(self.model, self.strategy, &totals, self.seconds)
    }

    /// Mean seconds by cause in the slowest 5% of answers, less those in the middle tenth, where so many conversations
    /// are expected in each stratum.
    fn slow(fits: &Fits, counts: &[f64], expected: &[f64]) -> [f64; CAUSES.len()] {
        let total: f64 = counts.iter().sum();
        let between = |from: f64, to: f64| {
            let (mut sums, mut weight, mut below) = ([0.0; CAUSES.len()], 0.0, 0.0);
            for (count, strata) in counts.iter().zip(&fits.causes) {
                let inside = (below + count).min(to * total) - f64::max(below, from * total);
                below += count;
                if inside <= 0.0 {
                    continue;
                }
                let (mut answers, mut spent) = (0.0, [0.0; CAUSES.len()]);
                for ((rate, seconds), expected) in strata.iter().zip(expected) {
                    answers += rate * expected;
                    for (sum, seconds) in spent.iter_mut().zip(seconds) {
                        *sum += seconds * expected;
                    }
                }
                weight += inside;
                for (sum, seconds) in sums.iter_mut().zip(spent) {
                    *sum += inside * seconds / f64::max(answers, 1e-300);
                }
            }
            sums.map(|sum| if weight > 0.0 { sum / weight } else { 0.0 })
        };
        let (slow, middle) = (between(0.95, 1.0), between(0.45, 0.55));
        std::array::from_fn(|cause| at(&slow, cause) - at(&middle, cause))
    }

    /// Seconds from a flag to the start of its review: until the office opens, over all hours in which requests come.
    /// Reviewers are taken to keep up.
    fn review_wait_s(&self) -> f64 {
        let Some(review) = &self.strategy.human_review else {
            return 0.0;
        };
        let (opens, closes) = review.hours;
        let (mut waited, mut all) = (0.0, 0.0);
        for (hour, strata) in self.months.by_hour.iter().enumerate() {
            let requests: f64 = strata.iter().sum();
            let middle = (hour % 24) as f64 + 0.5;
            let hours = if middle < opens {
                opens - middle
            } else if middle > closes {
                24.0 + opens - middle
            } else {
                0.0
            };
            waited += requests * hours * 3600.0;
            all += requests;
        }
        if all > 0.0 { waited / all } else { 0.0 }
    }
}

/// Parts scaled so that they sum to a total.
fn normalised<const N: usize>(parts: &[f64], total: f64) -> [f64; N] {
    let sum: f64 = parts.iter().sum();
    let scale = if sum > 0.0 { total / sum } else { 0.0 };
    std::array::from_fn(|index| at(parts, index) * scale)
}

/// An entry of a list; 0 past its end.
pub fn at(list: &[f64], index: usize) -> f64 {
    list.get(index).copied().unwrap_or(0.0)
}
