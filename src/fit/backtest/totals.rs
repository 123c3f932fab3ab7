//! Totals of the log.

use crate::prices::{Catalogue, short_call};
use crate::reading::log::{Field, Row};

use super::level::{Noise, scored};
use super::{Score, Simple, Split, number};

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
        let sums = self.by_block(|rows| rows.iter().map(|row| of(row)).sum::<f64>());
        let all: f64 = sums.iter().sum();
        if all <= 0.0 {
            return;
        }
        let mean = all / self.weights.iter().sum::<f64>().max(1e-12);
        let Some(forecast) = self
            .series(&sums, &self.weights)
            .levelled(Noise::Alike, LITTLE, 0.0)
        else {
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
        scores.push(scored(
            origin,
            format!("total {what}"),
            forecast.plus(ahead),
            actual,
            Simple {
                last: naive,
                flat: mean * self.weight(self.cut_s, self.until_s),
            },
        ));
    }
}
