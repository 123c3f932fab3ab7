//! Where a quantity's mass lies, for a small plot beside what was typed.
//!
//! The plot runs from the 0.5th to the 99th percentile: beyond, a long tail would push everything else into one bar.
//! Uncertain parameters are taken at their medians.

use super::{Law, Quantity};

/// A quantity's mass over equal bins.
#[derive(Debug, Clone, PartialEq)]
pub struct Density {
    /// Where the first bin begins.
    pub low: f64,
    /// Where the last bin ends.
    pub high: f64,
    /// Share of the mass in each bin; what lies outside is in none.
    pub bins: Vec<f64>,
    /// Its mean.
    pub mean: f64,
    /// Its median.
    pub p50: f64,
    /// 95% lie below.
    pub p95: f64,
}

impl Quantity {
    /// Where its mass lies, over so many bins; `None` for a number known exactly, and where the numbers make no law.
    #[must_use]
    pub fn density(&self, bins: usize) -> Option<Density> {
        let law = self.law(&mut Self::median).ok()?;
        if law.as_constant().is_some() || bins == 0 {
            return None;
        }
        let (low, high) = (law.quantile(0.005), law.upper_quantile(0.01));
        // Whole numbers get a bin of their own where there is room for it.
        let (low, high) = if law.is_discrete() {
            (low - 0.5, high + 0.5)
        } else {
            (low, high)
        };
        if !(low.is_finite() && high.is_finite() && low < high) {
            return None;
        }
        let width = (high - low) / bins as f64;
        let edge = |index: usize| low + width * index as f64;
        Some(Density {
            low,
            high,
            bins: (0..bins)
                .map(|index| mass(&law, edge(index), edge(index + 1), index == 0))
                .collect(),
            mean: law.mean(),
            p50: law.quantile(0.5),
            p95: law.quantile(0.95),
        })
    }
}

/// `P(low < X <= high)`; of the first bin its lower end too.
fn mass(law: &Law, low: f64, high: f64, first: bool) -> f64 {
    let at = if first { law.mass_at(low) } else { 0.0 };
    // From the nearer tail, so that small differences do not cancel.
    let between = if law.cdf(low) > 0.5 {
        law.upper_cdf(low) - law.upper_cdf(high)
    } else {
        law.cdf(high) - law.cdf(low)
    };
    (between + at).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::super::Shape;
    use super::*;

    fn exact(number: f64) -> Quantity {
        Quantity::exact(number)
    }

    fn of(shape: Shape) -> Quantity {
        Quantity {
            shape,
            min: None,
            max: None,
        }
    }

    #[test]
    fn a_uniform_is_flat_and_a_plain_number_has_no_density() {
        let flat = of(Shape::Uniform {
            low: exact(0.0).into(),
            high: exact(10.0).into(),
        });
        let density = flat.density(8).unwrap();
        // Between the 0.5th and 99th percentile lie 98.5% of the mass, in eight equal parts.
        for share in &density.bins {
            assert!((share - 0.985 / 8.0).abs() < 1e-12, "{share}");
        }
        assert!((density.low - 0.05).abs() < 1e-12 && (density.high - 9.9).abs() < 1e-12);
        assert_eq!(Quantity::exact(3.0).density(8), None);
    }

    #[test]
    fn whole_numbers_keep_all_of_their_mass() {
        let dice = of(Shape::Discrete {
            values: vec![1.0, 2.0, 3.0],
            weights: vec![1.0, 2.0, 1.0],
        });
        let density = dice.density(3).unwrap();
        assert_eq!(density.bins, [0.25, 0.5, 0.25]);
        assert_eq!(density.p50, 2.0);
    }

    #[test]
    fn a_log_normal_has_its_mass_on_the_left_and_its_quantiles_as_typed() {
        let typed = of(Shape::Quantiles {
            low: (0.5, exact(0.8).into()),
            high: (0.95, exact(2.4).into()),
        });
        let density = typed.density(20).unwrap();
        assert!((density.p50 - 0.8).abs() < 1e-9 && (density.p95 - 2.4).abs() < 1e-9);
        let half: f64 = density.bins.iter().take(10).sum();
        assert!(half > 0.8, "{half}");
    }
}
