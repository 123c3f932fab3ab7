//! What is written where, in the style that stands around it: a place and a text for each kind of table.

use std::ops::Range;

use toml_edit::{InlineTable, Table, Value};

use super::places::{
    Found, dotted, end_of_fields, find, indent_of, last_value_end, line_end, line_start, newline,
    quoted,
};

pub(super) fn whole_line(text: &str, at: usize, line: &str) -> String {
    let newline = newline(text);
    let before = if at > 0 && !text.get(..at).is_some_and(|before| before.ends_with('\n')) {
        newline
    } else {
        ""
    };
    format!("{before}{line}{newline}")
}

pub(super) fn into_header(
    text: &str,
    root: &Table,
    table: &Table,
    is_root: bool,
    line: &str,
) -> (Range<usize>, String) {
    let at = end_of_fields(text, root, table, is_root);
    // A value that spans lines would hand on the indentation of its last line.
    let indent = indent_of(text, table);
    (at..at, whole_line(text, at, &format!("{indent}{line}")))
}

pub(super) fn nested(below: &[&str], key: &str, value: &Value) -> String {
    let mut text = format!("{} = {value}", quoted(key));
    for part in below.iter().rev() {
        text = format!("{} = {{ {text} }}", quoted(part));
    }
    text
}

pub(super) fn into_inline(
    text: &str,
    table: &InlineTable,
    inside: &str,
) -> Result<(Range<usize>, String), String> {
    let span = table.span().ok_or("the table has no place")?;
    let last = table
        .iter()
        .filter_map(|(_, value)| inline_end(value))
        .max();
    match last {
        None => Ok((span, format!("{{ {inside} }}"))),
        Some(end) => {
            let rest = text.get(end..span.end).unwrap_or_default();
            match rest.find(',') {
                // A comma that closes the last entry, as TOML 1.1 allows.
                Some(comma) => Ok((end + comma + 1..end + comma + 1, format!(" {inside},"))),
                None => Ok((end..end, format!(", {inside}"))),
            }
        }
    }
}

/// The end of an entry of an inline table; one made by dotted keys ends where its last value does.
pub(super) fn inline_end(value: &Value) -> Option<usize> {
    match value {
        Value::InlineTable(table) if table.is_dotted() => table
            .iter()
            .filter_map(|(_, inner)| inline_end(inner))
            .max(),
        other => other.span().map(|span| span.end),
    }
}

pub(super) fn inline_span(
    text: &str,
    table: &InlineTable,
    key: &str,
    end: usize,
) -> Result<Range<usize>, String> {
    let span = table.span().ok_or("the table has no place")?;
    let start = table
        .iter()
        .find_map(|(name, _)| (name == key).then_some(()));
    start.ok_or("no such key")?;
    let before = text.get(span.start..end).unwrap_or_default();
    let written = before
        .rfind(&quoted(key))
        .map(|at| span.start + at)
        .ok_or("the key has no place")?;
    let after = text.get(end..span.end).unwrap_or_default();
    if let Some(comma) = after
        .find(',')
        .filter(|comma| after.get(..*comma).is_some_and(|gap| gap.trim().is_empty()))
    {
        let gap = after
            .get(comma + 1..)
            .map_or(0, |rest| rest.len() - rest.trim_start().len());
        return Ok(written..end + comma + 1 + gap);
    }
    let comma = text
        .get(span.start..written)
        .and_then(|head| head.rfind(','))
        .map(|at| span.start + at);
    Ok(comma.unwrap_or(written)..end)
}

pub(super) fn into_dotted(
    text: &str,
    root: &Table,
    table: &Table,
    above: &[&str],
    below: &[&str],
    key: &str,
    value: &Value,
) -> Result<(Range<usize>, String), String> {
    // The header under which the dotted keys stand says how much of the path each line repeats.
    let mut depth = above.len();
    while depth > 0
        && !matches!(
            find(root, above.get(..depth).unwrap_or_default()),
            Found::Header(_)
        )
    {
        depth -= 1;
    }
    let mut path: Vec<&str> = above.get(depth..).unwrap_or_default().to_vec();
    path.extend(below);
    path.push(key);
    let end = last_value_end(table).ok_or("an empty dotted table")?;
    let at = line_end(text, end);
    Ok((
        at..at,
        whole_line(
            text,
            at,
            &format!("{}{} = {value}", indent_of(text, table), dotted(&path)),
        ),
    ))
}

/// A new table: after `after`, else after the last table that shares most of its path, else at the end.
pub(super) fn new_table(
    text: &str,
    root: &Table,
    path: &[&str],
    line: &str,
    after: Option<&[&str]>,
) -> (Range<usize>, String) {
    let wanted = after.and_then(|after| end_of_table(text, root, after));
    let related = || {
        (1..path.len())
            .rev()
            .find_map(|depth| last_below(text, root, path.get(..depth)?))
    };
    let at = wanted.or_else(related).unwrap_or(text.len());
    let newline = newline(text);
    let start = if at == 0 {
        String::new()
    } else if text.get(..at).is_some_and(|before| before.ends_with('\n')) {
        newline.to_owned()
    } else {
        format!("{newline}{newline}")
    };
    let body = if line.is_empty() {
        String::new()
    } else {
        format!("{line}{newline}")
    };
    (at..at, format!("{start}[{}]{newline}{body}", dotted(path)))
}

pub(super) fn end_of_table(text: &str, root: &Table, path: &[&str]) -> Option<usize> {
    match find(root, path) {
        Found::Header(table) if !path.is_empty() => Some(end_of_fields(text, root, table, false)),
        Found::Value(value) => value.span().map(|span| line_end(text, span.end)),
        Found::Dotted(table) => last_value_end(table).map(|end| line_end(text, end)),
        _ => None,
    }
}

/// The end of the last table with a header at or below a path.
pub(super) fn last_below(text: &str, root: &Table, path: &[&str]) -> Option<usize> {
    let mut table = root;
    for part in path {
        table = table.get(part)?.as_table()?;
    }
    let mut ends = Vec::new();
    ends_below(text, root, table, &mut ends);
    ends.into_iter().max()
}

pub(super) fn ends_below(text: &str, root: &Table, table: &Table, ends: &mut Vec<usize>) {
    if !table.is_implicit() && !table.is_dotted() {
        ends.push(end_of_fields(text, root, table, false));
    }
    for (_, item) in table {
        if let Some(inner) = item.as_table() {
            ends_below(text, root, inner, ends);
        }
    }
}

/// A table's header and fields, with one blank line that follows.
pub(super) fn header_span(text: &str, root: &Table, table: &Table) -> Range<usize> {
    let start = table.span().map_or(0, |span| line_start(text, span.start));
    let end = end_of_fields(text, root, table, false);
    let next = line_end(text, end);
    let blank = text
        .get(end..next)
        .is_some_and(|line| !line.is_empty() && line.trim().is_empty());
    start..if blank { next } else { end }
}
