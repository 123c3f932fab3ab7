//! Changing one field of a TOML text and leaving every other byte as it is.
//!
//! `toml_edit` says where things stand; the change itself is a splice of the text. Comments, order, blank lines, line
//! endings and the spelling of numbers elsewhere cannot change, because nothing else is written again.

use std::ops::Range;

use toml_edit::{Document, InlineTable, Item, Table, Value};

/// A TOML text that can be parsed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TomlText {
    text: String,
}

/// Where a path leads.
enum Found<'d> {
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

impl TomlText {
    /// Takes a text.
    ///
    /// # Errors
    /// The parser's sentence when it is not TOML.
    pub fn new(text: String) -> Result<Self, String> {
        parse(&text)?;
        Ok(Self { text })
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The text.
    #[must_use]
    pub fn into_string(self) -> String {
        self.text
    }

    /// The value at a path, without its decoration.
    #[must_use]
    pub fn get(&self, path: &[&str]) -> Option<Value> {
        let document = parse(&self.text).ok()?;
        match find(document.as_table(), path) {
            Found::Value(value) => Some(plain(value.clone())),
            _ => None,
        }
    }

    /// Whether there is anything at a path.
    #[must_use]
    pub fn has(&self, path: &[&str]) -> bool {
        parse(&self.text)
            .is_ok_and(|document| !matches!(find(document.as_table(), path), Found::Nothing))
    }

    /// Sets a value. A field that is there keeps its place and comment; a new one goes to the end of its table; a new
    /// table goes after `after`, or after the last table that shares its beginning, or to the end of the file.
    ///
    /// # Errors
    /// When something that is not a table stands where one is needed.
    pub fn set(
        &mut self,
        path: &[&str],
        value: Value,
        after: Option<&[&str]>,
    ) -> Result<(), String> {
        let value = plain(value);
        let document = parse(&self.text)?;
        let root = document.as_table();
        if let Found::Value(old) = find(root, path) {
            if plain(old.clone()).to_string() == value.to_string() {
                return Ok(());
            }
            let span = old.span().ok_or("the value has no place")?;
            return self.splice(span, &value.to_string());
        }
        let Some((key, parent)) = path.split_last() else {
            return Err("an empty path".to_owned());
        };
        // The deepest table that is there decides in which style the rest is written.
        for depth in (0..=parent.len()).rev() {
            let (above, below) = parent.split_at(depth);
            match find(root, above) {
                Found::Value(Value::InlineTable(table)) => {
                    let inside = nested(below, key, &value);
                    let edit = into_inline(&self.text, table, &inside)?;
                    return self.splice(edit.0, &edit.1);
                }
                Found::Value(_) => return Err(format!("`{}` is not a table", above.join("."))),
                Found::Dotted(table) => {
                    let edit = into_dotted(&self.text, root, table, above, below, key, &value)?;
                    return self.splice(edit.0, &edit.1);
                }
                Found::Header(table) if below.is_empty() => {
                    let edit = into_header(
                        &self.text,
                        root,
                        table,
                        depth == 0,
                        &format!("{} = {value}", quoted(key)),
                    );
                    return self.splice(edit.0, &edit.1);
                }
                Found::Header(_) | Found::Implicit if depth > 0 || !below.is_empty() => {
                    let edit = new_table(
                        &self.text,
                        root,
                        parent,
                        &format!("{} = {value}", quoted(key)),
                        after,
                    );
                    return self.splice(edit.0, &edit.1);
                }
                Found::Header(_) | Found::Implicit | Found::Nothing => {}
            }
        }
        Err("nowhere to put it".to_owned())
    }

    /// Makes sure that a table has a header of its own (an empty stub if it is new).
    ///
    /// # Errors
    /// When something that is not a table stands where one is needed.
    pub fn stub(&mut self, path: &[&str], after: Option<&[&str]>) -> Result<(), String> {
        let document = parse(&self.text)?;
        if !matches!(
            find(document.as_table(), path),
            Found::Nothing | Found::Implicit
        ) {
            return Ok(());
        }
        let edit = new_table(&self.text, document.as_table(), path, "", after);
        self.splice(edit.0, &edit.1)
    }

    /// Takes a field or a whole table away; comments above it stay.
    ///
    /// # Errors
    /// When the rest would no longer be TOML.
    pub fn remove(&mut self, path: &[&str]) -> Result<(), String> {
        let document = parse(&self.text)?;
        let root = document.as_table();
        let Some((key, parent)) = path.split_last() else {
            return Ok(());
        };
        let span = match find(root, path) {
            Found::Nothing | Found::Implicit => return Ok(()),
            Found::Header(table) => header_span(&self.text, root, table),
            Found::Dotted(_) => {
                return Err(format!(
                    "`{}` is written with dotted keys; delete it by hand",
                    path.join(".")
                ));
            }
            Found::Value(value) => {
                let end = value.span().ok_or("the value has no place")?.end;
                if let Found::Value(Value::InlineTable(table)) = find(root, parent) {
                    inline_span(&self.text, table, key, end)?
                } else {
                    let start = key_start(root, parent, key).ok_or("the key has no place")?;
                    line_start(&self.text, start)..line_end(&self.text, end)
                }
            }
        };
        self.splice(span, "")
    }

    /// Replaces part of the text, if what comes out is TOML.
    fn splice(&mut self, at: Range<usize>, with: &str) -> Result<(), String> {
        let mut text = self.text.clone();
        if text.get(at.clone()).is_none() {
            return Err("a place outside the text".to_owned());
        }
        text.replace_range(at, with);
        parse(&text)?;
        self.text = text;
        Ok(())
    }
}

fn parse(text: &str) -> Result<Document<&str>, String> {
    // A byte order mark is no part of TOML, but stays in the file.
    Document::parse(text).map_err(|error| error.message().to_owned())
}

fn plain(mut value: Value) -> Value {
    value.decor_mut().clear();
    value
}

/// A key as TOML writes it: bare where it can be.
#[must_use]
pub fn quoted(key: &str) -> String {
    if super::read::is_id(key) {
        key.to_owned()
    } else {
        plain(Value::from(key)).to_string()
    }
}

fn dotted(path: &[&str]) -> String {
    path.iter()
        .map(|part| quoted(part))
        .collect::<Vec<_>>()
        .join(".")
}

fn find<'d>(root: &'d Table, path: &[&str]) -> Found<'d> {
    let mut table = root;
    let mut at = 0;
    while let Some(part) = path.get(at) {
        at += 1;
        match table.get(part) {
            None | Some(Item::None | Item::ArrayOfTables(_)) => return Found::Nothing,
            Some(Item::Table(next)) => table = next,
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

fn within<'d>(value: &'d Value, path: &[&str]) -> Found<'d> {
    let Some((first, rest)) = path.split_first() else {
        return Found::Value(value);
    };
    match value {
        Value::InlineTable(table) => table
            .get(first)
            .map_or(Found::Nothing, |inner| within(inner, rest)),
        _ => Found::Nothing,
    }
}

/// Where the key of a field stands.
fn key_start(root: &Table, parent: &[&str], key: &str) -> Option<usize> {
    let mut table = root;
    for part in parent {
        table = table.get(part)?.as_table()?;
    }
    table.get_key_value(key)?.0.span().map(|span| span.start)
}

fn line_start(text: &str, at: usize) -> usize {
    text.get(..at)
        .and_then(|before| before.rfind('\n'))
        .map_or(0, |newline| newline + 1)
}

fn line_end(text: &str, at: usize) -> usize {
    text.get(at..)
        .and_then(|rest| rest.find('\n'))
        .map_or(text.len(), |newline| at + newline + 1)
}

fn newline(text: &str) -> &'static str {
    if text.contains("\r\n") { "\r\n" } else { "\n" }
}

/// The end of the last `key = value` that stands under a table's own header.
fn last_value_end(table: &Table) -> Option<usize> {
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
fn headers(table: &Table, found: &mut Vec<usize>) {
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
fn end_of_fields(text: &str, root: &Table, table: &Table, is_root: bool) -> usize {
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

fn indent_of(text: &str, table: &Table) -> String {
    let Some(end) = last_value_end(table) else {
        return String::new();
    };
    let line = text.get(line_start(text, end)..end).unwrap_or_default();
    line.chars()
        .take_while(|letter| matches!(letter, ' ' | '\t'))
        .collect()
}

fn whole_line(text: &str, at: usize, line: &str) -> String {
    let newline = newline(text);
    let before = if at > 0 && !text.get(..at).is_some_and(|before| before.ends_with('\n')) {
        newline
    } else {
        ""
    };
    format!("{before}{line}{newline}")
}

fn into_header(
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

fn nested(below: &[&str], key: &str, value: &Value) -> String {
    let mut text = format!("{} = {value}", quoted(key));
    for part in below.iter().rev() {
        text = format!("{} = {{ {text} }}", quoted(part));
    }
    text
}

fn into_inline(
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
fn inline_end(value: &Value) -> Option<usize> {
    match value {
        Value::InlineTable(table) if table.is_dotted() => table
            .iter()
            .filter_map(|(_, inner)| inline_end(inner))
            .max(),
        other => other.span().map(|span| span.end),
    }
}

fn inline_span(
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

fn into_dotted(
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
fn new_table(
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

fn end_of_table(text: &str, root: &Table, path: &[&str]) -> Option<usize> {
    match find(root, path) {
        Found::Header(table) if !path.is_empty() => Some(end_of_fields(text, root, table, false)),
        Found::Value(value) => value.span().map(|span| line_end(text, span.end)),
        Found::Dotted(table) => last_value_end(table).map(|end| line_end(text, end)),
        _ => None,
    }
}

/// The end of the last table with a header at or below a path.
fn last_below(text: &str, root: &Table, path: &[&str]) -> Option<usize> {
    let mut table = root;
    for part in path {
        table = table.get(part)?.as_table()?;
    }
    let mut ends = Vec::new();
    ends_below(text, root, table, &mut ends);
    ends.into_iter().max()
}

fn ends_below(text: &str, root: &Table, table: &Table, ends: &mut Vec<usize>) {
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
fn header_span(text: &str, root: &Table, table: &Table) -> Range<usize> {
    let start = table.span().map_or(0, |span| line_start(text, span.start));
    let end = end_of_fields(text, root, table, false);
    let next = line_end(text, end);
    let blank = text
        .get(end..next)
        .is_some_and(|line| !line.is_empty() && line.trim().is_empty());
    start..if blank { next } else { end }
}
