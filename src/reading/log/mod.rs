//! Request logs: CSV, JSON lines, JSON exports and OTLP-JSON, plain or gzip, read as a stream into one small row for
//! each request.
//!
//! A log is whatever somebody's gateway wrote, so columns are *found*: by `--map`, else by the first name of the field's
//! list that the log has ([`Field`], `fields.rs`). What was found is told ([`Log::columns`]); a row that cannot be used
//! is counted under what is wrong with it, with its line, and left out. No contents are kept: names of models and
//! classes are (they are settings), conversations, users and prompts become numbers as they are read, and complaints
//! name columns and lines, never cells. Memory is about 100 bytes for each request, whatever stands in the file.

mod fields;
mod flat;
mod json;
mod keep;
mod table;
mod time;

use std::io::{BufRead, BufReader};
use std::path::Path;

pub use super::sheet::open;
pub use fields::{Field, PRESETS, Preset};
use keep::Keeper;
pub use time::{Stamp, seconds};

/// One request. Numbers that the log does not tell are `NaN`; names that it does not tell are [`NONE`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Row {
    /// When it was sent, in the log's seconds: since 1970 if the log has dates, else since its own zero.
    pub at_s: f64,
    /// Prompt tokens.
    pub input: f32,
    /// Prompt tokens of them that came from the provider's cache.
    pub cached: f32,
    /// Generated tokens.
    pub output: f32,
    /// Seconds to the whole answer.
    pub latency_s: f32,
    /// Seconds to the first token.
    pub first_s: f32,
    /// US dollars.
    pub cost_usd: f32,
    /// Place of its model in [`Log::models`].
    pub model: u32,
    /// Place of its class in [`Log::classes`].
    pub class: u32,
    /// Place of its run in [`Log::runs`], where one file holds several runs of one server.
    pub run: u32,
    /// Number of its conversation.
    pub conversation: u32,
    /// Number of its user.
    pub user: u32,
    /// Number of its question (a hash of the prompt).
    pub prompt: u32,
    /// Number of the request itself, the same in every run.
    pub id: u32,
    /// Where its prefix blocks begin in [`Log::blocks`], and how many there are.
    pub blocks: (u32, u32),
    /// How it ended.
    pub ended: Ended,
    /// Requests that this row stands for, in logs that count.
    pub count: f32,
}

/// "The log does not say", for names.
pub const NONE: u32 = u32::MAX;

/// How a request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// The log does not say, or it went well.
    Well,
    /// Refused by a limit (429).
    Throttled,
    /// An error of any other kind.
    Failed,
}

/// Rows that could not be used, by what was wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// What is wrong, and in which column.
    pub kind: String,
    /// How many rows.
    pub count: u64,
    /// The first few lines.
    pub lines: Vec<u64>,
}

/// A column that was found for a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The field.
    pub field: Field,
    /// The log's name for it.
    pub column: String,
}

/// A log, read.
#[derive(Debug, Clone, Default)]
pub struct Log {
    /// Requests in the order of the files.
    pub rows: Vec<Row>,
    /// Names of models.
    pub models: Vec<String>,
    /// Names of classes.
    pub classes: Vec<String>,
    /// Names of runs.
    pub runs: Vec<String>,
    /// Prefix blocks of all rows, as numbers.
    pub blocks: Vec<u32>,
    /// How many different prefix blocks there are.
    pub block_count: usize,
    /// Rows that were left out.
    pub broken: Vec<Broken>,
    /// Columns in use.
    pub columns: Vec<Found>,
    /// Columns that nothing was read from.
    pub unused: Vec<String>,
    /// What the files look like: `CSV`, `JSON` or `OTLP-JSON`.
    pub format: &'static str,
    /// The known export that it looks like.
    pub preset: Option<&'static str>,
    /// The log has dates, so that hours and weekdays are known.
    pub dated: bool,
}

impl Log {
    /// Whether a column was found for a field.
    #[must_use]
    pub fn has(&self, field: Field) -> bool {
        self.columns.iter().any(|found| found.field == field)
    }

    /// Whether rows have a number for a field: from a column of its own or, for answers, from their length in characters.
    #[must_use]
    pub fn tells(&self, field: Field) -> bool {
        self.has(field) || (field == Field::Output && self.has(Field::OutputChars))
    }

    /// The prefix blocks of a row.
    #[must_use]
    pub fn blocks_of(&self, row: &Row) -> &[u32] {
        let from = row.blocks.0 as usize;
        self.blocks
            .get(from..from + row.blocks.1 as usize)
            .unwrap_or_default()
    }

    /// How many rows were left out.
    #[must_use]
    pub fn left_out(&self) -> u64 {
        self.broken.iter().map(|broken| broken.count).sum()
    }
}

/// What the caller knows about a log.
#[derive(Debug, Clone, Default)]
pub struct Hints {
    /// Columns by field, over what would be found.
    pub map: Vec<(Field, String)>,
    /// The export that it is, instead of the one that it looks like.
    pub preset: Option<&'static Preset>,
    /// Hours to add to UTC for times without a zone: they are local times.
    pub utc_offset_h: f64,
    /// Fields of `map` whose columns need not be there.
    pub optional: Vec<Field>,
    /// Fields without which a row is of no use, besides the time.
    pub needed: Vec<Field>,
}

/// Why a log was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// In words.
    pub words: String,
    /// Whether the file itself cannot be read, or not to its end; else it is what stands in it.
    pub damaged: bool,
}

impl Refused {
    fn damaged(words: String) -> Self {
        Self {
            words,
            damaged: true,
        }
    }
}

impl From<String> for Refused {
    fn from(words: String) -> Self {
        Self {
            words,
            damaged: false,
        }
    }
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.words)
    }
}

/// Reads logs, one after the other, as one.
///
/// # Errors
/// A file that cannot be read, a column that is not there, or no usable row at all (with what was looked for).
pub fn read(paths: &[&Path], hints: &Hints) -> Result<Log, Refused> {
    let mut keeper = Keeper::new(hints);
    for path in paths {
        let name = path.file_name().map_or_else(
            || path.display().to_string(),
            |it| it.to_string_lossy().into_owned(),
        );
        let unreadable =
            |error: std::io::Error| Refused::damaged(format!("`{name}` cannot be read: {error}"));
        let mut input = open(path).map_err(unreadable)?;
        let start = input.fill_buf().map_err(unreadable)?;
        let first = start
            .iter()
            .copied()
            .find(|byte| !byte.is_ascii_whitespace() && !matches!(byte, 0xef | 0xbb | 0xbf));
        keeper.begin(&name);
        match first {
            None => return Err(Refused::damaged(format!("`{name}` is empty"))),
            Some(b'{' | b'[') => json::read(input, &name, &mut keeper)?,
            Some(_) => table::read(input, &name, &mut keeper)?,
        }
    }
    Ok(keeper.finish()?)
}

/// Reads a log from memory, as [`read`] does from a file.
///
/// # Errors
/// As [`read`].
pub fn read_bytes(bytes: &[u8], hints: &Hints) -> Result<Log, Refused> {
    let mut keeper = Keeper::new(hints);
    keeper.begin("log");
    match bytes.iter().find(|byte| !byte.is_ascii_whitespace()) {
        None => return Err(Refused::damaged("the log is empty".to_owned())),
        Some(b'{' | b'[') => json::read(
            Box::new(BufReader::new(bytes_reader(bytes))),
            "log",
            &mut keeper,
        )?,
        Some(_) => table::read(
            Box::new(BufReader::new(bytes_reader(bytes))),
            "log",
            &mut keeper,
        )?,
    }
    Ok(keeper.finish()?)
}

fn bytes_reader(bytes: &[u8]) -> std::io::Cursor<Vec<u8>> {
    std::io::Cursor::new(bytes.to_vec())
}
