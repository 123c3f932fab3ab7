//! From logs to scenarios: reading logs, fitting, and predicting what was not fitted on.

mod actuals;
mod incidents;
mod public;
mod reading;
mod server;
mod steps;
mod traffic;

use std::path::PathBuf;

use gonogo::{model, prices::Catalogue, reading::Source, scenario::Scenario, study};

/// The public logs, where they lie beside the checkout.
fn public_logs() -> Option<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    if folder.join("vllm_loadsweep.csv.gz").exists() {
        return Some(folder);
    }
    println!("skipped: the public logs are not beside the checkout");
    None
}

/// A fitted scenario at 1x, so many months request by request. Where the log told no price, a dollar per million tokens makes
/// the cost lines count tokens.
fn simulated(toml: &str, months: u32) -> study::Cell {
    let toml = toml
        .replace(
            "price = { input = 0, output = 0 }",
            "price = { input = 1, output = 1 }",
        )
        .replace("volumes = [1, 10]", "volumes = [1]");
    let scenario = Scenario::parse(Source::new("fitted.toml", toml), None).expect("it validates");
    let model = model::compile(&scenario, Catalogue::embedded()).expect("a model");
    let mut plan = study::Plan::of(&model);
    plan.months = months;
    plan.estimator = study::Estimator::Exact;
    let outcome = study::estimate(&model, &plan, &study::Unwatched).expect("a study");
    outcome.study.cells.into_iter().next().expect("a cell")
}
