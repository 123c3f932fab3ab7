use std::collections::BTreeMap;
use std::io::Read;

use flate2::read::MultiGzDecoder;
use sha2::{Digest as _, Sha256};

use crate::quantity::Quantity;
use crate::reading::{Field, Problem, Table};
use crate::scenario::presets;
use crate::scenario::reader::{Reader, hex};
use crate::scenario::types::{
    Burst, Cacheable, Class, Growth, History, Overflow, Questions, Replay, ReplayScale, Spike,
    Workload,
};

/// `[workload]`.
pub fn workload(root: &mut Table<'_, '_>, reader: &mut Reader<'_>) -> Option<Workload> {
    let Some(mut table) = reader.table(root, "workload") else {
        if !root.has("workload") {
            reader.missing(root, "workload");
        }
        return None;
    };
    let replay = replay(&mut table, reader);
    let conversations_per_day = reader.optional(&mut table, "conversations_per_day");
    if conversations_per_day.is_none() && replay.is_none() && !table.has("replay") {
        reader.missing(&table, "conversations_per_day");
    }
    if let Some(field) = table
        .take("conversations_per_day", &mut reader.walk)
        .filter(|_| table.has("replay"))
    {
        let problem = Problem::new(
            field.key_span.clone(),
            "`conversations_per_day` and `replay` exclude each other",
        );
        reader.say(problem.help("a replay's rate is that of its log; take one of the two out"));
    }
    let workload = Workload {
        conversations_per_day,
        system_tokens: reader.given(&mut table, "system_tokens"),
        prefixes: reader.given(&mut table, "prefixes"),
        grows_by: match reader.choice(&mut table, "grows_by") {
            Some(1) => Growth::Activity,
            _ => Growth::Users,
        },
        heaps: reader.given(&mut table, "heaps"),
        hourly: hourly(&mut table, reader),
        weekly: table
            .take("weekly", &mut reader.walk)
            .and_then(|field| weights(&field, reader)),
        day_cv: reader.optional(&mut table, "day_cv"),
        burst: burst(&mut table, reader),
        growth_per_month: reader.given(&mut table, "growth_per_month"),
        spikes: spikes(&mut table, reader),
        classes: classes(&mut table, replay.is_some(), reader),
        replay,
    };
    table.finish("[workload]", &mut reader.walk);
    Some(workload)
}

fn hourly(table: &mut Table<'_, '_>, reader: &mut Reader<'_>) -> Option<[f64; 24]> {
    let field = table.take("hourly", &mut reader.walk)?;
    let Some(name) = field.as_text() else {
        if field.value.get_ref().as_array().is_some() {
            return weights(&field, reader);
        }
        reader.say(field.wrong("\"flat\", \"business\", \"consumer\", or a list of 24 weights"));
        return None;
    };
    let shape = presets::hours_of_day(name);
    if shape.is_none() {
        reader.say(
            field
                .not_one_of(&["flat", "business", "consumer"])
                .help("or write 24 weights, midnight first"),
        );
    }
    shape
}

/// Exactly `N` weights, not all of them 0.
fn weights<const N: usize>(field: &Field<'_, '_>, reader: &mut Reader<'_>) -> Option<[f64; N]> {
    let entries = field.list(&mut reader.walk)?;
    let count = entries.len();
    let numbers: Option<Vec<f64>> = entries.iter().map(|entry| reader.plain(entry)).collect();
    let Ok(weights) = <[f64; N]>::try_from(numbers?) else {
        reader.say(
            field
                .problem(format!("`{}` has {count} weights", field.key))
                .expected(format!("{N} weights")),
        );
        return None;
    };
    if weights.iter().all(|weight| *weight == 0.0) {
        reader.say(
            field
                .problem(format!("all weights of `{}` are 0", field.key))
                .expected("at least one above 0"),
        );
    }
    Some(weights)
}

fn burst(table: &mut Table<'_, '_>, reader: &mut Reader<'_>) -> Option<Burst> {
    let mut table = reader.table(table, "burst")?;
    let burst = Burst {
        cv: reader.given(&mut table, "cv"),
        minutes: reader.number(&mut table, "minutes"),
        scaling: reader.given(&mut table, "scaling"),
    };
    table.finish("`burst`", &mut reader.walk);
    Some(burst)
}

fn spikes(table: &mut Table<'_, '_>, reader: &mut Reader<'_>) -> Vec<Spike> {
    let mut spikes = Vec::new();
    for mut table in reader.tables(table, "spike", false) {
        spikes.push(Spike {
            per_month: reader.given(&mut table, "per_month"),
            multiplier: reader.given(&mut table, "multiplier"),
            minutes: reader.given(&mut table, "minutes"),
        });
        table.finish("a spike", &mut reader.walk);
    }
    spikes
}

fn replay(table: &mut Table<'_, '_>, reader: &mut Reader<'_>) -> Option<Replay> {
    let mut table = reader.table(table, "replay")?;
    let file = reader.text(&mut table, "file");
    let scale = match reader.choice(&mut table, "scale") {
        Some(1) => ReplayScale::Speed,
        _ => ReplayScale::Copies,
    };
    let mut columns = BTreeMap::new();
    if let Some(mut table) = reader.table(&mut table, "columns") {
        for key in [
            "time",
            "input_tokens",
            "output_tokens",
            "conversation",
            "prefix_blocks",
            "class",
        ] {
            if let Some(column) = reader.optional_text(&mut table, key) {
                columns.insert(key.to_owned(), column);
            }
        }
        table.finish("`columns`", &mut reader.walk);
    }
    let bytes = table
        .take("file", &mut reader.walk)
        .and_then(|field| reader.file(&field))
        .unwrap_or_default();
    table.finish("[workload.replay]", &mut reader.walk);
    Some(Replay {
        file,
        scale,
        columns,
        content: hex(&Sha256::digest(&bytes)),
        rows: rows(&bytes),
    })
}

/// Lines of a log, plain or gzip, without its header.
fn rows(bytes: &[u8]) -> u64 {
    let mut buffer = vec![0; 1 << 16];
    let mut log: Box<dyn Read> = if bytes.starts_with(&[0x1f, 0x8b]) {
        Box::new(MultiGzDecoder::new(bytes))
    } else {
        Box::new(bytes)
    };
    let mut lines = 0_u64;
    // A log that cannot be unpacked to its end is reported by whoever reads its columns.
    while let Ok(count @ 1..) = log.read(&mut buffer) {
        let ends = buffer
            .iter()
            .take(count)
            .filter(|byte| **byte == b'\n')
            .count();
        lines = lines.saturating_add(ends as u64);
    }
    lines.saturating_sub(1)
}

fn classes(table: &mut Table<'_, '_>, replayed: bool, reader: &mut Reader<'_>) -> Vec<Class> {
    let listed = reader.tables(table, "class", true);
    if listed.is_empty() && !replayed && !table.has("class") {
        reader.missing(table, "class");
    }
    let alone = listed.len() == 1;
    let mut classes: Vec<Class> = Vec::new();
    let mut shares = Vec::new();
    for mut table in listed {
        let class = class(&mut table, alone || replayed, reader);
        if let Some(field) = table
            .take("name", &mut reader.walk)
            .filter(|_| classes.iter().any(|other| other.name == class.name))
        {
            reader.say(
                field
                    .problem(format!("there are two classes `{}`", class.name))
                    .help("give each class a name of its own"),
            );
        }
        shares.extend(
            table
                .take("share", &mut reader.walk)
                .map(|field| field.span()),
        );
        classes.push(class);
        table.finish("a class", &mut reader.walk);
    }
    reader.names.classes = (!replayed || !classes.is_empty())
        .then(|| classes.iter().map(|class| class.name.clone()).collect());
    let exact: Option<f64> = classes.iter().map(|class| class.share.as_exact()).sum();
    if let (Some(sum), false, Some(place)) = (exact, alone || replayed, shares.last())
        && (sum - 1.0).abs() > 1e-6
        && shares.len() == classes.len()
    {
        // Seven digits are more than anybody types, and hide what adding leaves behind.
        let sum = (sum * 1e7).round() / 1e7;
        let parts = classes
            .iter()
            .filter_map(|class| class.share.as_exact().map(|share| share.to_string()))
            .collect::<Vec<_>>()
            .join(" + ");
        let problem = Problem::new(
            place.clone(),
            format!("the shares of the classes sum to {sum}, not to 1"),
        );
        reader.say(
            problem
                .expected(format!("{parts} = 1"))
                .help("change one of them so that they sum to 1"),
        );
    }
    classes
}

fn class(table: &mut Table<'_, '_>, alone: bool, reader: &mut Reader<'_>) -> Class {
    let name = reader.text(table, "name");
    let share = reader.optional(table, "share");
    if share.is_none() && !alone {
        reader.missing(table, "share");
    }
    Class {
        name,
        share: share.unwrap_or(Quantity::exact(1.0)),
        turns: reader.given(table, "turns"),
        think_s: reader.given(table, "think_s"),
        user_tokens: reader.given(table, "user_tokens"),
        context_tokens: reader.given(table, "context_tokens"),
        output_tokens: reader.given(table, "output_tokens"),
        reasoning_tokens: reader.given(table, "reasoning_tokens"),
        calls: reader.given(table, "calls"),
        tool_tokens: reader.given(table, "tool_tokens"),
        tool_s: reader.given(table, "tool_s"),
        history: history(table, reader),
        sensitive: reader.optional(table, "sensitive"),
        deferrable: reader.given(table, "deferrable"),
        patience_s: reader.optional(table, "patience_s"),
        questions: questions(table, reader),
        quits: reader.given(table, "quits"),
        overflow: match reader.choice(table, "overflow") {
            Some(1) => Overflow::Fail,
            _ => Overflow::Truncate,
        },
        max_output_tokens: reader.optional_number(table, "max_output_tokens"),
    }
}

fn history(table: &mut Table<'_, '_>, reader: &mut Reader<'_>) -> History {
    let Some(field) = table.take("history", &mut reader.walk) else {
        return History::Full;
    };
    let Some(mut table) = field.as_table() else {
        return match field.choice(&["full", "none"], &mut reader.walk) {
            Some(1) => History::None,
            _ => History::Full,
        };
    };
    let last = table
        .take("last", &mut reader.walk)
        .is_some()
        .then(|| reader.small_integer(&mut table, "last"));
    let summary = reader.optional(&mut table, "summary_tokens");
    let history = match (last, summary) {
        (Some(turns), None) => History::Last(turns),
        (None, Some(tokens)) => History::Summary(tokens),
        _ => {
            let problem =
                field.problem("`history` says how much of the conversation is sent again");
            reader.say(
                problem.expected("\"full\", \"none\", { last = 3 } or { summary_tokens = 300 }"),
            );
            History::Full
        }
    };
    table.finish("`history`", &mut reader.walk);
    history
}

fn questions(table: &mut Table<'_, '_>, reader: &mut Reader<'_>) -> Option<Questions> {
    let mut table = reader.table(table, "questions")?;
    let questions = Questions {
        unique: reader.given(&mut table, "unique"),
        distinct: reader.given(&mut table, "distinct"),
        zipf: reader.given(&mut table, "zipf"),
        cacheable: match reader.choice(&mut table, "cacheable") {
            Some(1) => Cacheable::All,
            Some(2) => Cacheable::None,
            _ => Cacheable::FirstTurn,
        },
    };
    table.finish("`questions`", &mut reader.walk);
    Some(questions)
}
