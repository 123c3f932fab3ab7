//! Counter-based random numbers: what is drawn for a request depends on who it is, never on what was drawn before.
//!
//! Philox2x64 with 6 rounds (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3", SC 2011,
//! table 2: the fewest rounds that pass BigCrush). One block is 128 bits: four uniforms of 32 bits. The key comes
//! from seed and month, the counter names the entity (a conversation, a fact, a provider) and the item in it (turn,
//! call, attempt, purpose), so that a strategy that retries once more does not shift anybody else's luck.

use std::convert::Infallible;

use rand::TryRng;

const MULTIPLIER: u64 = 0xD2B7_4407_B1CE_6E93;
const WEYL: u64 = 0x9E37_79B9_7F4A_7C15;
const ROUNDS: u32 = 6;

/// What a block of random numbers is for. Two purposes never share a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u16)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Purpose {
    Fact = 1,
    Arrival,
    Conversation,
    DayFactor,
    BurstFactor,
    Spike,
    Outage,
    Brownout,
    Turn,
    Question,
    Before,
    BeforeSeconds,
    Call,
    Calls,
    Attempt,
    AttemptFailure,
    Gate,
    Outcome,
    Replay,
}

/// Names one item of an entity: a turn, a call in it, an attempt of that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Item(u64);

impl Item {
    /// The item of a purpose, with up to three indices (16 bits each; larger ones wrap).
    #[inline]
    #[must_use]
    pub const fn new(purpose: Purpose, turn: u16, call: u16, attempt: u16) -> Self {
        Self((purpose as u64) << 48 | (turn as u64) << 32 | (call as u64) << 16 | attempt as u64)
    }
}

/// The random numbers of one simulated month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stream {
    key: u64,
}

/// A good 64-bit mixer (the finaliser of `SplitMix64`; Steele, Lea, Flood 2014).
#[must_use]
pub const fn mix(number: u64) -> u64 {
    let mut z = number.wrapping_add(WEYL);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

impl Stream {
    /// The stream of a seed and an index (a month, or a pair of months that share their facts).
    #[must_use]
    pub const fn new(seed: u64, index: u64) -> Self {
        Self {
            key: mix(mix(seed) ^ index),
        }
    }

    /// Four independent uniforms of 32 bits.
    #[inline]
    #[must_use]
    pub const fn block(self, entity: u64, item: Item) -> [u32; 4] {
        let [a, b] = self.pair(entity, item.0);
        [low(a), low(a >> 32), low(b), low(b >> 32)]
    }

    #[inline]
    const fn pair(self, entity: u64, item: u64) -> [u64; 2] {
        let (mut x, mut y, mut key) = (entity, item, self.key);
        let mut round = 0;
        while round < ROUNDS {
            let product = (MULTIPLIER as u128) * (x as u128);
            let (high, rest) = split(product);
            x = high ^ key ^ y;
            y = rest;
            key = key.wrapping_add(WEYL);
            round += 1;
        }
        [x, y]
    }

    /// A sequential generator for one item, for the laws of `rand_distr`.
    #[must_use]
    pub const fn generator(self, entity: u64, item: Item) -> Generator {
        Generator {
            stream: self,
            entity,
            item: item.0,
            spare: None,
        }
    }
}

#[inline]
#[expect(clippy::cast_possible_truncation, reason = "the low half is meant")]
const fn low(bits: u64) -> u32 {
    bits as u32
}

#[inline]
#[expect(clippy::cast_possible_truncation, reason = "both halves are kept")]
const fn split(product: u128) -> (u64, u64) {
    ((product >> 64) as u64, product as u64)
}

/// The middle of the cell of 2^-32 that `bits` names: a uniform number strictly between 0 and 1.
#[inline]
#[must_use]
pub fn uniform(bits: u32) -> f64 {
    (f64::from(bits) + 0.5) * (1.0 / 4_294_967_296.0)
}

/// The blocks of one item, one after the other.
#[derive(Debug, Clone)]
pub struct Generator {
    stream: Stream,
    entity: u64,
    item: u64,
    spare: Option<u64>,
}

impl TryRng for Generator {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        self.try_next_u64().map(|bits| low(bits >> 32))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        if let Some(bits) = self.spare.take() {
            return Ok(bits);
        }
        let [first, second] = self.stream.pair(self.entity, self.item);
        // Indices use 16 bits each, so the entity's upper half is free to count blocks.
        self.entity = self.entity.wrapping_add(1 << 40);
        self.spare = Some(second);
        Ok(first)
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(8) {
            let word = self.try_next_u64()?.to_le_bytes();
            for (byte, source) in chunk.iter_mut().zip(word) {
                *byte = source;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::Rng;

    #[test]
    fn blocks_depend_on_every_part_of_their_name() {
        let stream = Stream::new(1, 2);
        let item = Item::new(Purpose::Turn, 3, 4, 5);
        let block = stream.block(6, item);
        assert_eq!(block, stream.block(6, item));
        for other in [
            stream.block(7, item),
            stream.block(6, Item::new(Purpose::Call, 3, 4, 5)),
            stream.block(6, Item::new(Purpose::Turn, 2, 4, 5)),
            stream.block(6, Item::new(Purpose::Turn, 3, 5, 5)),
            stream.block(6, Item::new(Purpose::Turn, 3, 4, 6)),
            Stream::new(1, 3).block(6, item),
            Stream::new(2, 2).block(6, item),
        ] {
            assert_ne!(block, other);
        }
    }

    #[test]
    fn uniforms_of_neighbouring_counters_fill_cells_evenly() {
        // Pearson's chi-square over 64 cells; 99.99% point of 63 degrees of freedom is 114.
        let stream = Stream::new(9, 0);
        let mut cells = [0_u32; 64];
        let blocks = 40_000_u32;
        for entity in 0..u64::from(blocks) {
            for bits in stream.block(entity, Item::new(Purpose::Turn, 0, 0, 0)) {
                cells[(bits >> 26) as usize] += 1;
            }
        }
        let expected = f64::from(blocks) * 4.0 / 64.0;
        let chi_square: f64 = cells
            .iter()
            .map(|&n| (f64::from(n) - expected).powi(2) / expected)
            .sum();
        assert!(chi_square < 114.0, "chi-square {chi_square}");
    }

    #[test]
    fn the_generator_does_not_repeat_itself() {
        let mut generator = Stream::new(5, 5).generator(1, Item::new(Purpose::DayFactor, 0, 0, 0));
        let mut seen: Vec<u64> = (0..1000).map(|_| generator.next_u64()).collect();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), 1000);
    }
}
