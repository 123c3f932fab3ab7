//! What a conversation takes: tokens in all its calls, and the share of its prompts that was sent before.
//!
//! Conversations are foretold whole: those that began in the first part, for those that begin in the rest. A conversation
//! under way at the cut belongs to neither. Where nearly all are under way at once, as in a log of few long ones, the first
//! to begin foretell the others. Classes differ in both, and their shares change: each is foretold by itself as well.

use std::collections::BTreeMap;

use statrs::distribution::{ContinuousCDF as _, StudentsT};

use super::super::quantile;
use super::super::random::Draws;
use super::level::{NORMAL_80, SCORED, scored_between};
use super::{Score, Simple, Split, number, place};
use crate::reading::log::{Field, NONE, Row};

/// Conversations of the past, and of what came.
const LEAST: (usize, usize) = (8, 4);

/// Groups of neighbours that are drawn again at most.
const DRAWN: usize = 1000;

/// Sums of one conversation, or of all in a stretch of time.
#[derive(Debug, Clone, Copy)]
struct Session {
    class: u32,
    first_s: f64,
    last_s: f64,
    input: f64,
    output: f64,
    /// Input tokens from a cache, and input tokens of which that is known.
    cached: f64,
    told: f64,
}

impl Session {
    fn new() -> Self {
        Self {
            class: NONE,
            first_s: f64::INFINITY,
            last_s: f64::NEG_INFINITY,
            input: 0.0,
            output: 0.0,
            cached: 0.0,
            told: 0.0,
        }
    }

    fn add(&mut self, row: &Row) {
        self.class = row.class;
        self.first_s = self.first_s.min(row.at_s);
        self.last_s = self.last_s.max(row.at_s);
        self.input += number(row.input);
        self.output += number(row.output);
        if row.cached.is_finite() && row.input.is_finite() {
            self.cached += number(row.cached);
            self.told += number(row.input);
        }
    }
}

/// Conversations by their ids, and whether they have calls in the past and in the rest.
type Conversations = BTreeMap<u32, (Session, [bool; 2])>;

/// What is foretold, the column it takes, and a conversation's part of the sums above and below the line.
type Ratio = (&'static str, Field, Parts);
type Parts = fn(&Session) -> Sums;
/// A sum above the line, and one below it.
type Sums = (f64, f64);

const PER_CONVERSATION: [Ratio; 2] = [
    ("mean input tokens a conversation", Field::Input, |it| {
        (it.input, 1.0)
    }),
    ("mean output tokens a conversation", Field::Output, |it| {
        (it.output, 1.0)
    }),
];
const FROM_CACHE: Ratio = ("share of input tokens from a cache", Field::Cached, |it| {
    (it.cached, it.told)
});

impl Split<'_> {
    /// The share of input that was cached, and mean tokens of the conversations that lie whole on either side.
    pub(super) fn sessions(&self, origin: &str, scores: &mut Vec<Score>) {
        let rows = self.known.sample.rows();
        let mut blocks = vec![Session::new(); self.blocks];
        for row in rows {
            if let Some(sum) = blocks.get_mut(self.block_of(row)) {
                sum.add(row);
            }
        }
        let sums = |rows: &mut dyn Iterator<Item = &Row>| {
            rows.fold(Session::new(), |mut sum, row| {
                sum.add(row);
                sum
            })
        };
        let from = self.naive_from_s();
        let (what, field, of) = FROM_CACHE;
        let sides = [
            &blocks[..],
            &[sums(&mut rows.iter().filter(|row| row.at_s >= from))],
            &[sums(&mut self.rest.iter())],
        ];
        let ahead = place(self.horizon().round()).max(1);
        scores.extend(self.ratio(origin, what.to_owned(), (field, of), sides, ahead));
        if let Some((past, came)) = whole_by_time(&self.conversations()) {
            let last: Vec<Session> = past
                .iter()
                .copied()
                .filter(|it| it.last_s >= from)
                .collect();
            self.by_class(origin, &PER_CONVERSATION, [&past, &last, &came], scores);
        }
    }

    /// The same by conversation, where too few lie whole on either side of any cut: the first to begin, for the others.
    pub(super) fn later_begun(&self, scores: &mut Vec<Score>) {
        let all = self.conversations();
        if whole_by_time(&all).is_some() {
            return;
        }
        let mut all: Vec<Session> = all.into_values().map(|it| it.0).collect();
        all.sort_by(|a, b| {
            let class = a.class.cmp(&b.class);
            class.then(a.first_s.total_cmp(&b.first_s))
        });
        // The first seven tenths of each class, so that every one is on both sides.
        let (mut past, mut last, mut came) = (Vec::new(), Vec::new(), Vec::new());
        for own in all.chunk_by(|a, b| a.class == b.class) {
            let (first, later) = own.split_at(place(own.len() as f64 * 0.7));
            past.extend(first);
            last.extend(first.iter().rev().take(later.len()));
            came.extend(later);
        }
        let ratios = [PER_CONVERSATION[0], PER_CONVERSATION[1], FROM_CACHE];
        let origin = "0.7 of conversations to begin";
        self.by_class(origin, &ratios, [&past, &last, &came], scores);
    }

    /// Ratios over conversations: of all, and of each class where there are several.
    fn by_class(
        &self,
        origin: &str,
        ratios: &[Ratio],
        conversations: [&Vec<Session>; 3],
        scores: &mut Vec<Score>,
    ) {
        let classes = &self.known.sample.log.classes;
        let alone = 0..if classes.len() > 1 { classes.len() } else { 0 };
        for class in std::iter::once(None).chain(alone.map(Some)) {
            let [past, last, came] = conversations.map(|list| -> Vec<Session> {
                let own = |it: &&Session| class.is_none_or(|class| it.class as usize == class);
                list.iter().filter(own).copied().collect()
            });
            if past.len() < LEAST.0 || came.len() < LEAST.1 {
                continue;
            }
            let name = class.and_then(|class| classes.get(class));
            for (what, field, of) in ratios {
                let what = match name {
                    Some(name) => format!("{what}, {name}"),
                    None => (*what).to_owned(),
                };
                let sides = [&past[..], &last, &came];
                scores.extend(self.ratio(origin, what, (*field, *of), sides, came.len()));
            }
        }
    }

    /// All conversations; none, if the log has no ids of them.
    fn conversations(&self) -> Conversations {
        let mut all = BTreeMap::new();
        for (side, rows) in [self.known.sample.rows(), self.rest]
            .into_iter()
            .enumerate()
        {
            for row in rows.iter().filter(|row| row.conversation != NONE) {
                let (session, sides) = all
                    .entry(row.conversation)
                    .or_insert((Session::new(), [false; 2]));
                session.add(row);
                if let Some(there) = sides.get_mut(side) {
                    *there = true;
                }
            }
        }
        all
    }

    /// A ratio of sums over what came, foretold from the past's, drawn again; `ahead` is how many of such will come.
    fn ratio(
        &self,
        origin: &str,
        what: String,
        (field, of): (Field, Parts),
        [past, last, came]: [&[Session]; 3],
        ahead: usize,
    ) -> Option<Score> {
        if !self.known.sample.log.tells(field) {
            return None;
        }
        let sums = |list: &[Sums]| list.iter().fold((0.0, 0.0), |a, b| (a.0 + b.0, a.1 + b.1));
        let over = |(sum, all): Sums| sum / all;
        let of_all = |list: &[Session]| over(sums(&list.iter().map(of).collect::<Vec<_>>()));
        let past: Vec<Sums> = past.iter().map(of).filter(|it| it.1 > 0.0).collect();
        let (flat, actual) = (over(sums(&past)), of_all(came));
        if past.len() < 2 || !flat.is_finite() || !actual.is_finite() {
            return None;
        }
        // Of very many, neighbours are drawn together.
        let together = past.len().div_ceil(DRAWN);
        let past: Vec<Sums> = past.chunks(together).map(sums).collect();
        let ahead = ahead.div_ceil(together);
        let drawn = again(past.len(), ahead, |places| {
            let next: Vec<Sums> = places
                .iter()
                .filter_map(|at| past.get(*at).copied())
                .collect();
            over(sums(&next))
        });
        // A few drawn again vary less than they do themselves: as the mean of so many against Student's quantiles.
        let n = past.len() as f64;
        let student = StudentsT::new(0.0, 1.0, n - 1.0).map_or(NORMAL_80, |it| it.inverse_cdf(0.9));
        let wider = student / NORMAL_80 * (n / (n - 1.0)).sqrt();
        let [low, middle, high] = SCORED.map(|share| quantile(&drawn, share));
        let end = |end: f64| middle * libm::pow(end.max(1e-9) / middle.max(1e-9), wider);
        let most = if field == Field::Cached {
            1.0
        } else {
            f64::INFINITY
        };
        let lately = of_all(last);
        Some(scored_between(
            origin,
            what,
            [end(low), middle, end(high).min(most)],
            actual,
            Simple {
                last: if lately.is_finite() { lately } else { flat },
                flat,
            },
        ))
    }
}

/// Conversations that lie whole in the past, and in the rest, where there are enough of both.
fn whole_by_time(all: &Conversations) -> Option<(Vec<Session>, Vec<Session>)> {
    let whole = |of: [bool; 2]| -> Vec<Session> {
        let own = all.values().filter(|(_, sides)| *sides == of);
        own.map(|it| it.0).collect()
    };
    let (past, came) = (whole([true, false]), whole([false, true]));
    (past.len() >= LEAST.0 && came.len() >= LEAST.1).then_some((past, came))
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
