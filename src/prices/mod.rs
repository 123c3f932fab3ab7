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
mod entry;
mod facts;
mod probe;
mod quote;
mod rates;
mod tariff;

pub use catalogue::{Catalogue, LoadError, NotFound, Origin};
pub use entry::{CachingRule, Entry, FactSource};
pub use probe::Terms;
pub use quote::{Quote, Usage, quote};
pub use rates::{Lines, PerToken, RateTier, Rates, Tokens};
pub use tariff::{OwnRates, PriceError, SLOT_S, Tariff};
