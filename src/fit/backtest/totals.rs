//! Totals of the log.

use crate::prices::{Catalogue, short_call};
use crate::reading::log::{Field, Row};

use super::level::{Forecast, foretold, scored};
use super::{Score, Simple, Split, number};

/// Blocks of a short log that are taken together at most.
const TOGETHER: usize = 4;
/// Share of the mean below which a block is next to nothing: its logarithm says more about the block's length than about
/// the level.
const LITTLE: f64 = 0.2;

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
        let mean = all / self.weights.iter().sum::<f64>().max(1e-12);
        // Days of a long log are what they are: they drift more than they scatter.
        let most = if self.width_s < 86_400.0 { TOGETHER } else { 1 };
        let (series, together) = steady(&sums, &self.weights, mean, most);
        let horizon = self.horizon() / together as f64;
        let Some(forecast) = foretold(&series, horizon, Some(libm::log(mean))) else {
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
            Simple {
                last: naive,
                flat: mean * self.weight(self.cut_s, self.until_s),
            },
        ));
    }
}

/// Logarithms of rates by block, and how many blocks were taken together: as few as leave none with next to nothing, and
/// no more than `most`.
fn steady(sums: &[f64], weights: &[f64], mean: f64, most: usize) -> (Vec<f64>, usize) {
    let rates = |together: usize| -> Vec<f64> {
        let parts = sums.rchunks(together).zip(weights.rchunks(together)).rev();
        parts
            .map(|(sums, weights)| sums.iter().sum::<f64>() / weights.iter().sum::<f64>())
            .collect()
    };
    let little = |rate: &f64| *rate < LITTLE * mean;
    let found = (1..=most)
        .map(|together| (rates(together), together))
        .find(|(rates, together)| *together == most || !rates.iter().any(little));
    let (rates, together) = found.unwrap_or_default();
    // What is still next to nothing is taken as a fiftieth of the mean: the logarithm must not run away.
    // Where nothing is due (0 of 0) there is no number, and the level may drift.
    let logs = rates
        .iter()
        .map(|rate| {
            if rate.is_nan() {
                f64::NAN
            } else {
                libm::log(rate.max(mean / 50.0))
            }
        })
        .collect();
    (logs, together.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_taken_together_until_none_is_next_to_nothing() {
        let (logs, together) = steady(&[2.0, 0.0, 1.0, 1.0], &[1.0; 4], 1.0, 4);
        assert_eq!((logs, together), (vec![0.0, 0.0], 2));
        let (logs, together) = steady(&[2.0, 0.0], &[1.0; 2], 1.0, 1);
        assert_eq!((logs.len(), together), (2, 1));
        assert!((logs[1] - libm::log(0.02)).abs() < 1e-12, "{logs:?}");
    }

    #[test]
    fn where_nothing_is_due_there_is_no_number() {
        let (logs, together) = steady(&[1.0, 0.0], &[1.0, 0.0], 1.0, 4);
        assert!(
            logs[0] == 0.0 && logs[1].is_nan() && together == 1,
            "{logs:?}"
        );
    }
}
