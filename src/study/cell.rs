//! One cell, a strategy at a volume: what its months add up to, and how that is written down.

use std::collections::BTreeMap;

use crate::engine::ledger::HourCell;
use crate::engine::limits::KINDS;
use crate::engine::{Histogram, Month, Peak};
use crate::model::{Model, Strategy};

use super::document::{Assumed, Binding, Cell, Hour, Metric, SCHEMA, ScenarioName, Study};
use super::measure::measure_totals;
use super::part::{Words, write_bins, write_list};
use super::plan::{Estimator, Plan};
use super::run::pooled;
use super::summary::summarise;
use super::totals::{Totals, delivered_latency};

/// Metrics whose values by month a study keeps, for the rules of checklists: all that rules may ask but the plain
/// counts, which are proportional to others.
pub(crate) const KEPT_BY_MONTH: [&str; 24] = [
    "cost.total",
    "cost.per_conversation",
    "cost.per_request",
    "cost.per_good_answer",
    "cost.at_full_service",
    "cost.growth",
    "cost.input_share",
    "budget.over_probability",
    "demand.lost",
    "latency.p50",
    "latency.p90",
    "latency.p95",
    "latency.p99",
    "first_token.p95",
    "perceived.p95",
    "slo.good_rate",
    "rate.failed",
    "rate.degraded",
    "rate.fallback",
    "rate.throttled_attempts",
    "rate.wrong",
    "rate.leaked",
    "cache.response_hit_rate",
    "cache.prompt_token_rate",
];

/// Slots come after the limits in [`Month::peaks`].
pub(super) const SLOTS: &str = "slots";

/// A month reduced to what its cell needs.
#[derive(Debug)]
pub struct Measured {
    metrics: Vec<(String, f64)>,
    latency: Histogram,
    hours: Vec<HourCell>,
    peaks: Vec<[Peak; 7]>,
    full_service_peaks: Vec<[Peak; 7]>,
    refusals: Vec<[u64; 7]>,
    requests: u64,
    attempts: u64,
}

impl Measured {
    /// Measures a month.
    #[must_use]
    pub fn new(model: &Model, strategy: &Strategy, month: &Month, seconds: &[f64]) -> Self {
        let latency = delivered_latency(month);
        Self {
            metrics: measure_totals(model, strategy, &Totals::of(month, &latency), seconds),
            latency: latency.into_owned(),
            hours: month.ledger.hours().to_vec(),
            peaks: month.peaks.clone(),
            full_service_peaks: month.full_service_peaks.clone(),
            refusals: month.refusals.clone(),
            requests: month.ledger.requests,
            attempts: month.ledger.attempts,
        }
    }
}

impl Measured {
    /// Names of the metrics.
    pub(super) fn names(&self) -> Vec<String> {
        self.metrics.iter().map(|(name, _)| name.clone()).collect()
    }

    /// All numbers as bits.
    pub(super) fn words(&self) -> Vec<u64> {
        let mut words = vec![self.requests, self.attempts];
        let values: Vec<f64> = self.metrics.iter().map(|(_, value)| *value).collect();
        write_list(&mut words, &values);
        words.push(u64::from(self.latency.bits()));
        write_bins(&mut words, &self.latency.occupied());
        words.push(self.hours.len() as u64);
        for hour in &self.hours {
            words.extend([hour.requests, hour.failed, hour.cost.to_bits()]);
            words.push(u64::from(hour.latency.bits()));
            write_bins(&mut words, &hour.latency.occupied());
        }
        for peaks in [&self.peaks, &self.full_service_peaks] {
            words.push(peaks.len() as u64);
            for peak in peaks.iter().flatten() {
                words.extend([peak.utilisation, peak.used, peak.limit].map(f64::to_bits));
            }
        }
        words.push(self.refusals.len() as u64);
        words.extend(self.refusals.iter().flatten());
        words
    }

    /// From names and bits; `None` if they do not fit.
    pub(super) fn from_words(names: &[String], words: &[u64]) -> Option<Self> {
        let mut words = Words(words.iter());
        let (requests, attempts) = (words.whole()?, words.whole()?);
        let values = words.list()?;
        if values.len() != names.len() {
            return None;
        }
        let latency = |words: &mut Words<'_>| {
            let bits = u32::try_from(words.whole()?).ok()?;
            Some(Histogram::from_occupied(bits, &words.bins()?))
        };
        let all = latency(&mut words)?;
        let hours = (0..words.whole()?)
            .map(|_| {
                Some(HourCell {
                    requests: words.whole()?,
                    failed: words.whole()?,
                    cost: words.number()?,
                    latency: latency(&mut words)?,
                })
            })
            .collect::<Option<_>>()?;
        let mut peaks = || {
            let models = words.whole()?;
            (0..models)
                .map(|_| {
                    let mut kinds = [Peak::default(); 7];
                    for peak in &mut kinds {
                        *peak = Peak {
                            utilisation: words.number()?,
                            used: words.number()?,
                            limit: words.number()?,
                        };
                    }
                    Some(kinds)
                })
                .collect::<Option<Vec<_>>>()
        };
        let (own, full) = (peaks()?, peaks()?);
        let refusals = (0..words.whole()?)
            .map(|_| {
                let mut kinds = [0; 7];
                for kind in &mut kinds {
                    *kind = words.whole()?;
                }
                Some(kinds)
            })
            .collect::<Option<_>>()?;
        Some(Self {
            refusals,
            metrics: names.iter().cloned().zip(values).collect(),
            latency: all,
            hours,
            peaks: own,
            full_service_peaks: full,
            requests,
            attempts,
        })
    }
}

/// The months of one cell, in order.
#[derive(Debug, Default)]
pub struct CellTotals {
    names: Vec<String>,
    /// By metric, then by month.
    values: Vec<Vec<f64>>,
    latency: Option<Histogram>,
    hours: Vec<HourCell>,
    peaks: Vec<Vec<[Peak; 7]>>,
    full_service_peaks: Vec<Vec<[Peak; 7]>>,
    refusals: Vec<Vec<[u64; 7]>>,
    requests: u64,
    attempts: u64,
    months: usize,
}

impl CellTotals {
    /// Adds the next month.
    pub fn add(&mut self, month: Measured) {
        if self.names.is_empty() {
            self.names = month.metrics.iter().map(|(name, _)| name.clone()).collect();
            self.values = vec![Vec::new(); self.names.len()];
        }
        for (values, (_, value)) in self.values.iter_mut().zip(&month.metrics) {
            values.push(*value);
        }
        pooled(&mut self.latency, &month.latency);
        if self.hours.is_empty() {
            self.hours = month.hours;
        } else {
            for (sum, hour) in self.hours.iter_mut().zip(&month.hours) {
                sum.requests += hour.requests;
                sum.failed += hour.failed;
                sum.cost += hour.cost;
                sum.latency.merge(&hour.latency);
            }
        }
        self.peaks.push(month.peaks);
        self.full_service_peaks.push(month.full_service_peaks);
        self.refusals.push(month.refusals);
        self.requests += month.requests;
        self.attempts += month.attempts;
        self.months += 1;
    }

    fn numbers(&self, model: &Model, strategy: Option<&Strategy>, months: usize) -> Numbers {
        let latency = |p| {
            self.latency
                .as_ref()
                .map_or(f64::NAN, |all| all.quantile(p))
        };
        Numbers {
            names: self.names.clone(),
            values: self
                .values
                .iter()
                .map(|metric| metric.iter().take(months).copied().collect())
                .collect(),
            pooled: [0.5, 0.9, 0.95, 0.99].map(latency),
            hourly: self
                .hours
                .iter()
                .map(|hour| written_hour(hour, self.months))
                .collect(),
            binding: strategy.map_or_else(Vec::new, |it| binding(model, it, self)),
            requests: self.requests,
            attempts: self.attempts,
            influence: Vec::new(),
        }
    }
}

/// What the months of one cell amount to, however that was found.
#[derive(Debug, Clone, Default)]
pub struct Numbers {
    /// Names of the metrics.
    pub names: Vec<String>,
    /// By metric, then by month.
    pub values: Vec<Vec<f64>>,
    /// The 50%, 90%, 95% and 99% quantiles of all latencies together.
    pub pooled: [f64; 4],
    /// The hours of the week.
    pub hourly: Vec<Hour>,
    /// Limits, the tightest first.
    pub binding: Vec<Binding>,
    /// Requests simulated.
    pub requests: u64,
    /// Attempts simulated.
    pub attempts: u64,
    /// By window, then by metric: how far what was simulated may have moved the mean. Empty if all was.
    pub influence: Vec<Vec<f64>>,
}

impl Numbers {
    /// The values of a metric by month.
    pub fn of(&self, metric: &str) -> Option<&[f64]> {
        let index = self.names.iter().position(|name| name == metric)?;
        self.values.get(index).map(Vec::as_slice)
    }

    /// The metric, its error with what windows add to it.
    pub fn metric(&self, name: &str) -> Option<Metric> {
        let index = self.names.iter().position(|known| known == name)?;
        let metric = summarise(self.values.get(index)?)?;
        let windows = sum_of_squares(self.influence.iter().map(|row| row.get(index).copied()));
        Some(with_windows(metric, windows))
    }
}

/// A metric whose error has what windows add to it.
fn with_windows(metric: Metric, windows: f64) -> Metric {
    let se = if windows > 0.0 {
        metric.se.hypot(windows)
    } else {
        metric.se
    };
    Metric { se, ..metric }
}

/// Writes down an exact study of which `pairs` pairs of months are complete in every cell.
pub(super) fn outcome(
    model: &Model,
    plan: &Plan,
    cells: &[(usize, f64)],
    totals: &[CellTotals],
    pairs: usize,
) -> Outcome {
    let months = (pairs * 2).min(plan.months as usize);
    let numbers = cells
        .iter()
        .zip(totals)
        .map(|((strategy, _), cell)| {
            let strategy = model.strategies.get(*strategy);
            cell.numbers(model, strategy, months)
        })
        .collect();
    document(model, plan, Estimator::Exact, cells, numbers, months)
}

/// Writes down a study.
pub(super) fn document(
    model: &Model,
    plan: &Plan,
    estimator: Estimator,
    cells: &[(usize, f64)],
    numbers: Vec<Numbers>,
    months: usize,
) -> Outcome {
    let growths: Vec<Option<Growth>> = (0..cells.len())
        .map(|index| growth(cells, &numbers, index))
        .collect();
    let mut numbers = numbers;
    for (numbers, growth) in numbers.iter_mut().zip(growths) {
        if let Some(growth) = growth {
            numbers.names.push("cost.growth".to_owned());
            numbers.values.push(growth.values);
            for (row, moved) in numbers.influence.iter_mut().zip(growth.influence) {
                row.push(moved);
            }
        }
    }
    let by_month: Vec<ByMonth> = cells
        .iter()
        .zip(&mut numbers)
        .map(|((strategy, volume), numbers)| ByMonth {
            strategy: *strategy,
            volume: *volume,
            names: std::mem::take(&mut numbers.names),
            values: std::mem::take(&mut numbers.values),
            influence: std::mem::take(&mut numbers.influence),
        })
        .collect();
    let written = numbers
        .into_iter()
        .zip(&by_month)
        .filter_map(|(numbers, by_month)| {
            model
                .strategies
                .get(by_month.strategy)
                .map(|it| write(model, it, numbers, by_month, months))
        })
        .collect();
    let study = Study {
        schema: SCHEMA.to_owned(),
        scenario: ScenarioName {
            name: model.name.clone(),
            digest: model.digest.clone(),
        },
        catalogue_date: model.catalogue_date.to_string(),
        catalogue_digest: model.catalogue_digest.clone(),
        gonogo_version: env!("CARGO_PKG_VERSION").to_owned(),
        seed: plan.seed,
        estimator: estimator.name().to_owned(),
        cells: written,
        drills: Vec::new(),
        warnings: model.warnings.clone(),
        assumed: model
            .assumed
            .iter()
            .map(|assumed| Assumed {
                path: assumed.path.clone(),
                why: assumed.why.clone(),
            })
            .collect(),
        sensitivity: Vec::new(),
    };
    Outcome { study, by_month }
}

/// A study and the values behind it.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The document.
    pub study: Study,
    /// What every month of every cell gave, in the order of the study's cells.
    pub by_month: Vec<ByMonth>,
}

/// The values of one cell in month order: month i of one cell and month i of another share their facts and, as far as
/// their strategies allow, their luck, so differences may be taken month by month.
#[derive(Debug, Clone, PartialEq)]
pub struct ByMonth {
    /// Index of the strategy.
    pub strategy: usize,
    /// Multiple of the launch volume.
    pub volume: f64,
    names: Vec<String>,
    /// By metric, then by month.
    values: Vec<Vec<f64>>,
    /// By window, then by metric; empty if every request was simulated.
    influence: Vec<Vec<f64>>,
}

impl ByMonth {
    /// The values of a metric in month order; NaN where a month does not define it. `None` if the cell lacks the metric.
    #[must_use]
    pub fn of(&self, metric: &str) -> Option<&[f64]> {
        let index = self.names.iter().position(|name| name == metric)?;
        self.values.get(index).map(Vec::as_slice)
    }

    /// What the windows of the fast estimator add to the standard error of a metric's mean; 0 if every request was
    /// simulated. Errors from different windows are independent of each other and of the months' own.
    #[must_use]
    pub fn window_se(&self, metric: &str) -> f64 {
        let Some(index) = self.names.iter().position(|name| name == metric) else {
            return 0.0;
        };
        sum_of_squares(self.influence.iter().map(|row| row.get(index).copied()))
    }

    /// By window of the fast estimator, how far what was simulated in it may have moved the mean of a metric; empty if
    /// every request was simulated. Cells of one study at the same volume have the same windows, so the error of a sum of
    /// their means, each with its weight, is the root of the squares of such sums.
    #[must_use]
    pub fn strays(&self, metric: &str) -> Vec<f64> {
        let Some(index) = self.names.iter().position(|name| name == metric) else {
            return Vec::new();
        };
        let rows = self.influence.iter();
        rows.map(|row| row.get(index).copied().unwrap_or(0.0))
            .collect()
    }

    /// The mean of the difference of a metric, this cell less another, and its standard error. Months are paired, and so
    /// are the windows of cells at the same volume: what both share cancels. `None` where either lacks the metric.
    #[must_use]
    pub fn difference(&self, other: &Self, metric: &str) -> Option<(f64, f64)> {
        let (mine, theirs) = (self.of(metric)?, other.of(metric)?);
        let difference: Vec<f64> = mine.iter().zip(theirs).map(|(a, b)| a - b).collect();
        let months = summarise(&difference)?;
        let index = self.names.iter().position(|name| name == metric)?;
        let there = other.names.iter().position(|name| name == metric)?;
        let windows = if self.volume == other.volume {
            sum_of_squares(
                self.influence
                    .iter()
                    .zip(&other.influence)
                    .map(|(a, b)| Some(a.get(index)? - b.get(there)?)),
            )
        } else {
            self.window_se(metric).hypot(other.window_se(metric))
        };
        Some((months.mean, months.se.hypot(windows)))
    }

    /// The metrics of the cell, as [`super::metrics`] names them.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }
}

fn sum_of_squares(terms: impl Iterator<Item = Option<f64>>) -> f64 {
    terms.flatten().map(|term| term * term).sum::<f64>().sqrt()
}

/// Cost per conversation against 1x.
struct Growth {
    /// Month by month.
    values: Vec<f64>,
    /// How far each window here may have moved the mean.
    influence: Vec<f64>,
}

fn growth(cells: &[(usize, f64)], numbers: &[Numbers], index: usize) -> Option<Growth> {
    let (strategy, _) = cells.get(index)?;
    let launch = cells
        .iter()
        .position(|(other, volume)| other == strategy && *volume == 1.0)?;
    let per_conversation = |cell: &Numbers| {
        cell.names
            .iter()
            .position(|name| name == "cost.per_conversation")
    };
    let (here, there) = (numbers.get(index)?, numbers.get(launch)?);
    let (at, before) = (per_conversation(here)?, per_conversation(there)?);
    let (mine, theirs) = (here.values.get(at)?, there.values.get(before)?);
    let mean = theirs.iter().sum::<f64>() / theirs.len() as f64;
    let own = mine.iter().sum::<f64>() / mine.len() as f64;
    // At 1x it is 1 by definition; elsewhere the launch's windows stray on their own.
    let launch_se = sum_of_squares(there.influence.iter().map(|row| row.get(before).copied()));
    let windows = here.influence.len().max(1) as f64;
    let stray = own / (mean * mean) * launch_se / windows.sqrt();
    Some(Growth {
        values: mine.iter().zip(theirs).map(|(a, b)| a / b).collect(),
        influence: here
            .influence
            .iter()
            .map(|row| {
                if index == launch {
                    0.0
                } else {
                    (row.get(at).copied().unwrap_or(0.0) / mean).hypot(stray)
                }
            })
            .collect(),
    })
}

fn write(
    model: &Model,
    strategy: &Strategy,
    numbers: Numbers,
    by_month: &ByMonth,
    months: usize,
) -> Cell {
    let mut metrics: BTreeMap<String, Metric> = BTreeMap::new();
    let mut kept = BTreeMap::new();
    for (name, values) in by_month.names.iter().zip(&by_month.values) {
        if let Some(metric) = summarise(values) {
            let windows = by_month.window_se(name);
            metrics.insert(name.clone(), with_windows(metric, windows));
        }
        if KEPT_BY_MONTH.contains(&name.as_str()) || name.starts_with("share_within.") {
            let mut sorted: Vec<f64> = values
                .iter()
                .copied()
                .filter(|value| value.is_finite())
                .collect();
            sorted.sort_unstable_by(f64::total_cmp);
            kept.insert(name.clone(), sorted);
        }
    }
    for (quantile, pooled) in [50_u8, 90, 95, 99].into_iter().zip(numbers.pooled) {
        // All months together are one number; its error is that of the months' own quantiles.
        if let Some(monthly) = metrics.get(&format!("latency.p{quantile}")).copied()
            && pooled.is_finite()
        {
            let metric = Metric {
                mean: pooled,
                p05: pooled,
                p50: pooled,
                p80: pooled,
                p95: pooled,
                ..monthly
            };
            metrics.insert(format!("latency.pooled.p{quantile}"), metric);
        }
    }
    let not_modelled = not_modelled(model, strategy, &metrics);
    Cell {
        strategy: strategy.name.clone(),
        volume: by_month.volume,
        months: u32::try_from(months).unwrap_or(u32::MAX),
        models: strategy
            .uses
            .iter()
            .filter_map(|id| model.models.get(*id))
            .map(|server| server.name.clone())
            .collect(),
        metrics,
        by_month: kept,
        not_modelled,
        binding: numbers.binding,
        hourly: numbers.hourly,
        requests_simulated: numbers.requests,
        attempts_simulated: numbers.attempts,
    }
}

fn written_hour(hour: &HourCell, months: usize) -> Hour {
    let months = months as f64;
    let p95 = hour.latency.quantile(0.95);
    Hour {
        requests: hour.requests as f64 / months,
        cost: hour.cost / months,
        latency_p95: if p95.is_finite() { Some(p95) } else { None },
        failed: if hour.requests > 0 {
            hour.failed as f64 / hour.requests as f64
        } else {
            0.0
        },
    }
}

/// What binds, the tightest first. Means over months.
fn binding(model: &Model, strategy: &Strategy, cell: &CellTotals) -> Vec<Binding> {
    let mut list = Vec::new();
    for &id in &strategy.uses {
        let Some(server) = model.models.get(id) else {
            continue;
        };
        for (kind, name) in KINDS.iter().copied().chain([SLOTS]).enumerate() {
            let mean = |months: &[Vec<[Peak; 7]>], pick: fn(&Peak) -> f64| {
                let values = months
                    .iter()
                    .filter_map(|peaks| peaks.get(id)?.get(kind))
                    .map(pick);
                values.sum::<f64>() / months.len() as f64
            };
            let limit = mean(&cell.peaks, |peak| peak.limit);
            let utilisation = mean(&cell.peaks, |peak| peak.utilisation);
            let refused: u64 = cell
                .refusals
                .iter()
                .filter_map(|month| month.get(id)?.get(kind))
                .sum();
            let refused = refused as f64 / cell.refusals.len() as f64;
            if limit.is_finite() && limit > 0.0 {
                list.push(Binding {
                    model: server.name.clone(),
                    limit: name.to_owned(),
                    allowed: limit,
                    utilisation,
                    needed: mean(&cell.full_service_peaks, |peak| peak.used),
                    refused,
                });
            }
        }
    }
    list.sort_by(Binding::tighter);
    list
}

/// Metrics whose mechanism is not stated for this strategy.
pub(crate) fn not_modelled(
    model: &Model,
    strategy: &Strategy,
    metrics: &BTreeMap<String, Metric>,
) -> Vec<String> {
    let concerns = |path: &str| {
        let mut parts = path.split('.');
        match (parts.next(), parts.next()) {
            (Some("models"), _) => strategy
                .uses
                .iter()
                .filter_map(|id| model.models.get(*id))
                .any(|server| {
                    path.strip_prefix("models.")
                        .and_then(|rest| rest.strip_prefix(&server.name))
                        .is_some_and(|rest| rest.starts_with('.'))
                }),
            (Some("strategies"), _) => path
                .strip_prefix("strategies.")
                .and_then(|rest| rest.strip_prefix(&strategy.name))
                .is_some_and(|rest| rest.starts_with('.')),
            _ => true,
        }
    };
    let mut names: Vec<String> = Vec::new();
    for unstated in model
        .unstated
        .iter()
        .filter(|unstated| concerns(&unstated.path))
    {
        for metric in unstated.metrics {
            let named = metrics.keys().filter(|name| {
                name.strip_prefix(metric)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            });
            names.extend(named.cloned());
        }
    }
    names.sort();
    names.dedup();
    names
}
