//! A log of real requests, read for replay: times, tokens, conversations, prefix blocks, classes.
//!
//! Columns are those that the scenario names, else the first known name that the header has. Requests that share a
//! conversation become its turns; without conversations every request is one of its own. What the log does not tell
//! (what of a prompt is history, how long people think) is not guessed: the whole prompt of each request is what the
//! log says, and the next turn comes when the log says, or as soon as the answer before it is there.

use std::collections::BTreeMap;
use std::path::Path;

use crate::reading::log::{self, Field, Hints, Log, NONE};
use crate::scenario::types as written;

use super::types::{Replay, ReplayConversation, ReplayTurn};

/// Reads a log.
///
/// # Errors
/// In words: the file, a column that is not there, or the first cell that cannot be used (its line and column, never
/// its contents). A replay takes all of a log or none of it: what is left out would be traffic that goes missing.
pub(super) fn load(
    folder: Option<&Path>,
    replay: &written::Replay,
    classes: &[String],
) -> Result<Replay, String> {
    let folder = folder
        .ok_or("an embedded scenario cannot name files; write it to a file of its own first")?;
    let file = &replay.file;
    let mut hints = Hints {
        needed: vec![Field::Input, Field::Output],
        ..Hints::default()
    };
    for (name, column) in &replay.columns {
        let field = Field::named(name).ok_or_else(|| format!("there is no field `{name}`"))?;
        hints.map.push((field, column.clone()));
    }
    // What else logs call a class is not meant for the scenario's.
    if !replay.columns.contains_key("class") {
        hints.map.push((Field::Class, "class".to_owned()));
        hints.optional.push(Field::Class);
    }
    let path = folder.join(file);
    let log = log::read(&[&path], &hints).map_err(|refused| {
        if refused.damaged {
            return refused.words;
        }
        format!("{refused}; name columns with columns = {{ input_tokens = \"…\" }}")
    })?;
    if let Some(broken) = log.broken.first() {
        let line = broken.lines.first().copied().unwrap_or_default();
        return Err(broken
            .kind
            .replacen("` ", &format!("`, line {line} of `{file}`, "), 1));
    }
    let places = class_places(&log, file, classes)?;
    if log.rows.len() < 2 {
        return Err(format!("`{file}` has no two rows to replay"));
    }
    Ok(assemble(&log, &places, replay.scale))
}

/// The scenario's classes by the log's.
fn class_places(log: &Log, file: &str, classes: &[String]) -> Result<Vec<usize>, String> {
    log.classes
        .iter()
        .map(|name| {
            classes
                .iter()
                .position(|class| class == name)
                .ok_or_else(|| {
                    format!(
                        "a class of `{file}` is not one of the scenario's: {}",
                        classes.join(", ")
                    )
                })
        })
        .collect()
}

/// Puts conversations together, and measures the pass.
fn assemble(log: &Log, classes: &[usize], scale: written::ReplayScale) -> Replay {
    let mut rows: Vec<&log::Row> = log.rows.iter().collect();
    rows.sort_by(|a, b| a.at_s.total_cmp(&b.at_s));
    let first = rows.first().map_or(0.0, |row| row.at_s);
    let last = rows.last().map_or(0.0, |row| row.at_s);
    let count = rows.len() as f64;
    // Rows cover their own length but for one mean gap.
    let span_s = ((last - first) * count / (count - 1.0)).max(1.0);
    // A prompt's last block is rarely full, so the fullest prompts tell how long a block is.
    let block_tokens = rows
        .iter()
        .filter(|row| row.blocks.1 > 0)
        .map(|row| f64::from(row.input) / f64::from(row.blocks.1))
        .fold(0.0, f64::max);
    let mut conversations: Vec<ReplayConversation> = Vec::new();
    let mut place: BTreeMap<u32, usize> = BTreeMap::new();
    for row in rows {
        let (start, length) = (row.blocks.0 as usize, row.blocks.1 as usize);
        let known = |number: f32| f64::from(if number.is_nan() { 0.0 } else { number });
        let turn = ReplayTurn {
            at_s: row.at_s - first,
            input_tokens: known(row.input),
            output_tokens: known(row.output),
            blocks: log
                .blocks
                .get(start..start + length)
                .unwrap_or_default()
                .to_vec(),
        };
        let begun = (row.conversation != NONE)
            .then(|| place.get(&row.conversation))
            .flatten()
            .and_then(|index| conversations.get_mut(*index));
        if let Some(conversation) = begun {
            conversation.turns.push(turn);
            continue;
        }
        if row.conversation != NONE {
            place.insert(row.conversation, conversations.len());
        }
        conversations.push(ReplayConversation {
            class: classes.get(row.class as usize).copied().unwrap_or(0),
            turns: vec![turn],
        });
    }
    Replay {
        scale,
        span_s,
        block_tokens,
        blocks: log.block_count,
        conversations,
    }
}
