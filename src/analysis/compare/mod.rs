//! Two strategies side by side: paired differences, and what each mechanism did on the way from one to the other.
//!
//! Month i of both has the same facts and, as far as they allow, the same luck, so differences are taken month by month;
//! pairs of months that share their facts are the independent units, and intervals are Student's over them.
//!
//! The way from A to B is a **waterfall** of Shapley values (Shapley 1953): the mechanisms in which the two differ are
//! players, the worth of a set of them is the metric of A with those mechanisms of B, and a mechanism's value is the mean
//! over all orders of what changes when it comes in. The order in which mechanisms are named therefore does not matter,
//! and the values sum to the difference exactly. Up to [`EXACT_UP_TO`] mechanisms every set is simulated; beyond, orders
//! are drawn (each together with its reverse: Castro, Gómez, Tejada 2009; Mitchell et al. 2022). The standard error covers
//! the months, the windows that the fast estimator simulated, and the orders.

mod shapley;

use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF as _, StudentsT};

use crate::analysis::mechanism::{Mechanism, differing, with_strategies};
use crate::model::{Model, Strategy};
use crate::study::metrics::{Better, better};
use crate::study::{ByMonth, Plan, ScenarioName, Watch, estimate};

use shapley::Orders;

/// Mechanisms up to which every set of them is simulated.
pub const EXACT_UP_TO: usize = 5;
/// Orders drawn beyond that, in pairs.
pub const ORDERS: usize = 12;
/// Metrics whose way from A to B is shown unless others are asked for.
pub const WATERFALLS: [&str; 3] = ["cost.total", "latency.p95", "rate.failed"];
/// The value of [`Comparison::schema`].
pub const SCHEMA: &str = "gonogo.compare/1";

/// What to compare.
#[derive(Debug, Clone, PartialEq)]
pub struct ComparePlan {
    /// Index of the strategy to start from.
    pub a: usize,
    /// Index of the strategy to arrive at.
    pub b: usize,
    /// Months, seed, threads and precision; its strategies and volumes are not looked at.
    pub study: Plan,
    /// Multiple of the launch volume.
    pub volume: f64,
    /// Metrics whose way from A to B is wanted.
    pub waterfalls: Vec<String>,
    /// Mechanisms up to which every set of them is simulated.
    pub exact_up_to: usize,
    /// Orders drawn beyond that.
    pub orders: usize,
}

impl ComparePlan {
    /// Everything as the constants of this module say, at launch volume.
    #[must_use]
    pub fn of(model: &Model, a: usize, b: usize) -> Self {
        Self {
            a,
            b,
            study: Plan::of(model),
            volume: 1.0,
            waterfalls: WATERFALLS.map(str::to_owned).to_vec(),
            exact_up_to: EXACT_UP_TO,
            orders: ORDERS,
        }
    }
}

/// Two strategies compared.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// [`SCHEMA`].
    pub schema: String,
    /// Which scenario.
    pub scenario: ScenarioName,
    /// Day of the price catalogue.
    pub catalogue_date: String,
    /// The gonogo that simulated.
    pub gonogo_version: String,
    /// Seed of all randomness.
    pub seed: u64,
    /// The strategy to start from.
    pub a: String,
    /// The strategy to arrive at.
    pub b: String,
    /// Multiple of the launch volume.
    pub volume: f64,
    /// Months that the differences are taken over.
    pub months: u32,
    /// Every metric that both have.
    pub differences: Vec<Difference>,
    /// How many sets of mechanisms were simulated, the two strategies included.
    pub sets: u32,
    /// Whether every set was; else orders were drawn.
    pub exact: bool,
    /// What each mechanism did.
    pub waterfalls: Vec<Waterfall>,
}

/// A metric of both.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// Its dotted name.
    pub metric: String,
    /// Mean over months in A.
    pub a: f64,
    /// Mean over months in B.
    pub b: f64,
    /// Mean of B − A over the months that both define.
    pub difference: f64,
    /// Its standard error; none from a single pair of months.
    pub se: Option<f64>,
    /// 95% interval of the difference.
    pub interval: Option<[f64; 2]>,
    /// Whether less of it is better; none where neither is.
    pub less_is_better: Option<bool>,
    /// Share of months in which B is better, and in which the two are equal.
    pub better_in: Option<f64>,
    /// Share of months in which the two are equal.
    pub equal_in: f64,
}

/// The way of one metric from A to B.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Waterfall {
    /// Its dotted name.
    pub metric: String,
    /// In A, over the months in which every set defines it.
    pub from: f64,
    /// In B.
    pub to: f64,
    /// What each mechanism changes; they sum to `to` − `from`.
    pub steps: Vec<Step>,
}

/// What one mechanism changes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// The field, or fields, of the strategy.
    pub mechanism: String,
    /// Its Shapley value, in the metric's unit.
    pub change: f64,
    /// Its standard error over months, simulated windows and drawn orders; none from a single pair of months.
    pub se: Option<f64>,
}

/// Compares two strategies. If it is stopped, the result holds the months that were complete; `None` if there were none.
#[must_use]
pub fn compare(model: &Model, plan: &ComparePlan, watch: &dyn Watch) -> Option<Comparison> {
    let (a, b) = (model.strategies.get(plan.a)?, model.strategies.get(plan.b)?);
    let mechanisms = if plan.waterfalls.is_empty() {
        Vec::new()
    } else {
        differing(a, b)
    };
    let orders = Orders::of(
        mechanisms.len(),
        plan.exact_up_to,
        plan.orders,
        plan.study.seed,
    );
    let hybrids = orders
        .sets()
        .iter()
        .map(|set| hybrid(a, b, &mechanisms, *set))
        .collect();
    let all = with_strategies(model, hybrids);
    let first = model.strategies.len();
    let study = Plan {
        strategies: (first..all.strategies.len()).collect(),
        volumes: vec![plan.volume],
        ..plan.study.clone()
    };
    let by_month = estimate(&all, &study, watch)?.by_month;
    let (from, to) = (
        by_month.get(orders.place(0)?)?,
        by_month.get(orders.place(orders.full())?)?,
    );
    let months = from.of("cost.total").map_or(0, <[f64]>::len);
    Some(Comparison {
        schema: SCHEMA.to_owned(),
        scenario: ScenarioName {
            name: model.name.clone(),
            digest: model.digest.clone(),
        },
        catalogue_date: model.catalogue_date.to_string(),
        gonogo_version: env!("CARGO_PKG_VERSION").to_owned(),
        seed: plan.study.seed,
        a: a.name.clone(),
        b: b.name.clone(),
        volume: plan.volume,
        months: u32::try_from(months).unwrap_or(u32::MAX),
        differences: differences(from, to),
        sets: u32::try_from(orders.sets().len()).unwrap_or(u32::MAX),
        exact: orders.is_exact(),
        waterfalls: plan
            .waterfalls
            .iter()
            .filter_map(|metric| waterfall(metric, &by_month, &orders, &mechanisms))
            .collect(),
    })
}

/// A with the mechanisms of B whose bits are set.
fn hybrid(a: &Strategy, b: &Strategy, mechanisms: &[Mechanism], set: u32) -> Strategy {
    let mut mixed = a.clone();
    for (place, mechanism) in mechanisms.iter().enumerate() {
        if set >> place & 1 == 1 {
            mechanism.give(b, &mut mixed);
        }
    }
    mixed
}

fn differences(from: &ByMonth, to: &ByMonth) -> Vec<Difference> {
    from.names()
        .filter_map(|name| {
            let mut found = difference(name, from.of(name)?, to.of(name)?)?;
            // Windows of the fast estimator stray too, though both share them.
            if let (Some(se), Some([low, high])) = (found.se, found.interval)
                && let Some((_, both)) = to.difference(from, name)
                && both > se
            {
                let wider = if se > 0.0 { both / se } else { 1.0 };
                let middle = found.difference;
                found.se = Some(both);
                found.interval = Some([
                    middle - (middle - low) * wider,
                    middle + (high - middle) * wider,
                ]);
            }
            Some(found)
        })
        .collect()
}

/// One metric, paired month by month; `None` if no month defines it in both.
#[must_use]
pub fn difference(metric: &str, a: &[f64], b: &[f64]) -> Option<Difference> {
    let changes: Vec<f64> = b.iter().zip(a).map(|(b, a)| b - a).collect();
    let known = changes.iter().filter(|it| it.is_finite()).count();
    if known == 0 {
        return None;
    }
    let mean = |values: &[f64]| {
        let both = values
            .iter()
            .zip(&changes)
            .filter(|(_, change)| change.is_finite());
        both.map(|(value, _)| value).sum::<f64>() / known as f64
    };
    let share = |holds: &dyn Fn(f64) -> bool| {
        let count = changes
            .iter()
            .filter(|it| it.is_finite() && holds(**it))
            .count();
        count as f64 / known as f64
    };
    let (difference, se, interval) = paired(&changes);
    let direction = better(metric);
    Some(Difference {
        metric: metric.to_owned(),
        a: mean(a),
        b: mean(b),
        difference,
        se,
        interval,
        less_is_better: direction.map(|it| it == Better::Less),
        better_in: direction.map(|it| match it {
            Better::Less => share(&|change| change < 0.0),
            Better::More => share(&|change| change > 0.0),
        }),
        equal_in: share(&|change| change == 0.0),
    })
}

/// Mean over months, its standard error over pairs of months, and its 95% interval.
fn paired(changes: &[f64]) -> (f64, Option<f64>, Option<[f64; 2]>) {
    let known: Vec<f64> = changes
        .iter()
        .copied()
        .filter(|it| it.is_finite())
        .collect();
    let mean = known.iter().sum::<f64>() / known.len() as f64;
    let Some((se, pairs)) = pair_error(changes) else {
        return (mean, None, None);
    };
    let t = StudentsT::new(0.0, 1.0, pairs - 1.0).map_or(f64::NAN, |law| law.inverse_cdf(0.975));
    (mean, Some(se), Some([mean - t * se, mean + t * se]))
}

/// Standard error of the mean over pairs of months, and how many pairs there are; `None` for fewer than two.
fn pair_error(changes: &[f64]) -> Option<(f64, f64)> {
    let means: Vec<f64> = changes
        .chunks_exact(2)
        .map(|pair| pair.iter().sum::<f64>() / 2.0)
        .filter(|mean| mean.is_finite())
        .collect();
    let count = means.len() as f64;
    if count < 2.0 {
        return None;
    }
    let mean = means.iter().sum::<f64>() / count;
    let variance = means
        .iter()
        .map(|it| (it - mean) * (it - mean))
        .sum::<f64>()
        / (count - 1.0);
    Some(((variance / count).sqrt(), count))
}

fn waterfall(
    metric: &str,
    by_month: &[ByMonth],
    orders: &Orders,
    mechanisms: &[Mechanism],
) -> Option<Waterfall> {
    let worths: Vec<&[f64]> = by_month
        .iter()
        .map(|cell| cell.of(metric))
        .collect::<Option<_>>()?;
    let months = worths.iter().map(|it| it.len()).min()?;
    // Months that some set leaves undefined would not sum up.
    let known: Vec<usize> = (0..months)
        .filter(|month| {
            worths
                .iter()
                .all(|it| it.get(*month).is_some_and(|it| it.is_finite()))
        })
        .collect();
    let mean = |set: u32| {
        let worth = worths.get(orders.place(set)?)?;
        let sum: f64 = known.iter().filter_map(|month| worth.get(*month)).sum();
        Some(sum / known.len() as f64)
    };
    if known.is_empty() {
        return None;
    }
    let strays: Vec<Vec<f64>> = by_month.iter().map(|cell| cell.strays(metric)).collect();
    let steps = mechanisms.iter().enumerate().map(|(player, mechanism)| {
        let value = orders.value(player, &worths, &strays, &known, months);
        Step {
            mechanism: mechanism.name.to_owned(),
            change: value.mean,
            se: value.se,
        }
    });
    Some(Waterfall {
        metric: metric.to_owned(),
        from: mean(0)?,
        to: mean(orders.full())?,
        steps: steps.collect(),
    })
}
