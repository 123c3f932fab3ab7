//! How the sums of windows depend on where the windows lie and on the facts of their months.
//!
//! A sum of window w in stratum s is modelled as expected conversations × rate of the stratum × exp(β·z), z being the
//! normal scores of the month's facts: quasi-Poisson regression with a log link (Wedderburn 1974). What is not there
//! must not spread months: what facts do to a sum other than to requests is cut by what chance explains of it (the
//! non-negative garrote: Breiman 1995), and rates of the bands of load are drawn together as far as they are no further
//! apart than chance would have them (random effects: `DerSimonian` and Laird 1986), while what they add up to stays as
//! it is. What a window had in luck that is known to average out ([`super::luck`]) serves as control variates
//! (Lavenberg and Welch 1981): the sums are regressed on it and read off where it is 0.

use super::luck::{FLAGS, KINDS, Luck, OVERLOAD};

/// What is known of a window before its sums.
#[derive(Debug, Clone, PartialEq)]
pub struct Design {
    /// Its stratum.
    pub stratum: usize,
    /// Conversations, or seconds, expected.
    pub exposure: f64,
    /// Scores of the facts.
    pub scores: Vec<f64>,
    /// Luck that averages out: relative deviations with mean 0.
    pub luck: Luck,
}

/// The fit of one sum.
#[derive(Debug, Clone, PartialEq)]
pub struct Fit {
    /// Per unit of exposure, by stratum, at the facts' medians and average luck.
    pub rates: Vec<f64>,
    /// Effect of a standard deviation of each fact, on the log.
    pub slopes: Vec<f64>,
    /// How many windows' worth of freedom went into slopes and gains.
    pub spent: f64,
    /// Effect of each kind of luck: relative, of overload and flags against [`Self::average`].
    pub gains: Luck,
    /// Per unit of exposure, over all windows.
    pub average: f64,
    /// Residuals: of windows as they were, and after their luck is allowed for.
    pub raw: Vec<f64>,
    /// See `raw`.
    pub lucky: Vec<f64>,
}

/// Standard deviation that is believed of a fact's effect before any data.
const PRIOR: f64 = 0.5;
/// Windows with something in them that a slope needs.
const ENOUGH: usize = 12;
/// What luck does to a sum if nothing else is known.
const USUAL_GAINS: Luck = [0.0, 1.0, 0.0, 0.0, 0.0, 0.0];

/// Fits one sum over all windows.
///
/// Facts and luck are told apart in two rounds: what luck did is taken out before the effects of facts are fitted again.
/// Slopes are drawn towards the `usual` ones. `share` is the exposure of a mean month by stratum, of which the first are
/// the `bands` of load.
pub fn fit(design: &[Design], sums: &[f64], usual: &[f64], share: &[f64], bands: usize) -> Fit {
    let strata = share.len();
    let facts = usual.len();
    let occupied = sums.iter().filter(|sum| **sum > 0.0).count();
    let (mut estimated, mut slopes) = (usual.to_vec(), usual.to_vec());
    let mut spent = 0.0;
    let mut adjusted = sums.to_vec();
    let mut gains = Luck::default();
    let exposure: f64 = design.iter().map(|window| window.exposure).sum();
    let average = sums.iter().sum::<f64>() / exposure.max(1e-300);
    let rounds = if occupied == 0 { 0 } else { 2 };
    for _ in 0..rounds {
        let mut rates = rates_at(design, &adjusted, strata, &estimated);
        if facts > 0 && occupied >= ENOUGH {
            let mut known = None;
            for _ in 0..3 {
                known = step(design, &adjusted, &rates, &mut estimated);
                rates = rates_at(design, &adjusted, strata, &estimated);
            }
            let own = less(&estimated, usual);
            let kept = garrote(
                &own,
                &known.map_or_else(Vec::new, |known| errors(&known, facts)),
            );
            spent = kept.iter().sum();
            slopes = usual.to_vec();
            for ((slope, own), kept) in slopes.iter_mut().zip(own).zip(&kept) {
                *slope += own * kept;
            }
            rates = rates_at(design, &adjusted, strata, &slopes);
        }
        let means = means(design, &rates, &slopes);
        let raw = less(sums, &means);
        let luck = luck_of(design, &means, average);
        gains = gains_of(design, &luck, &raw, &means, strata);
        for (((adjusted, sum), mean), luck) in adjusted.iter_mut().zip(sums).zip(&means).zip(&luck)
        {
            *adjusted = sum - mean * dot(&gains, luck);
        }
    }
    let plain = rates_at(design, sums, strata, &slopes);
    let means_as_seen = means(design, &plain, &slopes);
    let rates: Vec<f64> = rates_at(design, &adjusted, strata, &slopes)
        .iter()
        .zip(&plain)
        .map(|(rate, plain)| rate.max(0.1 * plain))
        .collect();
    let means = means(design, &rates, &slopes);
    let (mut raw, mut lucky) = (less(sums, &means_as_seen), less(&adjusted, &means));
    let rates = drawn_together(&rates, design, &means, &lucky, share, bands);
    steady(design, &means, strata, bands, &mut raw);
    steady(design, &means, strata, bands, &mut lucky);
    Fit {
        rates,
        slopes,
        spent: spent + gains.iter().filter(|gain| **gain != 0.0).count() as f64,
        gains,
        average,
        raw,
        lucky,
    }
}

fn less(sums: &[f64], means: &[f64]) -> Vec<f64> {
    sums.iter()
        .zip(means)
        .map(|(sum, mean)| sum - mean)
        .collect()
}

/// The factor that facts put on a sum.
pub fn effect(slopes: &[f64], scores: &[f64]) -> f64 {
    let sum: f64 = slopes
        .iter()
        .zip(scores)
        .map(|(slope, score)| slope * score)
        .sum();
    libm::exp(sum.clamp(-4.0, 4.0))
}

fn rates_at(design: &[Design], sums: &[f64], strata: usize, slopes: &[f64]) -> Vec<f64> {
    let (mut above, mut below) = (vec![0.0; strata], vec![0.0; strata]);
    for (window, sum) in design.iter().zip(sums) {
        if let (Some(above), Some(below)) =
            (above.get_mut(window.stratum), below.get_mut(window.stratum))
        {
            *above += sum;
            *below += window.exposure * effect(slopes, &window.scores);
        }
    }
    let all = above.iter().sum::<f64>() / below.iter().sum::<f64>().max(1e-300);
    above
        .iter()
        .zip(&below)
        // What was not looked at yet is taken for what was.
        .map(|(above, below)| if *below > 0.0 { above / below } else { all })
        .collect()
}

fn means(design: &[Design], rates: &[f64], slopes: &[f64]) -> Vec<f64> {
    design
        .iter()
        .map(|window| {
            rates.get(window.stratum).copied().unwrap_or(0.0)
                * window.exposure
                * effect(slopes, &window.scores)
        })
        .collect()
}

/// The share of each slope that chance does not explain, given its standard error. Of slopes that chance alone made, an
/// eighth of the variance is left; one that is six errors large loses 6%.
fn garrote(slopes: &[f64], errors: &[f64]) -> Vec<f64> {
    let share = |(slope, error): (&f64, &f64)| {
        let chance = 2.0 * error * error / (slope * slope).max(1e-300);
        (1.0 - chance).max(0.0)
    };
    slopes.iter().zip(errors).map(share).collect()
}

/// The rates, with those of the bands drawn together by the share of their differences that chance explains. A mean
/// month, of which `share` is the exposure, has as much as before.
fn drawn_together(
    rates: &[f64],
    design: &[Design],
    means: &[f64],
    lucky: &[f64],
    share: &[f64],
    bands: usize,
) -> Vec<f64> {
    // A variance that grows with the mean; then what windows know of each band.
    let mut looked = vec![0.0; bands];
    let (mut squares, mut expected, mut number) = (0.0, 0.0, 0.0);
    for ((window, mean), left) in design.iter().zip(means).zip(lucky) {
        if let Some(exposure) = looked.get_mut(window.stratum) {
            *exposure += window.exposure;
            squares += left * left;
            expected += mean;
            number += 1.0;
        }
    }
    let seen: Vec<usize> = (0..bands).filter(|band| at(&looked, *band) > 0.0).collect();
    let sum = |of: &dyn Fn(usize) -> f64| seen.iter().map(|band| of(*band)).sum::<f64>();
    let all = sum(&|band| at(share, band));
    let middle = sum(&|band| at(share, band) * at(rates, band)) / all;
    let free = number - seen.len() as f64;
    if seen.len() < 3 || free < 1.0 || squares <= 0.0 || middle.is_nan() || middle <= 0.0 {
        return rates.to_vec();
    }
    let spread = squares * number / free / expected * middle;
    let weight = |band: usize| at(&looked, band) / spread;
    let centre = sum(&|band| weight(band) * at(rates, band)) / sum(&weight);
    let apart = sum(&|band| weight(band) * (at(rates, band) - centre) * (at(rates, band) - centre));
    let room = sum(&weight) - sum(&|band| weight(band) * weight(band)) / sum(&weight);
    let between = ((apart - (seen.len() - 1) as f64) / room).max(0.0);
    let mut together = rates.to_vec();
    for band in &seen {
        if let Some(rate) = together.get_mut(*band) {
            let own = between / (between + 1.0 / weight(*band));
            *rate = middle + (*rate - middle) * own;
        }
    }
    let scale = middle * all / sum(&|band| at(share, band) * at(&together, band));
    for band in seen {
        if let Some(rate) = together.get_mut(band) {
            *rate *= scale;
        }
    }
    together
}

/// Standard errors, from what is known as [`step`] gives it.
fn errors(known: &[f64], facts: usize) -> Vec<f64> {
    let error = |fact: usize| {
        let mut unit = vec![0.0; facts];
        *unit.get_mut(fact)? = 1.0;
        let column = substituted(known, unit, facts)?;
        column.get(fact).map(|variance| variance.sqrt())
    };
    (0..facts).map_while(error).collect()
}

/// One step of Newton's method for the slopes. What is known of them there: their information matrix, as a factor; `None`
/// if nothing can be said.
fn step(design: &[Design], sums: &[f64], rates: &[f64], slopes: &mut [f64]) -> Option<Vec<f64>> {
    let facts = slopes.len();
    let means = means(design, rates, slopes);
    let spread: f64 = sums
        .iter()
        .zip(&means)
        .filter(|(_, mean)| **mean > 0.0)
        .map(|(sum, mean)| (sum - mean) * (sum - mean) / mean)
        .sum();
    let number = design.len() as f64;
    let known = (number - (facts + rates.len()) as f64).max(number * 0.25);
    let spread = (spread / known).max(1e-12);
    let mut matrix = vec![0.0; facts * facts];
    let mut vector = vec![0.0; facts];
    for ((window, sum), mean) in design.iter().zip(sums).zip(&means) {
        for (row, score) in window.scores.iter().enumerate() {
            if let Some(entry) = vector.get_mut(row) {
                *entry += score * (sum - mean) / spread;
            }
            for (column, other) in window.scores.iter().enumerate().take(row + 1) {
                if let Some(entry) = matrix.get_mut(row * facts + column) {
                    *entry += score * other * mean / spread;
                }
            }
        }
    }
    for (row, slope) in slopes.iter().enumerate() {
        if let Some(entry) = matrix.get_mut(row * facts + row) {
            *entry += 1.0 / (PRIOR * PRIOR);
        }
        if let Some(entry) = vector.get_mut(row) {
            *entry -= slope / (PRIOR * PRIOR);
        }
    }
    let change = solve(&mut matrix, vector, facts)?;
    for (slope, change) in slopes.iter_mut().zip(change) {
        *slope = (*slope + change.clamp(-0.7, 0.7)).clamp(-2.0, 2.0);
    }
    Some(matrix)
}

/// Luck in proportion to what is expected of a sum. Overload and flags do the same to every conversation, wherever it lies:
/// overload adds failures where there are few as where there are many.
fn luck_of(design: &[Design], means: &[f64], average: f64) -> Vec<Luck> {
    let windows = design.iter().zip(means);
    windows
        .map(|(window, mean)| {
            let mut luck = window.luck;
            let scale = average * window.exposure / mean;
            for kind in [OVERLOAD, FLAGS] {
                luck[kind] *= if scale.is_finite() { scale } else { 0.0 };
            }
            luck
        })
        .collect()
}

/// Relative effect of each kind of luck: least squares with weights that grow with the mean, and with a mean of its own
/// for each stratum, since what a few windows have left of luck is no part of their rate. Where windows are few the
/// effects are drawn towards what they are for most sums: proportional to questions.
fn gains_of(design: &[Design], luck: &[Luck], raw: &[f64], means: &[f64], strata: usize) -> Luck {
    let centres = centres(design, luck, means, strata);
    let raw = &centred_sums(design, raw, means, strata);
    let centred: Vec<Luck> = design
        .iter()
        .zip(luck)
        .map(|(window, luck)| {
            let centre = centres.get(window.stratum).copied().unwrap_or_default();
            std::array::from_fn(|kind| at(luck, kind) - at(&centre, kind))
        })
        .collect();
    let solved = |ridge: f64| -> Option<Luck> {
        let mut matrix = vec![0.0; KINDS * KINDS];
        let mut vector: Vec<f64> = USUAL_GAINS.iter().map(|gain| gain * ridge).collect();
        for ((luck, raw), mean) in centred.iter().zip(raw).zip(means) {
            for (row, a) in luck.iter().enumerate() {
                if let Some(entry) = vector.get_mut(row) {
                    *entry += a * raw;
                }
                for (column, b) in luck.iter().enumerate() {
                    if let Some(entry) = matrix.get_mut(row * KINDS + column) {
                        *entry += mean * a * b;
                    }
                }
            }
        }
        for kind in 0..KINDS {
            if let Some(entry) = matrix.get_mut(kind * KINDS + kind) {
                *entry += ridge;
            }
        }
        let gains = solve(&mut matrix, vector, KINDS)?;
        Some(std::array::from_fn(|kind| {
            at(&gains, kind).clamp(-20.0, 20.0)
        }))
    };
    // What is left without much of a prior says how much the windows know.
    let number = design.len().max(1) as f64;
    let total: f64 = means.iter().sum();
    let least = solved(1e-6 * total / number).unwrap_or(USUAL_GAINS);
    let left: f64 = centred
        .iter()
        .zip(raw)
        .zip(means)
        .filter(|(_, mean)| **mean > 0.0)
        .map(|((luck, raw), mean)| {
            let left = raw - mean * dot(&least, luck);
            left * left / mean
        })
        .sum();
    let known = (number - (strata.min(design.len()) + KINDS) as f64).max(number * 0.25);
    solved(left / known / (PRIOR * PRIOR)).unwrap_or(least)
}

/// What sums are off, less what those of their stratum are off together.
fn centred_sums(design: &[Design], raw: &[f64], means: &[f64], strata: usize) -> Vec<f64> {
    let mut sums = vec![[0.0; 2]; strata];
    for ((window, raw), mean) in design.iter().zip(raw).zip(means) {
        if let Some([off, all]) = sums.get_mut(window.stratum) {
            *off += raw;
            *all += mean;
        }
    }
    let share = |window: &Design| match sums.get(window.stratum) {
        Some([off, all]) if *all > 0.0 => off / all,
        _ => 0.0,
    };
    let windows = design.iter().zip(raw).zip(means);
    windows
        .map(|((window, raw), mean)| raw - mean * share(window))
        .collect()
}

/// The mean luck of the windows of each stratum, weighted as [`gains`] weighs them.
fn centres(design: &[Design], luck: &[Luck], means: &[f64], strata: usize) -> Vec<Luck> {
    let mut sums = vec![(Luck::default(), 0.0); strata];
    for ((window, luck), mean) in design.iter().zip(luck).zip(means) {
        if let Some((sums, weight)) = sums.get_mut(window.stratum) {
            for (sum, luck) in sums.iter_mut().zip(luck) {
                *sum += mean * luck;
            }
            *weight += mean;
        }
    }
    sums.into_iter()
        .map(|(luck, weight)| luck.map(|sum| if weight > 0.0 { sum / weight } else { 0.0 }))
        .collect()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn at(list: &[f64], index: usize) -> f64 {
    list.get(index).copied().unwrap_or(0.0)
}

/// A stratum with a few windows knows its own variance badly: residuals are scaled so that it counts as if there were
/// two more windows with the variance that strata of its kind have together, relative to their means. Bands of load are
/// one kind, incidents, in which far more may happen, another.
fn steady(design: &[Design], means: &[f64], strata: usize, bands: usize, residuals: &mut [f64]) {
    const MORE: f64 = 2.0;
    let mut known = vec![[0.0; 3]; strata];
    for ((window, expected), left) in design.iter().zip(means).zip(residuals.iter()) {
        if let Some([squares, mean, number]) = known.get_mut(window.stratum) {
            *squares += left * left;
            *mean += expected;
            *number += 1.0;
        }
    }
    let (normal, incidents) = known.split_at(bands.min(strata));
    let spread = |kind: &[[f64; 3]]| {
        let squares: f64 = kind.iter().map(|[squares, ..]| squares).sum();
        squares
            / kind
                .iter()
                .map(|[_, mean, _]| mean)
                .sum::<f64>()
                .max(1e-300)
    };
    let usual = [spread(normal), spread(incidents)];
    let scales: Vec<f64> = known
        .iter()
        .enumerate()
        .map(|(stratum, [squares, mean, number])| {
            let usual = at(&usual, usize::from(stratum >= bands)) * mean;
            if *squares > 0.0 && usual > 0.0 {
                ((number * squares + MORE * usual) / ((number + MORE) * squares)).sqrt()
            } else {
                1.0
            }
        })
        .collect();
    for (window, left) in design.iter().zip(residuals) {
        *left *= scales.get(window.stratum).copied().unwrap_or(1.0);
    }
}

/// Solves a symmetric positive system, of which the lower half is given, by Cholesky's method, and leaves its factor there.
fn solve(matrix: &mut [f64], vector: Vec<f64>, size: usize) -> Option<Vec<f64>> {
    for row in 0..size {
        for column in 0..=row {
            let dot: f64 = (0..column)
                .map(|k| entry(matrix, size, row, k) * entry(matrix, size, column, k))
                .sum();
            let left = entry(matrix, size, row, column) - dot;
            let value = if row == column {
                if left <= 0.0 {
                    return None;
                }
                left.sqrt()
            } else {
                left / entry(matrix, size, column, column)
            };
            *matrix.get_mut(row * size + column)? = value;
        }
    }
    substituted(matrix, vector, size)
}

/// Solves the system of which this is the factor.
fn substituted(matrix: &[f64], mut vector: Vec<f64>, size: usize) -> Option<Vec<f64>> {
    for row in 0..size {
        let dot: f64 = (0..row)
            .map(|k| entry(matrix, size, row, k) * vector.get(k).copied().unwrap_or(0.0))
            .sum();
        let value = (vector.get(row)? - dot) / entry(matrix, size, row, row);
        *vector.get_mut(row)? = value;
    }
    for row in (0..size).rev() {
        let dot: f64 = (row + 1..size)
            .map(|k| entry(matrix, size, k, row) * vector.get(k).copied().unwrap_or(0.0))
            .sum();
        let value = (vector.get(row)? - dot) / entry(matrix, size, row, row);
        *vector.get_mut(row)? = value;
    }
    Some(vector)
}

fn entry(matrix: &[f64], size: usize, row: usize, column: usize) -> f64 {
    matrix.get(row * size + column).copied().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_and_effects_of_facts_are_found_again() {
        // Without noise the fit is exact up to the ridge.
        let design: Vec<Design> = (0..60)
            .map(|k| {
                let score = f64::from(k % 7) - 3.0;
                Design {
                    stratum: usize::from(k % 2 == 1),
                    exposure: 100.0 + f64::from(k),
                    scores: vec![score * 0.5, f64::from(k % 5) - 2.0],
                    luck: Luck::default(),
                }
            })
            .collect();
        let sums: Vec<f64> = design
            .iter()
            .map(|window| {
                let rate = [2.0, 5.0][window.stratum];
                rate * window.exposure * libm::exp(0.3 * window.scores[0])
            })
            .collect();
        let fit = fit(&design, &sums, &[0.0; 2], &[1.0; 2], 2);
        assert!((fit.slopes[0] - 0.3).abs() < 1e-3, "{:?}", fit.slopes);
        assert!(fit.slopes[1].abs() < 1e-3, "{:?}", fit.slopes);
        assert!((fit.rates[0] - 2.0).abs() < 0.01 && (fit.rates[1] - 5.0).abs() < 0.02);
    }

    #[test]
    fn effects_that_chance_explains_are_cut() {
        let kept = garrote(&[0.1, -0.1, 0.6, 0.0], &[0.1; 4]);
        assert_eq!(kept[0], 0.0, "one error large");
        assert_eq!(kept[3], 0.0);
        assert!(
            (kept[2] - (1.0 - 2.0 / 36.0)).abs() < 1e-12,
            "six errors large"
        );
    }

    #[test]
    fn bands_are_drawn_together_as_far_as_chance_explains_their_differences() {
        // Four bands of ten windows each, in which sums stray by 10 around what is usual.
        let design: Vec<Design> = (0..40)
            .map(|k| Design {
                stratum: k / 10,
                exposure: 100.0,
                scores: Vec::new(),
                luck: Luck::default(),
            })
            .collect();
        let left: Vec<f64> = (0..40).map(|k| [10.0, -10.0][k % 2]).collect();
        let share = [4.0, 3.0, 2.0, 1.0];
        let month = |rates: &[f64]| dot(rates, &share);
        let together = |rates: &[f64]| {
            let means: Vec<f64> = design.iter().map(|it| rates[it.stratum] * 100.0).collect();
            drawn_together(rates, &design, &means, &left, &share, 4)
        };
        // The error of a rate is 10 / 100 / √10 = 0.03.
        let near = [1.00, 1.03, 0.98, 1.01];
        let drawn = together(&near);
        assert!(
            drawn.iter().all(|rate| (rate - drawn[0]).abs() < 1e-9),
            "{drawn:?}"
        );
        assert!((month(&drawn) - month(&near)).abs() < 1e-9);
        let apart = [1.0, 2.0, 0.5, 1.0];
        let drawn = together(&apart);
        for (drawn, rate) in drawn.iter().zip(&apart) {
            assert!((drawn - rate).abs() < 0.01, "{drawn} for {rate}");
        }
        assert!((month(&drawn) - month(&apart)).abs() < 1e-9);
    }

    #[test]
    fn luck_that_is_known_is_taken_out() {
        let design: Vec<Design> = (0..40)
            .map(|k| Design {
                stratum: 0,
                exposure: 100.0,
                scores: Vec::new(),
                luck: [0.0, f64::from(k % 8) * 0.1, 0.0, 0.0, 0.0, 0.0],
            })
            .collect();
        let sums: Vec<f64> = design
            .iter()
            .map(|window| 300.0 * (1.0 + 2.0 * window.luck[1]))
            .collect();
        let fit = fit(&design, &sums, &[], &[1.0], 1);
        assert!((fit.rates[0] - 3.0).abs() < 1e-6, "{:?}", fit.rates);
        assert!(fit.lucky.iter().all(|left| left.abs() < 1e-6));
    }

    /// Windows of two strata in turn, with five grades of one kind of luck in each.
    fn two_strata(kind: usize, luck: impl Fn(f64) -> f64) -> Vec<Design> {
        (0..40)
            .map(|k| {
                let mut design = Design {
                    stratum: usize::from(k % 2 == 1),
                    exposure: 100.0,
                    scores: Vec::new(),
                    luck: Luck::default(),
                };
                design.luck[kind] = luck(f64::from(k / 2 % 5));
                design
            })
            .collect()
    }

    #[test]
    fn which_answers_are_flagged_is_taken_out_where_it_matters() {
        // Seconds of reviews: 20 a conversation in one stratum, 60 in another, and what flags made of it in each window.
        let design = two_strata(FLAGS, |k| k * 0.2 - 0.4);
        let reviews: Vec<f64> = design
            .iter()
            .map(|window| [2000.0, 6000.0][window.stratum] + 4000.0 * window.luck[FLAGS])
            .collect();
        let fit = fit(&design, &reviews, &[], &[1.0; 2], 2);
        assert!((fit.gains[FLAGS] - 1.0).abs() < 1e-3, "{:?}", fit.gains);
        assert!(fit.lucky.iter().all(|left| left.abs() < 5.0));
        assert!(
            fit.raw.iter().any(|left| left.abs() > 500.0),
            "months still have it"
        );
    }

    #[test]
    fn overload_adds_the_same_to_every_conversation() {
        // Failures: 1 in 100 conversations in one stratum, 30 in another, and 2 more for each unit of overload.
        let design = two_strata(OVERLOAD, |k| k - 2.0);
        let sums: Vec<f64> = design
            .iter()
            .map(|window| [10.0, 30.0][window.stratum] + 2.0 * window.luck[4])
            .collect();
        let fit = fit(&design, &sums, &[], &[1.0; 2], 2);
        assert!((fit.rates[0] - 0.1).abs() < 1e-4, "{:?}", fit.rates);
        assert!(
            (fit.gains[4] * fit.average * 100.0 - 2.0).abs() < 0.02,
            "{:?}",
            fit.gains
        );
        assert!(
            fit.lucky.iter().all(|left| left.abs() < 0.1),
            "{:?}",
            fit.lucky
        );
    }
}
