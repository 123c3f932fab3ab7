//! Sensitivity: which facts move a metric, and which are worth measuring before deciding.
//!
//! Everything is simulated once as it is, and twice for each fact: pinned at its 5% and at its 95% quantile, the rest as
//! it was, month by month with the same facts and luck. That is the tornado. Between the two ends the mean of a month is
//! taken as a parabola of the fact (straight beyond), the third condition being that it averages to the run in which the
//! fact varied; its variance over the fact's law is the first-order variance (Sobol 1993). What the parabolas do not
//! explain is split into chance, seen inside pairs of months that share their facts, and the rest: facts acting
//! together, and those left out. Errors are those of a jackknife over pairs of months.
//!
//! The value of measuring a fact: if it were known, the choice of strategy could follow it. The conditional cost of each
//! strategy is its parabola; the choice is the cheapest that holds the promises.

mod choice;
mod curve;
mod run;

use serde::{Deserialize, Serialize};

use crate::model::Model;
use crate::study::{self, Estimator, ScenarioName, Watch};

/// The value of [`Sensitivity::schema`].
pub const SCHEMA: &str = "gonogo.sensitivity/1";

/// What to look at, and how hard.
#[derive(Debug, Clone, PartialEq)]
pub struct SensitivityPlan {
    /// Indices of the strategies that the choice is between.
    pub strategies: Vec<usize>,
    /// The strategy whose metrics are asked; `None`: the cheapest that holds the promises.
    pub chosen: Option<usize>,
    /// Multiple of today's volume.
    pub volume: f64,
    /// Dotted names of the metrics.
    pub metrics: Vec<String>,
    /// Months of every run.
    pub months: u32,
    /// Seed of all randomness.
    pub seed: u64,
    /// Threads.
    pub threads: usize,
    /// How the numbers are found.
    pub estimator: Estimator,
    /// Facts that are looked at in full; if there are more, those that move the chosen strategy least are left out.
    pub most: usize,
    /// Whether to ask which facts are worth measuring; else only the chosen strategy is simulated.
    pub choice: bool,
}

impl SensitivityPlan {
    /// `cost.total` and `latency.p95` at ten times today's volume.
    #[must_use]
    pub fn of(model: &Model) -> Self {
        Self {
            strategies: (0..model.strategies.len()).collect(),
            chosen: None,
            volume: 10.0,
            metrics: vec!["cost.total".to_owned(), "latency.p95".to_owned()],
            months: 40,
            seed: model.seed,
            threads: 1,
            estimator: Estimator::default(),
            most: 12,
            choice: true,
        }
    }
}

/// Which facts move what.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sensitivity {
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
    /// Months of every run.
    pub months: u32,
    /// Multiple of today's volume.
    pub volume: f64,
    /// The strategy whose metrics are explained.
    pub chosen: String,
    /// Whether it holds every promise in enough months; if not, no strategy does, unless it was asked for by name.
    pub chosen_holds: bool,
    /// One for each metric.
    pub moved: Vec<Moved>,
    /// One for each fact, the most valuable first; empty with a single strategy.
    pub measuring: Vec<Measuring>,
    /// Facts that were left out because they moved the chosen strategy least, with the largest relative change of a metric
    /// from their 5% to their 95% end, as a glance at two months has it.
    pub left_out: Vec<(String, f64)>,
    /// How many facts are uncertain.
    pub facts: usize,
    /// It was stopped: facts are missing.
    pub stopped: bool,
}

/// What moves one metric of the chosen strategy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Moved {
    /// Dotted name.
    pub metric: String,
    /// Mean over months.
    pub mean: f64,
    /// Its standard error.
    #[serde(with = "study::nan_as_null")]
    pub se: f64,
    /// Standard deviation of a month.
    #[serde(with = "study::nan_as_null")]
    pub sd: f64,
    /// Share of the variance that is chance: it would be there if every fact were known.
    pub chance: f64,
    /// Share of the variance that comes from facts acting together, and from facts left out.
    pub rest: f64,
    /// Facts, strongest first.
    pub inputs: Vec<Input>,
}

/// How one fact moves a metric.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Input {
    /// Dotted path of the fact.
    pub path: String,
    /// Its 5% and 95% quantiles.
    pub ends: (f64, f64),
    /// The metric's mean with the fact at these.
    pub at: (f64, f64),
    /// Standard error of the difference of the two.
    #[serde(with = "study::nan_as_null")]
    pub swing_se: f64,
    /// First-order share of the variance.
    pub share: f64,
    /// Its standard error.
    #[serde(with = "study::nan_as_null")]
    pub share_se: f64,
    /// Spearman's rank correlation with the metric over pairs of months.
    #[serde(with = "study::nan_as_null")]
    pub rank: f64,
    /// Its standard error.
    #[serde(with = "study::nan_as_null")]
    pub rank_se: f64,
}

/// What it would be worth to know a fact before choosing a strategy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Measuring {
    /// Dotted path of the fact.
    pub path: String,
    /// Chance that the choice of strategy would change.
    pub changes: f64,
    /// Its standard error.
    #[serde(with = "study::nan_as_null")]
    pub changes_se: f64,
    /// US dollars a month that choosing with it known saves on average.
    pub saves_usd: f64,
    /// Its standard error.
    #[serde(with = "study::nan_as_null")]
    pub saves_se: f64,
    /// Chance that the present choice would be seen to break a promise that another strategy holds.
    pub keeps: f64,
    /// What would be chosen instead, with its chance.
    pub instead: Vec<(String, f64)>,
}

impl Sensitivity {
    /// The form in which a study keeps it, for the rules of checklists and the report.
    #[must_use]
    pub fn for_study(&self) -> Vec<study::Sensitivity> {
        self.moved
            .iter()
            .map(|moved| study::Sensitivity {
                strategy: self.chosen.clone(),
                metric: moved.metric.clone(),
                inputs: moved
                    .inputs
                    .iter()
                    .map(|input| study::Influence {
                        path: input.path.clone(),
                        share: input.share,
                    })
                    .collect(),
            })
            .collect()
    }
}

/// Looks for what moves the metrics. `None` if it was stopped before anything was known.
#[must_use]
pub fn sensitivity(
    model: &Model,
    plan: &SensitivityPlan,
    watch: &dyn Watch,
) -> Option<Sensitivity> {
    run::run(model, plan, watch)
}
