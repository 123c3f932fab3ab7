//! What changed between two price catalogues.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::catalogue::Catalogue;
use super::entry::Entry;
use super::errors::PriceError;
use super::probe::Terms;
use super::quote::rates_at;

/// One number of one model that differs. Prices are US dollars per million tokens.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// What it is: `input`, `output`, `context_window`; prices of a further context tier or of batch say so.
    pub what: String,
    /// Before; `None`: it was not there.
    pub old: Option<f64>,
    /// After; `None`: it is gone.
    pub new: Option<f64>,
}

/// What changed from an old catalogue to a new one, sorted by reference.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PriceDiff {
    /// Models that only the new one has.
    pub added: Vec<String>,
    /// Models that only the old one has.
    pub removed: Vec<String>,
    /// Models that both have, with what differs.
    pub changed: Vec<(String, Vec<Difference>)>,
}

/// Compares two catalogues at one instant: standard and batch prices by context tier, and context windows.
///
/// # Errors
/// A catalogue has no answer for a model that it lists.
pub fn diff(old: &Catalogue, new: &Catalogue, at: Timestamp) -> Result<PriceDiff, PriceError> {
    let entries = |catalogue: &Catalogue| -> BTreeMap<String, Entry> {
        let of = |(provider, model): (&str, &str)| {
            (
                format!("{provider}:{model}"),
                catalogue.entry(provider, model),
            )
        };
        catalogue.models().map(of).collect()
    };
    let (before, after) = (entries(old), entries(new));
    let mut found = PriceDiff {
        added: after
            .keys()
            .filter(|name| !before.contains_key(*name))
            .cloned()
            .collect(),
        removed: before
            .keys()
            .filter(|name| !after.contains_key(*name))
            .cloned()
            .collect(),
        changed: Vec::new(),
    };
    for (name, old) in &before {
        let Some(new) = after.get(name) else { continue };
        let (old, new) = (numbers(old, at)?, numbers(new, at)?);
        let keys: std::collections::BTreeSet<&String> = old.keys().chain(new.keys()).collect();
        let differ = |key: &&String| old.get(*key) != new.get(*key);
        let difference = |key: &String| Difference {
            what: key
                .split_once(' ')
                .map_or(key.as_str(), |(_, what)| what)
                .to_owned(),
            old: old.get(key).copied(),
            new: new.get(key).copied(),
        };
        let differences: Vec<Difference> =
            keys.into_iter().filter(differ).map(difference).collect();
        if !differences.is_empty() {
            found.changed.push((name.clone(), differences));
        }
    }
    Ok(found)
}

/// Everything that is compared of one model. Keys begin with a rank that puts them in reading order.
fn numbers(entry: &Entry, at: Timestamp) -> Result<BTreeMap<String, f64>, PriceError> {
    let mut all = BTreeMap::new();
    if let Some(window) = entry.context_window {
        all.insert("9 context_window".to_owned(), window);
    }
    for (rank, batch) in [(0, false), (1, true)] {
        let rates = match rates_at(
            entry,
            &Terms {
                batch,
                ..Terms::default()
            },
            at,
        ) {
            Ok(rates) => rates,
            Err(PriceError::NoBatch { .. }) => continue,
            Err(error) => return Err(error),
        };
        for tier in &rates.tiers {
            let service = if batch { " in batch" } else { "" };
            let suffix = if tier.above_tokens > 0.0 {
                format!("{service} from {} input tokens", tier.above_tokens)
            } else {
                service.to_owned()
            };
            for (order, (name, price)) in tier.per_token.per_million().into_iter().enumerate() {
                all.insert(
                    format!("{rank}{:09}{order} {name}{suffix}", tier.above_tokens),
                    price,
                );
            }
        }
    }
    Ok(all)
}
