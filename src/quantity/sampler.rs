//! Laws compiled for the engine's inner loop: one 32-bit random word in, one number out, by inverse CDF.
//!
//! The draw is monotone in its bits, so common random numbers and antithetic pairs work. Three shapes: a constant; a
//! table of the quantile function for what is continuous ([`Curve`]); exact thresholds for what is discrete
//! ([`Steps`]).

use std::sync::OnceLock;

use super::Law;
use super::curve::Curve;
use super::single;
use super::steps::Steps;

/// A law compiled to tables. Cheap to draw from, so compile once per law, not per draw.
#[derive(Debug, Clone, PartialEq)]
pub struct Sampler(Kind);

#[derive(Debug, Clone, PartialEq)]
enum Kind {
    Constant(f64),
    Curve(Curve),
    Steps(Steps),
}

/// Discrete laws with more values than this are drawn as if continuous (a Poisson with a mean beyond 100 million).
const MOST_STEPS: usize = 1 << 17;

impl Sampler {
    /// A number known exactly.
    #[must_use]
    pub const fn constant(number: f64) -> Self {
        Self(Kind::Constant(number))
    }

    /// Exponential numbers with mean 1: the gaps of a Poisson process. One table for everybody.
    #[must_use]
    pub fn unit_exponential() -> &'static Self {
        static TABLE: OnceLock<Sampler> = OnceLock::new();
        let law = || single::exponential(1.0).unwrap_or_else(|_| Law::constant(1.0));
        TABLE.get_or_init(|| Self::compile(&law()))
    }

    /// Compiles a law. A plain log-normal costs one `exp` per knot (some tens of microseconds); other laws invert
    /// their CDF at 2,049 knots.
    #[must_use]
    pub fn compile(law: &Law) -> Self {
        if let Some(number) = law.as_constant() {
            return Self::constant(number);
        }
        if law.is_discrete()
            && let Some(steps) = Steps::new(law, MOST_STEPS)
        {
            return Self(Kind::Steps(steps));
        }
        Self(Kind::Curve(match law.as_lognormal() {
            Some((mu, sigma)) => Curve::lognormal(law, mu, sigma),
            None => Curve::new(law),
        }))
    }

    /// The quantile at `(bits + 1/2) / 2^32`.
    #[inline]
    #[must_use]
    pub fn draw(&self, bits: u32) -> f64 {
        match &self.0 {
            Kind::Constant(number) => *number,
            Kind::Curve(curve) => curve.draw(bits),
            Kind::Steps(steps) => steps.draw(bits),
        }
    }

    /// The mean of [`Self::draw`] over all 2^32 words: the sampler's own, exact up to rounding.
    #[must_use]
    pub fn mean(&self) -> f64 {
        match &self.0 {
            Kind::Constant(number) => *number,
            Kind::Curve(curve) => curve.mean(),
            Kind::Steps(steps) => steps.mean(),
        }
    }

    /// The number, if every draw gives the same.
    #[must_use]
    pub fn as_constant(&self) -> Option<f64> {
        match self.0 {
            Kind::Constant(number) => Some(number),
            _ => None,
        }
    }

    /// A residual life in equilibrium: what is left of the interval that a random moment falls into, when intervals
    /// follow this law. The interval is picked with probability proportional to its length, by `u_select`, and the
    /// moment is uniform in it, by `u_position` (both in 0..1). Its mean is `E[X²] / (2 E[X])`.
    ///
    /// Negative numbers count as 0. Walks the table: for starting a process, not for an inner loop.
    #[must_use]
    pub fn length_biased(&self, u_select: f64, u_position: f64) -> f64 {
        let length = match &self.0 {
            Kind::Constant(number) => number.max(0.0),
            Kind::Curve(curve) => curve.length_biased(u_select),
            Kind::Steps(steps) => steps.length_biased(u_select),
        };
        length * u_position
    }
}
