//! From what was written to a law: every parameter gets its number, and impossible numbers are refused.
//!
//! The same checks serve the reader (which turns a refusal into a problem at the offending key) and the engine (whose
//! parameters are drawn once per simulated month and could come out impossible together).

use super::family::Family;
use super::single::{
    beta_by_cv, discrete, exponential, finite, gamma_by_cv, geometric, lognormal_by_cv,
    lognormal_by_sigma, normal, pert, poisson, positive, range, sample, triangular, two_quantiles,
    uniform, unit_beta,
};
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
    pub(super) fn new(
        key: &'static str,
        message: impl Into<String>,
        expected: &'static str,
    ) -> Self {
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

pub(super) type Found<T> = Result<T, LawError>;

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
            Shape::Exact(number) if number.is_nan() => {
                Err(LawError::new("value", "nan is not a number", "a number"))
            }
            Shape::Exact(number) => Ok(Law::constant(*number)),
            Shape::Range90 { lo, hi } => range(finite(*lo, "range")?, finite(*hi, "range")?),
            Shape::Quantiles { low, high } => {
                let below = number(&low.1, quantile_key(low.0))?;
                two_quantiles(
                    (low.0, below),
                    (high.0, number(&high.1, quantile_key(high.0))?),
                )
            }
            Shape::LognormalMeanCv { mean, cv } => {
                lognormal_by_cv(number(mean, "mean")?, number(cv, "cv")?)
            }
            Shape::GammaMeanCv { mean, cv } => {
                gamma_by_cv(number(mean, "mean")?, number(cv, "cv")?)
            }
            Shape::BetaMeanCv { mean, cv } => beta_by_cv(number(mean, "mean")?, number(cv, "cv")?),
            Shape::Uniform { low, high } => uniform(number(low, "min")?, number(high, "max")?),
            Shape::Triangular { low, mode, high } => triangular(
                number(low, "min")?,
                number(mode, "mode")?,
                number(high, "max")?,
            ),
            Shape::Pert { low, mode, high } => pert(
                number(low, "min")?,
                number(mode, "mode")?,
                number(high, "max")?,
            ),
            Shape::Normal { mean, sd } => normal(number(mean, "mean")?, number(sd, "sd")?),
            Shape::LognormalMuSigma { mu, sigma } => {
                lognormal_by_sigma(number(mu, "mu")?, number(sigma, "sigma")?)
            }
            Shape::Gamma { shape, scale } => {
                let shape = positive(number(shape, "shape")?, "shape")?;
                let scale = positive(number(scale, "scale")?, "scale")?;
                Ok(Law::of(Family::Gamma { shape, scale }))
            }
            Shape::Exponential { mean } => exponential(number(mean, "mean")?),
            Shape::ExponentialRate { rate } => {
                exponential(1.0 / positive(number(rate, "rate")?, "rate")?)
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
            Shape::Beta { alpha, beta } => Ok(unit_beta(
                positive(number(alpha, "alpha")?, "alpha")?,
                positive(number(beta, "beta")?, "beta")?,
            )),
            Shape::Poisson { mean } => poisson(number(mean, "mean")?),
            Shape::Geometric { mean } => geometric(number(mean, "mean")?),
            Shape::Discrete { values, weights } => discrete(values, weights),
            Shape::Empirical { sorted, .. } => sample(sorted),
            Shape::Mix(parts) => mixture(parts, resolve),
        }
    }
}

/// A mixture of laws; shares are relative.
fn mixture(
    parts: &[(Quantity, Quantity)],
    resolve: &mut dyn FnMut(&Quantity) -> f64,
) -> Found<Law> {
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
