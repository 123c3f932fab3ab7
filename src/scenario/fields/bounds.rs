use crate::quantity::{Quantity, Shape};

/// Which numbers a field takes; spreads are held to it by their parameters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Bounds {
    /// Not a number, or any finite one.
    Any,
    /// Finite and at least this.
    AtLeast(f64),
    /// Finite and more than this.
    Above(f64),
    /// From one to the other, both allowed.
    Between(f64, f64),
    /// At least this; `inf` is allowed and means endless.
    Endless(f64),
}

impl Bounds {
    /// Whether a number is allowed.
    #[must_use]
    pub fn allow(self, number: f64) -> bool {
        match self {
            Self::Any => number.is_finite(),
            Self::AtLeast(low) => number.is_finite() && number >= low,
            Self::Above(low) => number.is_finite() && number > low,
            Self::Between(low, high) => (low..=high).contains(&number),
            Self::Endless(low) => number >= low,
        }
    }

    /// The same in words, after "expected": "a number from 0 to 1".
    #[must_use]
    pub fn words(self) -> String {
        match self {
            Self::Any => "a number".to_owned(),
            Self::AtLeast(low) => format!("a number, {low} or more"),
            Self::Above(low) => format!("a number above {low}"),
            Self::Between(low, high) => format!("a number from {low} to {high}"),
            Self::Endless(low) => format!("a number, {low} or more, or `inf`"),
        }
    }

    /// The first number in a quantity that is not allowed. Spreads are held to the bounds by their ends, quantiles and
    /// means; what their tails do beyond is cut where the number is used.
    #[must_use]
    pub fn first_outside(self, quantity: &Quantity) -> Option<f64> {
        let plain = |number: f64| (!self.allow(number)).then_some(number);
        let inner = |parts: &[&Quantity]| parts.iter().find_map(|part| self.first_outside(part));
        match &quantity.shape {
            Shape::Exact(number) => plain(*number),
            Shape::Range90 { lo, hi } => plain(*lo).or_else(|| plain(*hi)),
            Shape::Quantiles { low, high } => inner(&[&low.1, &high.1]),
            Shape::LognormalMeanCv { mean, .. }
            | Shape::GammaMeanCv { mean, .. }
            | Shape::BetaMeanCv { mean, .. }
            | Shape::Normal { mean, .. }
            | Shape::Exponential { mean }
            | Shape::Poisson { mean }
            | Shape::Geometric { mean } => inner(&[mean]),
            Shape::Mix(parts) => parts.iter().find_map(|(_, part)| self.first_outside(part)),
            Shape::Uniform { low, high } => inner(&[low, high]),
            Shape::Triangular { low, mode, high } | Shape::Pert { low, mode, high } => {
                inner(&[low, mode, high])
            }
            Shape::Pareto { scale, .. } => inner(&[scale]),
            Shape::Discrete { values, .. } => values.iter().find_map(|value| plain(*value)),
            Shape::Empirical { sorted, .. } => [sorted.first(), sorted.last()]
                .into_iter()
                .flatten()
                .find_map(|end| plain(*end)),
            Shape::ExponentialRate { .. }
            | Shape::LognormalMuSigma { .. }
            | Shape::Gamma { .. }
            | Shape::Weibull { .. }
            | Shape::Beta { .. } => None,
        }
    }
}
