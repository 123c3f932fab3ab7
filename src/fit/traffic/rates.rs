//! When conversations begin: the level, the shapes of day and week, the swing from day to day, bursts, spikes.
//!
//! Arrivals are counted in narrow bins. The shape is multiplicative (base × hour × weekday), found by alternating
//! ratios of counts and exposure; what is left over is examined for each day (day swing), for isolated peaks (spikes) and,
//! at every time scale, for more variance than a Poisson process has (bursts): Σ((n − m)² − n)/Σ m² is the squared
//! coefficient of variation of the rate at that scale. A gamma factor redrawn every B seconds has
//! cv² (1 − x/3) at x = τ/B ≤ 1, and cv² (1 − 1/(3x))/x above: B and cv are those that fit best.

use super::sample::{Sample, dot, place};
use crate::fit::Value;

/// Seconds of a day.
pub(in crate::fit) const DAY_S: f64 = 86_400.0;

/// How arrivals are distributed over time.
#[derive(Debug, Clone)]
pub struct Rates {
    /// Per day, averaged over a week.
    pub per_day: Value,
    /// Weight of each hour, mean 1, with the arrivals seen in it; `None`: less than a day was seen.
    pub hourly: Option<Vec<Value>>,
    /// Weight of each weekday, mean 1; `None`: less than a week was seen.
    pub weekly: Option<Vec<Value>>,
    /// Swing from day to day; `None`: fewer than five days.
    pub day_cv: Option<Value>,
    /// Growth of the level in 30 days, as a share; `None`: fewer than four weeks.
    pub growth: Option<Value>,
    /// Bursts.
    pub burst: Burst,
    /// Spikes; `None`: less than two days.
    pub spikes: Option<Vec<Spike>>,
    /// Days that the log covers, gaps left out.
    pub days: f64,
    /// Hours of gaps.
    pub gaps_h: f64,
    /// Counts by bin, for what comes after.
    pub(in crate::fit) bins: Bins,
}

/// Bursts, by time scale.
#[derive(Debug, Clone)]
pub struct Burst {
    /// Coefficient of variation of the rate within a block.
    pub cv: Value,
    /// Length of a block; its interval is what fits not clearly worse.
    pub minutes: Value,
    /// Seconds, coefficient of variation in the log, standard error of its square, and in the model.
    pub scales: Vec<(f64, f64, f64, f64)>,
}

/// An isolated peak.
#[derive(Debug, Clone, Copy)]
pub struct Spike {
    /// When, in the log's seconds.
    pub at_s: f64,
    /// Length.
    pub minutes: f64,
    /// Times the rate expected.
    pub multiplier: f64,
}

/// Counts of arrivals.
#[derive(Debug, Clone)]
pub(in crate::fit) struct Bins {
    pub(in crate::fit) width_s: f64,
    pub(in crate::fit) counts: Vec<f64>,
    /// The bin was really observed.
    pub(in crate::fit) seen: Vec<bool>,
    /// Expected, by base and shape.
    pub(in crate::fit) expected: Vec<f64>,
    /// Hour of the day, weekday, day since the first.
    pub(in crate::fit) calendar: Vec<(usize, usize, usize)>,
}

/// Fits the arrivals; `starts` are times and how many begin then, `row_s` what a row of a log that counts covers.
pub(in crate::fit) fn fit(sample: &Sample, starts: &[(f64, f64)], row_s: Option<f64>) -> Rates {
    let mut bins = Bins::new(sample, starts, row_s);
    let shape = bins.shape(sample);
    let n: f64 = bins.counts.iter().sum();
    let by_block = |of: &dyn Fn(usize) -> f64| {
        let mut sums = vec![0.0; sample.blocks()];
        for at in (0..bins.counts.len()).filter(|at| bins.is_seen(*at)) {
            if let Some(sum) = sums.get_mut(sample.block_of(bins.time(sample, at))) {
                *sum += of(at);
            }
        }
        sums
    };
    let counts = by_block(&|at| bins.count(at));
    let weights = by_block(&|at| shape.weight(&bins, at) * bins.width_s / DAY_S);
    let per_day = sample.ratio(n, &counts, &weights);
    let hourly = shape.hours.as_ref().map(|hours| {
        let of_hour = |hour: usize, of: &dyn Fn(usize) -> f64| {
            by_block(&|at| if bins.day(at).0 == hour { of(at) } else { 0.0 })
        };
        hours
            .iter()
            .enumerate()
            .map(|(hour, best)| {
                let count = of_hour(hour, &|at| bins.count(at));
                let base = of_hour(hour, &|at| shape.weekday(&bins, at) * bins.width_s / DAY_S);
                let level = |drawn: &[f64]| dot(drawn, &counts) / dot(drawn, &weights);
                let value = sample.interval(count.iter().sum(), |drawn| {
                    dot(drawn, &count) / dot(drawn, &base) / level(drawn)
                });
                Value {
                    best: *best,
                    ..value
                }
            })
            .collect()
    });
    let weekly = shape.weekdays.as_ref().map(|days| {
        // With less than two weeks the working days are one group, and the weekend another.
        let alike = |a: usize, b: usize| a == b || (shape.parameters < 7.0 && (a < 5) == (b < 5));
        (0..7)
            .map(|day| {
                let here = |at: usize| bins.calendar.get(at).is_some_and(|it| alike(it.1, day));
                let of_day =
                    |of: &dyn Fn(usize) -> f64| by_block(&|at| if here(at) { of(at) } else { 0.0 });
                let count = of_day(&|at| bins.count(at));
                let base = of_day(&|at| shape.hour(&bins, at) * bins.width_s / DAY_S);
                let level = |drawn: &[f64]| dot(drawn, &counts) / dot(drawn, &weights);
                let value = sample.interval(count.iter().sum(), |drawn| {
                    dot(drawn, &count) / dot(drawn, &base) / level(drawn)
                });
                let best = days.get(day).copied().unwrap_or(1.0);
                Value {
                    best,
                    low: value.low.min(best),
                    high: value.high.max(best),
                    n: value.n,
                }
            })
            .collect()
    });
    let days = bins.seen.iter().filter(|seen| **seen).count() as f64 * bins.width_s / DAY_S;
    let gaps_h = bins.seen.iter().filter(|seen| !**seen).count() as f64 * bins.width_s / 3600.0;
    let spikes = (sample.days() >= 2.0).then(|| bins.spikes(sample));
    let spiked = bins.spiked(sample, spikes.as_deref().unwrap_or_default());
    let factors = bins.day_factors();
    let burst = bins.burst(sample, &spiked, &factors);
    let day_cv = bins.day_cv(&factors, &shape, &burst);
    Rates {
        per_day,
        hourly,
        weekly,
        day_cv,
        growth: super::growth::fit(sample, &counts, &weights),
        burst,
        spikes,
        days,
        gaps_h,
        bins,
    }
}

/// Base × hour × weekday.
#[derive(Debug, Clone)]
struct Shape {
    hours: Option<Vec<f64>>,
    weekdays: Option<Vec<f64>>,
    /// Numbers that the weekdays were fitted with.
    parameters: f64,
}

impl Shape {
    fn hour(&self, bins: &Bins, at: usize) -> f64 {
        self.hours
            .as_ref()
            .and_then(|hours| hours.get(bins.day(at).0))
            .copied()
            .unwrap_or(1.0)
    }

    fn weekday(&self, bins: &Bins, at: usize) -> f64 {
        self.weekdays
            .as_ref()
            .and_then(|days| days.get(bins.day(at).1))
            .copied()
            .unwrap_or(1.0)
    }

    fn weight(&self, bins: &Bins, at: usize) -> f64 {
        self.hour(bins, at) * self.weekday(bins, at)
    }
}

/// Weights with mean 1.
fn normalised(weights: &mut [f64]) {
    let mean = weights.iter().sum::<f64>() / weights.len().max(1) as f64;
    if mean > 0.0 {
        for weight in weights {
            *weight /= mean;
        }
    }
}

/// Times that come in batches tell nothing below four of their gaps; 0 for times that do not.
fn batch_s(starts: &[(f64, f64)]) -> f64 {
    let mut gaps: Vec<f64> = starts
        .windows(2)
        .filter_map(|pair| match pair {
            [a, b] if b.0 > a.0 => Some(b.0 - a.0),
            _ => None,
        })
        .collect();
    if gaps.len() * 2 > starts.len() {
        return 0.0;
    }
    gaps.sort_by(f64::total_cmp);
    4.0 * crate::fit::quantile(&gaps, 0.5).max(0.0)
}

impl Bins {
    fn new(sample: &Sample, starts: &[(f64, f64)], row_s: Option<f64>) -> Self {
        let finest: f64 = match sample.span_s {
            span if span <= 6.0 * 3600.0 => 1.0,
            span if span <= 3.0 * DAY_S => 10.0,
            span if span <= 62.0 * DAY_S => 60.0,
            _ => 300.0,
        };
        let width_s = row_s
            .unwrap_or_else(|| finest.max(batch_s(starts)))
            .max(1e-3);
        let count = place(libm::ceil(sample.span_s / width_s - 1e-9)).max(1);
        let mut bins = Self {
            width_s,
            counts: vec![0.0; count],
            seen: vec![true; count],
            expected: vec![0.0; count],
            calendar: Vec::with_capacity(count),
        };
        for (at_s, number) in starts {
            let at = place((at_s - sample.first_s) / width_s).min(count - 1);
            if let Some(sum) = bins.counts.get_mut(at) {
                *sum += number;
            }
        }
        let local = |at: f64| sample.first_s + sample.local_s + (at + 0.5) * width_s;
        let first_day = libm::floor(local(-0.5) / DAY_S);
        for at in 0..count {
            let local_s = local(at as f64);
            let day = libm::floor(local_s / DAY_S);
            let hour = (local_s - day * DAY_S) / 3600.0;
            bins.calendar.push((
                place(hour).min(23),
                place(day.rem_euclid(7.0)),
                place(day - first_day),
            ));
        }
        bins.find_gaps();
        bins
    }

    /// Stretches of three hours and more without anything, where a hundred arrivals would be due: the log has a gap.
    fn find_gaps(&mut self) {
        let mean = self.counts.iter().sum::<f64>() / self.counts.len() as f64;
        let least =
            place(libm::ceil(3.0 * 3600.0 / self.width_s)).max(place(100.0 / mean.max(1e-9)));
        let mut from = 0;
        for at in 0..=self.counts.len() {
            if at == self.counts.len() || self.count(at) > 0.0 {
                if at - from >= least {
                    for seen in self.seen.iter_mut().take(at).skip(from) {
                        *seen = false;
                    }
                }
                from = at + 1;
            }
        }
    }

    pub(in crate::fit) fn count(&self, at: usize) -> f64 {
        self.counts.get(at).copied().unwrap_or(0.0)
    }

    pub(in crate::fit) fn expected(&self, at: usize) -> f64 {
        self.expected.get(at).copied().unwrap_or(0.0)
    }

    fn is_seen(&self, at: usize) -> bool {
        self.seen.get(at).copied().unwrap_or(false)
    }

    fn day(&self, at: usize) -> (usize, usize, usize) {
        self.calendar.get(at).copied().unwrap_or((0, 0, 0))
    }

    /// The bin's begin, in the log's seconds.
    fn time(&self, sample: &Sample, at: usize) -> f64 {
        sample.first_s + at as f64 * self.width_s
    }

    /// Alternating ratios; sets what is expected in each bin.
    fn shape(&mut self, sample: &Sample) -> Shape {
        let days = sample.days();
        let mut shape = Shape {
            hours: (days >= 0.9 && self.width_s <= 3600.0).then(|| vec![1.0; 24]),
            weekdays: (days >= 6.9).then(|| vec![1.0; 7]),
            parameters: if days >= 13.9 { 7.0 } else { 2.0 },
        };
        // With one or two weeks a weekday is one day's luck: working days and weekends are told apart, no more.
        let group = |day: usize| match (days >= 13.9, day) {
            (true, day) => day,
            (false, 0..=4) => 0,
            _ => 5,
        };
        for _ in 0..12 {
            if shape.hours.is_some() {
                let mut sums = [(0.0, 0.0); 24];
                for at in (0..self.counts.len()).filter(|at| self.is_seen(*at)) {
                    if let Some(sum) = sums.get_mut(self.day(at).0) {
                        sum.0 += self.count(at);
                        sum.1 += shape.weekday(self, at);
                    }
                }
                let mut hours: Vec<f64> = sums
                    .iter()
                    .map(|(n, e)| if *e > 0.0 { n / e } else { f64::NAN })
                    .collect();
                let known: Vec<f64> = hours.iter().copied().filter(|it| it.is_finite()).collect();
                let mean = known.iter().sum::<f64>() / known.len().max(1) as f64;
                for hour in &mut hours {
                    if !hour.is_finite() {
                        *hour = mean;
                    }
                }
                normalised(&mut hours);
                shape.hours = Some(hours);
            }
            if shape.weekdays.is_some() {
                let mut sums = [(0.0, 0.0); 7];
                for at in (0..self.counts.len()).filter(|at| self.is_seen(*at)) {
                    if let Some(sum) = sums.get_mut(group(self.day(at).1)) {
                        sum.0 += self.count(at);
                        sum.1 += shape.hour(self, at);
                    }
                }
                let mut weekdays: Vec<f64> = (0..7)
                    .map(|day| sums.get(group(day)).map_or(1.0, |(n, e)| n / e.max(1e-12)))
                    .collect();
                normalised(&mut weekdays);
                shape.weekdays = Some(weekdays);
            }
        }
        let seen = || (0..self.counts.len()).filter(|at| self.is_seen(*at));
        let base = seen().map(|at| self.count(at)).sum::<f64>()
            / seen()
                .map(|at| shape.weight(self, at))
                .sum::<f64>()
                .max(1e-12);
        self.expected = (0..self.counts.len())
            .map(|at| base * shape.weight(self, at))
            .collect();
        shape
    }

    /// Counts and expectations of each day, over what was seen of it: arrivals, expected, share of the day.
    fn by_day(&self) -> Vec<(f64, f64, f64)> {
        let days = self.calendar.last().map_or(0, |it| it.2 + 1);
        let mut sums = vec![(0.0, 0.0, 0.0); days];
        for at in (0..self.counts.len()).filter(|at| self.is_seen(*at)) {
            if let Some(sum) = sums.get_mut(self.day(at).2) {
                sum.0 += self.count(at);
                sum.1 += self.expected(at);
                sum.2 += self.width_s / DAY_S;
            }
        }
        sums
    }

    /// How busy each day was against its expectation; 1 where too little of it was seen.
    fn day_factors(&self) -> Vec<f64> {
        let days = self.by_day();
        let whole = days.iter().filter(|day| day.2 > 0.5).count();
        days.iter()
            .map(|(n, m, share)| {
                if whole >= 2 && *share > 0.5 && *m > 0.0 {
                    n / m
                } else {
                    1.0
                }
            })
            .collect()
    }

    fn day_cv(&self, factors: &[f64], shape: &Shape, burst: &Burst) -> Option<Value> {
        let days: Vec<(f64, f64)> = self
            .by_day()
            .iter()
            .zip(factors)
            .filter(|((_, m, share), _)| *share > 0.9 && *m > 0.0)
            .map(|((_, m, _), factor)| (*factor, *m))
            .collect();
        let count = days.len() as f64;
        if count < 5.0 {
            return None;
        }
        let parameters = if shape.weekdays.is_some() {
            shape.parameters
        } else {
            1.0
        };
        // What bursts add to a day's count: their cv at the scale of a day.
        let bursty = burst.cv.best.powi(2) * averaged(DAY_S / (burst.minutes.best * 60.0));
        let of = |days: &[(f64, f64)]| {
            let mean = days.iter().map(|it| it.0).sum::<f64>() / days.len() as f64;
            let spread: f64 = days.iter().map(|it| (it.0 / mean - 1.0).powi(2)).sum();
            let noise = days.iter().map(|it| 1.0 / it.1).sum::<f64>() / days.len() as f64;
            (spread / (count - parameters).max(1.0) - noise - bursty)
                .max(0.0)
                .sqrt()
        };
        let mut draws = crate::fit::random::Draws::new(11);
        let drawn = (0..100)
            .map(|_| {
                let again: Vec<(f64, f64)> = days
                    .iter()
                    .filter_map(|_| days.get(draws.below(days.len())).copied())
                    .collect();
                of(&again)
            })
            .collect();
        Some(Value::of_draws(of(&days), drawn, count))
    }

    /// Isolated peaks: at least three times the rate, and eight deviations of what is usual at that scale.
    fn spikes(&self, sample: &Sample) -> Vec<Spike> {
        let each = place(libm::ceil(300.0 / self.width_s)).max(1);
        let wide: Vec<(f64, f64)> = self
            .counts
            .chunks(each)
            .zip(self.expected.chunks(each))
            .map(|(n, m)| (n.iter().sum(), m.iter().sum::<f64>()))
            .collect();
        let ratio = |at: usize| {
            wide.get(at)
                .map_or(0.0, |(n, m)| if *m > 0.5 { n / m } else { 0.0 })
        };
        let mut sorted: Vec<f64> = (0..wide.len()).map(ratio).filter(|it| *it > 0.0).collect();
        sorted.sort_by(f64::total_cmp);
        let mut above = crate::fit::quantile(&sorted, 0.995);
        for _ in 0..4 {
            let usual: Vec<f64> = sorted.iter().copied().filter(|it| *it <= above).collect();
            let mean = usual.iter().sum::<f64>() / usual.len().max(1) as f64;
            let variance =
                usual.iter().map(|it| (it - mean).powi(2)).sum::<f64>() / usual.len().max(1) as f64;
            above = (mean + 8.0 * variance.sqrt()).max(3.0 * mean);
        }
        let mut spikes: Vec<(usize, usize)> = Vec::new();
        // Eight deviations of chance too, and thirty arrivals: where little is expected, a few more are no peak.
        let chance = |at: usize| {
            wide.get(at)
                .is_some_and(|(n, m)| n - m > (8.0 * m.sqrt()).max(30.0))
        };
        for at in (0..wide.len()).filter(|at| ratio(*at) > above && chance(*at)) {
            match spikes.last_mut() {
                Some(last) if at - last.1 <= 1 => last.1 = at,
                _ => spikes.push((at, at)),
            }
        }
        spikes
            .iter()
            .map(|(from, until)| {
                // The edges of a peak fill their bins in part.
                let near = || {
                    wide.iter()
                        .skip(from.saturating_sub(1))
                        .take(until + 3 - from)
                };
                let inside = wide.iter().skip(*from).take(until + 1 - from);
                let top = inside
                    .clone()
                    .map(|(n, m)| n / m.max(1e-9))
                    .fold(0.0, f64::max);
                let core: Vec<f64> = inside
                    .map(|(n, m)| n / m.max(1e-9))
                    .filter(|it| *it > 0.7 * top)
                    .collect();
                let multiplier = core.iter().sum::<f64>() / core.len().max(1) as f64;
                let extra: f64 = near().map(|(n, m)| (n / m.max(1e-9) - 1.0).max(0.0)).sum();
                Spike {
                    at_s: self.time(sample, from * each),
                    minutes: extra / (multiplier - 1.0).max(1e-9) * each as f64 * self.width_s
                        / 60.0,
                    multiplier,
                }
            })
            .collect()
    }

    /// Bins within a spike.
    fn spiked(&self, sample: &Sample, spikes: &[Spike]) -> Vec<bool> {
        (0..self.counts.len())
            .map(|at| {
                let time = self.time(sample, at);
                spikes
                    .iter()
                    .any(|it| time >= it.at_s - 300.0 && time < it.at_s + it.minutes * 60.0 + 600.0)
            })
            .collect()
    }

    /// Windows of so many bins that were seen whole and have no spike: block, arrivals, expected.
    fn windows(
        &self,
        sample: &Sample,
        each: usize,
        spiked: &[bool],
        factors: &[f64],
    ) -> Vec<(usize, f64, f64)> {
        (0..self.counts.len() / each)
            .filter(|window| {
                (window * each..(window + 1) * each)
                    .all(|at| self.is_seen(at) && !spiked.get(at).copied().unwrap_or(false))
            })
            .map(|window| {
                let range = window * each..(window + 1) * each;
                let factor = |at: usize| factors.get(self.day(at).2).copied().unwrap_or(1.0);
                let n: f64 = range.clone().map(|at| self.count(at)).sum();
                let m: f64 = range.map(|at| self.expected(at) * factor(at)).sum();
                (sample.block_of(self.time(sample, window * each)), n, m)
            })
            .collect()
    }

    /// Seconds, excess of variance over a Poisson process in squares of the mean, and its standard error: by time scale.
    fn scales(&self, sample: &Sample, spiked: &[bool], factors: &[f64]) -> Vec<(f64, f64, f64)> {
        let mut scales = Vec::new();
        let mut each = 1;
        while self.counts.len() / each >= 12 && each as f64 * self.width_s <= DAY_S / 4.0 {
            let windows = self.windows(sample, each, spiked, factors);
            let squares: f64 = windows.iter().map(|(_, _, m)| m * m).sum();
            if windows.len() >= 8 && squares > 0.0 {
                let excess = windows
                    .iter()
                    .map(|(_, n, m)| (n - m).powi(2) - n)
                    .sum::<f64>()
                    / squares;
                let mean = windows.iter().map(|it| it.2).sum::<f64>() / windows.len() as f64;
                let error =
                    (2.0 / windows.len() as f64).sqrt() * (excess.max(0.0) + 1.0 / mean.max(1e-9));
                scales.push((each as f64 * self.width_s, excess, error));
            }
            each *= 2;
        }
        scales
    }

    fn burst(&self, sample: &Sample, spiked: &[bool], factors: &[f64]) -> Burst {
        let scales = self.scales(sample, spiked, factors);
        let known = scales
            .iter()
            .filter(|(_, excess, error)| *excess > 2.0 * error)
            .count()
            > 0;
        let shortest = scales.first().map_or(60.0, |it| it.0);
        let mut best = (f64::INFINITY, 300.0_f64.max(shortest), 0.0);
        let mut misses: Vec<(f64, f64)> = Vec::new();
        let mut block_s = shortest.max(0.6);
        while known && block_s <= (sample.span_s / 8.0).min(DAY_S / 2.0) {
            let (mut top, mut bottom) = (0.0, 0.0);
            for (scale, excess, error) in &scales {
                let share = averaged(scale / block_s);
                top += share * excess / (error * error);
                bottom += share * share / (error * error);
            }
            let square = (top / bottom.max(1e-300)).max(0.0);
            let miss: f64 = scales
                .iter()
                .map(|(scale, excess, error)| {
                    ((excess - square * averaged(scale / block_s)) / error).powi(2)
                })
                .sum();
            misses.push((block_s, miss));
            if miss < best.0 {
                best = (miss, block_s, square);
            }
            block_s *= 1.1;
        }
        let (least, block_s, square) = best;
        // 90% of a chi-square with one degree of freedom lie below 2.71; misses of neighbouring scales go together, which
        // makes that too narrow if anything.
        let near = || {
            misses
                .iter()
                .filter(|it| it.1 <= least + 2.71)
                .map(|it| it.0 / 60.0)
        };
        let minutes = Value {
            best: block_s / 60.0,
            low: near().fold(block_s / 60.0, f64::min),
            high: near().fold(block_s / 60.0, f64::max),
            n: scales.len() as f64,
        };
        // The interval is that of the scale next to the block's length.
        let nearest = scales
            .iter()
            .map(|it| it.0)
            .min_by(|a, b| {
                (a / block_s)
                    .ln()
                    .abs()
                    .total_cmp(&(b / block_s).ln().abs())
            })
            .unwrap_or(shortest);
        let windows = self.windows(
            sample,
            place((nearest / self.width_s).round()).max(1),
            spiked,
            factors,
        );
        let (mut over, mut under) = (vec![0.0; sample.blocks()], vec![0.0; sample.blocks()]);
        for (block, n, m) in &windows {
            if let (Some(a), Some(b)) = (over.get_mut(*block), under.get_mut(*block)) {
                *a += (n - m).powi(2) - n;
                *b += m * m;
            }
        }
        let cv = sample.interval(windows.len() as f64, |drawn| {
            (dot(drawn, &over) / dot(drawn, &under) / averaged(nearest / block_s))
                .max(0.0)
                .sqrt()
        });
        Burst {
            cv: Value {
                best: square.sqrt(),
                low: cv.low.min(square.sqrt()),
                high: cv.high.max(square.sqrt()),
                n: cv.n,
            },
            minutes,
            scales: scales
                .iter()
                .map(|(scale, excess, error)| {
                    (
                        *scale,
                        excess.max(0.0).sqrt(),
                        *error,
                        (square * averaged(scale / block_s)).sqrt(),
                    )
                })
                .collect(),
        }
    }
}

/// Variance of the mean, over x blocks of any phase, of a factor that is redrawn every block; 1 is the factor's own.
fn averaged(x: f64) -> f64 {
    if x <= 1.0 {
        1.0 - x / 3.0
    } else {
        (1.0 - 1.0 / (3.0 * x)) / x
    }
}
