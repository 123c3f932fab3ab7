//! Distributions that are given by numbers instead of a formula: values with weights, and samples.

/// Distinct values, ascending, with their cumulative probabilities.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Points {
    values: Vec<f64>,
    probabilities: Vec<f64>,
    /// `P(X <= values[i])`.
    below: Vec<f64>,
    /// `P(X > values[i])`.
    above: Vec<f64>,
}

impl Points {
    pub(super) fn constant(number: f64) -> Self {
        Self {
            values: vec![number],
            probabilities: vec![1.0],
            below: vec![1.0],
            above: vec![0.0],
        }
    }

    /// From values with relative weights (at least one positive); equal values are merged, weightless ones left out.
    pub(super) fn new(pairs: impl IntoIterator<Item = (f64, f64)>) -> Self {
        let mut pairs: Vec<_> = pairs
            .into_iter()
            .filter(|&(_, weight)| weight > 0.0)
            .collect();
        pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
        pairs.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            if same {
                kept.1 += next.1;
            }
            same
        });
        let total: f64 = pairs.iter().map(|pair| pair.1).sum();
        let probabilities: Vec<f64> = pairs.iter().map(|pair| pair.1 / total).collect();
        let mut sum = 0.0;
        let mut below: Vec<f64> = pairs
            .iter()
            .map(|pair| {
                sum += pair.1;
                (sum / total).min(1.0)
            })
            .collect();
        let mut sum = 0.0;
        let mut above: Vec<f64> = pairs
            .iter()
            .rev()
            .map(|pair| {
                let beyond = sum / total;
                sum += pair.1;
                beyond
            })
            .collect();
        above.reverse();
        if let Some(last) = below.last_mut() {
            *last = 1.0;
        }
        Self {
            values: pairs.into_iter().map(|pair| pair.0).collect(),
            probabilities,
            below,
            above,
        }
    }

    pub(super) fn values(&self) -> &[f64] {
        &self.values
    }

    pub(super) fn tails(&self, x: f64) -> (f64, f64) {
        let count = self.values.partition_point(|&value| value <= x);
        match count.checked_sub(1) {
            None => (0.0, 1.0),
            Some(last) => (at(&self.below, last), at(&self.above, last)),
        }
    }

    pub(super) fn mass_at(&self, x: f64) -> f64 {
        let index = self.values.partition_point(|&value| value < x);
        if self.values.get(index) == Some(&x) {
            at(&self.probabilities, index)
        } else {
            0.0
        }
    }

    pub(super) fn invert(&self, p: f64, q: f64) -> f64 {
        let index = if p <= q {
            self.below.partition_point(|&below| below < p)
        } else {
            self.above.partition_point(|&above| above > q)
        };
        at(&self.values, index.min(self.values.len().saturating_sub(1)))
    }

    pub(super) fn moment(&self, k: i32) -> f64 {
        self.weighted()
            .map(|(value, weight)| power(value, k) * weight)
            .sum()
    }

    pub(super) fn variance(&self) -> f64 {
        let mean = self.moment(1);
        if self.values.len() == 1 {
            return 0.0;
        }
        self.weighted()
            .map(|(value, weight)| (value - mean) * (value - mean) * weight)
            .sum()
    }

    /// `(E[X^k; X <= x], E[X^k; X > x])`.
    pub(super) fn partial(&self, k: i32, x: f64) -> (f64, f64) {
        let (mut lower, mut upper) = (0.0, 0.0);
        for (value, weight) in self.weighted() {
            *(if value <= x { &mut lower } else { &mut upper }) += power(value, k) * weight;
        }
        (lower, upper)
    }

    pub(super) fn support(&self) -> (f64, f64) {
        (
            self.values.first().copied().unwrap_or(f64::NAN),
            self.values.last().copied().unwrap_or(f64::NAN),
        )
    }

    fn weighted(&self) -> impl Iterator<Item = (f64, f64)> {
        self.values
            .iter()
            .copied()
            .zip(self.probabilities.iter().copied())
    }
}

/// A sample of `n` numbers, ascending: the k-th (from 0) stands at probability `(k + 1/2) / n`, linear in between,
/// flat beyond the first and the last (Hazen; type 5 of Hyndman and Fan, "Sample quantiles in statistical packages",
/// 1996). This choice keeps the sample's mean.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sample {
    sorted: Vec<f64>,
    /// Integrals of `Q` and `Q²` from 0 up to each number's probability, times `n`.
    first: Vec<f64>,
    second: Vec<f64>,
}

impl Sample {
    /// From at least one number, ascending.
    pub(super) fn new(sorted: Vec<f64>) -> Self {
        let (mut first, mut second) = (
            Vec::with_capacity(sorted.len()),
            Vec::with_capacity(sorted.len()),
        );
        let start = sorted.first().copied().unwrap_or(0.0);
        let (mut one, mut two) = (0.5 * start, 0.5 * start * start);
        let mut previous = start;
        for (index, &x) in sorted.iter().enumerate() {
            if index > 0 {
                one += 0.5 * (previous + x);
                two += (previous * previous + previous * x + x * x) / 3.0;
            }
            first.push(one);
            second.push(two);
            previous = x;
        }
        Self {
            sorted,
            first,
            second,
        }
    }

    fn len(&self) -> f64 {
        self.sorted.len() as f64
    }

    /// How many of the sample's `n` half-open steps lie at or below the point between `index - 1` and `index`.
    fn position(&self, index: usize, x: f64) -> f64 {
        let Some(left) = index.checked_sub(1) else {
            return 0.0;
        };
        let (from, to) = (at(&self.sorted, left), at(&self.sorted, index));
        index as f64 - 0.5 + (x - from) / (to - from)
    }

    pub(super) fn tails(&self, x: f64) -> (f64, f64) {
        let count = self.sorted.partition_point(|&value| value <= x);
        if count == 0 {
            return (0.0, 1.0);
        }
        if count == self.sorted.len() {
            return (1.0, 0.0);
        }
        let position = self.position(count, x);
        (position / self.len(), (self.len() - position) / self.len())
    }

    pub(super) fn mass_at(&self, x: f64) -> f64 {
        let count = self.sorted.partition_point(|&value| value < x);
        if self.sorted.get(count) != Some(&x) {
            return 0.0;
        }
        (self.tails(x).0 - self.position(count, x) / self.len()).max(0.0)
    }

    pub(super) fn invert(&self, p: f64, q: f64) -> f64 {
        let last = self.sorted.len().saturating_sub(1);
        let position = if p <= q {
            p * self.len() - 0.5
        } else {
            self.len() - 0.5 - q * self.len()
        };
        let position = position.clamp(0.0, last as f64);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between 0 and the last index"
        )]
        let index = position as usize;
        let (from, to) = (
            at(&self.sorted, index),
            at(&self.sorted, (index + 1).min(last)),
        );
        (from + (to - from) * (position - index as f64)).min(to)
    }

    pub(super) fn moment(&self, k: i32) -> f64 {
        let sums = if k == 1 { &self.first } else { &self.second };
        let last = self.sorted.len().saturating_sub(1);
        (at(sums, last) + 0.5 * power(at(&self.sorted, last), k)) / self.len()
    }

    pub(super) fn variance(&self) -> f64 {
        let mean = self.moment(1);
        // Shifted by the mean, so that nothing cancels.
        let shifted = Self::new(self.sorted.iter().map(|x| x - mean).collect());
        shifted.moment(2)
    }

    /// `(E[X^k; X <= x], E[X^k; X > x])`.
    pub(super) fn partial(&self, k: i32, x: f64) -> (f64, f64) {
        let total = self.moment(k);
        let count = self.sorted.partition_point(|&value| value <= x);
        let Some(left) = count.checked_sub(1) else {
            return (0.0, total);
        };
        if count == self.sorted.len() {
            return (total, 0.0);
        }
        let sums = if k == 1 { &self.first } else { &self.second };
        let from = at(&self.sorted, left);
        let share = self.position(count, x) - (count as f64 - 0.5);
        let piece = if k == 1 {
            0.5 * (from + x)
        } else {
            (from * from + from * x + x * x) / 3.0
        };
        let lower = (at(sums, left) + share * piece) / self.len();
        (lower, total - lower)
    }

    pub(super) fn support(&self) -> (f64, f64) {
        (
            self.sorted.first().copied().unwrap_or(f64::NAN),
            self.sorted.last().copied().unwrap_or(f64::NAN),
        )
    }
}

fn power(x: f64, k: i32) -> f64 {
    if k == 1 { x } else { x * x }
}

fn at(numbers: &[f64], index: usize) -> f64 {
    numbers.get(index).copied().unwrap_or(f64::NAN)
}
