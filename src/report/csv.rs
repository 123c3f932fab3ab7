use crate::checklist::safe::cell;
use crate::study::Metric;

use super::value::Report;

/// Tidy: one row for each strategy, volume and metric; only the head where nothing was simulated. Text that a
/// spreadsheet would take for a formula is marked as text.
#[must_use]
pub(super) fn csv(report: &Report) -> String {
    let mut out = String::from(
        "strategy,volume,metric,modelled,months,mean,se,p05,p50,p80,p95,sd_facts,sd_chance\n",
    );
    for one in report
        .study
        .as_ref()
        .map(|study| study.cells.as_slice())
        .unwrap_or_default()
    {
        for (name, metric) in &one.metrics {
            let modelled = if one.not_modelled.contains(name) {
                "no"
            } else {
                "yes"
            };
            let mut row = vec![
                field(&one.strategy),
                one.volume.to_string(),
                field(name),
                modelled.to_owned(),
                one.months.to_string(),
            ];
            row.extend(numbers(metric));
            out.push_str(&row.join(","));
            out.push('\n');
        }
    }
    out
}

/// A number that is not known is an empty cell.
fn numbers(metric: &Metric) -> impl Iterator<Item = String> {
    let all = [
        metric.mean,
        metric.se,
        metric.p05,
        metric.p50,
        metric.p80,
        metric.p95,
        metric.sd_facts,
        metric.sd_chance,
    ];
    all.into_iter().map(|number| {
        if number.is_finite() {
            number.to_string()
        } else {
            String::new()
        }
    })
}

/// A field in quotes where it needs them (RFC 4180).
fn field(text: &str) -> String {
    let safe = cell(text);
    if safe.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", safe.replace('"', "\"\""))
    } else {
        safe
    }
}
