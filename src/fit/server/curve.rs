//! The curve r(n): tokens a second of one answer while n are running.

use std::collections::BTreeMap;

use crate::reading::log::NONE;

use super::super::linear::{Equations, dot};
use super::super::random::Draws;
use super::Run;
use super::prompts::Prompts;

/// Where the curve is given, as far as loads were seen.
pub(super) const KNOTS: [f64; 17] = [
    1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 48.0, 64.0, 96.0, 128.0, 160.0, 192.0, 224.0, 256.0, 384.0,
    512.0, 1024.0,
];

/// Requests are resampled in blocks of so many, one after the other: neighbours share their fate.
const BLOCK: usize = 25;

/// Step time s(n) = 1/r(n) by knots.
#[derive(Debug, Clone)]
pub(super) struct Curve {
    points: Vec<(f64, f64)>,
}

impl Curve {
    pub(super) fn new(points: Vec<(f64, f64)>) -> Option<Self> {
        points
            .iter()
            .all(|(_, rate)| rate.is_finite() && *rate > 0.0)
            .then_some(Self { points })
    }

    /// Tokens a second of one answer while `running` are: straight lines of the step time between knots. Past the last,
    /// on along the line from half the number: a short last stretch would carry its noise far.
    pub(super) fn rate(&self, running: f64) -> f64 {
        let Some(((last, last_rate), before)) = self.points.split_last() else {
            return f64::NAN;
        };
        let between = |(x0, y0): (f64, f64), (x1, y1): (f64, f64)| {
            let (a, b) = (1.0 / y0, 1.0 / y1);
            1.0 / (a + (running.max(x0) - x0) * (b - a) / (x1 - x0)).max(1e-9)
        };
        if running > *last {
            let half = before.iter().rev().find(|(knot, _)| *knot <= 0.5 * last);
            return half.map_or(*last_rate, |half| between(*half, (*last, *last_rate)));
        }
        let after = self.points.partition_point(|(knot, _)| *knot < running);
        match (
            after.checked_sub(1).and_then(|it| self.points.get(it)),
            self.points.get(after),
        ) {
            (Some(low), Some(high)) => between(*low, *high),
            (None, Some((_, rate))) | (Some((_, rate)), None) => *rate,
            (None, None) => f64::NAN,
        }
    }

    pub(super) fn knots(&self) -> impl Iterator<Item = f64> + '_ {
        self.points.iter().map(|(knot, _)| *knot)
    }
}

/// How long each request ran at which n.
pub(super) struct Prepared {
    knots: Vec<f64>,
    /// By run and request.
    exposure: Vec<Vec<Vec<f64>>>,
    lengths: Vec<Vec<f64>>,
    /// Pairs of the same request in two runs: (run, place), (run, place).
    twins: Vec<((usize, usize), (usize, usize))>,
    most: f64,
}

impl Prepared {
    pub(super) fn new(runs: &[Run], prompts: &Prompts) -> Self {
        let most = runs.iter().map(most_running).fold(1.0, f64::max);
        let mut knots: Vec<f64> = KNOTS
            .into_iter()
            .filter(|knot| *knot < most * 0.97)
            .collect();
        knots.push(most.max(2.0));
        let mut exposure = Vec::new();
        for run in runs {
            let history = History::new(run, prompts, &knots);
            exposure.push(
                run.served
                    .iter()
                    .map(|it| minus(&history.until(it.end_s), &history.until(it.first_s)))
                    .collect(),
            );
        }
        Self {
            knots,
            exposure,
            lengths: runs
                .iter()
                .map(|run| run.served.iter().map(|it| it.length).collect())
                .collect(),
            twins: twins(runs),
            most,
        }
    }

    pub(super) fn most_running(&self) -> f64 {
        self.most
    }

    /// Tokens of each request.
    pub(super) fn tokens(&self, curve: &Curve, told: bool) -> Vec<Vec<f64>> {
        let rates: Vec<f64> = self.knots.iter().map(|knot| curve.rate(*knot)).collect();
        self.exposure
            .iter()
            .zip(&self.lengths)
            .map(|(run, lengths)| {
                run.iter()
                    .zip(lengths)
                    .map(|(ran, length)| {
                        if told && length.is_finite() {
                            *length
                        } else {
                            dot(ran, &rates)
                        }
                    })
                    .collect()
            })
            .collect()
    }

    /// Fits the curve, to all requests or to a resample of blocks of them.
    pub(super) fn fit(&self, draws: Option<&mut Draws>) -> Option<Curve> {
        let weights = self.resample(draws);
        let weight = |run: usize, place: usize| {
            weights
                .get(run)
                .and_then(|run| run.get(place / BLOCK))
                .copied()
                .unwrap_or(1.0)
        };
        let mut rates: Option<Vec<f64>> = None;
        // Twins need a scale, which the round before gives.
        for _ in 0..4 {
            let mut equations = Equations::default();
            self.add_counts(&mut equations, &weight);
            if let Some(rates) = &rates {
                self.add_twins(&mut equations, rates, &weight);
            }
            self.add_smoothness(&mut equations, rates.as_deref());
            rates = Some(equations.solve()?);
        }
        let rates = rates?;
        let points: Vec<(f64, f64)> = self.knots.iter().copied().zip(rates).collect();
        Curve::new(points)
    }

    /// How often each block of each run is in the resample.
    fn resample(&self, draws: Option<&mut Draws>) -> Vec<Vec<f64>> {
        let sizes = self.exposure.iter().map(Vec::len);
        let mut lists: Vec<Vec<f64>> = sizes.map(|size| vec![1.0; size / BLOCK + 1]).collect();
        if let Some(draws) = draws {
            for list in &mut lists {
                let count = list.len();
                list.fill(0.0);
                for _ in 0..count {
                    let place = draws.below(count);
                    if let Some(weight) = list.get_mut(place) {
                        *weight += 1.0;
                    }
                }
            }
        }
        lists
    }

    /// Tokens that the log tells, to 3%.
    fn add_counts(&self, equations: &mut Equations, weight: &impl Fn(usize, usize) -> f64) {
        for (run, (exposure, lengths)) in self.exposure.iter().zip(&self.lengths).enumerate() {
            for (place, (ran, length)) in exposure.iter().zip(lengths).enumerate() {
                if *length > 20.0 {
                    let row = ran.iter().map(|it| it / length).collect();
                    equations.add(row, 1.0, 1e3 * weight(run, place));
                }
            }
        }
    }

    /// Equal answers, to 2%: (A₁ − A₂) · r = 0.
    fn add_twins(
        &self,
        equations: &mut Equations,
        rates: &[f64],
        weight: &impl Fn(usize, usize) -> f64,
    ) {
        let at =
            |(run, place): (usize, usize)| self.exposure.get(run).and_then(|run| run.get(place));
        for (one, other) in &self.twins {
            let (Some(a), Some(b)) = (at(*one), at(*other)) else {
                continue;
            };
            let scale = f64::midpoint(dot(a, rates), dot(b, rates));
            if scale > 50.0 {
                let row = a.iter().zip(b).map(|(a, b)| (a - b) / scale).collect();
                equations.add(row, 0.0, 2500.0 * weight(one.0, one.1));
            }
        }
    }

    /// Neighbouring knots lie on a smooth curve of the step time, unless the data say otherwise: s is nearly linear
    /// between three knots. In r = 1/s that is a linear statement about r once a first curve is known.
    fn add_smoothness(&self, equations: &mut Equations, rates: Option<&[f64]>) {
        let count = self.knots.len();
        for middle in 1..count.saturating_sub(1) {
            let (Some(x), Some(step)) = (
                self.knots.get(middle - 1..=middle + 1),
                rates.map_or(Some(vec![0.0; 3]), |rates| {
                    rates
                        .get(middle - 1..=middle + 1)
                        .map(|those| those.iter().map(|rate| 1.0 / rate.max(1e-6)).collect())
                }),
            ) else {
                continue;
            };
            let [x0, x1, x2] = *x else { continue };
            let share = (x1 - x0) / (x2 - x0);
            let mut row = vec![0.0; count];
            let put = |row: &mut Vec<f64>, place: usize, it: f64| {
                if let Some(place) = row.get_mut(place) {
                    *place = it;
                }
            };
            if rates.is_none() {
                put(&mut row, middle - 1, (1.0 - share) * 1e-2);
                put(&mut row, middle, -1e-2);
                put(&mut row, middle + 1, share * 1e-2);
                equations.add(row, 0.0, 1e-2);
                continue;
            }
            let [s0, s1, s2] = *step.as_slice() else {
                continue;
            };
            // δs = −s² δr; the relative bend of s is kept near 0 within a tenth.
            put(&mut row, middle - 1, -(1.0 - share) * s0 * s0 / s1);
            put(&mut row, middle, s1);
            put(&mut row, middle + 1, -share * s2 * s2 / s1);
            let bend = ((1.0 - share) * s0 + share * s2 - s1) / s1;
            let right: f64 = -bend - (1.0 - share) * s0 / s1 + 1.0 - share * s2 / s1;
            equations.add(row, right, 100.0);
        }
    }
}

/// Most answers running at once.
pub(super) fn most_running(run: &Run) -> f64 {
    let mut events: Vec<(f64, f64)> = run
        .served
        .iter()
        .flat_map(|it| [(it.first_s, 1.0), (it.end_s, -1.0)])
        .collect();
    events.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let (mut running, mut most) = (0.0, 0.0_f64);
    for (_, step) in events {
        running += step;
        most = most.max(running);
    }
    most
}

/// The same request with the same answer in two runs.
fn twins(runs: &[Run]) -> Vec<((usize, usize), (usize, usize))> {
    let mut seen: BTreeMap<(u32, u64), (usize, usize)> = BTreeMap::new();
    let mut twins = Vec::new();
    for (index, run) in runs.iter().enumerate() {
        for (place, it) in run.served.iter().enumerate() {
            if it.id == NONE || !it.length.is_finite() {
                continue;
            }
            let name = (it.id, it.length.to_bits());
            match seen.get(&name) {
                Some(other) if other.0 != index => twins.push((*other, (index, place))),
                Some(_) => {}
                None => {
                    seen.insert(name, (index, place));
                }
            }
        }
    }
    twins
}

fn minus(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a - b).collect()
}

/// Seconds spent at each n (as weights of knots), up to any moment; not counted while prompts are read.
struct History {
    /// Moments at which something changes.
    moments: Vec<f64>,
    /// Until then.
    spent: Vec<Vec<f64>>,
}

impl History {
    fn new(run: &Run, prompts: &Prompts, knots: &[f64]) -> Self {
        let mut events: Vec<(f64, f64, f64)> = Vec::new();
        for it in &run.served {
            events.push((it.first_s, 1.0, 0.0));
            events.push((it.end_s, -1.0, 0.0));
        }
        // Prompts are read one after the other, each until its first token.
        let mut order: Vec<_> = run.served.iter().collect();
        order.sort_by(|a, b| b.first_s.total_cmp(&a.first_s));
        let mut next = f64::INFINITY;
        for it in order {
            let end = it.first_s.min(next);
            next = (end - prompts.pause_s(it.input)).max(it.at_s.min(end));
            events.push((next, 0.0, 1.0));
            events.push((end, 0.0, -1.0));
        }
        events.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut history = Self {
            moments: Vec::new(),
            spent: Vec::new(),
        };
        let (mut running, mut reading) = (0.0, 0.0);
        let mut spent = vec![0.0; knots.len()];
        let mut last = events.first().map_or(0.0, |event| event.0);
        for (moment, runs, reads) in events {
            if running > 0.0 && reading < 0.5 {
                for (place, weight) in weights(knots, running) {
                    if let Some(spent) = spent.get_mut(place) {
                        *spent += (moment - last) * weight;
                    }
                }
            }
            last = moment;
            running += runs;
            reading += reads;
            history.moments.push(moment);
            history.spent.push(spent.clone());
        }
        history
    }

    /// What has been spent until a moment, straight between changes.
    fn until(&self, moment: f64) -> Vec<f64> {
        let list = &self.spent;
        let after = self.moments.partition_point(|it| *it <= moment);
        let zero = || vec![0.0; list.first().map_or(0, Vec::len)];
        let Some(before) = after.checked_sub(1) else {
            return zero();
        };
        match (list.get(before), list.get(after)) {
            (Some(low), Some(high)) => {
                let (from, to) = (
                    self.moments.get(before).copied().unwrap_or(moment),
                    self.moments.get(after).copied().unwrap_or(moment),
                );
                let share = if to > from {
                    (moment - from) / (to - from)
                } else {
                    0.0
                };
                low.iter()
                    .zip(high)
                    .map(|(a, b)| a + (b - a) * share)
                    .collect()
            }
            (Some(low), None) => low.clone(),
            _ => zero(),
        }
    }
}

/// A number running as weights of its two knots.
pub(super) fn weights(knots: &[f64], running: f64) -> Vec<(usize, f64)> {
    let after = knots.partition_point(|knot| *knot < running);
    let (Some(below), Some(above)) = (after.checked_sub(1), knots.get(after)) else {
        return vec![(after.min(knots.len().saturating_sub(1)), 1.0)];
    };
    let low = knots.get(below).copied().unwrap_or(0.0);
    let share = (running - low) / (above - low);
    vec![(below, 1.0 - share), (after, share)]
}
