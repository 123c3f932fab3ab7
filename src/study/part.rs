//! A study in parts that run anywhere, and their merging.
//!
//! Months are independent and numbered, and so are the windows of the fast estimator, whose choice does not depend on
//! what they show. A part is every n-th of them; merged, the parts are what one process would have had, in the same order,
//! so the document is the same to the byte. Numbers are kept as the bits they are.

use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use crate::model::Model;

use super::cell::{CellTotals, Measured, Outcome, outcome};
use super::fast::Windows;
use super::parallel::in_order;
use super::plan::{Estimator, Plan, Progress, Watch};
use super::run::{month, thresholds};

/// The value of [`Part::schema`].
const SCHEMA: &str = "gonogo.part/1";

/// One part of a study, as it is kept in a file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Part {
    /// `gonogo.part/1`.
    pub schema: String,
    /// The gonogo that simulated.
    pub gonogo_version: String,
    /// `sha256` of the resolved scenario.
    pub scenario: String,
    /// `sha256` of the price catalogue.
    pub catalogue: String,
    /// What was asked for, parts aside.
    pub asked: Asked,
    /// Which part it is, from 1.
    pub part: usize,
    /// How many there are.
    pub of: usize,
    /// Names of the metrics of each cell; empty for windows.
    names: Vec<Vec<String>>,
    /// Units of work, in order: cell, number, numbers as bits.
    units: Vec<(usize, usize, Vec<u64>)>,
}

/// What all parts of a study have in common.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Asked {
    /// `exact` or `fast`.
    pub estimator: String,
    /// Seed.
    pub seed: u64,
    /// Months.
    pub months: u32,
    /// Names of the strategies.
    pub strategies: Vec<String>,
    /// Volumes.
    pub volumes: Vec<f64>,
    /// Seconds of `share_within`.
    pub seconds: Vec<f64>,
}

/// Why parts cannot be merged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MergeError {
    /// Nothing was given.
    #[error("there are no parts")]
    Nothing,
    /// It is of another scenario, version, seed, or of another question.
    #[error("part {part} is of another study: its {what} differs")]
    Another {
        /// Which part.
        part: usize,
        /// What differs.
        what: &'static str,
    },
    /// A part is missing or there twice.
    #[error("part {part} of {of} is {how}")]
    Count {
        /// Which part.
        part: usize,
        /// How many there should be.
        of: usize,
        /// `missing` or `there twice`.
        how: &'static str,
    },
    /// A file holds something else than it says.
    #[error("a part is damaged: run it again")]
    Damaged,
    /// Windows show that they do not do.
    #[error("{0} Run the parts with --exact")]
    NeedsExact(String),
}

fn asked(model: &Model, plan: &Plan, estimator: Estimator) -> Asked {
    Asked {
        estimator: estimator.name().to_owned(),
        seed: plan.seed,
        months: plan.months,
        strategies: plan
            .strategies
            .iter()
            .filter_map(|index| model.strategies.get(*index))
            .map(|strategy| strategy.name.clone())
            .collect(),
        volumes: plan.volumes.clone(),
        seconds: thresholds(plan),
    }
}

/// Simulates part `part` (from 1) of `of` of a plan with a fixed number of months. `None` if it was stopped.
#[must_use]
pub fn run_part(
    model: &Model,
    plan: &Plan,
    part: usize,
    of: usize,
    watch: &dyn Watch,
) -> Option<Part> {
    let windows = Windows::planned(model, plan, watch);
    let estimator = if windows.is_some() {
        Estimator::Fast
    } else {
        Estimator::Exact
    };
    let cells = plan.cells();
    let mine = |unit: usize| unit % of + 1 == part;
    let tasks: Vec<(usize, usize)> = match &windows {
        Some(windows) => windows.tasks(),
        None => (0..plan.months as usize)
            .flat_map(|number| (0..cells.len()).map(move |cell| (cell, number)))
            .collect(),
    };
    // Months of a pair, and all cells of a window, stay together.
    let tasks: Vec<(usize, usize)> = tasks
        .into_iter()
        .filter(|(_, number)| {
            mine(if windows.is_some() {
                *number
            } else {
                number / 2
            })
        })
        .collect();
    let seconds = thresholds(plan);
    let names: Mutex<Vec<Vec<String>>> = Mutex::new(vec![Vec::new(); cells.len()]);
    let work = |cell: usize, number: usize| {
        if let Some(windows) = &windows {
            return windows.words(cell, number);
        }
        let (index, volume) = *cells.get(cell)?;
        let number = u32::try_from(number).ok()?;
        let month = month(model, index, volume, plan.seed, number, watch.cancelled())?;
        let measured = Measured::new(model, model.strategies.get(index)?, &month, &seconds);
        let mut names = names.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(names) = names.get_mut(cell).filter(|names| names.is_empty()) {
            *names = measured.names();
        }
        Some(measured.words())
    };
    let units = in_order(tasks.len(), plan.threads, |place| {
        let (cell, number) = *tasks.get(place)?;
        let words = work(cell, number)?;
        let progress = Progress {
            done: place + 1,
            wanted: tasks.len(),
            complete: 0,
            share: (place + 1) as f64 / tasks.len() as f64,
        };
        watch.goes_on(progress).then_some(words)
    })?;
    Some(Part {
        schema: SCHEMA.to_owned(),
        gonogo_version: env!("CARGO_PKG_VERSION").to_owned(),
        scenario: model.digest.clone(),
        catalogue: model.catalogue_digest.clone(),
        asked: asked(model, plan, estimator),
        part,
        of,
        names: names.into_inner().unwrap_or_else(PoisonError::into_inner),
        units: tasks
            .iter()
            .zip(units)
            .map(|((cell, number), words)| (*cell, *number, words))
            .collect(),
    })
}

/// Puts parts together, in whatever order they come, to what one process gives.
///
/// # Errors
/// When a part is of another study, missing, there twice, or damaged.
pub fn merge(
    model: &Model,
    plan: &Plan,
    parts: &[Part],
    watch: &dyn Watch,
) -> Result<Outcome, MergeError> {
    let first = parts.first().ok_or(MergeError::Nothing)?;
    let windows = Windows::planned(model, plan, watch);
    let estimator = if windows.is_some() {
        Estimator::Fast
    } else {
        Estimator::Exact
    };
    for part in parts {
        let another = |what| {
            Err(MergeError::Another {
                part: part.part,
                what,
            })
        };
        if part.schema != SCHEMA {
            return another("schema");
        }
        if part.gonogo_version != env!("CARGO_PKG_VERSION") {
            return another("version of gonogo");
        }
        if part.scenario != model.digest {
            return another("scenario");
        }
        if part.catalogue != model.catalogue_digest {
            return another("price catalogue");
        }
        if part.asked.seed != plan.seed {
            return another("seed");
        }
        if part.asked != asked(model, plan, estimator) {
            return another("question (estimator, months, strategies, volumes)");
        }
        if part.of != first.of {
            return another("number of parts");
        }
    }
    for number in 1..=first.of {
        let how = match parts.iter().filter(|part| part.part == number).count() {
            0 => "missing",
            1 => continue,
            _ => "there twice",
        };
        return Err(MergeError::Count {
            part: number,
            of: first.of,
            how,
        });
    }
    let mut units: Vec<&(usize, usize, Vec<u64>)> =
        parts.iter().flat_map(|part| &part.units).collect();
    units.sort_unstable_by_key(|(cell, number, _)| (*number, *cell));
    if let Some(windows) = windows {
        return windows.merged(&units);
    }
    let cells = plan.cells();
    if units.len() != cells.len() * plan.months as usize {
        return Err(MergeError::Damaged);
    }
    let mut totals: Vec<CellTotals> = cells.iter().map(|_| CellTotals::default()).collect();
    for (cell, _, words) in units {
        let names = parts
            .iter()
            .filter_map(|part| part.names.get(*cell))
            .find(|names| !names.is_empty())
            .ok_or(MergeError::Damaged)?;
        let measured = Measured::from_words(names, words).ok_or(MergeError::Damaged)?;
        totals
            .get_mut(*cell)
            .ok_or(MergeError::Damaged)?
            .add(measured);
    }
    let pairs = plan.months.div_ceil(2) as usize;
    Ok(outcome(model, plan, &cells, &totals, pairs))
}

/// Reads numbers that were written as bits.
pub(super) struct Words<'a>(pub std::slice::Iter<'a, u64>);

impl Words<'_> {
    /// The next whole number.
    pub fn whole(&mut self) -> Option<u64> {
        self.0.next().copied()
    }

    /// The next number.
    pub fn number(&mut self) -> Option<f64> {
        self.whole().map(f64::from_bits)
    }

    /// A list of numbers, its length first.
    pub fn list(&mut self) -> Option<Vec<f64>> {
        let length = self.whole()?;
        (0..length).map(|_| self.number()).collect()
    }

    /// Occupied bins, their number first.
    pub fn bins(&mut self) -> Option<Vec<(u32, u64)>> {
        let length = self.whole()?;
        (0..length)
            .map(|_| Some((u32::try_from(self.whole()?).ok()?, self.whole()?)))
            .collect()
    }
}

/// Writes a list of numbers.
pub(super) fn write_list(words: &mut Vec<u64>, list: &[f64]) {
    words.push(list.len() as u64);
    words.extend(list.iter().map(|number| number.to_bits()));
}

/// Writes occupied bins.
pub(super) fn write_bins<N: Copy + Into<u64>>(words: &mut Vec<u64>, bins: &[(u32, N)]) {
    words.push(bins.len() as u64);
    for (index, count) in bins {
        words.extend([u64::from(*index), (*count).into()]);
    }
}
