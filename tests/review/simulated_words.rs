//! What a study says to a rule: supports, contradicts, cannot tell, not modelled, on guesses.

#![expect(
    clippy::needless_pass_by_value,
    reason = "plain words matter more than speed in a test"
)]

use std::collections::BTreeMap;

use gonogo::checklist::rules::{Ground, Word, listen};
use gonogo::checklist::{Bound, Rule, Scope};
use gonogo::study::{SCHEMA, Study};
use serde_json::json;

fn study(by_month: serde_json::Value, more: serde_json::Value) -> Study {
    let mut study = json!({
        "schema": SCHEMA,
        "scenario": { "name": "x", "digest": "d" },
        "catalogue_date": "2026-10-30", "catalogue_digest": "c", "gonogo_version": "0.1.0", "seed": 1, "estimator": "exact",
        "cells": [{ "strategy": "s", "volume": 10.0, "months": 1000, "models": ["m"], "metrics": {}, "by_month": by_month }],
    });
    for (key, value) in more.as_object().unwrap() {
        study[key] = value.clone();
    }
    serde_json::from_value(study).unwrap()
}

fn rule(metric: &str, bound: Bound) -> Rule {
    Rule {
        metric: metric.to_owned(),
        seconds: None,
        scope: Scope::Volume(10.0),
        times: 1.0,
        bound,
        confidence: 0.9,
    }
}

fn word(rule: &Rule, study: &Study, approved: &[(f64, f64)]) -> Word {
    let slo = BTreeMap::from([("latency_p95_s".to_owned(), 5.0)]);
    listen(
        rule,
        Some(study),
        &Ground {
            strategy: Some("s"),
            approved,
            slo: &slo,
        },
    )
    .word
}

/// `good` months of 1 and the rest of 100, out of `all`.
fn months(good: usize, all: usize) -> Vec<f64> {
    let mut values = vec![1.0; good];
    values.resize(all, 100.0);
    values
}

#[test]
fn it_supports_only_when_the_lower_bound_reaches_the_confidence() {
    let says = |good, all| {
        word(
            &rule("cost.total", Bound::Max(10.0)),
            &study(json!({ "cost.total": months(good, all) }), json!({})),
            &[],
        )
    };
    assert_eq!(says(1000, 1000), Word::Supports);
    assert_eq!(says(950, 1000), Word::Supports);
    assert!(
        matches!(says(905, 1000), Word::CannotTell(_)),
        "90.5% of 1000 months is not surely 90%"
    );
    assert!(matches!(says(890, 1000), Word::CannotTell(_)));
    assert_eq!(says(800, 1000), Word::Contradicts);
    assert_eq!(says(0, 1000), Word::Contradicts);
    // 500 independent pairs of months say what 0.05^(1/n) >= 0.9 asks for n = 29.
    assert_eq!(says(58, 58), Word::Supports);
    assert!(matches!(says(56, 56), Word::CannotTell(_)));
    assert!(
        matches!(says(1, 1), Word::CannotTell(_)),
        "one month proves nothing"
    );
}

#[test]
fn a_minimum_is_read_the_other_way() {
    let rule = Rule {
        seconds: Some(5.0),
        ..rule("share_within", Bound::Min(0.95))
    };
    let of = |value: f64| study(json!({ "share_within.5": vec![value; 1000] }), json!({}));
    assert_eq!(word(&rule, &of(0.96), &[]), Word::Supports);
    assert_eq!(word(&rule, &of(0.94), &[]), Word::Contradicts);
}

#[test]
fn a_budget_is_the_approved_one_and_missing_it_is_its_own_word() {
    let months: Vec<f64> = (0..1000).map(|month| 100.0 + f64::from(month)).collect();
    let study = study(json!({ "cost.total": months }), json!({}));
    let chance = Rule {
        confidence: 0.95,
        ..rule("budget.over_probability", Bound::Max(0.05))
    };
    assert!(
        matches!(word(&chance, &study, &[(1.0, 5000.0)]), Word::BudgetMissing(what) if what.contains("10x"))
    );
    assert_eq!(word(&chance, &study, &[(10.0, 1100.0)]), Word::Supports);
    assert_eq!(word(&chance, &study, &[(10.0, 900.0)]), Word::Contradicts);
    assert!(matches!(
        word(&chance, &study, &[(10.0, 1045.0)]),
        Word::CannotTell(_)
    ));
    let total = rule("cost.total", Bound::Budget);
    assert_eq!(word(&total, &study, &[(10.0, 1100.0)]), Word::Supports);
    let dearer = Rule {
        times: 1.25,
        ..total
    };
    assert_eq!(
        word(&dearer, &study, &[(10.0, 1100.0)]),
        Word::Contradicts,
        "a quarter more no longer fits"
    );
}

#[test]
fn a_promise_is_looked_up_in_the_scenario() {
    let study = study(
        json!({ "latency.p95": vec![4.0; 100], "latency.p99": vec![4.0; 100] }),
        json!({}),
    );
    assert_eq!(
        word(&rule("latency.p95", Bound::Slo), &study, &[]),
        Word::Supports
    );
    assert!(
        matches!(word(&rule("latency.p99", Bound::Slo), &study, &[]), Word::CannotTell(why) if why.contains("latency_p99_s"))
    );
}

#[test]
fn what_is_not_there_cannot_be_told() {
    let study = study(json!({ "cost.total": [1.0, 1.0] }), json!({}));
    let mut drill = rule("rate.failed", Bound::Max(0.01));
    drill.scope = Scope::Drill("primary-down".to_owned());
    assert!(
        matches!(word(&drill, &study, &[]), Word::CannotTell(why) if why == "the study has no drill primary-down for s")
    );
    let mut elsewhere = rule("cost.total", Bound::Max(2.0));
    elsewhere.scope = Scope::Volume(3.0);
    assert!(
        matches!(word(&elsewhere, &study, &[]), Word::CannotTell(why) if why == "the study has no s at 3x")
    );
    assert!(matches!(
        word(&rule("rate.failed", Bound::Max(0.1)), &study, &[]),
        Word::CannotTell(_)
    ));
    let slo = BTreeMap::new();
    let nothing = listen(
        &rule("cost.total", Bound::Max(2.0)),
        None,
        &Ground {
            strategy: Some("s"),
            approved: &[],
            slo: &slo,
        },
    );
    assert!(matches!(nothing.word, Word::CannotTell(why) if why == "nothing was simulated"));
}

#[test]
fn a_drill_is_judged_by_its_own_runs() {
    let drills = json!({ "drills": [{ "drill": "primary-down", "strategy": "s", "volume": 1.0, "months": 200, "metrics": {}, "by_month": { "rate.failed": vec![0.001; 200] } }] });
    let mut rule = rule("rate.failed", Bound::Max(0.01));
    rule.scope = Scope::Drill("primary-down".to_owned());
    assert_eq!(
        word(
            &rule,
            &study(json!({ "rate.failed": vec![0.5; 200] }), drills),
            &[]
        ),
        Word::Supports
    );
}

#[test]
fn what_the_scenario_does_not_state_is_not_modelled_whatever_number_stands_there() {
    let mut study = study(json!({ "rate.leaked": vec![0.0; 1000] }), json!({}));
    study.cells[0].not_modelled = vec!["rate.leaked".to_owned()];
    assert!(matches!(
        word(&rule("rate.leaked", Bound::Max(0.001)), &study, &[]),
        Word::NotModelled(_)
    ));
    study.cells[0].not_modelled = vec!["rate".to_owned()];
    assert!(
        matches!(
            word(&rule("rate.leaked", Bound::Max(0.001)), &study, &[]),
            Word::NotModelled(_)
        ),
        "a family covers its members"
    );
    study.cells[0].not_modelled = vec!["rate.leak".to_owned()];
    assert_eq!(
        word(&rule("rate.leaked", Bound::Max(0.001)), &study, &[]),
        Word::Supports
    );
}

#[test]
fn support_on_guesses_names_the_strongest_five() {
    let assumed = json!([{ "path": "models.m.first_token_s" }, { "path": "models.other.first_token_s" }, { "path": "models.m.price" }, { "path": "workload.hourly" }]);
    let months = json!({ "latency.p95": vec![4.0; 100], "cost.total": vec![4.0; 100] });
    let without = study(months.clone(), json!({ "assumed": assumed }));
    assert_eq!(
        word(&rule("latency.p95", Bound::Max(5.0)), &without, &[]),
        Word::SupportsOnGuesses(vec![
            "models.m.first_token_s".to_owned(),
            "workload.hourly".to_owned()
        ]),
        "without a sensitivity result: all assumed inputs of the strategy that the metric reads"
    );
    let inputs: Vec<_> = [
        "a",
        "b",
        "models.m.first_token_s",
        "c",
        "d",
        "workload.hourly",
    ]
    .iter()
    .map(|path| json!({ "path": path, "share": 0.1 }))
    .collect();
    let with = study(
        months,
        json!({ "assumed": assumed, "sensitivity": [{ "strategy": "s", "metric": "latency.p95", "inputs": inputs }] }),
    );
    assert_eq!(
        word(&rule("latency.p95", Bound::Max(5.0)), &with, &[]),
        Word::SupportsOnGuesses(vec!["models.m.first_token_s".to_owned()]),
        "the sixth strongest does not count"
    );
    assert!(
        matches!(
            word(&rule("cost.total", Bound::Max(5.0)), &with, &[]),
            Word::SupportsOnGuesses(_)
        ),
        "no result for this metric: its mechanism decides"
    );
}

#[test]
fn figures_over_all_months_are_judged_by_their_standard_error() {
    let of = |mean: f64, se: f64| {
        let mut study = study(json!({}), json!({}));
        let metric =
            json!({ "mean": mean, "se": se, "p05": mean, "p50": mean, "p80": mean, "p95": mean });
        study.cells[0].metrics.insert(
            "latency.pooled.p95".to_owned(),
            serde_json::from_value(metric).unwrap(),
        );
        word(&rule("latency.pooled.p95", Bound::Max(5.0)), &study, &[])
    };
    assert_eq!(of(4.0, 0.1), Word::Supports);
    assert_eq!(of(6.0, 0.1), Word::Contradicts);
    assert!(matches!(of(4.9, 0.1), Word::CannotTell(_)));
    assert!(matches!(of(4.9, f64::NAN), Word::CannotTell(_)));
}
