//! Growth of the level over weeks.

use super::sample::Sample;
use crate::fit::Value;
use crate::fit::random::Draws;

/// Growth in 30 days: the slope of the logarithm of the level over time by least squares, of logs of four weeks and more.
pub(super) fn fit(sample: &Sample, counts: &[f64], weights: &[f64]) -> Option<Value> {
    if sample.days() < 27.5 {
        return None;
    }
    let points: Vec<(f64, f64)> = counts
        .iter()
        .zip(weights)
        .enumerate()
        .filter(|(_, (n, w))| **n > 0.0 && **w > 0.2)
        .map(|(day, (n, w))| (day as f64 / 30.0, libm::log(n / w)))
        .collect();
    // A week is drawn as a whole: levels drift, and single days would look surer than they are.
    let weeks: Vec<&[(f64, f64)]> = points.chunks(7).collect();
    let slope = |weeks: &[&[(f64, f64)]]| {
        let all = || weeks.iter().copied().flatten();
        let n = all().count() as f64;
        let mean = |of: fn(&(f64, f64)) -> f64| all().map(of).sum::<f64>() / n;
        let (x, y) = (mean(|it| it.0), mean(|it| it.1));
        let top: f64 = all().map(|it| (it.0 - x) * (it.1 - y)).sum();
        let bottom: f64 = all().map(|it| (it.0 - x).powi(2)).sum();
        libm::expm1(top / bottom)
    };
    let mut draws = Draws::new(29);
    let drawn = (0..200)
        .map(|_| {
            let again: Vec<&[(f64, f64)]> = weeks
                .iter()
                .filter_map(|_| weeks.get(draws.below(weeks.len())).copied())
                .collect();
            slope(&again)
        })
        .filter(|it| it.is_finite())
        .collect();
    let growth = Value::of_draws(slope(&weeks), drawn, points.len() as f64);
    Some(growth).filter(|it| it.best.is_finite() && !weeks.is_empty())
}
