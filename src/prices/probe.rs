//! Asking the catalogue's calculator for coefficients.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use genai_prices::{PriceRequest, Usage, UsageKey};

use super::entry::Entry;
use super::errors::PriceError;
use super::rates::{PerToken, RateTier, Rates};

/// What besides the model decides a price.
#[derive(Debug, Clone, PartialEq)]
pub struct Terms<'a> {
    /// Service tier as the provider names it; `default` or `standard` is none.
    pub tier: &'a str,
    /// Sent through the batch service, which has one price: the tier does not count there.
    pub batch: bool,
    /// Seconds that entries of the prompt cache live: decides what [`super::Tokens::cache_write`] costs.
    pub cache_ttl_s: f64,
}

impl Default for Terms<'_> {
    /// No tier, no batch, entries that live five minutes.
    fn default() -> Self {
        Self {
            tier: "default",
            batch: false,
            cache_ttl_s: 300.0,
        }
    }
}

/// What a price is asked for: nothing, a service tier, or batch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Context<'a> {
    Standard,
    Tier(&'a str),
    Batch,
}

/// What [`Probe::fingerprint`] tells: equal where the prices are.
pub(super) type Fingerprint = [[u64; 3]; 2];

/// Past this many input tokens no threshold is looked for; the largest context window known has ten million.
const LONGEST: f64 = 67_108_864.0;

/// An instant in seconds since 1970-01-01T00:00Z.
pub(super) fn instant(unix_s: f64) -> SystemTime {
    let whole = Duration::try_from_secs_f64(unix_s.abs()).unwrap_or_default();
    let moved = if unix_s < 0.0 {
        UNIX_EPOCH.checked_sub(whole)
    } else {
        UNIX_EPOCH.checked_add(whole)
    };
    moved.unwrap_or(UNIX_EPOCH)
}

/// One model under one context, ready to be asked.
#[derive(Debug, Clone, Copy)]
pub(super) struct Probe<'a> {
    pub(super) entry: &'a Entry,
    pub(super) context: Context<'a>,
}

impl Probe<'_> {
    /// Dollars for input, for output, and in total.
    fn ask(&self, at: SystemTime, usage: &Usage) -> Result<[f64; 3], PriceError> {
        let entry = self.entry;
        let mut request = PriceRequest::new(&entry.spelling, usage)
            .with_provider_id(&entry.provider)
            .with_timestamp(at);
        match self.context {
            Context::Standard => {}
            Context::Tier(name) => request = request.with_price_context("service_tier", name),
            Context::Batch => request = request.with_price_context("processing", "batch"),
        }
        let priced = entry.handle.calculator().calculate(&request);
        let priced = priced.map_err(|error| PriceError::Catalogue {
            reference: entry.reference.clone(),
            reason: error.to_string(),
        })?;
        Ok([priced.input_price, priced.output_price, priced.total_price])
    }

    /// Dollars for so many searches.
    pub(super) fn web_searches(&self, at: SystemTime, count: f64) -> Result<f64, PriceError> {
        let [.., fee] = self.ask(at, &Usage::new())?;
        let [.., both] = self.ask(at, &Usage::from([(UsageKey::WEB_SEARCHES, count)]))?;
        Ok(both - fee)
    }

    /// The prices of a short call, context tiers aside: much cheaper to ask for than all of them.
    pub(super) fn short_call(&self, at: SystemTime) -> Result<PerToken, PriceError> {
        self.per_token(at, 1.0)
    }

    /// A few numbers that change whenever any coefficient does: cheaper than the coefficients, to see whether two
    /// instants have the same prices.
    pub(super) fn fingerprint(&self, at: SystemTime) -> Result<Fingerprint, PriceError> {
        let usage = |scale: f64| {
            Usage::from([
                (UsageKey::INPUT_TOKENS, 1_009.0 * scale),
                (UsageKey::CACHE_READ_TOKENS, 131.0 * scale),
                (UsageKey::CACHE_WRITE_TOKENS, 313.0 * scale),
                (UsageKey::CACHE_WRITE_1H_TOKENS, 173.0 * scale),
                (UsageKey::OUTPUT_TOKENS, 293.0 * scale),
                (UsageKey::OUTPUT_REASONING_TOKENS, 71.0 * scale),
            ])
        };
        let short = self.ask(at, &usage(1.0))?;
        let long = self.ask(at, &usage(10_000.0))?;
        Ok([short, long].map(|dollars| dollars.map(f64::to_bits)))
    }

    /// The prices at an instant, context tiers and all.
    pub(super) fn rates(&self, at: SystemTime) -> Result<Rates, PriceError> {
        let mut tiers = vec![RateTier {
            above_tokens: 0.0,
            per_token: self.per_token(at, 1.0)?,
        }];
        let mut now = self.slope(at, 1.0)?;
        let mut low: f64 = 1.0;
        while low < LONGEST {
            let mut high = (low * 2.0).min(LONGEST);
            if self.slope(at, high)? == now {
                low = high;
                continue;
            }
            // A tier starts in (low, high]: find the first token count whose prices differ.
            while high - low > 1.0 {
                let middle = f64::midpoint(low, high).floor();
                if self.slope(at, middle)? == now {
                    low = middle;
                } else {
                    high = middle;
                }
            }
            tiers.push(RateTier {
                above_tokens: high,
                per_token: self.per_token(at, high)?,
            });
            now = self.slope(at, high)?;
            low = high;
        }
        Ok(Rates { tiers })
    }

    /// Dollars per input and per output token of a call that mixes all kinds in fixed shares: one question that tells
    /// two context tiers apart.
    fn slope(&self, at: SystemTime, input: f64) -> Result<[f64; 2], PriceError> {
        let usage = Usage::from([
            (UsageKey::INPUT_TOKENS, input),
            (UsageKey::CACHE_READ_TOKENS, input / 8.0),
            (UsageKey::CACHE_WRITE_TOKENS, input / 2.0),
            (UsageKey::CACHE_WRITE_1H_TOKENS, input / 4.0),
            (UsageKey::OUTPUT_TOKENS, input),
            (UsageKey::OUTPUT_REASONING_TOKENS, input / 4.0),
        ]);
        let [in_usd, out_usd, _] = self.ask(at, &usage)?;
        Ok([as_written(in_usd, input), as_written(out_usd, input)])
    }

    /// Dollars per token of a call with `input` input tokens, one kind of token at a time.
    fn per_token(&self, at: SystemTime, input: f64) -> Result<PerToken, PriceError> {
        let n = |key: UsageKey| (key, input);
        let plain = self.ask(
            at,
            &Usage::from([n(UsageKey::INPUT_TOKENS), (UsageKey::OUTPUT_TOKENS, 1.0)]),
        )?;
        let cached = self.ask(
            at,
            &Usage::from([n(UsageKey::INPUT_TOKENS), n(UsageKey::CACHE_READ_TOKENS)]),
        )?;
        let write = self.ask(
            at,
            &Usage::from([n(UsageKey::INPUT_TOKENS), n(UsageKey::CACHE_WRITE_TOKENS)]),
        )?;
        let write_1h = self.ask(
            at,
            &Usage::from([
                n(UsageKey::INPUT_TOKENS),
                n(UsageKey::CACHE_WRITE_TOKENS),
                n(UsageKey::CACHE_WRITE_1H_TOKENS),
            ]),
        )?;
        let reasoning = self.ask(
            at,
            &Usage::from([
                n(UsageKey::INPUT_TOKENS),
                (UsageKey::OUTPUT_TOKENS, 1.0),
                (UsageKey::OUTPUT_REASONING_TOKENS, 1.0),
            ]),
        )?;
        let fee = self.ask(at, &Usage::new())?;
        Ok(PerToken {
            input: as_written(plain[0], input),
            cached_input: as_written(cached[0], input),
            cache_write: as_written(write[0], input),
            cache_write_1h: as_written(write_1h[0], input),
            output: as_written(plain[1], 1.0),
            reasoning: as_written(reasoning[1], 1.0),
            per_request: as_written(fee[2], 1.0),
        })
    }
}

/// `dollars / tokens` as the price list has it: twelve significant digits of dollars per million, so that the rounding
/// of the probe does not stay in the coefficient (and equal prices are equal bits).
fn as_written(dollars: f64, tokens: f64) -> f64 {
    let per_million = dollars / tokens * 1e6;
    let digits = format!("{per_million:.11e}");
    digits.parse::<f64>().unwrap_or(per_million) / 1e6
}
