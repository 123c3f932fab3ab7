//! What was seen of a setting, and what can be said from so many months.

use std::collections::BTreeMap;

use crate::analysis::steps::mean_se;

/// What was seen of one setting: values by month, in the order in which months were added.
#[derive(Debug, Clone, Default)]
pub(super) struct Seen {
    pub(super) cost: Vec<f64>,
    pub(super) p95: Vec<f64>,
    pub(super) failed: Vec<f64>,
    pub(super) canned: Vec<f64>,
    /// By requirement: the value in each month over its limit.
    pub(super) ratios: Vec<Vec<f64>>,
    pub(super) reasons: BTreeMap<String, f64>,
}

impl Seen {
    /// Adds later months.
    pub(super) fn add(&mut self, more: Self) {
        let (before, after) = (self.cost.len() as f64, more.cost.len() as f64);
        self.cost.extend(more.cost);
        self.p95.extend(more.p95);
        self.failed.extend(more.failed);
        self.canned.extend(more.canned);
        for (ratios, more) in self.ratios.iter_mut().zip(more.ratios) {
            ratios.extend(more);
        }
        for (name, share) in &mut self.reasons {
            let other = more.reasons.get(name).copied().unwrap_or(0.0);
            *share = (*share * before + other * after) / (before + after);
        }
    }
}

/// Share of months that hold; undefined months hold what they can.
pub(super) fn held(ratios: &[f64]) -> f64 {
    let broken = ratios.iter().filter(|ratio| **ratio > 1.0).count();
    1.0 - broken as f64 / ratios.len().max(1) as f64
}

/// The ratio that a share of the months stays within.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a rank below the number of months"
)]
pub(super) fn reached(ratios: &[f64], confidence: f64) -> f64 {
    let mut sorted: Vec<f64> = ratios.iter().copied().filter(|it| !it.is_nan()).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let rank = (confidence * sorted.len() as f64 - 1e-9).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or(0.0)
}

/// Mean of `a − b` over the months that both have and define, with its error over pairs.
pub(super) fn paired(a: &[f64], b: &[f64]) -> (f64, f64) {
    let differences: Vec<f64> = a.iter().zip(b).map(|(a, b)| a - b).collect();
    let pairs: Vec<f64> = differences
        .chunks(2)
        .map(|pair| pair.iter().sum::<f64>() / pair.len() as f64)
        .filter(|it| it.is_finite())
        .collect();
    mean_se(&pairs)
}

/// Wilson's interval of a share.
pub(super) fn wilson(share: f64, count: f64, z: f64) -> (f64, f64) {
    let square = z * z / count;
    let middle = (share + square * 0.5) / (1.0 + square);
    let half = z * (share * (1.0 - share) / count + square / (4.0 * count)).sqrt() / (1.0 + square);
    ((middle - half).max(0.0), (middle + half).min(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wilson_is_as_in_the_textbook() {
        // 81 of 263 (Newcombe 1998, table I): 0.2553 to 0.3662.
        let (low, high) = wilson(81.0 / 263.0, 263.0, 1.959_964);
        assert!((low - 0.2553).abs() < 1e-4 && (high - 0.3662).abs() < 1e-4);
    }

    #[test]
    fn the_value_that_enough_months_stay_within_is_an_order_statistic() {
        let ratios: Vec<f64> = (1..=20).map(f64::from).collect();
        assert_eq!(reached(&ratios, 0.95), 19.0);
        assert_eq!(reached(&ratios, 1.0), 20.0);
        assert_eq!(reached(&[0.5, f64::NAN], 0.95), 0.5);
    }
}
