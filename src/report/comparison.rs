//! Two strategies compared, for people: the differences, the way from one to the other as bars, and sentences.

use std::fmt::Write as _;

use crate::analysis::compare::{Comparison, Difference, Step, Waterfall};

use super::analyses::{Compared, Mechanism};
use super::numbers::{count, percent, seconds, usd};
use super::table::{aligned, wrapped};

/// Metrics that are always shown, where both strategies have them.
const SHOWN: [&str; 14] = [
    "cost.total",
    "cost.per_conversation",
    "cost.per_good_answer",
    "latency.p50",
    "latency.p95",
    "first_token.p95",
    "perceived.p95",
    "slo.good_rate",
    "rate.failed",
    "rate.abandoned",
    "rate.degraded",
    "rate.wrong",
    "rate.leaked",
    "budget.over_probability",
];

/// The whole page. Metrics asked for by name are shown too.
#[must_use]
pub fn comparison_page(name: &str, found: &Comparison, asked: &[String]) -> String {
    let mut text = format!(
        "{}: `{}` against `{}` at {}x, the same {} months\n\n",
        crate::reading::harmless(name),
        found.b,
        found.a,
        found.volume,
        found.months
    );
    text.push_str(&comparison_table(found, asked));
    for waterfall in &found.waterfalls {
        text.push('\n');
        text.push_str(&bars(found, waterfall));
    }
    if !found.waterfalls.is_empty() && !found.exact {
        let _ = writeln!(
            text,
            "\nThe two differ in too many mechanisms to try every set of them: {} sets, on the way of drawn orders.",
            found.sets
        );
    }
    let sentences = comparison_findings(found);
    if !sentences.is_empty() {
        text.push_str("\nWhat stands out\n");
        for sentence in sentences {
            text.push_str(&wrapped(&crate::reading::harmless(&sentence)));
        }
    }
    text
}

/// A metric as its unit wants it.
fn shown(metric: &str, number: f64) -> String {
    if metric == "cost.growth" || metric == "cost.input_share" {
        format!("{number:.3}")
    } else if metric.starts_with("cost.") {
        usd(number)
    } else if metric.starts_with("latency.")
        || metric.starts_with("first_token.")
        || metric.starts_with("perceived.")
        || metric.starts_with("slow.")
        || metric == "recovery_s"
    {
        seconds(number)
    } else if matches!(metric, "conversations" | "requests" | "calls" | "attempts") {
        count(number)
    } else if metric.starts_with("review.") && metric != "review.share" {
        format!("{number:.1}")
    } else {
        percent(number)
    }
}

/// A difference in a metric: shares differ by points.
fn signed(metric: &str, number: f64) -> String {
    let text = shown(metric, number);
    if text.ends_with('%') {
        let points = number * 100.0;
        let decimals = if points.abs() < 0.1 && points != 0.0 {
            4
        } else {
            2
        };
        return format!("{points:+.decimals$} pt");
    }
    if number > 0.0 {
        format!("+{text}")
    } else {
        text
    }
}

/// A row for each metric: both means, the difference with its 95% interval, and how often B is better.
#[must_use]
pub fn comparison_table(found: &Comparison, asked: &[String]) -> String {
    let mut rows = vec![
        [
            "metric",
            &found.a,
            &found.b,
            "difference",
            "95% interval",
            "better in",
        ]
        .map(str::to_owned)
        .to_vec(),
    ];
    let wanted =
        |it: &&Difference| SHOWN.contains(&it.metric.as_str()) || asked.contains(&it.metric);
    for it in found.differences.iter().filter(wanted) {
        let interval = it.interval.map_or_else(
            || "–".to_owned(),
            |[low, high]| {
                format!(
                    "{} to {}",
                    signed(&it.metric, low),
                    signed(&it.metric, high)
                )
            },
        );
        let better = if it.equal_in >= 1.0 {
            "equal".to_owned()
        } else {
            it.better_in.map_or_else(
                || "–".to_owned(),
                |share| format!("{} of months", percent(share)),
            )
        };
        rows.push(vec![
            it.metric.clone(),
            shown(&it.metric, it.a),
            shown(&it.metric, it.b),
            signed(&it.metric, it.difference),
            interval,
            better,
        ]);
    }
    aligned(&rows)
}

/// Columns of a bar.
const WIDTH: usize = 32;

/// The way of one metric, largest steps first.
fn bars(found: &Comparison, waterfall: &Waterfall) -> String {
    let metric = &waterfall.metric;
    let steps = largest_first(waterfall);
    let names = steps.iter().map(|step| step.mechanism.chars().count());
    let width = names
        .chain([found.a.chars().count(), found.b.chars().count()])
        .max()
        .unwrap_or(0);
    // Every level that the way passes, to scale the drawing.
    let mut level = waterfall.from;
    let mut levels = vec![level, waterfall.to];
    for step in &steps {
        level += step.change;
        levels.push(level);
    }
    let (low, high) = levels.iter().fold((0.0_f64, 0.0_f64), |(low, high), it| {
        (low.min(*it), high.max(*it))
    });
    let scale = |from: f64, to: f64, mark: char| -> String {
        let place = |at: f64| (at - low) / (high - low).max(1e-300) * WIDTH as f64;
        let (first, last) = (place(from.min(to)), place(from.max(to)));
        (0..WIDTH)
            .map(|column| {
                let middle = column as f64 + 0.5;
                let inside = middle >= first && middle <= last;
                // What is too short for a column is still there.
                let only = (first..=last).contains(&middle) || first.floor() == column as f64;
                if inside || only && from != to {
                    mark
                } else {
                    ' '
                }
            })
            .collect()
    };
    let mut text = format!("{metric}\n");
    let amount = |number: String| format!("{number:>10}");
    let _ = writeln!(
        text,
        "  {:width$}  {}  {}",
        found.a,
        amount(shown(metric, waterfall.from)),
        scale(0.0, waterfall.from, '█')
    );
    let mut level = waterfall.from;
    for step in &steps {
        let next = level + step.change;
        let mark = if step.change < 0.0 { '░' } else { '▓' };
        let error = step.se.map_or_else(String::new, |se| {
            format!(" ± {}", signed(metric, se).trim_start_matches('+'))
        });
        let _ = writeln!(
            text,
            "  {:width$}  {}  {}{error}",
            step.mechanism,
            amount(signed(metric, step.change)),
            scale(level, next, mark)
        );
        level = next;
    }
    let _ = writeln!(
        text,
        "  {:width$}  {}  {}",
        found.b,
        amount(shown(metric, waterfall.to)),
        scale(0.0, waterfall.to, '█')
    );
    text
}

fn largest_first(waterfall: &Waterfall) -> Vec<&Step> {
    let mut steps: Vec<&Step> = waterfall.steps.iter().collect();
    steps.sort_by(|a, b| b.change.abs().total_cmp(&a.change.abs()));
    steps
}

/// What a comparison shows, in sentences.
#[must_use]
pub fn comparison_findings(found: &Comparison) -> Vec<String> {
    let of = |metric: &str| found.differences.iter().find(|it| it.metric == metric);
    let mut list = Vec::new();
    list.extend(of("cost.total").map(|it| money(found, it)));
    for waterfall in &found.waterfalls {
        list.extend(deeds(found, waterfall));
    }
    for metric in ["latency.p95", "rate.failed", "slo.good_rate"] {
        if let Some(it) = of(metric)
            && undecided(it)
        {
            list.push(format!(
                "Whether `{}` is better in {metric} cannot be told from {} months: the difference may be {}.",
                found.b,
                found.months,
                it.interval.map_or_else(String::new, |[low, high]| format!(
                    "{} to {}",
                    signed(metric, low),
                    signed(metric, high)
                ))
            ));
        }
    }
    if let Some(it) = of("slo.good_rate")
        && it.difference.abs() > 0.01
    {
        list.push(format!(
            "The two do not serve equally well: {} of requests of `{}` are answered in time, and {} of `{}`.",
            percent(it.a),
            found.a,
            percent(it.b),
            found.b
        ));
    }
    list
}

/// Different from nothing, but not surely.
fn undecided(it: &Difference) -> bool {
    it.equal_in < 1.0
        && it
            .interval
            .is_some_and(|[low, high]| low < 0.0 && high > 0.0)
}

fn money(found: &Comparison, it: &Difference) -> String {
    if it.equal_in >= 1.0 {
        return format!(
            "`{}` and `{}` cost the same in every month.",
            found.a, found.b
        );
    }
    let (word, share) = if it.difference < 0.0 {
        ("less", it.better_in.unwrap_or(f64::NAN))
    } else {
        ("more", 1.0 - it.better_in.unwrap_or(f64::NAN) - it.equal_in)
    };
    let range = it.interval.map_or_else(String::new, |[low, high]| {
        let (low, high) = (low.abs().min(high.abs()), low.abs().max(high.abs()));
        if undecided(it) {
            String::new()
        } else {
            format!(" ({} to {})", usd(low), usd(high))
        }
    });
    format!(
        "`{}` costs {} {word} a month than `{}`{range}, {} of its bill; it does in {} of months.",
        found.b,
        usd(it.difference.abs()),
        found.a,
        percent(it.difference.abs() / it.a),
        percent(share)
    )
}

/// Which mechanisms moved a metric, down and up.
fn deeds(found: &Comparison, waterfall: &Waterfall) -> Option<String> {
    let metric = &waterfall.metric;
    let total = (waterfall.to - waterfall.from).abs();
    let largest = waterfall
        .steps
        .iter()
        .map(|it| it.change.abs())
        .fold(total, f64::max);
    let said = |down: bool| {
        let steps = largest_first(waterfall).into_iter().filter(|step| {
            (step.change < 0.0) == down
                && step.change.abs() > 0.02 * largest
                && step.se.is_none_or(|se| step.change.abs() > 2.0 * se)
        });
        let named: Vec<String> = steps
            .take(4)
            .map(|step| format!("`{}` {}", step.mechanism, signed(metric, step.change)))
            .collect();
        named.join(", ")
    };
    let (down, up) = (said(true), said(false));
    let way = format!("{metric}, from `{}` to `{}`", found.a, found.b);
    match (down.is_empty(), up.is_empty()) {
        (true, true) => None,
        (false, true) => Some(format!("{way}: {down}.")),
        (true, false) => Some(format!("{way}: {up}.")),
        (false, false) => Some(format!("{way}: {down}; against that {up}.")),
    }
}

impl Compared {
    /// What a report shows of a comparison.
    #[must_use]
    pub fn of(found: &Comparison) -> Self {
        let cost = found
            .differences
            .iter()
            .find(|it| it.metric == "cost.total");
        let steps = |metric: &str| {
            let way = found.waterfalls.iter().find(|it| it.metric == metric);
            way.map_or(&[][..], |it| it.steps.as_slice())
        };
        let change = |metric: &str, name: &str| {
            let step = steps(metric).iter().find(|step| step.mechanism == name);
            step.map(|step| step.change)
        };
        Self {
            from: found.a.clone(),
            to: found.b.clone(),
            volume: found.volume,
            from_usd: cost.map_or(f64::NAN, |it| it.a),
            to_usd: cost.map_or(f64::NAN, |it| it.b),
            cheaper_in: cost.and_then(|it| it.better_in),
            mechanisms: steps("cost.total")
                .iter()
                .map(|step| Mechanism {
                    name: step.mechanism.clone(),
                    usd: step.change,
                    usd_error: step.se,
                    p95_s: change("latency.p95", &step.mechanism),
                    failed: change("rate.failed", &step.mechanism),
                })
                .collect(),
        }
    }
}
