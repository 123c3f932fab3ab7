//! The families of distributions, with plain numbers as parameters and no truncation.
//!
//! Each gives both tails of its distribution function, its inverse from whichever tail probability is smaller, and
//! partial moments `E[X^k; X <= x]` for `k` = 1 and 2. Partial moments are closed forms: most families, weighted by
//! size, are the same family with other parameters (a log-normal with `mu + k sigma²`, a gamma with `shape + k`, a
//! beta with `alpha + k`). From them come the means of truncated laws and of the sampler's cells.

mod moments;
mod quantile;

use std::sync::Arc;

use super::special::{
    beta_tails, beta_weight, gamma_tails, normal_cdf, normal_density, poisson_weight,
};
use super::table::{Points, Sample};

/// One distribution.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::quantity) enum Family {
    /// Values with probabilities; a constant is one value.
    Points(Arc<Points>),
    /// Uniform on `low..high`.
    Uniform { low: f64, high: f64 },
    /// Triangular on `low..high`.
    Triangular { low: f64, mode: f64, high: f64 },
    /// Normal.
    Normal { mean: f64, sd: f64 },
    /// `exp` of a normal.
    Lognormal { mu: f64, sigma: f64 },
    /// Gamma.
    Gamma { shape: f64, scale: f64 },
    /// Weibull; the exponential is the one with shape 1.
    Weibull { shape: f64, scale: f64 },
    /// Pareto type I.
    Pareto { scale: f64, shape: f64 },
    /// Beta stretched to `low..low + width`.
    Beta {
        alpha: f64,
        beta: f64,
        low: f64,
        width: f64,
    },
    /// Poisson.
    Poisson { mean: f64 },
    /// Geometric on 1, 2, 3, …
    Geometric { mean: f64 },
    /// A sample, linear between its order statistics.
    Sample(Arc<Sample>),
}

impl Family {
    /// A number known exactly.
    pub(in crate::quantity) fn constant(number: f64) -> Self {
        Self::Points(Arc::new(Points::constant(number)))
    }

    /// `(P(X <= x), P(X > x))`.
    pub(in crate::quantity) fn tails(&self, x: f64) -> (f64, f64) {
        if x == f64::INFINITY && !matches!(self, Self::Points(_)) {
            return (1.0, 0.0);
        }
        match *self {
            Self::Points(ref points) => points.tails(x),
            Self::Sample(ref sample) => sample.tails(x),
            Self::Uniform { low, high } => {
                let x = x.clamp(low, high);
                ((x - low) / (high - low), (high - x) / (high - low))
            }
            Self::Triangular { low, mode, high } => {
                let width = high - low;
                if x <= low {
                    (0.0, 1.0)
                } else if x >= high {
                    (1.0, 0.0)
                } else if x < mode {
                    let p = (x - low) * (x - low) / (width * (mode - low));
                    (p, 1.0 - p)
                } else {
                    let q = (high - x) * (high - x) / (width * (high - mode));
                    (1.0 - q, q)
                }
            }
            Self::Normal { mean, sd } => {
                let z = (x - mean) / sd;
                (normal_cdf(z), normal_cdf(-z))
            }
            Self::Lognormal { mu, sigma } => lognormal_tails(mu, sigma, x),
            Self::Gamma { shape, scale } => gamma_tails(shape, x / scale),
            Self::Weibull { shape, scale } => {
                if x <= 0.0 {
                    return (0.0, 1.0);
                }
                let y = libm::pow(x / scale, shape);
                (-libm::expm1(-y), libm::exp(-y))
            }
            Self::Pareto { scale, shape } => {
                if x <= scale {
                    return (0.0, 1.0);
                }
                let y = shape * libm::log(x / scale);
                (-libm::expm1(-y), libm::exp(-y))
            }
            Self::Beta {
                alpha,
                beta,
                low,
                width,
            } => {
                let (t, rest) = fractions(x, low, width);
                beta_tails(alpha, beta, t, rest)
            }
            Self::Poisson { mean } => {
                if x < 0.0 {
                    return (0.0, 1.0);
                }
                let (above, below) = gamma_tails(x.floor() + 1.0, mean);
                (below, above)
            }
            Self::Geometric { mean } => {
                if x < 1.0 {
                    return (0.0, 1.0);
                }
                let y = x.floor() * libm::log1p(-1.0 / mean);
                (-libm::expm1(y), libm::exp(y))
            }
        }
    }

    /// `P(X = x)`; 0 for what has a density there.
    pub(in crate::quantity) fn mass_at(&self, x: f64) -> f64 {
        match *self {
            Self::Points(ref points) => points.mass_at(x),
            Self::Sample(ref sample) => sample.mass_at(x),
            Self::Poisson { mean } if x >= 0.0 && x == x.floor() => {
                if x == 0.0 {
                    libm::exp(-mean)
                } else {
                    poisson_weight(x, mean)
                }
            }
            Self::Geometric { mean } if x >= 1.0 && x == x.floor() => {
                libm::exp((x - 1.0) * libm::log1p(-1.0 / mean)) / mean
            }
            _ => 0.0,
        }
    }

    /// Density at `x`; 0 where there is none. Only steers Newton's method.
    pub(in crate::quantity) fn density(&self, x: f64) -> f64 {
        match *self {
            Self::Uniform { low, high } if x >= low && x <= high => 1.0 / (high - low),
            Self::Triangular { low, mode, high } => {
                let slope = if x < mode {
                    (x - low) / (mode - low)
                } else {
                    (high - x) / (high - mode)
                };
                (2.0 * slope / (high - low)).max(0.0)
            }
            Self::Normal { mean, sd } => normal_density((x - mean) / sd) / sd,
            Self::Lognormal { mu, sigma } if x > 0.0 => {
                normal_density((libm::log(x) - mu) / sigma) / (sigma * x)
            }
            Self::Gamma { shape, scale } if x > 0.0 => poisson_weight(shape, x / scale) * shape / x,
            Self::Weibull { shape, scale } if x > 0.0 => {
                let y = libm::pow(x / scale, shape);
                shape / x * y * libm::exp(-y)
            }
            Self::Pareto { scale, shape } if x > scale => shape / x * libm::pow(scale / x, shape),
            Self::Beta {
                alpha,
                beta,
                low,
                width,
            } => {
                let (t, rest) = fractions(x, low, width);
                if t <= 0.0 || rest <= 0.0 {
                    return 0.0;
                }
                beta_weight(alpha, beta, t, rest) / (t * rest * width)
            }
            _ => 0.0,
        }
    }

    /// Smallest and largest possible number.
    pub(in crate::quantity) fn support(&self) -> (f64, f64) {
        match *self {
            Self::Points(ref points) => points.support(),
            Self::Sample(ref sample) => sample.support(),
            Self::Uniform { low, high } | Self::Triangular { low, high, .. } => (low, high),
            Self::Normal { .. } => (f64::NEG_INFINITY, f64::INFINITY),
            Self::Lognormal { .. }
            | Self::Gamma { .. }
            | Self::Weibull { .. }
            | Self::Poisson { .. } => (0.0, f64::INFINITY),
            Self::Pareto { scale, .. } => (scale, f64::INFINITY),
            Self::Beta { low, width, .. } => (low, low + width),
            Self::Geometric { .. } => (1.0, f64::INFINITY),
        }
    }

    /// Whether only isolated numbers are possible.
    pub(in crate::quantity) fn is_discrete(&self) -> bool {
        matches!(
            self,
            Self::Points(_) | Self::Poisson { .. } | Self::Geometric { .. }
        )
    }
}

/// `(x - low) / width` and what is left to 1, both kept in 0..1.
fn fractions(x: f64, low: f64, width: f64) -> (f64, f64) {
    (
        ((x - low) / width).clamp(0.0, 1.0),
        ((low + width - x) / width).clamp(0.0, 1.0),
    )
}

fn lognormal_tails(mu: f64, sigma: f64, x: f64) -> (f64, f64) {
    if x <= 0.0 {
        return (0.0, 1.0);
    }
    let z = (libm::log(x) - mu) / sigma;
    (normal_cdf(z), normal_cdf(-z))
}
