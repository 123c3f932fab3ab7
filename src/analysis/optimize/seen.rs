//! What was seen of a setting, and what can be said from so many months.

use std::collections::BTreeMap;

use crate::analysis::steps::mean_se;

/// A number by month, in the order in which months were added, and how wrong its mean may be.
#[derive(Debug, Clone, Default)]
pub(super) struct Track {
    pub(super) months: Vec<f64>,
    /// By stage: its months, and how far each window that was simulated for them may have moved their mean.
    stages: Vec<(usize, Vec<f64>)>,
}

impl Track {
    pub(super) fn new(months: Vec<f64>, strays: Vec<f64>) -> Self {
        Self {
            stages: vec![(months.len(), strays)],
            months,
        }
    }

    /// Adds a later stage.
    fn add(&mut self, more: Self) {
        self.months.extend(more.months);
        self.stages.extend(more.stages);
    }

    /// Its mean, with the error of months and windows.
    pub(super) fn mean_se(&self) -> (f64, f64) {
        let (mean, se) = over_pairs(&self.months);
        (mean, se.hypot(self.window_se()))
    }

    /// What windows add to the error of the mean.
    pub(super) fn window_se(&self) -> f64 {
        self.window_se_against(&Self::default())
    }

    /// Mean of this less another over the months that both have and define, with its error: months are paired, and so
    /// are windows.
    pub(super) fn less(&self, other: &Self) -> (f64, f64) {
        let differences: Vec<f64> = self
            .months
            .iter()
            .zip(&other.months)
            .map(|(a, b)| a - b)
            .collect();
        let (mean, se) = over_pairs(&differences);
        (mean, se.hypot(self.window_se_against(other)))
    }

    fn window_se_against(&self, other: &Self) -> f64 {
        let alone = other.stages.is_empty();
        let shared = if alone {
            self.stages.len()
        } else {
            self.stages.len().min(other.stages.len())
        };
        let total: usize = self.stages.iter().take(shared).map(|it| it.0).sum();
        let none = (0, Vec::new());
        let squares = self
            .stages
            .iter()
            .take(shared)
            .enumerate()
            .map(|(place, stage)| {
                let there = other.stages.get(place).unwrap_or(&none);
                let of = |list: &[f64]| list.iter().map(|it| it * it).sum::<f64>();
                let moved = if stage.1.len() == there.1.len() {
                    let both = stage.1.iter().zip(&there.1);
                    both.map(|(a, b)| (a - b) * (a - b)).sum()
                } else {
                    of(&stage.1) + of(&there.1)
                };
                let share = stage.0 as f64 / total as f64;
                share * share * moved
            });
        squares.sum::<f64>().sqrt()
    }
}

/// What was seen of one setting.
#[derive(Debug, Clone, Default)]
pub(super) struct Seen {
    pub(super) cost: Track,
    pub(super) p95: Track,
    pub(super) failed: Track,
    pub(super) canned: Vec<f64>,
    /// By requirement: the value in each month over its limit.
    pub(super) ratios: Vec<Track>,
    pub(super) reasons: BTreeMap<String, f64>,
}

impl Seen {
    /// Months behind it.
    pub(super) fn count(&self) -> usize {
        self.cost.months.len()
    }

    /// Adds later months.
    pub(super) fn add(&mut self, more: Self) {
        let (before, after) = (self.count() as f64, more.count() as f64);
        self.cost.add(more.cost);
        self.p95.add(more.p95);
        self.failed.add(more.failed);
        self.canned.extend(more.canned);
        for (ratios, more) in self.ratios.iter_mut().zip(more.ratios) {
            ratios.add(more);
        }
        for (name, share) in &mut self.reasons {
            let other = more.reasons.get(name).copied().unwrap_or(0.0);
            *share = (*share * before + other * after) / (before + after);
        }
    }
}

/// Mean and standard error over pairs of months that are defined.
pub(super) fn over_pairs(months: &[f64]) -> (f64, f64) {
    let pairs: Vec<f64> = months
        .chunks(2)
        .map(|pair| pair.iter().sum::<f64>() / pair.len() as f64)
        .filter(|it| it.is_finite())
        .collect();
    mean_se(&pairs)
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
    fn what_two_settings_share_of_a_window_is_no_error_of_their_difference() {
        let mut a = Track::new(vec![5.0; 4], vec![0.3, 0.4]);
        let mut b = Track::new(vec![4.0; 4], vec![0.3, 0.1]);
        assert!((a.mean_se().1 - 0.5).abs() < 1e-12);
        let (mean, se) = a.less(&b);
        assert!((mean - 1.0).abs() < 1e-12 && (se - 0.3).abs() < 1e-12);
        // Twelve more months from windows of their own: the first four count for a quarter.
        a.add(Track::new(vec![5.0; 12], vec![0.4]));
        assert!((a.mean_se().1 - (0.125_f64).hypot(0.3)).abs() < 1e-12);
        // Only what both have is compared; other windows are independent.
        assert!((a.less(&b).1 - 0.3).abs() < 1e-12);
        b.add(Track::new(vec![4.0; 12], vec![0.3, 0.0]));
        assert!((a.less(&b).1 - (0.075_f64).hypot(0.375)).abs() < 1e-12);
    }

    #[test]
    fn the_value_that_enough_months_stay_within_is_an_order_statistic() {
        let ratios: Vec<f64> = (1..=20).map(f64::from).collect();
        assert_eq!(reached(&ratios, 0.95), 19.0);
        assert_eq!(reached(&ratios, 1.0), 20.0);
        assert_eq!(reached(&[0.5, f64::NAN], 0.95), 0.5);
    }
}
