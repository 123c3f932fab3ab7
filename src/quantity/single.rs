//! The laws of single families from plain numbers, and the checks that refuse impossible ones.

use std::sync::Arc;

use super::Law;
use super::compile::{Found, LawError, quantile_key};
use super::family::Family;
use super::special::normal_quantile;
use super::table::{Points, Sample};

/// Coefficients of variation below this are no spread at all: the shapes would overflow.
const NO_SPREAD: f64 = 1e-7;

pub(super) fn finite(number: f64, key: &'static str) -> Found<f64> {
    if number.is_finite() {
        return Ok(number);
    }
    Err(LawError::new(
        key,
        format!("`{key}` is {number}, which gives no distribution"),
        "a finite number",
    ))
}

pub(super) fn positive(number: f64, key: &'static str) -> Found<f64> {
    if number > 0.0 {
        return Ok(number);
    }
    Err(LawError::new(
        key,
        format!("`{key}` cannot be {number}"),
        "a number above 0",
    ))
}

pub(super) fn not_negative(number: f64, key: &'static str) -> Found<f64> {
    if number >= 0.0 {
        return Ok(number);
    }
    Err(LawError::new(
        key,
        format!("`{key}` cannot be negative ({number})"),
        "0 or more",
    ))
}

fn mean_and_cv(mean: f64, cv: f64) -> Found<(f64, f64)> {
    Ok((not_negative(mean, "mean")?, not_negative(cv, "cv")?))
}

fn ascending(low: f64, high: f64, key: &'static str, what: &str) -> Found<()> {
    if low <= high {
        return Ok(());
    }
    Err(LawError::new(
        key,
        format!("{what} ({high}) is below the smallest ({low})"),
        "the smaller number first",
    ))
}

fn between(low: f64, mode: f64, high: f64) -> Found<()> {
    if (low..=high).contains(&mode) {
        return Ok(());
    }
    Err(LawError::new(
        "mode",
        format!("the mode {mode} lies outside {low} to {high}"),
        "a mode between the smallest and the largest number",
    ))
}

pub(super) fn unit_beta(alpha: f64, beta: f64) -> Law {
    Law::of(Family::Beta {
        alpha,
        beta,
        low: 0.0,
        width: 1.0,
    })
}

fn lognormal(mu: f64, sigma: f64) -> Found<Law> {
    if (mu + 6.5 * sigma).abs() > 700.0 || (mu - 6.5 * sigma).abs() > 700.0 {
        return Err(LawError::new(
            "sigma",
            "this log-normal is so wide that its numbers overflow",
            "a narrower one",
        ));
    }
    Ok(Law::of(Family::Lognormal { mu, sigma }))
}

/// The convention of Squiggle and Guesstimate: the ends are the 5% and 95% quantiles.
pub(super) fn range(lo: f64, hi: f64) -> Found<Law> {
    ascending(lo, hi, "range", "the upper end")?;
    if lo == hi {
        return Ok(Law::constant(lo));
    }
    if lo > 0.0 {
        return two_quantiles((0.05, lo), (0.95, hi)).map_err(|error| LawError {
            key: "range",
            ..error
        });
    }
    let z = normal_quantile(0.95, 0.05);
    Ok(Law::of(Family::Normal {
        mean: lo + 0.5 * (hi - lo),
        sd: (hi - lo) / (2.0 * z),
    }))
}

pub(super) fn two_quantiles(low: (f64, f64), high: (f64, f64)) -> Found<Law> {
    let (low_key, high_key) = (quantile_key(low.0), quantile_key(high.0));
    if high.1 < low.1 {
        return Err(LawError::new(
            high_key,
            format!("`{high_key}` ({}) is below `{low_key}` ({})", high.1, low.1),
            "the higher quantile at least as large as the lower",
        ));
    }
    if high.1 == low.1 {
        return Ok(Law::constant(low.1));
    }
    if low.1 <= 0.0 {
        return Err(LawError::new(
            low_key,
            format!(
                "`{low_key}` cannot be {}: quantiles give a log-normal, which is above 0",
                low.1
            ),
            "a number above 0",
        ));
    }
    let (z_low, z_high) = (
        normal_quantile(low.0, 1.0 - low.0),
        normal_quantile(high.0, 1.0 - high.0),
    );
    let sigma = libm::log(high.1 / low.1) / (z_high - z_low);
    lognormal(libm::log(low.1) - sigma * z_low, sigma).map_err(|error| LawError {
        key: high_key,
        ..error
    })
}

pub(super) fn discrete(values: &[f64], weights: &[f64]) -> Found<Law> {
    if values.is_empty() {
        return Err(LawError::new(
            "values",
            "there are no values",
            "at least one number",
        ));
    }
    if values.len() != weights.len() {
        return Err(LawError::new(
            "weights",
            format!(
                "there are {} weights for {} values",
                weights.len(),
                values.len()
            ),
            "one weight for each value",
        ));
    }
    for &value in values {
        finite(value, "values")?;
    }
    for &weight in weights {
        not_negative(finite(weight, "weights")?, "weights")?;
    }
    if weights.iter().all(|&weight| weight == 0.0) {
        return Err(LawError::new(
            "weights",
            "the weights are all 0",
            "a weight above 0",
        ));
    }
    let points = Points::new(values.iter().copied().zip(weights.iter().copied()));
    Ok(Law::of(Family::Points(Arc::new(points))))
}

pub(super) fn lognormal_by_cv(mean: f64, cv: f64) -> Found<Law> {
    let (mean, cv) = mean_and_cv(mean, cv)?;
    let sigma = libm::log1p(cv * cv).sqrt();
    if mean == 0.0 || sigma == 0.0 {
        return Ok(Law::constant(mean));
    }
    lognormal(libm::log(mean) - 0.5 * sigma * sigma, sigma)
        .map_err(|error| LawError { key: "cv", ..error })
}

pub(super) fn lognormal_by_sigma(mu: f64, sigma: f64) -> Found<Law> {
    if not_negative(sigma, "sigma")? == 0.0 {
        return Ok(Law::constant(libm::exp(mu)));
    }
    lognormal(mu, sigma)
}

pub(super) fn gamma_by_cv(mean: f64, cv: f64) -> Found<Law> {
    let (mean, cv) = mean_and_cv(mean, cv)?;
    if mean == 0.0 || cv < NO_SPREAD {
        return Ok(Law::constant(mean));
    }
    let shape = 1.0 / (cv * cv);
    let scale = mean / shape;
    Ok(Law::of(Family::Gamma { shape, scale }))
}

pub(super) fn beta_by_cv(mean: f64, cv: f64) -> Found<Law> {
    let (mean, cv) = mean_and_cv(mean, cv)?;
    if mean > 1.0 {
        return Err(LawError::new(
            "mean",
            format!("a beta lies between 0 and 1, so its mean cannot be {mean}"),
            "a mean between 0 and 1",
        ));
    }
    if mean == 0.0 || cv < NO_SPREAD {
        return Ok(Law::constant(mean));
    }
    // alpha + beta = mean (1 - mean) / variance - 1
    let sum = (1.0 - mean) / (mean * cv * cv) - 1.0;
    if sum <= 0.0 {
        return Err(LawError::new(
            "cv",
            format!("a cv of {cv} is too wide for numbers between 0 and 1 with a mean of {mean}"),
            "a cv below sqrt((1 - mean) / mean)",
        ));
    }
    Ok(unit_beta(mean * sum, (1.0 - mean) * sum))
}

pub(super) fn uniform(low: f64, high: f64) -> Found<Law> {
    ascending(low, high, "max", "the largest number")?;
    Ok(if low == high {
        Law::constant(low)
    } else {
        Law::of(Family::Uniform { low, high })
    })
}

pub(super) fn triangular(low: f64, mode: f64, high: f64) -> Found<Law> {
    ascending(low, high, "max", "the largest number")?;
    between(low, mode, high)?;
    Ok(if low == high {
        Law::constant(low)
    } else {
        Law::of(Family::Triangular { low, mode, high })
    })
}

/// D. G. Malcolm et al., "Application of a technique for research and development program evaluation", Operations
/// Research 7 (1959), as a beta with shapes `1 + 4 (mode - low) / width` and `1 + 4 (high - mode) / width`.
pub(super) fn pert(low: f64, mode: f64, high: f64) -> Found<Law> {
    ascending(low, high, "max", "the largest number")?;
    between(low, mode, high)?;
    if low == high {
        return Ok(Law::constant(low));
    }
    let width = high - low;
    Ok(Law::of(Family::Beta {
        alpha: 1.0 + 4.0 * (mode - low) / width,
        beta: 1.0 + 4.0 * (high - mode) / width,
        low,
        width,
    }))
}

pub(super) fn normal(mean: f64, sd: f64) -> Found<Law> {
    Ok(if not_negative(sd, "sd")? == 0.0 {
        Law::constant(mean)
    } else {
        Law::of(Family::Normal { mean, sd })
    })
}

pub(super) fn exponential(mean: f64) -> Found<Law> {
    let scale = not_negative(mean, "mean")?;
    Ok(if scale == 0.0 {
        Law::constant(0.0)
    } else {
        Law::of(Family::Weibull { shape: 1.0, scale })
    })
}

pub(super) fn poisson(mean: f64) -> Found<Law> {
    Ok(if not_negative(mean, "mean")? == 0.0 {
        Law::constant(0.0)
    } else {
        Law::of(Family::Poisson { mean })
    })
}

pub(super) fn geometric(mean: f64) -> Found<Law> {
    if mean < 1.0 {
        return Err(LawError::new(
            "mean",
            format!("a geometric counts 1, 2, 3, …, so its mean cannot be {mean}"),
            "a mean of at least 1",
        ));
    }
    Ok(if mean == 1.0 {
        Law::constant(1.0)
    } else {
        Law::of(Family::Geometric { mean })
    })
}

pub(super) fn sample(sorted: &[f64]) -> Found<Law> {
    if sorted.is_empty() {
        return Err(LawError::new(
            "samples",
            "the sample is empty",
            "at least one number",
        ));
    }
    for &x in sorted {
        finite(x, "samples")?;
    }
    let mut sorted = sorted.to_vec();
    sorted.sort_by(f64::total_cmp);
    Ok(match (sorted.first(), sorted.last()) {
        (Some(first), Some(last)) if first == last => Law::constant(*first),
        _ => Law::of(Family::Sample(Arc::new(Sample::new(sorted)))),
    })
}
