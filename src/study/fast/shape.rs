//! Distributions of durations: pooled over all windows in fine bins, and of a month as shares of a few intervals.

use crate::engine::{BINS, bin_edge};

use super::super::totals::Shape;
use super::sums::Bins;

/// Shares of all durations between which intervals lie: dense where quantiles are asked for.
const LEVELS: [f64; 26] = [
    0.05, 0.1, 0.2, 0.3, 0.4, 0.45, 0.5, 0.55, 0.6, 0.7, 0.8, 0.85, 0.88, 0.9, 0.92, 0.94, 0.95,
    0.96, 0.97, 0.98, 0.985, 0.9875, 0.99, 0.9925, 0.995, 0.999,
];

/// Intervals of a [`Pooled`].
pub const INTERVALS: usize = LEVELS.len() + 1;

/// All durations together, and the intervals.
#[derive(Debug, Clone, PartialEq)]
pub struct Pooled {
    /// Share of durations up to and including each bin.
    cumulative: Vec<f64>,
    /// First bin past each interval but the last.
    ends: Vec<usize>,
    /// Share of durations up to the end of each interval.
    shares: Vec<f64>,
}

impl Pooled {
    /// From the histograms of windows, each with the weight of one of its durations.
    pub fn new<'a>(windows: impl Iterator<Item = (&'a Bins, f64)>) -> Self {
        let mut cumulative = vec![0.0; BINS];
        for (bins, weight) in windows {
            for (index, count) in bins {
                if let Some(sum) = cumulative.get_mut(*index as usize) {
                    *sum += f64::from(*count) * weight;
                }
            }
        }
        let mut sum = 0.0;
        for share in &mut cumulative {
            sum += *share;
            *share = sum;
        }
        if sum > 0.0 {
            for share in &mut cumulative {
                *share /= sum;
            }
        }
        let ends: Vec<usize> = LEVELS
            .iter()
            .map(|level| {
                let bin = cumulative.partition_point(|share| share < level);
                (bin + 1).min(BINS)
            })
            .collect();
        let mut shares: Vec<f64> = ends
            .iter()
            .map(|end| cumulative.get(end - 1).copied().unwrap_or(1.0))
            .collect();
        shares.push(1.0);
        Self {
            cumulative,
            ends,
            shares,
        }
    }

    /// Share of all durations up to and including a bin.
    pub fn share(&self, bin: usize) -> f64 {
        self.cumulative.get(bin).copied().unwrap_or(1.0)
    }

    /// The interval of a bin.
    pub fn interval(&self, bin: usize) -> usize {
        self.ends.partition_point(|end| *end <= bin)
    }

    /// How many of a window's durations lie in each interval.
    pub fn counts(&self, bins: &Bins) -> [f64; INTERVALS] {
        let mut counts = [0.0; INTERVALS];
        for (index, count) in bins {
            if let Some(sum) = counts.get_mut(self.interval(*index as usize)) {
                *sum += f64::from(*count);
            }
        }
        counts
    }

    /// The duration that this share of all does not exceed.
    pub fn quantile(&self, share: f64) -> f64 {
        let bin = self.cumulative.partition_point(|up_to| *up_to < share);
        let bin = bin.min(BINS - 1);
        let up_to = self.cumulative.get(bin).copied().unwrap_or(1.0);
        let below = match bin.checked_sub(1) {
            Some(before) => self.cumulative.get(before).copied().unwrap_or(0.0),
            None => 0.0,
        };
        let (low, high) = (bin_edge(bin), bin_edge(bin + 1));
        if up_to > below {
            low + (high - low) * ((share - below) / (up_to - below)).clamp(0.0, 1.0)
        } else {
            low
        }
    }
}

/// A month's durations: how many in each interval of the pooled ones.
#[derive(Debug, Clone, Copy)]
pub struct Mixture<'a> {
    /// All of them.
    pub pooled: &'a Pooled,
    /// How many in each interval.
    pub counts: &'a [f64],
}

impl Shape for Mixture<'_> {
    fn quantile(&self, p: f64) -> f64 {
        let total = self.total();
        if total <= 0.0 {
            return f64::NAN;
        }
        let target = p * total;
        let (mut below, mut start) = (0.0, 0.0);
        for (count, share) in self.counts.iter().zip(&self.pooled.shares) {
            if *count > 0.0 && below + count >= target {
                let inside = ((target - below) / count).clamp(0.0, 1.0);
                return self.pooled.quantile(start + (share - start) * inside);
            }
            below += count;
            start = *share;
        }
        self.pooled.quantile(1.0)
    }

    fn within(&self, _: f64) -> f64 {
        f64::NAN
    }

    fn total(&self) -> f64 {
        self.counts.iter().sum()
    }
}

/// Answers within the limits that were asked for.
#[derive(Debug, Clone, Copy)]
pub struct Within<'a> {
    /// The limits in seconds.
    pub limits: &'a [f64],
    /// How many within each.
    pub counts: &'a [f64],
}

impl Shape for Within<'_> {
    fn quantile(&self, _: f64) -> f64 {
        f64::NAN
    }

    fn within(&self, limit: f64) -> f64 {
        self.limits
            .iter()
            .position(|known| *known == limit)
            .and_then(|place| self.counts.get(place))
            .copied()
            .unwrap_or(f64::NAN)
    }

    fn total(&self) -> f64 {
        f64::NAN
    }
}
