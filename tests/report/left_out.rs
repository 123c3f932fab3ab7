//! What styles and `--redact` leave out, in every format.

use gonogo::report::{Analyses, Format, Redact, Report, Style, write};

use crate::harness::{all, members, project, report, study};

fn made(style: Style, redact: &[Redact]) -> Report {
    report(
        Some(&project()),
        Some(&study()),
        style,
        &Analyses::default(),
        None,
        redact,
    )
}

/// Everything that can be read in the formats that are text inside.
fn told(report: &Report) -> String {
    let mut text = all(report).concat();
    for (_, member) in members(&write(report, Format::Xlsx).unwrap()) {
        text.push_str(&member);
    }
    text
}

#[test]
fn people_become_numbers_and_stay_apart() {
    let full = told(&made(Style::Audit, &[]));
    let without = made(Style::Audit, &[Redact::People]);
    let text = told(&without);
    for name in ["Ana Example", "ana@example.org", "Bo Example", "Cy Example"] {
        assert!(full.contains(name) && !text.contains(name), "{name}");
    }
    let waiver = &without.waivers[0].approved;
    assert!(waiver.starts_with("person "), "{waiver}");
    let question = without
        .questions
        .iter()
        .find(|it| it.key == "production.p95-latency")
        .unwrap();
    let people: std::collections::BTreeSet<&str> = question
        .people
        .split("person ")
        .skip(1)
        .filter_map(|rest| rest.get(..1))
        .collect();
    assert_eq!(
        people.len(),
        2,
        "who answered and who reviewed are two: {}",
        question.people
    );
}

#[test]
fn prices_are_withheld_and_what_they_move_is_not() {
    let without = made(Style::Full, &[Redact::Prices]);
    let price = without
        .assumptions
        .iter()
        .find(|it| it.path == "models.large.price.input");
    let price = price.or_else(|| {
        without
            .assumptions
            .iter()
            .find(|it| it.path.starts_with("models.large.price"))
    });
    assert_eq!(price.unwrap().value, "(withheld)");
    assert!(
        without
            .assumptions
            .iter()
            .any(|it| it.path == "workload.system_tokens" && it.value == "900")
    );
    assert!(
        without
            .assumptions
            .iter()
            .filter(|it| it.path.starts_with("fixed"))
            .all(|it| it.value == "(withheld)")
    );
}

#[test]
fn notes_are_withheld_and_verdicts_are_not() {
    let without = made(Style::Audit, &[Redact::Notes]);
    let text = told(&without);
    for note in [
        "addresses not always",
        "Launch is to employees",
        "Daily scan",
    ] {
        assert!(
            told(&made(Style::Audit, &[])).contains(note) && !text.contains(note),
            "{note}"
        );
    }
    assert!(text.contains("NO-GO") && text.contains("2027-01-15"));
}

#[test]
fn audit_style_has_every_metric_and_executive_no_questions() {
    let page = |style| crate::harness::html(&made(style, &[]));
    assert!(
        page(Style::Audit).contains("Every metric") && !page(Style::Full).contains("Every metric")
    );
    assert!(
        page(Style::Full).contains("Every question")
            && !page(Style::Executive).contains("Every question")
    );
}
