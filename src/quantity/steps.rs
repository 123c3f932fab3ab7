//! Discrete laws: for each value the last 32-bit word that gives it, and a guide table that makes the look-up O(1)
//! (Chen and Asau, "On generating random variates from an empirical distribution", 1974).

use super::Law;

/// Every value has the number of words nearest to its probability times 2^32.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Steps {
    /// The last word that gives each value, ascending; the last one is `u32::MAX`.
    last: Box<[u32]>,
    values: Box<[f64]>,
    /// For each leading bit pattern of a word, the index of the value of its first word.
    guide: Box<[u32]>,
    /// How far a word is shifted to index the guide.
    shift: u32,
    largest: f64,
}

const WORDS: f64 = 4_294_967_296.0;

impl Steps {
    /// `None` if there are more than `most` values.
    pub(super) fn new(law: &Law, most: usize) -> Option<Self> {
        let edge = 0.5 / WORDS;
        let candidates = law.atoms(law.quantile(edge), law.upper_quantile(edge), most)?;
        let (mut last, mut values) = (Vec::new(), Vec::new());
        let mut given: u64 = 0;
        let top = candidates.len().saturating_sub(1);
        for (index, &value) in candidates.iter().enumerate() {
            let (below, above) = (law.cdf(value), law.upper_cdf(value));
            let share = if index == top {
                WORDS
            } else if below <= above {
                (below * WORDS).round()
            } else {
                WORDS - (above * WORDS).round()
            };
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "between 0 and 2^32"
            )]
            let words = share as u64;
            if words <= given {
                continue;
            }
            given = words;
            last.push(u32::try_from(words - 1).unwrap_or(u32::MAX));
            values.push(value);
        }
        let largest = *values.last()?;
        let bits = (2 * values.len()).next_power_of_two().ilog2().clamp(4, 14);
        let shift = 32 - bits;
        let guide = (0..1_u32 << bits)
            .map(|index| {
                let first = index << shift;
                u32::try_from(last.partition_point(|&word| word < first)).unwrap_or(u32::MAX)
            })
            .collect();
        Some(Self {
            last: last.into(),
            values: values.into(),
            guide,
            shift,
            largest,
        })
    }

    #[inline]
    pub(super) fn draw(&self, bits: u32) -> f64 {
        let mut index = self
            .guide
            .get((bits >> self.shift) as usize)
            .map_or(0, |&at| at as usize);
        while self.last.get(index).is_some_and(|&last| bits > last) {
            index += 1;
        }
        self.values.get(index).copied().unwrap_or(self.largest)
    }

    /// Each value with its number of words.
    fn weighted(&self) -> impl Iterator<Item = (f64, f64)> {
        let mut before = -1.0;
        self.last
            .iter()
            .zip(&self.values)
            .map(move |(&last, &value)| {
                let words = f64::from(last) - before;
                before = f64::from(last);
                (value, words)
            })
    }

    pub(super) fn mean(&self) -> f64 {
        self.weighted()
            .map(|(value, words)| value * words)
            .sum::<f64>()
            / WORDS
    }

    pub(super) fn length_biased(&self, u: f64) -> f64 {
        let total: f64 = self
            .weighted()
            .map(|(value, words)| value.max(0.0) * words)
            .sum();
        let mut left = u * total;
        for (value, words) in self.weighted() {
            left -= value.max(0.0) * words;
            if left < 0.0 {
                return value.max(0.0);
            }
        }
        self.largest.max(0.0)
    }
}
