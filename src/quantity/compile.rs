//! From what was written to a law: every parameter gets its number, and impossible numbers are refused.
//!
//! The same checks serve the reader (which turns a refusal into a problem at the offending key) and the engine (whose
//! parameters are drawn once per simulated month and could come out impossible together).

use std::sync::Arc;

use super::family::Family;
use super::special::normal_quantile;
use super::table::{Points, Sample};
use super::{Law, Quantity, Shape};

/// Why numbers do not make a distribution.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}; expected {expected}")]
pub struct LawError {
    /// The key of the file format that is to blame: `cv`, `p95`, `weights`, `min`; `share` within a mixture.
    pub key: &'static str,
    /// For a mixture: which part, from 0.
    pub part: Option<usize>,
    /// What is wrong.
    pub message: String,
    /// What would be right.
    pub expected: &'static str,
}

impl LawError {
    fn new(key: &'static str, message: impl Into<String>, expected: &'static str) -> Self {
        Self {
            key,
            part: None,
            message: message.into(),
            expected,
        }
    }
}

/// The quantiles that can be written: key and probability.
pub(super) const QUANTILE_KEYS: [(&str, f64); 8] = [
    ("p05", 0.05),
    ("p10", 0.10),
    ("p25", 0.25),
    ("p50", 0.50),
    ("p75", 0.75),
    ("p90", 0.90),
    ("p95", 0.95),
    ("p99", 0.99),
];

/// The key of a quantile.
pub(super) fn quantile_key(probability: f64) -> &'static str {
    QUANTILE_KEYS
        .iter()
        .find(|(_, p)| *p == probability)
        .map_or("p50", |(key, _)| key)
}

type Found<T> = Result<T, LawError>;

impl Quantity {
    /// The law of this quantity. `resolve` is asked for the number of each parameter that is not exact, in the order
    /// of [`Quantity::nested`].
    ///
    /// # Errors
    /// The numbers make no distribution (a negative cv, a p95 below the p50, nothing between `min` and `max`), or one
    /// without a mean.
    pub fn law(&self, resolve: &mut dyn FnMut(&Quantity) -> f64) -> Result<Law, LawError> {
        let law = self.untruncated(resolve)?;
        let (low, high) = (
            self.min.unwrap_or(f64::NEG_INFINITY),
            self.max.unwrap_or(f64::INFINITY),
        );
        if low.is_nan() || high.is_nan() {
            let key = if low.is_nan() { "min" } else { "max" };
            return Err(LawError::new(
                key,
                format!("`{key}` is not a number"),
                "a number",
            ));
        }
        let key = if self.min.is_some() { "min" } else { "max" };
        if low > high || (low == high && law.as_constant().is_none()) {
            return Err(LawError::new(
                key,
                format!("`min` ({low}) is not below `max` ({high})"),
                "`min` below `max`",
            ));
        }
        let law = law.truncated(low, high).ok_or_else(|| {
            let (from, to) = law.support();
            LawError::new(
                key,
                format!("nothing is left between {low} and {high}: the numbers lie between {from} and {to}"),
                "limits that leave some of the distribution",
            )
        })?;
        if let Shape::Pareto { .. } = self.shape
            && law.mean().is_infinite()
        {
            return Err(LawError::new(
                "shape",
                "a Pareto with a shape of at most 1 has no finite mean, so no average would ever settle",
                "a shape above 1, or a `max`",
            ));
        }
        let mean = law.mean();
        if !mean.is_finite() && law.as_constant().is_none() {
            return Err(LawError::new(
                self.shape.first_key(),
                "the numbers are so large that the mean overflows",
                "a distribution with a finite mean",
            ));
        }
        Ok(law)
    }

    fn untruncated(&self, resolve: &mut dyn FnMut(&Quantity) -> f64) -> Found<Law> {
        let mut number = |parameter: &Quantity, key: &'static str| -> Found<f64> {
            let number = match parameter.as_exact() {
                Some(number) => number,
                None => resolve(parameter),
            };
            finite(number, key)
        };
        match &self.shape {
            Shape::Exact(number) => {
                if number.is_nan() {
                    return Err(LawError::new("value", "nan is not a number", "a number"));
                }
                Ok(Law::constant(*number))
            }
            Shape::Range90 { lo, hi } => range(finite(*lo, "range")?, finite(*hi, "range")?),
            Shape::Quantiles { low, high } => {
                let (low_key, high_key) = (quantile_key(low.0), quantile_key(high.0));
                let (below, above) = (number(&low.1, low_key)?, number(&high.1, high_key)?);
                two_quantiles((low.0, below), (high.0, above))
            }
            Shape::LognormalMeanCv { mean, cv } => {
                let (mean, cv) = mean_and_cv(number(mean, "mean")?, number(cv, "cv")?)?;
                let sigma = libm::log1p(cv * cv).sqrt();
                if mean == 0.0 || sigma == 0.0 {
                    return Ok(Law::constant(mean));
                }
                lognormal(libm::log(mean) - 0.5 * sigma * sigma, sigma)
            }
            Shape::GammaMeanCv { mean, cv } => {
                let (mean, cv) = mean_and_cv(number(mean, "mean")?, number(cv, "cv")?)?;
                if mean == 0.0 || cv < 1e-7 {
                    return Ok(Law::constant(mean));
                }
                let shape = 1.0 / (cv * cv);
                Ok(Law::of(Family::Gamma {
                    shape,
                    scale: mean / shape,
                }))
            }
            Shape::Mix(parts) => {
                let mut laws = Vec::with_capacity(parts.len());
                for (index, (share, part)) in parts.iter().enumerate() {
                    let in_part = |error: LawError| LawError {
                        part: Some(index),
                        ..error
                    };
                    let share = match share.as_exact() {
                        Some(share) => share,
                        None => resolve(share),
                    };
                    if !(0.0..=1.0).contains(&share) {
                        return Err(in_part(LawError::new(
                            "share",
                            format!("a share of {share} is impossible"),
                            "a share between 0 and 1",
                        )));
                    }
                    laws.push((share, part.law(resolve).map_err(in_part)?));
                }
                Law::mixture(laws).ok_or_else(|| {
                    LawError::new(
                        "mix",
                        "the shares of the mixture are all 0",
                        "a share above 0",
                    )
                })
            }
            Shape::Uniform { low, high } => {
                let (low, high) = (number(low, "min")?, number(high, "max")?);
                ascending(low, high, "max", "the largest number")?;
                Ok(if low == high {
                    Law::constant(low)
                } else {
                    Law::of(Family::Uniform { low, high })
                })
            }
            Shape::Triangular { low, mode, high } => {
                let (low, mode, high) = (
                    number(low, "min")?,
                    number(mode, "mode")?,
                    number(high, "max")?,
                );
                ascending(low, high, "max", "the largest number")?;
                between(low, mode, high)?;
                Ok(if low == high {
                    Law::constant(low)
                } else {
                    Law::of(Family::Triangular { low, mode, high })
                })
            }
            Shape::Pert { low, mode, high } => {
                let (low, mode, high) = (
                    number(low, "min")?,
                    number(mode, "mode")?,
                    number(high, "max")?,
                );
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
            Shape::Normal { mean, sd } => {
                let (mean, sd) = (
                    number(mean, "mean")?,
                    not_negative(number(sd, "sd")?, "sd")?,
                );
                Ok(if sd == 0.0 {
                    Law::constant(mean)
                } else {
                    Law::of(Family::Normal { mean, sd })
                })
            }
            Shape::LognormalMuSigma { mu, sigma } => {
                let (mu, sigma) = (
                    number(mu, "mu")?,
                    not_negative(number(sigma, "sigma")?, "sigma")?,
                );
                if sigma == 0.0 {
                    return Ok(Law::constant(libm::exp(mu)));
                }
                lognormal(mu, sigma)
            }
            Shape::Gamma { shape, scale } => {
                let shape = positive(number(shape, "shape")?, "shape")?;
                let scale = positive(number(scale, "scale")?, "scale")?;
                Ok(Law::of(Family::Gamma { shape, scale }))
            }
            Shape::Exponential { mean } => {
                let scale = not_negative(number(mean, "mean")?, "mean")?;
                Ok(if scale == 0.0 {
                    Law::constant(0.0)
                } else {
                    Law::of(Family::Weibull { shape: 1.0, scale })
                })
            }
            Shape::ExponentialRate { rate } => {
                let scale = 1.0 / positive(number(rate, "rate")?, "rate")?;
                Ok(Law::of(Family::Weibull { shape: 1.0, scale }))
            }
            Shape::Weibull { shape, scale } => {
                let shape = positive(number(shape, "shape")?, "shape")?;
                let scale = positive(number(scale, "scale")?, "scale")?;
                Ok(Law::of(Family::Weibull { shape, scale }))
            }
            Shape::Pareto { scale, shape } => {
                let scale = positive(number(scale, "scale")?, "scale")?;
                let shape = positive(number(shape, "shape")?, "shape")?;
                Ok(Law::of(Family::Pareto { scale, shape }))
            }
            Shape::Beta { alpha, beta } => {
                let alpha = positive(number(alpha, "alpha")?, "alpha")?;
                let beta = positive(number(beta, "beta")?, "beta")?;
                Ok(unit_beta(alpha, beta))
            }
            Shape::BetaMeanCv { mean, cv } => {
                let (mean, cv) = mean_and_cv(number(mean, "mean")?, number(cv, "cv")?)?;
                if mean > 1.0 {
                    return Err(LawError::new(
                        "mean",
                        format!("a beta lies between 0 and 1, so its mean cannot be {mean}"),
                        "a mean between 0 and 1",
                    ));
                }
                if mean == 0.0 || cv < 1e-7 {
                    return Ok(Law::constant(mean));
                }
                // alpha + beta = mean (1 - mean) / variance - 1
                let sum = (1.0 - mean) / (mean * cv * cv) - 1.0;
                if sum <= 0.0 {
                    return Err(LawError::new(
                        "cv",
                        format!(
                            "a cv of {cv} is too wide for numbers between 0 and 1 with a mean of {mean}"
                        ),
                        "a cv below sqrt((1 - mean) / mean)",
                    ));
                }
                Ok(unit_beta(mean * sum, (1.0 - mean) * sum))
            }
            Shape::Poisson { mean } => {
                let mean = not_negative(number(mean, "mean")?, "mean")?;
                Ok(if mean == 0.0 {
                    Law::constant(0.0)
                } else {
                    Law::of(Family::Poisson { mean })
                })
            }
            Shape::Geometric { mean } => {
                let mean = number(mean, "mean")?;
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
            Shape::Discrete { values, weights } => discrete(values, weights),
            Shape::Empirical { sorted, .. } => {
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
                if sorted.first() == sorted.last() {
                    return Ok(Law::constant(sorted.first().copied().unwrap_or_default()));
                }
                let mut sorted = sorted.clone();
                sorted.sort_by(f64::total_cmp);
                Ok(Law::of(Family::Sample(Arc::new(Sample::new(sorted)))))
            }
        }
    }
}

impl Shape {
    /// A key that stands for the whole shape in an error.
    fn first_key(&self) -> &'static str {
        match self {
            Self::Exact(_) => "value",
            Self::Range90 { .. } => "range",
            Self::Quantiles { high, .. } => quantile_key(high.0),
            Self::LognormalMuSigma { .. } => "sigma",
            Self::LognormalMeanCv { .. } | Self::GammaMeanCv { .. } | Self::BetaMeanCv { .. } => {
                "cv"
            }
            Self::Mix(_) => "mix",
            Self::Uniform { .. } | Self::Triangular { .. } | Self::Pert { .. } => "max",
            Self::Normal { .. }
            | Self::Exponential { .. }
            | Self::Poisson { .. }
            | Self::Geometric { .. } => "mean",
            Self::Gamma { .. } | Self::Weibull { .. } | Self::Pareto { .. } => "shape",
            Self::ExponentialRate { .. } => "rate",
            Self::Beta { .. } => "alpha",
            Self::Discrete { .. } => "values",
            Self::Empirical { .. } => "samples",
        }
    }
}

fn finite(number: f64, key: &'static str) -> Found<f64> {
    if number.is_finite() {
        return Ok(number);
    }
    Err(LawError::new(
        key,
        format!("`{key}` is {number}, which gives no distribution"),
        "a finite number",
    ))
}

fn positive(number: f64, key: &'static str) -> Found<f64> {
    if number > 0.0 {
        return Ok(number);
    }
    Err(LawError::new(
        key,
        format!("`{key}` cannot be {number}"),
        "a number above 0",
    ))
}

fn not_negative(number: f64, key: &'static str) -> Found<f64> {
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

fn unit_beta(alpha: f64, beta: f64) -> Law {
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
fn range(lo: f64, hi: f64) -> Found<Law> {
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

fn two_quantiles(low: (f64, f64), high: (f64, f64)) -> Found<Law> {
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

fn discrete(values: &[f64], weights: &[f64]) -> Found<Law> {
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
