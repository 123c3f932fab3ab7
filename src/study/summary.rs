//! Statistics of a metric over simulated months.

use super::document::Metric;

/// Summarises values by month, in month order. Months 2i and 2i + 1 share their facts, so the pairs are independent and
/// the months are not: standard errors are taken over pairs, and one-way analysis of variance (Searle, Casella,
/// `McCulloch`, Variance Components, 1992, §3) tells what we do not know from what chance does. Undefined values (NaN)
/// are left out; `None` if there is no other.
#[must_use]
pub fn summarise(by_month: &[f64]) -> Option<Metric> {
    let mut sorted: Vec<f64> = by_month
        .iter()
        .copied()
        .filter(|value| value.is_finite())
        .collect();
    if sorted.is_empty() {
        return None;
    }
    let mean = sorted.iter().sum::<f64>() / sorted.len() as f64;
    sorted.sort_unstable_by(f64::total_cmp);
    let pairs: Vec<(f64, f64)> = by_month
        .chunks_exact(2)
        .filter_map(|pair| match pair {
            [first, second] if first.is_finite() && second.is_finite() => Some((*first, *second)),
            _ => None,
        })
        .collect();
    let count = pairs.len() as f64;
    let within = pairs
        .iter()
        .map(|(a, b)| (a - b) * (a - b) * 0.5)
        .sum::<f64>()
        / count;
    let means: Vec<f64> = pairs.iter().map(|(a, b)| (a + b) * 0.5).collect();
    let grand = means.iter().sum::<f64>() / count;
    let of_means = means
        .iter()
        .map(|pair| (pair - grand) * (pair - grand))
        .sum::<f64>()
        / (count - 1.0);
    // One pair knows only its own chance; a single month knows nothing of its error.
    let (se, sd_facts, sd_chance) = match pairs.len() {
        0 => (f64::NAN, f64::NAN, f64::NAN),
        1 => ((within * 0.5).sqrt(), f64::NAN, within.sqrt()),
        _ => (
            (of_means / count).sqrt(),
            (of_means - within * 0.5).max(0.0).sqrt(),
            within.sqrt(),
        ),
    };
    Some(Metric {
        mean,
        se,
        p05: quantile(&sorted, 0.05),
        p50: quantile(&sorted, 0.5),
        p80: quantile(&sorted, 0.8),
        p95: quantile(&sorted, 0.95),
        sd_facts,
        sd_chance,
    })
}

/// A quantile of ascending values, interpolated between order statistics (type 7 of Hyndman and Fan 1996).
#[must_use]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a rank between 0 and the length"
)]
pub fn quantile(sorted: &[f64], p: f64) -> f64 {
    let position = p * sorted.len().saturating_sub(1) as f64;
    let below = position.floor();
    let low = sorted.get(below as usize).copied().unwrap_or(f64::NAN);
    let high = sorted.get(below as usize + 1).copied().unwrap_or(low);
    low + (high - low) * (position - below)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_and_chance_are_told_apart() {
        // Pairs at 10 and 20 that differ by 2 inside: variance of means 50, of chance 2.
        let metric = summarise(&[9.0, 11.0, 19.0, 21.0]).expect("values");
        assert_eq!(metric.mean, 15.0);
        assert!((metric.sd_chance - 2.0_f64.sqrt()).abs() < 1e-12);
        assert!((metric.sd_facts - 49.0_f64.sqrt()).abs() < 1e-12);
        assert!((metric.se - 5.0).abs() < 1e-12);
    }

    #[test]
    fn undefined_months_are_left_out_and_a_single_one_has_no_error() {
        assert!(summarise(&[f64::NAN, f64::NAN]).is_none());
        let metric = summarise(&[3.0]).expect("a value");
        assert_eq!(metric.p95, 3.0);
        assert!(metric.se.is_nan());
    }
}
