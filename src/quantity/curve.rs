//! Continuous laws: the quantile function in 2,048 straight pieces.
//!
//! A word of 32 bits stands for the probability `(bits + 1/2) / 2^32`. Its distance to the nearer end is `t / 2^33`
//! with an odd `t`; like a floating-point number, `t` has an octave (its leading zeros) and a cell in it (the next
//! five bits), and what remains is the position in the cell. So each octave of tail probability has 32 cells, down to
//! 2^-33, and no draw computes a logarithm.
//!
//! Pieces keep the mean. A chord lies on one side of a curved function, so knots are moved by a twelfth of the second
//! difference, which makes the mean over each cell right to fourth order; where the quantile function may jump or bend
//! (mixtures, samples), the piece is tilted inside its own range until the mean over the cell is exact. The 32
//! outermost words on either side stand for their own slice's mean, so that a heavy tail beyond 2^-33 is not lost.

use std::sync::OnceLock;

use super::Law;
use super::special::normal_quantile;

/// Cells on one side of the median.
const SIDE: usize = 1024;
/// Cells in an octave.
const CELLS: usize = 32;
/// Knots before this one belong to octaves that hold single words.
const FIRST_WIDE: usize = 6 * CELLS;
const WORDS: f64 = 4_294_967_296.0;

/// A straight piece: `start + slope × position`, the position counted from the cell's outer end.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Piece {
    start: f64,
    slope: f64,
}

impl Piece {
    fn middle(self) -> f64 {
        self.start + 0.5 * self.slope
    }
}

const FLAT: Piece = Piece {
    start: 0.0,
    slope: 0.0,
};

/// The pieces of the lower side from the tail to the median, then those of the upper side from its tail inwards.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Curve {
    pieces: Box<[Piece; 2 * SIDE]>,
    mean: f64,
    /// The mean if negative numbers count as 0.
    positive: f64,
}

/// `t` at a knot: `2^octave × (1 + cell / 32)`.
fn knot(index: usize) -> f64 {
    let cell = (index % CELLS) as f64 / CELLS as f64;
    let octave = 1_u64 << (index / CELLS).min(63);
    octave as f64 * (1.0 + cell)
}

/// The standard normal's quantiles at the lower side's knots, computed once.
fn normal_knots() -> &'static [f64] {
    static KNOTS: OnceLock<Vec<f64>> = OnceLock::new();
    KNOTS.get_or_init(|| {
        (0..=SIDE)
            .map(|index| {
                let p = knot(index) / (2.0 * WORDS);
                normal_quantile(p, 1.0 - p)
            })
            .collect()
    })
}

/// One side while it is being built: which tail, and the quantiles at its knots from the tail to the median.
struct Side<'a> {
    law: &'a Law,
    upper: bool,
    quantiles: &'a [f64],
    /// The other side's quantile next to the median.
    beyond_median: f64,
}

impl Side<'_> {
    /// Lower and upper probability at distance `t / 2^33` from this side's end.
    fn probabilities(&self, t: f64) -> (f64, f64) {
        let near = t / (2.0 * WORDS);
        if self.upper {
            (1.0 - near, near)
        } else {
            (near, 1.0 - near)
        }
    }

    /// The exact mean of the quantile function between two distances, given with their quantiles.
    fn mean_between(&self, outer: (f64, f64), inner: (f64, f64)) -> f64 {
        let (a, b) = (self.probabilities(outer.0), self.probabilities(inner.0));
        let integral = if self.upper {
            self.law.quantile_integral(b, a, inner.1, outer.1)
        } else {
            self.law.quantile_integral(a, b, outer.1, inner.1)
        };
        integral * (2.0 * WORDS) / (inner.0 - outer.0)
    }

    fn quantile(&self, index: usize) -> f64 {
        self.quantiles
            .get(index)
            .copied()
            .unwrap_or(self.beyond_median)
    }

    /// The steps to a knot from outside and from it inwards, scaled as if the cells were equally wide, and whether the
    /// spacing doubles here.
    fn steps(&self, index: usize) -> (f64, f64, bool) {
        let here = self.quantile(index);
        let outwards = here - self.quantile(index.saturating_sub(1));
        let inwards = self.quantile(index + 1) - here;
        let doubles = index.is_multiple_of(CELLS) && index < SIDE;
        (
            outwards,
            if doubles { 0.5 * inwards } else { inwards },
            doubles,
        )
    }

    /// A knot moved so that cells keep their means: by a twelfth of the second difference, by what balances the cells
    /// on either side where the spacing doubles, and never by more than a quarter of the way to a neighbour.
    fn moved(&self, index: usize) -> f64 {
        let (outwards, inwards, doubles) = self.steps(index);
        let shift = (inwards - outwards) / if doubles { 6.0 } else { 12.0 };
        let most = 0.25 * outwards.abs().min(inwards.abs());
        self.quantile(index) - shift.clamp(-most, most)
    }

    /// Whether the slope changes by more than a tenth at a knot, which no smooth law does at this spacing.
    fn bends(&self, index: usize) -> bool {
        let (outwards, inwards, _) = self.steps(index);
        (inwards - outwards).abs() > 0.1 * inwards.abs().max(outwards.abs())
    }

    fn pieces(&self) -> Vec<Piece> {
        let rough = self.law.is_rough();
        let mut start = self.moved(FIRST_WIDE);
        let mut pieces: Vec<Piece> = (0..FIRST_WIDE).map(|index| self.point(index)).collect();
        for index in FIRST_WIDE..SIDE {
            let end = self.moved(index + 1);
            pieces.push(if rough && (self.bends(index) || self.bends(index + 1)) {
                self.tilted(index, start, end)
            } else {
                Piece {
                    start,
                    slope: end - start,
                }
            });
            start = end;
        }
        pieces
    }

    /// A single word's number: the mean of its slice. Knots that no word reaches get their quantile.
    fn point(&self, index: usize) -> Piece {
        let t = knot(index);
        let quantile = self.quantile(index);
        let start = if t % 2.0 == 1.0 {
            let (outer, inner) = (self.quantile_at(t - 1.0), self.quantile_at(t + 1.0));
            let mean = self.mean_between((t - 1.0, outer), (t + 1.0, inner));
            if mean.is_finite() {
                mean.clamp(inner.min(outer), inner.max(outer))
            } else {
                quantile
            }
        } else {
            quantile
        };
        Piece { start, slope: 0.0 }
    }

    fn quantile_at(&self, t: f64) -> f64 {
        let (p, q) = self.probabilities(t);
        self.law.invert(p, q)
    }

    /// The piece between two knots, one end pulled in until the mean over the cell is exact.
    fn tilted(&self, index: usize, start: f64, end: f64) -> Piece {
        let mean = self
            .mean_between(
                (knot(index), self.quantile(index)),
                (knot(index + 1), self.quantile(index + 1)),
            )
            .clamp(start.min(end), start.max(end));
        let excess = 0.5 * (start + end) - mean;
        // The end that lies on the side of the excess gives way.
        if (excess > 0.0) == (end > start) {
            Piece {
                start,
                slope: 2.0 * (mean - start),
            }
        } else {
            Piece {
                start: 2.0 * mean - end,
                slope: 2.0 * (end - mean),
            }
        }
    }
}

impl Curve {
    /// From any law.
    pub(super) fn new(law: &Law) -> Self {
        let quantiles = |upper: bool| -> Vec<f64> {
            let mut edge = if upper {
                f64::INFINITY
            } else {
                f64::NEG_INFINITY
            };
            (0..=SIDE)
                .map(|index| {
                    let near = knot(index) / (2.0 * WORDS);
                    // Kept monotone, whatever the last digits of a numerical inversion say.
                    edge = if upper {
                        law.invert(1.0 - near, near).min(edge)
                    } else {
                        law.invert(near, 1.0 - near).max(edge)
                    };
                    edge
                })
                .collect()
        };
        Self::from_quantiles(law, &quantiles(false), &quantiles(true))
    }

    /// From a plain log-normal, which is `law`.
    pub(super) fn lognormal(law: &Law, mu: f64, sigma: f64) -> Self {
        let at = |sign: f64| -> Vec<f64> {
            normal_knots()
                .iter()
                .map(|z| libm::exp(mu + sign * sigma * z))
                .collect()
        };
        Self::from_quantiles(law, &at(1.0), &at(-1.0))
    }

    fn from_quantiles(law: &Law, lower: &[f64], upper: &[f64]) -> Self {
        let next_to_median = |side: &[f64]| side.get(SIDE - 1).copied().unwrap_or(f64::NAN);
        let below = Side {
            law,
            upper: false,
            quantiles: lower,
            beyond_median: next_to_median(upper),
        };
        let above = Side {
            law,
            upper: true,
            quantiles: upper,
            beyond_median: next_to_median(lower),
        };
        #[expect(
            clippy::large_stack_arrays,
            reason = "32 kB, moved to the heap at once"
        )]
        let mut pieces = Box::new([FLAT; 2 * SIDE]);
        let found = below.pieces().into_iter().chain(above.pieces());
        for (slot, piece) in pieces.iter_mut().zip(found) {
            *slot = piece;
        }
        let mut curve = Self {
            pieces,
            mean: 0.0,
            positive: 0.0,
        };
        let over = |size: fn(Piece) -> f64| -> f64 {
            let sums = curve.weighted().map(|(piece, words)| words * size(piece));
            sums.sum::<f64>() / WORDS
        };
        (curve.mean, curve.positive) = (over(Piece::middle), over(|it| it.middle().max(0.0)));
        curve
    }

    #[inline]
    pub(super) fn draw(&self, bits: u32) -> f64 {
        let side = bits >> 31;
        // Distance to the nearer end: the word itself below, its complement above.
        let t = ((bits ^ side.wrapping_neg()) << 1) | 1;
        let zeros = t.leading_zeros();
        let scaled = t << zeros;
        let index = (side << 10) | ((31 - zeros) << 5) | ((scaled >> 26) & 31);
        let position = f64::from(scaled << 6) * (1.0 / WORDS);
        let piece = self.pieces[index as usize & (2 * SIDE - 1)];
        piece.start + piece.slope * position
    }

    /// Each piece with the number of words that fall on it, tails first.
    fn weighted(&self) -> impl Iterator<Item = (Piece, f64)> {
        self.pieces
            .iter()
            .enumerate()
            .filter_map(|(index, &piece)| {
                let index = index % SIDE;
                let octave = index / CELLS;
                if octave >= 6 {
                    return Some((piece, (1_u64 << (octave - 6)) as f64));
                }
                // Below 64 a word falls on a knot that is an odd number.
                let thirty_seconds = (CELLS + index % CELLS) << octave;
                (thirty_seconds % (2 * CELLS) == CELLS).then_some((piece, 1.0))
            })
    }

    pub(super) fn mean(&self) -> f64 {
        self.mean
    }

    pub(super) fn length_biased(&self, u: f64) -> f64 {
        let mut left = u * self.positive * WORDS;
        let mut longest: f64 = 0.0;
        for (piece, words) in self.weighted() {
            let here = words * piece.middle().max(0.0);
            if left < here {
                // Inside the piece: the share f with start f + slope f² / 2 = target.
                let target = left / words;
                let start = piece.start.max(0.0);
                let root = (start * start + 2.0 * piece.slope * target).max(0.0).sqrt();
                let share = if start + root > 0.0 {
                    2.0 * target / (start + root)
                } else {
                    0.0
                };
                return (piece.start + piece.slope * share.min(1.0)).max(0.0);
            }
            left -= here;
            longest = longest.max(piece.start);
        }
        longest
    }
}
