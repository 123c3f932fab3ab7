//! Forecast: what the months to come cost, when the budget runs out, and when switching pays.
//!
//! The cost of a month is a smooth function of its volume, so a strategy is simulated at a few volumes between the
//! smallest and the largest that the growth reaches, and a month in between is interpolated (straight in logarithms),
//! once for every period with prices of its own. A path is one possible future: the facts of one simulated pair of months
//! (what is not known stays the same all year, growth among it) and, month by month, the chance of another pair. All
//! strategies see the same paths, so their differences are sharp.

mod cells;
mod paths;
mod switch;

use serde::{Deserialize, Serialize};

use crate::model::{Model, compile};
use crate::prices::Catalogue;
use crate::quantity::Law;
use crate::reading::Problems;
use crate::scenario::Scenario;
use crate::study::{self, Estimator, ScenarioName, Watch};

/// The value of [`Forecast::schema`].
pub const SCHEMA: &str = "gonogo.forecast/1";

/// What to assume, and how hard to look.
#[derive(Debug, Clone, PartialEq)]
pub struct ForecastPlan {
    /// Indices of the strategies; the first is the one that others are compared with.
    pub strategies: Vec<usize>,
    /// Growth of traffic per month; `None`: the scenario's.
    pub growth: Option<Law>,
    /// Months until the launch volume is reached, in equal steps; 0 starts in full.
    pub ramp: u32,
    /// Share by which token prices fall in a year, beside what is announced.
    pub prices_fall: f64,
    /// US dollars at the start, for every strategy, beside its models' `one_off`.
    pub one_off: f64,
    /// US dollars for all months; `None`: the scenario's budget at 1x, month by month.
    pub budget: Option<f64>,
    /// Simulated months at every volume.
    pub months: u32,
    /// Possible futures.
    pub paths: u32,
    /// Seed of all randomness.
    pub seed: u64,
    /// Threads.
    pub threads: usize,
    /// How the numbers are found.
    pub estimator: Estimator,
}

impl ForecastPlan {
    /// The scenario's growth, from full volume at once, at today's and the announced prices.
    #[must_use]
    pub fn of(model: &Model) -> Self {
        Self {
            strategies: (0..model.strategies.len()).collect(),
            growth: None,
            ramp: 0,
            prices_fall: 0.0,
            one_off: 0.0,
            budget: None,
            months: 100,
            paths: 4000,
            seed: model.seed,
            threads: 1,
            estimator: Estimator::default(),
        }
    }
}

/// The calendar months to come, each with the scenario compiled to the prices of its days.
#[derive(Debug, Clone)]
pub struct Months {
    /// One model for each month.
    pub models: Vec<Model>,
    /// Its first day, and its length in days.
    pub days: Vec<(jiff::civil::Date, f64)>,
}

impl Months {
    /// So many calendar months from the scenario's start.
    ///
    /// # Errors
    /// Those of [`compile`].
    pub fn compile(
        scenario: &Scenario,
        catalogue: &Catalogue,
        months: u32,
    ) -> Result<Self, Problems> {
        let first = compile(scenario, catalogue)?;
        let starts = first.calendar.starts;
        let day = |month: u32| {
            let span = jiff::Span::new().try_months(i64::from(month));
            span.and_then(|span| starts.checked_add(span))
                .unwrap_or(jiff::civil::Date::MAX)
        };
        let mut all = Self {
            models: Vec::new(),
            days: Vec::new(),
        };
        for month in 0..months.max(1) {
            let (from, to) = (day(month), day(month + 1));
            let length = from.until(to).map_or(30, |span| span.get_days());
            let mut dated = scenario.clone();
            dated.study.starts = Some(from);
            all.models.push(if month == 0 {
                first.clone()
            } else {
                compile(&dated, catalogue)?
            });
            all.days.push((from, f64::from(length)));
        }
        Ok(all)
    }
}

/// The months to come.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Forecast {
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
    /// `exact` or `fast`.
    pub estimator: String,
    /// Simulated months at every volume.
    pub simulated_months: u32,
    /// Possible futures.
    pub paths: u32,
    /// The months.
    pub months: Vec<Coming>,
    /// US dollars for all of them, where a budget is known.
    pub budget: Option<f64>,
    /// One for each strategy.
    pub strategies: Vec<StrategyForecast>,
    /// From the first strategy to each of the others.
    pub switches: Vec<Switch>,
    /// What was assumed, in words.
    pub assumed: Vec<String>,
    /// It was stopped early: fewer months were simulated than asked for.
    #[serde(default)]
    pub stopped: bool,
}

/// One month to come.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Coming {
    /// Its first day, `2026-12-07`.
    pub starts: String,
    /// Its length.
    pub days: f64,
    /// Its volume as a multiple of today's: 10%, 50% and 90% quantile.
    pub volume: (f64, f64, f64),
    /// Prices change with this month, or inside it.
    pub new_prices: bool,
    /// The planning budget of the month in US dollars, where there is one.
    pub budget: Option<f64>,
}

/// One strategy over the months.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StrategyForecast {
    /// Its name.
    pub strategy: String,
    /// US dollars at the start, mean.
    pub one_off: f64,
    /// One for each month.
    pub months: Vec<Spend>,
    /// US dollars over all months and the start.
    pub total: Spread,
    /// Chance that the budget does not last, and its standard error; none without a budget.
    pub runs_out: Option<(f64, f64)>,
    /// The month (1 is the first) in which it runs out in half of the paths in which it does.
    pub runs_out_in: Option<u32>,
}

/// One month of one strategy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Spend {
    /// US dollars of the month.
    pub month: Spread,
    /// US dollars up to its end, the start included.
    pub cumulative: Spread,
    /// Chance that the budget for all months runs out in this one.
    pub runs_out: f64,
}

/// An amount over paths.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// Mean.
    pub mean: f64,
    /// Standard error of it.
    #[serde(with = "study::nan_as_null")]
    pub se: f64,
    /// 10% quantile.
    pub p10: f64,
    /// Median.
    pub p50: f64,
    /// 80% quantile.
    pub p80: f64,
    /// 95% quantile.
    pub p95: f64,
    /// Standard error of it.
    #[serde(with = "study::nan_as_null")]
    pub p95_se: f64,
}

/// From one strategy to another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Switch {
    /// Where it starts.
    pub from: String,
    /// Where it ends.
    pub to: String,
    /// US dollars at the start that the second costs more.
    pub upfront: f64,
    /// US dollars that the switch has saved after all months; negative: it has cost.
    pub saves: Spread,
    /// Chance that it has paid for itself by the end, and its standard error.
    pub pays: (f64, f64),
    /// The month by whose end it has paid for itself in 10%, 50% and 90% of all paths; none where it takes longer than
    /// all months.
    pub month: (Option<u32>, Option<u32>, Option<u32>),
    /// Multiple of today's volume from which the second is cheaper by the month at the first month's prices; none where
    /// it is everywhere, or nowhere.
    pub cheaper_from: Option<f64>,
}

/// Looks ahead. `None` if it was stopped.
#[must_use]
pub fn forecast(months: &Months, plan: &ForecastPlan, watch: &dyn Watch) -> Option<Forecast> {
    paths::run(months, plan, watch)
}
