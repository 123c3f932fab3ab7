//! Several studies watched as one piece of work, and the arithmetic that analyses share.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::model::Model;
use crate::study::{Outcome, Plan, Progress, Watch, estimate};

/// A watch over several studies: their shares add up, and the first `false` stops all that follow.
pub(super) struct Steps<'a> {
    watch: &'a dyn Watch,
    done: AtomicUsize,
    expected: AtomicUsize,
    answered: AtomicBool,
    /// What the study under way has by now is an answer.
    in_part: AtomicBool,
    stopped: AtomicBool,
}

impl<'a> Steps<'a> {
    pub(super) fn new(watch: &'a dyn Watch, expected: usize) -> Self {
        Self {
            watch,
            done: AtomicUsize::new(0),
            expected: AtomicUsize::new(expected.max(1)),
            answered: AtomicBool::new(false),
            in_part: AtomicBool::new(false),
            stopped: AtomicBool::new(false),
        }
    }

    /// Corrects how many studies are expected in all.
    pub(super) fn expect(&self, studies: usize) {
        self.expected.store(studies.max(1), Ordering::Relaxed);
    }

    /// So many further studies are expected.
    pub(super) fn expect_more(&self, studies: usize) {
        let least = self.done.load(Ordering::Relaxed) + studies;
        self.expected.fetch_max(least, Ordering::Relaxed);
    }

    /// From now on there is an answer, so that a time limit may stop the work.
    pub(super) fn answered(&self) {
        self.answered.store(true, Ordering::Relaxed);
    }

    /// Whether the work was stopped.
    pub(super) fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
            || self
                .watch
                .cancelled()
                .is_some_and(|flag| flag.load(Ordering::Relaxed))
    }

    /// Runs one of the studies; `None` if it was stopped before it was whole.
    pub(super) fn study(&self, model: &Model, plan: &Plan) -> Option<Outcome> {
        self.so_far(model, plan, false)
            .filter(|_| !self.is_stopped())
    }

    /// Runs one of the studies; if it is stopped, what is complete by then. Whether that is an answer decides whether a
    /// time limit may stop it.
    pub(super) fn so_far(&self, model: &Model, plan: &Plan, answers: bool) -> Option<Outcome> {
        if self.is_stopped() {
            return None;
        }
        self.in_part.store(answers, Ordering::Relaxed);
        let outcome = estimate(model, plan, self)?;
        self.done.fetch_add(1, Ordering::Relaxed);
        Some(outcome)
    }
}

impl Watch for Steps<'_> {
    fn goes_on(&self, progress: Progress) -> bool {
        let done = self.done.load(Ordering::Relaxed);
        let expected = self.expected.load(Ordering::Relaxed).max(done + 1);
        let goes_on = self.watch.goes_on(Progress {
            done,
            wanted: expected,
            complete: usize::from(
                self.answered.load(Ordering::Relaxed)
                    || self.in_part.load(Ordering::Relaxed) && progress.complete > 0,
            ),
            share: ((done as f64 + progress.share) / expected as f64).min(1.0),
        });
        if !goes_on {
            self.stopped.store(true, Ordering::Relaxed);
        }
        goes_on
    }

    fn cancelled(&self) -> Option<&AtomicBool> {
        self.watch.cancelled()
    }
}

/// Mean and its standard error over independent values; the error of fewer than two is NaN.
pub(super) fn mean_se(values: &[f64]) -> (f64, f64) {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    if values.len() < 2 {
        return (mean, f64::NAN);
    }
    let squares: f64 = values
        .iter()
        .map(|value| (value - mean) * (value - mean))
        .sum();
    (mean, (squares / (count - 1.0) / count).sqrt())
}

/// `P(Z <= z)` of a standard normal variable.
pub(super) fn normal_cdf(z: f64) -> f64 {
    0.5 * libm::erfc(-z / std::f64::consts::SQRT_2)
}
