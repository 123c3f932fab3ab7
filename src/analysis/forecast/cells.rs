//! A strategy's bill as a function of volume and date, pair of months by pair.

use crate::analysis::steps::Steps;
use crate::model::{Model, Pricing};
use crate::study::{ByMonth, Plan};

use super::{ForecastPlan, Months};

/// Neighbouring volumes are at most so far apart.
const RATIO: f64 = 2.0;
/// Volumes at most.
const MOST: i32 = 7;
/// Lines of the bill that follow token prices.
const TOKENS: [&str; 8] = [
    "input",
    "cached_input",
    "cache_write",
    "output",
    "reasoning",
    "wasted",
    "evals",
    "router",
];

/// Bills at one volume.
#[derive(Debug, Clone)]
struct Node {
    volume: f64,
    /// US dollars, mean of each pair of months: for tokens, and for everything else.
    pairs: Vec<(f64, f64)>,
    /// Half the difference inside each pair over its mean: what chance does.
    chance: Vec<f64>,
}

/// One strategy in one period of constant prices.
#[derive(Debug, Clone)]
pub(super) struct Curve {
    nodes: Vec<Node>,
}

/// All strategies in all periods.
pub(super) struct Cells {
    /// By month, which period it lies in.
    pub(super) periods: Vec<usize>,
    /// By period, then by strategy.
    pub(super) curves: Vec<Vec<Curve>>,
    pub(super) estimator: String,
}

/// Periods of equal prices: the first month of each.
pub(super) fn periods(months: &Months) -> Vec<usize> {
    let prices = |model: &Model| -> Vec<Pricing> {
        model.models.iter().map(|it| it.price.clone()).collect()
    };
    let mut list = Vec::new();
    let mut period = 0;
    let mut before: Option<Vec<Pricing>> = None;
    for model in &months.models {
        let here = prices(model);
        if before.as_ref().is_some_and(|before| *before != here) {
            period += 1;
        }
        before = Some(here);
        list.push(period);
    }
    list
}

/// Simulates every strategy at volumes that cover each period's. `ranges` holds the smallest and largest volume by month.
pub(super) fn simulate(
    months: &Months,
    plan: &ForecastPlan,
    ranges: &[(f64, f64)],
    steps: &Steps<'_>,
) -> Option<Cells> {
    let periods = periods(months);
    let count = periods.last().map_or(0, |last| last + 1);
    steps.expect(count);
    let mut curves = Vec::new();
    let mut estimator = String::new();
    for period in 0..count {
        let first = periods.iter().position(|it| *it == period)?;
        let model = months.models.get(first)?;
        let inside = periods
            .iter()
            .zip(ranges)
            .filter(|(it, _)| **it == period)
            .map(|(_, range)| *range);
        let (low, high) = inside.fold((f64::INFINITY, 0.0_f64), |(low, high), range| {
            (low.min(range.0), high.max(range.1))
        });
        let mut study = Plan::of(model);
        study.strategies.clone_from(&plan.strategies);
        study.volumes = grid(low, high);
        study.months = plan.months;
        study.seed = plan.seed;
        study.threads = plan.threads;
        study.estimator = plan.estimator;
        let outcome = steps.study(model, &study)?;
        estimator.clone_from(&outcome.study.estimator);
        let by_strategy = outcome.by_month.chunks(study.volumes.len());
        curves.push(
            by_strategy
                .map(|cells| Curve {
                    nodes: cells.iter().map(node).collect(),
                })
                .collect(),
        );
    }
    Some(Cells {
        periods,
        curves,
        estimator,
    })
}

/// Volumes from one to the other, evenly in logarithms.
fn grid(low: f64, high: f64) -> Vec<f64> {
    let span = libm::log(high / low);
    if span.is_nan() || span < 1e-9 {
        return vec![low];
    }
    let mut steps = 1;
    while span / f64::from(steps) > libm::log(RATIO) && steps < MOST - 1 {
        steps += 1;
    }
    (0..=steps)
        .map(|step| low * libm::exp(span * f64::from(step) / f64::from(steps)))
        .collect()
}

fn node(cell: &ByMonth) -> Node {
    let total = cell.of("cost.total").unwrap_or_default();
    let tokens: Vec<f64> = (0..total.len())
        .map(|month| {
            let line = |name: &str| {
                cell.of(&format!("cost.{name}"))
                    .and_then(|it| it.get(month))
                    .copied()
                    .unwrap_or(0.0)
            };
            TOKENS.iter().map(|name| line(name)).sum()
        })
        .collect();
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    Node {
        volume: cell.volume,
        pairs: total
            .chunks(2)
            .zip(tokens.chunks(2))
            .map(|(total, tokens)| (mean(tokens), mean(total) - mean(tokens)))
            .collect(),
        chance: total
            .chunks_exact(2)
            .map(|pair| match pair {
                [a, b] if a + b > 0.0 => (a - b) / (a + b),
                _ => 0.0,
            })
            .collect(),
    }
}

impl Curve {
    /// Pairs of months that were simulated.
    pub(super) fn pairs(&self) -> usize {
        self.nodes.first().map_or(0, |node| node.pairs.len())
    }

    /// The bill of a pair's facts at a volume: for tokens, and for everything else.
    pub(super) fn bill(&self, pair: usize, volume: f64) -> (f64, f64) {
        let at = |node: &Node| {
            node.pairs
                .get(pair)
                .copied()
                .unwrap_or((f64::NAN, f64::NAN))
        };
        let Some((low, high)) = self.around(volume) else {
            return self.nodes.first().map_or((f64::NAN, f64::NAN), at);
        };
        let share = libm::log(volume / low.volume) / libm::log(high.volume / low.volume);
        let (from, to) = (at(low), at(high));
        (between(from.0, to.0, share), between(from.1, to.1, share))
    }

    /// What chance does to a month, relative: of another pair, at the nearest smaller volume.
    pub(super) fn chance(&self, pair: usize, volume: f64) -> f64 {
        let node = self
            .around(volume)
            .map_or(self.nodes.first(), |(low, _)| Some(low));
        node.and_then(|node| node.chance.get(pair))
            .copied()
            .unwrap_or(0.0)
    }

    /// Mean bill over the facts, at the volumes that were simulated.
    pub(super) fn means(&self) -> Vec<(f64, f64)> {
        self.nodes
            .iter()
            .map(|node| {
                let sum: f64 = node.pairs.iter().map(|(tokens, rest)| tokens + rest).sum();
                (node.volume, sum / node.pairs.len() as f64)
            })
            .collect()
    }

    fn around(&self, volume: f64) -> Option<(&Node, &Node)> {
        let inner = self
            .nodes
            .get(1..self.nodes.len().saturating_sub(1))
            .unwrap_or_default();
        let place = inner.iter().filter(|node| node.volume <= volume).count();
        Some((self.nodes.get(place)?, self.nodes.get(place + 1)?))
    }
}

/// Straight in logarithms where both are above 0, else straight.
fn between(from: f64, to: f64, share: f64) -> f64 {
    if from > 0.0 && to > 0.0 {
        from * libm::exp(share * libm::log(to / from))
    } else {
        from + (to - from) * share
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_power_of_the_volume_is_interpolated_exactly() {
        let node = |volume: f64| Node {
            volume,
            pairs: vec![(3.0 * volume, 50.0)],
            chance: vec![0.0],
        };
        let curve = Curve {
            nodes: vec![node(1.0), node(2.0), node(4.0)],
        };
        for volume in [1.0, 1.7, 3.3, 4.0] {
            let (tokens, rest) = curve.bill(0, volume);
            assert!((tokens - 3.0 * volume).abs() < 1e-9 && (rest - 50.0).abs() < 1e-9);
        }
    }

    #[test]
    fn volumes_double_at_most() {
        assert_eq!(grid(1.0, 1.0), [1.0]);
        let volumes = grid(0.5, 3.0);
        assert_eq!(volumes.len(), 4);
        assert!((volumes[3] - 3.0).abs() < 1e-9);
    }
}
