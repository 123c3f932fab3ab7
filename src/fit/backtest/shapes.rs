//! What does not add up: quantiles, shares, and the busiest minute.

use super::super::quantile;
use super::super::random::Draws;
use super::super::traffic::cold_reuse;
use crate::reading::log::{Ended, Row};

use super::level::{Forecast, SCORED, foretold, scored, scored_between};
use super::{Score, Simple, Split, place};

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
        let own = |row: &&Row| of(row);
        let share = |rows: &mut dyn Iterator<Item = &Row>| {
            let (mut failed, mut all) = (0.5, 1.0);
            for row in rows {
                failed += f64::from(u8::from(row.ended != Ended::Well));
                all += 1.0;
            }
            (failed / all, all)
        };
        let (past, n) = share(&mut self.known.sample.rows().iter().filter(own));
        let (came, count) = share(&mut rest.iter().copied());
        let series = self.by_block(&|rows| {
            let (share, n) = share(&mut rows.iter().copied().filter(own));
            (n > 5.0).then(|| libm::log(share))
        });
        let drift = foretold(&series, self.horizon(), None).map_or(0.5, |it| it.half);
        // Failures cluster: a burst counts as one, so chance is some five times a binomial's.
        let chance = 1.2816 * (5.0 / (past * count) + 5.0 / (past * n)).sqrt();
        let from = self.naive_from_s();
        let naive = share(
            &mut self
                .known
                .sample
                .rows()
                .iter()
                .filter(own)
                .filter(|row| row.at_s >= from),
        )
        .0;
        scores.push(scored(
            origin,
            what,
            Forecast {
                middle: libm::log(past),
                half: drift.hypot(chance),
            },
            came,
            Simple {
                last: naive,
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
