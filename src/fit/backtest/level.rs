//! A level that drifts and the noise around it, what they foretell, and how that is scored.

use super::Score;

/// Quantiles that are scored, and the 80% interval's ends.
pub(super) const SCORED: [f64; 3] = [0.1, 0.5, 0.9];

/// What is foretold of a stretch: median and 80% interval, in logarithms.
#[derive(Debug, Clone, Copy)]
pub(super) struct Forecast {
    pub(super) middle: f64,
    pub(super) half: f64,
}

/// The mean of the next blocks: median and half the 80% interval, in the series' own logarithms. `pooled` replaces the
/// mean of logarithms by the logarithm of the mean, for what adds up.
pub(super) fn foretold(series: &[f64], horizon: f64, pooled: Option<f64>) -> Option<Forecast> {
    let known: Vec<f64> = series.iter().copied().filter(|x| x.is_finite()).collect();
    let n = known.len();
    if n < 4 {
        return None;
    }
    // Squared differences at distance k are kq + 2s²: a line by least squares, over a third of the distances.
    let (mut sk, mut sv, mut skk, mut skv, mut count) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for k in 1..=(n / 3).max(2) {
        let squares: f64 = known
            .iter()
            .zip(known.iter().skip(k))
            .map(|(a, b)| (b - a).powi(2))
            .sum();
        let pairs = (n - k) as f64;
        let (v, k) = (squares / pairs, k as f64);
        sk += pairs * k;
        sv += pairs * v;
        skk += pairs * k * k;
        skv += pairs * k * v;
        count += pairs;
    }
    let slope = ((count * skv - sk * sv) / (count * skk - sk * sk)).max(0.0);
    let noise = (((sv - slope * sk) / count) / 2.0).max(1e-8);
    // Some drift is always to be expected: at least a fiftieth of the noise a block.
    let drift = slope.max(noise / 50.0);
    let ratio = drift / noise;
    let ahead = f64::midpoint(ratio, (ratio * ratio + 4.0 * ratio).sqrt());
    let gain = ahead / (ahead + 1.0);
    let mut level = known.iter().take(4).sum::<f64>() / 4.0;
    for x in &known {
        level += gain * (x - level);
    }
    let mean = known.iter().sum::<f64>() / n as f64;
    let middle = pooled.map_or(level, |pooled| pooled + level - mean);
    let variance = gain * noise + drift * (horizon / 3.0 + 0.5) + noise / horizon.max(1.0);
    // Student's 90% quantile with a third of the blocks as degrees of freedom (Cornish and Fisher's first terms).
    let free = (n as f64 / 3.0).max(2.0);
    let z: f64 = 1.2816;
    let student = z
        + (z.powi(3) + z) / (4.0 * free)
        + (5.0 * z.powi(5) + 16.0 * z.powi(3) + 3.0 * z) / (96.0 * free * free);
    Some(Forecast {
        middle,
        half: student * variance.sqrt(),
    })
}

pub(super) fn scored(
    origin: &str,
    what: String,
    forecast: Forecast,
    actual: f64,
    naive: f64,
) -> Score {
    let ends = [
        forecast.middle - forecast.half,
        forecast.middle,
        forecast.middle + forecast.half,
    ]
    .map(libm::exp);
    scored_between(origin, what, ends, actual, naive)
}

pub(super) fn scored_between(
    origin: &str,
    what: String,
    ends: [f64; 3],
    actual: f64,
    naive: f64,
) -> Score {
    let [low, predicted, high] = ends;
    let pinball = |ends: [f64; 3]| {
        let sum: f64 = ends
            .iter()
            .zip(SCORED)
            .map(|(q, share)| {
                if actual >= *q {
                    share * (actual - q)
                } else {
                    (1.0 - share) * (q - actual)
                }
            })
            .sum();
        sum / 3.0 / actual.abs().max(1e-9)
    };
    Score {
        origin: origin.to_owned(),
        what,
        predicted,
        low,
        high,
        actual,
        inside: low <= actual && actual <= high,
        loss: pinball(ends),
        naive_loss: pinball([naive; 3]),
        naive,
    }
}
