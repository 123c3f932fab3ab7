//! How well the first part of a log foretells the rest.
//!
//! The first part is cut into blocks of time (days of long logs). What is to be foretold is taken as a level that drifts
//! from block to block and noise around it (the local level model; Harvey 1989, §4.1 and 4.2). How much is drift a short log
//! tells badly: several ratios of drift to noise speak, each as loud as it makes the past likely and as such a drift is usual.
//! Over a horizon of H blocks the mean of the future is off by P + qH/3 + s²/H, in Student's quantiles, as few blocks tell
//! the variances. Totals are taken against the fitted shape of day and week. Where there are many of a kind (users, services
//! of status pages), what their forecasts lacked at earlier times within the past is added. A peak is the largest of H draws
//! of the blocks' own peaks. Two simple forecasts are scored beside it: the last stretch of the same length, as it was
//! (naive), and the whole past as one (flat).

mod level;
mod sessions;
mod shapes;
mod text;
mod totals;
mod users;
mod week;

use serde::Serialize;

pub(in crate::fit) use level::{NORMAL_80, Noise, Series, lacking, scored_at};

use super::traffic::{Rates, Traffic, place, weight_at, with_models};
use crate::reading::log::{Ended, Field, Log, Row};

/// Blocks of short logs.
const BLOCKS: usize = 24;

/// One thing that was foretold.
#[derive(Debug, Clone, Serialize)]
pub struct Score {
    /// Where the first part ended, as a share of the log; or `later` for a log of its own.
    pub origin: String,
    /// What.
    pub what: String,
    /// Its median prediction.
    pub predicted: f64,
    /// Lower end of the interval (80%; 90% for incidents).
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// What came.
    pub actual: f64,
    /// It came within the interval.
    pub inside: bool,
    /// Mean pinball loss at the interval's ends and middle, in shares of what came.
    pub loss: f64,
    /// That of the naive forecast.
    pub naive_loss: f64,
    /// The naive forecast: the last stretch of the same length, as it was.
    pub naive: f64,
    /// Loss of the flat forecast.
    pub flat_loss: f64,
    /// The flat forecast: the whole past as one (its mean rate, its quantiles, its largest peak).
    pub flat: f64,
}

impl Score {
    /// What losses are shares of: what came; where next to nothing came, a tenth of what was foretold.
    fn scale(&self) -> f64 {
        scale(self.actual, self.predicted)
    }
}

fn scale(actual: f64, predicted: f64) -> f64 {
    actual.abs().max(0.1 * predicted.abs()).max(1e-9)
}

/// The two simple forecasts.
#[derive(Debug, Clone, Copy)]
pub(in crate::fit) struct Simple {
    pub(in crate::fit) last: f64,
    pub(in crate::fit) flat: f64,
}

/// A backtest.
#[derive(Debug, Clone, Serialize)]
pub struct Backtest {
    /// `gonogo.backtest/1`.
    pub schema: &'static str,
    /// The log.
    pub source: String,
    /// What share of outcomes the intervals are meant to hold.
    pub interval: f64,
    /// Everything that was foretold.
    pub scores: Vec<Score>,
    /// The same by user, over those with enough of a past.
    pub users: Vec<Users>,
}

/// One thing foretold for each user.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Users {
    /// What.
    pub what: &'static str,
    /// Of how many users.
    pub count: usize,
    /// Share inside their 80% interval.
    pub inside: f64,
    /// Mean pinball loss, in shares of the larger of what came and the flat forecast.
    pub loss: f64,
    /// That of the naive forecast.
    pub naive_loss: f64,
    /// That of the flat forecast.
    pub flat_loss: f64,
}

/// Foretells the rest of a log from its first part; with rows that came `later`, those from the whole log before them.
///
/// # Errors
/// In words: the log is too short to be cut in two.
pub fn backtest(
    mut log: Log,
    later_from: Option<usize>,
    source: &str,
    offset_h: f64,
) -> Result<Backtest, String> {
    let mut cut_s = None;
    if let Some(from) = later_from {
        let last = log
            .rows
            .iter()
            .take(from)
            .map(|row| row.at_s)
            .fold(f64::NEG_INFINITY, f64::max);
        let first = log
            .rows
            .iter()
            .skip(from)
            .map(|row| row.at_s)
            .fold(f64::INFINITY, f64::min);
        if first < last {
            // The later log counts from a zero of its own: it is put behind.
            for row in log.rows.iter_mut().skip(from) {
                row.at_s += last - first + 1e-3;
            }
        }
        cut_s = Some(first.max(last + 1e-3) - 1e-4);
    }
    if !log.rows.is_sorted_by(|a, b| a.at_s <= b.at_s) {
        log.rows.sort_by(|a, b| a.at_s.total_cmp(&b.at_s));
    }
    let (Some(first), Some(last)) = (
        log.rows.first().map(|row| row.at_s),
        log.rows.last().map(|row| row.at_s),
    ) else {
        return Err("the log is empty".to_owned());
    };
    if log.rows.len() < 100 || last <= first {
        return Err("a backtest needs at least 100 rows over some time".to_owned());
    }
    let at = |share: f64| first + (last - first) * share;
    let mut origins = vec![match cut_s {
        Some(cut) => ("later".to_owned(), cut, last),
        None => ("0.7".to_owned(), at(0.7), last),
    }];
    if cut_s.is_none() && log.rows.len() >= 400 {
        origins.extend(
            [0.5, 0.6, 0.7, 0.8]
                .map(|share| (format!("{share}, next fifth"), at(share), at(share + 0.2))),
        );
    }
    // Here, so that both parts of the log have them.
    log = with_models(log);
    let mut scores = Vec::new();
    let mut users = Vec::new();
    for (place, (name, cut, until)) in origins.iter().enumerate() {
        let before = log.rows.partition_point(|row| row.at_s < *cut);
        let after = log.rows.partition_point(|row| row.at_s <= *until);
        if before < 50 || after < before + 20 {
            continue;
        }
        // The log is lent to the fit and comes back: it may be most of what fits into memory.
        let later = log.rows.split_off(before);
        let rest = later.get(..after - before).unwrap_or_default();
        let known = super::traffic::fit(log, source, offset_h)?;
        let split = Split::new(&known, rest, *cut, *until);
        split.score(name, &mut scores);
        if place == 0 {
            split.by_model(name, &mut scores);
            users = split.users();
            split.later_begun(&mut scores);
        }
        log = known.sample.log;
        log.rows.extend(later);
    }
    if scores.is_empty() {
        return Err("the log has too few rows on one side of the cut".to_owned());
    }
    Ok(Backtest {
        schema: "gonogo.backtest/1",
        source: source.to_owned(),
        interval: 0.8,
        scores,
        users,
    })
}

struct Split<'a> {
    known: &'a Traffic,
    rest: &'a [Row],
    cut_s: f64,
    until_s: f64,
    first_s: f64,
    width_s: f64,
    blocks: usize,
    /// Shape of day and week, summed over each block.
    weights: Vec<f64>,
    /// Requests that a row stands for, times this.
    each: f64,
}

impl<'a> Split<'a> {
    fn new(known: &'a Traffic, rest: &'a [Row], cut_s: f64, until_s: f64) -> Self {
        let first_s = known.sample.first_s;
        let span_s = cut_s - first_s;
        let days = span_s >= 14.0 * 86_400.0;
        let blocks = if days {
            place(span_s / 86_400.0)
        } else {
            BLOCKS
        };
        let width_s = span_s / blocks as f64;
        let rows: f64 = known
            .sample
            .rows()
            .iter()
            .map(|row| f64::from(row.count))
            .sum();
        let mut split = Self {
            known,
            rest,
            cut_s,
            until_s,
            first_s,
            width_s,
            blocks,
            weights: Vec::new(),
            each: known.requests / rows.max(1e-9),
        };
        let starts = |at: usize| first_s + at as f64 * width_s;
        split.weights = (0..blocks)
            .map(|at| split.weight(starts(at), starts(at + 1)))
            .collect();
        split
    }

    /// The block of a past row.
    fn block_of(&self, row: &Row) -> usize {
        place((row.at_s - self.first_s) / self.width_s).min(self.blocks - 1)
    }

    /// Requests that a row stands for.
    fn requests(&self, row: &Row) -> f64 {
        number(row.count) * self.each
    }

    /// Where the naive forecast begins: as long before the cut as is foretold after it, as far as there is a past.
    fn naive_from_s(&self) -> f64 {
        self.cut_s - (self.until_s - self.cut_s).min(self.cut_s - self.first_s)
    }

    fn horizon(&self) -> f64 {
        (self.until_s - self.cut_s) / self.width_s
    }

    fn series<'s>(&self, amounts: &'s [f64], weights: &'s [f64]) -> Series<'s> {
        Series {
            amounts,
            weights,
            horizon: self.horizon(),
        }
    }

    fn rates(&self) -> &Rates {
        &self.known.rates
    }

    /// Shape of day and week, summed over a stretch of time.
    fn weight(&self, from_s: f64, until_s: f64) -> f64 {
        let steps = 240;
        let step = (until_s - from_s) / f64::from(steps);
        (0..steps)
            .map(|at| {
                weight_at(
                    self.rates(),
                    &self.known.sample,
                    from_s + (f64::from(at) + 0.5) * step,
                ) * step
            })
            .sum()
    }

    /// Past rows by block.
    fn by_block<T>(&self, of: impl Fn(&[&Row]) -> T) -> Vec<T> {
        let mut blocks: Vec<Vec<&Row>> = vec![Vec::new(); self.blocks];
        for row in self.known.sample.rows() {
            if let Some(block) = blocks.get_mut(self.block_of(row)) {
                block.push(row);
            }
        }
        blocks.iter().map(|rows| of(rows)).collect()
    }

    fn score(&self, origin: &str, scores: &mut Vec<Score>) {
        let all: Vec<&Row> = self.rest.iter().collect();
        let requests = |row: &Row| self.requests(row);
        self.total(origin, "requests", &requests, &all, scores);
        for (name, field, of) in [
            (
                "input tokens",
                Field::Input,
                (|row: &Row| row.input) as fn(&Row) -> f32,
            ),
            ("output tokens", Field::Output, |row: &Row| row.output),
        ] {
            if self.known.sample.log.tells(field) {
                self.total(origin, name, &|row| number(of(row)), &all, scores);
                self.quantiles(
                    origin,
                    name,
                    &|row| (row.count == 1.0).then(|| of(row)),
                    &all,
                    scores,
                );
            }
        }
        if let Some(price) = self.prices() {
            self.total(origin, "cost in US dollars", &price, &all, scores);
        }
        let well = |row: &Row, x: f32| (row.ended == Ended::Well).then_some(x);
        if self.known.sample.log.has(Field::Latency) || self.known.sample.log.has(Field::End) {
            self.quantiles(
                origin,
                "latency in s",
                &|row| well(row, row.latency_s),
                &all,
                scores,
            );
        }
        if self.known.sample.log.has(Field::First) || self.known.sample.log.has(Field::FirstAt) {
            self.quantiles(
                origin,
                "first token in s",
                &|row| well(row, row.first_s),
                &all,
                scores,
            );
        }
        if self.known.sample.log.has(Field::Status) {
            self.failures(origin, "share failed".to_owned(), &|_| true, &all, scores);
        }
        self.peak(origin, &requests, &all, scores);
        self.week(origin, scores);
        self.reuse(origin, scores);
        self.sessions(origin, scores);
    }

    /// Latency, first tokens and failures of each model, where the log has several.
    fn by_model(&self, origin: &str, scores: &mut Vec<Score>) {
        let log = &self.known.sample.log;
        if self.known.models.len() < 2 {
            return;
        }
        for model in &self.known.models {
            let own: Vec<&Row> = self
                .rest
                .iter()
                .filter(|row| row.model == model.place)
                .collect();
            let well = |row: &Row, x: f32| {
                (row.model == model.place && row.ended == Ended::Well).then_some(x)
            };
            for (what, there, of) in [
                (
                    "latency in s",
                    log.has(Field::Latency) || log.has(Field::End),
                    (|row: &Row| row.latency_s) as fn(&Row) -> f32,
                ),
                (
                    "first token in s",
                    log.has(Field::First) || log.has(Field::FirstAt),
                    |row: &Row| row.first_s,
                ),
            ] {
                if there {
                    let name = format!("{what}, {}", model.name);
                    self.quantiles(origin, &name, &|row| well(row, of(row)), &own, scores);
                }
            }
            // A share of next to nothing is no forecast: three failures have to be due.
            let rows = self.known.sample.rows();
            let of_model = |row: &&Row| row.model == model.place;
            let sent = rows.iter().filter(of_model).count() as f64;
            let failed = rows
                .iter()
                .filter(|row| of_model(row) && row.ended != Ended::Well)
                .count() as f64;
            if log.has(Field::Status) && own.len() >= 20 && failed * own.len() as f64 >= 3.0 * sent
            {
                let name = format!("share failed, {}", model.name);
                self.failures(origin, name, &|row| row.model == model.place, &own, scores);
            }
        }
    }
}

/// The number, 0 where there is none.
fn number(x: f32) -> f64 {
    if x.is_finite() { f64::from(x) } else { 0.0 }
}
