//! The fast estimator: months predicted from windows of them. docs/estimators.md says why this is right, and when not.
//!
//! 1. Every month's facts and every month's outlook (days, spikes, incidents) are drawn with the exact estimator's keys:
//!    that costs microseconds, so the spread over months is known from all of them ([`land`]).
//! 2. Time is cut into units, sorted into strata. In each stratum a few units, chosen in proportion to the conversations
//!    expected in them, are simulated at full rate after a warm-up ([`crate::engine::simulate_window`]); all strategies
//!    share the same units and the same luck in them ([`scene`]).
//! 3. Each sum over a window is fitted: a rate per expected conversation in each stratum, the effect of facts, and what
//!    luck that is known to average out ([`luck`]) and overload that is foreseen ([`overload`]) did ([`fit`]).
//! 4. Each month is predicted from its strata, with the chance that windows show ([`predict`]).
//!
//! With a precision, windows are added where they are needed for it ([`allot`]), and months at the end, since they cost
//! little; with a number of months, both follow from that number alone, so that parts of it can run anywhere.
//!
//! What has a longer memory than a warm-up is not estimated so: it is simulated request by request, and says why
//! ([`apt`]).

mod allot;
mod apt;
mod busiest;
mod errors;
mod fit;
mod fits;
mod hours;
mod land;
mod luck;
mod overload;
mod predict;
mod scene;
mod shape;
mod sums;
mod work;

use crate::model::Model;

use super::cell::{Numbers, Outcome};
use super::part::MergeError;
use super::plan::{Estimator, Plan, Watch};
use super::run::run_exact;
use apt::{is_small, why_exact};
use sums::Sums;
use work::Fast;

/// Pairs of months of the first glance, which nobody trusts yet.
const GLANCE_PAIRS: usize = 8;
/// Pairs of months of the second one, with a window in each stratum.
const SECOND_PAIRS: usize = 16;
/// Pairs of months at the first look.
const FIRST_PAIRS: usize = 64;
/// Pairs after which a study stops even if it is not sure enough.
const MOST_PAIRS: usize = MOST_MONTHS as usize / 2;
/// Months that a study has at most unless more are asked for.
pub const MOST_MONTHS: u32 = 8192;
/// Pairs of months that are looked at while windows are still too few.
const PILOT_PAIRS: usize = 256;

/// Runs a study by windows. `None` if nothing was complete before it was stopped.
#[must_use]
pub fn run_fast(model: &Model, plan: &Plan, watch: &dyn Watch) -> Option<Outcome> {
    if let Some(why) = why_exact(model, plan) {
        return exactly(model, plan, watch, why);
    }
    if is_small(model, plan) {
        return run_exact(model, plan, watch);
    }
    let mut study = Fast::new(model, plan, watch);
    let mut latest: Option<Look> = None;
    let mut next = Some(GLANCE_PAIRS.min(most_pairs(plan)));
    while let Some(pairs) = next {
        let Some((numbers, months)) = study.stage(pairs, latest.as_ref()) else {
            break;
        };
        if let Some(why) = study.remembers_too_long() {
            return exactly(model, plan, watch, why);
        }
        study.complete = months;
        next = match plan.precision {
            None => stage_after(pairs, plan),
            Some(precision) => study.go_on(pairs, &numbers, &precision),
        };
        if plan.precision.is_none() {
            study.share = pairs as f64 / most_pairs(plan) as f64;
            study.aim = next.map_or(1.0, |next| next as f64 / most_pairs(plan) as f64);
        }
        if watch.wants_outcomes() {
            watch.sharpened(&study.written(numbers.clone(), months));
        }
        latest = Some((numbers, months));
    }
    latest.map(|(numbers, months)| study.written(numbers, months))
}

/// What the cells' windows have said at a look, and of how many months.
type Look = (Vec<Numbers>, usize);

/// The windows of a study with a fixed number of months, planned and not simulated.
pub struct Windows<'a>(Fast<'a>);

impl<'a> Windows<'a> {
    /// Plans them; `None` if the study is not one for windows.
    pub fn planned(model: &'a Model, plan: &'a Plan, watch: &'a dyn Watch) -> Option<Self> {
        let exact = plan.estimator == Estimator::Exact;
        if exact || why_exact(model, plan).is_some() || is_small(model, plan) {
            return None;
        }
        let mut study = Fast::new(model, plan, watch);
        let mut next = Some(GLANCE_PAIRS.min(most_pairs(plan)));
        while let Some(pairs) = next {
            study.know_facts(pairs);
            study.look_ahead((pairs * 2).min(plan.months as usize))?;
            next = stage_after(pairs, plan);
        }
        Some(Self(study))
    }

    /// Cell and number of each window.
    pub fn tasks(&self) -> Vec<(usize, usize)> {
        self.0.undone()
    }

    /// Simulates a window of a cell; its numbers as bits. `None` if it was stopped.
    pub fn words(&self, cell: usize, window: usize) -> Option<Vec<u64>> {
        self.0.window(cell, window).map(|sums| sums.words())
    }

    /// The study of all windows, given by cell, number, and numbers as bits, ascending by number.
    pub fn merged(mut self, units: &[&(usize, usize, Vec<u64>)]) -> Result<Outcome, MergeError> {
        let wanted = self.0.undone().len();
        for (cell, number, words) in units {
            let sums = Sums::from_words(words).ok_or(MergeError::Damaged)?;
            let known = self.0.sums.get_mut(*cell).ok_or(MergeError::Damaged)?;
            if known.len() != *number {
                return Err(MergeError::Damaged);
            }
            known.push(sums);
        }
        if units.len() != wanted {
            return Err(MergeError::Damaged);
        }
        if let Some(why) = self.0.remembers_too_long() {
            return Err(MergeError::NeedsExact(why));
        }
        let months = self.0.plan.months as usize;
        self.0.outcome(months).ok_or(MergeError::Damaged)
    }
}

/// Simulates every request, and says why.
fn exactly(model: &Model, plan: &Plan, watch: &dyn Watch, why: String) -> Option<Outcome> {
    run_exact(model, plan, watch).map(|mut outcome| {
        outcome.study.warnings.push(why);
        outcome
    })
}

/// Pairs of months that a study has at most.
fn most_pairs(plan: &Plan) -> usize {
    match plan.precision {
        Some(_) => MOST_PAIRS,
        None => plan.months.div_ceil(2) as usize,
    }
}

/// Pairs of months at which a study with a fixed number of them is looked at next.
fn stage_after(pairs: usize, plan: &Plan) -> Option<usize> {
    let most = most_pairs(plan);
    (pairs < most).then(|| next_look(pairs).min(most))
}

/// Pairs of months of the look after one at so many.
fn next_look(pairs: usize) -> usize {
    if pairs < SECOND_PAIRS {
        SECOND_PAIRS
    } else {
        (pairs * 2).max(FIRST_PAIRS)
    }
}

/// A number cut to a whole one; 0 below 0.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "saturates, which is meant"
)]
fn whole(number: f64) -> usize {
    number.max(0.0) as usize
}

/// A number that is kept many times over.
#[expect(
    clippy::cast_possible_truncation,
    reason = "seven digits are enough for what is kept so"
)]
fn single(number: f64) -> f32 {
    number as f32
}
