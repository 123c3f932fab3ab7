//! The ten facts of the first page.

use crate::checklist::Review;
use crate::study::Cell;

use super::build::{cell_of, mean};
use super::numbers::{bare, percent, seconds, usd};
use super::value::{Fact, Report};

/// The ten facts, in the order in which they are read. Each is there even if it can only say what is missing.
pub(super) fn facts(report: &Report, review: Option<&Review>) -> Vec<Fact> {
    vec![
        verdict(report),
        decided(report),
        reason(report),
        blockers(report),
        cost(report, 1.0, "cost_1x", "Monthly cost at 1x"),
        cost(report, 10.0, "cost_10x", "Monthly cost at 10x"),
        budget(report),
        latency(report),
        failures(report),
        dates(review),
    ]
}

const NOT_SIMULATED: &str = "not simulated";

fn fact(
    id: &'static str,
    label: &'static str,
    value: impl Into<String>,
    detail: Vec<String>,
) -> Fact {
    Fact {
        id,
        label,
        value: value.into(),
        detail,
    }
}

fn verdict(report: &Report) -> Fact {
    let Some(judged) = &report.verdict else {
        return fact("verdict", "Verdict", "NO VERDICT", Vec::new());
    };
    let mut detail = Vec::new();
    if judged.without_waivers != judged.outcome {
        detail.push(format!("Without its waivers: {}", judged.without_waivers));
    }
    let [tags, stage, na] = judged.hidden_blockers;
    if tags + stage + na > 0 {
        detail.push(format!(
            "Blockers that do not count: {tags} by tags, {stage} by stage, {na} answered na"
        ));
    }
    fact("verdict", "Verdict", &judged.outcome, detail)
}

fn decided(report: &Report) -> Fact {
    let subject = &report.subject;
    let mut parts = Vec::new();
    parts.extend(
        subject
            .release
            .as_ref()
            .map(|release| format!("release {release}")),
    );
    parts.extend(
        subject
            .commit
            .as_ref()
            .map(|commit| format!("commit {commit}")),
    );
    parts.extend(subject.stage.as_ref().map(|stage| format!("stage {stage}")));
    parts.extend(subject.confidentiality.clone());
    fact("decided", "What is decided", &subject.system, parts)
}

fn reason(report: &Report) -> Fact {
    let why = report.verdict.as_ref().map_or(
        "There is no review, so nobody has answered for this launch: numbers only.",
        |judged| judged.why.as_str(),
    );
    fact("reason", "Why", why, Vec::new())
}

fn blockers(report: &Report) -> Fact {
    if report.verdict.is_none() {
        return fact("blockers", "Open blockers", "not reviewed", Vec::new());
    }
    let list = report
        .blockers
        .iter()
        .map(|blocker| format!("{}: {}", blocker.short, blocker.clears))
        .collect();
    let value = if report.blockers.is_empty() {
        "none".to_owned()
    } else {
        report.blockers.len().to_string()
    };
    fact("blockers", "Open blockers", value, list)
}

fn chosen(report: &Report, volume: f64) -> Option<&Cell> {
    cell_of(
        report.study.as_ref()?,
        &report.chosen.as_ref()?.strategy,
        volume,
    )
}

fn cost(report: &Report, volume: f64, id: &'static str, label: &'static str) -> Fact {
    let Some(metric) = chosen(report, volume).and_then(|cell| cell.metrics.get("cost.total"))
    else {
        return fact(id, label, NOT_SIMULATED, Vec::new());
    };
    let strategy = report
        .chosen
        .as_ref()
        .map(|chosen| chosen.strategy.clone())
        .unwrap_or_default();
    let detail = vec![
        format!("90% of months; mean {}", usd(metric.mean)),
        format!("strategy {strategy}"),
    ];
    fact(
        id,
        label,
        format!("{} to {}", usd(metric.p05), usd(metric.p95)),
        detail,
    )
}

fn budget(report: &Report) -> Fact {
    let mut detail = Vec::new();
    let mut worst: Option<f64> = None;
    for line in &report.budgets {
        let word = if line.approved { "approved" } else { "planned" };
        let over = match (line.over, line.over_bounds) {
            (Some(over), Some((low, high))) => {
                worst = Some(worst.map_or(over, |worst: f64| worst.max(over)));
                format!(
                    "over in {} of months ({} to {})",
                    percent(over),
                    percent(low),
                    percent(high)
                )
            }
            _ => "chance not simulated".to_owned(),
        };
        detail.push(format!(
            "{}x: {} {word}, {over}",
            line.volume,
            usd(line.usd)
        ));
    }
    let value = match worst {
        _ if report.budgets.is_empty() => "no budget stated".to_owned(),
        None => "chance not simulated".to_owned(),
        Some(0.0) => "over in no simulated month".to_owned(),
        Some(worst) => format!("up to {} chance of going over", percent(worst)),
    };
    for volume in [1.0, 10.0] {
        let there = report.budgets.iter().find(|line| line.volume == volume);
        if there.is_none() && !report.budgets.is_empty() {
            detail.push(format!("{volume}x: none"));
        }
    }
    fact("budget", "Against the budget", value, detail)
}

/// Each simulated volume of the chosen strategy with a number of its own.
fn by_volume(report: &Report, words: impl Fn(&Cell) -> Option<String>) -> Vec<String> {
    let Some((study, chosen)) = report.study.as_ref().zip(report.chosen.as_ref()) else {
        return Vec::new();
    };
    let cells = study
        .cells
        .iter()
        .filter(|cell| cell.strategy == chosen.strategy);
    cells
        .filter_map(|cell| words(cell).map(|words| format!("{}x: {words}", cell.volume)))
        .collect()
}

fn latency(report: &Report) -> Fact {
    let (name, target) = match report.latency_slo_s {
        Some(target) => ("slo.good_rate", target),
        None => ("share_within.5", 5.0),
    };
    let Some(share) = chosen(report, 1.0).and_then(|cell| mean(cell, name)) else {
        return fact(
            "latency",
            "Within the latency target",
            NOT_SIMULATED,
            Vec::new(),
        );
    };
    let detail = by_volume(report, |cell| {
        let share = percent(mean(cell, name)?);
        Some(format!(
            "{share} within {}, p95 {}",
            bare(&seconds(target)),
            seconds(mean(cell, "latency.p95")?)
        ))
    });
    fact(
        "latency",
        "Within the latency target",
        format!("{} at 1x", percent(share)),
        detail,
    )
}

fn failures(report: &Report) -> Fact {
    let Some(share) = chosen(report, 1.0).and_then(|cell| mean(cell, "rate.failed")) else {
        return fact(
            "failures",
            "Failures, and the provider down",
            NOT_SIMULATED,
            Vec::new(),
        );
    };
    let mut detail = by_volume(report, |cell| {
        let unknown = if cell.not_modelled.iter().any(|name| name == "rate.failed") {
            ", not modelled"
        } else {
            ""
        };
        Some(format!(
            "{} of requests fail{unknown}",
            percent(mean(cell, "rate.failed")?)
        ))
    });
    let strategy = report
        .chosen
        .as_ref()
        .map(|chosen| chosen.strategy.as_str());
    let drill = report.study.as_ref().and_then(|study| {
        study.drills.iter().find(|drill| {
            drill.drill == "primary-down" && Some(drill.cell.strategy.as_str()) == strategy
        })
    });
    detail.push(
        match drill.and_then(|drill| mean(&drill.cell, "rate.failed")) {
            Some(failed) => format!("provider down: {} of requests fail", percent(failed)),
            None => "provider down: no drill was run".to_owned(),
        },
    );
    fact(
        "failures",
        "Failures, and the provider down",
        format!("{} at 1x", percent(share)),
        detail,
    )
}

fn dates(review: Option<&Review>) -> Fact {
    let Some(review) = review else {
        return fact("decision", "Who decides, and when", "no review", Vec::new());
    };
    let signed = review
        .signoffs
        .values()
        .filter_map(|signoff| signoff.at)
        .max()
        .map(|at| at.to_string().chars().take(10).collect::<String>());
    let day = |day: Option<jiff::civil::Date>| {
        day.map_or_else(|| "not stated".to_owned(), |day| day.to_string())
    };
    let detail = vec![
        format!(
            "last signed: {}",
            signed.unwrap_or_else(|| "not yet".to_owned())
        ),
        format!("valid until: {}", day(review.valid_until)),
        format!("next look: {}", day(review.next_look)),
    ];
    fact(
        "decision",
        "Who decides, and when",
        review
            .decision_by
            .clone()
            .unwrap_or_else(|| "not stated".to_owned()),
        detail,
    )
}
