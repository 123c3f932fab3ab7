//! The table of a study: a row for each strategy and volume.

use crate::study::{Cell, Study};

use super::numbers::{money, percent, seconds, usd};

/// Strategies × volumes, for people. Columns are aligned for a fixed-width font; about 100 columns wide.
#[must_use]
pub fn study_table(study: &Study, slo_confidence: f64, currency: Option<(&str, f64)>) -> String {
    let mut heads = vec![
        "strategy",
        "at",
        "a month",
        "90% of months",
        "a talk",
        "p95",
        "failed",
        "over",
        "SLO",
        "binds first",
    ];
    if currency.is_some() {
        heads.insert(3, "converted");
    }
    let mut rows = vec![
        heads
            .into_iter()
            .map(str::to_owned)
            .collect::<Vec<String>>(),
    ];
    for cell in &study.cells {
        let mut row = vec![
            cell.strategy.clone(),
            format!("{}x", cell.volume),
            mean(cell, "cost.total", usd),
            range(cell, "cost.total"),
            mean(cell, "cost.per_conversation", usd),
            shown(cell, "latency.p95", seconds),
            shown(cell, "rate.failed", percent),
            shown(cell, "budget.over_probability", percent),
            verdict(cell, slo_confidence),
            binds_first(cell),
        ];
        if let Some((code, per_usd)) = currency {
            let amount = cell
                .metrics
                .get("cost.total")
                .map_or(f64::NAN, |metric| metric.mean * per_usd);
            row.insert(3, format!("{} {code}", money("", amount)));
        }
        rows.push(row);
    }
    aligned(&rows)
}

/// One metric for each cell, with its spread.
#[must_use]
pub fn metric_table(study: &Study, names: &[String]) -> String {
    let heads = [
        "metric", "strategy", "at", "mean", "± se", "p05", "p50", "p95", "facts", "chance",
    ];
    let mut rows = vec![heads.map(str::to_owned).to_vec()];
    for name in names {
        for cell in &study.cells {
            let Some(metric) = cell.metrics.get(name) else {
                continue;
            };
            let number = |number: f64| {
                if number.is_finite() {
                    format!("{number:.6}")
                } else {
                    "–".to_owned()
                }
            };
            let mut row = vec![
                name.clone(),
                cell.strategy.clone(),
                format!("{}x", cell.volume),
            ];
            row.extend(
                [
                    metric.mean,
                    metric.se,
                    metric.p05,
                    metric.p50,
                    metric.p95,
                    metric.sd_facts,
                    metric.sd_chance,
                ]
                .map(number),
            );
            rows.push(row);
        }
    }
    aligned(&rows)
}

fn mean(cell: &Cell, name: &str, format: fn(f64) -> String) -> String {
    cell.metrics
        .get(name)
        .map_or_else(|| "–".to_owned(), |metric| format(metric.mean))
}

/// A number, or a question mark where its mechanism is not modelled.
fn shown(cell: &Cell, name: &str, format: fn(f64) -> String) -> String {
    if cell.not_modelled.iter().any(|unknown| unknown == name) {
        return format!("{} ?", mean(cell, name, format)).trim().to_owned();
    }
    mean(cell, name, format)
}

fn range(cell: &Cell, name: &str) -> String {
    cell.metrics.get(name).map_or_else(
        || "–".to_owned(),
        |metric| {
            format!(
                "{} to {}",
                usd(metric.p05),
                usd(metric.p95).trim_start_matches('$')
            )
        },
    )
}

/// Which promises are held in enough months: "held", `no: p95`, or "–" where nothing is promised.
fn verdict(cell: &Cell, confidence: f64) -> String {
    let prefix = "slo.held_probability.";
    let mut promised = false;
    let mut missed = Vec::new();
    for (name, metric) in &cell.metrics {
        if let Some(slo) = name.strip_prefix(prefix) {
            promised = true;
            if metric.mean < confidence {
                missed.push(short(slo));
            }
        }
    }
    match (promised, missed.is_empty()) {
        (false, _) => "–".to_owned(),
        (true, true) => "held".to_owned(),
        (true, false) => format!("no: {}", missed.join(", ")),
    }
}

/// A promise in a narrow column: "p95", "first p95", "failed", "wrong".
pub(super) fn short(slo: &str) -> String {
    let bare = slo.trim_end_matches("_s");
    bare.replace("latency_", "")
        .replace("first_token_", "first ")
        .replace("failure_rate", "failed")
        .replace("wrong_rate", "wrong")
}

/// The limit or queue that refuses most, with the share of attempts it refuses; else the fullest, with its busiest hour.
fn binds_first(cell: &Cell) -> String {
    cell.binding.first().map_or_else(String::new, |binding| {
        let what = format!("{} {}", binding.model, plain(&binding.limit));
        if binding.refused > 0.0 {
            let attempts = cell.metrics.get("attempts").map_or(0.0, |it| it.mean);
            format!("{what} (refuses {})", percent(binding.refused / attempts))
        } else {
            format!("{what} ({:.0}%)", binding.utilisation * 100.0)
        }
    })
}

/// `tokens_per_min` as "tokens/min".
pub(super) fn plain(limit: &str) -> String {
    limit.replace("_per_", "/").replace('_', " ")
}

/// Columns wide enough for their longest cell; numbers to the right, words to the left.
pub(super) fn aligned(rows: &[Vec<String>]) -> String {
    let width = |text: &str| text.chars().count();
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns)
        .map(|column| {
            rows.iter()
                .filter_map(|row| row.get(column))
                .map(|cell| width(cell))
                .max()
                .unwrap_or(0)
        })
        .collect();
    let numeric: Vec<bool> = (0..columns)
        .map(|column| {
            rows.iter()
                .skip(1)
                .filter_map(|row| row.get(column))
                .any(|cell| {
                    cell.chars()
                        .next()
                        .is_some_and(|it| it.is_ascii_digit() || it == '$')
                })
                && rows
                    .iter()
                    .skip(1)
                    .filter_map(|row| row.get(column))
                    .all(|cell| {
                        cell.chars().next().is_none_or(|it| {
                            it.is_ascii_digit() || matches!(it, '$' | '-' | '–' | '<')
                        })
                    })
        })
        .collect();
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (column, cell) in row.iter().enumerate() {
            let pad = " ".repeat(
                widths
                    .get(column)
                    .copied()
                    .unwrap_or(0)
                    .saturating_sub(width(cell)),
            );
            let right = numeric.get(column).copied().unwrap_or(false) && column + 1 < columns;
            let (before, after) = if right {
                (pad.as_str(), "")
            } else {
                ("", pad.as_str())
            };
            line.extend([before, cell, after, "  "]);
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// A bullet, broken at 100 columns.
#[must_use]
pub fn wrapped(sentence: &str) -> String {
    let mut lines = vec![String::from("-")];
    for word in sentence.split_whitespace() {
        let width = |text: &str| text.chars().count();
        match lines.last_mut() {
            Some(line) if width(line) + 1 + width(word) <= 100 => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(format!("  {word}")),
        }
    }
    lines.join("\n") + "\n"
}
