//! From windows to months: every month of a cell predicted from its strata, with the chance that a month has.

use crate::engine::MonthLines;
use crate::engine::ledger::{CAUSES, LINES, Line, OUTCOMES, Outcome, REASONS};
use crate::engine::limits::KINDS as LIMITS;
use crate::model::{Model, Strategy};

use super::super::cell::{Numbers, SLOTS};
use super::super::document::{Binding, Hour};
use super::super::measure::measure_totals;
use super::super::totals::Totals;
use super::fit::{Design, Fit, effect, fit};
use super::land::MonthLand;
use super::shape::{INTERVALS, Mixture, Pooled, Within};
use super::sums::{
    BILL_AT, EXTRA_AT, HOSTING, KINDS, OUTCOMES_AT, REASONS_AT, Sums, WITHIN_AT, end, refusals_at,
    usage_at,
};

/// What is known of all months of a volume, in month order.
pub struct Months<'a> {
    pub land: &'a [MonthLand],
    /// Conversations expected per month by hour of the week and stratum.
    pub by_hour: &'a [Vec<f64>],
    /// Normal scores of the facts, by pair of months.
    pub scores: &'a [Vec<f64>],
    /// Standard normal numbers by month: one for each window, then one for each busiest hour.
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
    /// By pair of months; a single one stands for all.
    pub lines: &'a [MonthLines],
    /// By window: its design with conversations as exposure, the seconds it lasted.
    pub design: &'a [Design],
    pub lasted: &'a [f64],
    pub windows: &'a [&'a Sums],
    pub strata: usize,
}

/// Fits of all sums.
struct Fits {
    list: Vec<Fit>,
    /// Windows × sums: residuals scaled so that their squares add up to the variance per unit of exposure.
    noise: Vec<Vec<f64>>,
    /// Strata × sums: that variance.
    variance: Vec<Vec<f64>>,
    delivered: Pooled,
    first_token: Pooled,
    /// Strata × intervals × causes: mean seconds.
    causes: Vec<Vec<[f64; CAUSES.len()]>>,
    /// Slots by model.
    slots: Vec<f64>,
}

impl Estimated<'_> {
    /// The numbers of the cell.
    pub fn numbers(&self) -> Numbers {
        let fits = self.fits();
        let months = self.months.land.len();
        let mut names = Vec::new();
        let mut values: Vec<Vec<f64>> = Vec::new();
        let mut mean = vec![0.0; fits.list.len()];
        let mut busiest = vec![[[0.0; 2]; KINDS]; self.model.models.len()];
        for number in 0..months {
            let bare = self.predicted(&fits, number);
            for (sum, number) in mean.iter_mut().zip(&bare) {
                *sum += number / months as f64;
            }
            let lively = self.with_chance(&fits, number, bare);
            let peaks = self.peaks(&fits, number);
            for (sums, peaks) in busiest.iter_mut().zip(&peaks) {
                for (sums, peaks) in sums.iter_mut().zip(peaks) {
                    for (sum, peak) in sums.iter_mut().zip(peaks) {
                        *sum += peak / months as f64;
                    }
                }
            }
            let utilisation = self.utilisation(&fits, number, &peaks);
            let metrics = self.metrics(&fits, &lively, number / 2, utilisation);
            if names.is_empty() {
                names = metrics.iter().map(|(name, _)| name.clone()).collect();
                values = vec![Vec::with_capacity(months); names.len()];
            }
            for (values, (_, value)) in values.iter_mut().zip(metrics) {
                values.push(value);
            }
        }
        let mut influence = self.influence(&fits, &mean, names.len());
        influence.extend(self.unseen(&fits, &mean, &names));
        self.slow_influence(&fits, &names, &mut influence);
        influence.push(rough(&names, &values));
        Numbers {
            pooled: [0.5, 0.9, 0.95, 0.99].map(|p| fits.delivered.quantile(p)),
            hourly: self.hourly(&fits, &mean),
            binding: self.binding(&fits, &busiest, &mean),
            requests: self.windows.iter().map(|window| window.simulated[0]).sum(),
            attempts: self.windows.iter().map(|window| window.simulated[1]).sum(),
            names,
            values,
            influence,
        }
    }

    fn fits(&self) -> Fits {
        let share = self.mean_exposure();
        let counts = self.windows_by_stratum();
        let weights: Vec<f64> = self
            .design
            .iter()
            .map(|window| {
                let (all, n) = (at(&share, window.stratum), at(&counts, window.stratum));
                all / (n * window.exposure).max(1e-300)
            })
            .collect();
        let pooled = |pick: fn(&Sums) -> &super::sums::Bins| {
            let bins = self.windows.iter().map(|window| pick(window));
            Pooled::new(bins.zip(weights.iter().copied()))
        };
        let delivered = pooled(|window| &window.delivered);
        let first_token = pooled(|window| &window.first_token);
        let columns = self.columns(&delivered, &first_token);
        let by_time: Vec<Design> = self
            .design
            .iter()
            .zip(self.lasted)
            .map(|(window, seconds)| Design {
                exposure: *seconds,
                luck: [0.0; 2],
                ..window.clone()
            })
            .collect();
        let list: Vec<Fit> = columns
            .iter()
            .enumerate()
            .map(|(sum, column)| {
                let design = if sum == HOSTING {
                    &by_time
                } else {
                    self.design
                };
                fit(design, column, self.strata)
            })
            .collect();
        let facts = self.design.first().map_or(0, |window| window.scores.len());
        let windows = self.design.len() as f64;
        let freedom = windows / (windows - 2.0 - facts as f64).max(windows * 0.25);
        let mut noise = Vec::new();
        let mut variance = vec![vec![0.0; list.len()]; self.strata];
        for (place, window) in self.design.iter().enumerate() {
            let n = at(&counts, window.stratum);
            let scale = (freedom / (n - 1.0).max(0.5)).sqrt();
            let row: Vec<f64> = list
                .iter()
                .enumerate()
                .map(|(sum, fit)| {
                    let exposure = if sum == HOSTING {
                        at(self.lasted, place)
                    } else {
                        window.exposure
                    };
                    at(&fit.raw, place) * scale / exposure.max(1e-300).sqrt()
                })
                .collect();
            if let Some(sums) = variance.get_mut(window.stratum) {
                for (sum, noise) in sums.iter_mut().zip(&row) {
                    *sum += noise * noise;
                }
            }
            noise.push(row);
        }
        let causes = self.causes(&delivered);
        let slots = (0..self.model.models.len())
            .map(|model| {
                let known = self.windows.iter().map(|window| at(&window.slots, model));
                known.sum::<f64>() / windows
            })
            .collect();
        Fits {
            list,
            noise,
            variance,
            delivered,
            first_token,
            causes,
            slots,
        }
    }

    /// The sums that are fitted, by sum and then by window: the plain ones, and the durations by interval.
    fn columns(&self, delivered: &Pooled, first_token: &Pooled) -> Vec<Vec<f64>> {
        let length = self.windows.first().map_or(0, |window| window.list.len());
        let mut columns: Vec<Vec<f64>> = (0..length)
            .map(|sum| {
                self.windows
                    .iter()
                    .map(|window| at(&window.list, sum))
                    .collect()
            })
            .collect();
        let mut count = |pooled: &Pooled, bins: &mut dyn Iterator<Item = &super::sums::Bins>| {
            let counted: Vec<[f64; INTERVALS]> = bins.map(|bins| pooled.counts(bins)).collect();
            for interval in 0..INTERVALS {
                columns.push(counted.iter().map(|counts| at(counts, interval)).collect());
            }
        };
        count(
            delivered,
            &mut self.windows.iter().map(|window| &window.delivered),
        );
        count(
            first_token,
            &mut self.windows.iter().map(|window| &window.first_token),
        );
        columns
    }

    fn causes(&self, delivered: &Pooled) -> Vec<Vec<[f64; CAUSES.len()]>> {
        let mut sums = vec![vec![(0.0, [0.0; CAUSES.len()]); INTERVALS]; self.strata + 1];
        for (window, design) in self.windows.iter().zip(self.design) {
            for (upper, count, seconds) in &window.causes {
                // A bin of the table may straddle intervals; the middle of it decides.
                let middle = crate::engine::bin_of(upper * 0.98);
                let interval = delivered.interval(middle);
                for stratum in [design.stratum, self.strata] {
                    if let Some(entry) = sums
                        .get_mut(stratum)
                        .and_then(|intervals| intervals.get_mut(interval))
                    {
                        entry.0 += *count as f64;
                        for (sum, seconds) in entry.1.iter_mut().zip(seconds) {
                            *sum += seconds;
                        }
                    }
                }
            }
        }
        let all = sums.pop().unwrap_or_default();
        sums.into_iter()
            .map(|intervals| {
                intervals
                    .into_iter()
                    .zip(&all)
                    .map(|((count, seconds), (count_all, seconds_all))| {
                        if count > 0.0 {
                            seconds.map(|sum| sum / count)
                        } else {
                            seconds_all.map(|sum| sum / count_all.max(1.0))
                        }
                    })
                    .collect()
            })
            .collect()
    }

    /// Conversations expected in a mean month, by stratum.
    fn mean_exposure(&self) -> Vec<f64> {
        let months = self.months.land.len() as f64;
        (0..self.strata)
            .map(|stratum| {
                let all = self
                    .months
                    .land
                    .iter()
                    .map(|month| at(&month.expected, stratum));
                all.sum::<f64>() / months
            })
            .collect()
    }

    fn windows_by_stratum(&self) -> Vec<f64> {
        let mut counts = vec![0.0; self.strata];
        for window in self.design {
            if let Some(count) = counts.get_mut(window.stratum) {
                *count += 1.0;
            }
        }
        counts
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

    fn scores(&self, pair: usize) -> &[f64] {
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
                base * effect(&fit.slopes, scores)
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
        let mut strays = vec![0.0; sums.len()];
        for ((window, noise), luck) in self.design.iter().zip(&fits.noise).zip(luck) {
            let factor = luck * at(&month.expected, window.stratum).sqrt();
            for (stray, noise) in strays.iter_mut().zip(noise) {
                *stray += factor * noise;
            }
        }
        for (index, (sum, stray)) in sums.iter_mut().zip(&strays).enumerate() {
            if *sum <= 0.0 || index == HOSTING {
                continue;
            }
            let variance: f64 = fits
                .variance
                .iter()
                .zip(&month.expected)
                .map(|(variance, expected)| at(variance, index) * expected)
                .sum();
            let lift = fits
                .list
                .get(index)
                .map_or(1.0, |fit| effect(&fit.slopes, scores));
            // Chance grows with the square root of what it is chance of.
            let relative = variance.sqrt() * lift.sqrt() / *sum;
            if relative <= 0.0 {
                continue;
            }
            let spread = libm::log(1.0 + relative * relative).sqrt();
            let normal = stray / variance.sqrt();
            *sum *= libm::exp(spread * normal - spread * spread * 0.5);
        }
        sums
    }

    /// The metrics of a month's sums.
    fn metrics(
        &self,
        fits: &Fits,
        sums: &[f64],
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
        let requests = at(sums, 1);
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
            wrong: at(sums, 6),
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
            slow: self.slow(fits, delivered.counts),
            valid: &within,
            delivered: &delivered,
            first_token: &first_token,
        };
        measure_totals(self.model, self.strategy, &totals, self.seconds)
    }

    /// Mean seconds by cause in the slowest 5% of answers, less those in the middle tenth.
    fn slow(&self, fits: &Fits, counts: &[f64]) -> [f64; CAUSES.len()] {
        // The strata's own means, in proportion to how they share each interval on average.
        let share = self.mean_exposure();
        let offset = fits.list.len() - 2 * INTERVALS;
        let mean = |interval: usize| {
            let (mut sums, mut weight) = ([0.0; CAUSES.len()], 0.0);
            for (stratum, causes) in fits.causes.iter().enumerate() {
                let rate = fits
                    .list
                    .get(offset + interval)
                    .map_or(0.0, |fit| at(&fit.rates, stratum));
                let here = rate * at(&share, stratum);
                weight += here;
                if let Some(causes) = causes.get(interval) {
                    for (sum, seconds) in sums.iter_mut().zip(causes) {
                        *sum += here * seconds;
                    }
                }
            }
            sums.map(|sum| if weight > 0.0 { sum / weight } else { 0.0 })
        };
        let total: f64 = counts.iter().sum();
        let between = |from: f64, to: f64| {
            let (mut sums, mut weight, mut below) = ([0.0; CAUSES.len()], 0.0, 0.0);
            for (interval, count) in counts.iter().enumerate() {
                let inside = (below + count).min(to * total) - f64::max(below, from * total);
                if inside > 0.0 {
                    weight += inside;
                    for (sum, seconds) in sums.iter_mut().zip(mean(interval)) {
                        *sum += inside * seconds;
                    }
                }
                below += count;
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

    /// What was seen in no window of a stratum may still happen there: one such event among all its windows, as an error
    /// of the shares of what goes wrong.
    fn unseen(&self, fits: &Fits, mean: &[f64], names: &[String]) -> Vec<Vec<f64>> {
        let share = self.mean_exposure();
        let mut looked = vec![0.0; self.strata];
        for window in self.design {
            if let Some(sum) = looked.get_mut(window.stratum) {
                *sum += window.exposure;
            }
        }
        let sums: Vec<Option<(usize, f64)>> = names.iter().map(|name| event(name, mean)).collect();
        (0..self.strata)
            .filter(|stratum| at(&share, *stratum) > 0.0)
            .map(|stratum| {
                let weight = at(&share, stratum) / at(&looked, stratum).max(1.0);
                sums.iter()
                    .map(|sum| match sum {
                        Some((index, base)) => {
                            let seen = fits
                                .list
                                .get(*index)
                                .map_or(0.0, |fit| at(&fit.rates, stratum));
                            if seen > 0.0 { 0.0 } else { weight / base }
                        }
                        None => 0.0,
                    })
                    .collect()
            })
            .collect()
    }

    /// The influence of windows on the means of seconds by cause, which are ratios within the slowest and the middle.
    fn slow_influence(&self, fits: &Fits, names: &[String], influence: &mut [Vec<f64>]) {
        let share = self.mean_exposure();
        let counts = self.windows_by_stratum();
        for (slow, from) in [(true, 0.95), (false, 0.45)] {
            let within = |upper: f64| {
                let up_to = fits.delivered.share(crate::engine::bin_of(upper * 0.98));
                up_to > from && (slow || up_to <= 0.55)
            };
            let parts: Vec<(f64, [f64; CAUSES.len()], f64)> = self
                .windows
                .iter()
                .zip(self.design)
                .map(|(window, design)| {
                    let n = at(&counts, design.stratum);
                    let weight = at(&share, design.stratum) / (n * design.exposure).max(1e-300);
                    let (mut answers, mut sums) = (0.0, [0.0; CAUSES.len()]);
                    for (_, count, seconds) in window.causes.iter().filter(|it| within(it.0)) {
                        answers += *count as f64 * weight;
                        for (sum, seconds) in sums.iter_mut().zip(seconds) {
                            *sum += seconds * weight;
                        }
                    }
                    (answers, sums, (n / (n - 1.0).max(0.5)).sqrt())
                })
                .collect();
            let all: f64 = parts.iter().map(|part| part.0).sum();
            let seen: f64 = self
                .windows
                .iter()
                .flat_map(|window| &window.causes)
                .filter(|it| within(it.0))
                .map(|it| it.1 as f64)
                .sum();
            for (cause, name) in CAUSES.iter().enumerate() {
                let Some(column) = names
                    .iter()
                    .position(|known| known.strip_prefix("slow.") == Some(*name))
                else {
                    continue;
                };
                let total: f64 = parts.iter().map(|part| at(&part.1, cause)).sum();
                let ratio = total / all.max(1e-300);
                for (row, (answers, sums, correction)) in influence.iter_mut().zip(&parts) {
                    if let Some(entry) = row.get_mut(column) {
                        let moved =
                            (at(sums, cause) - ratio * answers) / all.max(1e-300) * correction;
                        if slow {
                            *entry = moved;
                        } else {
                            *entry -= moved;
                        }
                    }
                }
                // Half a minute on one answer of all that were seen would not have been seen.
                if let (true, Some(entry)) = (
                    slow && total <= 0.0,
                    influence.last_mut().and_then(|row| row.get_mut(column)),
                ) {
                    *entry = 30.0 / seen.max(1.0);
                }
            }
        }
    }

    /// By model and kind of limit: use in the busiest hour as it is, and if nothing were refused.
    fn peaks(&self, fits: &Fits, number: usize) -> Vec<[[f64; 2]; KINDS]> {
        let mut peaks = vec![[[0.0; 2]; KINDS]; self.model.models.len()];
        let Some((month, luck)) = self
            .months
            .land
            .get(number)
            .zip(self.months.luck.get(number))
        else {
            return peaks;
        };
        let scores = self.scores(number / 2);
        let usage = usage_at(self.limits.len());
        let models = self.model.models.len();
        for &model in &self.strategy.uses {
            for kind in 0..KINDS {
                for full in 0..2 {
                    let index = usage + full * KINDS * models + model * KINDS + kind;
                    let Some(fit) = fits.list.get(index) else {
                        continue;
                    };
                    if fit.rates.iter().all(|rate| *rate == 0.0) {
                        continue;
                    }
                    let lift = effect(&fit.slopes, scores);
                    let hours = luck.iter().skip(self.design.len()).zip(&month.top);
                    let most = hours
                        .map(|(luck, (stratum, expected))| {
                            let mean = at(&fit.rates, *stratum) * expected * lift;
                            let variance = fits
                                .variance
                                .get(*stratum)
                                .map_or(0.0, |variance| at(variance, index));
                            let relative = (variance * expected * lift).sqrt() / mean.max(1e-300);
                            let spread = libm::log(1.0 + relative * relative).sqrt();
                            mean * libm::exp(spread * luck - spread * spread * 0.5)
                        })
                        .fold(0.0, f64::max);
                    let capped = match (full, self.limit(fits, number, model, kind)) {
                        (0, Some(limit)) => most.min(limit),
                        _ => most,
                    };
                    if let Some(peak) = peaks
                        .get_mut(model)
                        .and_then(|kinds| kinds.get_mut(kind))
                        .and_then(|both| both.get_mut(full))
                    {
                        *peak = capped;
                    }
                }
            }
        }
        peaks
    }

    fn limit(&self, fits: &Fits, number: usize, model: usize, kind: usize) -> Option<f64> {
        if kind + 1 == KINDS {
            return Some(at(&fits.slots, model)).filter(|slots| *slots > 0.0);
        }
        let lines = self.lines.get(number / 2).or(self.lines.first())?;
        lines.limits.get(model)?.get(kind).copied().flatten()
    }

    fn utilisation(&self, fits: &Fits, number: usize, peaks: &[[[f64; 2]; KINDS]]) -> Vec<f64> {
        peaks
            .iter()
            .enumerate()
            .map(|(model, kinds)| {
                kinds
                    .iter()
                    .enumerate()
                    .filter_map(|(kind, [used, _])| {
                        Some(used / self.limit(fits, number, model, kind)?)
                    })
                    .fold(0.0, f64::max)
            })
            .collect()
    }

    fn binding(&self, fits: &Fits, busiest: &[[[f64; 2]; KINDS]], mean: &[f64]) -> Vec<Binding> {
        let refusals = refusals_at(self.limits.len(), self.model.models.len());
        let mut list = Vec::new();
        for &id in &self.strategy.uses {
            let (Some(server), Some(kinds)) = (self.model.models.get(id), busiest.get(id)) else {
                continue;
            };
            let names = LIMITS.iter().copied().chain([SLOTS]);
            for (kind, (name, [used, needed])) in names.zip(kinds).enumerate() {
                let pairs = self.months.land.len().div_ceil(2);
                let known = (0..pairs).filter_map(|pair| self.limit(fits, pair * 2, id, kind));
                let allowed = known.sum::<f64>() / pairs as f64;
                if allowed > 0.0 && allowed.is_finite() {
                    list.push(Binding {
                        model: server.name.clone(),
                        limit: name.to_owned(),
                        allowed,
                        utilisation: used / allowed,
                        needed: needed.max(*used),
                        refused: at(mean, refusals + id * KINDS + kind),
                    });
                }
            }
        }
        list.sort_by(|a, b| {
            let by_use = b.utilisation.total_cmp(&a.utilisation);
            b.refused.total_cmp(&a.refused).then(by_use)
        });
        list
    }

    /// How much each window, by what is left of its luck, moves the mean of each metric: windows × metrics.
    fn influence(&self, fits: &Fits, mean: &[f64], metrics: usize) -> Vec<Vec<f64>> {
        let share = self.mean_exposure();
        let counts = self.windows_by_stratum();
        let middle = self.months.scores.len() / 2;
        let values = |sums: &[f64]| -> Vec<f64> {
            let idle = vec![0.0; self.model.models.len()];
            self.metrics(fits, sums, middle, idle)
                .into_iter()
                .map(|(_, value)| value)
                .collect()
        };
        let base = values(mean);
        let facts = self.design.first().map_or(0, |window| window.scores.len());
        let windows = self.design.len() as f64;
        let freedom = windows / (windows - 2.0 - facts as f64).max(windows * 0.25);
        self.design
            .iter()
            .enumerate()
            .map(|(place, window)| {
                let n = at(&counts, window.stratum);
                let correction = (freedom * n / (n - 1.0).max(0.5)).sqrt();
                let weight =
                    at(&share, window.stratum) / (n * window.exposure).max(1e-300) * correction;
                let moved: Vec<f64> = fits
                    .list
                    .iter()
                    .zip(mean)
                    .enumerate()
                    .map(|(sum, (fit, mean))| {
                        if sum == HOSTING {
                            *mean
                        } else {
                            (mean + at(&fit.lucky, place) * weight).max(0.0)
                        }
                    })
                    .collect();
                let mut moved = values(&moved);
                for (moved, base) in moved.iter_mut().zip(&base) {
                    *moved -= base;
                    if !moved.is_finite() {
                        *moved = 0.0;
                    }
                }
                moved.truncate(metrics);
                moved
            })
            .collect()
    }

    fn hourly(&self, fits: &Fits, mean: &[f64]) -> Vec<Hour> {
        let share = self.mean_exposure();
        // What facts do to a sum on average.
        let lift = |sum: usize| {
            let fit = fits.list.get(sum)?;
            let bare: f64 = fit
                .rates
                .iter()
                .zip(&share)
                .map(|(rate, share)| rate * share)
                .sum();
            Some((
                fit,
                if bare > 0.0 {
                    at(mean, sum) / bare
                } else {
                    1.0
                },
            ))
        };
        let offset = fits.list.len() - 2 * INTERVALS;
        let by_use: Vec<usize> = (0..LINES.len())
            .filter(|line| {
                ![
                    Line::Hosting,
                    Line::HumanReview,
                    Line::Audit,
                    Line::Evals,
                    Line::Cache,
                    Line::Fixed,
                ]
                .iter()
                .any(|fixed| *fixed as usize == *line)
            })
            .collect();
        self.months
            .by_hour
            .iter()
            .map(|strata| {
                let total = |sum: usize| {
                    lift(sum).map_or(0.0, |(fit, lift)| {
                        let here = fit.rates.iter().zip(strata);
                        here.map(|(rate, expected)| rate * expected).sum::<f64>() * lift
                    })
                };
                let requests = total(1);
                let failed = total(OUTCOMES_AT + Outcome::Failed as usize);
                let counts: Vec<f64> = (0..INTERVALS).map(|k| total(offset + k)).collect();
                let shape = Mixture {
                    pooled: &fits.delivered,
                    counts: &counts,
                };
                let p95 = super::super::totals::Shape::quantile(&shape, 0.95);
                Hour {
                    requests,
                    cost: by_use.iter().map(|line| total(BILL_AT + line)).sum(),
                    latency_p95: p95.is_finite().then_some(p95),
                    failed: if requests > 0.0 {
                        failed / requests
                    } else {
                        0.0
                    },
                }
            })
            .collect()
    }
}

/// What is only approximated says so: the busiest hour of a month to 5%, waiting for reviewers to 10%.
fn rough(names: &[String], values: &[Vec<f64>]) -> Vec<f64> {
    names
        .iter()
        .zip(values)
        .map(|(name, values)| {
            let share = match name.as_str() {
                "review.wait_h" => 0.1,
                name if name.starts_with("utilisation.") => 0.05,
                _ => return 0.0,
            };
            let mean = values.iter().sum::<f64>() / values.len().max(1) as f64;
            if mean.is_finite() { share * mean } else { 0.0 }
        })
        .collect()
}

/// The sum that counts the events behind a share of what goes wrong, and what it is a share of.
fn event(name: &str, mean: &[f64]) -> Option<(usize, f64)> {
    let requests = at(mean, 1).max(1.0);
    if name == "rate.throttled_attempts" {
        return Some((4, at(mean, 3).max(1.0)));
    }
    if name == "demand.lost" {
        return Some((8, requests));
    }
    if name == "rate.leaked" {
        return Some((7, requests));
    }
    let place = |names: &[&str], prefix: &str| {
        names
            .iter()
            .position(|known| name.strip_prefix(prefix) == Some(*known))
    };
    if let Some(reason) = place(&REASONS, "failed.") {
        return Some((REASONS_AT + reason, requests));
    }
    place(&OUTCOMES, "rate.").map(|outcome| (OUTCOMES_AT + outcome, requests))
}

/// Parts scaled so that they sum to a total.
fn normalised<const N: usize>(parts: &[f64], total: f64) -> [f64; N] {
    let sum: f64 = parts.iter().sum();
    let scale = if sum > 0.0 { total / sum } else { 0.0 };
    std::array::from_fn(|index| at(parts, index) * scale)
}

fn at(list: &[f64], index: usize) -> f64 {
    list.get(index).copied().unwrap_or(0.0)
}
