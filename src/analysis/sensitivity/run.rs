//! The runs behind a sensitivity analysis, and what they add up to.

use crate::analysis::steps::{Steps, mean_se};
use crate::model::{FactId, Model, Num};
use crate::quantity::Law;
use crate::study::{ByMonth, Outcome, Plan, ScenarioName, Watch, facts_of};

use super::choice::{Option3, choose, measuring};
use super::curve::{Curve, Ends, jackknife, rank_correlation};
use super::{Input, Moved, SCHEMA, Sensitivity, SensitivityPlan};

/// Months of a run that only finds out which facts matter at all.
const GLANCE: u32 = 2;

/// One fact pinned at both ends.
struct Pinned {
    fact: usize,
    ends: Ends,
    low: Vec<ByMonth>,
    high: Vec<ByMonth>,
}

pub(super) fn run(model: &Model, plan: &SensitivityPlan, watch: &dyn Watch) -> Option<Sensitivity> {
    let facts = model.facts.len();
    let glances = if facts > plan.most { 1 + facts } else { 0 };
    let steps = Steps::new(watch, 1 + glances + 2 * facts.min(plan.most));
    let mut whole = study_plan(model, plan);
    whole.strategies.clone_from(&plan.strategies);
    if let Some(asked) = plan
        .chosen
        .filter(|asked| !whole.strategies.contains(asked))
    {
        whole.strategies.push(asked);
    }
    let free = steps.study(model, &whole)?;
    let chosen = match plan.chosen {
        Some(asked) => whole.strategies.iter().position(|it| *it == asked)?,
        None => choose(&options(model, &free), model.slo_confidence)?,
    };
    steps.answered();
    if !plan.choice {
        whole.strategies = vec![*whole.strategies.get(chosen)?];
    }
    let (wanted, left_out) = glance(model, plan, &whole, chosen, &free, &steps);
    let mut pinned = Vec::new();
    for fact in wanted {
        match pin(model, plan, &whole, fact, &steps) {
            Some(it) => pinned.push(it),
            None => break,
        }
    }
    let place = if plan.choice { chosen } else { 0 };
    let moved = plan
        .metrics
        .iter()
        .filter_map(|metric| moved(model, metric, free.by_month.get(chosen)?, place, &pinned))
        .collect();
    let mut measured: Vec<_> = if whole.strategies.len() > 1 {
        pinned
            .iter()
            .filter_map(|it| worth(model, it, &free))
            .collect()
    } else {
        Vec::new()
    };
    measured.sort_by(|a, b| {
        let value = |it: &super::Measuring| it.changes + it.keeps;
        b.saves_usd
            .total_cmp(&a.saves_usd)
            .then(value(b).total_cmp(&value(a)))
    });
    let holds = options(model, &free)
        .get(chosen)
        .is_some_and(|(_, held)| *held >= model.slo_confidence - 1e-9);
    Some(Sensitivity {
        schema: SCHEMA.to_owned(),
        scenario: ScenarioName {
            name: model.name.clone(),
            digest: model.digest.clone(),
        },
        catalogue_date: model.catalogue_date.to_string(),
        gonogo_version: env!("CARGO_PKG_VERSION").to_owned(),
        seed: plan.seed,
        estimator: free.study.estimator.clone(),
        months: plan.months,
        volume: plan.volume,
        chosen: free.study.cells.get(chosen)?.strategy.clone(),
        chosen_holds: holds,
        moved,
        measuring: measured,
        left_out,
        facts,
        stopped: steps.is_stopped(),
    })
}

fn study_plan(model: &Model, plan: &SensitivityPlan) -> Plan {
    let mut study = Plan::of(model);
    study.volumes = vec![plan.volume];
    study.months = plan.months;
    study.seed = plan.seed;
    study.threads = plan.threads;
    study.estimator = plan.estimator;
    study
}

/// A fact by its place.
fn number(fact: usize) -> Num {
    Num::Fact(FactId(u32::try_from(fact).unwrap_or(u32::MAX)))
}

/// The same model with one fact known.
fn with_fact(model: &Model, fact: usize, number: f64) -> Model {
    let mut known = model.clone();
    if let Some(spec) = known.facts.get_mut(fact) {
        spec.law = Law::constant(number);
    }
    known
}

/// Mean cost and the smallest share of months that hold a promise, by strategy.
fn options(model: &Model, outcome: &Outcome) -> Vec<(f64, f64)> {
    outcome
        .by_month
        .iter()
        .map(|cell| (mean_se(&pairs(cell, "cost.total")).0, held(model, cell)))
        .collect()
}

fn held(model: &Model, cell: &ByMonth) -> f64 {
    model
        .slo
        .iter()
        .filter_map(|(name, _)| {
            let metric = format!("slo.held_probability.{}", crate::study::slo_name(*name));
            let values = cell.of(&metric)?;
            let known: Vec<f64> = values.iter().copied().filter(|it| it.is_finite()).collect();
            (!known.is_empty()).then(|| known.iter().sum::<f64>() / known.len() as f64)
        })
        .fold(1.0, f64::min)
}

/// Means of the pairs of months of a metric; NaN where a month does not define it.
fn pairs(cell: &ByMonth, metric: &str) -> Vec<f64> {
    cell.of(metric)
        .unwrap_or_default()
        .chunks(2)
        .map(|pair| pair.iter().sum::<f64>() / pair.len() as f64)
        .collect()
}

/// The facts to look at in full, and those left out with what they move.
fn glance(
    model: &Model,
    plan: &SensitivityPlan,
    whole: &Plan,
    chosen: usize,
    free: &Outcome,
    steps: &Steps<'_>,
) -> (Vec<usize>, Vec<(String, f64)>) {
    let all: Vec<usize> = (0..model.facts.len()).collect();
    if all.len() <= plan.most {
        return (all, Vec::new());
    }
    let place = if plan.choice { chosen } else { 0 };
    let mut short = whole.clone();
    short.months = GLANCE;
    short.strategies = whole.strategies.get(place).copied().into_iter().collect();
    let means = |outcome: &Outcome| -> Vec<f64> {
        let cell = outcome.by_month.first();
        plan.metrics
            .iter()
            .map(|metric| cell.map_or(f64::NAN, |cell| mean_se(&pairs(cell, metric)).0))
            .collect()
    };
    let scale: Vec<f64> = plan
        .metrics
        .iter()
        .map(|metric| {
            let mean = free
                .by_month
                .get(chosen)
                .map_or(f64::NAN, |cell| mean_se(&pairs(cell, metric)).0);
            mean.abs().max(1e-12)
        })
        .collect();
    let Some(base) = steps.study(model, &short).map(|it| means(&it)) else {
        return (Vec::new(), Vec::new());
    };
    let drawn = facts_of(model, plan.seed, 0);
    let mut seen: Vec<(usize, f64)> = Vec::new();
    for fact in all {
        let Some(law) = model.facts.get(fact).map(|spec| spec.law.clone()) else {
            continue;
        };
        // One run a fact: from what it was drawn as to the end that is farther away, as a part of the way between ends.
        let (low, high) = (law.quantile(0.05), law.quantile(0.95));
        let here = drawn.get(number(fact));
        let far = if here - low > high - here { low } else { high };
        let part = (far - here).abs() / (high - low).abs();
        if part.is_nan() {
            continue;
        }
        let Some(there) = steps.study(&with_fact(model, fact, far), &short) else {
            break;
        };
        let moves = means(&there)
            .iter()
            .zip(&base)
            .zip(&scale)
            .map(|((there, base), scale)| ((there - base) / scale / part).abs())
            .filter(|it| it.is_finite())
            .fold(0.0, f64::max);
        seen.push((fact, moves));
    }
    seen.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    let rest = seen.split_off(plan.most.min(seen.len()));
    let name = |fact: usize| {
        model
            .facts
            .get(fact)
            .map_or_else(String::new, |spec| spec.path.clone())
    };
    (
        seen.into_iter().map(|(fact, _)| fact).collect(),
        rest.into_iter()
            .map(|(fact, moves)| (name(fact), moves))
            .collect(),
    )
}

/// Both runs of one fact.
fn pin(
    model: &Model,
    plan: &SensitivityPlan,
    whole: &Plan,
    fact: usize,
    steps: &Steps<'_>,
) -> Option<Pinned> {
    let law = model.facts.get(fact)?.law.clone();
    let drawn = (0..u64::from(plan.months.div_ceil(2)))
        .map(|pair| {
            let facts = facts_of(model, plan.seed, pair);
            facts.get(number(fact))
        })
        .collect();
    let ends = Ends::new(&law, drawn);
    let low = steps
        .study(&with_fact(model, fact, ends.low), whole)?
        .by_month;
    let high = steps
        .study(&with_fact(model, fact, ends.high), whole)?
        .by_month;
    Some(Pinned {
        fact,
        ends,
        low,
        high,
    })
}

/// What moves one metric.
fn moved(
    model: &Model,
    metric: &str,
    free: &ByMonth,
    place: usize,
    pinned: &[Pinned],
) -> Option<Moved> {
    let months = free.of(metric)?;
    let base = pairs(free, metric);
    let runs: Vec<(&Pinned, Vec<f64>, Vec<f64>)> = pinned
        .iter()
        .filter_map(|it| {
            Some((
                it,
                pairs(it.low.get(place)?, metric),
                pairs(it.high.get(place)?, metric),
            ))
        })
        .collect();
    // Pairs in which a month does not define the metric in one of the runs are left out of all.
    let whole = |pair: usize| {
        let fine = |values: &[f64]| values.get(pair).is_some_and(|it| it.is_finite());
        fine(&base) && runs.iter().all(|(_, low, high)| fine(low) && fine(high))
    };
    let kept: Vec<usize> = (0..base.len()).filter(|pair| whole(*pair)).collect();
    let pick = |values: &[f64]| -> Vec<f64> {
        kept.iter()
            .filter_map(|pair| values.get(*pair).copied())
            .collect()
    };
    let free_pairs = pick(&base);
    if free_pairs.is_empty() {
        return None;
    }
    let prepared: Vec<(Ends, Vec<f64>, Vec<f64>)> = runs
        .iter()
        .map(|(it, low, high)| {
            let ends = Ends {
                drawn: pick(&it.ends.drawn),
                ..it.ends.clone()
            };
            (ends, pick(low), pick(high))
        })
        .collect();
    let within = within(months, &kept);
    let spread = |without: Option<usize>| variances(&prepared, &free_pairs, within, without);
    let parts = spread(None);
    let total = parts.total();
    let (mean, se) = mean_se(&free_pairs);
    let se = se.hypot(free.window_se(metric));
    let mut inputs: Vec<Input> = runs
        .iter()
        .zip(&prepared)
        .enumerate()
        .map(|(index, ((it, ..), (ends, low, high)))| {
            let (share, share_se) =
                jackknife(free_pairs.len(), |without| spread(without).share(index));
            let differences: Vec<f64> =
                low.iter().zip(high).map(|(low, high)| high - low).collect();
            // Windows of the fast estimator stray in both runs.
            let both = it.high.get(place).zip(it.low.get(place));
            let windows = both.and_then(|(high, low)| high.difference(low, metric));
            let rank = rank_correlation(&ends.drawn, &free_pairs);
            Input {
                path: model
                    .facts
                    .get(it.fact)
                    .map_or_else(String::new, |spec| spec.path.clone()),
                ends: (ends.low, ends.high),
                at: (mean_se(low).0, mean_se(high).0),
                swing_se: windows
                    .map_or(0.0, |(_, se)| se)
                    .max(mean_se(&differences).1),
                share,
                share_se,
                rank,
                rank_se: (1.0 - rank * rank) / (free_pairs.len() as f64 - 1.0).sqrt(),
            }
        })
        .collect();
    inputs.sort_by(|a, b| {
        let swing = |it: &Input| (it.at.1 - it.at.0).abs();
        b.share
            .total_cmp(&a.share)
            .then(swing(b).total_cmp(&swing(a)))
    });
    Some(Moved {
        metric: metric.to_owned(),
        mean,
        se,
        sd: total.sqrt(),
        chance: ratio(parts.chance, total),
        rest: ratio(parts.rest, total),
        inputs,
    })
}

fn ratio(part: f64, total: f64) -> f64 {
    if total > 0.0 { part / total } else { 0.0 }
}

/// Variance inside pairs: chance, of one month.
fn within(months: &[f64], kept: &[usize]) -> f64 {
    let squares: Vec<f64> = kept
        .iter()
        .filter_map(|pair| match months.get(pair * 2..pair * 2 + 2) {
            Some([first, second]) => Some((first - second) * (first - second) * 0.5),
            _ => None,
        })
        .collect();
    if squares.is_empty() {
        0.0
    } else {
        squares.iter().sum::<f64>() / squares.len() as f64
    }
}

/// A month's variance by where it comes from.
struct Parts {
    first_order: Vec<f64>,
    rest: f64,
    chance: f64,
}

impl Parts {
    fn total(&self) -> f64 {
        self.first_order.iter().sum::<f64>() + self.rest + self.chance
    }

    fn share(&self, index: usize) -> f64 {
        ratio(
            self.first_order.get(index).copied().unwrap_or(0.0),
            self.total(),
        )
    }
}

fn variances(
    runs: &[(Ends, Vec<f64>, Vec<f64>)],
    free: &[f64],
    within: f64,
    without: Option<usize>,
) -> Parts {
    let curves: Vec<Curve> = runs
        .iter()
        .map(|(ends, low, high)| Curve::through(ends, low, free, high, without))
        .collect();
    let left: Vec<f64> = free
        .iter()
        .enumerate()
        .filter(|(pair, _)| Some(*pair) != without)
        .map(|(pair, value)| {
            let explained: f64 = runs
                .iter()
                .zip(&curves)
                .filter_map(|((ends, ..), curve)| ends.drawn.get(pair).map(|x| curve.at(ends, *x)))
                .sum();
            value - explained
        })
        .collect();
    let (_, error) = mean_se(&left);
    let between = error * error * left.len() as f64;
    // What rounding leaves of a metric that does not vary is no variance.
    let mean = free.iter().sum::<f64>() / free.len() as f64;
    let real = |variance: f64| {
        if variance > 1e-18 * mean * mean {
            variance
        } else {
            0.0
        }
    };
    Parts {
        first_order: runs
            .iter()
            .zip(&curves)
            .map(|((ends, ..), curve)| real(curve.variance(ends)))
            .collect(),
        rest: if between.is_finite() {
            real((between - within * 0.5).max(0.0))
        } else {
            0.0
        },
        chance: real(within),
    }
}

/// What knowing a fact would be worth.
fn worth(model: &Model, pinned: &Pinned, free: &Outcome) -> Option<super::Measuring> {
    let options: Vec<Option3> = free
        .study
        .cells
        .iter()
        .zip(&free.by_month)
        .zip(pinned.low.iter().zip(&pinned.high))
        .map(|((cell, free), (low, high))| {
            let both = |it: &ByMonth| (pairs(it, "cost.total"), held(model, it));
            Option3 {
                name: cell.strategy.clone(),
                low: both(low),
                free: both(free),
                high: both(high),
            }
        })
        .collect();
    let path = &model.facts.get(pinned.fact)?.path;
    Some(measuring(
        path,
        &pinned.ends,
        &options,
        model.slo_confidence,
    ))
}
