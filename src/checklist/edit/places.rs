//! Where things stand in a TOML text.

use toml_edit::{ArrayOfTables, Document, Item, Table, Value};

/// Where a path leads.
pub(super) enum Found<'d> {
    /// To a value of its own.
    Value(&'d Value),
    /// To a table with a header, or the root.
    Header(&'d Table),
    /// To a table that exists through dotted keys only.
    Dotted(&'d Table),
    /// To a table that exists through its children's headers only.
    Implicit,
    /// Nowhere.
    Nothing,
}

pub(super) fn parse(text: &str) -> Result<Document<&str>, String> {
    // A byte order mark is no part of TOML, but stays in the file.
    Document::parse(text).map_err(|error| error.message().to_owned())
}

pub(super) fn plain(mut value: Value) -> Value {
    value.decor_mut().clear();
    value
}

/// A key as TOML writes it: bare where it can be.
#[must_use]
pub fn quoted(key: &str) -> String {
    if crate::checklist::is_id(key) {
        key.to_owned()
    } else {
        plain(Value::from(key)).to_string()
    }
}

pub(super) fn dotted(path: &[&str]) -> String {
    path.iter()
        .map(|part| quoted(part))
        .collect::<Vec<_>>()
        .join(".")
}

/// Finds what a path leads to. An entry of a list of tables is named by its `id` or `name`, else by its number from 1.
pub(super) fn find<'d>(root: &'d Table, path: &[&str]) -> Found<'d> {
    let mut table = root;
    let mut at = 0;
    while let Some(part) = path.get(at) {
        at += 1;
        match table.get(part) {
            None | Some(Item::None) => return Found::Nothing,
            Some(Item::Table(next)) => table = next,
            Some(Item::ArrayOfTables(list)) => {
                let Some(next) = path.get(at).and_then(|name| entry(list, name)) else {
                    return Found::Nothing;
                };
                at += 1;
                table = next;
            }
            Some(Item::Value(value)) => return within(value, path.get(at..).unwrap_or_default()),
        }
    }
    if table.is_dotted() {
        Found::Dotted(table)
    } else if table.is_implicit() && !path.is_empty() {
        Found::Implicit
    } else {
        Found::Header(table)
    }
}

/// What an entry of a list of tables is called.
const NAMES: [&str; 2] = ["id", "name"];

fn number(part: &str) -> Option<usize> {
    part.parse::<usize>().ok()?.checked_sub(1)
}

fn entry<'d>(list: &'d ArrayOfTables, part: &str) -> Option<&'d Table> {
    let called = |table: &&Table| {
        NAMES
            .iter()
            .any(|name| table.get(name).and_then(Item::as_str) == Some(part))
    };
    list.iter().find(called).or_else(|| list.get(number(part)?))
}

/// What stands below a path, in file order: keys of a table, or what the entries of a list of tables are called.
pub(super) fn names(root: &Table, path: &[&str]) -> Vec<String> {
    let keys = |table: &Table| table.iter().map(|(key, _)| key.to_owned()).collect();
    if let Some((last, above)) = path.split_last()
        && let Found::Header(table) | Found::Dotted(table) = find(root, above)
        && let Some(Item::ArrayOfTables(list)) = table.get(last)
    {
        let called = |(index, table): (usize, &Table)| {
            let name = NAMES.iter().find_map(|name| table.get(name)?.as_str());
            name.map_or_else(|| (index + 1).to_string(), str::to_owned)
        };
        return list.iter().enumerate().map(called).collect();
    }
    match find(root, path) {
        Found::Header(table) | Found::Dotted(table) => keys(table),
        Found::Implicit => {
            let mut table = root;
            for part in path {
                match table.get(part).and_then(Item::as_table) {
                    Some(next) => table = next,
                    None => return Vec::new(),
                }
            }
            keys(table)
        }
        Found::Value(Value::InlineTable(table)) => {
            table.iter().map(|(key, _)| key.to_owned()).collect()
        }
        Found::Value(Value::Array(list)) => {
            let called = |(index, value): (usize, &Value)| {
                let table = value.as_inline_table()?;
                let name = NAMES.iter().find_map(|name| table.get(name)?.as_str());
                Some(name.map_or_else(|| (index + 1).to_string(), str::to_owned))
            };
            list.iter().enumerate().filter_map(called).collect()
        }
        _ => Vec::new(),
    }
}

/// Whether a path goes through a list of tables, whose headers cannot name an entry.
pub(super) fn through_list(root: &Table, path: &[&str]) -> bool {
    let mut table = root;
    for part in path {
        match table.get(part) {
            Some(Item::ArrayOfTables(_)) => return true,
            Some(Item::Table(next)) => table = next,
            _ => return false,
        }
    }
    false
}

pub(super) fn within<'d>(value: &'d Value, path: &[&str]) -> Found<'d> {
    let Some((first, rest)) = path.split_first() else {
        return Found::Value(value);
    };
    match value {
        Value::InlineTable(table) => table
            .get(first)
            .map_or(Found::Nothing, |inner| within(inner, rest)),
        Value::Array(list) => {
            let called = |value: &&Value| {
                NAMES.iter().any(|name| {
                    let inner = value.as_inline_table().and_then(|table| table.get(name));
                    inner.and_then(Value::as_str) == Some(*first)
                })
            };
            list.iter()
                .find(called)
                .or_else(|| list.get(number(first)?))
                .map_or(Found::Nothing, |inner| within(inner, rest))
        }
        _ => Found::Nothing,
    }
}

/// Where the key of a field stands.
pub(super) fn key_start(root: &Table, parent: &[&str], key: &str) -> Option<usize> {
    let (Found::Header(table) | Found::Dotted(table)) = find(root, parent) else {
        return None;
    };
    table.get_key_value(key)?.0.span().map(|span| span.start)
}

pub(super) fn line_start(text: &str, at: usize) -> usize {
    text.get(..at)
        .and_then(|before| before.rfind('\n'))
        .map_or(0, |newline| newline + 1)
}

pub(super) fn line_end(text: &str, at: usize) -> usize {
    text.get(at..)
        .and_then(|rest| rest.find('\n'))
        .map_or(text.len(), |newline| at + newline + 1)
}

pub(super) fn newline(text: &str) -> &'static str {
    if text.contains("\r\n") { "\r\n" } else { "\n" }
}

/// The end of the last `key = value` that stands under a table's own header.
pub(super) fn last_value_end(table: &Table) -> Option<usize> {
    table
        .iter()
        .filter_map(|(_, item)| match item {
            Item::Value(value) => value.span().map(|span| span.end),
            Item::Table(inner) if inner.is_dotted() => last_value_end(inner),
            _ => None,
        })
        .max()
}

/// Header starts of all tables, and of entries of arrays of tables.
pub(super) fn headers(table: &Table, found: &mut Vec<usize>) {
    for (_, item) in table {
        match item {
            Item::Table(inner) => {
                if !inner.is_implicit()
                    && !inner.is_dotted()
                    && let Some(span) = inner.span()
                {
                    found.push(span.start);
                }
                headers(inner, found);
            }
            Item::ArrayOfTables(array) => {
                for inner in array {
                    found.extend(inner.span().map(|span| span.start));
                    headers(inner, found);
                }
            }
            _ => {}
        }
    }
}

/// Where a new line of a table goes: after its last field's line, else after its header's.
pub(super) fn end_of_fields(text: &str, root: &Table, table: &Table, is_root: bool) -> usize {
    if let Some(end) = last_value_end(table) {
        return line_end(text, end);
    }
    if !is_root {
        return table
            .span()
            .map_or(text.len(), |span| line_end(text, span.end));
    }
    let mut starts = Vec::new();
    headers(root, &mut starts);
    starts.into_iter().min().map_or(text.len(), |start| {
        // Comments right above the first header belong to it.
        let mut at = line_start(text, start);
        while at > 0 {
            let above = line_start(text, at - 1);
            if !text
                .get(above..at)
                .is_some_and(|line| line.trim_start().starts_with('#'))
            {
                break;
            }
            at = above;
        }
        at
    })
}

/// The end of a table with everything below it.
pub(super) fn end_below(text: &str, root: &Table, table: &Table) -> usize {
    let own = end_of_fields(text, root, table, false);
    let below = table.iter().filter_map(|(_, item)| match item {
        Item::Table(inner) if !inner.is_dotted() => Some(end_below(text, root, inner)),
        Item::ArrayOfTables(list) => list.iter().map(|inner| end_below(text, root, inner)).max(),
        _ => None,
    });
    below.max().unwrap_or(own).max(own)
}

pub(super) fn indent_of(text: &str, table: &Table) -> String {
    let Some(end) = last_value_end(table) else {
        return String::new();
    };
    let line = text.get(line_start(text, end)..end).unwrap_or_default();
    line.chars()
        .take_while(|letter| matches!(letter, ' ' | '\t'))
        .collect()
}
