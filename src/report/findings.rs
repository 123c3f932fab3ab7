//! What stands out in a study, in sentences: the refusals, the broken promises, the cheapest that holds, and what the
//! numbers do not say.

use crate::study::{Cell, Study};

use super::numbers::{count, percent, seconds, usd};
use super::table::plain;

/// Refused attempts from which a sentence is owed.
const REFUSED: f64 = 0.005;
/// Difference in `slo.good_rate` from which a ranking by cost misleads.
const UNEQUAL_SERVICE: f64 = 0.01;

/// Sentences, the most urgent first; each stands on its own. What several strategies share is said once for a volume.
#[must_use]
pub fn findings(study: &Study, slo_confidence: f64) -> Vec<String> {
    let mut list = Vec::new();
    for cells in by_volume(study) {
        list.extend(refusals(&cells));
        list.extend(missed(&cells, slo_confidence));
        list.extend(over_budget(&cells));
    }
    list.extend(leaks(study));
    list.extend(
        by_volume(study)
            .iter()
            .filter_map(|cells| cheapest(cells, slo_confidence)),
    );
    list.extend(assumptions(study));
    list.extend(
        study
            .warnings
            .iter()
            .map(|warning| format!("Note: {warning}.")),
    );
    list
}

fn by_volume(study: &Study) -> Vec<Vec<&Cell>> {
    let mut volumes: Vec<f64> = study.cells.iter().map(|cell| cell.volume).collect();
    volumes.sort_unstable_by(f64::total_cmp);
    volumes.dedup();
    volumes
        .iter()
        .map(|volume| {
            study
                .cells
                .iter()
                .filter(|cell| cell.volume == *volume)
                .collect()
        })
        .collect()
}

fn get(cell: &Cell, name: &str) -> f64 {
    cell.metrics
        .get(name)
        .map_or(f64::NAN, |metric| metric.mean)
}

fn place(cell: &Cell) -> String {
    format!("At {}x, `{}`", cell.volume, cell.strategy)
}

/// "`cached` 12%, `tiered` 3%"
fn each(cells: &[&Cell], number: impl Fn(&Cell) -> f64) -> String {
    let named: Vec<String> = cells
        .iter()
        .map(|cell| format!("`{}` {}", cell.strategy, percent(number(cell))))
        .collect();
    named.join(", ")
}

/// Share of a strategy's attempts that limits refuse, or of its requests that a full queue turns away.
fn refused(cell: &Cell) -> f64 {
    get(cell, "rate.throttled_attempts").max(get(cell, "failed.queue_full"))
}

/// Limits and queues that turn people away, and what would serve them: the worst strategy in full, the others named.
fn refusals(cells: &[&Cell]) -> Option<String> {
    let mut hit: Vec<&Cell> = cells
        .iter()
        .copied()
        .filter(|cell| refused(cell) >= REFUSED)
        .collect();
    hit.sort_by(|a, b| refused(b).total_cmp(&refused(a)));
    let (worst, others) = hit.split_first()?;
    let binding = worst.binding.first().filter(|it| it.refused > 0.0)?;
    let only_queues = worst
        .binding
        .iter()
        .all(|it| it.refused == 0.0 || it.limit == "slots");
    let what = if only_queues {
        "of its requests turned away at a full queue"
    } else {
        "of its attempts refused"
    };
    let remedy = if binding.needed > binding.allowed {
        format!(
            "its busiest hour needs {}: ask for that, or send part of it elsewhere",
            count(binding.needed)
        )
    } else {
        format!(
            "its busiest hour needs {} on average, bursts need more: let requests wait (admission), or spread them",
            count(binding.needed)
        )
    };
    let full = get(worst, "cost.at_full_service") - get(worst, "cost.total");
    let dearer = if full > 0.05 * get(worst, "cost.total") {
        format!(" Serving everybody would cost {} more a month.", usd(full))
    } else {
        String::new()
    };
    let also = if others.is_empty() {
        String::new()
    } else {
        format!(" So have {}.", each(others, refused))
    };
    Some(format!(
        "{} has {} {what}: {} {} on {} bind first; {remedy}.{dearer}{also}",
        place(worst),
        percent(refused(worst)),
        count(binding.allowed),
        plain(&binding.limit),
        binding.model,
    ))
}

/// Promises that a strategy breaks: name and share of months that hold it.
fn broken(cell: &Cell, confidence: f64) -> Vec<String> {
    cell.metrics
        .iter()
        .filter_map(|(name, metric)| {
            let slo = name.strip_prefix("slo.held_probability.")?;
            (metric.mean < confidence)
                .then(|| format!("{slo} (held in {} of months)", percent(metric.mean)))
        })
        .collect()
}

/// Promises that are not held in enough months, with what the slow ones wait for.
fn missed(cells: &[&Cell], confidence: f64) -> Vec<String> {
    let hit = cells.iter().filter_map(|cell| {
        let broken = broken(cell, confidence);
        if broken.is_empty() {
            return None;
        }
        let slowest = cell
            .metrics
            .iter()
            .filter_map(|(name, metric)| {
                name.strip_prefix("slow.").map(|cause| (cause, metric.mean))
            })
            .max_by(|a, b| a.1.total_cmp(&b.1))
            .filter(|(_, more)| *more > 0.05)
            .map(|(cause, more)| {
                format!(
                    "; its slowest 5% spend {} more than the middle on {}",
                    seconds(more),
                    cause.replace('_', " ")
                )
            });
        Some(format!(
            "{} does not hold {}{}.",
            place(cell),
            broken.join(", "),
            slowest.unwrap_or_default()
        ))
    });
    hit.collect()
}

fn over_budget(cells: &[&Cell]) -> Option<String> {
    let chance = |cell: &Cell| get(cell, "budget.over_probability");
    let hit: Vec<&Cell> = cells
        .iter()
        .copied()
        .filter(|cell| chance(cell) > 0.05)
        .collect();
    let first = hit.first()?;
    Some(format!(
        "At {}x the planned budget is exceeded in this share of months: {}.",
        first.volume,
        each(&hit, chance)
    ))
}

/// Sensitive requests that leave unsanitised, in one sentence for all strategies.
fn leaks(study: &Study) -> Option<String> {
    let launch = study.cells.first()?.volume;
    let leaking: Vec<String> = study
        .cells
        .iter()
        .filter(|cell| cell.volume == launch && get(cell, "rate.leaked") > 0.0005)
        .map(|cell| format!("`{}` {}", cell.strategy, percent(get(cell, "rate.leaked"))))
        .collect();
    (!leaking.is_empty()).then(|| {
        format!(
            "Sensitive requests leave the house unsanitised, as a share of all requests: {}. A sensitive_route or sanitise would stop them.",
            leaking.join(", ")
        )
    })
}

/// At a volume the cheapest strategy that holds every promise, against the dearest.
fn cheapest(cells: &[&Cell], confidence: f64) -> Option<String> {
    let volume = cells.first()?.volume;
    let promises = |cell: &Cell| {
        cell.metrics
            .keys()
            .any(|name| name.starts_with("slo.held_probability."))
    };
    if cells.len() < 2 || !cells.iter().any(|cell| promises(cell)) {
        return None;
    }
    let holds = |cell: &&&Cell| broken(cell, confidence).is_empty();
    let cost = |cell: &Cell| get(cell, "cost.total");
    let Some(best) = cells
        .iter()
        .filter(holds)
        .min_by(|a, b| cost(a).total_cmp(&cost(b)))
    else {
        return Some(format!(
            "At {volume}x no strategy holds every promise in {} of months.",
            percent(confidence)
        ));
    };
    let dearest = cells.iter().max_by(|a, b| cost(a).total_cmp(&cost(b)))?;
    let good = |cell: &Cell| get(cell, "slo.good_rate");
    let unequal = cells
        .iter()
        .any(|cell| (good(cell) - good(best)).abs() > UNEQUAL_SERVICE);
    let caution = if unequal {
        " (they do not serve equally well: good answers in time differ by more than a point, see slo.good_rate)"
    } else {
        ""
    };
    let against = if dearest.strategy == best.strategy {
        String::new()
    } else {
        format!(
            "; `{}` costs {:.1} times as much",
            dearest.strategy,
            cost(dearest) / cost(best)
        )
    };
    Some(format!(
        "At {volume}x the cheapest that holds every promise is `{}`, {} a month{against}{caution}.",
        best.strategy,
        usd(cost(best))
    ))
}

/// What the numbers rest on, and what they do not say.
fn assumptions(study: &Study) -> Vec<String> {
    let mut list = Vec::new();
    if !study.assumed.is_empty() {
        let named: Vec<&str> = study
            .assumed
            .iter()
            .take(4)
            .map(|it| it.path.as_str())
            .collect();
        let more = study.assumed.len().saturating_sub(named.len());
        let rest = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        list.push(format!(
            "Assumed, from dated defaults: {}{rest}.",
            named.join(", ")
        ));
    }
    let mut unknown: Vec<&str> = study
        .cells
        .iter()
        .flat_map(|cell| cell.not_modelled.iter().map(String::as_str))
        .collect();
    unknown.sort_unstable();
    unknown.dedup();
    if !unknown.is_empty() {
        list.push(format!("Not modelled, because the scenario does not state it: {}. No news there is not good news.", unknown.join(", ")));
    }
    list
}
