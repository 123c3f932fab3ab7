//! Histograms of durations: fixed memory, mergeable, quantiles within 0.1%.
//!
//! Bins are those of the floating-point number itself: its exponent and the upper bits of its mantissa, so that a bin
//! is at most 1/512 of its octave wide (0.2%) and finding it takes a shift. Quantiles interpolate inside the bin.
//! This is the layout of HDR histograms (Tene) on `f64` bits.

/// Bits of mantissa kept.
const FINE: u32 = 9;
/// Smallest duration told apart, in seconds; shorter ones count in the first bin.
const LOWEST: f64 = 1.0 / 16_384.0;
/// Octaves covered, from [`LOWEST`] to 2^22 s (48 days).
const OCTAVES: usize = 36;

/// A histogram of durations in seconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Histogram {
    counts: Vec<u64>,
    total: u64,
    bits: u32,
}

/// Where a duration is counted, in every histogram.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bin(usize);

impl Bin {
    /// The bin of a duration in seconds.
    #[inline]
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the index is below the number of bins, which is checked"
    )]
    pub fn of(seconds: f64) -> Self {
        // Anything that is not above LOWEST (zero, negative, NaN) counts in the first bin.
        let clamped = if seconds > LOWEST { seconds } else { LOWEST };
        let offset = (clamped.to_bits() >> (52 - FINE)) - (LOWEST.to_bits() >> (52 - FINE));
        Self((offset as usize).min((OCTAVES << FINE) - 1))
    }

    /// Its index where there are `2^bits` bins to the octave, from 2^-14 s.
    #[inline]
    #[must_use]
    pub const fn index(self, bits: u32) -> usize {
        self.0 >> (FINE - bits)
    }
}

fn lower_edge(index: usize, bits: u32) -> f64 {
    if index == 0 {
        return 0.0;
    }
    f64::from_bits(((LOWEST.to_bits() >> (52 - bits)) + index as u64) << (52 - bits))
}

/// Bins of a histogram of the finest kind.
pub const BINS: usize = OCTAVES << FINE;

/// The lower edge in seconds of a bin of a histogram of the finest kind.
#[must_use]
pub fn bin_edge(index: usize) -> f64 {
    lower_edge(index, FINE)
}

/// The finest bin that a duration falls into.
#[must_use]
pub fn bin_of(seconds: f64) -> usize {
    Bin::of(seconds).0
}

/// The upper edge of a bin where there are `2^bits` bins to the octave.
#[must_use]
pub fn upper_edge(index: usize, bits: u32) -> f64 {
    lower_edge(index + 1, bits)
}

impl Default for Histogram {
    fn default() -> Self {
        Self::new()
    }
}

impl Histogram {
    /// An empty one with bins of 0.2%.
    #[must_use]
    pub fn new() -> Self {
        Self::with_bits(FINE)
    }

    /// An empty one with `2^bits` bins to the octave, at most those of [`Histogram::new`].
    #[must_use]
    pub fn with_bits(bits: u32) -> Self {
        Self {
            counts: vec![0; OCTAVES << bits.min(FINE)],
            total: 0,
            bits: bits.min(FINE),
        }
    }

    /// Counts one duration.
    #[inline]
    pub fn add(&mut self, seconds: f64) {
        self.add_in(Bin::of(seconds));
    }

    /// Counts one duration, of which the bin is known.
    #[inline]
    pub fn add_in(&mut self, bin: Bin) {
        if let Some(count) = self.counts.get_mut(bin.index(self.bits)) {
            *count += 1;
        }
        self.total += 1;
    }

    /// How many durations were counted.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Adds another one of the same layout.
    pub fn merge(&mut self, other: &Self) {
        for (mine, theirs) in self.counts.iter_mut().zip(&other.counts) {
            *mine += theirs;
        }
        self.total += other.total;
    }

    /// The duration that a share `p` of all does not exceed, interpolated inside its bin; NaN when empty.
    #[must_use]
    pub fn quantile(&self, p: f64) -> f64 {
        if self.total == 0 {
            return f64::NAN;
        }
        let target = p * self.total as f64;
        let mut below = 0.0;
        for (index, &count) in self.counts.iter().enumerate() {
            let count = count as f64;
            if count > 0.0 && below + count >= target {
                let (low, high) = (
                    lower_edge(index, self.bits),
                    lower_edge(index + 1, self.bits),
                );
                return low + (high - low) * ((target - below) / count).clamp(0.0, 1.0);
            }
            below += count;
        }
        f64::NAN
    }

    /// How many do not exceed `limit` seconds, interpolated inside the bin that holds it.
    #[must_use]
    pub fn count_within(&self, limit: f64) -> f64 {
        let last = Bin::of(limit).index(self.bits);
        let below: u64 = self.counts.iter().take(last).sum();
        let (low, high) = (lower_edge(last, self.bits), lower_edge(last + 1, self.bits));
        let here = self.counts.get(last).copied().unwrap_or(0) as f64;
        below as f64 + here * ((limit - low) / (high - low)).clamp(0.0, 1.0)
    }

    /// The bins that hold something, by index: see [`bin_edge`].
    #[must_use]
    pub fn occupied(&self) -> Vec<(u32, u64)> {
        (0..)
            .zip(&self.counts)
            .filter(|(_, count)| **count > 0)
            .map(|(index, count)| (index, *count))
            .collect()
    }

    /// The bins that hold something: lower edge, upper edge, count.
    pub fn bins(&self) -> impl Iterator<Item = (f64, f64, u64)> + '_ {
        self.counts
            .iter()
            .enumerate()
            .filter(|(_, count)| **count > 0)
            .map(|(index, &count)| {
                (
                    lower_edge(index, self.bits),
                    lower_edge(index + 1, self.bits),
                    count,
                )
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_within_a_tenth_of_a_percent() {
        // A thousandth of a percent apart at the lowest quantile looked at, so that only the bins are tested.
        let mut histogram = Histogram::new();
        for k in 1..=10_000_000_u32 {
            histogram.add(f64::from(k) / 100_000.0);
        }
        for p in [0.01, 0.5, 0.95, 0.99, 0.999] {
            let exact = p * 100.0;
            let got = histogram.quantile(p);
            assert!((got / exact - 1.0).abs() < 1e-3, "p {p}: {got} for {exact}");
            assert!((histogram.count_within(exact) / (p * 10_000_000.0) - 1.0).abs() < 1e-3);
        }
    }

    #[test]
    fn merging_is_counting_together() {
        let (mut a, mut b, mut both) = (Histogram::new(), Histogram::new(), Histogram::new());
        for k in 0..1000_u32 {
            let seconds = f64::from(k * k) * 1e-3;
            if k % 3 == 0 {
                a.add(seconds);
            } else {
                b.add(seconds);
            }
            both.add(seconds);
        }
        a.merge(&b);
        assert_eq!(a, both);
    }

    #[test]
    fn durations_outside_the_range_count_at_its_ends() {
        let mut histogram = Histogram::new();
        for seconds in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e300] {
            histogram.add(seconds);
        }
        assert_eq!(histogram.total(), 5);
        assert!(histogram.quantile(0.1) <= LOWEST * 1.01);
    }
}
