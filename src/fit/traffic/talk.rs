//! Conversations: which requests belong together, how many turns they have, how long people think, what is sent again.
//!
//! Ids of the log go first. Without them, requests whose prompt blocks continue an earlier request's are its next turns;
//! without blocks, requests of one user less than half an hour apart are one visit (the usual limit of web analytics),
//! unless the "user" is a system that never stops; without users every request is a conversation of its own.

use std::collections::HashMap;

use super::super::quantile;
use super::sample::{Sample, dot};
use crate::reading::log::{Ended, Field, NONE, Row};

/// Longest pause within a visit.
const VISIT_S: f64 = 1800.0;

/// How conversations were told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// By ids.
    Ids,
    /// By prompts that continue others.
    Blocks,
    /// By pauses of users.
    Gaps,
    /// Not at all.
    Never,
}

impl Told {
    /// In words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Ids => "conversations by the log's ids",
            Self::Blocks => {
                "conversations by prompts that continue an earlier one (the log has no ids)"
            }
            Self::Gaps => {
                "conversations by pauses of more than 30 minutes of a user (the log has no ids)"
            }
            Self::Never => {
                "the log has no ids, users or prompt blocks: every request is a conversation of its own"
            }
        }
    }
}

/// What is sent again.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kept {
    /// Everything.
    Full,
    /// Nothing.
    Nothing,
    /// So many turns.
    Last(u32),
}

/// What is sent again, and how well that is known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Again {
    /// The rule.
    pub kept: Kept,
    /// Prompts that tell.
    pub prompts: f64,
    /// Share of their growth that the rule explains.
    pub explained: f64,
    /// Share of resamples in which the same rule is best.
    pub sure: f64,
}

/// Conversations of a log.
#[derive(Debug)]
pub(in crate::fit) struct Talk {
    pub(in crate::fit) told: Told,
    /// Rows of each conversation, in order of time.
    pub(in crate::fit) conversations: Vec<Vec<u32>>,
}

impl Talk {
    pub(in crate::fit) fn new(sample: &Sample) -> Self {
        let rows = sample.rows();
        let log = &sample.log;
        let (told, of) = if log.has(Field::Conversation) {
            (Told::Ids, by_id(rows))
        } else if log.has(Field::Blocks) {
            (Told::Blocks, by_blocks(sample))
        } else if log.has(Field::User) && people(rows) {
            (Told::Gaps, by_gaps(rows))
        } else {
            (Told::Never, (0..).take(rows.len()).collect())
        };
        let mut conversations: Vec<Vec<u32>> = Vec::new();
        for (row, conversation) in (0_u32..).zip(of) {
            let at = conversation as usize;
            if at == conversations.len() {
                conversations.push(Vec::with_capacity(1));
            }
            if let Some(list) = conversations.get_mut(at) {
                list.push(row);
            }
        }
        Self {
            told,
            conversations,
        }
    }
}

/// The prompts of one conversation, in order: their tokens, those of their answers, and their blocks of time.
struct Prompts {
    input: Vec<f64>,
    answer: Vec<f64>,
    block: Vec<usize>,
}

impl Prompts {
    fn new(sample: &Sample, list: &[u32]) -> Self {
        let rows = || {
            let row = |at: &u32| sample.rows().get(*at as usize);
            list.iter().filter_map(row)
        };
        let answered = |row: &Row| row.ended == Ended::Well && row.output.is_finite();
        let answer = |row: &Row| {
            if answered(row) {
                f64::from(row.output)
            } else {
                0.0
            }
        };
        Self {
            input: rows().map(|row| f64::from(row.input)).collect(),
            answer: rows().map(answer).collect(),
            block: rows().map(|row| sample.block_of(row.at_s)).collect(),
        }
    }

    /// Every prompt but the first: its block of time, and its tokens less what the rule expects. Where nothing is kept, that
    /// is what the conversation's other prompts have; where all is, the prompt before and its answer; else the first prompt
    /// and the last answers. The second number is how many messages have come on top since.
    fn beyond(&self, kept: Kept) -> Vec<(usize, f64, f64)> {
        let first = self.input.first().copied().unwrap_or(f64::NAN);
        let mut sorted = Vec::new();
        if kept == Kept::Nothing {
            sorted.extend(self.input.iter().copied().filter(|x| x.is_finite()));
            sorted.sort_by(f64::total_cmp);
        }
        let mut answers = 0.0;
        let mut all = Vec::new();
        for (at, pair) in self.input.windows(2).enumerate() {
            let [before, own] = pair else { continue };
            let answer = self.answer.get(at).copied().unwrap_or(0.0);
            let (beyond, messages) = match kept {
                Kept::Nothing => (own - median_but(&sorted, *own), 0.0),
                Kept::Full => (own - before - answer, 1.0),
                Kept::Last(turns) => {
                    answers += answer;
                    if let Some(gone) = at.checked_sub(turns as usize) {
                        answers -= self.answer.get(gone).copied().unwrap_or(0.0);
                    }
                    (own - first - answers, (at + 1).min(turns as usize) as f64)
                }
            };
            let block = self.block.get(at + 1).copied().unwrap_or_default();
            if beyond.is_finite() {
                all.push((block, beyond, messages));
            }
        }
        all
    }
}

/// The median of sorted numbers without one of them.
fn median_but(sorted: &[f64], one: f64) -> f64 {
    let gone = sorted.partition_point(|x| *x < one);
    let other = |place: usize| {
        let place = if place < gone { place } else { place + 1 };
        sorted.get(place).copied().unwrap_or(f64::NAN)
    };
    let count = sorted.len().saturating_sub(1);
    f64::midpoint(other(count.saturating_sub(1) / 2), other(count / 2))
}

/// What of these conversations is sent again, by which of the rules explains the growth of prompts best. `None` if nothing
/// tells.
pub(in crate::fit) fn again(sample: &Sample, conversations: &[&Vec<u32>]) -> Option<Again> {
    let talks: Vec<Prompts> = conversations
        .iter()
        .filter(|list| list.len() >= 2 && list.len() <= 200)
        .take(20_000)
        .map(|list| Prompts::new(sample, list))
        .collect();
    let growth = talks.iter().flat_map(|talk| {
        let first = talk.input.first().copied().unwrap_or(f64::NAN);
        talk.input
            .iter()
            .skip(1)
            .map(move |own| (own - first).abs())
    });
    let growth: Vec<f64> = growth.filter(|it| it.is_finite()).collect();
    if growth.len() < 20 {
        return None;
    }
    let mut rules = vec![Kept::Nothing, Kept::Full];
    rules.extend([1, 2, 3, 4, 5, 6, 8, 10].map(Kept::Last));
    // What each rule misses, by block.
    let mut missed: Vec<(Kept, Vec<f64>)> = Vec::new();
    for kept in rules {
        let beyond: Vec<(usize, f64, f64)> =
            talks.iter().flat_map(|talk| talk.beyond(kept)).collect();
        let message = message(kept, &beyond);
        let mut miss = vec![0.0; sample.blocks()];
        for (block, beyond, messages) in &beyond {
            if let Some(miss) = miss.get_mut(*block) {
                *miss += (beyond - message * messages).abs();
            }
        }
        missed.push((kept, miss));
    }
    // A rule that keeps more has to be better by 2%.
    let best = |drawn: &[f64]| {
        let start = (Kept::Nothing, f64::INFINITY);
        missed.iter().fold(start, |best, (kept, miss)| {
            let miss = dot(drawn, miss);
            if miss < best.1 * 0.98 {
                (*kept, miss)
            } else {
                best
            }
        })
    };
    let (kept, miss) = best(&vec![1.0; sample.blocks()]);
    let drawn = sample.drawn(|drawn| Some(best(drawn).0));
    let same = drawn.iter().filter(|other| **other == kept).count();
    let total: f64 = growth.iter().sum();
    let explained = if total > 0.0 { 1.0 - miss / total } else { 1.0 };
    Some(Again {
        kept,
        prompts: growth.len() as f64,
        explained: explained.max(0.0),
        sure: same as f64 / (drawn.len() as f64).max(1.0),
    })
}

/// Tokens of a message: the usual ones of a step where all is kept, as one long tool answer must not decide; else by least
/// squares.
fn message(kept: Kept, beyond: &[(usize, f64, f64)]) -> f64 {
    if kept == Kept::Full {
        let mut steps: Vec<f64> = beyond.iter().map(|it| it.1).collect();
        steps.sort_by(f64::total_cmp);
        return quantile(&steps, 0.5);
    }
    let (mut top, mut bottom) = (0.0, 0.0);
    for (_, beyond, messages) in beyond {
        top += beyond * messages;
        bottom += messages * messages;
    }
    if bottom > 0.0 {
        (top / bottom).max(0.0)
    } else {
        0.0
    }
}

fn by_id(rows: &[Row]) -> Vec<u32> {
    let mut known: HashMap<u32, u32> = HashMap::new();
    let mut next = 0;
    rows.iter()
        .map(|row| {
            let mut fresh = || {
                next += 1;
                next - 1
            };
            if row.conversation == NONE {
                fresh()
            } else {
                *known.entry(row.conversation).or_insert_with(fresh)
            }
        })
        .collect()
}

/// Users are people if the typical one pauses: fewer than 60 requests in a visit.
fn people(rows: &[Row]) -> bool {
    let visits = by_gaps(rows).into_iter().max().map_or(0, |last| last + 1);
    rows.len() as f64 / f64::from(visits.max(1)) < 60.0 && rows.iter().all(|row| row.count == 1.0)
}

fn by_gaps(rows: &[Row]) -> Vec<u32> {
    let mut last: HashMap<u32, (f64, u32)> = HashMap::new();
    let mut next = 0;
    rows.iter()
        .map(|row| {
            let known = last
                .get(&row.user)
                .filter(|it| row.user != NONE && row.at_s - it.0 <= VISIT_S)
                .map(|it| it.1);
            let conversation = known.unwrap_or_else(|| {
                next += 1;
                next - 1
            });
            let end = row.at_s
                + f64::from(if row.latency_s.is_finite() {
                    row.latency_s
                } else {
                    0.0
                });
            last.insert(row.user, (end, conversation));
            conversation
        })
        .collect()
}

/// A request continues the last one whose whole prompt (but for its unfilled last block) its own begins with.
fn by_blocks(sample: &Sample) -> Vec<u32> {
    // Blocks are named by their contents and all before them, so the last one in common tells.
    let mut ends: HashMap<u32, u32> = HashMap::new();
    let mut next = 0;
    sample
        .rows()
        .iter()
        .map(|row| {
            let blocks = sample.log.blocks_of(row);
            let before = blocks
                .iter()
                .skip(1)
                .rev()
                .find_map(|block| ends.get(block).copied());
            let conversation = before.unwrap_or_else(|| {
                next += 1;
                next - 1
            });
            let full = blocks.len().saturating_sub(1);
            if full > 1
                && let Some(last) = blocks.get(full - 1)
            {
                ends.insert(*last, conversation);
            }
            conversation
        })
        .collect()
}
