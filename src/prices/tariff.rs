//! A month of one model's prices as dense coefficients: what the engine asks for every attempt.
//!
//! Prices change at announced days (midnight UTC) and, for some providers, with the time of day. A [`Tariff`] holds the
//! distinct [`Rates`] of the period and, for each quarter of an hour of local time, which of them holds.

use std::time::SystemTime;

use jiff::civil::{Date, date};

use super::catalogue::Catalogue;
use super::entry::Entry;
use super::errors::PriceError;
use super::probe::{Context, Probe, Terms, instant};
use super::rates::{PerToken, Rates};
use super::slots::Fingerprints;
use crate::reading::harmless;

/// Seconds of one slot of a [`Tariff`].
pub const SLOT_S: f64 = 900.0;

/// Slots of a day.
pub(super) const PER_DAY: usize = 96;

/// Longest period that can be compiled, in days: ten years.
pub(super) const LONGEST_DAYS: u32 = 3_660;

static NOTHING: Rates = Rates { tiers: Vec::new() };

/// Prices of one model over a period.
#[derive(Debug, Clone, PartialEq)]
pub struct Tariff {
    /// The distinct prices of the period.
    pub rates: Vec<Rates>,
    /// For each quarter of an hour from local midnight of the first day, an index into `rates`.
    pub slots: Vec<u16>,
    /// What a user should know: tier prices that the catalogue does not have yet on some of these days.
    pub notes: Vec<String>,
}

/// Own prices, US dollars per million tokens.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OwnRates {
    /// Plain input.
    pub input: f64,
    /// Output, reasoning included.
    pub output: f64,
    /// Input read from the prompt cache; `None`: as plain input.
    pub cached_input: Option<f64>,
    /// Input written to the prompt cache, for whatever time; `None`: as plain input.
    pub cache_write: Option<f64>,
    /// Factor on every price in batch.
    pub batch: f64,
}

impl Tariff {
    /// The prices of `entry` for `days` days from local midnight of `starts`, local time being `utc_offset_h` hours
    /// ahead of UTC. Each quarter of an hour has the prices of its first instant.
    ///
    /// # Errors
    /// The model has no such tier or no batch service, or the period is absurd.
    pub fn compile(
        entry: &Entry,
        terms: &Terms<'_>,
        starts: Date,
        days: u32,
        utc_offset_h: f64,
    ) -> Result<Self, PriceError> {
        let bad_period = || PriceError::Period { starts, days };
        if days == 0
            || days > LONGEST_DAYS
            || !utc_offset_h.is_finite()
            || utc_offset_h.abs() > 48.0
        {
            return Err(bad_period());
        }
        let first_s = unix_seconds(starts)
            .filter(|first| *first >= 0.0)
            .ok_or_else(bad_period)?
            - utc_offset_h * 3600.0;
        let asked = Asked::resolve(entry, terms, first_s + f64::from(days) * 86_400.0)?;
        let at = |slot: usize| instant(slot_start(first_s, slot));
        let total = usize::try_from(days).map_err(|_| bad_period())? * PER_DAY;
        let mut prints = Fingerprints {
            probe: asked.probe,
            first_s,
            seen: Vec::new(),
            slots: Vec::with_capacity(total),
        };
        prints.fill(total)?;
        let mut rates = Vec::with_capacity(prints.seen.len());
        for (_, slot) in &prints.seen {
            rates.push(asked.rates(at(*slot))?);
        }
        let times: Vec<SystemTime> = prints.seen.iter().map(|(_, slot)| at(*slot)).collect();
        let notes = asked.note(&times)?.into_iter().collect();
        Ok(Self {
            rates,
            slots: prints.slots,
            notes,
        })
    }

    /// Own prices, the same at all times and lengths; `batch`: for calls through the batch service.
    #[must_use]
    pub fn own(own: &OwnRates, batch: bool) -> Self {
        let write = own.cache_write.unwrap_or(own.input) / 1e6;
        let per_token = PerToken {
            input: own.input / 1e6,
            cached_input: own.cached_input.unwrap_or(own.input) / 1e6,
            cache_write: write,
            cache_write_1h: write,
            output: own.output / 1e6,
            reasoning: own.output / 1e6,
            per_request: 0.0,
        };
        let factor = if batch { own.batch } else { 1.0 };
        Self {
            rates: vec![Rates::flat(per_token.scaled(factor))],
            slots: vec![0],
            notes: Vec::new(),
        }
    }

    /// The prices at a time of the period, in seconds from its start; before and after it, those of its first and last
    /// quarter of an hour.
    #[must_use]
    pub fn rates_at(&self, seconds_since_start: f64) -> &Rates {
        let last = self.slots.len().saturating_sub(1);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "saturates: NaN and below are 0, beyond is clamped"
        )]
        let slot = ((seconds_since_start / SLOT_S) as usize).min(last);
        self.slots
            .get(slot)
            .and_then(|index| self.rates.get(usize::from(*index)))
            .unwrap_or(&NOTHING)
    }
}

/// Midnight UTC of a day in seconds since 1970.
fn unix_seconds(day: Date) -> Option<f64> {
    #[expect(
        clippy::cast_precision_loss,
        reason = "seconds until the year 9999 stay below 2^38"
    )]
    let seconds = day.duration_since(date(1970, 1, 1)).as_secs() as f64;
    seconds.is_finite().then_some(seconds)
}

pub(super) fn slot_start(first_s: f64, slot: usize) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "at most 3,660 days of 96 slots")]
    let slot = slot as f64;
    first_s + slot * SLOT_S
}

/// Terms checked against a model: how to ask for its prices.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'a> {
    probe: Probe<'a>,
    factor: f64,
    cache_ttl_s: f64,
}

impl<'a> Asked<'a> {
    /// Checks that the tier or the batch service exists. Variants may begin on some day, so the catalogue is asked
    /// long after the period too.
    pub(super) fn resolve(
        entry: &'a Entry,
        terms: &Terms<'a>,
        until_s: f64,
    ) -> Result<Self, PriceError> {
        let standard = Self {
            probe: Probe {
                entry,
                context: Context::Standard,
            },
            factor: 1.0,
            cache_ttl_s: terms.cache_ttl_s,
        };
        let plain = matches!(terms.tier, "default" | "standard");
        if terms.batch {
            let probe = Probe {
                entry,
                context: Context::Batch,
            };
            if differs(probe, until_s)? {
                return Ok(Self { probe, ..standard });
            }
            return Err(PriceError::NoBatch {
                reference: entry.reference.clone(),
                known: tiers(entry, until_s)?,
            });
        }
        if plain {
            return Ok(standard);
        }
        let probe = Probe {
            entry,
            context: Context::Tier(terms.tier),
        };
        if differs(probe, until_s)? {
            return Ok(Self { probe, ..standard });
        }
        if let Some((_, factor)) = entry.tier_factors().find(|(name, _)| *name == terms.tier) {
            return Ok(Self { factor, ..standard });
        }
        Err(PriceError::UnknownTier {
            reference: entry.reference.clone(),
            asked: harmless(terms.tier),
            known: tiers(entry, until_s)?,
        })
    }

    /// The prices at an instant, with writes priced for the time to live that was asked for.
    pub(super) fn rates(&self, at: SystemTime) -> Result<Rates, PriceError> {
        let mut rates = self.probe.rates(at)?.scaled(self.factor);
        for tier in &mut rates.tiers {
            let price = &mut tier.per_token;
            if let Some(factor) = self.probe.entry.write_factor(self.cache_ttl_s) {
                price.cache_write = price.input * factor;
            } else if self.cache_ttl_s > 300.0 && price.cache_write_1h > price.cache_write {
                price.cache_write = price.cache_write_1h;
            }
        }
        Ok(rates)
    }

    /// Says so when the asked prices are, at some of these times, only the standard ones.
    pub(super) fn note(&self, times: &[SystemTime]) -> Result<Option<String>, PriceError> {
        let name = match self.probe.context {
            Context::Standard => return Ok(None),
            Context::Tier(name) => format!("`{name}`"),
            Context::Batch => "batch".to_owned(),
        };
        let standard = Probe {
            context: Context::Standard,
            ..self.probe
        };
        for at in times {
            if standard.fingerprint(*at)? == self.probe.fingerprint(*at)? {
                let reference = &self.probe.entry.reference;
                return Ok(Some(format!(
                    "the catalogue does not have {name} prices of {reference} for all of this time: where it has none, the standard price is used"
                )));
            }
        }
        Ok(None)
    }
}

/// Service tiers that a model has at some time up to `until_s` or later, `default` first and `batch` last.
pub(super) fn tiers(entry: &Entry, until_s: f64) -> Result<Vec<String>, PriceError> {
    let mut known = vec!["default".to_owned()];
    for name in &entry.tier_names {
        if differs(
            Probe {
                entry,
                context: Context::Tier(name),
            },
            until_s,
        )? {
            known.push(name.clone());
        }
    }
    known.extend(entry.tier_factors().map(|(name, _)| name.to_owned()));
    if differs(
        Probe {
            entry,
            context: Context::Batch,
        },
        until_s,
    )? {
        known.push("batch".to_owned());
    }
    Ok(known)
}

/// Whether a context changes the price at the period's end, or in the year 2100 when everything announced holds.
fn differs(probe: Probe<'_>, until_s: f64) -> Result<bool, PriceError> {
    let standard = Probe {
        context: Context::Standard,
        ..probe
    };
    for at in [until_s, 4_102_444_800.0].map(instant) {
        if probe.fingerprint(at)? != standard.fingerprint(at)? {
            return Ok(true);
        }
    }
    Ok(false)
}

impl Catalogue {
    /// Service tiers that a model has, `default` first; `batch` is among them where there is a batch service.
    ///
    /// # Errors
    /// The catalogue has no answer for the model.
    pub fn tiers(&self, entry: &Entry) -> Result<Vec<String>, PriceError> {
        tiers(entry, unix_seconds(self.date()).unwrap_or(0.0))
    }
}
