use std::collections::BTreeMap;
use std::ops::Range;

use crate::quantity::Quantity;
use crate::reading::{Field, Table, nearest};
use crate::scenario::canonical::canonical_value;
use crate::scenario::fields::{self, Kind};
use crate::scenario::reader::Reader;
use crate::scenario::types::{Audit, Drill, DrillEffect, Evals, Knob};

/// `[evals]`.
pub fn evals(root: &mut Table<'_, '_>, reader: &mut Reader<'_>) -> Option<Evals> {
    let mut table = reader.table(root, "evals")?;
    let evals = Evals {
        examples: reader.given(&mut table, "examples"),
        runs_per_month: reader.given(&mut table, "runs_per_month"),
        input_tokens: reader.given(&mut table, "input_tokens"),
        output_tokens: reader.given(&mut table, "output_tokens"),
        judge: reader.optional_model(&mut table, "judge"),
    };
    table.finish("[evals]", &mut reader.walk);
    Some(evals)
}

/// `[audit]`.
pub fn audit(root: &mut Table<'_, '_>, reader: &mut Reader<'_>) -> Option<Audit> {
    let mut table = reader.table(root, "audit")?;
    let audit = Audit {
        bytes_per_token: reader.given(&mut table, "bytes_per_token"),
        retention_days: reader.given(&mut table, "retention_days"),
        per_gb_month: reader.given(&mut table, "per_gb_month"),
    };
    table.finish("[audit]", &mut reader.walk);
    Some(audit)
}

/// `[fixed]`.
pub fn fixed(root: &mut Table<'_, '_>, reader: &mut Reader<'_>) -> Vec<(String, Quantity)> {
    let Some(table) = reader.table(root, "fixed") else {
        return Vec::new();
    };
    let costs = table.named(&mut reader.walk);
    costs
        .into_iter()
        .filter_map(|(name, field)| Some((name.to_owned(), reader.quantity(&field)?)))
        .collect()
}

/// `[sources]`; read last, when every place is known.
pub fn sources(root: &mut Table<'_, '_>, reader: &mut Reader<'_>) -> BTreeMap<String, String> {
    let Some(table) = reader.table(root, "sources") else {
        return BTreeMap::new();
    };
    let before = reader.walk.places.clone();
    let mut sources = BTreeMap::new();
    for (path, field) in table.named(&mut reader.walk) {
        check_path(path, &field, &before, reader);
        sources.insert(
            path.to_owned(),
            field.text(&mut reader.walk).unwrap_or_default().to_owned(),
        );
    }
    sources
}

/// A path must name a field or a table of this file, or a field that a table of it could have. Returns whether it does.
fn check_path(
    path: &str,
    field: &Field<'_, '_>,
    places: &BTreeMap<String, Range<usize>>,
    reader: &mut Reader<'_>,
) -> bool {
    let home = path
        .rsplit_once('.')
        .filter(|(table, _)| places.contains_key(*table));
    let pattern = home
        .and_then(|(table, _)| fields::matching(table))
        .map(|table| table.path);
    let could_have = |key: &str| {
        pattern
            .and_then(|pattern| fields::get(&format!("{pattern}.{key}")))
            .is_some()
    };
    if places.contains_key(path) || home.is_some_and(|(_, key)| could_have(key)) {
        return true;
    }
    let mut problem = field.problem(format!("`{path}` is not a field of this scenario"));
    problem.span = field.key_span.clone();
    let siblings = || {
        fields::all().filter(|other| {
            other
                .path
                .rsplit_once('.')
                .is_some_and(|(table, _)| Some(table) == pattern)
        })
    };
    let sibling = home.and_then(|(table, key)| {
        Some(format!(
            "{table}.{}",
            nearest(key, siblings().map(fields::Field::key))?
        ))
    });
    let near =
        sibling.or_else(|| nearest(path, places.keys().map(String::as_str)).map(str::to_owned));
    reader.say(match near {
        Some(near) => problem.help(format!("did you mean \"{near}\"?")),
        None => {
            problem.expected("the dotted path of a field, such as \"models.NAME.first_token_s\"")
        }
    });
    false
}

/// `[optimize]`; read last, when every place is known.
pub fn optimize(root: &mut Table<'_, '_>, reader: &mut Reader<'_>) -> Vec<(String, Knob)> {
    let Some(table) = reader.table(root, "optimize") else {
        return Vec::new();
    };
    let before = reader.walk.places.clone();
    let mut knobs = Vec::new();
    for (path, field) in table.named(&mut reader.walk) {
        let known = check_path(path, &field, &before, reader);
        if let Some(knob) = knob(path, &field, known, reader) {
            knobs.push((path.to_owned(), knob));
        }
    }
    knobs
}

fn knob(path: &str, field: &Field<'_, '_>, known: bool, reader: &mut Reader<'_>) -> Option<Knob> {
    if field.value.get_ref().as_array().is_some() {
        let entries = field.list(&mut reader.walk)?;
        if entries.is_empty() {
            reader.say(
                field
                    .problem("there is nothing to choose from")
                    .expected("at least one value in the list"),
            );
        }
        return Some(Knob::Values(
            entries
                .iter()
                .map(|entry| canonical_value(entry.value.get_ref()))
                .collect(),
        ));
    }
    let Some(mut table) = field.as_table() else {
        reader.say(field.wrong("{ from = 5, to = 60 }, or a list of values: [1, 6, 24]"));
        return None;
    };
    let from = reader.number(&mut table, "from");
    let to = reader.number(&mut table, "to");
    if from > to && table.has("from") && table.has("to") {
        reader.say(
            field
                .problem(format!("cannot go from {from} to {to}"))
                .expected("`from` below `to`"),
        );
    }
    let numeric = matches!(
        fields::matching(path).map(|known| known.kind),
        None | Some(Kind::Fact | Kind::Draw | Kind::Number | Kind::Integer | Kind::FactOrTable)
    );
    if known && !numeric {
        reader.say(
            field
                .problem(format!("`{path}` is not a number"))
                .expected("a list of values to choose from"),
        );
    }
    table.finish("what `optimize` may turn", &mut reader.walk);
    Some(Knob::Range { from, to })
}

/// `[[drill]]`.
pub fn drills(root: &mut Table<'_, '_>, reader: &mut Reader<'_>) -> Vec<Drill> {
    let mut drills: Vec<Drill> = Vec::new();
    for mut table in reader.tables(root, "drill", true) {
        let name = reader.text(&mut table, "name");
        if let Some(field) = table
            .take("name", &mut reader.walk)
            .filter(|_| drills.iter().any(|other| other.name == name))
        {
            reader.say(
                field
                    .problem(format!("there are two drills `{name}`"))
                    .help("give each drill a name of its own"),
            );
        }
        let drill = Drill {
            at: time_of_week(&mut table, reader).unwrap_or((0, 0)),
            minutes: reader.number(&mut table, "minutes"),
            provider: struck(&mut table, reader),
            effect: effect(&mut table, reader).unwrap_or(DrillEffect::Outage),
            name,
        };
        table.finish("a drill", &mut reader.walk);
        drills.push(drill);
    }
    drills
}

fn time_of_week(table: &mut Table<'_, '_>, reader: &mut Reader<'_>) -> Option<(u8, u16)> {
    let text = reader.text(table, "at");
    let field = table.take("at", &mut reader.walk)?;
    let at = parse_time_of_week(&text);
    if at.is_none() && field.as_text().is_some_and(|text| !text.trim().is_empty()) {
        reader.say(
            field
                .problem(format!("\"{text}\" is not a time of the week"))
                .expected("a weekday and a time, such as \"Mon 11:00\""),
        );
    }
    at
}

/// Weekday (0 is Monday) and minute of the day of "Mon 11:00".
#[must_use]
pub fn parse_time_of_week(text: &str) -> Option<(u8, u16)> {
    let (day, time) = text.trim().split_once(' ')?;
    let day = day.to_ascii_lowercase();
    let names = [
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
    ];
    let weekday = names
        .iter()
        .position(|name| day.len() >= 3 && name.starts_with(&day))?;
    let (hour, minute) = time.trim().split_once(':')?;
    let two_digits = |text: &str| {
        (1..=2).contains(&text.len()) && text.bytes().all(|digit| digit.is_ascii_digit())
    };
    if !two_digits(hour) || minute.len() != 2 || !two_digits(minute) {
        return None;
    }
    let hour: u16 = hour.parse().ok().filter(|hour| *hour < 24)?;
    let minute: u16 = minute.parse().ok().filter(|minute| *minute < 60)?;
    Some((u8::try_from(weekday).ok()?, hour * 60 + minute))
}

/// A provider or a model.
fn struck(table: &mut Table<'_, '_>, reader: &mut Reader<'_>) -> Option<String> {
    let field = table.take("provider", &mut reader.walk)?;
    let name = field.text(&mut reader.walk)?;
    let known: Vec<String> = reader
        .names
        .providers
        .iter()
        .chain(&reader.names.models)
        .cloned()
        .collect();
    if let Some(problem) =
        crate::scenario::reader::unknown(&field, name, "provider or model", &known)
    {
        reader.say(problem);
    }
    Some(name.to_owned())
}

fn effect(table: &mut Table<'_, '_>, reader: &mut Reader<'_>) -> Option<DrillEffect> {
    let effect = reader.choice(table, "effect");
    if !table.has("effect") {
        reader.missing(table, "effect");
    }
    let numbers = [("slowdown", 1), ("factor", 2), ("multiplier", 3)];
    let [slowdown, factor, multiplier] = numbers.map(|(key, belongs)| {
        let given = table
            .take(key, &mut reader.walk)
            .filter(|_| effect.is_some_and(|effect| effect != belongs));
        if let Some(field) = given {
            let problem = field.problem(format!("`{key}` has no meaning for this effect"));
            reader.say(problem.help("take it out, or change `effect`"));
        }
        reader.number(table, key)
    });
    Some(match effect? {
        0 => DrillEffect::Outage,
        1 => DrillEffect::Brownout { slowdown },
        2 => DrillEffect::Limits { factor },
        3 => DrillEffect::Spike { multiplier },
        _ => DrillEffect::CacheFlush,
    })
}
