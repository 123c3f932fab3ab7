//! Totals: of the log, and of each of its users.

use crate::prices::{Catalogue, short_call};
use crate::reading::log::{Field, NONE, Row};

use super::level::{Forecast, foretold, scored};
use super::{Score, Split, Users, number, place};

/// Dollars of a row.
type Priced<'a> = Box<dyn Fn(&Row) -> f64 + 'a>;

impl Split<'_> {
    /// Dollars of a row: as logged, else by the catalogue.
    pub(super) fn prices(&self) -> Option<Priced<'_>> {
        let log = &self.known.sample.log;
        if log.has(Field::Cost) {
            return Some(Box::new(|row| number(row.cost_usd)));
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
                input * number(row.input) + output * number(row.output)
            })
        })
    }

    pub(super) fn total(
        &self,
        origin: &str,
        what: &str,
        of: &dyn Fn(&Row) -> f64,
        rest: &[&Row],
        scores: &mut Vec<Score>,
    ) {
        let sums = self.by_block(&|rows| Some(rows.iter().map(|row| of(row)).sum()));
        let all: f64 = sums.iter().sum();
        if all <= 0.0 {
            return;
        }
        // A block with next to nothing is taken as a fiftieth of the mean: the logarithm must not run away.
        let mean = all / self.weights.iter().sum::<f64>().max(1e-12);
        let series: Vec<f64> = sums
            .iter()
            .zip(&self.weights)
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
        let from = self.naive_from_s();
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

    /// Totals of each user with at least twenty requests and six blocks of past.
    pub(super) fn users(&self) -> Option<Users> {
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
            let own = series.get_mut(row.user as usize);
            if let Some(sum) = own.and_then(|it| it.get_mut(self.block_of(row))) {
                *sum += self.requests(row);
            }
        }
        let mut came = vec![0.0; most + 1];
        for row in self.rest {
            if let Some(sum) = came.get_mut(row.user as usize) {
                *sum += self.requests(row);
            }
        }
        let ahead = self.weight(self.cut_s, self.until_s);
        let horizon = place(self.horizon().round()).clamp(1, self.blocks);
        let mut list = Vec::new();
        for (past, actual) in series.iter().zip(&came) {
            let total: f64 = past.iter().sum();
            if total < 20.0 || past.iter().filter(|it| **it > 0.0).count() < 6 {
                continue;
            }
            let mean = total / self.weights.iter().sum::<f64>();
            let logs: Vec<f64> = past
                .iter()
                .zip(&self.weights)
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
