//! Many months: pairs of months dealt to threads, results put together in month order.
//!
//! A month depends only on the scenario, the seed and its number, so any thread may run any month; what is summed is
//! summed in month order, so the document is the same bytes for any number of threads.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};

use crate::engine::philox::{Item, Purpose, Stream, uniform};
use crate::engine::{Histogram, Month, Setting, simulate};
use crate::model::{Facts, Model};

use super::cell::{CellTotals, Measured, Outcome};
use super::measure::SHARE_WITHIN;

/// What to simulate.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Indices of the strategies.
    pub strategies: Vec<usize>,
    /// Multiples of the launch volume.
    pub volumes: Vec<f64>,
    /// Months per cell.
    pub months: u32,
    /// Seed of all randomness.
    pub seed: u64,
    /// Threads to use, at least 1.
    pub threads: usize,
    /// Seconds for which `share_within` is wanted beside [`SHARE_WITHIN`].
    pub seconds: Vec<f64>,
}

impl Plan {
    /// All that the scenario asks for, on one thread.
    #[must_use]
    pub fn of(model: &Model) -> Self {
        Self {
            strategies: (0..model.strategies.len()).collect(),
            volumes: model.volumes.clone(),
            months: model.months,
            seed: model.seed,
            threads: 1,
            seconds: Vec::new(),
        }
    }

    fn cells(&self) -> Vec<(usize, f64)> {
        self.strategies
            .iter()
            .flat_map(|strategy| self.volumes.iter().map(|volume| (*strategy, *volume)))
            .collect()
    }
}

/// How far a study is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress {
    /// Months done over all cells.
    pub done: usize,
    /// Months wanted over all cells.
    pub wanted: usize,
    /// Months that every cell has: what a study that stops now would hold.
    pub complete: usize,
}

/// How the caller watches and stops a study.
pub trait Watch: Sync {
    /// Called after each month; `false` stops the study, which keeps what is complete for all cells.
    fn goes_on(&self, progress: Progress) -> bool;

    /// A flag that stops months under way when it is set.
    fn cancelled(&self) -> Option<&AtomicBool> {
        None
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

/// The facts of a pair of months.
#[must_use]
pub fn facts_of(model: &Model, seed: u64, pair: u64) -> Facts {
    let stream = Stream::new(seed, pair);
    let numbers = model
        .facts
        .iter()
        .map(|fact| {
            let [bits, ..] = stream.block(fact.key, Item::new(Purpose::Fact, 0, 0, 0));
            fact.law.quantile(uniform(bits))
        })
        .collect();
    Facts::new(numbers)
}

/// Simulates one month of one strategy at one volume. Months 2i and 2i + 1 share their facts.
#[must_use]
pub fn month(
    model: &Model,
    strategy: usize,
    volume: f64,
    seed: u64,
    number: u32,
    cancel: Option<&AtomicBool>,
) -> Option<Month> {
    let facts = facts_of(model, seed, u64::from(number / 2));
    simulate(
        Setting {
            model,
            strategy: model.strategies.get(strategy)?,
            volume,
            facts: &facts,
            // Pairs key the facts and months everything else: the offset keeps the two apart.
            stream: Stream::new(seed, (1 << 40) + u64::from(number)),
            window: None,
            scripted: false,
        },
        cancel,
    )
}

/// What the threads share.
struct Shared {
    next: AtomicUsize,
    stopped: AtomicBool,
    folded: Mutex<Folded>,
    turn: Condvar,
}

struct Folded {
    /// Results that came before their turn.
    early: BTreeMap<usize, Vec<Measured>>,
    next: usize,
    done: usize,
    cells: Vec<CellTotals>,
}

/// Runs a study. `None` if nothing was complete before it was stopped.
///
/// This is the one door to numbers: commands, analyses, the report and the terminal app all come through it.
#[must_use]
pub fn estimate(model: &Model, plan: &Plan, watch: &dyn Watch) -> Option<Outcome> {
    run_exact(model, plan, watch)
}

/// Runs a study request by request. `None` if nothing was complete before it was stopped.
#[must_use]
pub fn run_exact(model: &Model, plan: &Plan, watch: &dyn Watch) -> Option<Outcome> {
    let cells = plan.cells();
    let mut seconds: Vec<f64> = SHARE_WITHIN.iter().chain(&plan.seconds).copied().collect();
    seconds.sort_unstable_by(f64::total_cmp);
    seconds.dedup();
    // One task is one pair of months of one cell; the last pair of an odd number has one month.
    let pairs = plan.months.div_ceil(2) as usize;
    let tasks = pairs * cells.len();
    let wanted = plan.months as usize * cells.len();
    let shared = Shared {
        next: AtomicUsize::new(0),
        stopped: AtomicBool::new(false),
        folded: Mutex::new(Folded {
            early: BTreeMap::new(),
            next: 0,
            done: 0,
            cells: cells.iter().map(|_| CellTotals::default()).collect(),
        }),
        turn: Condvar::new(),
    };
    std::thread::scope(|scope| {
        for _ in 0..plan.threads.max(1) {
            scope.spawn(|| {
                loop {
                    let task = shared.next.fetch_add(1, Ordering::Relaxed);
                    if task >= tasks || shared.stopped.load(Ordering::Relaxed) {
                        break;
                    }
                    let Some(&(strategy, volume)) = cells.get(task % cells.len()) else {
                        break;
                    };
                    let first = u32::try_from(task / cells.len() * 2).unwrap_or(u32::MAX);
                    let numbers = first..(first + 2).min(plan.months);
                    let months: Option<Vec<Measured>> = numbers
                        .map(|number| {
                            let month = month(
                                model,
                                strategy,
                                volume,
                                plan.seed,
                                number,
                                watch.cancelled(),
                            )?;
                            let strategy = model.strategies.get(strategy)?;
                            Some(Measured::new(model, strategy, &month, &seconds))
                        })
                        .collect();
                    let Some(months) = months else {
                        shared.stopped.store(true, Ordering::Relaxed);
                        break;
                    };
                    shared.fold(task, months, cells.len(), plan.threads, |done, pairs| {
                        watch.goes_on(Progress {
                            done,
                            wanted,
                            complete: (pairs * 2).min(plan.months as usize),
                        })
                    });
                }
                shared.turn.notify_all();
            });
        }
    });
    let folded = shared
        .folded
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    // Only pairs that every cell has count, so that cells stay comparable.
    let complete = folded.next / cells.len();
    (complete > 0).then(|| super::cell::outcome(model, plan, &cells, folded.cells, complete))
}

impl Shared {
    /// Takes a task's months in their turn, so that sums run in month order.
    fn fold(
        &self,
        task: usize,
        months: Vec<Measured>,
        cells: usize,
        threads: usize,
        goes_on: impl FnOnce(usize, usize) -> bool,
    ) {
        let mut folded = self.folded.lock().unwrap_or_else(PoisonError::into_inner);
        // A thread that is far ahead waits, so that what is kept for later stays small.
        while task > folded.next + 4 * threads && !self.stopped.load(Ordering::Relaxed) {
            folded = self
                .turn
                .wait(folded)
                .unwrap_or_else(PoisonError::into_inner);
        }
        folded.done += months.len();
        let done = folded.done;
        folded.early.insert(task, months);
        let Folded {
            early,
            next,
            cells: totals,
            ..
        } = &mut *folded;
        while let Some(months) = early.remove(next) {
            if let Some(cell) = totals.get_mut(*next % cells) {
                for month in months {
                    cell.add(month);
                }
            }
            *next += 1;
        }
        let complete = *next / cells;
        drop(folded);
        self.turn.notify_all();
        if !goes_on(done, complete) {
            self.stopped.store(true, Ordering::Relaxed);
        }
    }
}

/// Latencies of all months together.
pub(super) fn pooled(into: &mut Option<Histogram>, month: &Histogram) {
    match into {
        Some(all) => all.merge(month),
        None => *into = Some(month.clone()),
    }
}
