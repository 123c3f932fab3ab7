//! What a conversation takes: tokens in all its calls, and the share of its prompts that was sent before.
//!
//! Conversations are foretold whole: those that began in the first part, for those that begin in the rest. A conversation
//! under way at the cut belongs to neither.

use std::collections::{BTreeMap, HashSet};

use super::super::quantile;
use super::super::random::Draws;
use super::level::{SCORED, scored_between};
use super::{Score, Simple, Split, number};
use crate::reading::log::{Field, NONE, Row};

/// Conversations on either side.
const LEAST: usize = 8;

/// Sums of one conversation.
#[derive(Debug, Clone, Copy, Default)]
struct Session {
    input: f64,
    output: f64,
    cached: f64,
    last_s: f64,
}

fn sessions<'r>(rows: impl Iterator<Item = &'r Row>, but: &HashSet<u32>) -> BTreeMap<u32, Session> {
    let mut all: BTreeMap<u32, Session> = BTreeMap::new();
    for row in rows.filter(|row| row.conversation != NONE && !but.contains(&row.conversation)) {
        let session = all.entry(row.conversation).or_default();
        session.input += number(row.input);
        session.output += number(row.output);
        session.cached += number(row.cached);
        session.last_s = row.at_s;
    }
    all
}

impl Split<'_> {
    /// Mean tokens a conversation, and the share of input that was cached.
    pub(super) fn sessions(&self, origin: &str, scores: &mut Vec<Score>) {
        let log = &self.known.sample.log;
        let rows = self.known.sample.rows();
        if log.has(Field::Cached) {
            self.ratio(origin, rows, scores);
        }
        if !log.has(Field::Conversation) {
            return;
        }
        let later: HashSet<u32> = self.rest.iter().map(|row| row.conversation).collect();
        let earlier: HashSet<u32> = rows.iter().map(|row| row.conversation).collect();
        let past: Vec<Session> = sessions(rows.iter(), &later).into_values().collect();
        let came: Vec<Session> = sessions(self.rest.iter(), &earlier).into_values().collect();
        if past.len() < LEAST || came.len() < LEAST {
            return;
        }
        let from = self.naive_from_s();
        let last: Vec<Session> = past
            .iter()
            .copied()
            .filter(|it| it.last_s >= from)
            .collect();
        for (what, field, of) in [
            (
                "mean input tokens a conversation",
                Field::Input,
                (|it: &Session| it.input) as fn(&Session) -> f64,
            ),
            ("mean output tokens a conversation", Field::Output, |it| {
                it.output
            }),
        ] {
            if !log.has(field) {
                continue;
            }
            let mean = |list: &[Session]| list.iter().map(of).sum::<f64>() / list.len() as f64;
            let drawn = again(past.len(), came.len(), |places| {
                places
                    .iter()
                    .filter_map(|at| past.get(*at).map(of))
                    .sum::<f64>()
                    / places.len() as f64
            });
            let flat = mean(&past);
            scores.push(scored_between(
                origin,
                what.to_owned(),
                SCORED.map(|share| quantile(&drawn, share)),
                mean(&came),
                Simple {
                    last: if last.is_empty() { flat } else { mean(&last) },
                    flat,
                },
            ));
        }
    }

    /// The share of input that was read from a cache: all of it in the past, by blocks drawn again.
    fn ratio(&self, origin: &str, rows: &[Row], scores: &mut Vec<Score>) {
        let share = |rows: &mut dyn Iterator<Item = &Row>| {
            let (mut read, mut all) = (0.0, 0.0);
            for row in rows.filter(|row| row.cached.is_finite() && row.input.is_finite()) {
                read += number(row.cached);
                all += number(row.input);
            }
            (read, all)
        };
        let (read, all) = share(&mut self.rest.iter());
        let (read_before, all_before) = share(&mut rows.iter());
        if all <= 0.0 || all_before <= 0.0 {
            return;
        }
        let mut sums = vec![(0.0, 0.0); self.blocks];
        for row in rows
            .iter()
            .filter(|row| row.cached.is_finite() && row.input.is_finite())
        {
            if let Some(sum) = sums.get_mut(self.block_of(row)) {
                sum.0 += number(row.cached);
                sum.1 += number(row.input);
            }
        }
        sums.retain(|it| it.1 > 0.0);
        let ahead = super::place(self.horizon().round()).max(1);
        let drawn = again(sums.len(), ahead, |places| {
            let (read, all) = places
                .iter()
                .filter_map(|at| sums.get(*at))
                .fold((0.0, 0.0), |sum, it| (sum.0 + it.0, sum.1 + it.1));
            read / all
        });
        let from = self.naive_from_s();
        let (read_last, all_last) = share(&mut rows.iter().filter(|row| row.at_s >= from));
        scores.push(scored_between(
            origin,
            "share of input tokens from a cache".to_owned(),
            SCORED.map(|share| quantile(&drawn, share)),
            read / all,
            Simple {
                last: read_last / all_last.max(1e-9),
                flat: read_before / all_before,
            },
        ));
    }
}

/// A statistic of so many of the past, drawn again twice: the past itself (it could have been another), then what comes.
fn again(past: usize, ahead: usize, of: impl Fn(&[usize]) -> f64) -> Vec<f64> {
    let mut draws = Draws::new(13);
    let mut drawn: Vec<f64> = (0..500)
        .map(|_| {
            let known: Vec<usize> = (0..past).map(|_| draws.below(past)).collect();
            let next: Vec<usize> = (0..ahead)
                .filter_map(|_| known.get(draws.below(past)).copied())
                .collect();
            of(&next)
        })
        .filter(|it| it.is_finite())
        .collect();
    drawn.sort_by(f64::total_cmp);
    drawn
}
