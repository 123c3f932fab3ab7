//! The hours of the week.

use crate::engine::ledger::{LINES, Line, Outcome};

use super::super::document::Hour;
use super::super::totals::Shape;
use super::fits::Fits;
use super::predict::{Estimated, at};
use super::shape::{INTERVALS, Mixture};
use super::sums::{BILL_AT, OUTCOMES_AT};

impl Estimated<'_> {
    /// Requests, money, latency and failures in each hour of the week, from the strata that it lies in.
    pub fn hourly(&self, fits: &Fits, mean: &[f64]) -> Vec<Hour> {
        let share = self.mean_exposure();
        // What facts do to a sum on average.
        let lift = |sum: usize| {
            let fit = fits.list.get(sum)?;
            let bare: f64 = fit
                .rates
                .iter()
                .zip(&share)
                .map(|(rate, share)| rate * share)
                .sum();
            Some((
                fit,
                if bare > 0.0 {
                    at(mean, sum) / bare
                } else {
                    1.0
                },
            ))
        };
        let offset = fits.list.len() - 2 * INTERVALS;
        let by_use: Vec<usize> = (0..LINES.len())
            .filter(|line| {
                ![
                    Line::Hosting,
                    Line::HumanReview,
                    Line::Audit,
                    Line::Evals,
                    Line::Cache,
                    Line::Fixed,
                ]
                .iter()
                .any(|fixed| *fixed as usize == *line)
            })
            .collect();
        self.months
            .by_hour
            .iter()
            .map(|strata| {
                let total = |sum: usize| {
                    lift(sum).map_or(0.0, |(fit, lift)| {
                        let here = fit.rates.iter().zip(strata);
                        here.map(|(rate, expected)| rate * expected).sum::<f64>() * lift
                    })
                };
                let requests = total(1);
                let failed = total(OUTCOMES_AT + Outcome::Failed as usize);
                let counts: Vec<f64> = (0..INTERVALS).map(|k| total(offset + k)).collect();
                let shape = Mixture {
                    pooled: &fits.delivered,
                    counts: &counts,
                };
                let p95 = shape.quantile(0.95);
                Hour {
                    requests,
                    cost: by_use.iter().map(|line| total(BILL_AT + line)).sum(),
                    latency_p95: p95.is_finite().then_some(p95),
                    failed: if requests > 0.0 {
                        failed / requests
                    } else {
                        0.0
                    },
                }
            })
            .collect()
    }
}
