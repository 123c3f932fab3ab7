//! What an answer costs: `cargo bench --bench estimator`. Figures: docs/performance.md.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use divan::Bencher;
use gonogo::model::{self, Model};
use gonogo::prices::Catalogue;
use gonogo::scenario;
use gonogo::study::{
    Estimator, MOST_MONTHS, Outcome, Plan, Precision, Progress, Unwatched, Watch, estimate,
};

fn main() {
    divan::main();
}

fn chatbot() -> Model {
    let scenario = scenario::DEFAULT.scenario().expect("the embedded example");
    model::compile(&scenario, Catalogue::embedded()).expect("known models")
}

fn plan(model: &Model, estimator: Estimator, months: u32) -> Plan {
    Plan {
        estimator,
        months,
        threads: 2,
        ..Plan::of(model)
    }
}

/// All strategies of the example at 1x and 10x: the glance, the first look, and a settled answer.
#[divan::bench(args = [16, 128, 512], sample_count = 3, sample_size = 1)]
fn fast(bencher: Bencher, months: u32) {
    let model = chatbot();
    let plan = plan(&model, Estimator::Fast, months);
    bencher.bench(|| estimate(&model, &plan, &Unwatched));
}

/// One pair of months of the baseline at 1x, request by request.
#[divan::bench(sample_count = 3, sample_size = 1)]
fn exact(bencher: Bencher) {
    let model = chatbot();
    let mut plan = plan(&model, Estimator::Exact, 2);
    plan.strategies = vec![0];
    plan.volumes = vec![1.0];
    bencher.bench(|| estimate(&model, &plan, &Unwatched));
}

/// The example's study as the command line asks for it: as many windows and months as the default precision takes.
fn precise(model: &Model) -> Plan {
    Plan {
        precision: Some(Precision::default()),
        ..plan(model, Estimator::Fast, MOST_MONTHS)
    }
}

/// All strategies of the example at 1x and 10x to the default precision.
#[divan::bench(sample_count = 3, sample_size = 1)]
fn default_precision(bencher: Bencher) {
    let model = chatbot();
    let plan = precise(&model);
    bencher.bench(|| estimate(&model, &plan, &Unwatched));
}

/// Stops a study when it is told to, or at its first numbers.
struct Stop {
    now: AtomicBool,
    at_first: bool,
}

impl Stop {
    fn new(at_first: bool) -> Self {
        let now = AtomicBool::new(false);
        Self { now, at_first }
    }
}

impl Watch for Stop {
    fn goes_on(&self, _: Progress) -> bool {
        !self.now.load(Ordering::Relaxed)
    }

    fn cancelled(&self) -> Option<&AtomicBool> {
        Some(&self.now)
    }

    fn sharpened(&self, _: &Outcome) {
        self.now.store(true, Ordering::Relaxed);
    }

    fn wants_outcomes(&self) -> bool {
        self.at_first
    }
}

/// From the start to the first numbers of all strategies at 1x and 10x.
#[divan::bench(sample_count = 20, sample_size = 1)]
fn first_numbers(bencher: Bencher) {
    let model = chatbot();
    let plan = precise(&model);
    bencher
        .with_inputs(|| Stop::new(true))
        .bench_values(|stop| estimate(&model, &plan, &stop));
}

/// From the wish to stop to the end of the study.
#[divan::bench(sample_count = 40, sample_size = 1)]
fn cancelled(bencher: Bencher) {
    let model = Arc::new(chatbot());
    let mut wait_ms = 50;
    bencher
        .with_inputs(|| {
            let (stop, model) = (Arc::new(Stop::new(false)), Arc::clone(&model));
            let study = {
                let stop = Arc::clone(&stop);
                thread::spawn(move || estimate(&model, &precise(&model), &*stop).is_some())
            };
            wait_ms += 40;
            thread::sleep(Duration::from_millis(wait_ms));
            (stop, study)
        })
        .bench_local_values(|(stop, study)| {
            stop.now.store(true, Ordering::Relaxed);
            study.join().expect("no panic")
        });
}
