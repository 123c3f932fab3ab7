//! Scenarios written in a few lines, and drills and comparisons on them.

use gonogo::analysis::drill::{DrillPlan, drill, scripts};
use gonogo::model::{self, Model};
use gonogo::prices::Catalogue;
use gonogo::reading::Source;
use gonogo::scenario::Scenario;
use gonogo::study::{DrillResult, Unwatched};

/// A scenario of flat one-turn traffic (a week from a Monday) and what follows.
pub fn scenario(per_day: f64, class: &str, rest: &str) -> Scenario {
    let class = if class.contains("[[workload.class]]") {
        class.to_owned()
    } else {
        format!("[[workload.class]]\nname = \"only\"\nuser_tokens = 10\n{class}")
    };
    let text = format!(
        "schema = 1\nname = \"decisions\"\n[study]\nvolumes = [1]\ndays = 7\nstarts = 2026-12-07\nseed = 7\n\
         [workload]\nconversations_per_day = {per_day}\nhourly = \"flat\"\n{class}\n{rest}\n"
    );
    Scenario::parse(Source::new("decisions.toml", text.clone()), None)
        .unwrap_or_else(|problems| panic!("{problems}\n{text}"))
}

pub fn compiled(scenario: &Scenario) -> Model {
    model::compile(scenario, Catalogue::embedded()).unwrap_or_else(|problems| panic!("{problems}"))
}

/// A drill of a scenario by name, so many runs of every strategy.
pub fn rehearsed(scenario: &Scenario, name: &str, runs: u32) -> Vec<DrillResult> {
    let model = compiled(scenario);
    let plan = plan(scenario, &model, name, runs);
    drill(&model, &plan, &Unwatched).expect("it was not stopped")
}

pub fn plan(scenario: &Scenario, model: &Model, name: &str, runs: u32) -> DrillPlan {
    let scripts: Vec<_> = scripts(scenario)
        .into_iter()
        .filter(|it| it.name == name)
        .collect();
    assert_eq!(scripts.len(), 1, "there is no drill {name}");
    DrillPlan {
        runs,
        threads: 2,
        ..DrillPlan::of(model, scripts)
    }
}

pub fn mean(result: &DrillResult, metric: &str) -> f64 {
    result
        .cell
        .metrics
        .get(metric)
        .unwrap_or_else(|| panic!("no {metric}"))
        .mean
}

/// A metric's mean is as expected, within an absolute tolerance that the caller derives.
#[track_caller]
pub fn near(result: &DrillResult, metric: &str, expected: f64, tolerance: f64) {
    let found = mean(result, metric);
    assert!(
        (found - expected).abs() <= tolerance,
        "{metric} of {} is {found}, expected {expected} ± {tolerance}",
        result.cell.strategy
    );
}

/// A model of a provider of its own that answers after a second and costs a dollar per million tokens.
pub fn cloud(name: &str, extra: &str) -> String {
    format!(
        "[models.{name}]\nprovider = \"{name}-cloud\"\nprice = {{ input = 1, output = 1 }}\nfirst_token_s = 1\ntoken_ms = 0\n{extra}\n"
    )
}
