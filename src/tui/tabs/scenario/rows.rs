//! The scenario as a form: every field of the one table, under the name that the file gives it, with what is written
//! there. Pure: a text in, rows out.

use crate::checklist::edit::Look;
use crate::quantity::Role;
use crate::reading::Problem;
use crate::scenario::fields::{self, Absent, Field, Kind};

/// A row of the form.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Its place in the file.
    pub path: Vec<String>,
    /// Its field.
    pub field: &'static Field,
    /// The section that it stands in: `workload.class.simple`.
    pub section: String,
    /// Its name within the section.
    pub label: String,
    /// What is written; `None`: what holds without it.
    pub written: Option<String>,
    /// Where its number comes from.
    pub source: Option<String>,
}

impl Row {
    /// Its place, dotted.
    #[must_use]
    pub fn dotted(&self) -> String {
        self.path.join(".")
    }

    /// Its place, for edits.
    #[must_use]
    pub fn parts(&self) -> Vec<&str> {
        self.path.iter().map(String::as_str).collect()
    }

    /// Whether it holds a quantity, and what a spread in it means.
    #[must_use]
    pub fn role(&self) -> Option<Role> {
        match self.field.kind {
            Kind::Fact => Some(Role::Fact),
            Kind::Draw => Some(Role::Draw),
            // A table of facts is written with names; a plain one is a quantity.
            Kind::FactOrTable => Some(Role::Fact).filter(|_| {
                self.written
                    .as_deref()
                    .is_none_or(|text| !text.starts_with('{'))
            }),
            _ => None,
        }
    }

    /// Known, uncertain, varies: what the written number is.
    #[must_use]
    pub fn role_word(&self, exact: bool) -> &'static str {
        match (self.role(), exact) {
            (None, _) => "setting",
            (Some(_), true) => "known",
            (Some(Role::Fact), false) => "uncertain",
            (Some(Role::Draw), false) => "varies",
        }
    }

    /// Words that may be typed, for fields that take only some.
    #[must_use]
    pub fn words(&self) -> Vec<&'static str> {
        match self.field.kind {
            Kind::Choice(words) => words.to_vec(),
            Kind::Flag => vec!["true", "false"],
            Kind::Table(words) => words
                .iter()
                .copied()
                .filter(|word| !matches!(*word, "*" | "[]"))
                .collect(),
            _ => Vec::new(),
        }
    }

    /// What is typed, as TOML: ranges and words may be typed without their quotes.
    #[must_use]
    pub fn as_toml(&self, typed: &str) -> String {
        let typed = typed.trim();
        if typed.parse::<toml_edit::Value>().is_ok() {
            return typed.to_owned();
        }
        let plain = !typed.contains(['"', '\'', '{', '}', '[', ']', '\n']);
        let quotes = match self.field.kind {
            Kind::Fact | Kind::Draw | Kind::FactOrTable => typed.contains(" to "),
            Kind::Text | Kind::Choice(_) | Kind::Table(_) => true,
            _ => false,
        };
        if plain && quotes {
            toml_edit::Value::from(typed).to_string()
        } else {
            typed.to_owned()
        }
    }
}

/// Which rows are shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Show {
    /// Also fields that nothing is written for.
    pub all: bool,
    /// Only those in which all of these words occur; looks at all fields.
    pub search: String,
}

/// The rows of a text.
///
/// # Errors
/// The parser's sentence when it is not TOML.
pub fn rows(text: &str, show: &Show) -> Result<Vec<Row>, String> {
    let look = Look::at(text.trim_start_matches('\u{feff}'))?;
    let words: Vec<String> = show
        .search
        .split_whitespace()
        .map(str::to_lowercase)
        .collect();
    let all = show.all || !words.is_empty();
    let mut rows = Vec::new();
    for field in fields::all() {
        let parts: Vec<&str> = field.path.split('.').collect();
        if is_element(field) {
            continue;
        }
        for path in expanded(&look, &parts) {
            let row = row(&look, field, path);
            let wanted = row.written.is_some()
                || (all && is_at_home(&look, &row))
                || is_missing(&look, &row);
            if wanted && words.iter().all(|word| found(&row, word)) && !is_heading(&look, &row) {
                rows.push(row);
            }
        }
    }
    // Fields of one table of the file stand together, in the order of the reference.
    let mut order: Vec<String> = Vec::new();
    for row in &rows {
        if !order.contains(&row.section) {
            order.push(row.section.clone());
        }
    }
    rows.sort_by_key(|row| order.iter().position(|section| *section == row.section));
    Ok(rows)
}

/// A number in a list is edited with its list.
fn is_element(field: &Field) -> bool {
    let Some(list) = field.path.strip_suffix(".*").and_then(fields::get) else {
        return false;
    };
    let plain = matches!(field.kind, Kind::Number | Kind::Text);
    plain && matches!(list.kind, Kind::List | Kind::Choice(_))
}

/// A pattern's paths in a file: each `*` stands for every name there.
fn expanded(look: &Look<'_>, parts: &[&str]) -> Vec<Vec<String>> {
    let mut paths: Vec<Vec<String>> = vec![Vec::new()];
    for part in parts {
        if *part == "*" {
            paths = paths
                .into_iter()
                .flat_map(|path| {
                    let at: Vec<&str> = path.iter().map(String::as_str).collect();
                    let names = look.names(&at);
                    names.into_iter().map(move |name| {
                        let mut path = path.clone();
                        path.push(name);
                        path
                    })
                })
                .collect();
        } else {
            for path in &mut paths {
                path.push((*part).to_owned());
            }
        }
    }
    paths
}

fn row(look: &Look<'_>, field: &'static Field, path: Vec<String>) -> Row {
    let at: Vec<&str> = path.iter().map(String::as_str).collect();
    let depth = section_depth(field.path).min(path.len().saturating_sub(1));
    let (section, label) = path.split_at(depth);
    let dotted = path.join(".");
    Row {
        written: look.written(&at).map(str::to_owned),
        source: look.string(&["sources", &dotted]).map(str::to_owned),
        section: section.join("."),
        label: label.join("."),
        field,
        path,
    }
}

/// How many parts of a path name its section: up to the first name of the file's own, else the first.
fn section_depth(pattern: &str) -> usize {
    let parts: Vec<&str> = pattern.split('.').collect();
    let named = parts.iter().position(|part| *part == "*");
    match named {
        Some(at) if at + 1 < parts.len() => at + 1,
        _ => 1,
    }
}

/// Whether its table is there, so that it could be written.
fn is_at_home(look: &Look<'_>, row: &Row) -> bool {
    let Some((_, home)) = row.path.split_last() else {
        return false;
    };
    let home: Vec<&str> = home.iter().map(String::as_str).collect();
    home.is_empty()
        || look.written(&home).is_none_or(|text| text.starts_with('{'))
            && (look.has(&home) || home.len() == 1)
}

/// Required, and not there.
fn is_missing(look: &Look<'_>, row: &Row) -> bool {
    let at = row.parts();
    row.field.absent == Absent::Required
        && !matches!(row.field.kind, Kind::Table(_))
        && row.path.len() > 1
        && is_there(look, &at)
        && !look.has(&at)
}

fn is_there(look: &Look<'_>, path: &[&str]) -> bool {
    let home = path.split_last().map(|(_, home)| home).unwrap_or_default();
    look.has(home) && look.written(home).is_none_or(|text| text.starts_with('{'))
}

/// A table with a header of its own has no value to type: its fields follow as rows.
fn is_heading(look: &Look<'_>, row: &Row) -> bool {
    let takes_tables = matches!(row.field.kind, Kind::Table(_) | Kind::List);
    let named = matches!(
        row.field.path,
        "workload.class"
            | "workload.spike"
            | "drill"
            | "sources"
            | "optimize"
            | "fixed"
            | "budget"
            | "models"
            | "providers"
            | "strategies"
            | "workload"
            | "study"
            | "slo"
    );
    let of_its_own = row.field.path.ends_with(".*") && matches!(row.field.kind, Kind::Table([]));
    let inline = row
        .written
        .as_deref()
        .is_some_and(|text| text.starts_with('{'));
    (inline && named)
        || (row.written.is_none()
            && ((takes_tables && look.has(&row.parts())) || named || of_its_own))
}

fn found(row: &Row, word: &str) -> bool {
    [
        row.dotted(),
        row.field.about.to_owned(),
        row.field.unit.to_owned(),
        row.written.clone().unwrap_or_default(),
    ]
    .iter()
    .any(|text| text.to_lowercase().contains(word))
}

/// The problem to show beside a field: one that stands in its value, else the first.
#[must_use]
pub fn nearest_problem<'p>(
    problems: &'p [Problem],
    text: &str,
    path: &[&str],
) -> Option<&'p Problem> {
    let place = Look::at(text).ok().and_then(|look| look.place(path));
    let within = |problem: &&Problem| {
        place
            .as_ref()
            .is_some_and(|place| problem.span.start < place.end && problem.span.end >= place.start)
    };
    problems.iter().find(within).or_else(|| problems.first())
}
