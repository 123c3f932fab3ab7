//! A scenario compiled to dense, indexed, immutable tables: all names resolved, defaults filled in, units SI.
//!
//! Numbers come in two kinds, as in the scenario: a [`Num`] is a fact (drawn once per simulated month, see
//! [`facts::Facts`]), a [`Draw`] is a law that the engine samples for each request. Times are seconds, money is US
//! dollars, tokens are tokens; rates are per second. Nothing here changes once [`compile`] has returned.
//!
//! What a scenario leaves out is either inherited from the dated defaults of its provider, and listed in
//! [`Model::assumed`], or simulated as absent, and listed in [`Model::unstated`] so that results can say which of
//! their numbers are not modelled.

mod compile;
mod compile_provider;
mod compile_server;
mod compile_strategy;
mod compile_workload;
pub mod facts;
mod replay;
pub mod strategy;
pub mod types;

pub use compile::{compile, compile_shaken};
pub use facts::{Draw, FactId, FactSpec, Facts, Num};
pub use strategy::Strategy;
pub use types::*;
