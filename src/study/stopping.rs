//! When an answer is sure enough.
//!
//! A rule that looks at its own error after every month stops too early too often (Chow and Robbins, "On the asymptotic
//! theory of fixed-width sequential confidence intervals", 1965, hold only as the width goes to 0). So it is looked at
//! only after 64 × 2^k pairs of months: at most a handful of looks, never before an error is known to a tenth or so.

use super::cell::{Numbers, Outcome};
use super::document::Metric;
use super::plan::Precision;
use super::summary::{quantile, summarise};

/// The metrics whose means are bounded.
const BOUNDED: [&str; 3] = ["cost.total", "latency.p95", "rate.failed"];

/// Whether the precision is looked at after so many pairs of months.
pub(super) fn is_stage(pairs: usize) -> bool {
    pairs >= 64 && (pairs / 64).is_power_of_two() && pairs.is_multiple_of(64)
}

/// By what factor the work must still grow before every cell is sure enough: the largest square of an error over its
/// bound; at most 1 once all are inside.
pub(super) fn way_left(outcome: &Outcome, precision: &Precision) -> f64 {
    let cells = outcome.study.cells.iter().zip(&outcome.by_month);
    cells
        .map(|(cell, by_month)| {
            let metric = |name: &str| cell.metrics.get(name).copied();
            cell_way_left(metric, by_month.of("cost.total"), precision)
        })
        .fold(0.0, f64::max)
}

/// The same of numbers that are not written down yet.
pub(super) fn numbers_way_left(cells: &[Numbers], precision: &Precision) -> f64 {
    let ways = cells
        .iter()
        .map(|cell| cell_way_left(|name| cell.metric(name), cell.of("cost.total"), precision));
    ways.fold(0.0, f64::max)
}

/// The same as if windows had no error, and months only a part of the accepted variance.
pub(super) fn months_way_left(cells: &[Numbers], precision: &Precision, part: f64) -> f64 {
    let scale = part.sqrt();
    let precision = Precision {
        cost: precision.cost * scale,
        latency: precision.latency * scale,
        failed: precision.failed * scale,
        failed_absolute: precision.failed_absolute * scale,
        ..*precision
    };
    let ways = cells.iter().map(|cell| {
        let months = |name: &str| summarise(cell.of(name)?);
        cell_way_left(months, cell.of("cost.total"), &precision)
    });
    ways.fold(0.0, f64::max)
}

/// The metrics of a cell whose standard errors are bounded: place among its metrics, and the bound.
pub(super) fn bounds(cell: &Numbers, precision: &Precision) -> Vec<(usize, f64)> {
    BOUNDED
        .into_iter()
        .filter_map(|name| {
            let place = cell.names.iter().position(|known| known == name)?;
            let mean = summarise(cell.values.get(place)?)?.mean.abs();
            Some((place, bound(name, mean, precision)))
        })
        .collect()
}

/// The largest standard error of a metric that is accepted at this mean.
fn bound(name: &str, mean: f64, precision: &Precision) -> f64 {
    match name {
        "cost.total" => precision.cost * mean,
        "latency.p95" => precision.latency * mean,
        _ => (precision.failed * mean).max(precision.failed_absolute),
    }
}

fn cell_way_left(
    metric: impl Fn(&str) -> Option<Metric>,
    costs: Option<&[f64]>,
    precision: &Precision,
) -> f64 {
    let excess = |error: f64, bound: f64| {
        let ratio = error / bound;
        if ratio.is_finite() {
            ratio * ratio
        } else {
            0.0
        }
    };
    let means = BOUNDED
        .into_iter()
        .filter_map(|name| {
            let metric = metric(name)?;
            Some(excess(metric.se, bound(name, metric.mean.abs(), precision)))
        })
        .fold(0.0, f64::max);
    let over = metric("budget.over_probability")
        .map_or(0.0, |metric| excess(metric.se, precision.over_budget));
    let range = costs.map_or(0.0, |values| {
        quantile_errors(values)
            .into_iter()
            .map(|(error, at)| excess(error, precision.cost_range * at.abs()))
            .fold(0.0, f64::max)
    });
    means.max(over).max(range)
}

/// Standard errors of the 5% and 95% quantiles over months, and the quantiles. The error of a quantile is half the
/// distance between the order statistics one binomial standard deviation of its rank to both sides (Woodruff 1952);
/// months of a pair may be as good as one, so a pair counts once.
fn quantile_errors(by_month: &[f64]) -> [(f64, f64); 2] {
    let mut sorted: Vec<f64> = by_month
        .iter()
        .copied()
        .filter(|value| value.is_finite())
        .collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let pairs = (sorted.len() as f64 * 0.5).max(1.0);
    [0.05, 0.95].map(|p| {
        let spread = (p * (1.0 - p) / pairs).sqrt();
        let (low, high) = ((p - spread).max(0.0), (p + spread).min(1.0));
        let error = (quantile(&sorted, high) - quantile(&sorted, low)) * 0.5;
        (error, quantile(&sorted, p))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_are_64_pairs_doubled() {
        let stages: Vec<usize> = (0..1100).filter(|pairs| is_stage(*pairs)).collect();
        assert_eq!(stages, [64, 128, 256, 512, 1024]);
    }

    #[test]
    fn a_quantile_of_even_numbers_has_the_error_of_its_rank() {
        // Of 2,000 even numbers on 0..1 (1,000 pairs), the 5% quantile strays by sqrt(0.05 × 0.95 / 1000).
        let values: Vec<f64> = (0..2000).map(|k| (f64::from(k) + 0.5) / 2000.0).collect();
        let [(low, _), (high, at)] = quantile_errors(&values);
        let expected = (0.05_f64 * 0.95 / 1000.0).sqrt();
        assert!((low / expected - 1.0).abs() < 0.01, "{low} for {expected}");
        assert!(
            (high / expected - 1.0).abs() < 0.01,
            "{high} for {expected}"
        );
        assert!((at - 0.95).abs() < 1e-3);
    }
}
