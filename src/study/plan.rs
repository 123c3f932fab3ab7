//! What is asked of a study, and how it is watched and stopped.

use std::sync::atomic::AtomicBool;

use crate::model::Model;

use super::cell::Outcome;

/// How the numbers are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Estimator {
    /// Every request of every month is simulated.
    Exact,
    /// Only as many requests as the answer needs (docs/estimators.md).
    #[default]
    Fast,
}

impl Estimator {
    /// The name in the study document.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Fast => "fast",
        }
    }
}

/// How sure an answer must be before a study stops by itself: the largest standard errors that are accepted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Precision {
    /// Of the mean of `cost.total`, relative.
    pub cost: f64,
    /// Of the mean of `latency.p95`, relative.
    pub latency: f64,
    /// Of the mean of `rate.failed`, relative.
    pub failed: f64,
    /// Of the mean of `rate.failed`; it is enough to reach one of the two.
    pub failed_absolute: f64,
    /// Of `budget.over_probability`.
    pub over_budget: f64,
    /// Of the 5% and 95% quantiles of `cost.total` over months, relative.
    pub cost_range: f64,
}

impl Default for Precision {
    fn default() -> Self {
        Self {
            cost: 0.01,
            latency: 0.02,
            failed: 0.05,
            failed_absolute: 0.0002,
            over_budget: 0.01,
            cost_range: 0.02,
        }
    }
}

impl Precision {
    /// The default with all its bounds scaled so that the one on `cost.total` is this.
    #[must_use]
    pub fn of_cost(relative: f64) -> Self {
        let default = Self::default();
        let scale = relative / default.cost;
        Self {
            cost: relative,
            latency: default.latency * scale,
            failed: default.failed * scale,
            failed_absolute: default.failed_absolute * scale,
            over_budget: default.over_budget * scale,
            cost_range: default.cost_range * scale,
        }
    }
}

/// What to simulate. Make one with [`Plan::of`] and change what differs.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Indices of the strategies.
    pub strategies: Vec<usize>,
    /// Multiples of the launch volume.
    pub volumes: Vec<f64>,
    /// Months per cell; with a precision, at most so many.
    pub months: u32,
    /// Seed of all randomness.
    pub seed: u64,
    /// Threads to use, at least 1.
    pub threads: usize,
    /// Seconds for which `share_within` is wanted beside [`super::SHARE_WITHIN`].
    pub seconds: Vec<f64>,
    /// How the numbers are found.
    pub estimator: Estimator,
    /// When to stop before all months are done. It is looked at only after 64 × 2^k pairs of months of every cell. An
    /// exact study which stopped early is the same as one that was asked for so many months.
    pub precision: Option<Precision>,
}

impl Plan {
    /// All that the scenario asks for, on one thread, without stopping early.
    #[must_use]
    pub fn of(model: &Model) -> Self {
        Self {
            strategies: (0..model.strategies.len()).collect(),
            volumes: model.volumes.clone(),
            months: model.months,
            seed: model.seed,
            threads: 1,
            seconds: Vec::new(),
            estimator: Estimator::default(),
            precision: None,
        }
    }

    /// Strategy and volume of each cell, in the order of results.
    pub(super) fn cells(&self) -> Vec<(usize, f64)> {
        self.strategies
            .iter()
            .flat_map(|strategy| self.volumes.iter().map(|volume| (*strategy, *volume)))
            .collect()
    }
}

/// How far a study is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress {
    /// Units of work done over all cells: months, or windows of months.
    pub done: usize,
    /// Units of work that are known to be wanted over all cells.
    pub wanted: usize,
    /// Months that every cell has: what a study that stops now would hold.
    pub complete: usize,
    /// Share of the way to the asked precision (work grows with its inverse square) or number of months, whichever is
    /// nearer; 0 to 1. Time left is what has passed × (1 / share − 1).
    pub share: f64,
}

/// How the caller watches and stops a study. Calls come from the study's threads.
pub trait Watch: Sync {
    /// Called after each unit of work; `false` stops the study, which keeps what is complete for all cells.
    fn goes_on(&self, progress: Progress) -> bool;

    /// A flag that stops work under way when it is set, within milliseconds.
    fn cancelled(&self) -> Option<&AtomicBool> {
        None
    }

    /// Called with what is known so far, ever sharper: the same document that the study would be if it stopped now.
    /// The study waits for the call to return.
    fn sharpened(&self, _outcome: &Outcome) {}

    /// Whether [`Watch::sharpened`] wants to be called; writing a document takes a millisecond or so.
    fn wants_outcomes(&self) -> bool {
        false
    }
}

/// Nobody watches.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unwatched;

impl Watch for Unwatched {
    fn goes_on(&self, _: Progress) -> bool {
        true
    }
}
