//! A level that drifts and the noise around it, what they foretell, and how that is scored.

use statrs::distribution::{ContinuousCDF as _, StudentsT};

use super::{Score, Simple};

/// Quantiles that are scored, and the 80% interval's ends.
pub(super) const SCORED: [f64; 3] = [0.1, 0.5, 0.9];

/// What is foretold of a stretch: median and 80% interval, in logarithms.
#[derive(Debug, Clone, Copy)]
pub(in crate::fit) struct Forecast {
    pub(in crate::fit) middle: f64,
    pub(in crate::fit) half: f64,
}

/// Half an interval that is always believed, in logarithms: about 10%.
const LEAST_HALF: f64 = 0.1;
/// Ratios of drift to noise, per block, that are weighed against each other.
const RATIOS: [f64; 9] = [0.0, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0];

/// What one ratio of drift to noise says: the level now, the scale of the forecast's error, and how likely it makes the
/// series (as a logarithm).
struct Told {
    level: f64,
    scale: f64,
    likely: f64,
}

/// The filter of the local level model at one ratio (Harvey 1989, §4.2), the first number taken as the level; the noise is
/// integrated out. Blocks without a number (`NaN`) let the level drift.
fn filtered(series: &[f64], ratio: f64, horizon: f64) -> Option<Told> {
    let mut numbers = series.iter();
    let mut level = *numbers.by_ref().find(|x| x.is_finite())?;
    let (mut unsure, mut squares, mut logs, mut n) = (1.0, 0.0, 0.0, 0.0);
    for x in numbers {
        unsure += ratio;
        if x.is_finite() {
            let (miss, spread) = (x - level, unsure + 1.0);
            squares += miss * miss / spread;
            logs += libm::log(spread);
            level += unsure / spread * miss;
            unsure /= spread;
            n += 1.0;
        }
    }
    let noise = squares / n + 1e-8;
    let ahead = unsure + ratio * (horizon / 3.0 + 0.5) + 1.0 / horizon.max(1.0);
    Some(Told {
        level,
        scale: (noise * ahead).sqrt(),
        likely: -0.5 * (logs + n * libm::log(noise)),
    })
}

/// The mean of the next blocks: median and half the 80% interval, in the series' own logarithms. `pooled` replaces the
/// mean of logarithms by the logarithm of the mean, for what adds up.
///
/// How much of the changes is drift and how much noise a short series tells badly, so every ratio counts as much as it
/// makes the series likely, and the forecast is the mixture of theirs.
pub(in crate::fit) fn foretold(
    series: &[f64],
    horizon: f64,
    pooled: Option<f64>,
) -> Option<Forecast> {
    let known: Vec<f64> = series.iter().copied().filter(|x| x.is_finite()).collect();
    let n = known.len();
    if n < 4 {
        return None;
    }
    let told: Vec<Told> = RATIOS
        .iter()
        .filter_map(|ratio| filtered(series, *ratio, horizon))
        .collect();
    let best = told.iter().map(|it| it.likely).fold(f64::MIN, f64::max);
    let weights: Vec<f64> = told.iter().map(|it| libm::exp(it.likely - best)).collect();
    let all: f64 = weights.iter().sum();
    let student = StudentsT::new(0.0, 1.0, (n - 1) as f64).ok()?;
    let below = |x: f64| {
        told.iter()
            .zip(&weights)
            .map(|(it, weight)| weight / all * student.cdf((x - it.level) / it.scale))
            .sum::<f64>()
    };
    let end = |sign: f64| {
        told.iter()
            .map(|it| it.level + sign * 50.0 * it.scale)
            .fold(
                f64::NAN,
                |a, b| if sign < 0.0 { a.min(b) } else { a.max(b) },
            )
    };
    let at = |share: f64| {
        let (mut low, mut high) = (end(-1.0), end(1.0));
        for _ in 0..60 {
            let middle = f64::midpoint(low, high);
            if below(middle) < share {
                low = middle;
            } else {
                high = middle;
            }
        }
        f64::midpoint(low, high)
    };
    let [low, level, high] = SCORED.map(at);
    let mean = known.iter().sum::<f64>() / n as f64;
    // Student's tails after a handful of blocks reach where nothing has ever been: twice as far as the past went is enough.
    let [least, most] = [f64::min, f64::max].map(|pick| known.iter().copied().fold(mean, pick));
    Some(Forecast {
        middle: pooled.map_or(level, |pooled| pooled + level - mean),
        half: ((high - low) / 2.0).min(most - least + LEAST_HALF),
    })
}

pub(super) fn scored(
    origin: &str,
    what: String,
    forecast: Forecast,
    actual: f64,
    simple: Simple,
) -> Score {
    let ends = [
        forecast.middle - forecast.half,
        forecast.middle,
        forecast.middle + forecast.half,
    ]
    .map(libm::exp);
    scored_between(origin, what, ends, actual, simple)
}

pub(super) fn scored_between(
    origin: &str,
    what: String,
    ends: [f64; 3],
    actual: f64,
    simple: Simple,
) -> Score {
    scored_at(SCORED, origin, what, ends, actual, simple)
}

/// Scores what was foretold at these quantiles.
pub(in crate::fit) fn scored_at(
    shares: [f64; 3],
    origin: &str,
    what: String,
    ends: [f64; 3],
    actual: f64,
    simple: Simple,
) -> Score {
    let [low, predicted, high] = ends;
    let pinball = |ends: [f64; 3]| {
        let sum: f64 = ends
            .iter()
            .zip(shares)
            .map(|(q, share)| {
                if actual >= *q {
                    share * (actual - q)
                } else {
                    (1.0 - share) * (q - actual)
                }
            })
            .sum();
        // Where next to nothing came, in shares of a tenth of what was foretold.
        sum / 3.0 / actual.abs().max(0.1 * predicted.abs()).max(1e-9)
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
        naive_loss: pinball([simple.last; 3]),
        naive: simple.last,
        flat_loss: pinball([simple.flat; 3]),
        flat: simple.flat,
    }
}
