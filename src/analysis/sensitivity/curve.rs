//! A month's mean as a function of one fact, from three runs.

use crate::quantity::Law;

/// Points of a law that integrals over it are taken at.
pub(super) const NODES: usize = 200;

/// A fact where it was pinned, and what it was in the free run.
#[derive(Debug, Clone)]
pub(super) struct Ends {
    /// 5% and 95% quantile.
    pub(super) low: f64,
    pub(super) high: f64,
    /// Its number in every pair of months of the free run.
    pub(super) drawn: Vec<f64>,
    /// Quantiles at the middles of [`NODES`] equal slices.
    pub(super) nodes: Vec<f64>,
}

impl Ends {
    pub(super) fn new(law: &Law, drawn: Vec<f64>) -> Self {
        Self {
            low: law.quantile(0.05),
            high: law.quantile(0.95),
            drawn,
            nodes: (0..NODES)
                .map(|node| law.quantile(probability(node)))
                .collect(),
        }
    }

    /// 0 at both ends, a parabola between, straight beyond.
    fn bend(&self, x: f64) -> f64 {
        let width = self.high - self.low;
        if x < self.low {
            (self.low - x) * width
        } else if x > self.high {
            (x - self.high) * width
        } else {
            (x - self.low) * (x - self.high)
        }
    }
}

/// The probability that a node stands for.
pub(super) fn probability(node: usize) -> f64 {
    (node as f64 + 0.5) / NODES as f64
}

/// A month's mean over a fact.
#[derive(Debug, Clone, Copy)]
pub(super) struct Curve {
    at_low: f64,
    slope: f64,
    bend: f64,
}

impl Curve {
    /// Through the means with the fact at its ends, averaging to the mean of the run in which it varied. One pair of
    /// months may be left out, for a jackknife.
    pub(super) fn through(
        ends: &Ends,
        low: &[f64],
        free: &[f64],
        high: &[f64],
        without: Option<usize>,
    ) -> Self {
        let mean = |values: &[f64]| mean_without(values, without);
        let (at_low, at_high) = (mean(low), mean(high));
        let width = ends.high - ends.low;
        let slope = if width > 0.0 {
            (at_high - at_low) / width
        } else {
            0.0
        };
        let straight: Vec<f64> = ends
            .drawn
            .iter()
            .map(|x| at_low + slope * (x - ends.low))
            .collect();
        let bends: Vec<f64> = ends.drawn.iter().map(|x| ends.bend(*x)).collect();
        let bending = mean(&bends);
        let bend = if bending.abs() > 1e-3 * width * width {
            (mean(free) - mean(&straight)) / bending
        } else {
            0.0
        };
        // More bend than that would turn the curve round inside its ends, which three noisy means cannot show.
        let most = if width > 0.0 {
            (slope / width).abs()
        } else {
            0.0
        };
        Self {
            at_low,
            slope,
            bend: if bend.is_finite() {
                bend.clamp(-most, most)
            } else {
                0.0
            },
        }
    }

    pub(super) fn at(&self, ends: &Ends, x: f64) -> f64 {
        self.at_low + self.slope * (x - ends.low) + self.bend * ends.bend(x)
    }

    /// Variance over the fact's law.
    pub(super) fn variance(&self, ends: &Ends) -> f64 {
        let values: Vec<f64> = ends.nodes.iter().map(|x| self.at(ends, *x)).collect();
        let count = values.len() as f64;
        let mean = values.iter().sum::<f64>() / count;
        values
            .iter()
            .map(|value| (value - mean) * (value - mean))
            .sum::<f64>()
            / count
    }
}

/// Mean of all but one.
pub(super) fn mean_without(values: &[f64], without: Option<usize>) -> f64 {
    let sum: f64 = values.iter().sum();
    match without.and_then(|index| values.get(index)) {
        Some(left_out) => (sum - left_out) / (values.len() as f64 - 1.0),
        None => sum / values.len() as f64,
    }
}

/// A statistic and its jackknife error over pairs of months.
pub(super) fn jackknife(pairs: usize, statistic: impl Fn(Option<usize>) -> f64) -> (f64, f64) {
    let whole = statistic(None);
    if pairs < 3 {
        return (whole, f64::NAN);
    }
    let parts: Vec<f64> = (0..pairs).map(|pair| statistic(Some(pair))).collect();
    let count = pairs as f64;
    let mean = parts.iter().sum::<f64>() / count;
    let squares: f64 = parts.iter().map(|part| (part - mean) * (part - mean)).sum();
    (whole, (squares * (count - 1.0) / count).sqrt())
}

/// Spearman's rank correlation, ties at their mean rank.
pub(super) fn rank_correlation(a: &[f64], b: &[f64]) -> f64 {
    let (a, b) = (ranks(a), ranks(b));
    let mean = (a.len() as f64 - 1.0) * 0.5;
    let (mut both, mut of_a, mut of_b) = (0.0, 0.0, 0.0);
    for (x, y) in a.iter().zip(&b) {
        both += (x - mean) * (y - mean);
        of_a += (x - mean) * (x - mean);
        of_b += (y - mean) * (y - mean);
    }
    both / (of_a * of_b).sqrt()
}

fn ranks(values: &[f64]) -> Vec<f64> {
    values
        .iter()
        .map(|value| {
            let below = values.iter().filter(|other| *other < value).count();
            let same = values.iter().filter(|other| *other == value).count();
            below as f64 + (same as f64 - 1.0) * 0.5
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quantity::{Quantity, Shape};

    fn uniform() -> Law {
        let end = |x| Box::new(Quantity::exact(x));
        Quantity::of(Shape::Uniform {
            low: end(0.0),
            high: end(1.0),
        })
        .law(&mut |_| f64::NAN)
        .unwrap()
    }

    #[test]
    fn a_straight_line_has_the_variance_of_its_law() {
        let ends = Ends::new(&uniform(), vec![0.25, 0.75]);
        let curve = Curve::through(
            &ends,
            &[3.0 * 0.05; 2],
            &[0.75, 2.25],
            &[3.0 * 0.95; 2],
            None,
        );
        assert!((curve.variance(&ends) - 9.0 / 12.0).abs() < 1e-4);
    }

    #[test]
    fn a_parabola_is_found_from_the_run_in_which_the_fact_varied() {
        // Of 2x + x², drawn on a fine grid; its variance on 0..1 is 4/12 + 2·2·(1/4 − 1/6) + 4/45.
        let f = |x: f64| 2.0 * x + x * x;
        let drawn: Vec<f64> = (0..100).map(|i| (f64::from(i) + 0.5) / 100.0).collect();
        let free: Vec<f64> = drawn.iter().map(|x| f(*x)).collect();
        let ends = Ends::new(&uniform(), drawn);
        let curve = Curve::through(&ends, &[f(0.05); 100], &free, &[f(0.95); 100], None);
        let expected = 4.0 / 12.0 + 4.0 * (1.0 / 4.0 - 1.0 / 6.0) + 4.0 / 45.0;
        assert!(
            (curve.variance(&ends) / expected - 1.0).abs() < 0.01,
            "{}",
            curve.variance(&ends)
        );
    }

    #[test]
    fn ranks_follow_order_and_not_size() {
        assert!((rank_correlation(&[1.0, 2.0, 30.0], &[5.0, 6.0, 7.0]) - 1.0).abs() < 1e-12);
        assert!((rank_correlation(&[1.0, 2.0, 3.0], &[3.0, 2.0, 1.0]) + 1.0).abs() < 1e-12);
    }
}
