//! Changing a review's file so that nothing is ever lost: one writer at a time, written beside and renamed, logged.
//!
//! A change is a closure over a [`Draft`]. It is run on the text as it stands under the lock, so two writers merge by
//! nature; if an editor saves in between, the closure is run again on what the editor wrote. A file that cannot be read
//! is reported and left alone.

use std::fmt;
use std::io;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use toml_edit::Value;

use crate::reading::{Problems, Source};

use super::dates::Clock;
use super::edit::TomlText;
use super::history::{Entry, Locked, short_digest};
use super::read_review::read_review;
use super::review::Review;

/// Name parts of the file that is written beside and renamed.
const BESIDE: (&str, &str) = (".gonogo-", ".tmp");

/// Who changes something, when, through which command.
#[derive(Debug, Clone)]
pub struct Author {
    /// `Ana Example <ana@example.org>`.
    pub who: String,
    /// When.
    pub clock: Clock,
    /// The command, for the history: `set`, `waive`.
    pub cause: String,
}

/// Why a review was not changed. It is as it was, in every case.
#[derive(Debug)]
pub enum StoreError {
    /// It cannot be read.
    Problems(Box<Problems>),
    /// The change makes no sense, and what would.
    Refused(String),
    /// The disk said no.
    Io {
        /// Which file.
        path: PathBuf,
        /// What was being done: "write".
        doing: &'static str,
        /// What the disk said.
        error: io::Error,
    },
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Problems(problems) => write!(f, "{problems}"),
            Self::Refused(why) => f.write_str(why),
            Self::Io { path, doing, error } => {
                write!(
                    f,
                    "cannot {doing} {}: {error}; nothing was changed",
                    path.display()
                )
            }
        }
    }
}

impl std::error::Error for StoreError {}

/// A change that the closure refuses.
pub type Refusal = String;

/// A review that is being changed.
#[derive(Debug)]
pub struct Draft {
    /// The review before the change.
    pub review: Review,
    text: TomlText,
    changes: Vec<Change>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Change {
    path: String,
    question: Option<String>,
    from: Option<String>,
    to: Option<String>,
}

impl Draft {
    /// A draft of a review's text.
    ///
    /// # Errors
    /// When the text is no review.
    pub fn new(name: &str, text: &str) -> Result<Self, Problems> {
        let review = read_review(&Source::new(name, text.trim_start_matches('\u{feff}')))?;
        let draft = TomlText::new(text.to_owned()).map_err(|message| {
            let source = Source::new(name, text);
            Problems::new(&source, vec![crate::reading::Problem::new(0..0, message)])
        })?;
        Ok(Self {
            review,
            text: draft,
            changes: Vec::new(),
        })
    }

    /// The text as it stands now.
    #[must_use]
    pub fn text(&self) -> &str {
        self.text.as_str()
    }

    /// Sets a field; `after` says where a new table goes.
    ///
    /// # Errors
    /// When the file's shape does not allow it.
    pub fn set(
        &mut self,
        path: &[&str],
        value: impl Into<Value>,
        after: Option<&[&str]>,
    ) -> Result<(), Refusal> {
        let value = value.into();
        let old = self.text.get(path).map(|old| readable(&old));
        self.text.set(path, value.clone(), after)?;
        let new = readable(&value);
        if old.as_deref() != Some(new.as_str()) {
            self.note(path, old, Some(new));
        }
        Ok(())
    }

    /// Takes a field or a table away.
    ///
    /// # Errors
    /// When the file's shape does not allow it.
    pub fn remove(&mut self, path: &[&str]) -> Result<(), Refusal> {
        if !self.text.has(path) {
            return Ok(());
        }
        let old = self.text.get(path).map(|old| readable(&old));
        self.text.remove(path)?;
        self.note(path, old, None);
        Ok(())
    }

    /// Adds an empty table; it is not a change worth a line in the history.
    ///
    /// # Errors
    /// When the file's shape does not allow it.
    pub fn stub(&mut self, path: &[&str], after: Option<&[&str]>) -> Result<(), Refusal> {
        self.text.stub(path, after)
    }

    /// Puts an earlier text of the review in place of this one: what undo does.
    ///
    /// # Errors
    /// When the text is no review.
    pub fn replace(&mut self, text: &str) -> Result<(), Refusal> {
        let source = Source::new("the earlier review", text.trim_start_matches('\u{feff}'));
        let earlier = read_review(&source).map_err(|problems| problems.to_string())?;
        let new = TomlText::new(text.to_owned())?;
        let status = |review: &Review, key| {
            let answer = review.answers.get(key);
            answer.map(|answer| answer.status.word().to_owned())
        };
        let keys: Vec<_> = self
            .review
            .answers
            .keys()
            .chain(earlier.answers.keys())
            .filter(|key| self.review.answers.get(key) != earlier.answers.get(key))
            .cloned()
            .collect::<std::collections::BTreeSet<_>>()
            .into_iter()
            .collect();
        for key in &keys {
            let path = ["answer", key.checklist.as_str(), key.question.as_str()];
            self.note(&path, status(&self.review, key), status(&earlier, key));
        }
        if keys.is_empty() {
            self.note(&["review"], None, None);
        }
        self.text = new;
        Ok(())
    }

    /// Whether a field or table is there.
    #[must_use]
    pub fn has(&self, path: &[&str]) -> bool {
        self.text.has(path)
    }

    fn note(&mut self, path: &[&str], from: Option<String>, to: Option<String>) {
        let question = match path {
            ["answer" | "waiver", checklist, question, ..] => {
                Some(format!("{checklist}.{question}"))
            }
            _ => None,
        };
        self.changes.push(Change {
            path: path.join("."),
            question,
            from,
            to,
        });
    }
}

/// A value as a person reads it: text without quotes.
fn readable(value: &Value) -> String {
    value.as_str().map_or_else(
        || {
            let mut plain = value.clone();
            plain.decor_mut().clear();
            plain.to_string()
        },
        str::to_owned,
    )
}

/// Changes a review. The closure may run more than once; what it returned last comes back, with whether anything changed.
///
/// # Errors
/// When the file cannot be read, the closure refuses, or the disk fails. The file is then as it was.
pub fn change<T>(
    path: &Path,
    author: &Author,
    mut edit: impl FnMut(&mut Draft) -> Result<T, Refusal>,
) -> Result<(T, bool), StoreError> {
    // A link stays a link: what it leads to is replaced.
    let target = path
        .canonicalize()
        .map_err(|error| failed(path, "find", error))?;
    let mut lock = Locked::open(&target)
        .map_err(|error| failed(&super::history::history_path(path), "write", error))?;
    sweep(&target);
    for _ in 0..20 {
        let text = read_text(path, &target)?;
        lock.repair(&text, &author.clock.stamp())
            .map_err(|error| failed(&super::history::history_path(path), "write", error))?;
        let name = path.display().to_string();
        let mut draft = Draft::new(&name, &text)
            .map_err(|problems| StoreError::Problems(Box::new(problems)))?;
        let value = edit(&mut draft).map_err(StoreError::Refused)?;
        if draft.text.as_str() == text {
            return Ok((value, false));
        }
        let bare = draft.text.as_str().trim_start_matches('\u{feff}');
        if let Err(problems) = read_review(&Source::new(name, bare)) {
            let first = problems
                .list
                .first()
                .map(|problem| problem.message.clone())
                .unwrap_or_default();
            return Err(StoreError::Refused(format!(
                "this would make the review unreadable: {first}"
            )));
        }
        if save(path, &target, &mut lock, &text, &draft, author)? {
            return Ok((value, true));
        }
    }
    Err(StoreError::Refused(format!(
        "{} keeps changing; close the program that writes it",
        path.display()
    )))
}

fn failed(path: &Path, doing: &'static str, error: io::Error) -> StoreError {
    StoreError::Io {
        path: path.to_owned(),
        doing,
        error,
    }
}

fn read_text(path: &Path, target: &Path) -> Result<String, StoreError> {
    let bytes = std::fs::read(target).map_err(|error| failed(path, "read", error))?;
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        StoreError::Refused(format!(
            "{}: byte {at} is not UTF-8; save the file as UTF-8",
            path.display()
        ))
    })
}

/// Saves a draft; `false` if somebody else changed the file in the meantime.
fn save(
    path: &Path,
    target: &Path,
    lock: &mut Locked,
    old: &str,
    draft: &Draft,
    author: &Author,
) -> Result<bool, StoreError> {
    let write = |error| failed(path, "write", error);
    let new = draft.text.as_str();
    let folder = target.parent().unwrap_or(Path::new("."));
    let mut beside = tempfile::Builder::new()
        .prefix(BESIDE.0)
        .suffix(BESIDE.1)
        .tempfile_in(folder)
        .map_err(write)?;
    beside.write_all(new.as_bytes()).map_err(write)?;
    let permissions = std::fs::metadata(target).map_err(write)?.permissions();
    beside
        .as_file()
        .set_permissions(permissions)
        .map_err(write)?;
    beside.as_file().sync_all().map_err(write)?;
    let entries = entries(old, new, draft, author);
    let length = lock
        .append(&entries)
        .map_err(|error| failed(&super::history::history_path(path), "write", error))?;
    let take_back = |lock: &mut Locked| {
        lock.take_back(length)
            .map_err(|error| failed(&super::history::history_path(path), "write", error))
    };
    if read_text(path, target).ok().as_deref() != Some(old) {
        take_back(lock)?;
        return Ok(false);
    }
    if let Err(error) = beside.persist(target) {
        take_back(lock)?;
        return Err(write(error.error));
    }
    // The rename itself has to reach the disk; where folders cannot be synced, it will in its own time.
    if let Ok(folder) = std::fs::File::open(folder) {
        let _ = folder.sync_all();
    }
    Ok(true)
}

fn entries(old: &str, new: &str, draft: &Draft, author: &Author) -> Vec<Entry> {
    let (before, after) = (short_digest(old), short_digest(new));
    let entry = |path: String, question, from, to| Entry {
        when: author.clock.stamp(),
        who: author.who.clone(),
        cause: author.cause.clone(),
        question,
        path,
        from,
        to,
        before: before.clone(),
        after: after.clone(),
    };
    let mut changes = draft.changes.clone();
    if changes.is_empty() {
        return vec![entry("stubs".to_owned(), None, None, None)];
    }
    changes
        .drain(..)
        .map(|change| entry(change.path, change.question, change.from, change.to))
        .collect()
}

/// Takes away files that a killed writer left beside. Nobody else can be writing: the lock is held.
fn sweep(target: &Path) {
    let Some(folder) = target.parent() else {
        return;
    };
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let ours = name
            .to_str()
            .is_some_and(|name| name.starts_with(BESIDE.0) && name.ends_with(BESIDE.1));
        if ours {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}
