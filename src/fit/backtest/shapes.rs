//! What does not add up: quantiles, shares, and the busiest minute.

use statrs::distribution::{Beta, ContinuousCDF as _};

use super::super::quantile;
use super::super::random::Draws;
use super::super::traffic::cold_reuse;
use crate::reading::log::{Ended, Row};

use super::level::{Forecast, NORMAL_80, Noise, SCORED, foretold, scored, scored_between};
use super::{Score, Simple, Split, place};

/// Blocks with enough values that tell how a quantile drifts.
const LEAST_BLOCKS: usize = 6;
/// Rows of a block that tell a share.
const LEAST_ROWS: f64 = 6.0;
/// Blocks of time that are taken together at most, so that each has values beyond the quantile.
const TOGETHER: usize = 4;
/// Share of the mean below which a block's share of failures is next to nothing.
const LITTLE: f64 = 0.05;
/// Half of an interval that is always believed of a quantile whose drift is not known, in logarithms.
const LEAST_HALF: f64 = 0.13;

/// A quantile of so many that will come, as if drawn from the past: an order statistic, whose place in what it is drawn from
/// has a beta distribution (David & Nagaraja, Order Statistics, 2003, §2.1). The past could have been another one too.
fn drawn(past: &[f64], share: f64, count: usize) -> Forecast {
    let last = count.saturating_sub(1) as f64;
    let places = Beta::new(share * last + 1.0, (1.0 - share) * last + 1.0).ok();
    let [low, middle, high] = SCORED.map(|at| {
        let place = places.as_ref().map_or(share, |it| it.inverse_cdf(at));
        libm::log(quantile(past, place).max(1e-3))
    });
    let both = (1.0 + count as f64 / past.len() as f64).sqrt();
    Forecast {
        low: middle + (low - middle) * both,
        middle,
        high: middle + (high - middle) * both,
    }
    .wider(LEAST_HALF)
}

impl Split<'_> {
    pub(super) fn quantiles(
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
        let from = self.naive_from_s();
        let last = sorted(
            &mut self
                .known
                .sample
                .rows()
                .iter()
                .filter(|row| row.at_s >= from),
        );
        let blocks = self.by_block(|rows| sorted(&mut rows.iter().copied()));
        for (share, name) in [(0.5, "p50"), (0.95, "p95"), (0.99, "p99")] {
            let log = |list: &[f64]| libm::log(quantile(list, share).max(1e-3));
            // As many blocks together as one value beyond the quantile takes.
            let usual = past.len() as f64 / blocks.len() as f64;
            let together = place((1.0 / (1.0 - share) / usual).ceil()).clamp(1, TOGETHER);
            let (mut series, mut counts) = (Vec::new(), Vec::new());
            for lists in blocks.rchunks(together).rev() {
                let mut list = lists.concat();
                list.sort_by(f64::total_cmp);
                let n = list.len() as f64;
                let told = n * (1.0 - share) >= 1.0;
                series.push(if told { log(&list) } else { f64::NAN });
                counts.push(n);
            }
            let told = series.iter().filter(|x| x.is_finite()).count() >= LEAST_BLOCKS;
            let change = foretold(&series, &counts, self.horizon() / together as f64);
            let forecast = match change.filter(|_| told) {
                Some(change) => change.plus(log(&past)),
                None => drawn(&past, share, came.len()),
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
                Simple {
                    last: naive,
                    flat: quantile(&past, share),
                },
            ));
        }
    }

    pub(super) fn failures(
        &self,
        origin: &str,
        what: String,
        of: &dyn Fn(&Row) -> bool,
        rest: &[&Row],
        scores: &mut Vec<Score>,
    ) {
        let rows = || self.known.sample.rows().iter().filter(|row| of(row));
        let counted = |rows: &mut dyn Iterator<Item = &Row>| {
            rows.fold((0.0, 0.0), |(failed, all), row| {
                (
                    failed + f64::from(u8::from(row.ended != Ended::Well)),
                    all + 1.0,
                )
            })
        };
        // Half a failure more, as none so far is not never.
        let share = |(failed, all): (f64, f64)| (failed + 0.5) / (all + 1.0);
        let known = counted(&mut rows());
        let rest = counted(&mut rest.iter().copied());
        let (past, n, count) = (share(known), known.1, rest.1);
        let blocks = self.by_block(|rows| counted(&mut rows.iter().copied().filter(|row| of(row))));
        let told = || blocks.iter().filter(|it| it.1 >= LEAST_ROWS);
        let failed: Vec<f64> = told().map(|it| it.0 + 0.5 * it.1 / n).collect();
        let all: Vec<f64> = told().map(|it| it.1).collect();
        let told = self
            .series(&failed, &all)
            .levelled(Noise::ByWeight, LITTLE, 0.0);
        let forecast = told.unwrap_or_else(|| {
            // Failures cluster: a burst counts as one, so chance is some five times a binomial's.
            let chance = (5.0 * (1.0 - past) / past * (1.0 / count + 1.0 / n)).sqrt();
            let middle = libm::log(past);
            Forecast {
                low: middle - 0.5,
                middle,
                high: middle + 0.5,
            }
            .wider(NORMAL_80 * chance)
        });
        let from = self.naive_from_s();
        scores.push(scored_between(
            origin,
            what,
            forecast.ends().map(|it| libm::exp(it).min(1.0)),
            share(rest),
            Simple {
                last: share(counted(&mut rows().filter(|row| row.at_s >= from))),
                flat: past,
            },
        ));
    }

    /// The busiest minute (the busiest row, where rows count).
    pub(super) fn peak(
        &self,
        origin: &str,
        of: &dyn Fn(&Row) -> f64,
        rest: &[&Row],
        scores: &mut Vec<Score>,
    ) {
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
            .by_block(|rows| largest(&mut rows.iter().copied()))
            .into_iter()
            .filter(|it| *it > 0.0)
            .collect();
        if peaks.len() < 4 {
            return;
        }
        let logs: Vec<f64> = peaks.iter().map(|it| libm::log(*it)).collect();
        let drift = foretold(&logs, &vec![1.0; logs.len()], self.horizon())
            .map_or(0.2, |it| it.half() / NORMAL_80);
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
        let from = self.naive_from_s();
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
            Simple {
                last: naive,
                flat: peaks.iter().copied().fold(0.0, f64::max),
            },
        ));
    }

    /// Prompt tokens that were sent before, by lifetime; what was sent in the first part is remembered.
    pub(super) fn reuse(&self, origin: &str, scores: &mut Vec<Score>) {
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
            let cold = cold_reuse(
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
                Simple {
                    last: cold,
                    flat: cold_reuse(&self.known.sample, life, f64::NEG_INFINITY, blocks.tokens),
                },
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_of_a_few_is_smaller_than_the_largest_of_many() {
        let past: Vec<f64> = (1..=1000).map(f64::from).collect();
        let of = |count| drawn(&past, 0.99, count);
        let [few, many] = [20, 100_000].map(|count| libm::exp(of(count).middle));
        // Nearly the largest of 20 of 1 to 1000: its median is close to 1000 times the 20th root of a half.
        assert!((few - 960.0).abs() < 12.0, "{few}");
        assert!((many - 990.0).abs() < 2.0, "{many}");
        assert!(of(20).half() > of(100_000).half());
    }
}
