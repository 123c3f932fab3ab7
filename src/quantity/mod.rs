//! Numbers as people write them: grammar, distributions, and the two roles, facts and draws.
//!
//! A [`Quantity`] is what was written. Its parameters may themselves be uncertain (facts inside a draw), so it is
//! turned into numbers in two steps: a [`Law`] has every parameter fixed (once per simulated month), and a
//! [`Sampler`] is a law compiled to quantile tables for the engine's inner loop (once per law, not per draw).

mod compile;
mod curve;
mod density;
mod family;
mod grammar;
mod law;
mod print;
mod sampler;
mod single;
mod spec;
mod special;
mod steps;
mod table;
mod typed;

/// The quantile of the standard normal law, `p` strictly between 0 and 1.
#[must_use]
pub fn standard_normal(p: f64) -> f64 {
    special::normal_quantile(p, 1.0 - p)
}

pub use compile::LawError;
pub use density::Density;
pub use grammar::{Context, Load, Role};
pub use law::Law;
pub use sampler::Sampler;
pub use spec::{Column, Quantity, Shape};
pub use typed::{Meaning, meaning};
