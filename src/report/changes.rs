//! What changed since an earlier report, read from its JSON form.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::numbers::{clip, percent, seconds, usd};
use super::value::{Report, SCHEMA};

/// What changed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Changes {
    /// The day of the earlier report.
    pub since: String,
    /// What could not be compared.
    pub gaps: Vec<String>,
    /// One after the other: verdict, answers, evidence, assumptions, numbers.
    pub lines: Vec<Change>,
}

/// One thing that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// `verdict`, `answer`, `evidence`, `assumption` or `number`.
    pub kind: &'static str,
    /// Which.
    pub name: String,
    /// What it was; empty if it was not there.
    pub before: String,
    /// What it is; empty if it is no longer there.
    pub after: String,
    /// For numbers: whether the difference is more than chance explains.
    pub beyond_chance: Option<bool>,
}

/// Longest text of a change.
const SHOWN: usize = 200;
/// The numbers that are compared, and how they are written.
type Shown = fn(f64) -> String;
const NUMBERS: [(&str, Shown); 5] = [
    ("cost.total", usd),
    ("cost.per_conversation", usd),
    ("latency.p95", seconds),
    ("rate.failed", percent),
    ("slo.good_rate", percent),
];

/// An earlier report.
///
/// # Errors
/// What is wrong with the file, to follow its name.
pub fn earlier(text: &str) -> Result<Value, String> {
    let value: Value = serde_json::from_str(text).map_err(|error| {
        format!(
            "{}:{}: this is no report: {error}",
            error.line(),
            error.column()
        )
    })?;
    match value.get("schema").and_then(Value::as_str) {
        Some(SCHEMA) => Ok(value),
        Some(other) => Err(format!(" its schema is `{other}`, expected `{SCHEMA}`")),
        None => Err(format!(" it has no `schema`, expected `{SCHEMA}`")),
    }
}

/// Holds a report against an earlier one.
pub(super) fn changes(report: &Report, old: &Value) -> Changes {
    let mut gaps = Vec::new();
    let mut lines = Vec::new();
    let verdict = text(old.pointer("/verdict/outcome"));
    let now = report.verdict.as_ref().map(|judged| judged.outcome.clone());
    push(
        &mut lines,
        "verdict",
        "verdict",
        &verdict,
        &now.unwrap_or_default(),
    );
    answers(report, old, &mut lines, &mut gaps);
    assumptions(report, old, &mut lines);
    numbers(report, old, &mut lines, &mut gaps);
    Changes {
        since: text(old.get("as_of")),
        gaps,
        lines,
    }
}

fn text(value: Option<&Value>) -> String {
    value.and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn list<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    value
        .get(name)
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default()
}

fn push(lines: &mut Vec<Change>, kind: &'static str, name: &str, before: &str, after: &str) {
    if before != after {
        lines.push(Change {
            kind,
            name: name.to_owned(),
            before: clip(before, SHOWN),
            after: clip(after, SHOWN),
            beyond_chance: None,
        });
    }
}

/// Every name of either side, in order, with what each side says.
fn both<'m>(
    then: &'m BTreeMap<String, String>,
    now: &'m BTreeMap<String, String>,
) -> impl Iterator<Item = (&'m String, &'m str, &'m str)> {
    let mut names: Vec<&String> = then.keys().chain(now.keys()).collect();
    names.sort_unstable();
    names.dedup();
    let get =
        |map: &'m BTreeMap<String, String>, name: &String| map.get(name).map_or("", String::as_str);
    names
        .into_iter()
        .map(move |name| (name, get(then, name), get(now, name)))
}

fn answers(report: &Report, old: &Value, lines: &mut Vec<Change>, gaps: &mut Vec<String>) {
    let before = list(old, "questions");
    if before.is_empty() || report.questions.is_empty() {
        if before.is_empty() != report.questions.is_empty() {
            gaps.push("Only one of the two reports has answers.".to_owned());
        }
        return;
    }
    let then: BTreeMap<String, String> = before
        .iter()
        .map(|question| {
            let said = format!(
                "{}: {}",
                text(question.get("status")),
                text(question.get("state"))
            );
            (text(question.get("key")), said)
        })
        .collect();
    let now = report
        .questions
        .iter()
        .map(|question| {
            (
                question.key.clone(),
                format!("{}: {}", question.status, question.state),
            )
        })
        .collect();
    for (name, before, after) in both(&then, &now) {
        push(lines, "answer", name, before, after);
    }
    let evidence = |pieces: Vec<String>| pieces.join("; ");
    let then: BTreeMap<String, String> = before
        .iter()
        .map(|question| {
            let pieces = list(question, "evidence")
                .iter()
                .map(|piece| text(Some(piece)));
            (text(question.get("key")), evidence(pieces.collect()))
        })
        .collect();
    let now = report
        .questions
        .iter()
        .map(|question| (question.key.clone(), evidence(question.evidence.clone())))
        .collect();
    // Where one side leaves evidence out on purpose there is nothing to compare.
    if old.get("style").and_then(Value::as_str) == Some("executive") || !report.tells_notes() {
        gaps.push("Evidence is not compared: one of the two reports leaves it out.".to_owned());
        return;
    }
    for (name, before, after) in both(&then, &now) {
        push(lines, "evidence", name, before, after);
    }
}

fn assumptions(report: &Report, old: &Value, lines: &mut Vec<Change>) {
    let said = |value: &str, source: &str| {
        if value.is_empty() {
            format!("default; {source}")
        } else {
            format!("{value}; {source}")
        }
    };
    let then: BTreeMap<String, String> = list(old, "assumptions")
        .iter()
        .map(|line| {
            (
                text(line.get("path")),
                said(&text(line.get("value")), &text(line.get("source"))),
            )
        })
        .collect();
    let now: BTreeMap<String, String> = report
        .assumptions
        .iter()
        .map(|line| (line.path.clone(), said(&line.value, &line.source)))
        .collect();
    if then.is_empty() || now.is_empty() {
        return;
    }
    for (name, before, after) in both(&then, &now) {
        push(lines, "assumption", name, before, after);
    }
}

fn numbers(report: &Report, old: &Value, lines: &mut Vec<Change>, gaps: &mut Vec<String>) {
    let before = list(old, "cells");
    let now = report
        .study
        .as_ref()
        .map(|study| study.cells.as_slice())
        .unwrap_or_default();
    if before.is_empty() != now.is_empty() {
        gaps.push("Only one of the two reports has numbers.".to_owned());
        return;
    }
    for cell in now {
        let then = before.iter().find(|old| {
            text(old.get("strategy")) == cell.strategy
                && old.get("volume").and_then(Value::as_f64) == Some(cell.volume)
        });
        let place = format!("{} at {}x", cell.strategy, cell.volume);
        let Some(then) = then else {
            push(lines, "number", &place, "", "new");
            continue;
        };
        for (metric, format) in NUMBERS {
            let Some(after) = cell.metrics.get(metric) else {
                continue;
            };
            let number = |what: &str| {
                then.pointer(&format!("/metrics/{metric}/{what}"))
                    .and_then(Value::as_f64)
            };
            let Some(mean) = number("mean") else { continue };
            let (said, says) = (format(mean), format(after.mean));
            if said == says {
                continue;
            }
            let error = number("se").unwrap_or(f64::NAN).hypot(after.se);
            lines.push(Change {
                kind: "number",
                name: format!("{metric}, {place}"),
                before: said,
                after: says,
                beyond_chance: error
                    .is_finite()
                    .then(|| (after.mean - mean).abs() > 2.0 * error),
            });
        }
    }
    for then in before {
        let (strategy, volume) = (
            text(then.get("strategy")),
            then.get("volume").and_then(Value::as_f64),
        );
        if !now
            .iter()
            .any(|cell| cell.strategy == strategy && Some(cell.volume) == volume)
        {
            let place = format!("{strategy} at {}x", volume.unwrap_or(f64::NAN));
            push(lines, "number", &place, "simulated", "");
        }
    }
}
