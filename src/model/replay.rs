//! A log of real requests, read for replay: times, tokens, conversations, prefix blocks, classes.
//!
//! Columns are those that the scenario names, else the first known name that the header has. Requests that share a
//! conversation become its turns; without conversations every request is one of its own. What the log does not tell
//! (what of a prompt is history, how long people think) is not guessed: the whole prompt of each request is what the
//! log says, and the next turn comes when the log says, or as soon as the answer before it is there.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use flate2::read::MultiGzDecoder;

use crate::scenario::types as written;

use super::types::{Replay, ReplayConversation, ReplayTurn};

/// Names under which logs have each field.
const KNOWN: [(&str, &[&str]); 6] = [
    (
        "time",
        &["time", "t_s", "t_ms", "timestamp", "arrive_s", "TIMESTAMP"],
    ),
    (
        "input_tokens",
        &[
            "input_tokens",
            "in_tokens",
            "prompt_tokens",
            "ContextTokens",
        ],
    ),
    (
        "output_tokens",
        &[
            "output_tokens",
            "out_tokens",
            "completion_tokens",
            "GeneratedTokens",
        ],
    ),
    (
        "conversation",
        &["conversation", "conversation_id", "session", "session_id"],
    ),
    ("prefix_blocks", &["prefix_blocks", "hash_ids"]),
    ("class", &["class"]),
];

/// One row before conversations are put together.
struct Row {
    at_s: f64,
    input: f64,
    output: f64,
    conversation: Option<u32>,
    class: usize,
    blocks: Vec<u32>,
}

/// Numbers for names, in the order in which they come up.
#[derive(Default)]
struct Numbered(BTreeMap<String, u32>);

impl Numbered {
    fn number(&mut self, name: &str) -> u32 {
        let next = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
        *self.0.entry(name.to_owned()).or_insert(next)
    }
}

/// Reads a log.
///
/// # Errors
/// In words: the file, a column that is not there, or the first cell that cannot be used (its line and column, never
/// its contents).
pub(super) fn load(
    folder: Option<&Path>,
    replay: &written::Replay,
    classes: &[String],
) -> Result<Replay, String> {
    let folder = folder
        .ok_or("an embedded scenario cannot name files; write it to a file of its own first")?;
    let file = &replay.file;
    let raw = File::open(folder.join(file))
        .map_err(|error| format!("`{file}` cannot be read: {error}"))?;
    let mut raw = BufReader::new(raw);
    let start = std::io::BufRead::fill_buf(&mut raw)
        .map_err(|error| format!("`{file}` cannot be read: {error}"))?;
    let text: Box<dyn Read> = if start.starts_with(&[0x1f, 0x8b]) {
        Box::new(MultiGzDecoder::new(raw))
    } else {
        Box::new(raw)
    };
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text);
    let header = reader
        .headers()
        .map_err(|error| format!("`{file}` is not CSV: {error}"))?
        .clone();
    let columns = Columns::find(file, &header, replay)?;
    let mut rows = Vec::new();
    let (mut conversations, mut blocks) = (Numbered::default(), Numbered::default());
    for record in reader.records() {
        let record = record.map_err(|error| format!("`{file}` is not CSV: {error}"))?;
        let line = record.position().map_or(0, csv::Position::line);
        let cell = |index: usize| record.get(index).unwrap_or_default();
        let bad = |column: usize| {
            format!(
                "column `{}`, line {line} of `{file}` cannot be used",
                header.get(column).unwrap_or_default()
            )
        };
        let number = |column: usize| {
            cell(column)
                .parse::<f64>()
                .ok()
                .filter(|it| it.is_finite() && *it >= 0.0)
                .ok_or_else(|| bad(column))
        };
        let class = match columns.class {
            None => 0,
            Some(column) => classes
                .iter()
                .position(|class| class == cell(column))
                .ok_or_else(|| format!("{}: classes are {}", bad(column), classes.join(", ")))?,
        };
        rows.push(Row {
            at_s: seconds(cell(columns.time)).ok_or_else(|| bad(columns.time))?
                * columns.time_unit_s,
            input: number(columns.input)?,
            output: number(columns.output)?,
            conversation: columns
                .conversation
                .map(|column| conversations.number(cell(column))),
            class,
            blocks: columns
                .blocks
                .map(|column| {
                    cell(column)
                        .split_whitespace()
                        .map(|block| blocks.number(block))
                        .collect()
                })
                .unwrap_or_default(),
        });
    }
    if rows.len() < 2 {
        return Err(format!("`{file}` has no two rows to replay"));
    }
    Ok(assemble(rows, replay.scale, blocks.0.len()))
}

struct Columns {
    time: usize,
    time_unit_s: f64,
    input: usize,
    output: usize,
    conversation: Option<usize>,
    blocks: Option<usize>,
    class: Option<usize>,
}

impl Columns {
    fn find(
        file: &str,
        header: &csv::StringRecord,
        replay: &written::Replay,
    ) -> Result<Self, String> {
        let there = || header.iter().collect::<Vec<_>>().join(", ");
        let index = |name: &str| header.iter().position(|column| column == name);
        let find = |field: &str| -> Result<Option<usize>, String> {
            if let Some(name) = replay.columns.get(field) {
                return index(name).map(Some).ok_or_else(|| {
                    format!("`{file}` has no column `{name}`; there are {}", there())
                });
            }
            let known = KNOWN
                .iter()
                .find(|(name, _)| *name == field)
                .map_or(&[][..], |(_, names)| names);
            Ok(known.iter().find_map(|name| index(name)))
        };
        let required = |field: &str| {
            find(field)?.ok_or_else(|| {
                format!("`{file}` has no column for {field}; name it: columns = {{ {field} = \"…\" }}; there are {}", there())
            })
        };
        let time = required("time")?;
        let in_milliseconds = header.get(time).is_some_and(|name| name.ends_with("_ms"));
        Ok(Self {
            time,
            time_unit_s: if in_milliseconds { 1e-3 } else { 1.0 },
            input: required("input_tokens")?,
            output: required("output_tokens")?,
            conversation: find("conversation")?,
            blocks: find("prefix_blocks")?,
            class: find("class")?,
        })
    }
}

/// A time in the log's unit: a number, or a timestamp with or without a zone.
fn seconds(cell: &str) -> Option<f64> {
    if let Ok(number) = cell.parse::<f64>() {
        return Some(number).filter(|number| number.is_finite());
    }
    let nanoseconds = match cell.parse::<jiff::Timestamp>() {
        Ok(time) => time.as_nanosecond(),
        Err(_) => cell
            .parse::<jiff::civil::DateTime>()
            .ok()?
            .to_zoned(jiff::tz::TimeZone::UTC)
            .ok()?
            .timestamp()
            .as_nanosecond(),
    };
    Some(nanoseconds as f64 * 1e-9)
}

/// Puts conversations together, and measures the pass.
fn assemble(mut rows: Vec<Row>, scale: written::ReplayScale, blocks: usize) -> Replay {
    rows.sort_by(|a, b| a.at_s.total_cmp(&b.at_s));
    let first = rows.first().map_or(0.0, |row| row.at_s);
    let last = rows.last().map_or(0.0, |row| row.at_s);
    let count = rows.len() as f64;
    // Rows cover their own length but for one mean gap.
    let span_s = ((last - first) * count / (count - 1.0)).max(1.0);
    // A prompt's last block is rarely full, so the fullest prompts tell how long a block is.
    let block_tokens = rows
        .iter()
        .filter(|row| !row.blocks.is_empty())
        .map(|row| row.input / row.blocks.len() as f64)
        .fold(0.0, f64::max);
    let mut conversations: Vec<ReplayConversation> = Vec::new();
    let mut place: BTreeMap<u32, usize> = BTreeMap::new();
    for row in rows {
        let turn = ReplayTurn {
            at_s: row.at_s - first,
            input_tokens: row.input,
            output_tokens: row.output,
            blocks: row.blocks,
        };
        let known = row
            .conversation
            .and_then(|id| place.get(&id))
            .and_then(|index| conversations.get_mut(*index));
        if let Some(conversation) = known {
            conversation.turns.push(turn);
            continue;
        }
        if let Some(id) = row.conversation {
            place.insert(id, conversations.len());
        }
        conversations.push(ReplayConversation {
            class: row.class,
            turns: vec![turn],
        });
    }
    Replay {
        scale,
        span_s,
        block_tokens,
        blocks,
        conversations,
    }
}
