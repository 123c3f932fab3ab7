//! Optimize: the cheapest setting that holds the promises, or the fastest within the budget.
//!
//! A setting is a strategy to start from and one level of every knob that it has. A few spread over the space are looked
//! at for four months; from the best, settings that differ in one knob are looked at, until that leads nowhere. What is
//! best is judged twice, strictly (every promise held in the months seen) and by what may be (no promise clearly broken),
//! because a setting that breaks a promise in one of four months may well hold it in 95% of them.
//!
//! Then the cheapest of those that may hold get more months, always twice as many, until they are clearly out or have all
//! (optimism in the face of uncertainty: Lai and Robbins 1985; racing: Maron and Moore 1994). Whose promise is on the edge
//! gets up to four times the plan's months. The champion is the cheapest with all its months that holds; only what may
//! still be cheaper goes on. Settings around every champion, one and two knobs away, are looked at too.
//!
//! All settings see the same months and windows, so their differences are known long before their levels are. Where the
//! best are as good as equal, the one with most slack is chosen.

mod answer;
mod race;
mod requirement;
mod search;
mod seen;
mod space;

use serde::{Deserialize, Serialize};

use crate::model::Model;
use crate::prices::Catalogue;
use crate::scenario::Scenario;
use crate::study::{self, Estimator, ScenarioName, Watch};

pub use space::{Setting, Space};

/// The value of [`Optimized::schema`].
pub const SCHEMA: &str = "gonogo.optimize/1";

/// What is best.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Goal {
    /// The lowest mean `cost.total` among settings that hold every promise.
    Cheapest,
    /// The lowest mean `latency.p95` among settings that stay within the budget and hold the promises on failures and
    /// wrong answers.
    Fastest,
}

/// What to look for, and how hard.
#[derive(Debug, Clone, PartialEq)]
pub struct OptimizePlan {
    /// What is best.
    pub goal: Goal,
    /// Multiple of today's volume.
    pub volume: f64,
    /// US dollars a month for [`Goal::Fastest`]; `None`: the scenario's at this volume.
    pub budget: Option<f64>,
    /// Share of months that must hold.
    pub confidence: f64,
    /// Months behind the finalists; four times as many at most where a promise is on the edge.
    pub months: u32,
    /// Months simulated at most, as a share of those that trying every setting for [`Self::months`] would take.
    pub most: f64,
    /// Seed of all randomness.
    pub seed: u64,
    /// Threads.
    pub threads: usize,
    /// How the numbers are found.
    pub estimator: Estimator,
}

impl OptimizePlan {
    /// The cheapest at ten times today's volume.
    #[must_use]
    pub fn of(model: &Model) -> Self {
        Self {
            goal: Goal::Cheapest,
            volume: 10.0,
            budget: None,
            confidence: model.slo_confidence,
            months: 64,
            most: 0.08,
            seed: model.seed,
            threads: 1,
            estimator: Estimator::default(),
        }
    }
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Optimized {
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
    /// What is best.
    pub goal: Goal,
    /// Multiple of today's volume.
    pub volume: f64,
    /// Share of months that must hold.
    pub confidence: f64,
    /// How many settings there are.
    pub settings: u64,
    /// How many were looked at.
    pub looked_at: u64,
    /// Months simulated over all of them.
    pub months_simulated: u64,
    /// Months that simulating every setting as long as the finalists would have taken.
    pub months_of_enumeration: u64,
    /// The best setting that holds; none if no setting does that was looked at.
    pub best: Option<Choice>,
    /// The second best in the last race.
    pub runner_up: Option<Choice>,
    /// Probability that the best is really better than the runner-up, by the months and the windows simulated.
    pub better: Option<f64>,
    /// The strategies as the scenario has them.
    pub as_written: Vec<Choice>,
    /// The setting that comes nearest, where none holds.
    pub nearest: Option<Choice>,
    /// It was stopped early.
    pub stopped: bool,
}

/// A setting and what it gives.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Choice {
    /// The strategy.
    pub strategy: String,
    /// What every knob is set to.
    pub turned: Vec<Turned>,
    /// Months behind the numbers.
    pub months: u32,
    /// US dollars a month, mean and standard error over months and simulated windows.
    pub cost: (f64, f64),
    /// Mean 95% quantile of the latency in seconds, and its standard error.
    pub latency_p95: (f64, f64),
    /// Mean share of failed requests, and its standard error.
    pub failed: (f64, f64),
    /// Mean share of requests that got a canned answer: they fail no promise, and help nobody.
    #[serde(default, with = "study::nan_as_null")]
    pub canned: f64,
    /// Whether each requirement is held.
    pub holds: Vec<Held>,
    /// The commonest reason for failures, with the share of requests.
    pub failing: Option<(String, f64)>,
}

/// One knob.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turned {
    /// Its path.
    pub path: String,
    /// As the scenario has it, as TOML.
    pub was: String,
    /// What to set it to, as TOML.
    pub value: String,
}

/// A requirement of a setting.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Held {
    /// The promise as the scenario names it, or `budget`.
    pub requirement: String,
    /// Its limit.
    pub limit: f64,
    /// The metric held against it.
    pub metric: String,
    /// The value that the asked share of months stays within.
    #[serde(with = "study::nan_as_null")]
    pub value: f64,
    /// Share of months that hold.
    pub share: f64,
    /// 95% interval of it (Wilson 1927).
    pub bounds: (f64, f64),
}

impl Choice {
    /// Whether every requirement is held in the asked share of months.
    #[must_use]
    pub fn holds(&self, confidence: f64) -> bool {
        self.holds.iter().all(|it| it.share >= confidence - 1e-9)
    }

    /// What has to be changed in the scenario, as TOML; comments where there is nothing to change.
    #[must_use]
    pub fn patch(&self) -> String {
        space::patch(self)
    }

    /// The scenario's text with this setting; everything else, comments too, stays as it is.
    #[must_use]
    pub fn applied(&self, scenario: &Scenario) -> String {
        let turned: Vec<(&str, &str)> = self
            .turned
            .iter()
            .map(|it| (it.path.as_str(), it.value.as_str()))
            .collect();
        space::applied(scenario, &turned)
    }
}

/// Searches the space. `None` if it was stopped before any setting was known, or the space is empty.
#[must_use]
pub fn optimize(
    scenario: &Scenario,
    catalogue: &Catalogue,
    space: &Space,
    plan: &OptimizePlan,
    watch: &dyn Watch,
) -> Option<Optimized> {
    search::run(scenario, catalogue, space, plan, watch)
}

/// Simulates these settings for the plan's months, and says what each gives; `None` in the list is a setting that the
/// scenario cannot have. `None` if it was stopped.
#[must_use]
pub fn look_at(
    scenario: &Scenario,
    catalogue: &Catalogue,
    space: &Space,
    plan: &OptimizePlan,
    settings: &[Setting],
    watch: &dyn Watch,
) -> Option<Vec<Option<Choice>>> {
    search::look_at(scenario, catalogue, space, plan, settings, watch)
}
