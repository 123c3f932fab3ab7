//! Facts and draws: which numbers of a scenario are uncertain, and how they become plain numbers for one month.

use std::sync::Arc;

use crate::quantity::{Law, Quantity, Sampler};

/// Index of an uncertain fact in [`crate::model::Model::facts`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FactId(pub u32);

/// A fact: a number that is the same for a whole simulated month.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Num {
    /// Known exactly.
    Exact(f64),
    /// Drawn once per month.
    Fact(FactId),
}

/// One uncertain fact of the scenario.
#[derive(Debug, Clone)]
pub struct FactSpec {
    /// Where it stands: `workload.conversations_per_day`, or `models.gpt-4.first_token_s#0` for the first uncertain
    /// parameter inside a draw.
    pub path: String,
    /// What is believed about it.
    pub law: Law,
    /// Hash of the path: keys its random numbers, so that adding another fact does not change this one's luck.
    pub key: u64,
}

/// A hash of a path (FNV-1a).
#[must_use]
pub fn path_key(path: &str) -> u64 {
    path.bytes().fold(0xCBF2_9CE4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
    })
}

/// The facts of one month, by [`FactId`].
#[derive(Debug, Clone, PartialEq)]
pub struct Facts(Vec<f64>);

impl Facts {
    /// From the numbers in the order of [`crate::model::Model::facts`].
    #[must_use]
    pub fn new(numbers: Vec<f64>) -> Self {
        Self(numbers)
    }

    /// The number that a fact has this month.
    #[must_use]
    pub fn get(&self, num: Num) -> f64 {
        match num {
            Num::Exact(number) => number,
            // An id is only ever made by the compiler that made the list, so it is there.
            Num::Fact(FactId(id)) => self.0.get(id as usize).copied().unwrap_or(f64::NAN),
        }
    }

    /// The number of an optional fact.
    #[must_use]
    pub fn opt(&self, num: Option<Num>) -> Option<f64> {
        num.map(|num| self.get(num))
    }
}

/// A law that is sampled for each request, turn, conversation or attempt.
#[derive(Debug, Clone, PartialEq)]
pub enum Draw {
    /// All its parameters are known: compiled once.
    Fixed(Arc<Sampler>),
    /// Some parameters are facts: compiled once per month.
    Uncertain {
        /// What was written.
        quantity: Arc<Quantity>,
        /// Its uncertain parameters, in the order in which [`Quantity::law`] asks for them.
        facts: Vec<FactId>,
        /// The law at the medians of its parameters, for months in which they contradict each other.
        median: Arc<Sampler>,
    },
    /// All numbers of an exact law times a fact, compiled once per month: how a sensitivity analysis shakes it.
    Scaled {
        /// What was written, all its parameters exact.
        quantity: Arc<Quantity>,
        /// The factor.
        scale: Num,
        /// The law at a factor of 1, should a scaled one be impossible.
        median: Arc<Sampler>,
    },
}

impl Draw {
    /// The sampler for one month. In a month whose drawn parameters contradict each other (a p95 below its p50), the law
    /// at their medians stands in, which has been checked.
    #[must_use]
    pub fn sampler(&self, facts: &Facts) -> Arc<Sampler> {
        match self {
            Self::Fixed(sampler) => Arc::clone(sampler),
            Self::Uncertain {
                quantity,
                facts: ids,
                median,
            } => {
                let mut next = ids.iter();
                let law = quantity
                    .law(&mut |_| next.next().map_or(f64::NAN, |id| facts.get(Num::Fact(*id))));
                law.map_or_else(
                    |_| Arc::clone(median),
                    |law| Arc::new(Sampler::compile(&law)),
                )
            }
            Self::Scaled {
                quantity,
                scale,
                median,
            } => quantity
                .scaled(facts.get(*scale))
                .and_then(|scaled| scaled.law(&mut |_| f64::NAN).ok())
                .map_or_else(
                    || Arc::clone(median),
                    |law| Arc::new(Sampler::compile(&law)),
                ),
        }
    }
}
