//! The families of distributions, with plain numbers as parameters and no truncation.
//!
//! Each gives both tails of its distribution function, its inverse from whichever tail probability is smaller, and
//! partial moments `E[X^k; X <= x]` for `k` = 1 and 2. Partial moments are closed forms: most families, weighted by
//! size, are the same family with other parameters (a log-normal with `mu + k sigma²`, a gamma with `shape + k`, a
//! beta with `alpha + k`). From them come the means of truncated laws and of the sampler's cells.

use std::sync::Arc;

use super::special::{
    beta_tails, beta_weight, gamma, gamma_tails, normal_cdf, normal_density, normal_quantile,
    poisson_weight, solve,
};
use super::table::{Points, Sample};

/// One distribution.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Family {
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

/// Which part of the axis a partial moment covers.
#[derive(Debug, Clone, Copy)]
enum Tail {
    Lower,
    Upper,
}

impl Tail {
    fn of(self, (lower, upper): (f64, f64)) -> f64 {
        match self {
            Self::Lower => lower,
            Self::Upper => upper,
        }
    }
}

impl Family {
    /// A number known exactly.
    pub(super) fn constant(number: f64) -> Self {
        Self::Points(Arc::new(Points::constant(number)))
    }

    /// `(P(X <= x), P(X > x))`.
    pub(super) fn tails(&self, x: f64) -> (f64, f64) {
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
    pub(super) fn mass_at(&self, x: f64) -> f64 {
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
    pub(super) fn density(&self, x: f64) -> f64 {
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

    /// The smallest `x` with `P(X <= x) >= p`, where `q = 1 - p`; the smaller of the two decides.
    pub(super) fn invert(&self, p: f64, q: f64) -> f64 {
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

    /// `E[X^k]` for `k` = 1 or 2; infinite where it is.
    pub(super) fn moment(&self, k: i32) -> f64 {
        let order = f64::from(k);
        match *self {
            Self::Points(ref points) => points.moment(k),
            Self::Sample(ref sample) => sample.moment(k),
            Self::Triangular { low, mode, high } => {
                let mean = (low + mode + high) / 3.0;
                if k == 1 {
                    mean
                } else {
                    mean * mean + self.variance()
                }
            }
            Self::Lognormal { mu, sigma } => {
                libm::exp(order * mu + 0.5 * order * order * sigma * sigma)
            }
            Self::Weibull { shape, scale } => {
                let power = if k == 1 { scale } else { scale * scale };
                power * gamma(1.0 + order / shape)
            }
            Self::Pareto { scale, shape } => {
                if shape <= order {
                    return f64::INFINITY;
                }
                let power = if k == 1 { scale } else { scale * scale };
                power * shape / (shape - order)
            }
            Self::Uniform { low, high } => {
                if k == 1 {
                    low + 0.5 * (high - low)
                } else {
                    (low * low + low * high + high * high) / 3.0
                }
            }
            _ => {
                let mean = match *self {
                    Self::Gamma { shape, scale } => shape * scale,
                    Self::Beta {
                        alpha,
                        beta,
                        low,
                        width,
                    } => low + width * (alpha / (alpha + beta)),
                    Self::Normal { mean, .. }
                    | Self::Poisson { mean }
                    | Self::Geometric { mean } => mean,
                    _ => f64::NAN,
                };
                if k == 1 {
                    mean
                } else {
                    mean * mean + self.variance()
                }
            }
        }
    }

    /// Variance; infinite where it is.
    pub(super) fn variance(&self) -> f64 {
        match *self {
            Self::Points(ref points) => points.variance(),
            Self::Sample(ref sample) => sample.variance(),
            Self::Uniform { low, high } => (high - low) * (high - low) / 12.0,
            Self::Triangular { low, mode, high } => {
                // (a² + b² + c² - ab - ac - bc) / 18, written in differences.
                let (left, right) = (mode - low, high - mode);
                (left * left + left * right + right * right) / 18.0
            }
            Self::Normal { sd, .. } => sd * sd,
            Self::Lognormal { mu, sigma } => {
                let spread = sigma * sigma;
                libm::expm1(spread) * libm::exp(2.0 * mu + spread)
            }
            Self::Gamma { shape, scale } => shape * scale * scale,
            Self::Weibull { .. } => {
                let mean = self.moment(1);
                self.moment(2) - mean * mean
            }
            Self::Pareto { scale, shape } => {
                if shape <= 2.0 {
                    return f64::INFINITY;
                }
                scale * scale * shape / ((shape - 1.0) * (shape - 1.0) * (shape - 2.0))
            }
            Self::Beta {
                alpha, beta, width, ..
            } => {
                let sum = alpha + beta;
                width * width * (alpha / sum) * (beta / sum) / (sum + 1.0)
            }
            Self::Poisson { mean } => mean,
            Self::Geometric { mean } => mean * (mean - 1.0),
        }
    }

    /// `E[X^k; low < X <= high]` for `k` = 0, 1 or 2, from differences in the nearer tail.
    pub(super) fn moment_between(&self, k: i32, low: f64, high: f64) -> f64 {
        if high <= low {
            return 0.0;
        }
        let (below_low, above_low) = self.tails(low);
        let (below_high, above_high) = self.tails(high);
        if k == 0 {
            return if below_low >= 0.5 {
                above_low - above_high
            } else if above_high >= 0.5 {
                below_high - below_low
            } else {
                1.0 - below_low - above_high
            };
        }
        if let Self::Pareto { scale, shape } = *self {
            return pareto_moment(scale, shape, f64::from(k), low.max(scale), high.max(scale));
        }
        if below_low >= 0.5 {
            self.partial(k, Tail::Upper, low) - self.partial(k, Tail::Upper, high)
        } else if above_high >= 0.5 {
            self.partial(k, Tail::Lower, high) - self.partial(k, Tail::Lower, low)
        } else {
            self.moment(k) - self.partial(k, Tail::Lower, low) - self.partial(k, Tail::Upper, high)
        }
    }

    /// `E[X^k; X <= x]` or `E[X^k; X > x]`.
    fn partial(&self, k: i32, tail: Tail, x: f64) -> f64 {
        let order = f64::from(k);
        if x == f64::INFINITY && !matches!(self, Self::Points(_)) {
            return match tail {
                Tail::Lower => self.moment(k),
                Tail::Upper => 0.0,
            };
        }
        if x == f64::NEG_INFINITY {
            return match tail {
                Tail::Lower => 0.0,
                Tail::Upper => self.moment(k),
            };
        }
        match *self {
            Self::Points(ref points) => tail.of(points.partial(k, x)),
            Self::Sample(ref sample) => tail.of(sample.partial(k, x)),
            Self::Uniform { low, high } => {
                let x = x.clamp(low, high);
                let (from, to) = match tail {
                    Tail::Lower => (low, x),
                    Tail::Upper => (x, high),
                };
                let mean_power = if k == 1 {
                    0.5 * (from + to)
                } else {
                    (from * from + from * to + to * to) / 3.0
                };
                mean_power * (to - from) / (high - low)
            }
            Self::Triangular { low, mode, high } => triangular_partial(k, tail, x, low, mode, high),
            Self::Normal { mean, sd } => {
                let z = (x - mean) / sd;
                let (mass, edge) = match tail {
                    Tail::Lower => (normal_cdf(z), -normal_density(z)),
                    Tail::Upper => (normal_cdf(-z), normal_density(z)),
                };
                if k == 1 {
                    mean * mass + sd * edge
                } else {
                    mean * mean * mass + 2.0 * mean * sd * edge + sd * sd * (mass + z * edge)
                }
            }
            Self::Lognormal { mu, sigma } => {
                self.moment(k) * tail.of(lognormal_tails(mu + order * sigma * sigma, sigma, x))
            }
            Self::Gamma { shape, scale } => {
                self.moment(k) * tail.of(gamma_tails(shape + order, x / scale))
            }
            Self::Weibull { shape, scale } => {
                let y = if x <= 0.0 {
                    0.0
                } else {
                    libm::pow(x / scale, shape)
                };
                self.moment(k) * tail.of(gamma_tails(1.0 + order / shape, y))
            }
            Self::Pareto { scale, shape } => {
                let x = x.max(scale);
                let (from, to) = match tail {
                    Tail::Lower => (scale, x),
                    Tail::Upper => (x, f64::INFINITY),
                };
                pareto_moment(scale, shape, order, from, to)
            }
            Self::Beta {
                alpha,
                beta,
                low,
                width,
            } => {
                let (t, rest) = fractions(x, low, width);
                let sum = alpha + beta;
                let zero = tail.of(beta_tails(alpha, beta, t, rest));
                let one = alpha / sum * tail.of(beta_tails(alpha + 1.0, beta, t, rest));
                if k == 1 {
                    return low * zero + width * one;
                }
                let two = alpha / sum
                    * ((alpha + 1.0) / (sum + 1.0))
                    * tail.of(beta_tails(alpha + 2.0, beta, t, rest));
                low * low * zero + 2.0 * low * width * one + width * width * two
            }
            Self::Poisson { mean } => {
                let one = mean * tail.of(self.tails(x - 1.0));
                if k == 1 {
                    one
                } else {
                    one + mean * mean * tail.of(self.tails(x - 2.0))
                }
            }
            Self::Geometric { mean } => {
                let n = x.floor().max(0.0);
                let beyond = if k == 1 {
                    n + mean
                } else {
                    n * n + 2.0 * n * mean + mean * (2.0 * mean - 1.0)
                };
                let upper = beyond * self.tails(x).1;
                match tail {
                    Tail::Upper => upper,
                    Tail::Lower => self.moment(k) - upper,
                }
            }
        }
    }

    /// Smallest and largest possible number.
    pub(super) fn support(&self) -> (f64, f64) {
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
    pub(super) fn is_discrete(&self) -> bool {
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

/// `-ln(1 - p)`: the standard exponential's quantile.
fn exponential_quantile(p: f64, q: f64) -> f64 {
    if p <= q {
        -libm::log1p(-p)
    } else {
        -libm::log(q)
    }
}

/// `∫ t^k dF` between two points of a Pareto.
fn pareto_moment(scale: f64, shape: f64, k: f64, from: f64, to: f64) -> f64 {
    if to <= from {
        return 0.0;
    }
    let lead = shape * libm::pow(scale / from, shape) * libm::pow(from, k);
    let power = k - shape;
    if to.is_infinite() {
        return if power < 0.0 {
            lead / -power
        } else {
            f64::INFINITY
        };
    }
    let stretch = libm::log(to / from);
    if power == 0.0 {
        lead * stretch
    } else {
        lead * libm::expm1(power * stretch) / power
    }
}

/// Integrals of `t^k` against the triangular density, from the nearer end.
fn triangular_partial(k: i32, tail: Tail, x: f64, low: f64, mode: f64, high: f64) -> f64 {
    let width = high - low;
    let x = x.clamp(low, high);
    let total = {
        let mean = (low + mode + high) / 3.0;
        if k == 1 {
            mean
        } else {
            mean * mean + Family::Triangular { low, mode, high }.variance()
        }
    };
    // From one end with distance y: density 2 y / (width × side), number = end ± y.
    let from_end = |end: f64, sign: f64, y: f64, side: f64| {
        if y <= 0.0 {
            return 0.0;
        }
        let lead = 2.0 / (width * side);
        if k == 1 {
            lead * y * y * (0.5 * end + sign * y / 3.0)
        } else {
            lead * y * y * (0.5 * end * end + sign * 2.0 * end * y / 3.0 + 0.25 * y * y)
        }
    };
    let (lower, upper) = if x < mode {
        let lower = from_end(low, 1.0, x - low, mode - low);
        (lower, total - lower)
    } else {
        let upper = from_end(high, -1.0, high - x, high - mode);
        (total - upper, upper)
    };
    tail.of((lower, upper))
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
