//! A strategy's bill as a function of volume and date, pair of months by pair.

use crate::analysis::steps::{Steps, mean_se};
use crate::model::{Model, Pricing};
use crate::study::{ByMonth, Plan};

use super::{ForecastPlan, Months};

/// Neighbouring volumes are at most so far apart.
const RATIO: f64 = 2.0;
/// Volumes at most.
const MOST: i32 = 7;
/// Months of a first look at every period, where there are several.
const LOOK: u32 = 16;
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
    /// What the windows of the fast estimator add to the error of the mean, relative: of the bill, and of its difference
    /// from the first strategy's.
    windows: (f64, f64),
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
/// If it is stopped, curves have fewer pairs of months; `None` if there is a period without any.
pub(super) fn simulate(
    months: &Months,
    plan: &ForecastPlan,
    ranges: &[(f64, f64)],
    steps: &Steps<'_>,
) -> Option<Cells> {
    let periods = periods(months);
    let count = periods.last().map_or(0, |last| last + 1);
    // Several periods are all looked at before one is known well: half of a year is no answer.
    let looks: Vec<u32> = if count > 1 && plan.months > LOOK {
        vec![LOOK, plan.months]
    } else {
        vec![plan.months]
    };
    steps.expect(count * looks.len());
    let mut curves: Vec<Option<Vec<Curve>>> = vec![None; count];
    let mut estimator = String::new();
    for look in looks {
        for (period, known) in curves.iter_mut().enumerate() {
            let first = periods.iter().position(|it| *it == period)?;
            let model = months.models.get(first)?;
            let mut study = Plan::of(model);
            study.strategies.clone_from(&plan.strategies);
            study.volumes = volumes(&periods, ranges, period);
            study.months = look;
            study.seed = plan.seed;
            study.threads = plan.threads;
            study.estimator = plan.estimator;
            let Some(outcome) = steps.so_far(model, &study, count == 1) else {
                break;
            };
            estimator.clone_from(&outcome.study.estimator);
            let count = study.volumes.len();
            let first = outcome.by_month.get(..count)?;
            let curve = |cells: &[ByMonth]| Curve {
                nodes: cells
                    .iter()
                    .zip(first)
                    .map(|(it, first)| node(it, first))
                    .collect(),
            };
            *known = Some(outcome.by_month.chunks(count).map(curve).collect());
        }
        if curves.iter().all(Option::is_some) {
            steps.answered();
        }
    }
    Some(Cells {
        periods,
        curves: curves.into_iter().collect::<Option<_>>()?,
        estimator,
    })
}

impl Cells {
    /// Pairs of months that every curve has.
    pub(super) fn pairs(&self) -> usize {
        let all = self.curves.iter().flatten().map(Curve::pairs);
        all.min().unwrap_or(0)
    }
}

/// The volumes to simulate for a period.
fn volumes(periods: &[usize], ranges: &[(f64, f64)], period: usize) -> Vec<f64> {
    let inside = periods
        .iter()
        .zip(ranges)
        .filter(|(it, _)| **it == period)
        .map(|(_, range)| *range);
    let (low, high) = inside.fold((f64::INFINITY, 0.0_f64), |(low, high), range| {
        (low.min(range.0), high.max(range.1))
    });
    grid(low, high)
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

fn node(cell: &ByMonth, first: &ByMonth) -> Node {
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
    let relative = |usd: f64| {
        if mean(total) > 0.0 {
            usd / mean(total)
        } else {
            0.0
        }
    };
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
        windows: (
            relative(cell.window_se("cost.total")),
            relative(apart(cell, first)),
        ),
    }
}

/// What windows add to the error of a difference from the first strategy, in US dollars.
fn apart(cell: &ByMonth, first: &ByMonth) -> f64 {
    let Some((_, both)) = cell.difference(first, "cost.total") else {
        return 0.0;
    };
    let bills = [cell, first].map(|it| it.of("cost.total").unwrap_or_default());
    let months: Vec<f64> = bills[0].iter().zip(bills[1]).map(|(a, b)| a - b).collect();
    let pairs: Vec<f64> = months
        .chunks(2)
        .map(|pair| pair.iter().sum::<f64>() / pair.len() as f64)
        .collect();
    let (_, alone) = mean_se(&pairs);
    let square = both * both - alone * alone;
    if square > 0.0 { square.sqrt() } else { 0.0 }
}

impl Curve {
    /// Pairs of months that were simulated.
    fn pairs(&self) -> usize {
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

    /// What windows add to the error of a mean bill at a volume, relative: of the bill, and of its difference from the
    /// first strategy's. Of the two volumes around it the larger.
    pub(super) fn windows(&self, volume: f64) -> (f64, f64) {
        let at = |node: &Node| node.windows;
        self.around(volume).map_or_else(
            || self.nodes.first().map_or((0.0, 0.0), at),
            |(low, high)| {
                let (a, b) = (at(low), at(high));
                (a.0.max(b.0), a.1.max(b.1))
            },
        )
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
            windows: (0.0, 0.0),
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
