//! A simulated rule's table taken apart.

use crate::reading::{Problem, Table, Walk, nearest};
use crate::study::metrics;

use super::rules::slo_name;
use super::types::{Bound, Rule, Scope};

/// One simulated rule of a question.
pub(super) fn rule(mut table: Table<'_, '_>, walk: &mut Walk) -> Option<Rule> {
    let span = table.span.clone();
    let metric = table.take("metric", walk);
    if metric.is_none() {
        walk.say(
            Problem::new(span.clone(), "`metric` is missing")
                .expected("a metric such as \"cost.total\""),
        );
    }
    let name = metric
        .as_ref()
        .and_then(|field| field.text(walk))
        .unwrap_or_default()
        .to_owned();
    if let Some(field) = metric
        .as_ref()
        .filter(|_| !name.is_empty() && !metrics::is_metric(&name))
    {
        let problem = field.problem(format!("`{name}` is not a metric"));
        walk.say(match nearest(&name, metrics::METRICS.iter().copied()) {
            Some(near) => problem.help(format!("did you mean `{near}`?")),
            None => problem.expected("one of the names that `gonogo simulate --json` prints"),
        });
    }
    let seconds = table
        .take("seconds", walk)
        .and_then(|field| field.number(walk));
    if (name == "share_within") != seconds.is_some() {
        let text = if seconds.is_some() {
            "`seconds` belongs to `share_within` only"
        } else {
            "`share_within` needs `seconds`"
        };
        walk.say(
            Problem::new(span.clone(), text).expected("metric = \"share_within\" with seconds = 5"),
        );
    }
    let scope = scope(&mut table, walk);
    let bound = bound(&mut table, &name, walk);
    let confidence = table.take("confidence", walk).and_then(|field| {
        let number = field.number(walk)?;
        if !(0.0..1.0).contains(&number) || number == 0.0 {
            walk.say(
                field
                    .problem(format!("`confidence` cannot be {number}"))
                    .expected("a share between 0 and 1, such as 0.9"),
            );
        }
        Some(number)
    });
    let times = table
        .take("times", walk)
        .and_then(|field| field.number(walk))
        .unwrap_or(1.0);
    table.finish("a simulated rule", walk);
    Some(Rule {
        metric: name,
        seconds,
        scope: scope?,
        times,
        bound: bound?,
        confidence: confidence.unwrap_or(0.95),
    })
}

fn scope(table: &mut Table<'_, '_>, walk: &mut Walk) -> Option<Scope> {
    let span = table.span.clone();
    let volume = table.take("volume", walk);
    let drill = table.take("drill", walk);
    match (volume, drill) {
        (Some(field), None) => {
            let text = field.text(walk)?;
            let number = volume_of(text);
            if number.is_none() {
                walk.say(
                    field
                        .problem(format!("`volume` cannot be \"{text}\""))
                        .expected("a multiple such as \"1x\" or \"10x\""),
                );
            }
            number.map(Scope::Volume)
        }
        (None, Some(field)) => field.text(walk).map(|name| Scope::Drill(name.to_owned())),
        _ => {
            walk.say(
                Problem::new(span, "a rule measures at a volume or in a drill")
                    .expected("either `volume` or `drill`"),
            );
            None
        }
    }
}

/// `10x` as a number.
#[must_use]
pub fn volume_of(text: &str) -> Option<f64> {
    let number: f64 = text.strip_suffix('x')?.parse().ok()?;
    (number.is_finite() && number > 0.0).then_some(number)
}

fn bound(table: &mut Table<'_, '_>, metric: &str, walk: &mut Walk) -> Option<Bound> {
    let span = table.span.clone();
    let min = table
        .take("min", walk)
        .and_then(|field| field.number(walk))
        .map(Bound::Min);
    let max = table
        .take("max", walk)
        .and_then(|field| field.number(walk))
        .map(Bound::Max);
    let of = table.take("max_of", walk).and_then(|field| {
        let index = field.choice(&["budget", "slo"], walk)?;
        let bound = if index == 0 {
            Bound::Budget
        } else {
            Bound::Slo
        };
        let fits = match bound {
            Bound::Budget => metric.starts_with("cost."),
            _ => slo_name(metric).is_some(),
        };
        if !fits {
            walk.say(field.problem(format!(
                "`{metric}` has no {} to compare with",
                field.as_text().unwrap_or_default()
            )));
        }
        Some(bound)
    });
    let mut given: Vec<Bound> = [min, max, of].into_iter().flatten().collect();
    if given.len() == 1 {
        return given.pop();
    }
    walk.say(
        Problem::new(span, "a rule needs one limit")
            .expected("exactly one of `min`, `max` and `max_of`"),
    );
    None
}
