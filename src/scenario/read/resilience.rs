use crate::reading::{Problem, Table, nearest};
use crate::scenario::presets;
use crate::scenario::reader::Reader;
use crate::scenario::types::{Admission, Breaker, BreakerRule, Fallback, Hedge, Jitter, Retry};

/// Retries, and the timeout that a client's preset brings along.
pub(super) fn retry(
    table: &mut Table<'_, '_>,
    reader: &mut Reader<'_>,
) -> (Option<Retry>, Option<f64>) {
    let Some(field) = table.take("retry", &mut reader.walk) else {
        return (None, None);
    };
    if let Some(name) = field.as_text() {
        let preset = presets::client(name);
        if preset.is_none() {
            reader.say(field.not_one_of(&presets::CLIENTS));
        }
        return preset.map_or((None, None), |(retry, timeout_s)| {
            (Some(retry), Some(timeout_s))
        });
    }
    let Some(mut table) = field.as_table() else {
        reader.say(
            field.wrong(
                "a table such as { attempts = 3 }, or a client's name such as \"openai-sdk\"",
            ),
        );
        return (None, None);
    };
    let retry = Retry {
        attempts: reader.given(&mut table, "attempts"),
        base_s: reader.given(&mut table, "base_s"),
        factor: reader.given(&mut table, "factor"),
        max_s: reader.given(&mut table, "max_s"),
        jitter: jitter(&mut table, reader),
        budget: reader.optional(&mut table, "budget"),
    };
    table.finish("`retry`", &mut reader.walk);
    (Some(retry), None)
}

fn jitter(table: &mut Table<'_, '_>, reader: &mut Reader<'_>) -> Jitter {
    let Some(field) = table.take("jitter", &mut reader.walk) else {
        return Jitter::Full;
    };
    let Some(mut table) = field.as_table() else {
        return match field.choice(&["none", "full", "equal"], &mut reader.walk) {
            Some(0) => Jitter::None,
            Some(2) => Jitter::Equal,
            _ => Jitter::Full,
        };
    };
    let add = reader.optional(&mut table, "add_s");
    let cut = reader.optional(&mut table, "cut");
    table.finish("`jitter`", &mut reader.walk);
    match (add, cut) {
        (Some(add), None) => Jitter::Add(add),
        (None, Some(cut)) => Jitter::Cut(cut),
        _ => {
            reader.say(
                field
                    .problem("`jitter` says how a wait is spread")
                    .expected("\"none\", \"full\", \"equal\", { add_s = 0.75 } or { cut = 0.25 }"),
            );
            Jitter::Full
        }
    }
}

pub(super) fn hedge(table: &mut Table<'_, '_>, reader: &mut Reader<'_>) -> Option<Hedge> {
    let mut table = reader.table(table, "hedge")?;
    let hedge = Hedge {
        after_s: reader.given(&mut table, "after_s"),
    };
    table.finish("`hedge`", &mut reader.walk);
    Some(hedge)
}

pub(super) fn breaker(table: &mut Table<'_, '_>, reader: &mut Reader<'_>) -> Option<Breaker> {
    let mut table = reader.table(table, "breaker")?;
    let window_s = reader.optional_number(&mut table, "window_s");
    let min_requests = reader.small_integer(&mut table, "min_requests");
    let failure_rate = reader.given(&mut table, "failure_rate");
    let failures = reader
        .optional_integer(&mut table, "failures")
        .map(|count| u32::try_from(count).unwrap_or(u32::MAX));
    if failures.is_some() {
        for key in ["failure_rate", "min_requests"] {
            if let Some(field) = table.take(key, &mut reader.walk) {
                let problem = Problem::new(
                    field.key_span.clone(),
                    format!("`failures` and `{key}` exclude each other"),
                );
                reader.say(
                    problem.help("a breaker opens at a number of failures or at a share of them"),
                );
            }
        }
    }
    let opens = match failures {
        Some(failures) => BreakerRule::Count {
            failures,
            window_s: window_s.unwrap_or(60.0),
        },
        None => BreakerRule::Rate {
            window_s: window_s.unwrap_or(30.0),
            min_requests,
            failure_rate,
        },
    };
    let breaker = Breaker {
        opens,
        open_s: reader.given(&mut table, "open_s"),
        probes: reader.small_integer(&mut table, "probes"),
    };
    table.finish("`breaker`", &mut reader.walk);
    Some(breaker)
}

pub(super) fn fallback(table: &mut Table<'_, '_>, reader: &mut Reader<'_>) -> Vec<Fallback> {
    let entries = table
        .take("fallback", &mut reader.walk)
        .and_then(|field| field.list(&mut reader.walk))
        .unwrap_or_default();
    let mut chain: Vec<Fallback> = Vec::new();
    for entry in entries {
        let Some(name) = entry.text(&mut reader.walk) else {
            continue;
        };
        let step = match name {
            "stale" => Fallback::Stale,
            "degraded" => Fallback::Degraded,
            model => Fallback::Model(model.to_owned()),
        };
        if matches!(step, Fallback::Model(_))
            && !reader.names.models.iter().any(|model| model == name)
        {
            let problem = entry
                .problem(format!("there is no model `{name}`"))
                .expected("models, then \"stale\", then \"degraded\"");
            let problem = match nearest(
                name,
                reader
                    .names
                    .models
                    .iter()
                    .map(String::as_str)
                    .chain(["stale", "degraded"]),
            ) {
                Some(near) => problem.help(format!("did you mean `{near}`?")),
                None => problem,
            };
            reader.say(problem);
        } else if chain.contains(&step) {
            reader.say(
                entry
                    .problem(format!("`{name}` stands twice in `fallback`"))
                    .help("take one of them out"),
            );
        } else if chain.last().is_some_and(|last| rank(last) > rank(&step)) {
            reader.say(
                entry
                    .problem(format!("`{name}` comes too late in `fallback`"))
                    .expected("models, then \"stale\", then \"degraded\""),
            );
        }
        chain.push(step);
    }
    chain
}

fn rank(step: &Fallback) -> u8 {
    match step {
        Fallback::Model(_) => 0,
        Fallback::Stale => 1,
        Fallback::Degraded => 2,
    }
}

pub(super) fn admission(table: &mut Table<'_, '_>, reader: &mut Reader<'_>) -> Option<Admission> {
    let mut table = reader.table(table, "admission")?;
    let admission = Admission {
        max_wait_s: reader.given(&mut table, "max_wait_s"),
        queue: reader.given(&mut table, "queue"),
    };
    table.finish("`admission`", &mut reader.walk);
    Some(admission)
}
