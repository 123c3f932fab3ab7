//! The numbers behind the Cost sheet, and its arithmetic: the same here as in the sheet's formulas, so that the file
//! shows right numbers before anything recalculates it.
//!
//! Every line of the bill is known at the simulated volumes. Between them it is drawn as a straight line; below the
//! lowest down to volume 0, where what is paid by use costs nothing and what is paid by the month stays; above the
//! highest the last straight line goes on.

use super::super::page::LINES;
use super::super::value::Report;
use crate::study::{Study, quantile};

/// Lines on which a change of token prices acts.
const PRICED: [&str; 6] = [
    "cost.input",
    "cost.cached_input",
    "cost.cache_write",
    "cost.output",
    "cost.reasoning",
    "cost.wasted",
];
/// Lines that are paid by the month, however much is used.
const MONTHLY: [&str; 4] = ["cost.hosting", "cost.evals", "cost.cache", "cost.fixed"];

/// The bill of every strategy at every volume.
#[derive(Debug)]
pub(super) struct Money {
    /// 0 first, then the simulated ones, ascending.
    pub(super) volumes: Vec<f64>,
    /// In the study's order.
    pub(super) strategies: Vec<Bill>,
}

/// One strategy's.
#[derive(Debug)]
pub(super) struct Bill {
    pub(super) name: String,
    /// Every line of the bill, the same ones for each strategy.
    pub(super) lines: Vec<Line>,
    /// The amount that 5% and that 95% of months stay below, by volume.
    pub(super) low: Vec<f64>,
    pub(super) high: Vec<f64>,
    /// Conversations a month, by volume.
    pub(super) conversations: Vec<f64>,
    /// For each simulated volume the 0%, 1% … 100% quantiles of the bill; the first of the volumes has none.
    pub(super) quantiles: Vec<Vec<f64>>,
}

/// A line of the bill.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) word: &'static str,
    /// Whether a change of token prices acts on it.
    pub(super) priced: bool,
    /// US dollars a month, mean, by volume.
    pub(super) usd: Vec<f64>,
}

impl Money {
    /// From a report; none where nothing was simulated.
    pub(super) fn of(report: &Report) -> Option<Self> {
        let study = report.study.as_ref()?;
        let mut simulated: Vec<f64> = study.cells.iter().map(|cell| cell.volume).collect();
        simulated.sort_unstable_by(f64::total_cmp);
        simulated.dedup();
        let mut names: Vec<&str> = Vec::new();
        for cell in &study.cells {
            if !names.contains(&cell.strategy.as_str()) {
                names.push(&cell.strategy);
            }
        }
        // A strategy that was not simulated at every volume has no straight line.
        let strategies: Vec<Bill> = names
            .into_iter()
            .filter_map(|name| bill(study, name, &simulated))
            .collect();
        let mut volumes = vec![0.0];
        volumes.extend(simulated.iter().filter(|volume| **volume > 0.0));
        (!strategies.is_empty()).then_some(Self {
            volumes,
            strategies,
        })
    }

    /// The step of the volumes that a volume lies on, counted from 0, and how far along it.
    pub(super) fn step(&self, volume: f64) -> (usize, f64) {
        let steps = self.volumes.len().saturating_sub(1);
        let below = self
            .volumes
            .iter()
            .filter(|known| **known <= volume)
            .count();
        let index = below.clamp(1, steps.max(1)) - 1;
        let at = |index: usize| self.volumes.get(index).copied().unwrap_or(0.0);
        (index, (volume - at(index)) / (at(index + 1) - at(index)))
    }

    /// What a row of amounts by volume says at a volume.
    pub(super) fn at(&self, amounts: &[f64], volume: f64) -> f64 {
        let (index, share) = self.step(volume);
        let amount = |index: usize| amounts.get(index).copied().unwrap_or(0.0);
        (amount(index) + share * (amount(index + 1) - amount(index))).max(0.0)
    }

    /// Cost of a month after a change of token prices by a factor, in the order of the lines.
    pub(super) fn lines(&self, bill: &Bill, volume: f64, factor: f64) -> Vec<f64> {
        bill.lines
            .iter()
            .map(|line| self.at(&line.usd, volume) * if line.priced { factor } else { 1.0 })
            .collect()
    }

    /// Column of the quantiles that is nearest to a volume: the simulated volume at or below it, or the lowest.
    pub(super) fn nearest(&self, volume: f64) -> usize {
        self.volumes
            .iter()
            .filter(|known| **known <= volume)
            .count()
            .clamp(2, self.volumes.len().max(2))
            - 1
    }

    /// Chance that the bill is over an amount, from the quantiles.
    pub(super) fn over(&self, bill: &Bill, volume: f64, cost: f64, budget: f64) -> f64 {
        let column = self.nearest(volume);
        let quantiles = bill
            .quantiles
            .get(column)
            .map(Vec::as_slice)
            .unwrap_or_default();
        let mean: f64 = bill
            .lines
            .iter()
            .map(|line| line.usd.get(column).copied().unwrap_or(0.0))
            .sum();
        let scaled = budget * mean / cost;
        let (Some(first), Some(last)) = (quantiles.first(), quantiles.last()) else {
            return f64::NAN;
        };
        if scaled >= *last {
            return 0.0;
        }
        if scaled < *first {
            return 1.0;
        }
        // The rank of a value among the quantiles, interpolated: PERCENTRANK.
        let below = quantiles
            .iter()
            .filter(|known| **known <= scaled)
            .count()
            .saturating_sub(1);
        let at = |index: usize| quantiles.get(index).copied().unwrap_or(*last);
        let width = at(below + 1) - at(below);
        let part = if width > 0.0 {
            (scaled - at(below)) / width
        } else {
            0.0
        };
        1.0 - (below as f64 + part) / (quantiles.len().saturating_sub(1)) as f64
    }
}

fn bill(study: &Study, name: &str, volumes: &[f64]) -> Option<Bill> {
    let cells: Vec<_> = volumes
        .iter()
        .map(|volume| super::super::build::cell_of(study, name, *volume))
        .collect::<Option<_>>()?;
    let read = |read: &dyn Fn(&crate::study::Cell) -> f64, at_nothing: f64| -> Vec<f64> {
        let mut list = vec![at_nothing];
        list.extend(
            cells
                .iter()
                .map(|cell| read(cell))
                .map(|number| if number.is_finite() { number } else { 0.0 }),
        );
        list
    };
    let mean = |metric: &str| {
        let metric = metric.to_owned();
        move |cell: &crate::study::Cell| cell.metrics.get(&metric).map_or(0.0, |metric| metric.mean)
    };
    let total = |pick: fn(&crate::study::Metric) -> f64| {
        move |cell: &crate::study::Cell| cell.metrics.get("cost.total").map_or(0.0, pick)
    };
    let lowest = |metric: &str| cells.first().map_or(0.0, |cell| mean(metric)(cell));
    let lines: Vec<Line> = LINES
        .iter()
        .map(|(metric, word)| Line {
            word,
            priced: PRICED.contains(metric),
            usd: read(
                &mean(metric),
                if MONTHLY.contains(metric) {
                    lowest(metric)
                } else {
                    0.0
                },
            ),
        })
        .collect();
    let monthly: f64 = MONTHLY.iter().map(|metric| lowest(metric)).sum();
    let mut quantiles = vec![Vec::new()];
    for cell in &cells {
        let months = cell
            .by_month
            .get("cost.total")
            .map(Vec::as_slice)
            .unwrap_or_default();
        quantiles.push(
            (0..=100_u8)
                .map(|percent| quantile(months, f64::from(percent) / 100.0))
                .collect(),
        );
    }
    Some(Bill {
        name: name.to_owned(),
        lines,
        low: read(&total(|metric| metric.p05), monthly),
        high: read(&total(|metric| metric.p95), monthly),
        conversations: read(&mean("conversations"), 0.0),
        quantiles,
    })
}
