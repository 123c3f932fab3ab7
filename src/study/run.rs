//! The exact estimator: pairs of months dealt to threads, results put together in month order.
//!
//! A month depends only on the scenario, the seed and its number, so any thread may run any month; what is summed is
//! summed in month order, so the document is the same bytes for any number of threads.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};

use crate::engine::philox::{Item, Purpose, Stream, uniform};
use crate::engine::{Histogram, Month, Setting, simulate};
use crate::model::{Facts, Model};

use super::cell::{CellTotals, Measured, Outcome, outcome};
use super::measure::SHARE_WITHIN;
use super::plan::{Estimator, Plan, Progress, Watch};
use super::stopping::{is_stage, way_left};

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

/// The random numbers of a month, but for its facts.
pub(super) fn month_stream(seed: u64, number: u32) -> Stream {
    // Pairs key the facts and months everything else: the offset keeps the two apart.
    Stream::new(seed, (1 << 40) + u64::from(number))
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
            stream: month_stream(seed, number),
            window: None,
            scripted: false,
        },
        cancel,
    )
}

/// What the threads share.
struct Shared<'a> {
    model: &'a Model,
    plan: &'a Plan,
    watch: &'a dyn Watch,
    cells: &'a [(usize, f64)],
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
    /// Share of the way when the precision was last looked at, and the pairs at that time.
    looked: (f64, usize),
    cells: Vec<CellTotals>,
    /// Nothing more is folded.
    closed: bool,
}

/// Runs a study. `None` if nothing was complete before it was stopped.
///
/// This is the one door to numbers: commands, analyses, the report and the terminal app all come through it.
#[must_use]
pub fn estimate(model: &Model, plan: &Plan, watch: &dyn Watch) -> Option<Outcome> {
    match plan.estimator {
        Estimator::Exact => run_exact(model, plan, watch),
        Estimator::Fast => super::fast::run_fast(model, plan, watch),
    }
}

/// Seconds for which `share_within` is measured.
pub(super) fn thresholds(plan: &Plan) -> Vec<f64> {
    let mut seconds: Vec<f64> = SHARE_WITHIN.iter().chain(&plan.seconds).copied().collect();
    seconds.sort_unstable_by(f64::total_cmp);
    seconds.dedup();
    seconds
}

/// Runs a study request by request. `None` if nothing was complete before it was stopped.
#[must_use]
pub fn run_exact(model: &Model, plan: &Plan, watch: &dyn Watch) -> Option<Outcome> {
    let cells = plan.cells();
    let seconds = thresholds(plan);
    // One task is one pair of months of one cell; the last pair of an odd number has one month.
    let pairs = plan.months.div_ceil(2) as usize;
    let tasks = pairs * cells.len();
    let shared = Shared {
        model,
        plan,
        watch,
        cells: &cells,
        next: AtomicUsize::new(0),
        stopped: AtomicBool::new(false),
        folded: Mutex::new(Folded {
            early: BTreeMap::new(),
            next: 0,
            done: 0,
            looked: (0.0, 0),
            cells: cells.iter().map(|_| CellTotals::default()).collect(),
            closed: false,
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
                    let Some(months) = shared.months_of(task, &seconds) else {
                        shared.stopped.store(true, Ordering::Relaxed);
                        break;
                    };
                    shared.fold(task, months);
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
    let complete = folded.next / cells.len().max(1);
    (complete > 0).then(|| outcome(model, plan, &cells, &folded.cells, complete))
}

impl Shared<'_> {
    /// Simulates the months of a task; `None` if it was cancelled.
    fn months_of(&self, task: usize, seconds: &[f64]) -> Option<Vec<Measured>> {
        let &(index, volume) = self.cells.get(task % self.cells.len())?;
        let strategy = self.model.strategies.get(index)?;
        let first = u32::try_from(task / self.cells.len() * 2).unwrap_or(u32::MAX);
        (first..(first + 2).min(self.plan.months))
            .map(|number| {
                let (seed, cancel) = (self.plan.seed, self.watch.cancelled());
                let month = month(self.model, index, volume, seed, number, cancel)?;
                Some(Measured::new(self.model, strategy, &month, seconds))
            })
            .collect()
    }

    /// Takes a task's months in their turn, so that sums run in month order.
    fn fold(&self, task: usize, months: Vec<Measured>) {
        let cells = self.cells.len();
        let mut folded = self.folded.lock().unwrap_or_else(PoisonError::into_inner);
        // A thread that is far ahead waits, so that what is kept for later stays small.
        while task > folded.next + 4 * self.plan.threads && !self.stopped.load(Ordering::Relaxed) {
            folded = self
                .turn
                .wait(folded)
                .unwrap_or_else(PoisonError::into_inner);
        }
        folded.done += months.len();
        folded.early.insert(task, months);
        while let Some(months) = folded.next_in_turn() {
            let cell = folded.next % cells;
            if let Some(cell) = folded.cells.get_mut(cell) {
                for month in months {
                    cell.add(month);
                }
            }
            folded.next += 1;
            if folded.next.is_multiple_of(cells) {
                self.pair_complete(&mut folded);
            }
        }
        let progress = self.progress(&folded);
        drop(folded);
        self.turn.notify_all();
        if !self.watch.goes_on(progress) {
            self.stopped.store(true, Ordering::Relaxed);
        }
    }

    /// Every cell has one more pair of months: time to show them, or to stop.
    fn pair_complete(&self, folded: &mut Folded) {
        let pairs = folded.next / self.cells.len();
        let all = pairs * 2 >= self.plan.months as usize;
        let shows = pairs.is_power_of_two() && !all && self.watch.wants_outcomes();
        let looks = is_stage(pairs) && self.plan.precision.is_some();
        if !shows && !looks {
            return;
        }
        let now = outcome(self.model, self.plan, self.cells, &folded.cells, pairs);
        if let (true, Some(precision)) = (looks, &self.plan.precision) {
            let share = 1.0 / way_left(&now, precision).max(1.0);
            folded.looked = (share, pairs);
            if share >= 1.0 {
                folded.closed = true;
                self.stopped.store(true, Ordering::Relaxed);
            }
        }
        if shows {
            self.watch.sharpened(&now);
        }
    }

    fn progress(&self, folded: &Folded) -> Progress {
        let wanted = self.plan.months as usize * self.cells.len();
        let by_months = folded.done as f64 / wanted as f64;
        // The way grows with the number of pairs, from where it was looked at last.
        let (share, pairs) = folded.looked;
        let now = folded.next as f64 / self.cells.len() as f64;
        let by_precision = if pairs == 0 {
            0.0
        } else {
            (share * now / pairs as f64).min(1.0)
        };
        Progress {
            done: folded.done,
            wanted,
            complete: (folded.next / self.cells.len() * 2).min(self.plan.months as usize),
            share: by_months.max(by_precision),
        }
    }
}

impl Folded {
    fn next_in_turn(&mut self) -> Option<Vec<Measured>> {
        if self.closed {
            return None;
        }
        self.early.remove(&self.next)
    }
}

/// Latencies of all months together.
pub(super) fn pooled(into: &mut Option<Histogram>, month: &Histogram) {
    match into {
        Some(all) => all.merge(month),
        None => *into = Some(month.clone()),
    }
}
