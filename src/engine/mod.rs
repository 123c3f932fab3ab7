//! One simulated month: clock, arrivals, conversations, providers, caches, limits, policies, ledger.
//!
//! [`simulate`] runs one strategy at one volume with one month's facts and random numbers. It is a pure function: the
//! same [`Setting`] gives the same [`Month`], bit for bit, on every thread and platform.

pub mod arrivals;
mod attempt;
mod breaker;
pub mod clock;
mod conversation;
mod histogram;
mod hosted;
mod incidents;
pub mod ledger;
pub mod limits;
mod log;
mod month;
pub mod philox;
mod prompt;
mod questions;
mod request;
mod response_cache;
mod reviewers;
mod setup;

pub use histogram::Histogram;
pub use ledger::{Ledger, Month, Peak};
pub use month::{Setting, simulate};
