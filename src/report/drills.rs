//! Drills for people: strategies side by side, the minutes as a line or a table, and what protected users, in sentences.

use std::fmt::Write as _;

use crate::engine::ledger::OUTCOMES;
use crate::study::{DrillMinute, DrillResult, Protection};

use super::analyses::Drilled;
use super::numbers::{percent, seconds, usd};
use super::table::aligned;

/// Share of requests from which a protection is said to have done something.
const WORTH_SAYING: f64 = 0.001;

/// Every drill: its table, its minutes, and what stands out.
#[must_use]
pub fn drill_page(name: &str, results: &[DrillResult], every_minute: bool) -> String {
    let mut text = String::new();
    let runs = results.first().map_or(0, |result| result.cell.months);
    let _ = writeln!(
        text,
        "{}: {runs} runs of each drill, with and without the incident; ordinary incidents switched off",
        crate::reading::harmless(name)
    );
    let mut names: Vec<&str> = results.iter().map(|result| result.drill.as_str()).collect();
    names.dedup();
    for drill in names {
        let group: Vec<&DrillResult> = results.iter().filter(|it| it.drill == drill).collect();
        text.push_str(&section(drill, &group, every_minute));
    }
    text
}

fn section(drill: &str, group: &[&DrillResult], every_minute: bool) -> String {
    let mut text = format!("\n{}\n", crate::reading::harmless(drill));
    let mut scripts: Vec<&str> = group.iter().map(|result| result.script.as_str()).collect();
    scripts.dedup();
    if let [one] = scripts.as_slice() {
        let _ = writeln!(text, "{}", crate::reading::harmless(one));
    } else {
        for result in group {
            let _ = writeln!(
                text,
                "{}: {}",
                result.cell.strategy,
                crate::reading::harmless(&result.script)
            );
        }
    }
    text.push('\n');
    text.push_str(&drill_table(group));
    for result in group {
        if every_minute {
            let _ = writeln!(text, "\n{}, minute by minute", result.cell.strategy);
            text.push_str(&minute_table(&result.minutes));
        }
    }
    if !every_minute {
        text.push('\n');
        text.push_str(&lines(group));
    }
    let sentences = drill_findings(group);
    if !sentences.is_empty() {
        text.push_str("\nWhat stands out\n");
        for sentence in sentences {
            text.push_str(&super::wrapped(&crate::reading::harmless(&sentence)));
        }
    }
    text
}

/// A row for each strategy: shares of the requests sent during the incident and its recovery.
#[must_use]
pub fn drill_table(group: &[&DrillResult]) -> String {
    let heads = [
        "strategy",
        "served",
        "fallback",
        "stale",
        "degraded",
        "left",
        "failed",
        "p95",
        "attempts",
        "spent",
        "usually",
        "recovered",
    ];
    let mut rows = vec![heads.map(str::to_owned).to_vec()];
    for result in group {
        let mean = |name: &str| get(result, name);
        let served = mean("rate.answered") + mean("rate.cached") + mean("rate.fallback");
        rows.push(vec![
            result.cell.strategy.clone(),
            percent(served),
            percent(mean("rate.fallback")),
            percent(mean("rate.stale")),
            percent(mean("rate.degraded")),
            percent(mean("rate.abandoned")),
            percent(mean("rate.failed")),
            seconds(mean("latency.p95")),
            format!("{:.2} each", mean("attempts") / mean("requests")),
            usd(money(result)[0]),
            usd(money(result)[1]),
            recovered(result),
        ]);
    }
    aligned(&rows)
}

fn get(result: &DrillResult, name: &str) -> f64 {
    result
        .cell
        .metrics
        .get(name)
        .map_or(f64::NAN, |metric| metric.mean)
}

/// "at once", "2.5 min", "never in 12% of runs".
fn recovered(result: &DrillResult) -> String {
    let Some(metric) = result.cell.metrics.get("recovery_s") else {
        return "–".to_owned();
    };
    if result.unrecovered > 0.0 {
        return format!("not in an hour: {}", percent(result.unrecovered));
    }
    if metric.p95 < 1.0 {
        "at once".to_owned()
    } else if metric.p95 - metric.p50 < 60.0 {
        format!("after {}", seconds(metric.p50))
    } else {
        format!("after {}, p95 {}", seconds(metric.p50), seconds(metric.p95))
    }
}

/// Every minute of one strategy.
#[must_use]
pub fn minute_table(minutes: &[DrillMinute]) -> String {
    let heads = [
        "minute", "requests", "answered", "cached", "fallback", "stale", "degraded", "blocked",
        "left", "failed", "p50", "p95", "attempts", "cost",
    ];
    let mut rows = vec![heads.map(str::to_owned).to_vec()];
    let maybe = |number: Option<f64>| number.map_or_else(|| "–".to_owned(), seconds);
    for minute in minutes {
        rows.push(vec![
            minute.minute.to_string(),
            format!("{:.1}", minute.requests),
            percent(minute.answered),
            percent(minute.cached),
            percent(minute.fallback),
            percent(minute.stale),
            percent(minute.degraded),
            percent(minute.blocked),
            percent(minute.abandoned),
            percent(minute.failed),
            maybe(minute.latency_p50),
            maybe(minute.latency_p95),
            format!("{:.1}", minute.attempts),
            usd(minute.usd),
        ]);
    }
    aligned(&rows)
}

/// Minutes in one character of a line.
const STEP: usize = 2;

/// For each strategy a line of what went wrong and a line of latency: a character for two minutes.
fn lines(group: &[&DrillResult]) -> String {
    let mut text = String::new();
    let slowest = group
        .iter()
        .flat_map(|result| &result.minutes)
        .filter_map(|minute| minute.latency_p95)
        .fold(0.0, f64::max);
    let names = group
        .iter()
        .map(|result| result.cell.strategy.chars().count());
    let width = names.max().unwrap_or(0).max(8);
    if let Some(first) = group.first() {
        let before = first.minutes.iter().filter(|it| it.minute < 0).count() / STEP;
        let all = first.minutes.len() / STEP;
        let marker = "strikes";
        let _ = writeln!(
            text,
            "{:width$}             {}{marker}{:>rest$}",
            "minutes",
            " ".repeat(before),
            format!("+{}", first.minutes.last().map_or(0, |it| it.minute + 1)),
            rest = all.saturating_sub(before + marker.len()),
        );
    }
    for result in group {
        let served = |minute: &DrillMinute| minute.answered + minute.cached + minute.fallback;
        let missed = |minutes: &[DrillMinute]| {
            let asked: f64 = minutes.iter().map(|it| it.requests).sum();
            let lost: f64 = minutes
                .iter()
                .map(|it| it.requests * (1.0 - served(it)))
                .sum();
            lost / asked.max(1e-9)
        };
        let slow = |minutes: &[DrillMinute]| {
            let known = minutes.iter().filter_map(|it| it.latency_p95);
            known.fold(0.0, f64::max) / slowest.max(1e-9)
        };
        let line = |value: &dyn Fn(&[DrillMinute]) -> f64| -> String {
            result
                .minutes
                .chunks(STEP)
                .map(|it| bar(value(it)))
                .collect()
        };
        let _ = writeln!(
            text,
            "{:width$}  not served {}",
            result.cell.strategy,
            line(&missed)
        );
        let _ = writeln!(text, "{:width$}  p95        {}", "", line(&slow));
    }
    let _ = writeln!(
        text,
        "{:width$}  a character is {STEP} minutes; full height is everybody, or {}",
        "",
        seconds(slowest)
    );
    text
}

/// A bar of an eighth to the full height; a hundredth or less is a dot.
fn bar(share: f64) -> char {
    const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    if share.is_nan() || share <= 0.01 {
        return '·';
    }
    let level = (1_u8..=8).find(|level| share <= f64::from(*level) / 8.0 + 1e-9);
    BARS.get(usize::from(level.unwrap_or(8)) - 1)
        .copied()
        .unwrap_or('█')
}

/// What one drill shows, in sentences.
#[must_use]
pub fn drill_findings(group: &[&DrillResult]) -> Vec<String> {
    let mut list = Vec::new();
    list.extend(hammered(group));
    for result in group {
        list.extend(protected(result));
    }
    list.extend(defenceless(group));
    list.extend(helps(group));
    list
}

fn served(result: &DrillResult) -> f64 {
    ["rate.answered", "rate.cached", "rate.fallback"]
        .map(|name| get(result, name))
        .iter()
        .sum()
}

/// The minutes of the incident itself.
fn during(result: &DrillResult) -> impl Iterator<Item = &DrillMinute> {
    let lasts = result.lasts_minutes;
    let inside = move |it: &&DrillMinute| it.minute >= 0 && f64::from(it.minute) < lasts;
    result.minutes.iter().filter(inside)
}

/// Money by use in the minutes of the incident: as it was, and without it.
fn money(result: &DrillResult) -> [f64; 2] {
    during(result).fold([0.0; 2], |[here, usual], it| {
        [here + it.usd, usual + it.usual_usd]
    })
}

/// Attempts on what is struck, per request, where they are many more than usual.
fn hammered(group: &[&DrillResult]) -> Option<String> {
    let mut named = Vec::new();
    for result in group {
        let [sent, usual, asked] = during(result).fold([0.0; 3], |[sent, usual, asked], it| {
            [
                sent + it.attempts,
                usual + it.usual_attempts,
                asked + it.requests,
            ]
        });
        if sent > usual * 1.2 && sent > asked * 1.2 {
            named.push(format!(
                "`{}` {:.1} times a request",
                result.cell.strategy,
                sent / asked
            ));
        }
    }
    (!named.is_empty()).then(|| {
        format!(
            "Retries hammer what is struck: {}; a breaker or a retry budget stops that.",
            named.join(", ")
        )
    })
}

/// What the protections of a strategy did; `None` if they did nothing.
fn protected(result: &DrillResult) -> Option<String> {
    let said: Vec<String> = result.protections.iter().filter_map(deed).collect();
    let idle: Vec<&str> = result
        .protections
        .iter()
        .filter(|it| deed(it).is_none())
        .map(|it| it.mechanism.as_str())
        .collect();
    let mut sentence = format!(
        "What protected users of `{}`: {}",
        result.cell.strategy,
        said.join("; ")
    );
    if !idle.is_empty() {
        let _ = write!(sentence, "; nothing came of {}", idle.join(", "));
    }
    (!said.is_empty()).then_some(sentence + ".")
}

/// Strategies whose protections did nothing.
fn defenceless(group: &[&DrillResult]) -> Option<String> {
    let bare = group.iter().filter(|it| {
        !it.protections.is_empty() && it.protections.iter().all(|it| deed(it).is_none())
    });
    let named: Vec<String> = bare
        .map(|it| {
            let names: Vec<&str> = it
                .protections
                .iter()
                .map(|it| it.mechanism.as_str())
                .collect();
            format!("`{}` ({})", it.cell.strategy, names.join(", "))
        })
        .collect();
    (!named.is_empty()).then(|| {
        format!(
            "Protections that made no difference here: {}.",
            named.join(", ")
        )
    })
}

/// "without `breaker` 12% are not served instead of 0.10%", if it is more than chance.
fn deed(protection: &Protection) -> Option<String> {
    let [with, without] = protection.unserved;
    let gain = without - with;
    let sure = gain.abs() > 2.0 * protection.unserved_se.max(0.0) && gain.abs() >= WORTH_SAYING;
    let mut parts = Vec::new();
    if sure {
        parts.push(format!(
            "{} are not served instead of {}",
            percent(without),
            percent(with)
        ));
    }
    // Of a handful of answers the slowest say nothing.
    if let [Some(quick), Some(slow)] = protection.latency_p95
        && with.max(without) < 0.5
        && (slow / quick - 1.0).abs() > 0.1
    {
        parts.push(format!(
            "p95 is {} instead of {}",
            seconds(slow),
            seconds(quick)
        ));
    }
    let [few, many] = protection.attempts_per_request;
    if many > few * 1.2 {
        parts.push(format!("{many:.1} attempts a request instead of {few:.1}"));
    }
    (!parts.is_empty()).then(|| format!("without `{}` {}", protection.mechanism, parts.join(", ")))
}

/// What would help those that serve worst: what the best of the group has.
fn helps(group: &[&DrillResult]) -> Option<String> {
    let best = group
        .iter()
        .max_by(|a, b| served(a).total_cmp(&served(b)))?;
    let worst = group
        .iter()
        .min_by(|a, b| served(a).total_cmp(&served(b)))?;
    let (good, bad) = (served(best), served(worst));
    if bad >= 0.99 {
        return Some("Every strategy serves at least 99% of requests through it.".to_owned());
    }
    if good - bad < 0.01 {
        return Some(format!(
            "No strategy serves more than {} of requests through it: a fallback on another provider, a stale or a canned answer would help most.",
            percent(good)
        ));
    }
    let work = best
        .protections
        .iter()
        .find(|it| it.unserved[1] - it.unserved[0] >= WORTH_SAYING)
        .map_or(String::new(), |it| {
            format!(", above all by its `{}`", it.mechanism)
        });
    Some(format!(
        "`{}` serves {} of requests through it{work}; `{}` only {}.",
        best.cell.strategy,
        percent(good),
        worst.cell.strategy,
        percent(bad)
    ))
}

/// Minutes in one step of a report's figure.
const FIGURE_STEP: usize = 5;

impl Drilled {
    /// What a report shows of a drill.
    #[must_use]
    pub fn of(result: &DrillResult) -> Self {
        let mean = |name: &str| result.cell.metrics.get(name).map(|metric| metric.mean);
        let shares = |it: &DrillMinute| {
            [
                it.answered,
                it.cached,
                it.fallback,
                it.stale,
                it.degraded,
                it.blocked,
                it.abandoned,
                it.failed,
            ]
        };
        let steps = result.minutes.chunks(FIGURE_STEP);
        let counts = steps.clone().map(|minutes| {
            let mut sums = [0.0; OUTCOMES.len()];
            for minute in minutes {
                for (sum, share) in sums.iter_mut().zip(shares(minute)) {
                    *sum += share * minute.requests / minutes.len() as f64;
                }
            }
            sums.to_vec()
        });
        let counts = counts.collect();
        let starts = steps.filter_map(|minutes| minutes.first());
        let [usd, usual] = money(result);
        Self {
            drill: result.drill.clone(),
            about: result.script.clone(),
            strategy: result.cell.strategy.clone(),
            outcomes: OUTCOMES.iter().map(|name| (*name).to_owned()).collect(),
            minutes: starts.map(|minute| f64::from(minute.minute)).collect(),
            counts,
            lasts_min: result.lasts_minutes,
            failed: mean("rate.failed").unwrap_or(f64::NAN),
            p95_s: mean("latency.p95"),
            recovery_s: mean("recovery_s"),
            extra_usd: Some(usd - usual),
        }
    }
}
