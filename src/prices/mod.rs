//! The price catalogue: what a call costs, and the dated defaults that go with a model.
//!
//! Prices are those of the `genai-prices` catalogue that is compiled in, or of a newer file of the same format. What it
//! lacks (prompt-cache rules, limits, retirement dates, latencies, incidents) comes from `facts.toml` beside this file,
//! every entry with source and date.
//!
//! [`Catalogue`] finds an [`Entry`]; [`Tariff::compile`] asks the catalogue's calculator for a month of it once and
//! keeps dense coefficients, because the engine prices millions of calls; [`quote`] prices a single call. The
//! coefficients are probed rather than read: a price is linear within a context tier, so one token of each kind gives
//! the slope, and doubling with bisection gives the exact token at which a tier starts.

mod catalogue;
mod diff;
mod entry;
mod errors;
mod facts;
mod import;
mod probe;
mod quote;
mod rates;
mod slots;
mod tariff;

pub use catalogue::{Catalogue, Origin, PRICES_FILE};
pub use diff::{Difference, PriceDiff, diff};
pub use entry::{CachingRule, Entry, FactSource};
pub use errors::{LoadError, NotFound, PriceError};
pub use import::{ImportError, import};
pub use probe::Terms;
pub use quote::{Quote, Usage, quote, rates_at, short_call};
pub use rates::{Lines, PerToken, RateTier, Rates, Tokens};
pub use tariff::{OwnRates, SLOT_S, Tariff};
