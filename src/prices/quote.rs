//! The price of one call at one instant.

use jiff::Timestamp;

use super::entry::Entry;
use super::errors::PriceError;
use super::probe::{Context, Probe, Terms, instant};
use super::rates::{Lines, PerToken, Rates, Tokens};
use super::tariff::Asked;

/// Tokens of one call as providers report them: totals, with the parts that they include beside them.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Usage {
    /// All input tokens.
    pub input: f64,
    /// Of them, read from the prompt cache.
    pub cached: f64,
    /// Of them, written to the prompt cache, for whatever time.
    pub cache_write: f64,
    /// Of those written, for an hour.
    pub cache_write_1h: f64,
    /// All output tokens.
    pub output: f64,
    /// Of them, reasoning.
    pub reasoning: f64,
    /// Searches that the model made, where the provider charges for them by the piece.
    pub web_searches: f64,
}

impl Usage {
    /// The same in parts that do not overlap.
    ///
    /// # Errors
    /// A part is larger than the whole it belongs to, negative, or not a number.
    pub fn tokens(&self) -> Result<Tokens, PriceError> {
        let usage = |text: String| Err(PriceError::Usage(text));
        for (name, count) in [
            ("input", self.input),
            ("cached", self.cached),
            ("cache-write", self.cache_write),
            ("cache-write-1h", self.cache_write_1h),
            ("output", self.output),
            ("reasoning", self.reasoning),
            ("web-searches", self.web_searches),
        ] {
            if !(count.is_finite() && (0.0..=1e15).contains(&count)) {
                return usage(format!("{name} is {count}; expected a number, 0 or more"));
            }
        }
        if self.cached + self.cache_write > self.input {
            return usage(format!(
                "cached ({}) and cache-write ({}) are part of input, but together more than it ({})",
                self.cached, self.cache_write, self.input
            ));
        }
        if self.cache_write_1h > self.cache_write {
            return usage(format!(
                "cache-write-1h ({}) is part of cache-write, but more than it ({})",
                self.cache_write_1h, self.cache_write
            ));
        }
        if self.reasoning > self.output {
            return usage(format!(
                "reasoning ({}) is part of output, but more than it ({})",
                self.reasoning, self.output
            ));
        }
        Ok(Tokens {
            input_plain: self.input - self.cached - self.cache_write,
            cached: self.cached,
            cache_write: self.cache_write - self.cache_write_1h,
            cache_write_1h: self.cache_write_1h,
            output: self.output - self.reasoning,
            reasoning: self.reasoning,
        })
    }
}

/// What one call costs.
#[derive(Debug, Clone, PartialEq)]
pub struct Quote {
    /// The model, in full.
    pub reference: String,
    /// US dollars by line.
    pub lines: Lines,
    /// US dollars for searches that the model made.
    pub web_search_usd: f64,
    /// What a user should know: the asked tier has no prices of its own at that time.
    pub notes: Vec<String>,
    /// The call's context tier starts at this many input tokens; 0 for the first.
    pub tier_from_tokens: f64,
}

impl Quote {
    /// US dollars altogether.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.lines.total() + self.web_search_usd
    }
}

fn seconds(at: Timestamp) -> f64 {
    #[expect(
        clippy::cast_precision_loss,
        reason = "milliseconds until the year 9999 stay below 2^48"
    )]
    let milliseconds = at.as_millisecond() as f64;
    milliseconds / 1000.0
}

/// The prices of a model at an instant, all context tiers.
///
/// # Errors
/// The model has no such tier or no batch service.
pub fn rates_at(entry: &Entry, terms: &Terms<'_>, at: Timestamp) -> Result<Rates, PriceError> {
    Asked::resolve(entry, terms, seconds(at))?.rates(instant(seconds(at)))
}

/// The standard prices of a short call at an instant: much cheaper to ask for than [`rates_at`], for long lists.
///
/// # Errors
/// The catalogue has no answer for the model.
pub fn short_call(entry: &Entry, at: Timestamp) -> Result<PerToken, PriceError> {
    Probe {
        entry,
        context: Context::Standard,
    }
    .short_call(instant(seconds(at)))
}

/// The price of one call at an instant.
///
/// # Errors
/// Token counts contradict each other, or the model has no such tier or no batch service.
pub fn quote(
    entry: &Entry,
    terms: &Terms<'_>,
    at: Timestamp,
    usage: &Usage,
) -> Result<Quote, PriceError> {
    let tokens = usage.tokens()?;
    let asked = Asked::resolve(entry, terms, seconds(at))?;
    let rates = asked.rates(instant(seconds(at)))?;
    let searches = Probe {
        entry,
        context: Context::Standard,
    }
    .web_searches(instant(seconds(at)), usage.web_searches)?;
    let tier = rates
        .tiers
        .iter()
        .rev()
        .find(|tier| tier.above_tokens <= tokens.input());
    Ok(Quote {
        reference: entry.reference.clone(),
        lines: rates.price(&tokens),
        web_search_usd: searches,
        notes: asked.note(&[instant(seconds(at))])?.into_iter().collect(),
        tier_from_tokens: tier.map_or(0.0, |tier| tier.above_tokens),
    })
}
