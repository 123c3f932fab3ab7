//! Where a requirement stops to hold, from its months at several volumes.

use super::Reach;

/// Ratios of value over limit below this count as this: a failure rate of 0 has no logarithm.
const FLOOR: f64 = 1e-3;

/// One volume: the month's value over its limit, by month. At most 1 holds; undefined months (NaN) hold what they can.
#[derive(Debug, Clone)]
pub(super) struct Ratios {
    pub(super) volume: f64,
    pub(super) by_month: Vec<f64>,
    /// What the windows of the fast estimator add to the error of the mean: they shift all months together.
    pub(super) windows: f64,
}

impl Ratios {
    /// Share of months that hold.
    pub(super) fn held(&self) -> f64 {
        let broken = self.by_month.iter().filter(|ratio| **ratio > 1.0).count();
        1.0 - broken as f64 / self.by_month.len() as f64
    }
}

/// An edge with its interval, as [`super::Edge`] holds it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Found {
    pub(super) reach: Reach,
    pub(super) volume: f64,
    pub(super) low: f64,
    pub(super) high: f64,
    pub(super) bracket: Option<(f64, f64)>,
}

/// The edge from volumes in ascending order, at least one.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "ranks between 0 and the number of months"
)]
pub(super) fn find(points: &[Ratios], confidence: f64) -> Option<Found> {
    let (first, last) = (points.first()?, points.last()?);
    let months = first.by_month.len();
    let crossings = |shift: f64| {
        let mut sorted: Vec<f64> = (0..months)
            .map(|month| crossing(points, month, shift))
            .collect();
        sorted.sort_unstable_by(f64::total_cmp);
        sorted
    };
    let sorted = crossings(0.0);
    let count = months as f64;
    let share = 1.0 - confidence;
    // So many months may break: the edge is where one more would.
    let rank = (share * count + 1e-9).floor();
    let at = |sorted: &[f64], rank: f64| sorted.get(rank.clamp(0.0, count - 1.0) as usize).copied();
    let pick = |rank: f64| at(&sorted, rank);
    let volume = pick(rank)?;
    // Woodruff: the ranks one normal interval to both sides; a pair of months counts once.
    let spread = 1.96 * (share.max(0.5 / count) * confidence / (count * 0.5)).sqrt() * count;
    let below = rank - spread;
    let low = if below < 0.0 {
        pick(0.0)?.min(by_logarithm(&sorted, confidence))
    } else {
        pick(below)?
    };
    let high = pick((rank + spread).ceil())?;
    // What windows shift comes on top; the two are independent.
    let (worse, better) = (at(&crossings(1.96), rank)?, at(&crossings(-1.96), rank)?);
    let apart = |a: f64, b: f64| {
        if a > 0.0 && b > 0.0 {
            libm::log(a / b).max(0.0)
        } else {
            0.0
        }
    };
    let low = volume * libm::exp(-apart(volume, low).hypot(apart(volume, worse)));
    let high = volume * libm::exp(apart(high, volume).hypot(apart(better, volume)));
    let holds = |point: &&Ratios| point.held() >= confidence - 1e-9;
    let bracket = bracket(points, holds);
    Some(match (bracket, holds(&first)) {
        (Some((lower, upper)), _) => {
            // Months say where inside; what was seen at the ends is certain.
            let volume = volume.clamp(lower, upper);
            Found {
                reach: Reach::Found,
                volume,
                low: low.min(volume).max(first.volume),
                high: high.max(volume).min(last.volume),
                bracket: Some((lower, upper)),
            }
        }
        (None, true) => Found {
            reach: Reach::Beyond,
            volume: last.volume,
            low: last.volume,
            high: last.volume,
            bracket: None,
        },
        (None, false) => Found {
            reach: Reach::Never,
            volume: first.volume,
            low: first.volume,
            high: first.volume,
            bracket: None,
        },
    })
}

/// The neighbours of the first change from holding to not holding, looking up from 1x; or, if it does not hold there,
/// looking down.
fn bracket(points: &[Ratios], holds: impl Fn(&&Ratios) -> bool) -> Option<(f64, f64)> {
    let start = points
        .iter()
        .position(|point| point.volume >= 1.0)
        .unwrap_or(0);
    let at = points.get(start)?;
    if holds(&at) {
        let upper = points.iter().skip(start).position(|point| !holds(&point))? + start;
        return Some((points.get(upper - 1)?.volume, points.get(upper)?.volume));
    }
    let lower = points.iter().take(start).rposition(|point| holds(&point))?;
    Some((points.get(lower)?.volume, points.get(lower + 1)?.volume))
}

/// The volume at which one month crosses its limit, the same walk as [`bracket`] for a single month: the largest volume if
/// it never does, just below the smallest if it never holds. All ratios are shifted by so many of their windows' errors.
fn crossing(points: &[Ratios], month: usize, shift: f64) -> f64 {
    let ratio = |point: &Ratios| {
        let known = point
            .by_month
            .get(month)
            .copied()
            .filter(|it| !it.is_nan())?;
        Some(known + shift * point.windows)
    };
    let known: Vec<(f64, f64)> = points
        .iter()
        .filter_map(|point| ratio(point).map(|ratio| (point.volume, ratio)))
        .collect();
    let start = known
        .iter()
        .position(|(volume, _)| *volume >= 1.0)
        .unwrap_or(0);
    let pair = match known.get(start) {
        None => None,
        Some((_, ratio)) if *ratio <= 1.0 => known
            .iter()
            .skip(start)
            .position(|(_, ratio)| *ratio > 1.0)
            .map(|upper| upper + start),
        Some(_) => known
            .iter()
            .take(start)
            .rposition(|(_, ratio)| *ratio <= 1.0)
            .map(|lower| lower + 1),
    };
    if let Some(upper) = pair
        && let (Some(high), Some(low)) = (
            known.get(upper),
            upper.checked_sub(1).and_then(|it| known.get(it)),
        )
    {
        return between(*low, *high);
    }
    match known.get(start) {
        Some((_, ratio)) if *ratio > 1.0 => {
            known.first().map_or(f64::NAN, |(volume, _)| volume * 0.999)
        }
        _ => points.last().map_or(f64::NAN, |point| point.volume),
    }
}

/// Where the logarithm of the ratio crosses 0, linear in the logarithm of the volume.
fn between(low: (f64, f64), high: (f64, f64)) -> f64 {
    let (from, to) = (libm::log(low.1.max(FLOOR)), libm::log(high.1.max(FLOOR)));
    let share = if to > from {
        (-from / (to - from)).clamp(0.0, 1.0)
    } else {
        0.5
    };
    low.0 * libm::exp(share * libm::log(high.0 / low.0))
}

/// A lower bound of the edge where there are too few months for one by rank: the months' logarithms taken as normal
/// (Hahn and Meeker, Statistical Intervals, 1991, §4.4: the large-sample bound of a quantile).
fn by_logarithm(volumes: &[f64], confidence: f64) -> f64 {
    let logs: Vec<f64> = volumes
        .iter()
        .filter(|it| **it > 0.0)
        .map(|it| libm::log(*it))
        .collect();
    let count = logs.len() as f64;
    let mean = logs.iter().sum::<f64>() / count;
    let variance = logs
        .iter()
        .map(|log| (log - mean) * (log - mean))
        .sum::<f64>()
        / (count - 1.0).max(1.0);
    let z = normal_quantile(confidence);
    let pairs = count * 0.5;
    let factor = z + 1.96 * (1.0 / pairs + z * z / (2.0 * pairs)).sqrt();
    libm::exp(mean - factor * variance.sqrt())
}

/// Quantile of a standard normal variable by bisection of its distribution function.
fn normal_quantile(p: f64) -> f64 {
    let (mut low, mut high) = (-9.0, 9.0);
    for _ in 0..80 {
        let middle = 0.5 * (low + high);
        if crate::analysis::steps::normal_cdf(middle) < p {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Month i crosses at volume 2 × 1.01^i exactly (the ratio is a power of the volume).
    fn powers(volumes: &[f64], months: i32) -> Vec<Ratios> {
        volumes
            .iter()
            .map(|volume| Ratios {
                volume: *volume,
                by_month: (0..months)
                    .map(|i| (volume / (2.0 * 1.01_f64.powi(i))).powi(2))
                    .collect(),
                windows: 0.0,
            })
            .collect()
    }

    #[test]
    fn what_windows_stray_widens_the_interval_by_its_closed_form() {
        // (v/2)² ± 1.96 × 0.1 is 1 at v = 2 √(1 ∓ 0.196), known at points so near that lines are as good as the curve.
        let volumes: Vec<f64> = (0..=60).map(|i| 1.0 + f64::from(i) * 0.05).collect();
        let points: Vec<Ratios> = volumes
            .iter()
            .map(|volume| Ratios {
                volume: *volume,
                by_month: vec![(volume / 2.0).powi(2); 40],
                windows: 0.1,
            })
            .collect();
        let found = find(&points, 0.95).unwrap();
        assert!((found.volume - 2.0).abs() < 1e-3, "{found:?}");
        assert!(
            (found.low - 2.0 * 0.804_f64.sqrt()).abs() < 5e-3,
            "{found:?}"
        );
        assert!(
            (found.high - 2.0 * 1.196_f64.sqrt()).abs() < 5e-3,
            "{found:?}"
        );
    }

    #[test]
    fn a_power_law_gives_its_order_statistic_from_two_volumes() {
        let found = find(&powers(&[1.0, 10.0], 40), 0.95).unwrap();
        // 2 of 40 months may break: the edge is the third smallest crossing.
        assert!(
            (found.volume - 2.0 * 1.01_f64.powi(2)).abs() < 1e-9,
            "{found:?}"
        );
        assert_eq!(found.reach, Reach::Found);
        assert!(found.low < found.volume && found.volume < found.high);
    }

    #[test]
    fn what_holds_everywhere_or_nowhere_has_no_edge() {
        assert_eq!(
            find(&powers(&[0.1, 1.0], 8), 0.95).unwrap().reach,
            Reach::Beyond
        );
        assert_eq!(
            find(&powers(&[10.0, 100.0], 8), 0.95).unwrap().reach,
            Reach::Never
        );
    }

    #[test]
    fn an_edge_below_today_is_found_looking_down() {
        let points: Vec<Ratios> = [0.1, 0.5, 1.0, 3.0]
            .iter()
            .map(|volume| Ratios {
                volume: *volume,
                by_month: vec![volume / 0.25; 10],
                windows: 0.0,
            })
            .collect();
        let found = find(&points, 0.9).unwrap();
        assert_eq!(found.bracket, Some((0.1, 0.5)));
        assert!((found.volume - 0.25).abs() < 1e-9);
    }

    #[test]
    fn normal_quantiles_are_those_of_the_tables() {
        assert!((normal_quantile(0.95) - 1.644_854).abs() < 1e-5);
    }
}
