//! What can be wrong with a name, a file or a question, in words that say the way out.

use std::path::{Path, PathBuf};

use jiff::civil::Date;

use super::tariff::LONGEST_DAYS;
use crate::reading::harmless;

/// A model that the catalogue does not have, or has more than once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotFound {
    /// `model` or `provider`.
    pub what: &'static str,
    /// What was asked for.
    pub asked: String,
    /// Valid references, the most likely first; never more than eight.
    pub nearest: Vec<String>,
    /// The name alone fits all of `nearest`.
    pub ambiguous: bool,
}

impl NotFound {
    /// What is wrong, in a few words.
    #[must_use]
    pub fn message(&self) -> String {
        let (what, asked) = (self.what, harmless(&self.asked));
        if self.ambiguous {
            format!("`{asked}` is offered by several providers")
        } else {
            format!("the price catalogue has no {what} `{asked}`")
        }
    }

    /// The way out.
    #[must_use]
    pub fn help(&self) -> String {
        let quoted: Vec<String> = self
            .nearest
            .iter()
            .map(|name| format!("`{}`", harmless(name)))
            .collect();
        if self.ambiguous {
            format!("say which: {}", quoted.join(", "))
        } else if quoted.is_empty() {
            "`gonogo prices list` shows what it has".to_owned()
        } else {
            format!("did you mean {}?", quoted.join(" or "))
        }
    }
}

impl std::fmt::Display for NotFound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}; {}", self.message(), self.help())
    }
}

impl std::error::Error for NotFound {}

/// Why a price file could not be used.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// It could not be read.
    #[error("{}: cannot be read: {source}", shown(path))]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It is not a price file.
    #[error(
        "{}: not a price file: {reason}; expected data.json (version 2) of the genai-prices project, or what `gonogo prices import` made of it",
        shown(path)
    )]
    Invalid {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
}

/// The three of `names` that are most like `asked`, if they are at all; `compared` is the part of a name that counts.
pub(super) fn nearest(
    asked: &str,
    names: impl Iterator<Item = String>,
    compared: impl Fn(&str) -> String,
) -> Vec<String> {
    let asked = asked.to_lowercase();
    let like = |name: String| {
        (
            strsim::normalized_damerau_levenshtein(&asked, &compared(&name).to_lowercase()),
            name,
        )
    };
    let mut scored: Vec<(f64, String)> =
        names.map(like).filter(|(score, _)| *score >= 0.6).collect();
    scored.sort_by(|(left, _), (right, _)| right.total_cmp(left));
    scored.into_iter().take(3).map(|(_, name)| name).collect()
}

/// A path that does nothing to a terminal.
pub(super) fn shown(path: &Path) -> String {
    harmless(&path.display().to_string())
}

/// Why a call cannot be priced.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum PriceError {
    /// The provider has no such service tier for this model.
    #[error("{reference} has no service tier `{asked}`; it has {}", list(known))]
    UnknownTier {
        /// The model.
        reference: String,
        /// What was asked for.
        asked: String,
        /// What there is, `batch` included.
        known: Vec<String>,
    },
    /// The provider has no batch prices for this model.
    #[error("{reference} has no batch prices; it has {}", list(known))]
    NoBatch {
        /// The model.
        reference: String,
        /// What there is.
        known: Vec<String>,
    },
    /// Token counts that contradict each other, or are not counts.
    #[error("{0}")]
    Usage(String),
    /// A period that cannot be compiled.
    #[error(
        "cannot price {days} days from {starts}: expected 1 to {LONGEST_DAYS} days between the years 1970 and 9999"
    )]
    Period {
        /// First day.
        starts: Date,
        /// Its length.
        days: u32,
    },
    /// The catalogue itself has no answer.
    #[error("{reference}: {reason}")]
    Catalogue {
        /// The model.
        reference: String,
        /// What it said.
        reason: String,
    },
}

fn list(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}
