//! The rows of a log in order of time, its calendar, and the blocks of time that are drawn again for intervals.
//!
//! Neighbouring requests are alike (bursts, busy days), so what is drawn again is whole stretches of time (the block
//! bootstrap, Künsch 1989): days where the log has three weeks of them, else a twenty-fourth of the log.

use crate::fit::Value;
use crate::fit::random::Draws;
use crate::reading::log::{Log, Row};

/// Resamples behind an interval.
const RESAMPLES: usize = 100;
/// Days from which a day is a block.
const DAYS: f64 = 21.0;
/// Blocks of shorter logs.
const BLOCKS: f64 = 24.0;

/// A log, sorted.
#[derive(Debug)]
pub(in crate::fit) struct Sample {
    pub(in crate::fit) log: Log,
    /// First and last request, in the log's seconds.
    pub(in crate::fit) first_s: f64,
    pub(in crate::fit) span_s: f64,
    /// Add this to the log's seconds to get seconds since a local Monday's midnight.
    pub(in crate::fit) local_s: f64,
    block_s: f64,
    blocks: usize,
    /// How often each block was drawn, by resample.
    weights: Vec<Vec<f64>>,
}

impl Sample {
    pub(in crate::fit) fn new(mut log: Log, offset_h: f64) -> Self {
        if !log.rows.is_sorted_by(|a, b| a.at_s <= b.at_s) {
            log.rows.sort_by(|a, b| a.at_s.total_cmp(&b.at_s));
        }
        let first_s = log.rows.first().map_or(0.0, |row| row.at_s);
        let last_s = log.rows.last().map_or(0.0, |row| row.at_s);
        let count = log.rows.len() as f64;
        // The log covers its own length but for one mean gap.
        let span_s = ((last_s - first_s) * count / (count - 1.0).max(1.0)).max(1.0);
        // 1970 began on a Thursday; a log without dates is taken to begin its count on a Monday.
        let local_s = if log.dated {
            offset_h * 3600.0 + 3.0 * 86_400.0
        } else {
            0.0
        };
        let block_s = if span_s >= DAYS * 86_400.0 {
            86_400.0
        } else {
            span_s / BLOCKS
        };
        let blocks = place(libm::ceil(span_s / block_s)).max(1);
        let mut draws = Draws::new(7);
        let weights = (0..RESAMPLES)
            .map(|_| {
                let mut weights = vec![0.0; blocks];
                for _ in 0..blocks {
                    if let Some(weight) = weights.get_mut(draws.below(blocks)) {
                        *weight += 1.0;
                    }
                }
                weights
            })
            .collect();
        Self {
            log,
            first_s,
            span_s,
            local_s,
            block_s,
            blocks,
            weights,
        }
    }

    pub(in crate::fit) fn rows(&self) -> &[Row] {
        &self.log.rows
    }

    pub(in crate::fit) fn days(&self) -> f64 {
        self.span_s / 86_400.0
    }

    pub(in crate::fit) fn blocks(&self) -> usize {
        self.blocks
    }

    pub(in crate::fit) fn block_of(&self, at_s: f64) -> usize {
        place((at_s - self.first_s) / self.block_s).min(self.blocks - 1)
    }

    /// The same as a small number, for lists of one entry for each request.
    pub(in crate::fit) fn block_u32(&self, at_s: f64) -> u32 {
        u32::try_from(self.block_of(at_s)).unwrap_or(0)
    }

    /// What a block is, in words.
    pub(in crate::fit) fn block_words(&self) -> String {
        let words = match self.block_s {
            86_400.0 => "days".to_owned(),
            s if s >= 7200.0 => format!("stretches of {:.0} hours", s / 3600.0),
            s if s >= 120.0 => format!("stretches of {:.0} minutes", s / 60.0),
            s => format!("stretches of {s:.0} seconds"),
        };
        format!("{} {words}", self.blocks)
    }

    /// A statistic of the log, and the 90% interval of it over resampled blocks.
    pub(in crate::fit) fn interval(&self, n: f64, of: impl Fn(&[f64]) -> f64) -> Value {
        let best = of(&vec![1.0; self.blocks]);
        let drawn = self.drawn(|weights| Some(of(weights)).filter(|it| it.is_finite()));
        Value::of_draws(best, drawn, n)
    }

    /// What comes of each resample, given how often it has each block; without those that give nothing.
    pub(in crate::fit) fn drawn<T>(&self, of: impl Fn(&[f64]) -> Option<T>) -> Vec<T> {
        let drawn = self.weights.iter();
        drawn.filter_map(|weights| of(weights)).collect()
    }

    /// The ratio of two sums over blocks.
    pub(in crate::fit) fn ratio(&self, n: f64, over: &[f64], under: &[f64]) -> Value {
        self.interval(n, |weights| dot(weights, over) / dot(weights, under))
    }
}

pub(in crate::fit) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// A whole number of a place in a list; 0 for what is below.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "saturates, and every list is shorter"
)]
pub(in crate::fit) fn place(number: f64) -> usize {
    number as usize
}
