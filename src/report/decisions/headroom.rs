//! Headroom as a table of edges, a curve for each strategy, and sentences.

use std::fmt::Write as _;

use crate::analysis::headroom::{Bind, Edge, Headroom, Point, Reach, StrategyHeadroom};
use crate::study::Metric;

use super::super::numbers::{count, percent, seconds, usd};
use super::super::table::{aligned, plain, wrapped};
use super::{promise, short, times};

/// The whole page: edges, curves, what binds first and what would help.
#[must_use]
pub fn headroom_page(headroom: &Headroom) -> String {
    let plural = if headroom.months == 1 { "" } else { "s" };
    let mut text = format!(
        "{}: up to which multiple of today's volume everything holds in {} of months ({} month{plural} a volume, seed {})\n\n",
        crate::reading::harmless(&headroom.scenario.name),
        percent(headroom.confidence),
        headroom.months,
        headroom.seed,
    );
    text.push_str(&edges(headroom));
    for strategy in &headroom.strategies {
        let _ = writeln!(text, "\n`{}` by volume", strategy.strategy);
        text.push_str(&curve(strategy));
        if let Some(ends) = &strategy.curve_ends {
            text.push_str(&wrapped(&format!(
                "The curve ends here: {ends}; --most-requests sets that."
            )));
        }
    }
    text.push_str("\nWhat binds first\n");
    for sentence in sentences(headroom) {
        text.push_str(&wrapped(&crate::reading::harmless(&sentence)));
    }
    text
}

/// A row for each strategy: where everything holds, and each requirement by itself.
fn edges(headroom: &Headroom) -> String {
    let mut heads = vec![
        "strategy".to_owned(),
        "all hold to".to_owned(),
        "first to break".to_owned(),
    ];
    if let Some(first) = headroom.strategies.first() {
        heads.extend(
            first
                .edges
                .iter()
                .map(|edge| short(&edge.requirement, edge.limit)),
        );
    }
    let mut rows = vec![heads];
    for strategy in &headroom.strategies {
        let first = strategy.first();
        let mut row = vec![
            strategy.strategy.clone(),
            first.map_or_else(|| "–".to_owned(), with_interval),
            first
                .filter(|edge| edge.reach != Reach::Beyond)
                .map_or_else(
                    || "nothing".to_owned(),
                    |edge| short(&edge.requirement, edge.limit),
                ),
        ];
        row.extend(strategy.edges.iter().map(reach));
        rows.push(row);
    }
    aligned(&rows)
}

fn reach(edge: &Edge) -> String {
    match edge.reach {
        Reach::Found => times(edge.volume),
        Reach::Beyond => format!(">{}", times(edge.volume)),
        Reach::Never => format!("<{}", times(edge.volume)),
    }
}

fn with_interval(edge: &Edge) -> String {
    match edge.reach {
        Reach::Found => format!(
            "{} ({} to {})",
            times(edge.volume),
            times(edge.low),
            times(edge.high)
        ),
        Reach::Beyond | Reach::Never => reach(edge),
    }
}

fn curve(strategy: &StrategyHeadroom) -> String {
    let heads = [
        "at", "a talk", "± se", "a month", "p95", "± se", "failed", "± se", "held", "tightest",
    ];
    let mut rows = vec![heads.map(str::to_owned).to_vec()];
    for point in &strategy.curve {
        let mut row = vec![times(point.volume)];
        row.extend(both(point.cost_per_conversation, usd));
        row.push(
            point
                .cost_total
                .map_or_else(|| "–".to_owned(), |it| usd(it.mean)),
        );
        row.extend(both(point.latency_p95, seconds));
        row.extend(both(point.failed, percent));
        row.push(held(point));
        row.push(point.tightest.as_ref().map_or_else(String::new, |binding| {
            format!(
                "{:.0}% {} {}",
                binding.utilisation * 100.0,
                binding.model,
                plain(&binding.limit)
            )
        }));
        rows.push(row);
    }
    aligned(&rows)
}

fn both(metric: Option<Metric>, format: fn(f64) -> String) -> [String; 2] {
    metric.map_or_else(
        || ["–".to_owned(), "–".to_owned()],
        |metric| [format(metric.mean), format(metric.se)],
    )
}

/// Share of months that hold the requirement that holds least.
fn held(point: &Point) -> String {
    let least = point.holds.iter().copied().fold(f64::INFINITY, f64::min);
    percent(least)
}

/// What stops each strategy, and what would help most.
fn sentences(headroom: &Headroom) -> Vec<String> {
    let mut list: Vec<String> = headroom
        .strategies
        .iter()
        .map(|it| sentence(it, headroom.confidence))
        .collect();
    let far = headroom
        .strategies
        .iter()
        .filter_map(|strategy| strategy.first().map(|edge| (strategy, edge)))
        .max_by(|a, b| order(a.1).total_cmp(&order(b.1)));
    if headroom.strategies.len() > 1
        && let Some((strategy, edge)) = far
        && edge.reach != Reach::Never
    {
        list.insert(
            0,
            format!(
                "`{}` reaches farthest: {}.",
                strategy.strategy,
                with_interval(edge)
            ),
        );
    }
    if headroom.stopped {
        list.push("It was stopped early: edges are as sharp as the volumes looked at, and strategies may be missing. Let it run on, or give it a longer --time.".to_owned());
    }
    list
}

fn order(edge: &Edge) -> f64 {
    match edge.reach {
        Reach::Never => 0.0,
        Reach::Found => edge.volume,
        Reach::Beyond => f64::MAX,
    }
}

/// What stops one strategy, and what would help most.
pub(super) fn sentence(strategy: &StrategyHeadroom, confidence: f64) -> String {
    let name = &strategy.strategy;
    let Some(edge) = strategy.first() else {
        return format!(
            "`{name}`: nothing is promised and nothing budgeted, so nothing can break; [slo] and [budget] in the scenario say what must hold."
        );
    };
    let promise = promise(&edge.requirement, edge.limit);
    if edge.reach == Reach::Beyond {
        return format!(
            "`{name}` holds everything up to {}, the largest volume looked at.",
            times(edge.volume)
        );
    }
    let (why, help) = strategy
        .binds
        .as_ref()
        .map_or_else(Default::default, |bind| {
            because(bind, &edge.metric, strategy)
        });
    if edge.reach == Reach::Never {
        return format!(
            "`{name}` does not hold \"{promise}\" in {} of months at any volume from {} on{}{why}.{help}",
            percent(confidence),
            times(edge.volume),
            nearest(strategy, edge),
        );
    }
    format!(
        "`{name}` holds everything up to {}; then \"{promise}\" breaks{why}.{help}",
        with_interval(edge)
    )
}

/// Why, and what would help most, as ends of a sentence.
fn because(bind: &Bind, metric: &str, strategy: &StrategyHeadroom) -> (String, String) {
    let limit = bind.limit.as_ref();
    if metric.starts_with("cost.") {
        let lines: Vec<String> = bind
            .lines
            .iter()
            .map(|(line, amount)| format!("{} {}", line.replace('_', " "), usd(*amount)))
            .collect();
        let help = " A larger budget, or a cheaper setting (`gonogo optimize`), moves this edge.";
        return (
            format!(
                ": at {} {}{}",
                times(bind.volume),
                bill(bind, strategy),
                lines.join(", ")
            ),
            help.to_owned(),
        );
    }
    let refusing = ["throttled", "queue_full"];
    let by_limit = |name: &str| refusing.contains(&name);
    if metric == "rate.wrong" {
        return (
            String::new(),
            " Volume hardly moves it: better models, confidence gating or review of answers would."
                .to_owned(),
        );
    }
    let failing = metric == "rate.failed";
    let reason = bind.failing.first();
    let mut why = String::new();
    if failing && let Some((name, share)) = reason {
        why = format!(
            ": {} of requests fail by {} at {}",
            percent(*share),
            name.replace('_', " "),
            times(bind.volume)
        );
    } else if !failing && let Some((cause, more)) = bind.slow.first() {
        why = format!(
            ": at {} the slowest 5% spend {} more than the middle on {}",
            times(bind.volume),
            seconds(*more),
            cause.replace('_', " ")
        );
    }
    let help = match limit {
        Some(limit) if !failing || reason.is_none_or(|(name, _)| by_limit(name)) => format!(
            " First to bind: {} {} of `{}`, {:.0}% used in the busiest hour, which needs {}. More of them, or sending part elsewhere, would help most.",
            count(limit.allowed),
            plain(&limit.limit),
            limit.model,
            limit.utilisation * 100.0,
            count(limit.needed)
        ),
        _ if failing => format!(
            " No limit is tight there, so it is not volume that breaks it: {} would help most.",
            match reason.map(|(name, _)| name.as_str()) {
                Some("outage") => "a fallback at another provider",
                Some("error") => "another attempt (retry)",
                Some("timeout") => "a longer timeout, or a faster model",
                Some("breaker_open") => "a fallback behind the breaker",
                Some("overflow") => "a larger context window, or a shorter history",
                _ => "a fallback",
            }
        ),
        _ => " No limit is tight there: a faster model, shorter answers or a looser promise would help most.".to_owned(),
    };
    (why, help)
}

/// What a month costs where a budget breaks: its mean may lie well below the budget, and dear months above it.
fn bill(bind: &Bind, strategy: &StrategyHeadroom) -> String {
    let place = strategy
        .edges
        .iter()
        .position(|edge| edge.requirement == bind.requirement);
    let point = strategy
        .curve
        .iter()
        .find(|point| point.volume == bind.volume);
    let known = point
        .zip(place)
        .and_then(|(point, place)| Some((point.cost_total?, *point.holds.get(place)?)));
    known.map_or_else(
        || "most is spent on ".to_owned(),
        |(cost, holds)| {
            format!(
                "{} of months cost more; a month costs {} on average, most of it ",
                percent(1.0 - holds),
                usd(cost.mean)
            )
        },
    )
}

/// What a promise that never holds comes to at the smallest volume.
fn nearest(strategy: &StrategyHeadroom, edge: &Edge) -> String {
    let value = strategy
        .curve
        .first()
        .and_then(|point| match edge.metric.as_str() {
            "latency.p95" => point.latency_p95.map(|it| seconds(it.mean)),
            "rate.failed" => point.failed.map(|it| percent(it.mean)),
            "cost.total" => point.cost_total.map(|it| usd(it.mean)),
            _ => None,
        });
    value.map_or_else(String::new, |value| format!(" (there it is {value})"))
}
