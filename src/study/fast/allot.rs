//! How many windows each stratum needs for a precision, from what the first ones have shown.
//!
//! The variance of a mean is Σ vₛ/nₛ with nₛ windows in stratum s, each of which takes the work cₛ. The least work that
//! makes it V is nₛ = √(vₛ/cₛ) · Σ √(vⱼ·cⱼ) / V (Cochran, "Sampling Techniques", 1977, section 5.5). Cells of a volume
//! share their windows, so a stratum gets what the most demanding metric of the most demanding cell asks for; a cell that
//! is sure enough is left out of those that are added.

use super::super::cell::Numbers;
use super::super::stopping::bounds;
use super::whole;
use crate::study::Precision;

/// Part of the accepted variance that windows may have; the rest is left to months.
pub const PART: f64 = 0.85;
/// What few windows say about their variance is vague, and looks are cheap: part of the windows that seem to be missing
/// which are added before the next look, and how far their number may grow until then.
const STEP: f64 = 0.45;
/// See [`STEP`].
const GROWTH: usize = 3;

/// The windows that each stratum should have for a cell to be sure enough, given what one takes; `None` if it is.
/// `strata` says in which stratum each window lies, of which the cell was simulated in the first `seen`.
pub fn allot(
    cell: &Numbers,
    strata: &[usize],
    seen: usize,
    efforts: &[f64],
    precision: &Precision,
) -> Option<Vec<usize>> {
    let mut known = vec![0_usize; efforts.len()];
    for stratum in strata.iter().take(seen) {
        if let Some(known) = known.get_mut(*stratum) {
            *known += 1;
        }
    }
    let mut wanted = None;
    for (metric, bound) in bounds(cell, precision) {
        let mut variances = vec![0.0; efforts.len()];
        // A row for each window, then two for each stratum.
        let by_stratum = (0..2).flat_map(|_| 0..efforts.len());
        let places = strata.iter().copied().chain(by_stratum);
        for (row, stratum) in cell.influence.iter().zip(places) {
            if let (Some(variance), Some(moved)) = (variances.get_mut(stratum), row.get(metric)) {
                *variance += moved * moved;
            }
        }
        let unit: Vec<f64> = variances
            .iter()
            .zip(&known)
            .map(|(variance, known)| variance * *known as f64)
            .collect();
        let work: f64 = unit.iter().zip(efforts).map(|(v, c)| (v * c).sqrt()).sum();
        let accepted = PART * bound * bound;
        if variances.iter().sum::<f64>() <= accepted {
            continue;
        }
        let wanted = wanted.get_or_insert_with(|| known.clone());
        for ((wanted, unit), (effort, known)) in
            wanted.iter_mut().zip(&unit).zip(efforts.iter().zip(&known))
        {
            let number = (unit / effort.max(1.0)).sqrt() * work / accepted.max(1e-300);
            let missing = (number - *known as f64).max(0.0);
            let most = (*known).max(1) * GROWTH;
            *wanted = (*wanted).max((known + whole((STEP * missing).ceil())).min(most));
        }
    }
    wanted
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A cell whose cost is 100 and whose windows move it so much.
    fn cell(influence: &[f64]) -> Numbers {
        Numbers {
            names: vec!["cost.total".to_owned()],
            values: vec![vec![100.0; 8]],
            influence: influence.iter().map(|moved| vec![*moved]).collect(),
            ..Numbers::default()
        }
    }

    #[test]
    fn windows_go_where_they_lower_the_error_for_the_least_work() {
        // Two strata, two windows each; the rows of strata are empty. Accepted: 0.85 × 1 × 1.
        let numbers = cell(&[0.6, 0.6, 0.8, 0.8, 0.0, 0.0, 0.0, 0.0]);
        let windows = allot(
            &numbers,
            &[0, 0, 1, 1],
            4,
            &[1.0, 4.0],
            &Precision::default(),
        );
        // v = (1.44, 2.56), c = (1, 4): n = √(v/c) (√1.44 + √10.24) / 0.85 = (1.2, 0.8) × 5.176 = (6.21, 4.14); of what
        // is missing, 0.45 now, rounded up.
        assert_eq!(windows, Some(vec![4, 3]));
    }

    #[test]
    fn a_cell_that_is_sure_enough_asks_for_nothing() {
        let numbers = cell(&[0.3, 0.3, 0.0, 0.0]);
        let windows = allot(&numbers, &[0, 0], 2, &[10.0], &Precision::default());
        assert_eq!(windows, None);
    }

    #[test]
    fn a_stratum_grows_at_most_threefold_at_a_time() {
        let numbers = cell(&[30.0, 30.0, 0.0, 0.0]);
        let windows = allot(&numbers, &[0, 0], 2, &[10.0], &Precision::default());
        assert_eq!(windows, Some(vec![6]));
    }

    #[test]
    fn a_cell_that_was_left_out_asks_by_the_windows_it_has_seen() {
        // Of three windows it was simulated in two; the third has moved nothing.
        let numbers = cell(&[0.8, 0.8, 0.0, 0.0, 0.0]);
        let windows = allot(&numbers, &[0, 0, 0], 2, &[10.0], &Precision::default());
        // v = 2.56, n = 2.56 / 0.85 = 3.01: of the missing 1.01, 0.45 now, rounded up.
        assert_eq!(windows, Some(vec![3]));
    }
}
