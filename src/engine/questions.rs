//! Which question a request asks: one that nobody else asks, or one of a Zipf-distributed set.

use super::response_cache::Question;

/// Popularity of repeated questions of one class: rank r has weight r^-s.
#[derive(Debug, Clone)]
pub struct Popularity {
    /// Number of the class's first question.
    first: u32,
    zipf: f64,
    /// Cumulative probability up to and including each rank, in units of 2^-32.
    cumulative: Vec<u32>,
    /// For each value of the upper bits: the first rank that can hold it.
    guide: Vec<u32>,
}

const GUIDE_BITS: u32 = 14;

impl Popularity {
    /// Zipf's law over `distinct` questions with exponent `zipf`, numbered from `first`.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "probabilities times 2^32, saturating"
    )]
    pub fn new(first: u32, distinct: u32, zipf: f64) -> Self {
        let weights: Vec<f64> = (1..=distinct)
            .map(|rank| libm::exp(-zipf * libm::log(f64::from(rank))))
            .collect();
        let total: f64 = weights.iter().sum();
        let mut sum = 0.0;
        let mut cumulative: Vec<u32> = weights
            .iter()
            .map(|weight| {
                sum += weight;
                (sum / total * 4_294_967_296.0) as u32
            })
            .collect();
        if let Some(last) = cumulative.last_mut() {
            *last = u32::MAX;
        }
        let mut guide = Vec::with_capacity(1 << GUIDE_BITS);
        let mut rank = 0_usize;
        for cell in 0..(1_u32 << GUIDE_BITS) {
            let from = cell << (32 - GUIDE_BITS);
            while cumulative.get(rank).is_some_and(|&edge| edge < from) {
                rank += 1;
            }
            guide.push(rank as u32);
        }
        Self {
            first,
            zipf,
            cumulative,
            guide,
        }
    }

    /// Whether it is this one.
    #[must_use]
    pub fn is(&self, first: u32, distinct: u32, zipf: f64) -> bool {
        self.first == first && self.cumulative.len() == distinct as usize && self.zipf == zipf
    }

    /// How many questions there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.cumulative.len()
    }

    /// The chances of all questions, by rank.
    pub fn shares(&self) -> impl Iterator<Item = f64> + '_ {
        let below = std::iter::once(&0).chain(&self.cumulative);
        let parts = self.cumulative.iter().zip(below);
        parts.map(|(up_to, below)| f64::from(up_to.saturating_sub(*below)) / 4_294_967_296.0)
    }

    /// The chance that a repeated question is this one.
    #[must_use]
    pub fn share(&self, question: Question) -> f64 {
        let Some(rank) = question
            .number()
            .and_then(|number| number.checked_sub(self.first))
        else {
            return 0.0;
        };
        let rank = rank as usize;
        let below = match rank.checked_sub(1) {
            Some(before) => self.cumulative.get(before).copied().unwrap_or(0),
            None => 0,
        };
        let up_to = self.cumulative.get(rank).copied().unwrap_or(below);
        f64::from(up_to.saturating_sub(below)) / 4_294_967_296.0
    }

    /// The question that a uniform number asks.
    #[inline]
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "ranks are 32-bit")]
    pub fn ask(&self, bits: u32) -> Question {
        let cell = (bits >> (32 - GUIDE_BITS)) as usize;
        let start = self.guide.get(cell).copied().unwrap_or(0) as usize;
        let last = self.guide.get(cell + 1).map(|rank| *rank as usize);
        let last = last.unwrap_or(self.cumulative.len().saturating_sub(1));
        let past = self.cumulative.get(start..=last).map_or(0, |ranks| {
            // Popular ranks fill whole cells; rare ones share a cell with many others.
            ranks
                .iter()
                .take(8)
                .position(|&edge| bits <= edge)
                .unwrap_or_else(|| ranks.partition_point(|&edge| edge < bits))
        });
        Question::repeated(self.first + (start + past) as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_have_zipfs_probabilities() {
        let popularity = Popularity::new(0, 50, 1.1);
        let mut counts = [0_u32; 50];
        let draws = 400_000_u32;
        for k in 0..draws {
            // A low-discrepancy sweep of the unit interval: the error is below 1e-5.
            let bits = k.wrapping_mul(2_654_435_769);
            let rank = (0..50)
                .find(|rank| popularity.ask(bits) == Question::repeated(*rank))
                .expect("a rank");
            counts[rank as usize] += 1;
        }
        let total: f64 = (1..=50).map(|r| f64::from(r).powf(-1.1)).sum();
        for (rank, count) in (1_u32..).zip(counts) {
            let expected = f64::from(rank).powf(-1.1) / total;
            let got = f64::from(count) / f64::from(draws);
            assert!(
                (got - expected).abs() < 1e-4,
                "rank {rank}: {got} for {expected}"
            );
        }
    }
}
