//! What changed since the last report.

use gonogo::checklist::Status;
use gonogo::report::{Analyses, Style, earlier};

use crate::harness::{json, markdown, project, report, study};

fn old() -> serde_json::Value {
    let text = json(&report(
        Some(&project()),
        Some(&study()),
        Style::Full,
        &Analyses::default(),
        None,
        &[],
    ));
    earlier(&text).unwrap()
}

#[test]
fn nothing_changed_since_the_same_report() {
    let now = report(
        Some(&project()),
        Some(&study()),
        Style::Full,
        &Analyses::default(),
        Some(&old()),
        &[],
    );
    assert_eq!(now.changes.as_ref().unwrap().lines, []);
    assert!(
        markdown(&now).contains("Nothing changed since the report of 2026"),
        "{}",
        markdown(&now)
    );
}

#[test]
fn answers_evidence_and_numbers_that_changed_are_named() {
    let mut project = project();
    let answer = project
        .review
        .answers
        .iter_mut()
        .find(|(key, _)| key.question == "p95-latency")
        .unwrap()
        .1;
    answer.status = Status::No;
    answer.evidence.clear();
    let mut study = study();
    let cell = study
        .cells
        .iter_mut()
        .find(|cell| cell.strategy == "cached" && cell.volume == 1.0)
        .unwrap();
    let cost = cell.metrics.get_mut("cost.total").unwrap();
    let before = cost.mean;
    cost.mean += 100.0 * cost.se;
    let now = report(
        Some(&project),
        Some(&study),
        Style::Full,
        &Analyses::default(),
        Some(&old()),
        &[],
    );
    let changes = now.changes.unwrap();
    let find = |kind: &str, name: &str| {
        changes
            .lines
            .iter()
            .find(|line| line.kind == kind && line.name == name)
            .unwrap_or_else(|| panic!("{kind} {name}: {:#?}", changes.lines))
    };
    assert!(
        find("answer", "production.p95-latency")
            .after
            .starts_with("no")
    );
    assert_eq!(find("evidence", "production.p95-latency").after, "");
    let number = find("number", "cost.total, cached at 1x");
    assert_eq!(number.before, gonogo::report::usd(before));
    assert_eq!(number.beyond_chance, Some(true));
}

#[test]
fn a_file_that_is_no_report_is_refused_with_the_reason() {
    assert!(earlier("{").unwrap_err().contains("this is no report"));
    assert!(
        earlier("{\"schema\": \"gonogo.study/1\"}")
            .unwrap_err()
            .contains("gonogo.study/1")
    );
}
