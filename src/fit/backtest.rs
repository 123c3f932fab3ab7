//! How well the first part of a log foretells the rest.
//!
//! The first part is cut into blocks of time (days of long logs). What is to be foretold is taken as a level that drifts
//! from block to block and noise around it (the local level model; Harvey 1989, §2.3): their variances come from how
//! squared differences grow with distance, the level from exponential smoothing with the gain that they imply. Over a
//! horizon of H blocks the mean of the future is off by P + qH/3 + s²/H, with Student's quantiles as few blocks tell the
//! variances. Totals are taken against the fitted shape of day and week. A peak is the largest of H draws of the blocks'
//! own peaks. The naive forecast is the last stretch of the same length, as it was.

use serde::Serialize;

use super::quantile;
use super::random::Draws;
use super::traffic::{Rates, Traffic, place, weight_at};
use crate::prices::{Catalogue, short_call};
use crate::reading::log::{Ended, Field, Log, NONE, Row};

/// Quantiles that are scored, and the 80% interval's ends.
const SCORED: [f64; 3] = [0.1, 0.5, 0.9];
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
    /// Lower end of the 80% interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// What came.
    pub actual: f64,
    /// It came within the interval.
    pub inside: bool,
    /// Mean pinball loss at 10, 50 and 90%, in shares of what came.
    pub loss: f64,
    /// That of the naive forecast.
    pub naive_loss: f64,
    /// The naive forecast.
    pub naive: f64,
}

/// A backtest.
#[derive(Debug, Clone, Serialize)]
pub struct Backtest {
    /// `gonogo.backtest/1`.
    pub schema: &'static str,
    /// The log.
    pub source: String,
    /// Everything that was foretold.
    pub scores: Vec<Score>,
    /// Totals of users, of those with enough of a past: how many, inside the 80% interval, loss, naive loss, loss of the flat mean.
    pub users: Option<Users>,
}

/// Totals by user.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Users {
    /// How many.
    pub count: usize,
    /// Share inside their 80% interval.
    pub inside: f64,
    /// Mean pinball loss, in shares of the larger of what came and what was predicted.
    pub loss: f64,
    /// That of the naive forecast.
    pub naive_loss: f64,
}

/// Foretells the rest of a log from its first part; with rows that came `later`, those from the whole log before them.
///
/// # Errors
/// In words: the log is too short to be cut in two.
pub fn backtest(
    log: &Log,
    later_from: Option<usize>,
    source: &str,
    offset_h: f64,
) -> Result<Backtest, String> {
    let mut log = log.clone();
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
    log.rows.sort_by(|a, b| a.at_s.total_cmp(&b.at_s));
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
    let mut scores = Vec::new();
    let mut users = None;
    for (place, (name, cut, until)) in origins.iter().enumerate() {
        let mut part = log.clone();
        part.rows.retain(|row| row.at_s < *cut);
        let rest: Vec<Row> = log
            .rows
            .iter()
            .filter(|row| row.at_s >= *cut && row.at_s <= *until)
            .copied()
            .collect();
        if part.rows.len() < 50 || rest.len() < 20 {
            continue;
        }
        let known = super::traffic::fit(part, source, offset_h)?;
        let split = Split::new(&known, &rest, *cut, *until);
        split.score(name, &mut scores);
        if place == 0 {
            users = split.users();
        }
    }
    if scores.is_empty() {
        return Err("the log has too few rows on one side of the cut".to_owned());
    }
    Ok(Backtest {
        schema: "gonogo.backtest/1",
        source: source.to_owned(),
        scores,
        users,
    })
}

/// What is foretold of a stretch: median and 80% interval, in logarithms.
#[derive(Debug, Clone, Copy)]
struct Forecast {
    middle: f64,
    half: f64,
}

/// Dollars of a row.
type Priced<'a> = Box<dyn Fn(&Row) -> f64 + 'a>;

struct Split<'a> {
    known: &'a Traffic,
    rest: &'a [Row],
    cut_s: f64,
    until_s: f64,
    first_s: f64,
    width_s: f64,
    blocks: usize,
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
        Self {
            known,
            rest,
            cut_s,
            until_s,
            first_s,
            width_s,
            blocks,
            each: known.requests / rows.max(1e-9),
        }
    }

    fn horizon(&self) -> f64 {
        (self.until_s - self.cut_s) / self.width_s
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
    fn by_block(&self, of: &dyn Fn(&[&Row]) -> Option<f64>) -> Vec<f64> {
        let mut blocks: Vec<Vec<&Row>> = vec![Vec::new(); self.blocks];
        for row in self.known.sample.rows() {
            if let Some(block) =
                blocks.get_mut(place((row.at_s - self.first_s) / self.width_s).min(self.blocks - 1))
            {
                block.push(row);
            }
        }
        blocks
            .iter()
            .map(|rows| of(rows).unwrap_or(f64::NAN))
            .collect()
    }

    fn score(&self, origin: &str, scores: &mut Vec<Score>) {
        let all: Vec<&Row> = self.rest.iter().collect();
        let number = |x: f32| if x.is_finite() { f64::from(x) } else { 0.0 };
        let requests = |row: &Row| number(row.count) * self.each;
        self.total(origin, "requests", &requests, &all, scores);
        for (name, field, of) in [
            (
                "input tokens",
                Field::Input,
                (|row: &Row| row.input) as fn(&Row) -> f32,
            ),
            ("output tokens", Field::Output, |row: &Row| row.output),
        ] {
            if self.known.sample.log.has(field) {
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
            self.failures(origin, &all, scores);
        }
        self.peak(origin, &requests, &all, scores);
        self.reuse(origin, scores);
    }

    /// Dollars of a row: as logged, else by the catalogue.
    fn prices(&self) -> Option<Priced<'_>> {
        let log = &self.known.sample.log;
        if log.has(Field::Cost) {
            return Some(Box::new(|row| {
                if row.cost_usd.is_finite() {
                    f64::from(row.cost_usd)
                } else {
                    0.0
                }
            }));
        }
        let at = Catalogue::embedded()
            .date()
            .at(0, 0, 0, 0)
            .to_zoned(jiff::tz::TimeZone::UTC)
            .ok()?
            .timestamp();
        let rates: Vec<Option<(f64, f64)>> = log
            .models
            .iter()
            .map(|model| {
                let entry = Catalogue::embedded().find(model).ok()?;
                let per = short_call(&entry, at).ok()?;
                Some((per.input, per.output))
            })
            .collect();
        rates.iter().any(Option::is_some).then(|| -> Priced<'_> {
            Box::new(move |row| {
                let (input, output) = rates
                    .get(row.model as usize)
                    .copied()
                    .flatten()
                    .unwrap_or((0.0, 0.0));
                let number = |x: f32| if x.is_finite() { f64::from(x) } else { 0.0 };
                input * number(row.input) + output * number(row.output)
            })
        })
    }

    fn total(
        &self,
        origin: &str,
        what: &str,
        of: &dyn Fn(&Row) -> f64,
        rest: &[&Row],
        scores: &mut Vec<Score>,
    ) {
        let weights: Vec<f64> = (0..self.blocks)
            .map(|at| {
                self.weight(
                    self.first_s + at as f64 * self.width_s,
                    self.first_s + (at + 1) as f64 * self.width_s,
                )
            })
            .collect();
        let sums = self.by_block(&|rows| Some(rows.iter().map(|row| of(row)).sum()));
        let all: f64 = sums.iter().sum();
        if all <= 0.0 {
            return;
        }
        // A block with next to nothing is taken as a fiftieth of the mean: the logarithm must not run away.
        let mean = all / weights.iter().sum::<f64>().max(1e-12);
        let series: Vec<f64> = sums
            .iter()
            .zip(&weights)
            .map(|(sum, weight)| {
                if *weight > 0.0 {
                    libm::log((sum / weight).max(mean / 50.0))
                } else {
                    f64::NAN
                }
            })
            .collect();
        let Some(forecast) = foretold(&series, self.horizon(), Some(libm::log(mean))) else {
            return;
        };
        let ahead = libm::log(self.weight(self.cut_s, self.until_s).max(1e-12));
        let actual: f64 = rest.iter().map(|row| of(row)).sum();
        let from = self.cut_s - (self.until_s - self.cut_s).min(self.cut_s - self.first_s);
        let rows = self.known.sample.rows();
        let naive: f64 = rows
            .iter()
            .filter(|row| row.at_s >= from)
            .map(of)
            .sum::<f64>()
            * (self.until_s - self.cut_s)
            / (self.cut_s - from);
        let forecast = Forecast {
            middle: forecast.middle + ahead,
            ..forecast
        };
        scores.push(scored(
            origin,
            format!("total {what}"),
            forecast,
            actual,
            naive,
        ));
    }

    fn quantiles(
        &self,
        origin: &str,
        what: &str,
        of: &dyn Fn(&Row) -> Option<f32>,
        rest: &[&Row],
        scores: &mut Vec<Score>,
    ) {
        let sorted = |rows: &mut dyn Iterator<Item = &Row>| {
            let mut list: Vec<f64> = rows
                .filter_map(of)
                .filter(|x| x.is_finite())
                .map(f64::from)
                .collect();
            list.sort_by(f64::total_cmp);
            list
        };
        let past = sorted(&mut self.known.sample.rows().iter());
        let came = sorted(&mut rest.iter().copied());
        if past.len() < 50 || came.len() < 20 {
            return;
        }
        let from = self.cut_s - (self.until_s - self.cut_s).min(self.cut_s - self.first_s);
        let last = sorted(
            &mut self
                .known
                .sample
                .rows()
                .iter()
                .filter(|row| row.at_s >= from),
        );
        for (share, name) in [(0.5, "p50"), (0.95, "p95"), (0.99, "p99")] {
            let series = self.by_block(&|rows| {
                let list = sorted(&mut rows.iter().copied());
                (list.len() as f64 * (1.0 - share) >= 1.0)
                    .then(|| libm::log(quantile(&list, share).max(1e-3)))
            });
            let pooled = libm::log(quantile(&past, share).max(1e-3));
            let known: Vec<f64> = series.iter().copied().filter(|x| x.is_finite()).collect();
            let mean = known.iter().sum::<f64>() / known.len().max(1) as f64;
            // The error of a quantile of n: sqrt(p (1 − p) / n) over the density, here from the past's own slope.
            let near = |p: f64| libm::log(quantile(&past, p.clamp(0.001, 0.999)).max(1e-3));
            let step = (share * (1.0 - share) / came.len() as f64)
                .sqrt()
                .min(1.0 - share);
            let chance = (near(share + step) - near(share - step)) / 2.0;
            let forecast = match foretold(&series, self.horizon(), None) {
                Some(it) if known.len() >= 6 => Forecast {
                    middle: pooled + it.middle - mean,
                    half: it.half.hypot(1.2816 * chance),
                },
                _ => Forecast {
                    middle: pooled,
                    half: 1.2816 * (2.0 * chance).hypot(0.1),
                },
            };
            let naive = if last.is_empty() {
                f64::NAN
            } else {
                quantile(&last, share)
            };
            scores.push(scored(
                origin,
                format!("{name} of {what}"),
                forecast,
                quantile(&came, share),
                naive,
            ));
        }
    }

    fn failures(&self, origin: &str, rest: &[&Row], scores: &mut Vec<Score>) {
        let share = |rows: &mut dyn Iterator<Item = &Row>| {
            let (mut failed, mut all) = (0.5, 1.0);
            for row in rows {
                failed += f64::from(u8::from(row.ended != Ended::Well));
                all += 1.0;
            }
            (failed / all, all)
        };
        let (past, n) = share(&mut self.known.sample.rows().iter());
        let (came, count) = share(&mut rest.iter().copied());
        let series = self.by_block(&|rows| {
            (!rows.is_empty()).then(|| libm::log(share(&mut rows.iter().copied()).0))
        });
        let drift = foretold(&series, self.horizon(), None).map_or(0.5, |it| it.half);
        // Failures cluster: a burst counts as one, so chance is some five times a binomial's.
        let chance = 1.2816 * (5.0 / (past * count) + 5.0 / (past * n)).sqrt();
        let from = self.cut_s - (self.until_s - self.cut_s).min(self.cut_s - self.first_s);
        let naive = share(
            &mut self
                .known
                .sample
                .rows()
                .iter()
                .filter(|row| row.at_s >= from),
        )
        .0;
        scores.push(scored(
            origin,
            "share failed".to_owned(),
            Forecast {
                middle: libm::log(past),
                half: drift.hypot(chance),
            },
            came,
            naive,
        ));
    }

    /// The busiest minute (the busiest row, where rows count).
    fn peak(&self, origin: &str, of: &dyn Fn(&Row) -> f64, rest: &[&Row], scores: &mut Vec<Score>) {
        let wide_s = if self.known.counts {
            self.rates().row_s()
        } else {
            60.0
        };
        if self.width_s < 1.2 * wide_s {
            return;
        }
        let largest = |rows: &mut dyn Iterator<Item = &Row>| {
            let mut best = 0.0_f64;
            let (mut minute, mut sum) = (f64::NEG_INFINITY, 0.0);
            for row in rows {
                let here = libm::floor(row.at_s / wide_s);
                if here != minute {
                    (minute, sum) = (here, 0.0);
                }
                sum += of(row);
                best = best.max(sum);
            }
            best
        };
        let peaks: Vec<f64> = self
            .by_block(&|rows| (!rows.is_empty()).then(|| largest(&mut rows.iter().copied())))
            .into_iter()
            .filter(|it| *it > 0.0)
            .collect();
        if peaks.len() < 4 {
            return;
        }
        let logs: Vec<f64> = peaks.iter().map(|it| libm::log(*it)).collect();
        let drift = foretold(&logs, self.horizon(), None).map_or(0.2, |it| it.half / 1.2816);
        let mean = logs.iter().sum::<f64>() / logs.len() as f64;
        let spread =
            (logs.iter().map(|it| (it - mean).powi(2)).sum::<f64>() / logs.len() as f64).sqrt();
        let mut draws = Draws::new(5);
        let count = place(self.horizon().round()).clamp(1, 400);
        let mut drawn: Vec<f64> = (0..600)
            .map(|_| {
                let best = (0..count)
                    .filter_map(|_| {
                        let x = logs.get(draws.below(logs.len())).copied()?;
                        Some(x + 0.3 * spread * draws.normal())
                    })
                    .fold(f64::NEG_INFINITY, f64::max);
                best + drift * draws.normal()
            })
            .collect();
        drawn.sort_by(f64::total_cmp);
        let [low, middle, high] = SCORED.map(|share| quantile(&drawn, share));
        let actual = largest(&mut rest.iter().copied());
        let from = self.cut_s - (self.until_s - self.cut_s).min(self.cut_s - self.first_s);
        let naive = largest(
            &mut self
                .known
                .sample
                .rows()
                .iter()
                .filter(|row| row.at_s >= from),
        );
        let what = if wide_s == 60.0 {
            "requests in the busiest minute".to_owned()
        } else {
            format!("requests in the busiest {:.0} minutes", wide_s / 60.0)
        };
        scores.push(scored_between(
            origin,
            what,
            [low, middle, high].map(libm::exp),
            actual,
            naive,
        ));
    }

    /// Prompt tokens that were sent before, by lifetime; what was sent in the first part is remembered.
    fn reuse(&self, origin: &str, scores: &mut Vec<Score>) {
        let Some(blocks) = &self.known.blocks else {
            return;
        };
        let log = &self.known.sample.log;
        let mut last = std::collections::HashMap::new();
        for row in self.known.sample.rows() {
            for block in log.blocks_of(row) {
                last.insert(*block, row.at_s);
            }
        }
        let lifetimes = [60.0, 300.0, 3600.0];
        let (mut read, mut all) = ([0.0; 3], 0.0);
        for row in self.rest {
            let mut gap: f64 = 0.0;
            let mut left = f64::from(row.input);
            for block in log.blocks_of(row) {
                let much = left.clamp(0.0, blocks.tokens);
                left -= much;
                gap = gap.max(
                    last.insert(*block, row.at_s)
                        .map_or(f64::INFINITY, |before| row.at_s - before),
                );
                all += much;
                for (sum, life) in read.iter_mut().zip(lifetimes) {
                    *sum += if gap <= life { much } else { 0.0 };
                }
            }
        }
        let middle_s = f64::midpoint(self.cut_s, self.until_s) - self.first_s;
        for (sum, life) in read.iter().zip(lifetimes) {
            let share = blocks.reuse.within(life.min(middle_s));
            let cold = super::traffic::cold_reuse(
                &self.known.sample,
                life,
                self.cut_s - (self.until_s - self.cut_s),
                blocks.tokens,
            );
            let name = format!(
                "share of prompt tokens sent before, kept {}",
                if life < 3600.0 {
                    format!("{life:.0} s")
                } else {
                    "an hour".to_owned()
                }
            );
            let half = 0.04 + 0.05 * share;
            scores.push(scored_between(
                origin,
                name,
                [(share - half).max(0.0), share, (share + half).min(1.0)],
                sum / f64::max(all, 1e-9),
                cold,
            ));
        }
    }

    /// Totals of each user with at least twenty requests and six blocks of past.
    fn users(&self) -> Option<Users> {
        let rows = self.known.sample.rows();
        if !self.known.sample.log.has(Field::User) {
            return None;
        }
        let most = rows
            .iter()
            .filter(|row| row.user != NONE)
            .map(|row| row.user)
            .max()? as usize;
        let mut series = vec![vec![0.0; self.blocks]; most + 1];
        for row in rows {
            if let Some(sum) = series.get_mut(row.user as usize).and_then(|it| {
                it.get_mut(place((row.at_s - self.first_s) / self.width_s).min(self.blocks - 1))
            }) {
                *sum += f64::from(row.count) * self.each;
            }
        }
        let mut came = vec![0.0; most + 1];
        for row in self.rest {
            if let Some(sum) = came.get_mut(row.user as usize) {
                *sum += f64::from(row.count) * self.each;
            }
        }
        let weights: Vec<f64> = (0..self.blocks)
            .map(|at| {
                self.weight(
                    self.first_s + at as f64 * self.width_s,
                    self.first_s + (at + 1) as f64 * self.width_s,
                )
            })
            .collect();
        let ahead = self.weight(self.cut_s, self.until_s);
        let horizon = place(self.horizon().round()).clamp(1, self.blocks);
        let mut list = Vec::new();
        for (past, actual) in series.iter().zip(&came) {
            let total: f64 = past.iter().sum();
            if total < 20.0 || past.iter().filter(|it| **it > 0.0).count() < 6 {
                continue;
            }
            let mean = total / weights.iter().sum::<f64>();
            let logs: Vec<f64> = past
                .iter()
                .zip(&weights)
                .map(|(n, w)| libm::log((n / w.max(1e-12)).max(mean / 20.0)))
                .collect();
            let Some(forecast) = foretold(&logs, self.horizon(), Some(libm::log(mean))) else {
                continue;
            };
            let naive =
                past.iter().rev().take(horizon).sum::<f64>() * self.horizon() / horizon as f64;
            let score = scored(
                "",
                String::new(),
                Forecast {
                    middle: forecast.middle + libm::log(ahead),
                    half: forecast.half,
                },
                *actual,
                naive,
            );
            let scale = actual / actual.max(score.predicted).max(1e-9);
            list.push((score.inside, score.loss * scale, score.naive_loss * scale));
        }
        let n = list.len() as f64;
        (n >= 5.0).then(|| Users {
            count: list.len(),
            inside: list.iter().filter(|it| it.0).count() as f64 / n,
            loss: list
                .iter()
                .map(|it| it.1)
                .filter(|it| it.is_finite())
                .sum::<f64>()
                / n,
            naive_loss: list
                .iter()
                .map(|it| it.2)
                .filter(|it| it.is_finite())
                .sum::<f64>()
                / n,
        })
    }
}

/// The mean of the next blocks: median and half the 80% interval, in the series' own logarithms. `pooled` replaces the
/// mean of logarithms by the logarithm of the mean, for what adds up.
fn foretold(series: &[f64], horizon: f64, pooled: Option<f64>) -> Option<Forecast> {
    let known: Vec<f64> = series.iter().copied().filter(|x| x.is_finite()).collect();
    let n = known.len();
    if n < 4 {
        return None;
    }
    // Squared differences at distance k are kq + 2s²: a line by least squares, over a third of the distances.
    let (mut sk, mut sv, mut skk, mut skv, mut count) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for k in 1..=(n / 3).max(2) {
        let squares: f64 = known
            .iter()
            .zip(known.iter().skip(k))
            .map(|(a, b)| (b - a).powi(2))
            .sum();
        let pairs = (n - k) as f64;
        let (v, k) = (squares / pairs, k as f64);
        sk += pairs * k;
        sv += pairs * v;
        skk += pairs * k * k;
        skv += pairs * k * v;
        count += pairs;
    }
    let slope = ((count * skv - sk * sv) / (count * skk - sk * sk)).max(0.0);
    let noise = (((sv - slope * sk) / count) / 2.0).max(1e-8);
    // Some drift is always to be expected: at least a fiftieth of the noise a block.
    let drift = slope.max(noise / 50.0);
    let ratio = drift / noise;
    let ahead = f64::midpoint(ratio, (ratio * ratio + 4.0 * ratio).sqrt());
    let gain = ahead / (ahead + 1.0);
    let mut level = known.iter().take(4).sum::<f64>() / 4.0;
    for x in &known {
        level += gain * (x - level);
    }
    let mean = known.iter().sum::<f64>() / n as f64;
    let middle = pooled.map_or(level, |pooled| pooled + level - mean);
    let variance = gain * noise + drift * (horizon / 3.0 + 0.5) + noise / horizon.max(1.0);
    // Student's 90% quantile with a third of the blocks as degrees of freedom (Cornish and Fisher's first terms).
    let free = (n as f64 / 3.0).max(2.0);
    let z: f64 = 1.2816;
    let student = z
        + (z.powi(3) + z) / (4.0 * free)
        + (5.0 * z.powi(5) + 16.0 * z.powi(3) + 3.0 * z) / (96.0 * free * free);
    Some(Forecast {
        middle,
        half: student * variance.sqrt(),
    })
}

fn scored(origin: &str, what: String, forecast: Forecast, actual: f64, naive: f64) -> Score {
    let ends = [
        forecast.middle - forecast.half,
        forecast.middle,
        forecast.middle + forecast.half,
    ]
    .map(libm::exp);
    scored_between(origin, what, ends, actual, naive)
}

fn scored_between(origin: &str, what: String, ends: [f64; 3], actual: f64, naive: f64) -> Score {
    let [low, predicted, high] = ends;
    let pinball = |ends: [f64; 3]| {
        let sum: f64 = ends
            .iter()
            .zip(SCORED)
            .map(|(q, share)| {
                if actual >= *q {
                    share * (actual - q)
                } else {
                    (1.0 - share) * (q - actual)
                }
            })
            .sum();
        sum / 3.0 / actual.abs().max(1e-9)
    };
    Score {
        origin: origin.to_owned(),
        what,
        predicted,
        low,
        high,
        actual,
        inside: low <= actual && actual <= high,
        loss: pinball(ends),
        naive_loss: pinball([naive; 3]),
        naive,
    }
}

impl Backtest {
    /// Of all that was foretold, the share inside its interval; mean loss, and that of the naive forecast.
    #[must_use]
    pub fn summary(&self) -> (f64, f64, f64) {
        let n = self.scores.len() as f64;
        let known = || self.scores.iter().filter(|it| it.naive_loss.is_finite());
        let count = known().count() as f64;
        (
            self.scores.iter().filter(|it| it.inside).count() as f64 / n,
            known().map(|it| it.loss).sum::<f64>() / count.max(1.0),
            known().map(|it| it.naive_loss).sum::<f64>() / count.max(1.0),
        )
    }

    /// As a table for people.
    #[must_use]
    pub fn text(&self) -> String {
        use super::doc::neat;
        use std::fmt::Write as _;
        let mut text = String::new();
        let mut origin = "";
        for score in &self.scores {
            if score.origin != origin {
                let head = match score.origin.as_str() {
                    "later" => "from the whole log, what came later".to_owned(),
                    "0.7" => "from the first 70% of the time, the rest".to_owned(),
                    other => format!("from the first {other}"),
                };
                let _ = writeln!(
                    text,
                    "\n{head}\n{:<48}{:>11}{:>24}{:>11}          loss    naive",
                    "", "predicted", "80% interval", "came"
                );
                origin = &score.origin;
            }
            let interval = format!("{} to {}", neat(score.low), neat(score.high));
            let verdict = if score.inside { "inside " } else { "OUTSIDE" };
            let _ = writeln!(
                text,
                "{:<48}{:>11}{:>24}{:>11}  {verdict}{:>7.3}{:>9.3}",
                score.what,
                neat(score.predicted),
                interval,
                neat(score.actual),
                score.loss,
                score.naive_loss
            );
        }
        let (inside, loss, naive) = self.summary();
        let _ = writeln!(
            text,
            "\n{:.0}% of {} predictions held (80% were meant to). Mean pinball loss {:.3} against {:.3} of \"as it was last\": {}.",
            inside * 100.0,
            self.scores.len(),
            loss,
            naive,
            if loss < naive {
                "better"
            } else {
                "no better, so trust neither"
            }
        );
        if let Some(users) = &self.users {
            let _ = writeln!(
                text,
                "By user, total requests of {}: {:.0}% inside their 80% interval; loss {:.3} against {:.3}.",
                users.count,
                users.inside * 100.0,
                users.loss,
                users.naive_loss
            );
        }
        text
    }
}
