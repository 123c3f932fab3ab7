//! The keys of a quantity's table, and which of them go together.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::reading::{Problem, nearest};

/// One entry: key, where the key stands, value.
type Entry<'a> = (&'a str, Range<usize>, &'a Spanned<DeValue<'a>>);

/// A table's entries in file order.
pub(super) struct Fields<'a> {
    entries: Vec<Entry<'a>>,
    /// Where the whole table stands.
    pub(super) span: Range<usize>,
}

impl<'a> Fields<'a> {
    pub(super) fn new(table: &'a DeTable<'a>, span: Range<usize>) -> Self {
        let entries = table
            .iter()
            .map(|(key, value)| (key.get_ref().as_ref(), key.span(), value))
            .collect();
        Self { entries, span }
    }

    /// The same table without one key.
    pub(super) fn without(mut self, key: &str) -> Self {
        self.entries.retain(|entry| entry.0 != key);
        self
    }

    pub(super) fn get(&self, key: &str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.entries
            .iter()
            .find(|entry| entry.0 == key)
            .map(|entry| entry.2)
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &'a str> {
        self.entries.iter().map(|entry| entry.0)
    }

    /// Where a key's value stands, or the table if the key is not there.
    pub(super) fn place(&self, key: &str) -> Range<usize> {
        self.get(key)
            .map_or_else(|| self.span.clone(), Spanned::span)
    }

    fn key_span(&self, key: &str) -> Range<usize> {
        self.entries
            .iter()
            .find(|entry| entry.0 == key)
            .map_or_else(|| self.span.clone(), |entry| entry.1.clone())
    }

    /// Reports every key that is not among `known`; whether there was none.
    pub(super) fn only(&self, known: &[&str], owner: &str, problems: &mut Vec<Problem>) -> bool {
        let mut fine = true;
        for (key, span, _) in &self.entries {
            if known.contains(key) {
                continue;
            }
            fine = false;
            let problem = Problem::new(span.clone(), format!("`{key}` is not a key of {owner}"))
                .expected(one_of(known));
            problems.push(match nearest(key, known.iter().copied()) {
                Some(name) => problem.help(format!("did you mean `{name}`?")),
                None => match families_with(key) {
                    Some(families) => problem.help(format!("`{key}` needs {families}")),
                    None => problem,
                },
            });
        }
        fine
    }

    /// Which of several sets of keys is written here; `others` are keys that any of them may have beside it. If none
    /// is, what is missing from the likeliest, or does not go with it, is reported.
    pub(super) fn form<'f>(
        &self,
        forms: &'f [&'f [&'f str]],
        others: &[&str],
        owner: &str,
        problems: &mut Vec<Problem>,
    ) -> Option<&'f [&'f str]> {
        let written: Vec<&str> = self.keys().filter(|key| !others.contains(key)).collect();
        let fits = |form: &[&str]| {
            form.len() == written.len() && form.iter().all(|key| written.contains(key))
        };
        if let Some(form) = forms.iter().find(|form| fits(form)) {
            return Some(form);
        }
        // The set that leaves the fewest complaints; of those the one with most keys in common, then the first.
        let complaints = |form: &&[&str]| {
            let common = form.iter().filter(|key| written.contains(key)).count();
            (form.len() + written.len() - 2 * common, form.len() - common)
        };
        let likeliest = forms.iter().copied().min_by_key(complaints).unwrap_or(&[]);
        let choices = forms
            .iter()
            .map(|form| all_of(form))
            .collect::<Vec<_>>()
            .join(", or ");
        for key in likeliest.iter().filter(|key| !written.contains(key)) {
            problems.push(
                Problem::new(
                    self.span.clone(),
                    format!("`{key}` is missing from {owner}"),
                )
                .expected(choices.clone()),
            );
        }
        for key in written.iter().filter(|key| !likeliest.contains(key)) {
            problems.push(
                Problem::new(
                    self.key_span(key),
                    format!("`{key}` does not go with {}", all_of(likeliest)),
                )
                .expected(choices.clone()),
            );
        }
        None
    }
}

/// "one of `a`, `b`, `c`".
pub(super) fn one_of(names: &[&str]) -> String {
    let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    format!("one of {}", names.join(", "))
}

/// "`a`, `b` and `c`".
fn all_of(names: &[&str]) -> String {
    match names {
        [] => "nothing".to_owned(),
        [only] => format!("`{only}`"),
        [first @ .., last] => {
            let first: Vec<_> = first.iter().map(|name| format!("`{name}`")).collect();
            format!("{} and `{last}`", first.join(", "))
        }
    }
}

/// What to add for a key that only some families have.
fn families_with(key: &str) -> Option<&'static str> {
    Some(match key {
        "mu" | "sigma" => "dist = \"lognormal\"",
        "sd" => "dist = \"normal\"",
        "mode" => "dist = \"triangular\" or \"pert\"",
        "low" | "high" => "dist = \"uniform\", \"triangular\" or \"pert\"",
        "shape" | "scale" => "dist = \"gamma\", \"weibull\" or \"pareto\"",
        "rate" => "dist = \"exponential\"",
        "alpha" | "beta" => "dist = \"beta\"",
        "values" | "weights" => "dist = \"discrete\"",
        "samples" | "file" | "column" => "dist = \"empirical\"",
        _ => return None,
    })
}
