//! Repeats: which questions come again, and what of a prompt was sent before, by how long caches keep things.
//!
//! How often a thing was used again within T counts only uses that had T of log before them: a use t seconds into the log
//! tells nothing about lifetimes above t (Kaplan and Meier 1958, looking backwards).

use std::collections::HashMap;

use super::sample::{Sample, dot};
use crate::fit::Value;
use crate::reading::log::{Field, NONE};

/// Lifetimes that are shown, in seconds.
pub(in crate::fit) const LIFETIMES: [f64; 7] =
    [10.0, 60.0, 300.0, 900.0, 3600.0, 6.0 * 3600.0, 86_400.0];

/// Reuse by lifetime.
#[derive(Debug, Clone, Default)]
pub struct Reuse {
    /// Gaps to the last use, ascending; how much (tokens or requests), and the share not reused within it.
    curve: Vec<(f64, f64)>,
    /// Uses counted.
    pub n: f64,
    /// Longest gap that the log can tell.
    pub longest_s: f64,
}

impl Reuse {
    /// From uses: gap to the last one (infinite if there was none), time since the log's begin, how much it is.
    fn new(mut uses: Vec<(f64, f64, f64)>) -> Self {
        let n = uses.len() as f64;
        let longest_s = uses.iter().map(|it| it.1).fold(0.0, f64::max);
        // What was not used before is known not to have been for as long as the log goes back.
        uses.sort_by(|a, b| a.0.min(a.1).total_cmp(&b.0.min(b.1)));
        let mut at_risk: f64 = uses.iter().map(|it| it.2).sum();
        let mut survived = 1.0;
        let mut curve: Vec<(f64, f64)> = Vec::new();
        for (gap, since, much) in uses {
            if at_risk <= 0.0 {
                break;
            }
            if gap <= since {
                survived *= 1.0 - (much / at_risk).min(1.0);
                match curve.last_mut() {
                    Some(last) if gap - last.0 < 1e-3 => last.1 = survived,
                    _ => curve.push((gap, survived)),
                }
            }
            at_risk -= much;
        }
        Self {
            curve,
            n,
            longest_s,
        }
    }

    /// The share that was used before within this time.
    #[must_use]
    pub fn within(&self, lifetime_s: f64) -> f64 {
        let at = self.curve.partition_point(|it| it.0 <= lifetime_s);
        let seen = at
            .checked_sub(1)
            .and_then(|at| self.curve.get(at))
            .map_or(0.0, |it| 1.0 - it.1);
        // Past what the log tells, reuse goes on growing with the logarithm of the lifetime as in its last half.
        if lifetime_s > self.longest_s && self.longest_s > 0.0 {
            let half = self.within(self.longest_s / 2.0);
            let last = self.within(self.longest_s);
            return (last
                + (last - half) / std::f64::consts::LN_2 * libm::log(lifetime_s / self.longest_s))
            .min(1.0);
        }
        seen
    }
}

/// Questions that repeat.
#[derive(Debug, Clone)]
pub struct Questions {
    /// Share of requests whose question nobody else asks.
    pub unique: f64,
    /// Different ones the others are drawn from.
    pub distinct: f64,
    /// Zipf exponent.
    pub zipf: f64,
    /// Questions seen.
    pub n: f64,
    /// 90% intervals of these three.
    pub ranges: [(f64, f64); 3],
    /// Different ones seen, seen once, seen twice; in the log, and by the law.
    pub spectrum: [(f64, f64); 3],
    /// Share of questions asked before, by time since.
    pub reuse: Reuse,
}

/// Prompt blocks.
#[derive(Debug, Clone)]
pub struct Blocks {
    /// Tokens of a block.
    pub tokens: f64,
    /// Share of tokens that were sent before, by time since.
    pub reuse: Reuse,
    /// Tokens that nine of ten requests share.
    pub shared: Value,
}

/// Blocks of prompts.
pub(in crate::fit) fn blocks(sample: &Sample) -> Option<Blocks> {
    if !sample.log.has(Field::Blocks) {
        return None;
    }
    let rows = sample.rows();
    let tokens = rows
        .iter()
        .filter(|row| row.blocks.1 > 0)
        .map(|row| f64::from(row.input) / f64::from(row.blocks.1))
        .fold(0.0, f64::max);
    let mut last: HashMap<u32, f64> = HashMap::new();
    let mut uses = Vec::new();
    let mut often: HashMap<u32, f64> = HashMap::new();
    for row in rows {
        let blocks = sample.log.blocks_of(row);
        let since = row.at_s - sample.first_s;
        let mut gap: f64 = 0.0;
        let mut left = f64::from(row.input);
        for (place, block) in blocks.iter().enumerate() {
            let much = if place + 1 == blocks.len() {
                left.max(0.0).min(tokens)
            } else {
                tokens
            };
            left -= much;
            // A prefix is warm only as far as all before it is.
            let own = last
                .insert(*block, row.at_s)
                .map_or(f64::INFINITY, |before| row.at_s - before);
            gap = gap.max(own);
            uses.push((gap, since, much));
            *often.entry(*block).or_insert(0.0) += 1.0;
        }
    }
    // Those that may be in nine of ten, by block of time.
    often.retain(|_, count| *count > 0.8 * rows.len() as f64);
    let mut by_time: HashMap<u32, Vec<f64>> = HashMap::new();
    let mut all = vec![0.0; sample.blocks()];
    for row in rows {
        let at = sample.block_of(row.at_s);
        let blocks = sample.log.blocks_of(row).iter();
        for block in blocks.filter(|block| often.contains_key(block)) {
            let counts = by_time.entry(*block);
            add(counts.or_insert_with(|| vec![0.0; sample.blocks()]), at);
        }
        add(&mut all, at);
    }
    let shared = |drawn: &[f64]| {
        let everywhere = |counts: &&Vec<f64>| dot(drawn, counts) > 0.9 * dot(drawn, &all);
        by_time.values().filter(everywhere).count() as f64 * tokens
    };
    Some(Blocks {
        tokens,
        reuse: Reuse::new(uses),
        shared: sample.interval(rows.len() as f64, shared),
    })
}

fn add(counts: &mut [f64], at: usize) {
    if let Some(count) = counts.get_mut(at) {
        *count += 1.0;
    }
}

/// Steps between the laws of questions that are tried: of the exponent, of the share that nobody else asks, and the ratio of
/// how many there are.
const ZIPF_STEP: f64 = 0.1;
/// See [`ZIPF_STEP`].
const UNIQUE_STEP: f64 = 0.05;
/// See [`ZIPF_STEP`].
const DISTINCT_STEP: f64 = 1.15;

/// Questions by hash.
pub(in crate::fit) fn questions(sample: &Sample) -> Option<Questions> {
    if !sample.log.has(Field::Prompt) {
        return None;
    }
    let mut last: HashMap<u32, f64> = HashMap::new();
    let mut counts: HashMap<u32, f64> = HashMap::new();
    let mut uses = Vec::new();
    for row in sample.rows().iter().filter(|row| row.prompt != NONE) {
        let gap = last
            .insert(row.prompt, row.at_s)
            .map_or(f64::INFINITY, |before| row.at_s - before);
        uses.push((gap, row.at_s - sample.first_s, 1.0));
        *counts.entry(row.prompt).or_insert(0.0) += 1.0;
    }
    let n = uses.len() as f64;
    if n < 50.0 {
        return None;
    }
    let seen = [0.0, 1.0, 2.0].map(|times: f64| {
        counts
            .values()
            .filter(|count| times == 0.0 || **count == times)
            .count() as f64
    });
    let mut often: Vec<f64> = counts.values().copied().collect();
    often.sort_by(|a, b| b.total_cmp(a));
    let top: f64 = often.iter().take(10).sum::<f64>() / n;
    let mut best = (f64::INFINITY, 0.0, 1.0, 1.0, [0.0; 3]);
    let mut tried: Vec<(f64, [f64; 3])> = Vec::new();
    for step in 0..=20 {
        let zipf = f64::from(step) * ZIPF_STEP;
        let mut distinct = 10.0_f64;
        while distinct <= 100.0 * n {
            let ranks = ranks(distinct, zipf);
            for unique in (0..20).map(|it| f64::from(it) * UNIQUE_STEP) {
                let repeated = n * (1.0 - unique);
                let (mut different, mut once, mut twice, mut ten) = (0.0, 0.0, 0.0, 0.0);
                for (count, rank, share) in &ranks {
                    let due = repeated * share;
                    different += count * -libm::expm1(-due);
                    once += count * due * libm::exp(-due);
                    twice += count * due * due / 2.0 * libm::exp(-due);
                    if *rank <= 10.0 {
                        ten += count * share * (1.0 - unique);
                    }
                }
                let law = [different + n * unique, once + n * unique, twice];
                let miss: f64 = law
                    .iter()
                    .zip(&seen)
                    .map(|(law, seen)| (law - seen).powi(2) / (seen + 1.0))
                    .sum::<f64>()
                    + (ten - top).powi(2) / (top / n + 1e-9);
                tried.push((miss, [unique, distinct, zipf]));
                if miss < best.0 {
                    best = (miss, unique, distinct, zipf, law);
                }
            }
            distinct *= DISTINCT_STEP;
        }
    }
    let (least, unique, distinct, zipf, law) = best;
    // What fits not clearly worse: 90% of a chi-square with one degree of freedom lie below 2.71.
    // What was not tried lies half a step to both sides.
    let mut ranges = [(unique, unique), (distinct, distinct), (zipf, zipf)];
    for (_, numbers) in tried.iter().filter(|it| it.0 <= least + 2.71) {
        for (range, number) in ranges.iter_mut().zip(numbers) {
            *range = (range.0.min(*number), range.1.max(*number));
        }
    }
    let around =
        |(low, high): (f64, f64), step: f64| ((low - step * 0.5).max(0.0), high + step * 0.5);
    let [unique_range, (fewest, most), zipf_range] = ranges;
    let half = DISTINCT_STEP.sqrt();
    let ranges = [
        around(unique_range, UNIQUE_STEP),
        (fewest / half, most * half),
        around(zipf_range, ZIPF_STEP),
    ];
    let pair = |at: usize| {
        (
            seen.get(at).copied().unwrap_or(0.0),
            law.get(at).copied().unwrap_or(0.0),
        )
    };
    Some(Questions {
        unique,
        distinct: distinct.round(),
        zipf,
        n,
        ranges,
        spectrum: [pair(0), pair(1), pair(2)],
        reuse: Reuse::new(uses),
    })
}

/// Ranks of a Zipf law in groups: how many, the middle one, the share of each.
fn ranks(distinct: f64, zipf: f64) -> Vec<(f64, f64, f64)> {
    let mut groups = Vec::new();
    let mut from = 1.0_f64;
    while from <= distinct {
        let until = if from < 20.0 {
            from
        } else {
            libm::floor(from * 1.1).min(distinct)
        };
        let count = until - from + 1.0;
        let middle = (from * until).sqrt();
        groups.push((count, middle, middle.powf(-zipf)));
        from = until + 1.0;
    }
    let total: f64 = groups.iter().map(|it| it.0 * it.2).sum();
    for group in &mut groups {
        group.2 /= total;
    }
    groups
}

/// Tokens read from the provider's cache, over all input: by block of time.
pub(in crate::fit) fn cached(sample: &Sample) -> Option<(Vec<f64>, Vec<f64>, f64)> {
    if !sample.log.has(Field::Cached) {
        return None;
    }
    let (mut read, mut all) = (vec![0.0; sample.blocks()], vec![0.0; sample.blocks()]);
    let mut n = 0.0;
    for row in sample
        .rows()
        .iter()
        .filter(|row| row.cached.is_finite() && row.input.is_finite())
    {
        let block = sample.block_of(row.at_s);
        if let (Some(a), Some(b)) = (read.get_mut(block), all.get_mut(block)) {
            *a += f64::from(row.cached);
            *b += f64::from(row.input);
        }
        n += 1.0;
    }
    (n > 0.0).then_some((read, all, n))
}

impl Questions {
    /// Share of questions that were last asked at most so long ago, at so many a second: 1 - exp(-λT) of each.
    #[must_use]
    pub fn asked_before(&self, per_s: f64, lifetime_s: f64) -> f64 {
        let repeated = 1.0 - self.unique;
        let again: f64 = ranks(self.distinct, self.zipf)
            .iter()
            .map(|(count, _, share)| {
                let due = per_s * repeated * share * lifetime_s;
                count * share * -libm::expm1(-due)
            })
            .sum();
        repeated * again
    }
}

/// The share of prompt tokens sent since `from_s` that was sent before within a lifetime; all of the log is remembered.
pub(in crate::fit) fn cold_reuse(
    sample: &Sample,
    lifetime_s: f64,
    from_s: f64,
    tokens: f64,
) -> f64 {
    let mut last: HashMap<u32, f64> = HashMap::new();
    let (mut read, mut all) = (0.0, 0.0);
    for row in sample.rows() {
        let mut gap: f64 = 0.0;
        let mut left = f64::from(row.input);
        for block in sample.log.blocks_of(row) {
            let much = left.clamp(0.0, tokens);
            left -= much;
            gap = gap.max(
                last.insert(*block, row.at_s)
                    .map_or(f64::INFINITY, |before| row.at_s - before),
            );
            if row.at_s >= from_s {
                all += much;
                read += if gap <= lifetime_s { much } else { 0.0 };
            }
        }
    }
    read / f64::max(all, 1e-9)
}
