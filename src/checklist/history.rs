//! The log of changes beside a review: `review.history.jsonl`, one line each, only ever added to, so that git merges it
//! as a union of lines.
//!
//! An entry carries digests of the review before and after it. It is written, and synced, before the review is renamed
//! into place: after a crash in between, the last entries lead from the present review to one that never came to be.
//! Readers leave such entries out, and the next change says so in the log.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

/// One change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When, to the second, UTC.
    pub when: String,
    /// Who.
    pub who: String,
    /// Which command, or `withdrawn`.
    pub cause: String,
    /// The question, if it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question: Option<String>,
    /// Dotted path of the field.
    pub path: String,
    /// What stood there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// What stands there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Digest of the review before.
    pub before: String,
    /// Digest of the review after.
    pub after: String,
}

/// The cause of an entry that takes back entries which never came to be.
pub const WITHDRAWN: &str = "withdrawn";

/// The history's file: `review.history.jsonl` for `review.toml`.
#[must_use]
pub fn history_path(review: &Path) -> PathBuf {
    review.with_extension("history.jsonl")
}

/// A digest as entries carry it.
#[must_use]
pub fn short_digest(text: &str) -> String {
    super::read::sha256(text).chars().take(16).collect()
}

/// The entries that took effect, given the present review; lines that cannot be read are counted, not dropped silently.
#[must_use]
pub fn effective(text: &str, review: &str) -> (Vec<Entry>, usize) {
    let mut entries = Vec::new();
    let mut unreadable = 0;
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        match serde_json::from_str::<Entry>(line) {
            Ok(entry) if entry.cause == WITHDRAWN => {
                while entries
                    .last()
                    .is_some_and(|last: &Entry| last.after == entry.path)
                {
                    entries.pop();
                }
            }
            Ok(entry) => entries.push(entry),
            Err(_) => unreadable += 1,
        }
    }
    let pending = unfinished(&entries, &short_digest(review)).len();
    entries.truncate(entries.len() - pending);
    (entries, unreadable)
}

/// The entries at the end that lead from the present review to one that never came to be.
fn unfinished<'e>(entries: &'e [Entry], now: &str) -> &'e [Entry] {
    let count = entries
        .iter()
        .rev()
        .take_while(|entry| entry.before == now && entry.after != now)
        .count();
    entries.get(entries.len() - count..).unwrap_or_default()
}

/// The history, open and locked: nobody else changes the review while this lives.
#[derive(Debug)]
pub struct Locked {
    file: File,
}

impl Locked {
    /// Opens (or creates) a review's history and takes the lock on it; waits for another writer for up to ten seconds.
    ///
    /// # Errors
    /// When the file cannot be opened, or another writer does not finish.
    pub fn open(review: &Path) -> io::Result<Self> {
        let file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .open(history_path(review))?;
        // A device would be read for ever.
        if !file.metadata()?.is_file() {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "it is not an ordinary file",
            ));
        }
        let started = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self { file }),
                Err(std::fs::TryLockError::WouldBlock)
                    if started.elapsed() < Duration::from_secs(10) =>
                {
                    std::thread::sleep(Duration::from_millis(5));
                }
                Err(std::fs::TryLockError::WouldBlock) => {
                    return Err(io::Error::new(
                        io::ErrorKind::WouldBlock,
                        "another gonogo is writing it and does not finish",
                    ));
                }
                Err(std::fs::TryLockError::Error(error)) => return Err(error),
            }
        }
    }

    /// Repairs what a crash left at the end: a torn line is cut off, entries that never came to be are withdrawn.
    ///
    /// # Errors
    /// When the file cannot be read or written.
    pub fn repair(&mut self, review: &str, when: &str) -> io::Result<()> {
        let mut text = Vec::new();
        self.file.seek(SeekFrom::Start(0))?;
        self.file.read_to_end(&mut text)?;
        if !text.is_empty() && text.last() != Some(&b'\n') {
            let keep = text
                .iter()
                .rposition(|byte| *byte == b'\n')
                .map_or(0, |at| at + 1);
            let whole = text
                .get(keep..)
                .is_some_and(|tail| serde_json::from_slice::<Entry>(tail).is_ok());
            if whole {
                // A hand that edited the file took the last line's end.
                self.file.write_all(b"\n")?;
            } else {
                self.file.set_len(keep as u64)?;
                text.truncate(keep);
            }
        }
        let now = short_digest(review);
        let text = String::from_utf8_lossy(&text);
        let entries: Vec<Entry> = text
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect();
        if let Some(last) = unfinished(&entries, &now).last() {
            let taken_back = Entry {
                when: when.to_owned(),
                who: "gonogo".to_owned(),
                cause: WITHDRAWN.to_owned(),
                question: None,
                path: last.after.clone(),
                from: None,
                to: None,
                before: now.clone(),
                after: now,
            };
            self.append(&[taken_back])?;
        }
        Ok(())
    }

    /// Adds entries and waits until they are on disk; on failure the file is as it was.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn append(&mut self, entries: &[Entry]) -> io::Result<u64> {
        let length = self.file.metadata()?.len();
        let mut lines = String::new();
        for entry in entries {
            lines.push_str(&serde_json::to_string(entry)?);
            lines.push('\n');
        }
        let written = self
            .file
            .write_all(lines.as_bytes())
            .and_then(|()| self.file.sync_all());
        if let Err(error) = written {
            self.file.set_len(length)?;
            return Err(error);
        }
        Ok(length)
    }

    /// Takes back what was added after this length.
    ///
    /// # Errors
    /// When the file cannot be shortened.
    pub fn take_back(&mut self, length: u64) -> io::Result<()> {
        self.file.set_len(length)
    }
}
