use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use jiff::civil::Date;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Node, Problem, listing, nearest};

/// What a walk over a file has found so far: problems, the place of every field, and which fields were looked for.
#[derive(Debug, Default)]
pub struct Walk {
    /// What is wrong, in the order it was found.
    pub problems: Vec<Problem>,
    /// Where each field stands, by dotted path: tables by their header or braces, everything else by its value.
    pub places: BTreeMap<String, Range<usize>>,
    /// The patterns of the fields that were looked for (`models.*.price`): a test holds them against the reference.
    pub asked: BTreeSet<String>,
    /// Says where else a key would be at home, for keys that stand in the wrong table; given the unknown key and its
    /// table's pattern.
    pub elsewhere: Option<fn(&str, &str) -> Option<String>>,
}

impl Walk {
    /// Notes a problem.
    pub fn say(&mut self, problem: Problem) {
        self.problems.push(problem);
    }
}

/// One `key = value` of a table.
#[derive(Debug, Clone)]
struct Entry<'t, 'i> {
    key: &'t str,
    key_span: Range<usize>,
    value: &'t Node<'i>,
}

/// A table that is being read: every key that is looked for is marked, and [`Table::finish`] reports the others.
///
/// Its *path* names it in this file (`models.gpt-4`), its *pattern* in every file (`models.*`).
#[derive(Debug, Clone)]
pub struct Table<'t, 'i> {
    entries: Vec<Entry<'t, 'i>>,
    /// Its header, or its braces.
    pub span: Range<usize>,
    /// Its dotted path; empty for the root.
    pub path: String,
    /// The path with `*` for names; empty for the root.
    pub pattern: String,
    asked: Vec<&'static str>,
}

impl<'t, 'i> Table<'t, 'i> {
    /// The root of a file.
    #[must_use]
    pub fn root(table: &'t Spanned<DeTable<'i>>) -> Self {
        Self::of(table.get_ref(), 0..0, String::new(), String::new())
    }

    fn of(table: &'t DeTable<'i>, span: Range<usize>, path: String, pattern: String) -> Self {
        let entries = table
            .iter()
            .map(|(key, value)| Entry {
                key: key.get_ref(),
                key_span: key.span(),
                value,
            })
            .collect();
        Self {
            entries,
            span,
            path,
            pattern,
            asked: Vec::new(),
        }
    }

    /// Its keys, in file order, with their places.
    pub fn keys(&self) -> impl Iterator<Item = (&'t str, Range<usize>)> {
        self.entries
            .iter()
            .map(|entry| (entry.key, entry.key_span.clone()))
    }

    /// Whether it has no entries.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Whether a key is there, without marking it.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.entries.iter().any(|entry| entry.key == key)
    }

    /// The same table under another path, such as a class under its name instead of its number.
    #[must_use]
    pub fn renamed(mut self, path: String, pattern: String) -> Self {
        self.path = path;
        self.pattern = pattern;
        self
    }

    /// Lays another table's entries over this one's: a key that both have is taken whole from `over`. The place stays
    /// that of this table, so that a key missing from both is reported here.
    pub fn overlay(&mut self, over: &Table<'t, 'i>) {
        for entry in &over.entries {
            match self.entries.iter_mut().find(|mine| mine.key == entry.key) {
                Some(mine) => *mine = entry.clone(),
                None => self.entries.push(entry.clone()),
            }
        }
    }

    /// Keeps the entries for which `keep` says so.
    pub fn retain(&mut self, mut keep: impl FnMut(&str, &Node<'i>) -> bool) {
        self.entries.retain(|entry| keep(entry.key, entry.value));
    }

    /// Looks for a field; marks it as known, and notes its place if it is there.
    pub fn take(&mut self, key: &'static str, walk: &mut Walk) -> Option<Field<'t, 'i>> {
        self.asked.push(key);
        let pattern = joined(&self.pattern, key);
        walk.asked.insert(pattern.clone());
        let entry = self.entries.iter().find(|entry| entry.key == key)?;
        Some(self.field(entry, pattern, walk))
    }

    /// All entries as fields, for tables whose keys are names of the author's choosing.
    pub fn named(self, walk: &mut Walk) -> Vec<(&'t str, Field<'t, 'i>)> {
        let pattern = joined(&self.pattern, "*");
        walk.asked.insert(pattern.clone());
        self.entries
            .iter()
            .map(|entry| (entry.key, self.field(entry, pattern.clone(), walk)))
            .collect()
    }

    fn field(&self, entry: &Entry<'t, 'i>, pattern: String, walk: &mut Walk) -> Field<'t, 'i> {
        let field = Field {
            key: entry.key,
            key_span: entry.key_span.clone(),
            value: entry.value,
            path: joined(&self.path, entry.key),
            pattern,
        };
        walk.places.insert(field.path.clone(), field.span());
        field
    }

    /// The keys that were looked for, each once.
    fn known(&self) -> Vec<&'static str> {
        let mut known: Vec<&'static str> = Vec::new();
        for key in &self.asked {
            if !known.contains(key) {
                known.push(key);
            }
        }
        known
    }

    /// Reports every key that nobody looked for. `what` names the table in a sentence: "a strategy".
    pub fn finish(self, what: &str, walk: &mut Walk) {
        for entry in &self.entries {
            if self.asked.contains(&entry.key) {
                continue;
            }
            let problem = Problem::new(
                entry.key_span.clone(),
                format!("`{}` is not a field of {what}", entry.key),
            );
            let here = nearest(entry.key, self.asked.iter().copied());
            let away = || {
                walk.elsewhere
                    .and_then(|elsewhere| elsewhere(entry.key, &self.pattern))
            };
            walk.say(match here {
                Some(name) => problem.help(format!("did you mean `{name}`?")),
                None => match away() {
                    Some(help) => problem.help(help),
                    None => problem.expected(format!("one of {}", listing(self.known()))),
                },
            });
        }
    }
}

/// One field: a value with its key, place, path and pattern.
#[derive(Debug, Clone)]
pub struct Field<'t, 'i> {
    /// The last part of its path.
    pub key: &'t str,
    /// Where the key stands.
    pub key_span: Range<usize>,
    /// Its value.
    pub value: &'t Node<'i>,
    /// Its dotted path in this file.
    pub path: String,
    /// The path with `*` for names.
    pub pattern: String,
}

impl<'t, 'i> Field<'t, 'i> {
    /// Where its value stands.
    #[must_use]
    pub fn span(&self) -> Range<usize> {
        // The parser gives tables that have only children (`[a.b]` without `[a]`) no place of their own.
        if self.value.span().is_empty() {
            self.key_span.clone()
        } else {
            self.value.span()
        }
    }

    /// A problem at its value.
    #[must_use]
    pub fn problem(&self, message: impl Into<String>) -> Problem {
        Problem::new(self.span(), message)
    }

    /// "`key` is text": the problem of a value of the wrong kind.
    #[must_use]
    pub fn wrong(&self, expected: impl Into<String>) -> Problem {
        self.problem(format!(
            "`{}` cannot be {}",
            self.key,
            kind(self.value.get_ref())
        ))
        .expected(expected)
    }

    /// The text it holds, if it is text.
    #[must_use]
    pub fn as_text(&self) -> Option<&'t str> {
        self.value.get_ref().as_str()
    }

    /// Whether it is exactly `false`.
    #[must_use]
    pub fn is_false(&self) -> bool {
        self.value.get_ref().as_bool() == Some(false)
    }

    /// Text.
    pub fn text(&self, walk: &mut Walk) -> Option<&'t str> {
        let text = self.as_text();
        if text.is_none() {
            walk.say(self.wrong("text in quotes"));
        }
        text
    }

    /// `true` or `false`.
    pub fn flag(&self, walk: &mut Walk) -> Option<bool> {
        let flag = self.value.get_ref().as_bool();
        if flag.is_none() {
            walk.say(self.wrong("`true` or `false`"));
        }
        flag
    }

    /// One of some words; its index.
    pub fn choice(&self, words: &[&'static str], walk: &mut Walk) -> Option<usize> {
        let found = self
            .as_text()
            .and_then(|text| words.iter().position(|word| *word == text));
        if found.is_none() {
            walk.say(self.not_one_of(words));
        }
        found
    }

    /// The problem of a word that is not one of those allowed.
    #[must_use]
    pub fn not_one_of(&self, words: &[&str]) -> Problem {
        let expected = format!(
            "one of {}",
            words
                .iter()
                .map(|word| format!("\"{word}\""))
                .collect::<Vec<_>>()
                .join(", ")
        );
        let Some(text) = self.as_text() else {
            return self.wrong(expected);
        };
        let problem = self
            .problem(format!("`{}` cannot be \"{text}\"", self.key))
            .expected(expected);
        match nearest(text, words.iter().copied()) {
            Some(word) => problem.help(format!("did you mean \"{word}\"?")),
            None => problem,
        }
    }

    /// A plain number, finite unless it is written `inf`.
    pub fn number(&self, walk: &mut Walk) -> Option<f64> {
        let number = plain_number(self.value.get_ref());
        if number.is_none() {
            walk.say(self.wrong("a plain number"));
        }
        number
    }

    /// A whole number in `low..=high`.
    pub fn integer(&self, low: u64, high: u64, walk: &mut Walk) -> Option<u64> {
        let expected = || {
            if high == u64::MAX {
                format!("a whole number, {low} or more")
            } else {
                format!("a whole number from {low} to {high}")
            }
        };
        let DeValue::Integer(written) = self.value.get_ref() else {
            walk.say(self.wrong(expected()));
            return None;
        };
        let number = u64::from_str_radix(written.as_str(), written.radix()).ok();
        let number = number.filter(|number| (low..=high).contains(number));
        if number.is_none() {
            walk.say(
                self.problem(format!("`{}` cannot be {}", self.key, written.as_str()))
                    .expected(expected()),
            );
        }
        number
    }

    /// A calendar day, `2026-12-07`.
    pub fn date(&self, walk: &mut Walk) -> Option<Date> {
        let date = match self.value.get_ref() {
            DeValue::Datetime(written) if written.time.is_none() && written.offset.is_none() => {
                written.to_string().parse().ok()
            }
            _ => None,
        };
        if date.is_none() {
            walk.say(self.wrong("a day, written without quotes: 2026-12-07"));
        }
        date
    }

    /// A table, without a complaint if it is something else.
    #[must_use]
    pub fn as_table(&self) -> Option<Table<'t, 'i>> {
        let table = self.value.get_ref().as_table()?;
        Some(Table::of(
            table,
            self.span(),
            self.path.clone(),
            self.pattern.clone(),
        ))
    }

    /// A table.
    pub fn table(&self, walk: &mut Walk) -> Option<Table<'t, 'i>> {
        let table = self.as_table();
        if table.is_none() {
            walk.say(self.wrong("a table"));
        }
        table
    }

    /// The entries of a list, each as a field of its own: path `hourly.3`, counted from 1, pattern `hourly.*`.
    pub fn list(&self, walk: &mut Walk) -> Option<Vec<Field<'t, 'i>>> {
        let Some(array) = self.value.get_ref().as_array() else {
            walk.say(self.wrong("a list in [ ]"));
            return None;
        };
        let entries = array.iter().enumerate().map(|(index, value)| Field {
            key: self.key,
            key_span: self.key_span.clone(),
            value,
            path: joined(&self.path, &(index + 1).to_string()),
            pattern: joined(&self.pattern, "*"),
        });
        Some(entries.collect())
    }
}

/// The number that a TOML integer or float is; `None` for everything else and for `nan`.
fn plain_number(value: &DeValue<'_>) -> Option<f64> {
    match value {
        DeValue::Integer(written) if written.radix() == 10 => written.as_str().parse().ok(),
        #[expect(
            clippy::cast_precision_loss,
            reason = "numbers past 2^53 in a hand-written file are round"
        )]
        DeValue::Integer(written) => i64::from_str_radix(written.as_str(), written.radix())
            .ok()
            .map(|number| number as f64),
        DeValue::Float(written) => written
            .as_str()
            .parse()
            .ok()
            .filter(|number: &f64| !number.is_nan()),
        _ => None,
    }
}

/// What a value is, in words.
fn kind(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => format!("the text \"{}\"", shortened(text)),
        DeValue::Integer(number) => number.to_string(),
        DeValue::Float(number) => number.to_string(),
        DeValue::Boolean(flag) => flag.to_string(),
        DeValue::Datetime(time) => time.to_string(),
        DeValue::Array(_) => "a list".to_owned(),
        DeValue::Table(_) => "a table".to_owned(),
    }
}

fn shortened(text: &str) -> String {
    if text.chars().count() <= 40 {
        text.to_owned()
    } else {
        text.chars().take(39).chain(['…']).collect()
    }
}

fn joined(path: &str, key: &str) -> String {
    if path.is_empty() {
        key.to_owned()
    } else {
        format!("{path}.{key}")
    }
}
