//! Possible futures, and their quantiles.

use crate::analysis::steps::{Steps, mean_se};
use crate::engine::philox::{Item, Purpose, Stream, uniform};
use crate::model::facts::path_key;
use crate::model::{Model, Num};
use crate::study::{ScenarioName, Watch, facts_of, quantile};

use super::cells::{Cells, simulate};
use super::switch::switches;
use super::{Coming, Forecast, ForecastPlan, Months, SCHEMA, Spend, Spread, StrategyForecast};

/// One strategy on every path.
pub(super) struct Futures {
    /// US dollars at the start, by path.
    pub(super) upfront: Vec<f64>,
    /// By month, then by path: US dollars of the month.
    pub(super) spent: Vec<Vec<f64>>,
    /// By month, then by path: US dollars up to its end.
    pub(super) cumulative: Vec<Vec<f64>>,
    /// By month, US dollars that the windows of the fast estimator add to the error of its mean: of the month, and of its
    /// difference from the first strategy's.
    pub(super) windows: Vec<(f64, f64)>,
}

/// Who a path is.
struct Path {
    pair: usize,
    growth: f64,
}

pub(super) fn run(months: &Months, plan: &ForecastPlan, watch: &dyn Watch) -> Option<Forecast> {
    let first = months.models.first()?;
    let wanted = plan.months.div_ceil(2) as usize;
    let volumes_of = |paths: &[Path]| -> Vec<Vec<f64>> {
        let volumes = |month| {
            let volume = |path: &Path| volume(plan, path.growth, month);
            paths.iter().map(volume).collect()
        };
        (0..months.models.len()).map(volumes).collect()
    };
    let ranges: Vec<(f64, f64)> = volumes_of(&paths(first, plan, wanted))
        .iter()
        .map(|list| {
            list.iter()
                .fold((f64::INFINITY, 0.0_f64), |(low, high), it| {
                    (low.min(*it), high.max(*it))
                })
        })
        .collect();
    let steps = Steps::new(watch, 1);
    let cells = simulate(months, plan, &ranges, &steps)?;
    // Fewer than wanted if it was stopped.
    let pairs = cells.pairs().min(wanted);
    let paths = paths(first, plan, pairs);
    let volumes = volumes_of(&paths);
    let futures: Vec<Futures> = (0..plan.strategies.len())
        .filter_map(|place| future((months, plan), &cells, place, pairs, &paths, &volumes))
        .collect();
    let monthly = monthly_budgets(months);
    let budget = plan
        .budget
        .or_else(|| monthly.iter().copied().sum::<Option<f64>>());
    let name = |place: usize| {
        let index = plan.strategies.get(place).copied().unwrap_or(0);
        first
            .strategies
            .get(index)
            .map_or_else(String::new, |it| it.name.clone())
    };
    let strategies = futures
        .iter()
        .enumerate()
        .map(|(place, future)| written(name(place), future, budget, pairs))
        .collect();
    Some(Forecast {
        schema: SCHEMA.to_owned(),
        scenario: ScenarioName {
            name: first.name.clone(),
            digest: first.digest.clone(),
        },
        catalogue_date: first.catalogue_date.to_string(),
        gonogo_version: env!("CARGO_PKG_VERSION").to_owned(),
        seed: plan.seed,
        estimator: cells.estimator.clone(),
        simulated_months: if pairs < wanted {
            u32::try_from(pairs * 2).unwrap_or(plan.months)
        } else {
            plan.months
        },
        stopped: pairs < wanted,
        paths: plan.paths,
        months: coming(months, &cells, &volumes, &monthly),
        budget,
        strategies,
        switches: switches(&futures, &cells, &name, pairs),
        assumed: assumed(first, plan),
    })
}

fn paths(model: &Model, plan: &ForecastPlan, pairs: usize) -> Vec<Path> {
    let pairs = pairs as u64;
    (0..u64::from(plan.paths.max(1)))
        .map(|path| {
            let pair = path % pairs.max(1);
            let growth = match &plan.growth {
                // Evenly over the law, dealt to the pairs in a scattered order.
                Some(law) => {
                    let [bits, ..] = Stream::new(plan.seed, path).block(
                        path_key("forecast.growth"),
                        Item::new(Purpose::Fact, 0, 0, 0),
                    );
                    law.quantile(uniform(bits))
                }
                None => facts_of(model, plan.seed, pair).get(model.workload.growth_per_month),
            };
            Path {
                pair: usize::try_from(pair).unwrap_or(0),
                growth: growth.max(-0.99),
            }
        })
        .collect()
}

/// Multiple of today's volume in a month: growth from the first, times the share of the ramp.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    reason = "months are few"
)]
fn volume(plan: &ForecastPlan, growth: f64, month: usize) -> f64 {
    let grown = (1.0 + growth).powi(month as i32);
    let ramp = (month as f64 + 1.0) / (f64::from(plan.ramp) + 1.0);
    grown * ramp.min(1.0)
}

fn future(
    (months, plan): (&Months, &ForecastPlan),
    cells: &Cells,
    place: usize,
    pairs: usize,
    paths: &[Path],
    volumes: &[Vec<f64>],
) -> Option<Futures> {
    let first = months.models.first()?;
    let strategy = first.strategies.get(*plan.strategies.get(place)?)?;
    let upfront: Vec<f64> = paths
        .iter()
        .map(|path| {
            let facts = facts_of(first, plan.seed, path.pair as u64);
            let models: f64 = strategy
                .uses
                .iter()
                .filter_map(|id| first.models.get(*id))
                .map(|server| facts.get(server.one_off))
                .sum();
            plan.one_off + models
        })
        .collect();
    let (mut spent, mut windows) = (Vec::new(), Vec::new());
    let mut cumulative: Vec<Vec<f64>> = Vec::new();
    for (month, (_, days)) in months.days.iter().enumerate() {
        let curve = cells.curves.get(*cells.periods.get(month)?)?.get(place)?;
        let simulated = months.models.get(month)?.calendar.length_s / 86_400.0;
        let fallen = libm::pow(1.0 - plan.prices_fall, month as f64 / 12.0);
        let here: Vec<f64> = paths
            .iter()
            .zip(volumes.get(month)?)
            .enumerate()
            .map(|(number, (path, volume))| {
                let (tokens, rest) = curve.bill(path.pair, *volume);
                let (other, sign) = luck(plan.seed, number, month, pairs);
                // Half the difference of two months strays by half a month's variance: √2 makes it a month's.
                let chance = 1.0 + sign * std::f64::consts::SQRT_2 * curve.chance(other, *volume);
                (tokens * fallen + rest) * chance * days / simulated
            })
            .collect();
        let (usual, _) = mean_se(volumes.get(month)?);
        let (own, apart) = curve.windows(usual);
        let (mean, _) = mean_se(&here);
        windows.push((mean * own, mean * apart));
        let before = cumulative.last().unwrap_or(&upfront);
        cumulative.push(
            before
                .iter()
                .zip(&here)
                .map(|(before, here)| before + here)
                .collect(),
        );
        spent.push(here);
    }
    Some(Futures {
        upfront,
        spent,
        cumulative,
        windows,
    })
}

impl Spread {
    /// With what windows add to the errors, in US dollars.
    pub(super) fn with(mut self, windows: f64) -> Self {
        self.se = self.se.hypot(windows);
        if self.mean > 0.0 {
            self.p95_se = self.p95_se.hypot(windows * self.p95 / self.mean);
        }
        self
    }
}

/// Whose chance a path has in a month, and to which side: the same for every strategy.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "an index below the number of pairs"
)]
fn luck(seed: u64, path: usize, month: usize, pairs: usize) -> (usize, f64) {
    let item = Item::new(Purpose::Fact, 1, 0, 0);
    let [bits, side, ..] =
        Stream::new(seed, path as u64).block(path_key("forecast.chance") ^ month as u64, item);
    let other = (uniform(bits) * pairs as f64) as usize;
    (other, if uniform(side) < 0.5 { -1.0 } else { 1.0 })
}

/// The scenario's budget at 1x for each month's days.
fn monthly_budgets(months: &Months) -> Vec<Option<f64>> {
    months
        .models
        .iter()
        .zip(&months.days)
        .map(|(model, (_, days))| {
            let (_, usd) = model.budget.iter().find(|(volume, _)| *volume == 1.0)?;
            let usd = match usd {
                Num::Exact(usd) => *usd,
                Num::Fact(id) => model.facts.get(id.0 as usize)?.law.quantile(0.5),
            };
            Some(usd * days / 30.0)
        })
        .collect()
}

fn coming(
    months: &Months,
    cells: &Cells,
    volumes: &[Vec<f64>],
    budgets: &[Option<f64>],
) -> Vec<Coming> {
    let mut before = None;
    months
        .days
        .iter()
        .zip(&cells.periods)
        .zip(volumes.iter().zip(budgets))
        .map(|(((starts, days), period), (volumes, budget))| {
            let new_prices = before.is_some_and(|before| before != period);
            before = Some(period);
            let sorted = sorted(volumes);
            Coming {
                starts: starts.to_string(),
                days: *days,
                volume: (
                    quantile(&sorted, 0.1),
                    quantile(&sorted, 0.5),
                    quantile(&sorted, 0.9),
                ),
                new_prices,
                budget: *budget,
            }
        })
        .collect()
}

pub(super) fn sorted(values: &[f64]) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted
}

/// Quantiles over paths. Paths repeat the facts of the simulated pairs, so errors are those of so many independent
/// values: of the mean over pairs' means, of a quantile half the distance one binomial deviation to both sides.
pub(super) fn spread(values: &[f64], pairs: usize) -> Spread {
    let pairs = pairs.clamp(1, values.len().max(1));
    let of_pairs: Vec<f64> = (0..pairs)
        .map(|pair| {
            let own: Vec<f64> = values.iter().skip(pair).step_by(pairs).copied().collect();
            mean_se(&own).0
        })
        .collect();
    let sorted = sorted(values);
    let at = |p: f64| quantile(&sorted, p);
    let width = (0.95 * 0.05 / pairs as f64).sqrt();
    Spread {
        mean: mean_se(values).0,
        se: mean_se(&of_pairs).1,
        p10: at(0.1),
        p50: at(0.5),
        p80: at(0.8),
        p95: at(0.95),
        p95_se: (at((0.95 + width).min(1.0)) - at(0.95 - width)) * 0.5,
    }
}

/// A share of paths with its standard error over pairs.
pub(super) fn chance(hits: &[bool], pairs: usize) -> (f64, f64) {
    let values: Vec<f64> = hits.iter().map(|hit| f64::from(u8::from(*hit))).collect();
    let spread = spread(&values, pairs);
    (spread.mean, spread.se)
}

fn written(
    strategy: String,
    future: &Futures,
    budget: Option<f64>,
    pairs: usize,
) -> StrategyForecast {
    let paths = future.upfront.len();
    // By path, the first month whose end is over the budget.
    let out: Vec<Option<usize>> = (0..paths)
        .map(|path| {
            let over = |month: &Vec<f64>| {
                month
                    .get(path)
                    .zip(budget)
                    .is_some_and(|(usd, budget)| *usd > budget)
            };
            future.cumulative.iter().position(over)
        })
        .collect();
    // The same windows stand behind every month of a period, so their errors add up.
    let mut windows = 0.0;
    let months = future
        .spent
        .iter()
        .zip(&future.cumulative)
        .zip(&future.windows)
        .enumerate()
        .map(|(month, ((spent, cumulative), (own, _)))| {
            windows += own;
            Spend {
                month: spread(spent, pairs).with(*own),
                cumulative: spread(cumulative, pairs).with(windows),
                runs_out: out.iter().filter(|it| **it == Some(month)).count() as f64 / paths as f64,
            }
        })
        .collect();
    let hits: Vec<bool> = out.iter().map(Option::is_some).collect();
    let mut when: Vec<usize> = out.iter().flatten().copied().collect();
    when.sort_unstable();
    let last = future.cumulative.last().unwrap_or(&future.upfront);
    StrategyForecast {
        strategy,
        one_off: mean_se(&future.upfront).0,
        months,
        total: spread(last, pairs).with(windows),
        runs_out: budget.map(|_| chance(&hits, pairs)),
        runs_out_in: when
            .get(when.len() / 2)
            .and_then(|month| u32::try_from(month + 1).ok()),
    }
}

fn assumed(model: &Model, plan: &ForecastPlan) -> Vec<String> {
    let mut list = Vec::new();
    let growth = match (&plan.growth, model.workload.growth_per_month) {
        (Some(law), _) => law.clone(),
        (None, Num::Exact(growth)) => crate::quantity::Law::constant(growth),
        (None, Num::Fact(id)) => model.facts.get(id.0 as usize).map_or_else(
            || crate::quantity::Law::constant(0.0),
            |fact| fact.law.clone(),
        ),
    };
    let percent = |share: f64| format!("{:.1}%", share * 100.0);
    list.push(match growth.as_constant() {
        Some(0.0) => "traffic does not grow; `growth_per_month` in the scenario, or --growth, says otherwise".to_owned(),
        Some(known) => format!("traffic grows by {} a month, as if that were known; a range such as \"0.02 to 0.08\" would say how sure it is", percent(known)),
        None => format!("traffic grows by {} to {} a month (90%), the same rate all along a path", percent(growth.quantile(0.05)), percent(growth.quantile(0.95))),
    });
    if plan.ramp > 0 {
        list.push(format!(
            "launch in {} equal steps, full volume in month {}",
            plan.ramp + 1,
            plan.ramp + 1
        ));
    }
    if plan.prices_fall > 0.0 {
        list.push(format!("token prices fall by {} a year beside what is announced: an assumption, not a promise of any provider", percent(plan.prices_fall)));
    }
    if plan.one_off > 0.0 {
        list.push(format!(
            "{:.0} US dollars at the start for every strategy",
            plan.one_off
        ));
    }
    list
}
