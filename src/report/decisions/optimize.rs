//! What optimize found, as a table, a patch and sentences.

use std::fmt::Write as _;

use crate::analysis::optimize::{Choice, Goal, Held, Optimized};

use super::super::numbers::{percent, seconds, usd};
use super::super::table::{aligned, wrapped};
use super::{in_unit, promise, short, times};

/// How many settings there are.
fn settings(found: &Optimized) -> String {
    match found.settings {
        1 => "1 setting".to_owned(),
        number => format!("{} settings", super::super::numbers::count(number as f64)),
    }
}

/// The whole page: the best setting against the runner-up and what is written, the patch, sentences.
#[must_use]
pub fn optimize_page(found: &Optimized) -> String {
    let goal = match found.goal {
        Goal::Cheapest => "the cheapest setting that holds every promise",
        Goal::Fastest => "the fastest setting within the budget",
    };
    let mut text = format!(
        "{}: {goal} in {} of months at {}, of {} (seed {})\n\n",
        crate::reading::harmless(&found.scenario.name),
        percent(found.confidence),
        times(found.volume),
        settings(found),
        found.seed,
    );
    let mut rows = Vec::new();
    let named = [
        ("best", &found.best),
        ("runner-up", &found.runner_up),
        ("nearest", &found.nearest),
    ];
    for (name, choice) in named {
        rows.extend(
            choice
                .as_ref()
                .map(|choice| row(name, choice, found.confidence)),
        );
    }
    rows.extend(
        found
            .as_written
            .iter()
            .map(|choice| row("as written", choice, found.confidence)),
    );
    if !rows.is_empty() {
        let heads = [
            "", "strategy", "a month", "± se", "p95", "failed", "months", "holds",
        ];
        rows.insert(0, heads.map(str::to_owned).to_vec());
        text.push_str(&aligned(&rows));
    }
    for (name, choice) in named {
        if let Some(choice) = choice.as_ref().filter(|it| !it.turned.is_empty()) {
            let _ = writeln!(text, "\nSettings of the {name}");
            text.push_str(&knobs(choice));
        }
    }
    if let Some(best) = &found.best {
        let patch = best.patch();
        text.push_str("\nAs TOML\n");
        text.push_str(if patch.is_empty() {
            "# nothing to change\n"
        } else {
            &patch
        });
    }
    text.push_str("\nWhat stands out\n");
    for sentence in sentences(found) {
        text.push_str(&wrapped(&crate::reading::harmless(&sentence)));
    }
    text
}

fn row(name: &str, choice: &Choice, confidence: f64) -> Vec<String> {
    let broken: Vec<String> = choice
        .holds
        .iter()
        .filter(|it| it.share < confidence - 1e-9)
        .map(|it| {
            format!(
                "{} in {}",
                short(&it.requirement, it.limit),
                percent(it.share)
            )
        })
        .collect();
    vec![
        name.to_owned(),
        choice.strategy.clone(),
        usd(choice.cost.0),
        usd(choice.cost.1),
        seconds(choice.latency_p95.0),
        percent(choice.failed.0),
        choice.months.to_string(),
        if broken.is_empty() {
            "all".to_owned()
        } else {
            format!("no: {}", broken.join(", "))
        },
    ]
}

fn knobs(choice: &Choice) -> String {
    let rows: Vec<Vec<String>> = choice
        .turned
        .iter()
        .map(|it| {
            let note = if it.was == it.value {
                "as it is".to_owned()
            } else {
                format!(
                    "was {}",
                    it.was.split_whitespace().collect::<Vec<_>>().join(" ")
                )
            };
            vec![it.path.clone(), it.value.clone(), note]
        })
        .collect();
    aligned(&rows)
}

fn sentences(found: &Optimized) -> Vec<String> {
    let mut list = Vec::new();
    let amount = |choice: &Choice| match found.goal {
        Goal::Cheapest => usd(choice.cost.0),
        Goal::Fastest => seconds(choice.latency_p95.0),
    };
    if let Some(best) = &found.best {
        let before = found
            .as_written
            .iter()
            .find(|it| it.strategy == best.strategy);
        let against = before.map_or_else(String::new, |before| {
            let breaks = if before.holds(found.confidence) {
                ""
            } else {
                ", which breaks a promise"
            };
            format!(
                "; as it is written `{}` takes {}{breaks}",
                before.strategy,
                amount(before)
            )
        });
        list.push(format!(
            "The best is `{}` with the settings above: {}{against}.",
            best.strategy,
            amount(best)
        ));
        if best.canned > 0.005 {
            list.push(format!(
                "Beware: {} of its requests get a canned answer, which breaks no promise and helps nobody.",
                percent(best.canned)
            ));
        }
        if let Some((second, better)) = found.runner_up.as_ref().zip(found.better) {
            let name = format!("(`{}`, {})", second.strategy, amount(second));
            let percent = percent(better);
            list.push(if better < 0.25 {
                format!(
                    "The runner-up {name} is probably a little better by itself (the best beats it with a probability of {percent}), but by less than half a percent, and it has less slack in its closest promise."
                )
            } else {
                let between = if better < 0.75 {
                    ": they are as good as equal, so choose what is easier to run"
                } else {
                    ""
                };
                format!(
                    "It is really better than the runner-up {name} with a probability of {percent}{between}."
                )
            });
        }
        if let Some(tight) = best
            .holds
            .iter()
            .min_by(|a, b| a.bounds.0.total_cmp(&b.bounds.0))
            .filter(|it| it.bounds.0 < found.confidence)
        {
            list.push(format!(
                "Its closest promise, \"{}\", held in {} of {} months; the true share lies between {} and {}. --months more would tell.",
                promise(&tight.requirement, tight.limit),
                percent(tight.share),
                best.months,
                percent(tight.bounds.0),
                percent(tight.bounds.1)
            ));
        }
        if best.turned.iter().any(|it| it.was == it.value)
            && best.turned.iter().all(|it| it.was == it.value)
        {
            list.push("That is what the scenario has already.".to_owned());
        }
    } else if let Some(nearest) = &found.nearest {
        list.push(none_holds(found, nearest));
    }
    list.push(format!(
        "Looked at {} of {}; {} months simulated, where trying all would have taken {}.",
        super::super::numbers::count(found.looked_at as f64),
        settings(found),
        super::super::numbers::count(found.months_simulated as f64),
        super::super::numbers::count(found.months_of_enumeration as f64)
    ));
    if found.stopped {
        list.push(
            "It was stopped early: a better setting may be left. Let it run on, or give it a longer --time."
                .to_owned(),
        );
    }
    list
}

/// How a request ended that failed for a reason.
fn ended(reason: &str) -> &str {
    match reason {
        "throttled" => "are refused by a limit",
        "queue_full" => "find a full queue",
        "timeout" => "time out",
        "outage" => "meet an outage",
        "breaker_open" => "find an open breaker",
        "overflow" => "do not fit the context window",
        _ => "end in an error",
    }
}

/// Why nothing holds, by the promise that the nearest setting breaks most, and what would help.
fn none_holds(found: &Optimized, nearest: &Choice) -> String {
    let over = |it: &Held| {
        if it.share < found.confidence - 1e-9 {
            it.value / it.limit
        } else {
            0.0
        }
    };
    let Some(worst) = nearest
        .holds
        .iter()
        .max_by(|a, b| over(a).total_cmp(&over(b)))
    else {
        return "No setting could be simulated.".to_owned();
    };
    let reason = match (&nearest.failing, worst.metric == "rate.failed") {
        (Some((name, share)), true) => {
            format!(", because {} of requests {}", percent(*share), ended(name))
        }
        _ => String::new(),
    };
    let help = match (
        worst.metric.as_str(),
        nearest.failing.as_ref().map(|it| it.0.as_str()),
    ) {
        ("rate.failed", Some("throttled" | "queue_full")) => {
            "a higher limit, admission or another model would help most: `gonogo headroom` says which limit binds"
        }
        ("rate.failed", _) => {
            "a fallback at another provider, or one more attempt, would help most"
        }
        ("rate.wrong", _) => "a better model, confidence gating or review would help most",
        ("cost.total", _) => "a larger budget, or a cheaper model to route to, would help most",
        _ => "a faster model, shorter answers, streaming, or a looser promise would help most",
    };
    format!(
        "No setting holds \"{}\" at {} in {} of months: the nearest reaches {}{reason}. Widen the ranges of [optimize], or change what they do not cover: {help}.",
        promise(&worst.requirement, worst.limit),
        times(found.volume),
        percent(found.confidence),
        in_unit(&worst.metric, worst.value)
    )
}
