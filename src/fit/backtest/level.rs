//! A level that drifts and the noise around it, what they foretell, and how that is scored.

use statrs::distribution::{Continuous as _, ContinuousCDF as _, StudentsT};

use super::super::quantile;
use super::{Score, Simple, place, scale};

/// Quantiles that are scored, and the 80% interval's ends.
pub(super) const SCORED: [f64; 3] = [0.1, 0.5, 0.9];

/// 80% of a normal distribution lie between this many standard deviations.
pub(in crate::fit) const NORMAL_80: f64 = 1.2816;

/// What is foretold of a stretch: median and 80% interval, in logarithms.
#[derive(Debug, Clone, Copy)]
pub(in crate::fit) struct Forecast {
    pub(in crate::fit) low: f64,
    pub(in crate::fit) middle: f64,
    pub(in crate::fit) high: f64,
}

impl Forecast {
    /// The same of something larger by this, in logarithms.
    pub(in crate::fit) fn plus(self, by: f64) -> Self {
        Self {
            low: self.low + by,
            middle: self.middle + by,
            high: self.high + by,
        }
    }

    /// Half of the interval.
    pub(in crate::fit) fn half(self) -> f64 {
        (self.high - self.low) / 2.0
    }

    /// Ends further off, by what is unsure besides.
    pub(super) fn wider(self, by: f64) -> Self {
        Self {
            low: self.middle - (self.middle - self.low).hypot(by),
            high: self.middle + (self.high - self.middle).hypot(by),
            ..self
        }
    }

    /// Low end, median and high end.
    pub(super) fn ends(self) -> [f64; 3] {
        [self.low, self.middle, self.high]
    }
}

/// How far a level drifts over as long a time as the past: one standard deviation of what is believed before the log is
/// looked at, in logarithms. From week to week a customer's volume moves by 0.5 to 1.2 (alibaba/ServeGen).
const DRIFT: f64 = 1.0;
/// How far beyond the past's lowest and highest block an end may lie, in logarithms: the mean of many blocks hardly gets
/// there.
const BEYOND: f64 = 0.3;
/// Ratios of drift to noise, per block, that are weighed against each other.
const RATIOS: [f64; 9] = [0.0, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0];
/// Blocks with a number that tell anything.
const LEAST: usize = 4;
/// Shares of the past at which forecasts were made before, to see what they lacked.
const EARLIER: [f64; 4] = [0.5, 0.625, 0.75, 0.875];
/// Blocks with something that such a forecast needs.
const LEAST_BLOCKS: usize = 6;
/// Forecasts that tell what they lacked, and series that are asked at most.
const LEAST_ASKED: usize = 20;
const ASKED: usize = 400;

/// What one ratio of drift to noise says: the level now, the scale of the forecast's error, and how likely it is, as a
/// logarithm: how likely it makes the series, and how likely such a drift is.
#[derive(Debug, Clone, Copy)]
struct Told {
    level: f64,
    scale: f64,
    likely: f64,
}

/// The filter of the local level model at one ratio (Harvey 1989, §4.2), the first number taken as the level; the noise is
/// integrated out. Blocks without a number (`NaN`) let the level drift. `noise` is each block's variance beside that of a
/// usual one.
fn filtered(logs: &[f64], noise: impl Fn(usize) -> f64, ratio: f64, horizon: f64) -> Option<Told> {
    let mut numbers = logs.iter().enumerate();
    let (first, mut level) = numbers
        .by_ref()
        .find(|(_, x)| x.is_finite())
        .map(|(at, x)| (at, *x))?;
    let (mut unsure, mut squares, mut logarithms, mut n) = (noise(first), 0.0, 0.0, 0.0);
    for (at, x) in numbers {
        unsure += ratio;
        if x.is_finite() {
            let (miss, spread) = (x - level, unsure + noise(at));
            squares += miss * miss / spread;
            logarithms += libm::log(spread);
            level += unsure / spread * miss;
            unsure *= noise(at) / spread;
            n += 1.0;
        }
    }
    let noise = squares / n + 1e-8;
    let ahead = unsure + ratio * (horizon / 3.0 + 0.5) + 1.0 / horizon.max(1.0);
    let drift = noise * ratio * logs.len() as f64;
    Some(Told {
        level,
        scale: (noise * ahead).sqrt(),
        likely: -0.5 * (logarithms + n * libm::log(noise) + drift / (DRIFT * DRIFT)),
    })
}

/// The mixture of what every ratio says, each as likely as it is: how much of the changes is drift and how much noise a
/// short series tells badly. Student's quantiles, as few blocks tell the noise. `lacking` is what such forecasts were found
/// to be off by besides.
fn mixed(told: &[Told], logs: &[f64], lacking: f64) -> Option<Forecast> {
    let known = || logs.iter().copied().filter(|x| x.is_finite());
    let best = told.iter().map(|it| it.likely).fold(f64::MIN, f64::max);
    let weighed = |it: &Told| (*it, libm::exp(it.likely - best));
    let mut heard: Vec<(Told, f64)> = told.iter().map(weighed).collect();
    heard.retain(|it| it.1 > 1e-9);
    let all: f64 = heard.iter().map(|it| it.1).sum();
    let student = StudentsT::new(0.0, 1.0, (known().count() - 1) as f64).ok()?;
    let [low, middle, high] = SCORED.map(|share| {
        // A mixture's quantile lies between those of its parts; Newton's steps from the middle, halving where they leave.
        let of_one = student.inverse_cdf(share);
        let ends = || heard.iter().map(|(it, _)| it.level + of_one * it.scale);
        let mut low = ends().fold(f64::INFINITY, f64::min);
        let mut high = ends().fold(f64::NEG_INFINITY, f64::max);
        let enough = 1e-9 * (1.0 + high - low);
        let mut x = f64::midpoint(low, high);
        for _ in 0..100 {
            if high - low <= enough {
                break;
            }
            let (mut below, mut slope) = (0.0, 0.0);
            for (it, weight) in &heard {
                let z = (x - it.level) / it.scale;
                below += weight / all * student.cdf(z);
                slope += weight / all * student.pdf(z) / it.scale;
            }
            let end = if below < share { &mut low } else { &mut high };
            *end = x;
            let next = x - (below - share) / slope;
            if (next - x).abs() < enough {
                break;
            }
            x = if low < next && next < high {
                next
            } else {
                f64::midpoint(low, high)
            };
        }
        x
    });
    let it = Forecast { low, middle, high }.wider(lacking);
    Some(Forecast {
        low: it.low.max(known().fold(middle, f64::min) - BEYOND),
        high: it.high.min(known().fold(middle, f64::max) + BEYOND),
        ..it
    })
}

/// How noisy blocks are.
#[derive(Debug, Clone, Copy)]
pub(in crate::fit) enum Noise {
    /// All alike.
    Alike,
    /// All alike, as their weights or numbers say, or half and half: what fits better counts more.
    ByWeight,
}

impl Noise {
    /// Shares of the noise that go with one over the weight.
    fn shares(self) -> &'static [f64] {
        match self {
            Self::Alike => &[0.0],
            Self::ByWeight => &[0.0, 0.5, 1.0],
        }
    }

    /// What every such share and every ratio says.
    fn told(self, logs: &[f64], weights: &[f64], horizon: f64) -> Vec<(f64, Told)> {
        let known = || logs.iter().zip(weights).filter(|(x, _)| x.is_finite());
        let mean = known().map(|it| it.1).sum::<f64>() / known().count() as f64;
        let mut told = Vec::new();
        for share in self.shares() {
            let noise = |at: usize| {
                let own = weights
                    .get(at)
                    .map_or(1.0, |weight| mean / weight.max(1e-9));
                1.0 - share + share * own
            };
            told.extend(
                RATIOS
                    .iter()
                    .filter_map(|ratio| Some((*ratio, filtered(logs, noise, *ratio, horizon)?))),
            );
        }
        told
    }
}

/// Amounts by block against their weights (what was due, or how many there were), and the blocks that are to be foretold.
#[derive(Debug, Clone, Copy)]
pub(in crate::fit) struct Series<'a> {
    pub(in crate::fit) amounts: &'a [f64],
    pub(in crate::fit) weights: &'a [f64],
    pub(in crate::fit) horizon: f64,
}

impl Series<'_> {
    /// The logarithm of the next blocks' amount for a weight of one.
    ///
    /// The level at each ratio is the mean of the past with older blocks worth less, by the gain that the ratio implies in
    /// the long run (Harvey 1989, §4.1): a block with next to nothing counts as what it is. How far it drifts and scatters
    /// is taken from logarithms, in which a block has at least this share of the mean.
    pub(in crate::fit) fn levelled(
        self,
        noise: Noise,
        least_share: f64,
        lacking: f64,
    ) -> Option<Forecast> {
        let Self {
            amounts,
            weights,
            horizon,
        } = self;
        let mean = amounts.iter().sum::<f64>() / weights.iter().sum::<f64>();
        let rate = |(amount, weight): (&f64, &f64)| {
            if *weight > 0.0 {
                libm::log((amount / weight).max(mean * least_share))
            } else {
                f64::NAN
            }
        };
        let logs: Vec<f64> = amounts.iter().zip(weights).map(rate).collect();
        if mean <= 0.0 || logs.iter().filter(|x| x.is_finite()).count() < LEAST {
            return None;
        }
        let fading = |list: &[f64], kept: f64| list.iter().fold(0.0, |sum, x| sum * kept + x);
        let level = |ratio: f64| {
            let kept = 1.0 + (ratio - (ratio * ratio + 4.0 * ratio).sqrt()) / 2.0;
            libm::log((fading(amounts, kept) / fading(weights, kept)).max(mean * least_share))
        };
        let told = noise.told(&logs, weights, horizon).into_iter();
        let told: Vec<Told> = told
            .map(|(ratio, it)| Told {
                level: level(ratio),
                ..it
            })
            .collect();
        mixed(&told, &logs, lacking)
    }
}

/// What intervals lacked when forecasts of these series were made earlier in their past, as far ahead in proportion: the
/// half, in logarithms, that put together with their own holds as many as it should. One series by itself tells badly how
/// far things of its kind come, go and change.
pub(in crate::fit) fn lacking(all: &[Series], noise: Noise, least_share: f64) -> f64 {
    let mut squares = Vec::new();
    for series in all.iter().step_by(all.len().div_ceil(ASKED).max(1)) {
        let blocks = series.amounts.len();
        for earlier in EARLIER {
            let cut = place(blocks as f64 * earlier);
            let (amounts, rest) = series.amounts.split_at(cut);
            let (weights, rest_weights) = series.weights.split_at(cut);
            let ahead = place(series.horizon / blocks as f64 * cut as f64).min(rest.len());
            let sum = |list: &[f64]| list.iter().take(ahead).sum::<f64>();
            let came = sum(rest) / sum(rest_weights);
            let told = amounts.iter().filter(|it| **it > 0.0).count() >= LEAST_BLOCKS;
            if ahead < 2 || !told || came <= 0.0 || !came.is_finite() {
                continue;
            }
            let series = Series {
                amounts,
                weights,
                horizon: ahead as f64,
            };
            if let Some(it) = series.levelled(noise, least_share, 0.0) {
                let miss = libm::log(came) - it.middle;
                let end = if miss > 0.0 { it.high } else { it.low };
                squares.push(miss * miss - (end - it.middle).powi(2));
            }
        }
    }
    squares.sort_by(f64::total_cmp);
    if squares.len() < LEAST_ASKED {
        return 0.0;
    }
    quantile(&squares, 0.8).max(0.0).sqrt()
}

/// A series of logarithms, each from so many: how far the mean of the next blocks lies from that of the past.
pub(super) fn foretold(logs: &[f64], counts: &[f64], horizon: f64) -> Option<Forecast> {
    let known: Vec<f64> = logs.iter().copied().filter(|x| x.is_finite()).collect();
    if known.len() < LEAST {
        return None;
    }
    // The past's own mean is what a level without drift says, at the same noise.
    let mut base = 0.0;
    let told = Noise::ByWeight.told(logs, counts, horizon).into_iter();
    let told: Vec<Told> = told
        .map(|(ratio, it)| {
            if ratio == 0.0 {
                base = it.level;
            }
            Told {
                level: it.level - base,
                ..it
            }
        })
        .collect();
    let mean = known.iter().sum::<f64>() / known.len() as f64;
    let about: Vec<f64> = logs.iter().map(|x| x - mean).collect();
    mixed(&told, &about, 0.0)
}

pub(super) fn scored(
    origin: &str,
    what: String,
    forecast: Forecast,
    actual: f64,
    simple: Simple,
) -> Score {
    scored_between(origin, what, forecast.ends().map(libm::exp), actual, simple)
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
        sum / 3.0 / scale(actual, predicted)
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

#[cfg(test)]
mod tests {
    use super::super::super::random::Draws;
    use super::*;

    /// Of so many made-up logs, the share whose next `ahead` blocks lie within what their first 24 foretell.
    fn held(ahead: usize, amounts: impl Fn(&mut Draws, usize) -> Vec<f64>) -> (f64, f64) {
        let mut draws = Draws::new(3);
        let (mut held, mut half) = (0.0, 0.0);
        let count = 300;
        for _ in 0..count {
            let all = amounts(&mut draws, 24 + ahead);
            let (past, rest) = all.split_at(24);
            let weights = vec![1.0; 24];
            let series = Series {
                amounts: past,
                weights: &weights,
                horizon: ahead as f64,
            };
            let told = series.levelled(Noise::Alike, 0.2, 0.0).expect("a forecast");
            let came = libm::log(rest.iter().sum::<f64>() / ahead as f64);
            held += f64::from(u8::from(told.low <= came && came <= told.high));
            half += (told.high - told.low) / 2.0;
        }
        (held / f64::from(count), half / f64::from(count))
    }

    #[test]
    fn intervals_hold_four_fifths_whether_the_level_drifts_or_not() {
        let (steady, narrow) = held(10, |draws, n| {
            (0..n).map(|_| libm::exp(0.3 * draws.normal())).collect()
        });
        let (drifting, wide) = held(10, |draws, n| {
            let mut level = 0.0;
            let next = |_| {
                level += 0.15 * draws.normal();
                libm::exp(level + 0.1 * draws.normal())
            };
            (0..n).map(next).collect()
        });
        assert!(steady > 0.75 && steady < 0.97, "{steady}");
        assert!(drifting > 0.7 && drifting < 0.92, "{drifting}");
        assert!(narrow < 0.25 && wide > 1.5 * narrow, "{narrow} {wide}");
    }

    #[test]
    fn bursts_with_nothing_between_them_are_no_drift() {
        let (bursts, half) = held(10, |draws, n| {
            let one = |_| {
                if draws.below(4) == 0 {
                    0.0
                } else {
                    libm::exp(draws.normal())
                }
            };
            (0..n).map(one).collect()
        });
        assert!(bursts > 0.75 && half < 1.0, "{bursts} {half}");
    }

    #[test]
    fn blocks_of_a_few_move_the_level_less_than_blocks_of_many() {
        let logs: Vec<f64> = (0..24).map(|at| f64::from(u8::from(at % 2 == 0))).collect();
        let counts: Vec<f64> = (0..24)
            .map(|at| if at % 2 == 0 { 1.0 } else { 1000.0 })
            .collect();
        let mut odd = logs.clone();
        *odd.last_mut().expect("one") = 3.0;
        let told = |logs: &[f64]| foretold(logs, &counts, 5.0).expect("a forecast").middle;
        assert!(
            told(&odd) > told(&logs),
            "a large block that is off moves the level"
        );
        let mut few = logs.clone();
        few[22] = 3.0;
        assert!((told(&few) - told(&logs)).abs() < 0.2 * (told(&odd) - told(&logs)));
    }

    #[test]
    fn ends_stay_near_what_has_been() {
        let of = |amounts: &[f64; 6]| {
            let series = Series {
                amounts,
                weights: &[1.0; 6],
                horizon: 3.0,
            };
            series.levelled(Noise::Alike, 0.05, 3.0)
        };
        let told = of(&[1.0, 1.0, 50.0, 1.0, 2.0, 40.0]).expect("a forecast");
        assert!(told.high <= libm::log(50.0) + BEYOND + 1e-9, "{told:?}");
        assert!(of(&[0.0; 6]).is_none());
    }

    #[test]
    fn what_forecasts_of_all_lacked_before_is_found() {
        // Things that change at once, each by itself, at one time of their past.
        let lacked = |jump: f64| {
            let mut draws = Draws::new(9);
            let mut all = Vec::new();
            for _ in 0..60 {
                let (by, at) = (libm::exp(jump * draws.normal()), 12 + draws.below(8));
                let level = |block| if block < at { 1.0 } else { by };
                let mut one = |block| level(block) * libm::exp(0.1 * draws.normal());
                all.push((0..24).map(&mut one).collect::<Vec<f64>>());
            }
            let series: Vec<Series> = all
                .iter()
                .map(|amounts| Series {
                    amounts,
                    weights: &[1.0; 24],
                    horizon: 10.0,
                })
                .collect();
            lacking(&series, Noise::Alike, 0.05)
        };
        let (steady, jumping) = (lacked(0.0), lacked(1.0));
        assert!(steady < 0.05, "{steady}");
        assert!(jumping > 0.2 && jumping < 1.5, "{jumping}");
    }
}
