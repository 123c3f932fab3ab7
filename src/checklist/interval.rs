//! How sure a share of simulated months is.
//!
//! Clopper–Pearson (Biometrika 26, 1934), one-sided at 95%: of all intervals for a share it is the one that never
//! promises more than it holds. Wilson's is shorter but falls below its nominal level near 1, which is exactly where a
//! gate asks. Months 2i and 2i + 1 share their facts, so they may be copies of each other in all that matters: they
//! count as one observation, which can only widen the interval.

/// Error of either bound.
const ALPHA: f64 = 0.05;

/// Lower and upper 95% bound of the share of months that comply, when `complying` of `months` did.
#[must_use]
pub fn share_bounds(complying: usize, months: usize) -> (f64, f64) {
    if months == 0 {
        return (0.0, 1.0);
    }
    let pairs = months as f64 / 2.0;
    let hits = complying.min(months) as f64 / 2.0;
    let lower = if complying == 0 {
        0.0
    } else {
        beta_quantile(ALPHA, hits, pairs - hits + 1.0)
    };
    let upper = if complying >= months {
        1.0
    } else {
        beta_quantile(1.0 - ALPHA, hits + 1.0, pairs - hits)
    };
    (lower, upper)
}

/// The x at which the regularised incomplete beta function is `p`, by bisection: 60 halvings are below 1e-18.
fn beta_quantile(p: f64, a: f64, b: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if beta_share(middle, a, b) < p {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

/// Regularised incomplete beta function, by its continued fraction (Abramowitz and Stegun 26.5.8, evaluated by Lentz's
/// method), on the side where it converges fast.
fn beta_share(x: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    let log_front = a * libm::log(x) + b * libm::log1p(-x) + libm::lgamma(a + b)
        - libm::lgamma(a)
        - libm::lgamma(b);
    let front = libm::exp(log_front);
    if x < (a + 1.0) / (a + b + 2.0) {
        front * continued_fraction(x, a, b) / a
    } else {
        1.0 - front * continued_fraction(1.0 - x, b, a) / b
    }
}

#[expect(clippy::many_single_char_names, reason = "the formula's own names")]
fn continued_fraction(x: f64, a: f64, b: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let away = |value: f64| if value.abs() < TINY { TINY } else { value };
    let mut c = 1.0;
    let mut d = 1.0 / away(1.0 - (a + b) * x / (a + 1.0));
    let mut sum = d;
    for step in 1..=300 {
        let m = f64::from(step);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / away(1.0 + even * d);
        c = away(1.0 + even / c);
        sum *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / away(1.0 + odd * d);
        c = away(1.0 + odd / c);
        sum *= d * c;
        if (d * c - 1.0).abs() < 1e-14 {
            break;
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use statrs::distribution::{Beta, ContinuousCDF as _};

    #[test]
    fn all_months_complying_has_the_closed_form() {
        // Lower bound of n of n is alpha^(1/n); here n is the number of pairs.
        for months in [2_u16, 20, 64, 1000] {
            let (lower, upper) = share_bounds(usize::from(months), usize::from(months));
            assert!(
                (lower - libm::pow(0.05, 2.0 / f64::from(months))).abs() < 1e-9,
                "{months}: {lower}"
            );
            assert_eq!(upper, 1.0);
        }
    }

    #[test]
    fn bounds_agree_with_another_implementation() {
        for (hits, months) in [
            (1_u16, 20_u16),
            (10, 20),
            (19, 20),
            (950, 1000),
            (999, 1000),
            (3, 4096),
            (4000, 4096),
        ] {
            let (lower, upper) = share_bounds(usize::from(hits), usize::from(months));
            let (k, n) = (f64::from(hits) / 2.0, f64::from(months) / 2.0);
            let below = Beta::new(k, n - k + 1.0).unwrap().cdf(lower);
            let above = Beta::new(k + 1.0, n - k).unwrap().cdf(upper);
            assert!((below - 0.05).abs() < 1e-6, "{hits}/{months}: {below}");
            assert!((above - 0.95).abs() < 1e-6, "{hits}/{months}: {above}");
            assert!(lower < k / n && k / n < upper);
        }
    }

    #[test]
    fn nothing_simulated_says_nothing() {
        assert_eq!(share_bounds(0, 0), (0.0, 1.0));
        assert!(share_bounds(1, 1).0 < 0.1);
    }
}
