//! What the simulation found.

use crate::report::build::{cell_of, holds, mean};
use crate::report::chart::{
    Axis, Bill, Curve, Curves, Heat, Point, Stack, Stacks, Whisker, Whiskers,
};
use crate::report::numbers::{bare, count, percent, seconds, usd};
use crate::report::table::plain;
use crate::report::value::Report;
use crate::study::{Cell, Study};

use super::{Block, Table};

/// The lines of the bill and what they are called.
pub(in crate::report) const LINES: [(&str, &str); 14] = [
    ("cost.input", "input tokens"),
    ("cost.cached_input", "cached input"),
    ("cost.cache_write", "cache writes"),
    ("cost.output", "output tokens"),
    ("cost.reasoning", "reasoning"),
    ("cost.wasted", "wasted attempts"),
    ("cost.hosting", "hosting"),
    ("cost.human_review", "human review"),
    ("cost.evals", "evaluations"),
    ("cost.audit", "audit log"),
    ("cost.guard", "guards"),
    ("cost.cache", "response cache"),
    ("cost.router", "router"),
    ("cost.fixed", "fixed"),
];
/// Lines that get a colour of their own; the rest is shown as one.
const SHOWN_LINES: usize = 6;

pub(super) fn volumes(study: &Study) -> Vec<f64> {
    let mut list: Vec<f64> = study.cells.iter().map(|cell| cell.volume).collect();
    list.sort_unstable_by(f64::total_cmp);
    list.dedup();
    list
}

pub(super) fn bill(report: &Report, study: &Study) -> Vec<Block> {
    let Some(chosen) = &report.chosen else {
        return Vec::new();
    };
    let mut blocks = vec![Block::Text(format!(
        "Strategy {}: {}.",
        chosen.strategy, chosen.why
    ))];
    for volume in volumes(study) {
        let Some(cell) = cell_of(study, &chosen.strategy, volume) else {
            continue;
        };
        let Some(months) = cell
            .by_month
            .get("cost.total")
            .filter(|months| !months.is_empty())
        else {
            continue;
        };
        let budget = report.budgets.iter().find(|line| line.volume == volume);
        let figure = Bill {
            title: format!(
                "Monthly bill at {volume}x, {} months of {}",
                count(months.len() as f64),
                chosen.strategy
            ),
            months: months.clone(),
            budget: budget.map(|line| {
                (
                    line.usd,
                    if line.approved {
                        "approved budget"
                    } else {
                        "planned budget"
                    }
                    .to_owned(),
                )
            }),
            over: budget.and_then(|line| line.over),
        };
        let rows = figure
            .bins()
            .iter()
            .map(|bin| vec![usd(bin.from), usd(bin.to), bin.count.to_string()])
            .collect();
        let caption = format!("Months by cost at {volume}x");
        let table = Table::new(caption, &["From", "To", "Months"], rows);
        blocks.push(Block::Figure(figure.scene(), table));
    }
    blocks
}

/// A metric's number, with a question mark where its mechanism is not modelled.
fn shown(cell: &Cell, name: &str, format: fn(f64) -> String) -> String {
    let Some(metric) = cell.metrics.get(name) else {
        return "–".to_owned();
    };
    let unknown = if cell.not_modelled.iter().any(|other| other == name) {
        " (not modelled)"
    } else {
        ""
    };
    format!("{}{unknown}", format(metric.mean))
}

fn range(cell: &Cell, name: &str, format: fn(f64) -> String) -> String {
    cell.metrics.get(name).map_or_else(
        || "–".to_owned(),
        |metric| format!("{} to {}", format(metric.p05), format(metric.p95)),
    )
}

pub(super) fn strategies(report: &Report, study: &Study) -> Vec<Block> {
    let rows = study.cells.iter().map(|cell| {
        let promises = cell
            .metrics
            .keys()
            .any(|name| name.starts_with("slo.held_probability."));
        let held = match (promises, holds(cell, report.slo_confidence)) {
            (false, _) => "no promise",
            (true, true) => "held",
            (true, false) => "broken",
        };
        vec![
            cell.strategy.clone(),
            format!("{}x", cell.volume),
            shown(cell, "cost.total", usd),
            range(cell, "cost.total", usd),
            shown(cell, "cost.per_conversation", usd),
            shown(cell, "latency.p95", seconds),
            range(cell, "latency.p95", seconds),
            shown(cell, "rate.failed", percent),
            range(cell, "rate.failed", percent),
            shown(cell, "slo.good_rate", percent),
            held.to_owned(),
        ]
    });
    let head = [
        "Strategy",
        "At",
        "A month",
        "90% of months",
        "A conversation",
        "p95",
        "90% of months",
        "Failed",
        "90% of months",
        "Good in time",
        "Promises",
    ];
    let table = Table::new(
        "Every strategy at every volume; means, and the range of 90% of simulated months",
        &head,
        rows.collect(),
    );
    let mut blocks = Vec::new();
    if unequal(study) {
        blocks.push(Block::Text("These strategies do not serve equally well: good answers in time differ by more than a point. The cheaper one may be cheaper because it serves less.".to_owned()));
    }
    blocks.push(Block::Table(table));
    let latency = (
        "How slow the slowest 5% of answers are",
        "latency.p95",
        "seconds, 95% quantile",
        seconds as fn(f64) -> String,
    );
    let failures = (
        "How many requests fail",
        "rate.failed",
        "share of requests",
        percent as fn(f64) -> String,
    );
    for ((title, name, unit, format), limit) in [
        (latency, report.latency_slo_s),
        (failures, report.failure_slo),
    ] {
        blocks.extend(whiskers(study, title, name, unit, format, limit));
    }
    for volume in volumes(study) {
        blocks.extend(latency_curves(report, study, volume));
    }
    blocks
}

/// Share of requests that are answered well within so many seconds, for each strategy at a volume.
fn latency_curves(report: &Report, study: &Study, volume: f64) -> Option<Block> {
    let mut curves = Vec::new();
    let mut rows = Vec::new();
    for cell in study.cells.iter().filter(|cell| cell.volume == volume) {
        let mut points: Vec<Point> = cell
            .metrics
            .iter()
            .filter_map(|(name, metric)| {
                let seconds = name.strip_prefix("share_within.")?.parse().ok()?;
                Some(Point {
                    x: seconds,
                    y: metric.mean,
                    low: metric.p05,
                    high: metric.p95,
                })
            })
            .filter(|point| point.y.is_finite() && point.x > 0.0)
            .collect();
        points.sort_by(|a, b| a.x.total_cmp(&b.x));
        for point in &points {
            rows.push(vec![
                cell.strategy.clone(),
                seconds(point.x),
                percent(point.y),
                format!("{} to {}", percent(point.low), percent(point.high)),
            ]);
        }
        if points.len() > 1 {
            curves.push(Curve {
                name: cell.strategy.clone(),
                points,
            });
        }
    }
    if curves.is_empty() {
        return None;
    }
    let figure = Curves {
        title: format!("How many requests are answered well within so many seconds, at {volume}x"),
        across: Axis {
            unit: "seconds".to_owned(),
            log: true,
            most: None,
            format: |seconds| format!("{seconds}"),
        },
        up: Axis {
            unit: "share of requests".to_owned(),
            log: false,
            most: Some(1.0),
            format: |share| format!("{:.0}%", share * 100.0),
        },
        lines: curves,
        limits: Vec::new(),
        marks: report
            .latency_slo_s
            .map(|limit| {
                (
                    limit,
                    format!("promised: 95% within {}", bare(&seconds(limit))),
                )
            })
            .into_iter()
            .collect(),
    };
    let table = Table::new(
        format!("Share answered well within so many seconds at {volume}x: mean, and 90% of months"),
        &["Strategy", "Within", "Share", "90% of months"],
        rows,
    );
    Some(Block::Figure(figure.scene(), table))
}

/// Whether a ranking by cost misleads, at any volume.
fn unequal(study: &Study) -> bool {
    volumes(study).iter().any(|volume| {
        let good = study
            .cells
            .iter()
            .filter(|cell| cell.volume == *volume)
            .filter_map(|cell| mean(cell, "slo.good_rate"));
        let (low, high) = good.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), share| {
            (low.min(share), high.max(share))
        });
        high - low > 0.01
    })
}

fn whiskers(
    study: &Study,
    title: &str,
    name: &str,
    unit: &str,
    format: fn(f64) -> String,
    limit: Option<f64>,
) -> Option<Block> {
    let mut rows = Vec::new();
    for volume in volumes(study) {
        for cell in study.cells.iter().filter(|cell| cell.volume == volume) {
            let Some(metric) = cell.metrics.get(name) else {
                continue;
            };
            rows.push(Whisker {
                label: format!("{volume}x {}", cell.strategy),
                low: metric.p05,
                mid: metric.mean,
                high: metric.p95,
                se: metric.se,
            });
        }
    }
    if rows.is_empty() {
        return None;
    }
    let error = |se: f64| {
        if se.is_finite() {
            format(se)
        } else {
            "–".to_owned()
        }
    };
    let cells = rows
        .iter()
        .map(|row| {
            vec![
                row.label.clone(),
                format(row.mid),
                error(row.se),
                format(row.low),
                format(row.high),
            ]
        })
        .collect();
    let table = Table::new(
        format!("{title}: mean, its standard error, and 90% of months"),
        &[
            "Volume and strategy",
            "Mean",
            "± error",
            "5% of months below",
            "5% of months above",
        ],
        cells,
    );
    let figure = Whiskers {
        title: title.to_owned(),
        unit: unit.to_owned(),
        rows,
        limit,
        format,
    };
    Some(Block::Figure(figure.scene(), table))
}

pub(super) fn money(_: &Report, study: &Study) -> Vec<Block> {
    let share = |line: &str| -> f64 {
        let shares = study
            .cells
            .iter()
            .filter_map(|cell| Some(mean(cell, line)? / mean(cell, "cost.total")?));
        shares.filter(|share| share.is_finite()).fold(0.0, f64::max)
    };
    let mut lines: Vec<(&str, &str, f64)> = LINES
        .iter()
        .map(|(name, word)| (*name, *word, share(name)))
        .filter(|(_, _, share)| *share > 0.0)
        .collect();
    lines.sort_by(|a, b| b.2.total_cmp(&a.2));
    let mut blocks = Vec::new();
    for volume in volumes(study) {
        let mut stacks = Stacks {
            title: format!("Where the money goes at {volume}x"),
            names: lines
                .iter()
                .take(SHOWN_LINES)
                .map(|line| line.1.to_owned())
                .collect(),
            rows: Vec::new(),
        };
        if lines.len() > SHOWN_LINES {
            stacks.names.push("everything else".to_owned());
        }
        let mut cells = Vec::new();
        for cell in study.cells.iter().filter(|cell| cell.volume == volume) {
            let amounts: Vec<f64> = lines
                .iter()
                .map(|line| mean(cell, line.0).unwrap_or(0.0))
                .collect();
            let mut parts: Vec<f64> = amounts.iter().take(SHOWN_LINES).copied().collect();
            if lines.len() > SHOWN_LINES {
                parts.push(amounts.iter().skip(SHOWN_LINES).sum());
            }
            let mut row = vec![cell.strategy.clone(), shown(cell, "cost.total", usd)];
            row.extend(amounts.iter().map(|amount| usd(*amount)));
            cells.push(row);
            stacks.rows.push(Stack {
                label: cell.strategy.clone(),
                parts,
            });
        }
        let mut head = vec!["Strategy", "Total"];
        head.extend(lines.iter().map(|line| line.1));
        let table = Table::new(
            format!("Lines of the bill at {volume}x, US dollars a month, means"),
            &head,
            cells,
        );
        blocks.push(Block::Figure(stacks.scene(), table));
    }
    blocks
}

pub(super) fn week(report: &Report, study: &Study) -> Vec<Block> {
    let Some(chosen) = &report.chosen else {
        return Vec::new();
    };
    let Some(volume) = volumes(study).first().copied() else {
        return Vec::new();
    };
    let Some(cell) =
        cell_of(study, &chosen.strategy, volume).filter(|cell| cell.hourly.len() == 168)
    else {
        return Vec::new();
    };
    let requests: Vec<Option<f64>> = cell.hourly.iter().map(|hour| Some(hour.requests)).collect();
    let p95: Vec<Option<f64>> = cell.hourly.iter().map(|hour| hour.latency_p95).collect();
    let heat = |title: String,
                unit: &str,
                values: Vec<Option<f64>>,
                plain: bool,
                format: fn(f64) -> String| {
        let days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
        let rows = days.iter().zip(values.chunks(24)).map(|(day, hours)| {
            let mut row = vec![(*day).to_owned()];
            row.extend(
                hours
                    .iter()
                    .map(|hour| hour.map_or_else(|| "–".to_owned(), format)),
            );
            row
        });
        let mut head = vec!["Day".to_owned()];
        head.extend((0..24).map(|hour| format!("{hour:02}")));
        let table = Table {
            caption: format!("{title}, {unit}, by hour of the day"),
            head,
            rows: rows.collect(),
        };
        Block::Figure(
            Heat {
                title,
                unit: unit.to_owned(),
                values,
                plain,
            }
            .scene(),
            table,
        )
    };
    let one = |number: f64| format!("{number:.1}");
    let at = format!("at {volume}x, {}", chosen.strategy);
    vec![
        heat(
            format!("Requests by hour of the week {at}"),
            "requests a month in that hour of the week",
            requests,
            false,
            count,
        ),
        heat(
            format!("p95 latency by hour of the week {at}"),
            "seconds",
            p95,
            true,
            one,
        ),
    ]
}

pub(super) fn limits(_: &Report, study: &Study) -> Vec<Block> {
    let mut rows = Vec::new();
    for cell in &study.cells {
        for binding in cell.binding.iter().take(2) {
            rows.push(vec![
                cell.strategy.clone(),
                format!("{}x", cell.volume),
                binding.model.clone(),
                plain(&binding.limit),
                count(binding.allowed),
                count(binding.needed),
                percent(binding.utilisation),
            ]);
        }
    }
    if rows.is_empty() {
        return vec![Block::Text(
            "The scenario states no limits, so none can bind: they are not modelled.".to_owned(),
        )];
    }
    let head = [
        "Strategy", "At", "Model", "Limit", "Allowed", "Needed", "Used",
    ];
    vec![Block::Table(Table::new(
        "The two limits of each strategy that bind first, in the busiest hour",
        &head,
        rows,
    ))]
}
