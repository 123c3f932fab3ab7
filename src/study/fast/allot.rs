//! How many windows each stratum needs for a precision, from what the first ones have shown.
//!
//! The variance of a mean is Σ vₛ/nₛ with nₛ windows in stratum s, each of which takes the work cₛ. The least work that
//! makes it V is nₛ = √(vₛ/cₛ) · Σ √(vⱼ·cⱼ) / V (Cochran, "Sampling Techniques", 1977, section 5.5). Cells of a volume
//! share their windows, so a stratum gets what the most demanding metric of the most demanding cell asks for.

use super::super::cell::Numbers;
use super::super::stopping::bounds;
use crate::study::Precision;

/// Part of the accepted variance that windows may have; the rest is left to months.
pub const PART: f64 = 0.75;
/// How far the number of windows may grow from one look to the next, since what few windows say is vague.
const GROWTH: usize = 3;

/// The windows that each stratum should have, given how many it has and what one takes, and the cells they were
/// simulated in. `strata` says in which stratum each window lies.
pub fn allot(
    cells: &[&Numbers],
    strata: &[usize],
    efforts: &[f64],
    precision: &Precision,
) -> Vec<usize> {
    let mut known = vec![0_usize; efforts.len()];
    for stratum in strata {
        if let Some(known) = known.get_mut(*stratum) {
            *known += 1;
        }
    }
    let mut wanted = known.clone();
    for cell in cells {
        for (metric, bound) in bounds(cell, precision) {
            let mut variances = vec![0.0; efforts.len()];
            // A row for each window, then two for each stratum.
            let by_stratum = (0..2).flat_map(|_| 0..efforts.len());
            let places = strata.iter().copied().chain(by_stratum);
            for (row, stratum) in cell.influence.iter().zip(places) {
                if let (Some(variance), Some(moved)) = (variances.get_mut(stratum), row.get(metric))
                {
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
            for ((wanted, unit), (effort, known)) in
                wanted.iter_mut().zip(&unit).zip(efforts.iter().zip(&known))
            {
                let number = (unit / effort.max(1.0)).sqrt() * work / accepted.max(1e-300);
                let most = (*known).max(1) * GROWTH;
                *wanted = (*wanted).max(whole(number.ceil()).min(most));
            }
        }
    }
    wanted
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "saturates, and is bounded afterwards"
)]
fn whole(number: f64) -> usize {
    number.max(0.0) as usize
}
