//! What a typed value would do: its meaning, or what is wrong with it, and the file's text with it in place. Pure.

use std::path::Path;

use crate::checklist::edit::TomlText;
use crate::quantity::{Context, Meaning, meaning};
use crate::reading::Problem;
use crate::scenario::fields::Bounds;

use super::super::super::workspace::parse;
use super::rows::{Row, nearest_problem};

/// Bins of the plot beside a field.
pub const BINS: usize = 36;

/// What a typed value comes to.
#[derive(Debug, Clone, PartialEq)]
pub enum Typed {
    /// Nothing is typed: what holds without the field comes back.
    Empty(String),
    /// It can be taken.
    Good {
        /// The file's text with it.
        text: String,
        /// What it means; none for what is no quantity.
        meaning: Option<Box<Meaning>>,
    },
    /// It cannot.
    Bad(String),
}

/// What is written means, where it can be told without the file.
#[must_use]
pub fn meaning_of(row: &Row, written: &str) -> Option<Meaning> {
    meaning(written, row.role()?, BINS, &Context::without_files()).ok()
}

/// Understands what is typed into a row.
#[must_use]
pub fn understand(row: &Row, typed: &str, text: &str, path: Option<&Path>) -> Typed {
    let Ok(mut next) = TomlText::new(text.to_owned()) else {
        return Typed::Bad(
            "the file is not TOML as it stands; {edit-file} opens it in your editor".to_owned(),
        );
    };
    let parts = row.parts();
    if typed.trim().is_empty() {
        if let Err(why) = next.remove(&parts) {
            return Typed::Bad(why);
        }
        let next = next.into_string();
        return match refused(text, &next, path, &parts) {
            Some(why) => Typed::Bad(why),
            None => Typed::Empty(next),
        };
    }
    let value = row.as_toml(typed);
    let known = row.role().map(|role| {
        let known = meaning(&value, role, BINS, &Context::without_files());
        known.map_err(|problems| problems.first().map(words).unwrap_or_default())
    });
    // A quantity explains its own mistakes best; one that reads a file is left to the scenario.
    if let Some(Err(why)) = &known
        && !value.contains("file")
        && !matches!(row.field.kind, crate::scenario::fields::Kind::FactOrTable)
    {
        return Typed::Bad(why.clone());
    }
    if let Some(Ok(known)) = &known
        && let Some(outside) = row.field.bounds.first_outside(&known.quantity)
    {
        return Typed::Bad(out_of(outside, row.field.bounds));
    }
    if let Err(why) = next.set_written(&parts, &value) {
        return Typed::Bad(why);
    }
    let next = next.into_string();
    if let Some(why) = refused(text, &next, path, &parts) {
        return Typed::Bad(why);
    }
    Typed::Good {
        text: next,
        meaning: known.and_then(Result::ok).map(Box::new),
    }
}

/// Why a changed text is worse than the one before; what was wrong elsewhere already is no reason to refuse an edit.
fn refused(before: &str, after: &str, path: Option<&Path>, parts: &[&str]) -> Option<String> {
    let problems = parse(path, after).err()?;
    let known = parse(path, before)
        .err()
        .map_or(0, |problems| problems.list.len());
    if problems.list.len() <= known {
        return None;
    }
    let bare = after.trim_start_matches('\u{feff}');
    nearest_problem(&problems.list, bare, parts).map(words)
}

fn out_of(outside: f64, bounds: Bounds) -> String {
    format!("it cannot be {outside}; expected {}", bounds.words())
}

/// A problem in one sentence, with what was expected and the way out.
fn words(problem: &Problem) -> String {
    let mut text = problem.message.clone();
    for (word, more) in [("expected ", &problem.expected), ("", &problem.help)] {
        if let Some(more) = more {
            text = format!("{text}; {word}{more}");
        }
    }
    text
}
