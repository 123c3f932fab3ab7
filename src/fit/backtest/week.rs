//! When requests come: the shares of the parts of the day, and of the quietest weekdays.
//!
//! Whole days and weeks, counted back and on from the cut so that each holds every hour once. The share of a part is foretold
//! as any other ratio is: a level that drifts from day to day (from week to week).

use super::level::{Noise, Series, scored_between};
use super::{Score, Simple, Split, place};
use crate::reading::log::Row;

const DAY_S: f64 = 86_400.0;
/// Days or weeks of the past that tell a shape.
const LEAST: usize = 4;
/// Share of the mean below which a part is next to nothing.
const LITTLE: f64 = 0.05;
/// Half of an interval that is always believed, in logarithms: how far the shape of a few days drifts unseen.
const LEAST_HALF: f64 = 0.1;
/// Parts of the day, in hours.
const PARTS: [(f64, f64); 4] = [(0.0, 6.0), (6.0, 12.0), (12.0, 18.0), (18.0, 24.0)];

impl Split<'_> {
    /// Shares of the parts of the day, and of the two quietest weekdays.
    pub(super) fn week(&self, origin: &str, scores: &mut Vec<Score>) {
        let local_s = |row: &Row| row.at_s + self.known.sample.local_s;
        for (from_h, until_h) in PARTS {
            let what = format!("share of requests from {from_h} to {until_h} h");
            let there = |row: &Row| {
                let hour = local_s(row).rem_euclid(DAY_S) / 3600.0;
                (from_h..until_h).contains(&hour)
            };
            scores.extend(self.part(origin, what, DAY_S, &there, 0.25));
        }
        if let Some(quietest) = self.quietest() {
            let what = "share of requests on the two quietest weekdays".to_owned();
            let there = |row: &Row| {
                let day = libm::floor(local_s(row) / DAY_S).rem_euclid(7.0);
                quietest.contains(&place(day))
            };
            scores.extend(self.part(origin, what, 7.0 * DAY_S, &there, 2.0 / 7.0));
        }
    }

    /// The share of requests that lie `there`, over whole periods; `flat` is that of traffic without a shape.
    fn part(
        &self,
        origin: &str,
        what: String,
        period_s: f64,
        there: &dyn Fn(&Row) -> bool,
        flat: f64,
    ) -> Option<Score> {
        let whole = |span_s: f64| place(libm::floor(span_s / period_s + 1e-9));
        let before = whole(self.cut_s - self.first_s);
        let ahead = whole(self.until_s - self.cut_s);
        if before < LEAST || ahead == 0 {
            return None;
        }
        let from_s = self.cut_s - before as f64 * period_s;
        let (parts, all) = self.periods(self.known.sample.rows(), from_s, period_s, before, there);
        let (came, came_all) = self.periods(self.rest, self.cut_s, period_s, ahead, there);
        let series = Series {
            amounts: &parts,
            weights: &all,
            horizon: ahead as f64,
        };
        let forecast = series.levelled(Noise::ByWeight, LITTLE, LEAST_HALF)?;
        let share =
            |parts: &[f64], all: &[f64]| parts.iter().sum::<f64>() / all.iter().sum::<f64>();
        let actual = share(&came, &came_all);
        let last = before - ahead.min(before);
        let naive = share(parts.get(last..)?, all.get(last..)?);
        let ends = forecast.ends().map(|it| libm::exp(it).min(1.0));
        let simple = Simple { last: naive, flat };
        actual
            .is_finite()
            .then(|| scored_between(origin, what, ends, actual, simple))
    }

    /// Requests that lie `there`, and all, of so many periods from a time on.
    fn periods(
        &self,
        rows: &[Row],
        from_s: f64,
        period_s: f64,
        count: usize,
        there: &dyn Fn(&Row) -> bool,
    ) -> (Vec<f64>, Vec<f64>) {
        let (mut parts, mut all) = (vec![0.0; count], vec![0.0; count]);
        for row in rows.iter().filter(|row| row.at_s >= from_s) {
            let at = place((row.at_s - from_s) / period_s);
            if let (Some(part), Some(sum)) = (parts.get_mut(at), all.get_mut(at)) {
                *sum += self.requests(row);
                *part += if there(row) { self.requests(row) } else { 0.0 };
            }
        }
        (parts, all)
    }

    /// The two weekdays that the fit found quietest.
    fn quietest(&self) -> Option<[usize; 2]> {
        let weekly = self.rates().weekly.as_ref()?;
        let mut days: Vec<(usize, f64)> = weekly.iter().map(|it| it.best).enumerate().collect();
        days.sort_by(|a, b| a.1.total_cmp(&b.1));
        Some([days.first()?.0, days.get(1)?.0])
    }
}
