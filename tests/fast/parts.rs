//! Parts of a study, put together, are the study.

use gonogo::model::{self, Model};
use gonogo::prices::Catalogue;
use gonogo::reading::Source;
use gonogo::scenario::Scenario;
use gonogo::study::{Estimator, MergeError, Part, Plan, Unwatched, estimate, merge, run_part};

fn compile(text: &str) -> Model {
    let scenario = Scenario::parse(Source::new("scenario.toml", text), None).expect("valid");
    model::compile(&scenario, Catalogue::embedded()).expect("known models")
}

fn every_mechanism() -> Model {
    compile(include_str!("../data/every-mechanism.toml"))
}

/// Many enough conversations for windows to be worth it.
fn busy() -> (Model, Plan) {
    let model = compile(
        &include_str!("../../scenarios/support-chatbot.toml")
            .replace("\"8_000 to 12_000\"", "\"1_800 to 2_200\"")
            .replace("days = 30\n", "days = 7\n"),
    );
    let plan = Plan {
        strategies: vec![0, 1],
        volumes: vec![1.0],
        months: 24,
        ..Plan::of(&model)
    };
    (model, plan)
}

/// As another process would read it.
fn through_a_file(part: &Part) -> Part {
    let text = serde_json::to_string(part).expect("JSON");
    serde_json::from_str(&text).expect("a part")
}

fn parts(model: &Model, plan: &Plan, of: usize) -> Vec<Part> {
    (1..=of)
        .map(|part| through_a_file(&run_part(model, plan, part, of, &Unwatched).expect("a part")))
        .collect()
}

fn document(outcome: &gonogo::study::Outcome) -> String {
    serde_json::to_string(&outcome.study).expect("JSON")
}

#[test]
fn exact_parts_merge_to_the_bytes_of_one_process() {
    let model = every_mechanism();
    let plan = Plan {
        estimator: Estimator::Exact,
        months: 5,
        ..Plan::of(&model)
    };
    let whole = estimate(&model, &plan, &Unwatched).expect("a study");
    let mut parts = parts(&model, &plan, 4);
    parts.reverse();
    let merged = merge(&model, &plan, &parts, &Unwatched).expect("all parts");
    assert_eq!(document(&merged), document(&whole));
    assert_eq!(merged.by_month.len(), whole.by_month.len());
}

#[test]
fn fast_parts_merge_to_the_bytes_of_one_process_whatever_the_threads() {
    let (model, plan) = busy();
    let whole = estimate(&model, &plan, &Unwatched).expect("a study");
    assert_eq!(whole.study.estimator, "fast");
    let merged = merge(&model, &plan, &parts(&model, &plan, 3), &Unwatched).expect("all parts");
    assert_eq!(document(&merged), document(&whole));
    let threaded = Plan { threads: 3, ..plan };
    let again = estimate(&model, &threaded, &Unwatched).expect("a study");
    assert_eq!(document(&again), document(&whole));
}

#[test]
fn parts_that_are_missing_doubled_or_of_another_study_are_refused() {
    let model = every_mechanism();
    let plan = Plan {
        estimator: Estimator::Exact,
        months: 4,
        strategies: vec![0],
        ..Plan::of(&model)
    };
    let all = parts(&model, &plan, 2);
    let refused = |plan: &Plan, parts: &[Part]| {
        merge(&model, plan, parts, &Unwatched).expect_err("not a whole study")
    };
    assert_eq!(refused(&plan, &[]), MergeError::Nothing);
    let count = |part, how| MergeError::Count { part, of: 2, how };
    assert_eq!(refused(&plan, &all[..1]), count(2, "missing"));
    let doubled = [all[0].clone(), all[0].clone(), all[1].clone()];
    assert_eq!(refused(&plan, &doubled), count(1, "there twice"));
    let reseeded = Plan {
        seed: 99,
        ..plan.clone()
    };
    assert!(matches!(
        refused(&reseeded, &all),
        MergeError::Another { what: "seed", .. }
    ));
    let mut other = all.clone();
    other[1].scenario = "another".to_owned();
    assert!(matches!(
        refused(&plan, &other),
        MergeError::Another {
            part: 2,
            what: "scenario"
        }
    ));
}
