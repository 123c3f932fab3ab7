//! The scenario file: what a feature is, what it runs on, and which ways of building it are compared.
//!
//! [`Scenario`] is what was written, with `extends` resolved, quantities parsed, and the place of every field kept.
//! Catalogue look-ups and defaults that depend on a provider happen later, in `model`.

pub mod types;

pub use types::Scenario;
