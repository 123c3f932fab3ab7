//! A quantity with every parameter a plain number: a weighted list of families, each possibly truncated.
//!
//! statrs and rv give every distribution a type of its own; here a law is one value of one type, because mixing and
//! truncating must compose with everything. A truncation of a mixture is a mixture of truncations, so both reduce to
//! [`Part`]s. Whatever is asked in an upper tail is computed from that tail (`upper_quantile`, `upper_cdf`), so the
//! sampler's outermost cells (2^-33 from either end) are as right as its middle.

use super::family::Family;
use super::special::solve;

/// A distribution of plain numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Law {
    /// Weights sum to 1; never empty.
    parts: Vec<(f64, Part)>,
}

/// A family, conditioned on a window.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Part {
    family: Family,
    window: Option<Window>,
}

/// A truncation `low..=high` by conditioning, with the probabilities that it needs.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Window {
    low: f64,
    high: f64,
    /// `P(X < low)` and `P(X >= low)`.
    under_low: f64,
    from_low: f64,
    /// `P(X <= high)` and `P(X > high)`.
    to_high: f64,
    over_high: f64,
    /// `P(low <= X <= high)`.
    mass: f64,
}

impl Part {
    pub(super) fn new(family: Family) -> Self {
        Self {
            family,
            window: None,
        }
    }

    /// The same, further conditioned on `low..=high`, and the probability of that; `None` if it is 0.
    fn cut(&self, low: f64, high: f64) -> Option<(f64, Self)> {
        let (mut low, mut high) = (low, high);
        let mut before = 1.0;
        if let Some(window) = self.window {
            low = low.max(window.low);
            high = high.min(window.high);
            before = window.mass;
        }
        if low > high {
            return None;
        }
        let at_low = self.family.mass_at(low);
        let (to_low, over_low) = self.family.tails(low);
        let (to_high, over_high) = self.family.tails(high);
        let mass = self.family.moment_between(0, low, high) + at_low;
        let window = Window {
            low,
            high,
            under_low: (to_low - at_low).max(0.0),
            from_low: over_low + at_low,
            to_high,
            over_high,
            mass,
        };
        (mass > 0.0).then(|| {
            let part = Self {
                family: self.family.clone(),
                window: Some(window),
            };
            ((mass / before).min(1.0), part)
        })
    }

    /// `(P(X <= x), P(X > x))`.
    fn tails(&self, x: f64) -> (f64, f64) {
        let Some(window) = self.window else {
            return self.family.tails(x);
        };
        if x < window.low {
            return (0.0, 1.0);
        }
        if x >= window.high {
            return (1.0, 0.0);
        }
        let (below, above) = self.family.tails(x);
        let lower = if window.under_low >= 0.5 {
            window.from_low - above
        } else {
            below - window.under_low
        };
        let upper = if window.to_high <= 0.5 {
            window.to_high - below
        } else {
            above - window.over_high
        };
        (
            (lower / window.mass).clamp(0.0, 1.0),
            (upper / window.mass).clamp(0.0, 1.0),
        )
    }

    fn mass_at(&self, x: f64) -> f64 {
        match self.window {
            None => self.family.mass_at(x),
            Some(window) if x < window.low || x > window.high => 0.0,
            Some(window) => self.family.mass_at(x) / window.mass,
        }
    }

    fn density(&self, x: f64) -> f64 {
        self.family.density(x) / self.window.map_or(1.0, |window| window.mass)
    }

    fn invert(&self, p: f64, q: f64) -> f64 {
        match self.window {
            None => self.family.invert(p, q),
            Some(window) => {
                let below = window.under_low + p * window.mass;
                let above = window.over_high + q * window.mass;
                self.family
                    .invert(below, above)
                    .clamp(window.low, window.high)
            }
        }
    }

    /// `E[X^k; low < X <= high]`.
    fn moment_between(&self, k: i32, low: f64, high: f64) -> f64 {
        match self.window {
            None => self.family.moment_between(k, low, high),
            Some(window) => {
                let inner =
                    self.family
                        .moment_between(k, low.max(window.low), high.min(window.high));
                let edge = if low < window.low && high >= window.low {
                    let mass = self.family.mass_at(window.low);
                    if mass > 0.0 {
                        mass * pow(window.low, k)
                    } else {
                        0.0
                    }
                } else {
                    0.0
                };
                (inner + edge) / window.mass
            }
        }
    }

    fn moment(&self, k: i32) -> f64 {
        match self.window {
            None => self.family.moment(k),
            Some(window) => {
                let found = self.moment_between(k, f64::NEG_INFINITY, f64::INFINITY);
                if k == 1 {
                    found.clamp(window.low, window.high)
                } else {
                    found
                }
            }
        }
    }

    fn variance(&self) -> f64 {
        if self.window.is_none() {
            return self.family.variance();
        }
        let mean = self.moment(1);
        (self.moment(2) - mean * mean).max(0.0)
    }

    fn support(&self) -> (f64, f64) {
        let (low, high) = self.family.support();
        match self.window {
            None => (low, high),
            Some(window) => (low.max(window.low), high.min(window.high)),
        }
    }
}

fn pow(x: f64, k: i32) -> f64 {
    match k {
        0 => 1.0,
        1 => x,
        _ => x * x,
    }
}

impl Law {
    /// A number known exactly.
    #[must_use]
    pub fn constant(number: f64) -> Self {
        Self::of(Family::constant(number))
    }

    pub(super) fn of(family: Family) -> Self {
        Self {
            parts: vec![(1.0, Part::new(family))],
        }
    }

    /// A mixture; `None` if no weight is positive.
    pub(super) fn mixture(laws: Vec<(f64, Self)>) -> Option<Self> {
        let total: f64 = laws.iter().map(|(share, _)| share).sum();
        let parts: Vec<_> = laws
            .into_iter()
            .filter(|&(share, _)| share > 0.0)
            .flat_map(|(share, law)| {
                law.parts
                    .into_iter()
                    .map(move |(weight, part)| (weight * share / total, part))
            })
            .collect();
        (!parts.is_empty()).then_some(Self { parts })
    }

    /// Conditioned on `low..=high`; `None` if nothing lies there.
    pub(super) fn truncated(&self, low: f64, high: f64) -> Option<Self> {
        let (support_low, support_high) = self.support();
        if low <= support_low && high >= support_high {
            return Some(self.clone());
        }
        let mut parts: Vec<_> = self
            .parts
            .iter()
            .filter_map(|(weight, part)| {
                part.cut(low, high)
                    .map(|(mass, part)| (weight * mass, part))
            })
            .collect();
        let total: f64 = parts.iter().map(|(weight, _)| weight).sum();
        for (weight, _) in &mut parts {
            *weight /= total;
        }
        (total > 0.0).then_some(Self { parts })
    }

    fn tails(&self, x: f64) -> (f64, f64) {
        if let [(_, part)] = self.parts.as_slice() {
            return part.tails(x);
        }
        let (mut lower, mut upper) = (0.0, 0.0);
        for (weight, part) in &self.parts {
            let (below, above) = part.tails(x);
            lower += weight * below;
            upper += weight * above;
        }
        (lower, upper)
    }

    /// `P(X <= x)`.
    #[must_use]
    pub fn cdf(&self, x: f64) -> f64 {
        self.tails(x).0
    }

    /// `P(X > x)`, without cancellation in the upper tail.
    #[must_use]
    pub fn upper_cdf(&self, x: f64) -> f64 {
        self.tails(x).1
    }

    /// The smallest `x` with `P(X <= x) >= p`, for `p` in 0..=1 (outside: the nearer end).
    #[must_use]
    pub fn quantile(&self, p: f64) -> f64 {
        let p = p.clamp(0.0, 1.0);
        self.invert(p, 1.0 - p)
    }

    /// The quantile at `1 - q`, without cancellation for small `q`.
    #[must_use]
    pub fn upper_quantile(&self, q: f64) -> f64 {
        let q = q.clamp(0.0, 1.0);
        self.invert(1.0 - q, q)
    }

    /// The quantile at `p`, where `q = 1 - p`; the smaller of the two decides.
    pub(super) fn invert(&self, p: f64, q: f64) -> f64 {
        if let [(_, part)] = self.parts.as_slice() {
            return part.invert(p, q);
        }
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for (_, part) in &self.parts {
            let x = part.invert(p, q);
            low = low.min(x);
            high = high.max(x);
        }
        let error = |x: f64| {
            let (below, above) = self.tails(x);
            let density: f64 = self
                .parts
                .iter()
                .map(|(weight, part)| weight * part.density(x))
                .sum();
            if p <= q {
                (libm::log(below / p), density / below)
            } else {
                (-libm::log(above / q), density / above)
            }
        };
        let reached = |x: f64| {
            let (below, above) = self.tails(x);
            if p <= q { below >= p } else { above <= q }
        };
        if low >= high || !low.is_finite() || !high.is_finite() {
            return if low == f64::NEG_INFINITY { low } else { high };
        }
        if reached(low) {
            return low;
        }
        let found = solve(low, high, 0.5 * (low + high), low > 0.0, error);
        self.snap(found, reached)
    }

    /// Moves a root that bisection pinned to a jump onto the jump itself.
    fn snap(&self, found: f64, reached: impl Fn(f64) -> bool) -> f64 {
        let near = |x: f64| (x - found).abs() <= 1e-14 * found.abs() && reached(x);
        let rounded = found.round();
        if near(rounded) && self.mass_at(rounded) > 0.0 {
            rounded
        } else {
            found
        }
    }

    /// `P(X = x)`; 0 where there is a density.
    #[must_use]
    pub fn mass_at(&self, x: f64) -> f64 {
        self.parts
            .iter()
            .map(|(weight, part)| weight * part.mass_at(x))
            .sum()
    }

    /// Mean, truncation and mixing included; infinite only for an infinite constant.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.parts
            .iter()
            .map(|(weight, part)| weight * part.moment(1))
            .sum()
    }

    /// Variance; infinite where it is (a Pareto with a shape of at most 2).
    #[must_use]
    pub fn variance(&self) -> f64 {
        if let [(_, part)] = self.parts.as_slice() {
            return part.variance();
        }
        let mean = self.mean();
        self.parts
            .iter()
            .map(|(weight, part)| {
                let off = part.moment(1) - mean;
                weight * (part.variance() + off * off)
            })
            .sum()
    }

    /// Smallest and largest possible number.
    #[must_use]
    pub fn support(&self) -> (f64, f64) {
        self.parts.iter().map(|(_, part)| part.support()).fold(
            (f64::INFINITY, f64::NEG_INFINITY),
            |(low, high), (from, to)| (low.min(from), high.max(to)),
        )
    }

    /// Whether only isolated numbers are possible (Poisson, geometric, discrete, constants, and mixtures of them).
    #[must_use]
    pub fn is_discrete(&self) -> bool {
        self.parts.iter().all(|(_, part)| part.family.is_discrete())
    }

    /// The number, if only one is possible.
    #[must_use]
    pub fn as_constant(&self) -> Option<f64> {
        let (low, high) = self.support();
        (low == high).then_some(low)
    }

    /// The mean and standard deviation of the logarithm, for a log-normal that is neither mixed nor truncated.
    pub(super) fn as_lognormal(&self) -> Option<(f64, f64)> {
        match self.parts.as_slice() {
            [
                (
                    _,
                    Part {
                        family: Family::Lognormal { mu, sigma },
                        window: None,
                    },
                ),
            ] => Some((*mu, *sigma)),
            _ => None,
        }
    }

    /// Whether the quantile function may have corners or jumps (mixtures, samples).
    pub(super) fn is_rough(&self) -> bool {
        self.parts.len() > 1
            || self.parts.iter().any(|(_, part)| {
                matches!(part.family, Family::Sample(_) | Family::Triangular { .. })
                    || part.family.is_discrete()
            })
    }

    /// The isolated values of the discrete parts between two numbers, ascending and distinct; `None` above `most`.
    pub(super) fn atoms(&self, low: f64, high: f64, most: usize) -> Option<Vec<f64>> {
        let mut values = Vec::new();
        for (_, part) in &self.parts {
            let (from, to) = part.support();
            let (from, to) = (from.max(low), to.min(high));
            if let Family::Points(points) = &part.family {
                values.extend(
                    points
                        .values()
                        .iter()
                        .copied()
                        .filter(|x| (from..=to).contains(x)),
                );
                continue;
            }
            let mut x = from.ceil();
            if to - x > most as f64 {
                return None;
            }
            while x <= to {
                values.push(x);
                x += 1.0;
            }
        }
        values.sort_by(f64::total_cmp);
        values.dedup();
        (values.len() <= most).then_some(values)
    }

    /// `∫ Q(u) du` over a slice of probability, given by its ends' lower and upper probabilities and their quantiles
    /// `low` and `high`.
    pub(super) fn quantile_integral(
        &self,
        from: (f64, f64),
        to: (f64, f64),
        low: f64,
        high: f64,
    ) -> f64 {
        if low >= high {
            return low * gap(from, to);
        }
        let inner: f64 = self
            .parts
            .iter()
            .map(|(weight, part)| {
                let jump = part.mass_at(high);
                let mut between = part.moment_between(1, low, high);
                if jump > 0.0 {
                    between -= jump * high;
                }
                weight * between
            })
            .sum();
        let at_low = gap(from, self.tails(low));
        let jump = self.mass_at(high);
        let (below, above) = self.tails(high);
        let at_high = gap((below - jump, above + jump), to);
        let edge = |mass: f64, x: f64| {
            if mass > 0.0 && x.is_finite() {
                mass * x
            } else {
                0.0
            }
        };
        edge(at_low, low) + inner + edge(at_high, high)
    }
}

/// Probability between two points given by their lower and upper probabilities, from the nearer tail; at least 0.
fn gap(from: (f64, f64), to: (f64, f64)) -> f64 {
    if from.0 >= 0.5 {
        from.1 - to.1
    } else {
        to.0 - from.0
    }
    .max(0.0)
}
