//! Other tools' checklists, as ours: AWS Well-Architected custom lenses (JSON) and deon (YAML).
//!
//! A lens keeps its meaning: pillars become sections, questions stay questions, their choices can be ticked, and the
//! risk rules decide from the ticks whether a question stands against going. A deon line becomes a question that is
//! answered by yes or no. What a format has no word for (severity of a deon line) takes a value that blocks nothing by
//! surprise, and the file that comes out is there to be edited.

mod deon;
mod lens;

use std::collections::BTreeSet;

pub use deon::deon;
pub use lens::lens;

use super::read::is_id;

/// What an import says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// The checklist's text.
    pub text: String,
    /// Its questions.
    pub questions: usize,
    /// What could not be kept, one sentence each.
    pub losses: Vec<String>,
}

/// Imports a file: JSON is taken for a lens, everything else for deon.
///
/// # Errors
/// What is wrong with it, with its place where the format gives one.
pub fn import(text: &str, id: &str) -> Result<Imported, String> {
    if !is_id(id) {
        return Err(format!(
            "`{id}` cannot be a checklist's id; use letters, digits, `-` and `_`"
        ));
    }
    let text = text.trim_start_matches('\u{feff}');
    if text.trim_start().starts_with(['{', '[']) {
        lens(text, id)
    } else {
        deon(text, id)
    }
}

fn value(text: &str) -> String {
    toml_edit::Value::from(text.split_whitespace().collect::<Vec<_>>().join(" ")).to_string()
}

/// Letters, digits, `-` and `_`, whatever an id was made of; `used` keeps them apart.
fn id_of(text: &str, fallback: &str, used: &mut BTreeSet<String>) -> String {
    let mut id = String::new();
    for letter in text.to_lowercase().chars() {
        if letter.is_ascii_alphanumeric() || letter == '_' {
            id.push(letter);
        } else if !id.is_empty() && !id.ends_with('-') {
            id.push('-');
        }
    }
    let id = id.trim_end_matches('-');
    let id = if id.is_empty() { fallback } else { id };
    let mut name = id.to_owned();
    let mut count = 2;
    while !used.insert(name.clone()) {
        name = format!("{id}-{count}");
        count += 1;
    }
    name
}

fn head(id: &str, title: &str, about: &str, origin: &str) -> String {
    format!(
        "# Imported from {origin}. Edit it freely: ids are what answers hang on, everything else may change.\nschema = 1\nid = {}\ntitle = {}\nversion = \"1.0.0\"\nabout = {}\n",
        value(id),
        value(title),
        value(about)
    )
}

/// A sentence's beginning, for lists.
fn short(text: &str) -> String {
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if flat.chars().count() <= 40 {
        flat
    } else {
        flat.chars().take(39).chain(['…']).collect()
    }
}
