//! Changing one field of a TOML text and leaving every other byte as it is.
//!
//! `toml_edit` says where things stand; the change itself is a splice of the text. Comments, order, blank lines, line
//! endings and the spelling of numbers elsewhere cannot change, because nothing else is written again.

mod pieces;
mod places;

use std::ops::Range;

use toml_edit::{Document, Value};

pub use places::quoted;

use pieces::{header_span, inline_span, into_dotted, into_header, into_inline, nested, new_table};
use places::{Found, find, key_start, line_end, line_start, parse, plain, through_list};

/// A text parsed once, for many looks.
#[derive(Debug)]
pub struct Look<'t> {
    text: &'t str,
    document: Document<&'t str>,
}

impl<'t> Look<'t> {
    /// Parses a text.
    ///
    /// # Errors
    /// The parser's sentence when it is not TOML.
    pub fn at(text: &'t str) -> Result<Self, String> {
        let document = parse(text)?;
        Ok(Self { text, document })
    }

    /// Where the value at a path stands.
    #[must_use]
    pub fn place(&self, path: &[&str]) -> Option<Range<usize>> {
        match find(self.document.as_table(), path) {
            Found::Value(value) => value.span(),
            _ => None,
        }
    }

    /// The value at a path as it is written.
    #[must_use]
    pub fn written(&self, path: &[&str]) -> Option<&'t str> {
        self.text.get(self.place(path)?)
    }

    /// The text of the string at a path.
    #[must_use]
    pub fn string(&self, path: &[&str]) -> Option<&str> {
        match find(self.document.as_table(), path) {
            Found::Value(value) => value.as_str(),
            _ => None,
        }
    }

    /// Whether there is anything at a path.
    #[must_use]
    pub fn has(&self, path: &[&str]) -> bool {
        !matches!(find(self.document.as_table(), path), Found::Nothing)
            || !self.names(path).is_empty()
    }

    /// What stands below a path: keys of a table, or what the entries of a list of tables are called.
    #[must_use]
    pub fn names(&self, path: &[&str]) -> Vec<String> {
        places::names(self.document.as_table(), path)
    }
}

/// A TOML text that can be parsed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TomlText {
    text: String,
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
                Found::Header(table) if through_list(root, above) => {
                    let line = nested(below, key, &value);
                    let edit = into_header(&self.text, root, table, false, &line);
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

    /// The value at a path as it is written, comments and spelling included.
    #[must_use]
    pub fn written(&self, path: &[&str]) -> Option<&str> {
        let document = parse(&self.text).ok()?;
        match find(document.as_table(), path) {
            Found::Value(value) => self.text.get(value.span()?),
            _ => None,
        }
    }

    /// Sets a value to what is typed, spelling and all; else as [`TomlText::set`].
    ///
    /// # Errors
    /// When what is typed is no TOML value, or something that is not a table stands where one is needed.
    pub fn set_written(&mut self, path: &[&str], typed: &str) -> Result<(), String> {
        let typed = typed.trim();
        let value: Value = typed.parse().map_err(|error: toml_edit::TomlError| {
            error
                .message()
                .lines()
                .next()
                .unwrap_or_default()
                .to_owned()
        })?;
        if typed.contains('\n') {
            return Err("a value stands on one line here".to_owned());
        }
        let mut next = self.clone();
        next.set(path, value, None)?;
        // The value as typed goes where the printed one went: `8_000` stays `8_000`.
        let document = parse(&next.text)?;
        let span = match find(document.as_table(), path) {
            Found::Value(value) => value.span().ok_or("the value has no place")?,
            _ => return Err("nowhere to put it".to_owned()),
        };
        next.splice(span, typed)?;
        *self = next;
        Ok(())
    }

    /// Adds an entry to a list of tables, behind the last one; `lines` are its fields.
    ///
    /// # Errors
    /// When the rest would no longer be TOML.
    pub fn push_entry(&mut self, path: &[&str], lines: &str) -> Result<(), String> {
        let document = parse(&self.text)?;
        let root = document.as_table();
        let mut last = None;
        let mut number = 1;
        loop {
            let name = number.to_string();
            let mut at = path.to_vec();
            at.push(&name);
            match find(root, &at) {
                Found::Header(table) => last = Some(places::end_below(&self.text, root, table)),
                _ => break,
            }
            number += 1;
        }
        let at = last.unwrap_or(self.text.len());
        let newline = places::newline(&self.text);
        let gap = if at == 0 { "" } else { newline };
        let before = if self.text.get(..at).is_some_and(|text| text.ends_with('\n')) || at == 0 {
            ""
        } else {
            newline
        };
        let body = lines.replace('\n', newline);
        let with = format!(
            "{before}{gap}[[{}]]{newline}{body}{newline}",
            places::dotted(path)
        );
        self.splice(at..at, &with)
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
