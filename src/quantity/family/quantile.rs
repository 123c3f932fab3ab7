//! Quantile functions of the families, from the smaller of the two tail probabilities.

use super::Family;
use crate::quantity::special::{
    beta_tails, beta_weight, gamma_tails, normal_quantile, poisson_weight, solve,
};

impl Family {
    /// The smallest `x` with `P(X <= x) >= p`, where `q = 1 - p`; the smaller of the two decides.
    pub(in crate::quantity) fn invert(&self, p: f64, q: f64) -> f64 {
        match *self {
            Self::Points(ref points) => points.invert(p, q),
            Self::Sample(ref sample) => sample.invert(p, q),
            Self::Uniform { low, high } => {
                if p <= q {
                    low + p * (high - low)
                } else {
                    high - q * (high - low)
                }
            }
            Self::Triangular { low, mode, high } => {
                let width = high - low;
                if p * width <= mode - low {
                    low + (p * width * (mode - low)).sqrt()
                } else {
                    high - (q * width * (high - mode)).sqrt()
                }
            }
            Self::Normal { mean, sd } => mean + sd * normal_quantile(p, q),
            Self::Lognormal { mu, sigma } => libm::exp(mu + sigma * normal_quantile(p, q)),
            Self::Gamma { shape, scale } => scale * gamma_quantile(shape, p, q),
            Self::Weibull { shape, scale } => {
                scale * libm::pow(exponential_quantile(p, q), 1.0 / shape)
            }
            Self::Pareto { scale, shape } => scale * libm::exp(exponential_quantile(p, q) / shape),
            Self::Beta {
                alpha,
                beta,
                low,
                width,
            } => {
                if p <= q {
                    low + width * beta_quantile(alpha, beta, p)
                } else {
                    low + width - width * beta_quantile(beta, alpha, q)
                }
            }
            Self::Poisson { mean } => self.search_integer(p, q, 0.0, mean, mean.sqrt()),
            Self::Geometric { mean } => {
                let guess = exponential_quantile(p, q) / -libm::log1p(-1.0 / mean);
                if guess.is_infinite() {
                    return guess;
                }
                self.search_integer_near(p, q, 1.0, guess.ceil())
            }
        }
    }

    /// Whether `P(X <= x) >= p`, judged in the smaller tail.
    fn reaches(&self, x: f64, p: f64, q: f64) -> bool {
        let (below, above) = self.tails(x);
        if p <= q { below >= p } else { above <= q }
    }

    fn search_integer(&self, p: f64, q: f64, first: f64, mean: f64, sd: f64) -> f64 {
        if p <= 0.0 {
            return first;
        }
        if q <= 0.0 {
            return f64::INFINITY;
        }
        let z = normal_quantile(p, q);
        let guess = mean + sd * z + (z * z - 1.0) / 6.0;
        self.search_integer_near(p, q, first, guess.floor().max(first))
    }

    fn search_integer_near(&self, p: f64, q: f64, first: f64, guess: f64) -> f64 {
        let mut high = guess.max(first);
        let mut step = 1.0;
        while !self.reaches(high, p, q) {
            high += step;
            step *= 2.0;
        }
        let mut low = high - step.max(1.0);
        step = step.max(2.0);
        while low >= first && self.reaches(low, p, q) {
            high = low;
            low -= step;
            step *= 2.0;
        }
        let mut low = low.max(first - 1.0);
        while high - low > 1.0 {
            let mid = (low + 0.5 * (high - low)).floor();
            if self.reaches(mid, p, q) {
                high = mid;
            } else {
                low = mid;
            }
        }
        high
    }
}

/// `-ln(1 - p)`: the standard exponential's quantile.
fn exponential_quantile(p: f64, q: f64) -> f64 {
    if p <= q {
        -libm::log1p(-p)
    } else {
        -libm::log(q)
    }
}

/// The standard gamma's quantile: a bracket from `P(a, x) <= x^a / Γ(a + 1)`, a start from Wilson and Hilferty, then
/// Newton on the logarithm of the smaller tail.
fn gamma_quantile(a: f64, p: f64, q: f64) -> f64 {
    if p <= 0.0 {
        return 0.0;
    }
    if q <= 0.0 {
        return f64::INFINITY;
    }
    let low = libm::exp((libm::log(p) + libm::lgamma(a + 1.0)) / a);
    if low == 0.0 {
        return 0.0;
    }
    let error = |x: f64| {
        let (below, above) = gamma_tails(a, x);
        let density = poisson_weight(a, x) * a / x;
        if p <= q {
            (libm::log(below / p), density / below)
        } else {
            (-libm::log(above / q), density / above)
        }
    };
    let root = normal_quantile(p, q) / (3.0 * a.sqrt()) + 1.0 - 1.0 / (9.0 * a);
    let start = (a * root * root * root).max(low * (1.0 + 1e-9));
    let mut high = start;
    while error(high).0 < 0.0 {
        high *= 2.0;
    }
    solve(low * (1.0 - 1e-9), high * (1.0 + 1e-9), start, true, error)
}

/// The lower quantile of a beta on 0..1, `p` at most one half.
fn beta_quantile(a: f64, b: f64, p: f64) -> f64 {
    if p <= 0.0 {
        return 0.0;
    }
    let error = |x: f64| {
        let y = 1.0 - x;
        let (below, _) = beta_tails(a, b, x, y);
        (
            libm::log(below / p),
            beta_weight(a, b, x, y) / (x * y) / below,
        )
    };
    let low = f64::MIN_POSITIVE;
    if error(low).0 >= 0.0 {
        return 0.0;
    }
    let ln_beta = libm::lgamma(a) + libm::lgamma(b) - libm::lgamma(a + b);
    let start = libm::exp((libm::log(p * a) + ln_beta) / a).min(a / (a + b));
    solve(low, 1.0, start, true, error)
}
