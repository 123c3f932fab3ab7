//! What an answer costs: `cargo bench --bench estimator`. Figures: docs/performance.md.

use divan::Bencher;
use gonogo::model::{self, Model};
use gonogo::prices::Catalogue;
use gonogo::scenario;
use gonogo::study::{Estimator, Plan, Unwatched, estimate};

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
