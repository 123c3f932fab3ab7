//! JSON: one object a line, an array, or an export whose records lie in nested lists (OTLP, usage exports).
//!
//! An object that holds a list of objects under one of a few names is a folder, not a record: its records are those of
//! the list, and what it says itself holds for each of them (the start of a usage bucket, say). OTLP is that rule and one
//! more: attributes are a list of keys and typed values.

use std::io::{BufRead, Read as _};

use serde_json::Value;

use super::flat::{Found, flat};
use super::keep::{Cell, Cells, FIELDS, Keeper, Use};
use super::{Field, Refused};

/// Names under which records lie in lists.
pub(super) const FOLDERS: [&str; 9] = [
    "data",
    "results",
    "resourceSpans",
    "scopeSpans",
    "spans",
    "observations",
    "items",
    "requests",
    "logs",
];

/// A file of JSON that is not one object a line has to fit into memory.
const LARGEST: u64 = 1 << 30;

pub(super) fn read(
    mut input: Box<dyn BufRead>,
    name: &str,
    keeper: &mut Keeper,
) -> Result<(), Refused> {
    let unreadable =
        |error: std::io::Error| Refused::damaged(format!("`{name}` cannot be read on: {error}"));
    keeper.format("JSON");
    let (mut known, mut nested) = (false, false);
    let mut line = Vec::new();
    let mut number = 0;
    loop {
        line.clear();
        if input.read_until(b'\n', &mut line).map_err(unreadable)? == 0 {
            return Ok(());
        }
        number += 1;
        let text = line.trim_ascii();
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
        if text.is_empty() {
            continue;
        }
        if known && !nested {
            let mut cells = [const { None }; FIELDS];
            match flat(text, &mut cells, keeper) {
                Found::Record => {
                    add(&cells, number, keeper);
                    continue;
                }
                Found::Broken => {
                    keeper.broken(number, "the line is not JSON");
                    continue;
                }
                Found::Nested => nested = text.starts_with(b"{"),
            }
        }
        match serde_json::from_slice::<Value>(text) {
            Ok(value) => {
                if !known {
                    introduce(&value, keeper);
                    known = true;
                }
                records(&value, &mut [const { None }; FIELDS], number, keeper);
            }
            // Not one object a line: the whole file is one value.
            Err(_) if number == 1 => {
                let mut all = std::mem::take(&mut line);
                input
                    .by_ref()
                    .take(LARGEST)
                    .read_to_end(&mut all)
                    .map_err(unreadable)?;
                return whole(&all, name, keeper).map_err(Refused::damaged);
            }
            Err(_) => keeper.broken(number, "the line is not JSON"),
        }
    }
}

fn whole(all: &[u8], name: &str, keeper: &mut Keeper) -> Result<(), String> {
    let value: Value = serde_json::from_slice(all).map_err(|error| {
        format!(
            "`{name}` is not JSON (line {}, column {}); larger files are read as one object a line",
            error.line(),
            error.column()
        )
    })?;
    introduce(&value, keeper);
    records(&value, &mut [const { None }; FIELDS], 1, keeper);
    Ok(())
}

/// Recognises the export by its first record.
fn introduce(value: &Value, keeper: &mut Keeper) {
    let mut names = Vec::new();
    collect(value, &mut String::new(), &mut names);
    if names.iter().any(|name| name == "startTimeUnixNano") {
        keeper.format("OTLP-JSON");
    }
    keeper.recognise(&names);
}

/// Names of all leaves of the first records, and of the folders around it.
fn collect(value: &Value, path: &mut String, names: &mut Vec<String>) {
    if let Value::Array(list) = value {
        // The first may be an empty bucket.
        for item in list.iter().take(20) {
            collect(item, path, names);
        }
        return;
    }
    let Value::Object(object) = value else { return };
    for (key, value) in object {
        if folder(key, value).is_some() {
            collect(value, &mut String::new(), names);
            continue;
        }
        let length = path.len();
        if length > 0 {
            path.push('.');
        }
        path.push_str(key);
        if value.is_object() {
            collect(value, path, names);
        } else {
            names.push(path.clone());
        }
        path.truncate(length);
    }
}

fn folder<'v>(key: &str, value: &'v Value) -> Option<&'v Vec<Value>> {
    let list = value.as_array()?;
    let objects = list.is_empty() || list.iter().all(Value::is_object);
    (FOLDERS.contains(&key) && objects).then_some(list)
}

/// Hands every record to the keeper. Records of a list are numbered from the line of the list.
fn records(value: &Value, above: &mut Cells, line: u64, keeper: &mut Keeper) {
    match value {
        Value::Array(list) => {
            for (place, value) in (0_u64..).zip(list) {
                records(value, &mut above.clone(), line + place, keeper);
            }
        }
        Value::Object(object) => {
            let mut cells = above.clone();
            leaves(value, &mut String::new(), &mut cells, keeper);
            let mut lists = object
                .iter()
                .filter_map(|(key, value)| folder(key, value))
                .peekable();
            if lists.peek().is_none() {
                add(&cells, line, keeper);
                return;
            }
            for list in lists {
                for (place, value) in (0_u64..).zip(list) {
                    records(value, &mut cells, line + place, keeper);
                }
            }
        }
        _ => keeper.broken(line, "the record is not an object"),
    }
}

fn add(cells: &Cells, line: u64, keeper: &mut Keeper) {
    keeper.add(line, |field: Field| {
        let cell = cells.get(field as usize)?.as_ref()?;
        Some((cell.use_, cell_text(cell)))
    });
}

fn cell_text(cell: &Cell) -> &[u8] {
    cell.text.trim_ascii()
}

/// Puts the leaves of an object where their names say.
fn leaves(value: &Value, path: &mut String, cells: &mut Cells, keeper: &mut Keeper) {
    let Value::Object(object) = value else { return };
    for (key, value) in object {
        if folder(key, value).is_some() {
            continue;
        }
        if key == "attributes" && value.is_array() {
            attributes(value, cells, keeper);
            continue;
        }
        let length = path.len();
        if length > 0 {
            path.push('.');
        }
        path.push_str(key);
        if value.is_object() {
            leaves(value, path, cells, keeper);
        } else {
            put(path, value, cells, keeper);
        }
        path.truncate(length);
    }
}

/// OTLP's attributes.
fn attributes(list: &Value, cells: &mut Cells, keeper: &mut Keeper) {
    for attribute in list.as_array().into_iter().flatten() {
        let (Some(key), Some(Value::Object(typed))) = (
            attribute.get("key").and_then(Value::as_str),
            attribute.get("value"),
        ) else {
            continue;
        };
        if let Some(value) = typed.values().next() {
            put(key, value, cells, keeper);
        }
    }
}

fn put(name: &str, value: &Value, cells: &mut Cells, keeper: &mut Keeper) {
    let Some(use_) = keeper.use_of(name) else {
        return;
    };
    let text = match value {
        Value::Null | Value::Object(_) => return,
        Value::String(text) => text.clone(),
        Value::Array(list) => list
            .iter()
            .map(|item| {
                item.as_str()
                    .map_or_else(|| item.to_string(), ToOwned::to_owned)
            })
            .collect::<Vec<_>>()
            .join(" "),
        other => other.to_string(),
    };
    keep(name, use_, text.into_bytes(), cells, keeper);
}

/// Keeps a cell's text unless a surer column has given one.
pub(super) fn keep(name: &str, use_: Use, text: Vec<u8>, cells: &mut Cells, keeper: &mut Keeper) {
    if text.is_empty() {
        return;
    }
    let Some(place) = cells.get_mut(use_.field as usize) else {
        return;
    };
    if place
        .as_ref()
        .is_none_or(|cell| use_.rank <= cell.use_.rank)
    {
        keeper.seen(use_, name);
        *place = Some(Cell { use_, text });
    }
}
