//! Moments and partial moments of the families, in closed form.

use super::{Family, fractions, lognormal_tails};
use crate::quantity::special::{beta_tails, gamma, gamma_tails, normal_cdf, normal_density};

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
    /// `E[X^k]` for `k` = 1 or 2; infinite where it is.
    pub(in crate::quantity) fn moment(&self, k: i32) -> f64 {
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
    pub(in crate::quantity) fn variance(&self) -> f64 {
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
    pub(in crate::quantity) fn moment_between(&self, k: i32, low: f64, high: f64) -> f64 {
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
                let ends = fractions(x, low, width);
                beta_partial(k, tail, ends, (alpha, beta), low, width)
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

/// Partial moments of a stretched beta; `ends` are the distances to its ends, as shares of the width.
fn beta_partial(
    k: i32,
    tail: Tail,
    ends: (f64, f64),
    (alpha, beta): (f64, f64),
    low: f64,
    width: f64,
) -> f64 {
    let sum = alpha + beta;
    let share = |more: f64| tail.of(beta_tails(alpha + more, beta, ends.0, ends.1));
    let one = alpha / sum * share(1.0);
    if k == 1 {
        return low * share(0.0) + width * one;
    }
    let two = alpha / sum * ((alpha + 1.0) / (sum + 1.0)) * share(2.0);
    low * low * share(0.0) + 2.0 * low * width * one + width * width * two
}
