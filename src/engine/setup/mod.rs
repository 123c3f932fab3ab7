//! A month's numbers: every fact drawn, every law compiled, caches and queues empty.

mod class;
mod policy;
mod server;

use crate::model::strategy::Strategy;
use crate::model::{Facts, Growth, Model};

use super::clock::{NEVER, nanos};
use super::response_cache::ResponseCache;

pub use class::{Class, classes};
pub use policy::{Policy, policy};
pub use server::{Server, prefill_s_per_token, servers};

pub(in crate::engine) fn narrow(index: usize) -> u16 {
    u16::try_from(index).unwrap_or(u16::MAX)
}

/// Factor on prefixes and distinct questions at a volume.
fn growth(model: &Model, facts: &Facts, volume: f64) -> f64 {
    match model.workload.grows_by {
        Growth::Users => libm::pow(volume, facts.get(model.workload.heaps)),
        Growth::Activity => 1.0,
    }
}

pub(in crate::engine) fn prefixes(model: &Model, facts: &Facts, volume: f64) -> u32 {
    count(
        (facts.get(model.workload.prefixes) * growth(model, facts, volume))
            .round()
            .clamp(1.0, 50e6),
    )
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped by the callers"
)]
fn count(number: f64) -> u32 {
    number as u32
}

pub(in crate::engine) fn response_cache(
    strategy: &Strategy,
    facts: &Facts,
    classes: &[Class],
) -> Option<ResponseCache> {
    let cache = strategy.response_cache.as_ref()?;
    let questions = classes
        .iter()
        .filter_map(|class| class.popularity.as_ref())
        .map(|popularity| popularity.count())
        .sum();
    let ttl = facts
        .opt(cache.ttl_h)
        .map_or(NEVER, |hours| nanos(hours * 3600.0));
    Some(ResponseCache::new(
        questions,
        ttl,
        facts.opt(cache.capacity).unwrap_or(f64::INFINITY),
    ))
}
