//! The law of a positive number (tokens, seconds), chosen by how well it foretells the part of the log it has not seen.
//!
//! Numbers are counted in bins (one for each whole number up to 50, then of 2%), by block of time. Candidates: constant, log-normal,
//! gamma, Weibull, mixtures of two to four log-normals (expectation maximisation, Dempster et al. 1977), a few values
//! with weights. Each is fitted on every second block and scored on the others, and the other way round; the simplest
//! whose score is within a standard error of the best is taken (Breiman et al. 1984, the one-standard-error rule). If
//! even the best is off by more than [`FAR`] anywhere, fifty quantiles of the log itself are the law.

use statrs::function::gamma::gamma_lr;

use super::sample::{Sample, dot, place};
use crate::fit::Value;
use crate::fit::doc::neat;

/// Distance between the distributions of log and law from which quantiles are taken instead.
const FAR: f64 = 0.035;
/// Values that can be listed one by one.
const LISTED: usize = 12;

/// Bins.
#[derive(Debug, Clone)]
struct Grid {
    edges: Vec<f64>,
}

impl Grid {
    fn new(largest: f64, whole: bool) -> Self {
        let mut edges = Vec::new();
        let mut edge = if whole { 0.5 } else { 1e-4 };
        while edge <= largest * 1.03 {
            edges.push(edge);
            edge = if whole && edge < 50.0 {
                edge + 1.0
            } else {
                edge * 1.02
            };
        }
        edges.push(edge);
        Self { edges }
    }

    fn bin(&self, x: f64) -> usize {
        self.edges
            .partition_point(|edge| *edge <= x)
            .saturating_sub(1)
            .min(self.edges.len().saturating_sub(2))
    }

    fn edge(&self, at: usize) -> f64 {
        self.edges.get(at).copied().unwrap_or(f64::INFINITY)
    }

    /// What stands for a bin.
    fn middle(&self, at: usize) -> f64 {
        let (low, high) = (self.edge(at), self.edge(at + 1));
        if high - low == 1.0 {
            f64::midpoint(low, high)
        } else {
            (low * high).sqrt()
        }
    }
}

/// Numbers, counted by block.
#[derive(Debug, Clone)]
pub(in crate::fit) struct Counted {
    grid: Grid,
    blocks: Vec<Vec<f64>>,
    zeros: Vec<f64>,
    sums: Vec<f64>,
    counts: Vec<f64>,
    /// Whether all are whole numbers.
    whole: bool,
    /// The largest number.
    pub(in crate::fit) largest: f64,
    /// How many numbers.
    pub(in crate::fit) n: f64,
    /// The few different values, if they are few.
    listed: Vec<(f64, f64)>,
}

impl Counted {
    /// From pairs of block and number; `None` if there is nothing.
    pub(in crate::fit) fn new(sample: &Sample, numbers: &[(u32, f32)]) -> Option<Self> {
        let numbers = || {
            numbers
                .iter()
                .filter(|(_, x)| x.is_finite() && *x >= 0.0)
                .map(|(block, x)| (*block as usize, f64::from(*x)))
        };
        let n = numbers().count();
        if n == 0 {
            return None;
        }
        let largest = numbers().map(|it| it.1).fold(0.0, f64::max);
        let whole = numbers().all(|it| it.1.fract() == 0.0);
        let grid = Grid::new(largest.max(1.0), whole);
        let mut counted = Self {
            blocks: vec![vec![0.0; grid.edges.len() - 1]; sample.blocks()],
            grid,
            zeros: vec![0.0; sample.blocks()],
            sums: vec![0.0; sample.blocks()],
            counts: vec![0.0; sample.blocks()],
            whole,
            largest,
            n: n as f64,
            listed: Vec::new(),
        };
        let mut few = true;
        for (block, x) in numbers() {
            add(&mut counted.counts, block, 1.0);
            add(&mut counted.sums, block, x);
            if x == 0.0 {
                add(&mut counted.zeros, block, 1.0);
            } else if let Some(bins) = counted.blocks.get_mut(block) {
                add(bins, counted.grid.bin(x), 1.0);
            }
            if few && x > 0.0 {
                match counted.listed.iter_mut().find(|it| it.0 == x) {
                    Some(known) => known.1 += 1.0,
                    None => counted.listed.push((x, 1.0)),
                }
                few = counted.listed.len() <= LISTED;
            }
        }
        if !few {
            counted.listed.clear();
        }
        counted.listed.sort_by(|a, b| a.0.total_cmp(&b.0));
        Some(counted)
    }

    fn weighted(&self, weights: &[f64]) -> Vec<f64> {
        let mut all = vec![0.0; self.grid.edges.len() - 1];
        for (bins, weight) in self.blocks.iter().zip(weights) {
            for (sum, count) in all.iter_mut().zip(bins) {
                *sum += count * weight;
            }
        }
        all
    }

    /// Quantile, zeros included.
    pub(in crate::fit) fn quantile(&self, weights: &[f64], share: f64) -> f64 {
        let zeros = dot(weights, &self.zeros);
        let bins = self.weighted(weights);
        let total: f64 = zeros + bins.iter().sum::<f64>();
        let mut left = share * total - zeros;
        if left <= 0.0 && zeros > 0.0 {
            return 0.0;
        }
        for (at, count) in bins.iter().enumerate() {
            if *count > 0.0 && left <= *count {
                let (low, high) = (self.grid.edge(at), self.grid.edge(at + 1));
                let inside = (left / count).clamp(0.0, 1.0);
                return if high - low == 1.0 {
                    self.grid.middle(at)
                } else {
                    low + (high - low) * inside
                };
            }
            left -= count;
        }
        self.largest
    }

    /// Mean, with its interval.
    pub(in crate::fit) fn mean(&self, sample: &Sample) -> Value {
        sample.ratio(self.n, &self.sums, &self.counts)
    }

    /// Mean of blocks drawn so often.
    pub(in crate::fit) fn mean_of(&self, weights: &[f64]) -> f64 {
        dot(weights, &self.sums) / dot(weights, &self.counts)
    }

    /// A number of a law as these are: a whole one where all are, and none larger.
    pub(in crate::fit) fn like(&self, number: f64) -> f64 {
        let number = number.min(self.largest);
        if self.whole { number.round() } else { number }
    }

    /// Standard deviation of blocks drawn so often.
    pub(in crate::fit) fn deviation_of(&self, weights: &[f64]) -> f64 {
        let mean = self.mean_of(weights);
        let squares: f64 = self
            .weighted(weights)
            .iter()
            .enumerate()
            .map(|(at, count)| count * (self.grid.middle(at) - mean).powi(2))
            .sum();
        let zeros = dot(weights, &self.zeros) * mean * mean;
        ((squares + zeros) / dot(weights, &self.counts)).sqrt()
    }

    /// Median, p95 and p99 with their intervals, in words.
    pub(in crate::fit) fn words(&self, sample: &Sample) -> String {
        let quantiles: Vec<String> = [(0.5, "p50"), (0.95, "p95"), (0.99, "p99")]
            .iter()
            .map(|(share, name)| {
                let value = sample.interval(self.n, |weights| self.quantile(weights, *share));
                format!("{name} {} ({})", neat(value.best), value.between())
            })
            .collect();
        let mean = self.mean(sample);
        format!(
            "{}, mean {} ({})",
            quantiles.join(", "),
            neat(mean.best),
            mean.between()
        )
    }

    /// Chooses the law.
    pub(in crate::fit) fn fit(&self) -> Fitted {
        let blocks = self.blocks.len();
        let all = vec![1.0; blocks];
        let zeros = self.zeros.iter().sum::<f64>() / self.n;
        if zeros >= 1.0 {
            return Fitted {
                law: Law::Constant(0.0),
                zeros: 0.0,
                distance: 0.0,
            };
        }
        if self.listed.len() == 1 {
            let law = Law::Constant(self.listed.first().map_or(0.0, |it| it.0));
            return Fitted {
                law,
                zeros,
                distance: 0.0,
            };
        }
        if !self.listed.is_empty() && self.n >= 20.0 * self.listed.len() as f64 {
            return Fitted {
                law: Law::Listed(self.listed.clone()),
                zeros,
                distance: 0.0,
            };
        }
        let halves = [0, 1].map(|half| -> Vec<f64> {
            (0..blocks)
                .map(|block| if block % 2 == half { 1.0 } else { 0.0 })
                .collect()
        });
        // Each candidate's mean score by block that it has not seen.
        let scored: Vec<Vec<f64>> = CANDIDATES
            .iter()
            .map(|candidate| {
                let laws = halves
                    .each_ref()
                    .map(|half| candidate.fit(&self.grid, &self.weighted(half)));
                (0..blocks)
                    .map(|block| match laws.get((block + 1) % 2) {
                        Some(Some(law)) => self.score(law, block),
                        _ => f64::NEG_INFINITY,
                    })
                    .collect()
            })
            .collect();
        let totals: Vec<f64> = scored
            .iter()
            .map(|by_block| by_block.iter().sum())
            .collect();
        let best = (0..CANDIDATES.len())
            .max_by(|a, b| get(&totals, *a).total_cmp(&get(&totals, *b)))
            .unwrap_or(0);
        let chosen = (0..CANDIDATES.len())
            .find(|at| {
                let differences: Vec<f64> = scored
                    .get(best)
                    .into_iter()
                    .flatten()
                    .zip(scored.get(*at).into_iter().flatten())
                    .map(|(best, this)| best - this)
                    .collect();
                let mean = differences.iter().sum::<f64>() / blocks as f64;
                let spread = differences
                    .iter()
                    .map(|it| (it - mean).powi(2))
                    .sum::<f64>();
                let error = (spread / (blocks as f64 - 1.0).max(1.0) * blocks as f64).sqrt();
                differences.iter().sum::<f64>() <= error.max(1e-9)
            })
            .unwrap_or(best);
        let bins = self.weighted(&all);
        let law = CANDIDATES
            .get(chosen)
            .and_then(|candidate| candidate.fit(&self.grid, &bins));
        let law = law.unwrap_or(Law::Constant(self.sums.iter().sum::<f64>() / self.n));
        let distance = self.distance(&law, &bins);
        if distance > FAR && self.n >= 200.0 {
            let law = self.steps(&bins);
            return Fitted {
                law,
                zeros,
                distance: 0.01,
            };
        }
        Fitted {
            law,
            zeros,
            distance,
        }
    }

    fn score(&self, law: &Law, block: usize) -> f64 {
        let Some(bins) = self.blocks.get(block) else {
            return 0.0;
        };
        bins.iter()
            .enumerate()
            .filter(|(_, count)| **count > 0.0)
            .map(|(at, count)| {
                let mass = law.cdf(self.grid.edge(at + 1)) - law.cdf(self.grid.edge(at));
                count * libm::log(mass.max(1e-9))
            })
            .sum()
    }

    /// The largest distance between the distributions (Kolmogorov and Smirnov's).
    fn distance(&self, law: &Law, bins: &[f64]) -> f64 {
        let total: f64 = bins.iter().sum();
        let mut sum = 0.0;
        let mut largest: f64 = 0.0;
        for (at, count) in bins.iter().enumerate() {
            sum += count;
            largest = largest.max((sum / total - law.cdf(self.grid.edge(at + 1))).abs());
        }
        largest
    }

    /// Quantiles of the log as a law: forty steps of 2.5%, the last of them in ten.
    fn steps(&self, bins: &[f64]) -> Law {
        let total: f64 = bins.iter().sum();
        let shares = (0..39)
            .map(|step| (f64::from(step) * 0.025, 0.025))
            .chain((0..10).map(|step| (0.975 + f64::from(step) * 0.0025, 0.0025)));
        let mut values: Vec<(f64, f64)> = Vec::new();
        let mut at = 0;
        let mut below = 0.0;
        for (from, width) in shares {
            let wanted = (from + width / 2.0) * total;
            while at < bins.len() && below + get(bins, at) < wanted {
                below += get(bins, at);
                at += 1;
            }
            let x = self.grid.middle(at);
            match values.last_mut() {
                Some(last) if last.0 == x => last.1 += width,
                _ => values.push((x, width)),
            }
        }
        Law::Listed(values)
    }
}

fn add(list: &mut [f64], at: usize, what: f64) {
    if let Some(sum) = list.get_mut(at) {
        *sum += what;
    }
}

fn get(list: &[f64], at: usize) -> f64 {
    list.get(at).copied().unwrap_or(0.0)
}

/// A law, with what of the numbers is 0.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::fit) struct Fitted {
    pub(in crate::fit) law: Law,
    pub(in crate::fit) zeros: f64,
    /// Largest distance between the distributions of log and law.
    pub(in crate::fit) distance: f64,
}

impl Fitted {
    /// As a scenario writes it.
    pub(in crate::fit) fn toml(&self, largest: f64) -> String {
        self.law.toml(self.zeros, largest)
    }

    /// The number below which this share lies.
    pub(in crate::fit) fn quantile(&self, share: f64) -> f64 {
        if share <= self.zeros {
            return 0.0;
        }
        self.law.quantile((share - self.zeros) / (1.0 - self.zeros))
    }

    /// What it is, in words.
    pub(in crate::fit) fn words(&self) -> String {
        let name = match &self.law {
            Law::Constant(_) => "always the same".to_owned(),
            Law::LogNormal(_) => "log-normal".to_owned(),
            Law::Gamma(..) => "gamma".to_owned(),
            Law::Weibull(..) => "Weibull".to_owned(),
            Law::Mix(parts) => format!("mixture of {} log-normals", parts.len()),
            Law::Listed(values) if values.len() > LISTED => "quantiles of the log".to_owned(),
            Law::Listed(_) => "the values of the log".to_owned(),
        };
        format!("{name}, at most {:.1}% off", self.distance * 100.0)
    }
}

/// A log-normal: share, mean and deviation of the logarithm.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::fit) struct Part {
    share: f64,
    mu: f64,
    sigma: f64,
}

/// A law of positive numbers.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::fit) enum Law {
    Constant(f64),
    LogNormal(Part),
    /// Shape and scale.
    Gamma(f64, f64),
    /// Shape and scale.
    Weibull(f64, f64),
    Mix(Vec<Part>),
    /// Values and weights, ascending.
    Listed(Vec<(f64, f64)>),
}

fn normal(z: f64) -> f64 {
    0.5 * libm::erfc(-z / std::f64::consts::SQRT_2)
}

impl Law {
    pub(in crate::fit) fn cdf(&self, x: f64) -> f64 {
        if x <= 0.0 {
            return 0.0;
        }
        let of = |part: &Part| normal((libm::log(x) - part.mu) / part.sigma);
        match self {
            Self::Constant(number) => f64::from(u8::from(x >= *number)),
            Self::LogNormal(part) => of(part),
            Self::Gamma(shape, scale) => {
                if x.is_finite() {
                    gamma_lr(*shape, x / scale)
                } else {
                    1.0
                }
            }
            Self::Weibull(shape, scale) => 1.0 - libm::exp(-(x / scale).powf(*shape)),
            Self::Mix(parts) => parts.iter().map(|part| part.share * of(part)).sum(),
            Self::Listed(values) => {
                let total: f64 = values.iter().map(|it| it.1).sum();
                values
                    .iter()
                    .filter(|it| it.0 <= x)
                    .map(|it| it.1)
                    .sum::<f64>()
                    / total
            }
        }
    }

    pub(in crate::fit) fn quantile(&self, share: f64) -> f64 {
        if let Self::Constant(number) = self {
            return *number;
        }
        let (mut low, mut high) = (libm::log(1e-6), libm::log(1e9));
        for _ in 0..60 {
            let middle = f64::midpoint(low, high);
            if self.cdf(libm::exp(middle)) < share {
                low = middle;
            } else {
                high = middle;
            }
        }
        libm::exp(high)
    }

    fn toml(&self, zeros: f64, largest: f64) -> String {
        let quantiles = |part: &Part| {
            let p50 = libm::exp(part.mu);
            format!(
                "p50 = {}, p95 = {}",
                neat(p50),
                neat(libm::exp(part.mu + 1.644_853_6 * part.sigma).max(p50 * 1.000_1))
            )
        };
        let max = |text: &str| format!("{text}, max = {}", crate::fit::write::short(largest));
        let body = match self {
            Self::Constant(number) if zeros < 1e-4 => return neat(*number),
            Self::Constant(number) => format!("value = {}", neat(*number)),
            Self::LogNormal(part) => quantiles(part),
            Self::Gamma(shape, scale) => format!(
                "dist = \"gamma\", mean = {}, cv = {}",
                neat(shape * scale),
                neat(1.0 / shape.sqrt())
            ),
            Self::Weibull(shape, scale) => format!(
                "dist = \"weibull\", shape = {}, scale = {}",
                neat(*shape),
                neat(*scale)
            ),
            Self::Mix(parts) => {
                let mut all: Vec<(f64, String)> = parts
                    .iter()
                    .map(|part| (part.share * (1.0 - zeros), quantiles(part)))
                    .collect();
                if zeros >= 1e-4 {
                    all.push((zeros, "value = 0".to_owned()));
                }
                return format!("{{ {} }}", max(&mixed(&all)));
            }
            Self::Listed(values) => {
                let mut values = values.clone();
                let total: f64 = values.iter().map(|it| it.1).sum();
                if zeros >= 1e-4 {
                    values.insert(0, (0.0, zeros * total / (1.0 - zeros)));
                }
                let total: f64 = values.iter().map(|it| it.1).sum();
                let list = |of: fn(&(f64, f64)) -> f64, by: f64| {
                    values
                        .iter()
                        .map(|it| neat(of(it) / by))
                        .collect::<Vec<_>>()
                        .join(", ")
                };
                return format!(
                    "{{ dist = \"discrete\", values = [{}], weights = [{}] }}",
                    list(|it| it.0, 1.0),
                    list(|it| it.1, total)
                );
            }
        };
        if zeros >= 1e-4 {
            return format!(
                "{{ {} }}",
                mixed(&[(1.0 - zeros, body), (zeros, "value = 0".to_owned())])
            );
        }
        format!("{{ {body} }}")
    }
}

/// Shares are written with six digits and have to sum to 1.
fn mixed(parts: &[(f64, String)]) -> String {
    let mut left = 1_000_000_i64;
    let last = parts.len().saturating_sub(1);
    let list: Vec<String> = parts
        .iter()
        .enumerate()
        .map(|(at, (share, body))| {
            let millionths = if at == last {
                left
            } else {
                i64::try_from(place(share * 1e6)).unwrap_or(0)
            };
            left -= millionths;
            format!(
                "{{ share = {}, {body} }}",
                crate::fit::write::short(millionths as f64 / 1e6)
            )
        })
        .collect();
    format!("mix = [{}]", list.join(", "))
}

#[derive(Debug, Clone, Copy)]
enum Candidate {
    LogNormal,
    Gamma,
    Weibull,
    Mix(usize),
}

/// The simplest first.
const CANDIDATES: [Candidate; 6] = [
    Candidate::LogNormal,
    Candidate::Gamma,
    Candidate::Weibull,
    Candidate::Mix(2),
    Candidate::Mix(3),
    Candidate::Mix(4),
];

impl Candidate {
    fn fit(self, grid: &Grid, bins: &[f64]) -> Option<Law> {
        let points: Vec<(f64, f64)> = bins
            .iter()
            .enumerate()
            .filter(|(_, count)| **count > 0.0)
            .map(|(at, count)| (libm::log(grid.middle(at)), *count))
            .collect();
        let total: f64 = points.iter().map(|it| it.1).sum();
        if total < 5.0 {
            return None;
        }
        let mean = points.iter().map(|it| it.0 * it.1).sum::<f64>() / total;
        let variance = points
            .iter()
            .map(|it| (it.0 - mean).powi(2) * it.1)
            .sum::<f64>()
            / total;
        let sigma = variance.sqrt().max(NARROW);
        match self {
            Self::LogNormal => Some(Law::LogNormal(Part {
                share: 1.0,
                mu: mean,
                sigma,
            })),
            Self::Gamma => {
                // Minka 2002, "Estimating a gamma distribution": Newton's steps on the shape.
                let average = points.iter().map(|it| libm::exp(it.0) * it.1).sum::<f64>() / total;
                let s = (libm::log(average) - mean).max(1e-6);
                let mut shape = (3.0 - s + ((s - 3.0).powi(2) + 24.0 * s).sqrt()) / (12.0 * s);
                for _ in 0..20 {
                    let digamma = statrs::function::gamma::digamma(shape);
                    let slope = (statrs::function::gamma::digamma(shape * 1.000_01) - digamma)
                        / (shape * 0.000_01);
                    let next = shape - (libm::log(shape) - digamma - s) / (1.0 / shape - slope);
                    if !next.is_finite() || next <= 0.0 {
                        break;
                    }
                    shape = next;
                }
                Some(Law::Gamma(shape, average / shape))
            }
            Self::Weibull => {
                // Maximum likelihood: 1/k = Σ x^k ln x / Σ x^k − mean ln x, by bisection.
                let over = |k: f64| {
                    let (mut a, mut b) = (0.0, 0.0);
                    for (x, count) in &points {
                        let power = libm::exp(k * (x - mean)) * count;
                        a += power * x;
                        b += power;
                    }
                    (a / b - mean - 1.0 / k, b)
                };
                let (mut low, mut high) = (0.05_f64, 50.0_f64);
                for _ in 0..50 {
                    let middle = (low * high).sqrt();
                    if over(middle).0 < 0.0 {
                        low = middle;
                    } else {
                        high = middle;
                    }
                }
                let k = (low * high).sqrt();
                let scale = libm::exp(mean + libm::log(over(k).1 / total) / k);
                Some(Law::Weibull(k, scale))
            }
            Self::Mix(count) => Some(Law::Mix(mixture(&points, total, count))),
        }
    }
}

/// The narrowest part of a mixture, in logarithms: half a bin.
const NARROW: f64 = 0.01;

/// Expectation maximisation, begun from equal slices of the numbers.
fn mixture(points: &[(f64, f64)], total: f64, count: usize) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut slice: Vec<(f64, f64)> = Vec::new();
    let mut sum = 0.0;
    for (place, (x, weight)) in points.iter().enumerate() {
        slice.push((*x, *weight));
        sum += weight;
        let wanted = total * (parts.len() + 1) as f64 / count as f64;
        if sum >= wanted - 1e-9 || place + 1 == points.len() {
            let all: f64 = slice.iter().map(|it| it.1).sum();
            let mu = slice.iter().map(|it| it.0 * it.1).sum::<f64>() / all;
            let variance = slice
                .iter()
                .map(|it| (it.0 - mu).powi(2) * it.1)
                .sum::<f64>()
                / all;
            parts.push(Part {
                share: all / total,
                mu,
                sigma: variance.sqrt().max(0.05),
            });
            slice.clear();
        }
    }
    let mut shares = vec![0.0; parts.len()];
    for _ in 0..150 {
        let mut sums = vec![(0.0, 0.0, 0.0); parts.len()];
        for (x, weight) in points {
            for (share, part) in shares.iter_mut().zip(&parts) {
                let z = (x - part.mu) / part.sigma;
                *share = part.share / part.sigma * libm::exp(-0.5 * z * z);
            }
            let all = shares.iter().sum::<f64>().max(1e-300);
            for (sum, share) in sums.iter_mut().zip(&shares) {
                let mine = weight * share / all;
                sum.0 += mine;
                sum.1 += mine * x;
                sum.2 += mine * x * x;
            }
        }
        for (part, (n, x, xx)) in parts.iter_mut().zip(&sums) {
            if *n > 1e-9 {
                part.share = n / total;
                part.mu = x / n;
                part.sigma = (xx / n - part.mu * part.mu).max(0.0).sqrt().max(NARROW);
            }
        }
    }
    parts.retain(|part| part.share > 1e-4);
    let all: f64 = parts.iter().map(|part| part.share).sum();
    for part in &mut parts {
        part.share /= all;
    }
    parts.sort_by(|a, b| a.mu.total_cmp(&b.mu));
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bins_of(law: &Law, grid: &Grid) -> Vec<f64> {
        grid.edges
            .windows(2)
            .map(|pair| 1e5 * (law.cdf(pair[1]) - law.cdf(pair[0])))
            .collect()
    }

    #[test]
    fn each_family_finds_its_own_parameters_again() {
        let grid = Grid::new(1e5, false);
        let Some(Law::Gamma(shape, scale)) =
            Candidate::Gamma.fit(&grid, &bins_of(&Law::Gamma(2.5, 100.0), &grid))
        else {
            panic!("gamma")
        };
        assert!(
            (shape - 2.5).abs() < 0.02 && (scale - 100.0).abs() < 1.0,
            "{shape} {scale}"
        );
        let Some(Law::Weibull(shape, scale)) =
            Candidate::Weibull.fit(&grid, &bins_of(&Law::Weibull(0.8, 300.0), &grid))
        else {
            panic!("weibull")
        };
        assert!(
            (shape - 0.8).abs() < 0.01 && (scale - 300.0).abs() < 3.0,
            "{shape} {scale}"
        );
        let two = Law::Mix(vec![
            Part {
                share: 0.7,
                mu: 4.0,
                sigma: 0.4,
            },
            Part {
                share: 0.3,
                mu: 7.0,
                sigma: 0.6,
            },
        ]);
        let Some(Law::Mix(parts)) = Candidate::Mix(2).fit(&grid, &bins_of(&two, &grid)) else {
            panic!("mix")
        };
        assert!(
            (parts[0].share - 0.7).abs() < 0.01 && (parts[1].mu - 7.0).abs() < 0.03,
            "{parts:?}"
        );
    }

    #[test]
    fn shares_of_a_written_mixture_sum_to_one() {
        let text = mixed(&[
            (1.0 / 3.0, "p50 = 1, p95 = 2".to_owned()),
            (1.0 / 3.0, "value = 1".to_owned()),
            (1.0 / 3.0, "value = 2".to_owned()),
        ]);
        let sum: f64 = text
            .split("share = ")
            .skip(1)
            .map(|it| it.split(',').next().unwrap().parse::<f64>().unwrap())
            .sum();
        assert!((sum - 1.0).abs() < 1e-9, "{text}");
    }
}
